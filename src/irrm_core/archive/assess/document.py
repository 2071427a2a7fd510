"""An assessment as JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from irrm_core.archive.assess.quality import CONVENTION
from irrm_core.archive.assess.totals import totals
from irrm_core.archive.assess.verdict import verdict

if TYPE_CHECKING:
    from irrm_core.archive.assess.assessing import Assessment


def document(found: Assessment) -> dict[str, Any]:
    """Return what ``irrm assess --json`` prints: the answer, the sums, then every file."""
    selection = found.selection
    return {
        "verdict": list(verdict(found)),
        "convention": CONVENTION,
        "floors": found.rule and asdict(found.rule.floors),
        "minimum_saving": found.rule and found.rule.minimum_saving,
        "selection": {
            "kind": selection.kind,
            "chosen": len(selection.paths),
            "found": selection.found,
            "found_bytes": selection.found_size,
            "other_files": selection.others,
        },
        "totals": totals(found.files).to_dict(),
        "files": [file.to_dict() for file in found.files],
        "skipped": [left.to_dict() for left in found.left if not left.damaged],
        "failed": [left.to_dict() for left in found.left if left.damaged],
    }

"""How LR files and restorations are called.

``photo.jpg`` becomes ``photo.jpg.irrm.png`` and comes back as ``photo.jpg.restored.png``. The
whole original name is kept, so two sources never share an LR name (``a.jpg`` and ``a.png``),
the file type that once was stays readable, and a restoration never takes the original's name:
it is another picture. Names are for people: what a file is, its record says.
"""

from __future__ import annotations

from pathlib import Path

LR_MARK = ".irrm"
RESTORED_MARK = ".restored"


def lr_name(source: str, suffix: str) -> str:
    """Return the name of the LR file of `source`.

    Parameters
    ----------
    source : str
        Name of the original, without folders.
    suffix : str
        Of the LR file's format, with its dot: ``".png"``, ``".tif"``, ``".webp"``.
    """
    return f"{source}{LR_MARK}{suffix}"


def has_lr_name(name: str) -> bool:
    """Return whether `name` looks like that of an LR file, which its content need not be."""
    return bool(original_name(name))


def original_name(name: str) -> str | None:
    """Return the name that the original of the LR file `name` had; None if not an LR name."""
    stem = Path(name).stem
    original = stem.removesuffix(LR_MARK)
    return original if original not in ("", stem) else None


def restored_name(lr: str, suffix: str) -> str:
    """Return the name of what the LR file `lr` restores to.

    Parameters
    ----------
    lr : str
        Name of the LR file, without folders; one that people renamed keeps its stem.
    suffix : str
        Of the restored file's format, with its dot.
    """
    return f"{original_name(lr) or Path(lr).stem}{RESTORED_MARK}{suffix}"

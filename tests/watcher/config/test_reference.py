"""The documentation says of the configuration what the code does."""

from __future__ import annotations

import tomllib
from pathlib import Path

from irrm_watcher.config import load_config
from irrm_watcher.config.reference import reference

PAGE = Path(__file__).resolve().parents[3] / "docs" / "watcher.md"


def test_the_page_holds_what_config_reference_prints() -> None:
    _, _, rest = PAGE.read_text().partition("<!-- reference: begin")
    held, end, _ = rest.partition("<!-- reference: end -->")
    assert end
    assert held.partition("-->")[2].strip() == reference().strip()


def test_the_example_on_the_page_is_right(tmp_path: Path) -> None:
    text = PAGE.read_text().partition("```toml\n")[2].partition("```")[0]
    tomllib.loads(text)
    (tmp_path / "watch.toml").write_text(text)
    folder = load_config(tmp_path / "watch.toml").folder("microscope")
    assert folder.rule_for(b"a/B.TIF").floors.psnr == 40

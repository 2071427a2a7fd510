"""The arrows of imports, read from the source: lazy imports count as much as the others."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import irrm_core

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "irrm_core": ROOT / "src" / "irrm_core",
    "napari_irrm": ROOT / "src" / "napari_irrm",
    "irrm_watcher": ROOT / "watcher" / "irrm_watcher",
}

# What each room of the core may import, besides itself and the root that is free to all.
FREE = {"errors", "progress", "device", "filesystem", "lazily"}
ARROWS = {
    "errors": set[str](),
    "progress": {"errors"},
    "device": {"errors"},
    "filesystem": {"errors"},
    "lazily": set[str](),
    "networks": FREE,
    "metrics": FREE,
    "imagefile": FREE,
    "zoo": FREE | {"networks"},
    "engine": FREE | {"zoo", "networks"},
    "training": FREE | {"engine", "zoo", "networks", "imagefile", "metrics"},
    "archive": FREE | {"engine", "zoo", "imagefile", "metrics"},
    "benchmark": FREE | {"engine", "zoo", "networks"},
    "evaluation": FREE
    | {"archive", "engine", "zoo", "networks", "imagefile", "metrics", "benchmark"},
}
# These see everything: the command, and the list of what is public.
DOORS = {"cli", "irrm_core"}

WINDOWS = {"PySide6", "PyQt5", "PyQt6", "qtpy", "superqt", "magicgui", "napari", "vispy"}
OTHERS = {
    "irrm_core": {"napari_irrm", "irrm_watcher", "watchdog"} | WINDOWS,
    "napari_irrm": {"irrm_watcher", "watchdog"},
    "irrm_watcher": {"napari_irrm"} | WINDOWS,
}


def sources(package: str) -> Iterator[Path]:
    yield from sorted(PACKAGES[package].rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import; write the whole name"
            assert node.module is not None
            # `from irrm_core import zoo` imports a room as much as a name.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    """The first name below the core: a subpackage or a module at the root."""
    below = path.relative_to(PACKAGES["irrm_core"])
    return below.parts[0].removesuffix(".py").replace("__init__", "irrm_core")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_in_one_direction_only(package: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(package)
        for name in imported(path)
        if name.partition(".")[0] in OTHERS[package]
    }
    assert not wrong


def test_rooms_of_the_core_import_in_one_direction_only() -> None:
    rooms = {room(path) for path in sources("irrm_core")}
    assert {"networks", "zoo", "training", "cli"} <= rooms
    wrong = set()
    for path in sources("irrm_core"):
        here = room(path)
        if here in DOORS:
            continue
        assert here in ARROWS, f"{path.relative_to(ROOT)}: say in ARROWS what {here} may import"
        for name in imported(path):
            parts = name.split(".")
            if parts[0] == "irrm_core" and parts[1] not in ARROWS[here] | {here}:
                wrong.add(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_the_arrows_have_no_circle() -> None:
    levels: dict[str, int] = {}

    def level(name: str, above: tuple[str, ...]) -> int:
        assert name not in above, f"a circle: {' -> '.join((*above, name))}"
        if name not in levels:
            below = ARROWS[name] - {name}
            levels[name] = 1 + max((level(b, (*above, name)) for b in below), default=0)
        return levels[name]

    for name in ARROWS:
        level(name, ())


def modules_after(statement: str) -> set[str]:
    """Which modules a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT / "src",
        timeout=120,
    )
    return set(json.loads(run.stdout))


def test_importing_the_core_or_the_command_loads_nothing_heavy() -> None:
    loaded = modules_after("import irrm_core, irrm_core.cli")
    assert not loaded & {"torch", "numpy", "PIL", "tifffile", "imageio", "safetensors", "rich"}


def test_a_public_name_is_loaded_when_it_is_used() -> None:
    assert "torch" in modules_after("import irrm_core; irrm_core.Rescaler")
    assert "torch" not in modules_after("import irrm_core; irrm_core.list_models()")


def test_every_public_name_is_there_and_listed() -> None:
    for name in irrm_core.__all__:
        assert getattr(irrm_core, name) is not None
    assert set(irrm_core.__all__) <= set(dir(irrm_core))
    interpolation = "upsample"
    with pytest.raises(AttributeError, match="no attribute 'upsample'"):
        getattr(irrm_core, interpolation)

"""What the manifest promises napari, and whether napari shows it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from npe2 import PluginManifest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = "napari-irrm"

HEAVY = ("torch", "tifffile", "imagecodecs", "irrm_core.networks")


@pytest.fixture(scope="module")
def manifest() -> PluginManifest:
    return PluginManifest.from_distribution(PLUGIN)


def python_names(manifest: PluginManifest) -> list[str]:
    return [str(command.python_name) for command in manifest.contributions.commands or ()]


def validate(*arguments: str) -> str:
    """What ``npe2 validate`` says, which must be nothing bad."""
    from npe2.cli import app
    from typer.testing import CliRunner

    told = CliRunner().invoke(app, ["validate", *arguments])
    assert told.exit_code == 0, told.output
    return str(told.output)


@pytest.mark.parametrize("what", [(PLUGIN, "--imports"), (str(ROOT / "napari.yaml"),)])
def test_npe2_has_nothing_to_say_against_the_manifest(what: tuple[str, ...]) -> None:
    told = validate(*what)
    assert "'IRRM' valid!" in told and "warn" not in told.lower()


@pytest.mark.slow
def test_the_manifest_in_the_wheel_is_as_good(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    package = installed / "napari_irrm"
    for name in ("icon.svg", "files/samples/coffee.png", "files/samples/LICENCES.md"):
        assert (package / name).is_file(), name
    script = (
        "import napari_irrm; print(napari_irrm.__file__)\n"
        f"from npe2.cli import app; app(['validate', '--imports', {PLUGIN!r}])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.startswith(str(package)) and "'IRRM' valid!" in told.stdout


def test_the_plugin_presents_itself(manifest: PluginManifest) -> None:
    assert manifest.display_name == "IRRM"
    assert {str(category) for category in manifest.categories} == {
        "Image Processing",
        "IO",
        "Measurement",
    }
    assert manifest.description and manifest.is_visible
    metadata = manifest.package_metadata
    assert metadata is not None
    assert "Framework :: napari" in (metadata.classifier or ())


def test_the_icon_is_in_the_package_and_a_picture(manifest: PluginManifest) -> None:
    assert isinstance(manifest.icon, str)
    package, _, name = manifest.icon.partition(":")
    content = files(package).joinpath(name).read_text(encoding="utf-8")
    assert content.startswith("<svg") and content.rstrip().endswith("</svg>")


def test_every_command_is_there_and_can_be_called(manifest: PluginManifest) -> None:
    for name in python_names(manifest):
        module, _, attribute = name.partition(":")
        assert callable(getattr(import_module(module), attribute)), name


def test_widgets_take_the_viewer_as_napari_gives_it(manifest: PluginManifest) -> None:
    import inspect

    from qtpy.QtWidgets import QWidget

    widgets = manifest.contributions.widgets or []
    assert [widget.display_name for widget in widgets] == [
        "Rescale",
        "Compare",
        "Archive",
        "Compress folder…",
    ]
    names = {command.id: command.python_name for command in manifest.contributions.commands or ()}
    for widget in widgets:
        module, _, attribute = names[widget.command].partition(":")
        factory = getattr(import_module(module), attribute)
        assert issubclass(factory, QWidget)
        assert "napari_viewer" in inspect.signature(factory.__init__).parameters


def test_what_the_manifest_names_imports_quickly_without_torch(manifest: PluginManifest) -> None:
    modules = {name.partition(":")[0] for name in python_names(manifest)}
    # Panels are opened by people who wait for a window, the others come with every file.
    panels = {module for module in modules if module.startswith("napari_irrm.widgets.")}
    for wanted, heavy in ((modules - panels, (*HEAVY, "napari", "qtpy", "PIL")), (panels, HEAVY)):
        script = (
            f"import sys, {', '.join(sorted(wanted))}\n"
            f"print([name for name in {heavy!r} if name in sys.modules])"
        )
        told = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == "[]", wanted


def test_readers_are_offered_for_the_names_of_lr_files_alone(plugins: Any) -> None:
    def readers(path: str) -> set[str]:
        return {reader.plugin_name for reader in plugins.iter_compatible_readers([path])}

    for name in ("photo.jpg.irrm.png", "PHOTO.IRRM.TIF", "a.ome.tif.irrm.tiff", "b.irrm.webp"):
        assert readers(name) == {"napari", PLUGIN}, name
    for name in ("photo.png", "stack.tif", "stack.ome.tif", "a.webp", "irrm.png", "a.irrm.jpg"):
        assert PLUGIN not in readers(name), name
    assert readers(str(ROOT)) == {"napari"}


def actions(menu: Any) -> Iterator[tuple[str, Any]]:
    """The entries of a menu as people see it, those of submenus behind their titles."""
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.menu() is not None:
            yield from (
                (f"{action.text()} > {text}", inner) for text, inner in actions(action.menu())
            )
        elif not action.isSeparator():
            yield action.text(), action


def test_commands_stand_in_the_menu_for_transforming_layers(viewer: Any) -> None:
    found = dict(actions(viewer.window.layers_menu))
    for title in ("Downscale", "Restore", "Compare"):
        action = found[f"Transform > Rescale (IRRM) > {title} selected layers (IRRM)"]
        assert not action.isEnabled()
    assert found["Transform > Rescale (IRRM) > Rescale (IRRM)"].isEnabled()


def test_commands_can_be_chosen_once_an_image_is_selected(viewer: Any) -> None:
    layer = viewer.add_image(np.zeros((40, 44), np.uint8))
    prefix = "Transform > Rescale (IRRM) > "
    for selected, enabled in (({layer}, True), (set(), False)):
        viewer.layers.selection = selected
        found = dict(actions(viewer.window.layers_menu))
        assert found[f"{prefix}Downscale selected layers (IRRM)"].isEnabled() is enabled


def test_compressing_a_folder_stands_among_the_utilities_for_files(viewer: Any) -> None:
    found = dict(actions(viewer.window.file_menu))
    assert "IO Utilities > Compress folder… (IRRM)" in found


def test_the_panels_and_samples_have_menus_of_their_own(viewer: Any) -> None:
    panels = dict(actions(viewer.window.plugins_menu))
    for title in ("Rescale", "Compare", "Archive", "Compress folder…"):
        assert f"IRRM > {title} (IRRM)" in panels
    samples = dict(actions(viewer.window.file_menu))
    assert "Open Sample > IRRM > Photograph (CC0)" in samples
    assert "Open Sample > IRRM > Simulated fluorescence stack, 16 bits (CC0)" in samples


def test_the_menu_downscales_what_is_selected(
    viewer: Any, default_models: Path, pixels: Callable[..., Any], qtbot: Any
) -> None:
    layer = viewer.add_image(pixels(40, 44, 3), name="photo")
    viewer.layers.selection = {layer}
    found = dict(actions(viewer.window.layers_menu))
    found["Transform > Rescale (IRRM) > Downscale selected layers (IRRM)"].trigger()
    from napari_irrm.jobs import session_of

    queue = session_of(viewer).queue
    qtbot.waitUntil(lambda: all(str(t.state) == "done" for t in queue.tickets), timeout=20_000)
    assert "photo LR x4" in viewer.layers


def test_comparing_from_the_menu_opens_the_panel_once(
    viewer: Any, pixels: Callable[..., Any], qtbot: Any
) -> None:
    from napari_irrm.jobs import session_of

    image = pixels(40, 44)
    viewer.layers.selection = {viewer.add_image(image), viewer.add_image(image // 2)}
    found = dict(actions(viewer.window.layers_menu))
    compare = found["Transform > Rescale (IRRM) > Compare selected layers (IRRM)"]
    queue = session_of(viewer).queue
    for _ in range(2):
        compare.trigger()
        qtbot.waitUntil(lambda: all(str(t.state) == "done" for t in queue.tickets), timeout=20_000)
    assert [name for name in viewer.window.dock_widgets if "Compare" in name] == ["Compare (IRRM)"]
    panel = dict(actions(viewer.window.plugins_menu))["IRRM > Compare (IRRM)"]
    assert panel.isCheckable()


def drop(viewer: Any, path: Path) -> None:
    """Drop a file onto the canvas, as a file manager does."""
    from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
    from qtpy.QtGui import QDropEvent

    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    viewer.window._qt_viewer.dropEvent(event)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The readers among which napari lets people choose; they choose ours."""
    from napari._qt.dialogs.qt_reader_dialog import QtReaderDialog

    offered: list[list[str]] = []

    def choose(dialog: Any) -> tuple[str, bool]:
        offered.append([button.text() for button in dialog.reader_btn_group.buttons()])
        return "IRRM", False

    monkeypatch.setattr(QtReaderDialog, "get_user_choices", choose)
    return offered


def test_whoever_drops_an_lr_file_may_choose_our_reader_and_is_offered_to_restore(
    viewer: Any,
    pixels: Callable[..., Any],
    tmp_path: Path,
    default_models: Path,
    asked: list[list[str]],
    qtbot: Any,
) -> None:
    from napari.utils.notifications import notification_manager

    from irrm_core import Rescaler
    from irrm_core.archive import downscale_file
    from irrm_core.imagefile import write_image
    from napari_irrm.jobs import session_of

    lr = []
    for name in ("one.png", "two.png"):
        write_image(tmp_path / name, pixels(130, 150, 3))
        lr.append(downscale_file(tmp_path / name, None, Rescaler("irrm-fast-x4")).target)
    drop(viewer, tmp_path / "one.png")
    assert not asked and viewer.layers[0].source.reader_plugin == "napari"
    before = len(notification_manager.records)
    for path in lr:
        drop(viewer, path)
    assert asked == [["IRRM", "napari builtins"]] * 2
    assert [layer.name for layer in viewer.layers] == ["one", "one.png LR x4", "two.png LR x4"]
    (told,) = notification_manager.records[before:]
    assert "LR of 150x130 pixels: one.png.irrm.png" in told.message and told.source == "IRRM"
    ((title, restore),) = told.actions
    assert title == "Restore"
    restore(None)
    queue = session_of(viewer).queue
    qtbot.waitUntil(lambda: all(str(t.state) == "done" for t in queue.tickets), timeout=20_000)
    assert viewer.layers[-1].data.shape == (130, 150, 3)


def test_preferences_have_a_page_for_the_plugin(viewer: Any) -> None:
    from napari._qt.dialogs.preferences_dialog import PreferencesDialog
    from napari.settings import get_plugin_settings

    assert "rescaling" in type(get_plugin_settings(PLUGIN)).model_fields
    dialog = PreferencesDialog(parent=viewer.window._qt_window)
    titles = [dialog._list.item(row).text() for row in range(dialog._list.count())]
    dialog.close()
    assert any("IRRM" in title for title in titles), titles

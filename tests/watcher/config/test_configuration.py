"""The configuration: what it says, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.catalogue import StorageClass
from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Delivery, Floors
from irrm_watcher.cli import main
from irrm_watcher.config import ConfigError, Window, load_config, parse_duration, parse_size

SMALLEST = """
store = "store"
[[folder]]
name = "photos"
path = "incoming"
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    (tmp_path / "incoming").mkdir()
    path = tmp_path / "watch.toml"
    path.write_text(SMALLEST)
    return path


def fault_of(text: str, path: Path) -> str:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_paths_start_at_the_configuration_and_the_rest_has_defaults(written: Path) -> None:
    config = load_config(written)
    here = written.parent
    assert config.store == here / "store"
    assert config.catalogue == here / "store" / "catalogue.sqlite3"
    assert [folder.path for folder in config.folders] == [here / "incoming"]
    assert config.folders[0].mode == "copy"
    assert config.folders[0].rule_for(b"any") == Rule()


def test_the_first_rule_that_matches_stands_before_the_keys_of_its_folder(written: Path) -> None:
    written.write_text(
        SMALLEST
        + """
        scale = 4
        classes = ["lr", "kept"]
        [folder.floors]
        psnr = 30
        [[folder.rule]]
        match = ["*.tif", "scans/**"]
        deliver = "jpeg:90"
        [folder.rule.floors]
        ssim = 0.9
        [[folder.rule]]
        match = ["**"]
        classes = ["exact"]
        """
    )
    folder = load_config(written).folders[0]
    tif = folder.rule_for(b"a/b/c.tif")
    assert tif.scale == 4
    assert tif.floors == Floors(psnr=30, ssim=0.9)
    assert tif.delivery == Delivery("jpeg", 90)
    assert tif.classes == {StorageClass.lr, StorageClass.kept}
    assert folder.rule_for(b"scans/\xff.png") == tif
    assert folder.rule_for(b"a.png").classes == {StorageClass.exact}
    assert folder.rule_for(b"a.png").floors == Floors(psnr=30)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name", "nmae"), ["nmae", "did you mean name?"]),
        (('"photos"', '"a/b"'), ["name", "cannot name a folder"]),
        (('name = "photos"', ""), ["folder 1: name is missing"]),
        (('"incoming"', '"incoming"\nmode = "move"'), ["'photos'", "mode", "'copy' or 'replace'"]),
        (('"incoming"', '"incoming"\ndelay = "5 parsec"'), ["delay", "5m, 12h"]),
        (('"incoming"', '"incoming"\nscale = "two"'), ["scale = 'two'"]),
        (('"incoming"', '"incoming"\n[folder.floors]\nssim = 2'), ["floors: ssim = 2"]),
        (('store = "store"', ""), ["store is missing"]),
        (('store = "store"', 'store = "incoming/store"'), ["lies in the watched folder", "photos"]),
        (('"incoming"', '"store/files"'), ["lies in the store"]),
        (('store = "store"', 'store = "store"\ncatalogue = "incoming/c"'), ["the catalogue"]),
        (("[[folder]]", "[[folder"), ["no valid TOML", "line 3"]),
    ],
)
def test_a_fault_is_told_with_file_key_and_remedy(
    written: Path, change: tuple[str, str], said: list[str]
) -> None:
    message = fault_of(SMALLEST.replace(*change), written)
    for words in said:
        assert words in message


def test_all_faults_are_told_at_once(written: Path) -> None:
    message = fault_of(SMALLEST + "delay = true\nscale = 1\n[daemon]\nworkers = 0", written)
    assert all(key in message for key in ("delay", "scale", "workers"))
    assert "\n" not in message


def test_overlapping_folders_are_refused_through_links_too(written: Path) -> None:
    (written.parent / "link").symlink_to(written.parent / "incoming")
    more = '[[folder]]\nname = "{}"\npath = "{}"\n'
    assert "overlap" in fault_of(SMALLEST + more.format("other", "link/deeper"), written)
    assert "are named" in fault_of(SMALLEST + more.format("PHOTOS", "elsewhere"), written)


def test_a_missing_configuration_is_told_with_the_way_to_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="irrm-watch init"):
        load_config(tmp_path / "none.toml")


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_init_writes_a_configuration_that_loads(tmp_path: Path, mode: str) -> None:
    folder, output = tmp_path / 'a "quoted" näme', tmp_path / "watch.toml"
    folder.mkdir()
    words = ["init", "--folder", str(folder), "--store", str(tmp_path / "store")]
    words += ["--mode", mode, "--delay", "1.5", "--output", str(output)]
    assert main(words) == 0
    config = load_config(output)
    assert (config.folders[0].path, config.folders[0].mode) == (folder, mode)
    assert config.folders[0].delay == 1.5
    before = output.read_bytes()
    assert main(words) != 0, "an existing configuration was overwritten"
    assert output.read_bytes() == before


def test_every_key_that_init_writes_as_a_comment_can_be_switched_on(tmp_path: Path) -> None:
    folder, output = tmp_path / "incoming", tmp_path / "watch.toml"
    folder.mkdir()
    words = ["init", "--folder", str(folder), "--store", str(tmp_path / "store")]
    assert main([*words, "--output", str(output)]) == 0
    on = "\n".join(
        line[2:] if line.startswith(("# [", "# ")) and _is_toml(line[2:]) else line
        for line in output.read_text().splitlines()
    )
    output.write_text(on)
    config = load_config(output)
    assert config.folders[0].rule[0].match == ("*.tif", "*.tiff")
    assert config.daemon.schedule == Window(time(22), time(6))
    assert config.folders[0].series is not None


def _is_toml(line: str) -> bool:
    try:
        return bool(tomllib.loads(line))
    except tomllib.TOMLDecodeError:
        return False


@given(st.integers(0, 10**6), st.sampled_from("smhdw"))
def test_durations_are_whole_multiples_of_their_unit(number: int, unit: str) -> None:
    factor = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    assert (
        parse_duration(f"{number}{unit}") == parse_duration(f" {number} {unit}") == number * factor
    )


def test_sizes_tell_powers_of_1000_from_powers_of_1024() -> None:
    assert parse_size("1 GB") == 10**9
    assert parse_size("1.5GiB") == 3 * 2**29
    for wrong in ("", "1", "1 parsec", "-1 GB", "GB"):
        with pytest.raises(ValueError, match="no size"):
            parse_size(wrong)


@given(st.times(), st.times(), st.times())
def test_a_window_and_its_complement_share_the_day(start: time, end: time, moment: time) -> None:
    if start == end:
        return
    assert Window(start, end).contains(moment) != Window(end, start).contains(moment)

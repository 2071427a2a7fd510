"""What systemd is told."""

from __future__ import annotations

import configparser
import plistlib
import socket
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from irrm_watcher.operations.systemd import VARIABLE, Systemd, notify
from irrm_watcher.scan import Watching

SERVICE = files("irrm_watcher") / "service"


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv(VARIABLE, str(tmp_path / "notify"))
        yield listener


def test_systemd_hears_ready_alive_and_stopping(listening: socket.socket) -> None:
    systemd = Systemd()
    systemd.started({}, {"photos": Watching(True, "")})
    systemd.resting("paused")
    systemd.beat(7, 0)
    systemd.stopping()  # for a reload, perhaps, of which systemd must not hear
    systemd.close()
    messages = [listening.recv(4096).decode().splitlines() for _ in range(3)]
    assert [message[0] for message in messages] == ["READY=1", "WATCHDOG=1", "STOPPING=1"]
    assert messages[1][1] == "STATUS=resting (paused), 7 files to do"


def test_an_abstract_socket_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    name = str(tmp_path).replace("/", "-")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name)
        listener.settimeout(5)
        monkeypatch.setenv(VARIABLE, "@" + name)
        assert notify("READY=1")
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "relative", "/no/such/socket"])
def test_without_systemd_nothing_happens(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, address)
    assert not notify("READY=1")


def test_the_service_file_asks_for_what_the_daemon_does() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((SERVICE / "irrm-watch.service").read_text())
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["WatchdogSec"] == "15min"
    assert "irrm-watch run --config" in service["ExecStart"]
    assert service["ProtectSystem"] == "strict"


def test_the_file_for_launchd_is_whole() -> None:
    agent = plistlib.loads((SERVICE / "irrm-watch.plist").read_bytes())
    assert agent["ProgramArguments"][1:3] == ["run", "--config"]

"""The journal of restored files: on the disk first, whole lines only, for many writers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.recall import JOURNAL, Journal

NAMES = st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & {0, ord("/")})


@given(names=st.lists(NAMES, max_size=6))
def test_what_is_appended_is_read_back_whatever_bytes_the_names_have(names: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(folder)
        paths = [Path("/pictures", os.fsdecode(name)) for name in names]
        for number, path in enumerate(paths):
            journal.append(f"{number:064x}", path)
        lines, end = journal.read_from()
        assert [line.path for line in lines] == [path.absolute() for path in paths]
        assert [line.sha256 for line in lines] == [f"{n:064x}" for n in range(len(paths))]
        assert journal.read_from(end) == ([], end)


def test_reading_goes_on_where_it_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("a", Path("/one"))
    _, end = journal.read_from()
    journal.append("b", Path("/two"))
    lines, _ = journal.read_from(end)
    assert [line.sha256 for line in lines] == ["b"]


def test_a_line_that_a_crash_cut_off_spoils_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("a", Path("/one"))
    with (tmp_path / JOURNAL).open("ab") as stream:
        stream.write(b'{"sha256":"b","pa')
    assert journal.hashes() == {"a"}
    journal.append("c", Path("/three"))
    assert journal.hashes() == {"a", "c"}


def test_a_journal_knows_what_another_process_wrote_where(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert not journal.knows("a", Path("/one"))
    Journal(tmp_path).append("a", Path("/one"))
    assert journal.knows("a", Path("/one"))
    assert not journal.knows("a", Path("/two"))


def test_processes_that_append_at_once_lose_no_line(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from irrm_core.archive.recall.journal import Journal"
        "\nfor n in range(40): Journal(sys.argv[1]).append(f'{sys.argv[2]}-{n}', Path('/x' * 400))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "ab"]
    assert [process.wait(60) for process in running] == [0, 0]
    assert Journal(tmp_path).hashes() == {f"{name}-{n}" for name in "ab" for n in range(40)}

from __future__ import annotations

import threading
from pathlib import Path

from irrm_core.archive.catalogue import Catalogue
from irrm_core.errors import CatalogueMissingError
from irrm_watcher.catalogue import CatalogueWriter


def test_a_reader_never_meets_a_catalogue_that_is_being_made(tmp_path: Path) -> None:
    done, met = threading.Event(), []

    def read() -> None:
        while not done.is_set():
            for path in sorted(tmp_path.glob("*/c.sqlite3")):
                try:
                    Catalogue.open(path).close()
                except CatalogueMissingError:
                    continue
                except Exception as error:
                    met.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(40):
        (tmp_path / str(number)).mkdir()
        CatalogueWriter.open(tmp_path / str(number) / "c.sqlite3").close()
    done.set()
    reader.join()
    assert met == []


def test_what_a_crash_left_of_a_new_catalogue_is_removed(tmp_path: Path) -> None:
    left = tmp_path / ".c.sqlite3.0123456789ab.part"
    left.write_bytes(b"half")
    CatalogueWriter.open(tmp_path / "c.sqlite3").close()
    assert not left.exists()

"""The folder of a store: its marker, and where everything lies in it."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.store.names import LONGEST, archive_parts, is_archive_name
from irrm_core.errors import OutputExistsError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_core.zoo import ModelCard

MARKER = "irrm-store.json"
FORMAT = 1

# What a file system of its own puts into its top folder.
_NOTHING = frozenset({"lost+found", ".DS_Store", ".Trashes", ".fseventsd"})
_LONGEST_PATH = 4000


@dataclass(frozen=True)
class Store:
    """A folder that holds archive files and all that restoring them takes.

    Made by `create` or `open`.

    Attributes
    ----------
    path : Path
        The folder, absolute.
    id : str
        Of this store; copies of it have the same.
    """

    path: Path
    id: str

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> Store:
        """Make a store of an empty or missing folder; one that is there is opened.

        Raises
        ------
        StoreError
            The folder holds other things, or cannot be written.
        """
        from irrm_core.imagefile.atomic import atomic_output, is_temporary

        folder = Path(path).absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            found = {item.name for item in folder.iterdir()} - _NOTHING
            if MARKER not in found:
                if any(not is_temporary(name) for name in found):
                    raise StoreError(
                        f"{folder}: is neither empty nor a store; name an empty folder"
                    )
                text = json.dumps({"irrm": "store", "format": FORMAT, "id": str(uuid.uuid4())})
                with atomic_output(folder / MARKER) as stream:
                    stream.write(text.encode("ascii") + b"\n")
        except OutputExistsError:
            pass  # another process made it meanwhile
        except StoreError:
            raise
        except OSError as why:
            raise StoreError(
                f"{folder}: cannot be made a store ({why.strerror or why}); check the path and "
                "its permissions"
            ) from why
        return cls.open(folder)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Store:
        """Open a store.

        Raises
        ------
        StoreError
            The folder is missing or no store, its marker is damaged or of a newer version.
        """
        folder = Path(path).absolute()
        marker = folder / MARKER
        try:
            fields = json.loads(marker.read_bytes()[:65536])
            kind, format, id = fields["irrm"], fields["format"], fields["id"]
        except FileNotFoundError as why:
            raise StoreError(
                f"{folder}: is no store, it has no {MARKER}; is its disk mounted? "
                "`irrm-watch init` makes a new store"
            ) from why
        except OSError as why:
            raise StoreError(
                f"{marker}: cannot be read ({why.strerror or why}); check its disk and permissions"
            ) from why
        except (ValueError, TypeError, LookupError, RecursionError) as why:
            raise StoreError(f"{marker}: is damaged; take it from a backup of the store") from why
        if kind != "store" or not isinstance(format, int) or not isinstance(id, str):
            raise StoreError(f"{marker}: is not the marker of a store; name another folder")
        if format > FORMAT:
            raise StoreError(
                f"{folder}: is a store of format {format}, and this version knows format "
                f"{FORMAT}; update napari-irrm"
            )
        return cls(folder, id)

    @property
    def files(self) -> Path:
        """Holds the archive files."""
        return self.path / "files"

    @property
    def models(self) -> Path:
        """Holds the copies of models."""
        return self.path / "models"

    @property
    def spool(self) -> Path:
        """Holds private copies that are being worked on; made if missing."""
        folder = self.path / "spool"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def catalogue(self) -> Path:
        """Where the catalogue lies unless the configuration says otherwise."""
        return self.path / "catalogue.sqlite3"

    def target(self, root: str, path: bytes, version: int, suffix: str) -> Path:
        """Return where the archive file of an original belongs; nothing is made.

        Parameters
        ----------
        root : str
            Name of the watched folder.
        path : bytes
            Of the original, relative to it.
        version : int
            From 1.
        suffix : str
            ``".png"``, ``".tif"``, ``".webp"`` of an LR, ``".jxl"``, ``".zst"`` of an exact file.
        """
        parts = archive_parts(root, path, version, suffix, longest=self._longest_name())
        place = self._below(parts)
        if len(os.fsencode(place)) > _LONGEST_PATH:
            folder = hashlib.sha256(b"/".join(parts[:-1])).hexdigest()[:32].encode("ascii")
            place = self._below((parts[0], b"~" + folder, parts[-1]))
        return place

    def relative(self, archive_file: Path) -> bytes:
        """Return the path of an archive file as a catalogue holds it: bytes, from the store."""
        return os.fsencode(archive_file.relative_to(self.path).as_posix())

    def stored(self, relative: bytes) -> Path:
        """Return the path of the archive file that a catalogue names."""
        return self.path / os.fsdecode(relative)

    def walk(self) -> Iterator[Path]:
        """Yield the archive files, sorted by folder; no temporaries, and no other files."""
        for path in self.everything():
            if is_archive_name(os.fsencode(path.name)):
                yield path

    def everything(self) -> Iterator[Path]:
        """Yield all that lies among the archive files but folders and temporaries."""
        yield from _walk(self.files)

    def keep_model(self, model: str | ModelCard) -> Path:
        """Copy a model into the store, unless it is there and whole.

        Parameters
        ----------
        model : str or ModelCard
            A weights hash, an id or a card.

        Returns
        -------
        Path
            The folder of the copy.

        Raises
        ------
        ModelNotFoundError
            The model is neither on this machine nor in the store.
        ModelFileError
            It is damaged.
        StoreError
            The copy cannot be written.
        """
        from irrm_core.archive.store.models import keep_model

        return keep_model(self.models, model)

    def register_models(self) -> None:
        """Let models be taken from the store first, from now on in this process."""
        from irrm_core.zoo import register_folder

        register_folder(self.models)

    def _below(self, parts: tuple[bytes, ...]) -> Path:
        return self.files.joinpath(*map(os.fsdecode, parts))

    def _longest_name(self) -> int:
        try:
            most = os.pathconf(self.path, "PC_NAME_MAX")
        except (AttributeError, OSError, ValueError):
            return LONGEST
        # A temporary file's name is longer than that of the file it becomes.
        return max(min(LONGEST, most - 20), 64)


def is_temporary(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is called like one that is being written, or was left behind."""
    from irrm_core.imagefile.atomic import is_temporary as called_so

    return called_so(os.fspath(path))


def _walk(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            items = sorted(found, key=lambda item: os.fsencode(item.name))
    except FileNotFoundError:
        return
    except OSError as why:
        raise StoreError(
            f"{folder}: cannot be listed ({why.strerror or why}); check its disk and permissions"
        ) from why
    for item in items:
        if item.is_dir(follow_symlinks=False):
            yield from _walk(Path(item.path))
        elif not is_temporary(item.name):
            yield Path(item.path)

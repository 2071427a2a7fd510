"""The configuration as values: every key, its default and what it means.

The descriptions are the documentation: `irrm-watch init` writes them into the file, and the
reference in ``docs/watcher.md`` is made of them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from irrm_core.archive.catalogue import StorageClass
from irrm_core.archive.catalogue.patterns import path_matches
from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Delivery, Floors
from irrm_watcher.config.quantities import Window, parse_duration, parse_size


def _parsed(parse: Any) -> BeforeValidator:
    """Let a text be read by `parse`; other kinds of values are the type's to judge."""

    def read(value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError(f"{value} is no value here; write it as text")
        return parse(value) if isinstance(value, str) else value

    return BeforeValidator(read)


def _absolute(path: Path, info: ValidationInfo) -> Path:
    """Return a path as it is meant: relative ones start at the configuration's folder."""
    base = (info.context or {}).get("folder", Path())
    return Path(os.path.abspath(base / path.expanduser()))  # noqa: PTH100  # keeps links


Place = Annotated[Path, AfterValidator(_absolute)]
Duration = Annotated[float, _parsed(parse_duration)]
Size = Annotated[int, _parsed(parse_size)]
Schedule = Annotated[Window | None, _parsed(lambda text: Window.parse(text) if text else None)]
Deliver = Annotated[Delivery, _parsed(Delivery.parse)]
Class = Literal["lr", "exact", "kept"]


class _Table(BaseModel):
    """A table of the file: unknown keys are errors, and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class FloorsConfig(_Table):
    """Floors of the gate: what a restoration must reach, in every channel of every plane."""

    psnr: float | None = Field(None, ge=0, description="PSNR in dB; 36 if not set.")
    ssim: float | None = Field(None, ge=0, le=1, description="SSIM; 0.95 if not set.")
    max_error: float | None = Field(
        None, ge=0, description="Largest error of a value, as a part of the peak; 0.1 is a tenth."
    )
    bias: float | None = Field(
        None, ge=0, description="Error of the mean, as a part of the peak, up or down."
    )

    def floors(self) -> Floors:
        """Return them as the gate takes them."""
        return Floors(**{name: getattr(self, name) for name in self.model_fields_set})


class StorageConfig(_Table):
    """How files are stored: keys of a watched folder and of each of its rules."""

    classes: tuple[Class, ...] | None = Field(
        None,
        description="Storage classes that may be used: lr (an LR picture that is restored by "
        "a model), exact (the original byte for byte, compressed), kept (left alone). The "
        "smallest that passes is taken. All three if not set.",
    )
    scale: int | None = Field(
        None, ge=2, le=64, description="Linear factor between original and LR; 2 if not set."
    )
    model: str | None = Field(
        None, description="Model by name, hash or path; if not set, the colours of a file decide."
    )
    floors: FloorsConfig = Field(
        FloorsConfig.model_validate({}),
        description="What a restoration must reach to be stored as lr.",
    )
    deliver: Deliver | None = Field(
        None,
        description="What a restore hands out and the gate judges: lossless (PNG or TIFF), or "
        "jpeg:92 with its quality. lossless if not set.",
    )
    exact: Literal["bytes", "pixels"] | None = Field(
        None,
        description="bytes: a restored file has the SHA-256 of the original. pixels: its pixels "
        "are equal, its metadata and file format may not be. bytes if not set.",
    )
    minimum_saving: float | None = Field(
        None, ge=0, lt=1, description="Files that shrink by less than this part are kept; 0.1."
    )
    format: Literal["png", "tiff", "webp"] | None = Field(
        None, description="Of LR files; if not set, PNG for pictures and TIFF for all else."
    )
    special: bool | None = Field(
        None,
        description="Take RAW files and parts of multi-file formats too, byte for byte. "
        "false if not set.",
    )
    max_megapixels: float | None = Field(
        None, gt=0, description="Images that claim more in a plane are not decoded."
    )


class RuleConfig(StorageConfig):
    """A rule of a watched folder: for files that match, its keys stand before the folder's."""

    match: tuple[str, ...] = Field(
        min_length=1,
        description='Patterns, in any case: "*.tif" in every folder, "raw/**" below raw.',
    )


class SeriesConfig(_Table):
    """Acquisition series: the files of a folder are taken together, when it is complete."""

    sentinel: str | None = Field(
        None,
        description="Pattern of the file that says so; if not set, a folder is complete when "
        "nothing in it has changed for the delay.",
    )


class FolderConfig(StorageConfig):
    """A watched folder."""

    name: str = Field(description="Names it in the store, in the catalogue and in commands.")
    path: Place = Field(description="Where it is.")
    mode: Literal["copy", "replace"] = Field(
        "copy",
        description="copy: originals are not touched. replace: once stored and verified, an "
        "original goes into quarantine, and is deleted when its retention is over.",
    )
    leave: Literal["nothing", "lr"] = Field(
        "nothing",
        description="What stands in the folder afterwards in mode replace: nothing, or a copy of "
        "the LR picture (of class lr).",
    )
    quarantine: Duration = Field(
        30 * 86400.0,
        ge=0,
        description="How long originals stay in quarantine in mode replace.",
    )
    delay: Duration = Field(
        10.0, ge=0, description="How long a file must have been unchanged to be taken."
    )
    include: tuple[str, ...] = Field(("**",), description="Patterns of files that are taken.")
    exclude: tuple[str, ...] = Field((), description="Patterns of files that are left alone.")
    hidden: bool = Field(False, description="Take files whose names begin with a dot, too.")
    series: SeriesConfig | None = Field(
        None, description="The files of a folder belong together; see [folder.series]."
    )
    rule: tuple[RuleConfig, ...] = Field(
        (), description="Rules for some of the files; the first that matches is used."
    )

    @field_validator("name")
    @classmethod
    def _usable_as_folder(cls, name: str) -> str:
        if not re.fullmatch(r"[\w][\w .-]{0,99}", name) or name.endswith((" ", ".")):
            raise ValueError(
                f"{name!r} cannot name a folder of the store; use letters, digits, space . _ -"
            )
        return name

    def rule_for(self, path: bytes, *, precision: Literal["auto", "fp32"] = "auto") -> Rule:
        """Return how the file at a path, relative to the folder, is stored."""
        return _rule(self._keys_for(path), precision)

    def _keys_for(self, path: bytes) -> dict[str, Any]:
        keys = {name: getattr(self, name) for name in StorageConfig.model_fields}
        for rule in self.rule:
            if any(path_matches(pattern, path, any_case=True) for pattern in rule.match):
                own = {name: getattr(rule, name) for name in rule.model_fields_set - {"match"}}
                if "floors" in own:
                    own["floors"] = self.floors.model_copy(
                        update=rule.floors.model_dump(exclude_unset=True)
                    )
                return {**keys, **own}
        return keys


class DaemonConfig(_Table):
    """How the daemon works."""

    workers: int = Field(1, ge=1, le=64, description="Files worked on at once.")
    threads: int = Field(0, ge=0, description="Threads of each worker; 0: all cores, shared.")
    device: str = Field("auto", description="auto, cpu, cuda, cuda:N or mps.")
    precision: Literal["auto", "fp32"] = Field(
        "auto", description="auto computes 8-bit images in bfloat16 where that is fast."
    )
    rescan: Duration = Field(
        600.0, gt=0, description="Between two full scans, which cure what events miss."
    )
    idle: Duration = Field(300.0, ge=0, description="Workers end after so long without work.")
    reserve: Size = Field(
        10**9, ge=0, description="Free space that must stay on the store's file system."
    )
    schedule: Schedule = Field(
        None, description="Work only in this part of the day, such as 22:00-06:00; empty: always."
    )
    pause_file: Place | None = Field(
        None, description="Nothing new is taken up while this file exists; STORE/pause if not set."
    )
    retries: int = Field(3, ge=0, description="How often a failed file is tried again.")
    log: Literal["text", "json"] = Field("text", description="Form of the log, on stderr.")
    on_failure: str = Field(
        "", description="Command run when a file fails for good; gets JSON on its standard input."
    )
    metrics_file: Place | None = Field(
        None, description="Prometheus textfile, renewed every few seconds."
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of a Prometheus endpoint on localhost; 0: none."
    )
    stale: Duration = Field(
        86400.0,
        gt=0,
        description="Unhealthy when files wait and none was archived for so long, or when no "
        "folder was scanned for so long.",
    )


class Config(_Table):
    """A whole configuration."""

    store: Place = Field(description="Folder of the store; made at the first start.")
    catalogue: Place = Field(
        default_factory=lambda known: known["store"] / "catalogue.sqlite3",
        description="The catalogue, on a local file system; STORE/catalogue.sqlite3 if not set.",
    )
    daemon: DaemonConfig = Field(
        DaemonConfig.model_validate({}), description="How the daemon works."
    )
    folders: tuple[FolderConfig, ...] = Field(
        alias="folder", min_length=1, description="The watched folders."
    )

    @property
    def pause_file(self) -> Path:
        """While it exists nothing new is taken up."""
        return self.daemon.pause_file or self.store / "pause"

    def folder(self, name: str) -> FolderConfig:
        """Return the watched folder of this name; raises `KeyError`."""
        for folder in self.folders:
            if folder.name == name:
                return folder
        raise KeyError(name)


def _rule(keys: dict[str, Any], precision: Literal["auto", "fp32"]) -> Rule:
    """Return a rule of those keys that are set; the others have the defaults of `Rule`."""
    rest = {name: value for name, value in keys.items() if value is not None}
    floors: FloorsConfig = rest.pop("floors")
    made: dict[str, Any] = {"floors": floors.floors(), "precision": precision}
    if "classes" in rest:
        made["classes"] = frozenset(map(StorageClass, rest.pop("classes")))
    if "deliver" in rest:
        made["delivery"] = rest.pop("deliver")
    if "max_megapixels" in rest:
        made["max_pixels"] = int(rest.pop("max_megapixels") * 1e6)
    return Rule(**made, **rest)

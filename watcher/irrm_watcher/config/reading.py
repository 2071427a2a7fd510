"""From a TOML file to a configuration, or to errors that name file, key and remedy."""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from irrm_core.errors import UsageError
from irrm_watcher.config.model import (
    Config,
    DaemonConfig,
    FloorsConfig,
    FolderConfig,
    RuleConfig,
    SeriesConfig,
)
from irrm_watcher.config.places import refuse_overlaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_TABLES: Mapping[str, type[BaseModel]] = {
    "daemon": DaemonConfig,
    "folder": FolderConfig,
    "rule": RuleConfig,
    "floors": FloorsConfig,
    "series": SeriesConfig,
}


class ConfigError(UsageError):
    """A configuration that cannot be used; the message names file, key and remedy."""


def load_config(path: str | os.PathLike[str]) -> Config:
    """Read a configuration.

    Parameters
    ----------
    path : path
        A TOML file; relative paths in it start at its folder.

    Raises
    ------
    ConfigError
        It cannot be read, or something in it is wrong: all of it is listed.
    """
    path = Path(path)
    try:
        return parse_config(path.read_bytes().decode("utf-8"), path)
    except OSError as why:
        raise ConfigError(
            f"{path}: cannot be read ({why.strerror}); `irrm-watch init` writes one"
        ) from why
    except UnicodeDecodeError as why:
        raise ConfigError(f"{path}: is no UTF-8 text; save it as UTF-8") from why


def parse_config(text: str, path: Path) -> Config:
    """Read the text of a configuration that stands, or will, at `path`; as `load_config`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise ConfigError(f"{path}: is no valid TOML: {why}") from why
    try:
        config = Config.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        faults = error.errors()
        # A folder that is wrong is missing too, which is no fault of its own.
        told = [fault for fault in faults if fault["type"] != "too_short"] or faults
        sentences = "; ".join(_sentence(fault, data) for fault in told)
        raise ConfigError(f"{path}: {sentences}") from error
    try:
        refuse_overlaps(config)
    except UsageError as error:
        raise ConfigError(f"{path}: {error}") from error
    return config


def _sentence(fault: ErrorDetails, data: Mapping[str, Any]) -> str:
    """Return what is wrong with one key, for people."""
    location = fault["loc"]
    key = _key(location, data)
    if fault["type"] == "extra_forbidden":
        known = _known(location)
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        return f"{key} is an unknown key; {remedy}"
    if fault["type"] == "missing":
        return f"{key} is missing; add it"
    if fault["type"] == "too_short":
        return f"{key} is empty; add a [[folder]]" if key == "folder" else f"{key} is empty"
    if fault["type"] == "value_error":
        return f"{key}: {fault['ctx']['error']}"
    value = fault["input"]
    shown = "" if isinstance(value, dict | list) else f" = {value!r}"
    return f"{key}{shown}: {fault['msg']}"


def _key(location: Sequence[str | int], data: Any) -> str:
    """Return a key as people find it: ``folder "photos": rule 2: scale``."""
    words: list[str] = []
    for part in location:
        data = _inside(data, part)
        if isinstance(part, int):
            name = data.get("name") if isinstance(data, dict) else None
            words[-1] += f" {name!r}" if isinstance(name, str) else f" {part + 1}"
        else:
            words.append(part)
    return ": ".join(words)


def _inside(data: Any, part: str | int) -> Any:
    try:
        return data[part]
    except (KeyError, IndexError, TypeError):
        return None


def _known(location: Sequence[str | int]) -> list[str]:
    """Return the keys of the table that a location lies in."""
    tables = [part for part in location[:-1] if isinstance(part, str)]
    model = _TABLES[tables[-1]] if tables else Config
    return [field.alias or name for name, field in model.model_fields.items()]

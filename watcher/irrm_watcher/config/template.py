"""The file that `irrm-watch init` writes: every key, with what it means and its default."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from irrm_watcher.config.model import (
    Config,
    DaemonConfig,
    FloorsConfig,
    FolderConfig,
    RuleConfig,
    SeriesConfig,
    StorageConfig,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

# How values are shown that nobody has set: in the form in which people write them.
_EXAMPLES: Mapping[str, Any] = {
    "catalogue": "/var/lib/irrm/catalogue.sqlite3",
    "rescan": "10m",
    "idle": "5m",
    "reserve": "1 GB",
    "schedule": "22:00-06:00",
    "pause_file": "/run/irrm/pause",
    "on_failure": "/usr/local/bin/tell-somebody",
    "metrics_file": "/var/lib/node_exporter/irrm.prom",
    "stale": "24h",
    "quarantine": "30d",
    "delay": "10s",
    "exclude": ["*.xmp", "export/**"],
    "classes": ["lr", "exact", "kept"],
    "scale": 2,
    "model": "irrm-fast-x2",
    "deliver": "jpeg:92",
    "exact": "bytes",
    "minimum_saving": 0.1,
    "format": "png",
    "special": False,
    "max_megapixels": 500,
    "match": ["*.tif", "*.tiff"],
    "sentinel": "*.done",
    "psnr": 36.0,
    "ssim": 0.95,
    "max_error": 0.2,
    "bias": 0.002,
}
_WIDTH = 96


def template(**values: Any) -> str:
    """Return a commented configuration.

    Parameters
    ----------
    **values
        Keys that are set, all others stand as comments: ``store``, and those of the one watched
        folder (``name``, ``path``, ``mode``, ``delay``).
    """
    lines = [
        *_said(
            "Configuration of irrm-watch. Lines that begin with # are explanations, or keys with "
            "their default or an example. `irrm-watch config check --config FILE` tells whether "
            "it is right; a running daemon reads it anew on SIGHUP."
        ),
        "",
        *_keys(Config, values, skip={"daemon", "folders"}),
        "[daemon]",
        *_keys(DaemonConfig, {}),
        *_said("A watched folder. More of them: more [[folder]] tables."),
        "[[folder]]",
        *_keys(FolderConfig, values, skip={"floors", "series", "rule"}),
        *_said(str(FloorsConfig.__doc__)),
        "# [folder.floors]",
        *_keys(FloorsConfig, {}),
        *_said(str(SeriesConfig.__doc__)),
        "# [folder.series]",
        *_keys(SeriesConfig, {}),
        *_said(f"{RuleConfig.__doc__} It has match and any of the keys of storage above."),
        "# [[folder.rule]]",
        *_keys(RuleConfig, {}, skip=set(StorageConfig.model_fields)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _keys(
    model: type[BaseModel],
    values: Mapping[str, Any],
    *,
    skip: set[str] | frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Give the lines of a table; of a key that is not set, as a comment."""
    fields = model.model_fields
    for name in own_first(model):
        if name in skip:
            continue
        yield from _said(str(fields[name].description))
        if name in values:
            yield f"{name} = {_toml(values[name])}"
        else:
            default = fields[name].default
            shown = _EXAMPLES.get(name, default)
            yield f"# {name} = {_toml(shown)}"
        yield ""


def own_first(model: type[BaseModel]) -> list[str]:
    """Return the keys of a table: what it has by itself before what it shares with others."""
    fields = model.model_fields
    own = [name for name in fields if name in model.__annotations__]
    return [*own, *(name for name in fields if name not in own)]


def shown(name: str, field: FieldInfo) -> str:
    """Return a value of a key as people write it: its default, else an example."""
    return _toml(_EXAMPLES.get(name, field.default))


def _said(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]


def _toml(value: Any) -> str:
    """Return a value as TOML writes it, which for these kinds is as JSON does."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)

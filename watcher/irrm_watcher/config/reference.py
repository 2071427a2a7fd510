"""The reference of all keys, as Markdown: ``docs/watcher.md`` holds what this gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_watcher.config.model import (
    Config,
    DaemonConfig,
    FloorsConfig,
    FolderConfig,
    RuleConfig,
    SeriesConfig,
    StorageConfig,
)
from irrm_watcher.config.template import own_first, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_SHARED = frozenset(StorageConfig.model_fields)
_TABLES: tuple[tuple[str, str, type[BaseModel], Collection[str]], ...] = (
    ("The top of the file", "", Config, {"daemon", "folders"}),
    ("`[daemon]`", "", DaemonConfig, ()),
    ("`[[folder]]`", "A watched folder.", FolderConfig, {"rule", "series", *_SHARED}),
    (
        "Storage, in `[[folder]]` and in `[[folder.rule]]`",
        "How files are stored. What a rule says stands before what its folder says.",
        StorageConfig,
        {"floors"},
    ),
    ("`[folder.floors]` and `[folder.rule.floors]`", "", FloorsConfig, ()),
    ("`[folder.series]`", "", SeriesConfig, ()),
    ("`[[folder.rule]]`", "", RuleConfig, _SHARED),
)


def reference() -> str:
    """Return a table for each part of the file: key, default or example, meaning."""
    return "\n".join(line for table in _TABLES for line in _lines(*table))


def _lines(title: str, words: str, model: type[BaseModel], skip: Collection[str]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield words or f"{(model.__doc__ or '').partition(chr(10))[0]}"
    yield ""
    yield "| key | default or example | meaning |"
    yield "|-----|--------------------|---------|"
    for name in own_first(model):
        if name not in skip:
            field = model.model_fields[name]
            yield f"| `{name}` | {_default(name, field)} | {field.description} |"
    yield ""


def _default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    if field.default_factory is None and field.default not in (None, "", ()):
        return f"`{shown(name, field)}`"
    return f"e.g. `{shown(name, field)}`"

"""The configuration of the watcher: a TOML file, checked before anything is done."""

from __future__ import annotations

from irrm_watcher.config.model import Config, DaemonConfig, FolderConfig
from irrm_watcher.config.quantities import Window, parse_duration, parse_size
from irrm_watcher.config.reading import ConfigError, load_config

__all__ = [
    "Config",
    "ConfigError",
    "DaemonConfig",
    "FolderConfig",
    "Window",
    "load_config",
    "parse_duration",
    "parse_size",
]

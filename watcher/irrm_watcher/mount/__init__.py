"""A store as a read-only file system: the tree as it was, files restored when opened."""

from __future__ import annotations

from irrm_watcher.mount.mounting import DEFAULT_CACHE, default_cache, load_fuse, mount_store

__all__ = ["DEFAULT_CACHE", "default_cache", "load_fuse", "mount_store"]

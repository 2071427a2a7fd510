"""From a file at rest to a verified archive file, in steps of which each can be repeated."""

from __future__ import annotations

"""A store, and the way that a file takes into it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.classes import Kept, Rule, Stored, spool, store_file
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store

Storing = Callable[..., Stored | Kept]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


@pytest.fixture
def storing(store: Store) -> Storing:
    """Spool a file, store it by a rule, and remove the copy."""

    def put(source: Path, rule: Rule | None = None, **more: Any) -> Stored | Kept:
        rule = rule or Rule(floors=Floors(psnr=None, ssim=None))
        name = more.pop("name", os.fsencode(source.name))
        spooled = spool(source, store)
        try:
            facts = spooled.facts("pictures", name)
            return store_file(spooled.path, facts, rule, store, rule.pool(), **more)
        finally:
            spooled.remove()

    return put


@pytest.fixture
def left(store: Store) -> Callable[[], list[str]]:
    """Return what lies in the store apart from its marker and models."""

    def inside() -> list[str]:
        return sorted(
            str(path.relative_to(store.path))
            for folder in (store.files, store.spool)
            for path in folder.rglob("*")
            if path.is_file()
        )

    return inside

"""The model card: everything about one set of weights that is not a weight."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FORMAT_VERSION = 1

# Lower case, so that ids do not collide on case-insensitive file systems.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]")
_HASH_LIKE = re.compile(r"[0-9a-f]{8,64}")
_VERSION = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class LatentPolicy:
    """What the reverse pass is fed in place of the latent that was thrown away.

    Attributes
    ----------
    kind : str
        ``"zero"``, or ``"gaussian"`` for noise that depends on seed and position.
    std : float
        Standard deviation of the noise; without meaning for ``"zero"``.
    """

    kind: Literal["zero", "gaussian"]
    std: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("zero", "gaussian"):
            raise ValueError(f"unknown latent policy {self.kind!r}; known are zero and gaussian")
        if not 0 < self.std <= 100:
            raise ValueError(f"a latent's std must be above 0 and at most 100, not {self.std}")


@dataclass(frozen=True)
class Halo:
    """Context that a tile needs on each side so that no seam shows.

    Attributes
    ----------
    downscale, restore : int
        LR pixels, for each direction.
    """

    downscale: int
    restore: int

    def __post_init__(self) -> None:
        if min(self.downscale, self.restore) < 0:
            raise ValueError(f"a halo cannot be negative: {self}")


@dataclass(frozen=True)
class ModelCard:
    """One published set of weights, which never changes.

    Attributes
    ----------
    id : str
        Name and version, ``"irrm-fast-x4@1"``.
    architecture : str
        Which network `irrm_core.networks.build` makes.
    parameters : mapping
        Keyword arguments of the architecture.
    scale : int
        Linear factor s between HR and LR.
    channels : int
        1 or 3.
    latent : LatentPolicy
        What the model was trained to be fed when restoring.
    halo : Halo
        In LR pixels, for each direction.
    size_multiple : int
        HR height and width must be multiples of it.
    weights_hash : str
        `weights_hash` of the stored tensors, 64 hexadecimal digits.
    sampling_phase : str
        ``"box"``: the centre of an LR pixel lies at HR coordinate (s − 1)/2 of its block.
    colour_space : str
        What the channels mean: ``"sRGB"`` or ``"gray"``.
    training_data, licence : str
        What the weights were made from, and on what terms they may be used.
    metrics : mapping
        Measured figures. ``"protocol"`` says how they were measured.
    training : mapping
        How the weights came about: recipe, steps, seconds, commit; empty where unknown.
    format_version : int
        Of the card.
    """

    id: str
    architecture: str
    parameters: Mapping[str, Any]
    scale: int
    channels: int
    latent: LatentPolicy
    halo: Halo
    size_multiple: int
    weights_hash: str
    sampling_phase: str = "box"
    colour_space: str = "sRGB"
    training_data: str = "unknown"
    licence: str = "unknown"
    metrics: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION

    @property
    def name(self) -> str:
        """The id without its version: an alias of the newest one."""
        return split_id(self.id)[0]

    @property
    def version(self) -> int:
        """The version in the id."""
        return split_id(self.id)[1]


def split_id(model_id: str) -> tuple[str, int]:
    """Split ``"irrm-fast-x4@1"`` into its name and its version.

    Raises
    ------
    ValueError
        It is no id: ids are also folder names, and a name must not pass for a hash.
    """
    name, at, version = model_id.partition("@")
    if not at or not _VERSION.fullmatch(version):
        raise ValueError(f"{model_id!r} is no model id; one looks like irrm-fast-x4@1")
    return check_name(name), int(version)


def check_name(name: str) -> str:
    """Return `name` if a model may be called so.

    Raises
    ------
    ValueError
        It has other characters than a-z, 0-9, dot, underscore and dash, or looks like a hash.
    """
    if not _NAME.fullmatch(name) or _HASH_LIKE.fullmatch(name) or ".." in name:
        raise ValueError(
            f"{name!r} cannot name a model; use 2 to 64 of a-z, 0-9, '.', '_' and '-', "
            "and more than hexadecimal digits"
        )
    return name


def first_id(name: str) -> str:
    """Return the id that a wish means: an id itself, or version 1 of a name.

    Raises
    ------
    ValueError
        It is neither.
    """
    model_id = name if "@" in name else f"{check_name(name)}@1"
    split_id(model_id)
    return model_id


def is_hash_prefix(text: str) -> bool:
    """Whether `text` can only be meant as a weights hash or the beginning of one."""
    return bool(_HASH_LIKE.fullmatch(text))

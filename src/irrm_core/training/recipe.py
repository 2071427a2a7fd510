"""A training recipe: everything that decides what comes out, in one TOML file."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from irrm_core.errors import UsageError
from irrm_core.zoo import LatentPolicy


@dataclass(frozen=True)
class ModelRecipe:
    """The network to train.

    Attributes
    ----------
    name : str
        Id of the model without version, such as ``irrm-fast-x4``.
    architecture : str
        ``"irrm"``, ``"irn"`` or ``"firn"``.
    parameters : dict
        Keyword arguments of the architecture.
    training_data, licence : str
        For the model card: what it is trained on, and the terms of its use.
    base, base_weights : str
        Id and weights hash of the model that training starts from; empty for fresh weights, and
        filled in by ``irrm train --from``.
    """

    name: str
    architecture: str
    parameters: dict[str, Any]
    training_data: str = "unknown"
    licence: str = "unknown"
    base: str = ""
    base_weights: str = ""


@dataclass(frozen=True)
class DataRecipe:
    """What patches are cut and how.

    Attributes
    ----------
    patch : int
        Side of an HR patch in pixels, a multiple of the network's size multiple.
    batch : int
        Patches a step.
    copies : tuple of float
        Every photograph is used at these sizes too; small copies are rich in texture.
    texture : float
        Exponent on a region's mean absolute Laplacian in its sampling weight; 0 samples
        evenly.
    microscopy : bool
        Single-channel only, and for 8-bit pictures only, since deeper ones are microscopy or
        the like: random gain, offset and gamma, Poisson-Gaussian noise on part of the patches,
        and a 16-bit LR on half of them.
    text : float
        Share of the patches that are not cut from pictures but drawn: text, tables, screens.
    shapes : float
        Share of the patches that are drawn as well: shapes, lines and checkers of pure colours.
    recolour : float
        Share of the patches of RGB photographs whose colours are moved elsewhere in the cube.
    gigabytes : float
        Memory for the pictures; of a folder with more, a random choice is used.
    """

    patch: int = 96
    batch: int = 8
    copies: tuple[float, ...] = (1.0, 0.75, 0.5)
    texture: float = 0.5
    microscopy: bool = False
    text: float = 0.0
    shapes: float = 0.0
    recolour: float = 0.0
    gigabytes: float = 4.0


@dataclass(frozen=True)
class LossRecipe:
    """Weights of the loss terms, each a mean over all values.

    Attributes
    ----------
    hr : str
        ``"l1"``, ``"charbonnier"`` or ``"mse"``, on the restored HR. A mean square is a much
        smaller number than a mean difference: the other weights follow it down.
    hr_weight : float
        Weight of that term.
    lr_weight : float
        Weight of the mean squared difference between the LR and antialiased bicubic.
    latent_weight : float
        Weight of the mean squared latent.
    latent : str
        What the reverse pass is fed, in training and ever after: ``"zero"``, or
        ``"gaussian"`` for noise, as IRN and FIRN are.
    latent_std : float
        Standard deviation of the noise.
    """

    hr: Literal["l1", "charbonnier", "mse"] = "l1"
    hr_weight: float = 1.0
    lr_weight: float = 4.0
    latent_weight: float = 0.0
    latent: Literal["zero", "gaussian"] = "zero"
    latent_std: float = 1.0

    def __post_init__(self) -> None:
        _ = self.latent_policy

    @property
    def latent_policy(self) -> LatentPolicy:
        """What the model card will say of the latent."""
        return LatentPolicy(self.latent, self.latent_std)


@dataclass(frozen=True)
class PerceptualRecipe:
    """What makes a restoration look real, added to the terms of `LossRecipe`.

    Attributes
    ----------
    gan : str
        ``"ragan"``, relativistic average, as FIRN+; ``"vanilla"``, as IRN+; or ``"none"``.
    gan_weight : float
        Weight of the generator's side of it.
    features : str
        What pictures are compared by besides pixels: ``"discriminator"``, its own features; or
        ``"vgg19"``, which needs torchvision.
    feature_loss : str
        ``"contextual"``, as FIRN+; ``"l1"``, as IRN+; or ``"none"``.
    feature_weight : float
        Weight of that comparison. Contextual on VGG19 wants about 0.5, as FIRN+ has it.
    discriminator_width : int
        Channels of the discriminator's first stage; the published ones have 64.
    discriminator_alone : int
        First steps of the run, in which only the discriminator learns.
    discriminator_learning_rate : float
        Constant, after the same warm-up as the network's.
    discriminator_betas : tuple of float
        Of its Adam.
    """

    gan: Literal["ragan", "vanilla", "none"] = "ragan"
    gan_weight: float = 2e-3
    features: Literal["discriminator", "vgg19"] = "discriminator"
    feature_loss: Literal["contextual", "l1", "none"] = "contextual"
    feature_weight: float = 5e-4
    discriminator_width: int = 64
    discriminator_alone: int = 200
    discriminator_learning_rate: float = 1e-4
    discriminator_betas: tuple[float, ...] = (0.9, 0.99)

    def __post_init__(self) -> None:
        if self.gan == "none" and self.feature_loss == "none":
            raise UsageError("perceptual has neither a gan nor a feature_loss; leave the table out")


@dataclass(frozen=True)
class OptimiserRecipe:
    """Method, warm-up and cosine.

    Attributes
    ----------
    method : str
        ``"adam"``, or ``"muon"``: Muon for the convolutions and Adam for the rest.
    muon_factor : float
        Learning rate of Muon in units of Adam's; a step of either is then about as large.
    steps : int
        Length of the run.
    learning_rate : float
        Peak, reached after `warmup` steps, then a cosine to `final_fraction` of it.
    warmup : int
        Steps of linear warm-up.
    final_fraction : float
        Share of the learning rate at the last step.
    betas : tuple of float
        Adam's.
    clip : float
        Bound of the gradient's norm.
    ema : float
        Decay of the exponential moving average of the weights, which is what is shipped.
    """

    method: Literal["adam", "muon"] = "adam"
    muon_factor: float = 2.0
    steps: int = 10_000
    learning_rate: float = 5e-4
    warmup: int = 200
    final_fraction: float = 0.01
    betas: tuple[float, ...] = (0.9, 0.99)
    clip: float = 1.0
    ema: float = 0.999


@dataclass(frozen=True)
class ValidationRecipe:
    """How often the run is measured.

    Attributes
    ----------
    every : int
        Steps between two measurements, each followed by a checkpoint.
    images : int
        Number of validation images used.
    """

    every: int = 500
    images: int = 12


@dataclass(frozen=True)
class Recipe:
    """A whole recipe; see the parts.

    Attributes
    ----------
    model, data, loss, optimiser, validation
        The parts.
    perceptual : PerceptualRecipe, optional
        Without it, a run strives for the least distortion.
    precision : str
        ``"bf16"``: convolutions of the subnets under autocast; ``"fp32"``: nothing is.
    seed : int
        Of the fresh weights and of every random choice.
    """

    model: ModelRecipe
    data: DataRecipe = field(default_factory=DataRecipe)
    loss: LossRecipe = field(default_factory=LossRecipe)
    perceptual: PerceptualRecipe | None = None
    optimiser: OptimiserRecipe = field(default_factory=OptimiserRecipe)
    validation: ValidationRecipe = field(default_factory=ValidationRecipe)
    precision: Literal["bf16", "fp32"] = "bf16"
    seed: int = 0


def read_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises
    ------
    UsageError
        The file is not TOML, or a key is unknown, missing or of the wrong type; the message
        names file and key.
    OSError
        The file cannot be read.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a TOML file: {error}") from error
    try:
        recipe: Recipe = _from_table(Recipe, table, "")
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    return recipe


def recipe_from(table: dict[str, Any]) -> Recipe:
    """Make a recipe of what a run or a card kept of one.

    Raises
    ------
    UsageError
        A key is unknown, missing or of the wrong type: it is of another version.
    """
    try:
        recipe: Recipe = _from_table(Recipe, _without_none(table), "")
    except ValueError as error:
        raise UsageError(f"a recipe of another version: {error}") from error
    return recipe


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value is not None}


def _from_table(made: type[Any], table: dict[str, Any], prefix: str) -> Any:
    """Build a dataclass from a table, tables inside it included."""
    types = get_type_hints(made)
    known = {f.name: f for f in dataclasses.fields(made)}
    for key in table:
        if key not in known:
            raise ValueError(f"unknown key {prefix}{key}; known are {', '.join(sorted(known))}")
    for key, spec in known.items():
        nothing = dataclasses.MISSING
        if key not in table and spec.default is nothing and spec.default_factory is nothing:
            raise ValueError(f"the key {prefix}{key} is missing")
    return made(**{key: _value(types[key], value, prefix + key) for key, value in table.items()})


def _value(kind: Any, value: Any, key: str) -> Any:
    """Take a TOML value as what a field is declared to be."""
    if get_origin(kind) is UnionType:
        # A table that may be left out.
        kind = get_args(kind)[0]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise ValueError(f"{key} must be a table")
        return _from_table(kind, value, f"{key}.")
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{key} is {value!r}; it can be {' or '.join(get_args(kind))}")
        return value
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{key} must be a list of numbers")
        return tuple(_value(float, item, key) for item in value)
    plain = get_origin(kind) or kind
    if plain is float and type(value) is int:
        return float(value)
    if type(value) is not plain:
        raise ValueError(f"{key} is {value!r}; it must be {_IN_WORDS[plain]}")
    return value


_IN_WORDS = {
    int: "a whole number",
    float: "a number",
    str: "a string",
    bool: "true or false",
    dict: "a table",
}

"""A card with its network, ready to run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from irrm_core.device import choose_device
from irrm_core.errors import ModelFileError
from irrm_core.networks import RescalingNetwork, build
from irrm_core.zoo.card import ModelCard
from irrm_core.zoo.registry import FoundModel, find_model
from irrm_core.zoo.weights import read_weights, weights_hash


@dataclass(frozen=True)
class Model:
    """A model card and the network that it describes.

    Attributes
    ----------
    card : ModelCard
        The card.
    network : RescalingNetwork
        In evaluation mode, float32, without gradients.
    """

    card: ModelCard
    network: RescalingNetwork


def load_model(reference: str | Path, device: str = "auto") -> Model:
    """Load a model and verify its weights against the card.

    Parameters
    ----------
    reference : str or Path
        An id, a name (its newest version), a weights hash, at least 8 digits of its
        beginning, or the path of a model folder.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Returns
    -------
    Model
        Its network is the caller's own: no other call returns the same one. Weights stored
        as float16 compute as float32 from exactly the stored values.

    Raises
    ------
    ModelNotFoundError
        No model goes by this reference.
    ModelFileError
        Card or weights are damaged, do not match each other, or are of an unknown layout.
    """
    chosen = choose_device(device)
    found = find_model(reference)
    network = load_network(found)
    return Model(found.card, network.to(chosen.device))


def load_network(found: FoundModel) -> RescalingNetwork:
    """Read, verify and assemble the network of a found model, on the CPU."""
    return verified_network(found.card, read_weights(found.weights), found.weights)


def verified_network(
    card: ModelCard, state: Mapping[str, Tensor], origin: object
) -> RescalingNetwork:
    """Assemble the network of a card from weights that must be the card's.

    Raises
    ------
    ModelFileError
        Hash or layout of the weights, or what the card says of its network, is wrong.
    """
    actual = weights_hash(state)
    if actual != card.weights_hash:
        raise ModelFileError(
            f"{origin}: the weights are not those of {card.id} (hash {actual[:12]}, "
            f"card {card.weights_hash[:12]}); fetch or import the model again"
        )
    network = assemble(card.architecture, card.parameters, state, origin)
    told = (card.scale, card.channels, card.size_multiple)
    built = (network.scale, network.channels, network.size_multiple)
    if told != built:
        raise ModelFileError(
            f"{origin}: the card says scale, channels and size multiple {told}, "
            f"its network has {built}"
        )
    return network


def assemble(
    architecture: str, parameters: Mapping[str, object], state: Mapping[str, Tensor], origin: object
) -> RescalingNetwork:
    """Build a network around weights.

    Parameters
    ----------
    architecture, parameters
        As `irrm_core.networks.build` takes them.
    state : mapping of str to Tensor
        The weights in any floating-point type; they are copied to float32.
    origin : object
        Where they came from, for messages.

    Returns
    -------
    RescalingNetwork
        In evaluation mode, without gradients, on the CPU.

    Raises
    ------
    ModelFileError
        The architecture is unknown, or names or shapes of the tensors are not its own.
    """
    try:
        # Without memory: a card may state any width, the tensors then do not fit it.
        with torch.device("meta"), _NoStartValues():
            network = build(architecture, parameters)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ModelFileError(f"{origin}: {error}") from error
    expected = {name: tuple(t.shape) for name, t in network.state_dict().items()}
    given = {name: tuple(t.shape) for name, t in state.items()}
    if expected != given:
        wrong = min(n for n in expected.keys() | given.keys() if expected.get(n) != given.get(n))
        raise ModelFileError(
            f"{origin}: the tensors are not those of {architecture} with {dict(parameters)}; "
            f"{wrong} has shape {given.get(wrong, 'none')}, expected {expected.get(wrong, 'none')}"
        )
    copies = {name: t.detach().to(torch.float32, copy=True) for name, t in state.items()}
    network.load_state_dict(copies, assign=True)
    return network.requires_grad_(False).eval()


class _NoStartValues(TorchFunctionMode):
    """Leaves out the random values that a network starts with: the weights replace them.

    On the meta device they would import torch's compiler, which takes seconds.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func in (Tensor.normal_, Tensor.uniform_):
            return args[0]
        return func(*args, **(kwargs or {}))

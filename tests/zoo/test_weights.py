"""The weights hash names weights forever, so nothing but the weights may decide it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from irrm_core.errors import ModelFileError
from irrm_core.zoo import weights_hash
from irrm_core.zoo.weights import MAX_WEIGHTS_BYTES, read_weights


def some() -> dict[str, Tensor]:
    return {
        "b.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3),
        "a": torch.tensor([0.5, -1.0], dtype=torch.float16),
    }


def test_the_definition_of_the_hash_never_changes() -> None:
    golden = "a6228bd208ada486c38ba733b3553eee69a838213c8b42f7a2778597fe53e4ad"

    assert weights_hash(some()) == golden


def test_order_memory_layout_and_gradients_do_not_matter() -> None:
    state = some()
    other = {
        "a": state["a"].clone(),
        "b.weight": state["b.weight"].t().contiguous().t().requires_grad_(),
    }

    assert weights_hash(other) == weights_hash(state)


@given(st.sampled_from(["value", "sign of zero", "dtype", "shape", "name", "fewer", "more"]))
def test_every_difference_in_the_tensors_matters(change: str) -> None:
    state = some()
    match change:
        case "value":
            state["b.weight"][1, 2] += 1e-5
        case "sign of zero":
            state["b.weight"][0, 0] = -0.0
        case "dtype":
            state["a"] = state["a"].float()
        case "shape":
            state["b.weight"] = state["b.weight"].reshape(3, 2)
        case "name":
            state["c"] = state.pop("a")
        case "fewer":
            del state["a"]
        case "more":
            state["c"] = torch.zeros(0)

    assert weights_hash(state) != weights_hash(some())


def test_the_file_does_not_matter(tmp_path: Path) -> None:
    save_file(some(), tmp_path / "plain.safetensors")
    save_file(some(), tmp_path / "noted.safetensors", metadata={"made": "somewhere"})

    plain = read_weights(tmp_path / "plain.safetensors")
    noted = read_weights(tmp_path / "noted.safetensors")

    assert weights_hash(plain) == weights_hash(noted) == weights_hash(some())


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused_by_name(tmp_path: Path, bad: float) -> None:
    state = some()
    state["b.weight"][1, 1] = bad
    save_file(state, tmp_path / "w.safetensors")

    with pytest.raises(ModelFileError, match=r"w\.safetensors.*b\.weight.*NaN"):
        read_weights(tmp_path / "w.safetensors")


def test_integer_tensors_are_refused(tmp_path: Path) -> None:
    save_file({"steps": torch.tensor([3])}, tmp_path / "w.safetensors")

    with pytest.raises(ModelFileError, match="steps"):
        read_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize("keep", [0, 4, 40, -1])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "w.safetensors"
    save_file(some(), path)
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(ModelFileError, match="damaged"):
        read_weights(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    with path.open("wb") as file:
        file.truncate(MAX_WEIGHTS_BYTES + 1)

    with pytest.raises(ModelFileError, match="more than any known model"):
        read_weights(path)


def test_a_missing_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"gone\.safetensors"):
        read_weights(tmp_path / "gone.safetensors")

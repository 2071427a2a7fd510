"""State dicts have the keys and shapes of the published checkpoints."""

from __future__ import annotations

import pytest

from irrm_core.networks import FIRN, IRN

SUBNETS = "FGH"


def dense_keys(block: int) -> set[str]:
    return {
        f"operations.{block}.{subnet}.conv{k}.{kind}"
        for subnet in SUBNETS
        for k in range(1, 6)
        for kind in ("weight", "bias")
    }


@pytest.mark.parametrize(("scale", "haar_at"), [(2, [0]), (4, [0, 9]), (8, [0, 9, 18])])
def test_irn_has_haar_weights_and_dense_blocks_where_published(
    scale: int, haar_at: list[int]
) -> None:
    state = IRN(scale).state_dict()

    expected = {f"operations.{i}.haar_weights" for i in haar_at}
    for block in range(9 * len(haar_at)):
        if block not in haar_at:
            expected |= dense_keys(block)
    assert set(state) == expected
    for level, i in enumerate(haar_at):
        assert state[f"operations.{i}.haar_weights"].shape == (12 * 4**level, 1, 2, 2)


def test_irn_x3_has_one_learned_matrix_then_twelve_blocks() -> None:
    state = IRN(3).state_dict()

    expected = {"operations.0.conv_weights"}
    for block in range(1, 13):
        expected |= dense_keys(block)
    assert set(state) == expected
    assert state["operations.0.conv_weights"].shape == (9, 9)


def test_irn_dense_blocks_have_the_published_shapes() -> None:
    state = IRN(4).state_dict()

    assert state["operations.1.F.conv1.weight"].shape == (32, 9, 3, 3)
    assert state["operations.1.F.conv5.weight"].shape == (3, 9 + 4 * 32, 3, 3)
    assert state["operations.10.G.conv1.weight"].shape == (32, 3, 3, 3)
    assert state["operations.10.H.conv5.weight"].shape == (45, 3 + 4 * 32, 3, 3)


def test_firn_has_the_published_keys() -> None:
    state = FIRN(4).state_dict()

    convolutions = ["c1_d", "c1_r", "c2_d", "c2_r", "c3_d", "c3_r", "c4", "c5", "PA.conv"]
    expected = {"operations.0.haar_weights", "operations.9.haar_weights"}
    for block in [*range(1, 9), *range(10, 18)]:
        names = ["reduce_conv.0", "G.expandconv", "H.expandconv"]
        names += [f"{subnet}.{conv}" for subnet in SUBNETS for conv in convolutions]
        expected |= {f"operations.{block}.{n}.{k}" for n in names for k in ("weight", "bias")}
    assert set(state) == expected
    assert len(state) == 962

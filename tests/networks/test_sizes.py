"""Parameter counts and multiply-adds, against published figures."""

from __future__ import annotations

from typing import Any

import pytest

from irrm_core.networks import IRRM, SCALES, SIZES, build, cost, size_parameters


@pytest.mark.parametrize(
    ("architecture", "scale", "count"),
    [
        ("irn", 2, 1_668_000),
        ("irn", 3, 3_139_029),
        ("irn", 4, 4_355_376),
        ("irn", 8, 11_120_256),
        ("firn", 2, 67_416),
        ("firn", 4, 320_880),
    ],
)
def test_published_networks_have_their_published_parameter_counts(
    architecture: str, scale: int, count: int
) -> None:
    network = build(architecture, {"scale": scale})

    assert sum(tensor.numel() for tensor in network.state_dict().values()) == count
    assert cost(network).parameters == count


@pytest.mark.parametrize(
    ("scale", "published"), [(2, 0.417e6), (3, 0.349e6), (4, 0.585e6), (8, 0.691e6)]
)
def test_irn_needs_its_published_multiply_adds(scale: int, published: float) -> None:
    assert cost(build("irn", {"scale": scale})).multiply_adds == pytest.approx(published, rel=0.004)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", SCALES)
def test_fast_needs_at_most_85_000_multiply_adds_a_pixel(scale: int, channels: int) -> None:
    network = IRRM(**size_parameters("fast", scale, channels))

    assert network.scale == scale
    assert network.channels == channels
    assert cost(network).multiply_adds <= 85_000


@pytest.mark.parametrize(
    ("size", "blocks", "millions"),
    [("S", [4, 4], 0.65), ("M", [6, 7], 1.08), ("L", [10, 20], 2.6)],
)
def test_the_sizes_at_x4_are_those_of_the_paper(
    size: str, blocks: list[int], millions: float
) -> None:
    parameters = size_parameters(size, 4)

    assert parameters["blocks"] == blocks
    assert cost(IRRM(**parameters)).parameters / 1e6 == pytest.approx(millions, rel=0.01)


@pytest.mark.parametrize("scale", [4, 8])
@pytest.mark.parametrize(
    ("size", "of_parameters", "of_multiply_adds"), [("M", 0.25, 0.25), ("L", 0.60, 0.50)]
)
def test_m_and_l_keep_the_papers_ratios_to_irn(
    size: str, scale: int, of_parameters: float, of_multiply_adds: float
) -> None:
    ours = cost(IRRM(**size_parameters(size, scale)))
    irn = cost(build("irn", {"scale": scale}))

    assert ours.parameters / irn.parameters == pytest.approx(of_parameters, abs=0.01)
    assert ours.multiply_adds / irn.multiply_adds == pytest.approx(of_multiply_adds, abs=0.015)


def test_sizes_grow_in_parameters_from_s_to_l() -> None:
    for scale in SCALES:
        counts = [cost(IRRM(**size_parameters(size, scale))).parameters for size in "SML"]
        assert counts == sorted(set(counts))


@pytest.mark.parametrize(("size", "scale"), [("XL", 4), ("S", 3)])
def test_an_unknown_size_is_refused_by_name(size: str, scale: int) -> None:
    with pytest.raises(ValueError, match=f"{size}.*x{scale}"):
        size_parameters(size, scale)


@pytest.mark.parametrize(
    ("architecture", "parameters", "complaint"),
    [
        ("gan", {"scale": 4}, "unknown architecture 'gan'"),
        ("irrm", {"scale": 4, "blocks": [2]}, "one block count for each factor of 2"),
        ("irrm", {"scale": 3, "blocks": [2]}, "IRRM x3"),
        ("irn", {"scale": 4, "blocks": [8]}, "2 downsampling steps"),
        ("irn", {"scale": 1}, "IRN"),
        ("firn", {"scale": 3}, "FIRN x3"),
        ("irn", {"scale": 2, "channels": 0}, "channels must be at least 1"),
        ("firn", {"scale": 2, "gates": 1}, "does not take these parameters"),
    ],
)
def test_parameters_that_make_no_network_are_refused(
    architecture: str, parameters: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        build(architecture, parameters)


def test_size_names_are_fast_s_m_l() -> None:
    assert set(SIZES) == {"fast", "S", "M", "L"}

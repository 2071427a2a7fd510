"""Names of leading axes."""

from __future__ import annotations

import pytest

from napari_irrm.layers.axes import Leading, LeadingAxis, name_axes


def _named(*axes: tuple[int, str]) -> Leading:
    return name_axes([LeadingAxis(size, label) for size, label in axes])


def test_a_single_plane_has_no_leading_axes() -> None:
    assert _named() == Leading("")


@pytest.mark.parametrize(
    ("labels", "letters"),
    [
        (("t", "z", "c"), "TZC"),
        (("C", "Z", "T"), "CZT"),
        (("Channel", "Time"), "CT"),
        (("frames", " depth "), "TZ"),
    ],
)
def test_labels_name_axes_in_any_order_and_case(labels: tuple[str, ...], letters: str) -> None:
    assert _named(*((50, label) for label in labels)).letters == letters


def test_a_few_unlabelled_planes_are_channels() -> None:
    assert _named((3, "axis -3")).letters == "C"
    assert _named((2, "axis -4"), (40, "axis -3")).letters == "CZ"
    assert _named((40, "axis -4"), (2, "axis -3")).letters == "ZC"
    assert _named((9, ""), (40, ""), (2, "")).letters == "TZC"


def test_many_unlabelled_planes_are_depth_and_time() -> None:
    assert _named((40, "")).letters == "Z"
    assert _named((30, ""), (40, "")).letters == "TZ"
    assert _named((30, ""), (40, ""), (5, "")).letters == "CTZ"


def test_planes_of_colours_are_no_channels_unless_labelled() -> None:
    assert name_axes([LeadingAxis(3)], colours=True).letters == "Z"
    assert name_axes([LeadingAxis(3, "c")], colours=True).letters == "C"


def test_planes_at_a_distance_are_no_channels() -> None:
    assert name_axes([LeadingAxis(3, "", scale=0.5)]).letters == "Z"


def test_an_axis_in_units_of_time_is_time() -> None:
    assert name_axes([LeadingAxis(3, "", is_time=True)]).letters == "T"
    axes = [LeadingAxis(20, ""), LeadingAxis(3, "", 0.1, is_time=True)]
    assert name_axes(axes).letters == "ZT"


def test_a_label_counts_once() -> None:
    assert _named((20, "z"), (30, "z")).letters == "ZT"


def test_of_more_than_three_axes_some_are_taken_as_one() -> None:
    leading = _named((3, "position"), (10, "t"), (20, "z"), (2, "c"))
    assert leading == Leading("TZC", 0, 2)
    assert leading.shape((3, 10, 20, 2)) == (30, 20, 2)


def test_channels_are_not_among_the_axes_taken_as_one() -> None:
    leading = _named((2, "c"), (5, ""), (6, ""), (7, ""), (8, ""))
    assert leading.letters[0] == "C"
    assert leading.shape((2, 5, 6, 7, 8)) == (2, 5 * 6 * 7, 8)
    assert len(set(leading.letters)) == 3

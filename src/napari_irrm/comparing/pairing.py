"""Which layer is the original of which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from napari_irrm.layers import Provenance, level_zero, readable_provenance, refusal

if TYPE_CHECKING:
    from napari.layers import Layer


def pair_of(layers: Sequence[Layer], chosen: Iterable[Layer] = ()) -> tuple[Layer, Layer] | None:
    """Return an original and its restoration among the layers, or None.

    Two chosen layers of one size are a pair in any case. One that is chosen is paired with
    the layer that it was restored from, or that was restored from it. Else the topmost
    restoration that has its original is taken.

    Parameters
    ----------
    layers : sequence of Layer
        All of a viewer, bottom first.
    chosen : iterable of Layer
        Those that are selected.
    """
    selected = set(chosen)
    wanted = [layer for layer in layers if layer in selected and comparable(layer)]
    if len(wanted) == 2 and _fit(*wanted):
        return _in_order(*wanted)
    pairs = [
        pair
        for restored in reversed(layers)
        if (pair := _with_original(restored, layers)) is not None
    ]
    for layer in wanted:
        for pair in pairs:
            if layer in pair:
                return pair
    return pairs[0] if pairs else None


def hindrance(original: Layer | None, restored: Layer | None) -> str:
    """Return why two layers cannot be compared, and what to do; empty if they can."""
    if original is None or restored is None:
        return "There is nothing to compare yet: restore a layer, or do a round trip"
    if original is restored:
        return "Choose two different layers: an original, and what was restored of it"
    if not _fit(original, restored):
        return (
            f"{original.name} has the shape {_in_words(original)}, {restored.name} "
            f"{_in_words(restored)}: choose an original and what was restored of it"
        )
    return ""


def comparable(layer: Layer) -> bool:
    """Return whether a layer can be one of a pair: an image, and no LR or difference."""
    return refusal(layer) is None and kind_of(layer) not in ("lr", "difference")


def kind_of(layer: Layer) -> str | None:
    """Return what the plugin made this layer for; None for all others, and damaged ones."""
    provenance = readable_provenance(layer)
    return None if provenance is None else provenance.kind


def _with_original(restored: Layer, layers: Sequence[Layer]) -> tuple[Layer, Layer] | None:
    provenance = readable_provenance(restored)
    if provenance is None or provenance.kind != "restored" or not comparable(restored):
        return None
    fitting = [
        layer
        for layer in layers
        if kind_of(layer) is None and comparable(layer) and _fit(layer, restored)
    ]
    names = {provenance.source, *_sources_of_lr(provenance, layers)}
    named = [layer for layer in fitting if layer.name in names]
    # A renamed original is still known if it alone has the size.
    found = named or (fitting if len(fitting) == 1 else [])
    return (found[-1], restored) if found else None


def _sources_of_lr(restored: Provenance, layers: Sequence[Layer]) -> Iterator[str]:
    """Return of what the LR layers were made that may have been restored."""
    for layer in layers:
        provenance = readable_provenance(layer)
        if provenance is not None and provenance.kind == "lr":
            same = provenance.record.lr_hash == restored.record.lr_hash
            if same or layer.name == restored.source:
                yield provenance.source


def _fit(one: Layer, other: Layer) -> bool:
    return _shape(one) == _shape(other)


def _shape(layer: Layer) -> tuple[int, ...]:
    return tuple(int(size) for size in level_zero(layer).shape)


def _in_words(layer: Layer) -> str:
    return " x ".join(str(size) for size in _shape(layer))


def _in_order(one: Layer, other: Layer) -> tuple[Layer, Layer]:
    """Put the original first: the one that was not restored, else the lower one."""
    return (other, one) if kind_of(one) == "restored" != kind_of(other) else (one, other)

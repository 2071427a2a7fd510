"""Files of every sort that comes into a watched folder."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def pictures(seed: int = 0, side: int = 48) -> Iterator[tuple[str, bytes]]:
    """Give suffix and content of files that are stored in each class, endlessly and all different.

    Parameters
    ----------
    seed : int
        The same seed gives the same files.
    side : int
        Of the pictures, in pixels.
    """
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(seed)
    while True:
        y, x = np.indices((side, side + 16))
        waves = random.uniform(3, 9, (3, 2))
        pixels = np.stack([np.sin(x / a) + np.cos(y / b) for a, b in waves], axis=-1)
        pixels += random.normal(0, 0.1, pixels.shape)
        image = Image.fromarray(((pixels + 2.5) * 50).clip(0, 255).astype("uint8"))
        for suffix, form, options in (
            (".png", "PNG", {}),
            (".jpg", "JPEG", {"quality": 90}),
            (".tif", "TIFF", {}),
        ):
            stream = io.BytesIO()
            image.save(stream, form, **options)
            yield suffix, stream.getvalue()
        # Half a picture: no image any more, but somebody's bytes all the same.
        yield ".png", stream.getvalue()[: side * side]
        yield ".txt", random.bytes(16).hex().encode() * 40

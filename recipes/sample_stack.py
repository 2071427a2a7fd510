"""``python recipes/sample_stack.py``: make the stack that the napari plugin shows as a sample.

A simulation, and called so: cells that drift, under a fluorescence microscope, in 16 bits. The
dye bleaches from frame to frame, and one frame is read out noisily, so that a comparison by
frame has something to show. Numpy alone, one seed: the pixels are always the same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irrm_core.imagefile import PixelSize, SourceMetadata, write_image

TARGET = Path(__file__).resolve().parents[1].joinpath(
    "src", "napari_irrm", "files", "samples", "simulated_cells.ome.tif"
)  # fmt: skip
SEED = 20240229
FRAMES, SIDE = 8, 256
PIXEL_UM, INTERVAL_S = 0.2, 30.0
CELLS, GRAINS = 26, 9
OFFSET, GAIN, READ_NOISE = 100.0, 1.6, 4.0  # of the camera, in its units
NOISY_FRAME, NOISIER = 5, 9.0  # its number from 0, and how many times as noisy
BRIGHTEST = 1400.0  # photons in the first frame

Plane = NDArray[np.float64]


def blurred(plane: Plane, sigma: float) -> Plane:
    """Return a plane behind a gaussian point spread function; its edges wrap."""
    frequency = np.fft.fftfreq(SIDE)
    response = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    spectrum = np.fft.fft2(plane) * response[:, None] * response[None, :]
    return np.asarray(np.fft.ifft2(spectrum).real)


def cells(random: np.random.Generator) -> list[Plane]:
    """Return the dye in each frame, without noise, between 0 and 1."""
    y, x = np.indices((SIDE, SIDE)).astype(float)
    centres = random.uniform(0, SIDE, (CELLS, 2))
    drift = random.normal(0, 1.1, (CELLS, 2))
    radii = random.uniform(9, 17, (CELLS, 2))
    angles, levels = random.uniform(0, np.pi, CELLS), random.uniform(0.35, 1, CELLS)
    grains = random.normal(0, 0.42, (CELLS, GRAINS, 2))
    frames = []
    for time in range(FRAMES):
        plane = np.full((SIDE, SIDE), 0.015)
        for cell in range(CELLS):
            # Distances on a torus: what leaves on one side comes back on the other.
            dy, dx = (
                (axis - centre + SIDE / 2) % SIDE - SIDE / 2
                for axis, centre in zip((y, x), centres[cell] + time * drift[cell], strict=True)
            )
            sine, cosine = np.sin(angles[cell]), np.cos(angles[cell])
            v = (dy * cosine - dx * sine) / radii[cell, 0]
            u = (dy * sine + dx * cosine) / radii[cell, 1]
            body = 1 / (1 + np.exp(9 * (np.hypot(v, u) - 1)))
            spots = sum(np.exp(-((v - gv) ** 2 + (u - gu) ** 2) / 0.03) for gv, gu in grains[cell])
            plane += levels[cell] * body * (0.32 + 0.5 * spots)
        frames.append(np.minimum(plane, 1.0))
    return frames


def camera(photons: Plane, noise: float, random: np.random.Generator) -> NDArray[np.uint16]:
    """Return what a camera makes of photons: shot noise, gain, offset, read noise."""
    counted = random.poisson(photons) * GAIN + OFFSET + random.normal(0, noise, photons.shape)
    return np.clip(np.rint(counted), 0, 65535).astype(np.uint16)


def simulated(seed: int = SEED, photons: float = BRIGHTEST) -> NDArray[np.uint16]:
    """Return the stack, or one of other cells in another light: (8, 256, 256), axes TYX."""
    random = np.random.default_rng(seed)
    frames = []
    for time, plane in enumerate(cells(random)):
        light = blurred(plane, 1.1).clip(0) * photons * 0.86**time
        noise = READ_NOISE * (NOISIER if time == NOISY_FRAME else 1)
        frames.append(camera(light, noise, random))
    return np.stack(frames)


def main() -> None:
    """Write the file and say how large it became."""
    said = SourceMetadata(
        text={"Comment": "Simulated fluorescence, no microscope was involved. CC0."},
        pixel_size=PixelSize(y=PIXEL_UM, x=PIXEL_UM),
        imagej={"finterval": INTERVAL_S},
    )
    write_image(TARGET, simulated(), axes="TYX", metadata=said, format="ome-tiff", overwrite=True)
    print(f"{TARGET}: {TARGET.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

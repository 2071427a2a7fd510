"""A model measured on every image of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive import is_image_name
from irrm_core.engine import Rescaler
from irrm_core.errors import ImageDataError, ImageFileError, UsageError
from irrm_core.evaluation.intensity import score_intensities
from irrm_core.evaluation.photograph import score_photograph
from irrm_core.evaluation.result import Evaluation, FailedImage, ImageScore, IntensityScore
from irrm_core.imagefile import DEFAULT_MAX_PIXELS, read_image
from irrm_core.progress import Cancel, NoProgress, Progress

if TYPE_CHECKING:
    from irrm_core.zoo import Model


def evaluate_folder(
    folder: str | Path,
    model: str | Path | Model,
    *,
    also: str | Path | Model | None = None,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    tile: int | None = None,
    threads: int | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    split: bool = False,
    strict: bool = True,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Evaluation:
    """Downscale and restore every image of a folder, and measure what came back.

    8-bit images (gray or RGB) are scored by the published protocol. All others, and 8-bit
    stacks, are compared in the units of their data. The LR is always the rounded one that
    a file would hold.

    Parameters
    ----------
    folder : path
        Searched for image files, with all its subfolders.
    model : str, Path or Model
        To measure.
    also : str, Path or Model, optional
        A second model of the same scale, measured beside the first on the images that are
        compared in the units of their data; photographs are scored for `model` alone.
    device, tile, threads
        As `Rescaler` takes them.
    precision : str
        ``"fp32"``, in which models are published, or ``"auto"``.
    seed : int
        Of a gaussian latent.
    max_pixels : int
        Of one plane; larger images are refused.
    split : bool
        Whether the colours of images that are compared in the units of their data are
        channels to RGB models too, as they are to single-channel ones.
    strict : bool
        Whether an image that cannot be read or scored ends it. If not, the others are
        measured and the result names it.
    progress : Progress, optional
        Advances image by image.
    cancel : Cancel, optional
        Looked at between images and tiles.

    Returns
    -------
    Evaluation
        One row for each image, or for each channel and method.

    Raises
    ------
    UsageError
        There are no images, or the models have different scales.
    ImageFileError
        An image cannot be read, and `strict`.
    ImageDataError
        An image is too small to be scored, or holds values that are not finite, and `strict`.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    folder = Path(folder)
    paths = image_paths(folder)
    rescalers = [
        Rescaler(chosen, device=device, precision=precision, tile=tile, threads=threads)
        for chosen in (model, also)
        if chosen is not None
    ]
    cards = [rescaler.model.card for rescaler in rescalers]
    if len({card.scale for card in cards}) > 1:
        raise UsageError(
            f"{cards[0].id} and {cards[1].id} cannot be compared: they scale by "
            f"{cards[0].scale} and by {cards[1].scale}; choose models of one scale"
        )
    scores: list[ImageScore] = []
    intensities: list[IntensityScore] = []
    failed: list[FailedImage] = []
    progress.begin(f"measuring {cards[0].id} on {folder.name}", len(paths))
    try:
        for path in paths:
            cancel.check()
            name = path.relative_to(folder).as_posix()
            try:
                image, info = read_image(path, max_pixels=max_pixels)
                if image.dtype == "uint8" and info.axes in ("YX", "YXS"):
                    scores.append(
                        score_photograph(name, image, rescalers[0], seed=seed, cancel=cancel)
                    )
                else:
                    intensities += score_intensities(
                        name, image, info.axes, rescalers, split=split, seed=seed, cancel=cancel
                    )
            except (ImageFileError, ImageDataError) as error:
                if strict:
                    raise
                failed.append(FailedImage(name, str(error)))
            progress.advance()
    finally:
        progress.end()
    return Evaluation(
        folder=str(folder),
        model=cards[0].id,
        weights_hash=cards[0].weights_hash,
        scale=cards[0].scale,
        device=str(rescalers[0].device_choice),
        precision=precision,
        seed=seed,
        scores=tuple(scores),
        intensities=tuple(intensities),
        failed=tuple(failed),
    )


def image_paths(folder: Path) -> list[Path]:
    """Return the image files below a folder, by name.

    Raises
    ------
    UsageError
        There are none.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name a folder of images to measure on")
    paths = sorted(p for p in folder.rglob("*") if is_image_name(p) and p.is_file())
    if not paths:
        raise UsageError(f"{folder}: no image files in it; name a folder of images to measure on")
    return paths

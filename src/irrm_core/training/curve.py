"""The curve of a run, drawn with Pillow alone so that training needs no plotting library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from irrm_core.errors import UsageError

_SIZE = (900, 420)
_FRAME = (60, 30, 840, 370)
_SERIES = (("psnr_y", "HR PSNR-Y", (31, 119, 180)), ("lr_psnr_y", "LR PSNR-Y", (214, 39, 40)))


def read_log(path: Path) -> list[dict[str, float]]:
    """Read the measurements of a run, one JSON object a line; a run never measured has none."""
    if not path.is_file():
        return []
    try:
        return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    except ValueError as error:
        raise UsageError(f"{path}: a line is no JSON; remove it, and resume again") from error


def draw_curve(log: Sequence[dict[str, float]], path: Path) -> None:
    """Draw validation PSNR of HR (left axis) and LR (right axis) over the steps into a PNG."""
    image = Image.new("RGB", _SIZE, "white")
    canvas = ImageDraw.Draw(image)
    left, top, right, bottom = _FRAME
    canvas.rectangle(_FRAME, outline="black")
    last = max((entry["step"] for entry in log), default=1) or 1
    for tick in range(5):
        x = left + (right - left) * tick / 4
        canvas.text((x - 12, bottom + 6), f"{last * tick / 4:.0f}", fill="black")
    for number, (key, name, colour) in enumerate(_SERIES):
        points = [(entry["step"], entry[key]) for entry in log if key in entry]
        if not points:
            continue
        values = [value for _, value in points]
        low, high = min(values), max(values)
        span = (high - low) or 1.0
        for tick in range(5):
            y = bottom - (bottom - top) * tick / 4
            at = 8 if number == 0 else right + 6
            canvas.text((at, y - 6), f"{low + span * tick / 4:.2f}", fill=colour)
        line = [
            (
                left + (right - left) * step / last,
                bottom - (bottom - top) * (value - low) / span,
            )
            for step, value in points
        ]
        if len(line) > 1:
            canvas.line(line, fill=colour, width=2)
        canvas.text((left + 10 + 160 * number, 10), f"{name} (dB)", fill=colour)
    image.save(path)

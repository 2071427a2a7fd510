"""A survey as Markdown tables, one for each scale and kind of model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path, PurePosixPath

from irrm_core.benchmark import SIDE
from irrm_core.evaluation.published import Published, published
from irrm_core.evaluation.result import IntensityScore
from irrm_core.evaluation.surveying import Contestant, Survey

_NOTHING = "–"


def tables(survey: Survey) -> dict[str, str]:
    """Return the tables of a survey.

    Returns
    -------
    dict of str to str
        Markdown by name: ``colour-x4``, ``gray-x2``: the published protocol, a column of HR
        and one of LR for each folder with 8-bit images, beside bicubic and published figures.
        ``intensities-x2``: images of over 8 bits, and stacks, channel by channel in the units
        of the data. ``notes``: how all was measured, and who published.
    """
    kinds = sorted({(m.channels == 1, m.scale) for m in survey.models})
    found = {}
    for gray, scale in kinds:
        models = [m for m in survey.models if (m.channels == 1, m.scale) == (gray, scale)]
        table = _photographs(survey, models, gray)
        if table:
            found[f"{'gray' if gray else 'colour'}-x{scale}"] = table
    for scale in sorted({m.scale for m in survey.models}):
        table = _intensities(survey, [m for m in survey.models if m.scale == scale])
        if table:
            found[f"intensities-x{scale}"] = table
    return found | {"notes": _notes(survey, found)}


def headed(made: Mapping[str, str]) -> str:
    """Return tables as one text, each under a heading of the second level."""
    return "\n\n".join(f"## {_heading(name)}\n\n{table}" for name, table in made.items())


def _heading(name: str) -> str:
    kind, _, scale = name.partition("-")
    words = {
        "colour": "Colour",
        "gray": "Single channel",
        "intensities": "Over 8 bits, channel by channel",
        "notes": "How it was measured",
    }[kind]
    return f"{words}, {scale}" if scale else words


def _photographs(survey: Survey, models: Sequence[Contestant], gray: bool) -> str:
    folders = [f for f in survey.folders if any(survey.of(m, f).images for m in models)]
    if not folders:
        return ""
    scale, channels = models[0].scale, models[0].channels
    head = [f"x{scale}", "parameters", "multiply-adds", "CPU s/MP"]
    for folder in folders:
        head += [folder, f"{folder}, LR"]
    seconds = {(s, c): taken for s, c, taken in survey.bicubic_seconds}[scale, channels]
    rows = [["bicubic", _NOTHING, _NOTHING, f"{seconds:.2g}"]]
    for folder in folders:
        # Of any of the models: none of these figures depends on it.
        of = next(e for e in (survey.of(m, folder) for m in models) if e.images)
        rows[0] += [_pair(of.mean("bicubic_psnr_y"), of.mean("bicubic_ssim_y")), _NOTHING]
    for model in sorted(models, key=lambda m: (m.multiply_adds, m.id)):
        row = [model.id, *_cost(model.parameters, model.multiply_adds), f"{model.seconds:.2g}"]
        for folder in folders:
            mean = survey.of(model, folder).mean
            row.append(_pair(mean("psnr_y"), mean("ssim_y")))
            row.append(_pair(mean("lr_psnr_y"), mean("lr_ssim_y")))
        rows.append(row)
    for other in [] if gray else _published(scale, folders):
        row = [f"{other.method}, published", *_cost(other.parameters, other.multiply_adds)]
        row.append(_NOTHING)
        for folder in folders:
            row += [_pair(*(other.on(folder) or (None, None))), _NOTHING]
        rows.append(row)
    return _markdown(head, rows)


def _published(scale: int, folders: Sequence[str]) -> list[Published]:
    return [p for p in published() if p.scale == scale and any(p.on(f) for f in folders)]


def _intensities(survey: Survey, models: Sequence[Contestant]) -> str:
    """One table of PSNR and one of errors and bias; a row for each channel of each file."""
    rows: dict[tuple[str, str, int], dict[tuple[str, int], IntensityScore]] = {}
    for folder in survey.folders:
        for model in models:
            for score in survey.of(model, folder).intensities:
                row = rows.setdefault((folder, score.name, score.channel), {})
                row[score.method, score.lr_values] = score
    if not rows:
        return ""
    single = {m.id for m in models if m.channels == 1}
    methods = sorted(
        {method for row in rows.values() for method in row},
        # LR of one size together: bicubic, models of single channels, RGB models.
        key=lambda m: (m[1], m[0] != "bicubic", m[0] not in single, m[0]),
    )
    names = {key: _name(key, rows) for key in rows}
    psnr = [
        [names[key], _units(next(iter(row.values())).report.peak)]
        + [f"{row[m].report.psnr:.1f}" if m in row else _NOTHING for m in methods]
        for key, row in rows.items()
    ]
    means = [
        _mean([row[m].report.psnr for row in rows.values() if m in row], len(rows)) for m in methods
    ]
    head = ["PSNR, dB", "range", *(f"{name} ({values})" for name, values in methods)]
    own = [m for m in methods if m[0] in single or m[0] == "bicubic"]
    errors = [
        [names[key]]
        + [
            f"{_units(row[m].report.error_p999)}, {row[m].report.bias:+.2g}"
            if m in row
            else _NOTHING
            for m in own
        ]
        for key, row in rows.items()
    ]
    parts = [_markdown(head, [*psnr, ["mean", "", *means]])]
    if len(own) > 1:
        parts.append(_markdown(["error, bias", *(name for name, _ in own)], errors))
    return "\n\n".join(parts)


def _name(key: tuple[str, str, int], rows: Iterable[tuple[str, str, int]]) -> str:
    """Return what a row is called: the file, and folder and channel where there are several."""
    folder, name, channel = key
    rows = list(rows)
    stem = PurePosixPath(name).with_suffix("").as_posix()
    prefix = f"{folder}/" if {other[0] for other in rows} != {folder} else ""
    several = any(other[:2] == key[:2] and other != key for other in rows)
    return f"{prefix}{stem}" + (f", channel {channel}" if several else "")


def _units(value: float) -> str:
    """Four digits, or all before the point."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def _mean(values: Sequence[float], wanted: int) -> str:
    """Return the mean, of whole columns only: others could not be compared."""
    if len(values) < wanted or not all(map(isfinite, values)):
        return _NOTHING
    return f"{sum(values) / len(values):.1f}"


def _notes(survey: Survey, names: Iterable[str]) -> str:
    names = list(names)
    lines = [
        f"Everything that is not marked as published was measured by `irrm eval --table`, in "
        f"{survey.precision}.",
        f"CPU s/MP: seconds of CPU time for downscaling and restoring a megapixel of HR, with "
        f"{survey.threads} thread{'s' * (survey.threads > 1)} in {survey.precision} "
        f"({SIDE}x{SIDE} pixels, median of 3).",
        "Multiply-adds: per HR pixel, one direction; of published networks counted on the network "
        "as it is built here.",
    ]
    if any(not name.startswith("intensities") for name in names):
        lines.append(
            "PSNR / SSIM of the luma by the published protocol: border of one scale cropped from "
            "the HR, LR and HR rounded to 8 bits; LR: against antialiased bicubic."
        )
    if any(name.startswith("gray") for name in names):
        lines.append("Single-channel models take the colours one by one.")
    if any(name.startswith("intensities") for name in names):
        lines.append(
            "Intensities: PSNR with the mapped range of the data as peak; in parentheses the "
            "values that the LR has for each of its pixels. RGB models are fed the channel three "
            "times; with their LR as one channel, its three are averaged before restoring. "
            "Error: the 99.9th percentile of absolute differences, in units of the data."
        )
    failed = {f"{Path(e.folder).name}/{f.name}" for e in survey.evaluations for f in e.failed}
    if failed:
        lines.append(f"Left out, since they could not be measured: {', '.join(sorted(failed))}.")
    scales = {m.scale for m in survey.models if m.channels == 3}
    sources: dict[str, list[str]] = {}
    for other in published():
        if other.scale in scales and any(other.on(folder) for folder in survey.folders):
            methods = sources.setdefault(other.source, [])
            if other.method not in methods:
                methods.append(other.method)
    lines += [f"Published, {', '.join(methods)}: {source}." for source, methods in sources.items()]
    return "\n".join(f"- {line}" for line in lines)


def _cost(parameters: int | None, multiply_adds: float | None) -> list[str]:
    return [
        _NOTHING if parameters is None else f"{parameters / 1e6:.3g} M",
        _NOTHING if multiply_adds is None else f"{multiply_adds / 1e6:.3f} M",
    ]


def _pair(psnr: float | None, ssim: float | None) -> str:
    return _NOTHING if psnr is None or ssim is None else f"{psnr:.2f} / {ssim:.4f}"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells hold file names, which must not end one."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join("".join(_SAFE.get(c, c) for c in cell) for cell in line) + " |"
        for line in lines
    )


_SAFE = {"|": "\\|", "\n": " ", "\r": " "}

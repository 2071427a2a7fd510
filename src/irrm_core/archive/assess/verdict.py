"""Does LR storage pay for these files? The answer in plain sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.assess.totals import totals
from irrm_core.archive.assess.words import bytes_in_words, counted, part_in_words
from irrm_core.archive.catalogue import StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_core.archive.assess.assessing import Assessment
    from irrm_core.archive.assess.totals import Totals
    from irrm_core.archive.classes import Rule
    from irrm_core.archive.gate import Floors


def verdict(found: Assessment) -> tuple[str, ...]:
    """Return the sentences of an assessment, the most important first."""
    if not found.files:
        return ("No file could be assessed.",)
    sums = totals(found.files)
    said = [_does_it_pay(sums, found.rule), _folder(sums, found.rule)]
    said[1:1] = _instead(found)
    said += _beside(sums)
    said += _kept_originals(sums)
    said += _scope(found)
    return tuple(said)


def _does_it_pay(sums: Totals, rule: Rule | None) -> str:
    lr = sums.of_class(StorageClass.lr)
    if not lr.files:
        passing = sum(model.passing for model in sums.models)
        why = (
            "no restoration reaches the floors" + (f" ({_floors(rule.floors)})" if rule else "")
            if not passing
            else "where a restoration reaches the floors, the LR file saves too little or the "
            "exact class is smaller"
        )
        return f"LR storage does not pay here: no file would be stored so; {why}."
    return (
        f"LR storage would be used for {lr.files:,} of {counted(sums.files, 'file', 'files')}: "
        f"these would take {bytes_in_words(lr.bytes)} instead of "
        f"{bytes_in_words(lr.original_bytes)} ({part_in_words(lr.bytes, lr.original_bytes)})."
    )


def _folder(sums: Totals, rule: Rule | None) -> str:
    lr, exact, kept = (sums.of_class(storage) for storage in StorageClass)
    terms = "By the rule of each file"
    if rule is not None:
        terms = f"With the floors of {_floors(rule.floors)} and at least "
        terms += f"{rule.minimum_saving * 100:g} % saved"
    return (
        f"{terms}: "
        f"{lr.files:,} lr, {exact.files:,} exact, {kept.files:,} kept as they are. In all "
        f"{bytes_in_words(sums.stored_bytes)} instead of {bytes_in_words(sums.bytes)} "
        f"({part_in_words(sums.stored_bytes, sums.bytes)})."
    )


def _floors(floors: Floors) -> str:
    parts = [
        ("{:g} dB PSNR", floors.psnr),
        ("{:g} SSIM", floors.ssim),
        ("a largest error of {:g}", floors.max_error),
        ("a bias of {:g}", floors.bias),
    ]
    named = [words.format(value) for words, value in parts if value is not None]
    return " and ".join(named) + " in every channel" if named else "no kind"


def _beside(sums: Totals) -> Iterator[str]:
    """Set the codecs beside every model, and say which is the better choice for bytes alone."""
    ratios = []
    for model in sums.models:
        avif = model.codec("AVIF")
        if avif.ratio is None:
            why = avif.problems[0] if avif.problems else "has no such file"
            yield f"{model.model} (x{model.scale}): nothing to compare, AVIF {why}."
            continue
        ratios.append(avif.ratio)
        others = [
            f"{codec.codec} {codec.ratio:.2f} times"
            for codec in model.codecs
            if codec.codec != "AVIF" and codec.ratio is not None
        ]
        quality = "" if model.psnr is None else f", {model.psnr:.1f} dB on average"
        yield (
            f"At the same PSNR as the LR files of {model.model} (x{model.scale}{quality}) AVIF "
            f"takes {avif.ratio:.2f} times their bytes"
            + ("" if avif.files == model.files else f" ({avif.files} of {model.files} files)")
            + (f"; {', '.join(others)}." if others else ".")
        )
    if ratios and max(ratios) < 1:
        yield (
            "For bytes alone AVIF is the better choice throughout; what an LR file gives besides "
            "is a small picture that any viewer opens."
        )
    elif ratios and min(ratios) >= 1:
        yield "For bytes alone the LR files are the better choice."
    elif ratios:
        yield "For bytes alone AVIF is the better choice where it takes less than 1 times."


def _instead(found: Assessment) -> Iterator[str]:
    """Say what the files that would be LR files take as AVIF of the same PSNR."""
    chosen = [file for file in found.files if file.choice.storage == StorageClass.lr]
    pairs = [
        (trial.size, size)
        for file in chosen
        for trial in file.trials
        if not trial.failures
        and trial.size == file.choice.size
        and (size := trial.match("AVIF").size) is not None
    ]
    if pairs:
        lr, avif = (sum(sizes) for sizes in zip(*pairs, strict=True))
        yield (
            f"As AVIF of the same PSNR {counted(len(pairs), 'such file', 'such files')} would take "
            f"{bytes_in_words(avif)} instead of {bytes_in_words(lr)} as LR files."
        )


def _kept_originals(sums: Totals) -> Iterator[str]:
    for form in sums.forms:
        saved = 1 - form.bytes / form.original_bytes if form.original_bytes else 0
        if form.gives_back == "file" and saved >= 0.02:
            yield (
                f"Without any loss, {form.form} saves {saved * 100:.0f} % of "
                f"{counted(form.files, 'file', 'files')}, to the byte."
            )
        elif form.gives_back == "pixels" and saved >= 0.02:
            yield (
                f"Lossless JPEG XL of the pixels saves {saved * 100:.0f} % of "
                f"{counted(form.files, 'file', 'files')}; the pixels come back, not the file."
            )


def _scope(found: Assessment) -> Iterator[str]:
    selection = found.selection
    chosen = len(selection.paths)
    if selection.kind == "sample":
        yield (
            f"This is a sample: {chosen:,} of {selection.found:,} images, chosen by a hash of "
            "their names; all sums are of the sample."
        )
    elif selection.kind == "first":
        yield (
            f"These are the first {chosen:,} of {selection.found:,} images by name, which need "
            "not be like the others; all sums are of these."
        )
    damaged = sum(left.damaged for left in found.left)
    others = len(found.left) - damaged
    if damaged:
        yield f"{counted(damaged, 'file is', 'files are')} damaged or unreadable and not counted."
    if others:
        yield f"{counted(others, 'file was', 'files were')} left out, see the reasons."

"""An assessment as one HTML file: pictures inside, no script, nothing fetched."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.assess import tables
from irrm_core.archive.assess.gallery import gallery
from irrm_core.archive.assess.markup import element, text
from irrm_core.archive.assess.quality import CONVENTION
from irrm_core.archive.assess.totals import totals
from irrm_core.archive.assess.verdict import verdict
from irrm_core.archive.assess.words import bytes_in_words, counted

if TYPE_CHECKING:
    from irrm_core.archive.assess.assessing import Assessment

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="irrm {version}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""

_NOTES = (
    "Bytes are those of whole files. An LR file's include its record and metadata; a codec's "
    "include the original's metadata, and a stack takes one file a plane. Alpha that varies is "
    "counted without loss to every codec.",
    "A codec's quality is the lowest of its settings that reaches the PSNR of the LR file's "
    "restoration, so its PSNR is the same or a little higher. JPEG is the smaller of 4:2:0 and "
    "4:4:4 (progressive, optimised), WebP is 4:2:0, AVIF is libaom at speed 6 in 4:4:4 (in 12 "
    "bits for data of more than 8), JPEG XL is libjxl at effort 7.",
)


def page(found: Assessment, version: str) -> str:
    """Return the page of an assessment, which names the version of irrm that made it."""
    sums = totals(found.files)
    folder = _common_folder(found)
    said = "\n".join(element("p", text(sentence)) for sentence in verdict(found))
    parts = [
        element("p", text(_scope(found, folder, version)), cls="quiet"),
        element("section", said, cls="verdict", label="The answer"),
    ]
    if found.files:
        parts += [
            element("h2", "All files"),
            tables.sums(sums),
            element("h2", "LR files and codecs, file by file"),
            tables.codecs(found.files, folder),
            element("h2", "Storage classes, file by file"),
            tables.classes(found.files, folder),
        ]
    if any(file.crops for file in found.files):
        parts += [element("h2", "To look at"), gallery(found.files, folder)]
    if found.left:
        parts += [element("h2", "Not counted"), tables.left(found.left, folder)]
    parts.append(element("h2", "How it was measured"))
    parts += [element("p", text(note), cls="quiet") for note in (CONVENTION, *_NOTES)]
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return _PAGE.format(
        version=text(version),
        title="Does LR storage pay for these files?",
        style=style,
        body="\n".join(parts),
    )


def _scope(found: Assessment, folder: Path, version: str) -> str:
    selection = found.selection
    other = selection.others
    return (
        f"{counted(len(found.files), 'file', 'files')} assessed of "
        f"{counted(selection.found, 'image', 'images')} "
        f"({bytes_in_words(selection.found_size)}) in {folder}"
        + (f"; {counted(other, 'other file', 'other files')} not looked at" if other else "")
        + f". irrm {version}."
    )


def _common_folder(found: Assessment) -> Path:
    return Path(os.path.commonpath([path.absolute().parent for path in found.selection.paths]))

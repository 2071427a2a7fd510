"""Tables between the markers of a Markdown page.

A marker is a comment on a line of its own, ``<!-- table colour-x4 -->``, or with ``newest``
after the name for the newest version of each model; ``all`` names all of them, with headings.
What follows a marker up to ``<!-- end of table -->`` is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from irrm_core.errors import UsageError
from irrm_core.evaluation.surveying import Survey
from irrm_core.evaluation.tables import headed, tables
from irrm_core.imagefile import atomic_output

_TABLE = re.compile(
    r"^(<!-- table (?P<name>[a-z0-9-]+)(?P<newest> newest)? -->)\n"
    r"(?:(?!<!-- table ).)*?"  # a marker without its end must not swallow the next table
    r"^(<!-- end of table -->)$",
    re.DOTALL | re.MULTILINE,
)


def check_page(page: Path) -> str:
    """Return the text of a page that has a place for tables; ask before the long work.

    Raises
    ------
    UsageError
        The page cannot be read, or has no marker.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{page}: cannot be read: {error}; name a Markdown page") from error
    if not _TABLE.search(text):
        raise UsageError(
            f"{page}: has no place for a table; put `<!-- table all -->` and "
            "`<!-- end of table -->` on lines of their own"
        )
    return text


def write_page(page: Path, survey: Survey) -> None:
    """Replace the tables of a page by those of a survey, all of them or none.

    Raises
    ------
    UsageError
        As `check_page`; or the page has a marker for a table that the survey does not give.
    """
    text = check_page(page)
    filled = fill(text, tables(survey), tables(survey.newest()), page)
    if filled != text:
        with atomic_output(page, overwrite=True) as stream:
            stream.write(filled.encode())


def fill(text: str, every: Mapping[str, str], newest: Mapping[str, str], page: object) -> str:
    """Return a page with its tables replaced.

    Parameters
    ----------
    text : str
        Of the page.
    every, newest : mapping of str to str
        The tables by name, of every and of the newest versions.
    page : object
        Its name, for messages.

    Raises
    ------
    UsageError
        There is a marker for a table that is not there.
    """

    def table(found: re.Match[str]) -> str:
        there = newest if found["newest"] else every
        if found["name"] == "all":
            there = {"all": headed(there)}
        if found["name"] not in there:
            raise UsageError(
                f"{page}: asks for the table {found['name']}, and what was measured gives "
                f"{', '.join(there)}; add models or folders, or remove the marker"
            )
        return f"{found[1]}\n\n{there[found['name']]}\n\n{found[4]}"

    return _TABLE.sub(table, text)

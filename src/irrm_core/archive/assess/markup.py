"""Pieces of HTML, escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def text(value: str) -> str:
    """Return text for HTML: escaped; what no browser shows, as a Python escape.

    File names may hold line breaks, control characters and bytes that are no UTF-8.
    """
    shown = (
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in value
    )
    return html.escape("".join(shown))


def element(name: str, content: str, *, cls: str = "", label: str = "") -> str:
    """Return an element with content that is HTML already."""
    named = f' class="{cls}"' if cls else ""
    labelled = f' aria-label="{html.escape(label)}"' if label else ""
    return f"<{name}{named}{labelled}>{content}</{name}>"


def cell(content: str, *, cls: str = "") -> str:
    """Return a cell of a table."""
    return element("td", content, cls=cls)


def table(caption: str, columns: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table that scrolls sideways by itself, and by keyboard too.

    Parameters
    ----------
    caption : str
        Text.
    columns : sequence of str
        Heads, text; a column of words rather than numbers begins with ``<``.
    rows : sequence of str
        HTML.
    """
    head = "".join(
        f'<th scope="col" class="text">{text(column[1:])}</th>'
        if column.startswith("<")
        else f'<th scope="col">{text(column)}</th>'
        for column in columns
    )
    body = "\n".join(rows)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{html.escape(caption)}">'
        f"<table>\n<caption>{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def row(
    head: str | None, cells: Sequence[str], *, cls: str = "", head_cls: str = "", lines: int = 1
) -> str:
    """Return a row whose first cell, text, is its head.

    The head may be that of several lines; those below it have none of their own.
    """
    named = f' class="{cls}"' if cls else ""
    of_head = f' class="{head_cls}"' if head_cls else ""
    span = f' scope="rowgroup" rowspan="{lines}"' if lines > 1 else ' scope="row"'
    first = "" if head is None else f"<th{span}{of_head}>{text(head)}</th>"
    return f"<tr{named}>{first}{''.join(cells)}</tr>"

"""Patterns of paths: `*.tif` of any folder, `2024/**/raw-*.png` of the whole path.

Paths are bytes that need not be valid text, which the standard library's patterns of whole
paths (Python 3.13) cannot match.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache


def path_matches(pattern: str | bytes, path: bytes, *, any_case: bool = False) -> bool:
    """Return whether a relative path matches a pattern.

    Parameters
    ----------
    pattern : str or bytes
        ``*`` and ``?`` stand for anything within a part of the path, ``[a-z]`` and ``[!a-z]``
        for one character, ``**`` as a whole part for any number of folders. A pattern without
        ``/`` is compared with the last part alone, so it holds in every folder; a leading ``/``
        ties it to the top; a trailing one means everything below.
    path : bytes
        Relative, parts separated by ``/``.
    any_case : bool
        Letters of ASCII match in upper and lower case; otherwise the two differ.
    """
    return _compiled(os.fsencode(pattern), any_case).fullmatch(path) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: bytes, any_case: bool) -> re.Pattern[bytes]:
    if pattern.endswith(b"/"):
        pattern += b"**"
    if b"/" not in pattern:
        pattern = b"**/" + pattern
    parts = pattern.lstrip(b"/").split(b"/")
    regex = b""
    for number, part in enumerate(parts, start=1):
        last = number == len(parts)
        if part == b"**":
            regex += b".*" if last else b"(?:.*/)?"
        else:
            regex += _part(part) + (b"" if last else b"/")
    return re.compile(regex, re.DOTALL | (re.IGNORECASE if any_case else 0))


def _part(part: bytes) -> bytes:
    regex = b""
    position = 0
    while position < len(part):
        sign = part[position : position + 1]
        position += 1
        if sign == b"*":
            regex += b"[^/]*"
        elif sign == b"?":
            regex += b"[^/]"
        elif sign == b"[" and (end := _end_of_set(part, position)) > 0:
            regex += _set(part[position:end])
            position = end + 1
        else:
            regex += re.escape(sign)
    return regex


def _end_of_set(part: bytes, start: int) -> int:
    negated = part[start : start + 1] in (b"!", b"^")
    return part.find(b"]", start + negated + 1)  # the first may be a bracket itself


def _set(inside: bytes) -> bytes:
    negated = inside[:1] in (b"!", b"^")
    members = b""
    position = int(negated)
    while position < len(inside):
        low, high = inside[position : position + 1], inside[position + 2 : position + 3]
        if high and inside[position + 1 : position + 2] == b"-":
            if low <= high:
                members += re.escape(low) + b"-" + re.escape(high)
            position += 3
        else:
            members += re.escape(low)
            position += 1
    if negated:
        return b"[^/" + members + b"]"
    return b"[" + members + b"]" if members else b"(?!)"

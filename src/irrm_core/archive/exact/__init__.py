"""Class exact: a file stored smaller, from which the same bytes come back."""

from __future__ import annotations

from irrm_core.archive.exact.decoding import decode_exact
from irrm_core.archive.exact.encoding import encode_exact
from irrm_core.archive.exact.forms import EXACT, ExactForm, read_exact_envelope

__all__ = ["EXACT", "ExactForm", "decode_exact", "encode_exact", "read_exact_envelope"]

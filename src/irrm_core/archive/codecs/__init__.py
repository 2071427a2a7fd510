"""Other people's codecs, as contestants beside the LR file."""

from __future__ import annotations

from irrm_core.archive.codecs.contestants import CODECS, LossyCodec
from irrm_core.archive.codecs.encoding import Coding, Encoder
from irrm_core.archive.codecs.lossless import LOSSLESS, LosslessForm, lossless_forms
from irrm_core.archive.codecs.picture import Picture

__all__ = [
    "CODECS",
    "LOSSLESS",
    "Coding",
    "Encoder",
    "LosslessForm",
    "LossyCodec",
    "Picture",
    "lossless_forms",
]

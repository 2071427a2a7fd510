"""How many bytes of metadata a file carries, which its copies in other formats carry too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irrm_core.imagefile import SourceMetadata


def metadata_size(metadata: SourceMetadata) -> int:
    """Return the bytes of EXIF, colour profile, XMP, texts and scientific metadata."""
    blocks = (metadata.exif, metadata.icc, metadata.xmp)
    texts = [*metadata.text.values(), metadata.ome_xml or ""]
    texts += [str(value) for value in (metadata.imagej or {}).values()]
    return sum(len(block) for block in blocks if block) + sum(
        len(text.encode("utf-8", "surrogatepass")) for text in texts
    )

"""OME-XML: read the pixel size, and describe other pixels with what a source said.

Only `Pixels` and what hangs on it is rewritten, and the annotation with the record; instruments,
channels, plane times and other annotations stay as they are.
"""

from __future__ import annotations

import re
from math import prod
from xml.etree import ElementTree as ET

import numpy as np

from irrm_core.imagefile.metadata import PixelSize
from irrm_core.imagefile.ome_record import RECORD_NAMESPACE, find_record, put_record

_NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
_TYPES = {
    "uint8": "uint8", "uint16": "uint16", "uint32": "uint32", "int8": "int8", "int16": "int16",
    "int32": "int32", "float32": "float", "float64": "double",
}  # fmt: skip
_MAX_XML = 1 << 27


def pixel_size(xml: str) -> PixelSize | None:
    """Return the physical pixel size that an OME-XML states for its first image, if any."""
    try:
        _, pixels = _parts(_parse(xml))
        if pixels is None:
            return None
        x, y = (float(pixels.attrib[f"PhysicalSize{axis}"]) for axis in "XY")
        z = pixels.get("PhysicalSizeZ")
        if not 0 < min(x, y) < float("inf"):
            return None
        return PixelSize(
            y=y,
            x=x,
            z=None if z is None else float(z),
            unit=pixels.get("PhysicalSizeXUnit", "µm"),
            z_unit=pixels.get("PhysicalSizeZUnit", "µm"),
        )
    except (ET.ParseError, KeyError, ValueError):
        return None


def planes_claimed(xml: str) -> int:
    """Return the largest number of planes that an OME-XML claims anywhere, by its attributes.

    Without a parser, which comes later: whoever makes room for that many must know first.
    """
    claims = [0]
    for tag in re.findall(r"<(?:\w+:)?Pixels\b[^>]*>", xml):
        claims.append(prod(map(int, re.findall(r"\bSize[ZCT]=[\"'](\d{1,18})[\"']", tag))))
    counts = re.findall(r"\b(?:PlaneCount|NumPlanes|IFD|First[ZCT])=[\"'](\d{1,18})[\"']", xml)
    return max(claims + [int(count) for count in counts])


def record_line(xml: str) -> bytes | None:
    """Return the record that an OME-XML has as an annotation, if any."""
    if RECORD_NAMESPACE not in xml:  # most have none, and take long to parse
        return None
    root = _usable(xml)
    return None if root is None else find_record(root)


def only_image(xml: str, number: int) -> str:
    """Return the OME-XML without its other images; unchanged if it has no such image."""
    root = _parse(xml)
    images = root.findall(f"{_space(root)}Image")
    if len(images) > 1 and number < len(images):
        for image in images[:number] + images[number + 1 :]:
            root.remove(image)
    return _text(root)


def describe(
    source: str | None,
    shape: tuple[int, ...],
    axes: str,
    dtype: np.dtype[np.generic],
    size: PixelSize | None,
    name: str,
    comment: str | None = None,
    record: bytes = b"",
    interval: float | None = None,
) -> bytes:
    """Return OME-XML, encoded, for pixels that are stored plane after plane in one file.

    Parameters
    ----------
    source : str or None
        OME-XML of the source, whose other statements are kept.
    shape, axes : tuple of int, str
        Of the array; axes from ``TZCYXS``.
    dtype : dtype
        One of OME's pixel types.
    size : PixelSize or None
        Physical size; None states none.
    name : str
        Of the image, where the source gives none.
    comment : str, optional
        Put before what the source says in its description.
    record : bytes, optional
        A line of text, stated as an annotation in place of one that the source has.
    interval : float, optional
        Seconds between time points, where the source does not state them itself.
    """
    root = _usable(source)
    if root is None:
        root = ET.Element(f"{{{_NAMESPACE}}}OME", {"Creator": "irrm_core"})
    root.attrib.pop("UUID", None)
    space = _space(root)
    image, pixels = _parts(root)
    if image is None:
        image = ET.SubElement(root, f"{space}Image", {"ID": "Image:0", "Name": name})
    if pixels is None:
        pixels = ET.SubElement(image, f"{space}Pixels", {"ID": "Pixels:0"})

    if comment:
        _state_comment(image, space, comment)

    sizes = dict(zip(axes, shape, strict=True))
    samples = sizes.get("S", 1)
    leading = axes[: axes.index("Y")]
    order = leading[::-1] + "".join(a for a in "CZT" if a not in leading)
    pixels.attrib.update(
        DimensionOrder=f"XY{order}",
        Type=_TYPES[dtype.name],
        SizeX=str(sizes["X"]),
        SizeY=str(sizes["Y"]),
        SizeZ=str(sizes.get("Z", 1)),
        SizeC=str(sizes.get("C", 1) * samples),
        SizeT=str(sizes.get("T", 1)),
    )
    for attribute in ("SignificantBits", "BigEndian", "Interleaved"):
        pixels.attrib.pop(attribute, None)
    _state_size(pixels, size)
    if interval:
        pixels.attrib.update(TimeIncrement=repr(interval), TimeIncrementUnit="s")
    _state_channels(pixels, space, sizes.get("C", 1), samples)
    _state_data(pixels, space, int(np.prod([sizes[a] for a in leading], dtype=np.int64)))
    put_record(root, record)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + _text(root).encode()


def _usable(source: str | None) -> ET.Element | None:
    try:
        return _parse(source) if source else None
    except (ET.ParseError, ValueError):
        return None


def _parse(xml: str) -> ET.Element:
    if len(xml) > _MAX_XML:
        raise ValueError("its OME-XML is too long")
    return ET.fromstring(xml.encode() if xml.startswith("<?xml") else xml)


def _space(root: ET.Element) -> str:
    return root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""


def _parts(root: ET.Element) -> tuple[ET.Element | None, ET.Element | None]:
    image = root.find(f"{_space(root)}Image")
    return image, None if image is None else image.find(f"{_space(root)}Pixels")


def _state_comment(image: ET.Element, space: str, comment: str) -> None:
    description = image.find(f"{space}Description")
    if description is None:
        description = ET.Element(f"{space}Description")
        before = {f"{space}AcquisitionDate", f"{space}ExperimenterRef"}  # by the schema
        image.insert(sum(element.tag in before for element in image), description)
    description.text = "\n".join(filter(None, (comment, description.text)))


def _state_size(pixels: ET.Element, size: PixelSize | None) -> None:
    for axis, value, unit in (
        ("X", size and size.x, size and size.unit),
        ("Y", size and size.y, size and size.unit),
        ("Z", size and size.z, size and size.z_unit),
    ):
        pixels.attrib.pop(f"PhysicalSize{axis}", None)
        pixels.attrib.pop(f"PhysicalSize{axis}Unit", None)
        if value and unit:
            pixels.set(f"PhysicalSize{axis}", repr(float(value)))
            pixels.set(f"PhysicalSize{axis}Unit", _OME_UNITS.get(unit.lower(), unit))


_OME_UNITS = {
    "micron": "µm", "microns": "µm", "um": "µm", "μm": "µm", "micrometer": "µm", "inch": "in",
    "nanometer": "nm",
}  # fmt: skip


def _state_channels(pixels: ET.Element, space: str, count: int, samples: int) -> None:
    channels = pixels.findall(f"{space}Channel")
    if len(channels) != count:
        for channel in channels:
            pixels.remove(channel)
        channels = [ET.Element(f"{space}Channel", {"ID": f"Channel:0:{i}"}) for i in range(count)]
        pixels[:0] = channels
    for channel in channels:
        channel.set("SamplesPerPixel", str(samples))


def _state_data(pixels: ET.Element, space: str, planes: int) -> None:
    for kind in ("TiffData", "BinData", "MetadataOnly"):
        for element in pixels.findall(f"{space}{kind}"):
            pixels.remove(element)
    # The schema wants channels, then data, then planes.
    last = max(i for i, element in enumerate(pixels) if element.tag == f"{space}Channel")
    pixels.insert(last + 1, ET.Element(f"{space}TiffData", {"IFD": "0", "PlaneCount": str(planes)}))


def _text(root: ET.Element) -> str:
    """Return the XML with the OME namespace as the default one, as all OME software writes it."""
    text = ET.tostring(root, encoding="unicode")
    found = re.search(r'xmlns:(\w+)="' + re.escape(_space(root)[1:-1]) + '"', text)
    if not _space(root) or not found:
        return text
    # An unescaped "<" begins a tag, never a text, so that this touches names only.
    text = re.sub(rf"(</?){found[1]}:", r"\1", text)
    return text.replace(f"xmlns:{found[1]}=", "xmlns=", 1)

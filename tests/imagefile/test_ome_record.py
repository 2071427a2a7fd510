"""OME-XML keeps the line of text of the record, for software that drops private TIFF tags."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import tifffile

from irrm_core.imagefile import SourceMetadata, read_image, read_record, write_image

STACK = np.random.default_rng(5).integers(0, 4096, (2, 3, 8, 9), dtype=np.uint16)
LINE = b'{"irrm":"lr","note":"<&>\\u00e9"}'
OME = "http://www.openmicroscopy.org/Schemas/OME/"
SOURCE = f"""<OME xmlns="{OME}2016-06"><Image ID="Image:0" Name="cells"><Pixels ID="Pixels:0"
 DimensionOrder="XYCTZ" Type="uint16" SizeX="9" SizeY="8" SizeZ="1" SizeC="3" SizeT="2">
<Channel ID="Channel:0:0"/><Channel ID="Channel:0:1"/><Channel ID="Channel:0:2"/>
<TiffData IFD="0" PlaneCount="6"/></Pixels><AnnotationRef ID="Annotation:7"/></Image>
<StructuredAnnotations><XMLAnnotation ID="Annotation:7" Namespace="lab"><Value><a>b</a></Value>
</XMLAnnotation><TagAnnotation ID="Annotation:8"><Value>control</Value></TagAnnotation>
</StructuredAnnotations><ROI ID="ROI:0"><Union><Point ID="Shape:0" X="1" Y="2"/></Union></ROI>
</OME>"""
OLD_SOURCE = f"""<OME xmlns="{OME}2015-01" xmlns:SA="{OME.replace("OME/", "SA/")}2015-01">
<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCTZ" Type="uint16" SizeX="9"
 SizeY="8" SizeZ="1" SizeC="3" SizeT="2"><TiffData/></Pixels></Image><SA:StructuredAnnotations>
<SA:LongAnnotation ID="Annotation:1"><SA:Value>1</SA:Value></SA:LongAnnotation>
<SA:TagAnnotation ID="Annotation:2"><SA:Value>t</SA:Value></SA:TagAnnotation>
</SA:StructuredAnnotations></OME>"""


def write(path: Path, xml: str | None, record: bytes | None = LINE) -> ET.Element:
    """Write an OME-TIFF; return its OME-XML."""
    metadata = SourceMetadata(ome_xml=xml)
    write_image(path, STACK, axes="TCYX", metadata=metadata, record=record, overwrite=True)
    return ET.fromstring(description(path).encode())


def description(path: Path) -> str:
    with tifffile.TiffFile(path) as tiff:
        return str(tiff.ome_metadata)


def rewrite(path: Path, xml: str | None = None) -> None:
    """Write the file anew as other software does, with the description and no private tag."""
    kept = (xml or description(path)).encode()
    with tifffile.TiffWriter(path, ome=False) as tiff:
        tiff.write(STACK.reshape(6, 8, 9), description=kept, metadata=None)


def names(element: ET.Element) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in element]


@pytest.mark.parametrize("xml", [None, SOURCE, OLD_SOURCE], ids=["none", "2016", "2015"])
@pytest.mark.parametrize("side", [b"", b"\n\0side data"])
def test_the_line_of_a_record_outlives_the_private_tag(
    tmp_path: Path, xml: str | None, side: bytes
) -> None:
    path = tmp_path / "a.ome.tif"
    write(path, xml, LINE + side)
    assert read_record(path) == LINE + side
    rewrite(path)
    assert read_record(path) == LINE
    pixels, info = read_image(path)
    assert info.axes == "TCYX"
    np.testing.assert_array_equal(pixels, STACK)


def test_annotations_of_the_source_stay_and_the_elements_are_in_the_order_of_the_schema(
    tmp_path: Path,
) -> None:
    root = write(tmp_path / "a.ome.tif", SOURCE)
    assert names(root) == ["Image", "StructuredAnnotations", "ROI"]
    assert names(root[0]) == ["Pixels", "AnnotationRef"]
    assert names(root[1]) == ["XMLAnnotation", "CommentAnnotation", "TagAnnotation"]
    assert root[1][0][0][0].text == "b"
    assert root[1][2][0].text == "control"


def test_a_schema_before_2016_has_annotations_in_a_namespace_of_their_own(tmp_path: Path) -> None:
    root = write(tmp_path / "a.ome.tif", OLD_SOURCE)
    assert names(root) == ["Image", "StructuredAnnotations"]
    assert names(root[1]) == ["LongAnnotation", "CommentAnnotation", "TagAnnotation"]
    assert all("/SA/2015-01}" in element.tag for element in root[1].iter())


def test_a_file_without_annotations_gets_them_behind_its_image(tmp_path: Path) -> None:
    assert names(write(tmp_path / "a.ome.tif", None)) == ["Image", "StructuredAnnotations"]


def test_an_older_record_is_replaced_with_all_that_refers_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write(path, SOURCE)
    xml = description(path)
    identity = xml.partition("<CommentAnnotation")[2].partition('ID="')[2].partition('"')[0]
    referred = xml.replace("</Image>", f'<AnnotationRef ID="{identity}"/></Image>')
    root = write(path, referred, b"the new line")
    assert names(root[1]).count("CommentAnnotation") == 1
    assert [ref.get("ID") for ref in root[0]][1:] == ["Annotation:7"]
    rewrite(path)
    assert read_record(path) == b"the new line"
    root = write(path, referred, None)
    assert names(root[1]) == ["XMLAnnotation", "TagAnnotation"]
    assert read_record(path) is None


def test_a_record_that_is_no_text_is_in_the_tag_alone(tmp_path: Path) -> None:
    assert names(write(tmp_path / "a.ome.tif", None, b"\0\xff")) == ["Image"]


def test_a_record_is_found_under_the_number_that_other_software_gave_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write(path, SOURCE)
    rewrite(path, description(path).replace("Annotation:napari-irrm-record", "Annotation:0"))
    assert read_record(path) == LINE


def test_the_private_tag_goes_before_the_annotation(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write(path, SOURCE)
    path.write_bytes(path.read_bytes().replace(b"<Value>{", b"<Value>["))
    assert read_record(path) == LINE


def test_ome_xml_that_is_damaged_has_no_record(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    write(path, SOURCE)
    rewrite(path, description(path).replace("</Value></CommentAnnotation>", ""))
    assert read_record(path) is None

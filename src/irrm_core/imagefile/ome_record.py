"""The record as an annotation of OME-XML, which software keeps that drops private TIFF tags."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

RECORD_NAMESPACE = "napari-irrm/record"
_ID = "Annotation:napari-irrm-record"


def find_record(root: Element) -> bytes | None:
    """Return the line of text that `put_record` put, if any."""
    space = _annotation_space(root)
    for _, annotation in _records(root):
        text = annotation.findtext(f"{space}Value", "").strip()
        if text.isascii() and text:
            return text.encode("ascii")
    return None


def put_record(root: Element, line: bytes) -> None:
    """State a record in place of any other; with nothing in `line` there is none afterwards.

    Parameters
    ----------
    root : Element
        ``OME``, of any release of the schema; it is changed.
    line : bytes
        Printable ASCII.
    """
    _forget(root)
    if not line:
        return
    space = _annotation_space(root)
    group = root.find(f"{space}StructuredAnnotations")
    if group is None:
        group = Element(f"{space}StructuredAnnotations")
        # The schema wants it behind the images, before regions of interest.
        last = max(i for i, element in enumerate(root) if _name(element) == "Image")
        root.insert(last + 1, group)
    # Older schemas sort annotations by their kind; comments come sixth.
    before = ("XML", "File", "List", "Long", "Double")
    at = sum(_name(element).removesuffix("Annotation") in before for element in group)
    annotation = Element(f"{space}CommentAnnotation", {"ID": _ID, "Namespace": RECORD_NAMESPACE})
    SubElement(annotation, f"{space}Value").text = line.decode("ascii")
    group.insert(at, annotation)


def _forget(root: Element) -> None:
    """Remove records, and what other software let refer to them."""
    gone = set()
    for group, annotation in list(_records(root)):
        group.remove(annotation)
        gone.add(annotation.get("ID"))
    for element in list(root.iter()) if gone else ():
        for child in list(element):
            if _name(child) == "AnnotationRef" and child.get("ID") in gone:
                element.remove(child)


def _records(root: Element) -> Iterator[tuple[Element, Element]]:
    """Yield each record with the element that it is in."""
    for group in root.iter(f"{_annotation_space(root)}StructuredAnnotations"):
        for annotation in group:
            if annotation.get("Namespace") == RECORD_NAMESPACE:
                yield group, annotation


def _annotation_space(root: Element) -> str:
    """Return the namespace of annotations, which had one of their own until 2016."""
    space, brace, _ = root.tag.rpartition("}")
    release = space.rpartition("/")[2]
    return (space if release >= "2016" else space.replace("/OME/", "/SA/")) + brace


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]

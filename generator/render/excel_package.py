"""An .xlsx as parts to change: what is not touched goes into the new file with the very bytes it came in.

A workbook of somebody else is changed by changing the few parts that must differ. Loading and saving it with a library
would lose what the library does not know: openpyxl drops the results of all formulas, pictures, text boxes, form controls,
formatting inside a cell's text and what WPS adds.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from dataclasses import dataclass

from lxml import etree

from generator.read.package import Package, normal
from generator.read.refusal import damaged
from generator.render.zip_entry import UTF8, Entry, laid_out

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LEVEL = 6  # of deflate
NEW_YEAR = (1980, 1, 1, 0, 0, 0)  # the date of changed parts: same input, same bytes


def parsed(xml: bytes) -> etree._Element:
    """The root of a part that `Package.xml` has given (no DTD in it). Raises Refused when it is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_blank_text=False)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as fault:
        raise damaged(f"XML 第 {fault.lineno} 行") from None


def serialised(root: etree._Element) -> bytes:
    """The part with its declaration."""
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)


def local(element: etree._Element) -> str:
    """The element's name without its namespace; empty for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def child(parent: etree._Element, name: str) -> etree._Element | None:
    """The first child of that local name."""
    return next((c for c in parent if local(c) == name), None)


@dataclass(frozen=True, slots=True)
class Relation:
    """One line of a .rels part: kind is the last word of its type; part the name of the target, empty when it lies outside."""

    id: str
    kind: str
    part: str


class ExcelPackage:
    """The parts of a workbook, changed in memory; `packed` gives the new file. Raises Refused as the reader does."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.package = Package(data)
        self.entries = {normal(e.filename): e for e in zipfile.ZipFile(io.BytesIO(data)).infolist()}
        self.changed: dict[str, bytes] = {}
        self.names: dict[str, str] = {}  # normal name → name as written, of new parts
        self.removed: set[str] = set()
        self._read: dict[str, bytes] = {}
        self.types = parsed(self.package.xml("[Content_Types].xml"))

    def __contains__(self, part: str) -> bool:
        return (normal(part) in self.entries or normal(part) in self.changed) and normal(part) not in self.removed

    def read(self, part: str) -> bytes:
        """The part as it now is, XML as UTF-8 without a DTD."""
        name = normal(part)
        if name in self.changed:
            return self.changed[name]
        if name not in self._read:
            self._read[name] = self.package.xml(part)
        return self._read[name]

    def write(self, part: str, content: bytes) -> None:
        self.changed[normal(part)] = content
        self.names.setdefault(normal(part), part)
        self.removed.discard(normal(part))

    def remove(self, part: str) -> None:
        """Without the part, its relations and its line in the content types."""
        for name in (part, relations_of(part)):
            self.removed.add(normal(name))
            self.changed.pop(normal(name), None)
        for line in [e for e in self.types if normal(e.get("PartName", "")) == normal(part)]:
            self.types.remove(line)

    def free(self, pattern: str) -> str:
        """A part name nobody has, from `xl/comments{}.xml`."""
        return next(name for n in range(1, 100_000) if (name := pattern.format(n)) not in self)

    def declare(self, part: str, content_type: str) -> None:
        """A content type for one new part."""
        line = etree.SubElement(self.types, f"{{{CONTENT_TYPES}}}Override")
        line.set("PartName", f"/{part}")
        line.set("ContentType", content_type)

    def declare_ending(self, ending: str, content_type: str) -> None:
        """A content type for all parts with an ending, unless there is one."""
        if not any(local(e) == "Default" and e.get("Extension", "").lower() == ending for e in self.types):
            line = etree.Element(f"{{{CONTENT_TYPES}}}Default")
            line.set("Extension", ending)
            line.set("ContentType", content_type)
            self.types.insert(0, line)

    # --- relations ----------------------------------------------------------------------------------------------------

    def relations(self, part: str) -> list[Relation]:
        """What the part refers to inside the package."""
        if relations_of(part) not in self:
            return []
        folder = posixpath.dirname(part)
        found = []
        for line in parsed(self.read(relations_of(part))):
            if local(line) == "Relationship":
                target = line.get("Target", "").replace("\\", "/")
                inside = line.get("TargetMode") != "External"
                name = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") if inside else ""
                found.append(Relation(line.get("Id", ""), line.get("Type", "").rpartition("/")[2], name))
        return found

    def relate(self, part: str, kind: str, target: str, base: str = OFFICE) -> str:
        """A new relation of `part` to the part `target`; its id."""
        name = relations_of(part)
        root = parsed(self.read(name)) if name in self else etree.Element(f"{{{RELATIONSHIPS}}}Relationships", nsmap={None: RELATIONSHIPS})
        used = {line.get("Id") for line in root}
        new = next(i for n in range(1, 100_000) if (i := f"rId{n}") not in used)
        line = etree.SubElement(root, f"{{{RELATIONSHIPS}}}Relationship")
        line.set("Id", new)
        line.set("Type", f"{base}/{kind}")
        line.set("Target", f"/{target}")
        self.write(name, serialised(root))
        return new

    def unrelate(self, part: str, target: str) -> None:
        """Without the relations of `part` to `target`."""
        ids = {r.id for r in self.relations(part) if normal(r.part) == normal(target)}
        root = parsed(self.read(relations_of(part)))
        for line in [e for e in root if e.get("Id") in ids]:
            root.remove(line)
        self.write(relations_of(part), serialised(root))

    # --- the new file -------------------------------------------------------------------------------------------------

    def packed(self) -> bytes:
        """The new file: untouched parts as they were, compressed bytes and all."""
        self.write("[Content_Types].xml", serialised(self.types))
        entries = []
        written = set()
        for name, entry in self.entries.items():
            if name in self.removed or entry.is_dir():
                continue
            if name in self.changed:
                entries.append(_deflated(_raw_name(entry), entry.flag_bits & UTF8, self.changed[name]))
            else:
                entries.append(Entry(_raw_name(entry), entry.flag_bits & ~8, entry.date_time, entry.compress_type, entry.CRC, entry.file_size, self._compressed(entry)))
            written.add(name)
        entries += [_deflated(self.names[name].encode(), UTF8, content) for name, content in self.changed.items() if name not in written and name not in self.removed]
        return laid_out(entries)

    def _compressed(self, entry: zipfile.ZipInfo) -> bytes:
        header = self.data[entry.header_offset : entry.header_offset + 30]
        if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
            raise damaged(entry.filename)
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start = entry.header_offset + 30 + name_length + extra_length
        content = self.data[start : start + entry.compress_size]
        if len(content) != entry.compress_size:
            raise damaged(entry.filename)
        return content


def relations_of(part: str) -> str:
    """
    >>> relations_of("xl/workbook.xml")
    'xl/_rels/workbook.xml.rels'
    """
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def part_names(data: bytes) -> list[str]:
    """The names of the parts in a zip; empty when it is none."""
    try:
        return [normal(e.filename) for e in zipfile.ZipFile(io.BytesIO(data)).infolist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return []


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    name = entry.orig_filename.replace("\\", "/")
    return name.encode("utf-8") if entry.flag_bits & UTF8 else name.encode("cp437", "replace")


def _deflated(name: bytes, flags: int, content: bytes) -> Entry:
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Entry(name, flags, NEW_YEAR, zipfile.ZIP_DEFLATED, zlib.crc32(content), len(content), deflate.compress(content) + deflate.flush())

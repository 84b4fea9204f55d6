"""PDF: the documents as LibreOffice lays them out, made fit for publication, and bound into one file.

What LibreOffice gives is a tagged PDF/A-2b with bookmarks. `finished` makes it ours: title and date of the run and nothing
about persons or machines, bookmarks that carry table numbers and titles, the same bytes for the same input. `bound` puts
documents one behind the other and keeps tags and bookmarks. Both are pikepdf (qpdf), which comes with the extra `pdf`: a
set is 17,000 objects, and a library in Python takes longer over them than LibreOffice takes to write them.

Page numbers of the contents are read back from such a PDF (`page_numbers`); that needs no extra.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.model.problem import UsageError
from generator.render.office import TIMEOUT, Office, needed_office

if TYPE_CHECKING:
    import pikepdf

CREATOR = "yusuan"


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into a bound file: a finished PDF, all of it or the pages (0-based) `pages`; title heads its bookmarks when there are several parts."""

    title: str
    pdf: bytes
    pages: tuple[int, ...] | None = None


def needed_tools() -> None:
    """OfficeError or UsageError, with what to install, when no PDF can be made here: asked before any work is done that would be lost."""
    needed_office()
    try:
        import pikepdf  # noqa: F401  # only here: its import costs as much as building a unit
    except ImportError:
        raise UsageError("生成 PDF 要用组件 pikepdf，没有装：运行 pip install 'yusuan[pdf]'（或 pip install pikepdf）后再试") from None


def to_pdf(files: Mapping[str, bytes], office: Office | None = None, kind: str = "pdf") -> dict[str, bytes]:
    """The documents (name → bytes of .xlsx or .docx) as PDF, by name with the ending .pdf, as LibreOffice makes them.

    office: one that serves other documents too; by default one for this call. OfficeError when there is none or it fails.
    """
    if office is None:
        with Office() as own:
            return to_pdf(files, own, kind)
    return {f"{Path(name).stem}.pdf": office.convert_bytes(name, data, kind) for name, data in files.items()}


# --- for publication --------------------------------------------------------------------------------------------------


def finished(pdf: bytes, created: datetime, titles: Mapping[str, str] | None = None, title: str = "") -> bytes:
    """One document's PDF as it is handed out; the same layout gives the same bytes.

    created: the date of the run, for the properties. titles: bookmark → what it shall say (sheet name → number and title).
    title: of the document; by default the one it has.
    """
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        if titles:
            with document.open_outline() as outline:
                for item in outline.root:
                    item.title = titles.get(item.title, item.title)
        _same_fonts(document)
        _same_colours(document)
        return _saved(document, title or _text(document.docinfo.get("/Title")), created)


def bound(parts: Sequence[Part], title: str, created: datetime) -> bytes:
    """The parts in their order as one file, with their bookmarks and their tags."""
    import pikepdf

    with pikepdf.open(BytesIO(parts[0].pdf)) as document:
        marks = [(parts[0].title, 0, list(_marks(document, range(len(document.pages)))))]
        for part in parts[1:]:
            with pikepdf.open(BytesIO(part.pdf)) as other:
                pages = range(len(other.pages)) if part.pages is None else part.pages
                start = len(document.pages)
                marks.append((part.title, start, list(_marks(other, pages))))
                _append(document, other, pages)
        with document.open_outline() as outline:
            outline.root.clear()
            for heading, start, inner in marks:
                if len(marks) == 1:
                    _add_marks(outline.root, inner, start)
                    continue
                item = pikepdf.OutlineItem(heading, start)
                outline.root.append(item)
                _add_marks(item.children, inner, start)
        return _saved(document, title, created)


Mark = tuple[int, str, int]  # level, what it says, page


def _marks(document: pikepdf.Pdf, pages: Iterable[int]) -> Iterator[Mark]:
    """The bookmarks in order; the page counted among `pages`, marks of others left out."""
    import pikepdf

    place = {page: n for n, page in enumerate(pages)}
    number = {page.obj.objgen: n for n, page in enumerate(document.pages)}

    def walk(items: Iterable[pikepdf.OutlineItem], level: int) -> Iterator[Mark]:
        for item in items:
            target: Any = item.destination
            if target is None and item.action is not None:
                target = item.action.get("/D")
            at = number.get(target[0].objgen, -1) if isinstance(target, pikepdf.Array) and len(target) else -1
            if at in place:
                yield level, item.title, place[at]
            yield from walk(item.children, level + 1)

    with document.open_outline(max_depth=6) as outline:
        found = list(walk(outline.root, 0))
    return iter(found)


def _add_marks(into: list[pikepdf.OutlineItem], marks: Iterable[Mark], start: int) -> None:
    import pikepdf

    lists = [into]
    for level, text, page in marks:
        del lists[level + 1 :]
        item = pikepdf.OutlineItem(text, start + page)
        lists[-1].append(item)
        lists.append(item.children)


def _append(document: pikepdf.Pdf, other: pikepdf.Pdf, pages: Iterable[int]) -> None:
    """Pages of another document behind the last one, their tags with them."""
    import pikepdf

    start = len(document.pages)
    chosen = list(pages)
    document.pages.extend(other.pages[n] for n in chosen)
    theirs = other.Root.get("/StructTreeRoot")
    root = document.Root.get("/StructTreeRoot")
    if theirs is None or root is None or len(chosen) != len(other.pages):  # tags of part of a document point at pages that are not there
        for page in list(document.pages)[start:]:
            if "/StructParents" in page.obj:
                del page.obj["/StructParents"]
        return
    tree = document.copy_foreign(other.make_indirect(theirs) if not theirs.is_indirect else theirs)
    offset = int(root.get("/ParentTreeNextKey", 0)) or max((key for key, _ in _numbers(root.ParentTree)), default=-1) + 1
    top = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Part, P=root, K=pikepdf.Array()))
    kids = tree.K if isinstance(tree.K, pikepdf.Array) else pikepdf.Array([tree.K])
    for kid in kids:
        kid.P = top
        top.K.append(kid)
    own = root.K if isinstance(root.K, pikepdf.Array) else pikepdf.Array([root.K])
    own.append(top)
    root.K = own
    if "/RoleMap" in tree:
        known = root.get("/RoleMap", pikepdf.Dictionary())
        for name, role in tree.RoleMap.items():
            if name not in known:
                known[name] = role
        root.RoleMap = known
    numbers = dict(_numbers(root.ParentTree))
    numbers |= {key + offset: value for key, value in _numbers(tree.ParentTree)}
    nums = pikepdf.Array()
    for key in sorted(numbers):
        nums.append(key)
        nums.append(numbers[key])
    root.ParentTree = document.make_indirect(pikepdf.Dictionary(Nums=nums))
    root.ParentTreeNextKey = max(numbers, default=-1) + 1
    for page in list(document.pages)[start:]:
        for holder in (page.obj, *page.obj.get("/Annots", [])):
            for name in ("/StructParents", "/StructParent"):
                if name in holder:
                    holder[name] = int(holder[name]) + offset


def _numbers(tree: Any) -> Iterator[tuple[int, Any]]:
    """The entries of a number tree."""
    nums = list(tree.get("/Nums", []))
    yield from ((int(key), value) for key, value in zip(nums[::2], nums[1::2], strict=True))
    for kid in tree.get("/Kids", []):
        yield from _numbers(kid)


def _saved(document: pikepdf.Pdf, title: str, created: datetime) -> bytes:
    """The file with properties of ours alone, small, its id made from its contents."""
    import pikepdf

    producer = _text(document.docinfo.get("/Producer"))
    for key in list(document.docinfo.keys()):
        del document.docinfo[key]
    document.docinfo["/Title"] = title
    document.docinfo["/Creator"] = CREATOR
    document.docinfo["/Producer"] = producer
    document.docinfo["/CreationDate"] = document.docinfo["/ModDate"] = f"D:{created:%Y%m%d%H%M%S}Z"
    metadata = document.make_stream(_xmp(title, producer, created).encode())
    metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    document.Root.Metadata = metadata
    document.Root.Lang = pikepdf.String("zh-CN")
    document.Root.PageMode = pikepdf.Name.UseOutlines
    viewer = document.Root.get("/ViewerPreferences", pikepdf.Dictionary())
    viewer.DisplayDocTitle = True
    document.Root.ViewerPreferences = viewer
    for key in ("/DocChecksum", "/ID"):  # LibreOffice's own, of the time of day
        if key in document.trailer:
            del document.trailer[key]
    buffer = BytesIO()
    document.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
    return buffer.getvalue()


def _xmp(title: str, producer: str, created: datetime) -> str:
    """The properties once more, as PDF/A asks for them."""
    stamp = f"{created:%Y-%m-%dT%H:%M:%SZ}"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title></rdf:Description>'
        f'<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Producer>{escape(producer)}</pdf:Producer></rdf:Description>'
        f'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>'
        f"<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate></rdf:Description>"
        '</rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
    )


def _text(value: object) -> str:
    return str(value) if value is not None else ""


# --- fonts ------------------------------------------------------------------------------------------------------------


def _same_fonts(document: pikepdf.Pdf) -> None:
    """Without the number LibreOffice counts up with every font it embeds as Type 1: a process that served others before would
    give other bytes. Nobody asks for it: it is a hint to printers that keep fonts."""
    import pikepdf

    for stream in document.objects:
        if isinstance(stream, pikepdf.Stream) and "/Length1" in stream and "/Length2" in stream:
            data = stream.read_bytes()
            if data.startswith(b"%!"):
                stream.write(_without_number(data, int(stream.Length1), int(stream.Length2)))


def _same_colours(document: pikepdf.Pdf) -> None:
    """Without the time of day in the colour profile: bytes 24 to 35 of its header (ICC.1, 7.2.1)."""
    for intent in document.Root.get("/OutputIntents", []):
        profile = intent.DestOutputProfile
        data = profile.read_bytes()
        profile.write(data[:24] + bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)) + data[36:])


@cache
def _without_number(font: bytes, clear: int, locked: int) -> bytes:
    """A Type 1 font (its readable part, its encrypted part, the rest) with /UniqueID 4100000 in both parts."""
    head, body, rest = font[:clear], font[clear : clear + locked], font[clear + locked :]
    return _numbered(head) + _eexec(_numbered(_eexec(body, False)), True) + rest


def _numbered(part: bytes) -> bytes:
    return re.sub(rb"(/UniqueID )(\d+)", lambda m: m[1] + b"4100000"[: len(m[2])].ljust(len(m[2]), b"0"), part)


def _eexec(data: bytes, lock: bool) -> bytes:
    """Adobe's Type 1 cipher, both ways."""
    out = bytearray()
    key = 55665
    for byte in data:
        made = byte ^ (key >> 8)
        out.append(made)
        key = (((made if lock else byte) + key) * 52845 + 22719) & 0xFFFF
    return bytes(out)


def fonts(pdf: bytes) -> dict[str, bool]:
    """The fonts by name, without the mark of a subset, and whether they are embedded."""
    import pikepdf

    found: dict[str, bool] = {}
    with pikepdf.open(BytesIO(pdf)) as document:
        for font in document.objects:
            if not isinstance(font, pikepdf.Dictionary) or font.get("/Type") != pikepdf.Name.Font or font.get("/Subtype") in (pikepdf.Name.Type0, pikepdf.Name.Type3):
                continue
            descriptor = font.get("/FontDescriptor", pikepdf.Dictionary())
            name = re.sub(r"^/([A-Z]{6}\+)?", "", str(font.get("/BaseFont", "/?")))
            found[name] = found.get(name, True) and any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


# --- looked at --------------------------------------------------------------------------------------------------------


def page_count(pdf: bytes) -> int:
    """How many pages there are."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


def outline(pdf: bytes) -> list[tuple[str, int]]:
    """The PDF's bookmarks in order: text and page (0-based)."""
    from pypdf import PdfReader  # only needed here; its import costs as much as building a unit

    reader = PdfReader(BytesIO(pdf))
    found: list[tuple[str, int]] = []

    def walk(items: list) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
            else:
                page = reader.get_destination_page_number(item)
                found.append((str(item.title), page if page is not None else -1))

    walk(reader.outline)
    return found


def page_numbers(pdf: bytes, headings: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Printed page numbers by bookmark, for headings (bookmark, text) in the order of the document.

    Numbering starts at 1 on the page of the first heading, as the templates' sections do (cover and contents carry none).
    Headings the PDF does not know are left out.
    """
    marks = [("".join(text.split()), page) for text, page in outline(pdf)]
    pages: dict[str, int] = {}
    at, first = 0, None
    for bookmark, text in headings:
        wanted = "".join(text.split())
        hit = next((i for i in range(at, len(marks)) if marks[i][0] == wanted), None)
        if hit is None:
            continue
        at = hit + 1
        first = marks[hit][1] if first is None else first
        pages[bookmark] = marks[hit][1] - first + 1
    return pages


def to_images(pdf: bytes, dots_per_inch: int = 60) -> list[bytes]:
    """The pages as PNG; none when poppler's pdftoppm is not there."""
    program = shutil.which("pdftoppm")
    if program is None:
        return []
    with tempfile.TemporaryDirectory(prefix="yusuan-png-") as name:
        folder = Path(name)
        (folder / "a.pdf").write_bytes(pdf)
        subprocess.run([program, "-r", str(dots_per_inch), "-png", "a.pdf", "p"], cwd=folder, check=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        return [p.read_bytes() for p in sorted(folder.glob("p-*.png"))]

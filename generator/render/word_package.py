"""A .docx as parts: opened with suspicion (templates come from outside), written the same way every time."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from lxml import etree

from generator.model.problem import PackError
from generator.render.zip_entry import UTF8, Entry, laid_out

deflating: ModuleType
try:  # five times as fast as zlib at +11 % size (PERFORMANCE 3); only for speed, so a machine without it still works
    from isal import isal_zlib as deflating

    FAST = 2  # its levels end at 3
except ImportError:
    deflating, FAST = zlib, zlib.Z_DEFAULT_COMPRESSION

LARGEST = 40_000_000  # bytes a template may unpack to
MOST = 500  # parts
EPOCH = (1980, 1, 1, 0, 0, 0)
FIRST = ("[Content_Types].xml", "_rels/.rels")
DROPPED = re.compile(r"docProps/(custom\.xml|thumbnail\.\w+)|word/(comments\w*|people)\.xml")
REFUSED = re.compile(r"(vbaProject|vbaData|activeX|oleObject)", re.IGNORECASE)
CHANGES = re.compile(rb"<w:(ins|del|moveFrom|moveTo|rPrChange|pPrChange|sectPrChange|tblPrChange|tcPrChange|trPrChange|cellIns|cellDel)[ >]")

CONTENT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CORE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def parsed(xml: bytes | str) -> etree._Element:
    """XML read without entities, DTDs or the network. etree.XMLSyntaxError when it is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml.encode() if isinstance(xml, str) else xml, parser)


def serialized(root: etree._Element) -> bytes:
    """XML as Word writes it."""
    return (DECLARATION + etree.tostring(root, encoding="unicode")).encode()


def read_parts(path: Path) -> dict[str, bytes]:
    """The parts of a .docx by name. PackError when it is not one, unpacks to too much, or holds what a template must not."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > MOST or sum(i.file_size for i in infos) > LARGEST:
                raise PackError(f"{path.name} 解压后太大，不像是说明模板；请在 Word 里另存为一个新的 .docx 再试")
            parts = {i.filename: archive.read(i) for i in infos if not i.is_dir()}
    except FileNotFoundError:
        raise PackError(f"没有模板 {path}") from None
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        raise PackError(f"{path.name} 打不开：不是 .docx，或者文件损坏、加了密码；请用 Word 或 WPS 另存为 .docx") from None
    if "word/document.xml" not in parts or "[Content_Types].xml" not in parts:
        raise PackError(f"{path.name} 不是 Word 文档（.docx）")
    _inspect(path.name, parts)
    return _cleaned(parts)


def _inspect(name: str, parts: Mapping[str, bytes]) -> None:
    problems = []
    if any(REFUSED.search(part) for part in parts):
        problems.append(f"{name} 里有宏或控件；请另存为不带宏的 .docx")
    for part, data in parts.items():
        if part.endswith((".xml", ".rels")) and b"<!DOCTYPE" in data:
            problems.append(f"{name} 的 {part} 带有 DTD，不能用；请在 Word 里另存为一个新的 .docx")
        if re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml", part) and CHANGES.search(data):
            problems.append(f"{name} 里还有修订；请在 Word 的“审阅”里接受或拒绝全部修订，再保存")
        if part == "word/comments.xml" and b"<w:comment " in data:
            problems.append(f"{name} 里还有批注；批注会跟着公开，请在 Word 的“审阅”里删除全部批注，再保存")
        if part.endswith(".rels"):
            problems += [f"{name} 引用了外部文件（{target}）；请改为插入到文档里" for target in _external(data)]
    if problems:
        raise PackError(*dict.fromkeys(problems))


def _external(rels: bytes) -> list[str]:
    """What a part loads from outside the file; links to click and the author's own Normal.dotm (dropped later) are not that."""
    harmless = ("/hyperlink", "/attachedTemplate", "/mailMergeSource", "/recipientData")
    try:
        found = parsed(rels).findall(f"{RELATION}Relationship")
    except etree.XMLSyntaxError:
        return []
    return [r.get("Target", "") for r in found if r.get("TargetMode") == "External" and not r.get("Type", "").endswith(harmless)]


def _cleaned(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Without what would be published unseen: authors, last template, revision numbers, thumbnails, own properties."""
    kept = {name: data for name, data in parts.items() if not DROPPED.fullmatch(name)}
    for name in [n for n in kept if n.endswith(".rels")]:
        base = "/".join(name.split("/")[:-2])
        root = parsed(kept[name])
        for relation in list(root):
            target = relation.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
            gone = relation.get("TargetMode") != "External" and DROPPED.fullmatch(whole)
            if gone or relation.get("Type", "").endswith(("/attachedTemplate", "/mailMergeSource", "/recipientData")):
                root.remove(relation)
        kept[name] = serialized(root)
    if "word/settings.xml" in kept:
        kept["word/settings.xml"] = _cleaned_settings(kept["word/settings.xml"])
    types = parsed(kept["[Content_Types].xml"])
    for override in list(types):
        if override.tag == f"{CONTENT}Override" and override.get("PartName", "").lstrip("/") not in kept:
            types.remove(override)
    kept["[Content_Types].xml"] = serialized(types)
    for part, kind in (
        ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        ("docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
    ):
        add_part(kept, part, b"", kind, "_rels/.rels", CORE_RELATION if "core" in part else f"{OFFICE}/extended-properties")
    return kept


def _cleaned_settings(xml: bytes) -> bytes:
    """Settings that ask questions on opening (update fields, mail merge) or tell about the author's work are left out."""
    root = parsed(xml)
    for child in list(root):
        if etree.QName(child).localname in ("attachedTemplate", "rsids", "updateFields", "mailMerge", "trackRevisions", "docId", "docVars"):
            root.remove(child)
    return serialized(root)


def add_part(parts: dict[str, bytes], name: str, data: bytes, content_type: str, rels: str, relation: str) -> str:
    """Put a part into a package with its content type and a relationship from `rels`; gives back the relationship's id."""
    parts[name] = data
    types = parsed(parts["[Content_Types].xml"])
    if not any(o.get("PartName") == f"/{name}" for o in types):
        etree.SubElement(types, f"{CONTENT}Override", PartName=f"/{name}", ContentType=content_type)
        parts["[Content_Types].xml"] = serialized(types)
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
    root = parsed(parts.get(rels, empty))
    target = name if rels == "_rels/.rels" else name.removeprefix("word/")
    for known in root:
        if known.get("Type") == relation and known.get("Target", "").lstrip("/") in (target, name):
            return known.get("Id", "")
    taken = {r.get("Id") for r in root}
    fresh = next(f"rIdY{n}" for n in range(1, len(taken) + 2) if f"rIdY{n}" not in taken)
    etree.SubElement(root, f"{RELATION}Relationship", Id=fresh, Type=relation, Target=target)
    parts[rels] = serialized(root)
    return fresh


def packed(parts: Mapping[str, bytes | Iterable[bytes]]) -> bytes:
    """The parts of a .docx as one zip, always in the same order. A part may come in pieces: a large one is then never held whole."""
    return zipped((name, parts[name]) for name in (*FIRST, *sorted(n for n in parts if n not in FIRST)))


def zipped(parts: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> bytes:
    """The parts as one zip in their order: fixed times, no trace of machine or person."""
    return laid_out(_deflated(name, part) for name, part in parts)


def _deflated(name: str, part: bytes | Iterable[bytes]) -> Entry:
    deflate = deflating.compressobj(FAST, deflating.DEFLATED, -zlib.MAX_WBITS)
    checksum, size, packed_ = 0, 0, []
    for piece in (part,) if isinstance(part, bytes) else part:
        checksum = deflating.crc32(piece, checksum)
        size += len(piece)
        packed_.append(deflate.compress(piece))
    packed_.append(deflate.flush())
    raw = name.encode()
    return Entry(raw, 0 if raw.isascii() else UTF8, EPOCH, zipfile.ZIP_DEFLATED, checksum, size, b"".join(packed_), 0o600 << 16)

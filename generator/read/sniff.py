"""What a file is, by its first bytes and its parts: its ending is often wrong (HTML named .xls, .xlsx named .xls, .et)."""

from __future__ import annotations

import re
from enum import StrEnum

from generator.read.ole import MAGIC, CompoundFile
from generator.read.package import Package
from generator.read.refusal import SAVE_AS, Refused, damaged, password
from generator.read.xlsx import main_part


class FileKind(StrEnum):
    """The three kinds read, with what holds each: a zip of XML, an OLE compound file, a zip of XML."""

    XLSX = ".xlsx"
    XLS = ".xls"
    ODS = ".ods"


_ASK_FOR_WORKBOOK = "请选填好的工作簿（.xlsx）"
# First bytes (after any byte order mark and blanks for text), what the clerk knows it as, what to do.
_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "PDF 文件", _ASK_FOR_WORKBOOK),
    (b"\x89PNG", "图片", _ASK_FOR_WORKBOOK),
    (b"\xff\xd8\xff", "图片", _ASK_FOR_WORKBOOK),
    (b"GIF8", "图片", _ASK_FOR_WORKBOOK),
    (b"BM", "图片", _ASK_FOR_WORKBOOK),
    (b"II*\x00", "图片", _ASK_FOR_WORKBOOK),
    (b"MM\x00*", "图片", _ASK_FOR_WORKBOOK),
    (b"RIFF", "图片或音像文件", _ASK_FOR_WORKBOOK),
    (b"Rar!", "压缩包", "请先解压，再选里面的工作簿"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包", "请先解压，再选里面的工作簿"),
    (b"\x1f\x8b", "压缩包", "请先解压，再选里面的工作簿"),
    (b"{\\rtf", "Word 文档（RTF）", _ASK_FOR_WORKBOOK),
    (b"MZ", "程序", _ASK_FOR_WORKBOOK),
    (b"\x09\x00\x04\x00", "很旧的 Excel 文件（2.0 版）", SAVE_AS),
    (b"\x09\x02\x06\x00", "很旧的 Excel 文件（3.0 版）", SAVE_AS),
    (b"\x09\x04\x06\x00", "很旧的 Excel 文件（4.0 版）", SAVE_AS),
)
_MARKUP: tuple[tuple[str, str, str], ...] = (
    (r"urn:schemas-microsoft-com:office:spreadsheet", "Excel 2003 的 XML 表格", SAVE_AS),
    (r"<office:document\b", "OpenDocument 的单个 XML 文件（.fods）", SAVE_AS),
    (r"^mime-version:|content-type: multipart", "网页（.mht），只是名字像工作簿", SAVE_AS),
    (r"<!doctype html|<html|<head|<body|<table|<meta", "网页（HTML），只是名字像工作簿", SAVE_AS),
    (r"^<\?xml|^<\w+", "XML 文件，不是工作簿", SAVE_AS),
)


def opened(data: bytes) -> tuple[FileKind, Package | CompoundFile]:
    """The kind of the file and its container, opened. Raises Refused, with what it is, for all that is not a workbook."""
    if not data:
        raise Refused("文件是空的（0 字节）", "可能没有保存或没有拷贝完，请重新拷贝一份")
    if data.startswith(b"PK"):
        if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
            package = Package(data)
            return _kind_of_zip(package), package
    elif data.startswith(MAGIC):
        compound = CompoundFile(data)
        _check_compound(compound)
        return FileKind.XLS, compound
    raise _not_a_workbook(data)


def _kind_of_zip(package: Package) -> FileKind:
    if "mimetype" in package:
        kind = package.part("mimetype")
        if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return FileKind.ODS
        if kind.startswith(b"application/vnd.oasis.opendocument"):
            raise Refused("这是 OpenDocument 的文字或演示文稿，不是工作簿", _ASK_FOR_WORKBOOK)
    if "OFD.xml" in package:
        raise Refused("这是 OFD 版式文件，不是工作簿", _ASK_FOR_WORKBOOK)
    main = main_part(package).lower()
    if main.endswith(".bin"):
        raise Refused("这是 Excel 二进制工作簿（.xlsb）")
    if main.startswith("word/"):
        raise Refused("这是 Word 文档，不是工作簿", _ASK_FOR_WORKBOOK)
    if main.startswith("ppt/"):
        raise Refused("这是演示文稿，不是工作簿", _ASK_FOR_WORKBOOK)
    if main.endswith("workbook.xml"):
        return FileKind.XLSX
    raise Refused("这是压缩包，不是工作簿", "请先解压，再选里面的工作簿")


def _check_compound(compound: CompoundFile) -> None:
    """Raises Refused unless it is a workbook of Excel 95–2003."""
    streams = compound.streams
    if "encryptedpackage" in streams:
        raise password()
    if "workbook" in streams or "book" in streams:
        return
    if "worddocument" in streams:
        raise Refused("这是 Word 文档（.doc），不是工作簿", _ASK_FOR_WORKBOOK)
    if "powerpoint document" in streams:
        raise Refused("这是演示文稿（.ppt），不是工作簿", _ASK_FOR_WORKBOOK)
    raise Refused("这个文件里没有工作簿")


def _not_a_workbook(data: bytes) -> Refused:
    start = data[:4096]
    if not data.strip(b"\x00"):
        return Refused("文件内容全是空字节", "多半没有拷贝或下载完，请重新拷贝一份")
    for magic, what, cure in _OTHERS:
        if start.startswith(magic) and not (magic in (b"BM", b"MZ") and _as_text(start)):
            return Refused(f"这是{what}，不是能读的工作簿", cure)
    text = _as_text(start)
    if text is None:
        return Refused("认不出这是什么文件，不像是工作簿", SAVE_AS)
    for pattern, what, cure in _MARKUP:
        if re.search(pattern, text.lstrip().lower()):
            return Refused(f"这是{what}", cure)
    if not text.strip():
        return damaged("只有空白")
    return Refused("这是文本文件（CSV 之类），不是工作簿", SAVE_AS)


def _as_text(start: bytes) -> str | None:
    """The first bytes as text, or None when they are none. The last character may be cut in two."""
    encodings = ["utf-16"] if start[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        for end in range(len(start), max(len(start) - 4, 0), -1):
            try:
                text = start[:end].decode(encoding)
            except UnicodeDecodeError:
                continue
            return text if sum(letter < " " and letter not in "\t\r\n\f" for letter in text) == 0 else None
    return None

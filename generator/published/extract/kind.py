"""Which reader a file needs, by what is in it: endings are often wrong (.doc that is a web page, .xls that is .xlsx)."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from io import BytesIO

from generator.published.words import UNDECODABLE, decoded
from generator.read.ole import MAGIC, CompoundFile
from generator.read.refusal import Refused


class Kind(StrEnum):
    """What a published file is to its reader. OFFICE_TEXT and OFFICE_SHEET go through LibreOffice first."""

    DOCX = "docx"
    SHEET = "xlsx"
    PDF = "pdf"
    HTML = "html"
    TEXT = "txt"
    OFFICE_TEXT = "doc"
    OFFICE_SHEET = "ods"


TEXT_ENDINGS = (".txt", ".md", ".csv", ".tsv", ".text")


def kind_of(data: bytes, ending: str) -> Kind | None:
    """None when it is nothing that can be audited. Raises Refused for a broken container."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF") or b"%PDF-" in data[:1024]:
        return Kind.PDF
    if data.startswith(b"PK"):
        return _of_zip(data, ending)
    if data.startswith(MAGIC):
        streams = CompoundFile(data).streams
        return Kind.OFFICE_TEXT if "worddocument" in streams else Kind.SHEET
    if start.startswith(b"{\\rtf"):
        return Kind.OFFICE_TEXT
    if re.search(rb"<(?:!doctype html|html|head|body|table)\b", start[:2048], re.I):
        return Kind.HTML
    if start.startswith(b"<?xml") and ending in (".xml", ".doc", ".wps", ".xls", ".et"):  # Word or Excel 2003 XML
        return Kind.OFFICE_SHEET if b"spreadsheet" in data[:4096].lower() else Kind.OFFICE_TEXT
    if ending in TEXT_ENDINGS or (ending in (".doc", ".wps") and UNDECODABLE not in decoded(data[:4096]).rstrip(UNDECODABLE)):
        return Kind.TEXT
    by_ending = {".docx": Kind.DOCX, ".xlsx": Kind.SHEET, ".xlsm": Kind.SHEET, ".xls": Kind.SHEET, ".et": Kind.SHEET, ".ods": Kind.SHEET, ".pdf": Kind.PDF}
    return by_ending.get(ending)  # damaged, or something else under that name: its reader says so


def _of_zip(data: bytes, ending: str) -> Kind | None:
    try:
        names = {n.lower() for n in zipfile.ZipFile(BytesIO(data)).namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        return Kind.DOCX if ending in (".docx", ".doc", ".wps") else Kind.SHEET  # the reader tells what is broken
    if "word/document.xml" in names:
        return Kind.DOCX
    if any(n.startswith("xl/") for n in names):
        return Kind.SHEET
    if "mimetype" in names:
        return Kind.OFFICE_TEXT if ending in (".odt", ".fodt", ".ott") else Kind.SHEET
    if "ofd.xml" in names:
        raise Refused("这是 OFD 版式文件，读不了", "请给 Word、Excel 或 PDF 文件")
    raise Refused("这是压缩包，读不了", "请先解压，再给里面的文件")

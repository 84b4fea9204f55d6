"""A published file → Document. Nothing of it is executed, followed or believed about its own size or ending."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from generator.model.problem import DataError, Level, Place, Problem, UsageError
from generator.published.extract.docx import read_docx
from generator.published.extract.html import read_html
from generator.published.extract.kind import TEXT_ENDINGS, Kind, kind_of
from generator.published.extract.plain import read_plain
from generator.published.extract.xlsx import read_xlsx
from generator.published.model import Document
from generator.read.refusal import Refused
from generator.render.office import OfficeError, find_office, install_hint, shared_office

ENDINGS = (".docx", ".xlsx", ".xlsm", ".pdf", ".doc", ".wps", ".xls", ".et", ".ods", ".odt", ".rtf", ".html", ".htm", *TEXT_ENDINGS)
"""What a folder is searched for."""
MAX_FILE = 100 * 1024 * 1024
READERS: dict[Kind, Callable[[Path], Document]] = {Kind.DOCX: read_docx, Kind.SHEET: read_xlsx, Kind.HTML: read_html, Kind.TEXT: read_plain}


def read_published(path: Path) -> Document:
    """The document in the file, by what it is. DataError when it cannot be opened; UsageError for another kind of file."""
    if not path.is_file():
        raise UsageError(f"找不到 {path}；请核对文件名")
    if path.stat().st_size > MAX_FILE:
        raise UsageError(f"{path.name} 超过 {MAX_FILE // 1024 // 1024} MB，太大了")
    try:
        kind = kind_of(path.read_bytes(), path.suffix.lower())
        if kind is None:
            raise UsageError(f"{path.name} 不能审核；可用：.docx、.xlsx、.pdf，也可以给 .doc、.wps、.xls、.et、.rtf、.odt、网页、文本")
        if kind is Kind.PDF:
            try:
                from generator.published.extract.pdf import read_pdf  # costs a third of a second, and only PDF needs it
            except ImportError:
                raise UsageError("读 PDF 要装一个部件：pip install 'yusuan[audit]'；或者给 Word、Excel 文件") from None

            return read_pdf(path)
        return READERS[kind](path) if kind in READERS else _converted(path, kind)
    except Refused as refused:
        raise DataError(Problem(Level.ERROR, Place(path.name, refused.sheet, refused.row, refused.column), refused.message, refused.hint)) from refused


def _converted(path: Path, kind: Kind) -> Document:
    """Through LibreOffice, as .docx or .xlsx; the document keeps the name of the file that was given."""
    target, reader = ("docx", read_docx) if kind is Kind.OFFICE_TEXT else ("xlsx", read_xlsx)
    if find_office() is None:
        raise Refused(f"读 {path.suffix} 要用 LibreOffice，这台电脑上没有找到", f"用 WPS 或 Word 另存为 .{target} 再审；或者安装 LibreOffice：{install_hint()}")
    with tempfile.TemporaryDirectory(prefix="yusuan-audit-") as folder:
        same = Path(folder) / path.name
        try:
            same.write_bytes(shared_office().convert(path, target))
        except OfficeError:
            raise Refused("LibreOffice 打不开这个文件", f"用 WPS 或 Word 另存为 .{target} 再审") from None
        document = reader(same)
    document.kind = kind
    return document

"""A published file → Document. Nothing of it is executed, followed or believed about its own size."""

from __future__ import annotations

from pathlib import Path

from generator.model.problem import DataError, Level, Place, Problem, UsageError
from generator.published.extract.docx import read_docx
from generator.published.extract.plain import read_plain
from generator.published.extract.xlsx import read_xlsx
from generator.published.model import Document
from generator.read.refusal import Refused

READERS = {".docx": read_docx, ".xlsx": read_xlsx, ".xls": read_xlsx, ".xlsm": read_xlsx, ".ods": read_xlsx, ".et": read_xlsx, ".txt": read_plain, ".md": read_plain}
MAX_FILE = 100 * 1024 * 1024


def read_published(path: Path) -> Document:
    """The document in the file, by the ending of its name. DataError when it cannot be opened; UsageError for another kind of file."""
    suffix = path.suffix.lower()
    if not path.is_file():
        raise UsageError(f"找不到 {path}；请核对文件名")
    if path.stat().st_size > MAX_FILE:
        raise UsageError(f"{path.name} 超过 {MAX_FILE // 1024 // 1024} MB，太大了")
    try:
        if suffix == ".pdf":
            try:
                from generator.published.extract.pdf import read_pdf  # costs a third of a second, and only PDF needs it
            except ImportError:
                raise UsageError("读 PDF 要装一个部件：pip install 'yusuan[audit]'；或者给 Word、Excel 文件") from None

            return read_pdf(path)
        if suffix not in READERS:
            raise UsageError(f"{path.name} 不能审核；可用：.docx、.xlsx、.pdf（.doc 请先另存为 .docx）")
        return READERS[suffix](path)
    except Refused as refused:
        raise DataError(Problem(Level.ERROR, Place(path.name, refused.sheet, refused.row, refused.column), refused.message, refused.hint)) from refused

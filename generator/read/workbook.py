"""A file on disk → RawWorkbook. Anything else than a sound workbook gives a DataError with one sentence and its cure."""

from __future__ import annotations

import stat
from pathlib import Path

from generator.model.problem import DataError, Level, Place, Problem
from generator.read.cells import RawWorkbook
from generator.read.ods import read_ods
from generator.read.ole import CompoundFile
from generator.read.refusal import Refused
from generator.read.sniff import FileKind, opened
from generator.read.xls import read_xls
from generator.read.xlsx import read_xlsx

MAX_FILE = 100 * 1024 * 1024


def read_workbook(path: Path) -> RawWorkbook:
    """The workbook in the file, whatever the file's name ends in. Nothing in it is executed or followed.

    Raises DataError when it is not there, cannot be opened, is no workbook, is damaged, locked by a password or too large.
    """
    try:
        return open_workbook(path)
    except Refused as refused:
        place = Place(path.name, refused.sheet, refused.row, refused.column)
        raise DataError(Problem(Level.ERROR, place, refused.message, refused.hint)) from refused


def open_workbook(path: Path) -> RawWorkbook:
    if path.name.startswith(("~$", ".~")):
        raise Refused("这是打开工作簿时产生的临时文件", "请关掉 WPS 或 Excel，选名字前面没有 ~ 的那个文件")
    kind, container = opened(_content(path))
    if isinstance(container, CompoundFile):
        return read_xls(container, path.name)
    return read_ods(container, path.name) if kind is FileKind.ODS else read_xlsx(container, path.name)


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Refused("这是文件夹，不是工作簿", "请选文件夹里的工作簿")
        if not stat.S_ISREG(status.st_mode):
            raise Refused("这不是普通文件", "请选工作簿文件")
        if status.st_size > MAX_FILE:
            raise Refused(f"文件超过 {MAX_FILE // 1024 // 1024} MB，太大了", "请删去图片和无关的工作表，另存后再用")
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused("找不到这个文件", "请核对文件名和所在的文件夹") from None
    except PermissionError:
        raise Refused("文件打不开：可能正在 WPS 或 Excel 里打开，也可能没有权限", "请关掉打开它的程序，或拷贝一份再用") from None
    except (OSError, ValueError) as fault:
        raise Refused(f"文件读不出来（{getattr(fault, 'strerror', None) or fault}）", "请把文件拷贝到本机的硬盘上再用") from None

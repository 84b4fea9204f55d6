"""Saying no to a file, in one sentence that tells what to do."""

from __future__ import annotations

SAVE_AS = "请用 WPS 或 Excel 打开后另存为 .xlsx，再用新文件"
"""The cure for most files: the office program understands it, we do not, and saving anew cleans it."""


class Refused(Exception):
    """The file cannot be read. `message` says what it is, `hint` what to do; sheet, row, column (1-based) where, if known.

    Stays inside this stage; `read_workbook` turns it into a DataError with the file's name.
    """

    def __init__(self, message: str, hint: str = SAVE_AS, sheet: str = "", row: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.sheet = sheet
        self.row = row
        self.column = column


def damaged(what: str = "", sheet: str = "") -> Refused:
    """The contents break off or contradict themselves. `what` is for whoever looks closer."""
    cure = "请重新拷贝一份；还不行就用 WPS 或 Excel 打开（可选“修复”），另存为 .xlsx"
    return Refused(f"文件已损坏或没有拷贝完整{f'（{what}）' if what else ''}", cure, sheet)


def password() -> Refused:
    return Refused("文件有打开密码，读不了", "请用 WPS 或 Excel 打开，在“文件—文档加密”里取消打开密码，保存后再用")


MAX_CELLS = 5_000_000
"""Cells of a whole workbook, blank ones inside the used area counted. A unit's master has some 100 000."""


MAX_SHEETS = 1_000


def too_large(sheet: str, rows: int, columns: int, row: int = 0, column: int = 0) -> Refused:
    """The used area of a sheet is beyond MAX_CELLS; row and column are of the cell that stretches it, if known."""
    return Refused(
        f"工作表用到了第 {rows} 行、第 {columns} 列，太大了",
        "多半是远处有一个误填的单元格：请到这一格（Ctrl+End）删去数据以外的行和列，保存后再用",
        sheet,
        row,
        column,
    )

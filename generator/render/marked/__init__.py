"""The marked copy: the clerk's own workbook, what is wrong shown where it stands, and a first sheet 校验结果 that lists it.

What the clerk typed stays as it was, to the byte: the cells of a sheet (`sheetData`) are not even parsed. A colour is laid
over a cell by a conditional format, a note is a cell comment, so cell styles are not touched and both are found again by
their words (`yusuan-`, 【校验】) and taken away when the clerk mends the marked copy itself and has it checked.

An .xls or .ods cannot be kept like that: its values go into an .xlsx, and the first sheet says so.
"""

from __future__ import annotations

from generator.render.marked.copy import is_untouched, marked_copy
from generator.render.marked.words import FILLS, MARK, RESULT, TABS, About, Step, counted

__all__ = ["FILLS", "MARK", "RESULT", "TABS", "About", "Step", "counted", "is_untouched", "marked_copy"]

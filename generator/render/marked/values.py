"""A workbook that is no .xlsx cannot be kept as it is: its values in a new one."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from io import BytesIO

import xlsxwriter

from generator.model.wrapping import text_width
from generator.read import CellKind, RawSheet, RawWorkbook, SheetKind


def values_as_xlsx(raw: RawWorkbook) -> tuple[bytes, dict[str, str]]:
    """The workbook's values as .xlsx, and its sheets' new names by the old ones (an .ods allows longer ones)."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": datetime(2000, 1, 1), "author": "", **{k: v for k, v in raw.properties.items() if k in ("title", "category", "keywords")}})
    for key, value in raw.properties.items():
        if key not in ("title", "category", "keywords", "subject", "version"):
            book.set_custom_property(key, value)
    names: dict[str, str] = {}
    for sheet in raw.sheets:
        base = re.sub(r"[\[\]:*?/\\]", "_", sheet.name).strip("'")[:31] or "表"
        taken = {n.lower() for n in names.values()}
        names[sheet.name] = next(n for n in (base, *(f"{base[:27]}({i})" for i in range(2, 1001))) if n.lower() not in taken)
        made = book.add_worksheet(names[sheet.name])
        if sheet.hidden and len(raw.sheets) > 1:
            made.hide()
        if sheet.kind is SheetKind.WORKSHEET:
            _write_values(book, made, sheet)
    book.close()
    return buffer.getvalue(), names


def _write_values(book: xlsxwriter.Workbook, made: xlsxwriter.worksheet.Worksheet, sheet: RawSheet) -> None:
    text = book.add_format({"num_format": "@"})
    formats = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}
    dates = {kind: book.add_format({"num_format": f}) for kind, f in formats.items()}
    widths = [0.0] * sheet.width
    for top, left, bottom, right in sheet.merges:
        if (top, left) != (bottom, right):
            made.merge_range(top, left, bottom, right, "")
    for row in range(sheet.height):
        for column in range(sheet.width):
            cell = sheet.cell(row + 1, column + 1)
            value = cell.value
            if cell.kind is CellKind.BLANK:
                continue
            if cell.kind is CellKind.ERROR:
                made.write_formula(row, column, f"={value}", None, str(value))
            elif isinstance(value, bool):
                made.write_boolean(row, column, value)
            elif isinstance(value, (int, float)):
                made.write_number(row, column, value)
            elif isinstance(value, (date, time, timedelta)) and not (isinstance(value, date) and value.year < 1900):
                made.write_datetime(row, column, value, dates[type(value)])
            else:
                made.write_string(row, column, str(value)[:32767], text)
            widths[column] = max(widths[column], min(max(map(text_width, str(value).split("\n"))), 40) if sheet.height > 1 else 0)
    for column, width in enumerate(widths):
        made.set_column(column, column, max(width + 2, 8), None, {"hidden": 1} if column + 1 in sheet.hidden_columns else {})
    for row_number in sheet.hidden_rows:
        made.set_row(row_number - 1, None, None, {"hidden": 1})

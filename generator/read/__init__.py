"""File on disk → RawWorkbook: plain values with their places, no knowledge of the schema; and cells → typed values."""

from generator.read.cells import BLANK, CellKind, RawCell, RawSheet, RawWorkbook, SheetKind, Value
from generator.read.values import Amount, Code, Reading, Text, to_amount, to_code, to_date, to_integer, to_text, to_year
from generator.read.workbook import read_workbook

__all__ = [
    "BLANK",
    "Amount",
    "CellKind",
    "Code",
    "RawCell",
    "RawSheet",
    "RawWorkbook",
    "Reading",
    "SheetKind",
    "Text",
    "Value",
    "read_workbook",
    "to_amount",
    "to_code",
    "to_date",
    "to_integer",
    "to_text",
    "to_year",
]

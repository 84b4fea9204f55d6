"""What a workbook's number looks like on the page: its number format decides, not the value behind it (123.456 under 0.00 prints 123.46)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from io import BytesIO

import openpyxl

from generator.model.amount import half_up
from generator.model.figures import decimals, sections, written

Formats = dict[str, dict[tuple[int, int], str]]
DIGITS = 15  # Excel keeps no more: 0.1+0.2 is 0.3
FINEST = 6  # decimals beyond which a number was computed and not typed
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def needs_format(value: object) -> bool:
    """A number that may be printed otherwise than it is kept: more than two decimals, or a fraction that may be a percentage."""
    return isinstance(value, float) and (round(value, 2) != value or 0 < abs(value) <= 1)


def formats_of(data: bytes, sheets: Iterable[str]) -> Formats:
    """Number formats by sheet and 1-based cell; empty for a file that openpyxl cannot open (.xls, .ods)."""
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True)
    except Exception:  # any fault of a file that was read already only means: no formats
        return {}
    found: Formats = {}
    for name in sheets:
        if name in book.sheetnames:
            cells = (cell for row in book[name].iter_rows() for cell in row)
            found[name] = {(cell.row or 0, cell.column or 0): str(cell.number_format) for cell in cells if needs_format(cell.value)}
    book.close()
    return found


def printed_number(value: float, number_format: str = "General") -> str:
    """The number as the page shows it.

    >>> printed_number(123.456, "#,##0.00"), printed_number(0.125, "0.00%"), printed_number(0.1 + 0.2), printed_number(7.0)
    ('123.46', '12.50%', '0.3', '7')
    >>> printed_number(1234567.0, '0.00,'), printed_number(1 / 3), printed_number(0.004, "0.00;-0.00;"), printed_number(-1.5, "0.00_);(0.00)")
    ('1234.57', '0.33', '', '-1.50')
    """
    exact = Decimal(f"{value:.{DIGITS}g}")
    plain = _QUOTED.sub("", number_format)
    part = sections(plain)[0]
    if not re.search(r"[0#]", part) or "/" in part or "E+" in part:
        places = -int(exact.normalize().as_tuple().exponent)
        return f"{half_up(exact) if places > FINEST else exact.normalize():f}"
    scaled = exact * 100 if "%" in part else exact / 1000 ** len((re.search(r"[0#](,+)[^0#,]*$", part) or re.match("()", ""))[1])  # type: ignore[index]
    rounded = half_up(scaled, decimals(part))
    sign = "" if rounded >= 0 else "-"
    return sign + written(abs(rounded), plain.replace(",", "")) if not rounded else sign + written(abs(rounded), part.replace(",", "").strip()) + ("%" if "%" in part else "")

"""Excel's dates: days since 1900 (or 1904) as plain numbers, and number formats that make them look like dates.

calamine does this for .xlsx; here it is for .xls, and for numbers that a clerk left without a date format.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_LAST = 2_958_466  # 10000-01-01; Excel's dates end the day before
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_NOT_CODE = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]')  # quoted text, escaped character, width of a character, fill, colour or locale
_DATE_LETTER = re.compile(r"[ymdhs]", re.IGNORECASE)
# Formats that a file uses without defining them: [MS-XLS] 2.5.165 and, for 27–36 and 50–58, the Chinese ones such as
# yyyy"年"m"月" (ECMA-376 part 1, 18.8.30), which Excel in Chinese uses for the dates clerks type.
_BUILT_IN = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}
_BUILT_IN_ELAPSED = 46


def is_date(number: int, code: str | None) -> bool:
    """Whether a cell of number format `number`, defined as `code` (None: not defined in the file), shows a date or time.

    >>> is_date(31, None), is_date(176, '#,##0.00"days"'), is_date(177, 'yyyy"年"m"月"d"日";@')
    (True, False, True)
    """
    if code is None:
        return number in _BUILT_IN
    return not _ELAPSED.search(code) and bool(_DATE_LETTER.search(_NOT_CODE.sub("", code.partition(";")[0])))


def is_elapsed(number: int, code: str | None) -> bool:
    """Whether the format shows a length of time, `[h]:mm`."""
    return number == _BUILT_IN_ELAPSED if code is None else bool(_ELAPSED.search(code))


def from_serial(serial: float, date_1904: bool = False) -> date | datetime | time | None:
    """A whole number as a date, a fraction of a day as a time, both as a datetime, to the millisecond. None out of range.

    Excel's 1900 has a 29 February; its days before March therefore count from one day later than those after.

    >>> from_serial(44562), from_serial(44562.75), from_serial(0.5), from_serial(1)
    (datetime.date(2022, 1, 1), datetime.datetime(2022, 1, 1, 18, 0), datetime.time(12, 0), datetime.date(1900, 1, 1))
    """
    if not 0 <= serial < _LAST - (1462 if date_1904 else 0):
        return None
    days, rest = divmod(serial, 1)
    clock = timedelta(milliseconds=round(rest * 86_400_000))
    if days == 0 and not date_1904:
        return (datetime.min + clock).time() if clock < timedelta(days=1) else date(1900, 1, 1)
    if date_1904:
        start = datetime(1904, 1, 1)
    else:
        start = datetime(1899, 12, 31) if days < 60 else datetime(1899, 12, 30)
    moment = start + timedelta(days=days) + clock
    return moment if moment.time() != time() else moment.date()

"""How a figure is written: the few of Excel's number formats that budget tables use, for Word, PDF and read-back alike."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from generator.model.amount import grouped


@cache
def sections(number_format: str) -> tuple[str, ...]:
    """A number format's parts: positive, negative, zero, text."""
    return tuple(number_format.split(";"))


@cache
def decimals(number_format: str) -> int:
    """Places after the point of a format's first part.

    >>> decimals("#,##0.00"), decimals("0")
    (2, 0)
    """
    found = re.search(r"\.([0#]+)", sections(number_format)[0])
    return len(found[1]) if found else 0


def written(value: Decimal, number_format: str) -> str:
    """`value` (already rounded) as the format writes it; a zero with an empty third part is blank.

    >>> written(Decimal("1296.69"), "#,##0.00"), written(Decimal("0.00"), "0.00;-0.00;"), written(Decimal(0), '0;-0;"—"')
    ('1,296.69', '', '—')
    >>> written(Decimal("48.588"), "0.00#"), written(Decimal("25.000"), "0.00#"), written(Decimal("0.000"), "0.00#;-0.00#;0")
    ('48.588', '25.00', '0')
    """
    return _by_part(value, sections(number_format)[0]) if value else _zero(number_format)


@cache
def _zero(number_format: str) -> str:
    """A zero, which is half of what tables hold, as the format writes it."""
    parts = sections(number_format)
    part = parts[2] if len(parts) >= 3 else parts[0]
    if part is not parts[0] and not re.search(r"[0#]", part):
        return part.strip('"')
    return _by_part(Decimal(0), part)


def _by_part(value: Decimal, part: str) -> str:
    """`value` as one part of a format writes it."""
    text = grouped(value, decimals(part), "," in part)
    if "#" in part and (optional := re.search(r"\.0*(#+)", part)):  # a # after the point is printed only when it is not 0
        for _ in optional[1]:
            text = text.removesuffix("0")
        text = text.removesuffix(".")
    return text


def dated(text: str, number_format: str) -> str:
    """The dates in a text (2021.01.05, as records give them) as a cell's date format writes them; under any other format as they are.

    >>> dated("2021.01.01-2021.12.31", "yyyy.mm"), dated("2021.01.05", 'yyyy"年"m"月"d"日"'), dated("2021.01.05", "@")
    ('2021.01-2021.12', '2021年1月5日', '2021.01.05')
    """
    if "yyyy" not in number_format.lower():  # Excel's short date (14) reads mm-dd-yy here and means the reader's own: left as it is
        return text
    pattern = re.sub(r'["\\]|\[[^\]]*\]|;.*', "", number_format)

    def day(found: re.Match[str]) -> str:
        year, month, date = found.groups()
        words = {"yyyy": year, "mm": month, "m": month.lstrip("0"), "dd": date, "d": date.lstrip("0")}
        return re.sub("yyyy|mm?|dd?", lambda word: words[word[0].lower()], pattern, flags=re.IGNORECASE)

    return re.sub(r"(\d{4})\.(\d\d)\.(\d\d)", day, text)


@cache
def with_zero(number_format: str, zero: str, places: int) -> str:
    """A layout's number format completed: General gets `places`, and zero is written as the table's rule (空白, 0.00, 0, —) says.

    A format that has its own third part is left alone: the officer has decided.
    """
    base = number_format if re.search(r"[0#]", number_format) else ("0." + "0" * places if places else "0")
    if len(sections(base)) >= 3 or zero == "0.00":
        return base
    positive = sections(base)[0]
    return f"{positive};-{positive};" + {"空白": "", "0": "0", "—": '"—"'}[zero]


def chinese(n: int) -> str:
    """0 to 99 as lists and headings are numbered.

    >>> chinese(3), chinese(10), chinese(12), chinese(20), chinese(35)
    ('三', '十', '十二', '二十', '三十五')
    """
    digits = "零一二三四五六七八九"
    tens, ones = divmod(n, 10)
    return ("" if not tens else "十" if tens == 1 else digits[tens] + "十") + (digits[ones] if ones or not tens else "")

"""What an answer is made of: places a number stands at, figures and the master cells behind them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from generator.model.amount import YUAN_PER_UNIT, half_up, to_unit, to_yuan
from generator.model.problem import Place
from generator.read import RawWorkbook, to_amount

NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?")
MOST_NAMED = 12
Typed = Callable[[Place, Decimal, bool], str]  # a master cell, what it was read as, whether that is money → what stands in it, with its unit


@dataclass(frozen=True, slots=True)
class Addend:
    """One master cell in a sum. amount: what of it counts, in 元 (or as counted); whole: all that the cell holds; sign: 1 or -1.

    about: the line it stands in, in words. government: how its governmental item was chosen; empty where that does not matter.
    """

    place: Place
    sign: int
    amount: Decimal
    whole: Decimal
    typed: str = ""
    about: str = ""
    government: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """One figure: what it asks for, what was added up, and how it is printed. unit: 元, 万元, 人 …; shown: rounded once."""

    words: str
    addends: tuple[Addend, ...]
    amount: Decimal
    unit: str
    shown: Decimal
    money: bool
    name: str = ""

    @property
    def unrounded(self) -> Decimal:
        """The amount in its unit, before rounding."""
        return to_unit(self.amount, self.unit) if self.money and self.unit in YUAN_PER_UNIT else self.amount


@dataclass(frozen=True, slots=True)
class Traced:
    """The answer: what it is, what is known of it (label, words), and the figures behind it.

    sheet, cell: where it stands in 预算公开表.xlsx, empty for a figure of the explanation. text: as printed, with its unit.
    """

    title: str
    text: str
    about: tuple[tuple[str, str], ...]
    sums: tuple[Added, ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    sheet: str = ""
    cell: str = ""
    row: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a number stands: how to ask for it, what it is, how it is printed."""

    ask: str
    what: str
    text: str


def nothing_typed(place: Place, amount: Decimal, money: bool) -> str:
    """For a master that was never a file."""
    return ""


def typed_in(raw: RawWorkbook) -> Typed:
    """What stands in a cell of this workbook, in the unit that makes it the amount it was read as: `231.25 万元`."""
    sheets = {s.name: s for s in raw.sheets}

    def typed(place: Place, amount: Decimal, money: bool) -> str:
        sheet = sheets.get(place.sheet)
        if sheet is None or not place.row or not place.column:
            return ""
        cell = sheet.cell(place.row, place.column)
        value = to_amount(cell).value
        if value is None:
            return str(cell.value or "").strip()
        text = str(cell.value).strip() if isinstance(cell.value, str) else f"{value.normalize():f}"
        unit = next((u for u in YUAN_PER_UNIT if money and value and half_up(to_yuan(value, u)) == half_up(amount)), "")
        return text if not unit or text.endswith(unit) else f"{text} {unit}"

    return typed


def as_number(text: str) -> Decimal | None:
    """A number as somebody reads it off a page: 1,296.69, 462.25万元, 43.79%; None when it is none.

    >>> as_number("１，２９６．６９ 万元"), as_number("预算08表")
    (Decimal('1296.69'), None)
    """
    cleaned = re.sub(r"\s|万元|元|人|%$|,", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    if not re.fullmatch(r"-?\d+(\.\d+)?", cleaned):
        return None
    try:
        return Decimal(cleaned)
    except InvalidOperation:
        return None


def some(names: Sequence[str]) -> str:
    """A list of names, cut when it is long."""
    return "、".join(names[:30]) + (f"等 {len(names)} 个" if len(names) > 30 else "")

"""The facts of one unit (or one department with its units), bound from a master workbook. Everything built comes from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

import msgspec

from generator.model.problem import Place

Value = str | Decimal | int | date | None


class Record(msgspec.Struct, frozen=True):  # thousands a master, each made several times: a dataclass takes five times as long to make
    """One fact: a line of a master sheet, or one filled cell of a wide one.

    values: field → text, code or date; None for blank. amounts: measure → 元 (or a count); a blank cell has no entry, a
    typed 0 is Decimal(0): different things. columns: field or measure → column of the cell it came from.
    """

    values: Mapping[str, Value]
    amounts: Mapping[str, Decimal]
    place: Place
    columns: Mapping[str, int] = msgspec.field(default_factory=dict)

    def text(self, name: str) -> str:
        """The field as text; empty when blank or absent."""
        value = self.values.get(name)
        if type(value) is str:  # nearly always
            return value
        return "" if value is None else value.strftime("%Y.%m.%d") if isinstance(value, date) else str(value)

    def with_(self, values: Mapping[str, Value] | None = None, amounts: Mapping[str, Decimal] | None = None) -> Record:
        """The same line with other values or other amounts."""
        return Record(self.values if values is None else values, self.amounts if amounts is None else amounts, self.place, self.columns)

    def at(self, name: str) -> Place:
        """The cell of a field or measure; the whole line when the field has no column."""
        return Place(self.place.file, self.place.sheet, self.place.row, self.columns.get(name, 0))


@dataclass(frozen=True)
class Master:
    """A bound workbook. lines: 年度, 套表, 批复日期 …; data: dataset → records; texts: (unit code or "", 事项) → text with its place.

    unread: datasets in which something could not be read → the first such place. What rests on them is not checked until
    it is mended: one root cause, one message. line_places: where each of the lines was typed. typed: sheet (as the
    schema calls it) → its records before anything of other sheets was joined to them: what it takes to write the workbook again.
    previous: last year's workbook of the same unit, when it was given.
    """

    file: str
    pack_id: str
    year: int
    lines: Mapping[str, Value]
    data: Mapping[str, tuple[Record, ...]]
    texts: Mapping[tuple[str, str], tuple[str, Place]]
    unread: Mapping[str, Place] = field(default_factory=dict)
    line_places: Mapping[str, Place] = field(default_factory=dict)
    typed: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    previous: Master | None = None

    @cached_property
    def units(self) -> dict[str, Record]:
        """The units by code, in the workbook's order; the first one names the document."""
        return {r.text("单位编码"): r for r in self.data.get("单位", ())}

    @property
    def main(self) -> Record:
        """The unit (or the department itself) the document is of."""
        return self.data["单位"][0]

    def records(self, dataset: str) -> tuple[Record, ...]:
        return self.data.get(dataset, ())

    def text(self, name: str, unit: str = "") -> str:
        """What the clerk wrote for a 事项; of the unit, else of the whole workbook; empty when nothing."""
        for key in ((unit, name), ("", name), (self.main.text("单位编码"), name)):
            if key in self.texts:
                return self.texts[key][0]
        return ""

    def projects(self) -> Iterator[Record]:
        return iter(self.data.get("项目", ()))

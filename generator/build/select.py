"""Which records a figure is made of.

Every condition becomes a set of records, kept as the bits of an int: one AND tells what a cell holds, one OR what a 合计
holds, and a record that no column holds shows as a bit left over. The same few sets return in all tables of a unit, so
sets and sums are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import TypeVar, cast

from generator.model.master import Master, Record
from generator.model.problem import Place
from generator.pack.binding import CODED, Condition, Figure, Sum
from generator.pack.pack import Pack

T = TypeVar("T")
ZERO = Decimal(0)
Holding = dict[tuple[str, str], int]  # (dataset, measure) → records


def bits(mask: int) -> Iterator[int]:
    """The positions of the ones in `mask`, low to high."""
    base = 0
    while mask:
        low = mask & 0xFFFFFFFFFFFFFFFF
        while low:
            one = low & -low
            yield base + one.bit_length() - 1
            low ^= one
        mask >>= 64
        base += 64


class Selector:
    """The records of one master, asked by the words of bindings."""

    def __init__(self, master: Master, pack: Pack) -> None:
        self.master, self.pack = master, pack
        self._masks: dict[tuple[str, tuple[Condition, ...]], int] = {}
        self._conditions: dict[tuple[str, Condition], int] = {}
        self._values: dict[tuple[str, str], dict[str, int]] = {}
        self.memo: dict[object, object] = {}  # what several rules ask of the same master, kept by whoever works it out
        self._fields: dict[str, frozenset[str]] = {}
        self._is_money: dict[tuple[str, str], bool] = {}
        self._sums: dict[tuple[str, str, int], Decimal] = {}
        self._default: dict[str, str] = {d: next(iter(pack.schema.measures(d)), "") for d in pack.schema.datasets}
        # measures() starts with the default one; a dataset of several sheets (支出) has 本年 first by the schema's order

    def once(self, work: Callable[..., T], *of: object) -> T:
        """What `work` gives of this selector, worked out when it is first asked."""
        key = (work, *of)
        if key not in self.memo:
            self.memo[key] = work(self, *of)
        return cast("T", self.memo[key])

    def is_money(self, dataset: str, measure: str) -> bool:
        """Whether a measure is an amount (in 元); otherwise it is counted."""
        key = (dataset, measure)
        if key not in self._is_money:
            column = self.pack.schema.measures(dataset).get(measure)
            self._is_money[key] = column is None or column.type == "金额"
        return self._is_money[key]

    @cached_property
    def unit_order(self) -> dict[str, int]:
        """The units in the workbook's order."""
        return {code: i for i, code in enumerate(self.master.units)}

    @cached_property
    def projects(self) -> dict[tuple[str, str], Record]:
        """The entries of 项目库 by (unit code, project name)."""
        return {(r.text("单位编码"), r.text("项目名称")): r for r in self.master.projects()}

    @cached_property
    def project_order(self) -> dict[tuple[str, str], int]:
        """The projects in the order of 项目库."""
        return {key: i for i, key in enumerate(self.projects)}

    def choice_order(self, name: str, value: str) -> int:
        """Where a value stands in its drop-down; values of no list sort together."""
        values = [c.value for c in self.pack.choices(name)]
        return values.index(value) if value in values else len(values)

    def all(self, dataset: str) -> int:
        return (1 << len(self.master.records(dataset))) - 1

    def measure(self, dataset: str, named: str = "") -> str:
        """The measure named, or the dataset's default one."""
        return named or self._default[dataset]

    def mask(self, dataset: str, conditions: tuple[Condition, ...]) -> int:
        """The records that meet all conditions."""
        key = (dataset, conditions)
        mask = self._masks.get(key)
        if mask is None:
            mask = self.all(dataset)
            for condition in conditions:
                mask &= self._of(dataset, condition)
            self._masks[key] = mask
        return mask

    def _of(self, dataset: str, condition: Condition) -> int:
        key = (dataset, condition)
        if key not in self._conditions:
            by_value = self.by_value(dataset, condition.field)
            mask = 0
            for value, having in by_value.items():
                if self._meets(condition, value):
                    mask |= having
            self._conditions[key] = self.all(dataset) & ~mask if condition.exclude else mask
        return self._conditions[key]

    def _meets(self, condition: Condition, value: str) -> bool:
        if condition.field in CODED:
            return value.startswith(condition.values)
        if condition.field == "资金来源":
            return any(value in self.pack.below.get(wanted, ()) for wanted in condition.values)
        return value in condition.values

    def by_value(self, dataset: str, name: str) -> dict[str, int]:
        """The records of a dataset by the text of one field."""
        key = (dataset, name)
        if key not in self._values:
            found: dict[str, int] = {}
            for i, record in enumerate(self.master.records(dataset)):
                value = record.text(name)
                found[value] = found.get(value, 0) | 1 << i
            self._values[key] = found
        return self._values[key]

    def sum(self, dataset: str, measure: str, mask: int) -> Decimal:
        """The sum of a measure over records; a blank counts nothing."""
        key = (dataset, measure, mask)
        if key not in self._sums:
            records = self.master.records(dataset)
            total = ZERO
            for i in bits(mask):
                amount = records[i].amounts.get(measure)
                if amount is not None:
                    total += amount
            self._sums[key] = total
        return self._sums[key]

    def given(self, dataset: str, measure: str) -> int:
        """The records in which the measure was typed (0 included)."""
        key = (dataset, f"\0{measure}")
        if key not in self._values:
            mask = 0
            for i, record in enumerate(self.master.records(dataset)):
                if measure in record.amounts:
                    mask |= 1 << i
            self._values[key] = {"": mask}
        return self._values[key][""]

    def nonzero(self, dataset: str, measure: str) -> int:
        """The records in which the measure is not zero."""
        key = (dataset, f"\1{measure}")
        if key not in self._values:
            self._values[key] = {"": sum(1 << i for i, r in enumerate(self.master.records(dataset)) if r.amounts.get(measure))}
        return self._values[key][""]

    def figure(self, figure: Figure | Sum, dataset: str = "支出", within: int | None = None, scope: tuple[Condition, ...] = ()) -> Decimal:
        """A figure of the whole master, or of the records `within` (for figures of `dataset`) and the `scope` of a form."""
        if isinstance(figure, Sum):
            return sum((sign * self.figure(part, dataset, within, scope) for sign, part in figure.parts), ZERO)
        own = figure.dataset or dataset
        mask = self.mask(own, figure.conditions + self.known(own, scope))
        if within is not None and own == dataset:
            mask &= within
        return self.sum(own, self.measure(own, figure.measure), mask)

    def known(self, dataset: str, scope: tuple[Condition, ...]) -> tuple[Condition, ...]:
        """Those conditions of a scope that the records of `dataset` can answer."""
        if not scope:
            return ()
        if dataset not in self._fields:
            self._fields[dataset] = frozenset(self.pack.schema.fields(dataset))
        return tuple(c for c in scope if c.field in self._fields[dataset])

    def records(self, dataset: str, mask: int) -> list[Record]:
        records = self.master.records(dataset)
        return [records[i] for i in bits(mask)]

    def places(self, dataset: str, measure: str, mask: int) -> tuple[Place, ...]:
        """The master cells behind a sum."""
        return tuple(r.at(measure) for r in self.records(dataset, mask) if measure in r.amounts)

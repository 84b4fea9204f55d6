"""The facts of a master rounded once (统一舍入), so that every table and sentence built from them adds up and agrees by itself.

Each amount goes down or up to the digit the tables print. What decides which way is one list of limits over sums of amounts,
handed to build/controlled.py:

- a printed figure, of a table or of the explanation, is at most one last digit from its exact value; where the exact value
  needs no rounding it stays as it is, if that can be;
- of every unit and source, income stays equal to expenditure and what is carried over; sums that the pack's rules hold
  equal (项目测算 and 项目支出) stay equal; an amount that is part of another of the same line does not exceed it;
- what the pack keeps (`keep`: grand totals, 三公经费, 机关运行经费, 采购, projects), of the whole and of each unit, is printed
  as 四舍五入 of its exact amount. Where these contradict each other, the last named give way first, of the units before of
  the whole, and each that does is told;
- as little as possible moves. Of near equals 其他… goes before others and a large amount before a small one.

Last year's amounts are left alone, they are published already, and so is what is typed in 元 and printed in 元 only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from generator.build.agreeing import agreeing
from generator.build.controlled import Limit, Terms, choose
from generator.build.footing import Parts
from generator.build.rows import groups
from generator.build.select import ZERO, Holding, Selector, bits
from generator.build.table import Built
from generator.model.amount import half_up
from generator.model.master import Master
from generator.model.problem import Place
from generator.pack.binding import Condition, Figure, Sum
from generator.pack.rounding import TOLD, Key, kept, last_digits, rounded_measures

RANKED = 4  # one kept amount of a rank is worth so many of the rank below
WHOLE = 3  # and one of the whole document so many of a unit's


@dataclass(frozen=True, slots=True)
class Moved:
    """A fact that did not go the way 四舍五入 sends it. All in 元."""

    place: Place
    measure: str
    amount: Decimal
    plain: Decimal
    chosen: Decimal


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A kept amount that could not be kept beside the others. In 元."""

    name: str
    place: Place
    plain: Decimal
    chosen: Decimal


@dataclass(frozen=True, slots=True)
class NoWay:
    """There is no way to round the facts within the limits, or (not `proven`) none was found."""

    proven: bool


class RoundedSelector(Selector):
    """The same records with rounded amounts. Which lines there are is still asked of the exact ones: money that rounds to
    nothing keeps its line."""

    def __init__(self, exact: Selector, master: Master) -> None:
        super().__init__(master, exact.pack)
        self.exact = exact

    def mask(self, dataset: str, conditions: tuple[Condition, ...]) -> int:
        return self.exact.mask(dataset, conditions)

    def by_value(self, dataset: str, name: str) -> dict[str, int]:
        return self.exact.by_value(dataset, name)

    def nonzero(self, dataset: str, measure: str) -> int:
        return self.exact.nonzero(dataset, measure)


@dataclass(frozen=True, slots=True)
class Rounded:
    """selector: the facts rounded to `digit` (in 元). moved: where they differ from 四舍五入. given_up: the kept amounts that do."""

    selector: Selector
    digit: Decimal
    moved: tuple[Moved, ...] = ()
    given_up: tuple[GivenUp, ...] = ()


def rounded_facts(exact: Selector, built: Sequence[Built]) -> Rounded | NoWay:
    """The facts rounded once for the tables `built` from them. UsageError when that takes a solver that is not installed."""
    return _Rounding(exact, built).rounded()


@dataclass(frozen=True, slots=True)
class _Item:
    """An amount that is no whole number of digits."""

    key: Key
    record: int
    fraction: Decimal  # what it has above its floor, in digits
    up: bool  # the way 四舍五入 sends it


class _Rounding:
    """Facts and figures of one master as a program of controlled rounding. Items are bits of one int, dataset after dataset."""

    def __init__(self, exact: Selector, built: Sequence[Built]) -> None:
        self.exact, self.pack, self.built = exact, exact.pack, built
        tables, schema = self.pack.tables, self.pack.schema
        self.digit = next((digit for digit, _ in last_digits(tables, schema)), TOLD)
        self.keys = rounded_measures(tables, schema)
        self.items: dict[int, _Item] = {}
        self.bits = dict.fromkeys(self.keys, 0)  # records with an item
        self.shift: dict[Key, int] = {}
        at = 0
        for key in sorted(self.keys):
            self.shift[key] = at
            at += self._take(key, at)
        self.floors = Selector(self._master(dict.fromkeys(self.items, False)), self.pack)

    def _take(self, key: Key, at: int) -> int:
        dataset, measure = key
        records = self.exact.master.records(dataset)
        for i, record in enumerate(records):
            amount = record.amounts.get(measure, ZERO) / self.digit
            if above := amount - math.floor(amount):
                self.items[at + i] = _Item(key, i, above, half_up(amount, 0) > amount)
                self.bits[key] |= 1 << i
        return len(records)

    def _master(self, ups: Mapping[int, bool]) -> Master:
        """The master with every item rounded up or down."""
        data = {dataset: list(records) for dataset, records in self.exact.master.data.items()}
        for n, item in self.items.items():
            dataset, measure = item.key
            record = data[dataset][item.record]
            data[dataset][item.record] = record.with_(amounts={**record.amounts, measure: self._either(item, ups[n])})
        return replace(self.exact.master, data={dataset: tuple(records) for dataset, records in data.items()})

    def _amount(self, item: _Item) -> Decimal:
        dataset, measure = item.key
        return self.exact.master.records(dataset)[item.record].amounts[measure]

    def _either(self, item: _Item, up: bool) -> Decimal:
        """An item rounded up or down, in 元."""
        return self._amount(item) + (up - item.fraction) * self.digit

    def rounded(self) -> Rounded | NoWay:
        plain = sum(1 << n for n, item in self.items.items() if item.up)
        choice = choose(plain, self._costs(), self._limits())
        if choice.up is None:
            return NoWay(choice.proven)
        ups = {n: bool(choice.up >> n & 1) for n in self.items}
        selector = RoundedSelector(self.exact, self._master(ups))
        moved = []
        for n, item in self.items.items():
            if ups[n] != item.up:
                dataset, measure = item.key
                place = self.exact.master.records(dataset)[item.record].at(measure)
                moved.append(Moved(place, measure, self._amount(item), self._either(item, item.up), self._either(item, ups[n])))
        return Rounded(selector, self.digit, tuple(moved), tuple(self._given_up(selector)))

    def _given_up(self, selector: Selector) -> Iterator[GivenUp]:
        for _, name, parts in self._kept():
            if self._terms(parts):
                plain, chosen = half_up(self._sum(self.exact, parts), 0), self._sum(selector, parts)
                if plain != chosen:
                    (dataset, measure), mask = next((key, mask) for _, holding in parts for key, mask in holding.items() if mask)
                    place = self.exact.master.records(dataset)[next(bits(mask))].at(measure)
                    yield GivenUp(name, place, plain * self.digit, chosen * self.digit)

    def _costs(self) -> dict[int, float]:
        """What it costs to send an item the other way: how much further off it is then; a little more for small amounts, a
        little less for 其他… (RULES 5: 优先“其他…支出”或同级最大格)."""
        size = sorted(self.items, key=lambda n: (-abs(self._amount(self.items[n])), n))
        costs = {}
        for place, n in enumerate(size, 1):
            item = self.items[n]
            record = self.exact.master.records(item.key[0])[item.record]
            other = any(record.text(name).endswith("99") for name in ("部门经济编码", "功能科目编码"))
            costs[n] = abs(1 - 2 * float(item.fraction)) + (0.0 if other else 0.02) + 0.03 * place / len(size)
        return costs

    # --- limits ---------------------------------------------------------------------------------------------------

    def _limits(self) -> list[Limit]:
        found: dict[Terms, Limit] = {}

        def add(limit: Limit | None) -> None:
            if limit is None or not limit.terms:
                return
            if other := found.get(limit.terms):  # of two wishes for one sum the weightier stands
                stronger = max(limit, other, key=lambda one: one.weight if one.wanted is not None else 0)
                limit = replace(stronger, low=max(limit.low, other.low), high=min(limit.high, other.high))
            found[limit.terms] = limit

        for parts in self._once(self._printed()):
            add(self._near(parts))
        for weight, _, parts in self._kept():
            limit, wanted = self._near(parts), half_up(self._sum(self.exact, parts), 0) - self._sum(self.floors, parts)
            add(replace(limit, wanted=int(wanted), weight=weight))
        for parts in (*self._balance(), *(((1, left), (-1, right)) for left, right in agreeing(self.exact))):
            if not self._sum(self.exact, parts):
                level = -int(self._sum(self.floors, parts))
                add(Limit(self._terms(parts), level, level))
        for limit in self._within():
            add(limit)
        return list(found.values())

    def _near(self, parts: Parts) -> Limit:
        """A figure at most one digit from its exact value; where that needs no rounding, best left alone.

        Part of it may be amounts that are not rounded (本年 less 上年): they are added before the whole is printed.
        """
        rest = self._sum(self.exact, parts, rounded=False)
        exact, floor = self._sum(self.exact, parts) + rest, int(self._sum(self.floors, parts))
        start = math.floor(exact - rest)
        ways = [way for way in range(start - 1, start + 3) if abs(half_up(way + rest, 0) - exact) <= 1]
        even = exact == start and not rest
        return Limit(self._terms(parts), ways[0] - floor, ways[-1] - floor, start - floor if even else None)

    def _terms(self, parts: Parts) -> Terms:
        """The items of a figure by sign; one that counts twice stands in two of its masks."""
        found: dict[int, list[int]] = {}
        for sign, holding in parts:
            for key, mask in holding.items():
                own = (mask & self.bits.get(key, 0)) << self.shift.get(key, 0)
                masks = found.setdefault(sign, [])
                for n, other in enumerate(masks):
                    masks[n], own = other | own, other & own
                if own:
                    masks.append(own)
        return tuple(sorted((sign, mask) for sign, masks in found.items() for mask in masks if mask))

    def _sum(self, selector: Selector, parts: Parts, rounded: bool = True) -> Decimal:
        """What a figure comes to, in digits: of its amounts that are rounded, or of the others."""
        return sum((sign * selector.sum(*key, mask) for sign, holding in parts for key, mask in holding.items() if (key in self.keys) == rounded), ZERO) / self.digit

    def _printed(self) -> Iterator[Parts]:
        """Every figure of the tables, but those in 元 and 人; and what the explanation says in 万元, when that is their digit too."""
        for spec, built in zip(self.pack.tables, self.built, strict=True):
            if spec.unit not in ("元", "人"):
                for _, parts in built.made:
                    yield parts
        if self.digit == TOLD:
            for name, figure in self.pack.facts.items():
                if self.pack.file.facts[name].unit == "万元":
                    yield self._figure(figure)
            for name in self.pack.listings:
                for _, parts in self._listed(name):
                    yield parts

    def _once(self, figures: Iterable[Parts]) -> Iterator[Parts]:
        """Each figure once: tables print the same ones over and over."""
        seen = set()
        for parts in figures:
            key = tuple((sign, *holding.items()) for sign, holding in parts)
            if key not in seen:
                seen.add(key)
                yield parts

    def _figure(self, figure: Figure | Sum, within: tuple[Condition, ...] = ()) -> Parts:
        parts = figure.parts if isinstance(figure, Sum) else ((1, figure),)
        return tuple((sign, self._holding(f.dataset or "支出", f.measure, f.conditions + within)) for sign, f in parts)

    def _holding(self, dataset: str, measure: str, conditions: tuple[Condition, ...]) -> Holding:
        return {(dataset, self.exact.measure(dataset, measure)): self.exact.mask(dataset, conditions)}

    def _listed(self, name: str) -> Iterator[tuple[str, Parts]]:
        """The lines of a listing of the explanation, by name."""
        figure = self.pack.listings[name]
        dataset = figure.dataset or "支出"
        measure = self.exact.measure(dataset, figure.measure)
        mask = self.exact.mask(dataset, figure.conditions) & self.exact.nonzero(dataset, measure)
        for group in groups(self.exact, (self.pack.file.listings[name].by.split(),), dataset, mask):
            yield group.scope.get("名称", name), ((1, {(dataset, measure): group.mask}),)

    def _kept(self) -> Iterator[tuple[int, str, Parts]]:
        """Weight, name and records of every kept amount: of the document and, when there are several units, of each."""
        units = self.exact.master.units
        for rank, name in kept(self.pack.rounding, {**self.pack.facts, **self.pack.listings}):
            weight = RANKED**rank
            if name in self.pack.listings:
                for line, parts in self._listed(name):
                    yield weight, line, parts
                continue
            yield weight * WHOLE, name, self._figure(self.pack.facts[name])
            for code, unit in units.items() if len(units) > 1 else ():
                yield weight, f"{unit.text('单位名称')}{name}", self._figure(self.pack.facts[name], (Condition("单位编码", (code,)),))

    def _balance(self) -> Iterator[Parts]:
        """Of every unit and source, and of sources that have others below them: income less what is carried over less expenditure."""
        for unit in self.exact.by_value("收入", "单位编码") | self.exact.by_value("支出", "单位编码"):
            for source in ("", *self.pack.sources):
                conditions = (Condition("单位编码", (unit,)), *((Condition("资金来源", (source,)),) if source else ()))
                sides = ((1, "收入", "本年"), (-1, "收入", "结转下年"), (-1, "支出", "本年"))
                yield tuple((sign, self._holding(dataset, measure, conditions)) for sign, dataset, measure in sides)

    def _within(self) -> Iterator[Limit]:
        """Of two amounts in one line (面向小微企业 within 面向中小企业 within 采购金额) the smaller stays no larger in print."""
        lines: dict[tuple[str, int], list[int]] = {}
        for n, item in self.items.items():
            lines.setdefault((item.key[0], item.record), []).append(n)
        for line in lines.values():
            for smaller, larger in pairwise(sorted(line, key=lambda n: self._amount(self.items[n]))):
                low, high = (self._amount(self.items[n]) for n in (smaller, larger))
                if math.floor(low / self.digit) == math.floor(high / self.digit):
                    yield Limit(((-1, 1 << larger), (1, 1 << smaller)), 0 if low == high else -1, 0)

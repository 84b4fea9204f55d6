"""The set as it is printed: rounding as the pack's policy, over all tables and sentences at once. RULES 5 (舍入与加总).

各格舍入  each cell on its own, half up (strategy 1). Where printed parts then differ from the printed total, the pack's note
          (部分合计数与分项之和的差异系四舍五入所致) stands under that table, and only there.

统一舍入  controlled rounding (strategy 3). The facts are rounded once, each up or down, to the digit the tables print; tables
          and sentences are then built from the rounded facts, so everything adds up and agrees by itself. Which way each
          fact goes is found by build/controlled.py, under these limits:

          - no printed figure, of a table or of the explanation, is more than one last digit from its exact value; where the
            exact value needs no rounding it is left alone if possible;
          - of every unit and source, income stays equal to expenditure and what is carried over; sums that the pack's rules
            hold equal (项目测算 and 项目支出) stay equal;
          - what the pack keeps (`keep`: grand totals, 三公经费, 机关运行经费, projects) is printed as 四舍五入 of its exact
            amount. Where these contradict each other, the last named give way first, and each that does is told;
          - as little as possible moves. Of near equals 其他… goes before others and a large amount before a small one.

Left alone: 政府采购 (typed and printed in 元) and last year's amounts, which are published already. Tables and figures in 元
print exact amounts under either policy; under 统一舍入 they agree with those in 万元 to within one digit, not to the last.
Where a table adds up amounts that are left alone, it can still fail to in print; then it has the note, as under 各格舍入.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.build.facts import Item, context, facts
from generator.build.footing import Parts, figures, unfooted
from generator.build.rows import groups
from generator.build.select import ZERO, Holding, Selector, bits
from generator.build.table import Built, build
from generator.model.amount import half_up, printed, show
from generator.model.figures import decimals
from generator.model.master import Master, Record
from generator.model.problem import Level, Place, Problem
from generator.model.table import Border, Cell, Line, LineKind, Merge, Table
from generator.pack.binding import Condition, Figure, Sum
from generator.pack.pack import TableSpec
from generator.pack.rounding import TOLD, WHOLE, is_rounded, kept, last_digits

if TYPE_CHECKING:
    from generator.build.controlled import Choice, Limit

Key = tuple[str, str]  # dataset, measure
Terms = tuple[tuple[int, int], ...]  # sign, facts as bits
RULE = "统一舍入"
MOST, SHOWN = 5, 3  # messages about kept amounts; examples in a message


@dataclass(frozen=True, slots=True)
class Moved:
    """A fact that did not go the way 四舍五入 sends it. All in 元."""

    place: Place
    measure: str
    amount: Decimal
    plain: Decimal
    chosen: Decimal


@dataclass(frozen=True, slots=True)
class MovedCell:
    """A printed figure that differs from 四舍五入 of its exact amount. In the table's unit."""

    table: str
    cell: str
    plain: Decimal
    printed: Decimal


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A kept amount that could not be kept beside the others. In 元."""

    name: str
    place: Place
    plain: Decimal
    chosen: Decimal


@dataclass(frozen=True, slots=True)
class PrintedSet:
    """All tables of the pack as printed, and what sentences are made from.

    built: in the pack's order; their problems are those of the exact amounts. exact: tables with exact amounts, of the same
    lines but for notes: what checks hold against the master. selector: what the sentences in 万元 say; the exact one unless
    统一舍入. problems: that no way was found (then everything is rounded cell by cell), that a kept amount was given up, and
    how much was moved.
    """

    policy: str
    built: tuple[Built, ...]
    exact: tuple[Table, ...]
    selector: Selector
    moved: tuple[Moved, ...] = ()
    cells: tuple[MovedCell, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    problems: tuple[Problem, ...] = ()

    def report(self) -> dict[str, object]:
        """For run.json: the policy, every fact and every cell that was moved."""
        told: dict[str, object] = {"办法": self.policy}
        if self.policy == WHOLE:
            told["挪动的数"] = [f"{m.place} {m.measure} {m.amount} 元，四舍五入 {m.plain}，取 {m.chosen}" for m in self.moved]
            told["因此不同的格"] = [f"{c.table}!{c.cell} {c.plain} → {c.printed}" for c in self.cells]
            told["没有保持住的数"] = [f"{g.name} {g.plain} → {g.chosen}" for g in self.given_up]
        return told


def printed_set(selector: Selector, trace: bool = False) -> PrintedSet:
    """Every table of the pack, rounded by its policy."""
    pack = selector.pack
    exact = [build(selector, spec, trace) for spec in pack.tables]
    tables = tuple(b.table for b in exact)
    policy = pack.rounding.policy
    if policy != WHOLE:
        return PrintedSet(policy, tuple(_noted(selector, *both) for both in zip(pack.tables, exact, strict=True)), tables, selector)
    rounded = _Rounding(selector, exact).selector()
    if isinstance(rounded, Problem):
        built = tuple(_noted(selector, *both) for both in zip(pack.tables, exact, strict=True))
        return PrintedSet(policy, built, tables, selector, problems=(rounded,))
    made = [_refigured(rounded, spec, b, trace) for spec, b in zip(pack.tables, exact, strict=True)]
    cells = tuple(_moved_cells(exact, made))
    built = tuple(_noted(selector, spec, b, m) for spec, b, m in zip(pack.tables, exact, made, strict=True))
    sentences = selector if rounded.digit != TOLD else rounded
    return PrintedSet(policy, built, tables, sentences, rounded.moved, cells, rounded.given_up, tuple(_told(rounded, cells)))


def printed_names(selector: Selector, made: PrintedSet | None, tables: Sequence[Table], specs: Sequence[TableSpec]) -> dict[str, object]:
    """Every name for the Word templates: amounts in 元 are exact, all others as the tables print them. made: None for exact all through."""
    names = context(made.selector if made else selector, tables, specs)
    if made is None or made.selector is selector:
        return names
    exact = context(selector, tables, specs)
    in_yuan = {fact.name for fact in facts(selector).values() if fact.unit == "元"}
    for name, value in names.items():
        other = exact[name]
        owner, _, form = name.partition("_")
        if form == "元" or (owner in in_yuan and form not in ("万元", "上年_万元")):
            names[name] = other
        elif isinstance(value, list) and isinstance(other, list):
            names[name] = [replace(own, 元=o.元) if isinstance(own, Item) else own for own, o in zip(value, other, strict=True)]
    return names


# --- 统一舍入 ----------------------------------------------------------------------------------------------------------


class RoundedSelector(Selector):
    """The same records with rounded amounts. Which lines there are is still asked of the exact ones: money that rounds to
    nothing keeps its line."""

    def __init__(self, exact: Selector, master: Master, digit: Decimal, keys: frozenset[Key], moved: tuple[Moved, ...]) -> None:
        super().__init__(master, exact.pack)
        self.exact, self.digit, self.keys, self.moved = exact, digit, keys, moved
        self.given_up: tuple[GivenUp, ...] = ()

    def mask(self, dataset: str, conditions: tuple[Condition, ...]) -> int:
        return self.exact.mask(dataset, conditions)

    def by_value(self, dataset: str, name: str) -> dict[str, int]:
        return self.exact.by_value(dataset, name)

    def nonzero(self, dataset: str, measure: str) -> int:
        return self.exact.nonzero(dataset, measure)


class _Rounding:
    """Facts and figures of one master as a program of controlled rounding. Facts are bits of one int, dataset after dataset."""

    def __init__(self, exact: Selector, built: Sequence[Built]) -> None:
        self.exact, self.pack, self.built = exact, exact.pack, built
        self.digit = next((digit for digit, _ in last_digits(self.pack.tables, self.pack.schema)), TOLD)
        self.shift: dict[Key, int] = {}
        self.fractions: dict[int, Decimal] = {}  # fact → what it has above its floor, in digits
        self.bits: dict[Key, int] = {}
        self.records: dict[int, tuple[Key, int]] = {}
        self.names: dict[Terms, list[str]] = {}
        self.amounts: dict[Terms, Decimal] = {}
        at = 0
        for dataset in self.pack.schema.datasets:
            for measure in self.pack.schema.measures(dataset):
                if is_rounded(self.pack.schema, dataset, measure):
                    self.shift[dataset, measure] = at
                    at += self._take((dataset, measure), at)

    def _take(self, key: Key, at: int) -> int:
        dataset, measure = key
        records = self.exact.master.records(dataset)
        mask = 0
        for i, record in enumerate(records):
            amount = record.amounts.get(measure, ZERO) / self.digit
            if above := amount - math.floor(amount):
                self.fractions[at + i] = above
                self.records[at + i] = (key, i)
                mask |= 1 << i
        self.bits[key] = mask
        return len(records)

    def selector(self) -> RoundedSelector | Problem:
        """The records rounded; a problem when no way was found."""
        limits = self._limits()
        chosen = self._chosen(limits)
        if chosen is None:
            message = f"找不到一种取法，使各表都加得拢、每格又只差一个末位（{self.digit.normalize():f} 元）"
            return Problem(Level.ERROR, Place(self.exact.master.file), message, "这一册的数请改用“各格舍入”（套表的 rounding: {policy: 各格舍入}）", RULE)
        ups = chosen.up
        data = dict(self.exact.master.data)
        moved: list[Moved] = []
        for key in self.shift:
            self._move(data, moved, key, ups)
        master = replace(self.exact.master, data=data)
        rounded = RoundedSelector(self.exact, master, self.digit, frozenset(self.shift), tuple(moved))
        rounded.given_up = tuple(self._given_up(limits[r].terms, rounded) for r in chosen.missed)
        return rounded

    def _chosen(self, limits: Sequence[Limit]) -> Choice | None:
        from generator.build.controlled import choose

        within = 0
        for limit in limits:
            for _, mask in limit.terms:
                within |= mask
        self.within = within
        asked = list(bits(within))
        scale = 10 ** max((-int(self.fractions[i].as_tuple().exponent) for i in asked), default=0)
        plain = sum(1 << i for i in asked if self._goes_up(i))
        against = self._against(asked)
        return choose({i: int(self.fractions[i] * scale) for i in asked}, scale, plain, against, limits)

    def _goes_up(self, fact: int) -> bool:
        """Whether 四舍五入 sends a fact up."""
        (dataset, measure), i = self.records[fact]
        amount = self.exact.master.records(dataset)[i].amounts[measure] / self.digit
        return half_up(amount, 0) > amount

    def _against(self, asked: Sequence[int]) -> dict[int, float]:
        """What it costs to send a fact the other way: how much further off it is then; a little more for small amounts, a little
        less for 其他… (RULES 5: 优先“其他…支出”或同级最大格)."""

        def size(fact: int) -> Decimal:
            (dataset, measure), i = self.records[fact]
            return abs(self.exact.master.records(dataset)[i].amounts[measure])

        cost = {}
        for n, fact in enumerate(sorted(asked, key=lambda f: (-size(f), f))):
            (dataset, _), i = self.records[fact]
            record = self.exact.master.records(dataset)[i]
            other = any(record.text(name).endswith("99") for name in ("部门经济编码", "功能科目编码"))
            cost[fact] = abs(1 - 2 * float(self.fractions[fact])) + (0.0 if other else 0.02) + 0.03 * (n + 1) / len(asked)
        return cost

    # --- limits ---------------------------------------------------------------------------------------------------

    def _terms(self, parts: Parts) -> Terms:
        """The facts of a figure that are rounded at all, by sign."""
        found: dict[int, list[int]] = {}
        for sign, holding in parts:
            for key, mask in holding.items():
                own = (mask & self.bits.get(key, 0)) << self.shift.get(key, 0)
                if not own:
                    continue
                masks = found.setdefault(sign, [])
                for n, other in enumerate(masks):
                    if not other & own:
                        masks[n] |= own
                        break
                else:
                    masks.append(own)
        return tuple(sorted((sign, mask) for sign, masks in found.items() for mask in masks))

    def _exactly(self, parts: Parts) -> Decimal:
        """A figure's exact amount, in digits."""
        return sum((sign * self.exact.sum(dataset, measure, mask) for sign, holding in parts for (dataset, measure), mask in holding.items()), ZERO) / self.digit

    def _rise(self, terms: Terms, parts: Parts, to: Decimal) -> int:
        """How many facts have to go up for a figure to come to `to` digits."""
        above = sum((sign * self.fractions[i] for sign, mask in terms for i in bits(mask)), ZERO)
        return int(to - (self._exactly(parts) - above))

    def _limits(self) -> list[Limit]:
        from generator.build.controlled import Limit

        found: dict[Terms, Limit] = {}
        for spec, built in zip(self.pack.tables, self.built, strict=True):
            for _, parts in built.made if spec.unit not in ("元", "人") else ():
                if terms := self._terms(parts):
                    found.setdefault(terms, Limit(terms))
        for name, parts in self._told():
            if terms := self._terms(parts):
                found.setdefault(terms, Limit(terms))
                self.names.setdefault(terms, []).append(name)
        for rank, name, parts in self._kept():
            terms = self._terms(parts)
            if terms and (found.get(terms) or Limit(terms)).rank < rank:
                amount = self._exactly(parts)
                found[terms] = Limit(terms, self._rise(terms, parts, half_up(amount, 0)), rank)
                self.amounts[terms] = amount * self.digit
                self.names[terms] = [name]
        equal: dict[Terms, Limit] = {}
        for parts in (*self._balance(), *self._agreement()):
            terms = self._terms(parts)
            if terms and not self._exactly(parts):
                equal[terms] = Limit(terms, self._rise(terms, parts, ZERO))
        return [*found.values(), *equal.values()]

    def _figure(self, figure: Figure | Sum) -> Parts:
        parts = figure.parts if isinstance(figure, Sum) else ((1, figure),)
        return tuple((sign, self._holding(f.dataset or "支出", f.measure, f.conditions)) for sign, f in parts)

    def _holding(self, dataset: str, measure: str, conditions: tuple[Condition, ...]) -> Holding:
        return {(dataset, self.exact.measure(dataset, measure)): self.exact.mask(dataset, conditions)}

    def _listed(self, name: str) -> Iterator[tuple[str, Parts]]:
        """The lines of a listing of the explanation, by name."""
        figure = self.pack.listings[name]
        dataset = figure.dataset or "支出"
        measure = self.exact.measure(dataset, figure.measure)
        mask = self.exact.mask(dataset, figure.conditions) & self.exact.nonzero(dataset, measure)
        for group in groups(self.exact, _Levels((tuple(self.pack.file.listings[name].by.split()),)), dataset, mask):
            yield group.scope.get("名称", name), ((1, {(dataset, measure): group.mask}),)

    def _told(self) -> Iterator[tuple[str, Parts]]:
        """What the explanation says in 万元, when that is the digit of the tables too."""
        if self.digit != TOLD:
            return
        for name, figure in self.pack.facts.items():
            if self.pack.file.facts[name].unit == "万元":
                yield name, self._figure(figure)
        for name in self.pack.listings:
            yield from self._listed(name)

    def _kept(self) -> Iterator[tuple[int, str, Parts]]:
        for rank, name in kept(self.pack.rounding, {**self.pack.facts, **self.pack.listings}):
            if name in self.pack.facts:
                yield rank, name, self._figure(self.pack.facts[name])
            else:
                for line, parts in self._listed(name):
                    yield rank, line, parts

    def _balance(self) -> Iterator[Parts]:
        """Of every unit and source, and of sources that have others below them: income less what is carried over less expenditure."""
        for unit in self.exact.by_value("收入", "单位编码") | self.exact.by_value("支出", "单位编码"):
            for source in ("", *self.pack.sources):
                conditions = (Condition("单位编码", (unit,)), *((Condition("资金来源", (source,)),) if source else ()))
                yield tuple((sign, self._holding(dataset, measure, conditions)) for sign, dataset, measure in ((1, "收入", "本年"), (-1, "收入", "结转下年"), (-1, "支出", "本年")))

    def _agreement(self) -> Iterator[Parts]:
        """What the pack's rules of kind agreement hold equal: the two sides of every key."""
        for rule in self.pack.file.rules:
            if rule.kind != "agreement" or str(rule.params.get("within", "")).lower() == "true":
                continue
            left, right, by, measures = (rule.params.get(name) for name in ("left", "right", "by", "measures"))
            if not (isinstance(left, str) and isinstance(right, str) and isinstance(by, list) and isinstance(measures, list)):
                continue  # the engine has already refused such a rule
            sides = [self._by_key(dataset, by) for dataset in (left, right)]
            for key in filter(sides[1].__contains__, sides[0]):
                for measure in measures:
                    yield (1, {(left, measure): sides[0][key]}), (-1, {(right, measure): sides[1][key]})

    def _by_key(self, dataset: str, by: Sequence[str]) -> dict[tuple[str, ...], int]:
        found: dict[tuple[str, ...], int] = {}
        for i, record in enumerate(self.exact.master.records(dataset)):
            key = tuple(record.text(name) for name in by)
            if all(key):
                found[key] = found.get(key, 0) | 1 << i
        return found

    # --- the outcome ----------------------------------------------------------------------------------------------

    def _move(self, data: dict[str, tuple[Record, ...]], moved: list[Moved], key: Key, ups: int) -> None:
        """Rounds one measure of one dataset in `data`."""
        dataset, measure = key
        records = list(data.get(dataset, ()))
        for i in bits(self.bits[key]):
            fact = self.shift[key] + i
            record, amount = records[i], records[i].amounts[measure]
            up = bool(ups >> fact & 1) if self.within >> fact & 1 else self._goes_up(fact)
            chosen = (amount / self.digit - self.fractions[fact] + up) * self.digit
            if up != self._goes_up(fact):
                moved.append(Moved(record.at(measure), measure, amount, half_up(amount / self.digit, 0) * self.digit, chosen))
            records[i] = replace(record, amounts={**record.amounts, measure: chosen})
        if self.bits[key]:
            data[dataset] = tuple(records)

    def _given_up(self, terms: Terms, rounded: Selector) -> GivenUp:
        first = next(bits(terms[0][1]))
        (dataset, measure), i = self.records[first]
        plain = half_up(self.amounts[terms] / self.digit, 0) * self.digit
        change = sum((sign * self._change(f, rounded) for sign, mask in terms for f in bits(mask)), ZERO)
        return GivenUp(self.names[terms][0], self.exact.master.records(dataset)[i].at(measure), plain, self.amounts[terms] + change)

    def _change(self, fact: int, rounded: Selector) -> Decimal:
        (dataset, measure), i = self.records[fact]
        return rounded.master.records(dataset)[i].amounts[measure] - self.exact.master.records(dataset)[i].amounts[measure]


@dataclass(frozen=True, slots=True)
class _Levels:
    """Row dimensions, as grouping wants them."""

    levels: tuple[tuple[str, ...], ...]


def _refigured(rounded: RoundedSelector, spec: TableSpec, exact: Built, trace: bool) -> Built:
    """The table with rounded figures; one in 元 or 人 as it is."""
    if spec.unit in ("元", "人"):
        return exact
    at = figures(exact)
    if len(exact.made) > len(at):  # figures inside texts: those lines are built anew
        made = build(rounded, spec, trace)
        return replace(made, table=replace(made.table, empty=exact.table.empty), problems=exact.problems)
    lines = list(exact.table.lines)
    by_line: dict[int, dict[int, Parts]] = {}
    for (r, c), parts in at.items():
        if any(key in rounded.keys for _, holding in parts for key in holding):
            by_line.setdefault(r, {})[c] = parts
    for r, columns in by_line.items():
        cells = list(lines[r].cells)
        for c, parts in columns.items():
            amount = sum((sign * rounded.sum(dataset, measure, mask) for sign, holding in parts for (dataset, measure), mask in holding.items()), ZERO)
            if amount != cells[c].amount:
                cells[c] = replace(cells[c], amount=amount, shown=printed(amount, spec.unit, decimals(exact.table.styles[cells[c].style].number_format)))
        lines[r] = replace(lines[r], cells=tuple(cells))
    return replace(exact, table=replace(exact.table, lines=tuple(lines)))


def _moved_cells(exact: Sequence[Built], made: Sequence[Built]) -> Iterator[MovedCell]:
    for before, after in zip(exact, made, strict=True):
        for r, (was, now) in enumerate(zip(before.table.lines, after.table.lines, strict=True)):
            for c, (plain, cell) in enumerate(zip(was.cells, now.cells, strict=True)):
                if plain.shown != cell.shown and plain.shown is not None and cell.shown is not None:
                    yield MovedCell(after.table.name, after.table.address(r, c), plain.shown, cell.shown)


def _told(rounded: RoundedSelector, cells: Sequence[MovedCell]) -> Iterator[Problem]:
    """What a person should know: every kept amount that was given up, and how much was moved."""
    for n, given in enumerate(rounded.given_up[:MOST]):
        left = len(rounded.given_up) - MOST
        others = f"；另有 {left} 个数也是这样" if n == MOST - 1 and left > 0 else ""
        message = f"“{given.name}”四舍五入是 {show(given.plain, '万元')}，和别的要保持的数加不拢，印作 {show(given.chosen, '万元')}{others}"
        yield Problem(Level.WARNING, given.place, message, "先保持哪些数，由套表 rounding·keep 的次序定；清单在 run.json 的“舍入”里", RULE)
    if rounded.moved:
        examples = "；".join(f"{m.place.sheet}!{m.place.cell} {show(m.amount)} 取 {show(m.chosen, '万元')}" for m in rounded.moved[:SHOWN])
        more = "等" if len(rounded.moved) > SHOWN else ""
        message = f"为使各表加得拢，{len(rounded.moved)} 个数没有取四舍五入的数，{len(cells)} 格因此差一个末位：{examples}{more}"
        yield Problem(Level.HINT, Place(rounded.master.file), message, "全部清单在 run.json 的“舍入”里", RULE)


# --- the note ---------------------------------------------------------------------------------------------------------


def _noted(selector: Selector, spec: TableSpec, exact: Built, made: Built | None = None) -> Built:
    """The table with the pack's note under each form (under the whole, when it is no form) that does not add up in print."""
    made = made or exact
    note = selector.pack.rounding.note
    if not note:
        return made
    rows = {footing.total[0] for footing in unfooted(selector, spec, exact, made.table)}
    table, shift = made.table, 0
    for instance in made.table.instances if rows else ():
        if not rows.isdisjoint(instance):
            table = _with_line(table, instance.stop + shift, note)
            shift += 1
    if not shift:
        return made
    moved = {(r + _before(made.table, rows, r), c): source for (r, c), source in made.sources.items()}
    return replace(made, table=table, sources=moved)


def _before(table: Table, rows: set[int], row: int) -> int:
    """How many notes come before a row."""
    return sum(1 for instance in table.instances if instance.stop <= row and not rows.isdisjoint(instance))


def _with_line(table: Table, at: int, words: str) -> Table:
    """The table with a line of words over its whole width before grid row `at`."""
    like = next((line for line in table.lines if line.kind is LineKind.FOOT), next((line for line in table.lines if line.kind is LineKind.BODY), table.lines[-1]))
    look = replace(table.styles[like.cells[0].style], bold=False, horizontal="left", wrap=True, indent=0, vertical=False, fill="", border=Border(), number_format="General")
    styles = table.styles if look in table.styles else (*table.styles, look)
    style = styles.index(look)
    width = len(table.columns)
    line = Line(LineKind.FOOT, (Cell(words, style=style), *(Cell(style=style) for _ in range(width - 1))))
    merges = tuple(replace(m, row=m.row + 1) if m.row >= at else m for m in table.merges)
    own = (Merge(at, 0, 1, width),) if width > 1 else ()
    breaks = tuple(b + 1 if b >= at else b for b in table.breaks)
    return replace(table, lines=(*table.lines[:at], line, *table.lines[at:]), merges=(*merges, *own), styles=styles, breaks=breaks)

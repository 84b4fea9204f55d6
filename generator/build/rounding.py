"""The set as it is printed: rounding as the pack's policy, over all tables and sentences at once. RULES 5 (舍入与加总).

各格舍入  each cell on its own, half up (strategy 1). Where printed parts then differ from the printed total, the pack's note
          (部分合计数与分项之和的差异系四舍五入所致) stands under that table, and only there.

统一舍入  controlled rounding (strategy 3). The facts are rounded once (build/rounded.py); tables and sentences are built from
          the rounded facts, so everything adds up and agrees by itself. When there is no way to do so within 0.01 万元 of
          every exact figure, the whole set is printed as under 各格舍入, and the tables that do not add up are named.

Tables and figures in 元 print exact amounts under either policy; under 统一舍入 they agree with those in 万元 to within one
digit, not to the last. Where a table adds up amounts that are left alone (上年), it can still fail to in print; then it has
the note, as under 各格舍入.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from generator.build.controlled import STEPS
from generator.build.facts import Item, context, facts
from generator.build.footing import unfooted
from generator.build.notes import noted, says_so
from generator.build.rounded import NoWay, Rounded, rounded_facts
from generator.build.select import Selector
from generator.build.table import Built, build
from generator.model.amount import grouped, show, to_unit
from generator.model.problem import Level, Place, Problem
from generator.model.table import Table
from generator.pack.pack import Pack, TableSpec
from generator.pack.rounding import TOLD, WHOLE

RULE = "统一舍入"
MOST, SHOWN = 5, 3  # messages about kept amounts; examples in a message


@dataclass(frozen=True, slots=True)
class MovedCell:
    """A printed figure that differs from 四舍五入 of its exact amount. In the table's unit."""

    table: str
    cell: str
    plain: Decimal
    printed: Decimal


@dataclass(frozen=True, slots=True)
class PrintedSet:
    """All tables of the pack as printed, and what sentences are made from.

    built: in the pack's order; their problems are those of the exact amounts. exact: tables with exact amounts, of the same
    lines but for notes: what checks hold against the master. selector: what the sentences say; the exact one unless the facts
    were rounded. unfooted: the numbers of the tables whose printed parts do not all add up. rounded: how the facts were
    rounded; None under 各格舍入. cells: the figures that differ for it. problems: what a person should know of it.
    """

    policy: str
    built: tuple[Built, ...]
    exact: tuple[Table, ...]
    selector: Selector
    unfooted: tuple[str, ...] = ()
    rounded: Rounded | NoWay | None = None
    cells: tuple[MovedCell, ...] = ()
    problems: tuple[Problem, ...] = ()

    def report(self) -> dict[str, object]:
        """For run.json: the policy, the tables that do not add up, every fact and every cell that was moved."""
        told: dict[str, object] = {"办法": self.policy, "加不拢的表": list(self.unfooted)}
        if isinstance(self.rounded, NoWay):
            told["改用"] = "各格舍入"
        elif self.rounded:
            told["挪动的数"] = [f"{m.place} {m.measure} {m.amount} 元，四舍五入 {m.plain}，取 {m.chosen}" for m in self.rounded.moved]
            told["因此不同的格"] = [f"{c.table}!{c.cell} {c.plain} → {c.printed}" for c in self.cells]
            told["没有保持住的数"] = [f"{g.name} {g.plain} → {g.chosen}" for g in self.rounded.given_up]
        return told


def printed_set(selector: Selector, trace: bool = False) -> PrintedSet:
    """Every table of the pack, rounded by its policy. UsageError when the policy takes a solver that is not installed."""
    pack = selector.pack
    exact = [build(selector, spec, trace) for spec in pack.tables]
    rounded = rounded_facts(selector, exact) if pack.rounding.policy == WHOLE else None
    made = [_rebuilt(table_facts(selector, rounded, spec), selector, own, spec, trace) for spec, own in zip(pack.tables, exact, strict=True)]
    rows = [{f.total[0] for f in unfooted(selector, spec, own, new.table)} for spec, own, new in zip(pack.tables, exact, made, strict=True)]
    unfooted_ = tuple(spec.number for spec, some in zip(pack.tables, rows, strict=True) if some)
    cells = tuple(_moved_cells(exact, made)) if isinstance(rounded, Rounded) else ()
    return PrintedSet(
        pack.rounding.policy,
        tuple(noted(one, pack.rounding.note, some) for one, some in zip(made, rows, strict=True)),
        tuple(own.table for own in exact),
        told_facts(selector, rounded),
        unfooted_,
        rounded,
        cells,
        tuple(_told(selector, rounded, cells, unfooted_, made)) if rounded else (),
    )


def table_facts(selector: Selector, rounded: Rounded | NoWay | None, spec: TableSpec) -> Selector:
    """The facts a table prints: the rounded ones, when they were rounded; but tables in 元 and 人 print exact amounts."""
    return rounded.selector if isinstance(rounded, Rounded) and spec.unit not in ("元", "人") else selector


def told_facts(selector: Selector, rounded: Rounded | NoWay | None) -> Selector:
    """The facts the explanation tells in 万元: the rounded ones, when the tables print the same digit."""
    return rounded.selector if isinstance(rounded, Rounded) and rounded.digit == TOLD else selector


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


def _rebuilt(facts: Selector, exact: Selector, own: Built, spec: TableSpec, trace: bool) -> Built:
    """A table of other facts; its problems are those of the exact ones."""
    return own if facts is exact else replace(build(facts, spec, trace), problems=own.problems)


def _moved_cells(exact: Sequence[Built], made: Sequence[Built]) -> Iterator[MovedCell]:
    for before, after in zip(exact, made, strict=True):
        for r, (was, now) in enumerate(zip(before.table.lines, after.table.lines, strict=True)):
            for c, (plain, cell) in enumerate(zip(was.cells, now.cells, strict=True)):
                if plain.shown != cell.shown and plain.shown is not None and cell.shown is not None:
                    yield MovedCell(after.table.name, after.table.address(r, c), plain.shown, cell.shown)


def _told(selector: Selector, rounded: Rounded | NoWay, cells: Sequence[MovedCell], unfooted: Sequence[str], made: Sequence[Built]) -> Iterator[Problem]:
    """What a person should know: that no way was found, every kept amount that was given up, how much was moved, a foot that is no longer true."""
    file = Place(selector.master.file)
    if isinstance(rounded, NoWay):
        yield _fallen_back(file, selector.pack, rounded, unfooted)
        return
    for n, given in enumerate(rounded.given_up[:MOST]):
        left = len(rounded.given_up) - MOST
        others = f"；另有 {left} 个数也是这样" if n == MOST - 1 and left > 0 else ""
        message = f"“{given.name}”四舍五入是 {_wan(given.plain)}，和别的要保持的数加不拢，印作 {_wan(given.chosen)}{others}"
        yield Problem(Level.WARNING, given.place, message, "先保持哪些数，由套表 rounding·keep 的次序定；清单在 run.json 的“舍入”里", RULE)
    if rounded.moved:
        examples = "；".join(f"{m.place.sheet}!{m.place.cell} {show(m.amount)} 取 {_wan(m.chosen)}" for m in rounded.moved[:SHOWN])
        more = "等" if len(rounded.moved) > SHOWN else ""
        message = f"为使各表加得拢，{len(rounded.moved)} 个数没有取四舍五入的数，{len(cells)} 格因此差一个末位：{examples}{more}"
        yield Problem(Level.HINT, file, message, "全部清单在 run.json 的“舍入”里", RULE)
    if untrue := [one.table.number for one in made if says_so(one.table)]:
        message = f"{_some(untrue)}的表尾写着四舍五入的尾差，统一舍入的表加得拢，这句话不合适"
        yield Problem(Level.HINT, file, message, "请财政局在表样里改掉表尾的这句话", RULE)


def _fallen_back(file: Place, pack: Pack, rounded: NoWay, unfooted: Sequence[str]) -> Problem:
    why = "没有一种取法" if rounded.proven else f"在规定的步数（{STEPS}）内没有找到一种取法"
    under = "，表下已加注" if pack.rounding.note else ""
    which = f"{_some(unfooted)}有合计数与分项之和差末位{under}" if unfooted else "各表也都加得拢"
    message = f"要各表都加得拢、每格又不差过一个末位，{why}，这一册改用各格舍入：{which}"
    return Problem(Level.WARNING, file, message, "数没有错，可以照常公开；一定要各表都加得拢的，请和财政局商量，把几笔金额改成整百元", RULE)


def _wan(rounded: Decimal) -> str:
    """A rounded amount in 万元, with more than two decimals where the tables print them."""
    amount = to_unit(rounded, "万元")
    return f"{grouped(amount, max(2, -int(amount.normalize().as_tuple().exponent)))} 万元"


def _some(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:8]) + (f"等 {len(numbers)} 张表" if len(numbers) > 8 else "")

"""What adds up to what in a table, found from the records behind its figures: a total is the disjoint union of its parts, or
of what the pack's rules hold equal to it (a project's 测算 lines under its 项目支出).

Down the page: a line against the lines one level further in, and in statements and forms any figure against the figures of
its column that make it up. Across: a figure against the figures beside it, up to the next words. A reader with a calculator
does the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from generator.build.agreeing import agreeing
from generator.build.select import Holding, Selector
from generator.build.table import Built
from generator.model.amount import YUAN_PER_UNIT
from generator.model.table import Line, LineKind, Table
from generator.pack.pack import TableSpec

At = tuple[int, int]  # grid row and column, 0-based
Parts = Sequence[tuple[int, Holding]]
ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Footing:
    """A total and the cells that make it up."""

    total: At
    parts: tuple[At, ...]


def figures(built: Built) -> dict[At, Parts]:
    """What each figure cell of the grid is made of."""
    known = {id(cell): parts for cell, parts in built.made}
    return {(r, c): known[id(cell)] for r, line in enumerate(built.table.lines) for c, cell in enumerate(line.cells) if cell.amount is not None and id(cell) in known}


def unfooted(selector: Selector, spec: TableSpec, built: Built, printed: Table | None = None) -> list[Footing]:
    """The totals of a table whose printed parts do not add up to what is printed for them.

    built: with exact amounts; printed: the table as it will be printed, when that is another one of the same shape.
    """
    table = printed or built.table
    if not _rounded(table, spec.unit):
        return []  # printed as it is, so it adds up
    return [f for f in footings(selector, spec, built) if not _adds(table, f, shown=True) and _adds(built.table, f, shown=False)]


def footings(selector: Selector, spec: TableSpec, built: Built) -> Iterator[Footing]:
    """All totals of a table with their parts."""
    sums = _Sums(selector, built)
    if spec.kind in ("交叉表", "清单表"):
        yield from _levels(built.table)
        yield from sums.down([r for r, line in built.table.of_kind(LineKind.BODY) if not line.key or not line.level])
        yield from sums.across_all()
        return
    for rows in built.table.instances:
        yield from sums.down(rows)
        yield from sums.across(rows)


def _rounded(table: Table, unit: str) -> bool:
    """Whether some figure of the table is not printed to its last digit."""
    yuan = YUAN_PER_UNIT.get(unit, ONE)  # people are counted
    return any(cell.shown * yuan != cell.amount for line in table.lines for cell in line.cells if cell.amount is not None and cell.shown is not None)


def _adds(table: Table, footing: Footing, shown: bool) -> bool:
    lines = table.lines
    row, column = footing.total
    if shown:
        return (lines[row].cells[column].shown or ZERO) == sum([lines[r].cells[c].shown or ZERO for r, c in footing.parts], ZERO)
    return (lines[row].cells[column].amount or ZERO) == sum([lines[r].cells[c].amount or ZERO for r, c in footing.parts], ZERO)


def _levels(table: Table) -> Iterator[Footing]:
    """Each line against the lines one level further in, column by column."""
    lines = [(r, line) for r, line in table.of_kind(LineKind.BODY) if line.key]
    inside: list[list[tuple[int, Line]]] = [[] for _ in lines]
    above: list[int] = []  # the open line of each level
    for i, (r, line) in enumerate(lines):
        while above and lines[above[-1]][1].level >= line.level:
            above.pop()
        if above and lines[above[-1]][1].level == line.level - 1:
            inside[above[-1]].append((r, line))
        above.append(i)
    for (r, line), parts in zip(lines, inside, strict=True):
        for c, cell in enumerate(line.cells) if parts else ():
            if cell.amount is not None:
                yield Footing((r, c), tuple((part, c) for part, own in parts if own.cells[c].amount is not None))


class _Sums:
    """The figures of one table as sets of records that have an amount."""

    def __init__(self, selector: Selector, built: Built) -> None:
        self.selector, self.built = selector, built
        self._shift: dict[tuple[str, str], int] = {}
        self._next = 0

    @cached_property
    def figures(self) -> Mapping[At, Parts]:
        return figures(self.built)

    def _set(self, parts: Parts) -> int:
        """All records as one int; 0 when it is no set (something is taken away, or counted twice)."""
        found = 0
        for sign, holding in parts:
            for (dataset, measure), mask in holding.items():
                if (dataset, measure) not in self._shift:
                    self._shift[dataset, measure] = self._next
                    self._next += len(self.selector.master.records(dataset))
                own = (mask & self.selector.nonzero(dataset, measure)) << self._shift[dataset, measure]
                if own and (sign < 0 or own & found):
                    return 0
                found |= own
        return found

    @cached_property
    def _equal(self) -> Mapping[int, int]:
        """Sets that other sets of the same amount stand for."""
        pairs = ((self._set(((1, left),)), self._set(((1, right),))) for left, right in agreeing(self.selector))
        return {right: left for left, right in pairs if left and right}

    def down(self, rows: Sequence[int]) -> Iterator[Footing]:
        """Within each column of these rows."""
        for c in range(len(self.built.table.columns)):
            sets = [((r, c), self._set(self.figures[r, c])) for r in rows if (r, c) in self.figures]
            yield from _unions(sets)
            if replaced := {at for at, own in sets if own in self._equal}:
                yield from (f for f in _unions([(at, self._equal.get(own, own)) for at, own in sets]) if f.total in replaced)

    def across(self, rows: Sequence[int]) -> Iterator[Footing]:
        """Within each row, from words to words."""
        for r in rows:
            for run in self._runs(r):
                yield from _unions([((r, c), self._set(self.figures[r, c])) for c in run])

    def _runs(self, row: int) -> Iterator[list[int]]:
        run: list[int] = []
        for c, cell in enumerate(self.built.table.lines[row].cells):
            if (row, c) in self.figures:
                run.append(c)
            elif cell.text and run:
                yield run
                run = []
        if run:
            yield run

    def across_all(self) -> Iterator[Footing]:
        """Across the lines of a cross table: what its columns hold altogether tells it for every line."""
        lines = [(r, line) for r, line in self.built.table.of_kind(LineKind.BODY) if line.key]
        whole: dict[int, int] = {}
        for r, line in lines:
            for c in range(len(line.cells)) if not line.level else ():
                if parts := self.figures.get((r, c)):
                    whole[c] = whole.get(c, 0) | self._set(parts)
        for footing in list(_unions([((0, c), whole[c]) for c in sorted(whole)])):
            for r, _ in lines:
                if (r, footing.total[1]) in self.figures:
                    yield Footing((r, footing.total[1]), tuple((r, c) for _, c in footing.parts if (r, c) in self.figures))


def _unions(sets: Sequence[tuple[At, int]]) -> Iterator[Footing]:
    """Each set that others make up, with these: the largest ones within it that stand one after the other and share nothing.

    Two ways of dividing the same total, side by side (基本、项目；一般、基金), are each found.
    """
    for at, total in sets:
        if not total:
            continue
        within: dict[int, At] = {}
        for other, own in sets:
            if own and own != total and not own & ~total:
                within.setdefault(own, other)
        largest = [own for own in within if not any(own != o and not own & ~o for o in within)]
        start = 0
        while start < len(largest):
            union, end = 0, start
            while end < len(largest) and not union & largest[end] and union != total:
                union |= largest[end]
                end += 1
            if union == total:
                yield Footing(at, tuple(within[own] for own in largest[start:end]))
                start = end
            else:
                start += 1

"""The pack's note (部分合计数与分项之和的差异系四舍五入所致) under each table, and each form, that does not add up in print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from generator.build.table import Built
from generator.model.table import Border, Cell, Line, LineKind, Merge, Table

SAYS_SO = "四舍五入"  # a layout whose own 表尾 has this word needs no note


def says_so(table: Table) -> bool:
    """Whether the table's own foot already speaks of rounding."""
    return any(SAYS_SO in (cell.text or "") for _, line in table.of_kind(LineKind.FOOT) for cell in line.cells)


def noted(built: Built, note: str, rows: Iterable[int]) -> Built:
    """The table with `note` under each form that has one of these grid rows (under the whole table, when it is no form)."""
    wanted = set(rows)
    at = [instance.stop for instance in built.table.instances if not wanted.isdisjoint(instance)]
    if not note or not at or says_so(built.table):
        return built
    table = built.table
    for row in reversed(at):  # from below, so that the rows above stay where they are
        table = _with_line(table, row, note)
    sources = {(r + sum(1 for row in at if row <= r), c): source for (r, c), source in built.sources.items()}
    return replace(built, table=table, sources=sources)


def _with_line(table: Table, at: int, words: str) -> Table:
    """The table with a line of words over its whole width before grid row `at`: as its foot looks, or else its body."""
    like = next((line for _, line in table.of_kind(LineKind.FOOT)), next((line for _, line in table.of_kind(LineKind.BODY)), table.lines[-1]))
    look = replace(table.styles[like.cells[0].style], bold=False, horizontal="left", wrap=True, indent=0, vertical=False, fill="", border=Border(), number_format="General")
    styles = table.styles if look in table.styles else (*table.styles, look)
    style = styles.index(look)
    width = len(table.columns)
    line = Line(LineKind.FOOT, (Cell(words, style=style), *(Cell(style=style) for _ in range(width - 1))))
    merges = [replace(m, row=m.row + 1) if m.row >= at else m for m in table.merges]
    if width > 1:
        merges.append(Merge(at, 0, 1, width))
    breaks = tuple(b + 1 if b >= at else b for b in table.breaks)
    return replace(table, lines=(*table.lines[:at], line, *table.lines[at:]), merges=tuple(merges), styles=styles, breaks=breaks)

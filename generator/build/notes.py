"""The pack's note (部分合计数与分项之和的差异系四舍五入所致) under each table, and each form, that does not add up in print."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from msgspec import structs

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
    sources = {(r + bisect_right(at, r), c): source for (r, c), source in built.sources.items()}
    return replace(built, table=_with_lines(built.table, at, note), sources=sources)


def _with_lines(table: Table, at: Sequence[int], words: str) -> Table:
    """The table with a line of words over its whole width before each of these grid rows (ascending): as its foot looks, or else its body.

    All in one pass: a department may have hundreds of forms, with thousands of merges.
    """
    like = next((line for _, line in table.of_kind(LineKind.FOOT)), next((line for _, line in table.of_kind(LineKind.BODY)), table.lines[-1]))
    look = structs.replace(table.styles[like.cells[0].style], bold=False, horizontal="left", wrap=True, indent=0, vertical=False, fill="", border=Border(), number_format="General")
    styles = table.styles if look in table.styles else (*table.styles, look)
    style = styles.index(look)
    width = len(table.columns)
    line = Line(LineKind.FOOT, (Cell(words, style=style), *(Cell(style=style) for _ in range(width - 1))))
    edges = [0, *at, len(table.lines)]
    lines = [own for first, end in pairwise(edges) for own in (*table.lines[first:end], line)][:-1]  # but for the last piece, behind which none stands
    merges = [replace(m, row=m.row + down) if (down := bisect_right(at, m.row)) else m for m in table.merges]
    if width > 1:
        merges += [Merge(row + n, 0, 1, width) for n, row in reversed(list(enumerate(at)))]
    breaks = tuple(b + bisect_right(at, b) for b in table.breaks)
    return replace(table, lines=tuple(lines), merges=tuple(merges), styles=styles, breaks=breaks)

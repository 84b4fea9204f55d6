"""Within a row: a column of totals is the sum of the columns its headings stand over (合计 = 基本支出 + 项目支出; 小计 = 人员 + 公用).

A relation is taken from the headings and trusted only as far as the table itself bears it out: when the words are a known
partition, or when more rows keep it than break it. A publisher's own way (a column counted into another total) is recognised by
its explaining every row. A relation that no row keeps is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from generator.pack.audit_rules import Sure
from generator.published.checks.sums import Gap, Sums, gap
from generator.published.model import ReadRow, ReadTable
from generator.published.rulebook import Rule
from generator.published.vocabulary import Vocabulary
from generator.published.words import plain

_TOTAL = re.compile(r"^(?:合计|小计|总计|金额合计|预算合计|支出合计|收入合计)$|(?:合计|总计)(?:\((?:万元|元)\))?$")
KNOWN = ("资金", "类型", "性质", "经济", "政府", "三公")


@dataclass(frozen=True, slots=True)
class Relation:
    """total: a column; parts: columns; known: the headings form a partition whose meaning is understood."""

    total: int
    parts: tuple[int, ...]
    known: bool


def relations(table: ReadTable, words: Vocabulary) -> Iterator[Relation]:
    """What the headings say adds up. Columns beside the budget (上年数, 数量) and 其中 columns take no part."""
    columns = [i for i in table.figure_columns if not words.is_beside(table.columns[i].path) and not any(plain(p).startswith("其中") for p in table.columns[i].path)]
    if not table.lists:
        yield from _group(table, columns, 0, words)
    else:
        for _, figures in table.lists:
            yield from _group(table, [i for i in figures if i in columns], 0, words, shared=True)


def _group(table: ReadTable, columns: list[int], depth: int, words: Vocabulary, shared: bool = False) -> Iterator[Relation]:
    """The relation among the children of one heading, then those below. shared: the outer heading is common to all."""
    paths = {i: tuple(plain(p) for p in table.columns[i].path) for i in columns}
    while shared and columns and all(len(paths[i]) > depth + 1 for i in columns) and len({paths[i][depth] for i in columns}) == 1:
        depth += 1
    nodes = [list(g) for _, g in groupby(columns, key=lambda i: paths[i][depth] if len(paths[i]) > depth else "")]
    total = next((n[0] for n in nodes if len(n) == 1 and len(paths[n[0]]) > depth and _TOTAL.search(paths[n[0]][depth]) and len(paths[n[0]]) == depth + 1), None)
    if total is None and depth and nodes and len(nodes[0]) == 1 and len(paths[nodes[0][0]]) == depth:
        total = nodes[0][0]
    if total is None and len(nodes) == 1 and columns and len(paths[columns[0]]) > depth + 1:
        yield from _group(table, columns, depth + 1, words)
        return
    parts: list[int] = []
    for node in nodes:
        if total is not None and total in node:
            continue
        inner = [i for i in node if len(paths[i]) > depth + 1]
        own = next((i for i in inner if _TOTAL.search(paths[i][depth + 1]) and len(paths[i]) == depth + 2), None)
        alone = next((i for i in node if len(paths[i]) == depth + 1), None)
        parts += [alone] if alone is not None else [own] if own is not None else inner
        if len(node) > 1 and any(len(paths[i]) > depth + 1 for i in node):
            yield from _group(table, node, depth + 1, words)
    if total is not None and len(parts) >= 2:
        yield Relation(total, tuple(parts), _known(table, parts, words))


def _known(table: ReadTable, parts: list[int], words: Vocabulary) -> bool:
    """All parts restrict the same dimension: 基本支出 and 项目支出, 人员经费 and 公用经费, the sources."""
    kinds: set[str] = set()
    for i in parts:
        path = table.columns[i].path
        head = path[-2] if len(path) > 1 and _TOTAL.search(plain(path[-1])) else path[-1]
        dims = words.own_meaning(table.title, head) or words.dims(head)
        if not dims or len(set(dims) & set(KNOWN)) != 1:
            return False
        kinds |= set(dims) & set(KNOWN)
    return len(kinds) == 1


def check_across(table: ReadTable, words: Vocabulary, out: Sums) -> None:
    """Findings and tails of one table's rows."""
    bad = {id(c) for c in table.faults}
    for relation in relations(table, words):
        seen: list[tuple[ReadRow, Gap]] = []
        for row in table.rows:
            cells = [row.cells[i] for i in (relation.total, *relation.parts)]
            if any(c.covered or (c.text and c.figure is None and any(ch.isdigit() for ch in c.text)) or id(c) in bad for c in cells):
                continue
            g = gap(cells[0].figure, [c.figure for c in cells[1:]])
            if g is not None and (g.weight or g.total):
                seen.append((row, g))
        out.compared += len(seen)
        bare = [] if relation.known else [g for _, g in seen if not g.weight]  # the total is given and no detail: nothing to hold it against
        short = sum((g.total for g in bare), Decimal(0))
        broken = [(r, g) for r, g in seen if not g.holds and g not in bare and not (bare and abs(g.difference + short) <= g.slack)]
        kept = [(r, g) for r, g in seen if g.holds]
        out.tails += [r.cells[relation.total].spot for r, g in kept if not g.exact]
        if not broken:
            continue
        name = table.columns[relation.total].title
        if len(broken) >= 2 and _own_way(table, relation, seen):
            out.skipped.append(f"{table.name}的“{name}”不等于右边各栏之和，但每一行都是同样的算法，按本表自己的口径处理")
            continue
        if not kept and not (relation.known and len(seen) <= 2):
            out.skipped.append(f"{table.name}的“{name}”与各栏之和在所有行都不相等，表头的关系没有采用")
            continue
        sure = Sure.PROVED if relation.known or len(kept) > len(broken) else Sure.UNSURE
        parts = "、".join(table.columns[i].path[-1] if not _TOTAL.search(plain(table.columns[i].path[-1])) else table.columns[i].title for i in relation.parts[:6]) + (
            "等" if len(relation.parts) > 6 else ""
        )
        for row, g in broken:
            label = row.label or row.code or "本行"
            out.wrong(Rule.ADDS_UP, sure, table.unit, f"“{label}”的{name}", row.cells[relation.total], g, parts)


def _own_way(table: ReadTable, relation: Relation, seen: list[tuple[ReadRow, Gap]]) -> bool:
    """One column left out, or one more taken in, makes every row hold: that is how this publisher counts."""
    others = [i for i in table.figure_columns if i != relation.total and i not in relation.parts]
    ways = [tuple(p for p in relation.parts if p != i) for i in relation.parts] + [(*relation.parts, i) for i in others]
    for way in ways:
        gaps = [gap(r.cells[relation.total].figure, [r.cells[i].figure for i in way]) for r, _ in seen]
        if all(g is None or g.holds for g in gaps):
            return True
    return False

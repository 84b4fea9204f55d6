"""Down a column: a code is the sum of the codes under it (201 = Σ 201xx), the total row is the sum of the rows it closes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.pack.audit_rules import Sure
from generator.published.checks.sums import Gap, Sums, gap, money, printed
from generator.published.model import ReadTable
from generator.published.rulebook import Rule
from generator.published.vocabulary import Vocabulary
from generator.published.words import ordinal, plain

_TOTAL = re.compile(r"^(?:合计|总计)$")


def total_rows(table: ReadTable) -> list[int]:
    return [n for n, r in enumerate(table.rows) if not r.code and (_TOTAL.match(plain(r.label)) or any(_TOTAL.match(plain(c.text)) for c in r.cells[:4]))]


def check_down(table: ReadTable, words: Vocabulary, out: Sums) -> None:
    """Findings and tails of one table's columns."""
    columns = [i for i in table.figure_columns if not any("单价" in p or "比例" in p or "%" in p for p in table.columns[i].path)]
    kept = _codes(table, columns, out)
    _totals(table, columns, out, kept)
    _subtotals(table, columns, out)
    _levels(table, out)


def children(table: ReadTable) -> Iterator[tuple[int, list[int]]]:
    """Each coded row with the rows directly under it. A table that repeats its codes unit by unit is taken block by block."""
    rows = table.rows
    for n, row in enumerate(rows):
        if len(row.code) not in (3, 5):
            continue
        block: list[int] = []
        for m in range(n + 1, len(rows)):
            code = rows[m].code
            if not code and not any(rows[m].cells[i].figure for i in table.figure_columns):
                continue
            if not code.startswith(row.code) or code == row.code:
                break
            block.append(m)
        direct = [m for m in block if not any(rows[m].code != rows[k].code and rows[m].code.startswith(rows[k].code) for k in block)]
        if direct:
            yield n, direct


def _codes(table: ReadTable, columns: list[int], out: Sums) -> int:
    broken: list[tuple[int, int, Gap, str]] = []
    kept = 0
    for n, direct in children(table):
        for i in columns:
            cells = [table.rows[m].cells[i] for m in (n, *direct)]
            if any(c.text and c.figure is None and re.search(r"\d", c.text) for c in cells):
                continue
            g = gap(cells[0].figure, [c.figure for c in cells[1:]])
            once = {table.rows[m].code: table.rows[m].cells[i].figure for m in reversed(direct)}
            if g is not None and not g.holds and len(once) < len(direct):  # a code and then its units under the same code
                g = gap(cells[0].figure, list(once.values()))
                if g is not None and not g.holds:
                    continue
            if g is None or not (g.weight or g.total):
                continue
            out.compared += 1
            if g.holds:
                kept += 1
                if not g.exact:
                    out.tails.append(cells[0].spot)
            else:
                broken.append((n, i, g, "、".join(table.rows[m].code for m in direct[:6]) + ("等" if len(direct) > 6 else "")))
    for n, i, g, parts in broken:
        row = table.rows[n]
        out.wrong(Rule.ADDS_UP, Sure.PROVED if kept else Sure.UNSURE, table.unit, f"{row.code}{row.label}的{table.columns[i].title}", row.cells[i], g, parts)
    return kept


def shapes(table: ReadTable, rows: list[int]) -> dict[tuple[object, ...], list[int]]:
    """Rows by which of their label columns are filled and how long their codes are: units, subtotals and items look different."""
    found: dict[tuple[object, ...], list[int]] = {}
    labels = [i for i, c in enumerate(table.columns) if c.role in ("编码", "名称", "其他")]
    for n in rows:
        cells = table.rows[n].cells
        shape = tuple(len(re.sub(r"\D", "", cells[i].text)) if table.columns[i].role == "编码" else bool(cells[i].text) and not cells[i].covered for i in labels)
        found.setdefault(shape, []).append(n)
    return found


def _subtotals(table: ReadTable, columns: list[int], out: Sums) -> None:
    """The row of a unit (or of a group of projects) is the sum of the items up to the next such row.

    Used only where most columns of that row bear it out; with codes of several levels the items are the lowest ones.
    """
    rows = [n for n in range(len(table.rows)) if n not in total_rows(table)]
    groups = shapes(table, rows)
    if len(groups) < 2 or table.lists:
        return
    parents = {n for n, _ in children(table)}
    items = set(max(groups.values(), key=max)) if not any(table.rows[n].code for n in rows) else {n for n in rows if table.rows[n].code and n not in parents}
    heads = [(n, shape) for shape, own in groups.items() for n in own if n not in items and not table.rows[n].code]
    for n, shape in heads:
        stop = next((m for m in range(n + 1, len(table.rows)) if m in groups[shape] or m in total_rows(table)), len(table.rows))
        under = [m for m in range(n + 1, stop) if m in items]
        gaps: dict[int, Gap] = {}
        for i in columns:
            cells = [table.rows[m].cells[i] for m in (n, *under)]
            g = gap(cells[0].figure, [c.figure for c in cells[1:]])
            if under and g is not None and (g.weight or g.total):
                gaps[i] = g
        kept = sum(g.holds for g in gaps.values())
        short = [(i, g) for i, g in gaps.items() if not g.holds]
        if kept <= len(short) and not (kept and len(short) == 1):
            if kept and all(g.difference < 0 for _, g in short):
                i, g = short[0]
                out.compared += len(gaps)
                name, whole = table.rows[n].label or "小计行", table.rows[n].cells[i]
                values = {
                    "小计": name,
                    "栏数": str(len(short)),
                    "项目": table.columns[i].title,
                    "应为": money(g.parts, table.unit),
                    "印的": printed(whole, g, table.unit),
                    "差": money(abs(g.difference), table.unit),
                }
                out.say(Rule.ROW_LOST, whole.spot, values, Sure.UNSURE)
            continue
        out.compared += len(gaps)
        for i, g in gaps.items():
            if not g.holds:
                label = table.rows[n].label or "小计行"
                out.wrong(Rule.ADDS_UP, Sure.PROVED if kept > len(gaps) - kept else Sure.UNSURE, table.unit, f"“{label}”的{table.columns[i].title}", table.rows[n].cells[i], g, "下面各行")


def _levels(table: ReadTable, out: Sums) -> None:
    """A table that lists 类, 款 and 项 lists them for every subject: a 项 without its 款, or a 款 without any 项, is a lost row."""
    codes = [r.code for r in table.rows if r.code]
    if len(codes) != len(set(codes)) or not codes or codes[0][0] != "2":
        return
    middle, low = [c for c in codes if len(c) == 5], [c for c in codes if len(c) == 7]
    orphans = [c for c in low if c[:5] not in middle]
    barren = [c for c in middle if not any(x.startswith(c) for x in low)]
    if len(middle) < 2 or len(low) < 2:
        return
    for code, said in [*((c, f"没有它的款级行{c[:5]}") for c in orphans if len(orphans) * 3 <= len(low)), *((c, "下面没有项级行") for c in barren if len(barren) * 3 <= len(middle))]:
        row = next(r for r in table.rows if r.code == code)
        out.say(Rule.LEVELS, row.cells[0].spot, {"科目": f"{code}{row.label}", "缺的": said}, Sure.UNSURE)


def _within(table: ReadTable, rows: list[int]) -> set[int]:
    """Rows that tell what is within the row above them: 其中：公务用车运行费, and those that follow it without a number of their own."""
    found: set[int] = set()
    for n in rows:
        first = next((c.text for c in table.rows[n].cells if c.text and c.figure is None), "")
        label = ordinal(first)[1]
        if label.startswith("其中") or (n - 1 in found and not ordinal(first)[0]):
            found.add(n)
    return found


def _covers(table: ReadTable, totals: list[int]) -> list[tuple[str, list[int]]]:
    """Sets of rows that a total row may be the sum of."""
    rest = [n for n in range(len(table.rows)) if n not in totals]
    found: list[tuple[str, list[int]]] = []
    coded = [n for n in rest if table.rows[n].code]
    tops = [n for n in coded if len(table.rows[n].code) == 3]
    if tops:
        found.append(("各类", tops))
    if coded:
        parents = {n for n, _ in children(table)}
        found.append(("末级科目", [n for n in coded if n not in parents]))
        blocks: list[int] = []
        for n in coded:
            if not blocks or not table.rows[n].code.startswith(table.rows[blocks[-1]].code) or table.rows[n].code == table.rows[blocks[-1]].code:
                blocks.append(n)
        found.append(("各科目", blocks))
    found.append(("各行", rest))
    if apart := _within(table, rest):
        found.append(("其中以外的各行", [n for n in rest if n not in apart]))
    patterns = shapes(table, rest)
    found += [("同级各行", rows) for rows in patterns.values() if len(patterns) > 1]
    if len(patterns) > 2:
        found += [("各行", [n for other, rows in patterns.items() if other is not left_out for n in rows]) for left_out in patterns]
    subtotal = [n for n in rest if plain(table.rows[n].label).endswith("小计")]
    if subtotal:
        found += [("各小计", subtotal), ("各行", [n for n in rest if n not in subtotal])]
    unlabelled = [n for n in rest if not table.rows[n].code]
    if coded and unlabelled:
        found.append(("各单位", unlabelled))
    levels: dict[int, list[int]] = {}
    for n in rest:
        text = next((re.sub(r"\s", "", c.text) for c, k in zip(table.rows[n].cells, table.columns, strict=True) if k.role == "编码" and c.text and not c.covered), "")
        levels.setdefault(len(text), []).append(n)
    if len(levels) > 1:
        found += [("同级各行", rows) for _, rows in sorted(levels.items())]
    return [(name, rows) for name, rows in found if rows]


def _totals(table: ReadTable, columns: list[int], out: Sums, trusted: int) -> None:
    totals = total_rows(table)
    if not totals or table.lists or len(totals) > 1:
        if len(totals) > 1:
            out.skipped.append(f"{table.name}有 {len(totals)} 个合计行，合计行没有核对")
        return
    top = totals[0]
    covers = _covers(table, totals)
    if not covers:
        return
    gaps: list[dict[int, Gap]] = []
    for _, rows in covers:
        of: dict[int, Gap] = {}
        for i in columns:
            cells = [table.rows[n].cells[i] for n in (top, *rows)]
            if any(c.text and c.figure is None and not c.covered and re.search(r"\d", c.text) for c in cells):
                continue
            g = gap(cells[0].figure, [c.figure for c in cells[1:]])
            if g is not None and (g.weight or g.total):
                of[i] = g
        gaps.append(of)
    scores = [sum(g.holds for g in of.values()) for of in gaps]
    best = max(range(len(covers)), key=lambda k: scores[k])
    out.compared += len(gaps[best])
    if not scores[best] and not trusted:
        if gaps[best]:
            _unsure(table, top, covers, gaps, columns, out)
        return
    if not scores[best]:
        best = 0
    if len(gaps[best]) > 2 * max(scores[best], 1):
        out.skipped.append(f"{table.name}的合计行与各行之和多数栏对不上，行的层次或栏的位置没有认出来")
        return
    for i, g in gaps[best].items():
        if g.holds:
            if not g.exact:
                out.tails.append(table.rows[top].cells[i].spot)
        elif not any(of[i].holds for of in gaps if i in of):
            out.wrong(Rule.ADDS_UP, Sure.PROVED, table.unit, f"合计行的{table.columns[i].title}", table.rows[top].cells[i], g, covers[best][0])


def _unsure(table: ReadTable, top: int, covers: list[tuple[str, list[int]]], gaps: list[dict[int, Gap]], columns: list[int], out: Sums) -> None:
    """No way of adding fits any column: worth a look, but it may be our reading of the table."""
    name, rows = covers[0]
    if len(covers) <= 2 and len(rows) >= 2:
        for i, g in gaps[0].items():
            out.wrong(Rule.ADDS_UP, Sure.UNSURE, table.unit, f"合计行的{table.columns[i].title}", table.rows[top].cells[i], g, name)
    else:
        out.skipped.append(f"{table.name}的合计行与各行之和对不上，行的层次没有认出来")

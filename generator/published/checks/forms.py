"""Performance forms: the money on them adds up and is that of the budget tables; an indicator that is named has a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from generator.pack.audit_rules import Sure
from generator.published.checks.sums import Sums, gap, money
from generator.published.checks.text import near, same
from generator.published.facts import is_form
from generator.published.index import Index
from generator.published.model import Figure, ReadCell, ReadTable
from generator.published.rulebook import Rule
from generator.published.words import as_figure, decimals, plain, unit_in

MONEY = {"基本支出": "基本支出", "项目支出": "项目支出"}


def labelled(table: ReadTable, label: str) -> list[ReadCell]:
    """The number to the right of each cell that is exactly this label, or under it where labels stand in a row of their own."""
    found: list[ReadCell] = []
    for n, row in enumerate(table.rows):
        for i, cell in enumerate(row.cells):
            if plain(re.sub(r"[:：]$", "", cell.text)) != label or cell.covered:
                continue
            right = next((c for c in row.cells[i + 1 :] if c.text and not c.covered and plain(c.text) != label), None)
            below = table.rows[n + 1].cells[i] if n + 1 < len(table.rows) else None
            found += [c for c in (right, below) if c is not None and not c.covered and as_figure(c.text) is not None][:1]
    return found


def printed_amount(cell: ReadCell, unit: str) -> Figure:
    """The number in a field of a form, which no column says to be an amount. unit: 元 or, for all else, 万元."""
    value = as_figure(cell.text) or Decimal(0)
    scale = Decimal(10000) if unit != "元" else Decimal(1)
    return Figure(value, value * scale, scale.scaleb(-decimals(cell.text)))


def check_forms(tables: Sequence[ReadTable], index: Index, out: Sums) -> None:
    """The unit's overall form is held against the tables here; each project's form in `projects`."""
    for table in tables:
        if not is_form(table):
            continue
        whole = "整体" in table.title
        unit = next((u for c in table.columns for p in c.path if (u := unit_in(p))), table.unit)
        for label, name in MONEY.items() if whole else ():
            for cell in labelled(table, label)[:1]:
                facts = index.facts({"流": "支出", "类型": name})
                if not facts:
                    continue
                out.compared += 1
                figure = printed_amount(cell, unit)
                if any(same(figure, f.figure) for f in facts):
                    continue
                fact = min(facts, key=lambda f: abs(f.figure.yuan - figure.yuan))
                sure = Sure.UNSURE if near(figure, fact.figure) else Sure.PROVED
                values = {"表": table.name, "项目": label, "印的": money(figure.yuan, "万元"), "另一表": fact.table.name, "应为": money(fact.figure.yuan, "万元")}
                out.say(Rule.OVERALL_FORM, cell.spot, values, sure, fact.cell.spot)
        _blocks(table, unit, out)
        _indicators(table, out)


def _blocks(table: ReadTable, unit: str, out: Sums) -> None:
    """Rows that share a field (支出明细, 收入构成): the one named 合计 is the sum of the others, column by column."""
    start = 0
    rows = table.rows
    while start < len(rows):
        owner = rows[start].cells[0].spot.anchor if rows[start].cells[0].text else None
        end = start + 1
        while end < len(rows) and owner and rows[end].cells[0].covered == "above" and rows[end].cells[0].spot.anchor == owner:
            end += 1
        if end - start >= 3:
            for lead in (1, 2):
                _block(table, start, end, lead, unit, out)
        start = end


def _block(table: ReadTable, start: int, end: int, lead: int, unit: str, out: Sums) -> None:
    """lead: the column of the names. With two fields beside each other (收入构成, 支出构成) the rows of one field are taken together."""
    groups: list[list[int]] = []
    for n in range(start, end):
        cells = table.rows[n].cells
        if len(cells) <= lead + 1:
            return
        same = lead == 2 and groups and cells[1].spot.anchor == table.rows[groups[-1][-1]].cells[1].spot.anchor
        if (lead == 1 and groups) or same:
            groups[-1].append(n)
        else:
            groups.append([n])
    for group in groups:
        totals = [n for n in group if plain(table.rows[n].cells[lead].text) in ("合计", "总计", "小计", "资金总额") and table.rows[n].cells[lead].covered != "left"]
        if len(totals) != 1:
            continue
        at = totals[0]
        parts = [n for n in group if (n > at if group.index(at) <= 1 else n < at) and table.rows[n].cells[lead].text]
        seen: set[object] = set()
        for i in range(lead + 1, len(table.columns)):
            total = table.rows[at].cells[i]
            if total.covered or as_figure(total.text) is None or total.spot.anchor in seen:
                continue
            seen.add(total.spot.anchor)
            given = [c for n in parts if not (c := table.rows[n].cells[i]).covered and as_figure(c.text) is not None]
            g = gap(printed_amount(total, unit), [printed_amount(c, unit) for c in given])
            if g is None or not g.weight:
                continue
            out.compared += 1
            if not g.holds:
                name = f"“{table.rows[at].cells[0].text[:12]}”的合计"
                out.wrong(Rule.FORM_ADDS_UP, Sure.UNSURE, "万元" if unit != "元" else "元", name, total, g, "、".join(table.rows[n].cells[lead].text for n in parts[:4]))


def _indicators(table: ReadTable, out: Sums) -> None:
    """三级指标 with a name and neither value nor word for it."""
    paths = [plain(c.path[-1]) if c.path else "" for c in table.columns]
    name = next((i for i, p in enumerate(paths) if "三级指标" in p), None)
    value = next((i for i, p in enumerate(paths) if re.search(r"指标值|目标值", p) and "说明" not in p), None)
    if name is None or value is None or value <= name:
        return
    for row in table.rows:
        cell = row.cells[name]
        if not cell.text or cell.covered or plain(cell.text) in ("三级指标", "指标名称") or len(cell.text) < 3:
            continue
        out.compared += 1
        if not any(c.text for c in row.cells[name + 1 :] if not c.covered):
            out.say(Rule.INDICATOR_VALUE, cell.spot, {"指标": cell.text[:20]}, Sure.UNSURE, quote=cell.text[:30])

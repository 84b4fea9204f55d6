"""A project's money on its performance form is that of the project table, project by project."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.pack.audit_rules import Sure
from generator.published.checks.forms import printed_amount
from generator.published.checks.sums import Sums, money
from generator.published.checks.text import near, same
from generator.published.facts import is_contents, is_form
from generator.published.model import Figure, ReadCell, ReadTable
from generator.published.rulebook import Rule
from generator.published.words import as_figure, plain, unit_in

_NAME = re.compile(r"^(?:项目|专项|专项支出|单位专项支出)名称$|\(项目名称\)$")
_THIS_YEAR = re.compile(r"^(?:本年度?|当年|年度)(?:申请|安排|预算|资金|金额)")
_WHOLE = re.compile(r"^(?:项目|年度|年度项目)?资金总额$|^项目总(?:金额|预算)$")
_TOTAL = re.compile(r"^(?:合计|总计|资金总额|项目资金总额|预算金额|金额|预算数)$")
_NOT_A_PROJECT = re.compile(r"^(?:无|合计|总计|小计)?$")


@dataclass(frozen=True, slots=True)
class Money:
    """What a table says of one project. cell: where; figure: how much."""

    project: str
    cell: ReadCell
    figure: Figure
    table: ReadTable


def called(name: str) -> str:
    """A project's name for comparing.

    >>> called("行政审批大厅运行经费") == called("行政审批大厅 运行")
    True
    """
    return re.sub(r"(?:专项)?(?:经费|资金|费用|项目)$", "", plain(name))


def unit_of(table: ReadTable) -> str:
    """The unit a form names in one of its fields (项目资金申请（万元）), else that of the table."""
    fields = [p for c in table.columns for p in c.path] + [c.text for r in table.rows for c in r.cells if len(c.text) < 24]
    return next((u for text in fields if (u := unit_in(text))), table.unit)


def of_forms(table: ReadTable) -> Iterator[Money]:
    """A form with fields: each 项目名称 with the 合计 of this year's money in the first block after it."""
    unit = unit_of(table)
    name = _named_above(table)
    column = next((i for i, c in enumerate(table.columns) if c.path and _THIS_YEAR.match(plain(c.path[-1]))), -1)
    for row in table.rows:
        for i, cell in enumerate(row.cells):
            label = plain(re.sub(r"[:：]$", "", cell.text))
            if not label or cell.covered:
                continue
            if _NAME.search(label):
                right = next((c.text for c in row.cells[i + 1 :] if c.text and not c.covered), "")
                name, column = plain(right), -1
            elif _THIS_YEAR.match(label):
                column = i
            elif _WHOLE.match(label) or (_TOTAL.match(label) and i < column):
                rest = row.cells[column : column + 1] if i < column else [c for c in row.cells[i + 1 :] if c.text and not c.covered][:1]
                amount = next((c for c in rest if as_figure(c.text) is not None), None)
                if name and amount is not None:
                    yield Money(name, amount, printed_amount(amount, unit), table)
                name, column = "", -1  # the blocks below (支出明细) tell the same money again


def _named_above(table: ReadTable) -> str:
    """The first lines of a form are read as its heading: the words to the right of 项目名称 there."""
    for i, column in enumerate(table.columns):
        if column.path and _NAME.search(plain(column.path[0])):
            beside = next((c.path[0] for c in table.columns[i + 1 :] if c.path and c.path[0] != column.path[0]), "")
            return plain(beside) if not _NAME.search(plain(beside)) else ""
    return ""


def of_lists(table: ReadTable) -> Iterator[Money]:
    """A table with a column of projects: its first column of totals. Rows of one project (several 支出方向) are taken together."""
    names = next((i for i, c in enumerate(table.columns) if c.path and _NAME.search(plain(c.path[-1])) and c.role != "金额"), None)
    amounts = next((i for i, c in enumerate(table.columns) if names is not None and i > names and c.path and _TOTAL.match(plain(c.path[-1])) and c.role in ("金额", "数量")), None)
    if names is None or amounts is None:
        return
    found: defaultdict[str, list[ReadCell]] = defaultdict(list)
    for row in table.rows:
        name = plain(row.cells[names].text)
        if not _NOT_A_PROJECT.match(name) and not row.cells[amounts].covered and as_figure(row.cells[amounts].text) is not None:
            found[name].append(row.cells[amounts])
    for name, cells in found.items():
        each = [printed_amount(c, table.unit) for c in cells]
        total = Figure(sum((f.value for f in each), Decimal(0)), sum((f.yuan for f in each), Decimal(0)), max(f.step for f in each))
        yield Money(name, cells[0], total, table)
        if len(cells) > 1:
            yield from (Money(name, c, f, table) for c, f in zip(cells, each, strict=True))


def check_projects(tables: Sequence[ReadTable], out: Sums) -> None:
    """Every form whose project the project tables name; a project they do not name is told as not compared."""
    budget: defaultdict[str, list[Money]] = defaultdict(list)
    for table in tables:
        if "项目支出" in plain(table.title) and not is_form(table) and not is_contents(table):
            for one in of_lists(table):
                budget[called(one.project)].append(one)
    if not budget:
        return
    alone: list[str] = []
    for table in tables:
        if not is_form(table) or "整体" in table.title or "采购" in table.title or "购买服务" in table.title:
            continue
        for said in list(of_forms(table)) or list(_whole(of_lists(table))):
            given = budget.get(called(said.project), [])
            if not given:
                alone.append(said.project)
                continue
            out.compared += 1
            if any(same(said.figure, g.figure) for g in given):
                continue
            nearest = min(given, key=lambda g: abs(g.figure.yuan - said.figure.yuan))
            sure = Sure.PROVED if len({g.figure.yuan for g in given}) == 1 and not near(said.figure, nearest.figure) else Sure.UNSURE
            values = {"项目": said.project, "印的": money(said.figure.yuan, "万元"), "另一表": nearest.table.name, "应为": money(nearest.figure.yuan, "万元")}
            out.say(Rule.PROJECT_FORM, said.cell.spot, values, sure, nearest.cell.spot)
    if alone:
        out.skipped.append(f"绩效表里有 {len(alone)} 个项目在项目支出表里没有同名的，资金没有核对：{'、'.join(dict.fromkeys(alone[:5]))}{'等' if len(alone) > 5 else ''}")


def _whole(found: Iterator[Money]) -> Iterator[Money]:
    """Of a list only what each project has altogether."""
    seen: set[str] = set()
    for one in found:
        if one.project not in seen:
            seen.add(one.project)
            yield one

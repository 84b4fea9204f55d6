"""Random masters that a unit could have sent in: what a property has to hold for.

Codes are those the pack's own sample uses, sources those of the pack, so that every table has a line and a column for them;
everything else is drawn: how many units, which lines, which cells of a wide sheet are filled, and the amounts, to the 分.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import openpyxl
from hypothesis import strategies as st
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from generator.pack.pack import Pack
from generator.pack.rounding import Rounding
from generator.run import get_pack
from tests.support import Sheets, bound, sample

CENTS = st.one_of(
    st.integers(1, 3_000_000),  # up to 30 000 元: most have something below 0.01 万元
    st.integers(1, 300).map(lambda n: n * 10_000),  # whole hundreds of 元: nothing to round
    st.builds(lambda n, d: n * 10_000 + 5_000 + d, st.integers(0, 300), st.sampled_from([-1, 0, 1])),  # beside the half
)
FUNCTIONS = ("2010301", "2010302", "2080505", "2101101", "2210201")  # every unit has most of these
KINDS = ("行政", "事业")
SHEETS = {"301": "基本支出—工资福利", "302": "基本支出—商品和服务", "303": "基本支出—对个人和家庭"}


class Words(NamedTuple):
    """What a pack's sample says: its income sources, functions, items of basic expenditure by class, (function, item, category) of projects."""

    sources: tuple[str, ...]
    functions: tuple[str, ...]
    items: dict[str, tuple[str, ...]]
    projects: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]


@cache
def words(pack_id: str) -> Words:
    master, _, pack = bound(sample(pack_id), pack_id)
    spent = [r for r in master.records("支出") if r.amounts.get("本年") and len(r.text("部门经济编码")) == 5]
    basic = [r for r in spent if r.text("支出类型") == "基本支出"]
    projects = [r for r in spent if r.text("支出类型") == "项目支出"]

    def texts(records, field):
        return tuple(dict.fromkeys(r.text(field) for r in records if r.text(field)))

    above = {source.under for source in pack.file.sources}
    sources = [s.name for s in pack.file.sources if not s.group and s.name not in above and "弥补" not in s.name]  # 用事业基金弥补收支差额 has no column everywhere
    functions = [code for code in dict.fromkeys((*texts(spent, "功能科目编码"), *FUNCTIONS)) if len(code) == 7 and pack.functional.name(code)]
    items = {c: tuple(i for i in texts(basic, "部门经济编码") if i.startswith(c)) for c in SHEETS}
    bought = tuple(dict.fromkeys((r.text("功能科目编码"), r.text("部门经济编码")) for r in projects)) or tuple((functions[0], i) for i in items["302"])
    return Words(tuple(sources), tuple(functions), items, bought, texts(master.records("项目"), "项目类别"))


def _yuan(cents: int) -> Decimal:
    return Decimal(cents) / 100


@st.composite
def masters(draw: st.DrawFn, pack_id: str, most_units: int = 3) -> Sheets:
    """The sheets of a sound workbook for a pack."""
    pack, known = get_pack(pack_id), words(pack_id)
    units = [(f"12400{n}", draw(st.sampled_from(KINDS))) for n in range(1, draw(st.integers(1, most_units)) + 1)]
    sheets: dict[str, list[list[object]]] = {
        "单位信息": [
            ["年度", str(pack.file.year)],
            ["套表", pack_id],
            [],
            ["单位编码", "单位名称", "主管部门编码", "主管部门名称", "单位性质"],
            *([code, f"第{code[-1]}单位", "124", "甲部门", kind] for code, kind in units),
        ]
    }
    spent: dict[tuple[str, str], int] = defaultdict(int)
    _basic(draw, known, units, spent, sheets)
    _projects(draw, known, units, spent, sheets)
    sheets["收入"] = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数", "结转下年"]]
    for (unit, source), cents in spent.items():
        left = draw(st.one_of(st.just(0), st.just(0), CENTS))
        sheets["收入"].append([unit, source, _yuan(cents + left), _yuan(left) if left else None])
    sheets["文字说明"] = [["事项", "内容"], *([t.name, "新增人员和新增项目按标准安排"] for t in pack.file.texts)]
    return sheets


def _basic(draw: st.DrawFn, known: Words, units: list[tuple[str, str]], spent: dict[tuple[str, str], int], sheets: dict[str, list[list[object]]]) -> None:
    for start, name in SHEETS.items():
        items = known.items[start][:8]
        if not items:
            continue
        lines = draw(st.lists(st.tuples(st.sampled_from([code for code, _ in units]), st.sampled_from(known.functions), st.sampled_from(known.sources)), max_size=4, unique=True))
        sheets[name] = [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", *items]]
        for unit, function, source in lines:
            cells = draw(st.lists(st.one_of(st.none(), CENTS), min_size=len(items), max_size=len(items)))
            sheets[name].append([unit, function, source, *(None if c is None else _yuan(c) for c in cells)])
            spent[unit, source] += sum(c for c in cells if c is not None)


def _projects(draw: st.DrawFn, known: Words, units: list[tuple[str, str]], spent: dict[tuple[str, str], int], sheets: dict[str, list[list[object]]]) -> None:
    """At least one, so that no master is without money; some with 测算 and with things to buy."""
    spending: list[list[object]] = [["金额单位", "元"], ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数"]]
    entries: list[list[object]] = [["单位编码", "项目名称", "项目类别", "编制绩效目标"]]
    costs: list[list[object]] = [["金额单位", "元"], ["单位编码", "项目名称", "支出内容", "本年预算数"]]
    buying: list[list[object]] = [["单位编码", "项目名称", "采购项目名称", "采购类型", "数量", "计量单位", "单价", "采购金额", "功能科目编码", "部门经济编码", "资金来源"]]
    for n in range(1, draw(st.integers(1, 4)) + 1):
        unit, name = draw(st.sampled_from(units))[0], f"项目{'甲乙丙丁'[n - 1]}"
        lines = draw(st.lists(st.tuples(st.sampled_from(known.projects), st.sampled_from(known.sources)), min_size=1, max_size=3, unique=True))
        amounts = draw(st.lists(CENTS, min_size=len(lines), max_size=len(lines)))
        for ((function, item), source), cents in zip(lines, amounts, strict=True):
            spending.append([unit, name, function, item, source, _yuan(cents)])
            spent[unit, source] += cents
        entries.append([unit, name, draw(st.sampled_from(known.categories)) if known.categories else None, "是"])
        if draw(st.booleans()):
            costs += [[unit, name, f"内容{i}", _yuan(c)] for i, c in enumerate(amounts)]
        if draw(st.booleans()):
            (function, item), source = lines[0]
            for i, cents in enumerate(_divided(draw, amounts[0])):
                buying.append([unit, name, f"{name}设备{i}", "货物", 1, "台", _yuan(cents), _yuan(cents), function, item, source])
    sheets |= {"项目支出": spending, "项目库": entries, "项目测算明细": costs, "政府采购": buying}


def _divided(draw: st.DrawFn, cents: int) -> list[int]:
    """An amount in up to three parts."""
    cuts = sorted({draw(st.integers(0, cents)) for _ in range(draw(st.integers(0, 2)))} - {0, cents})
    return [b - a for a, b in zip([0, *cuts], [*cuts, cents], strict=True)]


def with_policy(pack: Pack, **rounding: object) -> Pack:
    """The pack with another way of rounding."""
    return replace(pack, file=msgspec.structs.replace(pack.file, rounding=msgspec.convert(rounding, Rounding)))


def odd_sample(pack_id: str, folder: Path) -> Path:
    """The pack's sample with 元 and 分 in every amount of expenditure, income and 测算 made to agree: samples taken from print are
    whole hundreds of 元, which leaves nothing to round."""
    book = openpyxl.load_workbook(sample(pack_id))
    rng = random.Random(pack_id)
    added: dict[str, Counter[tuple[str, str]]] = {"收入": Counter(), "项目测算明细": Counter()}
    for name in (*SHEETS.values(), "项目支出"):
        for row in _lines(book[name]):
            for label, cell in row.items():
                if (label == "本年预算数" or label[:5].isdigit()) and isinstance(cell.value, int | float) and cell.value:
                    more = rng.randint(-4999, 4999)
                    _add(book[name], cell, more)
                    added["收入"][row["单位编码"].value, row["资金来源"].value] += more
                    if "项目名称" in row:
                        added["项目测算明细"][row["单位编码"].value, row["项目名称"].value] += more
    for name, keys in (("收入", ("单位编码", "收入来源")), ("项目测算明细", ("单位编码", "项目名称"))):
        for row in _lines(book[name]):
            more = added[name].pop((row[keys[0]].value, row[keys[1]].value), 0)
            if more:
                _add(book[name], row["本年预算数"], more)
    path = folder / f"{pack_id}.xlsx"
    book.save(path)
    return path


def _lines(sheet: Worksheet) -> Iterator[dict[str, Cell]]:
    """The filled lines of a master sheet, each cell by its heading."""
    rows = list(sheet.iter_rows())
    head = next(n for n, row in enumerate(rows) if row[0].value == "单位编码")
    for row in rows[head + 1 :]:
        if row[0].value:
            yield {str(h.value or ""): cell for h, cell in zip(rows[head], row, strict=True)}


def _add(sheet: Worksheet, cell: Cell, cents: int) -> None:
    in_wan = any(row[1] == "万元" for row in sheet.iter_rows(max_row=4, values_only=True))
    cell.value = float(Decimal(str(cell.value or 0)) + Decimal(cents) / (1_000_000 if in_wan else 100))

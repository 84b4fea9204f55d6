"""Single mistakes as clerks make them, put into a sample at a random place. bench.catch counts how many the check stops.

A mistake is a function of a sample and a random source; it gives back the workbook with one thing changed, or None when the
sample has no place for it. KINDS are those the workbook itself gives away; UNKNOWABLE those it cannot, each with the reason:
they are tried too, so that the claim can be seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from generator.bind.bind import bind
from generator.bind.sheets import BoundSheet, bind_sheets, words
from generator.build.facts import Fact, facts
from generator.build.select import Selector
from generator.model.problem import Problems
from generator.pack.pack import Pack
from generator.read import RawSheet, RawWorkbook, read_workbook, to_amount
from generator.rules.balance import coarsest
from generator.run import get_pack

Cell = tuple[BoundSheet, int, int]  # sheet, row, column
Mistake = Callable[["Workbook", random.Random], RawWorkbook | None]
AMOUNT_SHEETS = ("收入", "基本支出—工资福利", "基本支出—商品和服务", "基本支出—对个人和家庭", "项目支出")


class Workbook:
    """A sample with its sheets bound, so that a mistake knows which cell is what."""

    def __init__(self, path: Path) -> None:
        self.raw = read_workbook(path)
        self.pack: Pack = get_pack(path.stem)
        self.sheets: dict[str, BoundSheet] = bind_sheets(self.raw, self.pack, Problems())

    @cached_property
    def selector(self) -> Selector:
        return Selector(bind(self.raw, self.pack, Problems()), self.pack)

    @cached_property
    def changes(self) -> dict[str, Fact]:
        """Facts that differ from last year, by the name of the reason they need."""
        return {f.reason_name: f for f in reversed(facts(self.selector).values()) if f.reason_name and not f.counted and f.before and f.change().difference}

    def text(self, cell: Cell) -> str:
        return words(cell[0].raw.cell(cell[1], cell[2]), lines=True)

    def beside(self, cell: Cell, column: str) -> str:
        """The text of another column in the cell's line."""
        return words(cell[0].raw.cell(cell[1], cell[0].columns[column])) if column in cell[0].columns else ""

    def cells(self, sheet: str, column: str) -> list[Cell]:
        """The filled data cells of a column."""
        bound = self.sheets.get(sheet)
        if bound is None or column not in bound.columns:
            return []
        n = bound.columns[column]
        return [(bound, r, n) for r in range(bound.heading + 1, len(bound.raw.rows) + 1) if words(bound.raw.cell(r, n))]

    def amounts(self, *sheets: str, column: str = "本年预算数") -> list[Cell]:
        """The filled amount cells, wide sheets included."""
        found = []
        for name in sheets or AMOUNT_SHEETS:
            bound = self.sheets.get(name)
            if bound is None:
                continue
            columns = list(bound.spread) or [bound.columns[c] for c in (column,) if c in bound.columns]
            found += [(bound, r, n) for r in range(bound.heading + 1, len(bound.raw.rows) + 1) for n in columns if (to_amount(bound.raw.cell(r, n)).value or 0) > 0]
        return found

    def changed(self, bound: BoundSheet, edits: dict[tuple[int, int], object]) -> RawWorkbook:
        """The workbook with cells (row, column) of one sheet replaced."""
        rows = [list(r) for r in bound.raw.rows]
        for (r, c), value in edits.items():
            rows[r - 1][c - 1] = value
        return self._with(bound.raw, rows)

    def without_row(self, bound: BoundSheet, row: int) -> RawWorkbook:
        return self._with(bound.raw, [list(r) for i, r in enumerate(bound.raw.rows, 1) if i != row])

    def with_row(self, bound: BoundSheet, row: int, line: list[object]) -> RawWorkbook:
        """A line put in below `row`."""
        rows = [list(r) for r in bound.raw.rows]
        rows.insert(row, line)
        return self._with(bound.raw, rows)

    def _with(self, old: RawSheet, rows: list[list[object]]) -> RawWorkbook:
        new = RawSheet(old.file, old.name, rows=rows, merges=old.merges if len(rows) == len(old.rows) else ())
        return replace(self.raw, sheets=[new if s is old else s for s in self.raw.sheets])


def number(cell: Cell) -> float:
    return float(to_amount(cell[0].raw.cell(cell[1], cell[2])).value or 0)


# --- amounts ----------------------------------------------------------------------------------------------------------


def amount_edit(change: Callable[[float, random.Random], float], *sheets: str, column: str = "本年预算数") -> Mistake:
    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        cells = book.amounts(*sheets, column=column)
        if not cells:
            return None
        cell = rng.choice(cells)
        old = number(cell)
        new = round(change(old, rng), 6)
        return book.changed(cell[0], {(cell[1], cell[2]): new}) if new != old else None

    return mistake


def swapped(old: float, rng: random.Random) -> float:
    digits = list(f"{old:.2f}")
    places = [i for i in range(len(digits) - 1) if digits[i].isdigit() and digits[i + 1].isdigit() and digits[i] != digits[i + 1]]
    if not places:
        return old + 1
    i = rng.choice(places)
    digits[i], digits[i + 1] = digits[i + 1], digits[i]
    return float("".join(digits))


def row_mistake(sheet: str, how: str) -> Mistake:
    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        cells = book.amounts(sheet)
        if not cells:
            return None
        bound, r, _ = rng.choice(cells)
        return book.with_row(bound, r, list(bound.raw.rows[r - 1])) if how == "double" else book.without_row(bound, r)

    return mistake


def shifted(alike: bool) -> Mistake:
    """A figure slips into the neighbouring line. alike: both lines are the same unit's, project's and source's, or nothing else
    in the workbook tells the two projects apart (no cost lines): then nobody but the unit knows which figure is whose."""

    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        costed = {book.text(c) for c in book.cells("项目测算明细", "项目名称")}
        typed = {book.text(c) for sheet, column in (("收入", "收入来源"), *((s, "资金来源") for s in AMOUNT_SHEETS)) for c in book.cells(sheet, column)}

        def key(cell: Cell) -> tuple[str, ...]:
            project = book.beside(cell, "项目名称")
            source = book.beside(cell, "资金来源") or book.beside(cell, "收入来源")
            return book.beside(cell, "单位编码"), coarsest(book.pack, source, typed), project if project in costed else ""

        pairs = []
        for one in book.amounts("项目支出", "收入"):
            other = (one[0], one[1] + 1, one[2])
            if one[1] < len(one[0].raw.rows) and number(one) != number(other) and book.beside(other, "单位编码") and (key(one) == key(other)) is alike:
                pairs.append((one, other))
        if not pairs:
            return None
        (bound, r, n), (_, below, _) = rng.choice(pairs)
        return book.changed(bound, {(r, n): bound.raw.rows[below - 1][n - 1], (below, n): bound.raw.rows[r - 1][n - 1]})

    return mistake


def wrong_total(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    """A typed line 合计 that is not the sum."""
    cells = book.amounts("收入")
    if not cells:
        return None
    bound, last, n = cells[-1]
    line: list[object] = [""] * len(bound.raw.rows[last - 1])
    line[min(bound.columns.values()) - 1] = "合计"
    line[n - 1] = round(sum(number(c) for c in cells) + rng.choice((0.1, 1, 10)), 2)
    return book.with_row(bound, last, line)


def dropped_everywhere(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    """A figure and the income for it, both less by the same amount."""
    cells = book.amounts("基本支出—工资福利", "基本支出—商品和服务", "基本支出—对个人和家庭")
    if not cells:
        return None
    cell = rng.choice(cells)
    source = book.beside(cell, "资金来源")
    income = next((c for c in book.amounts("收入") if book.beside(c, "收入来源") == source and book.beside(c, "单位编码") == book.beside(cell, "单位编码") and number(c) > number(cell)), None)
    if income is None or income[0].raw.cell(*income[1:]).value is None:
        return None
    first = book.changed(cell[0], {cell[1:]: round(number(cell) * 0.9, 2)})
    less = round(number(cell) - round(number(cell) * 0.9, 2), 2)
    sheets = {s.name: s for s in first.sheets}
    rows = [list(r) for r in sheets[income[0].raw.name].rows]
    rows[income[1] - 1][income[2] - 1] = round(number(income) - less, 6)
    new = RawSheet(income[0].raw.file, income[0].raw.name, rows=rows, merges=income[0].raw.merges)
    return replace(first, sheets=[new if s.name == new.name else s for s in first.sheets])


def swapped_wages(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    """Two wages of one line change places."""
    lines: dict[tuple[str, int], list[Cell]] = {}
    for cell in book.amounts("基本支出—工资福利"):
        if cell[0].spread[cell[2]][0] in ("30101", "30102", "30103"):
            lines.setdefault((cell[0].raw.name, cell[1]), []).append(cell)
    pairs = [cells[:2] for cells in lines.values() if len(cells) > 1 and number(cells[0]) != number(cells[1])]
    if not pairs:
        return None
    one, other = rng.choice(pairs)
    return book.changed(one[0], {one[1:]: number(other), other[1:]: number(one)})


# --- words and codes --------------------------------------------------------------------------------------------------


def text_edit(
    sheet: str, column: str, change: Callable[[str, random.Random, Workbook], str | None], chosen: Callable[[str], bool] = bool, line: Callable[[Workbook, Cell], bool] | None = None
) -> Mistake:
    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        cells = [c for c in book.cells(sheet, column) if chosen(book.text(c)) and (line is None or line(book, c))]
        if not cells:
            return None
        bound, r, n = rng.choice(cells)
        old = book.text((bound, r, n))
        new = change(old, rng, book)
        return book.changed(bound, {(r, n): new or ""}) if new is not None and new != old else None

    return mistake


def reason(new: Callable[[Fact], str]) -> Mistake:
    """Changes the text of a 原因： line whose figure differs from last year."""

    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        cells = [c for c in book.cells("文字说明", "内容") if book.beside(c, "事项") in book.changes and not book.text(c).startswith("无可比")]
        if not cells:
            return None
        bound, r, n = rng.choice(cells)
        return book.changed(bound, {(r, n): new(book.changes[book.beside((bound, r, n), "事项")])})

    return mistake


def against(fact: Fact) -> str:
    """A reason that contradicts the figure."""
    return "本年人员减少、项目取消" if fact.change().difference > 0 else "本年人员增加、项目增加"


def other_source(old: str, rng: random.Random, book: Workbook) -> str | None:
    below = book.pack.below
    others = [s.name for s in book.pack.sources.values() if not s.group and s.name not in below.get(old, ()) and old not in below[s.name] and s.name != old]
    return rng.choice(others) if others else None


def of_this_year(book: Workbook, cell: Cell) -> bool:
    """Whether the line has money of this year."""
    return number((cell[0], cell[1], cell[0].columns["本年预算数"])) > 0


def procurement(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    """More bought than the project has (a line without a project: than the unit has)."""
    cells = book.amounts("政府采购", column="采购金额")
    if not cells:
        return None
    bound, r, n = cell = rng.choice(cells)
    project, unit = book.beside(cell, "项目名称"), book.beside(cell, "单位编码")
    spent = [x for x in book.selector.master.records("支出") if x.text("单位编码") == unit and (not project or x.text("项目名称") == project)]
    return book.changed(bound, {(r, n): float(sum((x.amounts.get("本年", Decimal(0)) for x in spent), Decimal(0))) + 100})


def wrong_price(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    cells = [c for c in book.cells("政府采购", "单价") if book.beside(c, "数量")]
    if not cells:
        return None
    bound, r, n = rng.choice(cells)
    return book.changed(bound, {(r, n): round(number((bound, r, n)) * 1.1, 2)})


def too_many(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    """Three more people than posts."""
    inside = [c for c in book.cells("人员情况", "实有数") if number(c) > 0 and book.beside(c, "人员类别") in ("行政", "全额事业", "差额事业", "自收自支")]
    posts = sum(number(c) for c in book.cells("人员情况", "编制数"))
    if not inside or not posts:
        return None
    bound, r, n = rng.choice(inside)
    return book.changed(bound, {(r, n): posts + 3})


def last_year(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    bound = book.sheets["单位信息"]
    at = bound.lines["年度"]
    return book.changed(bound, {at: str(int(words(bound.raw.cell(*at))) - 1)})


def added_to_prose(text: Callable[[Workbook], str]) -> Mistake:
    return text_edit("文字说明", "内容", lambda old, rng, book: old + text(book), lambda old: len(old) > 30)


def denied(book: Workbook) -> str:
    """A statement of absence of what there is."""
    return "本单位没有安排公务接待费。" if any(f.name == "公务接待费" and f.now for f in facts(book.selector).values()) else "本单位没有安排项目支出。"


KINDS: dict[str, Mistake] = {
    "金额多一位（×10）": amount_edit(lambda old, rng: old * 10),
    "金额少一位（÷10）": amount_edit(lambda old, rng: round(old / 10, 2)),
    "金额差一点": amount_edit(lambda old, rng: round(old + rng.choice((0.01, 0.1, 1, -0.01)), 2) if old > 1 else old + 0.01),
    "相邻数字互换": amount_edit(swapped),
    "元填成万元": amount_edit(lambda old, rng: old / 10000),
    "万元填成元": amount_edit(lambda old, rng: old * 10000),
    "金额变负": amount_edit(lambda old, rng: -old),
    "金额里混字": text_edit("收入", "本年预算数", lambda old, rng, book: old + "万左右"),
    "合计行不是各行之和": wrong_total,
    "项目支出漏一行": row_mistake("项目支出", "drop"),
    "项目支出重一行": row_mistake("项目支出", "double"),
    "收入漏一行": row_mistake("收入", "drop"),
    "错行（两种来源、两个项目之间）": shifted(False),
    "功能科目少一位": text_edit("项目支出", "功能科目编码", lambda old, rng, book: old[:-1]),
    "功能科目不存在": text_edit("项目支出", "功能科目编码", lambda old, rng, book: old[:5] + "77"),
    "经济科目不存在": text_edit("项目支出", "部门经济编码", lambda old, rng, book: old[:3] + "88"),
    "资金来源写错": text_edit("项目支出", "资金来源", lambda old, rng, book: old[:-1]),
    "换成别的资金来源": text_edit("项目支出", "资金来源", other_source, line=of_this_year),
    "项目名称差一个字": text_edit("项目支出", "项目名称", lambda old, rng, book: old[:-1] or None, lambda old: len(old) > 3, line=of_this_year),
    "单位编码错": text_edit("项目支出", "单位编码", lambda old, rng, book: "999999"),
    "单位性质没填": text_edit("单位信息", "单位性质", lambda old, rng, book: ""),
    "原因没写": reason(lambda fact: ""),
    "原因写“工作需要”": reason(lambda fact: "工作需要"),
    "原因写“无”": reason(lambda fact: "无"),
    "原因方向相反": reason(against),
    "采购超过项目预算": procurement,
    "采购数量×单价不等于金额": wrong_price,
    "指标没有指标值": text_edit("绩效目标", "指标值", lambda old, rng, book: ""),
    "满意度超过 100%": text_edit(
        "绩效目标",
        "指标值",
        lambda old, rng, book: old.replace("%", "") + "0" + ("%" if "%" in old else ""),
        lambda old: old.rstrip("%").isdigit() and 10 < int(old.rstrip("%")) <= 100,
        lambda book, c: "满意" in book.beside(c, "三级指标"),
    ),
    "实有超过编制": too_many,
    "年度是去年": last_year,
    "测算明细不等于项目": amount_edit(lambda old, rng: old + 1, "项目测算明细"),
    "上年数多一位": amount_edit(lambda old, rng: old * 10, "收入", "上年数", "项目支出", column="上年预算数"),
    "文字里是别的年份": added_to_prose(lambda book: "2015年度预算按此执行。"),
    "文字里是别的单位": added_to_prose(lambda book: "以上为临江市江北区政务服务中心的主要职责。"),
    "文字里有填空残留": added_to_prose(lambda book: "比上年增（减）XX万元。"),
    "文字里有手机号": added_to_prose(lambda book: "联系电话：" + "1" + "3800138" + "000"),
    "文字里的数与表不符": added_to_prose(lambda book: "\n支出总计为12.34万元。"),
    "说没有，其实有": added_to_prose(denied),
}
UNKNOWABLE: dict[str, tuple[str, Mistake | None]] = {
    "两个工资科目互换": ("两格都合理、合计不变，只有发工资的人知道哪个对", swapped_wages),
    "同一来源、没有测算的两行互换": ("收支照样平，每一笔都合理，册内没有第二处可以比", shifted(True)),
    "收入和支出少报同样的数": ("册内处处相符，要拿批复数来比", dropped_everywhere),
    "整本换成别的单位的数": ("册内处处相符，要拿批复数来比", None),
}
# Kinds that are rightly told and not stopped: the level is that of the checklist, or the program cannot be sure.
WARNED = {
    "功能科目不存在": "自带的功能科目表没有收全；财政局换上全的表、写 complete_codes 以后是错误",
    "实有超过编制": "超编是现实，检查清单定为警告",
    "合计行不是各行之和": "程序不用填的合计，只提醒",
    "上年数多一位": "上年数不进公开表的合计，检查清单定为警告",
    "文字里是别的单位": "靠名称的样子认，不敢拦",
    "文字里的数与表不符": "可能说的是别的口径，不敢拦",
}

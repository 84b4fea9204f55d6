"""How many single mistakes are caught: `make catch`.

    python -m bench.catch [--each 12] [--seed 1] [--only 金额多一位]

Into each clean sample one mistake is put at a time, of many kinds, at random places (seeded), as a clerk makes them; the
check runs; a mistake counts as caught when the check says something it does not say of the clean sample. Printed: the
catch rate by kind (at level 错误 or 警告, and any), and the false alarms on the clean samples, which must be none.
Some kinds cannot be known from the data alone; they are listed with the reason.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from generator.bind.sheets import BoundSheet, bind_sheets, words
from generator.model.problem import DataError, Level, Problem, Problems
from generator.pack.pack import Pack
from generator.read import RawSheet, RawWorkbook, read_workbook, to_amount
from generator.run import check_raw, get_pack

ROOT = Path(__file__).resolve().parent.parent
UNKNOWABLE = {
    "两个基本工资互换": "两格都合理、合计不变，只有发工资的人知道哪个对",
    "整册少报一个项目": "收入也少报同样的数，册内处处相符，要拿批复数来比",
    "上年数抄错": "没有上年的册子可比时，上年数错了只会让增减看起来大一些",
}
Mistake = Callable[["Workbook", random.Random], RawWorkbook | None]


class Workbook:
    """A sample with its sheets bound, so that a mistake knows which cell is what."""

    def __init__(self, path: Path) -> None:
        self.raw = read_workbook(path)
        self.pack: Pack = get_pack(path.stem)
        self.sheets: dict[str, BoundSheet] = bind_sheets(self.raw, self.pack, Problems())

    def cells(self, sheet: str, column: str, filled: bool = True) -> list[tuple[BoundSheet, int, int]]:
        """The data cells of a column: (sheet, row, column)."""
        bound = self.sheets.get(sheet)
        if bound is None or column not in bound.columns:
            return []
        n = bound.columns[column]
        return [
            (bound, r, n) for r in range(bound.heading + 1, len(bound.raw.rows) + 1) if bool(words(bound.raw.cell(r, n))) is filled and any(words(bound.raw.cell(r, c)) for c in bound.columns.values())
        ]

    def amounts(self, *sheets: str) -> list[tuple[BoundSheet, int, int]]:
        """The filled amount cells of this year, wide sheets included."""
        found = []
        for name in sheets or ("收入", "基本支出—工资福利", "基本支出—商品和服务", "基本支出—对个人和家庭", "项目支出"):
            bound = self.sheets.get(name)
            if bound is None:
                continue
            columns = list(bound.spread) or [bound.columns[c] for c in ("本年预算数",) if c in bound.columns]
            found += [(bound, r, n) for r in range(bound.heading + 1, len(bound.raw.rows) + 1) for n in columns if (to_amount(bound.raw.cell(r, n)).value or 0) > 0]
        return found

    def changed(self, bound: BoundSheet, edits: dict[tuple[int, int], object]) -> RawWorkbook:
        """The workbook with cells (row, column) of one sheet replaced."""
        rows = [list(r) for r in bound.raw.rows]
        for (r, c), value in edits.items():
            rows[r - 1][c - 1] = value
        return self._with(bound.raw, RawSheet(bound.raw.file, bound.raw.name, rows=rows, merges=bound.raw.merges))

    def without_row(self, bound: BoundSheet, row: int) -> RawWorkbook:
        rows = [list(r) for i, r in enumerate(bound.raw.rows, 1) if i != row]
        return self._with(bound.raw, RawSheet(bound.raw.file, bound.raw.name, rows=rows))

    def doubled_row(self, bound: BoundSheet, row: int) -> RawWorkbook:
        rows = [list(r) for r in bound.raw.rows]
        rows.insert(row, list(rows[row - 1]))
        return self._with(bound.raw, RawSheet(bound.raw.file, bound.raw.name, rows=rows))

    def _with(self, old: RawSheet, new: RawSheet) -> RawWorkbook:
        return replace(self.raw, sheets=[new if s is old else s for s in self.raw.sheets])


def number(cell: tuple[BoundSheet, int, int]) -> float:
    return float(to_amount(cell[0].raw.cell(cell[1], cell[2])).value or 0)


def amount_edit(change: Callable[[float, random.Random], float], *sheets: str) -> Mistake:
    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        cells = book.amounts(*sheets)
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


def text_edit(sheet: str, column: str, change: Callable[[str, random.Random, Workbook], str | None], chosen: Callable[[str], bool] = bool) -> Mistake:
    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        cells = [c for c in book.cells(sheet, column) if chosen(words(c[0].raw.cell(c[1], c[2])))]
        if not cells:
            return None
        bound, r, n = rng.choice(cells)
        old = words(bound.raw.cell(r, n), lines=True)
        new = change(old, rng, book)
        return book.changed(bound, {(r, n): new or ""}) if new is not None and new != old else None

    return mistake


def reason(new: Callable[[str, random.Random, Workbook], str | None]) -> Mistake:
    """Changes the text of a 原因： line."""

    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        bound = book.sheets.get("文字说明")
        if bound is None:
            return None
        name, content = bound.columns["事项"], bound.columns["内容"]
        rows = [r for r in range(bound.heading + 1, len(bound.raw.rows) + 1) if words(bound.raw.cell(r, name)).startswith("原因：") and len(words(bound.raw.cell(r, content))) > 5]
        if not rows:
            return None
        r = rng.choice(rows)
        return book.changed(bound, {(r, content): new(words(bound.raw.cell(r, content)), rng, book) or ""})

    return mistake


def blanked(sheet: str, column: str) -> Mistake:
    return text_edit(sheet, column, lambda old, rng, book: "")


def row_mistake(sheet: str, how: str) -> Mistake:
    def mistake(book: Workbook, rng: random.Random) -> RawWorkbook | None:
        cells = book.amounts(sheet)
        if not cells:
            return None
        bound, r, _ = rng.choice(cells)
        return book.doubled_row(bound, r) if how == "double" else book.without_row(bound, r)

    return mistake


def shifted(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    """A figure slips into the neighbouring line or column."""
    cells = book.amounts("项目支出", "收入")
    for _ in range(10):
        if not cells:
            return None
        bound, r, n = rng.choice(cells)
        if r + 1 <= len(bound.raw.rows):
            a, b = bound.raw.rows[r - 1][n - 1], bound.raw.rows[r][n - 1]
            if a != b:
                return book.changed(bound, {(r, n): b, (r + 1, n): a})
    return None


def procurement(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    cells = [c for c in book.cells("政府采购", "采购金额") if number(c) > 0]
    if not cells:
        return None
    bound, r, n = rng.choice(cells)
    return book.changed(bound, {(r, n): number((bound, r, n)) * 10})


def too_many(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    cells = [c for c in book.cells("人员情况", "实有数") if number(c) > 0]
    if not cells:
        return None
    bound, r, n = rng.choice(cells)
    return book.changed(bound, {(r, n): 500})


def last_year(book: Workbook, rng: random.Random) -> RawWorkbook | None:
    bound = book.sheets["单位信息"]
    at = bound.lines["年度"]
    return book.changed(bound, {at: str(int(words(bound.raw.cell(*at))) - 1)})


KINDS: dict[str, Mistake] = {
    "金额多一位（×10）": amount_edit(lambda old, rng: old * 10),
    "金额少一位（÷10）": amount_edit(lambda old, rng: round(old / 10, 2)),
    "金额差一点": amount_edit(lambda old, rng: round(old + rng.choice((0.01, 0.1, 1, -0.01)), 2) if old > 1 else old + 0.01),
    "相邻数字互换": amount_edit(swapped),
    "元填成万元": amount_edit(lambda old, rng: old / 10000),
    "万元填成元": amount_edit(lambda old, rng: old * 10000),
    "金额变负": amount_edit(lambda old, rng: -old),
    "金额里混字": text_edit("收入", "本年预算数", lambda old, rng, book: old + "万左右"),
    "项目支出漏一行": row_mistake("项目支出", "drop"),
    "项目支出重一行": row_mistake("项目支出", "double"),
    "收入漏一行": row_mistake("收入", "drop"),
    "错行": shifted,
    "功能科目少一位": text_edit("项目支出", "功能科目编码", lambda old, rng, book: old[:-1]),
    "功能科目不存在": text_edit("项目支出", "功能科目编码", lambda old, rng, book: old[:5] + "77"),
    "经济科目不存在": text_edit("项目支出", "部门经济编码", lambda old, rng, book: old[:3] + "88"),
    "资金来源写错": text_edit("项目支出", "资金来源", lambda old, rng, book: old[:-1]),
    "换成别的资金来源": text_edit(
        "项目支出",
        "资金来源",
        lambda old, rng, book: rng.choice([s.name for s in book.pack.sources.values() if not s.group and s.name not in book.pack.below.get(old, ()) and old not in book.pack.below[s.name]]),
    ),
    "项目名称差一个字": text_edit("项目支出", "项目名称", lambda old, rng, book: old[:-1] or None, lambda old: len(old) > 3),
    "单位编码错": text_edit("项目支出", "单位编码", lambda old, rng, book: "999999"),
    "单位性质没填": blanked("单位信息", "单位性质"),
    "原因没写": reason(lambda old, rng, book: ""),
    "原因写“工作需要”": reason(lambda old, rng, book: "工作需要"),
    "原因写“无”": reason(lambda old, rng, book: "无"),
    "原因方向相反": reason(lambda old, rng, book: "人员增加、项目增加" if any(w in old for w in ("减少", "压缩", "结束", "到期", "下降", "取消", "压减")) else "人员减少、项目取消"),
    "采购超过项目预算": procurement,
    "指标没有指标值": blanked("绩效目标", "指标值"),
    "实有超过编制": too_many,
    "年度是去年": last_year,
    "测算明细不等于项目": amount_edit(lambda old, rng: old + 1, "项目测算明细"),
    "文字里是别的年份": text_edit("文字说明", "内容", lambda old, rng, book: old + "2015年度预算按此执行。", lambda old: len(old) > 30),
    "文字里有填空残留": text_edit("文字说明", "内容", lambda old, rng, book: old + "比上年增（减）XX万元。", lambda old: len(old) > 30),
    "文字里有手机号": text_edit("文字说明", "内容", lambda old, rng, book: old + "联系电话：" + "1" + "3800138" + "000", lambda old: len(old) > 30),
}


def said(raw: RawWorkbook, pack: Pack) -> list[Problem]:
    try:
        return check_raw(raw, pack).problems.found
    except DataError as e:
        return list(e.problems)


def key(problem: Problem) -> tuple[str, str, str]:
    return problem.level, problem.place.sheet, problem.message


def trials(book: Workbook, kind: str, each: int, seed: int) -> Iterator[RawWorkbook]:
    rng = random.Random(f"{seed}/{book.pack.id}/{kind}")
    for _ in range(each):
        made = KINDS[kind](book, rng)
        if made is not None:
            yield made


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--each", type=int, default=6, help="mistakes of each kind in each sample")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--only", help="one kind")
    arguments = ap.parse_args()
    books = [Workbook(p) for p in sorted((ROOT / "inputs").glob("*.xlsx")) if not p.name.startswith("~")]
    clean = {book.pack.id: said(book.raw, book.pack) for book in books}
    alarms = {name: [p for p in found if p.level is not Level.HINT] for name, found in clean.items()}
    print("干净样例上的误报（错误、警告）：" + ("无" if not any(alarms.values()) else ""))
    for name, found in alarms.items():
        for problem in found:
            print(f"  {name}: {problem}")
    total = [0, 0, 0]
    print(f"{'错误种类':<16} 试了  错误级  错误或警告  有提示")
    for kind in KINDS if not arguments.only else [arguments.only]:
        tried = stopped = warned = noticed = 0
        for book in books:
            before = {key(p) for p in clean[book.pack.id]}
            for raw in trials(book, kind, arguments.each, arguments.seed):
                new = [p for p in said(raw, book.pack) if key(p) not in before]
                tried += 1
                stopped += any(p.level is Level.ERROR for p in new)
                warned += any(p.level is not Level.HINT for p in new)
                noticed += bool(new)
        if tried:
            print(f"{kind:<16} {tried:>4} {stopped / tried:>7.0%} {warned / tried:>9.0%} {noticed / tried:>8.0%}")
            total = [total[0] + tried, total[1] + stopped, total[2] + warned]
        else:
            print(f"{kind:<16}    0  （样例里没有可以犯这种错的地方）")
    if total[0]:
        print(f"合计 {total[0]} 个错误，{total[1] / total[0]:.1%} 在“错误”级拦住，{total[2] / total[0]:.1%} 至少有警告")
    print("从数据本身无法知道的：")
    for kind, why in UNKNOWABLE.items():
        print(f"  {kind}：{why}")
    return 1 if any(alarms.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

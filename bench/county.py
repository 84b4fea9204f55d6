"""A county to try the bureau's commands on: a roster, what was handed in, and among it everything that goes wrong.

    python -m bench.county -o outputs/县 [--count 200]

Writes 名册.xlsx and 收件/: `count` made-up units, the five samples, ten broken workbooks, an older version, a copy, two that
cannot be told apart, a stranger's. Two units of the roster hand nothing in.
"""

from __future__ import annotations

import argparse
import os
import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl

from bench.units import Unit, file_name, units, workbook, write_units
from generator.bureau.identity import identity
from generator.bureau.roster import RosterUnit, roster_workbook
from generator.pack.pack import Pack
from generator.read import read_workbook
from generator.run import get_pack

ROOT = Path(__file__).resolve().parent.parent
PACK = "pingjiang-2022"
Edit = Callable[[openpyxl.Workbook], None]


def _first(book: openpyxl.Workbook, sheet: str, column: int, value: object) -> None:
    """A value in the first filled line of a sheet, below its heading."""
    for row in book[sheet].iter_rows(min_row=4):
        if str(row[0].value or "").isdigit():
            row[column - 1].value = value  # type: ignore[assignment]
            return
    raise ValueError(f"{sheet} has no line to break")


def _line(book: openpyxl.Workbook, name: str, value: object) -> None:
    for row in book["单位信息"].iter_rows(max_row=12):
        if row[0].value == name:
            row[1].value = value  # type: ignore[assignment]


BROKEN: dict[str, Edit | None] = {  # what is wrong → how; None: the bytes themselves, see _broken_bytes
    "收支不平": lambda book: _first(book, "收入", 3, 1),
    "金额写成汉字": lambda book: _first(book, "收入", 3, "十万"),
    "错误值": lambda book: _first(book, "收入", 3, "#REF!"),
    "负数": lambda book: _first(book, "项目支出", 11, -5),
    "没有的来源": lambda book: _first(book, "收入", 2, "彩票收入"),
    "缺收入表": lambda book: book.remove(book["收入"]),
    "没有的套表": lambda book: _line(book, "套表", "meiyou-2022"),
    "没有单位编码": lambda book: _first(book, "单位信息", 1, None),
    "截断的文件": None,
    "不是工作簿": None,
}


def broken(pack: Pack, unit: Unit, what: str) -> bytes:
    """The unit's workbook with one thing wrong."""
    data = workbook(pack, unit)
    edit = BROKEN[what]
    if edit is None:
        return data[: len(data) // 2] if what == "截断的文件" else "这是一封邮件，不是工作簿。".encode()
    book = openpyxl.load_workbook(BytesIO(data))
    edit(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def county(folder: Path, count: int = 200, large_every: int = 50) -> dict[str, int]:
    """Writes the county; gives back what a batch over it should find: state → units, and how many files it should not use."""
    pack, inbox = get_pack(PACK), folder / "收件"
    wrong = list(BROKEN)
    made = units(count + len(wrong) + 4, seed=3, large_every=large_every)
    good, bad, (older, tied, absent, other) = made[:count], made[count : count + len(wrong)], made[count + len(wrong) :]
    write_units(pack, good, inbox)
    roster = [
        RosterUnit(u.code, u.name, {"主管部门编码": u.department_code, "主管部门名称": u.department, "单位性质": u.nature, "经费拨款形式": "全额拨款", "联系岗位": "财务股"})
        for u in [*good, *bad, older, tied, absent]
    ]
    roster += [RosterUnit(b.code, b.name, {"主管部门名称": b.department, "单位性质": b.nature}, filed_with=u.code) for u in good for b in u.below]
    for path in sorted((ROOT / "inputs").glob("*.xlsx")):
        shutil.copy(path, inbox)
        who = identity(read_workbook(path))
        roster += [RosterUnit(code, name, {}, filed_with="" if code == who.code else who.code, pack=who.pack) for code, name in who.units]
    for unit, what in zip(bad, wrong, strict=True):
        (inbox / f"{what}.xlsx").write_bytes(broken(pack, unit, what))
    for n, unit in ((1, older), (2, older), (3, tied), (4, tied)):
        book = openpyxl.load_workbook(BytesIO(workbook(pack, unit)))
        book["填报说明"]["A60"] = f"第 {n} 稿"
        when = datetime(2022, 1, 10, 9) if unit is tied else datetime(2022, 1, 10 + n)
        path = inbox / f"{unit.name}（第{n}稿）.xlsx"
        book.save(path)
        saved_at(path, when)
    shutil.copy(inbox / file_name(pack, good[0]), inbox / "复件.xlsx")
    write_units(pack, [other], inbox / "别县的")
    (folder / "名册.xlsx").write_bytes(roster_workbook(pack, roster))
    unread = sum(what in ("没有单位编码", "截断的文件", "不是工作簿") for what in wrong)
    return {"有错误": len(wrong) - unread + 1, "未交": unread + 1, "没有用的文件": unread + 3}


def saved_at(path: Path, when: datetime) -> None:
    """openpyxl stamps the hour of saving; what it says is put back, in the file and on it."""
    data = path.read_bytes()
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "docProps/core.xml":
                text = content.decode()
                start = text.index("<dcterms:modified")
                start = text.index(">", start) + 1
                text = f"{text[:start]}{when.isoformat()}Z{text[text.index('</dcterms:modified>') :]}"
                content = text.encode()
            new.writestr(item, content)
    path.write_bytes(out.getvalue())
    os.utime(path, (when.timestamp(), when.timestamp()))


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--count", type=int, default=200)
    ap.add_argument("-o", "--output", type=Path, required=True)
    arguments = ap.parse_args()
    expected = county(arguments.output, arguments.count)
    print(f"{arguments.output}/名册.xlsx、{arguments.output}/收件；应当得到：{'，'.join(f'{k} {v}' for k, v in expected.items())}，其余生成")


if __name__ == "__main__":
    main()

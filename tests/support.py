"""Inline inputs for tests: a master in a few lines, a workbook from lists, a table as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from generator.bind.bind import bind
from generator.build.select import Selector
from generator.model.figures import written
from generator.model.master import Master
from generator.model.problem import Problems, column_letters
from generator.model.table import Table
from generator.pack.pack import Pack
from generator.read import RawSheet, RawWorkbook, read_workbook
from generator.run import get_pack

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted(p.stem for p in (ROOT / "inputs").glob("*.xlsx") if not p.name.startswith("~") and "（校验" not in p.name)


def data(name: str) -> Any:
    """A YAML file of tests/. 〈〉 in a text joins its two sides: numbers that look like somebody's stand in no file whole."""

    def joined(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("〈〉", "")
        if isinstance(value, dict):
            return {joined(k): joined(v) for k, v in value.items()}
        return [joined(v) for v in value] if isinstance(value, list) else value

    return joined(yaml.safe_load((ROOT / "tests" / name).read_text(encoding="utf-8")))


def sample(name: str = "pingjiang-2022") -> Path:
    return ROOT / "inputs" / f"{name}.xlsx"


def bound(path: Path, pack_id: str = "pingjiang-2022") -> tuple[Master, Problems, Pack]:
    """A workbook read and bound."""
    pack, problems = get_pack(pack_id), Problems()
    return bind(read_workbook(path), pack, problems), problems, pack


def selector_of(path: Path, pack_id: str = "pingjiang-2022") -> Selector:
    master, _, pack = bound(path, pack_id)
    return Selector(master, pack)


Sheets = Mapping[str, Sequence[Sequence[object]]]

UNIT_SHEET = [
    ["年度", "2022"],
    ["套表", "pingjiang-2022"],
    [],
    ["单位编码", "单位名称", "主管部门编码", "主管部门名称", "单位性质"],
    ["124001", "甲局", "124", "甲部门", "行政"],
]
TEXTS = ("单位概况", "职能职责", "机构设置", "预算单位构成", "绩效目标", "整体年度目标")


def minimal(**changed: Sequence[Sequence[object]]) -> dict[str, Sequence[Sequence[object]]]:
    """The sheets of a small sound workbook in 元: income 100000 = salaries 60000 + one project 40000. Replace sheets by name."""
    sheets: dict[str, Sequence[Sequence[object]]] = {
        "单位信息": UNIT_SHEET,
        "收入": [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 100000]],
        "基本支出—工资福利": [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", "30101 基本工资"], ["124001", "2010301", "经费拨款", 60000]],
        "项目支出": [
            ["金额单位", "元"],
            ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数", "上年预算数"],
            ["124001", "甲项目", "2010302", "30201", "经费拨款", 40000, None],
        ],
        "项目库": [["单位编码", "项目名称", "项目类别", "编制绩效目标"], ["124001", "甲项目", "其他专项类", "否"]],
        "国有资产": [["单位编码", "资产类别", "现有数量"], ["124001", "车辆", 0]],
        "文字说明": [
            ["事项", "内容"],
            *([t, f"{t}的内容"] for t in TEXTS),
            *([f"原因：{n}", "新增人员和新增项目按标准安排"] for n in ("收入总计", "支出总计", "工资福利支出", "项目支出", "商品和服务支出", "机关运行经费", "三公经费", "会议费", "培训费")),
        ],
    }
    return {**sheets, **changed}


def write(path: Path, sheets: Sheets) -> Path:
    """The sheets as an .xlsx file."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def dump(table: Table) -> str:
    """A table as text: what is printed, merges, number formats, page. Golden files hold this."""
    out = [f"# {table.name} {table.title} 单位 {table.unit}{' 空表' if table.empty else ''}"]
    out.append(f"纸张 {table.page.paper}{'横' if table.page.landscape else '纵'}；列宽 {' '.join(f'{c.width:g}' for c in table.columns)}")
    for i, line in enumerate(table.lines):
        cells = [written(c.shown, table.styles[c.style].number_format) if c.shown is not None else (c.text or "") for c in line.cells]
        out.append(f"{i + 1:>3} {line.kind.value} " + " | ".join(cells).replace("\n", "⏎").rstrip(" |"))
    if table.merges:
        out.append("合并 " + " ".join(f"{table.address(m.row, m.column)}:{table.address(m.row + m.rows - 1, m.column + m.columns - 1)}" for m in sorted(table.merges, key=lambda m: (m.row, m.column))))
    formats = sorted({table.styles[c.style].number_format for line in table.lines for c in line.cells if c.shown is not None})
    out.append(f"数字格式 {' '.join(formats)}")
    if table.groups:
        out.append("分栏 " + " ".join(f"{column_letters(a + 1)}:{column_letters(b)}" for a, b in table.groups))
    if table.breaks:
        out.append(f"另起页 {' '.join(str(b + 1) for b in table.breaks)}")
    return "\n".join(out) + "\n"


def figures(table: Table) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Decimal]:
    """The exact amounts of a cross table by line key and heading path."""
    return {(line.key, column.path): cell.amount for line in table.lines for column, cell in zip(table.columns, line.cells, strict=True) if cell.amount is not None and line.key}


def raw(sheets: Sheets, file: str = "甲局.xlsx") -> RawWorkbook:
    """The sheets as if read from a file."""
    made = []
    for name, rows in sheets.items():
        width = max((len(r) for r in rows), default=0)
        grid = [[("" if v is None else float(v) if isinstance(v, (int, Decimal)) and not isinstance(v, bool) else v) for v in (*r, *[None] * (width - len(r)))] for r in rows]
        made.append(RawSheet(file, name, rows=grid))
    return RawWorkbook(file, made, {})


def bound_sheets(sheets: Sheets, pack_id: str = "pingjiang-2022") -> tuple[Selector, Problems]:
    """The sheets bound for a pack."""
    pack, problems = get_pack(pack_id), Problems()
    return Selector(bind(raw(sheets), pack, problems), pack), problems

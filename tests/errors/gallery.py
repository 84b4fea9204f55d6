"""The broken workbooks of cases.yaml: built, checked, and printed as docs/错误大全.md (`make errors`)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl

from generator.model.problem import DataError, Problem
from generator.run import check
from tests.support import ROOT, data, minimal, write

CASES = data("errors/cases.yaml")


def broken(case: dict, folder: Path) -> Path:
    """The case's workbook."""
    path = write(folder / "甲局.xlsx", minimal())
    book = openpyxl.load_workbook(path)
    for where, value in case["改"].items():
        _edit(book, where, value)
    book.save(path)
    return path


def _edit(book: openpyxl.Workbook, where: str, value: object) -> None:
    action, _, argument = str(value).partition(" ")
    sheet, _, cell = where.partition("!")
    if action == "!merge":
        book[argument].merge_cells(where)
    elif action == "!delete":
        del book[sheet]
    elif action == "!rename":
        book[sheet].title = argument
    elif action == "!last":
        book.move_sheet(sheet, len(book.sheetnames))
    elif action == "!add":
        book.create_sheet(sheet)["A1"] = "备忘"
    elif action == "!hide":
        book[sheet].row_dimensions[int(cell)].hidden = True
    elif action == "!insert-row":
        book[sheet].insert_rows(int(cell))
    elif action == "!insert-column":
        book[sheet].insert_cols(openpyxl.utils.column_index_from_string(cell))
    elif action == "!date":
        book[sheet][cell] = date.fromisoformat(argument)
    else:
        book[sheet][cell] = value
        if isinstance(value, str) and not value.startswith(("=", "#")):
            book[sheet][cell].number_format = "@"


def problems(case: dict, folder: Path) -> list[Problem]:
    """What the program says of the case's workbook."""
    try:
        return check(broken(case, folder)).problems.sorted()
    except DataError as e:
        return list(e.problems)


def where(problem: Problem) -> str:
    """`收入!C3`, `收入` for a whole line, column or sheet, 文件 for the whole file."""
    cell = problem.place.cell if re.fullmatch(r"[A-Z]+\d+", problem.place.cell) else ""
    return "!".join(p for p in (problem.place.sheet or "文件", cell) if p)


def pages() -> Iterator[str]:
    yield "# 错误大全\n\n由 `make errors` 生成：tests/errors/cases.yaml 里每个坏工作簿，程序怎么说。\n"
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            yield f"## {case['名']}\n\n```\n" + ("\n".join(map(str, problems(case, Path(folder)))) or "没有发现问题。") + "\n```\n"


if __name__ == "__main__":
    (ROOT / "docs" / "错误大全.md").write_text("\n".join(pages()), encoding="utf-8")

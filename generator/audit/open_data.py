"""The open-data twin read back from its bytes and held against the set: every printed figure, every sum of facts."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from io import StringIO
from itertools import zip_longest

from generator.build.select import Selector
from generator.model.figures import written
from generator.model.table import Table


def open_data_differences(files: Mapping[str, bytes], folder: str, selector: Selector, exact: Sequence[Table], printed: Sequence[Table]) -> Iterator[str]:
    """Where the files differ from the set. files: all of the twin, names beginning with `folder`."""
    described = json.loads(files[f"{folder}/datapackage.json"])
    read: dict[str, dict[str, tuple[str, ...]]] = {}  # resource → the cells of each column
    for resource in described["resources"]:
        data = files.get(f"{folder}/{resource['path']}")
        if data is None:
            yield f"缺 {resource['path']}"
            continue
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != resource["hash"]:
            yield f"{resource['path']} 的校验值不对"
        names, *lines = csv.reader(StringIO(data.decode("utf-8-sig"), newline=""))
        read[resource["name"]] = dict(zip(names, zip_longest(*lines, fillvalue=""), strict=False))
        wanted = [f["name"] for f in resource["schema"]["fields"]]
        if names != wanted:
            yield f"{resource['path']} 的列名和 datapackage.json 不一致"
    yield from _figures(read.get("figures", {}), exact, printed)
    for dataset, name in (("收入", "revenue"), ("支出", "expenditure")):
        for measure in selector.pack.schema.measures(dataset):
            wanted_sum = selector.sum(dataset, measure, selector.all(dataset))
            found_sum = sum(filter(None, map(_number, read.get(name, {}).get(f"{measure}_元", ()))), Decimal(0))
            if found_sum != wanted_sum:
                yield f"{dataset}.csv 的{measure}合计应为 {wanted_sum}，写出来是 {found_sum}"


def _figures(columns: Mapping[str, tuple[str, ...]], exact: Sequence[Table], printed: Sequence[Table]) -> Iterator[str]:
    """The figures that print something, by sheet and cell; an amount where there is one, which is the exact one."""
    sheets, addresses, figures, amounts = (columns.get(name, ()) for name in ("工作表", "单元格", "印数", "金额_元"))
    rest = dict(zip(zip(sheets, addresses, strict=True), zip(figures, amounts, strict=True), strict=True))
    if len(rest) != len(sheets):
        yield "公开表.csv 里有重复的单元格"
    for whole, table in zip(exact, printed, strict=True):
        prints_zero = [bool(written(Decimal(0), style.number_format)) for style in table.styles]
        wanted = [cell.amount for sheet in whole.sheets for line in sheet.lines for cell in line.cells if cell.shown is not None]
        cells = [(sheet, r, c, cell) for sheet in table.sheets for r, line in enumerate(sheet.lines) for c, cell in enumerate(line.cells) if cell.shown is not None]
        for (sheet, r, c, cell), yuan in zip(cells, wanted, strict=True):
            if (not cell.shown and not prints_zero[cell.style]) or (r, c) in sheet.covered:
                continue
            address = sheet.address(r, c)
            figure, amount = rest.pop((sheet.name, address), ("", ""))
            if not figure:
                yield f"公开表.csv 里没有 {sheet.name}!{address}"
            elif _number(figure) != cell.shown:
                yield f"公开表.csv 里 {sheet.name}!{address} 应为 {cell.shown}，写出来是 {figure}"
            elif amount and _number(amount) != yuan:
                yield f"公开表.csv 里 {sheet.name}!{address} 应为 {yuan} 元，写出来是 {amount}"
    yield from (f"公开表.csv 里多出 {sheet}!{address}" for sheet, address in rest)


@lru_cache(maxsize=4096)  # a set says the same figure in many tables
def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None

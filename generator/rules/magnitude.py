"""金额大小不像话，多半是元、万元混用。

    - id: M08 元万元混用
      kind: magnitude
      level: 警告
      params: {datasets: [收入, 支出, 采购], small: '100', ratio: '5000'}

四种情形：支出比全部收入还大（几笔都是，只说一次）；一笔不足 small 元；本年与上年相差 ratio 倍以上；采购金额乘一万恰是它那个项目的预算数。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import show
from generator.model.master import Record
from generator.rules.finding import Finding

ZERO = Decimal(0)
TEN_THOUSAND = Decimal(10000)
HINT = "核对这张表的金额单位（元还是万元），和这一格有没有多填、少填几位"


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """datasets: where amounts are looked at; small: in 元; ratio: this year to last year, either way."""

    datasets: list[str]
    small: str = "100"
    ratio: str = "5000"


def reads(params: Params) -> tuple[str, ...]:
    """The datasets it looks through."""
    return tuple(params.datasets)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    small, ratio = Decimal(params.small), Decimal(params.ratio)
    income = sum((r.amounts.get("本年", ZERO) for r in selector.master.records("收入")), ZERO)
    projects: dict[tuple[str, str], Decimal] = {}
    for record in selector.master.records("支出"):
        key = (record.text("单位编码"), record.text("项目名称"))
        projects[key] = projects.get(key, ZERO) + record.amounts.get("本年", ZERO)
    larger: list[Record] = []  # than all income together
    of_income: list[Finding] = []
    for dataset in params.datasets:
        for record in selector.master.records(dataset):
            found = _looked_at(record, dataset, small, ratio, projects)
            if found is not None and dataset == "收入":
                of_income.append(found)
            elif found is not None:
                yield found
            elif dataset in ("支出", "采购") and income and record.amounts.get("本年", ZERO) > income:
                larger.append(record)
    if len(larger) <= 1:
        yield from of_income
    yield from _larger(larger, income)
    yield from _years(selector, ratio)


def _larger(records: list[Record], income: Decimal) -> Iterator[Finding]:
    """Records larger than all income together. Several have one cause, most likely an income in the wrong unit: said once, and of the income itself nothing more."""
    if not records:
        return
    most = max(records, key=lambda r: r.amounts["本年"])
    if len(records) == 1:
        yield Finding(most.at("本年"), f"一笔 {show(most.amounts['本年'])}，比全部收入 {show(income)} 还大", HINT)
    else:
        said = f"有 {len(records)} 笔，每一笔都比全部收入 {show(income)} 还大，最大的 {show(most.amounts['本年'])}"
        yield Finding(most.at("本年"), said, "核对“收入”和这张表的金额单位（元还是万元），和这些数有没有多填、少填几位")


def _looked_at(record: Record, dataset: str, small: Decimal, ratio: Decimal, projects: dict[tuple[str, str], Decimal]) -> Finding | None:
    now, before = record.amounts.get("本年", ZERO), record.amounts.get("上年", ZERO)
    budget = projects.get((record.text("单位编码"), record.text("项目名称")), ZERO) if record.text("项目名称") else ZERO
    if dataset == "采购" and now and budget and now * TEN_THOUSAND == budget:
        return Finding(record.at("本年"), f"采购金额 {show(now)}，项目“{record.text('项目名称')}”预算 {show(budget)}，正好差一万倍", "采购金额按元填")
    if now and now < small:
        return Finding(record.at("本年"), f"金额只有 {show(now)}", HINT)
    if now and before and (now >= before * ratio or before >= now * ratio):
        return Finding(record.at("本年"), f"本年 {show(now)}，上年 {show(before)}，相差 {_times(now, before)} 倍", HINT)
    return None


def _years(selector: Selector, ratio: Decimal) -> Iterator[Finding]:
    """上年数 stands on a sheet of its own: its total is held against this year's of the same kind of expenditure."""
    sums: dict[str, list[Decimal]] = {}
    first: dict[str, Record] = {}
    for record in selector.master.records("支出"):
        pair = sums.setdefault(record.text("支出类型"), [ZERO, ZERO])
        pair[0] += record.amounts.get("本年", ZERO)
        pair[1] += record.amounts.get("上年", ZERO)
        if record.amounts.get("上年") and "本年" not in record.amounts:
            first.setdefault(record.text("支出类型"), record)
    for kind, (now, before) in sums.items():
        if kind in first and now and before and (now >= before * ratio or before >= now * ratio):
            yield Finding(first[kind].at("上年"), f"{kind}本年合计 {show(now)}，上年合计 {show(before)}，相差 {_times(now, before)} 倍", HINT)


def _times(a: Decimal, b: Decimal) -> int:
    return int(max(a, b) / min(a, b))

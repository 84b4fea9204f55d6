"""成本指标里写的金额不能超过项目预算；写“控制在预算内”“经费安排”的，应等于项目预算。

    - id: P02 成本指标与预算
      kind: cost_indicators
      basis: 财预〔2021〕101号

只看写明了万元、元的金额；按月、按人的标准（9.2万/月）不比。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import YUAN_PER_UNIT, grouped, half_up, to_unit
from generator.model.master import Record
from generator.rules.finding import Finding, NotRun

WHOLE = re.compile(r"预算|经费安排|总成本|总投入|资金总额|安排资金")
AMOUNT = re.compile(r"[≤<＝=≥不超过控制在约]*\s*(\d[\d,]*(?:\.\d+)?)\s*(万元|元|亿元)?(?:以?内|以下)?")


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """Indicators and what is budgeted."""
    return ("指标", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    budgets: dict[tuple[str, str], Decimal] = {}
    for record in selector.master.records("支出"):
        for project in (record.text("项目名称"), "") if record.text("项目名称") else ("",):
            key = (record.text("单位编码"), project)
            budgets[key] = budgets.get(key, Decimal(0)) + record.amounts.get("本年", Decimal(0))
    seen = False
    for record in selector.master.records("指标"):
        stated = _stated(record)
        budget = budgets.get((record.text("单位编码"), record.text("项目名称")))
        if stated is None or not budget:
            continue
        seen = True
        amount, unit, places = stated
        expected = half_up(to_unit(budget, unit), places)
        whole = WHOLE.search(record.text("三级指标")) and record.text("计算符号") in ("", "＝", "≤")
        if amount > expected or (whole and amount != expected):
            name = record.text("项目名称")
            owner = f"项目“{name}”" if name else "单位"
            yield Finding(
                record.at("指标值"),
                f"成本指标“{record.text('三级指标')}”是 {grouped(amount, places)} {unit}，{owner}预算 {grouped(expected, places)} {unit}，差 {grouped(abs(amount - expected), places)} {unit}",
                "核对指标值，或项目的预算数",
            )
    if not seen:
        raise NotRun("没有写明金额的成本指标")


def _stated(record: Record) -> tuple[Decimal, str, int] | None:
    """Amount, unit and decimals of a cost indicator; None when it states no amount of its own."""
    if "成本" not in record.text("一级指标") + record.text("二级指标"):
        return None
    found = AMOUNT.fullmatch(record.text("指标值"))
    unit = (found[2] if found else "") or record.text("计量单位")
    if not found or unit not in YUAN_PER_UNIT:
        return None
    number = found[1].replace(",", "")
    return Decimal(number), unit, max(2, len(number.partition(".")[2]))

"""政府采购面向中小企业的预留份额。

    - id: P14 中小企业预留
      kind: set_aside
      level: 警告
      basis: 财库〔2020〕46号、财库〔2022〕19号
      params: {goods_limit: '2000000', works_limit: '4000000', share: '0.3', works_share: '0.4', micro: '0.6'}

限额以下的货物、服务、工程应全部预留；超过限额的，按类别合计预留比例；预留给中小企业的，小微企业不少于其中六成（填了小微企业的才比）。
备注里写了理由的不报；全册没有填面向中小企业的，记“未能核对”。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import grouped, show, to_unit
from generator.model.master import Record
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun

ZERO = Decimal(0)
SMALL, MICRO = "面向中小企业", "面向小微企业"


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Limits in 元 below which all is set aside; shares above them; micro: of what is set aside."""

    goods_limit: str
    works_limit: str
    share: str
    works_share: str
    micro: str


def reads(params: Params) -> tuple[str, ...]:
    """Purchases only."""
    return ("采购",)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    records = [r for r in selector.master.records("采购") if r.amounts.get("本年")]
    if not any(SMALL in r.amounts for r in records):
        raise NotRun(unfilled(selector, "采购") + ("面向中小企业的金额" if records else ""))
    large: dict[str, list[Record]] = {}
    for r in records:
        kind, amount = r.text("采购类型"), r.amounts["本年"]
        limit = Decimal(params.works_limit if kind == "工程" else params.goods_limit)
        if amount > limit:
            large.setdefault(kind, []).append(r)
        elif r.amounts.get(SMALL, ZERO) < amount and not r.text("备注"):
            yield Finding(
                r.at(SMALL),
                f"{kind}采购 {show(amount)}，在 {grouped(to_unit(limit, '万元'), 0)} 万元以下，应全部面向中小企业，现为{_blank_or(r.amounts.get(SMALL))}",
                "核对面向中小企业的金额；不适宜预留的，在备注里写明理由",
            )
    for kind, some in large.items():
        total = sum((r.amounts["本年"] for r in some), ZERO)
        kept = sum((r.amounts.get(SMALL, ZERO) for r in some), ZERO)
        share = Decimal(params.works_share if kind == "工程" else params.share)
        if kept < total * share and not any(r.text("备注") for r in some):
            yield Finding(some[0].at(SMALL), f"限额以上的{kind}采购合计 {show(total)}，面向中小企业 {show(kept)}，不足 {grouped(share * 100, 0)}%", "核对预留金额；不适宜预留的，在备注里写明理由")
    kept, micro = (sum((r.amounts.get(n, ZERO) for r in records), ZERO) for n in (SMALL, MICRO))
    if any(MICRO in r.amounts for r in records) and micro < kept * Decimal(params.micro):
        first = next(r for r in records if MICRO in r.amounts)
        yield Finding(first.at(MICRO), f"面向中小企业合计 {show(kept)}，其中小微企业 {show(micro)}，不足 {grouped(Decimal(params.micro) * 100, 0)}%", "核对面向小微企业的金额")


def _blank_or(amount: Decimal | None) -> str:
    return "空白" if amount is None else f" {show(amount)}"

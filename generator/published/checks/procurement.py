"""Procurement lines: quantity times price is the amount; 小微 within 中小 within the amount."""

from __future__ import annotations

import re

from generator.published.checks.sums import Sums, money
from generator.published.model import ReadTable
from generator.published.rulebook import Rule


def check_procurement(table: ReadTable, out: Sums) -> None:
    """Lines without quantity or price are not held against anything."""
    if "采购" not in table.title:
        return

    def column(words: str, but: str = "$^") -> int | None:
        return next((i for i, c in enumerate(table.columns) if c.role in ("金额", "数量") and re.search(words, c.title) and not re.search(but, c.title)), None)

    quantity, price = column(r"数量"), column(r"单价")
    amount = column(r"采购金额|采购预算|总计|合计|金额|预算数", r"中小|小微|面向|其中|单价|数量")
    small, micro = column(r"中小"), column(r"小微", r"中小.*小微$|中小、小微")
    if amount is None:
        return
    for row in table.rows:
        total = row.cells[amount].figure
        if total is None:
            continue
        q = row.cells[quantity].figure if quantity is not None else None
        p = row.cells[price].figure if price is not None else None
        if q and p and quantity is not None and price is not None:
            out.compared += 1
            scale = 10000 if "万" in table.columns[price].title else 1 if "元" in table.columns[price].title or table.unit == "元" else 10000
            product = q.value * p.value * scale
            other = q.value * p.value * (10000 if scale == 1 else 1)
            if abs(product - total.yuan) > total.step + q.value * p.step / 2 and abs(other - total.yuan) > total.step + q.value * p.step / 2:
                values = {"数量": str(q.value), "单价": str(p.value), "应为": money(product, table.unit), "印的": money(total.yuan, table.unit)}
                out.say(Rule.QUANTITY_TIMES_PRICE, row.cells[amount].spot, values, other=row.cells[price].spot)
        for less, more, part, whole in ((small, amount, "面向中小企业", "采购"), (micro, small, "面向小微企业", "面向中小企业的")):
            if less is None or more is None:
                continue
            a, b = row.cells[less].figure, row.cells[more].figure
            if a and b and b.yuan:
                out.compared += 1
                if a.yuan > b.yuan + max(a.step, b.step):
                    values = {"小的": part, "大的": whole, "小的数": money(a.yuan, table.unit), "大的数": money(b.yuan, table.unit)}
                    out.say(Rule.SMALL_WITHIN, row.cells[less].spot, values, other=row.cells[more].spot)

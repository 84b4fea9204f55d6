"""同一行里的几个数：相乘应等于、应当从小到大、填了一个别的也要填。

    - id: A19 采购数量单价金额
      kind: line_figures
      params: {dataset: 采购, product: [数量, 单价], equals: 本年}

product 与 equals：相乘等于；ascending：前一个不大于后一个；filled：这一列别的行都填了、这一行没填的（整列都不填的不管）。
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.model.amount import CENT, grouped, half_up, show
from generator.model.master import Record
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """dataset: which lines; names: what measures are called in the message, when not by their own name."""

    dataset: str
    product: list[str] = []
    equals: str = ""
    ascending: list[str] = []
    filled: list[str] = []
    names: dict[str, str] = {}


def reads(params: Params) -> tuple[str, ...]:
    """The dataset it looks through."""
    return (params.dataset,)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    records = [r for r in selector.master.records(params.dataset) if r.amounts.get("本年")]
    if not records:
        raise NotRun(unfilled(selector, params.dataset))
    used = [n for n in (*params.product, *params.ascending[:-1], *params.filled) if any(n in r.amounts or r.text(n) for r in records)]
    if not used:
        raise NotRun(f"{unfilled(selector, params.dataset)}{'、'.join((*params.product, *params.ascending[:-1], *params.filled))}")
    for record in records:
        if params.product and all(n in record.amounts for n in (*params.product, params.equals)):
            yield from _product(params, record)
        for small, large in zip(params.ascending, params.ascending[1:], strict=False):
            a, b = record.amounts.get(small), record.amounts.get(large)
            if a is not None and b is not None and a > b:
                yield Finding(record.at(small), f"{_name(params, small)} {show(a)}，大于{_name(params, large)} {show(b)}，多 {show(a - b)}", f"核对{_name(params, small)}")
        missing = [n for n in params.filled if n in used and n not in record.amounts and not record.text(n)]
        if missing:
            yield Finding(record.at(missing[0]), f"这一行没有填{'、'.join(missing)}", "别的行都填了，补上这一格")


def _product(params: Params, record: Record) -> Iterator[Finding]:
    a, b = (record.amounts[n] for n in params.product)
    made, typed = a * b, record.amounts[params.equals]
    if abs(made - typed) >= CENT:
        first, second = params.product
        quantity = grouped(half_up(a), 2).rstrip("0").rstrip(".")
        yield Finding(
            record.at(params.equals),
            f"{first} {quantity} × {second} {show(b)} = {show(made)}，{_name(params, params.equals)}是 {show(typed)}，差 {show(abs(made - typed))}",
            f"核对{first}、{second}和{_name(params, params.equals)}",
        )


def _name(params: Params, measure: str) -> str:
    return params.names.get(measure, measure)

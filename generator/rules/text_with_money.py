"""有钱就要有话：安排了会议费的，要写会议内容。

    - id: W20 会议内容
      kind: text_with_money
      level: 提示
      params: {figure: 部门经济 30215, name: 会议费, text: 会议内容}

套表包里没有这一事项的，不核。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.problem import Place
from generator.pack.pack import Pack
from generator.rules.figures import added, dataset_words, money, parsed, wrong_words
from generator.rules.finding import Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """figure: a binding; name: what it is called; text: the 事项 it needs."""

    figure: str
    name: str
    text: str


def reads(params: Params) -> tuple[str, ...]:
    """Where the figure comes from."""
    return dataset_words(params.figure)


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """A figure that is not understood."""
    yield from wrong_words(pack, params.figure)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    if params.text not in {t.name for t in selector.pack.file.texts}:
        raise NotRun(f"本套表没有“{params.text}”这一事项")
    parts = parsed(selector.pack, params.figure)
    amount = sum((a.amount for a in added(selector, parts, []).values()), Decimal(0))
    if amount and not selector.master.text(params.text).strip():
        place = next((p for (_, name), (_, p) in selector.master.texts.items() if name == params.text), Place(selector.master.file, "文字说明"))
        yield Finding(place, f"{params.name}安排了 {money(selector, parts, amount)}，没有写“{params.text}”", "写明内容、场次和人数")

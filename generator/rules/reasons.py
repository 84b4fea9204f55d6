"""比上年有增减的数要写原因。

    - id: 增减原因
      kind: reasons
      basis: 财预〔2016〕143号（“三公”经费等应说明增减变化）

Which figures need a reason: the pack's facts that name one, when their change as printed exceeds the pack's threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.facts import facts
from generator.build.select import Selector
from generator.model.amount import grouped
from generator.model.problem import Place
from generator.rules.finding import Finding


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings; the threshold is the pack's thresholds.reason, in per cent."""


def reads(params: Params) -> tuple[str, ...]:
    """Where the compared figures come from."""
    return ("收入", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    master, pack = selector.master, selector.pack
    threshold = Decimal(pack.file.thresholds.get("reason", "0"))
    asked = {t.name for t in pack.file.texts if t.required == "有增减"}
    for fact in facts(selector).values():
        if fact.reason_name not in asked or fact.counted:
            continue
        made = fact.change()
        large = made.difference and (made.percent is None or made.percent > threshold)
        if large and not master.text(fact.reason_name).strip():
            place = next((p for (_, name), (_, p) in master.texts.items() if name == fact.reason_name), Place(master.file, "文字说明"))
            clause = made.sentence(pack.file.sentences, {"年度": str(master.year), "上年度": str(master.year - 1)})
            yield Finding(place, f"没有写“{fact.reason_name}”：{fact.name} {grouped(made.now)} 万元，{clause}", "在“文字说明”的这一行写明主要原因")

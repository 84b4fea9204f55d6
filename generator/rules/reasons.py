"""比上年有增减的数要写原因，原因要具体，不能和数说反了。

    - id: W08 增减原因
      kind: reasons
      basis: 财预〔2016〕143号（“三公”经费等应说明增减变化）
      params: {at_least: '6', junk: [无, 工作需要], up: [增加, 提高], down: [减少, 压缩]}

哪些数要写：套表包里带 reason 的数，印出来的增减超过 thresholds.reason（%）时。at_least 是最少几个字；junk 是单独写等于没写的话；
up、down 是说增、说减的词：数减少而原因里只有说增的词（或者反过来），就是写反了。上年没有可比的数，可以写“无可比”。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.change import Change
from generator.build.facts import Fact, facts
from generator.build.select import Selector
from generator.model.amount import grouped
from generator.model.problem import Place
from generator.pack.schema import folded
from generator.rules.finding import Finding

NO_BASE = "无可比"


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The threshold is the pack's thresholds.reason, in per cent. See the head of this page."""

    at_least: int = 6
    junk: list[str] = []
    up: list[str] = []
    down: list[str] = []


def reads(params: Params) -> tuple[str, ...]:
    """Where the compared figures come from."""
    return ("收入", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    master, pack = selector.master, selector.pack
    threshold = Decimal(pack.file.thresholds.get("reason", "0"))
    asked = {t.name for t in pack.file.texts if t.required == "有增减"}
    told: set[str] = set()
    for fact in facts(selector).values():
        name = fact.reason_name
        if name in told or fact.counted:
            continue
        made = fact.change()
        if not made.difference or (made.percent is not None and made.percent <= threshold):
            continue
        reason = master.text(name).strip()
        if not reason and name not in asked:
            continue
        if wrong := _wrong(params, fact, made, reason):
            told.add(name)
            place = next((p for (_, text), (_, p) in master.texts.items() if text == name), Place(master.file, "文字说明"))
            clause = made.sentence(pack.file.sentences, {"年度": str(master.year), "上年度": str(master.year - 1)})
            yield Finding(place, f"{wrong}：{fact.name} {grouped(made.now)} 万元，{clause}", "在“文字说明”的这一行写明主要原因，要具体（什么事、多少人、哪个项目）")


def _wrong(params: Params, fact: Fact, made: Change, reason: str) -> str:
    """What is wrong with a reason; empty when nothing is."""
    if not reason:
        return f"没有写“{fact.reason_name}”"
    if reason.startswith(NO_BASE):
        return f"“{fact.reason_name}”写的是“{NO_BASE}”，但填了上年数" if fact.before else ""
    plain = re.sub(r"^(主要)?(原因)?(是|为|：|:)?(因为|由于|因)?", "", folded(reason))
    if plain in {folded(j) for j in params.junk}:
        return f"“{fact.reason_name}”只写了“{reason}”，等于没有写"
    if len(plain) < params.at_least:
        return f"“{fact.reason_name}”只写了“{reason}”，不到 {params.at_least} 个字"
    up, down = ([w for w in words if w in reason] for words in (params.up, params.down))
    if made.difference < 0 and up and not down:
        return f"“{fact.reason_name}”说的是“{up[0]}”，数却是减少的"
    if made.difference > 0 and down and not up:
        return f"“{fact.reason_name}”说的是“{down[0]}”，数却是增加的"
    return ""

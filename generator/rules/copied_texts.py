"""今年的话不能照抄上年的：和上年的主工作簿逐条比。

    - id: W08 照抄上年
      kind: copied_texts
      params: {prefix: '原因：', at_least: '6'}

只看事项以 prefix 开头、不少于 at_least 个字、两年一字不差（标点、空格不算）的。“无可比”不算。上年的主工作簿用 --last-year 给；没有给的记未能核对。
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.pack.schema import folded
from generator.rules.finding import Finding, NotRun
from generator.rules.last_year_book import previous_book
from generator.rules.reasons import NO_BASE


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """prefix: how the names of the texts begin; at_least: shorter texts are the business of another rule."""

    prefix: str
    at_least: int = 6


def reads(params: Params) -> tuple[str, ...]:
    """Texts are read whatever else is wrong."""
    return ()


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    before = previous_book(selector).master.texts
    asked = [(key, text, place) for key, (text, place) in selector.master.texts.items() if key[1].startswith(params.prefix) and text.strip()]
    if not asked:
        raise NotRun(f"没有写“{params.prefix}”")
    for key, text, place in asked:
        then, _ = before.get(key, before.get(("", key[1]), ("", place)))
        if len(folded(text)) >= params.at_least and folded(text) == folded(then) and not text.startswith(NO_BASE):
            shown = text if len(text) <= 30 else text[:30] + "…"
            yield Finding(place, f"“{key[1]}”和上年写的一字不差：{shown}", "写今年的原因：今年比上年多了、少了什么")

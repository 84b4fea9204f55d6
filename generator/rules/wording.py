"""文字里不该有的字样：没有填完的模板、占位的符号、叠字、决算的话。

    - id: S11 模板残留
      kind: wording
      params: {datasets: [文字, 项目], words: [增（减）, 待填], forms: [叉号, 花括号, 下划线], says: '“{}”没有改掉', hint: 写实，不要的删掉}

words 照字找（不分全角半角括号）；forms 是几种写好的样子：叉号（XX、××）、花括号、下划线、星号、某某、叠词、万缺元。一段文字一条。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from generator.build.select import Selector
from generator.pack.pack import Pack
from generator.pack.strict_yaml import suggestion
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun
from generator.rules.texts import written

FORMS = {
    "叉号": r"(?<![A-Za-z0-9Ｘ×])[XxＸ×]{2,}(?![A-Za-z0-9])",
    "花括号": r"\{\{[^{}\n]*\}\}|\{%|\{[^{}'\"\n]{1,40}\}",
    "下划线": r"_{2,}|＿{2,}",
    "星号": r"\*{2,}",
    "某某": r"某某|某[局县区市](?![\u4e00-\u9fff])",
    "叠词": r"([\u4e00-\u9fff]{2,4})\1",
    "万缺元": r"(?<![\d.])\d+(?:\.\d+)?万(?=[，。；、）)\s]|$)",
}


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """datasets: 文字 is the sheet 文字说明. says: {} is what was found."""

    datasets: list[str]
    says: str
    hint: str
    words: list[str] = []
    forms: list[str] = []


def reads(params: Params) -> tuple[str, ...]:
    """Texts are read whatever else is wrong."""
    return ()


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Forms and datasets nobody knows."""
    for form in params.forms:
        if form not in FORMS:
            yield f"不认识样子“{form}”；可用：{'、'.join(FORMS)}{suggestion(form, list(FORMS))}"
    for dataset in params.datasets:
        if dataset not in pack.schema.datasets:
            yield f"不认识数据“{dataset}”；可用：{'、'.join(pack.schema.datasets)}"


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    pattern = _pattern(tuple(params.words), tuple(params.forms))
    texts = list(written(selector, params.datasets))
    if not texts:
        raise NotRun(unfilled(selector, params.datasets[0]))
    for text in texts:
        found = pattern.search(_wide(text.words))
        if found:
            yield Finding(text.place, f"{params.says.format(found[0])}：{text.around(found.start(), found.end())}", params.hint)


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...], forms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in (*(re.escape(_wide(w)) for w in words), *(FORMS[f] for f in forms))))


def _wide(text: str) -> str:
    return text.replace("(", "（").replace(")", "）")

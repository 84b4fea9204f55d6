"""文字里说“没有”的，数要真是 0：说没有政府性基金，就不能有政府性基金的收入和支出。

    - id: W21 说没有就没有
      kind: absence
      params: {subjects: [{words: [政府性基金], figures: [收入 资金性质 政府性基金, 资金性质 政府性基金]}]}

只认“没有、未安排、无 …… 事项”一类的话；说上年没有的不管；句子里提到所属某个单位的，按那个单位的数核。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

import msgspec

from generator.build.select import Selector
from generator.pack.binding import Condition, Figure
from generator.pack.pack import Pack
from generator.rules.figures import dataset_words, money, parsed, wrong_words
from generator.rules.finding import Finding, NotRun
from generator.rules.texts import TEXTS, Written, clauses, written

NOT = r"(?:没有安排|没有编制|没有|未安排|未编制|未列支|不涉及|不安排|不再安排|(?<![有从并绝毫])无)(?:本年度?|当年|使用|财政拨款|一般公共预算)*[“\"]?"
AFTER = r"[”\"]?(?:（境）|\(境\))?(?:财政|预算|拨款|支出|费用|经费|费|收入|收支|计划|项目|任务|安排|业务|方面|的)*(?=[，。；、,;.！）)\s]|$|和|及|或|与)"
NEGATED = re.compile(NOT)
PAST = ("上年", "去年", "往年", "以前年度")


class Subject(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """words: what texts call it; figures: all must be 0."""

    words: list[str]
    figures: list[str]


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """subjects: what may be said to be absent."""

    subjects: list[Subject]


def reads(params: Params) -> tuple[str, ...]:
    """Where the figures come from."""
    return dataset_words(*(f for s in params.subjects for f in s.figures))


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Figures that are not understood."""
    yield from wrong_words(pack, *(f for s in params.subjects for f in s.figures))


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    texts = list(written(selector, [TEXTS]))
    if not texts:
        raise NotRun("“文字说明”没有填")
    said = [(subject, _said(tuple(subject.words))) for subject in params.subjects]
    for text in texts:
        for _, clause in clauses(text.words):
            if NEGATED.search(clause):  # few are
                for subject, pattern in said:
                    yield from _stated(selector, subject, text, pattern.search(clause), clause)


@lru_cache(maxsize=64)
def _said(words: tuple[str, ...]) -> re.Pattern[str]:
    """A subject said to be absent."""
    return re.compile(f"{NOT}(?:{'|'.join(re.escape(w) for w in sorted(words, key=len, reverse=True))}){AFTER}")


def _stated(selector: Selector, subject: Subject, text: Written, found: re.Match[str] | None, clause: str) -> Iterator[Finding]:
    if not found or any(p in clause[: found.start()] for p in (*PAST, f"{selector.master.year - 1}年")):
        return
    scope = _units(selector, clause) or ([text.unit] if text.unit else [])
    for figure in subject.figures:
        parts = tuple((sign, Figure(f.dataset, f.measure, (*f.conditions, Condition("单位编码", tuple(scope))) if scope else f.conditions)) for sign, f in parsed(selector.pack, figure))
        amount = sum((sign * selector.figure(f) for sign, f in parts), Decimal(0))
        if amount:
            said = found[0]
            yield Finding(text.place, f"“{text.name}”说“{said}”，主工作簿里{subject.words[0]}有 {money(selector, parts, amount)}", "核对数和文字，改一边")
            return


def _units(selector: Selector, clause: str) -> list[str]:
    """The subordinate units a sentence names, by the end of their names."""
    if len(selector.master.units) < 2:
        return []
    return [code for code, unit in list(selector.master.units.items())[1:] if any(name and name[-5:] in clause for name in (unit.text("单位名称"), unit.text("单位简称")))]

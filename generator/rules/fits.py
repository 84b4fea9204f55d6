"""符合一个条件的记录，也应当符合另一个条件：例如“行政运行”的支出应列基本支出。

    - id: M03 科目与支出类型
      kind: fits
      level: 警告
      params: {subjects: [行政运行, 事业运行], then: 类型 基本支出, says: '{功能科目}通常列基本支出，现列{支出类型}'}

when、then 是取数口径里的条件；subjects 只看这些名称的功能科目。says 里可以写 {功能科目} {部门经济} 和记录的任何一个字段。同一张表里说法相同的只报一条，指到第一格。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from generator.build.select import Selector, bits
from generator.model.master import Record
from generator.pack.binding import BindingError, Condition
from generator.pack.pack import Pack
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """dataset and measure: which records (those that have the measure and not 0); at: the field whose cell is shown."""

    then: str
    says: str
    when: str = ""
    subjects: list[str] = []
    dataset: str = "支出"
    measure: str = "本年"
    at: str = ""
    hint: str = "核对这一行的科目；确实如此的，可以不改"


def reads(params: Params) -> tuple[str, ...]:
    """The dataset it looks through."""
    return (params.dataset,)


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Conditions that are not understood."""
    for words in filter(None, (params.when, params.then)):
        try:
            pack.vocabulary.conditions(words.split(), params.dataset)
        except BindingError as e:
            yield str(e)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    if not selector.master.records(params.dataset):
        raise NotRun(unfilled(selector, params.dataset))
    chosen = selector.mask(params.dataset, _conditions(params.when, params, selector)) & selector.nonzero(params.dataset, params.measure)
    fitting = selector.mask(params.dataset, _conditions(params.then, params, selector))
    records = selector.master.records(params.dataset)
    found: dict[tuple[str, str], list[Record]] = {}
    for i in bits(chosen & ~fitting):
        if not params.subjects or selector.pack.functional.name(records[i].text("功能科目编码")) in params.subjects:
            found.setdefault((records[i].place.sheet, _said(params.says, records[i], selector)), []).append(records[i])
    for (_, said), some in found.items():
        first = some[0].at(params.at or params.measure)
        others = [c for c in dict.fromkeys(r.at(params.at or params.measure).cell for r in some) if c != first.cell]
        yield Finding(first, said + (f"（{'、'.join(others)} 也一样）" if others else ""), params.hint)


def _conditions(words: str, params: Params, selector: Selector) -> tuple[Condition, ...]:
    return selector.pack.vocabulary.conditions(words.split(), params.dataset) if words else ()


def _said(says: str, record: Record, selector: Selector) -> str:
    pack = selector.pack

    def word(found: re.Match[str]) -> str:
        name = found[1]
        codes = {"功能科目": pack.functional, "部门经济": pack.department}.get(name)
        code = record.text(f"{name}编码") if codes is not None else ""
        return f"{code} {codes.name(code)}" if codes is not None else record.text(name)

    return re.sub(r"\{([^{}]+)\}", word, says)

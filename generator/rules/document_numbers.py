"""同一份文件，全册写同一个文号。

    - id: W23 文号一致
      kind: document_numbers
      level: 警告
      params: {datasets: [文字, 项目, 测算]}

认《文件名》（文号）的写法：同一个文件名后面的文号不一样，报后一处。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.pack.schema import folded
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun
from generator.rules.texts import Written, written

CITED = re.compile(r"《([^《》]{4,80})》\s*[（(]\s*([\u4e00-\u9fff]{2,12}\s*[〔\[【（(]\s*(?:19|20)\d\d\s*[〕\]】）)]\s*第?\s*\d{1,5}\s*号)\s*[）)]")


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """datasets: 文字 is the sheet 文字说明."""

    datasets: list[str]


def reads(params: Params) -> tuple[str, ...]:
    """Texts are read whatever else is wrong."""
    return ()


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    texts = list(written(selector, params.datasets))
    if not texts:
        raise NotRun(unfilled(selector, params.datasets[0]))
    first: dict[str, tuple[str, Written]] = {}
    for text in texts:
        for found in CITED.finditer(text.words):
            number = re.sub(r"[\[【（(]", "〔", re.sub(r"[\]】）)]", "〕", re.sub(r"\s|第", "", found[2])))
            known, where = first.setdefault(folded(found[1]), (number, text))
            if known != number:
                yield Finding(text.place, f"《{found[1]}》的文号这里是 {number}，“{where.name}”（{where.place.sheet}!{where.place.cell}）里是 {known}", "核对文号，全册写成一样")

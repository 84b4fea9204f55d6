"""The words people wrote in a master, each with its cell: what the rules about texts go through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.build.select import Selector
from generator.model.problem import Place

TEXTS = "文字"
PROSE = ("文字", "长文")
UNPRINTED = {"备注", "计量单位", "单位编码", "项目名称", "事项"}  # notes, keys and units of measure are not prose


@dataclass(frozen=True, slots=True)
class Written:
    """One text. name: what it is called (职能职责, 年度目标 …); dataset: 文字 for the sheet 文字说明; unit: code of its unit or empty."""

    name: str
    words: str
    place: Place
    dataset: str
    unit: str = ""

    def around(self, start: int, end: int, margin: int = 8) -> str:
        """The words with a few before and after, for a message."""
        left, right = max(0, start - margin), min(len(self.words), end + margin)
        cut = self.words[left:right].replace("\n", " ").strip()
        return ("…" if left else "") + cut + ("…" if right < len(self.words) else "")


def written(selector: Selector, datasets: list[str]) -> Iterator[Written]:
    """All texts of these datasets, in the workbook's order."""
    for dataset in datasets:
        yield from selector.once(_written, dataset)


def _written(selector: Selector, dataset: str) -> list[Written]:
    if dataset == TEXTS:
        return [Written(name, words, place, dataset, unit) for (unit, name), (words, place) in selector.master.texts.items() if words.strip()]
    fields = [c.name for c in selector.pack.schema.fields(dataset).values() if c.type in PROSE and c.name not in UNPRINTED and not c.names]
    return [
        Written(name, words, record.at(name), dataset, record.text("单位编码"))
        for record in selector.master.records(dataset)
        for name in fields
        if (words := record.text(name)).strip()
    ]


def clauses(words: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text with their positions."""
    for found in re.finditer(r"[^。；;！!\n]+", words):
        yield found.start(), found[0]

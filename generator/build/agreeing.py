"""Sums in two datasets that the pack's rules of kind agreement hold equal: a project's 测算 lines and its 项目支出."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from generator.build.select import Holding, Selector


def agreeing(selector: Selector) -> Sequence[tuple[Holding, Holding]]:
    """Both sides of every key that both sides have, equal in their exact amounts; of `within` rules nothing."""
    return selector.once(_agreeing)  # every table that is rounded asks


def _agreeing(selector: Selector) -> Sequence[tuple[Holding, Holding]]:
    found: list[tuple[Holding, Holding]] = []
    for rule in selector.pack.file.rules:
        if rule.kind != "agreement" or str(rule.params.get("within", "")).lower() == "true":
            continue
        left, right, by, measures = (rule.params.get(name) for name in ("left", "right", "by", "measures"))
        if not (isinstance(left, str) and isinstance(right, str) and isinstance(by, list) and isinstance(measures, list)):
            continue  # the engine has already refused such a rule
        sides = [_by_key(selector, dataset, by) for dataset in (left, right)]
        for key in filter(sides[1].__contains__, sides[0]):
            for measure in measures:
                if selector.sum(left, measure, sides[0][key]) == selector.sum(right, measure, sides[1][key]):
                    found.append(({(left, measure): sides[0][key]}, {(right, measure): sides[1][key]}))
    return found


def _by_key(selector: Selector, dataset: str, by: Iterable[str]) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for i, record in enumerate(selector.master.records(dataset)):
        key = tuple(record.text(name) for name in by)
        if all(key):
            found[key] = found.get(key, 0) | 1 << i
    return found

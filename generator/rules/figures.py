"""Figures of a rule's settings, in the words of bindings, summed by fields with the cell a person looks at first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from generator.build.select import Selector
from generator.model.amount import grouped, show
from generator.model.problem import Place
from generator.pack.binding import CODED, JOINED, SHORT, BindingError, Figure, Sum, Total
from generator.pack.pack import Pack

ZERO = Decimal(0)
OWN_WORDS = {*SHORT, *JOINED, "合计", "上年", "本年"}  # a figure that begins with one of these speaks of 支出
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """amount: exact, in 元 or counted; place: the first cell that counts, a cell of some money before one of none."""

    amount: Decimal
    place: Place


@lru_cache(maxsize=1024)
def parsed(pack: Pack, words: str, dataset: str = "支出") -> tuple[tuple[int, Figure], ...]:
    """The signed figures of a binding; 合计 alone is all records. Raises BindingError."""
    binding = pack.vocabulary.parse(words, dataset)
    if isinstance(binding, Sum):
        return binding.parts
    if isinstance(binding, Total):
        return ((1, Figure()),)
    if not isinstance(binding, Figure):
        raise BindingError(f"“{words}”不是一个数")
    return ((1, binding),)


def wrong_words(pack: Pack, *words: str) -> Iterator[str]:
    """What is not understood in these figures."""
    for each in words:
        try:
            parsed(pack, each)
        except BindingError as e:
            yield str(e)


def dataset_words(*words: str) -> tuple[str, ...]:
    """The datasets figures rest on, by their first words."""
    firsts = [part.split()[0] for each in words for part in each.replace("减", "加").split("加") if part.split()]
    return tuple(dict.fromkeys("支出" if word in OWN_WORDS else word for word in firsts))


def added(selector: Selector, parts: tuple[tuple[int, Figure], ...], by: list[str], subjects: list[str] | None = None) -> dict[Key, Added]:
    """The figure by the texts of `by`; records in which one of them is blank are left out. subjects: only functional items of these names."""
    sums: dict[Key, Added] = {}
    for sign, figure in parts:
        dataset = figure.dataset or "支出"
        measure = selector.measure(dataset, figure.measure)
        for record in selector.records(dataset, selector.mask(dataset, figure.conditions) & selector.given(dataset, measure)):
            key = tuple(record.text(f) for f in by)
            if not all(key) or (subjects and selector.pack.functional.name(record.text("功能科目编码")) not in subjects):
                continue
            amount = record.amounts[measure]
            known = sums.get(key)
            place = known.place if known is not None and (known.amount or not amount) else record.at(measure)
            sums[key] = Added((known.amount if known else ZERO) + sign * amount, place)
    return sums


def typed(selector: Selector, parts: tuple[tuple[int, Figure], ...]) -> bool:
    """Whether anybody typed anything these figures could count."""
    return any(selector.given(f.dataset or "支出", selector.measure(f.dataset or "支出", f.measure)) for _, f in parts)


class Lookup:
    """Sums by key. A code also finds what was typed only by its class, and the items below it."""

    def __init__(self, sums: Mapping[Key, Added], by: list[str]) -> None:
        self.coded = [i for i, name in enumerate(by) if name in CODED]
        self.sums = sums
        self.near: dict[Key, list[tuple[Key, Added]]] = {}
        for key, one in sums.items() if self.coded else ():
            self.near.setdefault(self._rest(key), []).append((key, one))

    def _rest(self, key: Key) -> Key:
        return tuple(k for i, k in enumerate(key) if i not in self.coded)

    def __call__(self, key: Key) -> Added | None:
        if not self.coded:
            return self.sums.get(key)
        found = [one for k, one in self.near.get(self._rest(key), ()) if all(k[i].startswith(key[i]) or key[i].startswith(k[i]) for i in self.coded)]
        return Added(sum((one.amount for one in found), ZERO), found[0].place) if found else None


def unfilled(selector: Selector, dataset: str) -> str:
    """Why a rule over an empty sheet did not run; one wording for all of them, so that they can be told together."""
    sheet = next((s.name for s in selector.pack.schema.sheets if s.dataset == dataset), dataset)
    return f"“{sheet}”没有填"


def money(selector: Selector, parts: tuple[tuple[int, Figure], ...], amount: Decimal) -> str:
    """An amount as a message shows it: in 元, or counted."""
    figure = parts[0][1]
    dataset = figure.dataset or "支出"
    return show(amount) if selector.is_money(dataset, selector.measure(dataset, figure.measure)) else grouped(amount, 0)


def of_unit(selector: Selector, code: str) -> str:
    """`甲局：` when the workbook has several units, else nothing."""
    unit = selector.master.units.get(code)
    return f"{unit.text('单位名称')}：" if unit is not None and len(selector.master.units) > 1 else ""


def key_words(selector: Selector, by: list[str], key: Key) -> str:
    """What figures summed by these fields are of: `甲局：“30201 办公费”`."""
    lists = {"部门经济编码": selector.pack.department, "功能科目编码": selector.pack.functional, "政府经济编码": selector.pack.government}

    def word(name: str, value: str) -> str:
        return of_unit(selector, value) if name == "单位编码" else f"“{value} {lists[name].name(value)}”" if name in lists else f"“{value}”"

    return "".join(word(name, value) for name, value in zip(by, key, strict=True))

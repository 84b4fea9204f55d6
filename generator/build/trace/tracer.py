"""Asks the cells of the tables and the figures of the explanation what somebody wants to know."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from generator.build.facts import Fact
from generator.build.origins import Whence, nowhere
from generator.build.rounding import printed_set
from generator.build.select import ZERO, Selector
from generator.build.trace.addends import Addends
from generator.build.trace.answers import Hit, Traced, Typed, as_number, nothing_typed
from generator.build.trace.cells import ADDRESS, Cells
from generator.build.trace.figures import Figures
from generator.model.amount import grouped, half_up, to_unit
from generator.model.problem import Place, UsageError


class Tracer:
    """Answers for one unit. typed: what a master cell holds as the clerk typed it; whence: where a line of a consolidated workbook came from."""

    def __init__(self, selector: Selector, typed: Typed = nothing_typed, whence: Whence = nowhere) -> None:
        self.selector, self.pack, self.master, self.typed = selector, selector.pack, selector.master, typed
        self.addends = Addends(selector, typed, whence)
        made = printed_set(selector, trace=True)
        self.cells, self.figures = Cells(self.addends, made), Figures(self.addends, made.selector)

    def ask(self, words: Sequence[str]) -> Traced | list[Hit]:
        """One answer, or the places a number stands at. UsageError says what there is when nothing is meant by the words."""
        first, *rest = (unicodedata.normalize("NFKC", w).strip() if "!" in unicodedata.normalize("NFKC", w) or ADDRESS.fullmatch(w) else w.strip() for w in words)
        if not rest and "!" in first:
            sheet, _, address = first.rpartition("!")
            return self.cells.cell(sheet.rpartition("!")[2].strip("'"), address)
        if not rest:
            if (number := as_number(first)) is not None:
                return self.number(number)
            if self.cells.sheet(first) is not None:
                raise UsageError(self.cells.whole(first))
            return self.figures.fact(first)
        if len(rest) == 1 and ADDRESS.fullmatch(rest[0]):
            return self.cells.cell(first, rest[0])
        if first in self.pack.listings and len(rest) == 1:
            return self.figures.listed(first, rest[0])
        return self.cells.named(first, rest[0], rest[1] if len(rest) > 1 else "")

    def number(self, wanted: Decimal) -> list[Hit]:
        """Where a number is printed: tables, figures of the explanation; and where it was typed."""
        hits: list[Hit] = []
        for spec in self.pack.tables:
            for spot in self.cells.figure_spots(spec, texts=True):
                if any(a.shown == wanted for a in self.cells.sums(spot)):
                    hits.append(Hit(self.cells.name(spot), self.cells.words_of(spot), self.cells.printed(spot)))
        for fact in self.figures.facts.values():
            for form, value in _fact_numbers(fact).items():
                if value == wanted:
                    name = f"{fact.name}_{form}" if form else fact.name
                    hits.append(Hit(name, f"说明里的“{fact.name}”{FORM_WORDS[form]}", grouped(value) if form else f"{value:f}"))
        seen: set[Place] = set()
        for dataset in self.pack.schema.datasets:
            for record in self.master.records(dataset):
                for measure, amount in record.amounts.items():
                    place = record.at(measure)
                    if place not in seen and amount and wanted in (amount, half_up(to_unit(amount, "万元"))) and (self.selector.is_money(dataset, measure) or amount == wanted):
                        seen.add(place)
                        hits.append(Hit(str(place), f"主工作簿里填的：{self.addends.about(dataset, record)}", self.typed(place, amount, self.selector.is_money(dataset, measure)) or f"{amount:f}"))
        if not hits:
            raise UsageError(f"表、说明的数和主工作簿里都没有 {wanted}；照印出来的样子写，例如 462.25（单位不用写）")
        return hits


FORM_WORDS = {"": "", "万元": "本年数", "上年_万元": "上年数", "增减_万元": "增减额", "幅度": "增减幅度（%）"}


def _fact_numbers(fact: Fact) -> dict[str, Decimal]:
    """The numbers a fact can be printed as, by the form of its name; zeros left out."""
    if fact.counted:
        return {"": fact.now} if fact.now else {}
    made = fact.change()
    found = {"万元": made.now, "上年_万元": made.before, "增减_万元": abs(made.difference), "幅度": made.percent or ZERO}
    return {form: value for form, value in found.items() if value}

"""The master cells that a figure was added up from, each in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from generator.build.origins import Whence, nowhere
from generator.build.select import ZERO, Holding, Selector, bits
from generator.build.trace.answers import Addend, Typed, nothing_typed
from generator.model.master import Record
from generator.model.problem import Place

GOVERNMENT = "政府经济编码"


class Addends:
    """The master cells behind a set of records. typed: what a master cell holds as the clerk typed it; whence: where a line of a consolidated workbook came from."""

    def __init__(self, selector: Selector, typed: Typed = nothing_typed, whence: Whence = nowhere) -> None:
        self.selector, self.pack, self.master, self.typed, self.whence = selector, selector.pack, selector.master, typed, whence
        self._wholes: dict[tuple[str, str], dict[Place, Decimal]] = {}

    def of(self, parts: Sequence[tuple[int, Holding]], government: bool = False) -> list[Addend]:
        """The master cells of a sum; typed zeros only when there is nothing else."""
        found: list[Addend] = []
        for sign, holding in parts:
            for (dataset, measure), mask in holding.items():
                records = self.master.records(dataset)
                wholes = self._whole_cells(dataset, measure)
                for i in bits(mask):
                    amount = records[i].amounts.get(measure)
                    if amount is not None:
                        place = records[i].at(measure)
                        why = self.government_words(records[i]) if government and dataset == "支出" else ""
                        found.append(Addend(place, sign, amount, wholes[place], self.typed(place, wholes[place], self.selector.is_money(dataset, measure)), self.about(dataset, records[i]), why))
        return [a for a in found if a.amount] or found

    def _whole_cells(self, dataset: str, measure: str) -> dict[Place, Decimal]:
        """What each master cell holds: an adjustment may have split it into several records."""
        key = (dataset, measure)
        if key not in self._wholes:
            wholes: dict[Place, Decimal] = {}
            for record in self.master.records(dataset):
                if measure in record.amounts:
                    place = record.at(measure)
                    wholes[place] = wholes.get(place, ZERO) + record.amounts[measure]
            self._wholes[key] = wholes
        return self._wholes[key]

    def government_words(self, record: Record) -> str:
        """How a record came to its governmental item: by the official table and the kind of unit, or by an adjustment line."""
        dept, gov = record.text("部门经济编码"), record.text(GOVERNMENT)
        unit = self.master.units.get(record.text("单位编码"))
        choice = self.pack.choice("单位性质", unit.text("单位性质")) if unit else None
        kind = choice.kind if choice else ""
        path = f"{dept} {self.pack.department.name(dept)} → {gov} {self.pack.government.name(gov)}"
        official = next((g for code in (dept, dept[:5], dept[:3]) if (g := self.pack.mapping.get((code, kind)))), None)
        if gov != official:
            for line in self.master.records("经济调整"):
                wanted = {k: line.text(k) for k in ("单位编码", "功能科目编码", "项目名称") if line.text(k)}
                if line.text(GOVERNMENT) == gov and dept.startswith(line.text("部门经济编码")) and all(record.text(k).startswith(v) for k, v in wanted.items()):
                    return f"{path}：按 {line.at(GOVERNMENT)} 调整，理由：{line.text('理由')}"
        codes = self.pack.file.codes
        table = f"{codes.mapping}.csv" if codes else ""
        return f"{path}：单位性质“{unit.text('单位性质') if unit else ''}”，按两套分类对照表（{table}）自动对应"

    def about(self, dataset: str, record: Record) -> str:
        """A record in the words of its line."""
        if dataset == "支出":
            func, dept = record.text("功能科目编码"), record.text("部门经济编码")
            words = [
                record.text("项目名称") or record.text("支出类型"),
                f"{func} {self.pack.functional.name(func)}" if func else "",
                f"{dept} {self.pack.department.name(dept)}" if dept else "",
                record.text("子项"),
                record.text("资金来源"),
            ]
        else:
            fields = [c.name for c in self.pack.schema.fields(dataset).values() if c.required or c.type in ("来源", "选项", "项目")]
            words = [record.text(f) for f in fields if f != "单位编码"]
        if len(self.master.units) > 1:
            unit = self.master.units.get(record.text("单位编码"))
            words.insert(0, (unit.text("单位简称") or unit.text("单位名称")) if unit else record.text("单位编码"))
        if origin := self.whence(record.place):
            words.append(f"原在 {origin}")
        return "，".join(dict.fromkeys(filter(None, words)))

    def label_place(self, name: str) -> Place | None:
        unit = self.master.main.text("单位编码")
        for key in ((unit, name), ("", name)):
            if key in self.master.texts:
                return self.master.texts[key][1]
        return self.master.main.at(name) if name in self.master.main.columns else None

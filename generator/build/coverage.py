"""Money that a table has no line or column for is told, never left out in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.build.cells import Cells
from generator.build.select import ZERO, Holding, Selector, bits
from generator.model.amount import printed
from generator.model.master import Record
from generator.model.problem import Level, Place, Problem
from generator.model.table import LineKind
from generator.pack.binding import CODED, Binding, Condition, Figure, Sum, Total
from generator.pack.pack import TableSpec


@dataclass
class Coverage:
    """Holds what a table shows against the records it is about; what is found goes to `problems`."""

    selector: Selector
    spec: TableSpec
    cells: Cells
    problems: list[Problem]

    def statement(self, above: dict[int, Holding], everything: dict[int, list[tuple[str, str, Place]]]) -> None:
        """A total over everything in a column of a statement, against what the lines above it show."""
        for column, totals in everything.items():
            for dataset, measure, place in totals:
                whole = self.cells.table_mask(dataset)
                listed = above.get(column, {}).get((dataset, measure))
                if listed is not None:
                    self._left_over(dataset, measure, whole & ~listed, f"{place.cell} 这一栏")

    def columns(self, bindings: Sequence[Binding | None], held: Sequence[list[tuple[int, Holding]] | None], table_mask: int) -> None:
        """Every total must be shown whole by the columns beside it, and no record of the table may be in no column at all.

        A column is the total of its heading group when it holds all that the others hold. 其中 columns show a part on purpose.
        """
        own, measure = self.spec.dataset, self.selector.measure(self.spec.dataset)
        groups_ = self.spec.layout.paths
        masks = {c: _mask(h, (own, measure)) for c, h in enumerate(held) if h is not None}
        told = 0
        for c, mask in masks.items():
            if not mask or (isinstance(bindings[c], Total) and len(groups_[c]) > 1):  # a 合计 in a group is the union of the others by definition
                continue
            parent = groups_[c][:-1]
            beside = [k for k in masks if k != c and groups_[k][: len(parent)] == parent]
            whole = bindings[c]
            if isinstance(whole, Figure) and not all(self._within(bindings[k], whole) for k in beside):
                continue  # they happen to lie within it in this unit, it is not their total
            shown = 0
            for k in beside:
                shown |= masks[k]
            if not beside or shown & ~mask or any("其中" in self._heading(k) for k in beside) or (parent and not shown):
                continue
            for part in masks.values():  # a total may also count a column outside its group (住房公积金 in 社会保障缴费·合计)
                shown |= part if not part & ~mask and part != mask else 0
            left = self._itemised(mask & ~shown & ~told, [bindings[k] for k in beside])
            told |= left
            self._left_over(own, measure, left, "")
        if own not in ("支出", "收入") and masks:
            anywhere = 0
            for parts in held:
                for _, holding in parts or ():
                    for (dataset, _), mask in holding.items():
                        anywhere |= mask if dataset == own else 0
            for each in self.selector.pack.schema.measures(own):
                self._left_over(own, each, table_mask & ~anywhere & ~told, "")

    def _left_over(self, dataset: str, measure: str, mask: int, where: str) -> None:
        """Money of the table that none of its lines or columns can show: one problem per master sheet, at the first cell."""
        records = self.selector.master.records(dataset)
        lost = [records[i] for i in bits(mask) if records[i].amounts.get(measure)]
        if not lost:
            return
        total = sum((r.amounts[measure] for r in lost), ZERO)
        names = "、".join(dict.fromkeys(filter(None, (self._described(dataset, r) for r in lost[:5])))) + ("等" if len(lost) > 5 else "")
        amount = f"{printed(total, self.spec.unit)} {self.spec.unit}" if self.selector.is_money(dataset, measure) else str(total)
        self.problems.append(
            Problem(
                Level.ERROR,
                lost[0].at(measure),
                f"{self.spec.number}{where}没有放得下“{names}”的行或列，{amount} 印不出来",
                "核对科目编码；编码没有错，就请财政局在套表里加上这一行（列）",
                "表内全覆盖",
            )
        )

    def _described(self, dataset: str, record: Record) -> str:
        pack = self.selector.pack
        if dataset == "支出":
            gov, dept, func = (record.text(f"{k}编码") for k in ("政府经济", "部门经济", "功能科目"))
            return f"{func} {pack.functional.name(func)} {dept} {pack.department.name(dept)}（政府经济 {gov}）"
        return record.text("资金来源") or record.text("收入项目") or record.text("人员类别") or record.text("采购项目名称")

    def _within(self, part: Binding | None, whole: Figure) -> bool:
        """Whether every record of `part` is one of `whole` by the words alone: each condition of `whole` follows from one of `part`."""
        if isinstance(part, Sum):
            return all(self._within(figure, whole) for sign, figure in part.parts if sign > 0)
        if not isinstance(part, Figure):
            return isinstance(part, Total)  # as wide as the others of its heading
        return all(any(self._follows(own, wanted) for own in part.conditions) for wanted in whole.conditions)

    def _follows(self, own: Condition, wanted: Condition) -> bool:
        if own.field == wanted.field and own.exclude == wanted.exclude and not own.exclude:
            if own.field in CODED:
                return all(v.startswith(wanted.values) for v in own.values)
            if own.field == "资金来源":
                return all(any(v in self.selector.pack.below.get(w, ()) for w in wanted.values) for v in own.values)
            return set(own.values) <= set(wanted.values)
        if own.field == "资金来源" and wanted.field == "资金性质" and not (own.exclude or wanted.exclude):
            return all(self.selector.pack.nature(source) in wanted.values for v in own.values for source in self.selector.pack.below.get(v, ()))
        return own == wanted

    def _heading(self, column: int) -> str:
        layout = self.spec.layout
        return "".join(part for line in layout.lines if line.word == LineKind.HEADING for part in line.cells[column].parts if isinstance(part, str))

    def _itemised(self, mask: int, beside: Sequence[Binding | None]) -> int:
        """Those records that the neighbouring columns ought to show: money known only by its class has no item column."""
        lengths: dict[str, int] = {}
        for binding in beside:
            for condition in binding.conditions if isinstance(binding, Figure) else ():
                if condition.field in CODED:
                    shortest = min(len(v) for v in condition.values)
                    lengths[condition.field] = min(lengths.get(condition.field, 99), shortest)
        records = self.selector.master.records(self.spec.dataset)
        kept = 0
        for i in bits(mask):
            if all(len(records[i].text(name)) >= length for name, length in lengths.items()):
                kept |= 1 << i
        return kept


def _mask(parts: list[tuple[int, Holding]], key: tuple[str, str]) -> int:
    """The records a column holds of one measure."""
    mask = 0
    for sign, holding in parts:
        mask |= holding.get(key, 0) if sign > 0 else 0
    return mask

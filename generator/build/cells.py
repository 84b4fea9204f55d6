"""The cells of a table: a figure from the records behind it, a text, a blank; and, when a trace is asked for, where each comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from msgspec import structs

from generator.build.rows import Group
from generator.build.select import ZERO, Holding, Selector
from generator.model.amount import half_up, printed
from generator.model.figures import dated, decimals, with_zero, written
from generator.model.master import Record
from generator.model.problem import Place
from generator.model.table import Cell, Style
from generator.pack.binding import Binding, Condition, Each, Figure, Label, Listed, Sum, Tick, Total
from generator.pack.layout import LayoutCell
from generator.pack.pack import TableSpec

TICKED, UNTICKED = "☑", "□"
ROW_FIELDS = {  # the fields a row dimension prints, its key first
    "主管部门": ("主管部门编码", "主管部门名称"),
    "单位": ("单位编码", "单位名称"),
    **{f"{kind}{word}": (f"{code}编码", f"{code}名称") for kind, code in (("功能", "功能科目"), ("部门经济", "部门经济"), ("政府经济", "政府经济")) for word in "类款项"},
    "项目": ("项目名称",),
    "来源": ("资金来源",),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a cell of a table comes from; kept only when a trace is asked for.

    limits: what its line is limited to, in words (单位编码 124001). sums: for each figure in the cell (a text may hold
    several) the binding and what is added up, (sign, records by dataset and measure). left_blank: why a figure's cell is
    empty on purpose.
    """

    layout: LayoutCell
    limits: tuple[str, ...] = ()
    sums: tuple[tuple[Binding, tuple[tuple[int, Holding], ...]], ...] = ()
    left_blank: str = ""


@dataclass(slots=True)
class Scope:
    """What a line knows: printable fields, the records it is limited to, and the conditions of the form it stands in."""

    fields: dict[str, str]
    conditions: tuple[Condition, ...] = ()
    dataset: str = ""
    within: int | None = None


@dataclass
class Cells:
    """Makes the cells of one table.

    styles: those of the layout, in its order, then what cells needed besides → their number in the Table.
    made: every figure with the signed records it is made of. sources: of a trace, by id(cell), the cell kept so that no other takes its id.
    """

    selector: Selector
    spec: TableSpec
    trace: bool
    styles: dict[Style, int] = field(default_factory=dict)
    made: list[tuple[Cell, Sequence[tuple[int, Holding]]]] = field(default_factory=list)
    sources: dict[int, tuple[Cell, Source]] = field(default_factory=dict)
    _blanks: dict[int, Cell] = field(default_factory=dict)
    _figures: dict[tuple[int, bool], tuple[int, int, Decimal]] = field(default_factory=dict)  # of a style, money or counted: decimals, the style it prints in, zero as printed
    _restyled: dict[tuple[int, str | None, str | None], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for style in self.spec.layout.styles:
            self.styles.setdefault(style, len(self.styles))

    @cached_property
    def filter_mask(self) -> int:
        """The records of the table's own dataset within its 范围."""
        return self.selector.mask(self.spec.dataset, self.spec.filter.conditions)

    def table_mask(self, dataset: str) -> int:
        """The records of a dataset that the table is about."""
        return self.filter_mask if dataset == self.spec.dataset else self.selector.all(dataset)

    def held(self, binding: Figure | Sum, scope: Scope) -> list[tuple[int, Holding]]:
        """What a figure adds up, with its sign, as far as the line and its form go."""
        parts = binding.parts if isinstance(binding, Sum) else ((1, binding),)
        return [(sign, self._holding(figure, scope)) for sign, figure in parts]

    def _holding(self, figure: Figure, scope: Scope) -> Holding:
        """The records of one figure within the table's filter, the form, and the line."""
        own = figure.dataset or scope.dataset or self.spec.dataset
        mask = self.selector.mask(own, figure.conditions + self.selector.known(own, scope.conditions))
        if own == self.spec.dataset:
            mask &= self.filter_mask
        if scope.within is not None and own == scope.dataset:
            mask &= scope.within
        return {(own, self.selector.measure(own, figure.measure)): mask}

    def own_conditions(self, dataset: str, scope: Scope) -> tuple[Condition, ...]:
        """What limits `dataset` to the form or line: its unit and project; where no project is meant, the records of none.

        In 项目库 the name is the record itself: there a form of the unit means all its projects.
        """
        conditions = self.selector.known(dataset, scope.conditions)
        named = self.selector.pack.schema.fields(dataset).get("项目名称")
        if named is not None and not named.key and not any(c.field == "项目名称" for c in conditions):
            conditions += (Condition("项目名称", ("",)),)
        return conditions

    def figure(self, holdings: Sequence[tuple[int, Holding]], style: int) -> Cell:
        """The sum of the records held, exact and as the table prints it."""
        selector, unit = self.selector, self.spec.unit
        amount, money = ZERO, True
        origin: list[Place] = []
        for sign, holding in holdings:
            for (dataset, measure), mask in holding.items():
                money = selector.is_money(dataset, measure)
                if mask:
                    part = selector.sum(dataset, measure, mask)
                    amount = amount + part if sign > 0 else amount - part
                if self.trace:
                    origin += selector.places(dataset, measure, mask)
        money = money and unit != "人"
        look = self._figures.get((style, money))
        if look is None:
            number_format = with_zero(self.spec.layout.styles[style].number_format, self.spec.zero, 2 if money else 0)
            places = decimals(number_format)
            look = self._figures[style, money] = (places, self.style(style, number_format), half_up(ZERO, places))
        places, own, nothing = look
        shown = nothing if not amount else printed(amount, unit, places) if money else half_up(amount, places)
        made = Cell(None, amount, shown, own, None, tuple(dict.fromkeys(origin)))
        self.made.append((made, holdings))
        return made

    def text(self, cell: LayoutCell, scope: Scope, of_record: bool = False) -> Cell:
        """of_record: in a line that stands for records, text around bindings goes when none of them has a word ([【部门经济编码】] of a 合计 line)."""
        if cell.constant is not None:
            return cell.constant if not self.trace else structs.replace(cell.constant)  # a trace tells cells apart
        parts = cell.parts
        look = self.spec.layout.styles[cell.style].number_format
        words = [part if isinstance(part, str) else dated(self.words(part, scope), look) for part in parts]
        if of_record and not any(word for word, part in zip(words, parts, strict=True) if not isinstance(part, str)):
            return self.blank(cell.style)
        return Cell("".join(words) or None, style=cell.style)

    def blank(self, style: int) -> Cell:
        """The empty cell of a style; there are many, so one each (but for a trace, which tells them apart)."""
        if self.trace:
            return Cell(style=style)
        if style not in self._blanks:
            self._blanks[style] = Cell(style=style)
        return self._blanks[style]

    def words(self, binding: Binding, scope: Scope) -> str:
        """What a binding says within a text; a figure as it is printed."""
        if isinstance(binding, Label):
            return scope.fields.get(binding.field, "")
        if isinstance(binding, Tick):
            return self._ticked(binding, scope.fields)
        if isinstance(binding, Listed):
            return self._listed(binding, scope)
        if isinstance(binding, Each):  # taken out of the cell before it is printed
            return ""
        cell = self.figure(self.held(Figure() if isinstance(binding, Total) else binding, scope), 0)
        return written(cell.shown or ZERO, "0.00" if self.spec.unit != "人" else "0")

    def _listed(self, binding: Listed, scope: Scope) -> str:
        conditions = self.own_conditions(binding.dataset, scope) + binding.conditions
        lines = []
        for n, record in enumerate(self.selector.records(binding.dataset, self.selector.mask(binding.dataset, conditions))):
            values = {"序号": f"{n + 1}.", "完整指标值": indicator_value(record)}
            lines.append(" ".join(filter(None, (values.get(f) or record.text(f) for f in binding.fields))))
        return "\n".join(filter(None, lines))

    def _ticked(self, binding: Tick, fields: dict[str, str]) -> str:
        return TICKED if fields.get(binding.field, "") in binding.values else UNTICKED

    def style(self, number: int, number_format: str | None = None, horizontal: str | None = None) -> int:
        """The layout's style, with another number format or alignment when the cell needs one."""
        if number_format is None and horizontal is None:
            return number
        key = (number, number_format, horizontal)
        if key not in self._restyled:
            base = self.spec.layout.styles[number]
            style = structs.replace(base, number_format=number_format or base.number_format, horizontal=horizontal or base.horizontal)
            self._restyled[key] = self.styles.setdefault(style, len(self.styles))
        return self._restyled[key]

    def traced(self, made: Cell, layout: LayoutCell, scope: Scope, held: Sequence[tuple[int, Holding]] | None = None, group: Group | None = None, left_blank: str = "") -> None:
        """Remembers where a cell comes from. held: what its figure adds up; None: to be found from the layout cell's words."""
        sums = []
        for part in layout.parts:
            if isinstance(part, (Figure, Sum, Total)) and not left_blank:
                parts = held if held is not None else self.held(Figure() if isinstance(part, Total) else part, scope)
                sums.append((part, tuple((sign, dict(holding)) for sign, holding in parts)))
        self.sources[id(made)] = (made, Source(layout, self._limits(scope, group), tuple(sums), left_blank))

    def _limits(self, scope: Scope, group: Group | None = None) -> tuple[str, ...]:
        """What a line is limited to, in the words of rows, names beside codes; nothing for a 合计 line of the whole table."""
        limits = {c.field: f"{c.field} {' '.join(c.values)}" for c in scope.conditions}
        if group is not None:
            limits.clear()
            for word in (w for level in self.spec.levels[: group.level + 1] for w in level):
                fields = ROW_FIELDS.get(word, (word,))
                if values := [group.scope[f] for f in fields if group.scope.get(f)]:
                    limits[fields[0]] = f"{word} {' '.join(dict.fromkeys(values))}"  # 功能项 takes the place of 功能类
        return tuple(limits.values())


def indicator_value(record: Record) -> str:
    """An indicator's value as forms print it: sign, value, unit of measure (≥97%); a sign of equality or 定性 goes unsaid."""
    sign = record.text("计算符号")
    return ("" if sign in ("＝", "定性") else sign) + record.text("指标值") + record.text("计量单位")

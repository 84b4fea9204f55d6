"""The open-data twin of a set: the facts behind it and every printed figure, as flat tables with codes, units and year.

Plain values; render/data_package writes them. Nothing goes in that a clerk wrote in prose: no remarks, no persons, no
telephone numbers. Money in 元, exact; a printed figure stands beside it in the unit it is printed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from generator.build.named import named_figures
from generator.build.rounded import Rounded
from generator.build.rounding import PrintedSet
from generator.build.select import Selector
from generator.build.table import Built
from generator.model.table import Cell as TableCell
from generator.model.table import Table
from generator.pack.codes import CodeList
from generator.pack.pack import Pack
from generator.pack.schema import Column

Cell = str | Decimal | int | None
UNITS, FUNCTIONAL, DEPARTMENT, GOVERNMENT, SOURCES, TABLES, FIGURES = "units", "functional", "economic-department", "economic-government", "sources", "tables", "figures"
RESOURCES = {  # dataset → name and file of its resource; a dataset that is not here is not published as facts
    "收入": ("revenue", "收入"),
    "支出": ("expenditure", "支出"),
    "人员": ("staff", "人员"),
    "采购": ("procurement", "政府采购"),
    "购买服务": ("services", "政府购买服务"),
    "非税": ("non-tax", "非税收入计划"),
    "资产": ("assets", "国有资产"),
}
REFERENCES = {"单位编码": UNITS, "功能科目编码": FUNCTIONAL, "部门经济编码": DEPARTMENT, "政府经济编码": GOVERNMENT, "资金来源": SOURCES}
KEY_OF = {UNITS: "单位编码", FUNCTIONAL: "编码", DEPARTMENT: "编码", GOVERNMENT: "编码", SOURCES: "资金来源"}
NAMED = {"单位编码": "单位名称", "功能科目编码": "功能科目名称", "部门经济编码": "部门经济名称", "政府经济编码": "政府经济名称"}  # a code has its name beside it
CONCEPTS = {  # Fiscal Data Package: what a column means (budget taxonomy 1.0rc1)
    "年度": "date:fiscal-year",
    "主管部门编码": "administrative-classification:generic:level1:code",
    "主管部门名称": "administrative-classification:generic:level1:label",
    "单位编码": "administrative-classification:generic:level2:code",
    "单位名称": "administrative-classification:generic:level2:label",
    "功能科目编码": "functional-classification:generic:code",
    "功能科目名称": "functional-classification:generic:label",
    "政府经济编码": "economic-classification:generic:code",
    "政府经济名称": "economic-classification:generic:label",
    "项目名称": "activity:generic:project:label",
    "资金来源": "fin-source:generic:code",
    "方向": "direction",
    "本年_元": "value",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column. kind: Table Schema's type; concept: Fiscal Data Package's columnType."""

    name: str
    kind: str = "string"
    about: str = ""
    required: bool = False
    concept: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One flat table. key: the fields that name a row; references: (field, resource, its field). file: without ending."""

    name: str
    file: str
    title: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]
    key: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...] = ()
    about: str = ""


def resources(selector: Selector, printed: PrintedSet) -> list[Resource]:
    """All tables of the twin, those that others refer to first."""
    made = _Maker(selector)
    facts = [made.facts(dataset) for dataset in RESOURCES if selector.master.records(dataset)]
    figures = made.figures(printed)
    return [made.units(), *made.codes(), made.sources(), *facts, made.tables([b.table for b in printed.built]), figures]


@dataclass(slots=True)
class _Maker:
    """used: the codes and sources that rows refer to, by resource."""

    selector: Selector
    used: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in KEY_OF})

    @property
    def pack(self) -> Pack:
        return self.selector.pack

    # --- what others refer to -----------------------------------------------------------------------------------------

    def units(self) -> Resource:
        names = ("单位编码", "单位名称", "主管部门编码", "主管部门名称", "单位性质", "经费拨款形式")
        rows = tuple(tuple(unit.text(name) or None for name in names) for unit in self.selector.master.units.values())
        return Resource(UNITS, "单位", "单位", tuple(Field(n, required=n in names[:2], concept=CONCEPTS.get(n, "")) for n in names), rows, ("单位编码",))

    def codes(self) -> Iterator[Resource]:
        lists: tuple[tuple[str, str, CodeList], ...] = (
            (FUNCTIONAL, "功能科目", self.pack.functional),
            (DEPARTMENT, "部门经济分类", self.pack.department),
            (GOVERNMENT, "政府经济分类", self.pack.government),
        )
        fields = (Field("编码", about="类 3 位，款 5 位，项 7 位；是文本，前面的 0 不能丢", required=True), Field("名称"), Field("上级编码"))
        for name, title, codes in lists:
            wanted = {code[:n] for code in self.used[name] for n in (3, 5, 7) if len(code) >= n}
            rows = tuple((code, codes.name(code) or None, (code[:-2] if len(code) > 3 else None)) for code in sorted(wanted))
            yield Resource(name, title, title, fields, rows, ("编码",), (("上级编码", name, "编码"),), "本套用到的科目和它们的上级")

    def sources(self) -> Resource:
        wanted = set(self.used[SOURCES])
        for name in self.used[SOURCES]:
            while name := (self.pack.sources[name].under if name in self.pack.sources else ""):
                wanted.add(name)
        order = [*self.pack.sources, *sorted(wanted - set(self.pack.sources))]
        rows = tuple((n, (self.pack.sources[n].under or None) if n in self.pack.sources else None, self._nature(n)) for n in order if n in wanted)
        fields = (Field("资金来源", required=True, concept=CONCEPTS["资金来源"]), Field("上级来源"), Field("资金性质", about="属于哪一本预算"))
        return Resource(SOURCES, "资金来源", "资金来源", fields, rows, ("资金来源",), (("上级来源", SOURCES, "资金来源"),))

    def _nature(self, source: str) -> str | None:
        return (self.pack.nature(source) or None) if source in self.pack.sources else None

    def _refer(self, name: str, value: Cell) -> None:
        resource = REFERENCES.get(name)
        if resource and resource != UNITS and isinstance(value, str):
            self.used[resource].add(value)

    # --- facts ----------------------------------------------------------------------------------------------------------

    def facts(self, dataset: str) -> Resource:
        """A dataset by its codes and choices; records that differ only in remarks are added up."""
        selector, schema = self.selector, self.pack.schema
        name, title = RESOURCES[dataset]
        labels = list(self._labels(dataset))
        measures = schema.measures(dataset)
        sums: dict[tuple[str, ...], dict[str, Decimal]] = {}
        for record in selector.master.records(dataset):
            key = tuple(record.text(label) for label in labels)
            added = sums.setdefault(key, {})
            for measure, amount in record.amounts.items():
                added[measure] = added.get(measure, Decimal(0)) + amount if self._adds(measures[measure]) else amount
        fields = [Field("行号", "integer", "这一行的编号", True), Field("年度", "integer", "预算年度", True, CONCEPTS["年度"])]
        for label in labels:
            fields.append(Field(label, required=label == "单位编码", concept=CONCEPTS.get(label, "")))
            if label in NAMED:
                fields.append(Field(NAMED[label], concept=CONCEPTS.get(NAMED[label], "")))
        extra: tuple[Cell, ...] = ()
        if dataset in ("收入", "支出"):
            fields.append(Field("方向", about="revenue 收入，expenditure 支出", required=True, concept=CONCEPTS["方向"]))
            extra = (name,)
        columns = {m: f"{m}_元" if selector.is_money(dataset, m) else m for m in measures}
        about = {"本年": "本年预算数，元，准确到分", "上年": "上年预算数，元，准确到分"}
        fields += [Field(column, "number", about.get(m, ""), concept=CONCEPTS.get(column, "")) for m, column in columns.items()]
        rows: list[tuple[Cell, ...]] = []
        for n, (key, amounts) in enumerate(sums.items(), 1):
            words: list[Cell] = []
            for label, value in zip(labels, key, strict=True):
                self._refer(label, value or None)
                words.append(value or None)
                if label in NAMED:
                    words.append(self._name(label, value) or None)
            rows.append((n, selector.master.year, *words, *extra, *(amounts.get(m) for m in measures)))
        return Resource(name, title, title, tuple(fields), tuple(rows), ("行号",), tuple(_references(labels)), "空白是没有填，不是 0")

    def _name(self, label: str, code: str) -> str:
        if label == "单位编码":
            unit = self.selector.master.units.get(code)
            return unit.text("单位名称") if unit else ""
        codes = {"功能科目编码": self.pack.functional, "部门经济编码": self.pack.department, "政府经济编码": self.pack.government}[label]
        return codes.name(code)

    def _labels(self, dataset: str) -> Iterator[str]:
        """The fields that say what a record is: codes, choices, names that must be filled; never remarks or prose."""
        found: dict[str, None] = {}
        for sheet in self.pack.schema.sheets:
            if sheet.dataset != dataset:
                continue
            for column in sheet.columns:
                if _says_what(column):
                    found[{"收入来源": "资金来源"}.get(column.name, column.name)] = None
            if sheet.spread:
                found[sheet.spread.into] = None
        for name in found:
            yield name
            if name == "部门经济编码" and dataset == "支出":
                yield "政府经济编码"

    @staticmethod
    def _adds(column: Column | None) -> bool:
        return column is None or column.added

    # --- the printed set ----------------------------------------------------------------------------------------------

    def tables(self, printed: Sequence[Table]) -> Resource:
        fields = (
            Field("表号", required=True),
            Field("表名", required=True),
            Field("种类", about="交叉表、收支表、清单表、申报表"),
            Field("计量单位", about="表里印的数用的单位"),
            Field("空表", "boolean", "没有数据", True),
            Field("依据", about="取数范围"),
        )
        rows = tuple((t.number, t.title, spec.kind, t.unit, str(t.empty).lower(), str(spec.filter) if spec.filter.conditions else None) for t, spec in zip(printed, self.pack.tables, strict=True))
        return Resource(TABLES, "表目录", "公开表目录", fields, rows, ("表号",))

    def figures(self, printed: PrintedSet) -> Resource:
        """Every printed figure, with the amount before it was rounded."""
        names = ("主管部门编码", "单位编码", "功能科目编码", "部门经济编码", "政府经济编码", "项目名称", "资金来源")
        fields = (
            Field("工作表", about="预算公开表.xlsx 里的工作表", required=True),
            Field("单元格", required=True),
            Field("表号", required=True),
            Field("年度", "integer", required=True, concept=CONCEPTS["年度"]),
            *(Field(n, concept=CONCEPTS.get(n, "")) for n in names),
            Field("行", about="这一行的名称"),
            Field("栏", about="这一列的表头，从上到下"),
            Field("金额_元", "number", "准确到分；不是钱的数（人数、数量）这一栏空白", concept="value"),
            Field("印数", "number", "表里印的数，已经舍入", required=True),
            Field("计量单位", about="印数的单位", required=True),
        )
        rows: list[tuple[Cell, ...]] = []
        year = self.selector.master.year
        moved = isinstance(printed.rounded, Rounded)
        for spec, whole, built in zip(self.pack.tables, printed.exact, printed.built, strict=True):
            number, unit = spec.number, spec.unit
            counted = self._counted(built)
            exact = _exact(whole, built.table) if moved else {}
            known: Mapping[str, str] | None = None
            values: list[Cell] = []
            for named in named_figures(built.table, spec):
                if named.dimensions is not known:  # another line
                    known = named.dimensions
                    values = [known.get(n) or None for n in names]
                    for n, value in known.items():
                        self._refer(n, value)
                sheet, cell = named.sheet.name, named.cell
                before = exact[sheet, named.row, named.column] if moved else cell
                amount = None if unit == "人" or id(cell) in counted or id(before) in counted else before.amount
                rows.append((sheet, named.address, number, year, *values, named.label or None, named.path or None, amount, cell.shown, unit if amount is not None or unit == "人" else "个"))
        references = (("表号", TABLES, "表号"), *_references(names))
        return Resource(FIGURES, "公开表", "公开表里的每一个数", fields, tuple(rows), ("工作表", "单元格"), references)

    def _counted(self, built: Built) -> set[int]:
        """The cells, by id, that hold what is counted: people, quantities."""
        used = {key for _, parts in built.made for _, holding in parts for key in holding}
        others = {key for key in used if not self.selector.is_money(*key)}
        if not others:  # nearly all tables
            return set()
        return {id(cell) for cell, parts in built.made if any(not others.isdisjoint(holding) for _, holding in parts)}


def _exact(whole: Table, table: Table) -> dict[tuple[str, int, int], TableCell]:
    """The cells with exact amounts, by sheet, row and column of those printed: rounding changes figures, never which there are."""
    return {(name, r, c): cell for (name, r, c, _), (*_, cell) in zip(_shown(table), _shown(whole), strict=True)}


def _shown(table: Table) -> Iterator[tuple[str, int, int, TableCell]]:
    for sheet in table.sheets:
        for r, line in enumerate(sheet.lines):
            for c, cell in enumerate(line.cells):
                if cell.shown is not None and (r, c) not in sheet.covered:
                    yield sheet.name, r, c, cell


def _says_what(column: Column) -> bool:
    if column.measure or column.ignore or column.names:
        return False
    return column.type in ("单位", "功能科目", "部门经济", "政府经济", "来源", "项目", "选项") or (column.type == "文字" and (column.required or column.name == "子项"))


def _references(names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    return ((n, REFERENCES[n], KEY_OF[REFERENCES[n]]) for n in names if n in REFERENCES)

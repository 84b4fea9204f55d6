"""One table from the master: the layout's lines become lines of a Table, whatever the kind of table.

A 正文 line becomes one line per group of records, 逐行 one per record, 固定行 stays one line. So cross tables, statements,
lists and forms are one mechanism; what differs is only which lines their layout has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat

from msgspec import structs

from generator.build.cells import Cells, Scope, Source, indicator_value
from generator.build.coverage import Coverage
from generator.build.rows import Group, groups
from generator.build.select import ZERO, Holding, Selector, bits
from generator.model.amount import half_up
from generator.model.figures import chinese, decimals
from generator.model.master import Record
from generator.model.problem import Level, Place, Problem
from generator.model.table import Border, Cell, Line, LineKind, Merge, Table
from generator.pack.binding import Binding, Condition, Each, Figure, Label, Sum, Total
from generator.pack.layout import FIXED, REPEAT, LayoutCell, LayoutLine
from generator.pack.pack import TableSpec


@dataclass(frozen=True, slots=True)
class Built:
    """A table and what was found while building it (money that no column holds). sources: by 0-based (row, column), of a trace.

    made: every figure with the signed records it is made of, figures inside a text too: for rounding.
    """

    table: Table
    problems: tuple[Problem, ...] = ()
    sources: Mapping[tuple[int, int], Source] = field(default_factory=dict)
    made: tuple[tuple[Cell, Sequence[tuple[int, Holding]]], ...] = ()


def build(selector: Selector, spec: TableSpec, trace: bool = False) -> Built:
    """The table of `spec` for the selector's master. trace: fill each cell's origin and tell its source."""
    return _Builder(selector, spec, trace).build()


def _common_fields(selector: Selector) -> tuple[dict[str, str], dict[str, str]]:
    """What every table of a master can print: its lines and the fields of its main unit, and its texts."""
    master = selector.master
    lines = {name: Record(master.lines, {}, Place(master.file)).text(name) for name in master.lines}
    said = {**lines, **{k: master.main.text(k) for k in master.main.values}, "单位联系电话": lines.get("联系电话", "")}
    return said, _texts_of(selector, master.main.text("单位编码"))


def _texts_of(selector: Selector, unit: str) -> dict[str, str]:
    """What the clerk wrote, as a line of that unit can print it."""
    return {name: text for (code, name), (text, _) in selector.master.texts.items() if code in ("", unit)}


@dataclass(slots=True)
class _Out:
    """One output line before it is frozen."""

    line: Line
    source: int  # the layout line it came from
    start: bool = False


@dataclass
class _Builder:
    """The lines of one table. Its cells are made by `Cells`; `Coverage` tells the money none of its lines and columns hold."""

    selector: Selector
    spec: TableSpec
    trace: bool
    problems: list[Problem] = field(default_factory=list)
    _repeated: dict[str, int] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    _vertical: list[tuple[int, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cells = Cells(self.selector, self.spec, self.trace)
        self.coverage = Coverage(self.selector, self.spec, self.cells, self.problems)

    def build(self) -> Built:
        spec = self.spec
        lines: list[Line] = []
        breaks: list[int] = []
        empty = False
        scopes = self._forms() if spec.kind == "申报表" else [self._base()]
        if not scopes:
            scopes, empty = [self._base()], True
        for scope in scopes:
            if lines:
                breaks.append(len(lines))
            out = self._instance(scope)
            self._place_merges(out, len(lines))
            lines += [o.line for o in out]
        if spec.kind == "收支表":
            empty = not any(mask & self.selector.nonzero(*key) for _, parts in self.cells.made for _, holding in parts for key, mask in holding.items())
        elif spec.kind in ("交叉表", "清单表"):
            empty = not any(line.key for line in lines)
        if empty and spec.empty_place == "表下" and spec.empty_text:
            self.merges.append(Merge(len(lines), 0, 1, len(spec.layout.widths)))
            lines.append(self._note(scopes[0]))
        table = Table(
            spec.name,
            spec.number,
            spec.title,
            spec.unit,
            tuple(lines),
            spec.layout.columns,
            tuple(self.merges),
            tuple(self.cells.styles),
            spec.page,
            empty,
            spec.kind == "申报表",
            tuple(breaks),
            apart=spec.apart,
        )
        sources = {(r, c): self.cells.sources[id(cell)][1] for r, line in enumerate(lines) for c, cell in enumerate(line.cells) if id(cell) in self.cells.sources} if self.trace else {}
        return Built(table, tuple(self.problems), sources, tuple(self.cells.made))

    # --- scopes ---------------------------------------------------------------------------------------------------

    def _base(self) -> Scope:
        spec, year = self.spec, self.selector.master.year
        said, texts = self.selector.once(_common_fields)
        return Scope({**said, "表号": spec.number, "表名": spec.title, "金额单位": spec.unit, "年度": str(year), "上年度": str(year - 1), **texts})

    def _forms(self) -> list[Scope]:
        """One scope per form: the whole document, each unit, or each project that has performance goals."""
        base, master = self._base(), self.selector.master
        if self.spec.each == "项目":
            chosen = [r for r in master.projects() if r.text("编制绩效目标") != "否"]
            return [self._form_of(base, r, project=True) for r in chosen]
        if self.spec.each == "单位":
            return [self._form_of(base, r, project=False) for r in master.units.values()]
        return [base]

    def _form_of(self, base: Scope, record: Record, project: bool) -> Scope:
        unit = self.selector.master.units.get(record.text("单位编码"), record)
        fields = {**base.fields, **{k: unit.text(k) for k in unit.values}}
        for (code, name), (text, _) in self.selector.master.texts.items():
            if code == record.text("单位编码"):
                fields[name] = text
        conditions = [Condition("单位编码", (record.text("单位编码"),))]
        if project:
            own = {k: record.text(k) for k in record.values}
            fields |= {k: v for k, v in own.items() if v or k not in ("主管部门", "联系电话")}
            fields["申报名称"] = own.get("申报名称") or own.get("项目名称", "")
            choice = self.selector.pack.choice("项目类别", own.get("项目类别", ""))
            fields["项目类别代码"] = choice.code if choice else ""
            ends = [own.get(k, "") for k in ("开始日期", "结束日期")]
            fields["起止时间"] = "-".join(e for e in ends if e)
            conditions.append(Condition("项目名称", (record.text("项目名称"),)))
        return Scope(fields, tuple(conditions))

    # --- one pass over the layout ---------------------------------------------------------------------------------

    def _instance(self, scope: Scope) -> list[_Out]:
        out: list[_Out] = []
        above: dict[int, Holding] = {}
        everything: dict[int, list[tuple[str, str, Place]]] = {}
        lists = self._lists(scope)
        constant = {} if self.trace else self.spec.layout.constant  # a trace tells cells apart
        for i, line in enumerate(self.spec.layout.lines):
            if i in lists:
                made = [self._fixed(line, scope, above, everything, cells) for cells in lists[i]]
            elif line.word == LineKind.BODY:
                made = self._body(line, scope)
            elif line.word == REPEAT:
                made = self._repeat(line, scope, len(out), i)
            elif i in constant:
                made = [constant[i]]
            else:
                made = [self._fixed(line, scope, above, everything)]
            out += [_Out(m, i) for m in made]
        if self.spec.kind == "收支表":
            self.coverage.statement(above, everything)
        self._check_repeated(scope)
        return out

    def _check_repeated(self, scope: Scope) -> None:
        """Records of a form that none of its 逐行 lines prints (a 二级指标 the form has no line for): told, never lost in silence."""
        for dataset, shown in self._repeated.items():
            lost = self.selector.records(dataset, self.selector.mask(dataset, self.cells.own_conditions(dataset, scope)) & ~shown)
            if lost:
                name = "二级指标" if dataset == "指标" else next(iter(lost[0].values), "")
                words = "、".join(dict.fromkeys(filter(None, (r.text(name) for r in lost))))
                message = f"{self.spec.number}没有“{words}”的行，{len(lost)} 条{dataset}印不出来"
                self.problems.append(Problem(Level.ERROR, lost[0].at(name), message, f"核对{name}的写法；没有写错，就请财政局在套表里加上这一行", "表内全覆盖"))
        self._repeated.clear()

    def _lists(self, scope: Scope) -> dict[int, list[list[tuple[LayoutCell, Scope]]]]:
        """The lines of a statement whose lists grow by themselves: layout line → its output lines, each cell with what it knows.

        A list is a label column with the columns right of it up to the next label column. Each list is laid out on its own
        (fixed cells, then one line per group where 逐项 stands) and the lists are set side by side again, the shorter ones
        filled up with empty cells; 合计行 follow below all of them. Empty when no cell says 逐项.
        """
        lines = self.spec.layout.lines
        fixed = [i for i, line in enumerate(lines) if line.word == FIXED]
        if not any(isinstance(p, Each) for i in fixed for cell in lines[i].cells for p in cell.parts):
            return {}
        width = len(self.spec.layout.widths)
        labels = [c for c in range(width) if any(isinstance(p, (str, Each)) for i in fixed for p in lines[i].cells[c].parts)]
        starts = [0, *labels[1:]] if labels else [0]
        blocks = [range(a, b) for a, b in zip(starts, [*starts[1:], width], strict=True)]
        made = [self._list([[lines[i].cells[c] for c in block] for i in fixed], scope) for block in blocks]
        height = max(map(len, made))
        rows: list[list[tuple[LayoutCell, Scope]]] = []
        for r in range(height):
            row: list[tuple[LayoutCell, Scope]] = []
            for block, column in zip(blocks, made, strict=True):
                row += column[r] if r < len(column) else [(replace(lines[fixed[-1]].cells[c], parts=()), scope) for c in block]
            rows.append(row)
        return {i: rows if i == fixed[0] else [] for i in fixed}

    def _list(self, lines: list[list[LayoutCell]], scope: Scope) -> list[list[tuple[LayoutCell, Scope]]]:
        """One list of a statement, its trailing empty lines left off."""
        out: list[list[tuple[LayoutCell, Scope]]] = []
        for cells in lines:
            each = next((p for cell in cells for p in cell.parts if isinstance(p, Each)), None)
            if each is None:
                out.append([(cell, scope) for cell in cells])
                continue
            dataset = each.dataset or self.spec.dataset
            live = self.cells.table_mask(dataset) & self.selector.nonzero(dataset, self.selector.measure(dataset))
            bare = [replace(cell, parts=tuple(p for p in cell.parts if not isinstance(p, Each))) for cell in cells]
            for n, group in enumerate(groups(self.selector, ((each.level,),), dataset, live), 1):
                fields = {**scope.fields, **group.scope, "序号": str(n), "中文序号": chinese(n)}
                inner = Scope(fields, scope.conditions, dataset, group.mask)
                out.append([(cell, inner) for cell in bare])
        while out and not any(cell.parts for cell, _ in out[-1]):
            out.pop()
        return out

    def _fixed(
        self,
        line: LayoutLine,
        scope: Scope,
        above: dict[int, Holding],
        everything: dict[int, list[tuple[str, str, Place]]],
        listed: list[tuple[LayoutCell, Scope]] | None = None,
    ) -> Line:
        """A line printed once. listed: its cells with their own scopes, when its lists grow by themselves."""
        cells = []
        for c, (cell, own) in enumerate(listed if listed is not None else zip(line.cells, repeat(scope))):
            if cell.constant is not None and not self.trace:
                cells.append(cell.constant)
            elif len(cell.parts) == 1 and isinstance(cell.parts[0], (Figure, Sum, Total)):
                binding = cell.parts[0]
                held = dict(above.get(c, {})) if isinstance(binding, Total) else self.cells.held(binding, own)
                cells.append(self.cells.figure(held if isinstance(held, list) else [(1, held)], cell.style))
                if self.trace:
                    self.cells.traced(cells[-1], cell, own, held if isinstance(held, list) else [(1, held)])
                for sign, holding in held if isinstance(held, list) else [(1, held)]:
                    for key, mask in holding.items():
                        column = above.setdefault(c, {})
                        if sign > 0 and (own.within is not None or not self._is_everything(binding)):
                            column[key] = column.get(key, 0) | mask
                if isinstance(binding, Figure) and own.within is None and self._is_everything(binding):
                    dataset = binding.dataset or self.spec.dataset
                    everything.setdefault(c, []).append((dataset, self.selector.measure(dataset, binding.measure), cell.place))
            else:
                cells.append(self.cells.text(cell, own))
                if self.trace:
                    self.cells.traced(cells[-1], cell, own)
        return Line(line.kind, tuple(cells), height=line.height)

    def _is_everything(self, binding: Binding) -> bool:
        return isinstance(binding, Sum) or (isinstance(binding, Figure) and not binding.conditions)

    # --- body lines -----------------------------------------------------------------------------------------------

    def _body(self, line: LayoutLine, scope: Scope) -> list[Line]:
        spec, selector = self.spec, self.selector
        bindings = [cell.parts[0] if len(cell.parts) == 1 and not isinstance(cell.parts[0], str) else None for cell in line.cells]
        table_mask = selector.mask(spec.dataset, spec.filter.conditions)
        held = self._column_holdings(bindings, scope)
        live = table_mask
        figures = [h for h in held if h is not None]
        if figures:
            live = 0
            for parts in figures:
                for _, holding in parts:
                    for (dataset, measure), mask in holding.items():
                        if dataset == spec.dataset:
                            live |= table_mask & mask & (selector.given(dataset, measure) if spec.zero_rows else selector.nonzero(dataset, measure))
            self.coverage.columns(bindings, held, table_mask)
        made = groups(selector, spec.levels, spec.dataset, live)
        if not any(g.level or spec.levels[0] != ("合计",) for g in made):
            nothing = self._empty(line, bindings, scope)
            if self.trace:
                for made_cell, cell in [pair for empty in nothing for pair in zip(empty.cells, line.cells, strict=True)]:
                    self.cells.traced(made_cell, cell, Scope(scope.fields, scope.conditions, spec.dataset, 0), [])
            return nothing
        added = [holdings is None or self._added(holdings) for holdings in held]
        return [self._group_line(line, held, added, group, i, scope) for i, group in enumerate(made)]

    def _column_holdings(self, bindings: Sequence[Binding | None], scope: Scope) -> list[list[tuple[int, Holding]] | None]:
        """What each column holds over the whole table; None for label columns."""
        held: list[list[tuple[int, Holding]] | None] = [self.cells.held(b, scope) if isinstance(b, (Figure, Sum)) else None for b in bindings]
        for c, binding in enumerate(bindings):
            if not isinstance(binding, Total):
                continue
            if len(self.spec.layout.paths[c]) <= 1:
                own = self.spec.dataset
                held[c] = [(1, {(own, self.selector.measure(own)): self.cells.table_mask(own)})]
                continue
            union: Holding = {}
            for other in self.spec.layout.beside[c]:
                if isinstance(bindings[other], Figure):
                    for _, holding in held[other] or ():
                        for key, mask in holding.items():
                            union[key] = union.get(key, 0) | mask
            held[c] = [(1, union)]
        return held

    def _group_line(self, line: LayoutLine, held: Sequence[list[tuple[int, Holding]] | None], added: Sequence[bool], group: Group, number: int, scope: Scope) -> Line:
        """The line of a group. held, added: of each column, what it holds over the whole table, and whether that may be summed over records."""
        unit = group.scope.get("单位编码", "")
        texts = self.selector.once(_texts_of, unit) if unit in self.selector.master.units else {}  # a 合计 line speaks for no unit
        shared = {name: scope.fields.get(name, "") for name in ("表号", "表名", "年度", "上年度", "金额单位")}
        fields = {**shared, **texts, "序号": str(number + 1), **group.scope}
        self._add_project(fields)
        keys = ("单位编码", "项目名称")
        inner = Scope(fields, tuple(Condition(k, (group.scope[k],)) for k in keys if group.scope.get(k)), self.spec.dataset, group.mask)
        cells = []
        detail = group.level == len(self.spec.levels) - 1
        for cell, holdings, sums in zip(line.cells, held, added, strict=True):
            if holdings is not None and not detail and not sums:
                cells.append(self.cells.blank(cell.style))  # a price or a number of unlike things is never summed
            elif holdings is not None:
                cut = [(sign, {k: mask & group.mask if k[0] == self.spec.dataset else mask for k, mask in holding.items()}) for sign, holding in holdings]
                cells.append(self.cells.figure(cut, cell.style))
            else:
                cells.append(self.cells.text(cell, inner, of_record=True))
            if self.trace:
                told = detail or sums
                self.cells.traced(cells[-1], cell, inner, cut if holdings is not None and told else None, group, "" if told else "是单价或不同东西的数量，不能相加，所以这一行空着")
        return Line(LineKind.BODY, tuple(cells), group.level, line.height, group.key)

    def _added(self, holdings: list[tuple[int, Holding]]) -> bool:
        """Whether the measures of a column may be summed over records."""
        columns = [self.selector.pack.schema.measures(dataset).get(measure) for _, holding in holdings for dataset, measure in holding]
        return all(column is None or column.added for column in columns)

    def _add_project(self, fields: dict[str, str]) -> None:
        if category := fields.get("项目类别"):
            choice = self.selector.pack.choice("项目类别", category)
            fields["项目类别代码"] = choice.code if choice else ""

    def _empty(self, line: LayoutLine, bindings: Sequence[Binding | None], scope: Scope) -> list[Line]:
        """What the pack prints when there is nothing to print."""
        spec = self.spec
        if spec.empty_place == "不印" or not spec.empty_text:
            return []
        if spec.empty_place == "表下":  # the sentence stands below the table, which keeps one empty line
            return [Line(LineKind.BODY, tuple(self.cells.blank(cell.style) for cell in line.cells), 0, line.height)]
        names = [c for c, b in enumerate(bindings) if isinstance(b, Label)]
        at = next((c for c in names if str(bindings[c]) in ("名称", "单位名称")), names[-1] if names else 0)
        cells = []
        for c, (cell, binding) in enumerate(zip(line.cells, bindings, strict=True)):
            figure = isinstance(binding, (Figure, Sum, Total))
            if c == (0 if spec.empty_place == "整行" else at):
                cells.append(Cell(self._empty_text(scope), style=self.cells.style(cell.style, horizontal="center" if spec.empty_place == "整行" else None)))
            elif figure and spec.empty_amount == "0.00" and spec.empty_place == "名称列":
                number_format = "0" if spec.unit == "人" else "0.00"
                cells.append(Cell(amount=ZERO, shown=half_up(ZERO, decimals(number_format)), style=self.cells.style(cell.style, number_format)))
            else:
                cells.append(self.cells.blank(cell.style))
        return [Line(LineKind.BODY, tuple(cells), 0, line.height)]

    def _note(self, scope: Scope) -> Line:
        """The sentence below an empty table (表下): over the whole width, as its 表尾 or else its body looks, without lines around it."""
        spec = self.spec
        layout = spec.layout
        like = next((line for line in layout.lines if line.word == LineKind.FOOT), next((line for line in layout.lines if line.word in (LineKind.BODY, FIXED)), layout.lines[-1]))
        look = structs.replace(layout.styles[like.cells[0].style], horizontal="left", wrap=True, fill="", border=Border(), number_format="General")
        style = self.cells.styles.setdefault(look, len(self.cells.styles))
        return Line(LineKind.FOOT, (Cell(self._empty_text(scope), style=style), *(self.cells.blank(style) for _ in layout.widths[1:])))

    def _empty_text(self, scope: Scope) -> str:
        return "".join(part if isinstance(part, str) else self.cells.words(part, scope) for part in self.spec.empty_text)

    # --- repeated lines of a form ---------------------------------------------------------------------------------

    def _repeat(self, line: LayoutLine, scope: Scope, start: int, source: int) -> list[Line]:
        assert line.repeat is not None  # the pack's check refuses a 逐行 line without its dataset
        dataset, merged = line.repeat.dataset, line.repeat.merged
        conditions = self.cells.own_conditions(dataset, scope) + line.repeat.conditions
        mask = self.selector.mask(dataset, conditions)
        self._repeated[dataset] = self._repeated.get(dataset, 0) | mask
        records = self.selector.master.records(dataset)
        chosen = [(i, records[i]) for i in bits(mask)]
        seconds = [r.text("二级指标") for _, r in chosen]
        lines: list[Line] = []
        for n, (i, record) in enumerate(chosen):
            fields = {**scope.fields, **{k: record.text(k) for k in record.values}, "序号": str(n + 1), "指标序号": ""}
            fields["完整指标值"] = indicator_value(record)
            if seconds.count(record.text("二级指标")) > 1:
                fields["指标序号"] = f"{seconds[:n].count(record.text('二级指标')) + 1}. "
            inner = Scope(fields, scope.conditions, dataset, 1 << i)
            cells = tuple(
                self.cells.figure(self.cells.held(c.parts[0], inner), c.style) if len(c.parts) == 1 and isinstance(c.parts[0], (Figure, Sum)) else self.cells.text(c, inner, of_record=True)
                for c in line.cells
            )
            lines.append(Line(LineKind.BODY, cells, 0, line.height, (str(i),)))
            if self.trace:
                for made, cell in zip(cells, line.cells, strict=True):
                    self.cells.traced(made, cell, inner)
        if not lines:  # the form keeps its line, empty
            known = {c.field: c.values[0] for c in line.repeat.conditions if len(c.values) == 1 and not c.exclude}
            blank = Scope(scope.fields | dict.fromkeys(self.selector.pack.schema.fields(dataset), "") | {"序号": "", "指标序号": "", "完整指标值": ""} | known, scope.conditions, dataset, 0)
            lines = [
                Line(
                    LineKind.BODY,
                    tuple(self.cells.blank(c.style) if any(isinstance(p, (Figure, Sum)) for p in c.parts) else self.cells.text(c, blank, of_record=True) for c in line.cells),
                    0,
                    line.height,
                )
            ]
            if self.trace:
                for made, cell in zip(lines[0].cells, line.cells, strict=True):
                    self.cells.traced(made, cell, blank)
        self._merge_equal(line, lines, chosen, merged, source, start)
        return lines

    def _merge_equal(self, line: LayoutLine, lines: list[Line], chosen: list[tuple[int, Record]], merged: Sequence[str], source: int, start: int) -> None:
        """Equal neighbours of the named fields become one cell; an inner field only within an equal outer one."""
        widths = {(top, left): width for top, left, height, width in self.spec.layout.merges if top == source}
        for depth, name in enumerate(merged):
            column = next((c for c, cell in enumerate(line.cells) if cell.parts and cell.parts[0] == Label(name)), None)
            if column is None:
                continue
            keys = [tuple(r.text(f) for f in merged[: depth + 1]) for _, r in chosen]
            first = 0
            for i in range(1, len(keys) + 1):
                if i == len(keys) or keys[i] != keys[first]:
                    if i - first > 1:
                        self._vertical.append((start + first, column, i - first, widths.get((source, column), 1)))
                        for n in range(first + 1, i):
                            cells = list(lines[n].cells)
                            cells[column] = Cell(style=cells[column].style)
                            lines[n] = replace(lines[n], cells=tuple(cells))
                    first = i

    # --- the grid -------------------------------------------------------------------------------------------------

    def _place_merges(self, out: list[_Out], offset: int) -> None:
        """The layout's merges over the lines they became: a merge grows with the lines it covers."""
        rows: dict[int, list[int]] = {}
        for n, o in enumerate(out):
            rows.setdefault(o.source, []).append(n)
        covered = {(row, c) for r, c, height, _ in self._vertical for row in range(r, r + height)}
        for top, left, height, width in self.spec.layout.merges:
            lines = [n for line in range(top, top + height) for n in rows.get(line, [])]
            if not lines:
                continue
            if height == 1 and self.spec.layout.lines[top].word in (LineKind.BODY, REPEAT):
                self.merges += [Merge(offset + n, left, 1, width) for n in lines if width > 1 and (n, left) not in covered]
            elif len(lines) > 1 or width > 1:
                self.merges.append(Merge(offset + lines[0], left, lines[-1] - lines[0] + 1, width))
        self.merges += [Merge(offset + r, c, height, width) for r, c, height, width in self._vertical]
        self._vertical.clear()
        if self.spec.empty_place == "整行" and self.spec.kind in ("交叉表", "清单表") and self.spec.empty_text:
            for n, o in enumerate(out):
                if o.line.kind is LineKind.BODY and not o.line.key and len(o.line.cells) > 1:
                    self.merges.append(Merge(offset + n, 0, 1, len(o.line.cells)))

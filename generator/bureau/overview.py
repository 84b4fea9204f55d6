"""What a county looks at: its budget by unit, function, economic class, project, 三公 and source, from one consolidated master.

templates/packs/overview.yaml says which sheets there are, in the words of layouts. Plain values; render/overview writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from generator.build.facts import facts
from generator.build.rows import groups
from generator.build.select import Selector
from generator.model.amount import half_up
from generator.model.problem import PackError
from generator.pack import strict_yaml
from generator.pack.binding import BindingError, Figure
from generator.pack.library import Library, templates_folder
from generator.pack.pack import LEVEL_WORDS, Pack
from generator.render.overview import Chart, DataSheet, Headline, Overview, OverviewRow, OverviewSheet

ZERO = Decimal(0)
MEASURES = ("本年", "上年")
DATA_FIELDS = ("收支", "年度", "主管部门编码", "主管部门名称", "单位编码", "单位名称", "单位性质", "支出类型", "功能类", "功能科目编码", "功能科目名称")
DATA_FIELDS_2 = ("部门经济类", "部门经济编码", "部门经济名称", "政府经济编码", "政府经济名称", "项目名称", "资金来源", "资金性质")


class ChartSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """kind: 横条, 柱, 堆积 or 饼; top: how many rows at most, 0 for all."""

    kind: str
    columns: list[str]
    top: int = 0


class SheetSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A sheet of overview.yaml; the comment at its head explains each key."""

    name: str
    by: str
    columns: dict[str, str]
    compare: list[str] = []
    sort: str = ""
    units: bool = False
    chart: ChartSpec | None = None


class OverviewFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """templates/packs/overview.yaml."""

    sheets: list[SheetSpec]
    headline: list[str] = []


def overview(selector: Selector, title: str, notes: Sequence[tuple[str, str]], checks: Sequence[tuple[str, str, str, str]] = (), taken: Sequence[tuple[object, ...]] = ()) -> Overview:
    """All sheets. notes: what is said at the head (label, words); checks: 勾稽 as lines; taken: the transfers taken out."""
    file = strict_yaml.load(Library(templates_folder()).shared("overview.yaml"), OverviewFile)
    known = facts(selector)
    headline = tuple(Headline(f.name, f.unit, f.now, f.before, not f.counted) for name in file.headline if (f := known.get(name)) and (f.now or f.before))
    sheets = [_sheet(selector, spec) for spec in file.sheets]
    return Overview(title, tuple(notes), headline, tuple(s for s in sheets if s.rows), _data(selector), tuple(checks), tuple(taken))


def _sheet(selector: Selector, spec: SheetSpec) -> OverviewSheet:
    pack = selector.pack
    levels = tuple((word,) for word in spec.by.split())
    for (word,) in levels:
        if word not in LEVEL_WORDS:
            raise PackError(f"overview.yaml {spec.name}·by 不认识“{word}”；可用：{'、'.join(LEVEL_WORDS)}")
    cells: dict[tuple[str, ...], list[Decimal]] = {}
    labels: dict[tuple[str, ...], tuple[str, str, int]] = {}
    figures = [_figure(pack, spec, name, text) for name, text in spec.columns.items()]
    totals = [selector.figure(f, f.dataset) for f in figures]
    for n, figure in enumerate(figures):
        measure = selector.measure(figure.dataset, figure.measure)
        mask = selector.mask(figure.dataset, figure.conditions) & selector.nonzero(figure.dataset, measure)
        for group in groups(selector, levels, figure.dataset, mask):
            labels.setdefault(group.key, (group.scope.get("编码", ""), _label(selector, spec, group.key, group.scope), group.level))
            cells.setdefault(group.key, [ZERO] * len(figures))[n] = selector.sum(figure.dataset, measure, group.mask)
    keys = _in_order(selector, spec, cells, list(spec.columns))
    rows = tuple(OverviewRow(*labels[key], tuple(cells[key])) for key in keys)
    chart = Chart(spec.chart.kind, tuple(list(spec.columns).index(c) for c in spec.chart.columns), spec.chart.top) if spec.chart else None
    compare = (list(spec.columns).index(spec.compare[0]), list(spec.columns).index(spec.compare[1])) if spec.compare else None
    return OverviewSheet(spec.name, tuple(spec.columns), rows, tuple(totals), compare, chart)


def _figure(pack: Pack, spec: SheetSpec, name: str, text: str) -> Figure:
    try:
        figure = pack.vocabulary.parse(text, "支出")
    except BindingError as e:
        raise PackError(f"overview.yaml {spec.name}·{name}：{e}") from None
    if not isinstance(figure, Figure) or not figure.dataset:
        raise PackError(f"overview.yaml {spec.name}·{name}：口径要以“收入”“支出”开头，现在是“{text}”")
    return figure


def _label(selector: Selector, spec: SheetSpec, key: tuple[str, ...], scope: dict[str, str]) -> str:
    name = scope.get("名称", "") or key[-1] or "（没有填）"
    if not spec.units:
        return name
    unit = selector.master.units.get(key[-1].partition("\0")[0])
    return f"{name}（{(unit.text('单位简称') or unit.text('单位名称')) if unit else key[-1].partition(chr(0))[0]}）"


def _in_order(selector: Selector, spec: SheetSpec, cells: dict[tuple[str, ...], list[Decimal]], columns: list[str]) -> list[tuple[str, ...]]:
    """By the column asked for, largest first; else units as the workbook has them and codes in their order, inner lines below outer ones."""
    if spec.sort:
        n = columns.index(spec.sort)
        return sorted(cells, key=lambda key: -cells[key][n])
    if spec.by == "来源":
        order = {s: i for i, s in enumerate(selector.pack.sources)}
        return sorted(cells, key=lambda key: order.get(key[0], len(order)))
    return sorted(cells)


def percent(now: Decimal, before: Decimal) -> Decimal | None:
    """The change in per cent of what was before, two decimals; None when there was nothing."""
    return half_up((now - before) / before * 100) if before else None


def _data(selector: Selector) -> DataSheet:
    """One line a record of income or expenditure, every code with its name: for a pivot table."""
    pack, master = selector.pack, selector.master
    heading = (*DATA_FIELDS, *DATA_FIELDS_2, "本年（元）", "上年（元）")
    return DataSheet(heading, tuple(_data_rows(pack, selector, str(master.year))))


def _data_rows(pack: Pack, selector: Selector, year: str) -> Iterator[tuple[str | Decimal | None, ...]]:
    units = selector.master.units
    for dataset in ("收入", "支出"):
        for record in selector.master.records(dataset):
            unit = units.get(record.text("单位编码"))
            func, dept, gov = (record.text(f"{k}编码") for k in ("功能科目", "部门经济", "政府经济"))
            yield (
                dataset,
                year,
                *((unit.text(k) if unit else "") for k in ("主管部门编码", "主管部门名称", "单位编码", "单位名称", "单位性质")),
                record.text("支出类型"),
                pack.functional.name(func[:3]) if func else "",
                func,
                pack.functional.name(func) if func else "",
                pack.department.name(dept[:3]) if dept else "",
                dept,
                pack.department.name(dept) if dept else "",
                gov,
                pack.government.name(gov) if gov else "",
                record.text("项目名称"),
                record.text("资金来源"),
                record.text("资金性质"),
                *(record.amounts.get(m) for m in MEASURES),
            )

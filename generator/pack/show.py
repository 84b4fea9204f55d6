"""A whole pack as text, each item with the file and cell it came from: `yusuan pack show`. The tests keep it, so a change inside a workbook shows in a diff."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.pack.binding import Binding
from generator.pack.layout import Layout, LayoutCell
from generator.pack.pack import Pack, TableSpec
from generator.pack.rounding import rounding_words


def show_pack(pack: Pack) -> str:
    """The pack as text, in a fixed order."""
    return "\n".join(_lines(pack)) + "\n"


def _lines(pack: Pack) -> Iterator[str]:
    yield f"# 套表 {pack.id} {pack.file.name}"
    settings = msgspec.to_builtins(pack.file)
    for key in ("region", "year", "codes", "code_additions", "complete_codes", "sub_items", "defaults", "thresholds", "sentences", "folder", "fonts"):
        if settings[key]:
            yield f"{key}: {settings[key]}"
    yield f"rounding: {rounding_words(pack.rounding, {**pack.facts, **pack.listings})}"
    yield "\n## 资金来源"
    for source in pack.file.sources:
        depth, at = 0, source.under
        while at:
            depth, at = depth + 1, pack.sources[at].under
        extra = "（汇总项）" if source.group else ""
        yield f"{'  ' * depth}{source.name}{extra} {pack.nature(source.name)}".rstrip()
    yield "\n## 选项"
    for name in pack.file.lists:
        yield f"{name}: {'、'.join(c.value + (f'({c.code})' if c.code else '') for c in pack.choices(name))}"
    yield "\n## 说明书的数"
    for name, figure in pack.facts.items():
        spec = pack.file.facts[name]
        yield f"{name}: {figure} [{spec.unit}]{f' 原因：{spec.reason}' if spec.reason else ''}"
    for name, listed in pack.listings.items():
        yield f"{name}（逐项）: {listed} 按 {pack.file.listings[name].by}"
    yield f"\n## 图（{'画' if pack.file.show_charts == '是' else '不画'}）"
    for name, chart in pack.file.charts.items():
        if chart.title:
            what = f"{pack.chart_figures[name]} 按 {chart.by}" if chart.figure else "、".join(label if label == fact else f"{label}（{fact}）" for label, fact in chart.facts.items()) + " 本年、上年"
            yield f"{name} {chart.title}: {what}{f'，先看表名有“{chart.table}”的表' if chart.table else ''}"
    yield "\n## 文字事项"
    for text in pack.file.texts:
        yield f"{text.name} {text.required}".rstrip()
    yield "\n## 规则"
    for rule in pack.file.rules:
        yield f"{rule.id} {rule.kind} {rule.level} {rule.params or ''} {rule.basis}".rstrip()
    if pack.file.audit:
        yield "\n## 审核规则的改动"
        for change in pack.file.audit:
            yield f"{change.id} {change.levels or ''} {change.says} {change.hint} {change.basis}".rstrip()
    yield "\n## 表"
    shown: set[str] = set()
    for table in pack.tables:
        yield from _table(table)
        if table.layout.name not in shown:
            shown.add(table.layout.name)
            yield from _layout(table.layout)


def _table(spec: TableSpec) -> Iterator[str]:
    levels = " / ".join(" ".join(level) for level in spec.levels)
    yield f"\n### {spec.number} {spec.title}（{spec.place}）"
    yield f"{spec.kind} 数据 {spec.dataset} 行 {levels or '—'} 范围 {spec.filter if spec.filter.conditions else '—'} 单位 {spec.unit} 零值 {spec.zero}{' 零行印' if spec.zero_rows else ''}"
    yield f"无数据时 {_parts(spec.empty_text) or '—'}（{spec.empty_place}，金额 {spec.empty_amount or '—'}）空表事项 {spec.empty_topic or '—'} 每份 {spec.each or '—'}{'分表' if spec.apart else ''} 纸张 {spec.page.paper}{'横' if spec.page.landscape else '纵'} 表样 {spec.layout.name}"


def _layout(layout: Layout) -> Iterator[str]:
    yield f"表样 {layout.name}: {len(layout.widths)} 列，列宽 {' '.join(f'{w:g}' for w in layout.widths)}"
    merged = {(top, left): (rows, columns) for top, left, rows, columns in layout.merges}
    for i, line in enumerate(layout.lines):
        cells = " | ".join(f"{_span(merged.get((i, c)))}{_cell(cell)}" for c, cell in enumerate(line.cells) if cell.parts)
        yield f"  {line.place.row}行 {line.word}{f' {line.repeats}' if line.repeats else ''}: {cells}".rstrip()


def _span(span: tuple[int, int] | None) -> str:
    return f"[{span[0]}×{span[1]}]" if span else ""


def _cell(cell: LayoutCell) -> str:
    return f"{cell.place.cell} {_parts(cell.parts)}"


def _parts(parts: tuple[str | Binding, ...]) -> str:
    return "".join(p if isinstance(p, str) else f"【{p}】" for p in parts).replace("\n", "⏎")

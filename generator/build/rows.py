"""The lines of a table: records grouped by the row dimensions, from outside in (合计 / 主管部门 / 单位 / 功能项)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from generator.build.select import Selector, bits
from generator.model.master import Record


@dataclass(frozen=True, slots=True)
class Group:
    """One line to come. mask: its records; scope: what the line can print (field → text); level: 0 outermost."""

    key: tuple[str, ...]
    mask: int
    level: int
    scope: dict[str, str] = field(default_factory=dict)


Keyed = tuple[str, tuple, dict[str, str]]  # key, sort key, what the line can print


def _by_unit(selector: Selector, record: Record) -> Keyed:
    code = record.text("单位编码")
    unit = selector.master.units.get(code)
    name = unit.text("单位名称") if unit else code
    short = unit.text("单位简称") if unit else ""
    order = selector.unit_order.get(code, len(selector.unit_order))
    return code, (order,), {"单位编码": code, "单位名称": name, "单位简称": short or name, "名称": name, "编码": code}


def _by_department(selector: Selector, record: Record) -> Keyed:
    unit = selector.master.units.get(record.text("单位编码"))
    code = unit.text("主管部门编码") if unit else ""
    name = (unit.text("主管部门名称") if unit else "") or code
    return code or name, (), {"主管部门编码": code, "主管部门名称": name, "单位编码": code, "单位名称": name, "名称": name, "编码": code}


def _by_bureau_section(selector: Selector, record: Record) -> Keyed:
    text = record.text("归口")
    code, _, name = text.partition(" ")
    return text, (), {"归口": text, "单位编码": code, "单位名称": name or text, "名称": name or text, "编码": code}


def _by_code(name: str, digits: int) -> Callable[[Selector, Record], Keyed]:
    """A level of a classification: 功能类 (3 digits), 功能款 (5), 功能项 (7) and the like."""

    def keyed(selector: Selector, record: Record) -> Keyed:
        code = record.text(f"{name}编码")[:digits]
        pack = selector.pack
        codes = {"功能科目": pack.functional, "部门经济": pack.department, "政府经济": pack.government}[name]
        title = codes.name(code)
        scope = {f"{name}编码": code, f"{name}名称": title, "名称": title, "编码": code}
        if name == "功能科目":
            scope |= {"类": code[:3], "款": code[3:5], "项": code[5:7]}
        return code, (code,), scope

    return keyed


def _by_project(selector: Selector, record: Record) -> Keyed:
    name = record.text("项目名称")
    entry = selector.projects.get((record.text("单位编码"), name))
    scope = {"项目名称": name, "名称": name, "申报名称": name}
    order = len(selector.project_order)
    if entry is not None:
        scope |= {k: entry.text(k) for k in entry.values if entry.text(k)}
        order = selector.project_order[record.text("单位编码"), name]
    return f"{record.text('单位编码')}\0{name}", (order, name), {**scope, "名称": name}


def _by_source(selector: Selector, record: Record) -> Keyed:
    name = record.text("资金来源")
    order = list(selector.pack.sources).index(name) if name in selector.pack.sources else 999
    return name, (order,), {"资金来源": name, "名称": name}


def _total(selector: Selector, record: Record) -> Keyed:
    return "合计", (), {"名称": "合计", "单位名称": "合计"}


@dataclass(frozen=True, slots=True)
class _Level:
    """A word for rows: the fields of a record that alone decide its line, and that line."""

    fields: tuple[str, ...]
    keyed: Callable[[Selector, Record], Keyed]


LEVELS: dict[str, _Level] = {
    "合计": _Level((), _total),
    "归口": _Level(("归口",), _by_bureau_section),
    "主管部门": _Level(("单位编码",), _by_department),
    "单位": _Level(("单位编码",), _by_unit),
    **{f"功能{word}": _Level(("功能科目编码",), _by_code("功能科目", n)) for word, n in (("类", 3), ("款", 5), ("项", 7))},
    **{f"部门经济{word}": _Level(("部门经济编码",), _by_code("部门经济", n)) for word, n in (("类", 3), ("款", 5))},
    **{f"政府经济{word}": _Level(("政府经济编码",), _by_code("政府经济", n)) for word, n in (("类", 3), ("款", 5))},
    "项目": _Level(("单位编码", "项目名称"), _by_project),
    "来源": _Level(("资金来源",), _by_source),
}


def _keyed(selector: Selector, word: str, index: int, record: Record) -> Keyed:
    """The line of a record. Worked out once for all records, tables and rules that mean the same one."""
    level = LEVELS.get(word)
    if level is not None:
        key = (_keyed, word, *map(record.text, level.fields))
        known = selector.memo.get(key)
        if known is None:
            known = selector.memo[key] = level.keyed(selector, record)
        return cast(Keyed, known)
    if word == "明细":
        return str(index), (index,), {k: record.text(k) for k in record.values}
    text = record.text(word)
    return text, (selector.choice_order(word, text), text), {word: text, "名称": text}


def groups(selector: Selector, levels: Sequence[Sequence[str]], dataset: str, mask: int) -> list[Group]:
    """The lines of these records in print order: each level's line before the lines inside it. levels: row dimensions from the outermost, each one or more words."""
    return list(_inside(selector, levels, dataset, Group((), mask, -1)))


@dataclass(slots=True)
class _Lines:
    """The lines of a dataset's records by the words of one level: by record, as far as they were asked for."""

    words: Sequence[str]
    known: dict[int, tuple[tuple[str, ...], list[Keyed]]] = field(default_factory=dict)

    def of(self, selector: Selector, index: int, record: Record) -> tuple[tuple[str, ...], list[Keyed]]:
        """The key of a record's line, and what each of the words says of it."""
        made = [_keyed(selector, word, index, record) for word in self.words]
        self.known[index] = line = (tuple([key for key, _, _ in made]), made)
        return line


def _lines(selector: Selector, dataset: str, words: tuple[str, ...]) -> _Lines:
    return _Lines(words)


def _inside(selector: Selector, levels: Sequence[Sequence[str]], dataset: str, above: Group) -> Iterator[Group]:
    """The lines one level below the line `above`, of its records, each followed by the lines inside it."""
    level = above.level + 1
    if level == len(levels):
        return
    lines, records = selector.once(_lines, dataset, tuple(levels[level])), selector.master.records(dataset)
    known, masks, firsts = lines.known, dict[tuple[str, ...], int](), dict[tuple[str, ...], list[Keyed]]()
    for i in bits(above.mask):
        key, keyed = known.get(i) or lines.of(selector, i, records[i])
        if key in masks:
            masks[key] |= 1 << i
        else:
            masks[key], firsts[key] = 1 << i, keyed
    # lines without an order of their own stay in the order of the workbook (sort is stable)
    for part, keyed in sorted(firsts.items(), key=lambda item: [order for _, order, _ in item[1]]):
        part_mask = masks[part]
        own: dict[str, str] = {}
        for _, _, printable in reversed(keyed):  # the first word of a level names the line
            own |= printable
        economic = own.get("部门经济编码") or own.get("政府经济编码")
        if economic and "项" not in own and "项" not in above.scope:  # of lines by functional subject, 类 and 款 are those of the subject
            own |= {"类": economic[:3], "款": economic[3:5]}
        line = Group((*above.key, *part), part_mask, level, own if levels[level] == ("合计",) else {**above.scope, **own})
        yield line
        # a line of totals is not said again in the lines inside it
        yield from _inside(selector, levels, dataset, replace(line, key=above.key, scope=above.scope) if levels[level] == ("合计",) else line)

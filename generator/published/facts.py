"""Tables → facts: a figure with what it is restricted to. Two facts with the same restrictions are one thing printed twice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.published.model import Figure, ReadCell, ReadTable
from generator.published.vocabulary import Dims, Vocabulary
from generator.published.words import ordinal, plain

Key = frozenset[tuple[str, str]]
EITHER = "总计或本年"


@dataclass(frozen=True, slots=True)
class Fact:
    """key: restrictions; cell: where it is printed; label: row and column in the table's own words."""

    key: Key
    cell: ReadCell
    table: ReadTable
    label: str

    @property
    def figure(self) -> Figure:
        assert self.cell.figure is not None
        return self.cell.figure

    @property
    def dims(self) -> Dims:
        return dict(self.key)


def is_form(table: ReadTable) -> bool:
    """Performance forms and declarations: fields and indicators, not rows and columns."""
    return table.table.form


def is_contents(table: ReadTable) -> bool:
    """The list of tables at the front of a workbook."""
    return not any(c.role == "金额" for c in table.columns) or bool(re.search(r"目\s*录", table.spot.part + table.title))


def sets_of(tables: Sequence[ReadTable]) -> list[list[ReadTable]]:
    """One list per unit: a document of a department may hold a set of tables for each of its units.

    Tables of the same title with different units above them belong to different sets; without units named, the second of a title
    within a file begins a second set.
    """
    by_title: defaultdict[tuple[str, str, str], list[ReadTable]] = defaultdict(list)
    for t in tables:
        if not is_form(t) and t.title:
            by_title[t.spot.file, plain(t.number), plain(t.title)].append(t)
    twice = [group for group in by_title.values() if len(group) > 1]
    if not twice or len(twice) < 2:
        return [list(tables)]
    result: defaultdict[str, list[ReadTable]] = defaultdict(list)
    by_organ = all(len({plain(t.organ) for t in group}) == len(group) for group in twice)
    seen: Counter[tuple[str, str, str]] = Counter()
    for t in tables:
        where = (t.spot.file, plain(t.number), plain(t.title))
        seen[where] += 1
        result[plain(t.organ) if by_organ else str(seen[where])].append(t)
    return list(result.values())


def facts_of(table: ReadTable, words: Vocabulary, known: Mapping[int, Dims] | None = None) -> list[Fact]:
    """The facts of one table; none of a column whose headings (or the title) hold words that are not understood.

    known: what columns mean where a pack says so; used for those that the words do not explain.
    """
    if not table.title or is_form(table) or is_contents(table):
        return []
    return list(_own_line(table, words) if words.line_of(table.title) else _statement(table, words) if table.lists else _rows(table, words, known or {}))


def _own_line(table: ReadTable, words: Vocabulary) -> Iterator[Fact]:
    """三公: one row a unit, a column a kind; or kinds below each other. The total row, or the only one."""
    line = words.line_of(table.title)
    totals = [r for r in table.rows if plain(r.label) in ("合计", "总计") or any(plain(c.text) in ("合计", "总计") for c in r.cells[:2])]
    rows = totals[:1] or (list(table.rows) if len(table.rows) == 1 else [])
    for row in rows:
        for i in table.figure_columns:
            path = table.columns[i].path
            if words.is_beside(path) or not path or (row.cells[i].figure is None and (row.cells[i].text or row.cells[i].covered)):
                continue
            found = words.own_meaning(table.title, path[-1])
            if plain(path[-1]) in ("小计", "合计") and len(path) > 1:
                found = {line: "合计"} if line in plain(path[-2]) else words.own_meaning(table.title, path[-2])
            if found and any(c.figure for c in row.cells):
                yield Fact(frozenset(found.items()), _zero(row.cells[i]), table, path[-1])
    if rows:
        return
    seen: set[Key] = set()
    columns = [i for i in table.figure_columns if not words.is_beside(table.columns[i].path)]
    for row in table.rows:
        found = words.own_meaning(table.title, re.sub(r"^(?:其中[:：]?|\d+[.、])", "", ordinal(row.label)[1] or row.label))
        key = frozenset((found or {}).items())
        if found and len(columns) == 1 and row.cells[columns[0]].figure is not None and key not in seen:
            seen.add(key)
            yield Fact(key, row.cells[columns[0]], table, f"{line} {row.label}")


def _zero(cell: ReadCell) -> ReadCell:
    """A blank where the row has figures is read as nothing, 0."""
    return cell if cell.figure is not None else cell.printing(Figure(Decimal(0), Decimal(0), Decimal(100)))


def _base(table: ReadTable, words: Vocabulary) -> Dims | None:
    government = is_government(table)
    base = words.dims(table.title, economic=True, government=False)
    if base is None:
        return None
    if government:
        base["分类"] = "政府"
    return base


def is_government(table: ReadTable) -> bool:
    heads = "".join(plain(p) for c in table.columns for p in c.path)
    return "政府预算" in plain(table.title) or "政府经济" in plain(table.title) or "机关工资福利" in heads or "机关商品" in heads or "对事业单位经常性补助" in heads


def column_dims(table: ReadTable, column: int, words: Vocabulary, base: Dims) -> Dims | None:
    """What a column's headings add; None when they are not understood or stand beside the budget (上年数, 数量)."""
    path = table.columns[column].path
    if table.columns[column].role != "金额" or words.is_beside(path):
        return None
    government = base.get("分类") == "政府"
    found: Dims = {}
    for n, part in enumerate(path):
        own = words.dims(part)
        if own is None:
            code = words.economic(part, government, found.get("政府", "")) or ("302" if "一般商品和服务支出" in plain(part) else "")
            if code:
                own = {"政府" if government else "经济": code}
            elif n < len(path) - 1 and words.economic(path[-1], government):
                continue  # 工资性支出/基本工资: the item is what counts
            else:
                return None
        elif not own and n == len(path) - 1 and government and not words.dims(part):
            own = {}
        found.update(own)
    if "经济" in base and "经济" in found and not found["经济"].startswith(base["经济"]):
        return None
    return found


def _key(*parts: Dims) -> Key:
    dims: Dims = {}
    for part in parts:
        dims.update(part)
    dims.pop("分类", None)
    if {"类型", "功能", "经济", "政府", "性质"} & set(dims):
        dims.setdefault("流", "支出")
        if dims["流"] == "收入":
            dims["流"] = "支出"
    return frozenset(dims.items())


def _rows(table: ReadTable, words: Vocabulary, known: Mapping[int, Dims]) -> Iterator[Fact]:
    base = _base(table, words)
    columns = {} if base is None else _understood(table, base, words)
    base = base or {}
    found: list[Fact] = []  # by the words
    more: list[Fact] = []  # by the pack, where the words say nothing
    coded = sum(bool(r.code) for r in table.rows)
    for n, row in enumerate(table.rows):
        dims = _row_dims(table, n, coded)
        if dims is None:
            continue
        for i in table.figure_columns:
            if row.cells[i].figure is None or (i not in columns and i not in known):
                continue
            extra = {k: v for k, v in columns.get(i, {}).items() if not (k == "量" and dims)}
            key = _key(base, extra, dims) if i in columns else _key(known[i], dims)
            (found if i in columns else more).append(Fact(key, row.cells[i], table, f"{row.label or row.code or '合计'}/{table.columns[i].title}"))
    counted = Counter(f.key for f in found)
    yield from (f for f in found if counted[f.key] == 1)
    others = Counter(f.key for f in more)
    yield from (f for f in more if others[f.key] == 1 and not counted[f.key])


def _understood(table: ReadTable, base: Dims, words: Vocabulary) -> dict[int, Dims]:
    """The columns whose headings are understood, with what they add to the title. Which total 合计 means depends on the other columns."""
    columns = {i: d for i in table.figure_columns if (d := column_dims(table, i, words, base)) is not None}
    if (
        base.get("流") == "收入"
        and "支出" not in plain(table.title)
        and not any({"流": "收入"}.items() <= d.items() for d in columns.values())
        and any(d.get("资金") == "上年结转" for d in columns.values())
    ):
        for i, d in columns.items():
            if not d:
                columns[i] = {"流": "收入", "量": "总计"}
    elif base == {"流": "收入"} and not any(d.get("流") == "收入" for d in columns.values()):
        for i, d in columns.items():
            if not d:
                columns[i] = {"量": EITHER}
    elif base == {"流": "收入"}:
        for i, d in columns.items():
            if not d:
                columns[i] = {"量": "总计"} if any(x.get("资金") == "上年结转" for x in columns.values()) else {"量": EITHER}
    elif base == {"流": "支出"}:
        for i, d in columns.items():
            if not d:
                columns[i] = {"量": EITHER}
    return columns


def _row_dims(table: ReadTable, n: int, coded: int) -> Dims | None:
    row = table.rows[n]
    if row.code:
        return {"功能" if row.code[0] == "2" else "经济" if row.code[0] == "3" else "政府": row.code}
    first = next((plain(c.text) for c in row.cells if c.text and not c.covered), "")
    if first in ("合计", "总计") or plain(row.label) in ("合计", "总计"):
        return {}
    return {} if len(table.rows) == 1 and not coded else None


def _statement(table: ReadTable, words: Vocabulary) -> Iterator[Fact]:
    base = words.dims(table.title)
    if base is None:
        return
    counted: Counter[Key] = Counter()
    found: list[Fact] = []
    for label_column, figures in table.lists:
        head = table.columns[label_column].path
        government = any("政府" in p for p in head)
        labels = "".join(plain(r.cells[label_column].text) for r in table.rows)
        flow = "收入" if "收入总计" in labels or "本年收入" in labels or (head and "收入" in head[0]) else "支出" if "支出" in labels or (head and "支出" in head[0]) else ""
        parents: dict[int, Dims] = {}
        columns = {i: d for i in figures if (d := column_dims(table, i, words, base)) is not None}
        for row in table.rows:
            text = row.cells[label_column].text
            level, label = ordinal(text)
            if not label or row.cells[label_column].covered:
                continue
            total = bool(re.search(r"^(?:本年)?(?:收入|支出)(?:合计|总计|小计)$|^总计$|^合计$|结转下年|年终结转|年末结转|^上年结转", label))
            deeper = {} if level == 1 or total else {k: v for at in sorted(parents) if at < (level or 9) for k, v in parents[at].items()}
            dims = words.statement_label(text, deeper, government)
            if level and dims is not None:
                parents = {at: d for at, d in parents.items() if at < level} | {level: dims}
            elif level:
                parents = {at: d for at, d in parents.items() if at < level} | {level: {"不明": label}}
            if dims is None or "不明" in deeper or any(k in deeper and deeper[k] != v and k != "流" for k, v in dims.items()) or (total and label in ("总计", "合计")):
                continue
            if not dims and not total:
                continue
            for i, d in columns.items():
                blank = row.cells[i].figure is None and not row.cells[i].text and "功能" in dims
                if row.cells[i].figure is not None or blank:
                    dims_all = {"流": flow} if flow else {}
                    key = _key(base, d, deeper, dims, dims_all)
                    counted[key] += 1
                    found.append(Fact(key, _zero(row.cells[i]), table, f"{label}/{table.columns[i].path[-1]}"))
    same: defaultdict[Key, set[object]] = defaultdict(set)
    for f in found:
        same[f.key].add(f.figure.yuan)
    yield from (f for f in found if counted[f.key] == 1 or dict(f.key).get("流") or len(same[f.key]) == 1)


def by_key(facts: Iterable[Fact]) -> dict[Key, list[Fact]]:
    grouped: defaultdict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.key].append(fact)
    return dict(grouped)

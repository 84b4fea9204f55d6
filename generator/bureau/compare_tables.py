"""Tables against tables: by number, else by title; lines by their identity, else by their words; cells by their headings."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from generator.build.named import squeezed
from generator.bureau.difference import ALIKE, Difference, Key, Kind, Renames
from generator.bureau.views import CellView, RowView, TableView
from generator.pack.schema import folded

MOST_PAIRED = 400  # lines of one table without a partner that are still tried against each other


def table_differences(before: Sequence[TableView], after: Sequence[TableView], body_only: bool, renames: Renames) -> Iterator[Difference]:
    """All that differs in the tables. body_only: titles and notes are left out: they say the year, and are not read from pages alike."""
    old, new = (_by_name(tables) for tables in (before, after))
    pairs = [(k, k) for k in old if k in new]
    titles = {folded(t.title): k for k, t in new.items() if k not in old}
    pairs += [(k, titles[folded(old[k].title)]) for k in old if k not in new and folded(old[k].title) in titles]
    done_old, done_new = {a for a, _ in pairs}, {b for _, b in pairs}
    for a, b in pairs:
        if (old[a].number, folded(old[a].title)) != (new[b].number, folded(new[b].title)):
            yield Difference(new[b].number, Kind.RENAMED, "表号、表名", "", old[a].name, new[b].name)
        yield from _rows(old[a], new[b], body_only, renames)
    for key, kind, side in (*((k, Kind.REMOVED, old) for k in old if k not in done_old), *((k, Kind.ADDED, new) for k in new if k not in done_new)):
        table = side[key]
        figures = sum(c.value is not None for row in table.rows for c in row.cells)
        words = f"{table.name}（{figures} 个数）"
        yield Difference(table.number, kind, "整张表", "", words if kind is Kind.REMOVED else None, words if kind is Kind.ADDED else None)


def _by_name(tables: Iterable[TableView]) -> dict[str, TableView]:
    found: dict[str, TableView] = {}
    for table in tables:
        key = folded(table.number) or folded(table.title)
        n = 1
        while (name := key if n == 1 else f"{key}#{n}") in found:
            n += 1
        found[name] = table
    return found


def _rows(a: TableView, b: TableView, body_only: bool, renames: Renames) -> Iterator[Difference]:
    rename = _renamer(renames)
    old = {r.identity: r for r in (replace(row, identity=rename(row.identity)) for row in a.rows) if not (body_only and r.lead)}
    new = {r.identity: r for r in b.rows if not (body_only and r.lead)}
    pairs = [(old[k], new[k]) for k in old if k in new]
    left, right = [old[k] for k in old if k not in new], [new[k] for k in new if k not in old]
    paired, left, right = _alike(left, right)
    for was, now in pairs:
        yield from _cells(a, b, was, now)
    for was, now in paired:
        if was.label != now.label:
            yield Difference(b.number, Kind.RENAMED, now.label, "行名", was.label, now.label, "", (was.place, now.place))
        yield from _cells(a, b, was, now, skip_labels=was.label != now.label)
    for row, kind in (*((r, Kind.REMOVED) for r in left), *((r, Kind.ADDED) for r in right)):
        gone = kind is Kind.REMOVED
        cells = [c for c in row.cells if c.value is not None] or [CellView("", row.label, None, row.place)]
        for cell in cells:
            value: Decimal | str = cell.value if cell.value is not None else cell.text
            place = (cell.place, "") if gone else ("", cell.place)
            yield Difference(b.number, kind, row.label, cell.path, value if gone else None, None if gone else value, a.unit if gone else b.unit, place)


def _renamer(renames: Renames) -> Callable[[Key], Key]:
    known = {old: new for values in renames.values() for old, new in values.items()}
    return lambda identity: tuple("\0".join(known.get(part, part) for part in word.split("\0")) for word in identity)


def _alike(left: list[RowView], right: list[RowView]) -> tuple[list[tuple[RowView, RowView]], list[RowView], list[RowView]]:
    """Lines without a partner whose labels are much alike, the most alike first; lines of keys pair only when one part of the key differs."""
    scored: list[tuple[float, int, int]] = []
    for i, was in enumerate(left[:MOST_PAIRED]):
        for j, now in enumerate(right[:MOST_PAIRED]):
            if len(was.identity) == len(now.identity) and was.keyed == now.keyed and (not was.keyed or sum(x != y for x, y in zip(was.identity, now.identity, strict=True)) == 1):
                values = [c.value for c in was.cells if c.value], [c.value for c in now.cells if c.value]
                same = bool(values[0]) and values[0] == values[1]
                ratio = difflib.SequenceMatcher(None, was.label, now.label).ratio()
                if ratio >= ALIKE or same:
                    scored.append((-(ratio + same), i, j))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(scored):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return [(left[i], right[j]) for i, j in sorted(pairs.items())], [r for i, r in enumerate(left) if i not in pairs], [r for j, r in enumerate(right) if j not in taken]


def _cells(a: TableView, b: TableView, was: RowView, now: RowView, skip_labels: bool = False) -> Iterator[Difference]:
    old, new = {c.path: c for c in was.cells}, {c.path: c for c in now.cells}
    for path in dict.fromkeys([*old, *new]):
        x, y = old.get(path), new.get(path)
        before, after = (_said(c) for c in (x, y))
        if before == after and (not isinstance(before, Decimal) or a.unit == b.unit or not (a.unit and b.unit)):
            continue
        if isinstance(before, str) and isinstance(after, str) and squeezed(before) == squeezed(after):
            continue  # a page breaks a text where its column ends
        if skip_labels and (x is None or x.value is None) and (y is None or y.value is None):
            continue
        kind = Kind.CHANGED if before is not None and after is not None else Kind.REMOVED if after is None else Kind.ADDED
        unit = (b.unit or a.unit) if after is not None else (a.unit or b.unit)
        yield Difference(b.number, kind, now.label, path, before, after, unit, (x.place if x else "", y.place if y else ""))


def _said(cell: CellView | None) -> Decimal | str | None:
    if cell is None:
        return None
    return cell.value if cell.value is not None else cell.text or None

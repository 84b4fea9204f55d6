"""Which tables of a pack the tables read are, and which pack a set of tables fits: by number, title and headings.

A pack knows the whole set: what may be missing, what each table is headed with, in which unit it is printed, what an empty one says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import msgspec

from generator.model.problem import PackError
from generator.pack import strict_yaml
from generator.pack.layout import read_catalog
from generator.pack.library import Library, templates_folder
from generator.pack.pack import Pack, PackFile, TableSpec, load_pack
from generator.published.facts import is_contents
from generator.published.model import ReadTable
from generator.published.words import plain
from generator.rules import required_tables

FITS = 0.8  # so much of a pack's list must be found, by number and title, before a document is taken to be of it unasked
FEWEST = 4  # tables; below that any two sets look alike
HEADINGS_AGREE = 0.6  # of a table's headings, for a table that is known by its number alone
UNKNOWN = "\0"  # a heading that the layout fills in when it prints (【年度】)


def bare(title: str) -> str:
    """A title for comparing: without year, unit and quotes.

    >>> bare("2023年部门收支总表（万元）") == bare("部门收支总表")
    True
    """
    return re.sub(r"^.{0,30}?\d{4}年度?|\((?:续\d*|单位[:：]?.{0,3}|万元|元)\)|预算公开表", "", plain(title))


def short(number: str) -> str:
    """附表4-8 → 4-8, 预算20表 → 20, 公开05-1表 → 05-1: a table's number as lists of tables write it; empty without one."""
    found = re.search(r"(\d+(?:-\d+)*)(表)?([A-Z]\d?)?", plain(number))
    return (found[1] + (found[3] or "")) if found else ""


def headings(spec: TableSpec) -> tuple[tuple[str, ...], ...]:
    """The headings over each column of a layout, from the top down; UNKNOWN where they are filled in."""
    lines = spec.layout.lines
    cells = [[lines[r].cells[c].parts for r, c in path] for path in spec.layout.paths]
    return tuple(tuple("".join(plain(p) if isinstance(p, str) else UNKNOWN for p in parts) for parts in path) for path in cells)


def over_all(table: ReadTable) -> tuple[str, ...]:
    """What stands over all columns alike under the headings: a word about the whole table (本表无数据), not a heading."""
    paths = [tuple(plain(p) for p in c.path) for c in table.columns if c.path]
    shared = 0
    while len(paths) > 1 and all(len(p) > shared + 1 and p[-shared - 1 :] == paths[0][-shared - 1 :] for p in paths):
        shared += 1
    return paths[0][-shared:] if shared else ()


def printed_headings(table: ReadTable) -> list[tuple[tuple[str, ...], ...]]:
    """The headings over each column of a table read, in every way they may be meant.

    Lines without a figure at the top of the body may still be headings (总计 over one column of several).
    """
    said = len(over_all(table))
    paths = [tuple(plain(p) for p in c.path[: len(c.path) - said]) for c in table.columns]
    ways = [[path] for path in paths]
    for row in table.rows[:2]:
        if row.code or any(c.figure for c in row.cells):
            break
        for way, cell in zip(ways, row.cells, strict=True):
            text = plain(cell.text)
            way.append((*way[-1], text) if text and text != (way[-1] or ("",))[-1] else way[-1])
    return [tuple(w for w in way if w) for way in ways if any(way)]


def same_heading(mine: Sequence[str], printed: Sequence[str]) -> bool:
    """The lowest heading, and one of those above it where both have any, agree. Neither is empty."""
    return _like(mine[-1], printed[-1]) and (len(mine) == 1 or len(printed) == 1 or any(_like(a, b) for a in mine[:-1] for b in printed[:-1]))


def _like(mine: str, printed: str) -> bool:
    if UNKNOWN not in mine:
        return mine == printed
    return bool(re.fullmatch(".{0,12}".join(re.escape(p) for p in mine.split(UNKNOWN)), printed))


def agreeing(spec: TableSpec, table: ReadTable) -> float:
    """How many of the headings of a layout stand over the table, as a share."""
    mine, theirs = [h for h in headings(spec) if h], printed_headings(table)
    return sum(any(same_heading(h, p) for way in theirs for p in way) for h in mine) / len(mine) if mine else 0.0


@dataclass(frozen=True)
class Recognised:
    """A set of tables seen as a pack's. tables: those read for each number of the pack; asked: the pack was named and not guessed.

    own_year: the pack is that of the documents' year, or was asked for; a form of another year may have been changed since.
    """

    pack: Pack
    tables: Mapping[str, Sequence[ReadTable]]
    asked: bool
    own_year: bool = True

    @property
    def name(self) -> str:
        """For the report: which pack, and that it was guessed where it was."""
        return (self.pack.file.name or self.pack.id) + ("" if self.asked else "（按表号、表名认出来的）")

    @cached_property
    def specs(self) -> dict[int, TableSpec]:
        """The pack's table for each table read, by its identity."""
        return {id(t): spec for spec in self.pack.tables for t in self.tables.get(spec.number, ())}

    def said_when_empty(self, table: ReadTable) -> str:
        """What this county prints in a table without data; empty where that is not known."""
        spec = self.specs.get(id(table))
        return "".join(p if isinstance(p, str) else "……" for p in spec.empty_text) if spec is not None else ""


def recognised(pack: Pack, tables: Sequence[ReadTable], asked: bool = True) -> Recognised:
    """Each table read goes to the pack's table of its number and title, of its title, or of its number if the headings agree too."""
    found: defaultdict[str, list[ReadTable]] = defaultdict(list)
    titles = [bare(s.title) for s in pack.tables]
    for table in tables:
        title, number = bare(table.title), short(table.number)
        named = [s for s in pack.tables if title and bare(s.title) == title]
        numbered = [s for s in pack.tables if number and short(s.number) == number]
        both = [s for s in named if s in numbered]
        if both or len(named) == 1:
            spec = (both or named)[0]
        elif named:
            spec = max(named, key=lambda s: agreeing(s, table))
        else:
            spec = next((s for s in numbered if title not in titles and not is_contents(table) and agreeing(s, table) >= HEADINGS_AGREE), None)  # type: ignore[assignment]
        if spec is not None:
            found[spec.number].append(table)
    return Recognised(pack, dict(found), asked)


def fitting(tables: Sequence[ReadTable], year: int = 0) -> Recognised | None:
    """The one built-in pack whose list of numbers and titles the tables clearly are; None when there is none, or more than one.

    year: of the documents, 0 when unknown.
    """
    printed = {(short(t.number), bare(t.title)) for t in tables if t.title}
    fits = [name for name, catalog in _catalogs() if len(catalog) >= FEWEST and len(catalog & printed) >= FITS * len(catalog)]
    if len(fits) != 1:
        return None
    pack = _loaded(fits[0])
    return replace(recognised(pack, tables, asked=False), own_year=pack.file.year == str(year))


@lru_cache(maxsize=1)
def _catalogs() -> list[tuple[str, frozenset[tuple[str, str]]]]:
    """The numbers and titles of every pack there is; a pack that cannot be read is nobody's."""
    library = Library(templates_folder())
    found = []
    for name in library.ids():
        path = library.xlsx(name)
        try:
            entries = read_catalog(path) if path is not None else ()
        except PackError:
            continue
        found.append((name, frozenset((short(number), bare(title)) for number, title in entries)))
    return found


@lru_cache(maxsize=4)
def _loaded(name: str) -> Pack:
    return load_pack(name)


def statutory_tables(pack: Pack | None) -> dict[str, list[str]]:
    """The tables every set has, with the forms of their titles: the settings of the pack's rule of that kind, the same that build uses."""
    rules = pack.file.rules if pack is not None else _base().rules
    kind = required_tables.__name__.rpartition(".")[2]
    return {name: words for rule in rules if rule.kind == kind for name, words in msgspec.convert(rule.params, required_tables.Params, strict=False).tables.items()}


@lru_cache(maxsize=1)
def _base() -> PackFile:
    return strict_yaml.load(templates_folder() / "packs" / "base.yaml", PackFile)

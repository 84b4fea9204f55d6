"""Code lists (科目): functional, departmental economic, governmental economic, and the mapping between the last two.

Codes are text. The list of functional codes in templates/codes is not complete, so an unknown code is a warning to the
clerk; it is an error in the lists that the pack calls complete (`complete_codes`). Another name is always a warning.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, ValuesView
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from generator.model.problem import PackError
from generator.pack.schema import folded


@dataclass(frozen=True, slots=True)
class Code:
    """One subject: code, name, other names it goes by (old names, common spellings)."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


class CodeList(Mapping[str, Code]):
    """Codes by number, in order."""

    def __init__(self, codes: Iterable[Code]) -> None:
        self._codes = {c.code: c for c in sorted(codes, key=lambda c: c.code)}

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def __iter__(self):
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def values(self) -> ValuesView[Code]:
        return self._codes.values()

    def named(self, name: str) -> tuple[Code, ...]:
        """The codes that go by a name, written with or without blanks and brackets of the one or the other kind."""
        return self._named.get(folded(name), ())

    @cached_property
    def _named(self) -> dict[str, tuple[Code, ...]]:
        found: dict[str, tuple[Code, ...]] = {}
        for code in self._codes.values():
            for name in dict.fromkeys(map(folded, (code.name, *code.aliases))):
                found[name] = (*found.get(name, ()), code)
        return found

    def name(self, code: str) -> str:
        """The name; of an unknown code, that of its parent; empty when nothing is known."""
        while code:
            if code in self._codes:
                return self._codes[code].name
            code = code[:-2] if len(code) > 3 else ""
        return ""

    def under(self, prefix: str, digits: int) -> list[Code]:
        """The codes of `digits` places below `prefix`."""
        return [c for c in self._codes.values() if c.code.startswith(prefix) and len(c.code) == digits]

    def with_(self, more: Iterable[Code]) -> CodeList:
        """A copy with additions; a code that exists is replaced."""
        return CodeList([*(c for c in self._codes.values()), *more])


@cache
def _rows(path: Path) -> tuple[dict[str, str], ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as f:
            return tuple(csv.DictReader(f))
    except OSError:
        raise PackError(f"找不到科目表 {path.name}") from None


@cache
def read_codes(*files: Path) -> CodeList:
    """The lists laid over each other: a later one replaces or adds."""
    codes: dict[str, Code] = {}
    for file in files:
        for row in _rows(file):
            aliases = tuple(a for a in (row.get("alias") or "").split(";") if a)
            codes[row["code"]] = Code(row["code"], row["name"], aliases)
    return CodeList(codes.values())


@cache
def read_mapping(file: Path, editions: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """(departmental item, 行政参公 or 事业) → governmental item.

    A class (302) maps to the one item all its items map to (50502 for a public unit), else to the one class (502). Source: the two-way table of 支出经济分类科目, as collected
    in templates/codes/economic_mapping.csv.
    """
    mapping: dict[tuple[str, str], str] = {}
    for row in _rows(file):
        known = (row["dept_code"], row["unit_kind"]) in mapping
        if row["edition"] in editions or (not known and not any(e in row["edition"] for e in ("版款级",))):
            mapping[row["dept_code"], row["unit_kind"]] = row["gov_code"]
    classes: dict[tuple[str, str], set[str]] = {}
    for (dept, kind), gov in list(mapping.items()):
        classes.setdefault((dept[:3], kind), set()).add(gov)
    for (dept, kind), govs in classes.items():
        found = govs if len(govs) == 1 else {gov[:3] for gov in govs}
        if len(found) == 1:
            mapping.setdefault((dept, kind), next(iter(found)))
    return mapping

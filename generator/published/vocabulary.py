"""What the words of titles, headings, row names and sentences restrict a figure to. The words are data (templates/audit/words.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from generator.pack.codes import CodeList, read_codes
from generator.pack.library import templates_folder
from generator.pack.pack import Pack
from generator.pack.strict_yaml import load
from generator.published.words import ordinal, plain

Dims = dict[str, str]


class Meaning(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """words: ways of saying it; is_: what it restricts, by dimension."""

    words: list[str]
    is_: dict[str, str] = msgspec.field(name="is", default_factory=dict)


class Line(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table whose headings have a meaning of their own; title: the word in its title."""

    title: str
    words: list[Meaning]


class Words(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    dimensions: list[Meaning]
    neutral: list[str]
    beside: list[str]
    lines: dict[str, Line]
    names: list[Meaning] = []
    text_neutral: list[str] = []
    not_mine: list[str] = []
    absences: list[Absence] = []
    residue: list[str] = []
    residue_forms: list[str] = []
    final_words: list[str] = []
    required: list[Required] = []
    empty_reasons: list[str] = []


class Absence(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """words that may be said to be absent, and the figure that must be 0 then."""

    words: list[str]
    is_: dict[str, str] = msgspec.field(name="is")


class Required(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A section every explanation has. any: one of these words stands in it."""

    name: str
    any: list[str]


def audit_folder() -> Path:
    return templates_folder() / "audit"


class Vocabulary:
    """The words with the code lists of a year; a pack's own lists where one is given."""

    def __init__(self, year: int = 0, pack: Pack | None = None) -> None:
        self.words = load(audit_folder() / "words.yaml", Words)
        codes = templates_folder() / "codes"
        if pack is not None:
            self.functional, self.department, self.government = pack.functional, pack.department, pack.government
        else:
            files = [codes / "functional_2022.csv"] if not year or year >= 2021 else [codes / "functional_2022.csv", codes / "functional_2019.csv"]
            files += [codes / "functional_2023.csv"] if year >= 2023 else []
            files += [codes / "functional_after_2023.csv"] if year >= 2024 else []
            self.functional = read_codes(*files)
            self.department = read_codes(codes / "economic_department.csv")
            self.government = read_codes(codes / "economic_government.csv")

    @cached_property
    def _tokens(self) -> list[tuple[str, Dims]]:
        tokens = {plain(w): m.is_ for m in self.words.dimensions for w in m.words}
        return sorted(tokens.items(), key=lambda t: -len(t[0]))

    @cached_property
    def _neutral(self) -> list[str]:
        return sorted((plain(w) for w in self.words.neutral), key=len, reverse=True)

    @cached_property
    def _department_names(self) -> dict[str, str]:
        return _names(self.department)

    @cached_property
    def _government_names(self) -> dict[str, str]:
        return _names(self.government)

    @cached_property
    def classes(self) -> dict[str, str]:
        """Names and old names of the functional classes → code."""
        known = {plain(c.name): c.code for c in self.functional.values() if len(c.code) == 3}
        for name in list(known):
            known[re.sub(r"支出$", "", name)] = known[name]
        for old, code in (("医疗卫生与计划生育支出", "210"), ("文化体育与传媒支出", "207"), ("国土海洋气象等支出", "220"), ("资源勘探信息等支出", "215"), ("资源勘探电力信息等支出", "215")):
            known.setdefault(plain(old), code)
        return known

    def economic(self, name: str, government: bool = False, under: str = "") -> str:
        """The code of an economic item by its name; empty when the list does not know it."""
        names = self._government_names if government else self._department_names
        code = names.get(plain(name), "")
        if under and government:
            code = next((c.code for c in self.government.values() if c.code.startswith(under) and plain(c.name) == plain(name)), "" if not code.startswith(under) else code)
        return code

    def dims(self, text: str, economic: bool = False, government: bool = False) -> Dims | None:
        """What the words restrict; None when some of them are not understood.

        >>> v = Vocabulary(2023)
        >>> v.dims("一般公共预算基本支出表"), v.dims("部门收支总表"), v.dims("某某情况统计表")
        ({'资金': '一般公共预算', '类型': '基本支出'}, {}, None)
        """
        rest = re.sub(r"^.{0,30}?\d{4}年度?", "", plain(text))
        found: Dims = {}
        while rest:
            for word, dims in self._tokens:
                if rest.startswith(word):
                    found.update(dims)
                    rest = rest[len(word) :]
                    break
            else:
                step = self._economic_prefix(rest, government) if economic else None
                if step:
                    found[step[1]] = step[2]
                    rest = rest[len(step[0]) :]
                    continue
                word = next((w for w in self._neutral if rest.startswith(w)), "")
                if not word:
                    return None
                rest = rest[len(word) :]
        return found

    def _economic_prefix(self, rest: str, government: bool) -> tuple[str, str, str] | None:
        names = self._government_names if government else self._department_names
        name = next((rest[:n] for n in range(min(len(rest), 24), 2, -1) if rest[:n] in names), "")
        if not name and rest.startswith("一般商品和服务支出"):
            return "一般商品和服务支出", "经济", "302"
        return (name, "政府" if government else "经济", names[name]) if name else None

    def own_meaning(self, title: str, heading: str) -> Dims | None:
        """For a table with headings of its own (三公): what the heading means there."""
        for line in self.words.lines.values():
            if line.title in plain(title):
                for meaning in line.words:
                    if plain(heading) in (plain(w) for w in meaning.words):
                        return dict(meaning.is_)
        return None

    def line_of(self, title: str) -> str:
        return next((name for name, line in self.words.lines.items() if line.title in plain(title)), "")

    def statement_label(self, text: str, parent: Dims, government: bool) -> Dims | None:
        """A row of a statement: 一般公共服务支出 is a class, 工资福利支出 an economic item, 一般公共预算拨款 a source."""
        _, label = ordinal(text)
        label = re.sub(r"^其中[:：]?", "", label)
        if label in self.classes and not government and not ({"类型"} & set(parent)):
            return {"功能": self.classes[label]}
        code = self.economic(label, government)
        if not code and label == "一般商品和服务支出":
            code = "302"
        if code and len(code) == 3:
            return {"政府" if government else "经济": code}
        return self.dims(label)

    def is_beside(self, path: tuple[str, ...]) -> bool:
        return any(word in plain(part) for part in path for word in self.words.beside)


def _names(codes: CodeList) -> dict[str, str]:
    names: dict[str, str] = {}
    for code in codes.values():
        for name in (code.name, *code.aliases):
            names.setdefault(plain(name), code.code)
    return names


def shown(dims: Mapping[str, str]) -> str:
    """Dimensions as words: 支出 一般公共预算 基本支出 201."""
    return " ".join(dict.fromkeys(v for k, v in sorted(dims.items()) if k != "量" or v != "")) or "合计"

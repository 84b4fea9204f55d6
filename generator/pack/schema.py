"""The schema of the master workbook: sheets, columns, types. One file (templates/packs/master.yaml) makes blanks and reads filled ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from generator.model.problem import PackError
from generator.pack import strict_yaml

TYPES = ("单位", "功能科目", "部门经济", "政府经济", "来源", "项目", "金额", "整数", "数量", "文字", "长文", "日期", "年度", "选项")
NUMBER_TYPES = ("金额", "整数", "数量")
REST, CLASS_ONLY = "（其余）", "（未细分到款）"  # in a wide sheet: what is left of a split item; a class that could not be split


@lru_cache(maxsize=16384)
def folded(text: object) -> str:
    """Text for comparing headings and names: width folded, blanks, dashes, quotes and brackets' variants made one.

    >>> folded("单位代码（预算）\\n") == folded("单位 代码(预算)")
    True
    """
    s = unicodedata.normalize("NFKC", "" if text is None else str(text))
    s = re.sub(r"[-—–―‐‑]+", "-", s)
    return re.sub(r"[\s\"“”'‘’《》:,，。、·*]+", "", s).lower()


SERIAL = frozenset("0123456789一二三四五六七八九十甲乙丙丁上中下东南西北前后左右新老abcdefgh")  # tell names apart: 一期, 二期


def one_slip(a: str, b: str) -> bool:
    """Whether two names differ by one character too many, missing or wrong, as a slip of the hand does; serial characters are no slip.

    >>> one_slip("政务网络运行及维护", "政务网络运行及维"), one_slip("平台建设一期", "平台建设二期"), one_slip("甲项目", "乙项目")
    (True, False, False)
    """
    one, other = folded(a), folded(b)
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 3:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    changed = one[start : len(one) - end] + other[start : len(other) - end]
    return max(len(one), len(other)) - start - end == 1 and not set(changed) & SERIAL


class Column(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A column of a master sheet; the comment at the head of master.yaml explains each key."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    key: bool = False
    measure: str = ""
    default: bool = False
    unit: str = ""
    choice_list: str = msgspec.field(default="", name="list")  # not `list`: the name would hide the type
    choices: tuple[str, ...] = ()
    blank: str = ""
    names: str = ""
    note: str = ""
    width: float = 14
    ignore: bool = False
    added: bool = True  # False: a price or a number of unlike things, printed only where a line is one record
    signed: bool = False  # may be below zero (负债总额)
    open: bool = False  # of a measure: blank has a meaning of its own (不填就是全部金额), the line is read without it

    @property
    def numeric(self) -> bool:
        return self.type in NUMBER_TYPES


class Spread(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A wide block: one column per economic item of `classes`, each filled cell one record with the code in `into`."""

    classes: list[str]
    into: str
    measure: str


class Sheet(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A sheet of the master workbook."""

    name: str
    about: str
    who: str
    dataset: str = ""
    aliases: tuple[str, ...] = ()
    amount_unit: str = ""
    set: dict[str, str] = {}
    lines: list[Column] = []
    columns: list[Column] = []
    spread: Spread | None = None

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)


class Schema(msgspec.Struct, forbid_unknown_fields=True, frozen=True, dict=True):
    """The whole workbook."""

    version: str
    template: str
    sheets: list[Sheet]

    def sheet(self, name: str) -> Sheet:
        return next(s for s in self.sheets if s.name == name)

    @property
    def datasets(self) -> list[str]:
        return list(dict.fromkeys(s.dataset for s in self.sheets if s.dataset))

    def measures(self, dataset: str) -> Mapping[str, Column | None]:
        """Words for what can be summed in a dataset, the default first."""
        return self._measures.get(dataset, {})

    @cached_property
    def _measures(self) -> dict[str, dict[str, Column | None]]:
        found: dict[str, dict[str, Column | None]] = {}
        for sheet in self.sheets:
            own = found.setdefault(sheet.dataset, {})
            if sheet.spread:
                own.setdefault(sheet.spread.measure, None)
            for c in sorted(sheet.columns, key=lambda c: not c.default):
                if c.measure:
                    own.setdefault(c.measure, c)
        return found

    def fields(self, dataset: str) -> Mapping[str, Column]:
        """The non-measure columns of a dataset by name."""
        return self._fields.get(dataset, {})

    @cached_property
    def _fields(self) -> dict[str, dict[str, Column]]:
        found: dict[str, dict[str, Column]] = {}
        for sheet in self.sheets:
            found.setdefault(sheet.dataset, {}).update({c.name: c for c in sheet.columns if not c.measure})
        return found


def load_schema(file: Path) -> Schema:
    """The schema in master.yaml; PackError when a type is wrong."""
    schema = strict_yaml.load(file, Schema)
    for sheet in schema.sheets:
        for column in [*sheet.lines, *sheet.columns]:
            if column.type not in TYPES:
                raise PackError(f"master.yaml {sheet.name}·{column.name} 不认识类型“{column.type}”；可用：{'、'.join(TYPES)}")
    return schema


def spread_heading(code: str, name: str, item: str = "", rest: bool = False) -> str:
    """The heading of a column of a wide sheet, as blanks print it and as it is found again."""
    if item:
        return f"{code}\n{name}—{item}"
    return f"{code}\n{name}{REST if rest else ''}" if len(code) > 3 else f"{code}\n{name}{CLASS_ONLY}"

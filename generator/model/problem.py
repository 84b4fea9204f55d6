"""Where something stands, and what is wrong with it, in words a clerk can act on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from generator.model.private_text import hide_numbers


class Level(StrEnum):
    """错误 stops a build; 警告 wants a look; 提示 is for information."""

    ERROR = "错误"
    WARNING = "警告"
    HINT = "提示"


@cache
def column_letters(column: int) -> str:
    """Excel's letters of a 1-based column number.

    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a person looks: a file, a sheet in it, a cell in that. row and column are 1-based, 0 when the whole is meant."""

    file: str
    sheet: str = ""
    row: int = 0
    column: int = 0

    @property
    def cell(self) -> str:
        """`C7`; `C` for a whole column, `第7行` for a whole row, empty for a whole sheet."""
        if self.row and self.column:
            return f"{column_letters(self.column)}{self.row}"
        if self.row:
            return f"第{self.row}行"
        return f"{column_letters(self.column)}列" if self.column else ""

    def __str__(self) -> str:
        return "!".join(part for part in (self.file, self.sheet, self.cell) if part)


@dataclass(frozen=True, slots=True)
class Problem:
    """The data are wrong, or worth a look. `message` says what, `hint` how to mend it, `rule` which rule found it.

    Messages quote what clerks wrote; numbers of persons in them are masked, wherever they are then shown.
    """

    level: Level
    place: Place
    message: str
    hint: str = ""
    rule: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", hide_numbers(self.message))
        object.__setattr__(self, "hint", hide_numbers(self.hint))

    def __str__(self) -> str:
        rule = f"  [{self.rule}]" if self.rule else ""
        hint = f"\n    改法：{self.hint}" if self.hint else ""
        return f"{self.place}  {self.level}  {self.message}{rule}{hint}"


@dataclass(slots=True)
class Problems:
    """What the stages have found so far, in the order found; `sorted` gives reading order."""

    found: list[Problem] = field(default_factory=list)
    sheet_order: dict[str, int] = field(default_factory=dict)

    def error(self, place: Place, message: str, hint: str = "", rule: str = "") -> None:
        self.found.append(Problem(Level.ERROR, place, message, hint, rule))

    def warn(self, place: Place, message: str, hint: str = "", rule: str = "") -> None:
        self.found.append(Problem(Level.WARNING, place, message, hint, rule))

    def hint(self, place: Place, message: str, hint: str = "", rule: str = "") -> None:
        self.found.append(Problem(Level.HINT, place, message, hint, rule))

    def extend(self, problems: Iterable[Problem]) -> None:
        self.found.extend(problems)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.found if p.level is Level.ERROR]

    def sorted(self) -> list[Problem]:
        """Reading order: by sheet as the workbook has them, then row, then column."""
        return sorted(self.found, key=lambda p: (self.sheet_order.get(p.place.sheet, -1 if not p.place.sheet else 999), p.place.row, p.place.column))


class DataError(Exception):
    """The input cannot be read at all; carries the problems to show. Exit status 1."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def _said_once(messages: Iterable[str]) -> Iterator[str]:
    """A long list of allowed words stands in the first message that gives it; later ones refer to it."""
    told: set[str] = set()
    for message in messages:
        start, _, rest = message.partition("；可用：")
        allowed, query, near = rest.partition("；是不是")
        yield message if allowed not in told or len(allowed) < 60 else f"{start}；可用同上{query}{near}"
        told.add(allowed)


class PackError(Exception):
    """A pack is wrong. Each line names file, sheet and cell (or line) and the allowed words. Exit status 2."""

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(_said_once(messages)))
        self.messages = messages


class UnknownPack(PackError):
    """There is no pack of that name."""


class UsageError(Exception):
    """The command was given something it cannot use (a missing file, an unknown pack). Exit status 2."""


class OutputError(Exception):
    """The results cannot be written where asked. Exit status 2; nothing was left half-written."""

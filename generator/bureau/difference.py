"""One thing that differs between two versions or years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
ALIKE = 0.6  # how much of two names must be the same for one to be the other renamed
Renames = Mapping[str, Mapping[str, str]]  # field → old value → new value, of the older side
Key = tuple[str, ...]


class Kind(StrEnum):
    """What happened to a thing."""

    CHANGED = "改"
    ADDED = "增加"
    REMOVED = "删去"
    RENAMED = "改名改码"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. part: 主要数字, 支出, 文字, a table …; what: which line; item: which figure or field of it.

    before, after: an amount in `unit` (元 exact, or as the table prints it), a text, or None for nothing there.
    """

    part: str
    kind: Kind
    what: str
    item: str
    before: Decimal | str | None
    after: Decimal | str | None
    unit: str = ""
    place: tuple[str, str] = ("", "")  # where it stands, before and after

    @property
    def change(self) -> Decimal | None:
        """By how much; what is not there counts nothing. None when it is no figure."""
        if isinstance(self.before, str) or isinstance(self.after, str):
            return None
        return (self.after or ZERO) - (self.before or ZERO)

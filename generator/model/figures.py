"""How a figure is written: the few of Excel's number formats that budget tables use, for Word, PDF and read-back alike."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from generator.model.amount import grouped


@cache
def sections(number_format: str) -> tuple[str, ...]:
    """A number format's parts: positive, negative, zero, text."""
    return tuple(number_format.split(";"))


@cache
def decimals(number_format: str) -> int:
    """Places after the point of a format's first part.

    >>> decimals("#,##0.00"), decimals("0")
    (2, 0)
    """
    found = re.search(r"\.([0#]+)", sections(number_format)[0])
    return len(found[1]) if found else 0


def written(value: Decimal, number_format: str) -> str:
    """`value` (already rounded) as the format writes it; a zero with an empty third part is blank.

    >>> written(Decimal("1296.69"), "#,##0.00"), written(Decimal("0.00"), "0.00;-0.00;"), written(Decimal(0), '0;-0;"—"')
    ('1,296.69', '', '—')
    """
    parts = sections(number_format)
    if not value and len(parts) >= 3 and not re.search(r"[0#]", parts[2]):
        return parts[2].strip('"')
    return grouped(value, decimals(number_format), "," in parts[0])


def with_zero(number_format: str, zero: str, places: int) -> str:
    """A layout's number format completed: General gets `places`, and zero is written as the table's rule (空白, 0.00, 0, —) says.

    A format that has its own third part is left alone: the officer has decided.
    """
    base = number_format if re.search(r"[0#]", number_format) else ("0." + "0" * places if places else "0")
    if len(sections(base)) >= 3 or zero == "0.00":
        return base
    positive = sections(base)[0]
    return f"{positive};-{positive};" + {"空白": "", "0": "0", "—": '"—"'}[zero]

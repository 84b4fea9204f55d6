"""Money. Exact Decimal in 元 everywhere; rounded here and nowhere else.

Rounding is half up, away from zero (四舍五入), as Excel's ROUND and budget practice do; Python's own round() is
half-even on binary floats and is never used on money.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

YUAN_PER_UNIT = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10000), "亿元": Decimal(100000000)}
CENT = Decimal("0.01")  # one 分, the finest amount a master may hold; also the two decimals a table prints


def to_unit(yuan: Decimal, unit: str) -> Decimal:
    """`yuan` expressed in `unit` (元, 千元, 万元, 亿元), unrounded."""
    return yuan / YUAN_PER_UNIT[unit]


def to_yuan(amount: Decimal, unit: str) -> Decimal:
    """An amount written in `unit` as 元, exact.

    >>> to_yuan(Decimal("1296.69"), "万元")
    Decimal('12966900.00')
    """
    return amount * YUAN_PER_UNIT[unit]


def half_up(value: Decimal, decimals: int = 2) -> Decimal:
    """Rounded half away from zero to `decimals` places.

    >>> half_up(Decimal("-0.125")), half_up(Decimal("2.5"), 0)
    (Decimal('-0.13'), Decimal('3'))
    """
    rounded = value.quantize(_last_place(decimals), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)  # no "-0.00"


@cache
def _last_place(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def printed(yuan: Decimal, unit: str, decimals: int = 2) -> Decimal:
    """The amount as a table prints it: in `unit`, `decimals` places, half up.

    >>> printed(Decimal("1250"), "万元")
    Decimal('0.13')
    """
    return half_up(to_unit(yuan, unit), decimals)


def rounding_slack(parts: int, last_digit: Decimal) -> Decimal:
    """How far a total may lie from the sum of its `parts`, all known only to half of `last_digit` 元.

    >>> rounding_slack(3, Decimal(100)) == 200  # three parts printed as 0.01 万元
    True
    """
    return last_digit / 2 * (parts + 1)


def grouped(value: Decimal, decimals: int = 2, comma: bool = False) -> str:
    """A printed amount as text.

    >>> grouped(Decimal("1296.69"), comma=True)
    '1,296.69'
    """
    return f"{value:{',' if comma else ''}.{decimals}f}"


def show(yuan: Decimal | None, unit: str = "元") -> str:
    """An amount for a message, with its unit; None reads 空白.

    >>> show(Decimal("123000"), "万元"), show(None)
    ('12.30 万元', '空白')
    """
    return "空白" if yuan is None else f"{grouped(printed(yuan, unit), comma=unit == '元')} {unit}"

"""The arithmetic of a change as printed: 今 100 万元，比上年增加 10 万元，增长 11.11%. Interval method.

Every printed figure stands for an interval of half its last digit to both sides. Wrong is only what no choice within the intervals
explains; what is explained but does not agree digit for digit is rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.model.amount import half_up
from generator.published.checks.sums import money
from generator.published.model import Figure
from generator.published.narrative import Group, Said, up
from generator.published.rulebook import Rule

HUNDRED = Decimal(100)
LOOSE = Decimal("0.05")  # percentage points off the printed figures that are not worth a word: exact figures differ by as much


@dataclass(frozen=True, slots=True)
class Wrong:
    """rule: which, with its values; at: the figure in the text that is wrong."""

    rule: Rule
    values: dict[str, str]
    at: Said


def percent_between(delta: Figure, base: Figure) -> tuple[Decimal, Decimal] | None:
    """The smallest and largest percentage that delta/base may be: any large one when the base may be as good as 0. None when it is 0."""
    low, high = abs(base.yuan) - base.half, abs(base.yuan) + base.half
    if not base.yuan:
        return None
    most = (abs(delta.yuan) + delta.half) / low * HUNDRED if low > 0 else Decimal("Infinity")
    return max(Decimal(0), (abs(delta.yuan) - delta.half)) / high * HUNDRED, most


def agrees(said: Said, between: tuple[Decimal, Decimal] | None) -> bool:
    """The printed percentage is one that rounding may have given."""
    if between is None:
        return False
    half = said.figure.step / 2
    return between[0] - half <= said.percent <= between[1] + half


def difference(a: Figure, b: Figure) -> Figure:
    return Figure(a.value - b.value, a.yuan - b.yuan, a.step + b.step)


def check_change(group: Group, values: Sequence[Figure]) -> Iterator[Wrong]:
    """What is wrong in a told change. values: what this year's amount may be (that of the sentence, or those of the tables)."""
    said = group.delta or group.percent
    if said is None:
        return
    rising = up(group.way) if group.delta else up(group.percent_way)
    if group.delta and group.percent and up(group.way) is not up(group.percent_way):
        yield Wrong(Rule.OPPOSITE_WAYS, {"金额": f"{group.way}{group.delta.text}", "百分比": f"{group.percent_way}{group.percent.text}"}, group.percent)
        return
    if group.percent and rising is False and group.percent.percent > HUNDRED and not any(v.yuan < 0 for v in values):
        yield Wrong(Rule.FALL_OVER_100, {"印的": group.percent.text, "约": _right(group, values)}, group.percent)
        return
    if group.last is not None and values and group.delta is not None:
        bad = _against_last(group, values, bool(rising))
        if bad:
            yield bad
            return
    if group.last is not None and values and group.delta is None and group.percent is not None:
        now = values[0]
        gap = now.yuan - group.last.figure.yuan
        if abs(gap) > now.half + group.last.figure.half and (gap > 0) is (rising is False):
            values_said = {"本年": money(now.yuan, "万元"), "上年": group.last.text, "应为": "增长" if gap > 0 else "下降", "印的": group.percent_way, "差": money(abs(gap), "万元")}
            yield Wrong(Rule.WAY, values_said, group.percent)
            return
    if group.percent is not None and group.percent.unit == "%":
        yield from _percent(group, values, bool(rising))


def _against_last(group: Group, values: Sequence[Figure], rising: bool) -> Wrong | None:
    assert group.last is not None
    assert group.delta is not None
    last, delta = group.last.figure, group.delta.figure
    for now in values:
        gap = now.yuan - last.yuan
        if abs(gap - (delta.yuan if rising else -delta.yuan)) <= now.half + last.half + delta.half:
            return None
    now = values[0]
    gap = now.yuan - last.yuan
    word = "增加" if gap > 0 else "减少"
    told = {"本年": money(now.yuan, "万元"), "上年": group.last.text, "应为": word, "差": money(abs(gap), "万元")}
    if abs(abs(gap) - delta.yuan) <= now.half + last.half + delta.half:
        return Wrong(Rule.WAY, {**told, "印的": group.way}, group.delta)
    return Wrong(Rule.CHANGE, {**told, "印的": f"{group.way}{group.delta.text}"}, group.delta)


def _bases(group: Group, values: Sequence[Figure], rising: bool) -> list[tuple[Figure, Figure]]:
    """(change, base) pairs the percentage may have been taken from."""
    pairs: list[tuple[Figure, Figure]] = []
    if group.last is not None:
        if group.delta is not None:
            pairs.append((group.delta.figure, group.last.figure))
        pairs += [(difference(v, group.last.figure), group.last.figure) for v in values]
    elif group.delta is not None:
        d = group.delta.figure
        for v in values:
            base = v.yuan - d.yuan if rising else v.yuan + d.yuan
            pairs.append((d, Figure(base, base, max(v.step, d.step) if v.step != d.step else v.step * 2)))
    return pairs


def _percent(group: Group, values: Sequence[Figure], rising: bool) -> Iterator[Wrong]:
    assert group.percent is not None
    pairs = [p for p in _bases(group, values, rising) if p[1].yuan > 0]
    if group.last is not None and group.last.figure.yuan == 0 and group.percent.percent:
        yield Wrong(Rule.RISE_FROM_NOTHING, {}, group.percent)
        return
    if not pairs or (group.value is not None and group.value.figure.yuan < 0):
        return
    if any(agrees(group.percent, percent_between(d, b)) for d, b in pairs):
        rights = [abs(d.yuan) / abs(b.yuan) * HUNDRED for d, b in pairs]
        if all(abs(r - group.percent.percent) > group.percent.figure.step / 2 + LOOSE for r in rights):
            yield Wrong(Rule.PERCENT_TAIL, {"应为": f"{half_up(rights[0])}%", "印的": group.percent.text}, group.percent)
        return
    d, base = pairs[0]
    right = abs(d.yuan) / abs(base.yuan) * HUNDRED
    places = max(2, -int(group.percent.figure.step.as_tuple().exponent))
    now = values[0] if values else None
    rule = Rule.PERCENT
    if now is not None and now.yuan and agrees(group.percent, percent_between(d, now)):
        rule = Rule.PERCENT_OF_THIS_YEAR
    elif int(right / group.percent.figure.step) * group.percent.figure.step == group.percent.percent:
        rule = Rule.PERCENT_CUT
    told = {"增减": f"{'增加' if rising else '减少'}{money(abs(d.yuan), '万元')}", "上年": money(abs(base.yuan), "万元"), "应为": f"{half_up(right, places)}%", "印的": group.percent.text}
    yield Wrong(rule, told, group.percent)


def _right(group: Group, values: Sequence[Figure]) -> str:
    pairs = [p for p in _bases(group, values, False) if p[1].yuan > 0]
    return f"，约{half_up(abs(pairs[0][0].yuan) / pairs[0][1].yuan * HUNDRED)}%" if pairs else ""

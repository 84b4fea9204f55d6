"""Controlled rounding (受控舍入): every item goes up or down so that each sum stays within one digit and chosen sums are hit.

The method is the statistical offices': Bacharach (1966) and Cox and Ernst (1982) for tables of two dimensions, where it is a
network flow and always possible; Causey, Cox and Ernst (1985) and Kelly, Golden and Assad (1993) for three, where it is not
always. A budget set is of the second kind (科目 × 经济分类 × 来源, in many tables at once), so it is an integer program here,
as RULES 5 (舍入与加总, 策略 3) asks, and the solver is HiGHS, through scipy:

    a variable of 0 or 1 for each item (down, up); a line for each sum;
    first  as few and as unimportant sums as possible miss what is wanted of them,
    then   as little as possible goes another way than 四舍五入 sends it.

No clock is asked. The first question may divide its search `STEPS` times, so that the same amounts come out the same on every
machine, and a search that leads nowhere ends; the second, whose answer is only ever a nicer one, gets one step.

scipy takes half a second to load and comes with the extra `rounding`, so it is imported only where something is to be rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.build.select import bits
from generator.model.problem import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

STEPS = 100  # nodes of the search tree; every budget set seen needs one
GAP = 0.01  # moves are the fewest to within 1 %: the proof of the last one takes most of the time
INFEASIBLE = 2  # scipy's word for: there is no solution
NO_SCIPY = "这一册的套表要求统一舍入（各表都加得拢），要用到没有装的 scipy。请运行：python -m pip install scipy，装好后再生成；装不了的，请财政局把套表改为“各格舍入”"

Terms = tuple[tuple[int, int], ...]  # sign, items as the bits of an int


@dataclass(frozen=True, slots=True)
class Limit:
    """A sum of items. How many of them go up (down, where the sign is −1) lies from `low` to `high`, whatever happens.

    wanted: what it should be, for a sum that matters; weight: how much one digit off counts.
    """

    terms: Terms
    low: int
    high: int
    wanted: int | None = None
    weight: int = 1

    def count(self, up: int) -> int:
        """What the sum comes to when the items `up` go up."""
        return sum(sign * (mask & up).bit_count() for sign, mask in self.terms)


@dataclass(frozen=True, slots=True)
class Choice:
    """up: the items that go up, as bits; None when there is no way. proven: that there is none, not that it was not found."""

    up: int | None
    proven: bool = False


def choose(plain: int, costs: Mapping[int, float], limits: Sequence[Limit], steps: int = STEPS) -> Choice:
    """Which items go up.

    plain: the items that go up by themselves (四舍五入), as bits. costs: every item → what it costs to send it the other
    way, above 0. UsageError when scipy is needed and not installed.

    >>> thirds = choose(0, {0: 0.3, 1: 0.2, 2: 0.3}, [Limit(((1, 0b111),), 0, 2, wanted=1)])
    >>> f"{thirds.up:03b}"  # three thirds make one: the item that costs least goes up
    '010'
    """
    if all(limit.low <= (count := limit.count(plain)) <= limit.high and limit.wanted in (None, count) for limit in limits):
        return Choice(plain)
    if any(limit.low > limit.high for limit in limits):
        return Choice(None, proven=True)
    try:
        import scipy.optimize  # noqa: F401
    except ImportError:
        raise UsageError(NO_SCIPY) from None
    program = _Program(plain, costs, limits)
    missed = program.solved(program.misses, 0.0, steps)
    if missed.x is None:
        return Choice(None, proven=missed.status == INFEASIBLE)
    least = program.solved(program.moves, GAP, steps=1, at_most=float(program.misses @ missed.x))
    x = missed.x if least.x is None else least.x
    up = sum(1 << item for n, item in enumerate(costs) if x[n] > 0.5)
    assert all(limit.low <= limit.count(up) <= limit.high for limit in limits), "the solver's answer breaks a limit"
    return Choice(up)


class _Program:
    """The items, then for every wanted sum how far it lies below and above what is wanted."""

    def __init__(self, plain: int, costs: Mapping[int, float], limits: Sequence[Limit]) -> None:
        import numpy as np
        from scipy import sparse

        column = {item: n for n, item in enumerate(costs)}
        wanted = [(n, limit, limit.wanted) for n, limit in enumerate(limits) if limit.wanted is not None]
        entries = [(sign, n, column[item]) for n, limit in enumerate(limits) for sign, mask in limit.terms for item in bits(mask)]
        for k, (n, _, _) in enumerate(wanted):
            entries += [(1, n, len(costs) + k), (-1, n, len(costs) + len(wanted) + k)]
        signs, rows, columns = zip(*entries, strict=True)
        self.matrix = sparse.csr_matrix((np.array(signs, dtype=float), (rows, columns)), shape=(len(limits), len(costs) + 2 * len(wanted)))
        self.low = np.array([limit.low if limit.wanted is None else limit.wanted for limit in limits], dtype=float)
        self.high = np.array([limit.high if limit.wanted is None else limit.wanted for limit in limits], dtype=float)
        off = [(max(aim - limit.high, 0), aim - limit.low) for _, limit, aim in wanted] + [(max(limit.low - aim, 0), limit.high - aim) for _, limit, aim in wanted]
        self.least = np.array([0] * len(costs) + [least for least, _ in off], dtype=float)
        self.most = np.array([1] * len(costs) + [max(most, 0) for _, most in off], dtype=float)
        self.misses = np.array([0] * len(costs) + [limit.weight for _, limit, _ in wanted] * 2, dtype=float)
        self.moves = np.array([-cost if plain >> item & 1 else cost for item, cost in costs.items()] + [0] * 2 * len(wanted), dtype=float)
        self.whole = np.array([1] * len(costs) + [0] * 2 * len(wanted))

    def solved(self, aim: Floats, gap: float, steps: int, at_most: float | None = None) -> Any:
        """scipy's answer to the least `aim`, to within the share `gap`, in `steps`; at_most: while misses stay as few as this."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        constraints = [LinearConstraint(self.matrix, self.low, self.high)]
        if at_most is not None:
            constraints.append(LinearConstraint(self.misses.reshape(1, -1), 0, at_most + 0.5))
        return milp(aim, integrality=self.whole, bounds=Bounds(self.least, self.most), constraints=constraints, options={"node_limit": steps, "mip_rel_gap": gap})

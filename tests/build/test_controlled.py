"""The solver's answers held against trying everything."""

import random
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.build.controlled import Choice, Limit, choose

COSTS = (0.11, 0.23, 0.47, 0.91, 1.3, 0.05)  # no two sets of items cost the same


@st.composite
def programs(draw) -> tuple[int, dict[int, float], list[Limit]]:
    """Up to six items of any numbers, up to six sums over them, with signs, some wanted."""
    items = draw(st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True))
    masks = st.sets(st.sampled_from(items), min_size=1).map(lambda some: sum(1 << i for i in some))
    limits = []
    for _ in range(draw(st.integers(1, 6))):
        terms = tuple((sign, draw(masks)) for sign in draw(st.sampled_from([(1,), (1, -1)])))
        low = draw(st.integers(-2, 3))
        high = low + draw(st.integers(0, 2))
        limits.append(Limit(terms, low, high, draw(st.one_of(st.none(), st.integers(low - 1, high + 1))), draw(st.sampled_from([1, 4, 48]))))
    plain = sum(1 << i for i in items if draw(st.booleans()))
    return plain, dict(zip(items, COSTS, strict=False)), limits


def missed(limits: list[Limit], up: int) -> int:
    return sum(limit.weight * abs(limit.count(up) - limit.wanted) for limit in limits if limit.wanted is not None)


def moved(plain: int, costs: dict[int, float], up: int) -> float:
    return sum(cost for item, cost in costs.items() if (plain ^ up) >> item & 1)


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_the_fewest_wishes_missed_then_the_least_moved(program):
    plain, costs, limits = program
    every = [sum(1 << item for item, up in zip(costs, ups, strict=True) if up) for ups in product((0, 1), repeat=len(costs))]
    allowed = [up for up in every if all(limit.low <= limit.count(up) <= limit.high for limit in limits)]
    choice = choose(plain, costs, limits)
    if not allowed:
        assert choice == Choice(None, proven=True)
        return
    assert choice.up in allowed
    fewest = min(missed(limits, up) for up in allowed)
    assert missed(limits, choice.up) == fewest
    least = min(moved(plain, costs, up) for up in allowed if missed(limits, up) == fewest)
    assert moved(plain, costs, choice.up) <= least * 1.01 + 0.01 * sum(costs.values())


def test_steps_end_a_search():
    """A search that may not take one step ends without an answer and does not claim that there is none; with steps there is one."""
    rng = random.Random(1)
    planted = rng.getrandbits(60)
    limits = []
    for _ in range(30):
        terms = ((1, sum(1 << i for i in rng.sample(range(60), 15))),)
        there = Limit(terms, 0, 0).count(planted)
        limits.append(Limit(terms, there, there))
    costs = {i: 1 + rng.random() for i in range(60)}
    assert choose(0, costs, limits, steps=0) == Choice(None, proven=False)
    up = choose(0, costs, limits).up
    assert up is not None
    assert all(limit.count(up) == limit.low for limit in limits)

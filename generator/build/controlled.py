"""Controlled rounding (受控舍入): every item goes up or down so that each sum stays within one digit and chosen sums are hit.

The method is the statistical offices': Bacharach (1966) and Cox and Ernst (1982) for tables of two dimensions, where it is a
network flow and always possible; Causey, Cox and Ernst (1985) and Kelly, Golden and Assad (1993) for three, where it is
NP-complete and not always possible. A budget set is of the second kind (科目 × 经济分类 × 来源, in many tables at once), so it
is an integer program here, solved by HiGHS through scipy, as RULES 5 (舍入与加总, 策略 3) asks: each item floor or ceil, once,
at the finest parts that all tables share.

Items that no sum tells apart are one variable. A small program is solved to the end. Of a large one the relaxation in
fractions comes first (nearly all of it is whole numbers already); from there neighbourhoods of the sums that are still missed
are solved one after the other until none is missed. No clock decides what is chosen, so the same amounts give the same
result; `seconds` only ends a search that leads nowhere.

numpy and scipy take half a second to load, so this module is imported only where a pack rounds this way.
"""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HARD = 1000.0  # in a search, the weight of a sum that is more than one digit off; a move weighs about 1
HIGH, LOW, EXACT = 500.0, 20.0, 3.0  # of a missed target of rank 2 and more, of rank 1, of a sum that needed no rounding
SMALL, LEAST, MOST = 100, 160, 600  # variables: of a small program and of a neighbourhood at first; of one that has grown
PATIENCE = 60  # neighbourhoods without a gain before a search is given up
FEW = 30  # so few fractions in the relaxation: the program is easy, however large
GAP = 0.02  # a neighbourhood is solved to within 2 %


@dataclass(frozen=True, slots=True)
class Limit:
    """A sum of items. terms: (sign, items as the bits of an int). How many of them go up is kept within one of what their
    fractions add up to, and at `target` if it can be. rank: how much the target matters, from 1; 0 that it must be hit."""

    terms: tuple[tuple[int, int], ...]
    target: int | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """up: the items that go up, as bits. missed: the limits, by number, whose target is missed."""

    up: int = 0
    missed: tuple[int, ...] = ()


def choose(fractions: Mapping[int, int], scale: int, plain: int, against: Mapping[int, float], limits: Sequence[Limit], seconds: float = 60.0) -> Choice | None:
    """Which items go up; None when no way was found.

    fractions: item → what it has above its floor, in 1/scale (0 < fraction < scale). plain: the items that go up by
    themselves (四舍五入), as bits; against: what it costs to send an item the other way. Every item stands in some limit.
    One missed target of a rank is worth ten of the rank below.

    >>> thirds = choose({0: 3, 1: 3, 2: 3}, 9, 0, {0: 0.3, 1: 0.2, 2: 0.3}, [Limit(((1, 0b111),), 1)])
    >>> f"{thirds.up:03b}"  # three thirds make one: the item that costs least goes up
    '010'
    """
    if not fractions:
        return Choice(0, tuple(r for r, limit in enumerate(limits) if limit.target))
    program = _Program(fractions, scale, plain, against, limits)
    chosen = program.solved(time.monotonic() + seconds)
    return program.choice(chosen) if chosen is not None else None


@dataclass(slots=True)
class _Rows:
    """Sums over the variables and where they should lie. The first `must` of them have to; weight: of the others, per digit off."""

    matrix: sparse.csr_matrix
    columns: sparse.csc_matrix
    low: Floats
    high: Floats
    weight: Floats
    must: int

    def off(self, x: Floats) -> Floats:
        """By how many digits each sum is off."""
        sums = self.matrix @ x
        return np.maximum(self.low - sums, 0) + np.maximum(sums - self.high, 0)


class _Program:
    """Items → classes that no sum tells apart → a 0/1 variable for each class whose fractions do not add up to a whole number."""

    def __init__(self, fractions: Mapping[int, int], scale: int, plain: int, against: Mapping[int, float], limits: Sequence[Limit]) -> None:
        self.items = sorted(fractions)
        self.scale, self.limits = scale, limits
        part = np.array([fractions[i] for i in self.items], dtype=np.int64)
        by_item = _matrix(self.items, limits)
        self.members = _classes(by_item)
        for members in self.members:  # those with most go up first
            members.sort(key=lambda c: (-int(part[c]), against[self.items[c]], c))
        self.sums = by_item[:, [members[0] for members in self.members]].tocsr()
        total = np.array([part[members].sum() for members in self.members], dtype=np.int64)
        self.floor, rest = np.divmod(total, scale)
        self.live = np.nonzero(rest)[0]
        self.cost = np.zeros(len(self.live))
        for k, each in enumerate(self.live):
            item = self.items[self.members[each][self.floor[each]]]
            self.cost[k] = -against[item] if plain >> item & 1 else against[item]
        self.exact = self.sums @ total
        self._set_rows()

    def _set_rows(self) -> None:
        """Hard: within one digit, or at a target that must be hit. Soft: at the other targets; and a sum of whole digits is best left as it is."""
        exact, scale, limits = self.exact, self.scale, self.limits
        fixed = self.sums @ self.floor
        must_hit = np.array([limit.target is not None and not limit.rank for limit in limits])
        aim = np.array([exact[r] // scale if limit.target is None else limit.target for r, limit in enumerate(limits)])
        low = np.where(must_hit, aim, -(-exact // scale) - 1) - fixed
        high = np.where(must_hit, aim, exact // scale + 1) - fixed
        live = self.sums[:, self.live].astype(float)
        least, most = _reach(live)
        hard = np.nonzero((least < low) | (most > high))[0]
        rank = np.array([limit.rank for limit in limits])
        wanted = ((rank > 0) | ((exact % scale == 0) & ~must_hit)) & ((least < aim - fixed) | (most > aim - fixed))
        soft = np.nonzero(wanted)[0]
        self.rank = rank[soft]
        matrix = live[np.concatenate([hard, soft])].tocsr()
        weight = np.concatenate([np.full(len(hard), np.inf), np.where(self.rank > 0, 10.0**self.rank, EXACT)])
        lows, highs = (np.concatenate([side[hard], (aim - fixed)[soft]]).astype(float) for side in (low, high))
        self.rows = _Rows(matrix, matrix.tocsc(), lows, highs, weight, len(hard))

    def choice(self, x: Floats) -> Choice:
        """The classes' counts as items; held once more against every limit, in whole numbers."""
        counts = self.floor.copy()
        counts[self.live] += np.round(x).astype(np.int64)
        up = 0
        for count, members in zip(counts.tolist(), self.members, strict=True):
            for c in members[:count]:
                up |= 1 << self.items[c]
        missed = []
        for r, limit in enumerate(self.limits):
            risen = sum(sign * (mask & up).bit_count() for sign, mask in limit.terms)
            right = risen == limit.target if limit.target is not None and not limit.rank else abs(risen * self.scale - int(self.exact[r])) <= self.scale
            assert right, "the solver's answer breaks a limit"
            if limit.target is not None and risen != limit.target:
                missed.append(r)
        return Choice(up, tuple(missed))

    # --- the search -----------------------------------------------------------------------------------------------

    def solved(self, until: float) -> Floats | None:
        rows, count = self.rows, len(self.live)
        soft = np.arange(rows.must, len(rows.weight))
        if count <= SMALL:
            return _solved(rows.matrix, rows.low, rows.high, self.cost, soft, rows.weight[soft], whole=True, exact=True)
        start = _solved(rows.matrix, rows.low, rows.high, self.cost, soft, rows.weight[soft], whole=False)
        if start is None:
            return None
        x = self._search(start, until)
        return x if not rows.off(x)[: rows.must].any() else None

    def _search(self, start: Floats, until: float) -> Floats:
        """From a rounded start, neighbourhood by neighbourhood: the sums that must be right and the targets of rank, then the
        other targets. Targets that even fractions cannot hit together are not tried for."""
        rows, must = self.rows, self.rows.must
        beyond = rows.off(start)[must:] > 1e-6
        rows.weight = np.concatenate([np.full(must, HARD), np.where(self.rank > 1, HIGH, np.where(self.rank == 1, LOW, EXACT)) * np.where(beyond, 0.1, 1.0)])
        first = np.concatenate([np.ones(must, dtype=bool), (self.rank > 1) & ~beyond])
        x = np.round(start)
        if np.sum(abs(start - x) > 1e-6) <= FEW:
            x = self._tried(x, np.ones(len(x), dtype=bool))
        rng = random.Random(0)
        size, idle, most = float(SMALL), 0, min(max(LEAST, len(x) // 4), MOST)
        while time.monotonic() < until:
            bad = np.nonzero(first & (rows.off(x) > 0))[0]
            if not len(bad) or idle > (PATIENCE if bad[0] < must else PATIENCE // 4):
                break
            before = self._value(x)
            x = self._tried(x, self._around(int(bad[rng.randrange(len(bad))]), int(size), rng))
            gained = self._value(x) < before - 1e-6
            idle = 0 if gained else idle + 1
            size = max(SMALL, size * 0.9) if gained else min(most, size * 1.15)
            if idle == PATIENCE // 2 and bad[0] < must:  # the sums come before the targets of rank 1
                rows.weight[must:][self.rank < 2] *= 0.02
        for row in must + np.nonzero((self.rank > 0) & ~beyond)[0]:
            if rows.off(x)[row] and time.monotonic() < until:
                x = self._tried(x, self._around(int(row), SMALL, rng))
        return x

    def _value(self, x: Floats) -> float:
        return float(self.rows.weight @ self.rows.off(x) + self.cost @ x)

    def _tried(self, x: Floats, free: Flags) -> Floats:
        """x with its free variables chosen anew, where that is no worse."""
        rows = self.rows
        at = np.nonzero(free)[0]
        part = rows.columns[:, at].tocsr()
        base = rows.matrix @ np.where(free, 0, x)
        low, high = rows.low - base, rows.high - base
        least, most = _reach(part)
        touched = np.nonzero(((least < low) | (most > high)) & (np.diff(part.indptr) > 0))[0]
        found = _solved(part[touched], low[touched], high[touched], self.cost[at], np.arange(len(touched)), rows.weight[touched], whole=True)
        if found is None:
            return x
        better = x.copy()
        better[at] = np.round(found)
        return better if self._value(better) <= self._value(x) else x

    def _around(self, row: int, size: int, rng: random.Random) -> Flags:
        """About `size` variables near a sum: its own, then those of the sums they stand in, short sums first."""
        matrix, columns = self.rows.matrix, self.rows.columns
        free = np.zeros(len(self.live), dtype=bool)
        seen, near, count = {row}, [(0.0, row)], 0
        while near and count < size:
            r = heapq.heappop(near)[1]
            own = [c for c in matrix.indices[matrix.indptr[r] : matrix.indptr[r + 1]].tolist() if not free[c]]
            if len(own) > 40:  # of a long sum a sample: the whole department would be its neighbour
                own = rng.sample(own, 40)
            free[own] = True
            count += len(own)
            for c in own:
                for q in columns.indices[columns.indptr[c] : columns.indptr[c + 1]].tolist():
                    if q not in seen:
                        seen.add(q)
                        heapq.heappush(near, (float(matrix.indptr[q + 1] - matrix.indptr[q]) * rng.random(), q))
        return free


def _matrix(items: Sequence[int], limits: Sequence[Limit]) -> sparse.csc_matrix:
    """Limits × items, from the bits."""
    column = np.full(items[-1] + 1, -1, dtype=np.int64)
    column[items] = np.arange(len(items))
    known = sum(1 << i for i in items)
    width = (items[-1] + 8) // 8
    flat = [(r, sign, mask & known) for r, limit in enumerate(limits) for sign, mask in limit.terms]
    rows, columns, signs = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for at in range(0, len(flat), 512):
        chunk = flat[at : at + 512]
        packed = np.frombuffer(b"".join(mask.to_bytes(width, "little") for _, _, mask in chunk), dtype=np.uint8).reshape(len(chunk), width)
        r, bit = np.nonzero(np.unpackbits(packed, axis=1, bitorder="little"))
        rows.append(np.array([row for row, _, _ in chunk])[r])
        columns.append(column[bit])
        signs.append(np.array([sign for _, sign, _ in chunk])[r])
    made = sparse.coo_matrix((np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))), shape=(len(limits), len(items))).tocsc()
    made.eliminate_zeros()
    made.sort_indices()
    return made


def _classes(by_item: sparse.csc_matrix) -> list[list[int]]:
    """Columns of equal content together."""
    found: dict[bytes, list[int]] = {}
    for c in range(by_item.shape[1]):
        a, b = by_item.indptr[c], by_item.indptr[c + 1]
        found.setdefault(by_item.indices[a:b].tobytes() + b"|" + by_item.data[a:b].tobytes(), []).append(c)
    return list(found.values())


def _reach(matrix: sparse.csr_matrix) -> tuple[Floats, Floats]:
    """The least and the most each row can come to."""
    return np.asarray(matrix.minimum(0).sum(axis=1)).ravel(), np.asarray(matrix.maximum(0).sum(axis=1)).ravel()


def _solved(matrix: sparse.csr_matrix, low: Floats, high: Floats, cost: Floats, soft: Integers, weight: Floats, whole: bool, exact: bool = False) -> Floats | None:
    """One call of the solver: variables from 0 to 1, rows within their ends, the soft ones at `weight` a digit off. None when there is no solution."""
    rows, count = matrix.shape
    if not rows:
        return (cost < 0).astype(float)
    over = sparse.csr_matrix((np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(rows, len(soft)))
    result = milp(
        np.concatenate([cost, weight, weight]),
        integrality=np.concatenate([np.full(count, float(whole)), np.zeros(2 * len(soft))]),
        bounds=Bounds(0, np.concatenate([np.ones(count), np.full(2 * len(soft), np.inf)])),
        constraints=LinearConstraint(sparse.hstack([matrix, over, -over], format="csc"), low, high),
        options={"mip_rel_gap": 0.0, "node_limit": 100_000} if exact else {"mip_rel_gap": GAP, "node_limit": 1},
    )
    return None if result.x is None else result.x[:count]

"""Which workbooks of an inbox a batch has built: of every unit the version it took, of those without errors.

So a county is consolidated before the last unit has mended its workbook, from what was published and nothing else: an inbox
also holds earlier versions, copies and workbooks that were handed back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.bureau.ledger import BUILT, WARNED, Standing, read_standings
from generator.bureau.storage import Folder
from generator.model.problem import UsageError

CHANGED = "生成以后改过、找不到"


@dataclass(frozen=True, slots=True)
class Passed:
    """paths: the workbooks, in their order. without: the units that are not among them."""

    paths: list[Path]
    without: tuple[Standing, ...] = ()

    @property
    def notes(self) -> list[str]:
        """A line for every unit that is not among them, with the reason."""
        return [f"没有汇总 {s.code} {s.name}：{_why(s)}" for s in self.without]

    @property
    def in_short(self) -> str:
        """How many and who, by what became of them; empty when all are there."""
        by_state: dict[str, list[str]] = {}
        for s in self.without:
            by_state.setdefault(CHANGED if s.state in (BUILT, WARNED) else s.state, []).append(s.name)
        return f"{len(self.without)} 个单位：" + "；".join(f"{state} {len(names)} 个（{'、'.join(names)}）" for state, names in by_state.items()) if by_state else ""


def passed(result: Path, paths: Sequence[Path]) -> Passed:
    """Of the workbooks at `paths` those that the batch with its results in `result` has built, by their content. UsageError when there are none."""
    standings = read_standings(Folder(str(result)))
    if not standings:
        raise UsageError(f"{result} 不是批量生成的结果；写 yusuan batch 的输出文件夹（里面有 状态.html）；是以前的版本生成的，再运行一次 yusuan batch")
    built = {s.sha for s in standings if s.state in (BUILT, WARNED)}
    chosen: dict[str, Path] = {}
    for path in paths:
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
        if sha in built:
            chosen.setdefault(sha, path)
    if not chosen:
        raise UsageError(f"这些工作簿里没有 {result} 已经生成的那几份；生成以后改过的，先再运行 yusuan batch")
    return Passed(list(chosen.values()), tuple(s for s in standings if s.sha not in chosen))


def _why(standing: Standing) -> str:
    if standing.state in (BUILT, WARNED):
        return f"已经生成的那份（{standing.workbook}）找不到，或者生成以后又改过，先再运行 yusuan batch"
    return f"{standing.state}：{standing.why}" if standing.why else standing.state

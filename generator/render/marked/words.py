"""What a marked copy says besides the problems, and the words and colours by which our marks are known again."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from generator.bind.cells import UNLISTED
from generator.model.problem import Level, Problem

RESULT = "校验结果"
RESULT_PART = "xl/worksheets/yusuan.xml"  # whatever saves the file gives the part another name: so long as it is there, nobody has
MARK = "【校验】"  # begins our note, or our part of a note
SIGNATURES = {Level.ERROR: "yusuan-error", Level.WARNING: "yusuan-warning", Level.HINT: "yusuan-hint"}
FILLS = {Level.ERROR: "FFFFA7A7", Level.WARNING: "FFFFEB9C", Level.HINT: "FFBDD7EE"}
LINES = {Level.ERROR: "FFC00000", Level.WARNING: "FFBF8F00", Level.HINT: "FF5B9BD5"}
TABS = {Level.ERROR: "FFE0504B", Level.WARNING: "FFF2C14F"}
MOST_LISTED = 2000  # lines of 校验结果, and notes; the rest are counted, their cells coloured all the same
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Step(StrEnum):
    """What to do next with a problem; also the headings of 校验结果, in this order."""

    UNREAD = "先改读不出来的格子"
    DISAGREES = "再改对不上的数"
    TEXT = "补写、改写文字"
    LOOK = "看一看的提醒"
    KNOW = "知道就行的提示"


STEP_NOTES = {
    Step.UNREAD: "这些不改，靠它们的核对做不了",
    Step.DISAGREES: "两处的数不一致，改其中错的一处",
    Step.TEXT: "写在“文字说明”里",
    Step.LOOK: "不挡出件；确实没错就不用改",
    Step.KNOW: "程序是这样理解的，对就不用改",
}


@dataclass(frozen=True, slots=True)
class About:
    """What 校验结果 says besides the problems.

    heading: year, unit and set of tables in a line. not_run: (rule, why) of the checks that could not run.
    rules: ids of the pack's rules: what they find is a figure that does not agree, the rest cannot be read.
    text_sheets: names of the sheets that hold the clerk's prose.
    """

    heading: str = ""
    not_run: Sequence[tuple[str, str]] = ()
    rules: Collection[str] = ()
    text_sheets: Collection[str] = ()

    def waiting(self) -> dict[str, list[str]]:
        """Why rules could not run → which: one cause, one line."""
        found: dict[str, list[str]] = {}
        for rule, reason in self.not_run:
            found.setdefault(reason, []).append(rule)
        return found

    def step(self, problem: Problem) -> Step:
        """Under which heading a problem stands."""
        if problem.level is not Level.ERROR:
            return Step.LOOK if problem.level is Level.WARNING else Step.KNOW
        of_rule = problem.rule in self.rules
        if problem.place.sheet in self.text_sheets and (of_rule or problem.rule == "文字"):
            return Step.TEXT
        return Step.DISAGREES if of_rule or problem.rule in ("表内全覆盖", UNLISTED) else Step.UNREAD


def plain(text: str) -> str:
    """Text as XML can hold it."""
    return _UNPRINTABLE.sub("", text)


def counted(problems: Sequence[Problem]) -> str:
    """`3 个错误、1 个警告`; 没有问题 when there is none."""
    counts = {level: sum(p.level is level for p in problems) for level in Level}
    return "、".join(f"{n} 个{level}" for level, n in counts.items() if n) or "没有发现问题"

"""What a terminal shows of a check: short, in reading order, and where the rest is to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.render.marked import About

MOST_CAUSES = 8
MOST_RULES = 2  # named on a line; more are counted


def waiting_lines(about: About, order: Mapping[str, int], where: str) -> list[str]:
    """The checks that could not run: one cause, one line, by sheet in the workbook's order; the rest counted.

    order: sheet → its place in the workbook; where: what to open for all of them.
    """
    causes = _causes(about)
    if not causes:
        return []
    sheets = {cause: order.get(found[1], len(order)) if (found := re.match(r"“([^”]+)”", cause)) else len(order) + 1 for cause in causes}
    lines = [f"未能核对 {len(about.not_run)} 项（缺内容，没有核对，不等于通过），{where}："]
    for cause in sorted(causes, key=sheets.__getitem__)[:MOST_CAUSES]:
        rules = causes[cause]
        lines.append(f"  {cause}：{'、'.join(rules) if len(rules) <= MOST_RULES else f'{rules[0]} 等 {len(rules)} 项'}")
    if len(causes) > MOST_CAUSES:
        lines.append(f"  ……还有 {len(causes) - MOST_CAUSES} 个原因")
    return lines


def _causes(about: About) -> dict[str, list[str]]:
    """Cause → rules. What the set of tables does not ask for is one cause; so is one sheet that has holes."""
    found: dict[str, list[str]] = {}
    for cause, rules in about.waiting().items():
        sheet = re.match(r"(“[^”]+”)没有填(.+)", cause)
        if cause.startswith("本套表"):
            cause = "本套表没有这一项内容"
        elif sheet:
            cause = next((c for c in found if c.startswith(f"{sheet[1]}没有填")), cause)
        found.setdefault(cause, []).extend(rules)
    return found

"""Whether a reason explains an increase where the figure fell, or the other way round.

Only what is plainly turned round is refused: a true reason must never be. A word counts as said when it is not denied
(不再新增), and it is no contradiction as soon as anything in the reason could explain the figure's own direction, or the
reason speaks of last year, whose figure is the other half of every change (上年新增的平台已建成). All words are data of the pack.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

DENIED = ("不再", "没有", "未再", "无需", "避免", "防止", "严禁", "不", "没", "未", "无")
NOT_DENIED = "".join(f"(?<!{word})" for word in DENIED)
LAST_YEAR = re.compile(r"(?<![比较于与同和跟])(?:上年度?|去年|上一?年度|往年|以前年度)")  # 上年新增的…, but not 比上年增加


class Directions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """up, down: words that plainly say the figure rose or fell. may_up, may_down: words that can explain a rise or a fall and
    prove nothing (更新、到期). not_meant: phrases that speak of something else than money (提高…效率; … stands for up to six characters).
    """

    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    may_up: tuple[str, ...] = ()
    may_down: tuple[str, ...] = ()
    not_meant: tuple[str, ...] = ()


def turned_round(words: Directions, rising: bool, reason: str) -> str:
    """The word that says the opposite of the figure; empty when the reason can be true.

    >>> words = Directions(up=("增加",), down=("减少", "压缩"), may_up=("更新",), may_down=("到期",))
    >>> turned_round(words, True, "压缩公务接待开支"), turned_round(words, True, "更新一辆到期报废的公务用车")
    ('压缩', '')
    """
    wrong, right = (words.down, (*words.up, *words.may_up)) if rising else (words.up, (*words.down, *words.may_down))
    text = _phrases(words.not_meant).sub("，", reason)
    if LAST_YEAR.search(text) or any(word in text for word in right):
        return ""
    said = _undenied(wrong).search(text)
    return said[0] if said else ""


@lru_cache(maxsize=32)
def _undenied(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words, not denied."""
    return re.compile(f"{NOT_DENIED}(?:{'|'.join(map(re.escape, words)) or '(?!)'})")


@lru_cache(maxsize=32)
def _phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    words = (re.escape(p).replace("…", "[^，,。；;、]{0,6}?") for p in phrases)
    return re.compile("|".join(words) or "(?!)")

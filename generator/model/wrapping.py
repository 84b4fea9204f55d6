"""How wide a text is and where it wraps, in half-width characters: measured without fonts, alike for Excel, Word and layout decisions."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TOKENS = re.compile(r"[!-~]+|.", re.S)  # what a line is broken between: words and figures, each Chinese character
_CLOSING = frozenset("，。、；：？！）》」』】〕”’％…")  # never begin a line: the character before goes down with them


@lru_cache(maxsize=8192)
def text_width(text: str) -> float:
    """Width in half-width characters: a Chinese character is two.

    >>> text_width("预算01表")
    8
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


@lru_cache(maxsize=8192)
def wrapped(text: str, room: float) -> int:
    """Lines `text` takes in `room` half-width characters, broken as Excel and Word break Chinese text."""
    lines = 0
    for part in text.split("\n"):
        lines += 1
        if text_width(part) <= room:
            continue
        used = before = 0.0  # of this line; of the token before
        for token in _TOKENS.findall(part):
            width = text_width(token)
            if used + width <= room:
                used += width
            elif width > room:  # a word longer than the line is broken anywhere
                whole, used = divmod(used + width, room)
                lines += int(whole)
            else:
                lines += 1
                used = width + (before if token in _CLOSING and before + width <= room else 0.0)
            before = width
    return lines

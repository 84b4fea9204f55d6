"""Which section a paragraph stands in, by the headings of Chinese documents: 第一部分, 一、, （一）, 1."""

from __future__ import annotations

import re

from generator.published.model import Spot

HEADING = re.compile(r"^(?:第[一二三四五六七八九十]+(?:部分|章|节)|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）])\s*[：:]?\s*\S")
OPENS = re.compile(r"^(?:\d{1,2}\s*[.、．](?!\s?\d)|[（(]\d{1,2}[)）]|其中[:：]|[①-⑳]|附[件表]|目\s*录|注[:：])")  # begins a paragraph, though it is no heading
LONGEST = 40


def is_heading(text: str) -> bool:
    """A short line that opens a section: no full stop, no amount."""
    return len(text) <= LONGEST and bool(HEADING.match(text)) and not re.search(r"[。；;]|\d\s*万?元", text)


class Sections:
    """Gives each paragraph its place: the last heading and how many paragraphs after it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.heading = ""
        self.n = 0

    def spot(self, text: str, anchor: tuple[object, ...], page: int = 0) -> Spot:
        if is_heading(text):
            self.heading, self.n = text[:LONGEST], 0
            return Spot(self.file, page=page, sheet=self.heading, anchor=anchor)
        self.n += 1
        return Spot(self.file, page=page, sheet=self.heading, paragraph=self.n, anchor=anchor)

"""The explanation as a reader sees it: paragraphs of plain text. What the template and the facts say, and what a finished file says, meet here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. level: 1 for 标题 1, 0 for body text. Tabs and line breaks inside are ``\\t`` and ``\\v``; a blank paragraph is none."""

    text: str
    level: int = 0

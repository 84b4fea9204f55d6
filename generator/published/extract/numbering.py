"""Word's automatic numbers as text: 一、 （二） 3. of headings that nobody typed. Without them no section would be found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lxml import etree

from generator.model.figures import chinese

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COUNTING = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand", "ideographDigital", "chineseLegalSimplified"}
MOST = 99
_Level = tuple[str, str, int]  # how it counts, its text (`（%1）`), its first number


def numeral(n: int, form: str) -> str:
    """The n-th number in one of Word's forms; empty for bullets and pictures."""
    if n > MOST:
        return str(n)
    if form in _COUNTING:
        return chinese(n)
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 1 <= n <= 20:
        return chr(0x2460 + n - 1)
    if form in ("upperLetter", "lowerLetter") and 1 <= n <= 26:
        return chr((65 if form == "upperLetter" else 97) + n - 1)
    if form == "decimalZero":
        return f"{n:02d}"
    return "" if form in ("bullet", "none") else str(n)


def _value(element: etree._Element | None, path: str = "", default: str = "") -> str:
    found = element.find(path) if element is not None and path else element
    return str(found.get(f"{W}val", default)) if found is not None else default


class Numbers:
    """The numbering of a document: definitions of numbering.xml, styles that carry a number."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self.levels: dict[str, dict[int, _Level]] = {}
        self.of_style: dict[str, tuple[str, int]] = {}
        self.abstract: dict[str, str] = {}
        if numbering is not None:
            self._read(numbering)
        for style in styles.iter(f"{W}style") if styles is not None else ():
            own = style.find(f"{W}pPr/{W}numPr")
            if own is not None:
                self.of_style[style.get(f"{W}styleId", "")] = _value(own, f"{W}numId"), int(_value(own, f"{W}ilvl", "0") or 0)

    def _read(self, numbering: etree._Element) -> None:
        drawn: dict[str, dict[int, _Level]] = {}
        for abstract in numbering.iter(f"{W}abstractNum"):
            drawn[abstract.get(f"{W}abstractNumId", "")] = {int(level.get(f"{W}ilvl", "0")): self._level(level) for level in abstract.iter(f"{W}lvl")}
        for num in numbering.iter(f"{W}num"):
            number, base = num.get(f"{W}numId", ""), _value(num, f"{W}abstractNumId")
            levels = dict(drawn.get(base, {}))
            self.abstract[number] = base
            for override in num.iter(f"{W}lvlOverride"):
                at = int(override.get(f"{W}ilvl", "0"))
                start, level = _value(override, f"{W}startOverride"), override.find(f"{W}lvl")
                if level is not None:
                    levels[at] = self._level(level)
                if start and at in levels:
                    levels[at] = (*levels[at][:2], int(start))
                    self.abstract[number] = number  # it counts by itself
            self.levels[number] = levels

    @staticmethod
    def _level(level: etree._Element) -> _Level:
        return _value(level, f"{W}numFmt", "decimal"), _value(level, f"{W}lvlText"), int(_value(level, f"{W}start", "1") or 1)

    def texts(self, paragraphs: Iterable[etree._Element]) -> dict[etree._Element, str]:
        """The number before each paragraph that has one, in the order of the document."""
        counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        found: dict[etree._Element, str] = {}
        for paragraph in paragraphs if self.levels else ():
            number, at = self._number(paragraph)
            levels = self.levels.get(number, {})
            if at not in levels:
                continue
            count = counts[self.abstract[number]]
            count[at] = count.get(at, levels[at][2] - 1) + 1
            for deeper in [n for n in count if n > at]:
                del count[deeper]
            form, text, _ = levels[at]
            if numeral(1, form):
                for n in range(at + 1):
                    text = text.replace(f"%{n + 1}", numeral(count.get(n, levels.get(n, levels[at])[2]), levels.get(n, levels[at])[0]))
                found[paragraph] = text
        return found

    def _number(self, paragraph: etree._Element) -> tuple[str, int]:
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return "", 0
        number, level = self.of_style.get(_value(properties, f"{W}pStyle"), ("", 0))
        own = properties.find(f"{W}numPr")
        if own is not None:
            number, level = _value(own, f"{W}numId", number), int(_value(own, f"{W}ilvl", str(level)) or 0)
        return number, level

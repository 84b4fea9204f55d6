"""styles.xml of the copy: the colours laid over cells, and the formats of the first sheet."""

from __future__ import annotations

from lxml import etree

from generator.model.problem import Level
from generator.render.excel_package import ExcelPackage, child, local, parsed, serialised
from generator.render.marked.words import FILLS, LINES, MAIN

_STYLE_ORDER = ["numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst"]


class Styles:
    """styles.xml; things are added at the end of its lists, so no number in use changes meaning."""

    def __init__(self, package: ExcelPackage, part: str) -> None:
        self.package, self.part = package, part
        self.root = parsed(package.read(part))
        self.namespace = etree.QName(self.root).namespace or MAIN
        if child(self.root, "cellXfs") is None:  # a style sheet without the least that Excel asks for
            for name, inner in (("fonts", "<font/>"), ("fills", '<fill><patternFill patternType="none"/></fill>'), ("borders", "<border/>"), ("cellXfs", "<xf/>")):
                self.add(name, inner)

    def _list(self, name: str) -> etree._Element:
        found = child(self.root, name)
        if found is None:
            found = etree.Element(f"{{{self.namespace}}}{name}")
            rank = _STYLE_ORDER.index(name)
            before = [e for e in self.root if local(e) in _STYLE_ORDER and _STYLE_ORDER.index(local(e)) < rank]
            if before:
                before[-1].addnext(found)
            else:
                self.root.insert(0, found)
        return found

    def add(self, name: str, xml: str) -> int:
        """The number of this item in a list of the style sheet; an equal one that is there is used again."""
        made = etree.fromstring(f'<list xmlns="{self.namespace}">{xml}</list>')[0]
        items = self._list(name)
        wanted = etree.tostring(made, method="c14n", exclusive=True)
        own = [e for e in items if isinstance(e.tag, str)]
        for n, item in enumerate(own):
            if len(item.attrib) == len(made.attrib) and etree.tostring(item, method="c14n", exclusive=True, with_tail=False) == wanted:
                return n
        items.append(made)
        items.set("count", str(len(own) + 1))
        return len(own)

    def mark_formats(self) -> dict[Level, int]:
        """The conditional formats of the three levels."""
        return {level: self.add("dxfs", f"<dxf>{_fill(FILLS[level], 'bgColor')}{_border(LINES[level])}</dxf>") for level in Level}

    def cell(self, font: str, fill: str = "", border: bool = True, align: str = "") -> int:
        """A cell format."""
        f = self.add("fonts", f"<font>{font}</font>")
        p = self.add("fills", f'<fill><patternFill patternType="solid"><fgColor rgb="{fill}"/><bgColor indexed="64"/></patternFill></fill>') if fill else 0
        b = self.add("borders", _border("FFBFBFBF")) if border else self.add("borders", "<border><left/><right/><top/><bottom/><diagonal/></border>")
        base = ' xfId="0"' if child(self.root, "cellStyleXfs") is not None else ""
        return self.add(
            "cellXfs",
            f'<xf numFmtId="0" fontId="{f}" fillId="{p}" borderId="{b}"{base} applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"{align}/></xf>',
        )

    def save(self) -> None:
        self.package.write(self.part, serialised(self.root))


def _fill(colour: str, where: str) -> str:
    return f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><{where} rgb="{colour}"/></patternFill></fill>'


def _border(colour: str) -> str:
    sides = "".join(f'<{side} style="thin"><color rgb="{colour}"/></{side}>' for side in ("left", "right", "top", "bottom"))
    return f"<border>{sides}</border>"

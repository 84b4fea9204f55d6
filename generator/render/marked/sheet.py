"""One sheet of the clerk’s: its frame parsed, its cells left as the bytes they are; marks laid over it and taken away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from generator.model.problem import Level, Problem, column_letters
from generator.read.package import normal
from generator.read.scan import area
from generator.render.excel_package import OFFICE, ExcelPackage, child, local, parsed, serialised
from generator.render.marked.boxes import SHAPE, VML, Boxes, Columns, note_of
from generator.render.marked.notes import cut, note_text, write_comments
from generator.render.marked.words import MAIN, MARK, SIGNATURES, TABS

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
# The order of a worksheet's children (ECMA-376 part 1, 18.3.1.99); Excel calls a file damaged that has another.
_ORDER = re.findall(
    r"\w+",
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios autoFilter sortState dataConsolidate "
    "customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks "
    "colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst ",
)
_SHEET_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?:\s[^<>]*)?(/?)>")


@dataclass(slots=True)
class Sheet:
    """A sheet: its frame parsed, its cells left as the bytes they are. line: the <sheet> of workbook.xml."""

    package: ExcelPackage
    name: str
    kind: str
    part: str
    hidden: bool
    line: etree._Element
    _frame: etree._Element | None = None
    _cells: bytes = b""
    _changed: bool = False

    @property
    def frame(self) -> etree._Element:
        """The sheet's XML without its cells."""
        if self._frame is None:
            xml = self.package.read(self.part)
            found = _SHEET_DATA.search(xml)
            end = -1
            if found and not found[2] and b"<!" not in xml:
                close = b"</" + found[1] + b"sheetData>"
                end = xml.rfind(close)
            if found and end >= found.end():
                self._cells = xml[found.start() : end + len(close)]
                xml = xml[: found.end()] + xml[end:]
            self._frame = parsed(xml)
        return self._frame

    def save(self) -> None:
        if self._changed and self._frame is not None:
            xml = serialised(self._frame)
            if self._cells:
                cells = self._cells
                xml = _SHEET_DATA.sub(lambda _: cells, xml, count=1)
            self.package.write(self.part, xml)

    def _insert(self, element: etree._Element) -> None:
        """A child of the sheet where its kind belongs."""
        self._changed = True
        rank = _ORDER.index(local(element))
        before = [e for e in self.frame if local(e) in _ORDER and _ORDER.index(local(e)) <= rank]
        if before:
            before[-1].addnext(element)
        else:
            self.frame.insert(0, element)

    def _new(self, name: str, **attributes: str) -> etree._Element:
        element = etree.Element(f"{{{etree.QName(self.frame).namespace}}}{name}")
        for key, value in attributes.items():
            element.set(key, value)
        return element

    def unselect(self) -> None:
        """Only the first sheet is in front: what is typed while several are selected goes into all of them."""
        if b"tabSelected" not in self.package.read(self.part):
            return
        views = child(self.frame, "sheetViews")
        for view in [] if views is None else views:
            if view.attrib.pop("tabSelected", None) is not None:
                self._changed = True

    # --- taking away ---

    def clear(self) -> None:
        """Without the marks of an earlier check."""
        xml = self.package.read(self.part)
        if b"yusuan-" in xml:
            for block in [e for e in self.frame if local(e) == "conditionalFormatting"]:
                for rule in [r for r in block if "yusuan-" in "".join(r.itertext())]:
                    block.remove(rule)
                    self._changed = True
                if not any(local(r) == "cfRule" for r in block):
                    self.frame.remove(block)
        if any(colour.encode() in xml for colour in TABS.values()):
            properties = child(self.frame, "sheetPr")
            colour = None if properties is None else child(properties, "tabColor")
            if colour is not None and colour.get("rgb", "").upper() in TABS.values():
                properties.remove(colour)  # type: ignore[union-attr]
                self._changed = True
        if b"legacyDrawing" in xml:
            self._clear_notes()

    def _clear_notes(self) -> None:
        part, drawing = self._note_parts()
        if not part or MARK.encode() not in (xml := self.package.read(part)):
            return
        root = parsed(xml)
        comments = child(root, "commentList")
        gone = set()
        for comment in [] if comments is None else list(comments):
            text = "".join(t.text or "" for t in comment.iter() if local(t) == "t")
            if MARK not in text:
                continue
            if not text.partition(MARK)[0].strip():
                gone.add(comment.get("ref", ""))
                comments.remove(comment)  # type: ignore[union-attr]
            else:
                cut(comment)
        if comments is None or not len(comments):
            self.package.unrelate(self.part, part)
            self.package.remove(part)
        else:
            self.package.write(part, serialised(root))
        if drawing and gone:
            self._clear_shapes(drawing, gone)

    def _clear_shapes(self, drawing: str, gone: set[str]) -> None:
        shapes = self.package.package.part(drawing) if normal(drawing) not in self.package.changed else self.package.changed[normal(drawing)]
        places = {(a[0] - 1, a[1] - 1) for ref in gone if (a := area(ref))}
        shapes = SHAPE.sub(lambda shape: b"" if note_of(shape[0]) in places else shape[0], shapes)
        legacy = child(self.frame, "legacyDrawing")
        if not SHAPE.search(shapes) and legacy is not None:
            self.frame.remove(legacy)
            self._changed = True
            self.package.unrelate(self.part, drawing)
            self.package.remove(drawing)
        else:
            self.package.write(drawing, shapes)

    def _note_parts(self) -> tuple[str, str]:
        """The parts with the notes and with their boxes; empty for none."""
        relations = self.package.relations(self.part)
        notes = next((r.part for r in relations if r.kind == "comments" and r.part in self.package), "")
        legacy = child(self.frame, "legacyDrawing")
        wanted = "" if legacy is None else next((v for k, v in legacy.attrib.items() if etree.QName(k).localname == "id"), "")
        return notes, next((r.part for r in relations if r.id == wanted and r.part in self.package), "")

    # --- marking ---

    def mark(self, problems: Sequence[Problem], heads: dict[tuple[str, int], int], formats: dict[Level, int], number: int, most: int) -> int:
        """Colours and notes for the sheet's problems, at most `most` notes. Returns how many notes there are."""
        merges = self._merges()
        first = self._first_column()
        at: dict[tuple[int, int], list[Problem]] = {}
        for problem in problems:
            row, column = problem.place.row, problem.place.column
            if not row and column:
                row = heads.get((self.name, column), 1)
            cell = row or 1, column or first
            at.setdefault(next((m[:2] for m in merges if m[0] <= cell[0] <= m[2] and m[1] <= cell[1] <= m[3]), cell), []).append(problem)
        worst = {cell: min((p.level for p in found), key=list(Level).index) for cell, found in at.items()}
        spans = {m[:2]: m for m in merges}
        self._colour(worst, spans, formats)
        self._tab(min(worst.values(), key=list(Level).index))
        notes = {cell: note_text(found) for cell, found in list(at.items())[: max(most, 0)]}
        if notes:
            self._notes(notes, number)
        return len(notes)

    def _merges(self) -> list[tuple[int, int, int, int]]:
        merged = child(self.frame, "mergeCells")
        return [] if merged is None else [a for m in merged if local(m) == "mergeCell" and (a := area(m.get("ref", "")))]

    def _first_column(self) -> int:
        """The first column that can be seen: where what concerns a whole line is marked."""
        hidden = {n for c in self._columns() if c.hidden for n in range(c.first, min(c.last, 60) + 1)}
        return next(n for n in range(1, 62) if n not in hidden)

    def _colour(self, worst: dict[tuple[int, int], Level], spans: dict[tuple[int, int], tuple[int, int, int, int]], formats: dict[Level, int]) -> None:
        for rule in self.frame.iter():
            if local(rule) == "cfRule" and rule.get("priority", "").isdigit():
                rule.set("priority", str(int(rule.get("priority", "")) + len(Level)))  # ours come first
        for rank, level in enumerate(Level, 1):
            ranges = _ranges([(*cell, *spans.get(cell, (*cell, *cell))[2:]) for cell, found in worst.items() if found is level])
            for start in range(0, len(ranges), 400):
                block = self._new("conditionalFormatting", sqref=" ".join(ranges[start : start + 400]))
                rule = etree.SubElement(block, f"{{{etree.QName(self.frame).namespace}}}cfRule")
                for key, value in (("type", "expression"), ("dxfId", str(formats[level])), ("priority", str(rank))):
                    rule.set(key, value)
                formula = etree.SubElement(rule, f"{{{etree.QName(self.frame).namespace}}}formula")
                formula.text = f'LEN("{SIGNATURES[level]}")={len(SIGNATURES[level])}'
                self._insert(block)

    def _tab(self, level: Level) -> None:
        """The tab's colour, unless it has one of its own."""
        if level not in TABS:
            return
        properties = child(self.frame, "sheetPr")
        if properties is None:
            properties = self._new("sheetPr")
            self._insert(properties)
        if child(properties, "tabColor") is None:
            properties.insert(0, self._new("tabColor", rgb=TABS[level]))
            self._changed = True

    def _notes(self, notes: dict[tuple[int, int], str], number: int) -> None:
        part, drawing = self._note_parts()
        namespace = etree.QName(self.frame).namespace or MAIN
        office = "http://purl.oclc.org/ooxml/officeDocument/relationships" if "purl.oclc.org" in namespace else OFFICE
        if part:
            root = parsed(self.package.read(part))
        else:
            part = self.package.free("xl/yusuan_comments{}.xml")
            root = parsed(f'<comments xmlns="{namespace}"><authors/><commentList/></comments>'.encode())
            self.package.declare(part, _COMMENTS_TYPE)
            self.package.relate(self.part, "comments", part, office)
        boxes = Boxes(self._columns(), self._heights(), self._default_width(), self._default_height())
        new, grown = write_comments(root, notes)
        self.package.write(part, serialised(root))
        if drawing:
            shapes = self.package.package.part(drawing) if normal(drawing) not in self.package.changed else self.package.changed[normal(drawing)]
        else:
            drawing = self.package.free("xl/drawings/yusuan_notes{}.vml")
            blocks = ",".join(str(number + n) for n in range(len(new) // 1000 + 1))
            shapes = VML.format(blocks=blocks).encode()
            self.package.declare_ending("vml", _VML_TYPE)
            legacy = self._new("legacyDrawing")
            legacy.set(f"{{{office}}}id", self.package.relate(self.part, "vmlDrawing", drawing, office))
            self._insert(legacy)
        self.package.write(drawing, boxes.drawn(shapes, new, grown, number))

    # --- sizes, for the boxes of the notes ---

    def _columns(self) -> list[Columns]:
        found = child(self.frame, "cols")
        made = []
        for c in [] if found is None else found:
            if local(c) == "col" and c.get("min", "").isdigit() and c.get("max", "").isdigit():
                made.append(Columns(int(c.get("min", "")), int(c.get("max", "")), _size(c.get("width"), 9.14), c.get("hidden") in ("1", "true")))
        return made

    def _heights(self) -> dict[int, float]:
        """Rows that have a height of their own, in pt; 0 for hidden ones."""
        heights = {}
        for row in re.findall(rb"<(?:\w+:)?row\b[^<>]*>", self._cells):
            number, height = re.search(rb'\sr="(\d{1,7})"', row), re.search(rb'\sht="([\d.]+)"', row)
            if number and (b'hidden="1"' in row or b'hidden="true"' in row):
                heights[int(number[1])] = 0.0
            elif number and height:
                heights[int(number[1])] = _size(height[1].decode(), 15.0)
        return heights

    def _default_width(self) -> float:
        found = child(self.frame, "sheetFormatPr")
        return _size(None if found is None else found.get("defaultColWidth"), 9.14)

    def _default_height(self) -> float:
        found = child(self.frame, "sheetFormatPr")
        return _size(None if found is None else found.get("defaultRowHeight"), 15.0)


def _size(text: str | None, otherwise: float) -> float:
    try:
        return min(max(float(text or ""), 0.0), 500.0)
    except ValueError:
        return otherwise


def _ranges(cells: Iterable[tuple[int, int, int, int]]) -> list[str]:
    """Cells (top, left, bottom, right) as addresses, those below each other as one.

    >>> _ranges([(3, 1, 3, 1), (4, 1, 4, 1), (9, 2, 10, 3)])
    ['A3:A4', 'B9:C10']
    """
    joined: list[list[int]] = []
    for top, left, bottom, right in sorted(cells, key=lambda c: (c[1], c[3], c[0])):
        if joined and joined[-1][1] == left and joined[-1][3] == right and joined[-1][2] + 1 == top:
            joined[-1][2] = bottom
        else:
            joined.append([top, left, bottom, right])
    named = [(f"{column_letters(left)}{top}", f"{column_letters(right)}{bottom}") for top, left, bottom, right in joined]
    return [a if a == b else f"{a}:{b}" for a, b in named]

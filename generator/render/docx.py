"""预算公开说明.docx: the officer's template filled with this unit's facts and tables.

The prose is Jinja from the template (word_template), the tables are strings from the waist (word_table). What Word needs around them is
done here: sections of the right paper, the contents with bookmarks, document properties, one zip with the same bytes for the same input.

Marks (processing instructions) keep the places of contents and tables while the prose is rendered and checked; they are replaced last, in one
pass, so nothing a cell says is ever read as a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from io import BytesIO
from itertools import groupby
from zipfile import ZipFile

from lxml import etree

from generator.model.chart import Chart
from generator.model.problem import PackError
from generator.model.table import SMALLEST_TYPE, Page, Table
from generator.render.word_cell_style import STYLES, CellLook, with_looks
from generator.render.word_lead import heading_text
from generator.render.word_look import title_inset
from generator.render.word_package import DECLARATION, OFFICE, add_part, packed, parsed
from generator.render.word_picture import HEADING as PICTURES
from generator.render.word_picture import Charts, WordPicture, add_pictures, picture_xml
from generator.render.word_says import DEEPEST
from generator.render.word_table import block_xml, scale
from generator.render.word_template import ALL_TABLES, CONTENTS, DOCUMENT, ONE_CHART, ONE_TABLE, Tables, W, WordTemplate, open_template, style_ids
from generator.render.word_text import CELL_STYLE, attribute, escaped, val

R = f"{{{OFFICE}}}"
MM = 1440 / 25.4  # twips
PAPER = {"A4": (11906, 16838), "A3": (16838, 23811)}  # twips, portrait
FOOTER = round(9 * MM)  # from the paper's edge to the page number of a table page
BELOW = round(18 * MM)  # least room under a table, so that the page number stands clear of it
SIDES = round(10 * MM)  # least margin left and right: office printers cannot reach further
ALMOST = 0.15  # pt under 7 that are not worth other paper
BEFORE_INDENT = ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "tabs", "snapToGrid", "spacing")  # the schema's order
PICTURE_PAGE = Page("A4", False, (1.1, 1.0, 1.2, 1.2))
BREAK = '<w:pPr><w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/><w:ind w:firstLine="0"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr>'

__all__ = ["Heading", "WordTemplate", "headings", "open_template", "render_docx"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the contents. bookmark: its place in the document, the key of `pages`; level: 1 for 标题 1."""

    bookmark: str
    level: int
    text: str


def render_docx(
    template: WordTemplate,
    context: Mapping[str, object],
    tables: Sequence[Table],
    *,
    created: datetime,
    title: str = "",
    pages: Mapping[str, int] | None = None,
    watermark: str = "",
    charts: Mapping[str, Chart | None] | None = None,
) -> bytes:
    """The explanation as the bytes of a .docx; the same input gives the same bytes.

    context: every name the template may use (flat). tables: the set in its order, for 全套表格 and 表格("预算08表").
    created: the date of the run, in the properties. title: 文档标题, by default 单位名称 and 年度 of the context.
    pages: printed page numbers by bookmark (see `headings`). Without them the contents carry no numbers and Word is asked to fill them in.
    watermark: e.g. 草稿, across every page; empty for none.
    charts: the pack's pictures by name, None where there is nothing to show; without them none are drawn. Those the template does not place by 图("…") stand behind 全套表格, else at the end.
    PackError when the template asks for a name or table there is not, or what it makes is not a Word document.
    """
    filled = template.filled(context, Tables.of(tables), Charts(charts))
    parts = dict(template.parts)
    parts |= {part: (DECLARATION + xml).encode() for part, xml in filled.items() if part != DOCUMENT}
    placed = template.is_explanation or "<?yusuan chart " in filled[DOCUMENT]
    pictures = add_pictures(parts, [chart for chart in (charts or {}).values() if chart is not None]) if placed else []
    document = _Document(template, filled[DOCUMENT], context, tables, pages, pictures)
    if watermark:
        _add_watermark(document, parts, watermark)
    name = title or "".join(str(context.get(key, "")) + unit for key, unit in (("单位名称", ""), ("年度", "年")) if context.get(key)) + "部门预算公开"
    parts["docProps/core.xml"] = _core(name, created)
    parts["docProps/app.xml"] = (DECLARATION + '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>yusuan</Application></Properties>').encode()
    return packed({**parts, DOCUMENT: document.pieces(), STYLES: document.styles(parts[STYLES])})


def headings(docx: bytes) -> list[Heading]:
    """The contents of a document made here: what a stage that knows the page numbers (from the PDF) gives back as `pages`."""
    with ZipFile(BytesIO(docx)) as archive:
        xml = archive.read(DOCUMENT).decode()
        levels = {style: level for level, style in style_ids(archive.read("word/styles.xml"))[1].items()}
    pattern = r'(?:<w:pStyle w:val="([^"]*)"/>)?<w:tabs>(?:<w:tab [^>]*/>)</w:tabs></w:pPr>(?:(?!</w:p>).)*?<w:hyperlink w:anchor="(_Toc\d+)" w:history="1">(.*?)<w:tab/>'
    found = []
    for entry in re.finditer(pattern, xml):
        text = "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", entry[3]))
        found.append(Heading(entry[2], levels.get(entry[1] or "", 1), unescape(text)))
    return found


def _core(title: str, created: datetime) -> bytes:
    """Document properties: title, language and date; no person."""
    stamp = f"{created:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f'{DECLARATION}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{attribute(title)}</dc:title><dc:creator></dc:creator><dc:language>zh-CN</dc:language><cp:lastModifiedBy></cp:lastModifiedBy><cp:revision>1</cp:revision>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{stamp}</dcterms:modified></cp:coreProperties>'
    ).encode()


# --- the document -----------------------------------------------------------------------------------------------------


class _Document:
    """word/document.xml between the filled prose and the finished string."""

    def __init__(self, template: WordTemplate, xml: str, context: Mapping[str, object], tables: Sequence[Table], pages: Mapping[str, int] | None, pictures: Sequence[WordPicture] = ()) -> None:
        self.template, self.tables, self.pages, self.pictures = template, tables, pages, pictures
        try:
            self.root = parsed(xml)
        except etree.XMLSyntaxError as e:
            raise PackError(f"{template.where(DOCUMENT, e.lineno or 0)}：渲染出来不是合法的 Word 文档，附近的 {{%p if %}}、{{%p for %}} 要各占一段并且成对") from None
        body = self.root.find(f"{W}body")
        if body is None:
            raise PackError(f"{template.file} 没有正文")
        self.body = body
        self.blocks: dict[str, tuple[Table, int, int]] = {}  # mark → table, its width and page height in twips (0: within the text)
        self.listed: list[Heading] = []
        self.bookmarks: dict[str, tuple[str, int]] = {}  # mark → bookmark and its id
        self.looks: set[CellLook] = set()  # of the cells in the pieces so far
        self._mend()
        self._place_tables()
        self._number_headings()
        self._break_titles([str(context[key]) for key in ("单位名称", "主管部门名称") if context.get(key)])

    # --- structure -----------------------------------------------------------------------------------------------

    def _mend(self) -> None:
        """What conditional paragraphs can leave behind: a cell without any paragraph, which Word takes for damage."""
        for cell in self.root.iter(f"{W}tc"):
            if not len(cell) or cell[-1].tag not in (f"{W}p", f"{W}sdt"):
                etree.SubElement(cell, f"{W}p")
        if self.body.find(f"{W}sectPr") is None:
            section = etree.SubElement(self.body, f"{W}sectPr")
            etree.SubElement(section, f"{W}pgSz", {f"{W}w": "11906", f"{W}h": "16838"})
            margins = {"top": 2098, "right": 1474, "bottom": 1984, "left": 1587, "header": 851, "footer": 1304, "gutter": 0}
            etree.SubElement(section, f"{W}pgMar", {f"{W}{side}": str(size) for side, size in margins.items()})

    def _marks(self) -> list[tuple[etree._ProcessingInstruction, str]]:
        return [(pi, pi.text or "") for pi in self.root.iter(etree.ProcessingInstruction) if pi.target == "yusuan"]

    def _place_tables(self) -> None:
        """Every mark made definite: 全套表格 opened into sections of tables, each table given its width."""
        for pi, what in self._marks():
            parent = pi.getparent()
            word = {"contents": CONTENTS, "all": ALL_TABLES, "chart": f'{ONE_CHART}("…")'}.get(what.partition(" ")[0], f'{ONE_TABLE}("…")')
            if parent is None or parent.tag not in (f"{W}body", f"{W}sdtContent") or (what == "all" and parent.tag != f"{W}body"):
                raise PackError(f"{self.template.file} 的 {word} 要在正文里单独成段，写作 {{{{p {word} }}}}；不能和别的文字写在一起，也不能放在表格或文本框里")
            if what == "contents":
                pi.text = f"contents {_text_width(self._section(pi))}"
            elif what == "all":
                self._place_in_sections(pi, self.tables, pictures=True)
            elif what.startswith("chart "):
                pi.text = f"{what} {_text_width(self._section(pi))}"
            elif parent is self.body and not _fits(self.tables[int(what[6:])], _text_width(self._section(pi))):
                self._place_in_sections(pi, [self.tables[int(what[6:])]], pictures=False)
            else:
                self._keep(pi, self.tables[int(what[6:])], _text_width(self._section(pi)), 0)
                following = pi.getnext()
                if following is None or following.tag in (f"{W}tbl", f"{W}sectPr"):
                    pi.addnext(_break_paragraph())
        if self._unplaced() and self.template.is_explanation and not self.template.places_all:
            self._append_pictures()

    def _keep(self, pi: etree._ProcessingInstruction, table: Table, width: int, height: int) -> None:
        key = f"block {len(self.blocks)}"
        pi.text = key
        self.blocks[key] = (table, width, height)

    def _section(self, element: etree._Element) -> etree._Element:
        """The section properties that govern a place: the next ones after it."""
        top: etree._Element = element
        while (parent := top.getparent()) is not None and parent is not self.body:
            top = parent
        for sibling in top.itersiblings():
            found = sibling.find(f"{W}pPr/{W}sectPr") if sibling.tag == f"{W}p" else sibling if sibling.tag == f"{W}sectPr" else None
            if found is not None:
                return found
        found = self.body.find(f"{W}sectPr")
        assert found is not None  # _mend saw to it
        return found

    def _place_in_sections(self, pi: etree._ProcessingInstruction, tables: Sequence[Table], *, pictures: bool) -> None:
        """The set, or a table too wide for the text's page, in sections: neighbours on the same paper share one; the text before keeps
        the template's section, the text after goes on in it.

        Every section clones the header and footer references of the section the mark stands in, so that page numbers go on.
        pictures: those the template does not place itself come behind the tables.
        """
        if not tables:
            self.body.remove(pi)
            return
        own = self._section(pi)
        parent = own.getparent()
        assert parent is not None
        last = not self._after(pi, own)
        starts_section = not self._before(pi)
        if not starts_section:
            pi.addprevious(_break_paragraph(deepcopy(own)))
        groups: list[tuple[Page, list[Table]]] = [(_common_page(group), group) for _, found in groupby(tables, key=lambda t: (t.page.paper, t.page.landscape)) for group in [list(found)]]
        if pictures and self._unplaced():
            groups.append((PICTURE_PAGE, []))
        for n, (page, group) in enumerate(groups):
            section = _table_section(own, page, first=n == 0 and starts_section)
            width, height = _text_width(section), _text_height(section)
            for table in group:
                each = etree.ProcessingInstruction("yusuan", "")
                pi.addprevious(each)
                self._keep(each, table, width, height)
            if not group:
                self._place_pictures(pi, width)
            if n < len(groups) - 1 or not last:
                pi.addprevious(_break_paragraph(section))
            else:
                if parent is self.body:  # a table may not be the last thing in a document
                    pi.addprevious(_break_paragraph())
                parent.replace(own, section)
        if not last:
            _continue(own)
        self.body.remove(pi)

    def _unplaced(self) -> list[int]:
        """The pictures that the template does not place itself."""
        placed = {int(what.split()[1]) for _, what in self._marks() if what.startswith("chart ")}
        return [n for n in range(len(self.pictures)) if n not in placed]

    def _append_pictures(self) -> None:
        """The pictures on pages of their own at the very end."""
        own = self.body.find(f"{W}sectPr")
        assert own is not None  # _mend saw to it
        own.addprevious(_break_paragraph(deepcopy(own)))
        section = _table_section(own, PICTURE_PAGE, first=False)
        self._place_pictures(own, _text_width(section))
        self.body.replace(own, section)

    def _place_pictures(self, before: etree._Element, width: int) -> None:
        heading = etree.Element(f"{W}p")
        if self.template.heading_2:
            etree.SubElement(etree.SubElement(heading, f"{W}pPr"), f"{W}pStyle", {f"{W}val": self.template.heading_2})
        etree.SubElement(etree.SubElement(heading, f"{W}r"), f"{W}t").text = PICTURES
        before.addprevious(heading)
        for n in self._unplaced():
            before.addprevious(etree.ProcessingInstruction("yusuan", f"chart {n} {width}"))

    def _after(self, pi: etree._Element, section: etree._Element) -> bool:
        """Whether the section prints anything after this place."""
        for sibling in pi.itersiblings():
            if sibling is section:
                return False
            if section in set(sibling.iter(f"{W}sectPr")):
                return sibling.find(f"{W}r") is not None
            if _prints(sibling):
                return True
        return False

    def _before(self, pi: etree._Element) -> bool:
        """Whether the section has anything before this place."""
        for sibling in pi.itersiblings(preceding=True):
            if sibling.tag == f"{W}p" and sibling.find(f"{W}pPr/{W}sectPr") is not None:
                return False
            if _prints(sibling):
                return True
        return False

    # --- headings and contents -----------------------------------------------------------------------------------

    def _number_headings(self) -> None:
        """A bookmark on every heading, in reading order, and the list the contents print."""
        ids = [int(b.get(f"{W}id", "0")) for b in self.root.iter(f"{W}bookmarkStart") if (b.get(f"{W}id") or "").isdigit()]
        first = max(ids, default=0) + 1
        for element in list(self.body.iter()):
            name = f"_Toc{100001 + len(self.listed)}"
            if isinstance(element, etree._ProcessingInstruction):
                block = self.blocks.get(element.text or "")
                if block:
                    self.bookmarks[element.text or ""] = (name, first + len(self.listed))
                    self.listed.append(Heading(name, 2, heading_text(block[0])))
            elif element.tag == f"{W}p" and (level := self._level(element)):
                text = " ".join("".join(t.text or " " for t in element.iter(f"{W}t", f"{W}tab", f"{W}br")).split())
                if not text:
                    continue
                start = etree.Element(f"{W}bookmarkStart", {f"{W}id": str(first + len(self.listed)), f"{W}name": name})
                properties = element.find(f"{W}pPr")
                element.insert(0 if properties is None else element.index(properties) + 1, start)
                etree.SubElement(element, f"{W}bookmarkEnd", {f"{W}id": start.get(f"{W}id", "")})
                self.listed.append(Heading(name, level, text))

    def _level(self, paragraph: etree._Element) -> int:
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return self.template.headings.get(style.get(f"{W}val", ""), 0) if style is not None else 0

    def _break_titles(self, names: Sequence[str]) -> None:
        """Titles of two lines kept from the margins so far that they break between words (回行时词意完整).

        By their indents, not by a line break, which the contents would take over.
        """
        for paragraph in self.body.iter(f"{W}p"):
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            size = self.template.titles.get(style.get(f"{W}val", "")) if style is not None else None
            properties = paragraph.find(f"{W}pPr")
            if size is None or properties is None or properties.find(f"{W}ind") is not None or paragraph.find(f".//{W}br") is not None:
                continue
            text = "".join(t.text or "" for t in paragraph.iter(f"{W}t"))
            inset = title_inset(text, _text_width(self._section(paragraph)) / 20 / size, names)
            if inset:
                side = str(round(inset * size * 20))
                indent = etree.Element(f"{W}ind", {f"{W}left": side, f"{W}right": side, f"{W}firstLine": "0", f"{W}firstLineChars": "0"})
                after = [e for e in properties if e.tag in (f"{W}{name}" for name in BEFORE_INDENT)]
                properties.insert(properties.index(after[-1]) + 1, indent)

    def _contents(self, width: int) -> str:
        """The contents as Word itself would leave them: a TOC field whose entries link to the headings and carry their page numbers."""
        entries = [h for h in self.listed if h.level <= DEEPEST]
        # Without page numbers Word is asked to update this field alone. Some versions ask the reader first, so page numbers are better.
        dirty = "" if self.pages is not None else ' w:dirty="true"'
        begin = _field(rf'TOC \o "1-{DEEPEST}" \h \z \u', dirty)
        out = []
        for heading in entries:
            style = self.template.contents_styles.get(heading.level, "")
            page = (self.pages or {}).get(heading.bookmark, "")
            number = _field(rf"PAGEREF {heading.bookmark} \h")
            out += [
                "<w:p><w:pPr>",
                val("pStyle", attribute(style)) if style else "",
                f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{width}"/></w:tabs></w:pPr>{begin}<w:hyperlink w:anchor="{heading.bookmark}" w:history="1">',
                f'<w:r><w:t xml:space="preserve">{escaped(heading.text)}</w:t></w:r><w:r><w:tab/></w:r>',
                f"{number}<w:r><w:t>{page}</w:t></w:r>{FIELD_END}</w:hyperlink></w:p>",
            ]
            begin = ""
        return "".join([*out, "<w:p>", BREAK, begin, FIELD_END, "</w:p>"])

    # --- the finished string -------------------------------------------------------------------------------------

    def pieces(self) -> Iterator[bytes]:
        """The whole part, piece by piece: a department's has tens of megabytes. Marks are replaced in one pass: what is put in is never searched for marks again."""
        yield DECLARATION.encode()
        pieces = re.split(r"<\?yusuan ([^?]*)\?>", etree.tostring(self.root, encoding="unicode"))
        shown = 0
        for i, what in enumerate(pieces):
            if i % 2 == 0:
                yield what.encode()
            elif what.startswith("contents "):
                yield self._contents(int(what[9:])).encode()
            elif what.startswith("chart "):
                shown += 1
                _, n, width = what.split()
                yield picture_xml(self.pictures[int(n)], shown, int(width)).encode()
            else:
                table, width, height = self.blocks[what]
                bookmark, number = self.bookmarks[what]
                for piece in block_xml(table, width, height, style=self.template.heading_2, bookmark=bookmark, bookmark_id=number, new_page=height > 0, looks=self.looks):
                    yield piece.encode()

    def styles(self, of_template: bytes) -> Iterator[bytes]:
        """word/styles.xml. To be asked after the pieces (its name stands behind theirs): only then it is known which looks the cells take."""
        yield with_looks(of_template, self.looks)


FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def _field(instruction: str, more: str = "") -> str:
    """The opening of a field; its cached result and FIELD_END follow."""
    return f'<w:r><w:fldChar w:fldCharType="begin"{more}/></w:r><w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'


# --- sections ---------------------------------------------------------------------------------------------------------


def _prints(element: etree._Element) -> bool:
    """Whether a block is part of the page: a paragraph, a table, a place kept for one."""
    return isinstance(element, etree._ProcessingInstruction) or element.tag in (f"{W}p", f"{W}tbl", f"{W}sdt")


def _fits(table: Table, width_twips: int) -> bool:
    """Whether a table prints readably within `width_twips`: in type of 7 pt, or as small as its layout has it."""
    return all(part.smallest_type * scale(part, width_twips) >= min(SMALLEST_TYPE, part.smallest_type) - ALMOST for part in table.parts)


def _break_paragraph(section: etree._Element | None = None) -> etree._Element:
    """A paragraph of no height; it ends a section when one is given."""
    paragraph = parsed(f'<w:p xmlns:w="{W[1:-1]}">{BREAK}</w:p>')
    if section is not None:
        paragraph[0].append(section)
    return paragraph


def _common_page(tables: Sequence[Table]) -> Page:
    """The page of tables that share a section: their paper, of each margin the widest."""
    pages = [t.page for t in tables]
    left, right, top, bottom = (max(p.margins[i] for p in pages) for i in range(4))
    return Page(pages[0].paper, pages[0].landscape, (left, right, top, bottom))


def _table_section(own: etree._Element, page: Page, *, first: bool) -> etree._Element:
    """A section for tables: paper and margins from the layout, headers, footers and page numbering from the template's section.

    first: it is the first part of the template's section, so that the section's own start of numbering still holds.
    """
    section = etree.Element(f"{W}sectPr", nsmap=own.nsmap)
    section.extend(deepcopy(e) for e in own if e.tag in (f"{W}headerReference", f"{W}footerReference"))
    etree.SubElement(section, f"{W}type", {f"{W}val": "nextPage"})
    width, height = PAPER.get(page.paper, PAPER["A4"])
    if page.landscape:
        etree.SubElement(section, f"{W}pgSz", {f"{W}w": str(height), f"{W}h": str(width), f"{W}orient": "landscape"})
    else:
        etree.SubElement(section, f"{W}pgSz", {f"{W}w": str(width), f"{W}h": str(height)})
    left, right, top, bottom = (round(m * 1440) for m in page.margins)
    margins = {"top": max(top, SIDES), "right": max(right, SIDES), "bottom": max(bottom, BELOW), "left": max(left, SIDES), "header": FOOTER, "footer": FOOTER, "gutter": 0}
    etree.SubElement(section, f"{W}pgMar", {f"{W}{side}": str(size) for side, size in margins.items()})
    numbers = own.find(f"{W}pgNumType")
    if numbers is not None:
        section.append(deepcopy(numbers))
    etree.SubElement(section, f"{W}cols", {f"{W}space": "425"})
    if not first:
        _continue(section)
    return section


def _continue(section: etree._Element) -> None:
    """Page numbers go on from the section before, and its first page is like any other."""
    numbers, title = section.find(f"{W}pgNumType"), section.find(f"{W}titlePg")
    if numbers is not None:
        numbers.attrib.pop(f"{W}start", None)
    if title is not None:
        section.remove(title)


def _text_width(section: etree._Element) -> int:
    """Width of a section's text in twips."""
    size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
    width = int(float(size.get(f"{W}w", "11906"))) if size is not None else 11906
    if margins is None:
        return width - 2 * 1440
    return width - sum(int(float(margins.get(f"{W}{side}", "0"))) for side in ("left", "right", "gutter"))


def _text_height(section: etree._Element) -> int:
    """Height of a table section's text in twips."""
    size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
    assert size is not None
    assert margins is not None
    return int(size.get(f"{W}h", "0")) - sum(int(margins.get(f"{W}{side}", "0")) for side in ("top", "bottom"))


# --- watermark --------------------------------------------------------------------------------------------------------


def _add_watermark(document: _Document, parts: dict[str, bytes], text: str) -> None:
    """`text` slanting across every page: into the headers there are, and a header of its own where the first section has none."""
    for part in [p for p in parts if re.fullmatch(r"word/header\d*\.xml", p)]:
        root = parsed(parts[part])
        root.append(parsed(_watermark_xml(text, part)))
        parts[part] = (DECLARATION + etree.tostring(root, encoding="unicode")).encode()
    sections = list(document.root.iter(f"{W}sectPr"))
    kinds = ["default", *(["even"] if document.template.even_and_odd else []), *(["first"] if any(s.find(f"{W}titlePg") is not None for s in sections) else [])]
    name = "word/header_watermark.xml"
    header = f'{DECLARATION}<w:hdr xmlns:w="{W[1:-1]}">{_watermark_xml(text, name)}</w:hdr>'
    content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    relation = add_part(parts, name, header.encode(), content_type, "word/_rels/document.xml.rels", f"{OFFICE}/header")
    now = dict.fromkeys(kinds, relation)
    for section in sections:  # said in every section: a header taken over from the section before is lost in LibreOffice when paper changes
        for reference in section.findall(f"{W}headerReference"):
            now[reference.get(f"{W}type", "default")] = reference.get(f"{R}id", relation)
        have = {reference.get(f"{W}type") for reference in section.findall(f"{W}headerReference")}
        for kind in kinds:
            if kind not in have:
                section.insert(0, etree.Element(f"{W}headerReference", {f"{W}type": kind, f"{R}id": now[kind]}))


def _watermark_xml(text: str, where: str) -> str:
    """A paragraph with the text as a drawing behind the page, the way Word's own 水印 does it."""
    number = sum(map(ord, where)) % 90000 + 10000
    style = (
        f"position:absolute;margin-left:0;margin-top:0;width:{max(len(text), 2) * 180}pt;height:180pt;rotation:315;z-index:-251658752;"
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin"
    )
    return (
        f'<w:p xmlns:w="{W[1:-1]}" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:pPr>{val("pStyle", CELL_STYLE)}</w:pPr>'
        '<w:r><w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas>'
        '<v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas><v:path textpathok="t" o:connecttype="rect"/>'
        f'<v:textpath on="t" fitshape="t"/></v:shapetype><v:shape id="YusuanWatermark{number}" o:spid="_x0000_s{number}" type="#_x0000_t136" style="{style}" '
        f'o:allowincell="f" fillcolor="silver" stroked="f"><v:fill opacity=".5"/><v:textpath style="font-family:&quot;宋体&quot;;font-size:1pt" string="{attribute(text)}"/>'
        "</v:shape></w:pict></w:r></w:p>"
    )

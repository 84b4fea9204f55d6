"""Charts as pictures in the Word document: the part, the relationship, and the paragraphs that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2.exceptions import TemplateRuntimeError
from markupsafe import Markup

from generator.model.chart import Chart
from generator.render.picture import picture
from generator.render.word_package import OFFICE, add_part
from generator.render.word_text import CELL_STYLE, attribute, escaped, run_properties, val

EMU = 360  # in 0.01 mm
PER_TWIP = 1440 / 2540  # twips in 0.01 mm
HEADING = "预算图示"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
PARAGRAPH = '<w:snapToGrid w:val="0"/><w:spacing w:before="{before}" w:after="{after}" w:line="240" w:lineRule="auto"/><w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="center"/>'


@dataclass(frozen=True, slots=True)
class WordPicture:
    """A picture in the package. relation: its id in the document's relationships; width, height in 0.01 mm."""

    chart: Chart
    relation: str
    width: int
    height: int


def add_pictures(parts: dict[str, bytes], charts: Sequence[Chart]) -> list[WordPicture]:
    """The charts as parts of the package, in their order."""
    made = []
    for n, chart in enumerate(charts, 1):
        drawn = picture(chart)
        relation = add_part(parts, f"word/media/chart{n}.emf", drawn.data, "image/x-emf", "word/_rels/document.xml.rels", f"{OFFICE}/image")
        made.append(WordPicture(chart, relation, drawn.width, drawn.height))
    return made


def picture_xml(shown: WordPicture, number: int, width_twips: int) -> str:
    """The picture with its caption and where its figures come from; never wider than the text. number: in the document, from 1."""
    chart = shown.chart
    factor = min(1.0, width_twips / (shown.width * PER_TWIP))
    size = f'cx="{round(shown.width * factor) * EMU}" cy="{round(shown.height * factor) * EMU}"'
    name = f"图{number}"
    inline = (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="{90000 + number}" name="{name}" descr="{attribute(chart.alt)}"/>'
        f'<wp:cNvGraphicFramePr><a:graphicFrameLocks xmlns:a="{DRAWING}/main" noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic xmlns:a="{DRAWING}/main"><a:graphicData uri="{DRAWING}/picture"><pic:pic xmlns:pic="{DRAWING}/picture">'
        f'<pic:nvPicPr><pic:cNvPr id="{90000 + number}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip xmlns:r="{OFFICE}" r:embed="{shown.relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    below = _words(caption(chart, number), "黑体", 12, 0 if chart.source else 360, keep=bool(chart.source))
    source = _words(chart.source, "宋体", 9, 360) if chart.source else ""
    return f"<w:p><w:pPr>{val('pStyle', CELL_STYLE)}<w:keepNext/>{PARAGRAPH.format(before=120, after=0)}</w:pPr>{inline}</w:p>{below}{source}"


def caption(chart: Chart, number: int) -> str:
    """What stands under the picture."""
    return f"图{number}　{chart.title}"


def _words(text: str, font: str, size: float, after: int, keep: bool = False) -> str:
    return f"<w:p><w:pPr>{val('pStyle', CELL_STYLE)}{'<w:keepNext/>' if keep else ''}{PARAGRAPH.format(before=60, after=after)}</w:pPr><w:r>{run_properties(font, size, False)}<w:t>{escaped(text)}</w:t></w:r></w:p>"


class Charts:
    """The function 图("三公经费") of a template: leaves a mark where the picture will stand; nothing where there is nothing to show.

    charts: all the pack knows, None where there is nothing to show; None instead: no pictures are drawn, whatever they are called.
    """

    def __init__(self, charts: Mapping[str, Chart | None] | None) -> None:
        self.known = None if charts is None else list(charts)
        self.places = {name: n for n, name in enumerate(name for name, chart in (charts or {}).items() if chart is not None)}

    def __call__(self, name: object) -> Markup:
        key = str(name).strip()
        if self.known is not None and key not in self.known:
            raise TemplateRuntimeError(f"没有图“{name}”；可用：{'、'.join(self.known) or '（这套表没有图）'}")
        return Markup(f"<?yusuan chart {self.places[key]}?>") if key in self.places else Markup("")

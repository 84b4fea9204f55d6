"""校验结果, the first sheet: what is wrong, grouped by what to do next, with links to the cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from xml.sax.saxutils import escape, quoteattr

from generator.model.problem import Level, Problem, column_letters
from generator.render.heights import lines_needed
from generator.render.marked.styles import Styles
from generator.render.marked.words import FILLS, MOST_LISTED, RESULT, STEP_NOTES, About, Step, counted, plain

HEADER_ROW = 5
_HEADINGS = ("级别", "工作表", "单元格", "问题", "改法", "规则")
_WIDTHS = (7.0, 18.0, 10.0, 58.0, 44.0, 15.0)


class _Grid:
    """Lines of the first sheet as XML."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.merges: list[str] = []
        self.links: list[str] = []

    @property
    def next(self) -> int:
        return len(self.rows) + 1

    def add(self, cells: Sequence[tuple[str, int]], size: float = 10.0, height: float = 0.0) -> None:
        row = self.next
        made = "".join(
            f'<c r="{column_letters(n)}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(plain(text))}</t></is></c>' if text else f'<c r="{column_letters(n)}{row}" s="{style}"/>'
            for n, (text, style) in enumerate(cells, 1)
        )
        lines = max(lines_needed(text, _WIDTHS[n], size) for n, (text, _) in enumerate(cells)) if not height else 1
        self.rows.append(f'<row r="{row}" ht="{height or min(lines * size * 1.35 + 5, 400):g}" customHeight="1">{made}</row>')

    def across(self, text: str, style: int, size: float = 10.0) -> None:
        """One text over all columns."""
        lines = lines_needed(text, sum(_WIDTHS), size)
        self.merges.append(f"A{self.next}:F{self.next}")
        self.add([(text, style), *[("", style)] * 5], size, lines * size * 1.35 + 6)


def result_sheet(file: str, problems: Sequence[Problem], about: About, kept: str, linked: Collection[str], hidden: Collection[str], styles: Styles) -> bytes:
    """The XML of 校验结果. linked: the sheets a link can lead to."""
    body = '<sz val="10"/><color rgb="FF000000"/><name val="宋体"/><family val="3"/><charset val="134"/>'
    bold = f"<b/>{body}"
    left, centre = ' horizontal="left"', ' horizontal="center"'
    title = styles.cell('<b/><sz val="16"/><color rgb="FF1F3864"/><name val="黑体"/><family val="3"/><charset val="134"/>', border=False, align=left)
    note = styles.cell(body, border=False, align=left)
    head = styles.cell(bold, "FFD9D9D9", align=centre)
    group = styles.cell('<b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="宋体"/><family val="3"/><charset val="134"/>', "FF1F3864", align=left)
    text = styles.cell(body, align=left)
    link = styles.cell('<u/><sz val="10"/><color rgb="FF0563C1"/><name val="宋体"/><family val="3"/><charset val="134"/>', align=centre)
    middle = styles.cell(body, align=centre)
    levels = {level: styles.cell(bold, FILLS[level], align=centre) for level in Level}

    grid = _Grid()
    errors = any(p.level is Level.ERROR for p in problems)
    grid.across(f"{RESULT}：{file}", title, 16)
    grid.across("　".join(filter(None, (about.heading, f"{counted(problems)}{'，有错误，还不能生成' if errors else ''}。"))), note)
    grid.across("在本文件或原文件里改都行；改好、保存，再核对一次。" + kept, note)
    grid.across("有颜色的格子就是有问题的地方（红：错误，必须改；黄：警告，请核对；蓝：提示），鼠标移上去看批注。本表、颜色和批注由程序加上，再次核对时自动去掉，不影响所填的内容。", note)
    grid.add([(h, head) for h in _HEADINGS], height=20)
    steps: dict[Step, list[Problem]] = {}
    for problem in problems:
        steps.setdefault(about.step(problem), []).append(problem)
    left_over, number = MOST_LISTED, 0
    for step in Step:
        found = steps.get(step, [])
        if not found:
            continue
        number += 1
        grid.across(f"{'一二三四五六'[number - 1]}、{step}（{len(found)} 条）　{STEP_NOTES[step]}", group, 11)
        for p in found[: max(left_over, 0)]:
            place = p.place
            there = place.sheet in linked
            if there:
                cell = f"{column_letters(place.column or 1)}{place.row or 1}"
                target = "'" + place.sheet.replace("'", "''") + "'!" + cell
                grid.links.append(f'<hyperlink ref="C{grid.next}" location={quoteattr(plain(target))}/>')
            sheet = (place.sheet or "（整个文件）") + ("（隐藏的工作表）" if place.sheet in hidden else "")
            grid.add([(p.level, levels[p.level]), (sheet, text), (place.cell or ("整张表" if place.sheet else ""), link if there else middle), (p.message, text), (p.hint, text), (p.rule, text)])
        if len(found) > left_over:
            grid.across(f"……还有 {len(found) - max(left_over, 0)} 条没有列出，先改上面的", note)
        left_over -= len(found)
    if about.not_run:
        grid.across(f"{'一二三四五六'[number]}、未能核对（{len(about.not_run)} 项）　缺内容，没有核对，不等于通过", group, 11)
        for reason, rules in about.waiting().items():
            grid.add([("未核对", middle), ("", text), ("", middle), (reason, text), ("、".join(rules), text), (f"{len(rules)} 项", text)])

    columns = "".join(f'<col min="{n}" max="{n}" width="{width + 0.71:g}" customWidth="1"/>' for n, width in enumerate(_WIDTHS, 1))
    links = f"<hyperlinks>{''.join(grid.links)}</hyperlinks>" if grid.links else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{styles.namespace}"><sheetPr><tabColor rgb="FF1F3864"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:F{len(grid.rows)}"/><sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"><pane ySplit="{HEADER_ROW}" topLeftCell="A{HEADER_ROW + 1}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{HEADER_ROW + 1}" sqref="A{HEADER_ROW + 1}"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols>'
        f"<sheetData>{''.join(grid.rows)}</sheetData>"
        f'<mergeCells count="{len(grid.merges)}">{"".join(f"<mergeCell ref={quoteattr(m)}/>" for m in grid.merges)}</mergeCells>'
        f'<conditionalFormatting sqref="A1"><cfRule type="expression" dxfId="{styles.add("dxfs", "<dxf><font><b/></font></dxf>")}" priority="1"><formula>LEN("yusuan-result")=13</formula></cfRule></conditionalFormatting>'
        f'{links}<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;C&amp;9第 &amp;P 页 共 &amp;N 页</oddFooter></headerFooter></worksheet>"
    ).encode()

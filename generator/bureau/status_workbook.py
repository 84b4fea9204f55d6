"""状态表.xlsx: the same as the page, to be filtered, printed and sent on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.bureau.ledger import BUILT, MISSING, UNDONE, WARNED, WRONG
from generator.bureau.status import SHOWN, Line, Status, link
from generator.bureau.storage import Folder, Storage
from generator.bureau.work import FIGURES
from generator.render.excel_book import Book
from generator.render.heights import lines_needed

FILLS = {BUILT: "#E2F0D9", WARNED: "#FFF2CC", WRONG: "#F8CBAD", UNDONE: "#F8CBAD", MISSING: "#E0E0E0"}
PROBLEMS, NOTES, FILE = 58, 24, 24  # widths of the wordy columns
MOST_LINKS = 60000  # a worksheet of Excel holds 65,530


def status_workbook(status: Status, source: Storage, out: Storage) -> bytes:
    """The workbook's bytes: 单位, 问题, 按主管部门, 没有用的文件."""
    return _Writer(status, source, out).write()


class _Writer:
    def __init__(self, status: Status, source: Storage, out: Storage) -> None:
        self.status, self.source, self.out = status, source, out
        self.book = Book(status.title, datetime(2000, 1, 1), {"max_url_length": 2079})
        self.links = 0

    def style(self, **more: object) -> Format:
        return self.book.add_format({"font_name": "宋体", "font_size": 10, "valign": "top", "text_wrap": True, "border": 1, "border_color": "#BFBFBF", **more})

    def write(self) -> bytes:
        self.title = self.book.add_format({"font_name": "黑体", "font_size": 14, "bold": True})
        self.said = self.book.add_format({"font_name": "宋体", "font_size": 10})
        self.head = self.style(bold=True, bg_color="#DCE6F1", align="center")
        self.text, self.number, self.count = self.style(), self.style(num_format="#,##0.00"), self.style(num_format="0")
        self.linked = self.style(font_color="#1F4E79", underline=1)
        self.states = {state: self.style(bold=True, align="center", bg_color=colour) for state, colour in FILLS.items()}
        self._units()
        self._problems()
        self._departments()
        self._aside()
        return self.book.finished()

    def _sheet(self, name: str, heads: list[str], widths: list[float], title: str = "") -> tuple[Worksheet, int]:
        """A sheet with its title and heading, ready to print; gives the first line of its body."""
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, title or f"{self.status.title}：{name}", self.title)
        sheet.write_string(1, 0, f"{self.status.summary}。" + ("中途停下了，再运行一次就接着做。" if self.status.stopped else ""), self.said)
        sheet.write_row(2, 0, heads, self.head)
        for n, width in enumerate(widths):
            sheet.set_column(n, n, width)
        sheet.freeze_panes(3, 0)
        sheet.set_landscape()
        sheet.set_paper(8 if name == "单位" else 9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        return sheet, 3

    def _url(self, sheet: Worksheet, row: int, column: int, place: Storage, name: str, text: str) -> None:
        target = link(place, name, self.out)
        if self.links >= MOST_LINKS or len(target) > 2000:
            sheet.write_string(row, column, text, self.text)
            return
        self.links += 1
        sheet.write_url(row, column, f"external:{target}" if isinstance(place, Folder) and "://" not in target else target, self.linked, text)

    def _units(self) -> None:
        heads = ["编码", "单位", "主管部门", "联系岗位", "年度", "状态", *[f"{f}\n（万元）" for f in FIGURES], "问题数", f"前 {SHOWN} 条问题", "提醒", "工作簿", "保存时间", "结果"]
        sheet, row = self._sheet("单位", heads, [10, 26, 18, 8, 5, 8, *[10.5] * len(FIGURES), 10, PROBLEMS, NOTES, FILE, 10, 12], self.status.title)
        first = row
        for line in self.status.lines:
            self._unit(sheet, row, line)
            row += 1
        sheet.autofilter(first - 1, 0, max(row - 1, first), len(heads) - 1)
        sheet.freeze_panes(3, 2)

    def _unit(self, sheet: Worksheet, row: int, line: Line) -> None:
        for n, text in enumerate((line.code, line.name, line.department, line.contact, line.year)):
            sheet.write_string(row, n, text, self.text)
        sheet.write_string(row, 5, line.state, self.states.get(line.state, self.text))
        figures = line.figures or ("",) * len(FIGURES)
        for n, figure in enumerate(figures):
            if figure:
                sheet.write_number(row, 6 + n, float(Decimal(figure.replace(",", ""))), self.number)
            else:
                sheet.write_blank(row, 6 + n, None, self.number)
        n = 6 + len(FIGURES)
        problems = "\n".join(f"{i}. {p.where}　{p.level}　{p.message}" for i, p in enumerate(line.shown, 1))
        notes = "\n".join(([f"填在 {line.filed_with} 的工作簿里"] if line.filed_with else []) + list(line.notes))
        for m, text in enumerate((line.problem_counts, problems, notes)):
            sheet.write_string(row, n + m, text[:32000], self.text)
        if line.workbook:
            self._url(sheet, row, n + 3, self.source, line.workbook, line.workbook)
        else:
            sheet.write_blank(row, n + 3, None, self.text)
        sheet.write_string(row, n + 4, line.handed_in, self.text)
        record = None if line.filed_with else line.record
        goal = "" if record is None else f"{record.folder}/" if line.state in (BUILT, WARNED) else f"{record.handed_back[0].rpartition('/')[0]}/" if record.handed_back else ""
        if goal:
            self._url(sheet, row, n + 5, self.out, goal, "打开文件夹" if line.state in (BUILT, WARNED) else "标注件和校验报告")
        else:
            sheet.write_blank(row, n + 5, None, self.text)
        lines = max(lines_needed(text, width, 10) for text, width in ((problems, PROBLEMS), (notes, NOTES), (line.workbook, FILE), (line.name, 26), (line.problem_counts, 10), (line.handed_in, 10)))
        sheet.set_row(row, 13 * min(lines, 24) + 3)

    def _problems(self) -> None:
        sheet, row = self._sheet("问题", ["编码", "单位", "级别", "在哪里", "问题", "改法", "规则"], [11, 30, 7, 44, 60, 44, 18])
        first = row
        for line in self.status.lines:
            for p in line.record.problems if line.record is not None and not line.filed_with else ():
                if p.level != "提示":
                    for n, text in enumerate((line.code, line.name, p.level, p.place, p.message, p.hint, p.rule)):
                        sheet.write_string(row, n, text[:32000], self.text)
                    row += 1
        sheet.autofilter(first - 1, 0, max(row - 1, first), 6)

    def _departments(self) -> None:
        states = list(self.status.counts)
        sheet, row = self._sheet("按主管部门", ["主管部门", *states, "合计"], [34, *[10] * (len(states) + 1)])
        for name, counts in self.status.by_department:
            sheet.write_string(row, 0, name, self.text)
            for n, state in enumerate(states, 1):
                sheet.write_number(row, n, counts[state], self.count) if state in counts else sheet.write_blank(row, n, None, self.count)
            sheet.write_number(row, len(states) + 1, sum(counts.values()), self.count)
            row += 1

    def _aside(self) -> None:
        sheet, row = self._sheet("没有用的文件", ["文件", "是什么", "为什么"], [50, 14, 80])
        for file in self.status.aside:
            self._url(sheet, row, 0, self.source, file.name, file.name)
            sheet.write_string(row, 1, file.kind, self.text)
            sheet.write_string(row, 2, file.why, self.text)
            row += 1

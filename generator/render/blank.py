"""The blank master workbook a bureau hands out, from the schema and a pack; prefilled where something is known already.

The same schema reads it back (generator/bind). Drop-downs come from the pack's lists, headings carry notes, headings and
guide are locked while entry cells are free; there is no macro and no password.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.model.problem import column_letters
from generator.pack.pack import Pack
from generator.pack.schema import Column, Sheet, spread_heading
from generator.render.excel_book import Book
from generator.render.heights import lines_needed

ENTRY_ROWS = 500  # lines prepared with drop-downs; more can be filled, they are read all the same
CARRIED = "#DDEBF7"  # the ground of what comes from last year
CODES, GUIDE = "代码表", "填报说明"
Row = Mapping[str | tuple[str, str], object]  # column name, or (code, sub-item) of a wide sheet → value


@dataclass(frozen=True, slots=True)
class Carried:
    """A value brought over from last year: shown on a colour of its own, to be looked at and changed."""

    value: object


@dataclass(frozen=True, slots=True)
class Prefill:
    """What is known beforehand. lines: 年度 … → value; units: sheet → its amount unit; rows: sheet → lines."""

    lines: Mapping[str, object] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    about: Sequence[str] = ()  # further paragraphs of the guide (a sample says here what it is)
    appendix: Sequence[Appendix] = ()  # sheets after all others, which are not read as data


@dataclass(frozen=True, slots=True)
class Appendix:
    """A plain list: heading and rows. widths in Excel characters."""

    name: str
    about: str
    heading: Sequence[str]
    rows: Sequence[Sequence[object]]
    widths: Sequence[float] = ()


def first_row(schema: Sheet) -> int:
    """The first entry line of a sheet (1-based): below title, note, lines, amount unit, sums and heading."""
    return 2 + len(schema.lines) + bool(schema.amount_unit) + 2 + 1


def blank_workbook(pack: Pack, prefill: Prefill, created: datetime) -> bytes:
    """The workbook's bytes. Same input, same bytes."""
    return _Writer(pack, prefill, created).write()


class _Writer:
    def __init__(self, pack: Pack, prefill: Prefill, created: datetime) -> None:
        self.pack, self.prefill = pack, prefill
        self.book = Book(f"{pack.file.name or pack.id} 主工作簿", created, about={"category": pack.schema.template, "keywords": pack.id})
        self.book.set_custom_property("模板版本", f"{pack.schema.template} {pack.schema.version}")
        self.lists: dict[str, tuple[str, int]] = {}

    def style(self, **properties: object) -> Format:
        return self.book.add_format({"font_name": "宋体", "font_size": 10, "valign": "vcenter", **properties})

    def write(self) -> bytes:
        self.title = self.style(font_name="黑体", font_size=14, bold=True)
        self.note = self.style(font_color="#595959", text_wrap=True, valign="top")
        self.label = self.style(align="right", font_color="#404040")
        self.free = self.style(locked=False, bg_color="#FFFBE6", border=1, border_color="#BFBFBF")
        head = {"bold": True, "border": 1, "text_wrap": True, "align": "center"}
        self.head = self.style(**head, bg_color="#DCE6F1")
        self.must = self.style(**head, bg_color="#FCE4D6")
        self.sum = self.style(num_format="#,##0.00", font_color="#7F7F7F", italic=True)
        base = {"locked": False, "border": 4, "border_color": "#D9D9D9"}
        self.entry = {
            "text": self.style(**base, num_format="@"),
            "long": self.style(**base, num_format="@", text_wrap=True, valign="top"),
            "money": self.style(**base, num_format="#,##0.00####"),
            "count": self.style(**base, num_format="0.##"),
            "date": self.style(**base, num_format="yyyy-mm-dd", align="center"),
        }
        self.carried: dict[str, Format] = {}  # made when wanted: a workbook with nothing carried has no such formats
        guide = self.book.add_worksheet(GUIDE)
        sheets = [(s, self.book.add_worksheet(s.name)) for s in self.pack.schema.sheets]
        codes = self.book.add_worksheet(CODES)
        self._codes(codes)
        for schema, sheet in sheets:
            self._sheet(schema, sheet)
        for appendix in self.prefill.appendix:
            self._appendix(appendix)
        self._guide(guide)
        sheets[0][1].activate()
        return self.book.finished()

    # --- the lists behind the drop-downs ------------------------------------------------------------------------------

    def _codes(self, sheet: Worksheet) -> None:
        pack = self.pack
        columns: dict[str, list[str]] = {"来源": [s.name for s in pack.sources.values() if not s.group]}
        for name in pack.file.lists:
            columns[name] = [c.value for c in pack.choices(name)]
        columns["功能科目编码"] = [c.code for c in pack.functional.values() if len(c.code) == 7]
        columns["功能科目名称"] = [c.name for c in pack.functional.values() if len(c.code) == 7]
        columns["部门经济编码"] = [c.code for c in pack.department.values()]
        columns["部门经济名称"] = [c.name for c in pack.department.values()]
        columns["政府经济编码"] = [c.code for c in pack.government.values()]
        columns["政府经济名称"] = [c.name for c in pack.government.values()]
        for n, (name, values) in enumerate(columns.items()):
            sheet.write_string(0, n, name, self.head)
            sheet.write_column(1, n, values, self.style(num_format="@"))
            sheet.set_column(n, n, 24)
            letter = column_letters(n + 1)
            self.lists[name] = (f"={CODES}!${letter}$2:${letter}${len(values) + 1}", len(values))
        sheet.freeze_panes(1, 0)
        sheet.protect()

    # --- one sheet ----------------------------------------------------------------------------------------------------

    def _sheet(self, schema: Sheet, sheet: Worksheet) -> None:
        spread = self._spread(schema)
        width = len(schema.columns) + len(spread)
        sheet.write_string(0, 0, schema.name, self.title)
        sheet.set_row(0, 24)
        reach = min(max(width - 1, 1), 8)
        sheet.merge_range(1, 0, 1, reach, f"{schema.about}（{schema.who}填）", self.note)
        sheet.set_row(1, 32)
        row = 2
        for line in schema.lines:
            sheet.write_string(row, 0, line.name, self.label)
            self._value(sheet, row, 1, self.prefill.lines.get(line.name), line, self.free)
            if line.note:
                sheet.write_string(row, 2, line.note, self.style(font_color="#7F7F7F"))
            row += 1
        if schema.amount_unit:
            sheet.write_string(row, 0, "金额单位", self.label)
            sheet.write_string(row, 1, self.prefill.units.get(schema.name, schema.amount_unit), self.free)
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": ["元", "万元"]})
            row += 1
        sums, heading = row, row + 1
        columns: list[tuple[str | tuple[str, str], Column]] = [(c.name, c) for c in schema.columns]
        for code, item, text in spread:
            columns.append(((code, item), Column(text, "金额", measure="本年", width=11)))
        sheet.write_string(sums, 0, "本表合计", self.label)
        sheet.set_row(heading, 44)
        for n, (_, column) in enumerate(columns):
            sheet.write_string(heading, n, column.name, self.must if column.required else self.head)
            if column.note:
                sheet.write_comment(heading, n, column.note, {"author": "", "x_scale": 1.6, "font_size": 9})
            sheet.set_column(n, n, column.width, self._entry(column))
            if column.measure and n:
                letter = column_letters(n + 1)
                sheet.write_formula(sums, n, f"=SUM({letter}{heading + 2}:{letter}{heading + 1 + 5000})", self.sum)
            self._dropdown(sheet, heading + 1, n, column)
        rows = self.prefill.rows.get(schema.name, ())
        for r, values in enumerate(rows):
            for n, (key, column) in enumerate(columns):
                value, style = values.get(key), self._entry(column)
                if isinstance(value, Carried):
                    value, style = value.value, self._carried(column)
                self._value(sheet, heading + 1 + r, n, value, column, style)
            wordy = [(str(said.value if isinstance(said, Carried) else said), c.width) for key, c in columns if c.type == "长文" and (said := values.get(key))]
            if (lines := max((lines_needed(said, width, 10) for said, width in wordy), default=1)) > 1:
                sheet.set_row(heading + 1 + r, min(13.5 * lines + 3, 400))  # Excel allows 409
        sheet.freeze_panes(heading + 1, min(2, len(schema.columns)) if schema.spread or width > 6 else 0)
        sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True, "sort": True, "autofilter": True, "objects": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(heading)

    def _spread(self, schema: Sheet) -> list[tuple[str, str, str]]:
        """(code, sub-item, heading) of the columns of a wide sheet: the items, those a table splits, the class itself, and any other that is filled."""
        if schema.spread is None:
            return []
        columns = []
        for group in schema.spread.classes:
            for code in self.pack.department.under(group, 5):
                items = self.pack.file.sub_items.get(code.code, [])
                columns.append((code.code, "", spread_heading(code.code, code.name, rest=bool(items))))
                columns += [(code.code, item, spread_heading(code.code, code.name, item)) for item in items]
            columns.append((group, "", spread_heading(group, self.pack.department.name(group))))
        have = {(code, item) for code, item, _ in columns}
        more = {key for row in self.prefill.rows.get(schema.name, ()) for key in row if isinstance(key, tuple)} - have
        return columns + [(code, item, spread_heading(code, self.pack.department.name(code), item)) for code, item in sorted(more)]

    def _entry(self, column: Column) -> Format:
        return self.entry[_kind(column)]

    def _carried(self, column: Column) -> Format:
        kind = _kind(column)
        if kind not in self.carried:
            forms: dict[str, dict[str, object]] = {
                "text": {"num_format": "@"},
                "long": {"num_format": "@", "text_wrap": True, "valign": "top"},
                "money": {"num_format": "#,##0.00####"},
                "count": {"num_format": "0.##"},
                "date": {"num_format": "yyyy-mm-dd", "align": "center"},
            }
            self.carried[kind] = self.style(locked=False, border=4, border_color="#D9D9D9", bg_color=CARRIED, **forms[kind])
        return self.carried[kind]

    def _dropdown(self, sheet: Worksheet, row: int, n: int, column: Column) -> None:
        source: str | list[str] | None = list(column.choices) or None
        if column.type == "来源":
            source = self.lists["来源"][0]
        elif column.type == "选项" and not column.choices:
            source = self.lists[column.choice_list][0]
        elif column.type == "单位":
            letter, start = "A", self._unit_start()
            source = f"=单位信息!${letter}${start}:${letter}${start + 199}"
        if source is not None:
            # a warning, not a stop: spellings the program knows (aliases) may be pasted in
            sheet.data_validation(row, n, row + ENTRY_ROWS, n, {"validate": "list", "source": source, "error_type": "warning", "error_title": column.name, "error_message": "不在下拉列表里，请核对"})

    def _unit_start(self) -> int:
        return first_row(self.pack.schema.sheet("单位信息"))

    def _appendix(self, appendix: Appendix) -> None:
        sheet = self.book.add_worksheet(appendix.name)
        sheet.write_string(0, 0, appendix.name, self.title)
        sheet.merge_range(1, 0, 1, max(len(appendix.heading) - 1, 1), appendix.about, self.note)
        sheet.set_row(1, 32)
        sheet.write_row(2, 0, appendix.heading, self.head)
        text, money = self.style(num_format="@"), self.style(num_format="#,##0.00")
        for r, row in enumerate(appendix.rows, 3):
            for c, value in enumerate(row):
                if isinstance(value, Decimal):
                    sheet.write_number(r, c, float(value), money)
                elif isinstance(value, int):
                    sheet.write_number(r, c, value)
                elif value not in (None, ""):
                    sheet.write_string(r, c, str(value), text)
        for c, width in enumerate(appendix.widths):
            sheet.set_column(c, c, width)
        sheet.freeze_panes(3, 0)
        sheet.autofilter(2, 0, max(len(appendix.rows) + 2, 3), len(appendix.heading) - 1)
        sheet.protect("", {"autofilter": True, "sort": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _value(self, sheet: Worksheet, row: int, n: int, value: object, column: Column, style: Format) -> None:
        if value is None or value == "":
            if style is self.free:
                sheet.write_blank(row, n, None, style)
        elif isinstance(value, (Decimal, int, float)) and column.numeric:
            sheet.write_number(row, n, float(value), style)
        elif isinstance(value, (date, datetime)):
            sheet.write_datetime(row, n, datetime(value.year, value.month, value.day), style if style is self.carried.get("date") else self.entry["date"])
        else:
            sheet.write_string(row, n, str(value), style)

    # --- the guide ----------------------------------------------------------------------------------------------------

    def _guide(self, sheet: Worksheet) -> None:
        pack = self.pack
        wrap = self.style(text_wrap=True, valign="top", border=1, border_color="#BFBFBF")
        lines = [
            "每个数只在这里填一次，公开表和说明里的数都由程序从这里取。",
            "橙色列名是必填列；有下拉的从下拉里选。不填就是没有，空格不当作 0；确实是 0 就填 0。",
            "金额按每张表上方的“金额单位”填（元或万元）；单价和采购金额一律填元。",
            "可以插入、隐藏、排序行，可以调整列的先后，不要改列名和表名。合计行可填可不填，程序自己合计，填了会核对。",
            "增减原因写在“文字说明”里，接在“主要原因是”后面，要写具体，不写“工作需要”之类的空话。",
            "人名、手机号不要填：联系人写岗位，电话写办公室座机。",
            "填好以后把本文件拖到“yusuan.bat”上；有问题会逐条列出在哪张表、哪一格、怎么改。",
            *self.prefill.about,
        ]
        sheet.merge_range(0, 0, 0, 3, f"{pack.file.name or pack.id} 主工作簿填报说明", self.title)
        sheet.set_row(0, 28)
        for i, line in enumerate(lines):
            sheet.merge_range(i + 1, 0, i + 1, 3, f"{i + 1}. {line}", self.style(text_wrap=True))
            sheet.set_row(i + 1, 18 if len(line) < 52 else 34)
        start = len(lines) + 2
        sheet.write_row(start, 0, ("工作表", "一行是什么、填什么", "谁来填", "金额单位"), self.head)
        for i, schema in enumerate(pack.schema.sheets):
            row = start + 1 + i
            sheet.write_url(row, 0, f"internal:'{schema.name}'!A1", self.style(font_color="#1F4E79", underline=1, border=1, border_color="#BFBFBF"), schema.name)
            sheet.write_string(row, 1, schema.about, wrap)
            sheet.write_string(row, 2, schema.who, wrap)
            sheet.write_string(row, 3, self.prefill.units.get(schema.name, schema.amount_unit), wrap)
            sheet.set_row(row, 18 if len(schema.about) < 38 else 34)
        for column, width in enumerate((26, 78, 22, 10)):
            sheet.set_column(column, column, width)
        row = start + len(pack.schema.sheets) + 2
        sheet.write_string(row, 0, f"套表：{pack.id}　模板版本：{pack.schema.template} {pack.schema.version}", self.style(font_color="#7F7F7F"))
        sheet.protect()
        sheet.set_portrait()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)


def _kind(column: Column) -> str:
    return {"金额": "money", "整数": "count", "数量": "count", "日期": "date", "长文": "long"}.get(column.type, "text")

"""A workbook of our own, written in memory by XlsxWriter: text stays text, and same input gives same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.worksheet import Worksheet

from generator.model.problem import column_letters
from generator.render.word_package import zipped

_AS_TYPED = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_ODD = re.compile(r"^\s|[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x|\s$")  # what XlsxWriter does not write as it stands


class Book(xlsxwriter.Workbook):
    """A workbook whose texts never turn into formulas, links or numbers.

    title, created, about: its properties; options: further ones of XlsxWriter.
    """

    def __init__(self, title: str, created: datetime, options: Mapping[str, object] | None = None, about: Mapping[str, str] | None = None) -> None:
        super().__init__(BytesIO(), {**_AS_TYPED, **(options or {})})
        self._packager = _Packager()
        self.set_properties({"title": title, "author": "", "company": "", "created": created, **(about or {})})

    def finished(self) -> bytes:
        """The file. Nothing can be added any more.

        XlsxWriter's sheets and packager hold their workbook, which holds them, cells and all. Parted here, they go as soon as
        nobody needs them; else they wait for the garbage collector, and a batch takes more memory from unit to unit.
        """
        self.close()
        for sheet in self.worksheets():
            sheet.workbook_add_format = None
        self._packager.workbook = None
        return zipped(self._packager.parts)

    def _get_packager(self) -> Packager:
        """XlsxWriter's hook: who lays the parts side by side."""
        return self._packager


class TextSheet(Worksheet):
    """A worksheet of texts, filled once by `fill`: as table_sheet does it, whole rows at once, the same bytes as cell by cell."""

    _lines: Sequence[tuple[Sequence[int | None], Sequence[Format], float]] = ()

    def fill(self, rows: Sequence[tuple[Sequence[str | None], Sequence[Format], float]]) -> None:
        """Takes the rows: the texts (None for an empty cell), a format for each, the height in pt (0 for Excel's own). All are of one length."""
        shared = self.str_table._get_shared_string_index
        self._lines = [([None if text is None else shared(text) for text in texts], formats, height) for texts, formats, height in rows]
        self.dim_rowmin, self.dim_rowmax, self.dim_colmin, self.dim_colmax = 0, len(rows) - 1, 0, len(rows[0][0]) - 1

    def _write_sheet_data(self) -> None:
        """XlsxWriter's hook, at its place in the sheet's XML; formats have their numbers from here on."""
        self._xml_start_tag("sheetData")
        for number, (texts, formats, height) in enumerate(self._lines, 1):
            pixels = int(height * 4.0 / 3.0 + 0.5)
            tall = f' ht="{pixels * 0.75:.16g}" customHeight="1"' if pixels and pixels != self.default_row_height else ""
            cells = [
                f'<c r="{column_letters(column)}{number}" s="{style._get_xf_index()}"' + ("/>" if text is None else f' t="s"><v>{text}</v></c>')
                for column, (text, style) in enumerate(zip(texts, formats, strict=True), 1)
            ]
            self.fh.write(f'<row r="{number}" spans="1:{len(cells)}"{tall}>{"".join(cells)}</row>')
        self._xml_end_tag("sheetData")


class _Packager(Packager):
    """Keeps the parts for `zipped`, which compresses several times as fast as the zipfile that XlsxWriter uses; to XlsxWriter there are none."""

    parts: Iterable[tuple[str, bytes]] = ()

    def _create_package(self) -> list[object]:
        made = super()._create_package()
        self.parts = ((name, data.getvalue() if is_binary else data.getvalue().encode()) for data, name, is_binary in made)
        return []

    def _write_shared_strings_file(self) -> None:
        """XlsxWriter's hook for the texts of all sheets."""
        if self.workbook.str_table.count:
            strings = _SharedStrings()
            strings.string_table = self.workbook.str_table
            strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            strings._assemble_xml_file()


class _SharedStrings(SharedStrings):
    """XlsxWriter looks at every text seven times for what it must not write as it stands; once tells that there is nothing."""

    def _write_si(self, string: str) -> None:
        if _ODD.search(string):
            super()._write_si(string)
        else:
            self.fh.write(f"<si><t>{string}</t></si>")

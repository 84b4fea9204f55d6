"""A workbook of our own, written in memory by XlsxWriter: text stays text, and same input gives same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO

import xlsxwriter
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings

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

"""A workbook of our own, written in memory by XlsxWriter: text stays text, and same input gives same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO

import xlsxwriter

_AS_TYPED = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Book(xlsxwriter.Workbook):
    """A workbook whose texts never turn into formulas, links or numbers.

    title, created, about: its properties; options: further ones of XlsxWriter.
    """

    def __init__(self, title: str, created: datetime, options: Mapping[str, object] | None = None, about: Mapping[str, str] | None = None) -> None:
        self._bytes = BytesIO()
        super().__init__(self._bytes, {**_AS_TYPED, **(options or {})})
        self.set_properties({"title": title, "author": "", "company": "", "created": created, **(about or {})})

    def finished(self) -> bytes:
        """The file. Nothing can be added any more.

        XlsxWriter's sheets hold their workbook, which holds them, cells and all. Parted here, they go as soon as nobody needs
        them; else they wait for the garbage collector, and a batch takes more memory from unit to unit.
        """
        self.close()
        for sheet in self.worksheets():
            sheet.workbook_add_format = None
        return self._bytes.getvalue()

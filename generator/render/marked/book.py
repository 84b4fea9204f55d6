"""workbook.xml of the copy: its sheets, and 校验结果 put in front of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from lxml import etree

from generator.read.package import normal
from generator.read.xlsx import main_part
from generator.render.excel_package import OFFICE, ExcelPackage, child, local, parsed, serialised
from generator.render.marked.result import HEADER_ROW
from generator.render.marked.sheet import Sheet
from generator.render.marked.styles import Styles
from generator.render.marked.words import MAIN, RESULT, RESULT_PART

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"


class Book:
    """workbook.xml with its sheets and styles."""

    def __init__(self, package: ExcelPackage) -> None:
        self.package = package
        self.part = main_part(package.package)
        self.root = parsed(package.read(self.part))
        relations = {r.id: r for r in package.relations(self.part)}
        self.sheets: list[Sheet] = []
        for line in self._lines():
            relation = relations.get(self._relation_id(line))
            if relation is not None and relation.part in package:
                self.sheets.append(Sheet(package, line.get("name", ""), relation.kind, relation.part, line.get("state", "visible") != "visible", line))

    def _lines(self) -> list[etree._Element]:
        sheets = child(self.root, "sheets")
        return [] if sheets is None else [e for e in sheets if local(e) == "sheet"]

    def _relation_id(self, line: etree._Element) -> str:
        return next((v for k, v in line.attrib.items() if etree.QName(k).localname == "id"), "")

    @property
    def _office(self) -> str:
        """The namespace of relations: files saved as “strict” have another."""
        strict = etree.QName(self.root).namespace or ""
        return "http://purl.oclc.org/ooxml/officeDocument/relationships" if "purl.oclc.org" in strict else OFFICE

    @cached_property
    def styles(self) -> Styles:
        part = next((r.part for r in self.package.relations(self.part) if r.kind == "styles" and r.part in self.package), "")
        if not part:
            part = self.package.free("xl/styles{}.xml")
            namespace = etree.QName(self.root).namespace or MAIN
            self.package.write(part, f'<styleSheet xmlns="{namespace}"/>'.encode())
            self.package.declare(part, _STYLES_TYPE)
            self.package.relate(self.part, "styles", part, self._office)
        return Styles(self.package, part)

    def clear(self) -> None:
        """Takes away what an earlier check has marked: the sheet, colours, notes."""
        for sheet in list(self.sheets):
            if sheet.kind != "worksheet":
                continue
            if sheet.name.startswith(RESULT) and b"yusuan-" in self.package.read(sheet.part):
                self._remove(sheet)
            else:
                sheet.clear()

    def _remove(self, sheet: Sheet) -> None:
        lines = self._lines()
        index = next(i for i, line in enumerate(lines) if line is sheet.line)
        for relation in self.package.relations(sheet.part):
            if relation.kind in ("comments", "vmlDrawing", "printerSettings") and relation.part in self.package:
                self.package.remove(relation.part)
        self.package.unrelate(self.part, sheet.part)
        self.package.remove(sheet.part)
        sheet.line.getparent().remove(sheet.line)
        self.sheets.remove(sheet)
        self._renumber(lambda n: None if n == index else n - (n > index))

    def _renumber(self, change: Callable[[int], int | None]) -> None:
        """Names that belong to a sheet count the sheets from 0."""
        names = child(self.root, "definedNames")
        for name in [] if names is None else list(names):
            if name.get("localSheetId", "").isdigit():
                new = change(int(name.get("localSheetId", "")))
                if new is None:
                    names.remove(name)  # type: ignore[union-attr]
                else:
                    name.set("localSheetId", str(new))
        if names is not None and not len(names):
            self.root.remove(names)

    def add_result(self, xml: bytes) -> str:
        """校验结果 as the first sheet, in front when the file is opened. Returns the file's ending."""
        package = self.package
        package.write(RESULT_PART, xml)
        package.declare(RESULT_PART, _SHEET_TYPE)
        new = package.relate(self.part, "worksheet", RESULT_PART, self._office)
        self._renumber(lambda n: n + 1)
        lines = self._lines()
        namespace = etree.QName(self.root).namespace
        line = etree.Element(f"{{{namespace}}}sheet")
        names = {e.get("name", "").lower() for e in lines}
        line.set("name", next(n for n in (RESULT, *(f"{RESULT}（程序{i}）" for i in range(1, 99))) if n.lower() not in names))
        line.set("sheetId", str(max((int(e.get("sheetId", "0")) for e in lines if e.get("sheetId", "").isdigit()), default=0) + 1))
        line.set(f"{{{self._office}}}id", new)
        sheets = child(self.root, "sheets")
        assert sheets is not None  # the reader refuses a workbook without sheets
        sheets.insert(0, line)
        views = child(self.root, "bookViews")
        for view in [] if views is None else views:
            if local(view) == "workbookView":
                view.set("activeTab", "0")
                view.attrib.pop("firstSheet", None)
        self._print_titles(namespace or MAIN)
        package.write(self.part, serialised(self.root))
        self.styles.save()
        return self._ending()

    def _print_titles(self, namespace: str) -> None:
        names = child(self.root, "definedNames")
        if names is None:
            names = etree.Element(f"{{{namespace}}}definedNames")
            before = [e for e in self.root if local(e) in ("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups", "externalReferences")]
            before[-1].addnext(names)
        name = etree.Element(f"{{{namespace}}}definedName")
        name.set("name", "_xlnm.Print_Titles")
        name.set("localSheetId", "0")
        name.text = f"'{self._lines()[0].get('name')}'!${HEADER_ROW}:${HEADER_ROW}"
        names.insert(0, name)

    def _ending(self) -> str:
        """A file with macros must be called .xlsm; a template becomes a workbook, or Excel would open a copy of it."""
        for line in self.package.types:
            kind = line.get("ContentType", "")
            if normal(line.get("PartName", "")) == normal(self.part) or (local(line) == "Default" and kind.endswith(".main+xml")):
                line.set("ContentType", kind.replace("template.macroEnabled", "sheet.macroEnabled").replace("spreadsheetml.template", "spreadsheetml.sheet"))
                if "macroEnabled" in kind:
                    return ".xlsm"
        return ".xlsx"

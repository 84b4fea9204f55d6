"""The last look before files are handed over: nothing in them that must not be published (RULES 3.F F01 to F05, section 9).

The rule clean_text reports what stands in the master, at its cell. This reads the finished bytes, whole: every text of every
part (cells, paragraphs, headers and footers, text boxes, properties), and what no reader sees but a file carries: comments,
tracked changes, hidden sheets, formulas, external links, author names. A layout or a Word template can bring these in too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from io import BytesIO, StringIO
from itertools import chain
from zipfile import BadZipFile

from generator.model.private_text import CARD, IDENTITY, MAIL, NAME, PASSPORT, PHONE, SECRET, Private, found, hinted
from generator.model.problem import Level, Place, Problem
from generator.pack.pack import Pack
from generator.read.finished import Finished

RULE = "公开件清洁"
STRICT = (PHONE, IDENTITY, CARD, PASSPORT, MAIL, NAME, SECRET)
OFFICE = (".xlsx", ".docx", ".xlsm", ".docm")
BY_HAND = "主工作簿里没有的，就是表样或说明模板里带的，请财政局改模板"

# One pass over the markup our own writers make; see readback for why not a tree.
_PART = re.compile(r"<(?:w:)?t(?: [^>]*)?>([^<]*)</(?:w:)?t>")
_BREAK = re.compile(rb"<w:(?:tab|br|cr)[ /]")
_SECTION = re.compile(r"^(?:第[一二三四五六七八九十]+[章节部]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]).{0,30}$")
_CELL = re.compile(r'<c r="([A-Z]+)(\d+)"[^>]*? t="s"[^>]*><v>(\d+)</v>')
_INLINE = re.compile(r'<c r="([A-Z]+)(\d+)"[^>]*><is>(.*?)</is>', re.DOTALL)
_HEADER = re.compile(r"<(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
_HEADER_CODES = re.compile(r'&(?:"[^"]*"|[A-Z]|\d{1,2}(?!\d))')
_RELATION = re.compile(r"<Relationship [^>]*>")
_PROPERTIES = {"dc:creator": "作者", "cp:lastModifiedBy": "最后修改人", "Company": "公司", "Manager": "经理"}
_ENDS = b"</w:p>"
_NEVER = b"\x1f"  # in no document
_TRACES = {b"<w:ins ": "修订", b"<w:del ": "修订", b"<w:moveFrom ": "修订", b"<w:vanish/": "隐藏的文字", b"<w:commentReference ": "批注"}
_TRACE = re.compile(b"|".join(_TRACES))
_PIECE = 1 << 20  # bytes of a document looked at together: a department's has tens of megabytes
MOST_CLEAN = 20_000  # texts kept as clean; a unit has some 2,000, of which 400 are its own
_LEAVES = {  # parts a published file has no business with
    re.compile(r"xl/(?:comments|threadedComments|persons)|word/(?:comments|people)"): "批注",
    re.compile(r"vbaProject\.bin$|vbaData\.xml$"): "宏",
    re.compile(r"xl/externalLinks/"): "外部链接",
    re.compile(r"/embeddings/|/activeX/"): "嵌入的对象",
    re.compile(r"printerSettings"): "打印机设置",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the pack lets stand: kinds looked for, texts allowed, roles beside 填报人.

    clean: texts looked at so far in which there was nothing: headings and names stand in all files of a set, and of every unit.
    """

    kinds: Collection[str] = STRICT
    texts: Collection[str] = ()
    roles: Collection[str] = ()
    clean: set[str] = field(default_factory=set, compare=False)

    def private(self, words: str) -> Iterator[Private]:
        return found(words, self.kinds, self.texts, "", self.roles)

    def dirty(self, texts: Iterable[str]) -> set[str]:
        """Those texts that hold something, each looked at once; nearly always there is none, and no place need be known."""
        fresh = set(texts) - self.clean
        dirty = {words for words in fresh if any(self.private(words))} if hinted(fresh) else set()
        if len(self.clean) > MOST_CLEAN:
            self.clean.clear()
        self.clean.update(fresh - dirty)
        return dirty


@dataclass(slots=True)
class _Look:
    """One file being looked through."""

    file: str
    allowed: Allowed

    def text(self, words: str, place: Place) -> Iterator[Problem]:
        for hit in self.allowed.private(words):
            yield self.problem(place, f"含{hit.kind} {hit.masked}", f"在主工作簿里删去；{BY_HAND}")

    def problem(self, place: Place, message: str, hint: str) -> Problem:
        return Problem(Level.ERROR, place, message, hint, RULE)


class _Package(Finished):
    """The parts of a finished file, each unpacked when it is asked for. BadZipFile when it is none."""

    def text(self, part: str) -> str:
        """A part's XML; empty when it is not there."""
        return self.read(part).decode("utf-8", "replace") if part in self else ""

    def paragraphs(self, part: str) -> Iterator[list[bytes]]:
        """A Word part's XML cut behind its paragraphs, piece by piece."""
        rest = b""
        for read in self.pieces(part, _PIECE):
            paragraphs = (rest + read).split(_ENDS)
            rest = paragraphs.pop()
            yield paragraphs
        yield [rest]


def allowed_by(pack: Pack) -> Allowed:
    """What the pack's own clean_text rules look for as 错误 and let stand; everything is looked for when it has none."""
    rules = [(r.level, r.params) for r in pack.file.rules if r.kind == "clean_text"]
    kinds = tuple(kind for level, params in rules if level == Level.ERROR for kind in _words(params, "find"))
    texts, roles = (tuple(w for _, params in rules for w in _words(params, key)) for key in ("allow", "roles"))
    return _allowed(kinds if rules else STRICT, texts, roles)


@lru_cache(maxsize=4)  # packs of a run: what was found clean in one unit is so in the next
def _allowed(kinds: tuple[str, ...], texts: tuple[str, ...], roles: tuple[str, ...]) -> Allowed:
    return Allowed(kinds, texts, roles)


def _words(params: dict[str, object], key: str) -> list[str]:
    value = params.get(key, [])
    return [str(v) for v in value] if isinstance(value, list) else []


def unclean(name: str, data: bytes, allowed: Allowed | None = None) -> Iterator[Problem]:
    """What must not be published, by file and place. An empty iterator: the file may go out."""
    look = _Look(name, allowed or Allowed())
    suffix = name[name.rfind(".") :].lower()
    if suffix in OFFICE:
        try:
            package = _Package(data)
            yield from _leaves(look, package)
            yield from _properties(look, package)
            yield from _relations(look, package)
            yield from (_workbook(look, package) if suffix.startswith(".x") else _document(look, package))
        except BadZipFile:
            yield look.problem(Place(name), "打不开", "这是我们的问题，请报告")
    elif suffix == ".pdf":
        from pypdf import PdfReader  # 25 MB that few runs need

        about: Mapping[str, object] = PdfReader(BytesIO(data)).metadata or {}
        for key in ("/Author", "/Title", "/Subject", "/Keywords"):
            words = str(about.get(key) or "")
            if key == "/Author" and words:
                yield look.problem(Place(name, "文档属性"), f"作者写着“{words[:1]}…”", "清空作者")
            yield from look.text(words, Place(name, "文档属性"))
    elif suffix == ".csv":
        yield from _cells(look, data)
    elif suffix in (".json", ".txt", ".md"):
        lines = data.decode("utf-8", "replace").splitlines()
        dirty = look.allowed.dirty(lines)
        for n, line in enumerate(lines, 1):
            if line in dirty:
                yield from look.text(line, Place(name, "", n))


def _cells(look: _Look, data: bytes) -> Iterator[Problem]:
    """A CSV file cell by cell: its codes and amounts side by side would read as long numbers."""
    rows = list(csv.reader(StringIO(data.decode("utf-8", "replace"), newline="")))
    if dirty := look.allowed.dirty(chain.from_iterable(rows)):
        for row, cells in enumerate(rows, 1):
            for column, words in enumerate(cells, 1):
                if words in dirty:
                    yield from look.text(words, Place(look.file, "", row, column))


def _leaves(look: _Look, package: _Package) -> Iterator[Problem]:
    for part in package.names:
        for pattern, what in _LEAVES.items():
            if pattern.search(part):
                yield look.problem(Place(look.file, part), f"含{what}", f"公开件里不能有{what}；{BY_HAND}")


def _properties(look: _Look, package: _Package) -> Iterator[Problem]:
    for part in package.names:
        if not part.startswith("docProps/") or not part.endswith(".xml"):
            continue
        xml = package.text(part)
        for tag, what in _PROPERTIES.items():
            value = re.search(rf"<{tag}(?: [^>]*)?>([^<]+)</{tag}>", xml)
            if value and value[1].strip():
                yield look.problem(Place(look.file, "文档属性"), f"{what}写着“{unescape(value[1])[:1]}…”", f"清空文档属性里的{what}；{BY_HAND}")
        for value in re.findall(r">([^<]+)<", xml):
            yield from look.text(unescape(value), Place(look.file, "文档属性"))


def _relations(look: _Look, package: _Package) -> Iterator[Problem]:
    for part in package.names:
        if not part.endswith(".rels"):
            continue
        for relation in _RELATION.findall(package.text(part)):
            target = re.search(r'Target="([^"]*)"', relation)
            if 'TargetMode="External"' not in relation or target is None:
                continue
            if "/hyperlink" in relation and re.match(r"https?://(?:[\w-]+\.)*gov\.cn(?:[/:?#]|$)", target[1]):
                continue  # a link to a government site is what a reader may follow
            yield look.problem(Place(look.file, part.replace("_rels/", "").removesuffix(".rels")), f"含外部链接 {unescape(target[1])[:60]}", f"去掉链接，只留文字；{BY_HAND}")


def _workbook(look: _Look, package: _Package) -> Iterator[Problem]:
    book = package.text("xl/workbook.xml")
    relations = package.text("xl/_rels/workbook.xml.rels")
    targets = {m[1]: t[1] for r in _RELATION.findall(relations) if (m := re.search(r'Id="([^"]*)"', r)) and (t := re.search(r'Target="([^"]*)"', r))}
    names: dict[str, str] = {}
    for sheet in re.findall(r"<sheet [^>]*>", book):
        called, rid = re.search(r'name="([^"]*)"', sheet), re.search(r'r:id="([^"]*)"', sheet)
        if not called or not rid:
            continue
        names["xl/" + targets.get(rid[1], "").removeprefix("/xl/")] = unescape(called[1])
        if re.search(r'state="(?:veryH|h)idden"', sheet):
            yield look.problem(Place(look.file, unescape(called[1])), "是隐藏的工作表", "公开件里不能有隐藏的表")
    for defined in re.findall(r'<definedName name="([^"]*)"', book):
        if not defined.startswith("_xlnm."):
            yield look.problem(Place(look.file), f"含名称“{unescape(defined)}”", "公开件里不留名称管理器的内容")
    strings = ["".join(map(unescape, _PART.findall(si))) for si in re.findall(r"<si>(.*?)</si>", package.text("xl/sharedStrings.xml"), re.DOTALL)]
    private = look.allowed.dirty(strings)
    dirty = {str(i) for i, words in enumerate(strings) if words in private}
    for part, name in names.items():
        xml = package.text(part)
        if dirty:
            for cell in _CELL.finditer(xml):
                if cell[3] in dirty:
                    yield from look.text(strings[int(cell[3])], Place(look.file, name, int(cell[2]), _column(cell[1])))
        if "<f" in xml and re.search("<f[ >]", xml):
            at = re.search(r'<c r="([A-Z]+)(\d+)"[^>]*><f[ >]', xml)
            yield look.problem(Place(look.file, name, int(at[2]) if at else 0, _column(at[1]) if at else 0), "是公式", "公开件里只写数值")
        if ' t="e"' in xml and (wrong := re.search(r'<c r="([A-Z]+)(\d+)"[^>]* t="e"', xml)):
            yield look.problem(Place(look.file, name, int(wrong[2]), _column(wrong[1])), "是错误值", "这是我们的问题，请报告")
        if 'hidden="1"' in xml and (hidden := re.search(r'<(row|col) [^>]*hidden="1"', xml)):
            yield look.problem(Place(look.file, name), f"有隐藏的{'行' if hidden[1] == 'row' else '列'}", f"公开件里不能有隐藏的行列；{BY_HAND}")
        for words in _HEADER.findall(xml, max(xml.find("<headerFooter"), 0)):
            yield from look.text(_HEADER_CODES.sub(" ", unescape(words)), Place(look.file, f"{name} 页眉页脚"))
        for cell in _INLINE.finditer(xml) if "inlineStr" in xml else ():
            yield from look.text("".join(map(unescape, _PART.findall(cell[3]))), Place(look.file, name, int(cell[2]), _column(cell[1])))
    for part in package.names:  # text boxes
        if part.startswith("xl/drawings/") and part.endswith(".xml"):
            yield from look.text("".join(map(unescape, re.findall(r"<a:t>([^<]*)</a:t>", package.text(part)))), Place(look.file, "文本框"))


def _paragraphs(paragraphs: Iterable[bytes]) -> list[str]:
    """The texts of those paragraphs that hold any, in their order. Cut at their ends: a text box is a paragraph within one."""
    texts = [words for paragraph in paragraphs if (words := _texts(paragraph))]
    return list(filter(None, map(str.strip, unescape(_NEVER.join(texts).decode("utf-8", "replace")).split(_NEVER.decode()))))


def _texts(paragraph: bytes) -> bytes:
    """The texts of a paragraph, still escaped, with a line break between two where there is a break or tab."""
    *pieces, _ = paragraph.split(b"</w:t>")  # most cells of a set are empty
    words = b""
    for piece in pieces:
        begin = piece.rfind(b"<w:t")
        if words and _BREAK.search(piece, 0, begin):
            words += b"\n"
        words += piece[piece.find(b">", begin) + 1 :]
    return words


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _document(look: _Look, package: _Package) -> Iterator[Problem]:
    for part in package.names:
        if not re.fullmatch(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml", part):
            continue
        where = "正文" if part == "word/document.xml" else "页眉" if "header" in part else "页脚" if "footer" in part else "注释"
        traces: set[bytes] = set()
        dirty: set[str] = set()
        for paragraphs in package.paragraphs(part):
            once = set(paragraphs)  # two of three are cells like others, empty or with the same figure
            traces.update(_TRACE.findall(_ENDS.join(once)))
            dirty |= look.allowed.dirty(_paragraphs(once))
        for what in (what for tag, what in _TRACES.items() if tag in traces):
            yield look.problem(Place(look.file, where), f"含{what}", f"接受或删去{what}；{BY_HAND}")
        section, n = "", 0
        for words in chain.from_iterable(map(_paragraphs, package.paragraphs(part))) if dirty else ():
            n += 1
            if _SECTION.match(words):
                section, n = words, 0
            if words in dirty:
                yield from look.text(words, Place(look.file, f"{where}“{section}”下第 {n} 段" if section and n else f"{where}第 {n} 段"))
    settings = package.text("word/settings.xml")
    if "<w:docVar " in settings:
        yield look.problem(Place(look.file, "文档设置"), "含文档变量", BY_HAND)

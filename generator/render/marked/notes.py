"""The words of the notes, and the part of a sheet that holds them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from lxml import etree

from generator.model.problem import Problem, column_letters
from generator.render.excel_package import child, local
from generator.render.marked.words import MARK, plain


def note_text(problems: Sequence[Problem]) -> str:
    """The words of a note: what is wrong and how to mend it; several problems numbered."""
    made = []
    for n, p in enumerate(problems, 1):
        whole = "" if p.place.row and p.place.column else f"{p.place.cell or '整张表'}："
        mend = f"\n改法：{p.hint}" if p.hint else ""
        made.append(f"{f'{n}. ' if len(problems) > 1 else ''}{p.level}：{whole}{p.message}{mend}")
    return plain(MARK + (f"共 {len(problems)} 个问题\n" if len(problems) > 1 else "") + "\n".join(made))


def write_comments(root: etree._Element, notes: dict[tuple[int, int], str]) -> tuple[dict[tuple[int, int], str], dict[tuple[int, int], str]]:
    """The notes into the comments part: (notes of cells that had none, whole texts of those that had one already).

    A threaded comment of Excel 365 is left alone: what is written behind it nobody sees.
    """
    namespace = etree.QName(root).namespace
    comments, authors = child(root, "commentList"), child(root, "authors")
    if authors is None:
        authors = etree.Element(f"{{{namespace}}}authors")
        root.insert(0, authors)
    if comments is None:
        comments = etree.SubElement(root, f"{{{namespace}}}commentList")
    names = [a.text or "" for a in authors]
    if "" not in names:
        etree.SubElement(authors, f"{{{namespace}}}author")
        names.append("")
    there = {c.get("ref", ""): c for c in comments}
    new, grown = {}, {}
    for (row, column), note in notes.items():
        ref = f"{column_letters(column)}{row}"
        run = f'<r xmlns="{namespace}"><rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/><family val="3"/><charset val="134"/></rPr><t xml:space="preserve">{{}}</t></r>'
        if ref in there:
            comment = there[ref]
            author = comment.get("authorId", "")
            if author.isdigit() and int(author) < len(names) and names[int(author)].startswith("tc="):
                continue
            text = child(comment, "text")
            if text is None:
                text = etree.SubElement(comment, f"{{{namespace}}}text")
            own = child(text, "t")
            if own is not None and not any(local(e) == "r" for e in text):  # plain text beside runs is not shown
                words = own.text or ""
                text.remove(own)
                text.append(etree.fromstring(run.format(escape(words))))
            text.append(etree.fromstring(run.format(escape("\n" + note))))
            grown[row, column] = "".join(t.text or "" for t in comment.iter() if local(t) == "t")
        else:
            comment = etree.SubElement(comments, f"{{{namespace}}}comment")
            comment.set("ref", ref)
            comment.set("authorId", str(names.index("")))
            etree.SubElement(comment, f"{{{namespace}}}text").append(etree.fromstring(run.format(escape(note))))
            new[row, column] = note
    return new, grown


def cut(comment: etree._Element) -> None:
    """The clerk's own comment without what we had added to it."""
    before: list[etree._Element] = []
    met = False
    for text in [t for t in comment.iter() if local(t) == "t"]:
        if met:
            text.text = ""
        elif MARK in (text.text or ""):
            text.text = (text.text or "").partition(MARK)[0]
            met = True
        if text.text:
            before.append(text)
    if before:  # our note began on a line of its own, perhaps in a run of its own
        before[-1].text = re.sub(r"\r?\n\Z", "", before[-1].text or "")
    holder = child(comment, "text")
    for run in [] if holder is None else list(holder):
        if local(run) == "r" and not "".join(t.text or "" for t in run.iter() if local(t) == "t"):
            holder.remove(run)  # type: ignore[union-attr]

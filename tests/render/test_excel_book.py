"""The fast ways to write texts hold XlsxWriter's own way beside them: the same parts for any texts."""

from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from generator.render.excel_book import Book
from generator.render.table_sheet import TextSheet

TEXTS = st.text(st.sampled_from(' \t\n\r"&<>_xX0aF19\x00\x01\x1f\x7f\x85\xa0\u3000\u200b甲\ufffe\uffff😀'), max_size=12)
LOOKS = ({"bold": True}, {"border": 1, "text_wrap": True}, {"bold": True})  # the last like the first: Excel has one number for both


def formats(book):
    return [book.add_format(look) for look in LOOKS]


def parts(data):
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


def by_xlsxwriter(rows, heights):
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet, looks = book.add_worksheet("甲"), formats(book)
    for r, texts in enumerate(rows):
        for c, text in enumerate(texts):
            if text is None:
                sheet.write_blank(r, c, None, looks[(r + c) % 3])
            else:
                sheet.write_string(r, c, text, looks[(r + c) % 3])
        if heights[r]:
            sheet.set_row(r, heights[r])
    book.close()
    return parts(buffer.getvalue())


def ours(rows, heights):
    book = Book("", datetime(2022, 1, 1))
    sheet, looks = book.add_worksheet("甲", TextSheet), formats(book)
    sheet.fill([(texts, [looks[(r + c) % 3] for c in range(len(texts))], heights[r]) for r, texts in enumerate(rows)])
    return parts(book.finished())


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(st.none() | TEXTS, min_size=n, max_size=n), min_size=1, max_size=40)), st.sampled_from([0, 15, 18.5, 400]))
@example([["<r>甲</r>", "_x0041_", "", " 甲", "甲\n"]], 20)
def test_rows_of_texts_are_written_as_xlsxwriter_writes_them(rows, height):
    heights = [height if n % 2 else 0 for n in range(len(rows))]
    assert ours(rows, heights) == by_xlsxwriter(rows, heights)

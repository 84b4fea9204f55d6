"""The written forms of published tables and sentences: amounts, units, table numbers, titles, ordinals, codes."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

UNIT_YUAN = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10000), "万": Decimal(10000), "亿元": Decimal(100000000)}
NUMERAL = "一二三四五六七八九十廿卅百〇零"
_UNIT = re.compile(r"(?:金额|计量)?单\s*位\s*[:：]?\s*(?:人民币)?\s*(万元|千元|亿元|元)|[（(](?:单位[:：]?)?(万元|千元|亿元|元)[)）]\s*$")
_ORGAN = re.compile(r"(?:部门\s*[/／]?\s*单位|(?:填报|编制|公开|预算)?(?:单位|部门)(?:名称)?(?:[（(](?:公?章|盖章|全称)[)）])?)\s*[:：]\s*([^\s:：,，]{2,40}?)(?=\s|金额|单位|$)")
_NUMBER = re.compile(
    r"^\s*((?:附[件表]\s*|公开\s*|预算\s*|表\s*)(?:[\dA-Za-z]+|[一二三四五六七八九十]{1,3})(?:\s*[-－—–.]\s*\d+)*(?:[（(]\d+[)）])?\s*(?:[A-Z]\d?)?\s*表?(?:\s*[A-Z]\d?(?![a-z]))?|(?:公开|预算)?\d{1,2}(?:-\d{1,2})?\s*表(?:\s*[A-Z]\d?)?|\d{1,2}\s*[.、．]|[一二三四五六七八九十]{1,3}、)(?=\s|[:：、.]|[^\d\s]|$)\s*[:：]?\s*"
)
_TITLE = re.compile(r"(?:表|申报书)\s*(?:[（(][^（）()]{1,20}[)）])*(?:[-—－–:：]{1,2}[^-—－–:：。；，]{2,24})?(?:[（(]?\s*续\s*\d*\s*[)）]?)?\s*$")
_NOT_TITLE = re.compile(r"[。；;，]|详见|见附|如下|本表|按照|单\s*位[:：]|说明$")
_FIGURE = re.compile(r"^[-－−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^[-－−]?\d+(?:\.\d+)?$|^[-－−]?\.\d+$")
_MINUS = re.compile(r"^\(([\d,]+\.\d+)\)$|^[△▲]([\d,.]+)$")
_DASHES = str.maketrans("—–－─", "----")
_DASH = re.compile(r"^[-—–－/／*＊]+$")
_ORDINAL = re.compile(rf"^\s*(?:([{NUMERAL}]{{1,4}})\s*[、.．]|[（(]\s*([{NUMERAL}]{{1,4}})\s*[)）]|(\d{{1,2}})\s*[.、．](?!\d)|[（(]\s*(\d{{1,2}})\s*[)）])\s*")
_CODE = re.compile(r"^\[?\(?（?((?:2[0-3]\d|5[0-9]\d|3[0-3]\d|399)(?:\d{2}){0,2})\]?\)?）?[\s\-—－_、.]*(?=\D|$)")


_HALF = str.maketrans({chr(ord(c) + 0xFEE0): c for c in "0123456789%"} | {"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None, "\u00ad": None})
_POINT = re.compile(r"(?<=\d)．(?=\d)")


def clean(text: str) -> str:
    """Text as every other part of the audit expects it: digits and % of half width, no invisible characters.

    >>> clean("２０２３年预算１２．５０万元，增长５％"), clean("12\u200b.30")
    ('2023年预算12.50万元，增长5%', '12.30')
    """
    return _POINT.sub(".", text.translate(_HALF))


UNDECODABLE = "\ufffd"


def decoded(data: bytes) -> str:
    """Text of any encoding that Chinese offices write: UTF-8 or UTF-16 with a mark, UTF-8, GB18030 (and GBK, GB2312 within it).

    >>> decoded("预算".encode("gbk")), decoded("\ufeff预算".encode("utf-8")), decoded("预算".encode("utf-16"))
    ('预算', '预算', '预算')
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        loss = {name: text.count(UNDECODABLE) for name in ("utf-8-sig", "gb18030") if (text := data.decode(name, errors="replace"))}
        return data.decode(min(loss, key=lambda name: loss[name]), errors="replace")


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """For comparing: full width made half, spaces out, brackets and dashes of one form.

    >>> plain("一般公共预算“三公” 经费　支出表（续）"), plain("维修(护)费") == plain("维修（护）费")
    ('一般公共预算三公经费支出表(续)', True)
    """
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s“”\"'‘’《》\u200b\ufeff]", "", text).translate(_DASHES)


@lru_cache(maxsize=65536)
def as_figure(text: str) -> Decimal | None:
    """The number a cell holds; None for words and for a dash, which prints nothing.

    >>> as_figure("1,296.69"), as_figure(" 12．50 "), as_figure("—"), as_figure("12.5%"), as_figure("1 296.69")
    (Decimal('1296.69'), Decimal('12.50'), None, None, Decimal('1296.69'))
    >>> as_figure("（1,200.00）"), as_figure("(2)"), as_figure("△3.20"), as_figure("12.30万元")
    (Decimal('-1200.00'), None, Decimal('-3.20'), Decimal('12.30'))
    """
    flat = re.sub(r"\s", "", unicodedata.normalize("NFKC", text).replace("，", ",")).lstrip("¥￥")
    flat = re.sub(r"(?<=\d)(?:万元|千元|元|万)$", "", flat)
    minus = _MINUS.match(flat)
    flat = f"-{minus[1] or minus[2]}" if minus else flat.replace("−", "-")
    return Decimal(flat.replace(",", "")) if _FIGURE.match(flat) else None


def is_dash(text: str) -> bool:
    return bool(_DASH.match(re.sub(r"\s", "", text)))


def decimals(text: str) -> int:
    """Digits after the point as printed."""
    found = re.search(r"\.(\d+)", re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    return len(found[1]) if found else 0


def own_unit(text: str) -> str:
    """The unit that an amount in a cell carries itself, empty when none.

    >>> own_unit("3,500元"), own_unit("12.30 万元"), own_unit("500元/人")
    ('元', '万元', '')
    """
    found = re.search(r"\d\s*(万元|千元|元|万)\s*$", text)
    return found[1] if found else ""


def unit_in(text: str) -> str:
    """The unit of amounts a line gives, empty when none.

    >>> unit_in("部门：某局　　　　单位：万元"), unit_in("预算数（元）"), unit_in("单位名称")
    ('万元', '元', '')
    """
    found = _UNIT.search(text)
    return (found[1] or found[2]) if found else ""


def organ_in(text: str) -> str:
    """The unit that a line above a table names.

    >>> organ_in("部门/单位：某县财政局     单位：万元"), organ_in("单位：万元"), organ_in("填报单位（盖章）：某局")
    ('某县财政局', '', '某局')
    """
    found = _ORGAN.search(text)
    organ = re.sub(r"[（(](?:公?章|盖章)[)）]", "", found[1]) if found else ""
    return "" if not found or not organ or found[1] in UNIT_YUAN or re.fullmatch(r"[_＿\s]*", found[1]) or found[1].startswith(("万元", "金额")) else organ


def split_number(text: str) -> tuple[str, str]:
    """A heading of a table into its number and its title; either may be empty.

    >>> split_number("附表4-3 支出总表"), split_number("预算15表A1 项目支出明细表(A)"), split_number("公开01表"), split_number("收支总表")
    (('附表4-3', '支出总表'), ('预算15表A1', '项目支出明细表(A)'), ('公开01表', ''), ('', '收支总表'))
    >>> split_number("表一：部门收支总表"), split_number("1.部门收支总表"), split_number("附件3-1部门收支总表")
    (('表一', '部门收支总表'), ('1', '部门收支总表'), ('附件3-1', '部门收支总表'))
    """
    found = _NUMBER.match(text)
    if not found:
        return "", text.strip()
    return re.sub(r"\s", "", found[1]).rstrip(".、．"), text[found.end() :].strip()


def looks_like_title(text: str) -> bool:
    """A short line that names a table.

    >>> looks_like_title("附表4-3 支出总表"), looks_like_title("一般公共预算支出表（续）"), looks_like_title("详见附表"), looks_like_title("二、收入预算")
    (True, True, False, False)
    """
    flat = re.sub(r"\s", "", text)
    return 3 <= len(flat) <= 60 and bool(_TITLE.search(flat)) and not _NOT_TITLE.search(text) and not re.search(r"\.{4}|…|\t\d+$|[·.]\d+$|表格?[一二三四五]?\d{2,}$", text)


def is_number_line(text: str) -> bool:
    """A line that is only a table's number: 附件1, 公开01表, 附表4-4."""
    number, title = split_number(text)
    return bool(number) and not title and bool(re.search(r"[附表公预]", number))


def ordinal(text: str) -> tuple[int, str]:
    """The level an ordinal gives (1: 一、 2: （一） 3: 1. 4: (1); 0 without one) and the label after it.

    >>> ordinal("一、本年收入"), ordinal("（廿一）灾害防治及应急管理支出"), ordinal("1.基本工资"), ordinal("收 入 总 计")
    ((1, '本年收入'), (2, '灾害防治及应急管理支出'), (3, '基本工资'), (0, '收入总计'))
    """
    found = _ORDINAL.match(text)
    label = plain(text[found.end() :] if found else text)
    return (next(i for i, g in enumerate(found.groups(), 1) if g) if found else 0), label


def leading_code(text: str) -> tuple[str, str]:
    """A functional or economic code at the start of a cell, and the name after it.

    >>> leading_code("2010301"), leading_code("[2010301]行政运行"), leading_code("301-工资福利支出"), leading_code("2023年预算"), leading_code("12345热线")
    (('2010301', ''), ('2010301', '行政运行'), ('301', '工资福利支出'), ('', '2023年预算'), ('', '12345热线'))
    """
    flat = re.sub(r"\s", "", text)
    found = _CODE.match(flat)
    if not found or re.match(r"年|次|人|个|号|万|元|家|件|户|\d", flat[found.end() :]):
        return "", text.strip()
    return found[1], flat[found.end() :].strip("]）)-—、")

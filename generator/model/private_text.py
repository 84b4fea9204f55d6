"""What must not stand in a published text: phone numbers of persons, identity numbers, bank cards, names, secrecy marks.

Plain functions over text, shared by the rule that reads the master and by the last look at the finished files, so the two
cannot disagree. A finding carries its text masked: a message must not spread what it warns of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

PHONE, IDENTITY, CARD, PASSPORT, MAIL = "手机号", "身份证号", "银行卡号", "护照号", "私人邮箱"
NAME, MAYBE_NAME, SECRET, MAYBE_SECRET = "姓名", "疑似姓名", "密级标识", "疑似涉密内容"
KINDS = (PHONE, IDENTITY, CARD, PASSPORT, MAIL, NAME, MAYBE_NAME, SECRET, MAYBE_SECRET)

LABELS = ("填报人", "填表人", "经办人", "制表人", "审核人", "联系人", "联络员", "负责人", "法定代表人")
ROLES = (  # what may stand beside such a label
    *("单位", "部门", "本单位", "本部门", "财务", "机关", "人事", "财政", "审计", "后勤", "综合", "业务", "计财", "秘书", "党组", "党委", "法人", "代表", "领导", "干部"),
    *("同上", "见附件", "详见附表", "略", "无", "不公开", "公开", "待定"),
)
ROLE_ENDS = (  # 财务股, 办公室主任, 绩效管理联络员, 财务人员
    *"股室科处局办部组队站所院校会司厅长员人职岗班社馆",
    *("主任", "书记", "会计", "出纳", "中心", "团委", "领导", "干部", "专干", "经理", "代表", "管理", "财务"),
)
TITLES = ("局长", "主任", "科长", "股长", "所长", "书记", "镇长", "乡长", "县长", "处长", "院长", "校长", "会计", "出纳", "先生", "女士", "同志", "站长", "队长", "部长")
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "司徒", "夏侯", "慕容", "令狐", "长孙", "端木")
PRIVATE_MAIL = (
    "qq.com",
    "vip.qq.com",
    "foxmail.com",
    "163.com",
    "126.com",
    "yeah.net",
    "sina.com",
    "sina.cn",
    "sohu.com",
    "139.com",
    "189.cn",
    "wo.cn",
    "21cn.com",
    "tom.com",
    "aliyun.com",
    "gmail.com",
    "hotmail.com",
    "outlook.com",
    "live.cn",
    "live.com",
    "icloud.com",
    "msn.com",
)
MAYBE_SECRET_WORDS = ("专案", "技侦", "保密经费", "武器装备")
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)

_RUN = re.compile(r"\d(?:[ \-]?[\dXx])+")
_LONG = re.compile(r"\d(?:[ \-]?\d){10}")  # nothing shorter is a phone, a card or an identity number
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]+@([A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)")
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])(?:[EG]\d{8}|E[A-HJ-NP-Z]\d{7})(?![A-Za-z0-9])")
_PASSPORT_SAID = re.compile(r"护照(?:号码?|号)?[:： ]{0,2}([A-Z]{1,2}\d{7,8})(?![A-Za-z0-9])")
_SECRET = re.compile(
    r"(?:绝密|机密|秘密) ?[★☆*]|密级[:： ]{0,3}(?:绝密|机密|秘密)(?!级?以[上下])|内部(?:资料|文件|材料)[，,、。：: ]{0,2}(?:请?注意保[存管密]|请?妥善保管|严禁外[传泄]|不得外[传泄]|不准外传|禁止外传|请勿外传)"
)
_SECRET_LINE = re.compile(r"^[\[【(（]?(?:绝密|机密|秘密|内部资料|内部文件|内部材料)(?:级)?(?:[·. ]?(?:\d+年|长期))?[\]】)）]?$", re.MULTILINE)
_LABELLED = re.compile(rf"(?:{'|'.join(LABELS)})(?:姓名)?(?:及(?:联系)?电话)?[:：]\s*([^\s，。；;,、（()）]{{1,12}})")
_WIDE_DIGITS = {ord("０") + n: str(n) for n in range(10)}
# What every finding begins with: most texts hold none of it, and one search is cheaper than eight
_HINT = re.compile("|".join([r"\d(?:[ \-]?[\dXx]){10}", "@", r"[EG][A-Z\d]\d{7}", "护照", "[绝机秘]密", "密级", "内部(?:资料|文件|材料)", *MAYBE_SECRET_WORDS, *LABELS]))
_ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")


@dataclass(frozen=True, slots=True)
class Private:
    """One thing found. masked: safe to print: 138****1234; label: the word it stands beside, of a name."""

    kind: str
    masked: str
    label: str = ""


def found(text: str, kinds: Collection[str] = KINDS, allowed: Collection[str] = (), label: str = "", roles: Collection[str] = ()) -> Iterator[Private]:
    """What a text holds that must not be published. label: the heading it stands under (填报人 …); allowed: texts that may stand.

    >>> [str(p.masked) for p in found("联系电话 138 " + "1234 5678，办公电话 0730-6221234")]
    ['138****5678']
    """
    return iter(_found(text, tuple(kinds), tuple(allowed), label, tuple(roles))) if text else iter(())


def hinted(texts: Iterable[str]) -> bool:
    """Whether any of the texts may hold something under no heading; one look at all of them.

    >>> hinted(["办公室", "12.03"]), hinted(["12.03", "填报人：张三"])
    (False, True)
    """
    return bool(_HINT.search(_plain("\n".join(texts))))  # no hint goes on over the end of a line


def _plain(text: str) -> str:
    return _ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=32768)  # headings and names stand in many cells, and in the workbook and the document alike
def _found(text: str, kinds: tuple[str, ...], allowed: tuple[str, ...], label: str, roles: tuple[str, ...]) -> tuple[Private, ...]:
    return tuple(_looked(text, kinds, allowed, label, roles))


def _looked(text: str, kinds: tuple[str, ...], allowed: tuple[str, ...], label: str, roles: tuple[str, ...]) -> Iterator[Private]:
    plain = _plain(text)
    if not label and not _HINT.search(plain):
        return
    for word in allowed:
        plain = plain.replace(unicodedata.normalize("NFKC", word), "◇")
    if _LONG.search(plain):
        for kind, hit in _numbers(plain):
            if kind in kinds:
                yield Private(kind, masked(hit))
    if MAIL in kinds and "@" in plain:
        for mail in _MAIL.finditer(plain):
            if mail[1].lower() in PRIVATE_MAIL:
                yield Private(MAIL, f"{mail[0][:2]}****@{mail[1]}")
    if PASSPORT in kinds:
        for number in dict.fromkeys([*_PASSPORT.findall(plain), *_PASSPORT_SAID.findall(plain)]):
            yield Private(PASSPORT, masked(number))
    if SECRET in kinds:
        for pattern in (_SECRET, _SECRET_LINE):
            for mark in pattern.finditer(plain):
                yield Private(SECRET, mark[0])
    if MAYBE_SECRET in kinds:
        yield from (Private(MAYBE_SECRET, word) for word in MAYBE_SECRET_WORDS if word in plain)
    if NAME in kinds or MAYBE_NAME in kinds:
        for named, value in _beside_labels(plain, label):
            kind = person(value, roles)
            if kind in kinds:
                yield Private(kind, masked_name(value), named)


def masked(number: str) -> str:
    """A number with its middle hidden.

    >>> masked("138" + "12341234"), masked("430626" + "199001011234"), masked("E1234" + "5678")
    ('138****1234', '430***********1234', 'E12****78')
    """
    digits = re.sub(r"[ \-]", "", number)
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    tail = 4 if len(digits) > 11 else 2
    return f"{digits[:3]}{'*' * (len(digits) - 3 - tail)}{digits[-tail:]}"


def hide_numbers(text: str) -> str:
    """A text with the numbers and private addresses of persons masked where they stand; for messages that quote what a clerk wrote.

    >>> hide_numbers("只写了“问张三 １３８" + "1234 1234”"), hide_numbers("应为 12,966,900.00 元")
    ('只写了“问张三 138****1234”', '应为 12,966,900.00 元')
    """
    plain = text.translate(_WIDE_DIGITS)  # the rest keeps its width
    if _LONG.search(plain):
        for _, number in _numbers(plain):
            plain = re.sub("[ \\-]?".join(number), masked(number), plain)
    if "@" in plain:
        plain = _MAIL.sub(lambda m: f"{m[0][:2]}****@{m[1]}" if m[1].lower() in PRIVATE_MAIL else m[0], plain)
    return plain if "****" in plain else text


def masked_name(name: str) -> str:
    """A name but for its first character.

    >>> masked_name("张三丰")
    '张**'
    """
    word = re.sub(r"\s", "", name)
    return word[:1] + "*" * (len(word) - 1)


def person(value: str, roles: Collection[str] = ()) -> str:
    """姓名 when a value beside 填报人 is a person's name, 疑似姓名 when it may be one, empty for roles, offices and longer words.

    >>> person("张三"), person("财务股"), person("王主任"), person("陈 明"), person("绩效管理联络员"), person("阿依古丽")
    ('姓名', '', '疑似姓名', '姓名', '', '疑似姓名')
    """
    word = re.sub(r"[\s·•]", "", value)
    if not re.fullmatch(r"[\u3400-\u9fff]{2,4}", word) or word in roles or word in ROLES or any(word.endswith(label) for label in LABELS):
        return ""
    if word[:-2] in SURNAMES and word[-2:] in TITLES:
        return MAYBE_NAME  # 王主任
    if word.endswith(ROLE_ENDS):
        return ""
    if (len(word) <= 3 and word[0] in SURNAMES) or (len(word) >= 3 and word.startswith(DOUBLE_SURNAMES)):
        return NAME
    return MAYBE_NAME


def _beside_labels(text: str, label: str) -> Iterator[tuple[str, str]]:
    """The values beside labels of persons: the text itself under such a heading, and what follows 联系人： within it."""
    own = next((word for word in LABELS if word in label), "")
    if own:
        for value in re.split(r"[，,、;；/|()（）\n:：\d]|(?<=[\u3400-\u9fff]{2})\s+(?=\S{2})", text):  # 陈 明 is one name, 财务股 张三 two words
            if value.strip():
                yield label, value.strip()
    for hit in _LABELLED.finditer(text):
        yield next(word for word in LABELS if word in hit[0]), re.split(r"[\d:：]", hit[1])[0]


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """Phone, identity and card numbers, also with blanks or hyphens inside; each stretch of digits told once."""
    for run in _RUN.finditer(text):
        before, after = text[: run.start()], text[run.end() :]
        groups = re.findall(r"[\dXx]+", run[0])
        used: set[int] = set()
        for size in range(len(groups), 0, -1):  # the longest first: 6222 0212 3412 3412 is one number
            for start in range(len(groups) - size + 1):
                span = range(start, start + size)
                if used & set(span) or size > 11:
                    continue
                parts = groups[start : start + size]
                # a point before or behind makes it an amount (12966900.00), a letter a code (91430626MA4L…)
                first, last = start == 0, start + size == len(groups)
                if (first and re.search(r"[A-Za-z]$|\d[.,]$", before) and not re.search(r"(?i)(tel|phone|mobile)$", before)) or (last and re.match(r"\.\d|,\d{3}|[A-Za-z]", after)):
                    continue
                if kind := _kind("".join(parts), tuple(map(len, parts)), before if first else ""):
                    used |= set(span)
                    yield kind, "".join(parts)


def _kind(digits: str, sizes: tuple[int, ...], before: str) -> str:
    """Which of the numbers it is, empty for none. sizes: how its digits are grouped."""
    checks: tuple[tuple[str, Callable[[str, tuple[int, ...], str], bool]], ...] = ((PHONE, _is_phone), (IDENTITY, _is_identity), (CARD, _is_card))
    return next((kind for kind, fits in checks if fits(digits, sizes, before)), "")


def _is_phone(digits: str, sizes: tuple[int, ...], before: str) -> bool:
    if len(digits) == 13 and digits.startswith("86") and sizes[0] in (2, 13):
        digits, sizes = digits[2:], sizes[1:] if sizes[0] == 2 else (11,)
    if not re.fullmatch(r"1[3-9]\d{9}", digits):
        return False
    if len(sizes) == 1:
        return True
    if any(re.fullmatch(r"(?:19|20)\d\d", digits[sum(sizes[:i]) : sum(sizes[: i + 1])]) for i in range(1, len(sizes)) if sizes[i] == 4) and sizes.count(4) == 2:
        return False  # 150 2021 2022: an amount and two years
    return (len(sizes) <= 4 and min(sizes) >= 3) or sizes == (1,) * 11


def _is_identity(digits: str, sizes: tuple[int, ...], before: str) -> bool:
    if len(digits) not in (15, 18) or digits[:2] not in _PROVINCES or (len(sizes) > 1 and sizes not in ((6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4), (6, 6, 6), (6, 6, 3), (6, 12), (14, 4))):
        return False
    if len(digits) == 15:  # given out until 1999; a later "year" is a project's number
        return digits.isdigit() and "30" <= digits[6:8] <= "99" and _is_day(f"19{digits[6:12]}")
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    if not digits[:17].isdigit() or not _is_day(digits[6:14]):
        return False
    return "10X98765432"[sum(int(d) * w for d, w in zip(digits[:17], weights, strict=True)) % 11] == digits[17].upper()


def _is_day(text: str) -> bool:
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year <= 2035
    except ValueError:
        return False


def _is_card(digits: str, sizes: tuple[int, ...], before: str) -> bool:
    """16 to 19 digits with Luhn's check digit that begin as a card does, or are written or called so; codes of projects are as long."""
    if not (16 <= len(digits) <= 19 and digits.isdigit()) or (len(sizes) > 1 and any(s != 4 for s in sizes[:-1])):
        return False
    total = sum(d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(map(int, reversed(digits))))
    said = re.search(r"(?:卡号|账号|帐号|账户|银行卡)[^\d]{0,6}$", before)
    return total % 10 == 0 and bool(said or len(sizes) > 3 or re.match(r"62|955[89]|6[0-9]|103|436742|4563|5[1-5]", digits))

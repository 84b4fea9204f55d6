"""Fonts: which a set names, which of them this machine has, and what is shown where one is missing.

Nothing is shipped and nothing is changed by it: files name the fonts they were given. A clerk is told, because a page that looks
different on the next machine is taken for a mistake.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from html import unescape

from generator.model.table import Table

SERIF = ("SimSun", "STSong", "FangSong", "Noto Serif CJK SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei")
SANS = ("SimHei", "STHeiti", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "Noto Serif CJK SC")
STAND_INS: dict[str, tuple[str, ...]] = {  # what our PDF shows for an office font that a machine lacks, the nearest first
    **dict.fromkeys(("宋体", "新宋体", "仿宋", "仿宋_GB2312", "楷体", "楷体_GB2312", "方正小标宋简体", "SimSun", "FangSong", "KaiTi"), SERIF),
    **dict.fromkeys(("黑体", "SimHei", "微软雅黑"), SANS),
}
OTHER_NAMES = {  # machines list some fonts under their English names only
    "宋体": "SimSun",
    "新宋体": "NSimSun",
    "黑体": "SimHei",
    "楷体": "KaiTi",
    "仿宋": "FangSong",
    "微软雅黑": "Microsoft YaHei",
    "等线": "DengXian",
    "仿宋_GB2312": "FangSong_GB2312",
    "楷体_GB2312": "KaiTi_GB2312",
    "方正小标宋简体": "FZXiaoBiaoSong-B05S",
    "方正小标宋_GBK": "FZXiaoBiaoSong-B05",
    "方正仿宋简体": "FZFangSong-Z02S",
    "方正楷体简体": "FZKai-Z03S",
    "方正黑体简体": "FZHei-B01S",
}
TIMEOUT = 10.0  # seconds for fc-list


def fonts_of(parts: Mapping[str, bytes], tables: Iterable[Table]) -> set[str]:
    """The fonts a document's parts and tables name."""
    named = {style.font for table in tables for style in table.styles}
    for name, data in parts.items():
        if re.fullmatch(r"word/(document|styles|header\d*|footer\d*|numbering|footnotes|endnotes)\.xml", name):
            named |= {unescape(font) for font in re.findall(r'<w:rFonts [^>]*?w:eastAsia="([^"]*)"', data.decode("utf-8", "replace"))}
    return {font for font in named if font}


def missing_fonts(named: Iterable[str]) -> dict[str, str]:
    """The named fonts this machine does not have, each with what is shown instead; none when it is not known what it has."""
    have = installed()
    if not have:
        return {}
    lacking = sorted(font for font in named if font.casefold() not in have and OTHER_NAMES.get(font, font).casefold() not in have)
    return {font: next((f for f in STAND_INS.get(font, SERIF) if f.casefold() in have), "别的字体") for font in lacking}


def said(missing: Mapping[str, str]) -> str:
    """The hint for the terminal; empty when nothing is missing.

    >>> said({"仿宋": "SimSun", "楷体": "SimSun", "黑体": "Noto Sans CJK SC"})
    '提示：这台电脑没有字体 仿宋、楷体（显示成 宋体）、黑体（显示成 Noto Sans CJK SC）。文件里写的还是原来的字体，在装了这些字体的电脑上打开就是原样；要换字体，在套表的 fonts 里写。'
    """
    if not missing:
        return ""
    groups: dict[str, list[str]] = {}
    chinese = {english: name for name, english in OTHER_NAMES.items()}
    for font, instead in missing.items():
        groups.setdefault(chinese.get(instead, instead), []).append(font)
    listed = "、".join(f"{'、'.join(fonts)}（显示成 {instead}）" for instead, fonts in groups.items())
    return f"提示：这台电脑没有字体 {listed}。文件里写的还是原来的字体，在装了这些字体的电脑上打开就是原样；要换字体，在套表的 fonts 里写。"


@cache
def installed() -> frozenset[str]:
    """The names of this machine's fonts in lower case; empty when there is no way to know."""
    return frozenset(name.casefold() for name in (_windows() if sys.platform == "win32" else _fontconfig()) if name)


def _fontconfig() -> set[str]:
    program = shutil.which("fc-list")
    if program is None:
        return set()
    try:
        listed = subprocess.run([program, ":", "family"], capture_output=True, timeout=TIMEOUT, check=True, stdin=subprocess.DEVNULL).stdout
    except (OSError, subprocess.SubprocessError):
        return set()
    return {name.strip().replace("\\-", "-") for line in listed.decode("utf-8", "replace").splitlines() for name in line.split(",")}


def _windows() -> set[str]:
    """From the registry: "SimSun & NSimSun (TrueType)"."""
    if sys.platform != "win32":
        return set()
    import winreg

    found: set[str] = set()
    for root in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
        try:
            with winreg.OpenKey(root, r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Fonts") as key:
                for n in range(winreg.QueryInfoKey(key)[1]):
                    names = re.sub(r"\s*\([^)]*\)$", "", winreg.EnumValue(key, n)[0])
                    found |= {name.strip() for name in names.split("&")}
        except OSError:
            continue
    return found

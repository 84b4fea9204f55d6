"""Invented counties: documents as a stranger lays them out, in wording and numbering no pack knows. Every figure is derived from 元."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import ClassVar

import xlsxwriter
from docx import Document

Row = Sequence[str | None]


def wan(yuan: int, comma: bool = False) -> str:
    """元 as 万元 with two decimals."""
    value = (Decimal(yuan) / 10000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{value:,.2f}" if comma else f"{value:.2f}"


def percent(new: int, old: int) -> str:
    a, b = Decimal(wan(new)), Decimal(wan(old))
    return str((abs(a - b) / b * 100).quantize(Decimal("0.01"), ROUND_HALF_UP))


def change(new: int, old: int) -> str:
    a, b = Decimal(wan(new)), Decimal(wan(old))
    return f"{'增加' if a > b else '减少'}{abs(a - b)}万元，{'增长' if a > b else '下降'}{percent(new, old)}%"


def table(document: Document, rows: Sequence[Row], merges: Sequence[tuple[int, int, int, int]] = ()) -> None:
    """A ruled Word table; merges: (top, left, bottom, right), 0-based and inclusive."""
    width = max(len(r) for r in rows)
    made = document.add_table(rows=len(rows), cols=width)
    made.style = "Table Grid"
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text:
                made.cell(r, c).text = text
    for top, left, bottom, right in merges:
        made.cell(top, left).merge(made.cell(bottom, right))


class Riverside:
    """A department of two units with 事业收入, 上年结转 and a fund: 公开01表 …, 万元 with commas, code and name in one cell."""

    unit = "临河县文化广电局"
    year = 2024
    leaves: ClassVar = {  # (unit, code): basic staff, basic running, project; from general budget in 元
        ("本级", "2070101"): (1834_217, 312_506, 0),
        ("本级", "2070102"): (0, 0, 1250_000),
        ("本级", "2080505"): (214_365, 0, 0),
        ("本级", "2101101"): (96_482, 0, 0),
        ("本级", "2210201"): (158_914, 0, 0),
        ("图书馆", "2070104"): (903_128, 141_337, 300_000),
        ("图书馆", "2080505"): (108_775, 0, 0),
        ("图书馆", "2101102"): (49_003, 0, 0),
        ("图书馆", "2210201"): (81_206, 0, 0),
    }
    names: ClassVar = {
        "207": "文化旅游体育与传媒支出", "20701": "文化和旅游", "2070101": "行政运行", "2070102": "一般行政管理事务", "2070104": "图书馆",
        "208": "社会保障和就业支出", "20805": "行政事业单位养老支出", "2080505": "机关事业单位基本养老保险缴费支出",
        "210": "卫生健康支出", "21011": "行政事业单位医疗", "2101101": "行政单位医疗", "2101102": "事业单位医疗",
        "221": "住房保障支出", "22102": "住房改革支出", "2210201": "住房公积金",
        "212": "城乡社区支出", "21208": "国有土地使用权出让收入安排的支出", "2120899": "其他国有土地使用权出让收入安排的支出",
    }  # fmt: skip
    fund = 500_000  # 2120899, a project
    business = 236_500  # 事业收入, spent by the library on 2070104, basic running
    carried = 88_800  # 上年结转 of general budget, spent on 2070102
    last = 6_012_345

    def sums(self, whole: bool) -> dict[str, tuple[int, int, int]]:
        """Codes of all levels → staff, running, project. whole: with 事业收入, 结转 and the fund; else general budget of this year."""
        items = {}
        for (_, code), v in self.leaves.items():
            old = items.get(code, (0, 0, 0))
            items[code] = tuple(a + b for a, b in zip(old, v, strict=True))
        if whole:
            a, b, c = items["2070104"]
            items["2070104"] = (a, b + self.business, c)
            a, b, c = items["2070102"]
            items["2070102"] = (a, b, c + self.carried)
            items["2120899"] = (0, 0, self.fund)
        out: dict[str, tuple[int, int, int]] = {}
        for code, v in items.items():
            for n in (3, 5, 7):
                old = out.get(code[:n], (0, 0, 0))
                out[code[:n]] = tuple(a + b for a, b in zip(old, v, strict=True))  # type: ignore[assignment]
        return dict(sorted(out.items()))

    def total(self, whole: bool) -> tuple[int, int, int]:
        tops = [v for k, v in self.sums(whole).items() if len(k) == 3]
        return tuple(sum(x) for x in zip(*tops, strict=True))  # type: ignore[return-value]

    def document(self, folder: Path) -> Path:
        d = Document()
        all_, own = self.total(True), self.total(False)
        whole, general = sum(all_), sum(own)
        public = general + self.fund
        d.add_paragraph(f"{self.unit}2024年度部门预算公开说明")
        d.add_paragraph("目录")
        d.add_paragraph("一、部门主要职责……1")
        d.add_paragraph("一、部门主要职责")
        d.add_paragraph("（一）贯彻执行国家关于文化、广播电视工作的方针政策，拟订全县文化事业发展规划。根据县委办发〔2019〕21号文件，2019年机构改革后组建。")
        d.add_paragraph("二、机构设置情况")
        d.add_paragraph(f"纳入{self.year}年部门预算编制范围的单位有2个：局机关和县图书馆。")
        d.add_paragraph("三、收支预算总体情况")
        d.add_paragraph(
            f"2024年收入预算{wan(whole)}万元，比上年{change(whole, self.last)}，主要原因是图书馆新馆投入使用。其中：一般公共预算财政拨款{wan(general)}万元，政府性基金预算财政拨款{wan(self.fund)}万元，事业收入{wan(self.business)}万元，上年结转{wan(self.carried)}万元。"
        )
        d.add_paragraph(
            f"2024年支出预算{wan(whole)}万元，其中：基本支出{wan(all_[0] + all_[1])}万元，占{Decimal(wan(all_[0] + all_[1])) / Decimal(wan(whole)) * 100:.2f}%；项目支出{wan(all_[2])}万元。"
        )
        d.add_paragraph("四、一般公共预算当年拨款情况")
        sums = self.sums(False)
        for n, code in enumerate((c for c in sums if len(c) == 3), 1):
            d.add_paragraph(f"{n}.{self.names[code]}（类）{wan(sum(sums[code]))}万元，占{Decimal(wan(sum(sums[code]))) / Decimal(wan(general)) * 100:.2f}%。")
        d.add_paragraph(f"一般公共预算基本支出{wan(own[0] + own[1])}万元，其中：人员经费{wan(own[0])}万元，公用经费{wan(own[1])}万元。")
        d.add_paragraph("五、其他重要事项")
        d.add_paragraph("（一）机关运行经费。2024年局机关机关运行经费31.25万元，比2023年增加1.25万元，增长4.17%，主要原因是办公用房面积增加。")
        d.add_paragraph(
            "（二）“三公”经费。2024年“三公”经费预算数为5.60万元，比上年减少0.40万元，下降6.67%。其中：因公出国（境）费0万元，与上年持平；公务接待费1.60万元，比上年减少0.40万元，下降20%；公务用车购置及运行费4万元（公务用车购置费0万元，公务用车运行费4万元），与上年持平。"
        )
        d.add_paragraph("（三）政府采购。2024年没有安排政府购买服务。")
        d.add_paragraph("（四）国有资产占用情况。截至2023年12月31日，共有车辆2辆，单价50万元以上的通用设备1台。")
        d.add_paragraph("（五）绩效目标。2024年项目支出全部编制绩效目标。")
        d.add_paragraph("（六）国有资本经营预算。本部门2024年没有使用国有资本经营预算拨款安排的支出，公开08表为空表。")
        d.add_paragraph("六、名词解释")
        d.add_paragraph("1.财政拨款收入：指本级财政当年拨付的资金。")
        d.add_paragraph("七、预算公开表")

        def head(number: str, title: str) -> None:
            d.add_paragraph(number)
            d.add_paragraph(title)
            d.add_paragraph(f"部门：{self.unit}                                  单位：万元")

        head("公开01表", "部门收支总表")
        classes = {k: sum(v) for k, v in self.sums(True).items() if len(k) == 3}
        left = [("一、一般公共预算拨款收入", general), ("二、政府性基金预算拨款收入", self.fund), ("三、国有资本经营预算拨款收入", None), ("四、事业收入", self.business), ("五、其他收入", None)]
        right = [(f"{'一二三四五六七八九'[n]}、{self.names[c]}", v) for n, (c, v) in enumerate(sorted(classes.items()))]
        rows: list[Row] = [("收    入", None, "支    出", None), ("项    目", "预算数", "项    目", "预算数")]
        for n in range(5):
            a, b = left[n], right[n] if n < len(right) else ("", None)
            rows.append((a[0], wan(a[1], True) if a[1] else "", b[0], wan(b[1], True) if b[1] else ""))
        rows += [
            ("本年收入合计", wan(whole - self.carried, True), "本年支出合计", wan(whole, True)),
            ("上年结转结余", wan(self.carried, True), "年终结转结余", ""),
            ("收入总计", wan(whole, True), "支出总计", wan(whole, True)),
        ]
        table(d, rows, [(0, 0, 0, 1), (0, 2, 0, 3)])

        head("公开02表", "部门收入总表")
        units = {u: sum(sum(v) for (w, _), v in self.leaves.items() if w == u) for u in ("本级", "图书馆")}

        def line(code: str, name: str, g: int, f: int, b: int, c: int) -> Row:
            return (code, name, wan(g + f + b + c, True), wan(g + f + b, True), wan(g, True), wan(f, True), "", wan(b, True), wan(c, True))

        table(
            d,
            [
                ("部门代码", "部门名称", "合计", "本年收入", None, None, None, None, "上年结转结余"),
                (None, None, None, "小计", "一般公共预算", "政府性基金预算", "国有资本经营预算", "事业收入", None),
                line("", "合    计", general, self.fund, self.business, self.carried),
                line("205", self.unit, general, self.fund, self.business, self.carried),
                line("205001", f"{self.unit}本级", units["本级"], self.fund, 0, self.carried),
                line("205002", "临河县图书馆", units["图书馆"], 0, self.business, 0),
            ],
            [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 7), (0, 8, 1, 8)],
        )

        head("公开03表", "部门支出总表")
        rows = [("科目编码及名称", "合计", "基本支出", "项目支出", "事业单位经营支出")]
        rows.append(("合计", wan(whole, True), wan(all_[0] + all_[1], True), wan(all_[2], True), ""))
        for code, (s, r, p) in self.sums(True).items():
            rows.append((f"{code} {self.names[code]}", wan(s + r + p, True), wan(s + r, True) if s + r else "", wan(p, True) if p else "", ""))
        table(d, rows)

        head("公开04表", "财政拨款收支总表")
        rows = [("收入", None, "支出", None, None, None, None), ("项目", "预算数", "项目", "合计", "一般公共预算", "政府性基金预算", "国有资本经营预算")]
        public_classes = {k: sum(v) for k, v in self.sums(False).items() if len(k) == 3}
        names = sorted({*public_classes, "212"})
        left = [
            ("一、本年收入", public),
            ("（一）一般公共预算拨款", general),
            ("（二）政府性基金预算拨款", self.fund),
            ("（三）国有资本经营预算拨款", None),
            ("二、上年结转", self.carried),
            ("（一）一般公共预算拨款", self.carried),
        ]
        right3 = [("一、本年支出", public + self.carried, general + self.carried, self.fund)]
        for n, c in enumerate(names):
            g = public_classes.get(c, 0) + (self.carried if c == "207" else 0)
            f = self.fund if c == "212" else 0
            right3.append((f"（{'一二三四五六七'[n]}）{self.names[c]}", g + f, g, f))
        for n in range(6):
            a = left[n]
            b = right3[n] if n < len(right3) else ("", 0, 0, 0)
            rows.append((a[0], wan(a[1], True) if a[1] else "", b[0], *(wan(x, True) if x else "" for x in b[1:]), ""))
        rows.append(("收入总计", wan(public + self.carried, True), "支出总计", wan(public + self.carried, True), wan(general + self.carried, True), wan(self.fund, True), ""))
        table(d, rows, [(0, 0, 0, 1), (0, 2, 0, 6)])

        head("公开05表", "一般公共预算支出表")
        rows = [("科目编码", "科目名称", "2024年预算数", None, None, None, None), (None, None, "合计", "基本支出", None, None, "项目支出"), (None, None, None, "小计", "人员经费", "公用经费", None)]
        body = []
        for code, (s, r, p) in self.sums(False).items():
            c = self.carried if code in ("207", "20701", "2070102") else 0
            body.append((code, self.names[code], wan(s + r + p + c, True), wan(s + r, True), wan(s, True), wan(r, True), wan(p + c, True)))
        rows += body
        rows.append((None, "合计", wan(general + self.carried, True), wan(own[0] + own[1], True), wan(own[0], True), wan(own[1], True), wan(own[2] + self.carried, True)))
        table(d, rows, [(0, 0, 2, 0), (0, 1, 2, 1), (0, 2, 0, 6), (1, 2, 2, 2), (1, 3, 1, 5), (1, 6, 2, 6)])

        head("公开05-1表", "一般公共预算基本支出表")
        items = [
            ("301", "工资福利支出", own[0], 0),
            ("30101", "基本工资", own[0] - 1_000_000, 0),
            ("30102", "津贴补贴", 1_000_000, 0),
            ("302", "商品和服务支出", 0, own[1]),
            ("30201", "办公费", 0, own[1] - 200_000),
            ("30213", "维修（护）费", 0, 200_000),
        ]
        rows = [("经济分类科目", None, "基本支出", None, None), ("科目编码", "科目名称", "合计", "人员经费", "公用经费")]
        rows += [(c, n, wan(a + b, True), wan(a, True) if a else "", wan(b, True) if b else "") for c, n, a, b in items]
        rows.append(("合计", None, wan(own[0] + own[1], True), wan(own[0], True), wan(own[1], True)))
        table(d, rows, [(0, 0, 0, 1), (0, 2, 0, 4), (8, 0, 8, 1)])

        head("公开06表", "一般公共预算“三公”经费支出表")
        table(
            d,
            [
                ("单位名称", "三公经费合计", "因公出国（境）费", "公务用车购置及运行费", None, None, "公务接待费"),
                (None, None, None, "小计", "公务用车购置费", "公务用车运行费", None),
                ("合计", "5.60", "0.00", "4.00", "0.00", "4.00", "1.60"),
                (f"{self.unit}本级", "4.10", "0.00", "3.00", "0.00", "3.00", "1.10"),
                ("临河县图书馆", "1.50", "0.00", "1.00", "0.00", "1.00", "0.50"),
            ],
            [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5), (0, 6, 1, 6)],
        )
        head("公开07表", "政府性基金预算支出表")
        table(
            d,
            [
                ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
                ("", "合计", wan(self.fund, True), "", wan(self.fund, True)),
                *[(c, self.names[c], wan(self.fund, True), "", wan(self.fund, True)) for c in ("212", "21208", "2120899")],
            ],
        )
        head("公开08表", "国有资本经营预算支出表")
        table(d, [("科目编码", "科目名称", "合计", "基本支出", "项目支出"), ("", "", "", "", "")])
        d.add_paragraph("注：本部门没有使用国有资本经营预算拨款安排的支出，本表为空表。")
        path = folder / "临河县文化广电局2024年预算公开.docx"
        d.save(str(path))
        return path


class Hilltop:
    """A small unit, workbook only: amounts in 元, no numbers, names of tables only on the sheets, 类 款 项 in three columns, no ordinals."""

    unit = "望山镇中心学校"
    staff, running, project = 12_345_678.50, 1_204_300.00, 860_000.00

    def workbook(self, folder: Path) -> Path:
        path = folder / "望山镇中心学校2023年部门预算表.xlsx"
        book = xlsxwriter.Workbook(str(path))
        edge, number = book.add_format({"border": 1}), book.add_format({"border": 1, "num_format": "#,##0.00"})
        total = self.staff + self.running + self.project

        def sheet(name: str, heads: list[list[str]], merges: list[tuple[int, int, int, int]], rows: list[list[str | float | None]], unit: str = "单位：元") -> None:
            page = book.add_worksheet(name)
            page.merge_range(0, 0, 0, len(heads[0]) - 1, f"{self.unit}2023年{name}", edge)
            page.write(1, 0, f"编制单位：{self.unit}")
            page.write(1, len(heads[0]) - 1, unit)
            for r, line in enumerate(heads):
                for c, text in enumerate(line):
                    page.write(2 + r, c, text, edge)
            for top, left, bottom, right in merges:
                page.merge_range(2 + top, left, 2 + bottom, right, heads[top][left], edge)
            for r, row in enumerate(rows):
                for c, v in enumerate(row):
                    page.write(2 + len(heads) + r, c, v, number if isinstance(v, float) else edge)

        sheet(
            "收支总表",
            [["收入", "", "支出", ""], ["项目", "金额", "项目", "金额"]],
            [(0, 0, 0, 1), (0, 2, 0, 3)],
            [
                ["一般公共预算拨款收入", total, "教育支出", total - 900_000.0],
                ["政府性基金预算拨款收入", None, "社会保障和就业支出", 900_000.0],
                ["事业收入", None, "住房保障支出", None],
                ["本年收入合计", total, "本年支出合计", total],
                ["上年结转", None, "结转下年", None],
                ["收入总计", total, "支出总计", total],
            ],
        )
        basic = self.staff + self.running
        sheet(
            "一般公共预算支出表",
            [["科目编码", "", "", "科目名称", "合计", "基本支出", "", "", "项目支出"], ["类", "款", "项", "", "", "小计", "人员经费", "日常公用经费", ""]],
            [(0, 0, 0, 2), (0, 3, 1, 3), (0, 4, 1, 4), (0, 5, 0, 7), (0, 8, 1, 8)],
            [
                ["", "", "", "合计", total, basic, self.staff, self.running, self.project],
                ["205", "", "", "教育支出", total - 900_000.0, basic - 900_000.0, self.staff - 900_000.0, self.running, self.project],
                ["205", "02", "", "普通教育", total - 900_000.0, basic - 900_000.0, self.staff - 900_000.0, self.running, self.project],
                ["205", "02", "03", "初中教育", total - 900_000.0, basic - 900_000.0, self.staff - 900_000.0, self.running, self.project],
                ["208", "", "", "社会保障和就业支出", 900_000.0, 900_000.0, 900_000.0, None, None],
                ["208", "05", "", "行政事业单位养老支出", 900_000.0, 900_000.0, 900_000.0, None, None],
                ["208", "05", "05", "机关事业单位基本养老保险缴费支出", 900_000.0, 900_000.0, 900_000.0, None, None],
            ],
        )
        sheet(
            "项目支出表",
            [["序号", "项目名称", "合计", "一般公共预算", "政府性基金"]],
            [],
            [["1", "校舍维修", 500_000.0, 500_000.0, None], ["2", "营养改善", 360_000.0, 360_000.0, None], ["", "合计", self.project, self.project, None]],
        )
        book.close()
        return path

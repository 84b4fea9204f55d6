"""A unit too large for comfort, made from a seed: what prints well with it prints well with any.

60 功能科目, 80 projects, 300 lines of procurement, names of 60 characters, forms with long texts; and a pack with a table of 40 figure
columns, as an officer would add one in Excel. Everything is invented.
"""

from __future__ import annotations

import random
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from generator.authoring import new_pack
from generator.pack.pack import Pack, load_pack
from tests.support import TEXTS, Sheets, write

PACK = "stress-2022"
KEPT = ("预算01表", "预算04表", "预算05表", "预算10表", "预算14表", "预算30表", "预算33表", "绩效-整体", "绩效-项目")
WIDE = "预算40表"
COLUMNS = 40
FUNCTIONS, PROJECTS, PROCUREMENT, FORMS = 60, 80, 300, 4
NAME = 60  # characters
UNIT = "124001"
PLACES = "东西南北中上下前后"
THINGS = ("政务服务大厅", "电子政务外网", "信用信息平台", "乡镇便民服务中心", "档案数字化加工", "公共资源交易系统", "热线受理", "营商环境监测")
WORK = ("运行维护", "升级改造", "设备购置", "人员培训", "宣传推广", "第三方评估", "线路租赁", "安全等级保护测评")


def stress_pack(folder: Path) -> Path:
    """The pack, made as an officer makes one: a copy, tables taken off the list, a sheet added."""
    made = new_pack("pingjiang-2022", PACK, folder)
    path = made / f"{PACK}.xlsx"
    book = openpyxl.load_workbook(path)
    catalog = book["套表"]
    head = next(r for r in range(1, 20) if catalog.cell(r, 2).value == "表号")
    columns = {catalog.cell(head, c).value: c for c in range(1, catalog.max_column + 1)}
    rows = [[cell.value for cell in row] for row in catalog.iter_rows(min_row=head + 1)]
    kept = [row for row in rows if row[columns["表号"] - 1] in KEPT]
    template = next(row for row in kept if row[columns["表号"] - 1] == "预算10表")
    wide = list(template)
    changes = {"表号": WIDE, "表名": "基本支出按部门预算支出经济分类款级科目分列情况表", "工作表": WIDE, "范围": "类型 基本支出 且 部门经济 301 302", "纸张": None}
    for name, value in changes.items():
        wide[columns[name] - 1] = value
    at = next(i for i, row in enumerate(kept) if str(row[columns["表号"] - 1]).startswith("绩效"))
    kept.insert(at, wide)
    for r, row in enumerate([*kept, *[[None] * len(rows[0])] * (len(rows) - len(kept))], head + 1):
        for c, value in enumerate(row, 1):
            catalog.cell(r, c).value = value
    _wide_sheet(book.create_sheet(WIDE), load_pack("pingjiang-2022"))
    book.save(path)
    return made


def _wide_sheet(sheet: Worksheet, pack: Pack) -> None:
    """A layout of 3 label columns, a total and 40 economic items under two headings, every column 9 characters wide, on A4."""
    pay, goods = (pack.department.under(group, 5) for group in ("301", "302"))
    listed = [*pay, *goods]
    assert len(listed) == COLUMNS
    second = 6 + len(pay)
    last = 5 + COLUMNS
    thin = Side(style="thin")
    lines: list[tuple[str, dict[int, object]]] = [
        ("标题", {2: "【表号】"}),
        ("标题", {2: "【表名】"}),
        ("标题", {2: "单位名称：【单位名称】", last: "单位：【金额单位】"}),
        ("表头", {2: "功能科目", 3: "单位代码", 4: "单位名称(功能科目)", 5: "总计", 6: "工资福利支出", second: "商品和服务支出"}),
        ("表头", {6 + n: code.name for n, code in enumerate(listed)}),
        ("正文", {2: "功能科目编码", 3: "单位编码", 4: "名称", 5: "合计", **{6 + n: f"部门经济 {code.code}" for n, code in enumerate(listed)}}),
        ("表尾", {2: "注：本表按支出经济分类款级科目分列，栏目较多，分页印出。"}),
    ]
    for r, (word, cells) in enumerate(lines, 1):
        sheet.cell(r, 1).value = word
        for c in range(2, last + 1):
            cell = sheet.cell(r, c)
            cell.value = cells.get(c)
            cell.font = Font(name="黑体" if r == 2 else "宋体", size=16 if r == 2 else 10, bold=word == "表头")
            right = word == "标题" and c == last
            cell.alignment = Alignment(horizontal="right" if right else "center" if word == "表头" or r == 2 else None, vertical="center", wrap_text=word != "标题")
            if word in ("表头", "正文"):
                cell.border = Border(thin, thin, thin, thin)
            if word == "表头":
                cell.fill = PatternFill("solid", fgColor="F2F2F2")
    for area in ((2, 2, 2, last), (4, 2, 5, 2), (4, 3, 5, 3), (4, 4, 5, 4), (4, 5, 5, 5), (4, 6, 4, second - 1), (4, second, 4, last), (7, 2, 7, last)):
        sheet.merge_cells(start_row=area[0], start_column=area[1], end_row=area[2], end_column=area[3])
    for c in range(2, last + 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(c)].width = 24 if c == 4 else 9
    sheet.row_dimensions[2].height = 30
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_margins.left = sheet.page_margins.right = 0.4


def stress_workbook(path: Path, seed: int = 20220101) -> Path:
    """The master workbook of the unit, its income equal to its expenditure."""
    return write(path, stress_sheets(seed))


def stress_sheets(seed: int = 20220101) -> Sheets:
    pack, rng = load_pack("pingjiang-2022"), random.Random(seed)
    items = [c for c in pack.functional if len(c) == 7 and c.startswith(("201", "204", "205", "206", "207", "208", "210", "211", "212", "213"))]
    functions = sorted(rng.sample(items, FUNCTIONS))
    total = 0

    def yuan(low: int, high: int) -> int:
        nonlocal total
        amount = rng.randrange(low, high) * 100
        total += amount
        return amount

    sheets: dict[str, list[list[object]]] = {}
    for name, group in (("工资福利", "301"), ("商品和服务", "302"), ("对个人和家庭", "303")):
        codes = pack.department.under(group, 5)
        lines: list[list[object]] = [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", *(f"{c.code} {c.name}" for c in codes)]]
        for function in functions:
            lines.append([UNIT, function, "经费拨款", *(yuan(50, 90_000) if rng.random() < 0.6 else None for _ in codes)])
        total -= int(str(lines[2][4] or 0))
        lines[2][4] = yuan(60_000_000, 90_000_000)  # one large figure, and with it large totals: 9 characters and more in 万元
        sheets[f"基本支出—{name}"] = lines
    projects = [_name(rng, "项目", n) for n in range(PROJECTS)]
    spent = [[UNIT, name, rng.choice(functions), rng.choice(("30201", "30213", "30227", "31002", "39908")), "经费拨款", yuan(1_000, 900_000), None] for name in projects]
    sheets["项目支出"] = [["金额单位", "元"], ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数", "上年预算数"], *spent]
    sheets["收入"] = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], [UNIT, "经费拨款", total]]
    long = "。".join("建设、运行和维护政务服务大厅与电子政务外网，保障群众办事渠道畅通" for _ in range(7)) + "。"
    sheets["项目库"] = [["单位编码", "项目名称", "项目类别", "项目属性", "编制绩效目标", "项目概况", "立项依据", "长期目标", "年度目标"]]
    sheets["绩效目标"] = [["单位编码", "项目名称", "一级指标", "二级指标", "三级指标", "计算符号", "指标值", "计量单位"]]
    for n, name in enumerate(projects):
        form = n < FORMS
        texts = [long, long[:120], long[:200], long[:160]] if form else [None] * 4
        sheets["项目库"].append([UNIT, name, "其他专项类", "新增项目", "是" if form else "否", *texts])
        for owner in [name] if form else []:
            sheets["绩效目标"] += [[UNIT, owner, *_INDICATORS[k % len(_INDICATORS)], "≥", str(rng.randrange(60, 100)), "%"] for k in range(14)]
    sheets["绩效目标"] += [[UNIT, None, *indicator, "≥", "90", "%"] for indicator in _INDICATORS]
    sheets["政府采购"] = [["单位编码", "采购项目名称", "采购目录", "采购类型", "数量", "计量单位", "单价", "采购金额", "功能科目编码", "部门经济编码", "资金来源"]]
    for n in range(PROCUREMENT):
        count, price = rng.randrange(1, 40), rng.randrange(1, 90) * 100
        sheets["政府采购"].append([UNIT, _name(rng, "采购", n), "其他信息技术服务", "服务", count, "项", price, count * price, rng.choice(functions), "30227", "经费拨款"])
    texts = [[t, f"（一）{long}\n（二）{long[:90]}" if t in ("职能职责", "整体年度目标") else f"{t}的内容。{long[:60]}"] for t in TEXTS]
    reasons = ("收入总计", "支出总计", "工资福利支出", "项目支出", "商品和服务支出", "对个人和家庭的补助", "机关运行经费", "三公经费", "会议费", "培训费")
    sheets["文字说明"] = [["事项", "内容"], *texts, *([f"原因：{n}", "新增人员和新增项目按标准安排"] for n in reasons)]
    sheets["单位信息"] = [["年度", "2022"], ["套表", PACK], [], ["单位编码", "单位名称", "单位简称", "主管部门编码", "主管部门名称", "单位性质"]]
    sheets["单位信息"].append([UNIT, "某某县行政审批服务和大数据管理局（县营商环境优化协调事务中心）", "审批局", "124", "某某县行政审批服务和大数据管理局", "行政"])
    return sheets


_INDICATORS = tuple(
    (first, second, f"{second}{'逐月统计、按季通报，年终由第三方评估并在县政府门户网站公布结果' if n % 2 else ''}")
    for n, (first, second) in enumerate(
        (
            *(("产出指标", name) for name in ("数量指标", "质量指标", "时效指标")),
            *(("成本指标", name) for name in ("经济成本指标", "社会成本指标", "生态环境成本指标")),
            *(("效益指标", name) for name in ("经济效益", "社会效益", "环境效益", "可持续影响")),
            ("满意度指标", "服务对象满意度"),
        )
    )
)


def _name(rng: random.Random, kind: str, n: int) -> str:
    """A name of 60 characters that no other has."""
    text = f"{kind}{n + 1}号{''.join(rng.choices(PLACES, k=2))}片区"
    while len(text) < NAME:
        text += f"{rng.choice(THINGS)}{rng.choice(WORK)}和"
    return text[:NAME]

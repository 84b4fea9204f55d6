"""Realistic units for a pack, from a seed: whole master workbooks that build without errors. For tests and benchmarks.

    python -m bench.units --pack pingjiang-2022 --count 20 -o outputs/样本     # twenty workbooks and their roster

Kinds differ (行政, 参公, 事业; offices, schools, clinics, departments with their schools in one workbook), so do sources,
sheets' amount units and how much there is: 50 to 300 filled lines, every fiftieth unit a department of about 3,000. What is
put in is made up; names say so. Income is what is spent, source by source; every figure of last year is there.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from generator.pack.pack import Pack
from generator.pack.show import show_pack
from generator.render.blank import Prefill, Row, blank_workbook

LARGE = 3000  # lines of a department with all its schools in one workbook
KINDS = (  # what a unit is → its nature, functional item of its running costs, of its projects, staff
    ("办公室", "行政", ("2010301",), ("2010302",), (8, 40)),
    ("财政局", "行政", ("2010601",), ("2010602", "2010699"), (20, 80)),
    ("农业农村局", "行政", ("2130101",), ("2130102", "2130122", "2130199"), (20, 90)),
    ("交通运输局", "行政", ("2140101",), ("2140102", "2140106"), (15, 60)),
    ("机关事务服务中心", "参公", ("2010303", "2010301"), ("2010302",), (10, 40)),
    ("劳动保障服务所", "参公", ("2080101",), ("2080102", "2080199"), (6, 30)),
    ("小学", "事业", ("2050202",), ("2050202", "2050299"), (15, 90)),
    ("中学", "事业", ("2050203",), ("2050203", "2050299"), (30, 160)),
    ("卫生院", "事业", ("2100302",), ("2100302", "2100408"), (12, 70)),
    ("文化馆", "事业", ("2070109",), ("2070109", "2070199"), (6, 20)),
)
PLACES = ("东山", "西河", "南岭", "北塘", "青石", "白沙", "长桥", "新圩", "古城", "云溪", "龙泉", "石门")
TASKS = ("业务运行", "设备购置", "房屋维修", "信息系统运维", "宣传培训", "安全保障", "档案整理", "专项检查", "便民服务", "环境整治", "线路租赁", "物业服务")
SPENT_ON = ("30201", "30202", "30207", "30211", "30213", "30214", "30218", "30226", "30227", "30299", "31002", "31003")
REASON = "在职人员、标准和项目安排与上年不同，按批复的预算编列"
INDICATORS = (  # 一级, 二级, 三级, sign, unit of measure, least and most
    ("产出指标", "数量指标", "{}完成数量", "≥", "项", (2, 60)),
    ("产出指标", "质量指标", "{}验收合格率", "≥", "%", (90, 100)),
    ("产出指标", "时效指标", "{}按期完成率", "≥", "%", (90, 100)),
    ("效益指标", "社会效益指标", "{}惠及人数", "≥", "人", (100, 9000)),
    ("满意度指标", "服务对象满意度指标", "{}服务对象满意率", "≥", "%", (85, 99)),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A made-up unit. lines: how many filled lines its workbook is to have, about; below: units in the same workbook."""

    code: str
    name: str
    department_code: str
    department: str
    nature: str
    running: tuple[str, ...]
    projects: tuple[str, ...]
    staff: int
    lines: int
    seed: int
    below: tuple[Unit, ...] = ()


def units(count: int, seed: int = 1, large_every: int = 50, large: int = LARGE) -> list[Unit]:
    """`count` units with different codes and names; the same seed gives the same units."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        what, nature, running, projects, staff = KINDS[n % len(KINDS)]
        department = f"{500 + n // 8}"
        code, place = f"{department}{n % 8 + 1:03}", PLACES[n % len(PLACES)]
        name = f"样例县{place}{_numeral(n // len(PLACES) + 1)}{what}"
        below: tuple[Unit, ...] = ()
        lines = rng.randint(50, 300)
        if large_every and n % large_every == large_every - 1:
            name, nature, running, projects, lines = f"样例县第{_numeral(n + 1)}教育局", "行政", ("2050101",), ("2050102", "2050199"), 120
            schools = max(1, (large - lines) // 75)
            below = tuple(
                Unit(f"{code}{i:02}", f"样例县{place}第{_numeral(i)}学校", department, name, "事业", ("2050202",), ("2050202", "2050299"), rng.randint(15, 90), 75, seed * 100000 + n * 100 + i)
                for i in range(1, schools + 1)
            )
        made.append(Unit(code, name, department, f"样例县{department}部门", nature, running, projects, rng.randint(*staff), lines, seed * 1000 + n, below))
    return made


def workbook(pack: Pack, unit: Unit) -> bytes:
    """The unit's filled master workbook, written as the blank is; same unit, same bytes."""
    year = int(pack.file.year)
    return blank_workbook(pack, _Filling(pack, unit).prefill(), datetime(year, 1, 5))


def file_name(pack: Pack, unit: Unit) -> str:
    return f"{unit.code}-{unit.name}-{pack.file.year}.xlsx"


def write_units(pack: Pack, made: Sequence[Unit], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for unit in made:
        path = folder / file_name(pack, unit)
        path.write_bytes(workbook(pack, unit))
        paths.append(path)
    return paths


def indicator_words(pack: Pack) -> tuple[str, list[str]]:
    """What the pack's forms call the indicators of satisfaction of a project, and three kinds of indicator of a unit as a whole.

    Forms that ask for them by name have a line for each and none for others; the common words where no form does.
    """
    asked = re.findall(r"范围 二级指标 (\S+)", show_pack(pack))
    satisfied = [w for w in asked if w.endswith("满意度指标")]
    whole = [w for w in asked if not w.endswith("指标")][:3]
    common = INDICATORS[-1][1]
    return satisfied[-1] if satisfied and common not in satisfied else common, whole or ["数量指标", "质量指标", "时效指标"]


@dataclass(slots=True)
class _Filling:
    """The sheets of one workbook while they fill. spent: unit, source → this year, last year in 元."""

    pack: Pack
    unit: Unit
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    grain: Decimal = Decimal(100)
    main: str = ""
    own: str = ""
    words: tuple[str, list[str]] = ("", [])
    spent: dict[tuple[str, str], list[Decimal]] = field(default_factory=lambda: defaultdict(lambda: [Decimal(0), Decimal(0)]))

    def prefill(self) -> Prefill:
        pack, unit = self.pack, self.unit
        year = int(pack.file.year)
        rng = random.Random(unit.seed)
        self.grain = Decimal(1) if unit.seed % 4 == 0 else Decimal(100)  # every fourth counts to the 元, so its tables round
        leaves = [s.name for s in pack.sources.values() if not s.group and not any(o.under == s.name for o in pack.sources.values())]
        self.words = indicator_words(pack)
        self.main = next(s for s in leaves if pack.nature(s) == "一般公共预算")
        self.own = next((s for s in leaves if pack.nature(s) in ("财政专户", "单位资金")), self.main)
        for one in (unit, *unit.below):
            self._unit(one)
            self._staff(one, rng)
            self._running(one, rng)
            self._projects(one, rng, one.lines - len(self.rows["上年数"]) // (1 + len(unit.below)) - 20)
        for (code, source), (now, before) in self.spent.items():
            self.rows["收入"].append({"单位编码": code, "收入来源": source, "本年预算数": now, "上年预算数": before})
        self._texts()
        if unit.seed % 3 == 0:
            self._in_wan()
        lines = {"年度": pack.file.year, "套表": pack.id, "批复日期": date(year, 2, 10), "公开日期": date(year, 2, 24), "单位负责人": "单位负责人", "填报人": "财务股"}
        units = {s.name: "万元" if unit.seed % 3 == 0 else "元" for s in pack.schema.sheets if s.amount_unit}
        return Prefill(lines, units, self.rows, about=("这是程序做的样本，单位、金额、文字都是编的。",))

    def _unit(self, one: Unit) -> None:
        self.rows["单位信息"].append(
            {
                "单位编码": one.code,
                "单位名称": one.name,
                "单位简称": one.name.removeprefix("样例"),
                "主管部门编码": one.department_code,
                "主管部门名称": one.department,
                "单位性质": one.nature,
                "经费拨款形式": "全额拨款",
            }
        )

    def _staff(self, one: Unit, rng: random.Random) -> None:
        posts = one.staff + rng.randint(0, 5) - (6 if one.seed % 7 == 3 else 0)  # every seventh has more people than posts, which is worth a warning
        kind = "行政" if one.nature in ("行政", "参公") else "全额事业"
        retired = rng.randint(1, 30)
        for values in ({"人员类别": kind, "编制数": posts, "实有数": one.staff}, {"人员类别": "退休（全额）", "实有数": retired}):
            if values["人员类别"] in {c.value for c in self.pack.choices("人员类别")}:
                self.rows["人员情况"].append({"单位编码": one.code, **values})

    def _function(self, *codes: str) -> str:
        """The first of the codes this pack's edition has."""
        return next((c for c in codes if c in self.pack.functional), next(c.code for c in self.pack.functional.values() if len(c.code) == 7))

    def _amount(self, rng: random.Random, least: int, most: int) -> Decimal:
        return Decimal(rng.randint(least, most)) // self.grain * self.grain

    def _spend(self, one: Unit, source: str, now: Decimal, before: Decimal) -> None:
        sums = self.spent[one.code, source]
        sums[0] += now
        sums[1] += before

    def _running(self, one: Unit, rng: random.Random) -> None:
        """The basic expenditure: pay, insurance and housing under their own functional items, office costs, pensions."""
        running = self._function(*one.running)
        public = one.nature in ("行政", "参公")
        pay = {"30101": 42000, "30102": 30000 if public else 9000, "30103": 15000, "30199": 900} | ({} if public else {"30107": 24000})
        wages: list[tuple[str, dict[str, int]]] = [
            (running, pay),
            (self._function("2080505"), {"30108": 13000}),
            (self._function("2080506"), {"30109": 6500}),
            (self._function("2101101" if public else "2101102"), {"30110": 7000, "30112": 800}),
            (self._function("2210201"), {"30113": 9800}),
        ]
        goods = {"30201": 1500, "30202": 300, "30205": 200, "30206": 500, "30207": 400, "30211": 900, "30213": 600, "30215": 150, "30216": 260, "30217": 180, "30228": 620, "30231": 500, "30299": 700}
        persons = {"30302": 1200, "30305": 300}
        retired = self._function("2080501" if public else "2080502", "2080501")
        for sheet, blocks in (("基本支出—工资福利", wages), ("基本支出—商品和服务", [(running, goods)]), ("基本支出—对个人和家庭", [(retired, persons)])):
            for function, costs in blocks:
                cells: dict[str | tuple[str, str], object] = {"单位编码": one.code, "功能科目编码": function, "功能科目名称": self.pack.functional[function].name, "资金来源": self.main}
                for code, each in costs.items():
                    if code not in self.pack.department or (code == "30112" and not self.pack.file.sub_items.get(code)):
                        continue  # 其他社会保障缴费 only where the set says what it is split into: not every set has a place for it
                    now = self._amount(rng, each * one.staff * 9 // 10, each * one.staff * 11 // 10) + self.grain
                    before = self._amount(rng, int(now) * 85 // 100, int(now) * 108 // 100) + self.grain
                    items = self.pack.file.sub_items.get(code, [])
                    cells[code, items[0] if items and code == "30112" else ""] = now
                    self._spend(one, self.main, now, before)
                    self.rows["上年数"].append(
                        {"单位编码": one.code, "功能科目编码": function, "部门经济编码": code, "资金来源": self.main, "上年预算数": before, **({"子项": items[0]} if items and code == "30112" else {})}
                    )
                self.rows[sheet].append(cells)

    def _projects(self, one: Unit, rng: random.Random, lines: int) -> None:
        """Projects with what they are spent on, cost lines, schedule, indicators and buying, until the lines are used up."""
        codes = [c for c in SPENT_ON if c in self.pack.department]
        at, n = 0, 0
        while at < lines or n == 0:
            task = TASKS[n % len(TASKS)]
            name = f"{PLACES[(n // len(TASKS)) % len(PLACES)]}{task}专项{'' if n < 144 else n // 144 + 1}"
            if one is not self.unit:
                name = f"{one.name.removeprefix('样例县')}{task}专项{'' if n < len(TASKS) else n // len(TASKS) + 1}"
            at += self._project(one, rng, name, task, rng.sample(codes, rng.randint(1, min(5, len(codes)))), fresh=n % 4 == 3)
            n += 1

    def _project(self, one: Unit, rng: random.Random, name: str, task: str, codes: Sequence[str], fresh: bool) -> int:
        """One project; gives back how many lines it took."""
        year = int(self.pack.file.year)
        function = self._function(*rng.sample(one.projects, len(one.projects)))
        source = self.own if one.nature == "事业" and rng.random() < 0.15 else self.main
        total, last = Decimal(0), Decimal(0)
        for code in codes:
            now = self._amount(rng, 8000, 400000) + self.grain
            before = Decimal(0) if fresh else self._amount(rng, 8000, 400000) + self.grain
            total, last = total + now, last + before
            self._spend(one, source, now, before)
            self.rows["项目支出"].append(
                {
                    "单位编码": one.code,
                    "项目名称": name,
                    "支出类型": "项目支出",
                    "功能科目编码": function,
                    "功能科目名称": self.pack.functional[function].name,
                    "部门经济编码": code,
                    "资金来源": source,
                    "本年预算数": now,
                    "上年预算数": None if fresh else before,
                }
            )
        kinds = [c.value for c in self.pack.choices("项目属性")]
        natures = [v for v in kinds if ("新增" in v) == fresh]
        self.rows["项目库"].append(
            {
                "单位编码": one.code,
                "项目名称": name,
                "项目类别": rng.choice([c.value for c in self.pack.choices("项目类别")]),
                "项目属性": natures[0] if natures else None,
                "编制绩效目标": "是",
                "开始日期": date(year, 1, 1),
                "结束日期": date(year, 12, 31),
                "主管部门": one.department,
                "项目负责人": "项目负责人",
                "项目概况": f"用于{name}，保障{task}各项工作按计划开展。",
                "立项依据": f"按部门职责和年度工作计划，开展{task}。",
                "保障措施": f"明确{task}的责任股室，按进度支付，按季度检查。",
                "长期目标": f"{task}机制健全，长期平稳运行。",
                "年度目标": f"按计划完成{task}全部任务，资金支付规范。",
                "测算依据": "按数量和单价测算",
            }
        )
        first = total // 2 // self.grain * self.grain
        first_before = last // 2 // self.grain * self.grain
        for what, now, before in ((f"{task}人工和材料", first, first_before), (f"{task}设备和服务", total - first, last - first_before)):
            self.rows["项目测算明细"].append({"单位编码": one.code, "项目名称": name, "支出内容": what, "本年预算数": now, "上年预算数": None if fresh else before, "测算说明": "按数量和单价测算"})
        self.rows["项目进度"].append({"单位编码": one.code, "项目名称": name, "实施内容": f"实施{name}", "开始日期": date(year, 1, 1), "结束日期": date(year, 12, 31)})
        for top, plain, third, sign, measure, (least, most) in INDICATORS:
            second = self.words[0] if "满意度" in plain else plain
            self.rows["绩效目标"].append(
                {
                    "单位编码": one.code,
                    "项目名称": name,
                    "一级指标": top,
                    "二级指标": second,
                    "三级指标": third.format(name),
                    "计算符号": sign,
                    "指标值": str(rng.randint(least, most)),
                    "计量单位": measure,
                    "备注": "",
                    "指标值说明": "",
                }
            )
        taken = len(codes) + 1 + 2 + 1 + len(INDICATORS)
        if "31002" in codes:
            bought = next(r for r in reversed(self.rows["项目支出"]) if r["项目名称"] == name and r["部门经济编码"] == "31002")
            price = Decimal(rng.randint(30, 60) * 100)
            count = min(10, int(Decimal(str(bought["本年预算数"])) // price))
            if count:
                self.rows["政府采购"].append(
                    {
                        "单位编码": one.code,
                        "项目名称": name,
                        "采购项目名称": f"{task}设备",
                        "采购目录": "A02 设备",
                        "采购类型": "货物",
                        "数量": count,
                        "计量单位": "台",
                        "单价": price,
                        "采购金额": price * count,
                        "面向中小企业": price * count,
                        "面向小微企业": price * count,
                        "功能科目编码": function,
                        "部门经济编码": "31002",
                        "资金来源": source,
                    }
                )
                taken += 1
        return taken

    def _texts(self) -> None:
        for second, third in zip(self.words[1], ("年度重点工作完成项数", "各项工作验收合格率", "预算执行及时率"), strict=False):
            self.rows["绩效目标"].append(
                {
                    "单位编码": self.unit.code,
                    "一级指标": "产出指标",
                    "二级指标": second,
                    "三级指标": third,
                    "计算符号": "≥",
                    "指标值": "95" if "率" in third else "12",
                    "计量单位": "%" if "率" in third else "项",
                }
            )
        for text in self.pack.file.texts:
            if text.name.startswith("原因："):
                words = REASON
            elif text.name == "填报日期":
                words = ""
            elif text.name == "专项实施期":
                words = f"{self.pack.file.year}年度"
            elif text.name.startswith("用途："):
                words = "人员、日常运转和专项工作"
            else:
                words = f"（一）贯彻执行国家和省、市有关规定，做好{text.name}方面的工作。\n（二）按照部门职责完成年度任务。" if text.required == "总是" else f"按计划安排{text.name}。"
            self.rows["文字说明"].append({"事项": text.name, "内容": words, "填写提示": text.hint})
        told = {text.name for text in self.pack.file.texts}
        for reason in dict.fromkeys(f.reason for f in self.pack.file.facts.values() if f.reason):
            if reason not in told:  # a part may move against its whole, and then wants a reason of its own
                self.rows["文字说明"].append({"事项": reason, "内容": REASON})

    def _in_wan(self) -> None:
        """The amounts of sheets that say 万元; prices and purchases stay in 元."""
        for sheet in self.pack.schema.sheets:
            if not sheet.amount_unit:
                continue
            own = {c.name for c in sheet.columns if c.type == "金额" and not c.unit}
            self.rows[sheet.name] = [{k: v / 10000 if isinstance(v, Decimal) and (k in own or isinstance(k, tuple)) else v for k, v in row.items()} for row in self.rows[sheet.name]]


def _numeral(n: int) -> str:
    """一, 二 … 九十九, 一百零五 …

    >>> _numeral(7), _numeral(12), _numeral(105)
    ('七', '十二', '一百零五')
    """
    digits = "零一二三四五六七八九"
    if n < 10:
        return digits[n]
    if n < 100:
        tens, ones = divmod(n, 10)
        return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
    hundreds, rest = divmod(n, 100)
    return digits[hundreds] + "百" + ("" if not rest else ("零" if rest < 10 else "一" if rest < 20 else "") + _numeral(rest))


def filled_lines(pack: Pack, unit: Unit) -> int:
    """How many lines the unit's workbook has over all sheets."""
    filling = _Filling(pack, unit)
    return sum(map(len, filling.prefill().rows.values()))


def main() -> Iterator[str]:
    from generator.run import get_pack

    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--pack", default="pingjiang-2022")
    ap.add_argument("--count", type=int, default=20)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("-o", "--output", type=Path, required=True)
    arguments = ap.parse_args()
    pack = get_pack(arguments.pack)
    for path in write_units(pack, units(arguments.count, arguments.seed), arguments.output):
        yield str(path)


if __name__ == "__main__":
    for written in main():
        print(written)

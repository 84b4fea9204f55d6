"""One blank per unit of the roster, with what is known of it and of last year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from generator.bureau.last_year import Before, LastYear, carried_rows, carried_texts
from generator.bureau.roster import Roster, RosterUnit
from generator.model.problem import UsageError
from generator.pack.pack import Pack
from generator.render.blank import Prefill, Row, blank_workbook
from generator.run import get_pack, safe_name, write_file

FROM_ROSTER = ("单位简称", "主管部门编码", "主管部门名称", "单位性质", "经费拨款形式", "归口")


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A blank. old: the units of last year it was filled from; merged: this year's unit and the several it was; kept: there was a file of that name, which stays."""

    unit: RosterUnit
    path: Path
    old: Sequence[Before] = ()
    merged: Sequence[str] = ()
    kept: bool = False


def hand_out(roster: Roster, pack_id: str, last_year: LastYear, folder: Path) -> Iterator[HandedOut]:
    """A workbook for each unit that files one of its own, as it is written. An existing file is never overwritten.

    pack_id: for units for which the roster names none. UsageError when nobody names one.
    """
    together: dict[str, list[RosterUnit]] = {}
    for unit in roster.units.values():
        together.setdefault(unit.filed_with or unit.code, []).append(unit)
    for code, others in together.items():
        main = roster.units[code]
        members = [main, *(u for u in others if u.code != code)]
        wanted = main.pack or pack_id or roster.pack
        if not wanted:
            raise UsageError(f"不知道 {main.code} {main.name}用哪套表：写 --pack，或在名册里填“套表”")
        pack = get_pack(wanted)
        path = folder / f"{safe_name(f'{main.code}-{main.name}-{pack.file.year}')}.xlsx"
        old = [b for u in members for b in last_year.units.get(u.code, ())]
        merged = [f"{u.name}（{'＋'.join(b.name for b in was)}）" for u in members if len(was := last_year.units.get(u.code, ())) > 1]
        if path.exists():
            yield HandedOut(main, path, old, merged, kept=True)
            continue
        write_file(path, blank_of(pack, members, last_year.units, roster.sources))
        yield HandedOut(main, path, old, merged)


def blank_of(pack: Pack, members: Sequence[RosterUnit], before: Mapping[str, Sequence[Before]], sources: Mapping[str, str]) -> bytes:
    """The blank of the units that file together, the first one naming it."""
    main = members[0]
    rows: dict[str, list[Row]] = {"单位信息": [{"单位编码": u.code, "单位名称": u.name, **{n: u.text(n) for n in FROM_ROSTER}} for u in members]}
    for unit in members:
        if was := before.get(unit.code):
            for sheet, carried in carried_rows(pack, unit, was, sources).items():
                rows.setdefault(sheet, []).extend(carried)
    rows["文字说明"] = carried_texts(pack, before.get(main.code, ()), main.code if len(members) > 1 else "")
    old = [b for u in members for b in before.get(u.code, ())]
    about = []
    if old:
        about = [
            f"浅蓝底的格子是从 {old[0].master.year} 年的工作簿带来的（{'、'.join(f'{b.code} {b.name}' for b in old)}）：上年数请核对；项目、指标、人数、文字请逐格改成今年的，不再做的项目整行清空。",
            "增减原因要写今年的；上年写过的话抄在“填写提示”里供参考。",
        ]
    year = int(pack.file.year) if pack.file.year.isdigit() else 2000
    lines: dict[str, object] = {"年度": pack.file.year, "套表": pack.id, "填报人": main.text("联系岗位")}
    units = {s.name: "元" for s in pack.schema.sheets if s.amount_unit} if old else {}  # what is carried is in 元
    return blank_workbook(pack, Prefill(lines, units, rows, about), datetime(year, 1, 1))

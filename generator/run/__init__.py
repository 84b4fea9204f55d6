"""One unit: checked, built, proved, written. The only stage that writes results, and it writes all or nothing."""

from generator.run.checking import Checked, Say, check, check_raw, get_pack, no_collecting, tracer
from generator.run.files import safe_name, write_file, write_folder
from generator.run.handing_back import MARKED, REPORT_FILE, about, folder_name, hand_back, hand_back_refused, report
from generator.run.making import TABLES_FILE, documents, fonts, hold_clean, run_date, templates
from generator.run.unit import TRACE_FILE, Done, Returned, Stopped, Wanted, build_set

__all__ = [
    "MARKED",
    "REPORT_FILE",
    "TABLES_FILE",
    "TRACE_FILE",
    "Checked",
    "Done",
    "Returned",
    "Say",
    "Stopped",
    "Wanted",
    "about",
    "build_set",
    "check",
    "check_raw",
    "documents",
    "folder_name",
    "fonts",
    "get_pack",
    "hand_back",
    "hand_back_refused",
    "hold_clean",
    "no_collecting",
    "report",
    "run_date",
    "safe_name",
    "templates",
    "tracer",
    "write_file",
    "write_folder",
]

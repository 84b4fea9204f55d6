"""Tasks that go wrong in every way, for a worker to run."""

import os
import time


def task(what: str) -> str:
    match what:
        case "崩溃":
            os._exit(9)
        case "超时":
            time.sleep(600)
        case "内存":
            return str(len(bytearray(8 * 1024**3)))
        case "出错":
            raise ValueError("不对")
    return f"{what}做完"


def crash_once(marker: str) -> str:
    """Ends its process the first time, does its work the second."""
    if not os.path.exists(marker):  # noqa: PTH110
        with open(marker, "w"):  # noqa: PTH123
            pass
        os._exit(9)
    return "做完"

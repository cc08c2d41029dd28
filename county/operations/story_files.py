"""The three daily files of the story: three couriers, three layouts; names and numbers are invented."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from county.sheets import write_workbook

NAMES = ("王芳", "李强", "张秀兰", "刘洋", "陈杰", "杨柳", "赵敏", "黄磊")


def daily_files(on: date, villages: list[tuple[str, str]]) -> Iterator[tuple[str, str, bytes]]:
    """Give (carrier, file name, content) of three files: CSV UTF-8, CSV GB18030, XLSX.

    Takes: `villages`, town and village of the stations that parcels go to.
    """
    rows = [
        (f"{on:%y%m%d}{number:06d}", *villages[number % len(villages)], NAMES[number % len(NAMES)], number)
        for number in range(36)
    ]
    zto = ["运单号,收件人,收件电话,收件地址,重量(kg),件数"]
    zto += [
        f"78{number},{name},1380000{place:04d},陕西省安康市岚皋县{town}{village}{place}号,{place % 5 + 1}.2,1"
        for number, town, village, name, place in rows[:16]
    ]
    yield "中通", "中通派件.csv", "\n".join(zto).encode()
    yto = [f"圆通速递岚皋网点 {on.isoformat()} 到件", "快递单号,姓名,手机,省份,收货地址,计费重量（KG）"]
    yto += [
        f"YT{number},{name},1390000{place:04d},陕西省,岚皋县{town}{village}{place}组,{place % 4}.50"
        for number, town, village, name, place in rows[16:28]
    ]
    yto.append("合计,,,,,24.00")
    yield "圆通", "圆通到件.csv", "\r\n".join(yto).encode("gb18030")
    jt: list[list[str]] = [["极兔岚皋到件明细"], [], ["面单号", "收货人", "联系电话", "详细地址", "包裹重量"]]
    jt += [
        [f"JT{number}", name, f"1370000{place:04d}", f"{town}{village}{place}号", f"{place % 3 + 1}"]
        for number, town, village, name, place in rows[28:]
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jt.xlsx"
        write_workbook(path, [("到件", jt)])
        yield "极兔", "极兔到件.xlsx", path.read_bytes()

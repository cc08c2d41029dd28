"""A small sound day as four CSV texts, to be spoilt one line at a time, and the command run from outside."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
FILE_OPTIONS = (
    *("--stations", "stations.csv", "--roads", "roads.csv", "--parcels", "parcels.csv"),
    *("--fleet", "fleet.csv", "--out", "plan.json"),
)

SOUND = {
    "stations.csv": (
        "station,name,town,kind,lat,lon\n"
        "hub,分拨中心,T0,hub,32.30,108.90\n"
        "A,蔺河站,T1,station,32.31,108.95\n"
        "B,石门站,T1,station,32.35,108.97\n"
    ),
    "roads.csv": "from,to,distance_m,duration_s\nhub,J1,3000,300\nJ1,A,2000,250\nJ1,B,4000,500\n",
    "parcels.csv": (
        "parcel,courier,direction,station,units,weight_g,ready_s,due_s\n"
        "P1,c1,in,A,1,1200,,\n"
        "P2,c2,in,B,2,800,0,9000\n"
        "P3,c1,out,B,3,5000,600,20000\n"
    ),
    "fleet.csv": (
        "vehicle_type,available,capacity_units,capacity_g,shift_s,day_fen,km_fen,stop_fen,stop_s,unit_s,reload_s\n"
        "van,3,380,700000,32400,27500,104,134,248,5,900\n"
    ),
}


def write_day(folder: Path, **changed: str | bytes) -> None:
    """Write the sound day; `stations=…` and so on replace one file."""
    for name, text in SOUND.items():
        content = changed.get(name.removesuffix(".csv"), text)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def run_plan(folder: Path, *more: str, roads: bool = True) -> subprocess.CompletedProcess[str]:
    """Run `app.py logistics plan` inside the folder."""
    options = [option for option in FILE_OPTIONS if roads or "roads" not in option]
    command = [sys.executable, str(ROOT / "app.py"), "logistics", "plan", *options, *more]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)

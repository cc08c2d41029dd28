"""Small random counties as CSV files, full of the corners that a plan must get right."""

import random
from pathlib import Path

FLEET_COLUMNS = (
    "vehicle_type,available,capacity_units,capacity_g,shift_s,day_fen,km_fen,stop_fen,stop_s,unit_s,reload_s"
)


def write_small(
    folder: Path,
    seed: int,
    *,
    stations: int = 8,
    parcels: int = 30,
    scarce: bool = False,
    tight: bool = False,
) -> bool:
    """Write one county; tells whether it has roads. `tight` makes hopeless parcels and short due times."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"S{k}" for k in range(stations)]
    rows = ["kind,station,name,town,lat,lon,remark"]
    rows.append("hub,H,分拨中心,T0,32.3,108.9,x")
    for name in names:
        lat, lon = 32.3 + rng.uniform(-0.2, 0.2), 108.9 + rng.uniform(-0.2, 0.2)
        rows.append(f"station,{name},站{name},{rng.choice(['T0', 'S0', 'T2', ''])},{lat:.5f},{lon:.5f},")
    (folder / "stations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "roads.csv").write_text(_roads(rng, names, tight), encoding="utf-8")
    (folder / "fleet.csv").write_text(_fleet(rng, scarce), encoding="utf-8")
    (folder / "parcels.csv").write_text(_parcels(rng, names, parcels, tight), encoding="utf-8")
    return rng.random() < 0.85


def _roads(rng: random.Random, names: list[str], tight: bool) -> str:
    rows = ["from,to,distance_m,duration_s"]
    places = ["H"]
    for number, name in enumerate(names):
        if tight and number == len(names) - 1 and rng.random() < 0.5:
            break
        start = rng.choice(places)
        if rng.random() < 0.4:
            rows.append(f"{start},J{number},{rng.randint(200, 6000)},{rng.randint(20, 700)}")
            start = f"J{number}"
            places.append(start)
        rows.append(f"{start},{name},{rng.randint(0, 9000)},{rng.randint(1, 900)}")
        places.append(name)
    for _ in range(rng.choice([0, 0, 1, 3])):
        a, b = rng.sample(places, 2)
        rows.append(f"{a},{b},{rng.randint(200, 15000)},{rng.randint(20, 1500)}")
    return "\n".join(rows) + "\n"


def _fleet(rng: random.Random, scarce: bool) -> str:
    rows = [FLEET_COLUMNS]
    for kind in range(rng.choice([1, 1, 2, 3])):
        rows.append(
            f"type{kind},{rng.choice([1, 1, 2]) if scarce else 40},{rng.choice([8, 20, 60])},"
            f"{rng.choice([20_000, 60_000])},{rng.choice([5_000, 9_000, 20_000])},"
            f"{rng.choice([0, 9_000, 27_500])},{rng.choice([0, 104, 333])},{rng.choice([0, 134])},"
            f"{rng.choice([0, 60, 248])},{rng.choice([0, 5, 9])},{rng.choice([0, 300, 900])}"
        )
    return "\n".join(rows) + "\n"


def _parcels(rng: random.Random, names: list[str], parcels: int, tight: bool) -> str:
    rows = ["parcel,courier,direction,station,units,weight_g,ready_s,due_s"]
    for number in range(parcels):
        ready, due = "", ""
        if rng.random() < (0.6 if tight else 0.25):
            ready = str(rng.choice([0, 0, 600, 2_400]))
            due = str(int(ready) + rng.randint(500 if tight else 2_500, 9_000))
        units = rng.choice([1, 1, 1, 2, 5, 90 if tight and rng.random() < 0.2 else 3])
        rows.append(
            f"P{number},c{rng.randint(1, 4)},{rng.choice(['in', 'in', 'in', 'out'])},{rng.choice(names)},"
            f"{units},{rng.randint(0, 9_000)},{ready},{due}"
        )
    return "\n".join(rows) + "\n"

"""Daily files taken in: once, by carrier, with stations that a person chose."""

import pytest

from county.audit import service as audit
from county.errors import NotFound
from logistics.intake import service
from logistics.intake.types import FileState, FileTaken, NothingToTakeIn
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, ParcelState
from logistics.stations import service as stations
from tests.makers.logistics import HEAD, daily_row, make_clerk, make_pool, write_csv
from tests.makers.people import NOW, ROBOT
from tests.makers.tours import make_parcel

KNOWN, DOUBTFUL = "城关镇竹园3号", "城关镇河街5号"


@pytest.fixture
def clerk(db):
    make_pool(db)
    return make_clerk(db)


def store(db, folder, clerk, *rows, carrier="中通"):
    read = service.read_file(
        write_csv(folder, [HEAD, *rows]), name="日单.csv", places=stations.list_stations(db)
    )
    return service.store_file(db, carrier=carrier, read=read, person_id=clerk.id, actor=ROBOT, now=NOW)


def take_in(db, file_id, *, carrier="中通", chosen=None):
    return service.take_in_file(
        db, file_id=file_id, carrier=carrier, chosen=chosen or {}, actor=ROBOT, now=NOW
    )


def stored(db):
    found = parcels.list_parcels(db, limit=None)
    return sorted((each.waybill, each.carrier, each.station) for each in found)


def test_file_is_shown_first_and_taken_in_once(db, tmp_path, clerk):
    file_id = store(db, tmp_path, clerk, daily_row("78001001", KNOWN, cod="30"), daily_row("7.8E+13"))
    assert stored(db) == []
    checked = service.get_file(db, file_id=file_id)
    assert (checked.state, len(checked.waiting), len(checked.content.faults)) == (FileState.CHECKED, 1, 1)

    assert take_in(db, file_id) == 1

    (parcel,) = parcels.list_parcels(db)
    assert (parcel.waybill, parcel.carrier, parcel.station) == ("78001001", "中通", "S1")
    assert (parcel.direction, parcel.state, parcel.cod_fen) == (Direction.IN, ParcelState.PENDING, 3_000)
    after = service.get_file(db, file_id=file_id)
    assert (after.state, after.taken_in, after.waiting) == (FileState.TAKEN_IN, 1, ())
    with pytest.raises(NothingToTakeIn):
        take_in(db, file_id)
    assert len(stored(db)) == 1


def test_same_file_twice_changes_nothing(db, tmp_path, clerk):
    first = store(db, tmp_path, clerk, daily_row("78001001"))

    with pytest.raises(FileTaken):
        store(db, tmp_path, clerk, daily_row("78001001"))

    assert [each.id for each in service.list_files(db)] == [first]


def test_same_content_of_another_carrier_is_its_own_file(db, tmp_path, clerk):
    store(db, tmp_path, clerk, daily_row("78001001"))
    other = store(db, tmp_path, clerk, daily_row("78001001"), carrier="圆通")

    assert take_in(db, other, carrier="圆通") == 1
    assert stored(db) == [("78001001", "圆通", "S1")]


def test_known_waybills_stay_as_they_are(db, tmp_path, clerk):
    make_parcel(db, waybill="78001001", station="S2")
    file_id = store(db, tmp_path, clerk, daily_row("78001001"), daily_row("78001002"))

    assert service.get_file(db, file_id=file_id).known == {"78001001"}
    assert take_in(db, file_id) == 1
    assert stored(db) == [("78001001", "中通", "S2"), ("78001002", "中通", "S1")]


def test_doubtful_address_waits_for_a_person_even_after_the_others_were_taken_in(db, tmp_path, clerk):
    file_id = store(db, tmp_path, clerk, daily_row("78001001", KNOWN), daily_row("78001002", DOUBTFUL))

    assert take_in(db, file_id) == 1
    assert stored(db) == [("78001001", "中通", "S1")]
    assert [each.row for each in service.get_file(db, file_id=file_id).waiting] == [3]

    assert take_in(db, file_id, chosen={3: "S2"}) == 1
    assert stored(db) == [("78001001", "中通", "S1"), ("78001002", "中通", "S2")]
    assert service.get_file(db, file_id=file_id).taken_in == 2
    actions = [each.action for each in audit.list_records(db, object=("daily_file", str(file_id)))]
    assert sorted(actions) == ["daily_file.read", "daily_file.taken_in", "daily_file.taken_in"]


@pytest.mark.parametrize("chosen", [{}, {3: "nowhere"}, {3: "hub"}, {2: "S1"}])
def test_without_a_real_station_nothing_is_taken_in(db, tmp_path, clerk, chosen):
    file_id = store(db, tmp_path, clerk, daily_row("7.8E+13"), daily_row("78001002", DOUBTFUL))

    with pytest.raises(NothingToTakeIn):
        take_in(db, file_id, chosen=chosen)

    assert stored(db) == []
    assert service.get_file(db, file_id=file_id).state is FileState.CHECKED


def test_other_carriers_file_does_not_exist(db, tmp_path, clerk):
    file_id = store(db, tmp_path, clerk, daily_row("78001001"))

    with pytest.raises(NotFound):
        service.get_file(db, file_id=file_id, carrier="圆通")
    with pytest.raises(NotFound):
        take_in(db, file_id, carrier="圆通")

    assert service.list_files(db, carrier="圆通") == []
    assert stored(db) == []

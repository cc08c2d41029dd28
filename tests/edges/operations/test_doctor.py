"""The doctor finds what is wrong with an installation, says it, and finds nothing in a good demo."""

from dataclasses import replace
from pathlib import Path

import pytest

from county import config
from county.config import Settings
from county.errors import BadInput
from county.operations import doctor
from county.operations.doctor import Finding, Level
from county.payments import keys


@pytest.fixture
def demo(tmp_path: Path) -> Settings:
    """Give the settings of a demo whose keys are made."""
    settings = config.load({}, root=tmp_path, demo=True)
    keys.make_demo_keys(settings)
    return settings


def found(settings: Settings, level: Level) -> list[str]:
    return [f"{each.where}: {each.what}" for each in doctor.examine(settings) if each.level is level]


def test_a_fresh_demo_has_nothing_wrong_and_only_lacks_its_database(demo: Settings) -> None:
    assert found(demo, Level.WRONG) == []
    assert found(demo, Level.ATTENTION) == [
        "SHANHUO_DATABASE_URL: there is no database yet; `migrate` makes it"
    ]


def test_the_simulator_outside_a_demo_is_wrong(demo: Settings) -> None:
    wrong = found(replace(demo, demo=False), Level.WRONG)

    assert wrong == [
        "SHANHUO_ALIPAY_GATEWAY: is the simulator, whose money is pretended; expected Alipay's gateway"
    ]


def test_our_own_public_key_in_place_of_alipays_is_wrong(demo: Settings) -> None:
    own = keys.read_private_key(demo.alipay_private_key_file).public_key()
    demo.alipay_public_key_file.write_bytes(keys.public_pem(own))

    assert found(demo, Level.WRONG) == [
        f"{demo.alipay_public_key_file}: is the public half of our own key; "
        "expected the key that Alipay shows for this application"
    ]


def test_a_key_that_cannot_be_read_is_wrong(demo: Settings) -> None:
    demo.alipay_private_key_file.write_text("not a key")

    assert [line.split(":")[0] for line in found(demo, Level.WRONG)] == [str(demo.alipay_private_key_file)]


def test_a_key_that_others_can_read_deserves_attention(demo: Settings) -> None:
    demo.alipay_private_key_file.chmod(0o644)

    assert f"{demo.alipay_private_key_file}: can be read by others; expected mode 600" in found(
        demo, Level.ATTENTION
    )


def test_a_database_that_does_not_answer_is_wrong(demo: Settings) -> None:
    nowhere = replace(demo, database_url="postgresql+psycopg://nobody:secret@127.0.0.1:1/nothing")

    (wrong,) = found(nowhere, Level.WRONG)

    assert wrong.startswith("SHANHUO_DATABASE_URL: the database does not answer: ")
    assert "secret" not in wrong


def test_a_redis_that_does_not_answer_is_wrong(demo: Settings) -> None:
    (wrong,) = found(replace(demo, redis_url="redis://127.0.0.1:1/0"), Level.WRONG)

    assert wrong.startswith("SHANHUO_REDIS_URL: does not answer: ")


def test_a_public_address_without_https_deserves_attention(demo: Settings) -> None:
    attention = found(replace(demo, public_url="http://shop.example.cn"), Level.ATTENTION)

    assert (
        "SHANHUO_PUBLIC_URL: is http://shop.example.cn; expected https, or cookies travel in the open"
        in attention
    )


def test_checks_of_other_rooms_are_done_and_their_refusals_are_wrong(demo: Settings) -> None:
    def pooled(_settings: Settings) -> list[Finding]:
        return [Finding(Level.WRONG, "seller Lao Wang", "is paid into our own account")]

    findings = doctor.examine(demo, [lambda settings: iter(pooled(settings))])

    assert [str(fault) for fault in doctor.faults(findings)] == [
        "seller Lao Wang: is paid into our own account"
    ]


def test_a_demo_on_an_open_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="loopback"):
        config.load({"SHANHUO_DEMO": "1", "SHANHUO_BIND": "0.0.0.0"}, root=tmp_path)

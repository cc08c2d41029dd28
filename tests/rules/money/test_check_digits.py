"""Public numbers: every wrong digit and every swap of neighbours is found."""

from hypothesis import given
from hypothesis import strategies as st

from county.ids import check_digit, is_number, new_id, new_number

DIGITS = st.text("0123456789", min_size=11, max_size=11)


@given(DIGITS)
def test_every_wrong_digit_is_found(digits):
    right = digits + check_digit(digits)
    assert is_number("SH" + right, prefix="SH")

    for at, digit in enumerate(right):
        for other in set("0123456789") - {digit}:
            assert not is_number("SH" + right[:at] + other + right[at + 1 :], prefix="SH")


@given(DIGITS)
def test_every_swap_of_neighbours_is_found(digits):
    right = digits + check_digit(digits)

    for at in range(len(right) - 1):
        if right[at] != right[at + 1]:
            swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
            assert not is_number(swapped, prefix="")


def test_known_check_digit():
    # Example of Damm's dissertation.
    assert check_digit("572") == "4"


def test_made_numbers_are_well_formed_and_differ():
    made = {new_number("SH") for _ in range(200)}

    assert len(made) == 200
    assert all(is_number(number, prefix="SH") and not is_number(number, prefix="ZB") for number in made)
    assert {new_id().version for _ in range(5)} == {4}
    for wrong in ("", "SH", "SH1", "SH" + "٣" * 12, "sh" + "0" * 12, "SH" + "0" * 13):
        assert not is_number(wrong, prefix="SH")

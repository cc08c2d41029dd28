"""Sealed texts open for the same secret and purpose, and for nothing else."""

import pytest

from county import sealed

SECRET = "a-secret-" * 5


@pytest.fixture(autouse=True)
def with_a_secret():
    """Seal with a secret of our own, and leave the tests' one behind."""
    sealed.wire_secret(SECRET)
    yield
    sealed.wire_secret("test-" * 10)


def test_sealed_text_opens_again_and_hides_what_it_says():
    shut = sealed.seal("6228480000000000011", purpose="a.b")

    assert sealed.unseal(shut, purpose="a.b") == "6228480000000000011"
    assert "6228" not in shut


def test_same_text_is_sealed_differently_each_time():
    assert sealed.seal("x", purpose="a.b") != sealed.seal("x", purpose="a.b")


@pytest.mark.parametrize("change", ["purpose", "secret", "content", "nonsense"])
def test_changed_seal_does_not_open(change):
    shut, purpose = sealed.seal("6228480000000000011", purpose="a.b"), "a.b"
    if change == "purpose":
        purpose = "a.c"
    elif change == "secret":
        sealed.wire_secret(SECRET + "x")
    elif change == "content":
        shut = shut[:-6] + ("A" if shut[-6] != "A" else "B") + shut[-5:]
    else:
        shut = "1:not base64 at all!"

    with pytest.raises(sealed.CannotUnseal):
        sealed.unseal(shut, purpose=purpose)

import base64

import pytest

from carepath.kit import crypto
from carepath.settings import Settings


def keys(*ids: int) -> str:
    return ",".join(f"{i}:{base64.b64encode(bytes([i]) * 32).decode()}" for i in ids)


@pytest.fixture(autouse=True)
def ring(settings: Settings):
    """Keys of its own; everybody else's come back."""
    crypto.configure(keys(1), "a secret for this test")
    yield
    crypto.configure(settings.phi_keys, settings.secret_key)


def test_what_is_sealed_opens_at_its_own_place_only():
    blob = crypto.seal("Müller-Ångström", "patient.last_name_enc:1")
    assert crypto.unseal(blob, "patient.last_name_enc:1") == "Müller-Ångström"
    with pytest.raises(crypto.WrongKey):
        crypto.unseal(blob, "patient.last_name_enc:2")
    with pytest.raises(crypto.WrongKey):
        crypto.unseal(blob, "patient.first_name_enc:1")


def test_equal_texts_look_different():
    assert crypto.seal("same", "t.c:1") != crypto.seal("same", "t.c:1")


@pytest.mark.parametrize("position", range(0, 30, 3))
def test_an_altered_byte_does_not_open(position: int):
    blob = bytearray(crypto.seal("private", "t.c:1"))
    blob[position] ^= 1
    with pytest.raises(crypto.WrongKey):
        crypto.unseal(bytes(blob), "t.c:1")


def test_a_new_key_seals_and_the_old_one_still_opens():
    old = crypto.seal("before", "t.c:1")
    crypto.configure(keys(1, 2), "a secret for this test")
    assert crypto.unseal(old, "t.c:1") == "before"
    assert crypto.seal("after", "t.c:1")[0] == 2


def test_a_lost_key_says_so():
    blob = crypto.seal("x", "t.c:1")
    crypto.configure(keys(7), "a secret for this test")
    with pytest.raises(crypto.WrongKey):
        crypto.unseal(blob, "t.c:1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no key"),
        ("1", "0 bytes"),
        ("x:abc", "key"),
        ("1:!!!", "base64"),
        ("1:YWJj", "3 bytes"),
        (keys(3, 3), "twice"),
    ],
)
def test_bad_key_lists_say_what_is_wrong(text: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        crypto.parse_keys(text)


def test_the_blind_index_finds_an_address_however_it_is_typed():
    assert crypto.blind_index(" Ada@Example.com") == crypto.blind_index("ada@example.com ")
    assert crypto.blind_index("ada@example.com") != crypto.blind_index("ade@example.com")


def test_digests_of_different_splits_differ():
    assert crypto.digest("p", "ab", "c") != crypto.digest("p", "a", "bc")
    assert crypto.digest("p", "a") != crypto.digest("q", "a")
    assert crypto.same(crypto.sign("p", "a"), crypto.sign("p", "a"))

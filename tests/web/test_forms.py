"""Wrong, missing, oversized and malformed input: 4xx, values kept, nothing stored."""

from collections.abc import Callable
from uuid import UUID

import pytest

from carepath.kit import db
from carepath.web.forms import form_of
from tests.web.client import Browser

Fresh = Callable[[], Browser]
LONG = "x" * 5000
HOSTILE = [
    "",
    " ",
    "\x00",
    "\ud7ff\uffff",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    LONG,
    "９９",
    "2026-13-45",
    "-1",
    "99999999999999999999",
]


async def rows(table: str) -> int:
    found = await db.row(f"SELECT count(*) AS n FROM {table}")
    assert found is not None
    return int(found["n"])


@pytest.mark.parametrize("text", HOSTILE)
async def test_the_first_page_refuses_nonsense_and_stores_nothing(browser: Fresh, text: str):
    mine = browser()
    await mine.get("/eligibility")
    fields = {
        "birth_month": text,
        "birth_day": text,
        "birth_year": text,
        "jurisdiction": text,
        "zone": text,
        "i1": text,
        "i2": [text, text],
    }
    answer = await mine.post("/eligibility", fields)
    assert answer.status_code in {400, 422}
    assert await rows("intake") == 0
    assert "<script>alert" not in answer.text
    if answer.status_code == 422:
        assert 'class="error-summary"' in answer.text
        assert 'id="birth-error"' in answer.text or 'id="birth_month-error"' in answer.text


@pytest.mark.parametrize(
    "text", ["", "no-at-sign", "a@b", "a b@c.example", f"{LONG}@c.example", "a@b..example", "x\r\nBcc: y@z.example"]
)
async def test_a_wrong_address_is_refused_and_kept(browser: Fresh, text: str):
    mine = browser()
    await mine.get("/sign-in")
    answer = await mine.post("/sign-in", {"email": text})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert await rows("message") == 0


async def test_known_and_unknown_addresses_look_alike(browser: Fresh):
    from tests import cast

    patient = await cast.patient()
    mine = browser()
    pages = []
    for email in (patient.email, "nobody@mail.example"):
        await mine.get("/sign-in")
        pages.append(await mine.post("/sign-in", {"email": email}))
    assert pages[0].status_code == pages[1].status_code == 200
    assert pages[0].text == pages[1].text
    assert await rows("message") == 1


@pytest.mark.parametrize("token", ["x", "%00", "a" * 3000, "..%2f..", "é"])
async def test_a_made_up_link_is_a_page_not_a_fault(browser: Fresh, token: str):
    mine = browser()
    assert (await mine.get(f"/link/{token}")).status_code == 404
    await mine.get("/sign-in")
    assert (await mine.post(f"/link/{token}")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/visits/x", "/visits/00000000-0000-0000-0000-000000000000", "/intake/none", "/consents/none", "/holds/x"]
)
async def test_strangers_learn_nothing_from_addresses(browser: Fresh, path: str):
    answer = await browser().http.get(path, follow_redirects=False)
    assert answer.status_code in {303, 404}
    if answer.status_code == 303:
        assert answer.headers["location"] == "/sign-in"


ONE, TWO = "0190c000-0000-7000-8000-000000000001", "0190c000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    "given", [[], [""], ["x"], [ONE, ONE], [ONE, "x"], [ONE.upper()], [ONE, TWO + " 3"], [str(UUID(int=0))]]
)
def test_boxes_are_ticked_once_each_and_at_least_one(given: list[str]):
    form = form_of({"visit": given})
    form.uuids("visit", "Tick one.")
    assert set(form.problems) == {"visit"}


def test_several_boxes_are_read_in_order():
    form = form_of({"visit": [TWO, ONE]})
    assert form.uuids("visit", "Tick one.") == [UUID(TWO), UUID(ONE)]
    form.check()

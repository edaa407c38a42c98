"""What every request meets: hosts, headers, CSRF, sizes, encodings."""

from collections.abc import Callable

import pytest

from tests.web.client import Browser

Fresh = Callable[[], Browser]
FORM = {"content-type": "application/x-www-form-urlencoded"}
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    "path", ["/", "/eligibility", "/nothing/here", "/static/carepath.css", "/static/none.css", "/provider"]
)
async def test_every_answer_carries_the_safe_headers(browser: Fresh, path: str):
    answer = await browser().http.get(path, follow_redirects=False)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, path
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    expected = "public" if path.startswith("/static/") else "no-store"
    assert expected in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/sign-out", "/"),
        ("/intake/phq-9/autosave", "/intake/phq-9"),
        ("/provider/evaluations/0190c000-0000-7000-8000-000000000001/decide",
         "/provider/evaluations/0190c000-0000-7000-8000-000000000001"),
        ("/provider/patients/0190c000-0000-7000-8000-000000000001/signals",
         "/provider/patients/0190c000-0000-7000-8000-000000000001"),
        ("/coordinator/hours/0190c000-0000-7000-8000-000000000001/exceptions",
         "/coordinator/hours/0190c000-0000-7000-8000-000000000001"),
    ],
)  # fmt: skip
async def test_reloading_the_address_of_a_form_shows_its_page(browser: Fresh, path: str, above: str):
    answer = await browser().http.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, above)


async def test_a_foreign_host_is_refused(browser: Fresh):
    answer = await browser().http.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "content-security-policy" in answer.headers


async def test_a_form_without_a_token_changes_nothing(browser: Fresh):
    answer = await browser().http.post("/sign-in", content="email=a@b.example", headers=FORM)
    assert answer.status_code == 403
    assert "Open it again" in answer.text


async def test_somebody_elses_token_is_refused(browser: Fresh):
    mine, theirs = browser(), browser()
    await mine.get("/sign-in")
    await theirs.get("/sign-in")
    answer = await mine.post("/sign-in", {"email": "a@b.example", "_csrf": theirs.token})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
async def test_a_form_from_another_site_is_refused_even_with_a_token(browser: Fresh, headers: dict[str, str]):
    mine = browser()
    await mine.get("/sign-in")
    answer = await mine.http.post(
        "/sign-in", content=f"_csrf={mine.token}&email=a@b.example", headers={**FORM, **headers}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"email": "a@b.example"}', {"content-type": "application/json"}, 415),
        (b'{"email": "a@b.example"}', {"content-type": "text/plain"}, 415),
        (b"email=a@b.example", {}, 415),
        (b"email=" + b"a" * 300_000, FORM, 413),
        (b"&".join(b"f%d=1" % i for i in range(2000)), FORM, 413),
        (b"email=%ff%fe", FORM, 400),
        (b"email=\xff", FORM, 400),
    ],
)
async def test_malformed_bodies_get_a_4xx(browser: Fresh, body: bytes, headers: dict[str, str], status: int):
    mine = browser()
    await mine.get("/sign-in")
    answer = await mine.http.post("/sign-in", content=body, headers=headers)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


async def test_unknown_addresses_and_wrong_methods_are_pages(browser: Fresh):
    mine = browser()
    assert (await mine.get("/no/such/page")).status_code == 404
    assert (await mine.http.request("DELETE", "/sign-in")).status_code in {403, 405}


@pytest.mark.parametrize("path", ["/provider", "/coordinator", "/admin"])
async def test_desks_ask_strangers_to_sign_in(browser: Fresh, path: str):
    answer = await browser().http.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/staff/sign-in"


async def test_our_own_form_is_taken_with_the_null_origin_that_no_referrer_makes(browser: Fresh):
    mine = browser()
    await mine.get("/sign-in")
    headers = {**FORM, "origin": "null", "sec-fetch-site": "same-origin"}
    answer = await mine.http.post("/sign-in", content=f"_csrf={mine.token}&email=a@b.example", headers=headers)
    assert answer.url.path == "/check-your-mail"

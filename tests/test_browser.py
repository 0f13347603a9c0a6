"""The desk in a real browser (Debian's chromium): what an editor asks first, by clicking from the front page; every page on a
desktop and on a phone, in light and dark, by keyboard and without scripts; accessibility by axe-core."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import ROOT, Desk
from tests.desks import served_copy
from tests.internet import Internet

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = ROOT / ".venv" / "axe-core" / "axe.min.js"
ROOMS = ("", "news/-/coverage", "news/-/articles", "news/-/mentions", "news/-/figures", "news/-/sources", "news/-/decisions")
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no browser: apt install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The crawled small web, before someone who has logged in."""
    with served_copy(crawled[0], tmp_path_factory.mktemp("browser")) as client:
        yield client


def opened(browser: Browser, desk: httpx.Client, **how: Any) -> BrowserContext:
    """A browser window of a German reader who is logged in; a page that asks another host fails the test."""
    window = browser.new_context(locale="de-DE", viewport=how.pop("viewport", SIZES["desktop"]), accept_downloads=True, **how)
    window.add_cookies([{"name": "ds_actor", "value": str(desk.cookies["ds_actor"]), "url": str(desk.base_url)}])
    window.set_default_timeout(15_000)
    return window


@pytest.fixture
def page(browser: Browser, desk: httpx.Client) -> Iterator[Page]:
    """The front page, with everything that goes wrong in it kept in `page.trouble`."""
    window = opened(browser, desk)
    page = window.new_page()
    strangers: list[str] = []
    here = urlsplit(str(desk.base_url)).netloc
    page.on("request", lambda request: strangers.append(request.url) if urlsplit(request.url).netloc != here else None)
    page.on("pageerror", lambda error: strangers.append(str(error)))
    page.goto(str(desk.base_url))
    yield page
    window.close()
    assert strangers == []


def follow(page: Page, label: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=label, exact=True).click()
    page.wait_for_load_state()


def test_what_is_new_since_yesterday(page: Page) -> None:
    headline = page.locator("main a.headline, main h3 a").first
    words = headline.inner_text()
    headline.click()
    assert page.get_by_role("heading", level=1).inner_text() == words
    assert page.locator("main mark, main .new").count() > 0


def test_who_copied_whom(page: Page, crawled: tuple[Desk, Internet]) -> None:
    (report,) = crawled[0].rows("SELECT headline, public_id, cluster FROM coverage WHERE copies > 0 ORDER BY copies DESC, url LIMIT 1")
    (copy,) = crawled[0].rows(
        "SELECT public_id, headline FROM articles WHERE cluster = ? AND relation != 'seed' AND public_id != ? ORDER BY rank DESC LIMIT 1",
        report["cluster"], report["public_id"],
    )  # fmt: skip
    follow(page, "Berichte")
    while not page.locator(f"main a[href$='{report['public_id']}']").count():
        page.locator("a[rel=next]").click()
    page.locator(f"main a[href$='{report['public_id']}']").first.click()
    page.locator(f"#lineage a[href$='{copy['public_id']}']").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == copy["headline"]
    assert page.locator(f"#lineage a[href$='{report['public_id']}']").count()
    assert page.locator("#text a.source").count()  # sentence by sentence: who had it first


def test_why_was_this_left_out(page: Page, crawled: tuple[Desk, Internet]) -> None:
    (left,) = crawled[0].rows("SELECT url, reason FROM verdicts WHERE verdict = 'off_story' ORDER BY url LIMIT 1")
    follow(page, "Ausgelassen")
    page.get_by_role("main").get_by_role("searchbox").fill(left["url"])
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert left["reason"] in page.get_by_role("main").inner_text()


def test_export_and_open(page: Page, tmp_path: Path) -> None:
    follow(page, "Berichte")
    shown = page.locator("main a.headline").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("main").get_by_role("link", name="Als CSV herunterladen").click()
    download.value.save_as(tmp_path / "coverage.csv")
    with (tmp_path / "coverage.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert shown in [row["headline"] for row in rows]


def pages_to_see(desk: Desk) -> list[str]:
    (article,) = desk.rows("SELECT public_id FROM coverage WHERE copies > 0 ORDER BY copies DESC, url LIMIT 1")
    (figure,) = desk.rows("SELECT unit FROM figures GROUP BY unit ORDER BY count(*) DESC, unit LIMIT 1")
    return [*ROOMS, "news/-/search?q=lieferung", f"news/-/article/{article['public_id']}", f"news/-/figures/{figure['unit']}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_its_screen_and_has_no_serious_barrier(
    browser: Browser, desk: httpx.Client, crawled: tuple[Desk, Internet], size: str, scheme: str
) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core: make axe (needs npm)")
    window = opened(browser, desk, viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = window.new_page()
    found = []
    for path in pages_to_see(crawled[0]):
        page.goto(f"{desk.base_url}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"/{path} is wider than the {size}"
        page.add_script_tag(path=AXE)
        barriers = page.evaluate("axe.run().then(found => found.violations)")
        found += [(path, each["id"], each["nodes"][0]["html"][:200]) for each in barriers if each["impact"] in ("serious", "critical")]
    window.close()
    assert found == []


def test_desk_is_walked_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_search_works_without_scripts(browser: Browser, desk: httpx.Client) -> None:
    window = opened(browser, desk, java_script_enabled=False)
    page = window.new_page()
    page.goto(str(desk.base_url))
    page.get_by_role("banner").get_by_role("searchbox").fill("Pjongjang")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert "Pjöngjang" in page.get_by_role("main").inner_text()
    window.close()


def test_reader_of_english_gets_english_pages(browser: Browser, desk: httpx.Client) -> None:
    window = browser.new_context(locale="en-GB")
    page = window.new_page()
    page.goto(str(desk.base_url))
    assert page.locator("html").get_attribute("lang") == "en"
    window.close()

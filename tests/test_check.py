"""The catalogue's check: what is said of each source, and how addresses that moved for good are put right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crawler.catalogue.corrections import corrected, feasible, write
from crawler.sources import CatalogueError, load_sources
from tests.conftest import Desk
from tests.internet import WEB, Answer, Internet
from tests.test_discover import SITE, index, item, news, opened, page, says
from tests.test_spiders import rss, sitemap

PATHS = ("gut.rss", "für-immer", "jetzt", "html", "zu", "weg", "verboten", "leer.rss")
BLOCK = f"""# Der Katalog; {SITE}/für-immer war einmal\r
[[outlet]]\r
id = "abendpost"   # bleibt
name = 'Abendpost'
home = "{SITE}/alt"
country = "AT"
language = "de"
timezone = "Europe/Vienna"
feeds = [
    "{SITE}/gut.rss", '{SITE}/alt',
]
"""


def catalogue(folder: Path) -> Path:
    """One outlet with a source for everything that can become of one."""
    feeds = ", ".join(f'"{SITE}/{path}"' for path in PATHS)
    sitemaps = f'news_sitemaps = ["{SITE}/index.xml", "{SITE}/kein.xml"]'
    file = folder / "outlets.toml"
    block = f'[[outlet]]\nid = "abendpost"\nname = "x"\nhome = "{SITE}"\ncountry = "AT"\nlanguage = "de"\ntimezone = "Europe/Vienna"\n'
    file.write_text(f"{block}feeds = [{feeds}]\n{sitemaps}\n", encoding="utf-8")
    return file


@pytest.fixture
def site(internet: Internet) -> Internet:
    """Answers for `catalogue`."""
    opened(internet, **{"gut.rss": rss(item(1), item(2), item(2)), "html": page(), "leer.rss": rss(), "neu.rss": rss(item(3))})
    opened(internet, **{"robots.txt": "User-agent: *\nDisallow: /verboten", "index.xml": index("/1.xml", "/2.xml"), "kein.xml": rss()})
    internet.routes[f"{SITE}/f%C3%BCr-immer"] = says("", status=301, Location=f"{SITE}/neu.rss")
    internet.routes[f"{SITE}/jetzt"] = says("", status=302, Location=f"{SITE}/gut.rss")
    internet.routes[f"{SITE}/zu"] = lambda url, headers: Answer(403)
    return internet


def test_check_says_of_every_source_what_became_of_it_and_asks_it_once(desk: Desk, site: Internet, tmp_path: Path) -> None:
    desk.sources = catalogue(tmp_path)
    before = desk.sources.read_bytes()
    lines = [line.split(maxsplit=2)[2] for line in desk.run("sources", "--check").stdout.splitlines()]
    assert [" ".join(line.split()) for line in lines[1:-1]] == [
        f"works 2 2024-06-02 06:30Z - {SITE}/gut.rss",
        f"redirected to 1 2024-06-03 06:30Z - {SITE}/für-immer -> {SITE}/neu.rss (for good)",
        f"redirected to 2 2024-06-02 06:30Z - {SITE}/jetzt -> {SITE}/gut.rss (for now)",
        f"not a feed - - - {SITE}/html: is not a feed: begins with '{page()[:60]}'",
        f"denied - - - {SITE}/zu: HTTP 403",
        f"failed - - - {SITE}/weg: HTTP 404",
        f"denied - - - {SITE}/verboten: Forbidden by robots.txt",
        f"works 0 - - {SITE}/leer.rss",
        f"works 0 - - {SITE}/index.xml: an index of 2 sitemaps",
        f"not a sitemap - - - {SITE}/kein.xml: is not a sitemap: begins with '{rss()[:60]}'",
    ]
    assert lines[-1] == "3 works, 2 redirected, 2 denied, 1 not a feed, 1 failed, 1 not a sitemap"
    assert site.asked.count(f"{SITE}/html") == 1
    assert site.agents == {"Nachlese/0.1.0 (+https://nachlese.example/tests)"}
    assert not [url for url in site.asked if "verboten" in url or url.endswith("/1.xml")]
    assert (desk.sources.read_bytes(), desk.database.exists()) == (before, False)


def test_check_says_since_when_a_source_brought_nothing_new(desk: Desk, site: Internet, tmp_path: Path) -> None:
    desk.sources = catalogue(tmp_path)
    desk.run("crawl", "feeds")
    (row,) = desk.rows(f"SELECT last_new_at FROM sources WHERE url = '{SITE}/gut.rss'")
    line = next(line for line in desk.run("sources", "--check").stdout.splitlines() if f"{SITE}/gut.rss" in line)
    assert f"{row['last_new_at'][:16].replace('T', ' ')}Z" in line


@pytest.mark.parametrize("command", [("sources", "--check"), ("crawl", "feeds")], ids=" ".join)
def test_robots_txt_holds_for_all_that_is_asked_of_a_host_at_once(
    desk: Desk, site: Internet, tmp_path: Path, command: tuple[str, ...]
) -> None:
    desk.sources = catalogue(tmp_path)
    opened(site, **{"robots.txt": "User-agent: *\nDisallow: /"})
    desk.run(*command, code=69)
    assert site.asked == [f"{SITE}/robots.txt"]


def test_addresses_that_moved_for_good_are_written_after_a_yes_and_nothing_else_changes(desk: Desk, site: Internet, tmp_path: Path) -> None:
    desk.sources = catalogue(tmp_path)
    before = desk.sources.read_bytes()
    done = desk.run("sources", "--check", "--write")  # nobody is there to answer
    assert f"Write 1 correction to {desk.sources}? [y/N]" in done.stdout
    assert (done.stdout.splitlines()[-1], desk.sources.read_bytes()) == ("nothing written", before)
    done = desk.run("sources", "--check", "--write", "--yes", "--outlet", "abendpost")
    assert done.stdout.splitlines()[-1] == f"1 written to {desk.sources}"
    assert desk.sources.read_bytes() == before.replace(f"{SITE}/für-immer".encode(), f"{SITE}/neu.rss".encode())


def test_check_of_sources_that_all_fail_exits_69(desk: Desk) -> None:
    desk.proxy = "http://127.0.0.1:9"
    done = desk.run("sources", "--check", "--outlet", "tagesfunk", code=69)
    assert done.stdout.splitlines()[-1] == "2 sources: 2 failed"
    assert done.stderr == "nachlese: every source failed (2)\n"


@pytest.mark.parametrize(
    ("args", "settings", "code", "says"),
    [
        (("--check",), {"CONTACT": "nobody"}, 2, "CONTACT is 'nobody'"),
        (("--discover", SITE), {"CONTACT": ""}, 2, "CONTACT is ''"),
        (("--check", "--outlet", "tagesfunk,nowhere"), {}, 2, "--outlet nowhere: not in"),
        (("--write",), {}, 2, "--outlet and --write go with --check"),
        (("--check", "--yes"), {}, 2, "--yes with --write"),
        (("--check", "--discover", SITE), {}, 2, "two commands"),
        (("--chekc",), {}, 2, "--chekc: not understood"),
        (("--check",), {"SOURCES": "/nowhere.toml"}, 2, "/nowhere.toml: cannot be read"),
        (("--check",), {"DATABASE": "/proc/x/news.db"}, 73, "cannot be written"),
    ],
)
def test_what_a_person_got_wrong_ends_before_the_first_request(
    desk: Desk, internet: Internet, args: tuple[str, ...], settings: dict[str, str], code: int, says: str
) -> None:
    done = desk.run("sources", *args, code=code, **settings)
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert internet.asked == []


def test_outlet_that_a_crawl_holds_is_skipped(desk: Desk, internet: Internet) -> None:
    from crawler.locks import Locks

    other_run = Locks(desk.database.parent / "locks")
    assert other_run.take("tagesfunk")
    assert "another run holds tagesfunk" in desk.run("sources", "--check", "--outlet", "tagesfunk", code=75).stderr
    done = desk.run("sources", "--check", "--outlet", "tagesfunk,rheinblatt")
    assert done.stdout.splitlines()[-1] == "3 sources: 2 skipped, 1 works"
    assert not [url for url in internet.asked if "tagesfunk" in url]
    other_run.release()


def test_only_the_source_is_corrected_where_its_address_stands_more_than_once() -> None:
    changed = corrected(BLOCK, f"{SITE}/alt", f"{SITE}/neu?a=1&b=2")
    assert changed == BLOCK.replace(f"'{SITE}/alt'", f"'{SITE}/neu?a=1&b=2'")


@pytest.mark.parametrize(
    ("old", "new"),
    [(f"{SITE}/nie", f"{SITE}/neu"), (f"{SITE}/für-immer", f"{SITE}/neu"), (f"{SITE}/alt", f"{SITE}/o'neill"), (f"{SITE}/gut.rss", '"')],
)
def test_address_that_cannot_be_put_right_safely_is_left(old: str, new: str) -> None:
    assert corrected(BLOCK, old, new) is None


def test_two_sources_never_become_one() -> None:
    moves = {"http://a": "http://c", "http://b": "http://c", "http://d": "http://e", "http://f": "http://a"}
    assert feasible(moves, moves) == ({"http://a": "http://c", "http://d": "http://e"}, {"http://b": "http://c", "http://f": "http://a"})


def test_catalogue_is_replaced_whole_keeps_its_mode_and_never_by_a_broken_one(tmp_path: Path) -> None:
    file, link = tmp_path / "a.toml", tmp_path / "link.toml"
    file.write_bytes(BLOCK.encode())
    file.chmod(0o640)
    link.symlink_to(file)
    assert write(link, {f"{SITE}/alt": f"{SITE}/neu", f"{SITE}/nie": f"{SITE}/x"}) == [f"{SITE}/alt"]
    assert file.read_bytes() == BLOCK.replace(f"'{SITE}/alt'", f"'{SITE}/neu'").encode()
    assert (link.is_symlink(), file.stat().st_mode & 0o777, len(list(tmp_path.iterdir()))) == (True, 0o640, 2)
    before = file.read_bytes()
    with pytest.raises(CatalogueError):
        write(file, {f"{SITE}/neu": "ftp://abend.example"})
    assert file.read_bytes() == before


def test_shipped_catalogue_can_be_corrected_at_every_source(tmp_path: Path) -> None:
    copy = tmp_path / "sources.toml"
    shutil.copy(WEB / "sources.toml", copy)
    urls = [source.url for outlet in load_sources(copy) for source in outlet.sources]
    assert write(copy, {url: f"{url}?neu" for url in urls}) == urls
    assert [source.url for outlet in load_sources(copy) for source in outlet.sources] == [f"{url}?neu" for url in urls]


def test_news_sitemap_shows_its_entries_and_the_newest(desk: Desk, internet: Internet, tmp_path: Path) -> None:
    desk.sources = catalogue(tmp_path)
    opened(internet, **{"index.xml": sitemap(news(1), f"{news(2)}<lastmod>2024-06-14</lastmod>")})
    lines = desk.run("sources", "--check").stdout.splitlines()
    assert next(line for line in lines if "index.xml" in line).split()[2:5] == ["works", "2", "2024-06-14"]

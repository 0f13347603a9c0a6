"""A changed story file re-decides what is stored, without asking anyone; an editor's word stands above it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.conftest import ROOT, Desk
from tests.internet import Internet

MENTION = "http://rheinblatt.example/politik/ukraine-krieg-die-woche-im-ueberblick-art-73390"
FILED = "http://tagesfunk.example/ausland/nordkorea-soldaten-kursk-118"


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """A story that files almost nothing."""
    folder = tmp_path / "strict"
    shutil.copytree(ROOT / "seeds", folder)
    text = (folder / "story.toml").read_text(encoding="utf-8")
    (folder / "story.toml").write_text(text.replace("on_story = 0.45", "on_story = 1.0"), encoding="utf-8")
    return folder / "story.toml"


def verdict(desk: Desk, url: str) -> str:
    return str(desk.rows("SELECT verdict FROM verdicts WHERE url = ?", url)[0]["verdict"])


def test_replay_tells_what_would_change_and_apply_makes_it_so_without_a_request(desk: Desk, internet: Internet, strict: Path) -> None:
    desk.run("seed")
    desk.run("crawl", "feeds", STORY=str(strict))
    assert not desk.rows("SELECT 1 FROM articles WHERE relation != 'seed' AND relevance < 0.999")
    before, asked = desk.content(), len(internet.asked)
    told = desk.run("replay").stdout
    assert "mention -> filed" in told
    assert "would change; --apply does it" in told
    assert desk.content() == before
    desk.run("replay", "--apply")
    desk.run("crawl", "sitemaps")
    desk.run("crawl", "pages")
    assert len(internet.asked) > asked
    assert verdict(desk, FILED) == "filed"
    assert "0 decisions" in desk.run("replay").stdout


def test_replayed_database_has_the_content_of_a_fresh_crawl(desk: Desk, strict: Path, crawled: tuple[Desk, Internet]) -> None:
    desk.run("seed")
    for spider in ("feeds", "sitemaps", "pages"):
        desk.run("crawl", spider, STORY=str(strict))
    desk.run("replay", "--apply")
    texts = "SELECT a.url, a.relation, o.url AS origin, a.text_hash FROM articles a LEFT JOIN articles o ON o.id = a.origin"
    assert [tuple(row) for row in desk.rows(f"{texts} ORDER BY 1")] == [tuple(row) for row in crawled[0].rows(f"{texts} ORDER BY 1")]


def test_figures_and_dates_stay_in_their_sentences_when_these_are_told_apart_anew(desk: Desk) -> None:
    desk.run("crawl", "feeds", "-a", "outlet=tagesfunk")
    for table in ("figures", "dates"):
        held = f"SELECT id, sentence FROM {table} ORDER BY id"
        before = [tuple(row) for row in desk.rows(held)]
        standing = f"SELECT 1 FROM {table} f JOIN sentences s ON s.article = f.article AND s.position = f.sentence"
        stray = f"{standing} WHERE instr(s.text, as_written) = 0"
        assert any(sentence for _, sentence in before) and not desk.rows(stray)
        Database(desk.database).execute(f"UPDATE {table} SET sentence = sentence + 1 WHERE sentence IS NOT NULL")
        desk.run("refold")
        assert [tuple(row) for row in desk.rows(held)] == before


def test_article_that_no_longer_belongs_is_dropped_and_comes_back(desk: Desk, strict: Path) -> None:
    desk.run("crawl", "feeds", "-a", "outlet=tagesfunk,hauptstadtpost,nordlicht-zeitung")
    whole = desk.content()
    assert "filed -> " in desk.run("replay", "--apply", STORY=str(strict)).stdout
    assert desk.rows("SELECT 1 FROM articles WHERE state = 'dropped'")
    listed = {row["url"] for row in desk.rows("SELECT url FROM articles_list")}
    assert FILED not in listed
    desk.run("replay", "--apply")
    assert desk.content() == whole
    assert not desk.rows("SELECT 1 FROM articles WHERE state = 'dropped'")


def test_wanted_listing_that_was_never_fetched_becomes_due(desk: Desk, internet: Internet, tmp_path: Path) -> None:
    folder = tmp_path / "blind"
    shutil.copytree(ROOT / "seeds", folder)
    text = (folder / "story.toml").read_text(encoding="utf-8")
    without_terms = re.sub(r"^([a-z]{2}) = \[[^\]]*\]", r'\1 = ["Gibtesnicht"]', text, flags=re.M)
    (folder / "story.toml").write_text(without_terms, encoding="utf-8")
    desk.run("crawl", "feeds", "-a", "outlet=oststimme", STORY=str(folder / "story.toml"))
    skipped = {row["url"] for row in desk.rows("SELECT url FROM verdicts WHERE stage = 'listing'")}
    told = desk.run("replay", "--apply").stdout
    due = {line.split()[3] for line in told.splitlines() if line.startswith("off_story -> due")}
    assert due and due <= skipped
    internet.asked.clear()
    desk.run("crawl", "feeds", "-a", "outlet=oststimme")
    assert due <= set(internet.asked)


def test_editor_keeps_a_mention_and_drops_an_article_above_every_replay(desk: Desk) -> None:
    desk.run("crawl", "feeds", "-a", "outlet=rheinblatt,tagesfunk,hauptstadtpost,alpenkurier")
    mention = desk.rows("SELECT url FROM verdicts WHERE verdict = 'mention'")[0]["url"]
    copies = desk.rows("SELECT url FROM articles WHERE origin = (SELECT id FROM articles WHERE url = ?)", FILED)
    assert copies
    desk.run("keep", mention, "--why", "the figure in it is new")
    desk.run("drop", FILED)
    assert FILED not in {row["url"] for row in desk.rows("SELECT url FROM articles_list")}
    assert not desk.rows("SELECT 1 FROM articles WHERE origin = (SELECT id FROM articles WHERE url = ?)", FILED)
    desk.run("replay", "--apply")
    assert mention in {row["url"] for row in desk.rows("SELECT url FROM articles_list")}
    assert FILED not in {row["url"] for row in desk.rows("SELECT url FROM articles_list")}
    assert desk.rows("SELECT reason FROM decisions WHERE stage = 'editor' AND url = ?", mention)[0]["reason"] == "the figure in it is new"
    desk.run("keep", FILED)
    assert FILED in {row["url"] for row in desk.rows("SELECT url FROM articles_list")}


def test_page_kept_before_it_was_ever_seen_is_fetched_by_the_next_run(desk: Desk) -> None:
    url = "http://sportnetz.example/laufen/marathon-pjoengjang-anmeldung"
    assert "noted" in desk.run("keep", url).stdout
    desk.run("crawl", "pages")
    assert desk.rows("SELECT 1 FROM articles WHERE url = ?", url)


@pytest.mark.parametrize("words", [("keep",), ("drop", "javascript:alert(1)"), ("keep", "http://a.example/1", "http://a.example/2")])
def test_keep_and_drop_want_one_url(desk: Desk, words: tuple[str, ...]) -> None:
    assert "give one http(s) URL" in desk.run(*words, code=2).stderr

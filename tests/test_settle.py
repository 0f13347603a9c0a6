"""What editors correct stays corrected; what an outlet prints under everything is no news; folding anew changes nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.article import Article, Outlet
from pipelines.file import Filer
from pipelines.refold import LEAST, refold
from pipelines.store import Store
from pipelines.story import Story
from tests.bench.pages import Press
from tests.bench.prose import CLAUSES
from tests.test_file import NOW, OTHER, OWN, TEXTS, WIRE, article, clusters, read, relations, rows

FOOTER = "Die Redaktion empfiehlt zu diesem Thema unser großes Archiv mit Karten und Bildern."


TOLD = (
    "Auf zwölf Frachtern hat der Norden nach Erkenntnissen aus Seoul neue Artilleriegranaten nach Wladiwostok verschifft. "
    "Das Verteidigungsministerium in Seoul nannte neuntausend Container seit dem Sommer, die auf der Schiene nach Westen "
    "gingen. Satellitenbilder stützen die Angabe, sagen Fachleute. Pjöngjang erhält dafür Öl, Mehl und Luftabwehrsysteme "
    "aus Moskau. Strafmaßnahmen gegen Reeder und Banken sollen im Dezember folgen, die Verbündeten erhalten die "
    "Erkenntnisse der Regierung."
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "news.db")
    with store.transaction():
        store.ledger.register([Outlet("blatt", "Das Blatt", "http://blatt.example", "DE", "de", "Europe/Berlin")])
    yield store
    store.close()


@pytest.fixture
def filer(store: Store, story: Story) -> Filer:
    return Filer(store, story.sha)


def url(name: str) -> str:
    return f"http://{name}.example/{name}"


def content(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of what the index and the judgements are."""
    with store.transaction():
        store.memory.index.postings.post()
    tables = ("articles", "sentences", "postings", "imprints", "related", "reuse", "clusters", "boilerplate")
    return {table: [row | {"learnt_at": ""} for row in rows(store, f"SELECT * FROM {table}")] for table in tables}


def test_folding_anew_gives_the_same_database_byte_for_byte(store: Store, story: Story, filer: Filer) -> None:
    for name in TEXTS:
        filer.file(read(article(story, name)), NOW)
    before = content(store)
    for hours in (1, 2):
        assert refold(store, story, NOW + timedelta(hours=hours)).changed == 0
        assert content(store) == before


def reports(story: Story, seed: int) -> list[Article]:
    """Long reports, and brief ones that say no more, in some order: whatever comes after the other has it reworded."""
    long = [page.text for page in Press(median=1000, story_share=1.0).pages(12)]
    brief = [re.sub(rf", (?:{'|'.join(CLAUSES)}) [^.]*", "", text) for text in long]
    texts = [article(story, f"text-{n}", text=text, hour=n * 7 % 24) for n, text in enumerate((*long, *brief))]
    random.Random(seed).shuffle(texts)  # noqa: S311 two orders
    return texts


JUDGED = "SELECT s.article, s.position, s.status, s.first_seen_in FROM sentences s JOIN articles a ON a.id = s.article ORDER BY 1, 2"


@pytest.mark.parametrize("seed", [1, 2])
def test_reports_that_come_late_leave_every_sentence_as_folding_anew_does(store: Store, story: Story, filer: Filer, seed: int) -> None:
    """Only what came is held against the later ones, so what comes out must be what holding everything against them gives."""
    for text in reports(story, seed):
        filer.file(read(text), NOW)
    before = rows(store, JUDGED)
    assert {row["status"] for row in before} == {"known", "reworded", "new"}
    refold(store, story, NOW)
    assert rows(store, JUDGED) == before


def test_database_of_before_gists_were_kept_judges_sentences_alike(store: Store, story: Story, filer: Filer, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "old.db")
    old = Filer(other, story.sha)
    for text in reports(story, 1):
        filer.file(read(replace(text, outlet=None)), NOW)
        old.file(read(replace(text, outlet=None)), NOW)
        other.db.conn.execute("UPDATE imprints SET gists = NULL")
    assert rows(store, "SELECT count(gists) AS known FROM imprints") == [{"known": 24}]
    assert rows(store, JUDGED) == rows(other, JUDGED)
    other.close()


def test_index_lost_entirely_is_made_again_from_the_texts(store: Store, story: Story, filer: Filer) -> None:
    for name in TEXTS:
        filer.file(read(article(story, name)), NOW)
    before = content(store)
    with store.transaction():
        for table in ("postings", "unposted", "imprints", "related"):
            store.db.conn.execute(f"DELETE FROM {table}")
        store.db.conn.execute("UPDATE sentences SET key = 0")
        store.db.conn.execute("UPDATE articles SET rank = 0")
    refold(store, story, NOW)
    assert content(store) == before


def test_split_copy_stands_for_itself_through_refold_and_takes_its_followers_no_further(store: Store, story: Story, filer: Filer) -> None:
    for name in ("wire", "copy", "extended"):
        filer.file(read(article(story, name)), NOW)
    said = filer.correct("split", url("copy"), None, "another shipment", NOW)
    assert said == [f"{url('copy')}: original"]
    assert relations(store)["copy"] == ("original", None)
    refold(store, story, NOW)
    assert relations(store)["copy"] == ("original", None)
    assert relations(store)["extended"] == ("extended", "wire")
    assert frozenset({"copy"}) in clusters(store)
    assert rows(store, "SELECT kind, why FROM corrections") == [{"kind": "split", "why": "another shipment"}]


@pytest.mark.parametrize("first", ["wire", "other"])
def test_join_folds_the_later_onto_the_earlier_whichever_is_named_first(store: Store, story: Story, filer: Filer, first: str) -> None:
    for name in ("wire", "other"):
        filer.file(read(article(story, name)), NOW)
    second = "other" if first == "wire" else "wire"
    filer.correct("join", url(first), url(second), "", NOW)
    assert relations(store)["other"] == ("copy", "wire")
    assert len(clusters(store)) == 1
    refold(store, story, NOW)
    assert relations(store) == {"wire": ("original", None), "other": ("copy", "wire")}
    filer.correct("split", url("other"), None, "", NOW)
    assert relations(store)["other"] == ("original", None)


def test_sentence_under_many_unrelated_texts_of_one_outlet_is_neither_evidence_nor_news(store: Store, story: Story, filer: Filer) -> None:
    own = OWN.split(". ")
    for number in range(LEAST):
        text = f"{OTHER.split('. ')[number % 5]} {own[number % 4]} Nummer {number} {' wort' * number}.\n{FOOTER}"
        filer.file(read(replace(article(story, f"own-{number}", text=text, hour=number), outlet="blatt")), NOW)
    assert rows(store, f"SELECT status FROM sentences WHERE text = '{FOOTER}' AND article = 1") == [{"status": "new"}]
    done = refold(store, story, NOW)
    assert done.boilerplate >= 1
    assert {row["status"] for row in rows(store, f"SELECT status FROM sentences WHERE text = '{FOOTER}'")} == {"known"}
    assert rows(store, f"SELECT new_when_filed FROM sentences WHERE text = '{FOOTER}' AND article = 1") == [{"new_when_filed": 1}]
    later = Filer(store, story.sha)
    later.file(read(replace(article(story, "own-next", text=f"{WIRE}\n{FOOTER}", hour=9), outlet="blatt")), NOW)
    words = rows(store, "SELECT own_share, new_sentences FROM articles WHERE url LIKE '%next'")
    assert words == [{"own_share": 1.0, "new_sentences": 10}]


def test_sentences_behind_what_an_outlet_prints_over_everything_are_reworded_by_others(store: Store, story: Story, filer: Filer) -> None:
    wire = replace(article(story, "wire", text=f"{FOOTER}\n{WIRE}"), outlet="blatt")
    keys = [(sentence.key, sentence.text) for sentence in wire.sentences]
    sql = "INSERT INTO boilerplate (outlet, key, text, articles, learnt_at) VALUES ('blatt', ?, ?, 9, '2026-01-01T00:00:00Z')"
    store.db.conn.execute(sql, next((key, text) for key, text in keys if text == FOOTER))
    filer = Filer(store, story.sha)
    filer.file(read(wire), NOW)
    shorter = re.sub(r" (?:der|die|das|den|dem) ", " ", WIRE)
    filer.file(read(article(story, "shorter", text=shorter, hour=9)), NOW)
    judged = rows(store, "SELECT status, count(*) AS many FROM sentences WHERE article = 2 GROUP BY 1 ORDER BY 1")
    assert judged == [{"status": "known", "many": 2}, {"status": "reworded", "many": 8}]


def test_crawl_goes_on_while_another_process_folds_anew_and_finds_a_sentence_to_be_news_again(
    store: Store, story: Story, filer: Filer
) -> None:
    filer.file(read(article(story, "wire", text=f"{FOOTER}\n{WIRE}")), NOW)
    store.db.conn.execute("UPDATE sentences SET boilerplate = 1 WHERE text = ?", (FOOTER,))
    filer = Filer(store, story.sha)
    filer.settler.anew(1, NOW)
    store.db.conn.execute("UPDATE sentences SET boilerplate = 0")
    filer.settler.anew(1, NOW)
    assert rows(store, f"SELECT status FROM sentences WHERE text = '{FOOTER}'") == [{"status": "new"}]


def test_revision_says_which_sentences_came_went_or_changed_and_which_figure(store: Store, story: Story, filer: Filer) -> None:
    filer.file(read(article(story, "wire")), NOW)
    changed = WIRE.replace("neuntausend Containern", "elftausend Containern").replace(
        " Moskau äußerte sich zunächst nicht zu dem Bericht.", ""
    )
    filer.file(read(article(story, "wire", text=changed + " Kiew begrüßte den Schritt am Abend.")), NOW + timedelta(hours=3))
    (row,) = rows(store, "SELECT came, went, changed, figures FROM revisions")
    assert row["came"] == "Kiew begrüßte den Schritt am Abend."
    assert row["went"] == "Moskau äußerte sich zunächst nicht zu dem Bericht."
    assert "neuntausend" in row["changed"].split("→")[0] and "elftausend" in row["changed"].split("→")[1]
    assert "neuntausend" in row["figures"] and "elftausend" in row["figures"]


def test_coverage_says_what_each_outlet_added_and_links_independent_reports(store: Store, story: Story, filer: Filer) -> None:
    for name, text in (("wire", ""), ("extended", ""), ("told", TOLD)):
        filer.file(read(article(story, name, text=text, hour=6 if text else None)), NOW)
    found = {row["headline"]: row for row in rows(store, "SELECT * FROM coverage")}
    assert len(found) == 2
    wire, independent = found["Nordkorea: wire"], found["Nordkorea: told"]
    assert wire["added"] == "http://extended.example/extended: 4 new sentences, 29 % its own"
    assert wire["independent"] == independent["independent"] == 1
    assert rows(store, "SELECT headline, other_headline FROM related_reports")[0]["headline"] == "Nordkorea: told"


def test_dropped_report_makes_no_sentence_known(store: Store, story: Story, filer: Filer) -> None:
    for name in ("wire", "copy"):
        filer.file(read(article(story, name)), NOW)
    filer.file(read(article(story, "told", text=TOLD, hour=6)), NOW)
    before = rows(store, "SELECT new_sentences FROM articles WHERE url LIKE '%told'")[0]["new_sentences"]
    for name in ("wire", "copy"):
        filer.say(url(name), "dropped", "another story", NOW)
    assert rows(store, "SELECT new_sentences FROM articles WHERE url LIKE '%told'") == [{"new_sentences": 5}]
    assert before < 5
    filer.say(url("wire"), "filed", "after all", NOW)
    assert rows(store, "SELECT new_sentences FROM articles WHERE url LIKE '%told'") == [{"new_sentences": before}]


TYPOGRAPHY = (
    ("„", "»"), ("“", "«"), ("ß", "ss"), (" – ", " - "), (" ", "\u00a0"), ("neuntausend", "9.000"), ("zwölf", "12"), ("fi", "ﬁ"),
    ("Wladiwostok", "WLADIWOSTOK"), ("ei", "e\u00adi"), ("ü", "u\u0308"), ("vierhundert", "400"),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.sampled_from(TYPOGRAPHY), min_size=1, unique=True), name=st.sampled_from(("wire", "other")))
def test_text_is_a_copy_of_itself_under_any_typographic_change(
    story: Story, tmp_path: Path, changes: list[tuple[str, str]], name: str
) -> None:
    text = TEXTS[name][0]
    for one, other in changes:
        text = text.replace(one, other)
    with_changes = article(story, "late", text=text, hour=9)
    store = Store.open(":memory:")
    filer = Filer(store, story.sha)
    for found in (article(story, name), with_changes):
        filer.file(read(found), NOW)
    assert relations(store)["late"] == ("copy", name)
    assert rows(store, "SELECT own_share, new_sentences FROM articles WHERE url LIKE '%late'") == [{"own_share": 0.0, "new_sentences": 0}]
    store.close()


PIECES = [piece.strip() for piece in ". ".join((WIRE, OTHER, OWN)).replace("..", ".").split(". ") if piece.strip()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(st.integers(0, len(PIECES) - 1), min_size=3, max_size=12), added=st.sampled_from(PIECES), at=st.integers(0, 12))
def test_adding_a_sentence_never_lowers_the_number_of_new_sentences(story: Story, chosen: list[int], added: str, at: int) -> None:
    counts = []
    before = [PIECES[i] for i in chosen]
    for pieces in (before, [*before[:at], added, *before[at:]]):
        store = Store.open(":memory:")
        filer = Filer(store, story.sha)
        filer.file(read(article(story, "wire")), NOW)
        filer.file(read(article(story, "late", text=". ".join(pieces) + ".", hour=9)), NOW)
        counts.append(rows(store, "SELECT new_sentences FROM articles WHERE url LIKE '%late'")[0]["new_sentences"])
        store.close()
    assert counts[1] >= counts[0]

"""Articles meet memory: whatever the order of filing, the same clusters; nothing lost, nothing twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.article import Article, Page, Reading, Verdict
from pipelines.compose import compose
from pipelines.evidence import DateHint, Extract
from pipelines.file import Filer
from pipelines.read import reading
from pipelines.seed import read_seed, seed_files
from pipelines.store import Store
from pipelines.story import Story
from tests.conftest import ROOT

NOW = datetime(2024, 11, 20, 6, 0, tzinfo=UTC)
WIRE = """Nordkorea hat nach Angaben aus Seoul weitere Artilleriegranaten an Russland geliefert. Die Ladung sei auf zwölf Frachtern nach
Wladiwostok gebracht worden, teilte das Verteidigungsministerium mit. Von dort rollten die Kisten auf der Schiene nach Westen.
Der Minister sprach von mindestens neuntausend Containern seit dem Sommer. Moskau äußerte sich zunächst nicht zu dem Bericht.
Fachleute halten die Zahl für glaubwürdig, weil Satellitenbilder ähnliche Mengen zeigen. Im Gegenzug bekomme das Land Öl und Mehl.
Auch Teile für Luftabwehrsysteme seien im Herbst über die Grenze gelangt, hieß es weiter. Die Regierung in Seoul will ihre Erkenntnisse
mit den Verbündeten teilen und prüft neue Strafmaßnahmen gegen Reeder und Banken. Eine Entscheidung werde noch im Dezember fallen."""
OTHER = """Im Hafen von Rajin liegen seit Wochen wieder dieselben beiden Schiffe. Beobachter aus Oslo zählten auf neuen Aufnahmen gut
vierhundert Behälter am Kai, für die es keine zivile Erklärung gebe. Die Spur der nordkoreanischen Munition führe zu Depots bei
Tichorezk, heißt es in der Auswertung, die der Zeitung vorliegt. Russlands Botschaft nannte die Darstellung frei erfunden. Ob auch
Raketen verladen wurden, lasse sich aus der Höhe nicht sagen. Norwegens Regierung will die Bilder dem Sicherheitsrat vorlegen.""".replace(
    "\n", " "
)
OWN = """Der Wahlkreisabgeordnete Jens Petersen verlangte am Abend eine Sondersitzung des Ausschusses. Er wolle wissen, seit wann die
Dienste im Bilde seien. Auch die Reederei in Husum müsse Fragen beantworten, sagte er dieser Zeitung. Deren Sprecherin verwies auf das
laufende Verfahren und wünschte ein schönes Wochenende."""
WIRE, OTHER, OWN = (text.replace("\n", " ") for text in (WIRE, OTHER, OWN))
TEXTS = {
    "wire": (WIRE, 1),
    "copy": ("Seoul (dpa) – " + WIRE.replace("neuntausend", "9.000"), 2),
    "abridged": (". ".join(WIRE.split(". ")[:5]) + ".", 3),
    "extended": (WIRE + "\n" + OWN, 4),
    "other": (OTHER, 2),
    "merged": (WIRE + "\n" + OTHER, 5),
}
WANTED = {
    "wire": ("original", None),
    "copy": ("copy", "wire"),
    "abridged": ("abridged", "wire"),
    "extended": ("extended", "wire"),
    "other": ("original", None),
    "merged": ("merged", "wire"),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "news.db")
    yield store
    store.close()


def article(story: Story, name: str, *, host: str = "", canonical: str | None = None, text: str = "", hour: int | None = None) -> Article:
    words, when = TEXTS[name.split("-")[0]] if not text else (text, 1)
    hour = when if hour is None else hour
    url = f"http://{host or name}.example/{name}"
    hints = [DateHint(f"2024-11-19T{hour:02d}:00:00Z", "json-ld")]
    found = Extract(f"Nordkorea: {name}", words, [], "de", canonical, hints, [], False, "", None)
    return compose(url, found, story, Page(url, url, 200, NOW, b"", timezone="Europe/Berlin"))


def read(article: Article) -> Reading:
    page = Page(article.url, article.url, 200, NOW, b"<html>")
    return reading(page, article, archive=False)


def rows(store: Store, sql: str) -> list[dict[str, Any]]:
    return list(store.db.query(sql))


def relations(store: Store) -> dict[str, tuple[str, str | None]]:
    found = rows(store, "SELECT a.url, a.relation, o.url AS origin FROM articles a LEFT JOIN articles o ON o.id = a.origin")
    return {row["url"].rsplit("/", 1)[-1]: (row["relation"], row["origin"] and row["origin"].rsplit("/", 1)[-1]) for row in found}


def clusters(store: Store) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for row in rows(store, "SELECT cluster, url FROM articles"):
        found.setdefault(row["cluster"], set()).add(row["url"].rsplit("/", 1)[1])
    return {frozenset(members) for members in found.values()}


@pytest.mark.parametrize("order", list(itertools.permutations(TEXTS))[::29], ids=",".join)
def test_order_of_filing_does_not_change_relations_clusters_or_new_sentences(store: Store, story: Story, order: tuple[str, ...]) -> None:
    filer = Filer(store, story.sha)
    for name in order:
        filer.file(read(article(story, name)), NOW)
    assert relations(store) == WANTED
    assert clusters(store) == {frozenset({"wire", "copy", "abridged", "extended", "merged"}), frozenset({"other"})}
    new = {row["url"].rsplit("/", 1)[1]: row["new_sentences"] for row in rows(store, "SELECT url, new_sentences FROM articles")}
    assert new == {"wire": 10, "copy": 0, "abridged": 0, "extended": 4, "other": 6, "merged": 0}
    assert_views_agree(store)


def assert_views_agree(store: Store) -> None:
    """What `clusters` keeps by heart is what the articles say."""
    for row in rows(store, "SELECT * FROM clusters WHERE merged_into IS NULL"):
        members = rows(store, f"SELECT * FROM articles WHERE cluster = {row['id']} AND relation != 'seed'")
        assert row["copies"] == max(0, len(members) - 1)
        assert row["new_sentences"] == sum(member["new_sentences"] for member in members)
        assert rows(store, f"SELECT cluster FROM articles WHERE id = {row['root']}")[0]["cluster"] == row["id"]
    assert not rows(store, "SELECT 1 FROM clusters WHERE merged_into IS NOT NULL AND id IN (SELECT cluster FROM articles)")


def test_late_origin_takes_the_root_and_the_cluster_keeps_its_id(store: Store, story: Story) -> None:
    filer = Filer(store, story.sha)
    filer.file(read(article(story, "copy")), NOW)
    cluster = rows(store, "SELECT cluster FROM articles")[0]["cluster"]
    assert [row["status"] for row in rows(store, "SELECT status FROM sentences")] == ["new"] * 10
    filer.file(read(article(story, "wire")), NOW + timedelta(hours=1))
    assert {row["cluster"] for row in rows(store, "SELECT cluster FROM articles")} == {cluster}
    assert rows(store, "SELECT a.url FROM clusters c JOIN articles a ON a.id = c.root")[0]["url"].endswith("/wire")
    copies = rows(store, "SELECT s.status, s.new_when_filed FROM sentences s JOIN articles a ON a.id = s.article WHERE a.url LIKE '%copy'")
    assert all(row == {"status": "known", "new_when_filed": 1} for row in copies)


def test_two_clusters_that_turn_out_one_are_merged_and_ids_stay(store: Store, story: Story) -> None:
    filer = Filer(store, story.sha)
    half = WIRE.split(". ")
    filer.file(read(article(story, "wire-a", text=". ".join(half[:5]) + ".", hour=3)), NOW)
    filer.file(read(article(story, "wire-b", text=". ".join(half[5:]), hour=4)), NOW)
    before = {row["id"] for row in rows(store, "SELECT id FROM clusters")}
    filer.file(read(article(story, "wire")), NOW)
    merged = rows(store, "SELECT id, merged_into FROM clusters WHERE merged_into IS NOT NULL")
    assert {row["id"] for row in rows(store, "SELECT id FROM clusters")} == before
    assert len(merged) == 1
    assert_views_agree(store)


def test_reprint_of_a_seed_joins_its_cluster_and_seeds_alone_are_no_coverage(store: Store, story: Story) -> None:
    filer = Filer(store, story.sha)
    seeds = [read_seed(path, story, now=NOW) for path in seed_files(ROOT / "seeds")]
    assert all(filer.file_seed(seed, NOW) for seed in seeds)
    assert not any(filer.file_seed(seed, NOW) for seed in seeds)
    assert rows(store, "SELECT 1 FROM coverage") == []
    filer.file(read(article(story, "reprint", text=seeds[0].text)), NOW)
    found = rows(store, "SELECT headline, copies, new_sentences FROM coverage")
    assert found == [{"headline": "Nordkorea: reprint", "copies": 0, "new_sentences": 0}]
    assert relations(store)["reprint"][0] == "copy"


@pytest.mark.parametrize("amp_first", [True, False])
def test_amp_twin_is_an_alias_of_its_article_in_either_order(store: Store, story: Story, amp_first: bool) -> None:
    filer = Filer(store, story.sha)
    main = article(story, "wire", host="zeitung")
    amp = replace(article(story, "wire", host="amp.zeitung"), url="http://zeitung.example/amp/wire", canonical_url=main.url)
    for found in (amp, main) if amp_first else (main, amp):
        filer.file(read(found), NOW)
    assert [row["url"] for row in rows(store, "SELECT url FROM articles")] == [main.url]
    verdicts = {row["url"]: row["verdict"] for row in rows(store, "SELECT url, verdict FROM verdicts")}
    assert verdicts == {main.url: "filed", amp.url: "alias"}
    assert rows(store, "SELECT 1 FROM versions") == []


def test_page_that_claims_another_outlet_s_url_as_canonical_stays_itself(store: Store, story: Story) -> None:
    filer = Filer(store, story.sha)
    filer.file(read(article(story, "wire", host="zeitung")), NOW)
    thief = article(story, "wire", host="dieb", canonical="http://zeitung.example/wire", hour=0)
    filer.file(read(thief), NOW)
    assert len(rows(store, "SELECT 1 FROM articles")) == 2
    assert not rows(store, "SELECT 1 FROM verdicts WHERE verdict = 'alias'")


def test_failure_inside_a_transaction_leaves_nothing_behind(store: Store, story: Story) -> None:
    filer = Filer(store, story.sha)
    broken = replace(article(story, "wire"), words=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="words"):
        filer.file(read(broken), NOW)
    for table in ("articles", "sentences", "imprints", "unposted", "decisions", "clusters", "entries"):
        assert rows(store, f"SELECT 1 FROM {table}") == []
    filer.file(read(article(story, "wire")), NOW)
    assert len(rows(store, "SELECT 1 FROM articles")) == 1


def test_failed_verdict_leaves_its_entry_waiting_and_a_final_one_closes_it(store: Store, story: Story) -> None:
    from pipelines.article import Entry

    filer = Filer(store, story.sha)
    entry = Entry("http://a.example/1", "a", "http://a.example/feed", NOW)
    filer.file(entry, NOW)
    assert [waiting.url for waiting in store.ledger.known(NOW).pending] == [entry.url]
    retry = NOW + timedelta(hours=1)
    filer.file(Verdict(entry.url, "page", "failed", "HTTP 503", NOW, retry_at=retry), NOW)
    assert store.ledger.known(NOW).decided(entry.url)
    assert store.ledger.known(NOW).pending == ()
    assert [waiting.url for waiting in store.ledger.known(retry).pending] == [entry.url]
    filer.file(Verdict(entry.url, "page", "gone", "HTTP 410", retry), retry)
    assert store.ledger.known(retry + timedelta(days=9)).decided(entry.url)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(sorted(TEXTS)), hours=st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_any_order_and_any_dates_give_one_outcome(story: Story, tmp_path: Path, order: list[str], hours: list[int]) -> None:
    outcomes = []
    for number, names in enumerate((order, sorted(TEXTS))):
        path = tmp_path / f"{number}.db"
        path.unlink(missing_ok=True)
        store = Store.open(path)
        filer = Filer(store, story.sha)
        dates = dict(zip(sorted(TEXTS), hours, strict=True))
        for name in names:
            filer.file(read(article(story, name, hour=dates[name])), NOW)
        outcomes.append((relations(store), clusters(store)))
        assert_views_agree(store)
        store.close()
    assert outcomes[0] == outcomes[1]

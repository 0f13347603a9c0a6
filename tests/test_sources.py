"""The catalogue: its errors name file, outlet, key and what was found; the shipped one is sound."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.sources import CatalogueError, load_sources
from pipelines.article import Outlet, Source
from tests.conftest import ROOT, Desk

SHIPPED = ROOT / "crawler" / "sources.toml"
BLOCK: dict[str, object] = {
    "id": "abendblatt", "name": "Abendblatt", "home": "https://abend.example", "country": "DE", "language": "de",
    "timezone": "Europe/Berlin", "feeds": ["https://abend.example/rss"],
}  # fmt: skip
OTHER = BLOCK | {"id": "morgenblatt", "feeds": ["https://morgen.example/rss"]}


# The hosts of the German-language outlets in the public lists that the catalogue was collected from.
GERMAN_LANGUAGE = """
    derstandard.at diepresse.com exxpress.at heute.at kleinezeitung.at krone.at kurier.at nachrichten.at news.at oe24.at orf.at sn.at tt.com
    20min.ch blick.ch cash.ch nau.ch nzz.ch srf.ch tagesanzeiger.ch watson.ch landesspiegel.li wort.lu
    abendblatt.de augsburger-allgemeine.de berliner-zeitung.de bild.de boersen-zeitung.de br.de braunschweiger-zeitung.de
    businessinsider.de correctiv.org de.euronews.com der-postillon.com deutschlandfunk.de dw.com faz.net finanzen.net
    finanznachrichten.de focus.de fr.de freiepresse.de freitag.de gamestar.de golem.de heise.de hessenschau.de jungewelt.de kicker.de
    klassegegenklasse.org krautreporter.de lto.de mdr.de merkur.de morgenpost.de motorsport-magazin.com mz.de n-tv.de ndr.de
    netzpolitik.org rp-online.de ruhrnachrichten.de spiegel.de sportschau.de stern.de stuttgarter-nachrichten.de stuttgarter-zeitung.de
    sueddeutsche.de t-online.de tagesschau.de tagesspiegel.de taz.de vogue.de wallstreet-online.de waz.de welt.de winfuture.de wiwo.de
    www1.wdr.de zdf.de zeit.de
    mallorcamagazin.com mallorcazeitung.es ukrinform.de
"""


def host_of(home: str) -> str:
    return str(urlsplit(home).hostname).removeprefix("www.")


def block(keys: dict[str, object]) -> str:
    """One `[[outlet]]` as TOML, which writes texts, numbers and lists as JSON does; None leaves a key out."""
    return "[[outlet]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items() if value is not None)


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "outlets.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults(path: Path) -> list[str]:
    """The lines of the error, each without the file's name, which each must begin with."""
    with pytest.raises(CatalogueError) as error:
        load_sources(path)
    lines = str(error.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    return [line.removeprefix(f"{path}: ") for line in lines]


def test_outlet_is_read_as_written_with_its_sources_by_kind(tmp_path: Path) -> None:
    keys = BLOCK | {"scope": "all", "news_sitemaps": ["https://abend.example/n.xml"], "sitemaps": ["https://abend.example/s.xml"]}
    keys |= {"pages": ["https://abend.example/welt", "https://abend.example/asien"]}
    (outlet,) = load_sources(written(tmp_path, block(keys)))
    assert outlet == Outlet("abendblatt", "Abendblatt", "https://abend.example", "DE", "de", "Europe/Berlin", "all", outlet.sources)
    assert set(outlet.sources) == {
        Source("abendblatt", "feed", "https://abend.example/rss"),
        Source("abendblatt", "news_sitemap", "https://abend.example/n.xml"),
        Source("abendblatt", "sitemap", "https://abend.example/s.xml"),
        Source("abendblatt", "page", "https://abend.example/welt"),
        Source("abendblatt", "page", "https://abend.example/asien"),
    }


def test_scope_is_match_unless_the_block_says_otherwise(tmp_path: Path) -> None:
    assert [outlet.scope for outlet in load_sources(written(tmp_path, block(BLOCK)))] == ["match"]


@pytest.mark.parametrize(("every", "found"), [("15m", timedelta(minutes=15)), ("2h", timedelta(hours=2)), ("1d", timedelta(days=1))])
def test_interval_of_the_block_holds_for_all_its_sources(tmp_path: Path, every: str, found: timedelta) -> None:
    (outlet,) = load_sources(written(tmp_path, block(BLOCK | {"every": every})))
    assert {source.every for source in outlet.sources} == {found}


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("name", "", "''"),
        ("name", 7, "7"),
        ("name", None, "required"),
        ("home", "abend.example", '"abend.example" is not an http(s) URL'),
        ("home", "ftp://abend.example", '"ftp://abend.example" is not'),
        ("home", "https://", '"https://" is not'),
        ("home", "https://abend example", '"https://abend example" is not'),
        ("home", "https://[abend", "https://[abend"),
        ("home", None, "required"),
        ("country", "Deutschland", "'Deutschland'"),
        ("country", "de", "'de'"),
        ("country", None, "required"),
        ("language", "deu", "'deu'"),
        ("language", "DE", "'DE'"),
        ("timezone", "Berlin", '"Berlin" is not a time zone'),
        ("timezone", "../../etc/passwd", '"../../etc/passwd" is not a time zone'),
        ("timezone", "", '"" is not a time zone'),
        ("timezone", None, "required"),
        ("scope", "some", "'some'"),
        ("every", "15", '"15" is no interval'),
        ("every", "0m", '"0m" is no interval'),
        ("feeds", "https://abend.example/rss", "'https://abend.example/rss'"),
        ("feeds.1", ["https://abend.example/rss", "/rss"], '"/rss" is not an http(s) URL'),
        ("news_sitemaps.0", [5], "5"),
        ("sitemaps.0", ["javascript:alert(1)"], '"javascript:alert(1)" is not'),
        ("pages.0", [""], '"" is not'),
        ("fedes", ["https://abend.example/rss"], "['https://abend.example/rss']"),
    ],
)
def test_wrong_key_is_named_with_outlet_and_what_was_found(tmp_path: Path, key: str, value: object, found: str) -> None:
    (line,) = faults(written(tmp_path, block(OTHER) + block(BLOCK | {key.split(".")[0]: value})))
    assert line.startswith(f'outlet "abendblatt": {key}: ')
    assert found in line


@pytest.mark.parametrize(
    ("id_", "label", "found"),
    [
        ("Abend Blatt", '"Abend Blatt"', '"Abend Blatt" is not an id'),
        ("abend--blatt", '"abend--blatt"', '"abend--blatt" is not an id'),
        ("blättchen", '"blättchen"', '"blättchen" is not an id'),
        (5, '"5"', "5"),
        ("", "number 2", '"" is not an id'),
        (None, "number 2", "required"),
    ],
)
def test_outlet_with_a_wrong_id_is_named_by_it_or_by_its_number(tmp_path: Path, id_: object, label: str, found: str) -> None:
    (line,) = faults(written(tmp_path, block(OTHER) + block(BLOCK | {"id": id_})))
    assert line.startswith(f"outlet {label}: id: ")
    assert found in line


def test_outlet_without_a_source_is_told_the_keys_that_hold_one(tmp_path: Path) -> None:
    (line,) = faults(written(tmp_path, block(BLOCK | {"feeds": []})))
    assert line.startswith('outlet "abendblatt": ')
    assert all(key in line for key in ("feeds", "news_sitemaps", "sitemaps", "pages"))


def test_block_that_is_no_table_is_named_by_its_number(tmp_path: Path) -> None:
    (line,) = faults(written(tmp_path, "outlet = [5]"))
    assert line.startswith("outlet number 1: ")
    assert "5" in line


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (OTHER | {"id": "abendblatt"}, 'outlet "abendblatt": the id "abendblatt" stands already at outlet "abendblatt"'),
        (OTHER | {"feeds": BLOCK["feeds"]}, 'outlet "morgenblatt": https://abend.example/rss stands already at outlet "abendblatt"'),
        (OTHER | {"pages": BLOCK["feeds"]}, 'outlet "morgenblatt": https://abend.example/rss stands already at outlet "abendblatt"'),
        (OTHER | {"pages": OTHER["feeds"]}, 'outlet "morgenblatt": https://morgen.example/rss stands already at outlet "morgenblatt"'),
    ],
)
def test_id_or_url_that_stands_twice_is_named_with_both_outlets(tmp_path: Path, second: dict[str, object], says: str) -> None:
    assert faults(written(tmp_path, block(BLOCK) + block(second))) == [says]


def test_all_faults_are_told_at_once_a_line_each(tmp_path: Path) -> None:
    lines = faults(written(tmp_path, block(BLOCK | {"country": "X", "scope": "Y"}) + block(OTHER) + block(OTHER)))
    assert [line.split(": ")[:2] for line in lines[:2]] == [['outlet "abendblatt"', "country"], ['outlet "abendblatt"', "scope"]]
    assert [line.split(": ")[0] for line in lines[2:]] == ['outlet "morgenblatt"'] * 2  # its id, and its feed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lists no outlet"),
        ("# nothing yet\n", "lists no outlet"),
        ("outlet = 'abendblatt'", "lists no outlet"),
        ("[outlet]\nid = 'abendblatt'", "lists no outlet"),
        ("[[outlet]\nid = 5", "is not TOML: "),
        ("[[outlet]]\nid = 'a'\nname = a\n", "is not TOML: Invalid value (at line 3"),
        (b"[[outlet]]\nname = '\xe4'", "is not TOML: "),
    ],
)
def test_file_that_is_no_catalogue_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    (line,) = faults(written(tmp_path, text))
    assert says in line


def test_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    assert faults(tmp_path / "nowhere.toml") == ["cannot be read (No such file or directory); set SOURCES to a catalogue"]
    assert faults(tmp_path) == ["cannot be read (Is a directory); set SOURCES to a catalogue"]


def test_shipped_catalogue_lists_the_press_of_the_world_once_each() -> None:
    outlets = load_sources(SHIPPED)
    assert len(outlets) >= 150
    assert {outlet.country for outlet in outlets} >= {"DE", "AT", "CH", "GB", "US", "FR", "PL", "UA", "RU", "KR", "JP", "CN", "TW"}
    assert {outlet.language for outlet in outlets} >= {"de", "en", "fr", "pl", "uk", "ru", "ko", "ja", "zh"}
    for ids in ([outlet.id for outlet in outlets], [outlet.home for outlet in outlets]):
        assert len(set(ids)) == len(ids)
    assert len(outlets) == len(tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["outlet"])


def test_shipped_catalogue_lists_all_of_the_german_language_press() -> None:
    homes = {host_of(outlet.home) for outlet in load_sources(SHIPPED) if outlet.language == "de"}
    assert set(GERMAN_LANGUAGE.split()) - homes == set()


def test_shipped_catalogue_stands_by_country_then_id_under_a_line_for_each_country() -> None:
    places = [(outlet.country, outlet.id) for outlet in load_sources(SHIPPED)]
    assert places == sorted(places)
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    assert [line[2:4] for line in lines if line.startswith("# ") and line[4:5] == ":"] == sorted({country for country, _ in places})


def test_outlet_has_at_most_four_sources() -> None:
    assert [outlet.id for outlet in load_sources(SHIPPED) if len(outlet.sources) > 4] == []


def test_host_of_a_service_is_not_taken_for_the_main_outlet_listed_before_it() -> None:
    hosts = [host_of(outlet.home) for outlet in load_sources(SHIPPED)]
    assert [host for place, host in enumerate(hosts) if any(host.endswith(f".{before}") for before in hosts[:place])] == []


@pytest.mark.parametrize(("country", "zone"), [("DE", "Europe/Berlin"), ("AT", "Europe/Vienna"), ("CH", "Europe/Zurich")])
def test_outlets_of_a_country_keep_its_time(country: str, zone: str) -> None:
    assert {outlet.timezone for outlet in load_sources(SHIPPED) if outlet.country == country} == {zone}


def test_sources_prints_every_outlet_and_the_sum(desk: Desk) -> None:
    lines = desk.run("sources", SOURCES=str(SHIPPED)).stdout.splitlines()
    outlets = load_sources(SHIPPED)
    assert [line.split()[0] for line in lines[1:-1]] == [outlet.id for outlet in outlets]
    for line, outlet in zip(lines[1:-1], outlets, strict=True):
        assert outlet.name[:32] in line
        assert sum(int(count) for count in line.split()[-3:]) == len(outlet.sources)
    assert lines[-1] == f"{len(outlets)} outlets, {sum(len(outlet.sources) for outlet in outlets)} sources"


def test_sources_refuses_a_broken_catalogue_with_its_sentence(desk: Desk, tmp_path: Path) -> None:
    done = desk.run("sources", code=2, SOURCES=str(written(tmp_path, block(BLOCK | {"scope": "some"}))))
    assert 'outlets.toml: outlet "abendblatt": scope: ' in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""

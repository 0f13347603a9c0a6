"""A small newsroom of our own making: one report with its copies, an edit, a twin page, a contradiction; and pages made to do harm."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.address import public_id
from pipelines.article import Outlet, Page
from pipelines.compose import compose
from pipelines.evidence import DateHint, Extract
from pipelines.file import Filer
from pipelines.read import reading
from pipelines.store import Store
from pipelines.story import Story

AT = datetime(2024, 6, 13, 8, 0, tzinfo=UTC)
OUTLETS = ("morgenblatt", "abendpost", "seerundschau", "talbote", "hafenkurier")
WIRE = (
    "Nordkorea hat Russland nach Angaben aus Seoul mindestens 10.000 Container mit Munition geliefert. Das sagte der südkoreanische "
    "Verteidigungsminister am Donnerstag vor Journalisten in der Hauptstadt.\n"
    "In den Containern fänden bis zu 4,8 Millionen Artilleriegranaten Platz, erklärte der Minister weiter. Die Frachter hätten seit "
    "August 2023 zwischen dem Hafen Rajin und Häfen im russischen Fernen Osten verkehrt.\n"
    "Moskau habe im Gegenzug Treibstoff, Lebensmittel und Bauteile für Satelliten nach Pjöngjang geschickt. Beide Regierungen weisen "
    "die Vorwürfe zurück und sprechen von einer Kampagne des Westens."
)
OWN = (
    "Die Hafenbehörde von Emden beobachtet nach eigenen Worten zwei Schiffe, die unter fremder Flagge von Rajin kamen. Ein Sprecher der "
    "Werft sagte dieser Zeitung, die Ladung sei nie geprüft worden."
)
RIVAL = (
    "Kiews Militärgeheimdienst rechnet anders als Seoul: Nur rund 6.000 Container mit Munition aus Nordkorea seien bisher in Russland "
    "eingetroffen. Der Leiter des Dienstes nannte die Zahl am Donnerstag in einem Gespräch mit Reportern.\n"
    "Jede dritte Granate aus nordkoreanischer Lieferung sei unbrauchbar, fügte er hinzu. Die russische Armee verschieße sie trotzdem."
)
VAGUE = (
    "Im Hafen von Wladiwostok liegen seit Wochen Frachter, deren Ladung aus Nordkorea stammt. Arbeiter sprechen von Munition für die "
    "russische Armee."
)
EDITED = WIRE.replace("mindestens 10.000 Container", "mindestens 11.000 Container").replace(
    " Die Frachter hätten seit August 2023 zwischen dem Hafen Rajin und Häfen im russischen Fernen Osten verkehrt.", ""
)
SCRIPT = "<script>alert('x')</script>"
HOSTILE = f'{SCRIPT} "><img src=x onerror=alert(1)> \u202egnuT\u202c {{{{ 7*7 }}}} Nordkorea liefert Russland Munition'
LONG = "Nordkorea liefert Russland Munition " + "und noch mehr davon " * 15_000  # 300 kB


def address(outlet: str, path: str) -> str:
    """The URL of an article."""
    return f"https://{outlet}.example/{path}"


def page_id(outlet: str, path: str) -> str:
    """The public id of an article."""
    return public_id(address(outlet, path))


class Newsroom:
    """Files texts as a crawl does."""

    def __init__(self, store: Store, story: Story) -> None:
        self.story = story
        with store.transaction():
            store.ledger.register(Outlet(o, o.capitalize(), f"https://{o}.example", "DE", "de", "Europe/Berlin") for o in OUTLETS)
        self.filer = Filer(store, story.sha)

    def file(
        self,
        outlet: str,
        path: str,
        text: str,
        *,
        after: timedelta = timedelta(),
        headline: str = "Seoul: Nordkorea lieferte Russland Munition",
        hints: list[DateHint] | None = None,
        canonical: str | None = None,
        authors: tuple[str, ...] = (),
        paywalled: bool = False,
        again: timedelta = timedelta(),
    ) -> str:
        """File a text published `after` AT (or dated by `hints`), fetched a minute later (or `again` later); its public id."""
        url, at = address(outlet, path), AT + after
        hints = [DateHint(at.isoformat(), "json-ld")] if hints is None else hints
        page = Page(url, url, 200, at + timedelta(minutes=1) + again, b"", outlet=outlet, language="de", timezone="Europe/Berlin")
        found = Extract(headline, text, list(authors), "de", canonical, hints, [], paywalled, "", None)
        article = compose(url, found, self.story, page)
        if len(headline) > 1000:  # reading cuts such a headline; who shows it must not rely on that
            article = replace(article, headline=headline)
        self.filer.file(reading(page, article, archive=False), page.fetched_at)
        return public_id(url)


@contextmanager
def newsroom(path: Path, story: Story) -> Iterator[Newsroom]:
    """A newsroom that files into a database."""
    store = Store.open(path)
    yield Newsroom(store, story)
    store.close()


def fill(path: Path, story: Story) -> None:
    """The report with its copies, the edit, the twin, the contradiction, the odd dates and the hostile pages."""
    with newsroom(path, story) as room:
        minutes, day = timedelta(minutes=1), timedelta(days=1)
        room.file("morgenblatt", "wire", WIRE, authors=("Anna Sommer",))
        room.file("abendpost", "copy", WIRE, after=25 * minutes)
        room.file("seerundschau", "extended", f"{WIRE}\n{OWN}", after=240 * minutes, headline="Munition für Moskau: Spur führt nach Emden")
        room.file("talbote", "rival", RIVAL, after=300 * minutes, headline="Kiew zählt 6.000 Container aus Nordkorea")
        room.file("hafenkurier", "edited", WIRE, after=2 * day, paywalled=True)
        room.file("hafenkurier", "edited", EDITED, after=2 * day, again=day, headline="Seoul: Es waren 11.000 Container aus Nordkorea")
        room.file("morgenblatt", "amp/wire", WIRE, canonical=address("morgenblatt", "wire"))
        room.file("talbote", "live#e1", RIVAL.split("\n")[0].replace("6.000", "7.000"), after=5 * day, headline="")
        room.file("talbote", "month", VAGUE, hints=[DateHint("Mai 2024", "visible")])
        room.file("abendpost", "undated", VAGUE.replace("Wladiwostok", "Nachodka").replace("Arbeiter", "Matrosen"), hints=[])
        room.file("abendpost", "hostile", f"{WIRE} {SCRIPT} sagte er.", after=3 * day, headline=HOSTILE, authors=(SCRIPT,))
        room.file("seerundschau", "long", RIVAL.replace("6.000", "6.500"), after=4 * day, headline=LONG)
    poison(path)


def poison(path: Path) -> None:
    """What reading would never let in, written past it: an address that runs, a unit and a date that are markup."""
    with closing(sqlite3.connect(path)) as connection:
        id_ = connection.execute("SELECT id FROM articles WHERE url = ?", (address("abendpost", "hostile"),)).fetchone()[0]
        connection.execute("UPDATE articles SET url = 'javascript:alert(1)', byline = ?, agency = ? WHERE id = ?", (SCRIPT, SCRIPT, id_))
        connection.execute("UPDATE clusters SET url = 'javascript:alert(1)' WHERE first_live = ?", (id_,))
        connection.execute(
            "UPDATE articles SET matched = ?, published_conflicts = ? WHERE id = ?", (f'[["{SCRIPT}", "x", 0]]', SCRIPT, id_)
        )
        connection.execute(
            "INSERT INTO figures (article, sentence, as_written, low, high, unit, hedge) VALUES (?, 0, ?, 1, 1e300, ?, ?)",
            (id_, SCRIPT, SCRIPT + "/..?#", SCRIPT),
        )
        connection.execute(
            "INSERT INTO dates (article, sentence, as_written, edtf, role, basis) VALUES (?, 0, ?, ?, 'published', ?)",
            (id_, SCRIPT, SCRIPT, SCRIPT),
        )
        connection.commit()


def multiply(path: Path, publisher: str, name: str, copies: int) -> None:
    """Give an article so many more copies, each a minute after the one before; every fifth has a sentence of its own."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM articles WHERE url = ?", (address(publisher, name),)).fetchone())
        for n in range(1, copies + 1):
            at = (datetime.fromisoformat(row["published_at"]) + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%SZ")
            outlet = OUTLETS[n % len(OUTLETS)]
            url = address(outlet, f"copy-{n}")
            changes = {
                "id": None, "url": url, "outlet": outlet, "public_id": public_id(url), "origin": row["id"],
                "relation": "extended" if n % 5 == 0 else "copy", "new_sentences": int(n % 5 == 0), "own_share": 0.1,
                "published": at, "published_at": at, "rank": row["rank"] + (n << 24) * 60,
            }  # fmt: skip
            names = ", ".join(row)
            marks = ", ".join("?" * len(row))
            made = connection.execute(f"INSERT INTO articles ({names}) VALUES ({marks})", tuple((row | changes).values())).lastrowid
            if n % 5 == 0:
                said = (made, 0, f"Zusatz Nummer {n} steht nur hier.", n, "new", 1)
                sql = "INSERT INTO sentences (article, position, text, key, status, new_when_filed) VALUES (?, ?, ?, ?, ?, ?)"
                connection.execute(sql, said)
        connection.commit()

"""What one misbehaviour is, and what must become of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

Serve = Callable[[BinaryIO, str], None]  # writes an answer, or whatever else, to the connection; given the path asked for
NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One outlet that misbehaves.

    `serve` answers every path of its host but those of the ten neighbours; `bad` are the paths that its feed lists before
    them. `verdict` is what those come to, `reason` stands in it. For a listing (`listing` is its kind) `verdict` is the outcome of
    its fetch. With `apart` the bad pages lie on a host of
    their own, for what is done there is held against the whole host.
    """

    name: str
    serve: Serve
    verdict: str
    reason: str = ""  # a regular expression
    bad: tuple[str, ...] = ("/bad",)
    listing: str = ""
    apart: bool = False

    @property
    def host(self) -> str:
        """Where its feed and its ten articles are."""
        return f"{self.name.replace(' ', '-')}.example"

    @property
    def bad_host(self) -> str:
        """Where it misbehaves."""
        return f"bad-{self.host}" if self.apart else self.host


def plain(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    """An answer as it goes over the wire."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *headers)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def says(answer: bytes) -> Serve:
    """The same answer to everything."""

    def serve(out: BinaryIO, path: str) -> None:
        out.write(answer)

    return serve


def moved(location: str, status: str = "302 Found") -> Serve:
    """A redirect."""
    return says(plain(b"", f"Location: {location}", status=status))


def page(headline: str, text: str = "", head: str = "", number: int = 13) -> bytes:
    """An article on the story, in words of our own."""
    body = text or story_text(headline, number)
    return (
        f"<!doctype html><html lang='de'><head><meta charset='utf-8'><title>{headline}</title>{head}"
        f"<meta property='article:published_time' content='2024-06-{1 + number:02}T08:00:00+02:00'></head>"
        f"<body><header><nav><a href='/'>Start</a></nav></header><main><article><h1>{headline}</h1>{body}</article></main>"
        "<footer>Impressum</footer></body></html>"
    ).encode()


def story_text(seed: str, number: int) -> str:
    """Paragraphs on the story that share no run of five words with any other article; the same each time."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311

    def name() -> str:
        return "".join(chance.choice(SYLLABLES) for _ in range(3)).capitalize()

    def some() -> int:
        return chance.randrange(100, 10_000)

    return "".join(
        f"<p>{line}</p>"
        for line in (
            f"Nordkorea hat laut {name()} insgesamt {some()} Kisten mit {name()} voller Granaten über {name()} nach Russland geliefert.",
            f"Der Frachter {name()} löschte {some()} Tonnen Munition in {name()}, ehe {name()} sie per Bahn zur {name()} Front schickte.",
            f"Fachleute um {name()} zählten {some()} Behälter; Moskaus Sprecher {name()} nannte {name()} eine Erfindung von {name()}.",
            f"Im Krieg fehlten der Ukraine laut {name()} zuletzt {some()} Geschosse für {name()}, schrieb {name()} aus Seoul dazu.",
        )
    )


SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu wa ze bri dro fla gre klo pru stei tro zwi".split()

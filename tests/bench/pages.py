"""Pages of real weight, seeded: what 67 German news pages had at the median is 217 kB, a fifth of it scripts, 1,900 `<`, 149 links,
18 paragraphs, an article of 600 words in it. Ours have 250 kB."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from tests.bench.prose import Prose
from tests.bench.texts import vocabulary

HOSTS = 20
STORY_SHARE = 0.2  # one in five on the story
IN_PASSING = 0.05  # of the other pages a teaser names the story, as front pages' boxes do
MEDIAN, SPREAD = 250_000, 0.35  # bytes of a page, and sigma of its logarithm: the middle half has 200 to 320 kB
SCRIPTS = 0.35  # of what is not the article
COPIES = 0.3  # of the pages on the story carry a text that another host had
AUTHORS = ("Anna Keller", "Jonas Brandt", "Miriam Vogt")
FIRST = datetime(2024, 3, 1, 6, tzinfo=UTC)
_BOX = (
    '<li class="o-teaser o-teaser--{size} js-track c-grid__cell u-mb-{n}" data-area="teaser|{n}" data-position="{n}" data-id="{id}">'
    '<article class="m-card m-card--horizontal" itemscope itemtype="https://schema.org/CreativeWork"><a class="m-card__link js-link" '
    'href="/ressort/{word}/artikel-{id}.html" data-ct-label="{word}" aria-label="{head}"><picture class="a-picture a-picture--16x9">'
    '<source media="(min-width: 64em)" data-srcset="/img/{id}-1280.webp 1280w, /img/{id}-960.webp 960w, /img/{id}-640.webp 640w">'
    '<img class="a-picture__image lazyload" alt="" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">'
    '</picture><div class="m-card__body"><span class="a-kicker">{word}</span> <h3 class="a-title a-title--s">{head}</h3>'
    '<p class="a-text">{lead}</p></div></a></article></li>\n'
)
_ICON = '<svg class="a-icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg>'


@dataclass(frozen=True)
class MadePage:
    """A page, and what its reader would say it says."""

    host: int
    path: str
    story: bool
    headline: str
    text: str
    published: datetime
    html: bytes


class Press:
    """Twenty sites of one country, each with its own clothes."""

    def __init__(self, seed: int = 11, median: int = MEDIAN, story_share: float = STORY_SHARE) -> None:
        self.chance = random.Random(seed)  # noqa: S311 the same pages every time
        self.words = vocabulary(self.chance)
        self.prose = Prose(self.chance, self.words)
        self.median, self.story_share = median, story_share
        self.wires: list[tuple[str, list[str]]] = []
        self.scripts = [self._script(60_000) for _ in range(HOSTS)]
        self.icons = [self._icon() for _ in range(40)]

    def pages(self, count: int) -> Iterator[MadePage]:
        """So many pages, the hosts in turn; one on the story comes in an hour."""
        for number in range(count):
            story = self.chance.random() < self.story_share
            headline, paragraphs = self._text(story)
            host, at = number % HOSTS, FIRST + timedelta(hours=self.story_share * number)
            html = self._html(host, number, headline, paragraphs, at, passing=not story and self.chance.random() < IN_PASSING)
            yield MadePage(host, f"/artikel/{100_000 + number}.html", story, headline, "\n".join(paragraphs), at, html.encode())

    def _text(self, story: bool) -> tuple[str, list[str]]:
        if story and self.wires and self.chance.random() < COPIES:
            return self.chance.choice(self.wires[-50:])
        text = self.prose.headline(story), self.prose.paragraphs(story)
        if story:
            self.wires.append(text)
        return text

    def _html(self, host: int, number: int, headline: str, paragraphs: list[str], at: datetime, *, passing: bool) -> str:
        size = int(self.median * self.chance.lognormvariate(0, SPREAD))
        begin = f'{self._head(host, number, headline, paragraphs, at)}<body class="t-article">{self._navigation()}'
        begin += self._article(number, headline, paragraphs, at)
        left = max(0, size - len(begin))
        script = self.scripts[host][: int(SCRIPTS * left)]
        noise = "" if len(script) >= int(SCRIPTS * left) else self._script(int(SCRIPTS * left) - len(script))
        boxes = self._boxes(left - len(script) - len(noise), passing)
        end = f"<script>{script}</script><script>{noise}</script></body></html>"
        return f"{begin}<aside class='l-aside'><ul>{boxes}</ul></aside></main>{_FOOTER}{end}"

    def _article(self, number: int, headline: str, paragraphs: list[str], at: datetime) -> str:
        author, lead = AUTHORS[number % len(AUTHORS)], _lead(paragraphs)
        given = enumerate(escape(text, quote=False) for text in paragraphs)
        body = "\n".join(f'<p class="a-paragraph" data-n="{n}">{_linked(text, n)}</p>' for n, text in given)
        return (
            f'<main id="main" class="l-main"><article class="o-article"><header class="o-article__header">'
            f'<span class="a-kicker">Politik</span><h1 class="a-headline">{escape(headline)}</h1><p class="a-lead">{escape(lead)}</p>'
            f'<div class="m-byline">Von <a rel="author" href="/autor/{number % len(AUTHORS)}">{author}</a> '
            f'<time datetime="{at.isoformat()}">{at:%d.%m.%Y, %H:%M} Uhr</time></div></header><figure><img src="/img/{number}.jpg" '
            f'alt="{self._word()}"><figcaption>{self._word()} in {self._word()}. © dpa/{author}</figcaption></figure>'
            f'<div class="o-article__body">{body}</div></article>'
        )

    def _head(self, host: int, number: int, headline: str, paragraphs: list[str], at: datetime) -> str:
        lead = _lead(paragraphs)
        about = {
            "@context": "https://schema.org", "@type": "NewsArticle", "headline": headline, "description": lead, "inLanguage": "de",
            "datePublished": at.isoformat(), "author": [{"@type": "Person", "name": AUTHORS[number % len(AUTHORS)]}],
            "publisher": {"@type": "NewsMediaOrganization", "name": f"Zeitung {host}"}, "image": [f"/img/{number}.jpg"],
        }  # fmt: skip
        return (
            f'<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>{escape(headline)} | Zeitung {host}</title>'
            f'<meta name="description" content="{escape(lead)}"><meta property="og:title" content="{escape(headline)}">'
            f'<meta property="og:type" content="article"><meta property="og:site_name" content="Zeitung {host}">'
            f'<meta property="article:published_time" content="{at.isoformat()}">'
            '<meta name="robots" content="index, max-image-preview:large">'
            f'<script type="application/ld+json">{json.dumps(about, ensure_ascii=False)}</script>'
            f"<style>{_STYLE}</style></head>"
        )

    def _navigation(self) -> str:
        links = "".join(f'<li class="m-nav__item"><a href="/{word}/">{word}</a></li>' for word in (self._word() for _ in range(60)))
        return f'<header class="l-header"><nav class="m-nav" aria-label="Ressorts"><ul>{links}</ul></nav></header>'

    def _boxes(self, size: int, passing: bool) -> str:
        """Teasers and icons until the page is heavy enough."""
        parts: list[str] = []
        length = 0
        while length < size:
            story = passing and not parts
            box = _BOX.format(
                size=self.chance.choice("sml"), n=len(parts) % 9, id=self.chance.randint(10**6, 10**7), word=self._word(),
                head=escape(self.prose.headline(story)), lead=escape(self.prose.sentence(story)),
            )  # fmt: skip
            parts.append(box + self.icons[len(parts) % len(self.icons)])
            length += len(parts[-1].encode())
        return "".join(parts)

    def _script(self, size: int) -> str:
        """What a bundle and its configuration look like to a parser: letters, braces, a comparison here and there."""
        parts: list[str] = []
        length = 0
        while length < size:
            a, b, n = self._word(), self._word(), self.chance.randint(1, 99999)
            parts.append(f'function {a}(e,t){{return e.{b}>t?{{"{b}":{n},"{a}":!0}}:window.{a}&&t("{b}-{n}")}}var {b}=[{n},"{a}"];')
            length += len(parts[-1])
        return "".join(parts)[:size]

    def _icon(self) -> str:
        numbers = (f"{self.chance.choice('MLCHVZ')}{self.chance.uniform(0, 24):.2f} {self.chance.uniform(0, 24):.2f}" for _ in range(45))
        return _ICON.format(path="".join(numbers))

    def _word(self) -> str:
        return self.chance.choice(self.words)


def _lead(paragraphs: list[str]) -> str:
    return paragraphs[0].split(". ")[0].removesuffix(".") + "."


def _linked(text: str, number: int) -> str:
    """Every third paragraph has a link in it, as newsrooms set them."""
    head, space, rest = text.partition(" ")
    return f'<a class="a-link" href="/thema/{number}">{head}</a>{space}{rest}' if number % 3 == 2 else text


_STYLE = "".join(f".o-teaser--{n}{{display:grid;grid-template-columns:{n}fr 1fr;margin:{n}px auto;color:#{n:06x}}}" for n in range(60))
_FOOTER = (
    '<footer class="l-footer"><ul><li><a href="/impressum">Impressum</a></li><li><a href="/datenschutz">Datenschutz</a></li>'
    '<li><a href="/kontakt">Kontakt</a></li><li><a href="/abo">Abo kündigen</a></li></ul><p>© Alle Rechte vorbehalten</p></footer>'
)

"""Lines of a page that are no part of its article: navigation, teasers, captions, appeals, end marks.

Both saved pages and the seed files (pages copied by hand) carry them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# A whole line that is furniture. Each begins and ends the line: a sentence that merely contains such words is news.
_FURNITURE = re.compile(
    r"""(?ix)^\W*(?:
    (?:\d+\.\s*)?startseite | (?:\d+\.\s*)?home | kommentare?\s*(?:drucken)? | kommentare?\s*\(?\d*\)? | drucken | teilen | merken
    | auch\ interessant | (?:das\ )?k[öo]nnte\ (?:dich|sie|euch)\ (?:auch\ )?interessieren.* | mehr\ zum\ thema.* | zum\ thema
    | (?:lesen\ sie|lies)\ (?:auch|dazu|mehr|hier)\b.{0,200}
    | lesetipps? | read\ (?:more|also)\b.{0,160} | related(?:\ articles?)? | anzeige | werbung
    | empfohlener\ (?:redaktioneller|externer)\ inhalt.* | externer\ inhalt.{0,80}
    | an\ dieser\ stelle\ finden\ sie.* | hier\ geht\ es\ zu[mr]?\b.*
    | .{0,40}newsletter.{0,120}(?:abonnieren|bestellen|anmelden|eintragen|sign\ up|subscribe).*
    | (?:jetzt\ )?(?:abonnieren|anmelden)\b.{0,80}
    | (?:folgen\ sie|folge)\ uns\b.* | fehler\ gefunden\W.*
    | (?:nach\ oben|zur\ startseite|vorlesen|artikel\ (?:anh[öo]ren|vorlesen|drucken|teilen).*)
    | (?:stand:?\s*)?(?:\w{2,10},?\s)?\d{1,2}\.\s?(?:\d{1,2}\.|\w{3,9})\s?\d{4}(?:[\s,|·–-]*\d{1,2}[:.]\d\d(?:\s?uhr)?)?
    | .{0,60}(?:gratis|kostenlos)\ in\ (?:ihr|dein)em\ postfach.{0,40}
    | advertisement | sign\ up\ for\b.{0,120} | share\ this\b.{0,60} | .{0,60}whats-?app-?kanal.{0,120} | quellen?:\s?[\w\s,./]{2,60}
    )\W*$"""
)
# A photo's credit closes its caption.
_CREDIT = re.compile(r"(?:©|\(c\)|\b(?:foto|bild|photo|image|picture|quelle)s?\s*:)\s*[^.!?]{2,80}$|\bgetty images\W*$", re.I)
MAX_CAPTION = 60  # words


def is_furniture(line: str) -> bool:
    """Whether a whole line is navigation, a teaser's label or an appeal."""
    return bool(_FURNITURE.match(line)) or not any(c.isalnum() for c in line)


def is_caption(block: str) -> bool:
    """Whether a block of one or more lines is a picture's caption: short, closed by a credit."""
    return bool(_CREDIT.search(block.strip())) and len(block.split()) <= MAX_CAPTION


def story_lines(lines: Iterable[str]) -> list[str]:
    """The lines that are the article's, in order."""
    return [line for line in lines if line.strip() and not is_furniture(line) and not is_caption(line)]

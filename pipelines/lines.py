"""Lines of a page that are no part of its article: navigation, teasers, captions, appeals, end marks.

Both saved pages and the seed files (pages copied by hand) carry them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# A whole line that is furniture. Each begins and ends the line: a sentence that merely contains such words is news.
_FURNITURE = re.compile(
    r"""(?ix)^\W{0,9}(?:
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
    | (?:>>|→|▶|►|➤|»|\+{3,})\s.{0,200} | mehr\ (?:dazu|hierzu)(?:\ ?[:>→]|\ (?:hier|lesen|erfahren|finden)\b).{0,160}
    | weiterlesen\b.{0,120} | lesezeit.{0,30} | \d{1,3}\ (?:min\.?|minuten)(?:\ lesezeit)?
    | (?:lesen\ sie|lest|lies)\ (?:den|das|die|hier)\ (?:original|ganzen?|vollständigen?|komplette[ns]?|gesamten?).{0,120}
    | (?:ihr\ )?kommentar\ (?:abgeben|schreiben|verfassen).{0,40} | (?:du\ musst|sie\ müssen)\ (?:dich|sich).{0,60}kommentar.{0,60}
    | (?:hier|jetzt)\ (?:klicken|weiterlesen|kostenlos|abonnieren)\b.{0,100}
    | .{0,80}(?:für\ später\ merken|merkliste|link\ kopier(?:en|t)).{0,40}
    | (?:auf\ )?(?:facebook|twitter|x|whatsapp|e-?mail|linkedin|xing|pocket|telegram|threads|bluesky|mastodon)(?:\ teilen|\ share)?
    | (?:dieser|der)\ (?:text|artikel|beitrag)\ (?:ist|erschien|wurde|stammt)\ (?:zuerst|zuvor|erstmals|ursprünglich)\b.{0,160}
    | (?:this\ (?:article|story)\ (?:was\ )?(?:first|originally)\ (?:appeared|published)).{0,160} | article\ content
    | story\ continues.{0,60}
    | (?:skip\ to|jump\ to|listen\ to\ this|watch\ now|play\ video|view\ (?:gallery|image|all)|subscribe\ (?:to|now)|already\ a\ subscriber)
        .{0,100}
    | (?:inhalt|karte|video|tweet|beitrag)\ (?:laden|anzeigen|entsperren).{0,80}
    | (?:mit|wir\ (?:benötigen|brauchen))\ (?:ihrer?|deiner?)\ (?:einwilligung|zustimmung)\b
        .{0,80}(?:inhalt|laden|angezeigt|extern|video|karte).{0,100}
    | .{0,60}personenbezogene\ daten.{0,40}(?:drittplattform|dritt).{0,120} | .{0,80}(?:ich\ bin\ damit\ einverstanden).{0,160}
    | (?:©|\(c\)|copyright)\W.{0,80} | .{0,40}alle\ rechte\ vorbehalten.{0,60} | .{0,40}all\ rights\ reserved.{0,60}
    | (?:published|updated|posted|last\ updated|veröffentlicht|aktualisiert|erstellt|publiziert)\W{1,3}.{0,10}\d.{0,50}
    | (?:[a-z]{3,9},?\ )?[a-z]{3,9}\.?\ \d{1,2},\ \d{4}(?:[\s,|·–-]{1,5}\d{1,2}[:.]\d\d.{0,20})?
    | \d{1,2}[:.]\d\d\ ?(?:[ap]\.?m\.?|uhr)(?:\ [a-z]{2,4})?
    | (?:this|dieser?)\ .{0,20}(?:automatisch|maschinell|automatically)\ (?:erstellt|übersetzt|translated).{0,160}
    | (?:link\ zum|den)\ [\w-]{3,20}-(?:inhalt|beitrag)(?:\ anzeigen)? | darum\ geht['’]?s | das\ wichtigste\ in\ kürze
    | (?:themen|tags|schlagwörter|ähnliche|etiketler|topics)\s?:
    | advertisement | sign\ up\ for\b.{0,120} | share\ this\b.{0,60} | .{0,60}whats-?app-?kanal.{0,120} | quellen?:\s?[\w\s,./]{2,60}
    )\W*$"""
)
# A photo's credit closes its caption.
_CREDIT = re.compile(
    r"(?:©|\(c\)|\b(?:foto|bild|photo|image|picture|quelle)s?\s*:)\s*[^.!?]{2,80}$|\bgetty images\W*$"
    r"|\((?:[^()]{0,30}\s)?(?:photo|foto|file|via)\b[^()]{2,60}\)\W*$",
    re.I,
)
# What a paper says for itself below an article: it speaks to the reader, and of reading on, paying or following.
_TO_YOU = re.compile(
    r"\b(?=[adefijostyADEFIJOSTY])(?:(?:Sie|Ihnen|Ihre?[nmrs]?)\b|"  # of one letter in two, before all are tried
    r"(?i:(?:du|dich|dir|deine?[nmrs]?|euch|folgst|abonnier\w*|testen?|join|follow|support|you|your|our)\b))|会員|ください"
)
_FOR_ITSELF = re.compile(
    r"(?i)\b(?:\w*abos?|abonn(?:ier|ent)\w*|newsletters?|whats-?app\w*|telegram-?kanal|probelesen|kostenlos\stesten|subscri(?:be|ption)\w*|"
    r"comment(?:ing|s)\s(?:forum|section)|inbox|get in touch|google play)\b|有料会員|キャンペーン"
)
# Each of these is news too ("Unterstützung", "Spenden"); an appeal has more than one.
_PERHAPS = re.compile(
    r"(?i)\b(spende|unterstütz|gratis|kostenlos|mitglied|genossenschaft|leser:?\*?innen|solidarität|journalismus|membership|donat|"
    r"conversations|journalism|appstore|verlag|zeitung)\w*"
)
# A whole line behind which only other articles, or words about the author, follow.
_END = re.compile(
    r"""(?ix)^\W{0,5}(?:
    (?:mehr|weitere)\ (?:zum|zu|aus|von|aktuelle|artikel|themen|nachrichten|meldungen|beiträge)\b.{0,60}
    | (?:das\ )?könnte\ (?:sie|dich)\ auch.{0,40}
    | more\ (?:from|on|about|stories|news)\b.{0,60} | related\ (?:stories|articles|topics|content|posts|news).{0,30}
    | you\ (?:may|might)\ (?:also\ )?(?:like|be).{0,40}
    | (?:most|meist)[\ -]?(?:read|popular|viewed|gelesen\w*|kommentiert\w*).{0,40}
    | recommended\ (?:for\ you|stories|reading|articles).{0,30} | (?:read|lesen)\ next.{0,30}
    | (?:über\ den|über\ die|zur|zum)\ autor(?:in|en)?.{0,40} | about\ the\ authors?.{0,40}
    | neueste\ (?:artikel|nachrichten|kommentare).{0,30}
    | empfehlungen.{0,40} | auch\ (?:interessant|lesenswert).{0,40} | top-?(?:artikel|themen|news).{0,30} | à\ lire\ aussi.{0,60}
    | leggi\ anche.{0,60} | lea\ también.{0,60}
    )\W{0,5}$"""
)
MAX_APPEAL = 1200  # characters; donation appeals run long
MAX_FURNITURE = 400  # characters; the longest line dropped on 84 real pages had 104
MAX_CAPTION = 60  # words


def is_furniture(line: str) -> bool:
    """Whether a whole line is navigation, a teaser's label or an appeal."""
    return (len(line) <= MAX_FURNITURE and bool(_FURNITURE.match(line))) or not any(c.isalnum() for c in line)


def is_end(line: str) -> bool:
    """Whether a whole line opens what stands below an article: other articles, the most read, words about the author."""
    return len(line) <= MAX_FURNITURE and not line.endswith((".", "!", "”", "“")) and bool(_END.match(line))


def is_appeal(line: str) -> bool:
    """Whether a line speaks for the paper itself: it asks the reader to subscribe, pay, follow, join. News quotes such
    sentences too, so this only counts at the end of a text."""
    if len(line) > MAX_APPEAL or line.startswith(('"', "„", "“", "«", "»")) or not _TO_YOU.search(line):
        return False
    return bool(_FOR_ITSELF.search(line)) or len({word.lower() for word in _PERHAPS.findall(line)}) > 1


def is_caption(block: str) -> bool:
    """Whether a block of one or more lines is a picture's caption: short, closed by a credit."""
    return len(block) < 4000 and len(block.split()) <= MAX_CAPTION and bool(_CREDIT.search(block.strip()))


def story_lines(lines: Iterable[str]) -> list[str]:
    """The lines that are the article's, in order."""
    return [line for line in lines if line.strip() and not is_furniture(line) and not is_caption(line)]

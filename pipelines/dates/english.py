"""English calendar words."""

from __future__ import annotations

import re

from pipelines.dates.lexicon import DAY, MONTH, YEAR, Lexicon, either, left_of, opening, token_of, words
from pipelines.dates.words import WEEKDAYS

_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_ROLES = words(
    """at:= on in at during over around about as_early_as as_late_as as_soon_as as_recently_as for throughout | span:= from
    | from:= since starting beginning | until:= by until till through | between:= between | before:= before after than nearly almost some
    | filler:= the of year_of the_year | adverb:= earlier later | of_year:= year years
    | last:= last | this:= this | next:= next coming
    | begin:= early start mid- | mid:= mid middle | end:= late end
    | night:= overnight_into overnight_to
    | veto:= every each past following same that previous recent one another any
    | nth:1:= first | nth:2:= second | nth:3:= third | nth:4:= fourth
    """
)
_ROLES.pop("mid-")
_UNITS = {"weekend": "weekend", "week": "week", "month": "month", "year": "year", "quarter": "quarter", "half": "half"}
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
_RELATIVE = {
    "the day before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "the day after tomorrow": 2,
}  # fmt: skip
_PART = r"(?:morning|afternoon|evening|night|noon)"
_DAYS = either(day for day in WEEKDAYS if day.endswith("day"))
_NTH = r"(?:st|nd|rd|th)?"
_JOIN = r"(?:\s?[-–]\s?|\s(?:to|and|or|through)\s)(?:the\s)?"
_OPENING = opening(_DAYS.split("|"), _RELATIVE, _UNITS, _SEASONS, _COUNTS, ("quarter",))

ENGLISH = Lexicon(
    core=re.compile(
        rf"{_OPENING}(?:(?P<iso>(?<![\d-]){YEAR}-\d\d-\d\d(?![\d-]))"
        rf"|(?P<numeric>(?<![\d.,/]){DAY}\.(?:0?[1-9]|1[0-2])\.{YEAR}(?!\d))"
        rf"|(?P<hour>(?<![\d.,:$£-])(?:0?[1-9]|1[0-2]))(?:[.:](?P<minute>[0-5]\d))?\s?(?P<half>[ap]\.m\.|[ap]m\b)"
        rf"|(?P<clock>(?<![\d.,:$£-])(?:[01]\d|2[0-3]):[0-5]\d(?![\d:]))"
        rf"|(?P<days>(?<![\d.,$£-]){DAY}{_NTH}(?:{_JOIN}{DAY}{_NTH}){{0,5}})\s(?:of\s)?(?P<month>{MONTH})\.?(?![\w-])"
        rf"|(?P<month2>{MONTH})\.?\s(?P<days2>{DAY}{_NTH}(?:{_JOIN}{DAY}{_NTH}(?![\d,:]\d|\d|\s?[ap]\.?m)){{0,5}})(?![\w%]|[.:,]\d)"
        rf"|(?P<only>{MONTH})\.?(?![\w-])"
        rf"|(?P<weekday>{_DAYS})(?![\w-])(?:\s{_PART}(?!\w))?"
        rf"|(?P<relative>{either(_RELATIVE)})(?![\w’'-])(?:\s{_PART}(?!\w))?"
        rf"|q(?P<nth>[1-4])(?![\w-])"
        rf"|(?P<ago>{either(_COUNTS)}|\d{{1,3}})\s(?P<per>day|week|month|year)s?\sago(?!\w)"
        rf"|(?P<unit>{either(_UNITS)})(?![\w-])"
        rf"|(?P<season>{either(_SEASONS)})(?![\w-])"
        rf"|(?<![\d.,/:+$£-])(?P<opens>{YEAR})[–-](?P<closes>{YEAR})(?![\w–-]|[.,:/]\d)"
        rf"|(?P<year>(?<![\d.,/:+$£])(?<!(?<!mid)-){YEAR}(?![\w]|[.,:/-]\d|-\w)))"
    ),
    left=left_of({*_ROLES, *_COUNTS}),
    token=token_of({*_ROLES, *_COUNTS}),
    roles={**{word: f"count:{n}" for word, n in _COUNTS.items()}, **_ROLES},
    tail_year=re.compile(
        rf"(?:,?\s(?:of\s)?(?P<year>{YEAR})(?P<twin>[/-](?:\d\d|{YEAR})(?!\d))?(?![\w]|[.,:/-]\d)"
        r"|,?\s(?:of\s)?(?:the\s)?(?:(?P<last>last|previous)|(?P<this>this)|(?P<next>next))\syear(?!\w)|(?P<previous>(?!)))"
    ),
    tail_week=re.compile(r"\s(?:of\s)?(?:(?P<last>last)|(?P<this>this)|(?P<next>next))\sweek(?!\w)|(?P<previous>(?!))"),
    units=_UNITS,
    seasons=_SEASONS,
    relative=_RELATIVE,
    joins={"and": "and", "or": "and", "to": "to", "through": "to", "until": "to", "–": "to", "-": "to", "into": "night"},
    month_first=True,
    bare_weekdays=True,
    past=re.compile(
        r"\b(?<!\bbe\s)(?!(?:need|speed|indeed|expected|scheduled|planned|united|armed|feed|breed|proceed|exceed|succeed|supposed|due)\b)[a-z]{2,30}ed\b"
        r"|\b(?<!\bbe\s)(?:was|were|had|has|have|said|says|told|met|went|came|took|made|gave|saw|began|ran|sent|left|held|wrote|spoke|struck|hit|"
        r"set off|fell|found|brought|bought|rose|led|put|got|flew|shot|fought|became|kept|knew|sat|lost|won|according)\b"
    ),
    future=re.compile(
        r"\b(?:will|shall|would|could|may|might|should|can|is to|are to|due|set for|set to|expected|scheduled|planned|plans|plan|"
        r"planning|going to|about to|slated|supposed|aims|hopes|intends|must|ahead of)\b|[’']ll\b"
    ),
    split=re.compile(r"[,;:()“”\"–—\n]|(?<=\s)-(?=\s)"),
    papers=re.compile(r"(?:mail|post|express|star|record|scotland|business|independent)\son\s\Z"),
    nouns_counted=re.compile(
        r"\s(?:(?!the\b|a\b|its\b|their\b|and\b|when\b|as\b|with\b)[a-z]{1,20}\s){0,2}?(?:troops|men|people|tons|tonnes|containers|shells|rounds|soldiers|missiles|tanks|drones|rockets|workers|miles|"
        r"kilometers|kilometres|meters|metres|dollars|euros|pounds|percent|barrels|fans|trucks|cars|times|crates|pieces|fighters|"
        r"million|billion|mm)\b|%"
    ),
    counts=_COUNTS,
)

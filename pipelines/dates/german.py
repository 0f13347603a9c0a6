"""German calendar words."""

from __future__ import annotations

import re

from pipelines.dates.lexicon import DAY, MONTH, YEAR, Lexicon, declined, either, left_of, opening, token_of, words
from pipelines.dates.words import WEEKDAYS

_COUNTS = {
    "einem": 1, "einer": 1, "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "elf": 11, "zwölf": 12,
}  # fmt: skip
_ROLES = words(
    f"""at:= am an im in zum zu zur um gegen aus für gegenüber auf beim laut übers | span:= vom von | from:= seit ab | until:= bis
    | between:= zwischen | before:= vor nach kurz_vor kurz_nach über mehr_als rund knapp etwa fast
    | filler:= der dem den des die das {declined("spät", "früh")} noch schon erst spätestens bereits laufe verlauf
    | of_year:= jahr jahre jahren jahres
    | last:= {declined("vergangen", "letzt", "vorig", "verflossen")} | this:= {declined("dies", "laufend")}
    | next:= {declined("kommend", "nächst")}
    | begin:= anfang beginn | mid:= mitte | end:= ende
    | today:= heutigen | yesterday:= gestrigen | tomorrow:= morgigen | night:= nacht
    | veto:= {declined("jed", "folgend", "darauffolgend", "gleich", "selb", "einig", "ein", "manch", "jen", "drauffolgend")} für weiten
      halben demselben vorvergangenen vorletzten übernächsten
    | nth:1:= {declined("erst")} | nth:2:= {declined("zweit")} | nth:3:= {declined("dritt")} | nth:4:= {declined("viert")}
    """
)
_UNITS = {
    "wochenende": "weekend", "wochenendes": "weekend", "woche": "week", "vorwoche": "week-", "monat": "month", "monats": "month",
    "vormonat": "month-", "vormonats": "month-", "jahr": "year", "jahres": "year", "vorjahr": "year-", "vorjahres": "year-",
    "jahresende": "year>", "jahresbeginn": "year<", "jahresanfang": "year<", "jahresmitte": "year=", "monatsende": "month>",
    "monatsanfang": "month<", "monatsbeginn": "month<", "monatsmitte": "month=",
    "quartal": "quarter", "quartals": "quarter", "halbjahr": "half", "jahreshälfte": "half",
    "heuer": "year0",
}  # fmt: skip
_SEASONS = {"frühjahr": 21, "frühling": 21, "sommer": 22, "herbst": 23, "winter": 24}
_RELATIVE = {"vorgestern": -2, "gestern": -1, "heute": 0, "morgen": 1, "übermorgen": 2}
_PART = r"(?:abend|morgen|vormittag|nachmittag|mittag|nacht|früh)"
_DAYS = either(day for day in WEEKDAYS if day.endswith(("tag", "woch", "abend")))
_JOIN = r"(?:\s?[-–/]\s?|,\s|\s(?:und|bis|auf|sowie|oder)\s)(?:zum\s|de[mn]\s|am\s|vom\s)?"
_OPENING = opening(_DAYS.split("|"), _RELATIVE, _UNITS, _SEASONS, ("quartal", "vor"))

GERMAN = Lexicon(
    core=re.compile(
        rf"{_OPENING}(?:(?P<iso>(?<![\d-]){YEAR}-\d\d-\d\d(?![\d-]))"
        rf"|(?P<numeric>(?<![\d.,/]){DAY}\.\s?(?:0?[1-9]|1[0-2])\.(?:\s?{YEAR}(?!\d)|\d\d(?![\d.])|(?!\d)))"
        rf"|(?P<days>(?<![\d.,]){DAY}\.?(?:{_JOIN}{DAY}\.){{0,5}})\s?(?P<month>{MONTH})\.?(?![\w-])"
        rf"|(?P<hour>(?<![\d.,:-])(?:[01]?\d|2[0-4]))(?:[.:](?P<minute>[0-5]\d))?\s?uhr(?!\w)"
        rf"|(?P<clock>(?<![\d.,:-])(?:[01]\d|2[0-3]):[0-5]\d(?![\d:]))"
        rf"|(?P<only>{MONTH})(?:(?<=\w{{5}})s|\.)?(?![\w-])"
        rf"|(?P<weekday>{_DAYS})(?P<dayparted>{_PART})?(?![\w-])(?:\s{_PART}(?!\w))?"
        rf"|(?P<relative>{either(_RELATIVE)})(?![\w-])(?:\s{_PART}(?!\w))?"
        rf"|q(?P<nth>[1-4])(?![\w-])"
        rf"|vor\s(?P<ago>{either(_COUNTS)}|\d{{1,3}})\s(?P<per>tag|woche|monat|jahr)(?:e?n)?(?!\w)"
        rf"|(?P<unit>{either(_UNITS)})(?![\w-])"
        rf"|(?P<season>{either(_SEASONS)})s?(?![\w-])"
        rf"|(?<![\d.,/:+-])(?P<opens>{YEAR})[–-](?P<closes>{YEAR})(?![\w–-]|[.,:/]\d)"
        rf"|(?P<year>(?<![\d.,/:+-]){YEAR}(?![\w]|[.,:/-]\d|-\w)))"
    ),
    left=left_of({*_ROLES, *_COUNTS}),
    token=token_of({*_ROLES, *_COUNTS}),
    roles={**_ROLES, **{word: f"count:{n}" for word, n in _COUNTS.items() if word not in _ROLES}},
    tail_year=re.compile(
        rf"(?:\s(?:des\sjahres\s)?(?P<year>{YEAR})(?P<twin>/(?:\d\d|{YEAR})(?!\d))?(?![\w]|[.,:/-]\d)"
        r"|\s(?:des\s)?(?:(?P<last>vergangenen|letzten|vorigen)|(?P<this>dieses|laufenden)|(?P<next>kommenden|nächsten))\sjahres(?!\w)"
        r"|\s(?P<previous>des\svorjahres)(?!\w))"
    ),
    tail_week=re.compile(
        r",?\s(?:in\s)?(?:der\s)?(?:(?P<last>(?:vergangene|letzte|vorige)[rn])|(?P<this>diese[rn]?|laufende[rn])|"
        r"(?P<next>(?:kommende|nächste)[rn]))\swoche(?!\w)|\s(?P<previous>der\svorwoche)(?!\w)"
    ),
    units=_UNITS,
    seasons=_SEASONS,
    relative=_RELATIVE,
    joins={"und": "and", "sowie": "and", "oder": "and", "bis": "to", "–": "to", "-": "to", "auf": "night", "auf den": "night"},
    month_first=False,
    bare_weekdays=False,
    past=re.compile(
        # A preterite ends in -te; what else does so is no verb or is a wish.
        r"\b(?!(?:heute|letzte|erste|zweite|dritte|vierte|fünfte|sechste|könnte|könnten|sollte|sollten|möchte|möchten|dürfte|dürften|"
        r"müsste|müssten|beste|rechte|weite|weiten|zweiten|dritten|ersten|letzten|vierten|fünften|gute|guten|breite|späte|späten|"
        r"alte|alten|harte|harten|bekannte|bekannten|leichte|leichten|bitte|mitte|hunderte"
        r")\b)(?!ge[a-zäöüß]+te)[a-zäöüß]{2,30}(?:te|ten)\b(?<!ste)(?<!sten)(?<!ßte)(?<!ßten)(?<!chaften)(?<!eiten)"
        r"|\b(?:gehör|gelang|genehmig|gewähr|reis|muss|wuss|lös|fass|pass|stürz)ten?\b"
        r"|\b(?:war|waren|wurde|wurden|worden|gewesen|hat|haben|habe|hätten|hätte|ist|sind|sei|seien|gab|gaben|kam|kamen|ging|"
        r"gingen|nahm|nahmen|traf|trafen|sprach|sprachen|warf|warfen|stieg|stiegen|fiel|fielen|ließ|ließen|liess|hieß|hiess|"
        r"schrieb|schrieben|stand|standen|fand|fanden|begann|begannen|blieb|blieben|rief|riefen|wies|wiesen|schwieg|lag|lagen|"
        r"lief|liefen|hielt|hielten|trat|traten|zog|zogen|verließ|bestritt|entschied|wich|sah|sahen|griff|griffen|schoss|"
        r"schlug|trug|trugen|erhielt|empfing|unterschrieb|stritt|räumten|entstanden|zufolge|laut)\b|(?:^|[„“\"\s])so\s(?:der|die|das|[A-ZÄÖÜ])"
    ),
    future=re.compile(
        r"\b(?:wird|werden|werde|würde|würden|soll|sollen|solle|will|wollen|wolle|könnte|könnten|dürfte|dürften|möchte|möchten|"
        r"geplant\w{0,2}|vorgesehen\w{0,2}|angesetzt\w{0,2}|erwartet\w{0,2}|bevorsteh\w*|ansteh\w*|beginnt|startet|reist|tagt|berät|stattfinden|bevorstehen|muss|müssen|"
        r"müsse|rechne[tn]?(?=[^.;\n]{0,60}\b(?:da)?mit\b)|hofft|hoffen|plant|planen|endet|empfängt|frühestens|spätestens)\b"
        r"|\b(?:finde[tn]|steh(?:t|en))\b[^.,;:\n]{0,80}\b(?:statt|an|bevor)\b"
    ),
    split=re.compile(r"[,;:()«»„“”–—\n]|(?<=\s)-(?=\s)"),
    papers=re.compile(
        r"(?:straße|strasse|platz|allee|brücke|bewegung)\s(?:de[sr]\s)?\Z|(?:bild|welt|nzz|zeit|presse|kurier|post|sport|heute)\s\Z"
    ),
    nouns_counted=re.compile(
        r"\s(?:(?!d(?:er|ie|en)\b|\w*eine[nr]?\b)[a-zäöüß]{1,20}(?:e|en|er)\s){0,2}(?:\w{0,30}(?:soldaten|container|granaten|panzer|raketen|drohnen|geschosse|schuss|kisten|waggons|tonnen|menschen|mann|"
        r"arbeiter|pioniere|kräfte|truppen|männer|frauen|kämpfer|systeme|stück|kilometer|meter|millimeter|euro|franken|dollar|"
        r"rubel|won|prozent|fass|liter|personen|zuschauer|lastwagen|züge|fälle|teilnehmer|millionen|milliarden|mal|uhr|grad|einheiten)\b|[%€$£])"
    ),
    counts=_COUNTS,
)

"""How German counts."""

from __future__ import annotations

from pipelines.figures.grammar import Grammar, hedges, phrases

_ONES = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_TEENS = ("zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn")
_TENS = ("zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")


def _german_below_1000() -> dict[str, int]:
    small = {word: n for n, word in enumerate(("", *_ONES, *_TEENS))}
    for ten, tens in enumerate(_TENS, 2):
        small[tens] = ten * 10
        small |= {f"{one}und{tens}": ten * 10 + n for n, one in enumerate(_ONES, 1)}
    hundreds = {"": 0, "hundert": 100} | {f"{one}hundert": n * 100 for n, one in enumerate(_ONES, 1)}
    return {f"{head}{tail}": high + low for head, high in hundreds.items() for tail, low in small.items()}


def _german_numbers() -> dict[str, float]:
    below = _german_below_1000()
    numbers: dict[str, float] = {word: n for word, n in below.items() if n > 1 and word not in ("hundert", "einhundert")}
    numbers |= {f"{word}tausend": n * 1000 for word, n in below.items() if word}
    numbers |= {f"{one}einhalb": n + 0.5 for n, one in enumerate(("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben"), 1)}
    numbers |= {"anderthalb": 1.5, "zwo": 2, "einhundert": 100, "viertelmillion": 250_000, "dreiviertelmillion": 750_000}
    numbers |= {f"{head}hundert": n * 100 for n, head in enumerate(_TEENS, 10) if n > 10}  # "fünfzehnhundert Mann"
    return numbers | {word.replace("ß", "ss"): n for word, n in numbers.items() if "ß" in word}


GERMAN = Grammar(
    decimal=",",
    nouns_are_capital=True,
    reach=12,  # "9.000 zum größten Teil mit Lebensmitteln und Treibstoff gefüllte Container": 9 words
    ellipsis=True,
    numbers=_german_numbers(),
    scales={
        "dutzend": 12,
        "hundert": 100,
        "tausend": 1000,
        "zehntausend": 10**4,
        "hunderttausend": 10**5,
        "million": 10**6,
        "millionen": 10**6,
        "mio": 10**6,
        "milliarde": 10**9,
        "milliarden": 10**9,
        "mrd": 10**9,
        "billion": 10**12,
        "billionen": 10**12,
    },
    bare=phrases("hundert tausend"),
    vague={
        "dutzende": 12,
        "dutzenden": 12,
        "hunderte": 100,
        "hunderten": 100,
        "aberhunderte": 100,
        "tausende": 1000,
        "tausenden": 1000,
        "abertausende": 1000,
        "zehntausende": 10**4,
        "zehntausenden": 10**4,
        "hunderttausende": 10**5,
        "hunderttausenden": 10**5,
        "millionen": 10**6,
        "milliarden": 10**9,
    },
    fractions={"halbe": 0.5, "halben": 0.5, "halbes": 0.5, "dreiviertel": 0.75, "viertel": 0.25},
    articles=phrases("ein eine einen einem einer eines"),
    several=phrases("mehrere mehreren mehrerer"),
    few=phrases("paar einige einigen einiger etliche etlichen wenige wenigen viele vielen"),
    ranges=phrases("bis oder"),
    between=phrases("zwischen"),
    joins=phrases("und"),
    partitive=phrases("von der dieser"),
    hedges=hedges(
        about="rund etwa circa ca zirka ungefähr um_die an_die gegen in_etwa schätzungsweise geschätzt geschätzte geschätzten grob"
        " annähernd um_etwa_die",
        at_least="mindestens zumindest wenigstens nicht_weniger_als minimal",
        more_than="mehr_als über gut übersteigt übersteigen überstieg überschritt überschreitet",
        up_to="bis_zu höchstens maximal nicht_mehr_als allenfalls bis_an_die",
        under="knapp fast beinahe nahezu weniger_als unter nicht_ganz keine kaum",
    ),
    after=hedges(at_least="oder_mehr und_mehr +", up_to="oder_weniger"),
    copulas=phrases("sind waren wurden werden seien wären worden"),
    shares=phrases("von in aus"),
    more=phrases("mehr weniger"),
    than=phrases("als"),
    fillers=phrases("noch nur weitere weiteren insgesamt zusätzliche zusätzlichen nochmals bereits schon"),
    governors={
        "über": phrases(
            "verfügt verfügen verfüge verfügte verfügten bericht berichte berichten berichtet berichtete berichteten spricht"
            " sprach sprachen angaben informationen meldung meldungen streit vertrag verträge abkommen vereinbarung kontrolle kommando"
        )
    },
    openers=phrases(
        "mit von aus für in im an am auf bei beim zu zum zur nach vor durch gegen ohne über unter seit während wegen der die das dem den"
        " des dieser diese diesen ihre ihrer ihren seine seiner seinen deren dessen eines einer einem"
    ),
    stops=phrases(
        "ist sind war waren wird werden wurde wurden hat haben hatte hatten habe hätten sei seien soll sollen sollte sollten kann können"
        " könnte könnten will wollen es sie er man und oder aber sondern sowie als wie dass weil wenn ob je pro noch nicht auch täglich"
        " gewesen worden darunter davon"
    ),
    pronouns=phrases("ihnen davon"),
    whole=phrases("der den dieser diesen jener"),
    toward=phrases("auf"),
    elliptic=phrases(
        "auf von es noch nur weitere weiteren erst zuletzt darauf dann inzwischen derzeit mittlerweile heute jetzt bereits schon sonst"
        " insgesamt nun später zunächst zuvor anfangs sogar zahl nochmals bei anfänglich vorher mal gar"
        " anderen andere sind waren seien wären"
    ),
    year=phrases(
        "in im seit ende anfang mitte jahr jahre jahres frühjahr frühling sommer herbst winter ab bis um vor nach januar jänner februar"
        " märz april mai juni juli august september oktober november dezember die der den und"
    ),
    labels=phrases(
        "seite seiten nummer nr artikel resolution absatz paragraf paragraph kapitel pier kaliber typ typs modell phase platz rang alter"
        " alters minute punkt halle gleis block zimmer tel telefon"
    ),
    measures=phrases("mm cm m km kg g l h kn min sek prozent uhr jahre jahren km/h"),
)

"""How English counts."""

from __future__ import annotations

from pipelines.figures.grammar import Grammar, hedges, phrases


def _english_numbers() -> dict[str, float]:
    teens = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    ones = "one two three four five six seven eight nine".split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    numbers: dict[str, float] = {word: n for n, word in enumerate([*ones, *teens], 1)}
    for ten, word in enumerate(tens, 2):
        numbers[word] = ten * 10
        numbers |= {f"{word}-{one}": ten * 10 + n for n, one in enumerate(ones, 1)}
    return numbers


ENGLISH = Grammar(
    decimal=".",
    ellipsis=True,
    numbers=_english_numbers(),
    scales={
        "dozen": 12,
        "dozens": 12,
        "score": 20,
        "hundred": 100,
        "thousand": 1000,
        "million": 10**6,
        "billion": 10**9,
        "trillion": 10**12,
        "mn": 10**6,
        "bn": 10**9,
    },
    vague={"tens": 10, "dozens": 12, "scores": 20, "hundreds": 100, "thousands": 1000, "millions": 10**6, "billions": 10**9},
    fractions={"half": 0.5, "three-quarters": 0.75, "quarter": 0.25},
    articles=phrases("a an one"),
    several=phrases("several"),
    few=phrases("few couple some many"),
    ranges=phrases("to or"),
    between=phrases("between"),
    joins=phrases("and"),
    partitive=phrases("of"),
    hedges=hedges(
        about="about around roughly some approximately circa an_estimated estimated in_the_region_of on_the_order_of in_the_order_of",
        at_least="at_least no_fewer_than no_less_than not_less_than not_fewer_than a_minimum_of minimum",
        more_than="more_than over upward_of upwards_of in_excess_of above greater_than north_of exceed exceeds exceeded exceeding"
        " topped surpassed",
        up_to="up_to as_many_as as_much_as at_most no_more_than not_more_than a_maximum_of maximum",
        under="nearly almost under fewer_than less_than below close_to just_shy_of shy_of",
    ),
    after=hedges(at_least="or_more and_more + -_plus", about="or_so give_or_take", up_to="or_fewer or_less"),
    copulas=phrases("are were have been had being"),
    shares=phrases("of in out"),
    more=phrases("more fewer less"),
    than=phrases("than"),
    fillers=phrases("another additional further other only just"),
    governors={
        "over": phrases(
            "hand handed handing hands turn turned turning give gave given take took taken sign signed bring brought carry carried"
        )
    },
    openers=phrases("the a an this these those his her its their our of in on at from for with by to into near across"),
    stops=phrases(
        "is are was were be been has have had will would could may might can should shall and or but as that which who when while where if"
        " than not it they he she we i you per each in on at from for with by to into near across until before after since during"
        " came come went left fell died fought arrived made took gave said says began held flew flies set ago apiece down up alone away"
        " later earlier last next yesterday today there so already"
    ),
    pronouns=phrases("them those"),
    whole=phrases("the those these"),
    elliptic=phrases(
        "to from been be were was is are another then now only just further additional reached hit totaled totalled total least another"
        " already initially others other"
    ),
    year=phrases(
        "in since by late early mid until before after during through from the of year january february march april may june july august"
        " september october november december spring summer autumn fall winter and"
    ),
    labels=phrases(
        "page pages number no article resolution paragraph chapter pier calibre caliber type model phase rank age aged section point hall"
        " track room channel route highway unit minute"
    ),
    measures=phrases("mm cm m km kg percent cent per p.m a.m pm am o'clock th st nd rd"),
)

"""The story file: its facets, compiled to one automaton that finds every term of a text in one pass."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.anchors import Anchors
from pipelines.terms import Terms, spellings

NO_UNIT = "-"  # what `unlike` words stand for in `Story.units`
UNLESS = "|"  # `people` stand there for "soldier|casualty|worker": soldiers, unless the sentence says what else they are


class StoryError(ValueError):
    """The story file is wrong: says which file, which key, what was found."""


def time_zone(name: str) -> str:
    """The name of a time zone that exists; a ValueError for any other."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{name}" is not a time zone; write it as Europe/Berlin') from None
    return name


def _term(term: str) -> str:
    if not term.strip("* ") or "*" in term.strip("*"):
        raise ValueError(f'{term!r} is not a term; "*" may stand only at its ends')
    return term


Term = Annotated[str, AfterValidator(_term)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Strict):
    """From which score on a text is on the story, and from which on it mentions it."""

    on_story: float = Field(gt=0, le=1)
    mention: float = Field(gt=0, le=1)


class Facet(_Strict):
    """One side of the story. Parties and matter must come together, a link ties them, a neighbour is another story, a witness reports.

    Terms by language.
    """

    id: str = Field(min_length=1)
    role: Literal["party", "matter", "link", "neighbour", "witness"]
    terms: dict[str, list[Term]] = Field(min_length=1)
    weak: dict[str, list[Term]] = {}


class Quantity(_Strict):
    """What the story counts in one unit: its words by language, and words that look like one and count something else.

    `people` are words for who is counted in this unit `unless` the sentence calls them what another unit counts: 3,000 "North Koreans".
    """

    unit: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    words: dict[str, Annotated[list[Term], Field(min_length=1)]] = Field(min_length=1)
    unlike: dict[str, list[Term]] = {}
    people: dict[str, list[Term]] = {}
    unless: list[str] = []


def _each_once(quantities: list[Quantity]) -> list[Quantity]:
    units = [quantity.unit for quantity in quantities]
    for unit in units:
        if units.count(unit) > 1:
            raise ValueError(f"{unit!r} is given twice as a unit; put its words together")
    if strange := [other for quantity in quantities for other in quantity.unless if other not in units]:
        raise ValueError(f"{strange[0]!r} under `unless` is no unit; the units are {', '.join(units)}")
    return quantities


class _File(_Strict):
    title: str = Field(min_length=1)
    summary: str
    since: date
    desk_timezone: Annotated[str, AfterValidator(time_zone)]
    languages: list[str] = Field(min_length=1)
    agencies: list[str]
    thresholds: Thresholds
    facet: list[Facet] = Field(min_length=2)
    quantity: Annotated[list[Quantity], AfterValidator(_each_once)] = []

    @model_validator(mode="after")
    def _starts_with_a_party(self) -> _File:
        if self.facet[0].role != "party":
            raise ValueError('the first facet must have role "party": pages that never name it are not even parsed')
        return self


@dataclass(frozen=True)
class Story:
    """What makes a text part of the story."""

    title: str
    summary: str
    since: date
    desk_timezone: str
    languages: tuple[str, ...]
    agencies: tuple[str, ...]
    thresholds: Thresholds
    facets: tuple[Facet, ...]
    sha: str
    terms: Terms = field(repr=False, compare=False)
    first_party: Terms = field(repr=False, compare=False)
    anchors: Anchors = field(repr=False, compare=False)  # of the first party
    quantities: tuple[Quantity, ...] = ()
    units: Mapping[str, Terms] = field(default_factory=dict, repr=False, compare=False)  # by language: a facet is a unit

    @cached_property
    def core(self) -> frozenset[str]:
        """The facets that must come together: parties and matter."""
        return self._of("party", "matter")

    @cached_property
    def matter(self) -> frozenset[str]:
        """The facets of what it is about."""
        return self._of("matter")

    @cached_property
    def links(self) -> frozenset[str]:
        """The facets that tie the core together."""
        return self._of("link")

    @cached_property
    def listed(self) -> frozenset[str]:
        """The facets of which two make a listing worth a fetch."""
        return self._of("party", "matter", "witness")

    @cached_property
    def neighbours(self) -> frozenset[str]:
        """The facets of other stories."""
        return self._of("neighbour")

    @cached_property
    def told(self) -> frozenset[str]:
        """The facets that speak for the story."""
        return self.core | self.links

    def _of(self, *roles: str) -> frozenset[str]:
        return frozenset(facet.id for facet in self.facets if facet.role in roles)

    @property
    def party(self) -> str:
        """The facet without which nothing is on the story."""
        return self.facets[0].id


def load_story(path: Path | str) -> Story:
    """Read and compile a story file.

    Raises:
        StoryError: naming file, key and what was found.
    """
    try:
        return _compiled(Path(path).read_bytes(), Path(path))
    except OSError as error:
        raise StoryError(f"{path}: cannot be read ({error.strerror}); set STORY to a story file") from None


@lru_cache(maxsize=4)  # a run asks for it three times
def _compiled(raw: bytes, path: Path) -> Story:
    try:
        parsed = _File.model_validate(tomllib.loads(raw.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StoryError(f"{path}: is not TOML: {error}") from None
    except ValidationError as error:
        raise StoryError("\n".join(f"{path}: {line}" for line in explain(error))) from None
    return Story(
        title=parsed.title,
        summary=parsed.summary,
        since=parsed.since,
        desk_timezone=parsed.desk_timezone,
        languages=tuple(parsed.languages),
        agencies=tuple(parsed.agencies),
        thresholds=parsed.thresholds,
        facets=tuple(parsed.facet),
        sha=hashlib.sha256(raw).hexdigest()[:12],
        terms=Terms(parsed.facet),
        first_party=Terms(parsed.facet[:1]),
        anchors=_anchors(parsed.facet[0]),
        quantities=tuple(parsed.quantity),
        units=_units(parsed.quantity),
    )


def _anchors(facet: Facet) -> Anchors:
    strong, weak = ([form for terms in said.values() for term in terms for form in spellings(term)] for said in (facet.terms, facet.weak))
    return Anchors(strong, weak)


def _units(quantities: Iterable[Quantity]) -> dict[str, Terms]:
    """The unit words of each language, compiled. Languages are kept apart, for short words mean different things."""
    facets: dict[str, list[Facet]] = {}
    for quantity in quantities:
        people = UNLESS.join((quantity.unit, *quantity.unless))
        for unit, by_language in ((quantity.unit, quantity.words), (NO_UNIT, quantity.unlike), (people, quantity.people)):
            for language, words in by_language.items():
                facets.setdefault(language, []).append(Facet(id=unit, role="matter", terms={language: words}))
    return {language: Terms(listed) for language, listed in facets.items()}


def explain(error: ValidationError) -> Iterator[str]:
    """Each fault as `key: what was found, what is wanted`."""
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"]) or "the file"
        message = fault["msg"].removeprefix("Value error, ")
        found = "" if fault["type"] in ("missing", "value_error") else f", found {fault['input']!r}"[:120]
        yield f"{where}: {message}{found}"

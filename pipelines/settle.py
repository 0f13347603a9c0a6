"""What an article is to all others: copies, independent reports of one event, sentences nobody had before.

Every answer is a function of the set of earlier texts, so the order of filing leaves no trace; when an earlier text
comes late, whatever shares words with it is judged anew.
"""

from __future__ import annotations

from array import array
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeVar

from pipelines.article import Article
from pipelines.duplicates import ORIGINAL, Words, by_an_editors_word, closest, fingerprints, judge
from pipelines.novelty import KINSHIP, Said, Told, kinship, status
from pipelines.novelty.meaning import gists
from pipelines.store import Store
from pipelines.store.index import POSTINGS
from pipelines.text import hashed, tokens

K = TypeVar("K")
V = TypeVar("V")
REMEMBERED = 150  # texts kept ready for comparing, 20 MB; wires are copied within hours, and 400 are no faster


class Recent(OrderedDict[K, V]):
    """What was asked for last."""

    def keep(self, key: K, value: V) -> V:
        """Let a value be the latest; the oldest goes."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > REMEMBERED:
            self.popitem(last=False)
        return value


class Sources(NamedTuple):
    """The earlier texts that share words with an article, and those of them worth a close look."""

    shared: dict[int, set[int]]
    near: list[int]

    def were_without(self, come: int) -> bool:
        """Whether they are what they were before an article came, but for that one."""
        if come not in self.shared:
            return True
        if any(sum(value in values for values in self.shared.values()) >= POSTINGS for value in self.shared[come]):
            return False  # it may have taken another's place in the index
        return {*closest({text: values for text, values in self.shared.items() if text != come})} == {*self.near} - {come}


class Settler:
    """Judges articles of a store. The boilerplate of each outlet stays what it was when this began."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.index = store.memory.index
        self.boilerplate = self.index.boilerplate()
        self._words: Recent[tuple[int, bytes, str], Words] = Recent()
        self._told: Recent[tuple[int, str], Told] = Recent()

    def furniture(self, outlet: str | None) -> frozenset[int]:
        """The keys of the sentences that an outlet prints under its articles."""
        return self.boilerplate.get(outlet or "", frozenset())

    def without_furniture(self, article: Article) -> Article:
        """An article whose words and fingerprints are its own alone."""
        furniture = self.furniture(article.outlet)
        kept = [sentence.text for sentence in article.sentences if sentence.key not in furniture]
        if len(kept) == len(article.sentences):
            return article
        words = tokens("\n".join(kept))
        return replace(article, tokens=hashed(words), fingerprints=tuple(fingerprints(words)))

    def settle(self, id_: int, now: datetime, *, new: bool, filing: bool = False, also: Iterable[int] = ()) -> None:
        """Judge an article by what is earlier, and anew whatever is later and has it among its sources, or shares sentences or topics."""
        shared = self.index.earlier(id_, self.store.memory.rank(id_))
        near = closest(shared)
        turned = [id_] if self.judge(id_, near, now) or new else []
        told_later = self.relate(id_)
        self.judge_sentences(id_, near, filing=filing)
        followers = self._followers(id_, shared, also)
        turned += [follower for follower, sources in followers.items() if self.judge(follower, sources.near, now)]
        others = {*followers, *told_later} - {id_}
        come = self._said([id_]) if new and filing and others else None
        for other in others:
            sources = followers[other] if other in followers else self._sources(other)
            self.judge_sentences(other, sources.near, come=come if come and sources.were_without(id_) else None)
        clusters = self.store.clusters
        touched = clusters.regroup(turned, now)
        for cluster in touched | clusters.of([id_, *followers, *told_later, *self.index.kin(id_)]):
            clusters.refresh(cluster, now)

    def _followers(self, id_: int, earlier: Mapping[int, set[int]], also: Iterable[int]) -> dict[int, Sources]:
        """Later articles that this one may have changed, with the earlier texts worth a close look for each.

        A stock phrase is shared by dozens. Where two earlier texts have the one thing that two articles share, it is theirs, and
        `closest` would choose them; what the others share is looked up. A sentence is only new to whoever has it first.
        """
        held = Counter(value for values in earlier.values() for value in values)
        keys = self.index.keys(id_)
        later = self.index.later(id_, self.store.memory.rank(id_))
        surely = {*also, *(other for other, values in later.items() if any(not held[value] for value in values & keys))}
        perhaps = [other for other, values in later.items() if len(values) > 1 or any(held[value] < 2 for value in values)]
        chosen = {other: self._sources(other) for other in dict.fromkeys([*perhaps, *surely])}
        return {other: sources for other, sources in chosen.items() if id_ in sources.near or other in surely}

    def anew(self, id_: int, now: datetime) -> bool:
        """Judge an article by what is earlier and nothing else; whether its origin or relation changed."""
        near = self._sources(id_).near
        turned = self.judge(id_, near, now)
        self.relate(id_)
        self.judge_sentences(id_, near)
        return turned

    def _sources(self, id_: int) -> Sources:
        shared = self.index.earlier(id_, self.store.memory.rank(id_))
        return Sources(shared, closest(shared))

    def judge(self, id_: int, near: Sequence[int], now: datetime) -> bool:
        """Write how an article relates to the earlier ones that share words with it; whether origin or relation changed."""
        word, partner = self.store.ledger.correction(id_)
        found = judge(self.words(id_), [(source, self.words(source)) for source in near]) if near else ORIGINAL
        if word == "split":
            found = replace(found, relation="original", origin=None)
        elif partner:
            found = by_an_editors_word(self.words(id_), self.words(partner), partner, found)
        return self.store.memory.judge(id_, found, now)

    def judge_sentences(self, id_: int, near: Sequence[int], *, filing: bool = False, come: Said | None = None) -> None:
        """Write which sentences of an article are known, reworded or new; `come` is the only text that was not there the last time."""
        said: Said | None = None
        mine: Told | None = None
        judged = []
        for row in self.index.sentences(id_, self.store.memory.rank(id_)):
            by_content = None
            if row["by_key"] is None and row["text"] and not row["boilerplate"]:
                said = said or come or self._said({*near, *self.index.related(id_)})
                mine = mine or self._told_by([id_])[id_]
                by_content = said.first_with(row["text"], mine.gist.get(row["text"]))  # unless another process folded anew since
                if come and row["status"] == "reworded":
                    by_content = self._earliest(row["first_seen_in"], by_content)
            judgement = ("known", row["by_key"]) if row["boilerplate"] else status(row["by_key"], by_content)
            if judgement != (row["status"], row["first_seen_in"]):
                judged.append((row["position"], *judgement))
        self.index.judge_sentences(id_, judged, filing=filing)

    def _said(self, told: Collection[int]) -> Said:
        """What texts say: earlier ones that share words with an article, or tell of the same event."""
        return Said(self._told_by(told))

    def _told_by(self, told: Collection[int]) -> dict[int, Told]:
        """What each of some texts says, the earliest first."""
        versions = self.index.versions(told) if told else []
        kept = {version: self._told.get(version) for version in versions}
        missing = [id_ for (id_, _), found in kept.items() if found is None]
        fresh = {id_: _told(*said) for id_, said in self.index.said(missing).items()} if missing else {}
        return {id_: self._told.keep((id_, text), found or fresh[id_]) for (id_, text), found in kept.items()}

    def _earliest(self, one: int, other: int | None) -> int:
        return one if other is None else min(one, other, key=lambda id_: (self.store.memory.rank(id_), id_))

    def relate(self, id_: int) -> list[int]:
        """Link an article with those that tell of the same event; the later ones among them."""
        earlier, later = self.index.neighbours(id_, self.store.memory.rank(id_))
        themes = self.index.themes([id_, *earlier, *later])
        shares = {other: kinship(themes[id_], themes[other]) for other in (*earlier, *later) if other in themes}
        kin = {other: share for other, share in shares.items() if share >= KINSHIP}
        self.index.relate([(id_, other, kin[other]) for other in earlier if other in kin])
        self.index.relate([(other, id_, kin[other]) for other in later if other in kin])
        return [other for other in later if other in kin]

    def words(self, id_: int) -> Words:
        """The words of an article that are evidence, kept ready for the next time."""
        key = (id_, *(self.index.tokens(id_) or (b"", "")))
        return self._words.keep(key, self._words.get(key) or Words(array("I", key[1]), key[2]))


def _told(sentences: Sequence[tuple[int, str]], packed: bytes | None) -> Told:
    known = gists(packed) if packed is not None else None
    return Told([text for _, text in sentences], known and [known[place] for place, _ in sentences])

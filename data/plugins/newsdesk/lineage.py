"""Who copied whom: the texts of one report as a tree, each below the text that it was taken from, in time order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SHOWN = 20  # texts of a report that are shown at first
ALL = 1_000  # and when all are asked for
DEPTH = 5  # steps a tree is drawn in; below that what was taken from a text stands beside it
Member = Mapping[str, Any]  # id, origin (id or None), new_sentences; in time order


@dataclass
class Branch:
    """A text, what was taken from it, and how many of the texts taken from it are not shown."""

    member: Member
    branches: list[Branch] = field(default_factory=list)
    hidden: int = 0
    beside: bool = False  # taken from a text that stands beside it


def grow(members: Sequence[Member], here: int, most: int = SHOWN) -> list[Branch]:
    """The trees of a report's texts, `most` of them: the root, the one that is read with all it goes back to, those that
    added something, then the earliest."""
    parents = _parents(members)
    keep = _kept(members, parents, here, most)
    branches = {member["id"]: Branch(member) for member in members if member["id"] in keep}
    depth: dict[int, int] = {}
    roots: list[Branch] = []
    # An origin stands earlier but for errors; whatever the order, parents come before their children here.
    for id_ in sorted(parents, key=lambda id_: len(_line(id_, parents))):
        above = [parent for parent in _line(id_, parents)[1:] if parent in branches]
        if id_ not in branches:
            (branches[above[0]] if above else next(iter(branches.values()))).hidden += 1
            continue
        holder = next((parent for parent in above if depth[parent] < DEPTH - 1), None)
        depth[id_] = depth[holder] + 1 if holder is not None else 0
        branches[id_].beside = bool(above) and holder != above[0]
        (branches[holder].branches if holder is not None else roots).append(branches[id_])
    order = {member["id"]: place for place, member in enumerate(members)}
    for siblings in (roots, *(branch.branches for branch in branches.values())):
        siblings.sort(key=lambda branch: order[branch.member["id"]])
    return roots


def _parents(members: Sequence[Member]) -> dict[int, int | None]:
    """Each text's origin, where that is among them; a circle, which no tree has, is cut."""
    ids = {member["id"] for member in members}
    parents: dict[int, int | None] = {m["id"]: m["origin"] if m["origin"] in ids and m["origin"] != m["id"] else None for m in members}
    for id_ in parents:
        seen, at = {id_}, parents[id_]
        while at is not None and at not in seen:
            seen.add(at)
            at = parents[at]
        if at == id_:
            parents[id_] = None
    return parents


def _line(id_: int, parents: Mapping[int, int | None]) -> list[int]:
    """A text and all it goes back to, nearest first."""
    line = [id_]
    while (parent := parents[line[-1]]) is not None and parent not in line:
        line.append(parent)
    return line


def _kept(members: Sequence[Member], parents: Mapping[int, int | None], here: int, most: int) -> set[int]:
    if len(members) <= most + 2:  # "… 2 more" takes as much room as they do
        return set(parents)
    roots = [id_ for id_, parent in parents.items() if parent is None][:most]
    keep = dict.fromkeys([*roots[:1], *(_line(here, parents) if here in parents else ()), *roots])
    adding = [member["id"] for member in members if member["new_sentences"]]
    for id_ in (*adding[: most // 2], *parents):
        if len(keep) >= most:
            break
        keep[id_] = None
    return set(keep)

"""`make quality`: how well the steps of reading do on labelled cases; `PAGES=folder` adds saved pages with gold,
`DATABASE=path` what its editors said with `keep` and `drop`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from pipelines.store import StoreError
from pipelines.story import Story, load_story
from tests.quality import copies, editor, pages, score

ROOT = Path(__file__).parent.parent.parent
FLOORS = Path(__file__).parent / "floors.json"


def all_scores(story: Story) -> dict[str, score.Score]:
    """Every score that ships with its cases."""
    return {
        "dates in text": score.date_expressions(score.load("date_expressions")),
        "publication": score.publication(score.load("publication")),
        "figures": score.figure_sentences(score.load("figures"), story),
        **score.relevance([*score.load("relevance"), *score.load("relevance_wire")], story),
        "sentences split": score.split(score.load("sentences")),
        **copies.measure(story),
        "listings": score.listings([*score.load("relevance"), *score.load("relevance_wire")], story),
    }


def print_editors_words(database: Path) -> None:
    """How far the rules agree with what the editors of a database said."""
    try:
        said = editor.agreement(database, load_story(ROOT / "seeds" / "story.toml"))
    except StoreError as error:
        sys.exit(f"nachlese: {error}")
    for value, share in said.values.items():
        print(f"editors' words   {value:<18} {share:.3f}  no floor     {said.cases} cases")
    print("\n".join(f"    {miss}" for miss in said.misses) if said.cases else "editors' words   none in this database")


def main() -> None:
    """Print the table; with `-v` every miss."""
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    for name, found in all_scores(load_story(ROOT / "seeds" / "story.toml")).items():
        for value, share in found.values.items():
            print(f"{name:<16} {value:<18} {share:.3f}  floor {floors.get(name, {}).get(value, 0):.3f}  {found.cases} cases")
        if "-v" in sys.argv:
            print("\n".join(f"    {miss}" for miss in found.misses))
    if database := os.environ.get("DATABASE"):
        print_editors_words(Path(database))
    if folder := os.environ.get("PAGES"):
        everything, german, cpu = pages.measure(Path(folder))
        for label, means in (("all pages", everything), ("German pages", german)):
            for value, mean in means.items():
                print(f"{label:<16} {value:<18} {mean.mean:.3f}  [{mean.low:.3f}, {mean.high:.3f}]  {mean.pages} pages")
        print(f"CPU of extract: {cpu['ours'] / cpu['trafilatura']:.2f} of trafilatura's; slowest page {1000 * cpu['slowest']:.0f} ms")


if __name__ == "__main__":
    main()

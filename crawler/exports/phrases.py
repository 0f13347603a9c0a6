"""The words of a brief, German and English, and how each writes a time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from crawler.exports.brief import Brief, Line
from crawler.exports.cells import moment, plain

LANGUAGES = ("de", "en")
_WORDS = {
    "de": {
        "title": "Neu zum Thema", "since": "Stand {at}, neu seit {since}", "nothing": "Nichts Neues seit {since}.",
        "reports": "Neue Berichte", "figures": "Neue Zahlen", "corrections": "Korrigiert oder zurückgezogen",
        "silent": "Verstummte Quellen",
        "of": "{shown} von {all}", "copy": "1 Abdruck", "copies": "{n} Abdrucke", "alone": "ohne Abdruck", "corrected": "korrigiert",
        "withdrawn": "zurückgezogen", "fails": "{name} (antwortet nicht)", "quiet": "{name} (nichts seit {last})",
        "more": "und {n} weitere",
        "also": "Außerdem: {n} Berichte ergänzt", "merged": "{n} zusammengelegt", "undated": "ohne Datum", "everything": "Beginn",
        "moment": "{:%d.%m.%Y, %H:%M} Uhr", "day": "{:%d.%m.%Y}", "open": "„", "close": "“",
    },
    "en": {
        "title": "New on the story", "since": "As of {at}, new since {since}", "nothing": "Nothing new since {since}.",
        "reports": "New reports", "figures": "New figures", "corrections": "Corrected or withdrawn", "silent": "Sources that fell silent",
        "of": "{shown} of {all}", "copy": "1 copy", "copies": "{n} copies", "alone": "no copies", "corrected": "corrected",
        "withdrawn": "withdrawn", "fails": "{name} (does not answer)", "quiet": "{name} (nothing since {last})", "more": "and {n} more",
        "also": "Also: {n} reports updated", "merged": "{n} merged", "undated": "no date", "everything": "the beginning",
        "moment": "{:%d %b %Y, %H:%M}", "day": "{:%d %b %Y}", "open": "“", "close": "”",
    },
}  # fmt: skip


class Phrases:
    """What a brief says, in one language, before any format."""

    def __init__(self, brief: Brief, language: str) -> None:
        self.brief, self.language = brief, language
        self._words = _WORDS[language]

    def say(self, key: str, /, **values: object) -> str:
        """A phrase of the brief."""
        return self._words[key].format(**values)

    def when(self, written: str | None) -> str:
        """A time as the desk's clock shows it, as precise as it is known."""
        at = moment(written, self.brief.zone)
        if at is None:
            return plain(written or "") or self.say("undated")
        return self._words["moment" if isinstance(at, datetime) else "day"].format(at)

    @property
    def title(self) -> str:
        """What it is, and of which day."""
        return f"{self.say('title')} – {self._words['day'].format(self.brief.at.astimezone(ZoneInfo(self.brief.zone.key)))}"

    @property
    def standing(self) -> str:
        """As of when, and since when; or that nothing is new."""
        since = self.when(self.brief.since) if self.brief.since else self.say("everything")
        at = self._words["moment"].format(self.brief.at.astimezone(self.brief.zone))
        said = self.say("since", at=at, since=since)
        return f"{said}. {self.say('nothing', since=since)}" if self.brief.quiet else said

    def sections(self) -> list[tuple[str, tuple[Line, ...]]]:
        """The lines under their headings, which say how many there are when not all are shown."""
        found = [(name, lines) for name in ("reports", "figures", "corrections") if (lines := getattr(self.brief, name))]
        return [(self._heading(name, len(lines)), lines) for name, lines in found]

    def _heading(self, name: str, shown: int) -> str:
        count = self.brief.counts[name]
        return f"{self.say(name)} ({count if count == shown else self.say('of', shown=shown, all=count)})"

    def about(self, line: Line) -> str:
        """Outlet, time, copies: what stands beside a headline."""
        parts = [line.outlet, self.when(line.published)]
        if line.what != "new":
            parts.insert(0, self.say(line.what))
        elif not line.note:
            parts.append(self.say("alone" if not line.copies else "copy" if line.copies == 1 else "copies", n=line.copies))
        return " · ".join(part for part in parts if part)

    def quoted(self, line: Line) -> str:
        """The sentence in quotation marks of the language."""
        return f"{self._words['open']}{line.quote}{self._words['close']}" if line.quote else ""

    def silence(self) -> str:
        """The outlets that fell silent, on one line; empty when all speak."""
        named = [
            self.say("fails", name=name) if fails else self.say("quiet", name=name, last=self.when(last))
            for name, last, fails in self.brief.silent
        ]
        if (left := self.brief.counts["silent"] - len(named)) > 0:
            named.append(self.say("more", n=left))
        return f"{self.say('silent')}: {', '.join(named)}" if named else ""

    def rest(self) -> str:
        """What else moved, as numbers."""
        counts = self.brief.counts
        said = [self.say(key, n=counts[name]) for key, name in (("also", "updated"), ("merged", "merged")) if counts[name]]
        return ", ".join(said)

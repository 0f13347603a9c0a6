"""Times as the desk reads them: in its own zone, with the zone's name, never more precise than the page was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from newsdesk.labels import Translate, translator

ZONE = "Europe/Berlin"  # of a database whose story names none that is known here
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}


@dataclass(frozen=True)
class Clock:
    """The desk's zone and the language of a page: given to templates as `desk.clock`."""

    zone: str
    lang: str

    @property
    def t(self) -> Translate:
        """The labels."""
        return translator(self.lang)

    def tz(self) -> ZoneInfo:
        """The zone; Berlin's where the name is unknown."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo(ZONE)

    def local(self, utc: str) -> datetime | None:
        """An instant as the database writes it, in the desk's zone; None for anything else."""
        try:
            found = datetime.fromisoformat(utc)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(self.tz())
        except (ValueError, OverflowError):
            return None

    def when(self, utc: str | None) -> Markup:
        """`<time datetime="2023-10-13T19:45:00Z">13.10.2023, 21:45 MESZ</time>`; nothing for nothing."""
        local = self.local(utc) if utc and len(utc) > 10 else None
        if local is None:
            return Markup("{}").format(utc or "")
        return Markup('<time datetime="{}">{}</time>').format(utc, f"{self._day(local)}, {local:%H:%M} {self._zone(local)}")

    def published(self, edtf: str | None) -> Markup:
        """When a text was published, as precise as its page: `13.10.2023, 21:45 MESZ`, `13.10.2023`, `Oktober 2023`, `Herbst 2023`."""
        if not edtf:
            return Markup('<span class="undated">{}</span>').format(self.t("no_date"))
        if "/" in edtf:
            first, _, last = edtf.partition("/")
            return Markup("{}").format(self.t("from_to", a=self._part(first), b=self._part(last)))
        if len(edtf) > 10:
            return self.when(edtf)
        if re.fullmatch(r"\d{4}(?:-(?:0\d|1[0-2])(?:-\d\d)?)?", edtf):
            return Markup('<time datetime="{}">{}</time>').format(edtf, self._part(edtf))
        return Markup("{}").format(self._part(edtf))

    def midnight(self, now: datetime, days: int = 0) -> datetime:
        """The beginning of the desk's day, `days` before that of `now`."""
        day = now.astimezone(self.tz()).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) - timedelta(days=days)
        return day.replace(tzinfo=self.tz()).astimezone(UTC)

    def day_of(self, utc: str) -> tuple[datetime, datetime]:
        """Beginning and end, in UTC, of the desk's day that holds an instant as the database writes it."""
        at = self.local(utc) or datetime.now(UTC)
        return self.midnight(at), self.midnight(at, days=-1)

    def month(self, month: str) -> str:
        """`2023-10` as people write it."""
        return self._part(month)

    def day(self, utc: str) -> str:
        """The desk's calendar day of an instant, as people write it."""
        local = self.local(utc)
        return self._day(local) if local else utc

    def _day(self, local: datetime) -> str:
        return f"{local:%d.%m.%Y}" if self.lang == "de" else f"{local.day} {_MONTHS[local.month - 1]} {local.year}"

    def _zone(self, local: datetime) -> str:
        name = local.tzname() or ""
        return {"CET": "MEZ", "CEST": "MESZ"}.get(name, name) if self.lang == "de" else name

    def _part(self, edtf: str) -> str:
        match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", edtf)
        if not match:
            return "…" if edtf in ("", "..") else edtf
        year, month, day = match.groups()
        if month in _SEASONS:
            return self.t(_SEASONS[month], year=year)
        if month and 33 <= int(month) <= 36:
            return self.t("quarter", q=str(int(month) - 32), year=year)
        if not month or not 1 <= int(month) <= 12:
            return edtf
        if self.lang == "de":
            return f"{day}.{month}.{year}" if day else f"{_MONATE[int(month) - 1]} {year}"
        return " ".join(part for part in (str(int(day)) if day else "", _MONTHS[int(month) - 1], year) if part)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
_MONATE = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember")

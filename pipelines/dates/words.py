"""Calendar words of German and English, shared by publication dates and dates in running text."""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner jan jän january",
            "februar feber feb febr february",
            "märz mär mrz maerz march mar",
            "april apr",
            "mai may",
            "juni jun june",
            "juli jul july",
            "august aug",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "dezember dez december dec",
        ),
        1,
    )
    for name in names.split()
}
WEEKDAYS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "montag monday",
            "dienstag tuesday",
            "mittwoch wednesday",
            "donnerstag thursday",
            "freitag friday",
            "samstag sonnabend saturday",
            "sonntag sunday",
        )
    )
    for name in names.split()
}
_HOURS = {
    "utc": 0, "gmt": 0, "z": 0, "wez": 0, "mez": 1, "cet": 1, "bst": 1, "mesz": 2, "cest": 2, "eet": 2, "sast": 2, "eest": 3,
    "msk": 3, "oesz": 3, "kst": 9, "jst": 9, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
# "ET" says Eastern time without saying whether summer or winter; the calendar knows. CST is left out: it is Chicago's
# and China's.
_REGIONS = {"et": "America/New_York", "pt": "America/Los_Angeles", "ct": "America/Chicago"}


def zone(name: str) -> tzinfo | None:
    """The zone of an abbreviation that a newsroom writes; None for unknown or ambiguous ones."""
    key = name.strip(". ").lower()
    if key in _REGIONS:
        return ZoneInfo(_REGIONS[key])
    return timezone(timedelta(hours=_HOURS[key])) if key in _HOURS else None

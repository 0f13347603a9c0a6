"""WARC files as tests need them: on-story pages of the small web among weather, and junk."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.formats.warc import Archive
from tests.internet import WEB

HOST = "http://tagesfunk.example"
STORY = [
    f"{HOST}/ausland/{name}"
    for name in (
        "nordkorea-soldaten-kursk-118",
        "satellitenbilder-rajin-dunai-100",
        "seoul-zehntausend-container-granaten-104",
        "nato-nordkorea-truppen-kursk-bestaetigt-122",
    )
]
WEATHER = (
    b"<html><head><title>Wetter</title></head><body><p>Morgen regnet es im Norden, im S\xc3\xbcden scheint die Sonne.</p></body></html>"
)
WHEN = "2024-11-14T08:00:00Z"


@dataclass
class Made:
    """A record to write."""

    url: str
    body: bytes = WEATHER
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    at: str = WHEN
    kind: str = "response"


def page(url: str) -> bytes:
    return (WEB / url.removeprefix("http://")).with_suffix(".html").read_bytes()


def told(url: str, **changes: str) -> Made:
    return Made(url, page(url), **changes)  # type: ignore[arg-type]


def weather(count: int) -> list[Made]:
    return [Made(f"{HOST}/wetter/{number}") for number in range(count)]


def warc(records: Iterable[Made], *, gzipped: bool = True) -> bytes:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=gzipped)
    for made in records:
        http = StatusAndHeaders(made.status, list(made.headers.items()), protocol="HTTP/1.1")
        said = {"WARC-Date": made.at} if made.at else {}
        record = writer.create_warc_record(made.url, "response", io.BytesIO(made.body), http_headers=http, warc_headers_dict=said)
        record.rec_headers.replace_header("WARC-Type", made.kind)
        record.rec_type = made.kind
        if not made.at:
            record.rec_headers.remove_header("WARC-Date")
        writer.write_record(record)
    return file.getvalue()


def starts(raw: bytes) -> list[int]:
    """Where each record of a whole archive begins."""
    return [record.position for record in Archive(io.BytesIO(raw)).records(0)]

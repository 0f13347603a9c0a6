"""When was it published, and which days does it speak of? Never a made-up day, never "now"."""

from pipelines.dates.edtf import bounds, latest
from pipelines.dates.mentions import mentions
from pipelines.dates.published import published
from pipelines.evidence import Dated, DateHint, Mention

__all__ = ["DateHint", "Dated", "Mention", "bounds", "latest", "mentions", "published"]

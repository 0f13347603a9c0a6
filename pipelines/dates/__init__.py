"""When was it published, and which days does it speak of? Never a made-up day, never "now"."""

from typing import TYPE_CHECKING, Any

from pipelines.dates.edtf import bounds, latest
from pipelines.dates.published import published
from pipelines.evidence import Dated, DateHint, Mention

if TYPE_CHECKING:
    from pipelines.dates.mentioned import mentions

__all__ = ["DateHint", "Dated", "Mention", "bounds", "latest", "mentions", "published"]


def __getattr__(name: str) -> Any:
    """`mentions` when it is first asked for: a heavy import, which the crawl's own process does without.

    Raises:
        AttributeError: for any other name that is not here.
    """
    if name != "mentions":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pipelines.dates.mentioned import mentions

    return mentions

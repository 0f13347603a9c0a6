"""`make demo`: the main job on the small web that ships with the project, over real HTTP, into data/demo.db."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from crawler.sources import load_sources
from tests.internet import WEB, Internet

ROOT = Path(__file__).parent.parent
DATABASE = ROOT / "data" / "demo.db"
CRAWL = (
    f"DATABASE={DATABASE}", f"SOURCES={WEB / 'sources.toml'}", "CONTACT=https://nachlese.example/demo", "DOWNLOAD_DELAY=0.02",
    "RETRY_TIMES=0", "ALLOW_PRIVATE_ADDRESSES=True", "LOG_LEVEL=WARNING", "POLL_FASTEST=0",
    "POLL_SLOWEST=0",
)  # fmt: skip


def scrapy(*args: str, settings: tuple[str, ...] = CRAWL, proxy: str = "") -> None:
    """Run one of our commands as a user would; ends the demo with its exit code when it fails."""
    options = [part for setting in settings for part in ("-s", setting)]
    print(f"\n$ scrapy {' '.join(args)}", flush=True)
    environment = {**os.environ, "http_proxy": proxy, "no_proxy": ""}
    done = subprocess.run([sys.executable, "-m", "scrapy", *args, *options], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def main() -> None:
    """Seed, crawl, report what this run brought."""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with Internet() as internet:
        scrapy("seed")
        for spider in ("feeds", "sitemaps", "pages"):
            scrapy("crawl", spider, proxy=internet.proxy)
        listings = {source.url for outlet in load_sources(WEB / "sources.toml") for source in outlet.sources}
        asked = internet.pages_asked()
    scrapy("report", "--since", began)
    pages = [url for url in asked if url not in listings]
    print(f"\n{len(asked) - len(pages)} listings and {len(pages)} article pages were asked for.")
    print("A second `make demo` finds nothing new. `make browse`, then http://127.0.0.1:8001/demo shows all of it.")


if __name__ == "__main__":
    main()

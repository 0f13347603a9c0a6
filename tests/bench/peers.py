"""Runs in a virtual environment of its own: reads a folder's pages with newspaper4k or news-please; a line each: [CPU seconds, text]."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def reader(name: str) -> Callable[[str], str]:
    """The text of a page's markup, as the peer's documentation has it."""
    if name == "newspaper4k":
        import newspaper

        return lambda html: str(newspaper.article("https://zeitung.example/a.html", language="de", input_html=html).text or "")
    from newsplease import NewsPlease

    return lambda html: str(NewsPlease.from_html(html, url="https://zeitung.example/a.html").maintext or "")


def main(name: str, folder: str) -> None:
    """Read every page of the folder."""
    read = reader(name)
    for path in sorted(Path(folder).glob("*.html")):
        html = path.read_text(encoding="utf-8")
        began = time.process_time()
        text = read(html)
        print(json.dumps([time.process_time() - began, text]))


if __name__ == "__main__":
    main(*sys.argv[1:])

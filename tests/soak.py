"""Ten minutes of the web that means harm: crawls and all other commands, killed at random moments, checked after each.

`python -m tests.soak [SECONDS [SEED]]` prints what it did, then each finding; its exit code is 1 if there is any.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.conftest import Desk
from tests.misbehaving.cases import NEIGHBOURS
from tests.misbehaving.server import Misbehaving, catalogue
from tests.nursery import Running
from tests.test_misbehaving import CASES, LIMITS

SECONDS = 600
ROUNDS = 12  # commands on one database, then a whole crawl, then a new one
LONGEST = 180  # seconds that a command may take; it hangs if it takes longer
COMMANDS = (
    ("crawl", "feeds"), ("crawl", "feeds"), ("crawl", "sitemaps"), ("crawl", "feeds", "-a", "all=1"), ("seed",), ("replay",), ("refold",),
    ("export", "--cursor", "soak", "-o", "{folder}/soak.csv"), ("backup", "{folder}/backup.db"), ("prune", "--pages", "0d"), ("doctor",),
)  # fmt: skip
SOUND = """
SELECT 'URL filed twice: ' || url FROM articles GROUP BY url HAVING count(*) > 1 UNION ALL
SELECT 'article without its decision: ' || url FROM articles a WHERE relation != 'seed' AND NOT EXISTS
  (SELECT 1 FROM decisions d WHERE d.url = a.url AND d.verdict = 'filed') UNION ALL
SELECT 'article without imprint: ' || url FROM articles WHERE id NOT IN (SELECT article FROM imprints) UNION ALL
SELECT 'article without cluster: ' || url FROM articles WHERE cluster IS NULL UNION ALL
SELECT 'decided as known: ' || url FROM decisions WHERE verdict = 'known' AND url LIKE '%/neighbour-%'
"""


def soak(seconds: float, seed: int) -> list[str]:
    """Run until the time is over; what was found."""
    chance, ends, findings = random.Random(seed), time.monotonic() + seconds, []  # noqa: S311
    with Misbehaving(CASES) as web:
        while time.monotonic() < ends:
            with tempfile.TemporaryDirectory() as folder:
                desk = Desk(Path(folder) / "news.db", web.proxy, catalogue(CASES, Path(folder) / "sources.toml"), readers="2")
                findings += _ended(desk.start("seed"), "seed", None)
                for _ in range(ROUNDS):
                    if time.monotonic() < ends:
                        findings += _disturbed(desk, chance)
                findings += _completed(desk)
    return findings


def _disturbed(desk: Desk, chance: random.Random) -> list[str]:
    """One command, most often not to its end."""
    command = tuple(part.format(folder=desk.database.parent) for part in chance.choice(COMMANDS))
    process = desk.start(*command, **LIMITS)
    how = chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, None))
    try:
        if how is not None:
            process.communicate(timeout=chance.uniform(0.5, 12))
    except subprocess.TimeoutExpired:
        process.send_signal(how)  # type: ignore[arg-type]
    return _ended(process, " ".join(command[:2]), how) + _checked(desk)


def _completed(desk: Desk) -> list[str]:
    """A whole run completes whatever was broken off."""
    findings = []
    for command in (("crawl", "feeds", "-a", "all=1"), ("crawl", "feeds"), ("doctor",)):
        findings += _ended(desk.start(*command, **LIMITS, RETRY_FAILED_AFTER="0"), " ".join(command), None)
    with closing(sqlite3.connect(desk.database)) as db:
        filed = Counter(url.split("/")[2] for (url,) in db.execute("SELECT url FROM articles WHERE url LIKE '%/neighbour-%'"))
    findings += [f"{case.host}: {filed[case.host]} of {NEIGHBOURS} neighbours filed" for case in CASES if filed[case.host] != NEIGHBOURS]
    return findings + _checked(desk)


def _ended(process: Running, name: str, how: signal.Signals | None) -> list[str]:
    try:
        _, said = process.communicate(timeout=10 if how is signal.SIGTERM else LONGEST)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return [f"{name}: hung"]
    sys.stdout.write(f"{name}: {how.name if how else 'to its end'}, exit {process.returncode}\n")
    sys.stdout.flush()
    findings = [f"{name}: {said[said.index('Traceback') :][-1_500:]}"] if "Traceback" in said and how is not signal.SIGKILL else []
    if how is None and process.returncode:
        findings.append(f"{name}: exit code {process.returncode}: {said[-500:]}")
    return findings


def _checked(desk: Desk) -> list[str]:
    """What must hold at any time."""
    if not desk.database.exists():
        return []
    with closing(sqlite3.connect(desk.database)) as db:
        whole = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        orphans = [f"orphan in {row[0]}" for row in db.execute("PRAGMA foreign_key_check")]
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'imprints'").fetchone():
            return whole  # killed before the tables were made
        return whole + orphans + [row[0] for row in db.execute(SOUND)]


def main() -> None:
    """Arguments: seconds, seed."""
    given = [int(value) for value in sys.argv[1:]]
    seed = given[1] if len(given) > 1 else random.randrange(10**6)  # noqa: S311
    sys.stdout.write(f"seed {seed}\n")
    findings = soak(given[0] if given else SECONDS, seed)
    sys.stdout.writelines(f"FOUND {finding}\n" for finding in findings)
    sys.stdout.write(f"{len(findings)} findings\n")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()

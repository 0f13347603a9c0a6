"""The database: ordered migrations, full-text indexes, views. Nothing here knows an article.

Times are UTC text (`2023-10-13T19:45:00Z`), tables STRICT. Views are the contract with people and exports; they are
made anew at every migration, so changing one needs no step of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database, Migrations

from pipelines.schema.ages import AGES
from pipelines.schema.consent import RESERVATIONS
from pipelines.schema.desk import BY_DATE, DELIVERIES, FIGURES, FIRST_LIVE, LISTED, SHELVES
from pipelines.schema.search import decisions_text, full_text
from pipelines.schema.tables import GAPS, GISTS, LOOKS, PLACES, POLLING, POSTINGS, REUSE, TABLES
from pipelines.schema.waiting import WAITING
from pipelines.views import VIEWS

migrations = Migrations("nachlese")


def _sql(statements: str) -> Callable[[Database], None]:
    def step(db: Database) -> None:
        for statement in statements.split(";\n"):
            if statement.strip():
                db.execute(statement)

    return step


STEPS: dict[str, Callable[[Database], None]] = {
    "001_tables": _sql(TABLES),
    "002_full_text": full_text,
    "003_reuse": _sql(REUSE),
    "004_polling": _sql(POLLING),
    "005_folded_search": full_text,
    "006_gaps": _sql(GAPS),
    "007_deliveries": _sql(DELIVERIES),
    "008_desk": _sql(SHELVES),
    "009_figures": _sql(FIGURES),
    "010_tables_by_date": _sql(BY_DATE),
    "011_places": _sql(PLACES),
    "012_decisions_text": decisions_text,
    "013_first_live": _sql(FIRST_LIVE),
    "014_postings": _sql(POSTINGS),
    "015_reservations": _sql(RESERVATIONS),
    "016_ages": _sql(AGES),
    "017_waiting": _sql(WAITING),
    "018_listed": _sql(LISTED),
    "019_gists": _sql(GISTS),
    "020_looks": _sql(LOOKS),
}
for _name, _step in STEPS.items():
    migrations(name=_name)(_step)


class NewerError(Exception):
    """A newer version of the program made the database: this one would break what it does not know."""


def migrate(db: Database) -> None:
    """Bring a database to today's schema. Cheap when it is there already.

    Raises:
        NewerError: when it has steps that this program does not know.
    """
    if newer := sorted({step.name for step in migrations.applied(db)} - set(STEPS)):
        raise NewerError(f"a newer version of the program made it ({', '.join(newer)}); update the program")
    if not migrations.pending(db) and _views_stand(db):
        return
    db.conn.execute("BEGIN IMMEDIATE")  # of two that find work to do the second waits, and finds it done
    try:
        for name in VIEWS:  # SQLite alters no table that a view stands on
            db.execute(f"DROP VIEW IF EXISTS {name}")
        migrations.apply(db)
        for name, query in VIEWS.items():
            db.execute(f"CREATE VIEW {name} AS {query}")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise
    db.conn.execute("COMMIT")


def _views_stand(db: Database) -> bool:
    made = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'").fetchall())
    return all(made.get(name) == f"CREATE VIEW {name} AS {query}" for name, query in VIEWS.items())

"""The full-text indexes. Both are trigrams of folded text: they find parts of compounds; who asks folds the words."""

from __future__ import annotations

from sqlite_utils import Database

from pipelines.views import folded

# What each index holds, and where it comes from: views, for an index keeps no text.
_LEFT_OUT = "CASE WHEN d.verdict = 'filed' THEN '' ELSE d.reason END"
_DECIDED = {"url": "d.url", "headline": "coalesce(e.headline, a.headline, '')", "reason": _LEFT_OUT}
_DECISIONS = "decisions d LEFT JOIN entries e ON e.url = d.url LEFT JOIN articles a ON a.url = d.url"
INDEXES = {"articles": ("headline", "text"), "decisions": tuple(_DECIDED)}


def full_text(db: Database) -> None:
    """The trigram index over folded text: finds parts of compounds; who asks folds the words (`views.fold`).

    It keeps no text: `articles_search` computes it. An article enters with some others (`store.search`);
    a text that changes before that needs no trigger.
    """
    for trigger in ("insert", "delete", "update"):
        db.execute(f"DROP TRIGGER IF EXISTS articles_fts_{trigger}")
    db.execute("DROP TABLE IF EXISTS articles_fts")
    db.execute("DROP VIEW IF EXISTS articles_search")
    columns = {name: folded(name) for name in ("headline", "text")}
    names = ", ".join(columns)
    db.execute(f"CREATE VIEW articles_search AS SELECT id, {', '.join(f'{sql} AS {name}' for name, sql in columns.items())} FROM articles")
    db.execute(f"CREATE VIRTUAL TABLE articles_fts USING fts5({names}, content='articles_search', content_rowid='id', tokenize='trigram')")
    old, new = (", ".join(folded(f"{row}.{name}") for name in columns) for row in ("old", "new"))
    add = f"INSERT INTO articles_fts(rowid, {names}) VALUES (new.id, {new});"
    remove = f"INSERT INTO articles_fts(articles_fts, rowid, {names}) VALUES ('delete', old.id, {old});"
    known = "WHEN EXISTS (SELECT 1 FROM articles_fts_docsize WHERE id = old.id)"
    db.execute(f"CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles {known} BEGIN {remove} END")
    db.execute(f"CREATE TRIGGER articles_fts_update AFTER UPDATE OF headline, text ON articles {known} BEGIN {remove} {add} END")
    db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")


def decisions_text(db: Database) -> None:
    """The same over every decision: its URL, what its listing called it, and why it was left out. Nothing ever leaves it."""
    columns = ", ".join(f"{folded(sql)} AS {name}" for name, sql in _DECIDED.items())
    db.execute(f"CREATE VIEW decisions_search AS SELECT d.id, {columns} FROM {_DECISIONS}")
    names = ", ".join(_DECIDED)
    db.execute(
        f"CREATE VIRTUAL TABLE decisions_fts USING fts5({names}, content='decisions_search', content_rowid='id', tokenize='trigram')"
    )
    db.execute("INSERT INTO decisions_fts(decisions_fts) VALUES ('rebuild')")

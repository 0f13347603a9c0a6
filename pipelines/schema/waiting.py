"""What waits for a decision, found without reading through all that was ever decided: every run begins with that question."""

from __future__ import annotations

WAITING = """
CREATE TABLE undecided (url TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO undecided SELECT url FROM entries WHERE NOT EXISTS (SELECT 1 FROM decisions WHERE url = entries.url);
CREATE TRIGGER entries_listed AFTER INSERT ON entries WHEN NOT EXISTS (SELECT 1 FROM decisions WHERE url = new.url) BEGIN
  INSERT OR IGNORE INTO undecided VALUES (new.url); END;
CREATE TRIGGER decisions_made AFTER INSERT ON decisions BEGIN DELETE FROM undecided WHERE url = new.url; END;
CREATE INDEX decisions_retry ON decisions(retry_at, url) WHERE newest = 1 AND retry_at IS NOT NULL;
CREATE INDEX decisions_editor ON decisions(url, id) WHERE stage = 'editor'
"""

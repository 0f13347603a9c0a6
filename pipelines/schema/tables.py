"""What is kept, step by step: tables, columns and indexes of the crawl. A step that stands is never changed, only followed."""

from __future__ import annotations

TABLES = """
CREATE TABLE outlets (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, home TEXT NOT NULL, country TEXT NOT NULL, language TEXT NOT NULL, timezone TEXT NOT NULL
) STRICT;
CREATE TABLE sources (
  url TEXT PRIMARY KEY, outlet TEXT NOT NULL REFERENCES outlets(id), kind TEXT NOT NULL, etag TEXT, last_modified TEXT, last_ok_at TEXT,
  last_new_at TEXT, failures REAL NOT NULL DEFAULT 0, state TEXT, next_due_at TEXT
) STRICT;
CREATE INDEX sources_outlet ON sources(outlet);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, spider TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, outcome TEXT, listed INTEGER NOT NULL DEFAULT 0,
  fetched INTEGER NOT NULL DEFAULT 0, filed INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 0, errors INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE fetches (
  id INTEGER PRIMARY KEY, run INTEGER REFERENCES runs(id), source TEXT NOT NULL, at TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'unchanged', 'failed', 'denied', 'empty')), http_status INTEGER, reason TEXT,
  entries INTEGER NOT NULL DEFAULT 0, new_entries INTEGER NOT NULL DEFAULT 0, contiguous INTEGER
) STRICT;
CREATE INDEX fetches_source ON fetches(source, at);
CREATE TABLE entries (
  url TEXT PRIMARY KEY, source TEXT, outlet TEXT, first_listed_at TEXT NOT NULL, headline TEXT NOT NULL, summary TEXT NOT NULL,
  keywords TEXT NOT NULL, published TEXT NOT NULL, language TEXT NOT NULL, authors TEXT NOT NULL
) STRICT;
CREATE INDEX entries_outlet ON entries(outlet);
CREATE TABLE decisions (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL, run INTEGER REFERENCES runs(id), at TEXT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('listing', 'page', 'editor')), verdict TEXT NOT NULL, reason TEXT NOT NULL, score REAL,
  story_hash TEXT NOT NULL, retry_at TEXT
) STRICT;
CREATE INDEX decisions_url ON decisions(url, id);
CREATE INDEX decisions_verdict ON decisions(verdict, at);
CREATE TABLE pages (
  url TEXT PRIMARY KEY, fetched_at TEXT NOT NULL, final_url TEXT NOT NULL, http_status INTEGER NOT NULL, charset TEXT, html BLOB NOT NULL
) STRICT;
CREATE TABLE articles (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, public_id TEXT NOT NULL, canonical_url TEXT, outlet TEXT REFERENCES outlets(id),
  headline TEXT NOT NULL, byline TEXT NOT NULL, agency TEXT NOT NULL, language TEXT NOT NULL, published_at TEXT, published TEXT,
  published_precision TEXT, published_basis TEXT, published_conflicts TEXT NOT NULL DEFAULT '', modified_at TEXT, first_listed_at TEXT,
  fetched_at TEXT, filed_at TEXT NOT NULL, changed_at TEXT NOT NULL, text TEXT NOT NULL, text_hash TEXT NOT NULL, words INTEGER NOT NULL,
  paywalled INTEGER NOT NULL DEFAULT 0, image_url TEXT, relevance REAL NOT NULL, matched TEXT NOT NULL, reason TEXT NOT NULL,
  relation TEXT NOT NULL CHECK (relation IN ('seed', 'original', 'copy', 'abridged', 'extended', 'merged')),
  origin INTEGER REFERENCES articles(id), cluster INTEGER REFERENCES clusters(id), own_share REAL NOT NULL, new_sentences INTEGER NOT NULL,
  ordered_at TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('live', 'revised', 'withdrawn', 'dropped'))
) STRICT;
CREATE INDEX articles_cluster ON articles(cluster);
CREATE INDEX articles_origin ON articles(origin);
CREATE INDEX articles_canonical ON articles(canonical_url);
CREATE INDEX articles_published ON articles(published_at);
CREATE INDEX articles_changed ON articles(changed_at);
CREATE TABLE clusters (
  id INTEGER PRIMARY KEY, root INTEGER NOT NULL, first_live INTEGER, merged_into INTEGER REFERENCES clusters(id), headline TEXT NOT NULL,
  outlets INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 0, own_share REAL NOT NULL DEFAULT 0,
  new_sentences INTEGER NOT NULL DEFAULT 0, first_seen_at TEXT, changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX clusters_root ON clusters(root);
CREATE INDEX clusters_seen ON clusters(first_seen_at);
CREATE TABLE reuse (
  article INTEGER NOT NULL REFERENCES articles(id), source INTEGER NOT NULL REFERENCES articles(id), words INTEGER NOT NULL,
  share REAL NOT NULL,
  PRIMARY KEY (article, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX reuse_source ON reuse(source);
CREATE TABLE versions (
  id INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles(id), seen_at TEXT NOT NULL, headline TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX versions_article ON versions(article);
CREATE TABLE sentences (
  article INTEGER NOT NULL REFERENCES articles(id), position INTEGER NOT NULL, text TEXT NOT NULL, key INTEGER NOT NULL,
  skeleton INTEGER NOT NULL, status TEXT NOT NULL CHECK (status IN ('known', 'reworded', 'new')), new_when_filed INTEGER NOT NULL,
  first_seen_in INTEGER REFERENCES articles(id), PRIMARY KEY (article, position)
) STRICT;
CREATE INDEX sentences_key ON sentences(key);
CREATE INDEX sentences_skeleton ON sentences(skeleton) WHERE skeleton != 0;
CREATE TABLE fingerprints (
  hash INTEGER NOT NULL, article INTEGER NOT NULL REFERENCES articles(id), PRIMARY KEY (hash, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX fingerprints_article ON fingerprints(article);
CREATE TABLE dates (
  id INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles(id), sentence INTEGER, as_written TEXT NOT NULL, edtf TEXT NOT NULL,
  starts_on TEXT, ends_on TEXT, role TEXT NOT NULL CHECK (role IN ('published', 'modified', 'mention')), basis TEXT NOT NULL
) STRICT;
CREATE INDEX dates_article ON dates(article);
CREATE TABLE figures (
  id INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles(id), sentence INTEGER, as_written TEXT NOT NULL, low REAL, high REAL,
  unit TEXT NOT NULL, hedge TEXT NOT NULL
) STRICT;
CREATE INDEX figures_article ON figures(article);
CREATE INDEX figures_unit ON figures(unit);
"""

REUSE = """
ALTER TABLE articles ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
CREATE INDEX articles_rank ON articles(rank);
DROP TABLE fingerprints;
CREATE TABLE fingerprints (
  hash INTEGER NOT NULL, rank INTEGER NOT NULL, article INTEGER NOT NULL REFERENCES articles(id), PRIMARY KEY (hash, rank, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX fingerprints_article ON fingerprints(article);
CREATE TABLE topics (
  term INTEGER NOT NULL, rank INTEGER NOT NULL, article INTEGER NOT NULL REFERENCES articles(id), PRIMARY KEY (term, rank, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX topics_article ON topics(article);
CREATE TABLE themes (article INTEGER PRIMARY KEY REFERENCES articles(id), terms BLOB NOT NULL) STRICT;
CREATE TABLE related (
  article INTEGER NOT NULL REFERENCES articles(id), other INTEGER NOT NULL REFERENCES articles(id), share REAL NOT NULL,
  PRIMARY KEY (article, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX related_other ON related(other);
DROP INDEX sentences_key;
DROP INDEX sentences_skeleton;
ALTER TABLE sentences DROP COLUMN skeleton;
ALTER TABLE sentences ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sentences ADD COLUMN boilerplate INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sentences_key ON sentences(key, rank, article);
CREATE TABLE boilerplate (
  outlet TEXT NOT NULL REFERENCES outlets(id), key INTEGER NOT NULL, text TEXT NOT NULL, articles INTEGER NOT NULL, learnt_at TEXT NOT NULL,
  PRIMARY KEY (outlet, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE corrections (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('split', 'join')), other TEXT, why TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX corrections_url ON corrections(url);
CREATE INDEX corrections_other ON corrections(other);
ALTER TABLE versions ADD COLUMN came TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN went TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN changed TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN figures TEXT NOT NULL DEFAULT '';
ALTER TABLE clusters ADD COLUMN added TEXT NOT NULL DEFAULT '';
ALTER TABLE clusters ADD COLUMN independent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles DROP COLUMN ordered_at
"""

POLLING = """
ALTER TABLE sources ADD COLUMN body_hash TEXT;
ALTER TABLE sources ADD COLUMN newest TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sources ADD COLUMN every REAL;
ALTER TABLE sources ADD COLUMN longest_pause REAL;
ALTER TABLE sources ADD COLUMN plain_at TEXT;
ALTER TABLE sources ADD COLUMN moved_to TEXT;
ALTER TABLE sources ADD COLUMN peak REAL;
ALTER TABLE sources ADD COLUMN distrusted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fetches ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fetches ADD COLUMN repaired_at TEXT;
ALTER TABLE fetches ADD COLUMN repaired_by TEXT;
ALTER TABLE articles ADD COLUMN etag TEXT;
ALTER TABLE articles ADD COLUMN last_modified TEXT;
ALTER TABLE articles ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN next_look_at TEXT;
ALTER TABLE articles ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX articles_next_look ON articles(next_look_at) WHERE next_look_at IS NOT NULL;
CREATE INDEX entries_listed ON entries(first_listed_at);
CREATE TABLE archives (path TEXT PRIMARY KEY, position INTEGER NOT NULL, finished_at TEXT, at TEXT NOT NULL) STRICT
"""

GAPS = """
ALTER TABLE fetches ADD COLUMN before TEXT;
ALTER TABLE fetches ADD COLUMN after TEXT;
ALTER TABLE fetches ADD COLUMN searches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fetches ADD COLUMN searched_at TEXT;
ALTER TABLE fetches ADD COLUMN found TEXT NOT NULL DEFAULT '';
CREATE INDEX fetches_open_gaps ON fetches(source, at) WHERE contiguous = 0 AND repaired_at IS NULL
"""

# Where in the text a figure or date stands: its sentence is found anew from that.
PLACES = """
ALTER TABLE figures ADD COLUMN place INTEGER;
ALTER TABLE dates ADD COLUMN place INTEGER
"""

# What a text leaves to be compared with: its words as numbers (so texts may be aged out), its fingerprints and topics; and one index
# of all hashes by which articles are found, into which they come many at a time (`store.postings`). The next crawl fills both.
POSTINGS = """
DROP TABLE fingerprints;
DROP TABLE topics;
DROP TABLE themes;
DROP INDEX sentences_key;
DROP INDEX IF EXISTS sentences_new;
CREATE TABLE said (
  article INTEGER NOT NULL REFERENCES articles(id), position INTEGER NOT NULL, text TEXT NOT NULL, key INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('known', 'reworded', 'new')), new_when_filed INTEGER NOT NULL,
  first_seen_in INTEGER REFERENCES articles(id), boilerplate INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (article, position)
) STRICT, WITHOUT ROWID;
INSERT INTO said SELECT article, position, text, key, status, new_when_filed, first_seen_in, boilerplate FROM sentences;
DROP TABLE sentences;
ALTER TABLE said RENAME TO sentences;
CREATE INDEX sentences_new ON sentences(article, status) WHERE status = 'new';
CREATE TABLE imprints (
  article INTEGER PRIMARY KEY REFERENCES articles(id), rank INTEGER NOT NULL, tokens BLOB NOT NULL, prints BLOB NOT NULL,
  terms BLOB NOT NULL
) STRICT;
CREATE TABLE postings (
  hash INTEGER NOT NULL, rank INTEGER NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (hash, rank, article)
) STRICT, WITHOUT ROWID;
CREATE TABLE unposted (id INTEGER PRIMARY KEY, article INTEGER) STRICT;
PRAGMA user_version = 0
"""

# What each sentence says, as numbers: of a sentence that surely says something else no word need be looked at. Where it is missing, it
# is found anew from the words.
GISTS = "ALTER TABLE imprints ADD COLUMN gists BLOB"

# Which articles are due for another look, some of each outlet, seen without opening one.
LOOKS = """
DROP INDEX articles_next_look;
CREATE INDEX articles_next_look ON articles(next_look_at, outlet, state, url) WHERE next_look_at IS NOT NULL
"""

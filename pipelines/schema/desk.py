"""What the desk and the exports add to the tables: what each reader had, and narrow indexes, so that no page reads a text."""

from __future__ import annotations

# A report keeps the public id of the article that first stood for it, whichever stands for it later; where an editor tore an
# article out of a report named after it, its number is added. `delivered`: the rows of a view as a reader last had them.
DELIVERIES = """
ALTER TABLE clusters ADD COLUMN public_id TEXT;
CREATE UNIQUE INDEX clusters_public_id ON clusters(public_id);
UPDATE OR IGNORE clusters SET public_id = (SELECT public_id FROM articles a WHERE a.id = clusters.first_live) WHERE merged_into IS NULL;
CREATE TRIGGER clusters_named AFTER UPDATE OF first_live ON clusters WHEN new.public_id IS NULL AND new.first_live IS NOT NULL BEGIN
  UPDATE clusters SET public_id = (SELECT a.public_id || iif(EXISTS (SELECT 1 FROM clusters c WHERE c.public_id = a.public_id),
  '-' || new.id, '') FROM articles a WHERE a.id = new.first_live) WHERE id = new.id; END;
CREATE TABLE readers (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, view TEXT NOT NULL, deliveries INTEGER NOT NULL, taken_at TEXT NOT NULL, UNIQUE (name, view)
) STRICT;
CREATE TABLE delivered (
  reader INTEGER NOT NULL REFERENCES readers(id), view TEXT NOT NULL, id TEXT NOT NULL, row TEXT NOT NULL, text_hash TEXT,
  gone INTEGER NOT NULL, PRIMARY KEY (reader, view, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY, reader INTEGER NOT NULL REFERENCES readers(id), format TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL,
  size INTEGER NOT NULL, UNIQUE (reader, format)
) STRICT;
CREATE TABLE delivery_parts (
  delivery INTEGER NOT NULL REFERENCES deliveries(id), position INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (delivery, position)
) STRICT
"""

# What the desk's pages list and count without touching a row that holds a body text: the `_shelf` indexes go by time, the
# `_cube` indexes part by part. A page of 100,000 articles or 250,000 decisions is answered from them alone. A decision knows
# whether it is the newest of its URL.
SHELVES = """
CREATE TABLE story (
  id INTEGER PRIMARY KEY CHECK (id = 1), title TEXT NOT NULL, summary TEXT NOT NULL, since TEXT NOT NULL, desk_timezone TEXT NOT NULL,
  sha TEXT NOT NULL
) STRICT;
DROP INDEX articles_rank;
CREATE INDEX articles_shelf ON articles(rank, outlet, language, agency, relation, state);
CREATE INDEX articles_cube ON articles(outlet, language, agency, relation, state);
CREATE INDEX fetches_repaired ON fetches(repaired_at) WHERE contiguous = 0 AND repaired_at IS NOT NULL;
CREATE INDEX versions_seen ON versions(seen_at) WHERE figures != '';
ALTER TABLE clusters ADD COLUMN outlet TEXT;
ALTER TABLE clusters ADD COLUMN language TEXT;
ALTER TABLE clusters ADD COLUMN agency TEXT;
ALTER TABLE clusters ADD COLUMN relation TEXT;
ALTER TABLE clusters ADD COLUMN rank INTEGER;
ALTER TABLE clusters ADD COLUMN filed_at TEXT;
UPDATE clusters SET
  (outlet, language, agency, relation, rank) = (SELECT outlet, language, agency, relation, rank FROM articles WHERE id = first_live),
  filed_at = (SELECT min(filed_at) FROM articles WHERE cluster = clusters.id AND relation != 'seed' AND state != 'dropped')
WHERE first_live IS NOT NULL;
CREATE INDEX clusters_shelf ON clusters(rank, outlet, language, agency, relation) WHERE merged_into IS NULL AND first_live IS NOT NULL;
CREATE INDEX clusters_cube ON clusters(outlet, language, agency, relation) WHERE merged_into IS NULL AND first_live IS NOT NULL;
CREATE INDEX clusters_filed ON clusters(filed_at) WHERE merged_into IS NULL AND first_live IS NOT NULL;
ALTER TABLE decisions ADD COLUMN newest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decisions ADD COLUMN outlet TEXT;
ALTER TABLE decisions ADD COLUMN new_figures TEXT NOT NULL DEFAULT '';
UPDATE decisions SET newest = 1 WHERE id IN (SELECT max(id) FROM decisions GROUP BY url);
UPDATE decisions SET outlet = (SELECT outlet FROM entries WHERE url = decisions.url);
CREATE UNIQUE INDEX decisions_newest ON decisions(url) WHERE newest = 1;
CREATE INDEX decisions_at ON decisions(at) WHERE newest = 1;
CREATE INDEX decisions_shelf ON decisions(id, verdict, outlet, stage) WHERE newest = 1;
CREATE INDEX decisions_mentions ON decisions(new_figures != '', id, outlet) WHERE newest = 1 AND verdict = 'mention';
CREATE INDEX decisions_cube ON decisions(verdict, outlet, stage, id) WHERE newest = 1;
CREATE TRIGGER decisions_newest AFTER INSERT ON decisions BEGIN
  UPDATE decisions SET newest = 0 WHERE url = new.url AND newest = 1; \
  UPDATE decisions SET newest = 1, outlet = (SELECT outlet FROM entries WHERE url = new.url) WHERE id = new.id; END;
CREATE TRIGGER entries_outlet AFTER INSERT ON entries BEGIN
  UPDATE decisions SET outlet = new.outlet WHERE url = new.url AND outlet IS NULL; END
"""

# A figure carries the rank and the cluster of its article, so that one narrow index gives the values of a unit in time order and the
# reports that have them; no rank: the article was dropped. Pages of the desk find an article by the id that exports and feeds give it.
FIGURES = """
CREATE INDEX IF NOT EXISTS articles_public_id ON articles(public_id);
CREATE INDEX articles_outlet ON articles(id, cluster, outlet);
ALTER TABLE figures ADD COLUMN rank INTEGER;
ALTER TABLE figures ADD COLUMN cluster INTEGER;
UPDATE figures SET (rank, cluster) = (SELECT iif(state != 'dropped', rank, NULL), cluster FROM articles a WHERE a.id = figures.article);
DROP INDEX figures_unit;
CREATE INDEX figures_unit ON figures(unit, rank, article, cluster, low, high, hedge);
CREATE INDEX figures_value ON figures(unit, low, high, hedge, rank, article);
CREATE INDEX figures_report ON figures(unit, cluster, rank);
CREATE TRIGGER figures_placed AFTER INSERT ON figures BEGIN
  UPDATE figures SET (rank, cluster) = (SELECT iif(state != 'dropped', rank, NULL), cluster FROM articles WHERE id = new.article)
  WHERE id = new.id; END;
CREATE TRIGGER articles_moved AFTER UPDATE OF rank, state, cluster ON articles
WHEN new.rank IS NOT old.rank OR new.state IS NOT old.state OR new.cluster IS NOT old.cluster BEGIN
  UPDATE figures SET rank = iif(new.state != 'dropped', new.rank, NULL), cluster = new.cluster WHERE article = new.id; END
"""

# What a row of `coverage` says of the first live text, so that counting and listing reports opens no article.
FIRST_LIVE = """
ALTER TABLE clusters ADD COLUMN url TEXT;
ALTER TABLE clusters ADD COLUMN published TEXT;
ALTER TABLE clusters ADD COLUMN first_public_id TEXT;
UPDATE clusters SET (url, published, first_public_id) = (SELECT url, published, public_id FROM articles WHERE id = first_live)
"""

# What Datasette's own tables and the dashboard sort, count and sum up by, beside the texts and not through them.
BY_DATE = """
CREATE INDEX articles_by_date ON articles(published, state, outlet, relation, language, agency, published_at, first_listed_at, filed_at,
  published_precision, origin, cluster);
CREATE INDEX sentences_new ON sentences(article, status) WHERE status = 'new';
CREATE INDEX versions_by_date ON versions(seen_at, article);
CREATE INDEX figures_by_date ON figures(rank) WHERE rank IS NOT NULL;
CREATE INDEX figures_first ON figures(unit, low, high, rank);
CREATE INDEX clusters_changed ON clusters(changed_at)
"""

# Every column of `articles_list`, so that an export of all articles reads half a kilobyte of each and no text, which counts where the
# disk is cold. In the order of `id`, as the table is.
LISTED = """
CREATE INDEX articles_listed ON articles(id, published, headline, outlet, relation, agency, byline, language, published_at, first_listed_at,
  new_sentences, own_share, words, paywalled, relevance, published_precision, published_basis, modified_at, fetched_at, filed_at,
  changed_at, origin, cluster, state, url, public_id, pruned_at, reservations)
"""

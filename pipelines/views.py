"""What people and exports read, as SQL. None carries a body text but `new_sentences` and `mentions`, a sentence a row."""

from __future__ import annotations

from typing import get_args

from pipelines.article import Closing

_PLAIN = (("ä", "a"), ("ö", "o"), ("ü", "u"), ("ß", "ss"), ("é", "e"), ("è", "e"), ("á", "a"), ("ç", "c"), ("ñ", "n"), ("í", "i"))


def folded(expression: str) -> str:
    """SQL that writes a text without umlauts and accents, as someone searches who lacks the keys. Who asks folds the words, too."""
    for letter, plain in _PLAIN:
        expression = f"replace({expression}, '{letter}', '{plain}')"
        if letter != "ß":
            expression = f"replace({expression}, '{letter.upper()}', '{plain.upper()}')"
    return expression


def _whole(number: str) -> str:
    """SQL that writes 7000.0 as people do."""
    return f"CASE WHEN {number} = CAST({number} AS INTEGER) THEN CAST({number} AS INTEGER) ELSE {number} END"


_NAME = "coalesce(o.name, a.outlet, '')"

# The three days before the newest fetch: 1.8 of the 5 seconds that Datasette allows, at 171 outlets with three sources each asked
# every quarter of an hour; a week took 3.9. `scrapy proof` looks back further.
_LAST_DAYS = "(SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, '-3 days') FROM fetches ORDER BY id DESC LIMIT 1)"
_VERDICTS = ", ".join(f"'{verdict}'" for verdict in get_args(Closing))  # named one by one, so that the index of times is used

VIEWS: dict[str, str] = {
    "verdicts": """
SELECT d.url, d.at, d.stage, d.verdict, d.reason, d.score, d.retry_at,
       coalesce((SELECT headline FROM entries e WHERE e.url = d.url), '') AS headline, d.outlet,
       (SELECT source FROM entries e WHERE e.url = d.url) AS source, d.run, d.story_hash, d.new_figures
FROM decisions d
WHERE d.newest = 1""",
    "articles_list": f"""
SELECT a.id, a.published, a.headline, {_NAME} AS outlet, a.relation, a.agency, a.byline, o.country, a.language,
       substr(coalesce(a.published_at, a.published, a.first_listed_at), 1, 7) AS month, a.new_sentences, a.own_share, a.words, a.paywalled,
       a.relevance, a.published_precision, a.published_basis, a.modified_at, a.first_listed_at, a.fetched_at, a.filed_at, a.changed_at,
       a.origin, a.cluster, a.state, a.url, a.public_id, a.pruned_at, a.reservations
FROM articles a LEFT JOIN outlets o ON o.id = a.outlet
WHERE a.state != 'dropped'""",
    "coverage": """
SELECT c.id AS cluster, c.first_seen_at, c.headline, coalesce(o.name, '') AS outlet, c.agency, c.relation, c.published, c.copies, c.outlets,
       c.new_sentences, c.added, c.independent, c.own_share, c.language, o.country, c.changed_at, c.url, c.first_live AS article,
       c.first_public_id AS public_id, CASE WHEN c.root != c.first_live THEN c.root END AS root,
       coalesce(c.public_id, c.first_public_id) AS report
FROM clusters c LEFT JOIN outlets o ON o.id = c.outlet
WHERE c.merged_into IS NULL AND c.first_live IS NOT NULL
ORDER BY c.first_seen_at DESC, c.id DESC""",
    "copies": f"""
SELECT a.cluster, a.origin, s.headline AS origin_headline, coalesce(so.name, s.url) AS origin_outlet, a.id AS article, {_NAME} AS outlet,
       a.relation, a.headline, a.published, r.words AS shared_words, r.share, a.own_share, a.new_sentences, a.changed_at, a.url,
       s.url AS origin_url
FROM articles a JOIN articles s ON s.id = a.origin LEFT JOIN outlets o ON o.id = a.outlet LEFT JOIN outlets so ON so.id = s.outlet
LEFT JOIN reuse r ON r.article = a.id AND r.source = a.origin
WHERE a.state != 'dropped'""",
    "related_reports": f"""
SELECT a.published, {_NAME} AS outlet, a.headline, b.published AS other_published, coalesce(p.name, b.outlet, '') AS other_outlet,
       b.headline AS other_headline, round(r.share, 2) AS shared_topics, a.changed_at, a.url, b.url AS other_url, a.cluster,
       b.cluster AS other_cluster
FROM articles a CROSS JOIN related r ON r.article = a.id JOIN articles b ON b.id = r.other
LEFT JOIN outlets o ON o.id = a.outlet LEFT JOIN outlets p ON p.id = b.outlet
WHERE a.cluster != b.cluster AND a.state != 'dropped' AND b.state != 'dropped' AND (a.outlet IS NOT b.outlet OR a.outlet IS NULL)""",
    "revisions": f"""
SELECT v.article, v.seen_at, {_NAME} AS outlet, a.headline, CASE WHEN v.headline != a.headline THEN v.headline END AS earlier_headline,
       v.figures, v.changed, v.came, v.went, nullif(length(v.text), 0) AS earlier_length, nullif(length(a.text), 0) AS length, a.changed_at,
       a.url, v.id AS version
FROM versions v JOIN articles a ON a.id = v.article LEFT JOIN outlets o ON o.id = a.outlet""",
    "mentions": """
SELECT v.url, v.at, v.headline, coalesce(o.name, v.outlet, '') AS outlet, v.new_figures, v.score, v.reason
FROM verdicts v LEFT JOIN outlets o ON o.id = v.outlet
WHERE v.verdict = 'mention'""",
    "new_sentences": f"""
SELECT a.published, {_NAME} AS outlet, a.headline, s.text AS sentence, s.position, a.relation, a.agency, a.language, a.changed_at, a.url,
       a.id AS article, a.cluster, a.public_id
FROM articles a CROSS JOIN sentences s ON s.article = a.id LEFT JOIN outlets o ON o.id = a.outlet
WHERE s.status = 'new' AND +a.pruned_at IS NULL AND a.relation != 'seed' AND a.state != 'dropped'""",
    "figures_over_time": f"""
SELECT f.unit, a.published, {_whole("f.low")} AS low, {_whole("f.high")} AS high, f.hedge, f.as_written, {_NAME} AS outlet,
       a.headline, s.text AS sentence, a.relation,
       a.changed_at, a.url, a.id AS article, f.rank
FROM figures f LEFT JOIN articles a ON a.id = f.article LEFT JOIN outlets o ON o.id = a.outlet
LEFT JOIN sentences s ON s.article = f.article AND s.position = f.sentence
WHERE f.rank IS NOT NULL""",
    "source_health": """
SELECT o.name AS outlet, o.country, s.kind, s.state, s.last_ok_at, s.last_new_at, s.failures,
       (SELECT count(*) FROM fetches f WHERE f.source = s.url) AS fetches,
       (SELECT f.outcome || coalesce(' ' || f.http_status, '') || coalesce(': ' || nullif(f.reason, ''), '') FROM fetches f
        WHERE f.source = s.url ORDER BY f.at DESC, f.id DESC LIMIT 1) AS last_fetch,
       s.next_due_at, s.url, s.outlet AS outlet_id
FROM sources s JOIN outlets o ON o.id = s.outlet""",
    "gaps": """
SELECT f.at, o.name AS outlet, s.kind, f.entries, f.new_entries, f.repaired_at, f.repaired_by, f.found, f.source
FROM fetches f JOIN sources s ON s.url = f.source JOIN outlets o ON o.id = s.outlet
WHERE f.contiguous = 0""",
    "proof": f"""
SELECT h.hour || ':00:00Z' AS at, o.name AS outlet, sum(h.asked) AS asked, sum(h.ok) AS ok, sum(h.unchanged) AS unchanged,
       sum(h.failed) AS failed, sum(h.denied) AS denied, sum(h.gap) AS gaps, sum(h.repaired) AS repaired, sum(h.listed) AS listed,
       sum(h.filed) AS filed, sum(h.left_out) AS left_out, h.outlet AS outlet_id
FROM (
  SELECT s.outlet, substr(f.at, 1, 13) AS hour, 1 AS asked, f.outcome IN ('ok', 'empty') AS ok, f.outcome = 'unchanged' AS unchanged,
         f.outcome = 'failed' AS failed, f.outcome = 'denied' AS denied, f.contiguous IS 0 AS gap,
         f.contiguous IS 0 AND f.repaired_at IS NOT NULL AS repaired, f.new_entries AS listed, 0 AS filed, 0 AS left_out
  FROM sources s CROSS JOIN fetches f ON f.source = s.url AND f.at >= {_LAST_DAYS}
  UNION ALL
  SELECT e.outlet, substr(d.at, 1, 13), 0, 0, 0, 0, 0, 0, 0, 0, d.verdict = 'filed', d.verdict != 'filed'
  FROM decisions d JOIN entries e ON e.url = d.url WHERE d.verdict IN ({_VERDICTS}) AND d.at >= {_LAST_DAYS}) h
JOIN outlets o ON o.id = h.outlet
GROUP BY h.hour, h.outlet""",
    "feed": """
SELECT 'urn:nachlese:' || coalesce(c.public_id, c.first_public_id) AS atom_id, c.headline AS atom_title, c.changed_at AS atom_updated,
       c.url AS atom_link, coalesce(o.name || ': ', '') || c.new_sentences || ' new sentences, ' || c.copies || ' copies' AS atom_content
FROM clusters c LEFT JOIN outlets o ON o.id = c.outlet
WHERE c.merged_into IS NULL AND c.first_live IS NOT NULL
ORDER BY c.changed_at DESC""",
    "feed_figures": """
SELECT 'urn:nachlese:figure:' || f.unit || ':' || coalesce(f.low, '') || ':' || coalesce(f.high, '') AS atom_id,
       f.unit || ': ' || f.as_written || ' – ' || o.name AS atom_title, a.filed_at AS atom_updated, a.url AS atom_link,
       a.headline || coalesce(' – ' || nullif(s.text, ''), '') AS atom_content
FROM figures f JOIN articles a ON a.id = f.article JOIN outlets o ON o.id = a.outlet
LEFT JOIN sentences s ON s.article = f.article AND s.position = f.sentence AND s.status = 'new'
WHERE f.rank IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM figures g WHERE g.unit = f.unit AND g.low IS f.low AND g.high IS f.high AND g.rank <= f.rank
  AND (g.rank < f.rank OR g.id < f.id))
ORDER BY f.id DESC""",
}

"""What the article page asks the database. No query scans articles, versions, pages or sentences: a test looks at every plan."""

from __future__ import annotations

_LOOK = """a.id, a.public_id, a.url, substr(a.headline, 1, 1300) AS headline, coalesce(o.name, a.outlet, '') AS outlet, a.published,
    a.published_at, a.relation, a.rank"""
_ARTICLE = f"""SELECT {_LOOK}, substr(a.byline, 1, 1300) AS byline, substr(a.agency, 1, 400) AS agency, a.language, o.country,
    a.published_precision, a.published_basis, substr(a.published_conflicts, 1, 4000) AS published_conflicts, a.modified_at,
    a.first_listed_at, a.fetched_at, a.filed_at, a.changed_at, a.words, a.paywalled, a.relevance, a.matched, a.reason, a.origin, a.cluster,
    a.own_share, a.new_sentences, a.state, a.pruned_at FROM articles a LEFT JOIN outlets o ON o.id = a.outlet"""

SENTENCES = 1_500  # of an article that are shown; the longest live blog of the small web has 90
TEXT = 300_000  # characters of a text that are shown
FACTS = 500  # figures and dates of an article that are shown
VERSIONS = 20
RELATED = 30
MEMBERS = 2_000  # texts of a report that a tree is made of
SNIPPETS = 3  # new sentences that are quoted of a copy

QUERIES = {
    "by_id": f"{_ARTICLE} WHERE a.public_id = :id",
    "by_url": f"{_ARTICLE} WHERE a.url = :url",
    "aliases": "SELECT url, reason FROM decisions WHERE verdict = 'alias' ORDER BY at DESC",
    "text": f"SELECT substr(text, 1, {TEXT}) AS text, length(text) AS length FROM articles WHERE id = :id",
    "sentences": f"""SELECT position, text, status, boilerplate, first_seen_in FROM sentences WHERE article = :id
        ORDER BY position LIMIT {SENTENCES}""",
    "new_sentences": f"""SELECT position, text, status, boilerplate, first_seen_in FROM sentences
        WHERE article = :id AND status = 'new' ORDER BY position LIMIT {SENTENCES}""",
    "figures": f"""SELECT id, sentence, substr(as_written, 1, 300) AS as_written, low, high, unit, hedge FROM figures WHERE article = :id
        ORDER BY id LIMIT {FACTS}""",
    "dates": f"""SELECT id, sentence, substr(as_written, 1, 300) AS as_written, edtf, role, basis FROM dates WHERE article = :id
        ORDER BY id LIMIT {FACTS}""",
    "decisions": """SELECT at, stage, verdict, substr(reason, 1, 2000) AS reason, score, retry_at FROM decisions WHERE url = :url
        ORDER BY id DESC LIMIT 6""",
    "versions": f"""SELECT seen_at, substr(headline, 1, 1300) AS headline, substr(text, 1, {TEXT}) AS text, came, went, changed, figures
        FROM versions WHERE article = :id ORDER BY id DESC LIMIT {VERSIONS}""",
    "look": f"""SELECT {_LOOK} FROM json_each(:ids) j CROSS JOIN articles a ON a.id = j.value LEFT JOIN outlets o ON o.id = a.outlet""",
    "cluster": "SELECT id, merged_into, copies FROM clusters WHERE id = :cluster",
    "members": f"""SELECT {_LOOK}, a.origin, a.own_share, a.new_sentences, a.agency FROM articles a LEFT JOIN outlets o ON o.id = a.outlet
        WHERE a.cluster = :cluster AND (a.state != 'dropped' OR a.id = :id) ORDER BY a.rank LIMIT {MEMBERS}""",
    "count": "SELECT count(*) AS n FROM articles WHERE cluster = :cluster",
    "added": f"""SELECT article, position, text FROM (
          SELECT s.article, s.position, s.text, row_number() OVER (PARTITION BY s.article ORDER BY s.position) AS n
          FROM json_each(:ids) j CROSS JOIN sentences s ON s.article = j.value WHERE s.status = 'new' AND s.text != '')
        WHERE n <= {SNIPPETS} ORDER BY article, position""",
    "sources": f"""SELECT r.article, r.words AS shared, r.share, {_LOOK} FROM json_each(:ids) j CROSS JOIN reuse r ON r.article = j.value
        CROSS JOIN articles a ON a.id = r.source LEFT JOIN outlets o ON o.id = a.outlet
        WHERE a.cluster IS NOT :cluster AND a.state != 'dropped' ORDER BY r.share DESC LIMIT 200""",
    "related": f"""WITH kin(id, outlet) AS (
          SELECT r.other, m.outlet FROM articles m CROSS JOIN related r ON r.article = m.id WHERE m.cluster = :cluster
          UNION SELECT r.article, m.outlet FROM articles m CROSS JOIN related r ON r.other = m.id WHERE m.cluster = :cluster)
        SELECT {_LOOK}, min(a.rank) AS earliest, a.new_sentences FROM kin CROSS JOIN articles a ON a.id = kin.id
        LEFT JOIN outlets o ON o.id = a.outlet
        WHERE a.cluster != :cluster AND a.state != 'dropped' AND (a.outlet IS NOT kin.outlet OR a.outlet IS NULL)
        GROUP BY a.cluster ORDER BY earliest LIMIT {RELATED}""",
}

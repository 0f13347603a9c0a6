"""What the figures pages ask the database. They scan narrow covering indexes of `figures` alone: a test looks at every plan."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.amounts import Amount

UNITS = 200  # a story tracks some dozens
RECENT = 2_000  # figures of a unit in which its last new value is looked for
NEAR = 2_500  # figures around those of a page, the newest, that are compared: a page takes 84 ms, with 6,000 it took 190

_VALUE = "f.low, f.high, f.hedge"
_WHO = """a.id, a.public_id, a.url, substr(a.headline, 1, 1300) AS headline, coalesce(o.name, a.outlet, '') AS outlet, a.published,
    a.first_listed_at, a.fetched_at, a.relation, a.cluster"""
_RECENT = f"""figures f INDEXED BY figures_unit CROSS JOIN articles a ON a.id = f.article
        WHERE f.unit = :unit AND a.published IS NOT NULL AND f.rank >= coalesce(
          (SELECT rank FROM figures WHERE unit = :unit AND rank IS NOT NULL ORDER BY rank DESC LIMIT 1 OFFSET {RECENT}), -9e18)"""

QUERIES = {
    "units": f"""SELECT unit, count(*) AS mentions, min(coalesce(low, high)) AS low, max(coalesce(high, low)) AS high, max(rank) AS last
        FROM figures INDEXED BY figures_unit WHERE rank IS NOT NULL GROUP BY unit ORDER BY unit LIMIT {UNITS}""",
    "reports": """SELECT unit, count(DISTINCT cluster) AS reports FROM figures INDEXED BY figures_report WHERE rank IS NOT NULL
        GROUP BY unit""",
    # the newest dated report of a unit: one without a date stands where it was fetched, and may be years old
    "latest": f"""SELECT f.rank FROM {_RECENT} ORDER BY f.rank DESC LIMIT 1""",
    # the values of such a report
    "newest": f"""SELECT f.unit, f.id AS figure, f.as_written, f.rank, f.article, {_VALUE}
        FROM json_each(:newest) j CROSS JOIN figures f
        ON f.unit = json_extract(j.value, '$[0]') AND f.rank = json_extract(j.value, '$[1]') ORDER BY f.unit, f.id""",
    # the newest figure of a dated report that no earlier one equals
    "changed": f"""SELECT :unit AS unit, f.rank, f.article, {_VALUE} FROM {_RECENT}
        AND NOT EXISTS (SELECT 1 FROM figures e WHERE e.unit = :unit AND e.low IS f.low
          AND e.high IS f.high AND e.hedge = f.hedge AND e.rank < f.rank) ORDER BY f.rank DESC LIMIT 1""",
    # every value of a unit with the first and the last that gave it; example texts have negative ranks
    "values": """SELECT low, high, hedge, count(*) AS mentions, min(rank) AS earliest, min(CASE WHEN rank > 0 THEN rank END) AS live,
        max(rank) AS latest FROM figures WHERE unit = :unit AND rank IS NOT NULL GROUP BY low, high, hedge""",
    "at": f"""SELECT f.id AS figure, f.as_written, f.rank, f.article, {_VALUE}
        FROM json_each(:ranks) j CROSS JOIN figures f ON f.unit = :unit AND f.rank = j.value""",
    "near": f"""SELECT f.article, f.cluster, f.rank, {_VALUE}
        FROM json_each(:spans) j CROSS JOIN figures f ON f.unit = :unit
        AND f.rank BETWEEN json_extract(j.value, '$[0]') AND json_extract(j.value, '$[1]') ORDER BY f.rank DESC LIMIT {NEAR}""",
    "near_units": f"""SELECT f.unit, f.article, f.cluster, f.rank, {_VALUE}
        FROM json_each(:spans) j CROSS JOIN figures f ON f.unit = json_extract(j.value, '$[2]')
        AND f.rank BETWEEN json_extract(j.value, '$[0]') AND json_extract(j.value, '$[1]') ORDER BY f.rank DESC LIMIT {NEAR}""",
    "kin": """SELECT r.article, r.other FROM json_each(:articles) j CROSS JOIN related r ON r.article = j.value
        UNION SELECT r.other, r.article FROM json_each(:articles) j CROSS JOIN related r ON r.other = j.value""",
    "who": f"""SELECT {_WHO} FROM json_each(:articles) j CROSS JOIN articles a ON a.id = j.value LEFT JOIN outlets o ON o.id = a.outlet""",
}


def repeats(amounts: Sequence[Amount]) -> tuple[str, dict[str, object]]:
    """A query for who gave each of these amounts, and its values: place in `amounts`, report, outlet, first rank."""
    rows = ", ".join(f"({n}, :low{n}, :high{n}, :hedge{n})" for n in range(len(amounts)))
    values = {f"{name}{n}": getattr(amount, name) for n, amount in enumerate(amounts) for name in ("low", "high", "hedge")}
    sql = f"""WITH given(n, low, high, hedge) AS (VALUES {rows})
        SELECT given.n, a.cluster, a.outlet, min(f.rank) AS rank FROM given
        CROSS JOIN figures f ON f.unit = :unit AND f.low IS given.low AND f.high IS given.high AND f.hedge = given.hedge AND f.rank > 0
        CROSS JOIN articles a INDEXED BY articles_outlet ON a.id = f.article
        GROUP BY given.n, a.cluster, a.outlet ORDER BY given.n, rank"""
    return sql, values

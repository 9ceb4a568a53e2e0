"""Tabulations of presumed victims in view: the long view over many years, from public facts."""

from __future__ import annotations

import pandas as pd

from helpers.published.facts import SUPPRESSED_BY_SOURCE, select_current

SERIES = ["population", "category"]
# What a printed value counts, but for its unit.
COUNTED = ["population", "breakdown", "category", "period"]


def count_reported_victims(
    facts: pd.DataFrame, breaks: pd.DataFrame, *, breakdown: str, years: range
) -> pd.DataFrame:
    """Presumed victims a year, one row for each population, category and year that a source prints.

    Columns population, category, period (the year), spell, n (a number, or the source's own "<5"),
    status, mark, source (fact ids joined by "|"). A spell numbers the years of a series between
    which no break and no gap lies. No row where no source prints such a number.
    """
    current = select_current(facts)
    chosen = current[
        current["period"].str.fullmatch(r"\d{4}") & (current["breakdown"] == breakdown)
    ]
    chosen = chosen.assign(period=chosen["period"].astype(int))
    chosen = chosen[chosen["period"].isin(years)].sort_values([*SERIES, "period"])
    hidden = chosen["value"] == SUPPRESSED_BY_SOURCE
    counts = chosen.assign(
        spell=define_spells(chosen, breaks),
        n=chosen["value"].where(hidden, pd.to_numeric(chosen["value"], errors="coerce")),
        status=hidden.map({True: "suppressed", False: "released"}),
        mark="published",
        source=chosen["id"],
    )
    return counts[[*SERIES, "period", "spell", "n", "status", "mark", "source"]].reset_index(
        drop=True
    )


def find_printed_totals(facts: pd.DataFrame, totals: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Printed totals of the years, of the register with and without those whom the KMar alone
    reported: population, period, n, status, mark, source.

    `totals` are those of the monitor (`published.find_printed`), which leaves these victims out.
    """
    of_monitor = totals.assign(population="register_without_kmar_only")
    both = pd.concat([_find_printed(facts, "total", years), of_monitor], ignore_index=True)
    return both.drop_duplicates(["population", "period"])[
        ["population", "period", "n", "status", "mark", "source"]
    ].reset_index(drop=True)


def find_printed_ages(facts: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Printed numbers of minors and adolescents without those whom the KMar alone reported:
    category, period, n, status, mark, source."""
    rows = _find_printed(facts, "age_group", years)
    return rows.loc[
        rows["population"] == "register_without_kmar_only",
        ["category", "period", "n", "status", "mark", "source"],
    ].reset_index(drop=True)


def find_printed_reporters(
    facts: pd.DataFrame, of_monitor: pd.DataFrame, *, years: range
) -> pd.DataFrame:
    """Printed reports by kind of reporter without those whom the KMar alone reported, of single
    years: reporter, period, n, status, mark, source. The monitor (`published.find_printed`) is
    followed before other statistics."""
    rows = _find_printed(facts, "reporter", years)
    rows = rows[rows["population"] == "register_without_kmar_only"]
    both = pd.concat([of_monitor, rows], ignore_index=True).rename(columns={"category": "reporter"})
    yearly = both[both["period"].isin([str(year) for year in years]) & (both["reporter"] != "all")]
    kept = yearly.drop_duplicates(["reporter", "period"]).sort_values(["reporter", "period"])
    return kept[["reporter", "period", "n", "status", "mark", "source"]].reset_index(drop=True)


def join_printed_reporters(
    facts: pd.DataFrame, of_monitor: pd.DataFrame, *, years: range
) -> pd.DataFrame:
    """`find_printed_reporters`, with what the monitor prints of all reporters and the whole
    period."""
    own = of_monitor.rename(columns={"category": "reporter"})
    yearly = find_printed_reporters(facts, of_monitor, years=years)
    return pd.concat([own, yearly], ignore_index=True).drop_duplicates(
        ["reporter", "period"], ignore_index=True
    )


def _find_printed(facts: pd.DataFrame, breakdown: str, years: range) -> pd.DataFrame:
    current = select_current(facts)
    chosen = current[
        (current["breakdown"] == breakdown) & current["period"].isin([str(year) for year in years])
    ]
    return chosen.assign(
        n=pd.to_numeric(chosen["value"]), status="released", mark="published", source=chosen["id"]
    ).reset_index(drop=True)


def define_spells(series: pd.DataFrame, breaks: pd.DataFrame) -> pd.Series:
    """The number of each row's spell within its population and category, from 1.

    A new spell begins with the first year of a break that splits series, and after a year without a
    number. `series` is sorted by population, category and period.
    """
    splits = breaks.loc[breaks["splits"] == "yes", "year"].tolist()
    previous = series.groupby(SERIES)["period"].shift()
    has_gap = previous.isna() | (series["period"] - previous > 1)
    is_split = pd.Series(False, index=series.index)
    for year in splits:
        is_split |= (previous < year) & (series["period"] >= year)
    begins = (has_gap | is_split).astype(int)
    return begins.groupby([series[column] for column in SERIES]).cumsum()


def derive_shares(counts: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """`counts` with `share`: the count divided by the total of the same population and year,
    missing where no total is printed or the count is suppressed. The total holds victims of unknown
    sex, age or form too."""
    total = (
        totals[totals["status"] == "released"]
        .set_index(["population", "period"])["n"]
        .astype(float)
    )
    keys = pd.MultiIndex.from_frame(counts[["population", "period"]])
    share = pd.to_numeric(counts["n"], errors="coerce") / total.reindex(keys).to_numpy()
    position = counts.columns.get_loc("n") + 1
    with_share = counts.copy()
    with_share.insert(position, "share", share)
    return with_share


def compare_spell_ends(counts: pd.DataFrame) -> pd.DataFrame:
    """The last count of each spell of two years or more as a ratio of its first, one row a spell.

    Columns population, category, period ("2007-2011"), n_first, n_last, n_years, value (the ratio),
    unit, status, mark, source.
    """
    known = counts[counts["status"] == "released"]
    rows = []
    for (population, category, _), spell in known.groupby([*SERIES, "spell"], sort=False):
        first, last = spell.iloc[0], spell.iloc[-1]
        if len(spell) > 1:
            rows.append(
                {
                    "population": population,
                    "category": category,
                    "period": f"{first['period']}-{last['period']}",
                    "n_first": first["n"],
                    "n_last": last["n"],
                    "n_years": len(spell),
                    "value": last["n"] / first["n"],
                    "unit": "times",
                    "status": "released",
                    "mark": "published",
                    "source": f"{first['source']}|{last['source']}",
                }
            )
    return pd.DataFrame(
        rows,
        columns=[
            *SERIES,
            "period",
            "n_first",
            "n_last",
            "n_years",
            "value",
            "unit",
            "status",
            "mark",
            "source",
        ],
    )


def compare_detection(totals: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Registered victims of a year as a share of the estimate that covers that year, with the
    estimate's limits carried over.

    `totals` are counts of one population of the register, `estimates` come from
    `tabulate_published_estimates` with limits and must count the same victims (the border police's
    among them, or not). A year that no estimate covers, or for which no total is printed, has no
    row. Columns category (whose estimate), period, n_seen, share, ci_lower, ci_upper, precision,
    status, mark, source.
    """
    rows = []
    for _, estimate in estimates.iterrows():
        first, last = int(estimate["period"][:4]), int(estimate["period"][-4:])
        for _, total in totals[
            (totals["status"] == "released") & totals["period"].between(first, last)
        ].iterrows():
            seen = float(total["n"])
            rows.append(
                {
                    "category": estimate["category"],
                    "period": str(total["period"]),
                    "n_seen": seen,
                    "share": seen / estimate["n"],
                    "ci_lower": seen / estimate["ci_upper"],
                    "ci_upper": seen / estimate["ci_lower"],
                    "precision": estimate["precision"],
                    "status": "released",
                    "mark": "published",
                    "source": f"{total['source']}|{estimate['source']}",
                }
            )
    return pd.DataFrame(
        rows,
        columns=[
            "category",
            "period",
            "n_seen",
            "share",
            "ci_lower",
            "ci_upper",
            "precision",
            "status",
            "mark",
            "source",
        ],
    )


def select_revised(facts: pd.DataFrame) -> pd.DataFrame:
    """The printed values of a year that differ, of the same people in the same unit: a share of
    them is no later count. Ambiguous rows (several values under one heading) are not revisions."""
    is_year = facts["period"].str.fullmatch(r"\d{4}") & (facts["standing"] != "ambiguous")
    yearly = facts[is_year]
    return yearly[yearly.groupby(["unit", *COUNTED])["value"].transform("nunique") > 1]


def list_revisions(facts: pd.DataFrame, *, years: range) -> pd.DataFrame:
    """Every year for which sources print different values, one row a value: what is counted, the
    value, its standing, and the ids that print it."""
    differing = select_revised(facts)
    differing = differing[differing["period"].astype(int).isin(years)]
    listed = (
        differing.groupby([*COUNTED, "standing", "value"])
        .agg(source=("id", "|".join))
        .reset_index()
    )
    listed = listed.assign(
        n=listed["value"].astype(float), status="released", mark="published"
    ).sort_values([*COUNTED, "n"])
    return listed[[*COUNTED, "standing", "n", "status", "mark", "source"]].reset_index(drop=True)

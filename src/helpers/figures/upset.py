"""An upset plot: how many are in each combination of sets, with the combination drawn as dots (Lex
and others 2014)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from helpers.figures.layout import fit_width
from helpers.figures.picture import Notice, Picture, make_notice, make_picture
from helpers.figures.style import COLOURS, GREY, SMALL, WIDTH_INCHES, set_style
from helpers.labels import format_list, text
from helpers.release import Released
from helpers.wording import format_cell, name_code

_FAINT = "#d9d9d9"


def plot_upset(released: Released, *, sets: str) -> Picture | Notice:
    """Draw `n` of each combination in the column `sets` ("P+Z") as a bar, and below it which sets
    it joins.

    A row that is no combination of known sets, such as "other combinations", has a bar and no dots.
    Sets stand in the order of
    their size within the combinations shown.
    """
    edition = released.edition
    if released.known().empty:
        return make_notice(released)
    rows = released.known().sort_values("n", ascending=False, kind="stable")
    singles = {
        code
        for code in rows[sets]
        if "+" not in code and any(code in other.split("+") for other in rows[sets] if "+" in other)
    }
    rows = rows.sort_values(
        sets,
        key=lambda codes: [code not in singles and "+" not in code for code in codes],
        kind="stable",
    ).reset_index(drop=True)
    parts = [
        [part for part in code.split("+") if part in singles or "+" in code] for code in rows[sets]
    ]
    totals = (
        pd.Series(
            rows["n"].repeat([len(p) for p in parts]).to_numpy(),
            [name for p in parts for name in p],
        )
        .groupby(level=0)
        .sum()
    )
    order = list(totals.sort_values(kind="stable").index)
    set_style()
    figure, (bars, matrix) = plt.subplots(
        2,
        1,
        figsize=(WIDTH_INCHES, 3.2 + 0.28 * len(order)),
        sharex=True,
        gridspec_kw={"height_ratios": [3.2, 0.3 * len(order)], "hspace": 0.04},
    )
    _draw_bars(bars, rows, edition)
    _draw_matrix(
        matrix,
        rows,
        parts,
        order,
        [name_code(code, sets, edition.language) for code in order],
    )
    for place, (code, joined) in enumerate(zip(rows[sets], parts, strict=True)):
        if not joined:
            matrix.text(
                place,
                (len(order) - 1) / 2,
                name_code(code, sets, edition.language),
                rotation=90,
                ha="center",
                va="center",
                color=GREY,
                fontsize=SMALL,
            )
    fit_width(figure)
    words = [
        f"{name_code(code, sets, edition.language)}: {format_cell(row, 'n', edition)}"
        for code, (_, row) in zip(rows[sets], rows.iterrows(), strict=True)
    ]
    return make_picture(
        figure,
        released,
        text(
            "alt_upset",
            edition.language,
            sets=format_list(order[::-1], edition.language),
            points="; ".join(words),
        ),
    )


def _draw_bars(axes: Axes, rows: pd.DataFrame, edition) -> None:
    sns.barplot(
        x=rows.index,
        y=rows["n"],
        ax=axes,
        color=COLOURS[0],
        width=0.62,
        saturation=1,
        errorbar=None,
    )
    axes.set(xlabel="", ylabel="")
    axes.set_ylim(0, rows["n"].max() * 1.3)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(bottom=False)
    for place, row in rows.iterrows():
        axes.text(
            place,
            row["n"] + rows["n"].max() * 0.02,
            format_cell(row, "n", edition),
            ha="center",
            va="bottom",
            fontsize=SMALL,
            rotation=90,
        )


def _draw_matrix(
    axes: Axes, rows: pd.DataFrame, parts: list[list[str]], order: list[str], names: list[str]
) -> None:
    for place, joined in enumerate(parts):
        heights = sorted(order.index(name) for name in joined)
        if joined:
            axes.plot(
                [place] * len(order),
                range(len(order)),
                linestyle="",
                marker="o",
                markersize=6,
                color=_FAINT,
                zorder=1,
            )
            axes.plot(
                [place] * len(heights),
                heights,
                marker="o",
                markersize=6,
                linewidth=1.8,
                color="black",
                zorder=2,
            )
    axes.set_yticks(range(len(order)), names)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_xticks([])
    axes.tick_params(left=False)
    axes.spines[["left", "bottom", "right", "top"]].set_visible(False)

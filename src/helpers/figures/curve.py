"""A share that grows with time since an event, with its band, at the steps that may be shown."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.figures.picture import Notice, Picture, make_notice, make_picture
from helpers.figures.style import COLOURS, GREY, LINES, MARKERS, WIDTH_INCHES, set_style
from helpers.figures.wording import format_cell, name_code
from helpers.labels import format_share, label, text
from helpers.release import Released


def plot_curve(released: Released, *, hue: str | None = None) -> Picture | Notice:
    """Draw `share` over `years`, one line a code of `hue`, from zero; points are the steps that may
    be shown, and the band holds the limits."""
    edition, rows = released.edition, released.known()
    if rows.empty:
        return make_notice(released)
    rows = rows.assign(years=rows["years"].astype(float))
    set_style()
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 3.5))
    series: list[Any] = list(dict.fromkeys(rows[hue])) if hue is not None else [None]
    words = []
    for number, code in enumerate(series):
        part = rows if hue is None else rows[rows[hue] == code]
        name = None if hue is None else name_code(code, hue, edition.language)
        axes.plot(
            [0, *part["years"]],
            [0, *part["share"]],
            color=COLOURS[number],
            marker=MARKERS[number],
            linestyle=LINES[number],
            markersize=5,
            linewidth=1.8,
            label=name,
        )
        axes.fill_between(
            part["years"],
            part["ci_lower"],
            part["ci_upper"],
            color=COLOURS[number],
            alpha=0.18,
            linewidth=0,
        )
        last = part.iloc[-1]
        words.append(
            (f"{name}: " if name else "")
            + text(
                "alt_curve_point",
                edition.language,
                share=format_cell(last, "share", edition),
                years=f"{last['years']:g}",
            )
        )
    axes.set_ylim(0, rows["ci_upper"].max() * 1.08)
    axes.set_xlim(0, rows["years"].max() * 1.03)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: format_share(value, edition.language))
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(label("years", edition.language, kind="unit"), color=GREY)
    if hue is not None:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.2), handlelength=2.6)
    return make_picture(
        figure, released, text("alt_curve", edition.language, points="; ".join(words)), drawn=rows
    )

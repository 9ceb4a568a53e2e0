"""A number over time since an event, with its band, at the steps that may be shown."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.edition import Edition
from helpers.figures.layout import fit_width, name_ends
from helpers.figures.picture import Notice, Picture, make_notice, make_picture
from helpers.figures.style import COLOURS, GREY, LINES, MARKERS, SMALL, WIDTH_INCHES, set_style
from helpers.labels import format_number, format_share, label, text
from helpers.products import name_column
from helpers.release import Released
from helpers.wording import format_cell, name_code


def plot_curve(
    released: Released,
    *,
    x: str = "years",
    y: str = "share",
    hue: str | None = None,
    from_zero: bool = True,
) -> Picture | Notice:
    """Draw `y` over `x`, one line a code of `hue`, from zero; points are the steps that may be
    shown, and the band holds the limits, where there are any. `from_zero` False: nothing is known
    where `x` is 0."""
    edition, rows = released.edition, released.known()
    if rows.empty:
        return make_notice(released)
    rows = rows.assign(**{x: rows[x].astype(float)})
    set_style()
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 3.5))
    series: list[Any] = list(dict.fromkeys(rows[hue])) if hue is not None else [None]
    words, ends = [], []
    for number, code in enumerate(series):
        part = rows if hue is None else rows[rows[hue] == code]
        name = None if hue is None else name_code(code, hue, edition.language)
        _draw_course(axes, part[[x, *_list_numbers(part, y)]], number, from_zero=from_zero)
        ends.append((name or "", float(part[y].iloc[-1]), COLOURS[number]))
        words.append((f"{name}: " if name else "") + _name_point(part.iloc[-1], x, y, edition))
    highest = rows[_list_numbers(rows, y)].max().max()
    axes.set_ylim(0, highest * 1.08)
    axes.set_xlim(0, rows[x].max() * 1.03)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: _format_height(value, y, highest, edition.language))
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(_name_axis(x, edition.language), color=GREY)
    if y != "share":
        unit = label(rows["unit"].iloc[0], edition.language, kind="unit")
        axes.set_title(unit, loc="left", x=-0.12, pad=12, fontsize=SMALL, color=GREY)
    if hue is not None:
        name_ends(axes, ends)
    box = fit_width(figure)
    kind = "alt_curve" if y == "share" else "alt_course"
    alt = text(kind, edition.language, points="; ".join(words))
    return make_picture(figure, released, alt, drawn=rows, box=box)


def _list_numbers(rows: pd.DataFrame, y: str) -> list[str]:
    """The number that is drawn, and its limits where the table has them."""
    return [y, *(name for name in ("ci_lower", "ci_upper") if name in rows)]


def _draw_course(axes: Axes, part: pd.DataFrame, number: int, *, from_zero: bool) -> None:
    """One line, of the first column over the second, between the limits that follow."""
    places, *numbers = (part[column].astype(float).tolist() for column in part)
    axes.plot(
        [0, *places] if from_zero else places,
        [0, *numbers[0]] if from_zero else numbers[0],
        color=COLOURS[number],
        marker=MARKERS[number],
        linestyle=LINES[number],
        markersize=5,
        linewidth=1.8,
    )
    if len(numbers) > 1:
        band: dict[str, Any] = {"color": COLOURS[number], "alpha": 0.18, "linewidth": 0}
        axes.fill_between(places, numbers[1], numbers[2], **band)


def _format_height(value: float, y: str, highest: float, language: str) -> str:
    if y == "share":
        return format_share(value, language)
    return format_number(value, language, decimals=0 if highest >= 5 else 1 if highest >= 2 else 2)


def _name_axis(x: str, language: str) -> str:
    return label("years", language, kind="unit") if x == "years" else name_column(x, language)


def _name_point(row: pd.Series, x: str, y: str, edition: Edition) -> str:
    shown = format_cell(row, y, edition)
    if y == "share":
        return text("alt_curve_point", edition.language, share=shown, years=f"{row[x]:g}")
    axis = _name_axis(x, edition.language)
    return text("alt_course_point", edition.language, value=shown, place=f"{row[x]:g}", axis=axis)

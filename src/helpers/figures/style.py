"""One look for all pictures: readable in print, on a phone and for the colour-blind."""

from __future__ import annotations

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

# Okabe and Ito (2008), in an order whose neighbours also differ in grey; every series has its own
# marker and line too.
COLOURS = ("#0072B2", "#D55E00", "#000000", "#009E73", "#CC79A7", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (3, 1, 1, 1)), "-.", ":")
GREY = "#595959"
BADGE = "#8f3f00"
# As wide as a phone shows it, names and all: small words are then some 11 pixels there, and 15 on a wide
# screen; `SMALL` is the least size of words, in points.
WIDTH_INCHES, WIDEST_INCHES, SMALL = 4.4, 4.1, 10.5
# What the box of the badge takes beside its word, in inches.
_BADGE_EDGE = 0.06


def set_style() -> None:
    """Set matplotlib and seaborn up so that a picture is the same in every run: text stays text, so
    that it can be searched and is set in the page's font; a fixed salt."""
    sns.set_theme(style="ticks", context="paper", palette=list(COLOURS))
    plt.rcParams.update(
        {
            "font.family": "DejaVu Sans",
            "font.size": 11.5,
            "axes.labelsize": 11,
            "xtick.labelsize": 11,
            "ytick.labelsize": 11,
            "legend.fontsize": SMALL,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "victim-monitor",
            "svg.fonttype": "none",
            "figure.facecolor": "white",
        }
    )


def draw_badge(figure: Figure, word: str, box: Bbox) -> Bbox:
    """The plain word "made-up" in a box above a picture of made-up numbers; the page frames it.
    `box` is what the picture takes, in inches; returns that with the badge, which ends where the
    picture does, so that it makes none wider."""
    top = box.ymax / figure.get_figheight() + 0.01
    badge = figure.text(
        (box.xmax - _BADGE_EDGE) / figure.get_figwidth(),
        top,
        word,
        ha="right",
        va="bottom",
        fontsize=11,
        weight="bold",
        color=BADGE,
        bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": BADGE},
    )
    own = badge.get_window_extent()
    return Bbox.union([box, own.transformed(figure.dpi_scale_trans.inverted())])

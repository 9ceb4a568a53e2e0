"""One look for all pictures: readable in print, on a phone and for the colour-blind."""

from __future__ import annotations

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

# Okabe and Ito (2008), in an order whose neighbours also differ in grey; every series has its own
# marker and line too.
COLOURS = ("#0072B2", "#D55E00", "#000000", "#009E73", "#CC79A7", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (3, 1, 1, 1)), "-.", ":")
GREY = "#595959"
WIDTH_INCHES = 4.7


def set_style() -> None:
    """Set matplotlib and seaborn up so that a picture is the same in every run: one font, outlines
    for text, a fixed salt."""
    # Here, since seaborn loads most of scipy, and the site asks this room for words alone.
    import seaborn as sns

    sns.set_theme(style="ticks", context="paper")
    plt.rcParams.update(
        {
            "font.family": "DejaVu Sans",
            "font.size": 10.5,
            "axes.labelsize": 10.5,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "legend.fontsize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "victim-monitor",
            "svg.fonttype": "path",
            "figure.facecolor": "white",
        }
    )

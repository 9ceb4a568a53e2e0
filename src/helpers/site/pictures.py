"""Pictures inside the page: real text in the page's font, colours that follow light, dark and
print."""

from __future__ import annotations

import html
import re

# The drawing's colours and the style sheet's names for them; what has no name stays as drawn.
INK = {
    "#0072b2": "--figure-1",
    "#d55e00": "--figure-2",
    "#009e73": "--figure-4",
    "#cc79a7": "--figure-5",
    "#56b4e9": "--figure-6",
    "#000000": "--figure-ink",
    "#262626": "--figure-ink",
    "#595959": "--figure-grey",
    "#c8c8c8": "--figure-faint",
    "#d9d9d9": "--figure-faint",
    "#ececec": "--figure-shade",
    "#8f3f00": "--figure-badge",
    "#ffffff": "--figure-ground",
}
_PROLOG = re.compile(
    r"^.*?(?=<svg)|<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", re.DOTALL
)
_PROVENANCE = re.compile(r'id="provenance-([a-z-]+)"')
_TABLE = re.compile(r'id="table-([a-z0-9_]+)"')
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def find_provenance(drawing: str) -> tuple[str, ...]:
    """The marks of the rows that a drawing shows, as `figures` wrote them into it."""
    found = _PROVENANCE.search(drawing)
    return tuple(found[1].split("-")) if found else ()


def find_table(drawing: str) -> str:
    """The name of the released table that a drawing shows; "" where it does not say."""
    found = _TABLE.search(drawing)
    return found[1] if found else ""


def inline_picture(drawing: str, *, name: str, alt: str) -> str:
    """The drawing as a part of the page: named by its alt text, with identifiers of its own."""
    drawing = _PROLOG.sub("", drawing)
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', drawing))
    wanted = {one or other for one, other in used}
    drawing = re.sub(
        r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in wanted else "", drawing
    )
    drawing = re.sub(r'href="#', f'href="#{name}-', drawing)
    drawing = re.sub(r"url\(#", f"url(#{name}-", drawing)
    drawing = re.sub(r"font-family: [^;\"]+;? ?", "", drawing)
    drawing = re.sub(r"font: ([^;\"]*?)([\d.]+px) [^;\"]+(;? ?)", r"\1font-size: \2\3", drawing)
    drawing = _COLOUR.sub(lambda m: f"var({INK[m[0]]})" if m[0] in INK else m[0], drawing)
    drawing = re.sub(r"\s*\n\s*", " ", drawing)
    label = html.escape(alt, quote=True)
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing).groups()  # type: ignore[union-attr]
    return re.sub(
        r"<svg [^>]*>",
        f'<svg class="picture" role="img" aria-label="{label}" viewBox="0 0 {width} {height}" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">',
        drawing,
        count=1,
    ).strip()

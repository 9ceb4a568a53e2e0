"""What a page loads: one style sheet, one script and the few icons that are seen.

The theme brings some thirty files and 0.9 MB a page, most of it for what this book does not use.
Here they are joined after the build, and what no page names is left out of the site.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from fontTools import subset
from fontTools.ttLib import TTFont

STYLE, SCRIPT, ICONS = "site.css", "site.js", "icons.woff"
# fontawesome.js draws icons that the font draws too; bootstrap.js serves menus and tips that no page
# has; the next ones are Sphinx's search, in whose place stands our own; tabs are not used.
LEFT_OUT = (
    "fontawesome.js",
    "bootstrap.js",
    "searchtools.js",
    "language_data.js",
    "searchindex.js",
    "sphinx_highlight.js",
    "design-tabs.js",
)
# What an inline script set for the files that are joined here.
_SETTINGS = "DOCUMENTATION_OPTIONS.search_as_you_type = false;\n"
_STYLE_LINK = re.compile(r'<link\b(?=[^>]*rel="stylesheet")[^>]*?href="([^"]+)"[^>]*>\n?')
_SCRIPT_LINK = re.compile(r'<script\b[^>]*?src="([^"]+)"[^>]*></script>\n?')
_PRELOAD = re.compile(r'<link\b(?=[^>]*rel="preload")[^>]*>\n?')
_INLINE = re.compile(
    r"<script>(?:(?!</script>).)*?(?:DOCUMENTATION_OPTIONS|THEBE_JS_URL|toggle(?:Hint|Open|button)|kernelName)"
    r"(?:(?!</script>).)*</script>\n?",
    re.DOTALL,
)
_ICON_RULE = re.compile(r'((?:\.fa-[\w-]+:+before,?)+)\{content:"\\[0-9a-f]+"\}')
_CODE_POINT = re.compile(r'"\\([0-9a-f]{4})"')
_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_STATIC = re.compile(r"""\b_static/([^"'?#()\s]+)""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def join_assets(site: Path, pages: Iterable[Path]) -> None:
    """Rewrite `pages` to load one style sheet and one script, and remove what is then unused."""
    pages = list(pages)
    contents = {page: page.read_text(encoding="utf-8") for page in pages}
    styles = _list_files(site, contents, _STYLE_LINK)
    scripts = [
        path for path in _list_files(site, contents, _SCRIPT_LINK) if path.name not in LEFT_OUT
    ]
    icons = _find_icons(contents.values(), scripts)
    static = site / "_static"
    style = _write_style(static, styles, icons)
    script = static / SCRIPT
    # The settings follow the file that makes them, which is always the first.
    joined = ";\n".join(_strip_map(path.read_text(encoding="utf-8")) for path in scripts)
    script.write_text(f"{joined};\n{_SETTINGS}", encoding="utf-8", newline="\n")
    for page, content in contents.items():
        page.write_text(
            _relink(content, _lead_to(site, page), style, script), encoding="utf-8", newline="\n"
        )
    _remove_unused(
        site, {style, script, static / ICONS}, [p.read_text(encoding="utf-8") for p in pages]
    )


def _list_files(site: Path, contents: dict[Path, str], pattern: re.Pattern[str]) -> list[Path]:
    """The local files that the pages load by such links, each once, in the order of the pages."""
    linked = dict.fromkeys(
        (page.parent, address)
        for page, content in contents.items()
        for address in pattern.findall(content)
        if not urlsplit(address).netloc
    )
    whole = site.resolve()
    found = [(folder / urlsplit(address).path).resolve() for folder, address in linked]
    return list(dict.fromkeys(path for path in found if path.is_relative_to(whole)))


def _find_icons(contents: Iterable[str], scripts: list[Path]) -> set[str]:
    words = [*contents, *(path.read_text(encoding="utf-8") for path in scripts)]
    return {name for word in words for name in re.findall(r"\bfa-[a-z][\w-]*", word)}


def _write_style(static: Path, styles: list[Path], icons: set[str]) -> Path:
    """Join the style sheets; icons that no page shows have no rule and no outline."""
    parts = [_rebase(_COMMENT.sub("", _strip_map(_read_style(p))), p, static) for p in styles]
    joined = _ICON_RULE.sub(
        lambda rule: rule[0] if icons & set(re.findall(r"fa-[\w-]+", rule[1])) else "",
        "\n".join(part.strip() for part in parts),
    )
    points = {int(code, 16) for code in _CODE_POINT.findall(joined)}
    font = next(static.rglob("fa-solid-900.ttf"), None)
    joined = _FONT_FACE.sub(lambda face: "" if "fontawesome" in face[0] else face[0], joined)
    if font is not None:
        (static / ICONS).write_bytes(subset_font(font, points))
        joined += (
            '\n@font-face{font-family:"Font Awesome 6 Free";font-style:normal;font-weight:900;'
            f'font-display:block;src:url({ICONS}) format("woff")}}'
        )
    target = static / STYLE
    target.write_text(joined + "\n", encoding="utf-8", newline="\n")
    return target


def _read_style(path: Path) -> str:
    """A style sheet with what it imports in the place of the import."""
    return re.sub(
        r'@import (?:url\()?"([^"]+)"\)?;',
        lambda found: _read_style((path.parent / found[1]).resolve()),
        path.read_text(encoding="utf-8"),
    )


def _rebase(style: str, path: Path, static: Path) -> str:
    """The style sheet with its addresses as they read from the folder of static files."""

    def move(match: re.Match[str]) -> str:
        address = match[1].strip("\"'")
        if address.startswith(("data:", "#", "http")):
            return match[0]
        file = (path.parent / urlsplit(address).path).resolve()
        return f"url({file.relative_to(static.resolve()).as_posix()})"

    return re.sub(r"url\(([^)]+)\)", move, style)


def subset_font(font: Path, points: set[int]) -> bytes:
    """The outlines of these code points only, as a WOFF file that is the same in every build."""
    options = subset.Options(
        flavor="woff", recalc_timestamp=False, layout_features=[], hinting=False
    )
    loaded = TTFont(font, recalcTimestamp=False)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=points)
    chosen.subset(loaded)
    stream = io.BytesIO()
    subset.save_font(loaded, stream, options)
    return stream.getvalue()


def _strip_map(content: str) -> str:
    return re.sub(r"(//# sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/)", "", content)


def _lead_to(site: Path, page: Path) -> str:
    return "../" * (len(page.relative_to(site).parts) - 1)


def _relink(content: str, lead: str, style: Path, script: Path) -> str:
    for pattern in (_PRELOAD, _STYLE_LINK, _SCRIPT_LINK, _INLINE):
        content = pattern.sub("", content)
    links = (
        f'<link rel="stylesheet" href="{lead}_static/{STYLE}?v={_digest(style)}">\n'
        f'<script defer src="{lead}_static/{SCRIPT}?v={_digest(script)}"></script>\n'
    )
    return content.replace("</head>", f"{links}</head>", 1)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _remove_unused(site: Path, kept: set[Path], contents: list[str]) -> None:
    """Remove static files that neither a page nor the joined style sheet names, and Sphinx's own
    index."""
    named = {Path(address).name for content in contents for address in _STATIC.findall(content)}
    style = (site / "_static" / STYLE).read_text(encoding="utf-8")
    for path in sorted((site / "_static").rglob("*")):
        is_named = path.name in named or path.name in style
        if path.is_file() and path not in kept and not is_named:
            path.unlink()
    for folder in sorted((site / "_static").rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    for name in ("searchindex.js", "objects.inv", ".buildinfo"):
        (site / name).unlink(missing_ok=True)
    shutil.rmtree(site / "_sources", ignore_errors=True)

"""Draws the rooms of `src/helpers` with their arrows into CONTRIBUTING.md, from the imports
themselves: `make rooms`.

An arrow leads from a room to one that it imports. Arrows that follow from others are left out:
where a room imports one that imports a third, only the two steps are drawn.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
START, END = "<!-- rooms: written by make rooms -->", "<!-- end of the rooms -->"

Arrows = dict[str, set[str]]


def read_arrows(package: Path) -> Arrows:
    """Which rooms each room of a package imports, wherever in its files the import stands."""
    arrows: Arrows = {}
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if not room.startswith("__"):
            found = list_imports(path.read_text(encoding="utf-8"), package.name)
            arrows.setdefault(room, set()).update(found - {room})
    return {room: named & set(arrows) for room, named in arrows.items()}


def list_imports(source: str, package: str) -> set[str]:
    """The rooms that a file names: `from package import room`, `from package.room import ...`,
    `import package.room`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    parts = [name.split(".") for name in names]
    return {words[1] for words in parts if words[0] == package and len(words) > 1}


def reduce_arrows(arrows: Arrows) -> Arrows:
    """The arrows that do not follow from others. Raises ValueError where rooms import each other in
    a ring."""
    reached: Arrows = {}

    def reach(room: str, way: tuple[str, ...]) -> set[str]:
        if room in way:
            raise ValueError(f"a ring of imports: {' -> '.join((*way, room))}")
        if room not in reached:
            steps = (reach(other, (*way, room)) for other in arrows[room])
            reached[room] = arrows[room].union(*steps)
        return reached[room]

    for room in arrows:
        reach(room, ())
    return {
        room: named - set().union(*(reached[other] for other in named))
        for room, named in arrows.items()
    }


def read_order(pyproject: str) -> list[str]:
    """The rooms from left to right, as the contract of import-linter has them."""
    [contract] = tomllib.loads(pyproject)["tool"]["importlinter"]["contracts"]
    return [room for room in reversed(contract["layers"]) if re.fullmatch(r"[a-z]\w*", room)]


def draw(arrows: Arrows, order: list[str]) -> str:
    """The drawing as a Mermaid chart, which hosts of repositories show as a picture."""
    placed = sorted(arrows, key=order.index)
    lines = [
        f"    {room} --> {' & '.join(sorted(named, key=order.index))}" if named else f"    {room}"
        for room, named in ((room, reduce_arrows(arrows)[room]) for room in placed)
    ]
    return "\n".join(["```mermaid", "flowchart RL", *lines, "```"])


def place(page: str, drawing: str) -> str:
    """The page with the drawing between its marks."""
    before, _, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{PAGE.name} lacks the lines {START} and {END}")
    return f"{before}{START}\n{drawing}\n{END}{after}"


def draw_page(page: str) -> str:
    """CONTRIBUTING.md as it should be."""
    order = read_order((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return place(page, draw(read_arrows(ROOT / "src" / "helpers"), order))


if __name__ == "__main__":
    PAGE.write_text(draw_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")

"""The house: what the source itself must look like. Beside each check stands a bad example that it
must catch."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
import yaml

from helpers import definitions
from helpers.claims import read_claims
from helpers.edition import BOOK, CODES, FACTS, NOTEBOOKS, PUBLISHED, ROOT
from helpers.execute import PARAMETERS_TAG, SKIPPED_TAG, list_notebooks

SOURCES = sorted((ROOT / "src" / "helpers").rglob("*.py"))
PAGES = sorted(BOOK.glob("*.md"))
LONGEST_CELL = 12
MOST_STATEMENTS, DEEPEST = 30, 4


def read_cells(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


def read_code() -> list[tuple[str, str]]:
    return [
        (path.name, cell.source)
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "code"
    ]


# Rooms


def test_a_room_imports_only_rooms_to_its_left():
    """import-linter, with the layers of pyproject.toml; exhaustive, so that a new room must be
    placed."""
    done = subprocess.run(
        ["lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=find_environment(),
    )
    assert done.returncode == 0, done.stdout


def test_an_import_to_the_right_is_caught(tmp_path):
    (tmp_path / "rooms").mkdir()
    (tmp_path / "rooms" / "__init__.py").write_text("")
    (tmp_path / "rooms" / "left.py").write_text("from rooms import right\n")
    (tmp_path / "rooms" / "right.py").write_text("")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = rooms\n[importlinter:contract:1]\nname = arrows\ntype = layers\ncontainers = rooms\nlayers =\n    right\n    left\n"
    )
    done = subprocess.run(
        ["lint-imports", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**find_environment(), "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 1 and "BROKEN" in done.stdout


def find_environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def find_makers(sources: dict[str, str]) -> set[str]:
    """Files that call `Released(`."""
    return {
        name
        for name, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Released"
    }


def test_only_the_gate_makes_released_tables():
    sources = {path.name: path.read_text(encoding="utf-8") for path in SOURCES}
    assert find_makers(sources) == {"released.py"}
    assert find_makers({"figures.py": "x = release.Released(name='x')"}) == {"figures.py"}


def find_rules(source: str) -> list[str]:
    """Names in a cell that choose a rule set or a threshold, which follow from the keepers of a
    product's tables."""
    words = (
        r"disclosure|rule_set|read_rule_set|minimum\w*|rounding_base|threshold|rules=|grain|keeper"
    )
    return re.findall(rf"\b(?:{words})\b", source) + re.findall(
        r"[\"'](?:public|rapporteur|statistics_office|small_population)[\"']", source
    )


def test_no_cell_names_a_rule_set_or_a_threshold():
    assert [(name, found) for name, source in read_code() if (found := find_rules(source))] == []


@pytest.mark.parametrize(
    "source",
    [
        'release("x", counts, rules="public", edition=run)',
        "least = disclosure.read_rule_set(x).minimum_count",
        "change = decompose_change(counts, minimum=5)",
        'leave = {"kind": "statistics_office"}',
        "care = aid.compare(people, grain=5)",
    ],
)
def test_a_cell_that_names_a_rule_is_caught(source):
    assert find_rules(source)


_WRITES = re.compile(
    r"to_(csv|html|json|string|markdown|latex|excel|parquet|pickle|clipboard)|savefig"
)
_AROUND = {
    "print",
    "display",
    "glue",
    "open",
    "eval",
    "exec",
    "compile",
    "getattr",
    "setattr",
    "vars",
    "globals",
    "Released",
    "replace",
    "environ",
}
# In a cell that shows, what gives true rows.
_TRUE = {"open_registers", "read_captures", "read_extract", "read_table", "read"}


def find_ways_around(source: str, *, is_tagged: bool) -> set[str]:
    """What would show or write a number without the gate, or change a table after it: other imports
    than the rooms', a display of anything, a table made or changed by hand, registers in a cell
    that shows."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name != "numpy"}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} if node.module.split(".")[0] != "helpers" else set()
        elif isinstance(node, (ast.Assign, ast.AugAssign)) and not is_tagged:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                ast.unparse(one)
                for one in targets
                if isinstance(one, (ast.Attribute, ast.Subscript))
            }
        name = getattr(node, "attr", getattr(node, "id", ""))
        called = getattr(node, "func", None)
        calls = getattr(called, "attr", getattr(called, "id", ""))
        if name in _AROUND or _WRITES.fullmatch(name) or (calls in _TRUE and not is_tagged):
            found.add(name or calls)
    return found


def test_no_cell_goes_around_the_gate():
    """A notebook that is run on its own has one kernel for both phases, which knows the extract:
    cells that show must not ask."""
    found = {
        f"{path.name}, {cell.id}": ways
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "code"
        if (
            ways := find_ways_around(
                cell.source, is_tagged=SKIPPED_TAG in cell.metadata.get("tags", [])
            )
        )
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "way"),
    [
        ("registers = open_registers(seed)", "open_registers"),
        ('show_table(registers.read("reports"))', "read"),
        ("print(victims)", "print"),
        ("victims.table.to_html()", "to_html"),
        ("victims.table.loc[0, 'n'] = '1'", "victims.table.loc[0, 'n']"),
        ("victims.table['n'] += 1", "victims.table['n']"),
        ("show_table(dataclasses.replace(victims, table=counted))", "replace"),
        ("show_table(release.Released(product, counted, 'public', False, run))", "Released"),
        ("from myst_nb import glue", "myst_nb"),
        ("import os", "os"),
        ("import pandas as pd", "pandas"),
    ],
)
def test_a_way_around_the_gate_is_caught(source, way):
    assert way in find_ways_around(source, is_tagged=False)


def test_a_cell_that_counts_may_read_and_may_not_show():
    assert (
        find_ways_around("reports = open_registers(seed).read('reports')", is_tagged=True) == set()
    )
    assert find_ways_around("print(reports)", is_tagged=True) == {"print"}
    assert find_ways_around("x['n'] = 1; import numpy as np", is_tagged=True) == set()


_FROM_REGISTERS = {"open_registers", "read_captures"}


def list_names(node: ast.AST) -> set[str]:
    """Names that an expression takes numbers from: what was printed about registers is none of
    theirs, and a filter takes none."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", "")
        if name == "printed":
            return set().union(*(list_names(one) for one in node.args))
        if name == "isin":
            return list_names(node.func)
    if isinstance(node, (ast.Name, ast.Attribute)):
        found = {getattr(node, "id", getattr(node, "attr", ""))}
        return found | (list_names(node.value) if isinstance(node, ast.Attribute) else set())
    return set().union(*(list_names(child) for child in ast.iter_child_nodes(node)))


def find_unsourced(sources: list[str]) -> set[str]:
    """Tables that are released as if others had printed them, and come from registers."""
    counted, found = set(_FROM_REGISTERS), set()
    for source in sources:
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Assign) and list_names(statement.value) & counted:
                counted |= set().union(*(list_names(target) for target in statement.targets))
            for node in ast.walk(statement):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "release":
                    is_told = any(keyword.arg == "source" for keyword in node.keywords)
                    if not is_told and list_names(node.args[1]) & counted:
                        found.add(ast.unparse(node.args[0]))
    return found


def test_nothing_from_a_register_is_released_as_printed():
    """The gate asks no keeper of what others printed, and cannot see where a table comes from."""
    for path in list_notebooks():
        cells = [cell.source for cell in read_cells(path) if cell.cell_type == "code"]
        assert find_unsourced(cells) == set(), path.name


def test_a_count_that_is_released_as_printed_is_caught():
    opened = "registers = open_registers(seed)\nreports = registers.read('reports')"
    counted = (
        "counted = count(reports).assign(mark='published')\nrelease('a', counted, edition=run)"
    )
    assert find_unsourced([opened, counted]) == {"'a'"}
    printed = "printed = find(registers.printed(numbers))\nrelease('b', printed, edition=run)"
    told = "release('c', count(reports), source=registers, edition=run)"
    assert find_unsourced([opened, printed, told]) == set()


def list_assigned(source: str) -> set[str]:
    """Names that a cell assigns."""
    targets = [
        target
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign)
        for target in node.targets
    ]
    return {
        node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
    }


def find_shared_names(cells: list[nbformat.NotebookNode]) -> set[str]:
    """Names that stand for a true table in one cell and for something that is shown in another."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    tagged = [SKIPPED_TAG in cell.metadata.get("tags", []) for cell in code]
    first = tagged.index(True) if any(tagged) else 0
    counting = [list_assigned(cell.source) for cell, is_tagged in zip(code, tagged) if is_tagged]
    showing = [
        list_assigned(cell.source)
        for place, cell in enumerate(code)
        if place > first and not tagged[place]
    ]
    return set().union(*counting) & set().union(*showing)


def test_a_true_table_and_a_released_one_never_share_a_name():
    shared = {path.name: find_shared_names(read_cells(path)) for path in list_notebooks()}
    assert {name: names for name, names in shared.items() if names} == {}


def test_a_shared_name_is_caught():
    tagged = nbformat.v4.new_code_cell("x = count()", metadata={"tags": [SKIPPED_TAG]})
    assert find_shared_names([tagged, nbformat.v4.new_code_cell("x = read()")]) == {"x"}


def list_doors(source: str) -> set[str]:
    """Modules that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize(
    ("library", "room"),
    [
        ("matplotlib", "figures"),
        ("seaborn", "figures"),
        ("myst_nb", "prose"),
        ("papermill", "execute"),
        ("bs4", "site"),
    ],
)
def test_a_library_has_one_door(library, room):
    users = {
        path.relative_to(ROOT / "src" / "helpers").parts[0].removesuffix(".py")
        for path in SOURCES
        if library in list_doors(path.read_text(encoding="utf-8"))
    }
    assert users == {room}


def test_a_second_door_is_caught():
    assert "matplotlib" in list_doors("import os\nfrom matplotlib import pyplot")


def test_no_room_is_a_drawer():
    assert not {"utils", "util", "common", "misc"} & {path.stem for path in SOURCES}


_DEEPER = (ast.If, ast.For, ast.While, ast.With, ast.Try)


def count_statements(function: ast.AST) -> int:
    """Statements of a function and of what stands in it; the docstring is none."""
    inner = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
    return len(inner) - 1 - (ast.get_docstring(function) is not None)


def measure_depth(node: ast.AST) -> int:
    """How many blocks stand in each other; elif is no deeper than if."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                is_elif = (
                    isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If)
                )
                own = isinstance(child, _DEEPER) and not is_elif
                deepest = max(deepest, own + measure_depth(child))
    return deepest


def find_dense(source: str) -> list[str]:
    """Functions with too many statements, or blocks in blocks in blocks."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and (count_statements(node) > MOST_STATEMENTS or measure_depth(node) > DEEPEST)
    ]


def test_no_function_is_dense():
    found = {path.name: find_dense(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {name: functions for name, functions in found.items() if functions} == {}


def test_a_dense_function_is_caught():
    assert find_dense("def f():\n" + "    x = 1\n" * 31) == ["f"]
    deep = "".join("    " * n + "if x:\n" for n in range(1, 6)) + "    " * 6 + "y()\n"
    assert find_dense("def f(x):\n" + deep) == ["f"]
    assert find_dense('def f():\n    """What."""\n' + "    x = 1\n" * 30) == []


def find_bare_calls(source: str) -> list[str]:
    """Reads and writes of text without an encoding, which differ between machines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in (
            "read_text",
            "write_text",
            "read_csv",
            "to_csv",
        ):
            if not any(keyword.arg == "encoding" for keyword in node.keywords):
                found.append(ast.unparse(node))
    return found


def test_every_text_file_is_read_and_written_with_its_encoding():
    assert [
        call for path in SOURCES for call in find_bare_calls(path.read_text(encoding="utf-8"))
    ] == []
    assert find_bare_calls("path.read_text()") == ["path.read_text()"]


# Notebooks

_FORBIDDEN = {
    "a function": r"^\s*def ",
    "a class": r"^\s*class ",
    "an installation": r"\bpip\b",
    "the path": r"sys\.path",
    "a loop": r"^\s*(for|while) ",
    "a file path": r"""["'][^"'\n]*(/|\\\\)[^"'\n]*["']""",
    "an open file": r"\bopen\(|read_csv",
}


def find_forbidden(source: str) -> list[str]:
    faults = [
        what for what, pattern in _FORBIDDEN.items() if re.search(pattern, source, re.MULTILINE)
    ]
    return faults + (["more than 12 lines"] if len(source.splitlines()) > LONGEST_CELL else [])


def test_notebooks_are_thin():
    assert [
        (name, fault, source) for name, source in read_code() for fault in find_forbidden(source)
    ] == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f():\n    pass", "a function"),
        ("for x in y:\n    show(x)", "a loop"),
        ("read('../data/x.csv')", "a file path"),
        ("!pip install x", "an installation"),
        ("x\n" * 13, "more than 12 lines"),
    ],
)
def test_a_fat_cell_is_caught(source, fault):
    assert fault in find_forbidden(source)


def find_typed_numbers(prose: str) -> list[str]:
    """Digits in prose that came from data: everything but references to a figure, a section or an
    edition's parameters."""
    prose = re.sub(
        r"```.*?```|`[^`]*`|\{\{.*?\}\}|\]\([^)]*\)|https?://\S+", " ", prose, flags=re.DOTALL
    )
    prose = re.sub(r"\{grid\}[ 0-9]+|:gutter: 3", " ", prose)
    prose = re.sub(
        r"figures? \d\.\d+[abc]?( (to|and) \d\.\d+[abc]?)*|sections? \d(\.\d+)*|CC BY 4\.0|Python 3\.11|make \d|two chapters",
        " ",
        prose,
    )
    return re.findall(r"\S*\d\S*", prose)


def test_no_number_is_typed_in_a_notebook():
    typed = {
        path.name: find_typed_numbers(cell.source)
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "markdown"
    }
    assert {name: words for name, words in typed.items() if words} == {}


def test_no_number_is_typed_on_a_page_about_numbers():
    """Help lines, the monitor's own title and definitions (aged 18 to 22) are no data."""
    definitions = (
        "112",
        "0900",
        "8844",
        "033",
        "448",
        "11",
        "86",
        "0800",
        "5151",
        "9",
        "17",
        "2016-2020",
        "B8",
        "B8/3",
        "D9",
        "D9-proces",
        "18",
        "22",
        "2026",
    )
    for name in ("index.md", "limitations.md", "methods.md", "glossary.md"):
        words = [
            re.sub(r"[*_.,;:()]", "", word)
            for word in find_typed_numbers((BOOK / name).read_text(encoding="utf-8"))
        ]
        assert [word for word in words if word not in definitions] == [], name


def test_a_typed_number_is_caught():
    assert find_typed_numbers("In {glue:text}`year:s` there were 984 victims (figure 2.1).") == [
        "984"
    ]
    assert find_typed_numbers("{{ period_start }}: {glue:text}`n:s`, see section 2.3.1") == []


def list_glued(path: Path) -> list[str]:
    return [
        key
        for cell in read_cells(path)
        if cell.cell_type == "code"
        for key in re.findall(r'prose\.glue_(?!claims)\w+\(\s*"(\w+)"', cell.source)
    ]


def list_used(text: str, chapter: str | None) -> list[tuple[str, str]]:
    """(chapter, key) of each glue role in a text."""
    roles = re.findall(r"\{glue:text\}`(?:chapters/(\w+)\.ipynb::)?(\w+):s`", text)
    return [(named or chapter or "", key) for named, key in roles]


def test_each_glue_key_is_made_once_and_used():
    made = {(path.stem, key) for path in list_notebooks() for key in list_glued(path)}
    assert all(len(list_glued(path)) == len(set(list_glued(path))) for path in list_notebooks())
    used = {
        pair
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "markdown"
        for pair in list_used(cell.source, path.stem)
    }
    used |= {pair for page in PAGES for pair in list_used(page.read_text(encoding="utf-8"), None)}
    claimed = {pair for pair in used if pair[1].startswith(("claim_", "heading_"))}
    assert used - claimed == made
    declared = {(one.chapter, one.id) for one in read_claims().values()}
    assert {(chapter, key.partition("_")[2]) for chapter, key in claimed} <= declared
    headings = {key.partition("_")[2] for _, key in claimed if key.startswith("heading_")}
    assert headings == {one.id for one in read_claims().values() if one.heading["en"]}


def test_a_chapter_glues_its_own_claims():
    for path in list_notebooks():
        calls = [
            chapter
            for cell in read_cells(path)
            for chapter in re.findall(r'prose\.glue_claims\("(\w+)"', cell.source)
        ]
        has_claims = any(one.chapter == path.stem for one in read_claims().values())
        assert calls == ([path.stem] if has_claims else []), path.stem


def test_a_glue_role_without_its_key_is_caught():
    assert list_used("{glue:text}`chapters/10_x.ipynb::n:s` and {glue:text}`m:s`", "20_y") == [
        ("10_x", "n"),
        ("20_y", "m"),
    ]


def test_every_figure_has_a_name_a_table_and_stands_after_its_release():
    for path in list_notebooks():
        cells = [cell for cell in read_cells(path) if cell.cell_type == "code"]
        for place, cell in enumerate(cells):
            if "show(plot_" in cell.source:
                assert re.fullmatch(r"fig-[a-z-]+", cell.metadata["mystnb"]["figure"]["name"]), (
                    path.name
                )
                assert re.match(r"show_(table|pivot)\(", cells[place + 1].source), (
                    f"{path.name}: {cell.source}"
                )


def test_release_stands_in_tagged_cells_only_and_they_show_nothing():
    for path in list_notebooks():
        for cell in read_cells(path):
            if cell.cell_type == "code":
                assert bool(re.search(r"\brelease\(", cell.source)) == (
                    SKIPPED_TAG in cell.metadata.get("tags", [])
                ), cell.source
                assert SKIPPED_TAG not in cell.metadata.get("tags", []) or cell.outputs == []


def test_every_code_cell_was_run_and_no_output_holds_a_picture():
    for path in list_notebooks():
        code = [cell for cell in read_cells(path) if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        assert not [
            kind
            for cell in code
            for output in cell.outputs
            for kind in output.get("data", {})
            if kind.startswith("image/")
        ]


def test_every_notebook_ends_with_what_it_does_not_show_and_checks_that_hold():
    for path in list_notebooks():
        cells = read_cells(path)
        assert cells[0].source.startswith("# ") and cells[1].metadata.tags == [PARAMETERS_TAG]
        assert "## What this does not show" in cells[-2].source and "assert " in cells[-1].source


# The rest of the house


def test_the_table_of_contents_holds_every_page_and_chapter():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = {toc["root"]} | {entry["file"] for part in toc["parts"] for entry in part["chapters"]}
    assert files == {f"book/{page.stem}" for page in PAGES} | {
        f"book/chapters/{path.stem}" for path in list_notebooks()
    }


def test_the_version_is_the_same_everywhere():
    versions = {
        re.search(
            r'^version = "(.+)"',
            (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
            re.MULTILINE,
        )[1],
        yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"],
        re.search(r"^## (\S+),", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[
            1
        ],
    }
    assert len(versions) == 1


def test_every_direct_package_is_locked_with_its_hash_and_named_in_the_readme():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock, readme = (
        (ROOT / "requirements.lock").read_text(encoding="utf-8"),
        (ROOT / "README.md").read_text(encoding="utf-8"),
    )
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        name = re.match(r"[a-z0-9-]+", requirement)[0]
        assert re.search(rf"^{re.escape(name)}==.*\\\n\s+--hash=sha256:", lock, re.MULTILINE), name
        assert f"`{name}`" in readme, f"say in README.md why {name} is here"


def find_unnamed(page: str, files: Iterable[str]) -> list[str]:
    """The files that a page names nowhere."""
    return [name for name in files if f"`{name}`" not in page]


def test_the_page_on_the_data_names_every_file_of_printed_numbers_and_facts():
    files = [path.name for folder in (PUBLISHED, FACTS) for path in sorted(folder.glob("*.csv"))]
    page = (BOOK / "data.md").read_text(encoding="utf-8")
    assert find_unnamed(page, files) == []
    assert find_unnamed("`one.csv`", ["one.csv", "other.csv"]) == ["other.csv"]


# What one meets in using a declared package: its errors, its settings, its own parts.
COME_WITH = {
    "IPython": "ipykernel",
    "jupyter_client": "ipykernel",
    "myst_nb": "jupyter-book",
    "nbclient": "papermill",
    "pydantic_core": "pydantic",
    "traitlets": "ipykernel",
}


def find_undeclared(sources: Iterable[str], declared: set[str]) -> set[str]:
    """The libraries that are imported and come only because something else needs them."""
    imported = {name for source in sources for name in list_doors(source)}
    owners = packages_distributions()
    return {
        name
        for name in imported - set(sys.stdlib_module_names) - {"helpers"}
        if not declared & {COME_WITH.get(name), *(owner.lower() for owner in owners.get(name, ()))}
    }


def test_every_imported_library_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.match(r"[a-z0-9-]+", one)[0] for one in project["dependencies"]}
    sources = [path.read_text(encoding="utf-8") for path in SOURCES]
    assert find_undeclared(sources, declared) == set()
    assert find_undeclared(["import psutil"], {"pandas"}) == {"psutil"}


def test_committed_notebooks_are_written_as_the_tool_writes_them():
    for path in list_notebooks():
        content = path.read_text(encoding="utf-8")
        assert content == nbformat.writes(nbformat.read(path, as_version=4)) + "\n"
        assert json.loads(content)["metadata"]["kernelspec"]["name"] == "python3"


def test_notebook_folder_holds_sources_only():
    assert {path.suffix for path in NOTEBOOKS.iterdir() if path.is_file()} == {".ipynb", ".py"}


# Words that state a direction or a comparison; a sentence that has one is a claim, so that it is tested.
_DIRECTION = re.compile(
    r"\b(rose|fell|falls back|rising|falling|risen|fallen|doubled|tripled|halved|increased|"
    r"decreased|grew|declined|"
    r"(?:more|fewer|less|higher|lower|larger|smaller|greater)(?: \w+)? than|"
    r"daalden?|stegen|steeg|gestegen|gedaald|toegenomen|afgenomen|"
    r"(?:meer|minder|vaker|hoger|lager|groter|kleiner)(?: \w+)? dan)\b",
    re.IGNORECASE,
)
# "More than one form", "fewer than ten rows", "more than 50%": a definition, a rule, or a printed precision.
_LIMIT = re.compile(
    r"\b(?:more|fewer|less|meer|minder)(?: \w+)? (?:than|dan) (?:€ )?(?:\{glue:text\}|\{\{|\d|(?:one|once|two|"
    r"three|four|six|ten|een|één|eens|twee|drie|vier|zes|tien)\b|a (?:third|quarter|half)\b)",
    re.IGNORECASE,
)


def find_untested(prose: str) -> list[str]:
    """The words of direction and comparison in a text, outside claims, quotations and limits."""
    prose = _LIMIT.sub("", prose)
    return _DIRECTION.findall(re.sub(r"\{glue:text\}`[^`]*`|“[^”]*”|\"[^\"]*\"", "", prose))


def list_alt_texts() -> dict[str, str]:
    """What a run says of each picture, by notebook and cell."""
    return {
        f"{path.name}, {cell.id}, alt text": output["data"].get("text/plain", "")
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "code" and "figure" in cell.metadata.get("mystnb", {})
        for output in cell.outputs
        if "data" in output
    }


def test_no_direction_is_stated_outside_a_claim():
    prose = {
        f"{path.name}, {cell.id}": cell.source
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "markdown"
    }
    prose |= {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    alts = list_alt_texts()
    assert len(alts) > 40
    prose |= alts
    with (CODES / "texts.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["code"].startswith("alt_"):
                prose |= {f"{row['code']}, {c}": row[c] for c in ("en", "nl")}
    with (CODES / "products.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            prose |= {f"{row['name']}, {c}": row[c] for c in row if c.startswith(("title", "capt"))}
    assert {
        place: find_untested(words) for place, words in prose.items() if find_untested(words)
    } == {}


# A glued number may bring "about" or "more than" with it; a page that says it too says it twice.
_QUALIFIER = r"(?:about|nearly|almost|around|over|more than|less than|at least|at most)"
_QUALIFIER_NL = r"(?:ongeveer|bijna|ruim|meer dan|minder dan|ten minste|hoogstens)"


def read_glued() -> dict[tuple[str, str], str]:
    """What each glue role of the committed chapters becomes, by chapter and key."""
    record = "application/papermill.record/text/plain"
    return {
        (path.stem, output["metadata"]["scrapbook"]["name"].split("::")[-1]): output["data"][record]
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "code"
        for output in cell.outputs
        if record in output.get("data", {})
    }


def find_qualified_twice(
    text: str, chapter: str | None, glued: dict[tuple[str, str], str]
) -> list[str]:
    """The keys that stand after "about" or its like and begin with such a word themselves."""
    role = r"[ *]+\{glue:text\}`(?:chapters/(\w+)\.ipynb::)?(\w+):s`"
    found = re.findall(rf"\b(?:{_QUALIFIER}|{_QUALIFIER_NL}){role}", text)
    return [
        key
        for named, key in found
        if re.match(rf"'?{_QUALIFIER}\b", glued.get((named or chapter or "", key), ""))
    ]


def list_prose() -> dict[str, tuple[str, str | None]]:
    """Every text that glues numbers, in both languages, with the chapter that it is of."""
    prose: dict[str, tuple[str, str | None]] = {
        f"{path.name}, {cell.id}": (cell.source, path.stem)
        for path in list_notebooks()
        for cell in read_cells(path)
        if cell.cell_type == "markdown"
    }
    dutch = NOTEBOOKS / "nl"
    prose |= {
        f"nl/{path.name}": (path.read_text(encoding="utf-8"), path.stem)
        for path in sorted(dutch.glob("*.md"))
    }
    pages = [*PAGES, *sorted((BOOK / "nl").glob("*.md"))]
    return prose | {
        str(page.relative_to(BOOK)): (page.read_text(encoding="utf-8"), None) for page in pages
    }


def test_no_number_is_said_to_be_about_about():
    glued = read_glued()
    assert len(glued) > 100
    twice = {
        place: find_qualified_twice(text, chapter, glued)
        for place, (text, chapter) in list_prose().items()
    }
    assert {place: keys for place, keys in twice.items() if keys} == {}


def test_a_number_that_is_qualified_twice_is_caught():
    glued = {("12_signalling", "newer"): "'about 5,000ᵖ'", ("12_signalling", "all"): "'984ᵖ'"}
    twice = "{w} {glue:text}`chapters/12_signalling.ipynb::newer:s` a year"
    assert find_qualified_twice(twice.replace("{w}", "is about"), None, glued) == ["newer"]
    assert find_qualified_twice(twice.replace("{w}", "is ongeveer"), None, glued) == ["newer"]
    assert find_qualified_twice(twice.replace("{w}", "is"), None, glued) == []
    assert find_qualified_twice("about {glue:text}`all:s`", "12_signalling", glued) == []


def find_unpresumed(text: str) -> list[str]:
    """The points of a list with a number of victims that do not say presumed, nor that it is an
    estimate: somebody quotes such a point alone."""
    return [
        line
        for line in re.findall(r"^- .*$", text, re.MULTILINE)
        if re.search(r"\{glue:text\}`(?!claim_)", line)
        and re.search(r"victims?\b|slachtoffers?\b", line)
        and not re.search(r"presumed|estimate|vermoedelijk|schatting", line, re.IGNORECASE)
    ]


def test_a_number_of_victims_that_opens_a_chapter_says_presumed():
    opening = {
        place: text
        for place, (text, _) in list_prose().items()
        if place.endswith(", c00") or place.startswith("nl/")
    }
    leads = {place: text.split("\n## ")[0] for place, text in opening.items()}
    assert len(leads) > 30
    found = {place: find_unpresumed(text) for place, text in leads.items()}
    assert {place: lines for place, lines in found.items() if lines} == {}


def test_a_number_of_unpresumed_victims_is_caught():
    assert find_unpresumed("- **{glue:text}`a:s`** of minor victims start youth care.") != []
    assert find_unpresumed("- **{glue:text}`a:s`** van de slachtoffers krijgt opvang.") != []
    assert find_unpresumed("- **{glue:text}`a:s`** presumed victims; of victims half.") == []
    assert find_unpresumed("- {glue:text}`claim_a:s` Victims are seen by others.") == []
    assert find_unpresumed("- An official estimate of all victims is {glue:text}`a:s`.") == []


def test_a_direction_outside_a_claim_is_caught():
    assert find_untested("In 2020 the number fell, and men are seen more often than women.") == [
        "fell",
        "more often than",
    ]
    assert find_untested("{glue:text}`claim_it_fell:s` and “it rose”") == []
    assert find_untested("Men are reported more often than women, fewer people than before.") == [
        "more often than",
        "fewer people than",
    ]
    assert (
        find_untested(
            "More than one form, more than a third, more than 50%, less than {glue:text}`a:s`."
        )
        == []
    )
    assert find_untested("Het aantal daalde; mannen komen vaker dan vrouwen.") == [
        "daalde",
        "vaker dan",
    ]


def find_missing_codes(source: str) -> list[int]:
    """The lines that spell a missing code where UNKNOWN or NOT_RECORDED (`labels`) is meant."""
    codes = {"unknown", "not_recorded"}
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value in codes
    ]


def test_missing_codes_are_spelled_once():
    """In `labels`; in `layouts` they are the keys of an extract's own file."""
    spelled = {"labels.py", "layouts.py"}
    found = {
        f"{path.name}:{line}"
        for path in SOURCES
        if path.name not in spelled
        for line in find_missing_codes(path.read_text(encoding="utf-8"))
    }
    assert not found
    assert find_missing_codes('rows[rows["sex"] != "unknown"]') == [1]


def list_codes(source: str) -> dict[int, frozenset[str]]:
    """The rows of words that a file spells, two or more, by line."""
    return {
        node.lineno: frozenset(part.value for part in node.elts)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Tuple, ast.List, ast.Set))
        and len(node.elts) > 1
        and all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in node.elts)
    }


def test_the_codes_of_a_definition_are_spelled_once():
    """Whoever means the young, the severe offences or the Dublin indications names them as
    `definitions` does."""
    defined = {
        frozenset(value)
        for value in vars(definitions).values()
        if isinstance(value, tuple) and len(value) > 1 and all(isinstance(v, str) for v in value)
    }
    assert len(defined) > 5
    found = {
        f"{path.name}:{line}"
        for path in SOURCES
        if path.name not in ("definitions.py", "labels.py")
        for line, codes in list_codes(path.read_text(encoding="utf-8")).items()
        if codes in defined
    }
    assert found == set()
    assert list_codes('rows[rows["age"].isin(["minor", "adolescent"])]') == {
        1: frozenset({"minor", "adolescent"})
    }


def find_copied_rules(source: str) -> list[int]:
    """The lines that round to a base, say how far "about" or a rounding to five reaches, or give
    the sign of a hidden count a second name."""
    reaches = {"about", "rounded5"}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "floordiv":
            found.append(node.lineno)
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            named = {key.value: value for key, value in pairs if isinstance(key, ast.Constant)}
            numbers = [named[name] for name in reaches & set(named)]
            found += [one.lineno for one in numbers if is_number(one)]
        if isinstance(node, ast.Assign):
            words = [one for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
            is_name = isinstance(node.value, (ast.Constant, ast.Tuple))
            found += [node.lineno for one in words if is_name and one.value == "hidden"]
    return found


def is_number(node: ast.expr) -> bool:
    """A number, or what is made from one without a name of the definition."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    numbers = [one for one in ast.walk(node) if isinstance(one, ast.Constant)]
    is_defined = names & {"FIVE", "reach_widely", "reach_closely"}
    return not is_defined and any(isinstance(one.value, (int, float)) for one in numbers)


def test_rounding_loose_words_and_the_sign_of_a_hidden_count_are_defined_once():
    """In `definitions` (rounding), `published.precision` (how far a printed number reaches) and
    `disclosure.rules` (what is hidden)."""
    found = {
        f"{path.name}:{line}"
        for path in SOURCES
        for line in find_copied_rules(path.read_text(encoding="utf-8"))
    }
    assert {place.partition(":")[0] for place in found} == {"definitions.py", "rules.py"}
    assert len(found) == 2


@pytest.mark.parametrize(
    "source",
    [
        "(counts / 5 + 0.5).floordiv(1) * 5",
        'half = {"rounded5": 2.5}',
        'limits = {"about": (shown * 0.95, shown * 1.05)}',
        'HIDDEN, SMALL = "hidden", "<"',
    ],
)
def test_a_second_copy_of_a_rule_is_caught(source):
    assert set(find_copied_rules(source)) == {1}

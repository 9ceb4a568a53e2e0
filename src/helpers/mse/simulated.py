"""The slow results: committed ones for the published captures and the made-up populations, kept
ones for a re-runner's captures.

`data/simulated/record.json` says what they were made from. The code counts by its syntax tree
without docstrings, so that a comment or a format changes nothing.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import tempfile
import time
from collections.abc import Callable, Collection
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import published
from helpers.edition import CACHE, DATA, BadInput, read_json
from helpers.mse.origin import PUBLIC_SOURCE, Captures
from helpers.mse.settings import define_settings, tabulate_moves, tabulate_settings
from helpers.mse.simulation import measure_coverage
from helpers.mse.tables import add_shares
from helpers.sources import COUNT, list_names

SIMULATED = DATA / "simulated"
KEPT = CACHE / "mse"
RECORD = "record.json"
REPLICATES = 1000
WORLD_TABLES = 200
# The published captures' small lists, and the border police's.
PUBLISHED_LISTS: dict[str, Any] = {"merged_lists": ["I", "O"], "border_list": "K"}
SIMULATED_NAMES = ("hidden_estimates", "hidden_moves", "hidden_coverage")
# What a result hangs on: these modules and what they import of this room.
MODULES = {
    "hidden_estimates": "settings",
    "hidden_moves": "settings",
    "hidden_coverage": "simulation",
}
REMEDY = "run make simulate, look at what changed, and commit data/simulated"
TEXT = ("population", "category", "interval", "terms")
PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
ROOM = Path(__file__).parent


def write_simulated(
    *,
    seed: int,
    names: Collection[str] = SIMULATED_NAMES,
    folder: Path = SIMULATED,
    quiet: bool = False,
) -> list[str]:
    """Make slow results anew for `folder`, and the record of what each was made from.

    Returns the names of the tables that are not what they were before. Raises BadInput for a name
    that is none of these.
    """
    _check_names(names)
    captures = published.read_captures()
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "hidden_estimates": lambda: tabulate_settings(
            define_settings(captures, **PUBLISHED_LISTS),
            replicates=REPLICATES,
            seed=seed,
            quiet=quiet,
        ),
        "hidden_moves": lambda: tabulate_moves(captures, quiet=quiet),
        "hidden_coverage": lambda: measure_coverage(tables=WORLD_TABLES, seed=seed, quiet=quiet),
    }
    changed = []
    for name in names:
        path, before, started = (
            folder / f"{name}.csv",
            _hash_file(folder / f"{name}.csv"),
            time.monotonic(),
        )
        _write_table(makers[name](), path)
        made = {
            "sha256": _hash_file(path),
            "seed": seed,
            **_list_inputs(name),
            "versions": {"python": platform.python_version()}
            | {package: version(package) for package in PACKAGES},
            "run_seconds": round(time.monotonic() - started),
        }
        record = {**_read_record(folder), name: made}
        _write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", folder / RECORD)
        changed += [name] if made["sha256"] != before else []
    return changed


def _check_names(names: Collection[str]) -> None:
    unknown = ", ".join(sorted(set(names) - set(SIMULATED_NAMES)))
    if unknown:
        raise BadInput(f"no simulated table {unknown}; there are {', '.join(SIMULATED_NAMES)}")


def _list_inputs(name: str) -> dict[str, Any]:
    """What a result is made from, beside its seed: it fits as long as these are the same."""
    code = {"code_sha256": hash_code(MODULES[name])}
    if name == "hidden_coverage":
        return {**code, "tables": WORLD_TABLES}
    captures = {
        "captures": PUBLIC_SOURCE,
        "captures_sha256": hash_captures(published.read_captures()),
    }
    if name == "hidden_moves":
        return {**code, **captures}
    return {**code, **captures, **PUBLISHED_LISTS, "replicates": REPLICATES}


def _read_record(folder: Path) -> dict[str, Any]:
    path = folder / RECORD
    return read_json(path) if path.exists() else {}


def read_simulated(name: str, *, folder: Path = SIMULATED) -> pd.DataFrame:
    """A committed slow result: hidden_estimates, hidden_moves or hidden_coverage.

    Raises BadInput where it was made by other code, from other captures, with other settings, or
    was changed by hand.
    """
    _check_names([name])
    made = _read_record(folder).get(name)
    if made is None:
        raise BadInput(f"data/{folder.name}/{RECORD} knows no {name}; {REMEDY}")
    found = {**_list_inputs(name), "sha256": _hash_file(folder / f"{name}.csv")}
    other = [what for what, value in found.items() if made.get(what) != value]
    if other:
        raise BadInput(
            f"data/{folder.name}/{name}.csv was made with another {', '.join(other)}; {REMEDY}"
        )
    return _read_table(folder / f"{name}.csv")


def find_estimates(
    captures: Captures,
    *,
    merged_lists: list[str],
    border_list: str,
    seed: int,
    replicates: int = REPLICATES,
    kept: Path = KEPT,
) -> pd.DataFrame:
    """Every method on every setting of the lists (`tabulate_settings`, `add_shares`).

    Of the published captures the committed result, with the seed of its record. Of a re-runner's,
    what was kept under `.cache/mse` for the same captures, lists, seed and code; else it is
    computed, which takes minutes, and kept.
    """
    lists = {"merged_lists": list(merged_lists), "border_list": border_list}
    settings = define_settings(captures.table, **lists)  # type: ignore[arg-type]  # a list and a name
    if captures.is_public:
        if lists != PUBLISHED_LISTS:
            raise BadInput(
                f"merged_lists and border_list of the published captures are {PUBLISHED_LISTS}; "
                "leave them out of the edition, or bring captures.csv"
            )
        found = read_simulated("hidden_estimates")
    else:
        key = _join_key(captures, "hidden_estimates", {**lists, "seed": seed, "n": replicates})
        found = _keep(
            kept / key / "hidden_estimates.csv",
            lambda: tabulate_settings(settings, replicates=replicates, seed=seed),
        )
    return add_shares(found, settings)


def find_moves(captures: Captures, *, kept: Path = KEPT) -> pd.DataFrame:
    """How far the estimate moves with the lists (`tabulate_moves`): committed, kept or computed, as
    `find_estimates`."""
    if captures.is_public:
        return read_simulated("hidden_moves")
    key = _join_key(captures, "hidden_moves", {})
    return _keep(
        kept / key / "hidden_moves.csv", lambda: tabulate_moves(captures.table, quiet=False)
    )


def hash_captures(captures: pd.DataFrame) -> str:
    """One hash of a capture table's content: the order of its lists counts, as it names models; the
    order of its rows does not."""
    lists = list_names(captures)
    rows = captures[[*lists, COUNT]].astype(int).sort_values(lists)
    return _hash_text(rows.to_csv(index=False, lineterminator="\n", encoding="utf-8"))


def hash_code(module: str, *, room: Path = ROOM) -> str:
    """One hash of a module of this room and of those of this room that it imports, by their syntax
    trees without docstrings."""
    trees: dict[str, Any] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in trees:
            continue
        trees[name], sources = _read_module((room / f"{name}.py").read_text(encoding="utf-8"))
        waiting += [
            source.rpartition(".")[2] for source in sources if source.startswith("helpers.mse.")
        ]
    return _hash_text(json.dumps(sorted(trees.items())))


@cache
def _read_module(code: str) -> tuple[Any, list[str]]:
    """A module's syntax tree as lists, and the names of the modules that it imports."""
    tree = ast.parse(code)
    imports = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return _describe(tree), imports


def _describe(node: Any) -> Any:
    """A syntax tree as lists, without docstrings and empty fields: `ast.dump`, but the same from
    one Python to the next."""
    if isinstance(node, list):
        return [_describe(part) for part in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
        fields["body"] = fields["body"][1:]
    kept = {name: _describe(part) for name, part in fields.items() if part not in (None, [])}
    return [type(node).__name__, kept]


def _join_key(captures: Captures, name: str, settings: dict[str, Any]) -> str:
    parts = [hash_captures(captures.table), hash_code(MODULES[name]), settings]
    return _hash_text(json.dumps(parts))[:24]


def _keep(path: Path, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    if not path.exists():
        _write_table(make(), path)
    return _read_table(path)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    _write_text(
        table.to_csv(index=False, float_format="%.6g", lineterminator="\n", encoding="utf-8"), path
    )


def _read_table(path: Path) -> pd.DataFrame:
    numbers = [
        column for column in pd.read_csv(path, nrows=0, encoding="utf-8") if column not in TEXT
    ]
    return pd.read_csv(
        path,
        encoding="utf-8",
        keep_default_na=False,
        na_values={column: [""] for column in numbers},
    )


def _write_text(content: str, path: Path) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, delete=False, encoding="utf-8", newline="\n"
    ) as stream:
        stream.write(content)
    Path(stream.name).replace(path)


def _hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _hash_text(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()

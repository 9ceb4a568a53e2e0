"""What the secure side needs: a short list of packages, whose versions are those of the lock."""

from __future__ import annotations

import ast
import os
import re
import sys

import pytest
from extracts import CLEAN, write_clean
from jupyter_client.provisioning import KernelProvisionerFactory

from helpers import sources
from helpers.edition import LOCK, ROOT
from helpers.execute import kernels

LIST = ROOT / "requirements-enclave.txt"
# What a package of the list brings along, and what is asked for only where it is there.
BROUGHT = {"traitlets": "ipykernel", "IPython": "ipykernel", "nbclient": "papermill"}
BROUGHT |= {"jupyter_client": "ipykernel"}
BROUGHT |= {"pydantic_core": "pydantic", "yaml": "pyyaml"}
OUTSIDE = {"myst_nb"}


def read_lines(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.partition(" ")[0] for line in lines if re.match(r"[\w-]+==", line)]


def list_imports():
    """The packages that the rooms import on the secure side: all but the site."""
    found = set()
    for path in (ROOT / "src" / "helpers").rglob("*.py"):
        if "site" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"helpers", "msvcrt", "fcntl"} - OUTSIDE


def test_the_list_is_short_has_the_locks_versions_and_nothing_that_is_not_used():
    lines = read_lines(LIST)
    assert len(lines) < 20 and lines == sorted(lines)
    assert set(lines) <= set(read_lines(LOCK))
    names = {line.partition("==")[0] for line in lines}
    used = {BROUGHT.get(name, name) for name in list_imports()}
    # Kernels are started by name.
    assert used | {"ipykernel"} == names


def test_the_pins_are_those_of_the_lock():
    """environment.yml installs by them, since pip takes no folder beside checksums."""
    locked = [
        line.rstrip("\\ ")
        for line in LOCK.read_text(encoding="utf-8").splitlines()
        if re.match(r"[\w-]+==", line)
    ]
    assert (ROOT / "environment-pins.txt").read_text(encoding="utf-8").splitlines() == locked


def test_the_lab_adds_to_the_lock_and_changes_nothing_of_it():
    names = {line.partition("==")[0] for line in read_lines(LOCK)}
    assert not names & {
        line.partition("==")[0] for line in read_lines(ROOT / "requirements-lab.lock")
    }


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such names")
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_an_extract_may_lie_in_a_folder_whose_name_is_no_utf8(tmp_path, ending):
    """Under a locale of cp1252 each file of "extract with é" was "gone": pyarrow opens UTF-8
    only."""
    folder = write_clean(tmp_path / os.fsdecode(b"extract with \xe9"))
    if ending == ".parquet":
        for name in CLEAN:
            path = folder / f"{name}.csv"
            content = sources.read_table(sources.read_extract(folder), name)
            path.with_suffix(ending).write_bytes(content.to_parquet(index=False))
            path.unlink()
    assert sources.validate_extract(folder).exit_code == 0


def test_kernels_start_where_the_package_is_not_installed(tmp_path, monkeypatch):
    """On the secure side nothing is installed but the list, and "No such kernel named python3"."""
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "provisioners", {})
    with kernels.choose_transport(tmp_path / "log", {}):
        assert factory.provisioners["monitor"].load() is kernels.ReadyKernel

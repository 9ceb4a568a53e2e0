"""Environments beside .venv: the one of environment.yml, other versions of Python, and
JupyterLab's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import Project

from helpers.edition import ROOT

pytestmark = pytest.mark.prove

CHAPTER = "52_contradictions"
OTHERS = ("python3.11", "python3.12", "python3.13")


def find_python(name: str) -> str:
    """An interpreter of this name that starts: on the path, or of pyenv, whose command on the path
    ends with 127 where another version is chosen. Skips where there is none."""
    named = [shutil.which(name), *sorted(Path.home().glob(f".pyenv/versions/*/bin/{name}"))]
    for one in filter(None, named):
        if subprocess.run([str(one), "-c", ""], capture_output=True).returncode == 0:
            return str(one)
    pytest.skip(f"{name} is not at hand, or does not start")


def install(python: Path, folder: Path, *what: str) -> None:
    """Put packages into an environment; skips where no index is within reach."""
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode and "Connection" in done.stderr:
        pytest.skip("pip reaches no package index")
    assert done.returncode == 0, done.stderr


def copy_checkout(folder: Path) -> Path:
    """What a clone of the committed tree holds."""
    done = subprocess.run(
        ["git", "clone", "--quiet", str(ROOT), str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip("this tree is no git repository")
    return folder


def drop_path() -> dict[str, str]:
    """This run's environment, so that nothing but an environment's own packages is found."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run_chapter(python: Path, root: Path) -> str:
    """Execute one notebook in the project, with nothing but the environment's own packages."""
    done = subprocess.run(
        [str(python), "-m", "helpers", "run", "--only", CHAPTER],
        cwd=root / "notebooks",
        env=drop_path(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return (root / "book" / "chapters" / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")


def test_environment_yml_alone_is_enough(tmp_path):
    """What conda would hand to pip, in a folder of its own; conda itself gives Python."""
    root = copy_checkout(tmp_path / "clone")
    told = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    [listed] = [part["pip"] for part in told["dependencies"] if isinstance(part, dict)]
    (root / "condaenv.requirements.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "own")], check=True)
    python = tmp_path / "own" / "bin" / "python"
    install(python, root, "-r", "condaenv.requirements.txt")
    done = subprocess.run(
        [str(python), "-c", "import helpers; print(helpers.__file__)"],
        cwd=tmp_path,
        env=drop_path(),
        capture_output=True,
        text=True,
    )
    assert str(root / "src") in done.stdout, done.stderr
    assert "output_type" in run_chapter(python, root)


@pytest.mark.parametrize("name", OTHERS)
def test_every_python_at_hand_gives_the_same_chapter(name, tmp_path, unbuilt):
    found = find_python(name)
    done = subprocess.run(
        [found, "-m", "venv", str(tmp_path / "own")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    python = tmp_path / "own" / "bin" / "python"
    install(python, ROOT, "-r", "environment-pins.txt", "--no-deps")
    subprocess.run([str(python), "-m", "pip", "install", "-q", "--no-deps", "-e", str(ROOT)])
    wanted = unbuilt.run("run", "--only", CHAPTER)
    assert wanted.returncode == 0, wanted.stderr
    first = (unbuilt.root / "book" / "chapters" / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    other = Project(tmp_path / "other", home=tmp_path / "other-home").copy()
    done = subprocess.run(
        [str(python), "-m", "helpers", "run", "--only", CHAPTER],
        cwd=other.home,
        env={**os.environ, "PYTHONPATH": str(other.root / "src"), "HOME": str(other.home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (other.root / "book" / "chapters" / f"{CHAPTER}.ipynb").read_text() == first


def test_the_kernel_of_the_projects_name_runs_a_notebook_in_the_lab(tmp_path):
    """The lines of `make lab`, and then a notebook cell by cell under that kernel."""
    venv = tmp_path / "own"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    python = venv / "bin" / "python"
    root = copy_checkout(tmp_path / "clone")
    install(python, root, "-r", "environment-pins.txt", "--no-deps")
    install(python, root, "--require-hashes", "--no-deps", "-r", "requirements-lab.lock")
    install(python, root, "--no-deps", "-e", ".")
    named = ["--prefix", str(venv), "--name", "victim-monitor"]
    subprocess.run([str(python), "-m", "ipykernel", "install", *named], check=True)
    kernel = "--ExecutePreprocessor.kernel_name=victim-monitor"
    convert = ["jupyter", "nbconvert", "--execute", "--to", "notebook", "--output", "done.ipynb"]
    for command in (
        ["jupyter", "lab", "--version"],
        [*convert, kernel, f"notebooks/{CHAPTER}.ipynb"],
    ):
        done = subprocess.run(
            [str(venv / "bin" / command[0]), *command[1:]],
            cwd=root,
            env=drop_path(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    made = json.loads((root / "notebooks" / "done.ipynb").read_text(encoding="utf-8"))
    assert any(cell.get("outputs") for cell in made["cells"])

"""The secure side: an environment that holds only what the short list says, without network, under
cp1252, in a folder with a blank and an accent; and what comes out of it, outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Project
from small_book import shrink

from helpers import synthetic
from helpers.edition import ROOT

pytestmark = pytest.mark.prove

CHAPTERS = ("12_signalling", "18_repeat_victimisation", "52_contradictions")
PERIOD = "edition: 2016-2019\nperiod_start: 2016\nperiod_end: 2019\n"


@pytest.fixture(scope="module")
def enclave(tmp_path_factory) -> Path:
    """Python of an environment that holds what requirements-enclave.txt says, and no more."""
    folder = tmp_path_factory.mktemp("enclave") / "own"
    uv, lock = Path(sys.executable).with_name("uv"), ROOT / "requirements.lock"
    install = [uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python"]
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, folder],
        [*install, "--constraint", lock, "-r", ROOT / "requirements-enclave.txt"],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode and "pypi.org" in done.stderr:
            pytest.skip(f"no package index within reach: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
    return folder / "bin" / "python"


@pytest.fixture
def project(tmp_path) -> Project:
    made = Project(tmp_path / "folder with é" / "monitor", home=tmp_path / "home").copy()
    shrink(made.root, CHAPTERS)
    return made


def shut_off(tmp_path) -> tuple[list[str], dict[str, str]]:
    """A prefix that takes the network away, and the locale of a Windows of western Europe."""
    places = tmp_path / "locales"
    places.mkdir()
    made = places / "en_US.CP1252"
    subprocess.run(["localedef", "-i", "en_US", "-f", "CP1252", str(made)], capture_output=True)
    assert made.exists(), "localedef made no locale of cp1252"
    words = {"LOCPATH": str(places), "LC_ALL": "en_US.CP1252", "PYTHONUTF8": "0"}
    prefix = ["unshare", "--net", "--map-root-user"]
    works = subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    return (prefix if works else []), words


@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("localedef"), reason="locales are made by localedef"
)
def test_the_short_list_is_enough_and_the_chapters_are_the_same_outside(enclave, project, tmp_path):
    prefix, words = shut_off(tmp_path)
    extract = tmp_path / "extract with é"
    synthetic.write_registers(extract, seed=3, quiet=True)
    (project.root / "notebooks" / "editions" / "2016-2019.yml").write_text(PERIOD, encoding="utf-8")
    environment = {**os.environ, **words, "PYTHONPATH": str(project.root / "src")}
    environment |= {"HOME": str(project.home)}
    for name in ("MONITOR_BUNDLE", "MONITOR_REGISTERS", "LANG", "LANGUAGE", "VIRTUAL_ENV"):
        environment.pop(name, None)

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*prefix, str(enclave), "-m", "helpers", *arguments],
            env=environment,
            cwd=project.home,
            capture_output=True,
            encoding="cp1252",
        )
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        return done.stdout

    said = subprocess.run(
        [str(enclave), "-c", "import locale; print(locale.getpreferredencoding(False))"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip().lower() == "cp1252"
    own = ("--edition", "2016-2019")
    run("validate", str(extract))
    assert "3 chapters" in run("run", *own, "--registers", str(extract))
    assert "hidden" in run("audit", *own)
    run("bundle", *own, "--registers", str(extract))
    target = project.root / "out.zip"
    assert "sha256" in run("export", *own, "--registers", str(extract), "--to", str(target))
    assert not (project.root / "_build" / "html").exists()

    inside = Project(tmp_path / "again", home=tmp_path / "home-again").copy()
    outside = Project(tmp_path / "outside", home=tmp_path / "home-outside").copy()
    for other in (inside, outside):
        shrink(other.root, CHAPTERS)
    shutil.copyfile(
        project.root / "notebooks" / "editions" / "2016-2019.yml",
        inside.root / "notebooks" / "editions" / "2016-2019.yml",
    )
    done = inside.run("run", *own, "--registers", str(extract))
    assert done.returncode in (0, 1), done.stderr
    done = outside.run("import", str(target))
    assert done.returncode == 0, done.stderr
    for name in CHAPTERS:
        first, second = (
            (one.root / "book" / "chapters" / f"{name}.ipynb").read_bytes()
            for one in (inside, outside)
        )
        assert first == second, f"{name} is another from the bundle than from the registers"
    assert (outside.site / "2016-2019" / "book" / "index.html").exists()

"""What the tests share: an edition, a bundle folder of their own, and a copy of the project to
break."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpers import products
from helpers.edition import ROOT, Edition, define_edition
from helpers.products import Product

COPIED = (
    "src",
    "data",
    "notebooks",
    "book",
    "_static",
    "_config.yml",
    "_toc.yml",
    "CHANGELOG.md",
    "CITATION.cff",
    "requirements.lock",
)


@pytest.fixture
def edition() -> Edition:
    return define_edition(edition="test", period_start=2016, period_end=2020)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `release` keeps the tables of this test, and `read_released` finds them."""
    monkeypatch.setattr("helpers.edition.CACHE", tmp_path)
    for variable in ("MONITOR_BUNDLE", "MONITOR_STAGE"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "provisional" / "test"


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Product]:
    """Declare a product for this test: its name, its keys, and what is not as in the plainest."""
    declared = dict(products.read_products())
    monkeypatch.setattr(products, "read_products", lambda: declared)

    def add(name: str, *keys: str, **changes: Any) -> Product:
        plain: dict[str, Any] = {
            "chapter": "10_long_view",
            "figure": "",
            "tables": (),
            "shape": "published",
            "within": (),
            "together": (),
            "fixed": "",
            "computed": (),
            "may_be_empty": False,
            "kinds": {},
            "title": {"en": name, "nl": name},
            "caption": {"en": name, "nl": name},
        }
        if name in declared:
            plain |= {"title": declared[name].title, "caption": declared[name].caption}
        declared[name] = Product(name=name, keys=keys, **{**plain, **changes})
        return declared[name]

    return add


@dataclass(frozen=True)
class Counted:
    """Registers as `release` sees them."""

    mark: str = "register"
    source: str = "a test"
    is_part: bool = False


class Project:
    """A copy of the project in another folder, with its own home and time zone."""

    def __init__(
        self, root: Path, *, home: Path, time_zone: str = "UTC", after: Project | None = None
    ) -> None:
        self.root, self.home, self.time_zone = root, home, time_zone
        root.mkdir(parents=True)
        home.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source,
                    root / name,
                    ignore=shutil.ignore_patterns("__pycache__", "chapters", "*.egg-info"),
                )
            else:
                shutil.copyfile(source, root / name)
        if after is not None:
            for name in (".cache", "_build", "book/chapters"):
                shutil.copytree(after.root / name, root / name, dirs_exist_ok=True)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.root / "src"),
            "HOME": str(self.home),
            "TZ": self.time_zone,
        }
        environment.pop("MONITOR_BUNDLE", None)
        return subprocess.run(
            [sys.executable, "-m", "helpers", *arguments],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def read_chapter(self, name: str) -> str:
        """What the cells of an executed chapter show, as plain text."""
        chapter = json.loads(
            (self.root / "book" / "chapters" / f"{name}.ipynb").read_text(encoding="utf-8")
        )
        outputs = [output for cell in chapter["cells"] for output in cell.get("outputs", [])]
        return "\n".join(
            "".join(output.get("data", {}).get("text/plain", "")) for output in outputs
        )

    @property
    def site(self) -> Path:
        return self.root / "_build" / "html"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy in which the book was built from nothing; tests look at it and change nothing."""
    folder = tmp_path_factory.mktemp("built")
    first = Project(folder / "one" / "project", home=folder / "home", time_zone="Pacific/Auckland")
    done = first.run("book")
    assert done.returncode == 0, done.stderr
    assert "tables identical with the committed bundle" in done.stdout
    return first


@pytest.fixture
def project(tmp_path: Path, built: Project) -> Project:
    """A copy to break, with the site and the cache of the first build: what has not changed is not
    run again."""
    return Project(tmp_path / "project", home=tmp_path / "home", after=built)


@pytest.fixture
def unbuilt(tmp_path: Path) -> Project:
    """A copy in which nothing was run yet."""
    return Project(tmp_path / "project", home=tmp_path / "home")

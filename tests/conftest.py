"""What the tests share: an edition, a bundle folder of their own, and a copy of the project to
break."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings
from small_book import FEW, shrink

from helpers import products, synthetic
from helpers.edition import ROOT, Edition, define_edition
from helpers.products import Product

# A property is tried on a few examples at each change, always the same ones, and on many, each time
# others, in `make prove`.
settings.register_profile("few", max_examples=10, deadline=None, derandomize=True, database=None)
settings.register_profile("many", max_examples=200, deadline=None, database=None)
settings.load_profile("few")
# How long a process waits for what another makes, in seconds; and what that one then says.
LONGEST_WAIT = 900
MADE = "made"
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


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What a verb tells its kernels through the environment ends with the test that called it."""
    before = {name: value for name, value in os.environ.items() if name.startswith("MONITOR_")}
    yield
    for name in [name for name in os.environ if name.startswith("MONITOR_")]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def edition() -> Edition:
    return define_edition(edition="test", period_start=2016, period_end=2020)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `release` keeps the tables of this test, and `read_released` finds them."""
    monkeypatch.setattr("helpers.edition.CACHE", tmp_path)
    monkeypatch.setattr("helpers.release.bundle._find_secret", lambda: "a secret")
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


def make_once(place: Path, make: Callable[[], object]) -> None:
    """Have `place` made by whichever process of this run asks first; the others wait for it.

    Where making it fails, every test that asked fails with the same words.
    """
    claim, outcome = (place.parent / f"{place.name}.{name}" for name in ("claim", "outcome"))
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        patience = time.monotonic() + LONGEST_WAIT
        while not outcome.exists() and time.monotonic() < patience:
            time.sleep(0.2)
    else:
        words = "nothing was made"
        try:
            make()
            words = MADE
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
        finally:
            write_whole(outcome, words)
    said = outcome.read_text(encoding="utf-8") if outcome.exists() else "nobody finished it"
    if said != MADE:
        pytest.fail(f"{place.name}: {said}", pytrace=False)


def write_whole(path: Path, words: str) -> None:
    """Write so that nobody reads half of it."""
    partial = path.with_suffix(".partial")
    partial.write_text(words, encoding="utf-8")
    partial.replace(path)


# Verbs that make the book in every language, unless one is named.
IN_LANGUAGES = ("run", "book", "build", "bundle")


class Project:
    """A copy of the project in another folder, with its own home and time zone."""

    def __init__(self, root: Path, *, home: Path, time_zone: str = "UTC") -> None:
        self.root, self.home, self.time_zone = root, home, time_zone

    def copy(self, *, after: Project | None = None) -> Project:
        """Make the folder from what a clone holds, or from the copy that `after` has built."""
        source = ROOT if after is None else after.root
        self.root.mkdir(parents=True)
        self.home.mkdir(parents=True, exist_ok=True)
        # Compiled files come along: they know by date and size whether their source is the same.
        left_out = shutil.ignore_patterns("*.egg-info", *([] if after else ["chapters"]))
        for name in COPIED if after is None else (*COPIED, ".cache", "_build"):
            if (source / name).is_dir():
                shutil.copytree(source / name, self.root / name, ignore=left_out)
            else:
                shutil.copyfile(source / name, self.root / name)
        return self

    def run(self, *arguments: str, whole: bool = False) -> subprocess.CompletedProcess[str]:
        """A verb in this copy; a book of English alone, unless it is to be `whole` or the arguments
        name a language."""
        if arguments[0] in IN_LANGUAGES and "--language" not in arguments and not whole:
            arguments = (*arguments, "--language", "en")
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
            timeout=LONGEST_WAIT,
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
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of this run of the tests."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def built(shared: Path) -> Project:
    """A copy in which the book was built from nothing; tests look at it and change nothing."""
    first = Project(
        shared / "built" / "project", home=shared / "built" / "home", time_zone="Pacific/Auckland"
    )
    make_once(first.root, lambda: build(first))
    return first


def build(project: Project) -> None:
    """Make the copy and build the book in it, from nothing."""
    done = project.copy().run("book", whole=True)
    assert done.returncode == 0, done.stderr
    assert "tables identical with the committed bundle" in done.stdout


@pytest.fixture(scope="session")
def small_built(shared: Path) -> Project:
    """The same of a book of two chapters on published numbers (`small_book`), whose own bundle is
    the committed one."""
    first = Project(
        shared / "small" / "project", home=shared / "small" / "home", time_zone="Pacific/Auckland"
    )
    make_once(first.root, lambda: build_small(first))
    return first


def build_small(project: Project) -> None:
    """Make the copy, shrink it, and build it from nothing."""
    shrink(project.copy().root, FEW)
    for verb in ("bundle", "book"):
        done = project.run(verb)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def project(tmp_path: Path, built: Project) -> Project:
    """A copy to break, with the site and the cache of the first build: what has not changed is not
    run again."""
    return Project(tmp_path / "project", home=tmp_path / "home").copy(after=built)


@pytest.fixture
def small(tmp_path: Path, small_built: Project) -> Project:
    """The book of two chapters, to break."""
    return Project(tmp_path / "project", home=tmp_path / "home").copy(after=small_built)


@pytest.fixture
def unbuilt(tmp_path: Path) -> Project:
    """A copy in which nothing was run yet."""
    return Project(tmp_path / "project", home=tmp_path / "home").copy()


@pytest.fixture(scope="session")
def draw(shared: Path) -> Callable[[int], dict[str, pd.DataFrame]]:
    """A function from a seed to its made-up registers, drawn once a run."""

    def read(seed: int) -> dict[str, pd.DataFrame]:
        path = shared / f"registers-{seed}.pickle"
        make_once(path, lambda: pd.to_pickle(synthetic.draw_registers(seed), path))
        return pd.read_pickle(path)

    return read


def write_manifest(folder: Path, tables: Mapping[str, Mapping[str, Any]], **changed: Any) -> None:
    """The manifest of a finished bundle of these tables; what a test says nothing of is plain."""
    plain = {
        "chapter": "10_long_view",
        "figure": "",
        "title": {"en": "a table", "nl": "een tabel"},
        "by": ["period"],
        "rows": 1,
        "rule_set": "public",
        "mark": "published",
        "computed": [],
        "sha256": "",
    }
    years = {"period_start": 2016, "period_end": 2020, "study_start": 2010, "seed": 1}
    manifest = {
        "edition": folder.name,
        "provisional": False,
        "earlier": {},
        "versions": {},
        "lock_sha256": "",
        "tables": {name: plain | dict(record) for name, record in tables.items()},
        **changed,
        "parameters": years | changed.get("parameters", {}),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

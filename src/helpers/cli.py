"""The verbs: `python -m helpers VERB`, also `monitor VERB`. Exit 0 done, 1 findings, 2 bad input or
usage."""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import claims, execute, mse, published, site, sources, synthetic
from helpers.disclosure import DisclosureError, audit_bundle, check_audit
from helpers.edition import (
    BUNDLES,
    CACHE,
    DEFAULT_EDITION,
    LANGUAGES,
    ROOT,
    BadInput,
    Edition,
    read_edition,
)
from helpers.release import compare_bundles, holds_register, read_manifest

DONE, FINDINGS, BAD = 0, 1, 2


class BadExtract(Exception):
    """An extract that `validate` refuses; nothing is run on it."""

    def __init__(self, validation: sources.Validation) -> None:
        self.validation = validation


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return its exit code; messages say what happened and what to do."""
    options = _define_parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A console of Windows does not know every letter that may stand in a heading.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return options.verb(options)
    except BadInput as error:
        return _say(f"bad input: {error}", BAD)
    except BadExtract as error:
        return _say(
            f"{sources.format_report(error.validation)}\nNothing was run.",
            error.validation.exit_code,
        )
    except (execute.NotebookFailed, DisclosureError) as error:
        return _say(f"{error}\nThe last site is still there.", FINDINGS)
    except site.SiteFailed as error:
        return _say(f"the site was not built:\n{error}\nThe last site is still there.", FINDINGS)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        place = _find_disk(error)
        free = shutil.disk_usage(place).free // 2**20
        return _say(
            f"the disk is full ({free} MB free at {place.name or place}); free some 200 MB and run again. The last site is still there.",
            BAD,
        )
    except KeyboardInterrupt:
        return _say("interrupted; the last site is still there", 130)


def _find_disk(error: OSError) -> Path:
    """The folder whose disk an error is about: of the file that it names, or the project's."""
    if not isinstance(error.filename, str):
        return ROOT
    named = Path(error.filename).absolute()
    return next((place for place in (named, *named.parents) if place.is_dir()), ROOT)


def _say(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


# What each option of a verb is; a verb names those that it takes.
_OPTIONS: dict[str, dict[str, Any]] = {
    "--edition": {
        "default": DEFAULT_EDITION,
        "metavar": "E",
        "help": f"an edition of notebooks/editions (default {DEFAULT_EDITION})",
    },
    "--language": {
        "choices": LANGUAGES,
        "help": "language of labels, captions and numbers (default: the edition's)",
    },
    "--quiet": {"action": "store_true", "help": "no progress, no summary"},
    "--only": {
        "nargs": "+",
        "default": [],
        "metavar": "NAME",
        "help": "only these notebooks, by name; their tables are provisional",
    },
    "--from-bundle": {
        "action": "store_true",
        "help": "skip the cells that compute tables; read the committed bundle",
    },
    "--registers": {
        "type": Path,
        "metavar": "DIR",
        "help": "folder of register extracts, for the chapters that use one",
    },
    "--jobs": {
        "type": int,
        "default": 2,
        "metavar": "N",
        "help": "notebooks at a time (default 2)",
    },
    "--seeds": {
        "type": Path,
        "metavar": "DIR",
        "help": "folder of the source documents, to check every quote against its line",
    },
    "--accept": {"action": "store_true", "help": "keep these verdicts: data/claims/verdicts"},
    "folder": {"type": Path, "metavar": "DIR", "help": "the folder of extract.yml and the tables"},
    "--html": {"type": Path, "metavar": "FILE", "help": "write the report as a page, too"},
    "--results": {
        "nargs": "+",
        "default": list(mse.SIMULATED_NAMES),
        "choices": mse.SIMULATED_NAMES,
        "metavar": "NAME",
        "help": f"only these: {', '.join(mse.SIMULATED_NAMES)}",
    },
    "--out": {"type": Path, "required": True, "metavar": "DIR", "help": "a new or empty folder"},
    "--scale": {
        "type": int,
        "default": 1,
        "metavar": "K",
        "help": "so many times as many people (default 1)",
    },
    "--seed": {
        "type": int,
        "metavar": "N",
        "help": "other people, the same published numbers (default: the edition's seed)",
    },
    "--layout": {
        "choices": synthetic.LAYOUTS,
        "help": "write the files as this owner of a register might deliver them",
    },
}
_ALL = ("--edition", "--language", "--quiet")
_EITHER = ("--from-bundle", "--registers")
_RUN = (*_EITHER, "--jobs")


def _define_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="monitor", description="The victim monitor, reproducible edition."
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, (verb, what, options) in _VERBS.items():
        sub = verbs.add_parser(name, help=what, description=what)
        sub.set_defaults(verb=verb)
        either = sub.add_mutually_exclusive_group()
        for option in (*_ALL, *options):
            (either if option in _EITHER else sub).add_argument(option, **_OPTIONS[option])
    return parser


def _read(options: argparse.Namespace) -> Edition:
    registers = getattr(options, "registers", None)
    if registers is not None and not registers.is_dir():
        raise BadInput(
            f"--registers {registers.name}: no such folder; name the one that holds extract.yml and the extracts"
        )
    if registers is not None:
        os.environ["MONITOR_REGISTERS"] = str(registers.resolve())
    return read_edition(options.edition, language=options.language)


def _check(options: argparse.Namespace) -> int:
    numbers = _check_data(options)
    (
        published.read_repeats(),
        published.read_breaks(),
        published.read_profiles(),
        published.read_limits(),
    )
    if options.seeds is not None:
        for source in published.read_documents()["source"]:
            path = options.seeds / f"{source}.txt"
            if not path.exists():
                raise BadInput(
                    f"{path} is missing; --seeds names the folder that holds the source documents"
                )
            published.check_against_source(numbers, published.read_lines(path), source=source)
        published.check_cells_against_source(
            published.read_lines(options.seeds / f"{published.TABLES_SOURCE}.txt")
        )
    return _tell(
        options,
        f"{len(numbers)} published numbers, {len(published.read_cells())} cells of tables and the public facts are in order",
        DONE,
    )


def _run(options: argparse.Namespace) -> int:
    edition = _read(options)
    _check_data(options)
    done = execute.run_notebooks(
        edition,
        only=options.only,
        jobs=options.jobs,
        from_bundle=options.from_bundle,
        quiet=options.quiet,
    )
    _tell(options, _count_chapters(done), DONE)
    return DONE if options.only else _judge_claims(options, edition, done.bundle)


def _check_data(options: argparse.Namespace) -> pd.DataFrame:
    """The catalogue, once it, the public facts and (where they will be read) the printed tables and
    the run's own extract are known to be whole; before any kernel starts."""
    if getattr(options, "registers", None) is not None:
        validation = sources.validate_extract(options.registers)
        if validation.exit_code != DONE:
            raise BadExtract(validation)
    numbers = published.read_numbers()
    if not getattr(options, "from_bundle", False):
        published.check_printed_tables(published.read_contradictions())
        mse.check_captures(mse.read_captures().table)
    published.check_facts()
    claims.read_claims()
    return numbers


def _count_chapters(done: execute.Run) -> str:
    ran = len(done.chapters) - done.cached
    return f"{len(done.chapters)} chapters: {ran} run, {done.cached} unchanged"


def _build(options: argparse.Namespace) -> int:
    edition = _read(options)
    pages = site.build_site(edition, execute.find_bundle_of_chapters(edition))
    return _tell(options, f"{len(pages)} pages: _build/html/index.html", DONE)


def _audit(options: argparse.Namespace) -> int:
    edition = _read(options)
    _audit_bundle(options, _find_made(edition))
    return DONE


def _audit_bundle(options: argparse.Namespace, bundle: Path) -> None:
    """Raises DisclosureError, with a line a finding, where a hidden count can be worked out."""
    tables = read_manifest(bundle)["tables"]
    if not tables:
        raise BadInput(f"there is no bundle {bundle.name}; make bundle EDITION={bundle.name}")
    audit = audit_bundle(bundle, {name: record["rule_set"] for name, record in tables.items()})
    check_audit(audit)
    _tell(options, audit.summarise(), DONE)


def _book(options: argparse.Namespace) -> int:
    edition = _read(options)
    _check_data(options)
    started = time.monotonic()
    done = execute.run_notebooks(
        edition, jobs=options.jobs, from_bundle=options.from_bundle, quiet=options.quiet
    )
    ran = time.monotonic()
    _tell(options, f"{_count_chapters(done)} ({ran - started:.1f} s)", DONE)
    _audit_bundle(options, done.bundle)
    code = _compare_with_committed(options, edition, done.bundle)
    code = max(code, _judge_claims(options, edition, done.bundle))
    pages = site.build_site(edition, done.bundle)
    return _tell(
        options,
        f"{len(pages)} pages ({time.monotonic() - ran:.1f} s): _build/html/index.html",
        code,
    )


def _claims(options: argparse.Namespace) -> int:
    edition = _read(options)
    judged = claims.judge(edition, folder=_find_made(edition))
    if options.accept:
        path = claims.write_verdicts(judged, edition.edition)
        return _tell(options, f"{len(judged)} verdicts: {path.relative_to(ROOT)}", DONE)
    claims.check_hidden(judged, edition.edition)
    for one in judged.values():
        _tell(options, f"{one.verdict}: {one.write(letters=False)}", DONE)
    return _compare_claims(options, edition, judged)


def _find_made(edition: Edition) -> Path:
    """The bundle of the last run, or else the committed one."""
    made = CACHE / "bundles" / edition.edition
    return made if made.exists() else BUNDLES / edition.edition


def _judge_claims(options: argparse.Namespace, edition: Edition, bundle: Path) -> int:
    """Judge every claim on a bundle, and compare with the kept verdicts."""
    judged = claims.judge(edition, folder=bundle)
    claims.check_hidden(judged, edition.edition)
    return _compare_claims(options, edition, judged)


def _compare_claims(
    options: argparse.Namespace, edition: Edition, judged: dict[str, claims.Judged]
) -> int:
    """FINDINGS, with a line a claim, where a verdict is new or another than the kept one."""
    differences = claims.compare_verdicts(judged, edition.edition)
    if not differences:
        return _tell(options, f"{len(judged)} claims, each as it was judged before", DONE)
    accept = f"monitor claims --edition {edition.edition} --accept"
    return _say("\n".join([*differences, f"Read them; {accept} keeps these verdicts."]), FINDINGS)


def _compare_with_committed(options: argparse.Namespace, edition: Edition, made: Path) -> int:
    committed = BUNDLES / edition.edition
    if not committed.exists():
        return _tell(
            options,
            f"no committed bundle of {edition.edition}; {_name_bundle_command(options)} writes it",
            DONE,
        )
    same, differences = compare_bundles(made, committed)
    _tell(
        options,
        f"{same} of {same + len(differences)} tables identical with the committed bundle",
        DONE,
    )
    if not differences:
        return DONE
    return _say(
        "\n".join(
            [
                *differences,
                f"Look at what changed; {_name_bundle_command(options)} accepts it.",
            ]
        ),
        FINDINGS,
    )


def _name_bundle_command(options: argparse.Namespace) -> str:
    """The command that commits what this run made, on the same registers."""
    given = f" --registers {options.registers}" if options.registers is not None else ""
    return f"monitor bundle --edition {options.edition}{given}"


def _bundle(options: argparse.Namespace) -> int:
    edition = _read(options)
    _check_data(options)
    target = BUNDLES / edition.edition
    if options.registers is None and holds_register(target):
        raise BadInput(
            f"the committed bundle of {edition.edition} was counted from a real register, and made-up "
            "numbers would take its place; name the extract with --registers DIR"
        )
    done = execute.run_notebooks(edition, jobs=options.jobs, quiet=options.quiet)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(done.bundle, target)
    return _tell(
        options,
        f"{len(list(target.glob('*.csv')))} tables: {target.relative_to(ROOT).as_posix()}",
        DONE,
    )


def _template(options: argparse.Namespace) -> int:
    sources.write_template(options.folder)
    return _tell(
        options,
        f"empty tables, extract.yml and a README: {options.folder}; fill them, then monitor validate {options.folder}",
        DONE,
    )


def _validate(options: argparse.Namespace) -> int:
    edition = read_edition(options.edition)
    if not os.path.isdir(options.folder):  # noqa: PTH112 - False, too, where nobody may look
        raise BadInput(
            f"{options.folder}: no such folder; name the one that holds extract.yml and the tables"
        )
    validation = sources.validate_extract(options.folder)
    if options.html is not None:
        _write_page(validation, options.html, edition)
    return _tell(options, sources.format_report(validation, edition), validation.exit_code)


def _write_page(validation: sources.Validation, path: Path, edition: Edition) -> None:
    try:
        sources.write_report(validation, path, edition)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it cannot be written"
        raise BadInput(
            f"--html {path.name}: {reason}; name a file in a folder that exists, on a disk with room"
        ) from None


def _synthesise(options: argparse.Namespace) -> int:
    seed = _read(options).seed if options.seed is None else options.seed
    synthetic.write_registers(
        options.out, seed=seed, scale=options.scale, layout=options.layout, quiet=options.quiet
    )
    return _tell(
        options,
        f"synthetic registers of seed {seed}: {options.out}; monitor validate {options.out} checks them",
        DONE,
    )


def _simulate(options: argparse.Namespace) -> int:
    published.check_facts()
    seed = read_edition(options.edition).seed
    changed = mse.write_simulated(seed=seed, names=options.results, quiet=options.quiet)
    return _tell(
        options,
        f"{len(options.results)} tables of simulations, {len(changed)} changed: data/simulated",
        DONE,
    )


def _notebooks(options: argparse.Namespace) -> int:
    done = execute.run_notebooks(read_edition(DEFAULT_EDITION), quiet=options.quiet)
    changed = execute.write_source_outputs(done.chapters)
    return _tell(
        options, f"{len(changed)} of {len(done.chapters)} committed notebooks rewritten", DONE
    )


def _tell(options: argparse.Namespace, message: str, code: int) -> int:
    if not options.quiet:
        print(message, flush=True)
    return code


_VERBS: dict[str, tuple[Callable[[argparse.Namespace], int], str, tuple[str, ...]]] = {
    "run": (_run, "run the notebooks into book/chapters", ("--only", *_RUN)),
    "check": (_check, "check the catalogue, the facts and their checksums", ("--seeds",)),
    "audit": (_audit, "attack the bundle: what can be worked out of a hidden count", ()),
    "claims": (
        _claims,
        "judge every claim on the edition's bundle, and compare with the kept verdicts",
        ("--accept",),
    ),
    "build": (_build, "assemble the site from book/chapters", ()),
    "book": (
        _book,
        "run, build, check, and put the new site in place: _build/html/index.html",
        _RUN,
    ),
    "bundle": (
        _bundle,
        "run, and write the committed bundle data/bundles/EDITION",
        ("--registers", "--jobs"),
    ),
    "template": (
        _template,
        "write empty tables and a mapping file to fill into a new folder",
        ("folder",),
    ),
    "validate": (
        _validate,
        "check an extract: every problem at once, never a value of a person",
        ("folder", "--html"),
    ),
    "synthesise": (
        _synthesise,
        "write synthetic registers, calibrated to published numbers, into a new folder",
        ("--out", "--scale", "--seed", "--layout"),
    ),
    "simulate": (
        _simulate,
        "compute the slow results of the hidden population anew: data/simulated (many minutes)",
        ("--results",),
    ),
    "notebooks": (
        _notebooks,
        "run the default edition, and rewrite the text outputs of the committed notebooks",
        (),
    ),
}

"""The verbs: `python -m helpers VERB`, also `monitor VERB`. Exit 0 done, 1 findings, 2 bad input or
usage."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import (
    claims,
    editions,
    execute,
    prose,
    published,
    registers,
    reproduce,
    sources,
    synthetic,
    translations,
)
from helpers.disclosure import Audit, DisclosureError, audit_bundle, check_audit
from helpers.edition import (
    BUILD,
    BUNDLES,
    CACHE,
    DEFAULT_EDITION,
    LANGUAGES,
    ROOT,
    BadInput,
    Edition,
    SiteFailed,
    find_registers_folder,
    find_run_record,
    list_editions,
    read_edition,
)
from helpers.release import (
    check_bundle,
    check_leaks,
    compare_bundles,
    holds_register,
    list_earlier,
    list_revised,
    read_manifest,
    read_released,
    read_rules,
)
from helpers.schema import TABLES

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
        if options.holds:
            with execute.hold_checkout(options.name):
                return options.verb(options)
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
    except SiteFailed as error:
        return _say(f"the site was not built:\n{error}\nThe last site is still there.", FINDINGS)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            name = Path(error.filename).name if error.filename else ROOT.name
            return _say(
                f"bad input: {name} may not be written or read ({os.strerror(error.errno)}); give "
                f"yourself the right, or work in a copy of {ROOT.name}. The last site is still there.",
                BAD,
            )
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
        "help": f"only in this language (default: {' and '.join(LANGUAGES)})",
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
    "--without-examples": {
        "action": "store_true",
        "help": "a book without any made-up number: no worked examples, and no file of one",
    },
    "--jobs": {
        "type": int,
        "default": execute.JOBS,
        "metavar": "N",
        "help": f"notebooks at a time (default {execute.JOBS})",
    },
    "--seeds": {
        "type": Path,
        "metavar": "DIR",
        "help": "folder of the source documents, to check every quote against its line",
    },
    "--accept": {
        "action": "store_true",
        "help": "keep what was found as read: verdicts, data/reproduced, or data/reviewed.csv",
    },
    "names": {
        "nargs": "*",
        "metavar": "NAME",
        "help": "only these chapters and pages, by file name without its ending",
    },
    "--write": {
        "action": "store_true",
        "help": "add each part that is missing, with its English words to be put into Dutch",
    },
    "years": {"metavar": "FIRST-LAST", "help": "the first and the last year, such as 2017-2021"},
    "first": {"metavar": "E1", "help": "the earlier edition"},
    "second": {"metavar": "E2", "help": "the later edition"},
    "file": {"type": Path, "metavar": "FILE", "help": "a file that monitor export wrote"},
    "place": {
        "nargs": "+",
        "metavar": "PLACE",
        "help": "a municipality by name or code, or police:UNIT",
    },
    "--to": {"type": Path, "metavar": "FILE", "help": "the file to write"},
    "folder": {"type": Path, "metavar": "DIR", "help": "the folder of extract.yml and the tables"},
    "--html": {"type": Path, "metavar": "FILE", "help": "write the report as a page, too"},
    "--results": {
        "nargs": "+",
        "metavar": "NAME",
        "help": "only these files of data/simulated, by name without ending (default: all)",
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
    "--all": {"action": "store_true", "help": "every difference (default: the first of each kind)"},
    "--check": {"action": "store_true", "help": "write nothing; exit 1 where a file differs"},
    "--layout": {
        "choices": synthetic.LAYOUTS,
        "help": "write the files as this owner of a register might deliver them",
    },
}
# Verbs that write where another run may read.
_HOLDING = ("book", "build", "bundle", "import", "local", "new-edition", "notebooks", "review")
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
        sub.set_defaults(verb=verb, name=name, holds=name in _HOLDING)
        # Python 3.11 cannot print the help of a group without options.
        either = sub.add_mutually_exclusive_group() if set(options) & set(_EITHER) else sub
        for option in (*_ALL, *options):
            (either if option in _EITHER else sub).add_argument(option, **_OPTIONS[option])
    return parser


def _read(options: argparse.Namespace) -> Edition:
    registers = getattr(options, "registers", None)
    if registers is not None:
        _give_registers(registers)
    return read_edition(options.edition, language=options.language)


def _give_registers(folder: Path) -> None:
    if not folder.is_dir():
        raise BadInput(
            f"--registers {folder.name}: no such folder; name the one that holds extract.yml and the extracts"
        )
    os.environ["MONITOR_REGISTERS"] = str(folder.resolve())


def _choose_languages(options: argparse.Namespace) -> tuple[str, ...]:
    return LANGUAGES if options.language is None else (options.language,)


def _list_languages(options: argparse.Namespace) -> tuple[str, ...]:
    """The languages in which to run and build, once the prose of each is known to be whole."""
    languages = _choose_languages(options)
    if set(languages) - {LANGUAGES[0]}:
        translations.check_translations()
    return languages


def _check(options: argparse.Namespace) -> int:
    numbers = _check_data(options)
    (
        published.read_repeats(),
        published.read_breaks(),
        published.read_profiles(),
        published.read_limits(),
    )
    looked_for = _check_leaving(options)
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
        f"{len(numbers)} published numbers, {len(published.read_cells())} cells of tables and the public facts are in order\n{looked_for}",
        DONE,
    )


def _check_leaving(options: argparse.Namespace) -> str:
    """What bundles and site were searched for, in a sentence. Raises DisclosureError for what may not
    leave."""
    _read(options)
    site = BUILD / "html"
    check_leaks(BUNDLES, site)
    if site.exists():
        from helpers.site import find_changed_tables  # as `_build_site`: only where there is one

        if changed := find_changed_tables(site):
            raise DisclosureError("what was not released was found:\n" + "\n".join(changed))
    if find_registers_folder() is None:
        return (
            "bundles and site hold nothing of this machine; nobody looked for people, since no "
            "registers were given: monitor check --registers DIR looks for their identifiers and days"
        )
    return (
        "bundles and site hold nothing of this machine, and no identifier or day of the registers"
    )


def _run(options: argparse.Namespace) -> int:
    edition, languages = _read(options), _list_languages(options)
    _check_before_run(options)
    done = execute.run_notebooks(
        edition,
        only=options.only,
        jobs=options.jobs,
        from_bundle=options.from_bundle,
        quiet=options.quiet,
        languages=languages,
    )
    _tell(options, _count_chapters(done), DONE)
    return DONE if options.only else _judge_claims(options, edition, done.bundle)[1]


def _check_data(options: argparse.Namespace) -> pd.DataFrame:
    """The catalogue, once it, the public facts and (where they will be read) the printed tables and
    the run's own extract are known to be whole; before any kernel starts."""
    if getattr(options, "registers", None) is not None:
        _check_extract(options, read_edition(options.edition))
    numbers = published.read_numbers()
    if not getattr(options, "from_bundle", False):
        published.check_printed_tables(published.read_contradictions())
        # Those of an extract were looked at with it.
        sources.check_captures(published.read_captures())
    published.check_facts()
    claims.read_claims()
    return numbers


def _check_before_run(options: argparse.Namespace) -> None:
    """The same, while the libraries are read for the kernels: each takes as long as the other."""
    _check_mark(options)
    execute.read_libraries()
    _check_data(options)


def _check_mark(options: argparse.Namespace) -> None:
    """Raise BadInput where made-up numbers would take the place of those of a real register."""
    from_bundle = getattr(options, "from_bundle", None)
    given = getattr(options, "registers", None)
    if given is None and not from_bundle and holds_register(BUNDLES / options.edition):
        way = "" if from_bundle is None else ", or show that bundle with --from-bundle"
        raise BadInput(
            f"the committed bundle of {options.edition} was counted from a real register, and made-up "
            f"numbers would take its place; name the extract with --registers DIR{way}"
        )


def _check_extract(options: argparse.Namespace, edition: Edition) -> sources.Validation:
    """The validation of the run's extract. Raises BadExtract where it has errors, BadInput where it
    does not hold the whole years of the edition."""
    validation = sources.validate_extract(options.registers)
    if validation.exit_code != DONE:
        raise BadExtract(validation)
    extract = sources.read_extract(options.registers)
    editions.check_whole_years(validation, extract, edition)
    return validation


def _count_chapters(done: execute.Run) -> str:
    ran = len(done.chapters) - done.cached
    return f"{len(done.chapters)} chapters: {ran} run, {done.cached} unchanged"


def _build(options: argparse.Namespace) -> int:
    edition, languages = _read(options), _list_languages(options)
    bundle = execute.find_bundle_of_chapters(edition, languages)
    pages = _build_site(
        edition, bundle, with_examples=not options.without_examples, languages=languages
    )
    return _tell(options, f"{len(pages)} pages: _build/html/index.html", DONE)


def _build_site(
    edition: Edition,
    bundle: Path,
    *,
    languages: tuple[str, ...],
    with_examples: bool = True,
    audit: Audit | None = None,
    judged: dict[str, claims.Judged] | None = None,
) -> list[str]:
    # Here, since the secure side has neither Jupyter Book nor what mends its pages.
    from helpers.site import build_site

    return build_site(
        edition,
        bundle,
        with_examples=with_examples,
        languages=languages,
        audit=audit,
        judged=judged,
    )


def _audit(options: argparse.Namespace) -> int:
    edition = _read(options)
    _audit_bundle(options, edition, _find_made(edition))
    return DONE


def _audit_bundle(
    options: argparse.Namespace, edition: Edition, bundle: Path, *, may_know: bool = False
) -> Audit:
    """The audit of a bundle. Raises DisclosureError, with a line a finding, where a hidden count can be
    worked out, from this bundle and all committed ones of the same registers together. What is
    known from the last book may serve a book (`may_know`)."""
    tables = read_manifest(bundle)["tables"]
    if not tables:
        raise BadInput(f"there is no bundle {bundle.name}; make bundle EDITION={bundle.name}")

    def attack() -> Audit:
        rule_sets = read_rules(bundle)
        is_real = holds_register(bundle)
        earlier = list_earlier(edition, is_real=is_real, folder=bundle, is_audit=True)
        revised = list_revised(edition, earlier)
        return audit_bundle(bundle, rule_sets, earlier=earlier, revised=revised)

    # Whoever asks for an audit, or lets something leave, gets a new one.
    audit = execute.audit_once(edition, bundle, attack) if may_know else attack()
    check_audit(audit)
    _tell(options, audit.summarise(), DONE)
    return audit


def _clean(options: argparse.Namespace) -> int:
    """Remove `.cache`: executed copies, staged cells, bundles, made-up registers, kept results."""
    shutil.rmtree(CACHE, ignore_errors=True)
    return _tell(options, "removed: .cache; the next run makes everything anew", DONE)


def _book(options: argparse.Namespace) -> int:
    edition, languages = _read(options), _list_languages(options)
    signed = execute.sign_book(edition, options.from_bundle, options.without_examples, languages)
    folder = "" if edition.edition == DEFAULT_EDITION else edition.edition
    place = BUILD / "html" / folder
    if execute.is_unchanged(edition, signed, place):
        return _tell(options, "nothing has changed since this book was made", DONE)
    _check_before_run(options)
    started = time.monotonic()
    # The process that will build the site reads what it needs meanwhile.
    with execute.read_ahead("helpers.site.ready") as hand_over:
        done = execute.run_notebooks(
            edition,
            jobs=options.jobs,
            from_bundle=options.from_bundle,
            quiet=options.quiet,
            languages=languages,
        )
        ran = time.monotonic()
        _tell(options, f"{_count_chapters(done)} ({ran - started:.1f} s)", DONE)
        audit = _audit_bundle(options, edition, done.bundle, may_know=True)
        code = _compare_with_committed(options, edition, done.bundle)
        judged, differs = _judge_claims(options, edition, done.bundle)
        pages = hand_over(
            _build_site,
            edition,
            done.bundle,
            with_examples=not options.without_examples,
            languages=languages,
            audit=audit,
            judged=judged,
        ).result()
    code = max(code, differs)
    if code == DONE:
        execute.keep_signature(edition, signed, place)
    return _tell(
        options,
        f"{len(pages)} pages ({time.monotonic() - ran:.1f} s): _build/html/index.html",
        code,
    )


def _local(options: argparse.Namespace) -> int:
    """Make the page of one municipality or police unit from the edition's bundle, in which all places
    are protected together; a place without one is answered with a sentence, and nothing is made."""
    from helpers.site import CHAPTER, build_place

    edition = _read(options)
    _make_public_tables(options, edition.edition)
    bundle, asked = editions.find_bundle(edition.edition), " ".join(options.place)
    check_bundle(bundle)
    read_rules(bundle)
    places = read_released("local_victims", edition=edition, folder=bundle)
    place = prose.find_asked(asked, places)
    if place.refusal:
        raise BadInput(place.refusal)
    chapter = execute.run_chapter(CHAPTER, edition, bundle, place=asked)
    page = build_place(edition, bundle, chapter, place)
    return _tell(options, f"{place.tell()}\n{page.relative_to(ROOT).as_posix()}", DONE)


def _review(options: argparse.Namespace) -> int:
    """Run again, one chapter from scratch, and compare with everything that is committed."""
    edition = read_edition(DEFAULT_EDITION)
    _check_before_run(options)
    chosen = execute.choose_chapter()
    done = execute.run_notebooks(
        edition,
        fresh=(chosen,),
        jobs=options.jobs,
        quiet=options.quiet,
        languages=_choose_languages(options),
    )
    if options.accept:
        now = {**execute.list_words(), **execute.list_pictures(done.chapters)}
        execute.write_reviewed(now)
        return _tell(options, f"{len(now)} words and pictures: data/reviewed.csv", DONE)
    review = execute.review_checkout(edition, done.bundle, done.chapters, chosen)
    judged = claims.judge(edition, folder=done.bundle)
    review.add("verdicts of claims", claims.compare_verdicts(judged, edition.edition))
    return _print(review.write(), FINDINGS if review.differences else DONE)


def _claims(options: argparse.Namespace) -> int:
    edition = _read(options)
    _make_public_tables(options, edition.edition)
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


def _judge_claims(
    options: argparse.Namespace, edition: Edition, bundle: Path
) -> tuple[dict[str, claims.Judged], int]:
    """Every claim judged on a bundle, and what `_compare_claims` says of it."""
    judged = claims.judge(edition, folder=bundle)
    claims.check_hidden(judged, edition.edition)
    return judged, _compare_claims(options, edition, judged)


def _compare_claims(
    options: argparse.Namespace, edition: Edition, judged: dict[str, claims.Judged]
) -> int:
    """FINDINGS, with a line a claim, where a verdict is new or another than the kept one."""
    differences = claims.compare_verdicts(judged, edition.edition)
    if not differences:
        return _tell(options, f"{len(judged)} claims, each as it was judged before", DONE)
    return _say("\n".join([*differences, _name_accept(edition)]), FINDINGS)


def _name_accept(edition: Edition) -> str:
    return f"Read them; monitor claims --edition {edition.edition} --accept keeps these verdicts."


def _reproduce(options: argparse.Namespace) -> int:
    """FINDINGS where a number that was equal no longer is."""
    edition = _read(options)
    _check_data(options)
    given = registers.open_registers(edition.seed)
    years = range(min(edition.study_start, edition.period_start), edition.period_end + 1)
    tables = {name: given.read(name) for name in TABLES}
    checked = reproduce.check_registers(tables, mark=given.mark, years=years)
    standings = reproduce.tabulate_standings(checked)
    if options.accept:
        path = reproduce.write_standings(standings, edition.edition)
        return _tell(options, f"{len(standings)} standings: {path.relative_to(ROOT)}", DONE)
    for row in reproduce.count_standings(standings).itertuples():
        _tell(options, f"{row.document} {row.standing}: {row.n}", DONE)
    from helpers.site.reproduction import say_share  # as `_build_site`: only where it is needed

    _tell(options, say_share(standings, "en"), DONE)
    lost = reproduce.find_losses(reproduce.read_standings(edition.edition), standings)
    if lost.empty:
        return _tell(options, "whatever was equal before is equal", DONE)
    lines = [f"{row.id}: was {row.was}, is {row.standing}" for row in lost.itertuples()]
    accept = f"monitor reproduce --edition {edition.edition} --accept"
    return _say("\n".join([*lines, f"Read them; {accept} keeps these standings."]), FINDINGS)


def _compare_with_committed(options: argparse.Namespace, edition: Edition, made: Path) -> int:
    committed = BUNDLES / edition.edition
    if not edition.has_registers:
        return DONE  # nothing is kept of it: all of it follows from what is committed
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
    given = (
        f" --registers {shlex.quote(str(options.registers))}"
        if options.registers is not None
        else ""
    )
    return f"monitor bundle --edition {options.edition}{given}"


def _bundle(options: argparse.Namespace) -> int:
    edition = _read(options)
    _check_before_run(options)
    target = BUNDLES / edition.edition
    if not edition.has_registers:
        raise BadInput(
            f"{edition.edition} is an edition on public numbers alone and keeps no bundle: its tables "
            f"follow from data/published and data/facts; monitor book --edition {edition.edition}"
        )
    done = execute.run_notebooks(
        edition, jobs=options.jobs, quiet=options.quiet, languages=_choose_languages(options)
    )
    _audit_bundle(options, edition, done.bundle)
    check_leaks(done.bundle)
    _keep_bundle(edition.edition, done.bundle)
    return _tell(
        options,
        f"{len(list(target.glob('*.csv')))} tables: {target.relative_to(ROOT).as_posix()}",
        DONE,
    )


def _keep_run(name: str) -> None:
    """Keep beside the committed bundle what its run read, and how long it took."""
    record = find_run_record(CACHE / "bundles", name)
    if record.exists():
        shutil.copyfile(record, find_run_record(BUNDLES, name))


def _new_edition(options: argparse.Namespace) -> int:
    """Validate, write the file, run, audit, build beside the others, and say what changed."""
    edition, languages = editions.define_new(options.years), _list_languages(options)
    if options.registers is None:
        raise BadInput(
            "new-edition needs --registers DIR, the folder of the extract of these years"
        )
    _give_registers(options.registers)
    validation = _check_extract(options, edition)
    editions.check_coverage(validation, edition)
    _tell(options, sources.summarise(validation), DONE)
    with editions.begin_edition(edition) as written:
        done = execute.run_notebooks(
            edition, jobs=options.jobs, quiet=options.quiet, languages=languages
        )
        audit = _audit_bundle(options, edition, done.bundle)
        judged = claims.judge(edition, folder=done.bundle)
        _keep_bundle(edition.edition, done.bundle)
    _tell(options, f"{written}; {_count_chapters(done)}", DONE)
    _tell_failed(options, edition, judged)
    code = _tell_changes(options, edition.edition)
    if find_spec("jupyter_book") is None:
        target = Path.cwd() / f"{edition.edition}.export.zip"
        checksum = editions.write_export(edition, BUNDLES / edition.edition, target)
        return _tell(options, f"{target.name}, sha256 {checksum}; monitor import builds it", code)
    _build_site(edition, done.bundle, languages=languages, audit=audit, judged=judged)
    return _tell(options, f"_build/html/{edition.edition}/book/index.html", code)


def _tell_failed(
    options: argparse.Namespace, edition: Edition, judged: dict[str, claims.Judged]
) -> None:
    """The claims that nobody should read as true in this edition; those that another printed number
    contradicts are the same in every edition, and named alone."""
    failed = [one for one in judged.values() if one.verdict == claims.FAILS]
    lines = [f"{len(failed)} of {len(judged)} claims do not hold:"]
    lines += [f"  {one.claim.id}: {one.write(letters=False)}" for one in failed]
    for verdict, words in (
        (claims.CONTRADICTED, "are contradicted by another printed number"),
        (claims.UNDECIDED, "cannot be decided"),
    ):
        named = [one.claim.id for one in judged.values() if one.verdict == verdict]
        lines.append(f"{len(named)} {words}: {', '.join(named) or 'none'}")
    _tell(options, "\n".join([*lines, _name_accept(edition)]), DONE)


def _keep_bundle(name: str, made: Path) -> None:
    BUNDLES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUNDLES, prefix=execute.BUNDLE_PREFIX) as folder:
        execute.swap_folder(shutil.copytree(made, Path(folder) / name), BUNDLES / name)
    _keep_run(name)


def _tell_changes(options: argparse.Namespace, name: str) -> int:
    """What changed against the edition nearest to it, where there is one with a bundle."""
    kept = [other for other in list_editions() if other != name and (BUNDLES / other).exists()]
    nearest = editions.find_nearest(name, kept)
    if nearest is None:
        return DONE
    comparison = editions.compare_editions(nearest, name)
    _tell(options, f"against {nearest}:", DONE)
    _tell_comparison(options, comparison, nearest, name)
    return FINDINGS if comparison.findings else DONE


def _tell_comparison(
    options: argparse.Namespace, comparison: editions.Comparison, first: str, second: str
) -> None:
    """The comparison in short, and how to see all of it; findings are told with `--quiet`, too."""
    told, whole = comparison.write(), comparison.write(most=None)
    if getattr(options, "all", False):
        told = whole
    elif told != whole:
        told += f"\nmonitor compare {first} {second} --all lists every one"
    if comparison.findings or not options.quiet:
        _print(told, DONE)


def _compare(options: argparse.Namespace) -> int:
    for name in (options.first, options.second):
        _make_public_tables(options, name)
    comparison = editions.compare_editions(options.first, options.second)
    _tell_comparison(options, comparison, options.first, options.second)
    return FINDINGS if comparison.findings else DONE


def _make_public_tables(options: argparse.Namespace, name: str) -> None:
    """The bundle of an edition on public numbers alone: it is kept nowhere, since it follows from what
    is committed, so that it is made where something needs it."""
    edition = read_edition(name)
    if edition.has_registers:
        return
    os.environ.pop("MONITOR_REGISTERS", None)
    _tell(
        options,
        f"{name} rests on public numbers alone and keeps no bundle; its tables are made from them "
        "(half a minute the first time)",
        DONE,
    )
    execute.make_tables(edition, quiet=options.quiet)


def _export(options: argparse.Namespace) -> int:
    edition = _read(options)
    _make_public_tables(options, edition.edition)
    bundle = editions.find_bundle(edition.edition)
    if holds_register(bundle) and options.registers is None:
        raise BadInput(
            "name the extract with --registers DIR: what leaves is searched for its identifiers and days"
        )
    _audit_bundle(options, edition, bundle)
    target = options.to or Path.cwd() / f"{edition.edition}.export.zip"
    if target.exists():
        raise BadInput(
            f"{target.name} exists, and nothing was changed; name another file with --to"
        )
    checksum = editions.write_export(edition, bundle, target)
    return _tell(options, f"{target.name}: sha256 {checksum}", DONE)


def _import(options: argparse.Namespace) -> int:
    """Check an export, audit it, put it in place and build its site; where one of them is refused,
    nothing of it stays. A bundle that is there and differs stays."""
    found, languages = editions.read_export(options.file), _list_languages(options)
    with tempfile.TemporaryDirectory(dir=BUNDLES, prefix=execute.BUNDLE_PREFIX) as folder:
        made = Path(folder) / found.edition
        found.write_bundle(made)
        check_bundle(made)
        audit = _audit_bundle(options, found.define(), made)
        with found.keep(made):
            edition = read_edition(found.edition)
            done = execute.run_notebooks(
                edition, from_bundle=True, quiet=options.quiet, languages=languages
            )
            _build_site(edition, done.bundle, languages=languages, audit=audit)
    _tell(options, f"{found.edition}: {len(found.bundle) - 1} tables: data/bundles", DONE)
    return _tell(options, f"the site of {found.edition} is built", DONE)


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
    page = options.html
    if page is not None and page.exists() and options.folder.resolve() in page.resolve().parents:
        raise BadInput(f"--html {page.name}: a file of the extract; name a file elsewhere")
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


def _plan(options: argparse.Namespace) -> int:
    if options.check:
        faults = synthetic.compare_plans()
        told = "\n".join(faults) or "every plan is what the printed numbers give"
        return _tell(options, told, FINDINGS if faults else DONE)
    paths = ", ".join(synthetic.write_plans())
    return _tell(options, f"written: data/codes: {paths}; make bundle draws new people", DONE)


def _simulate(options: argparse.Namespace) -> int:
    from helpers import mse  # here, since it reads libraries that few verbs need

    published.check_facts()
    seed, names = read_edition(options.edition).seed, options.results or mse.SIMULATED_NAMES
    changed = mse.write_simulated(seed=seed, names=names, quiet=options.quiet)
    return _tell(
        options,
        f"{len(names)} tables of simulations, {len(changed)} changed: data/simulated",
        DONE,
    )


def _notebooks(options: argparse.Namespace) -> int:
    done = execute.run_notebooks(
        read_edition(DEFAULT_EDITION), quiet=options.quiet, languages=LANGUAGES
    )
    changed = execute.write_source_outputs(done.chapters)
    return _tell(
        options, f"{len(changed)} of {len(done.chapters)} committed notebooks rewritten", DONE
    )


def _translations(options: argparse.Namespace) -> int:
    pairs = translations.list_pairs(options.names)
    if options.write:
        missing = sum(translations.write_skeletons(pair) for pair in pairs)
        _tell(options, f"{missing} parts to be put into Dutch in {len(pairs)} files", DONE)
    faults = [fault for pair in pairs for fault in pair.list_faults()]
    if faults:
        return _say("\n".join(faults), FINDINGS)
    return _tell(options, f"{len(pairs)} chapters and pages, each whole in Dutch", DONE)


def _tell(options: argparse.Namespace, message: str, code: int) -> int:
    return code if options.quiet else _print(message, code)


def _print(message: str, code: int) -> int:
    try:
        print(message, flush=True)
    except BrokenPipeError:  # whoever reads has seen enough, as `head` has
        _leave_output()
    except OSError as error:
        _leave_output()
        reason = os.strerror(error.errno or errno.EIO)
        return _say(f"the answer could not be written where it was sent ({reason})", BAD)
    return code


def _leave_output() -> None:
    """Let nothing more be written to where it cannot be, at the end of the process either."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_VERBS: dict[str, tuple[Callable[[argparse.Namespace], int], str, tuple[str, ...]]] = {
    "run": (_run, "run the notebooks into book/chapters", ("--only", *_RUN)),
    "check": (
        _check,
        "check the catalogue, the facts and their checksums, and search bundles and site for what may not leave",
        ("--seeds", "--registers"),
    ),
    "audit": (_audit, "attack the bundle: what can be worked out of a hidden count", ()),
    "clean": (_clean, "remove .cache, where true cells and executed copies may lie", ()),
    "claims": (
        _claims,
        "judge every claim on the edition's bundle, and compare with the kept verdicts",
        ("--accept",),
    ),
    "reproduce": (
        _reproduce,
        "hold the registers and the formulas against every printed number",
        ("--registers", "--accept"),
    ),
    "review": (
        _review,
        "compare what is committed with what the code makes, and with what was read and accepted",
        ("--accept", "--jobs"),
    ),
    "build": (_build, "assemble the site from book/chapters", ("--without-examples",)),
    "book": (
        _book,
        "run, build, check, and put the new site in place: _build/html/index.html",
        (*_RUN, "--without-examples"),
    ),
    "bundle": (
        _bundle,
        "run, and write the committed bundle data/bundles/EDITION",
        ("--registers", "--jobs"),
    ),
    "new-edition": (
        _new_edition,
        "validate an extract, write the edition's file, run, audit, build beside the others, and compare",
        ("years", "--registers", "--jobs"),
    ),
    "compare": (
        _compare,
        "what differs between two editions; a closed year without a declared reason is a finding",
        ("first", "second", "--all"),
    ),
    "local": (
        _local,
        "make the page of one municipality or police unit: _build/places",
        ("place",),
    ),
    "export": (
        _export,
        "pack what may leave the secure side: bundle, record, pages for the output checker",
        ("--to", "--registers"),
    ),
    "import": (
        _import,
        "check an export, and put its bundle and edition file in place",
        ("file",),
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
    "plan": (
        _plan,
        "make the whole numbers of the made-up registers anew from what was printed",
        ("--check",),
    ),
    "simulate": (
        _simulate,
        "compute the slow results of the hidden population anew: data/simulated (many minutes)",
        ("--results",),
    ),
    "translations": (
        _translations,
        "list what is missing or stale in the Dutch prose; --write adds what is missing",
        ("names", "--write"),
    ),
    "notebooks": (
        _notebooks,
        "run the default edition, and rewrite the text outputs of the committed notebooks",
        (),
    ),
}

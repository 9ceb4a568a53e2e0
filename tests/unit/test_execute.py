"""Running notebooks: parameters are checked first, copies are clean, a failing cell is named."""

import gc
import os
import stat
import tempfile
from dataclasses import replace

import nbformat
import papermill
import psutil
import pytest
from conftest import write_manifest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.edition import ROOT, BadInput, define_edition
from helpers.execute import (
    NotebookFailed,
    assign_parameters,
    copies,
    kernels,
    languages,
    list_notebooks,
    normalise,
    put_prose,
    read_declared,
    run,
    unchanged,
    write_source_outputs,
)

PARAMETERS = 'edition: str = "2016-2020"  # name\nperiod_start: int = 2016\nseries_start: int = 2007\nwindow_end: int = 9'


def write_notebook(path, *sources: str, parameters: str = PARAMETERS):
    cells = [
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(new_code_cell, sources),
    ]
    for place, cell in enumerate(cells):
        cell["id"] = f"c{place}"
    nbformat.write(
        new_notebook(
            cells=cells,
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        ),
        path,
    )
    return path


@pytest.fixture
def notebook(tmp_path):
    return write_notebook(tmp_path / "10_topic.ipynb")


def test_each_notebook_receives_what_it_declares_and_missing_years_follow_the_period(notebook):
    edition = define_edition(edition="new", period_start=2013, period_end=2020)
    assigned = assign_parameters(edition, {notebook: read_declared(notebook)})
    assert assigned == {
        notebook: {"edition": "new", "period_start": 2013, "series_start": 2013, "window_end": 2020}
    }


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"seriesstart": 2007}, "no notebook declares 'seriesstart'"),
        ({"series_strat": 2007}, "no notebook declares 'series_strat'"),
    ],
)
def test_a_parameter_typo_stops_the_run_before_any_kernel(notebook, extra, words):
    edition = define_edition(edition="new", period_start=2013, period_end=2020, **extra)
    with pytest.raises(BadInput) as caught:
        assign_parameters(edition, {notebook: read_declared(notebook)})
    assert words in str(caught.value)


def test_a_value_of_another_type_than_declared_is_refused(tmp_path):
    notebook = write_notebook(tmp_path / "10_topic.ipynb", parameters="width: float = 1.0")
    edition = define_edition(edition="new", period_start=2013, period_end=2020, width="wide")
    with pytest.raises(BadInput, match="width of notebooks/10_topic.ipynb must be of type float"):
        assign_parameters(edition, {notebook: read_declared(notebook)})


@pytest.mark.parametrize(
    "line",
    ["period_start = 2016", "first: int | None = 2016", "first: int = 2000 + 16", "import os"],
)
def test_a_parameters_cell_with_another_grammar_is_refused(tmp_path, line):
    """STYLE, trap 2: one 'name: type = literal' a line, or Papermill reads something else."""
    notebook = write_notebook(tmp_path / "10_topic.ipynb", parameters=line)
    with pytest.raises(BadInput, match="write one 'name: type = value"):
        read_declared(notebook)


def test_a_comment_declares_nothing(tmp_path):
    own = write_notebook(tmp_path / "10_topic.ipynb", parameters="# make lab\nyears: int = 3")
    assert read_declared(own) == {"years": (int, 3)}


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), tmp_path / "10_topic.ipynb")
    with pytest.raises(BadInput, match="one cell tagged 'parameters', it has 0"):
        read_declared(tmp_path / "10_topic.ipynb")


def test_notebooks_are_named_with_or_without_their_number():
    assert [path.stem for path in list_notebooks(["long_view"])] == ["10_long_view"]
    with pytest.raises(BadInput, match="no notebook nowhere"):
        list_notebooks(["nowhere"])


def executed(*outputs, source="1 + 1", **metadata):
    cell = new_code_cell(source, execution_count=7, outputs=list(outputs), metadata=metadata)
    return new_notebook(
        cells=[cell],
        metadata={
            "papermill": {"start_time": "2026"},
            "language_info": {"name": "python", "version": "3.11.7"},
        },
    )


def test_a_copy_holds_no_times_and_its_counts_are_its_places():
    output = new_output("execute_result", data={"text/plain": "2"}, execution_count=7)
    copy = normalise(
        executed(output, papermill={"duration": 1.0}, execution={"iopub": "2026"}, tags=["x"]),
        "n.ipynb",
    )
    assert "papermill" not in copy.metadata and set(copy.cells[0].metadata) == {"tags", "mystnb"}
    assert copy.cells[0].execution_count == copy.cells[0].outputs[0].execution_count == 1


def test_caption_and_alt_text_of_the_run_go_where_the_site_reads_them():
    output = new_output(
        "display_data",
        data={"text/plain": "x"},
        metadata={"monitor": {"alt": "A line.", "caption": "Victims."}},
    )
    copy = normalise(executed(output, mystnb={"figure": {"name": "fig-x"}}), "n.ipynb")
    told = copy.cells[0].metadata["mystnb"]
    assert (told["figure"], told["image"]) == (
        {"name": "fig-x", "caption": "Victims."},
        {"alt": "A line."},
    )
    assert told["code_prompt_show"] == "Show code of cell 1"
    assert copy.cells[0].outputs[0].metadata == {}


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stderr", text="FutureWarning: x\n"),
        new_output("error", ename="ValueError", evalue="no", traceback=[]),
    ],
)
def test_a_copy_with_a_warning_or_an_error_is_refused(output):
    with pytest.raises(NotebookFailed, match="notebooks/n.ipynb, code cell 1"):
        normalise(executed(output), "n.ipynb")


def test_a_copy_that_names_a_folder_is_refused():
    output = new_output("stream", name="stdout", text=f"{ROOT}/data\n")
    with pytest.raises(BadInput, match="folder of the project"):
        normalise(executed(output), "n.ipynb")


@pytest.fixture
def small_book(tmp_path, monkeypatch):
    """A book of one's own: folders for sources, chapters, cache and build."""
    monkeypatch.setattr(run, "_EXECUTED", tmp_path / "cached")
    monkeypatch.setattr(run, "FAILED", tmp_path / "failed")
    monkeypatch.setattr(copies, "NOTEBOOKS", tmp_path / "notebooks")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def test_a_failing_cell_is_named_and_its_copy_kept(small_book, monkeypatch):
    path = write_notebook(
        small_book / "notebooks" / "10_topic.ipynb",
        "x = 1",
        "raise ValueError('no such year')\n",
        "print(x)",
    )
    monkeypatch.setattr(run, "ROOT", small_book)
    job = run.Job(path, run.SHOWING, {}, "key", run._EXECUTED / "key")
    message = run._execute_one(job)
    assert (
        message.splitlines()[0]
        == "notebooks/10_topic.ipynb, cell 3: raise ValueError('no such year')"
    )
    assert "ValueError: no such year" in message and len(message.splitlines()) <= 5
    assert (run.FAILED / "10_topic.ipynb").exists()
    assert not job.is_done


def test_tagged_cells_are_skipped_and_come_back_without_outputs(small_book):
    path = write_notebook(
        small_book / "notebooks" / "10_topic.ipynb", "made = open('never')", "print('read')"
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["registers"]
    nbformat.write(notebook, path)
    job = run.Job(path, run.SHOWING, {"edition": "x"}, "key", run._EXECUTED / "key", small_book)
    assert run._execute_one(job) is None
    copy = nbformat.read(job.target / "en.ipynb", as_version=4)
    assert [cell["id"] for cell in copy.cells] == ["c0", "injected-parameters", "c1", "c2"]
    assert copy.cells[2].outputs == [] and copy.cells[3].outputs[0].text == "read\n"
    assert [cell.execution_count for cell in copy.cells] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        (run.STAGING, "BUNDLE REGISTERS STAGE"),
        (run.SHOWING, "BUNDLE NO_REGISTERS"),
    ],
)
def test_what_shows_does_not_know_where_the_registers_are(small_book, monkeypatch, phase, told):
    """Nor anything else that the process was told, and it can open no made-up ones."""
    monkeypatch.setenv("MONITOR_REGISTERS", str(small_book))
    monkeypatch.setenv("MONITOR_SOMETHING", "else")
    (small_book / "extract.yml").write_text(
        "source: s\nextraction_date: 2022-01-01\nreference_date: 2021-12-31\ntables: {}\n"
    )
    (small_book / "captures.csv").touch()
    path = write_notebook(
        small_book / "notebooks" / "10_topic.ipynb",
        "import os\nfrom helpers.registers import open_registers\n"
        "told = [name for name in sorted(os.environ) if name.startswith('MONITOR_')]\n"
        "with open(os.environ['MONITOR_BUNDLE'] + '/said', 'w') as said:\n"
        "    said.write(' '.join([*told, open_registers(1).extract.source]))",
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["registers"] if phase == run.STAGING else []
    nbformat.write(notebook, path)
    job = run.Job(path, phase, {"edition": "x"}, "key", small_book / "made" / "key", small_book)
    assert run._execute_one(job) is None
    source = " s" if phase == run.STAGING else " "
    expected = " ".join(f"MONITOR_{name}" for name in told.split()) + source
    assert (small_book / "said").read_text() == expected


# A thread that runs kernels leaves its event loop to the collector (jupyter_core's `run_sync`).
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_languages_side_by_side_make_the_chapters_that_one_kernel_makes(small_book, monkeypatch):
    """And a cell that fails in both is told once."""
    path = write_notebook(small_book / "notebooks" / "10_topic.ipynb", "print(f'in {language}')")
    made = []
    for beside in (False, True):
        target = run._EXECUTED / str(beside)
        job = run.Job(
            path, run.SHOWING, {"language": "en"}, "key", target, small_book, ("en", "nl")
        )
        assert run._execute_one(job, beside=beside) is None
        made.append({file.name: file.read_bytes() for file in target.glob("*.ipynb")})
    assert made[0] == made[1] and set(made[0]) == {"en.ipynb", "nl.ipynb"}
    assert b"in nl" in made[1]["nl.ipynb"] and b"in en" in made[1]["en.ipynb"]
    monkeypatch.setattr(run, "ROOT", small_book)
    write_notebook(path, "raise ValueError('no such year')")
    message = run._execute_one(replace(job, target=run._EXECUTED / "third"), beside=True)
    assert message.count("ValueError: no such year") == 1
    gc.collect()


def test_the_first_phase_runs_the_set_up_and_the_tagged_cells_alone(small_book):
    """Parameters and imports stand before the first tagged cell; a showing cell would fail here,
    since nothing is released yet."""
    path = write_notebook(
        small_book / "notebooks" / "10_topic.ipynb",
        "import os",
        "open(os.path.join(os.environ['MONITOR_STAGE'], 'one.cells'), 'w').close()",
        "raise SystemExit('a showing cell')",
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata["tags"] = ["registers"]
    nbformat.write(notebook, path)
    job = run.Job(path, run.STAGING, {"edition": "x"}, "key", small_book / "staged" / "key")
    assert run._execute_one(job) is None
    assert sorted(file.name for file in job.target.iterdir()) == ["one.cells", "seconds"]
    assert stat.S_IMODE(job.target.stat().st_mode) == 0o700


def test_a_table_read_is_found_in_the_code_and_nowhere_else(small_book):
    path = write_notebook(
        small_book / "notebooks" / "10_topic.ipynb",
        "x = read_released('one', edition=run)",
        "# read_released('two', edition=run)",
    )
    assert run.list_tables_read(nbformat.read(path, as_version=4)) == ["one"]


def test_tables_and_declarations_of_a_chapter_must_agree(small_book, declare):
    declare("more", "period", chapter="10_topic")
    declare("less", "period", chapter="10_topic")
    target = small_book / "staged" / "key"
    target.mkdir(parents=True)
    for name in ("more", "other"):
        (target / f"{name}.cells").touch()
    job = run.Job(small_book / "10_topic.ipynb", run.STAGING, {}, "key", target)
    with pytest.raises(BadInput, match=r"not released \['less'\].*chapter \['other'\]"):
        run._check_staged([job])


@pytest.mark.parametrize(
    ("seed", "cells", "shared", "protected"),
    [
        (1, b"1", "helpers", 1),
        (2, b"1", "helpers", 1),
        (2, b"2", "helpers", 2),
        (1, b"1", "other", 2),
    ],
)
def test_the_same_cells_by_the_same_rules_are_not_protected_again(
    small_book, monkeypatch, seed, cells, shared, protected
):
    """However long they took, and whatever else a notebook was told or says."""
    monkeypatch.setattr(run, "CACHE", small_book)
    monkeypatch.setattr(run, "_STAGED", small_book / "staged")
    monkeypatch.setattr(run, "list_earlier", lambda *_, **__: [])
    for name in ("_check_staged", "_write_run", "_draw_registers"):
        monkeypatch.setattr(run, name, lambda *_: None)
    times, years = [], define_edition(edition="x", period_start=2016, period_end=2020)

    path = write_notebook(small_book / "notebooks" / "10_topic.ipynb")

    def make(seed: int, cells: bytes, shared: str) -> None:
        def stage(staging, **_):
            for job in staging:
                job.target.mkdir(parents=True)
                (job.target / "some_table.cells").write_bytes(cells)
                (job.target / run.SECONDS).write_text(str(len(times)))

        def protect(stages, folder, *_, **__):
            times.append(stages)
            folder.mkdir()

        monkeypatch.setattr(run, "_execute_all", stage)
        monkeypatch.setattr(run, "write_bundle", protect)
        told = {path: {"seed": seed}}
        run._make_bundle(years, told, shared, whole=True, fresh=(), jobs=1, quiet=True)

    make(1, b"1", "helpers")
    make(seed, cells, shared)
    assert len(times) == protected


def test_made_up_registers_are_drawn_for_chapters_that_read_them_alone(small_book, monkeypatch):
    monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    monkeypatch.delenv("MONITOR_NO_REGISTERS", raising=False)
    drawn: list[int] = []
    monkeypatch.setattr(run, "draw_made_up", drawn.append)
    monkeypatch.setattr(run, "read_libraries", lambda: None)
    years = define_edition(edition="x", period_start=2016, period_end=2020, seed=7)

    def draw(chapter: str) -> list[int]:
        job = run.Job(small_book / f"{chapter}.ipynb", run.STAGING, {}, "key", small_book)
        run._draw_registers(years, [job])
        return drawn

    assert draw("22_protection_rules") == []  # of print alone
    assert draw("18_repeat_victimisation") == [7]
    monkeypatch.setenv("MONITOR_REGISTERS", str(small_book))
    assert draw("18_repeat_victimisation") == [7]  # of a real extract none


def test_true_cells_of_a_real_register_are_removed_when_the_run_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CACHE", tmp_path)
    monkeypatch.setenv("MONITOR_REGISTERS", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), run._open_stage("a") as stage:
        (stage / "key").mkdir()
        assert stat.S_IMODE(stage.stat().st_mode) == 0o700
        raise KeyboardInterrupt
    assert not stage.exists()


def test_committed_outputs_hold_text_and_no_pictures(small_book):
    source = write_notebook(small_book / "notebooks" / "10_topic.ipynb", "show()")
    chapter = nbformat.read(source, as_version=4)
    for cell in chapter.cells:
        cell.execution_count = 1
    chapter.cells[1].outputs = [
        new_output("display_data", data={"text/plain": "A line.", "image/svg+xml": "<svg/>"})
    ]
    copy = small_book / "10_topic.ipynb"
    nbformat.write(chapter, copy)
    assert write_source_outputs([copy]) == [source]
    assert nbformat.read(source, as_version=4).cells[1].outputs[0].data == {"text/plain": "A line."}
    assert write_source_outputs([copy]) == []


@pytest.mark.skipif(os.name != "posix", reason="sockets in folders")
def test_a_kernel_listens_on_no_port(tmp_path):
    """Two kernels that start at once cannot choose the same port, since they choose none; nobody
    else can reach them."""
    source = write_notebook(
        tmp_path / "10_topic.ipynb",
        "import ipykernel, json, os\n"
        "print(json.load(open(ipykernel.get_connection_file()))['transport'])\n"
        "print(os.environ['MONITOR_STAGE'], os.getcwd())",
    )
    with kernels.choose_transport(tmp_path / "log", {"MONITOR_STAGE": "here"}) as transport:
        copy = papermill.execute_notebook(
            source, tmp_path / "copy.ipynb", kernel_name="python3", progress_bar=False, **transport
        )
        [stream] = [output for output in copy.cells[-1].outputs if output.get("name") == "stdout"]
        assert stream.text == f"ipc\nhere {ROOT}\n"


@pytest.mark.skipif(not kernels.CAN_COPY, reason="processes are copied on Linux alone")
def test_a_kernel_is_a_copy_that_has_read_the_libraries_and_ends_with_its_client(tmp_path):
    """None of what it reads is read after it began, and what one changes no other one sees."""
    cells = (
        "import os, sys\nassert 'mine' not in sys.modules\nsys.modules['mine'] = sys\n"
        "print(os.getpid(), 'pandas' in sys.modules)"
    )
    read = []
    for name in ("one", "other"):
        source = write_notebook(tmp_path / f"{name}.ipynb", cells)
        with kernels.choose_transport(tmp_path / "log", {}) as transport:
            copy = papermill.execute_notebook(
                source, tmp_path / "copy.ipynb", progress_bar=False, **transport
            )
        [stream] = [output for output in copy.cells[-1].outputs if output.get("name") == "stdout"]
        process, is_read = stream.text.split()
        assert is_read == "True" and not psutil.pid_exists(int(process))
        read.append(process)
    assert len(set(read)) == 2


def test_where_a_socket_has_no_room_ports_are_used(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with kernels.choose_transport(tmp_path / "log", {}) as transport:
        assert "transport" not in transport["config"].KernelManager


@pytest.mark.parametrize("path", run.list_notebooks(), ids=lambda path: path.stem)
def test_made_up_registers_are_drawn_for_a_chapter_that_opens_them(monkeypatch, path):
    """`run --only 30_hidden_population` drew them, and it reads public lists."""
    drawn = []
    monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    monkeypatch.setattr(run, "draw_made_up", drawn.append)
    monkeypatch.setattr(run, "read_libraries", lambda: None)
    edition = define_edition(edition="new", period_start=2013, period_end=2020, seed=5)
    run._draw_registers(edition, [run.Job(path, run.STAGING, {}, "key", path)])
    opens = "open_registers(seed" in (words := path.read_text(encoding="utf-8"))
    assert drawn == ([5] if opens or "read_registers(seed" in words else [])


@pytest.fixture
def shown_chapters(tmp_path, monkeypatch):
    """Chapters that show the committed bundle of an edition."""
    for name in ("CHAPTERS", "BUNDLES", "CACHE"):
        monkeypatch.setattr(run, name, tmp_path / name.lower())
    bundle = tmp_path / "bundles" / "new"
    bundle.mkdir(parents=True)
    write_manifest(bundle, {})
    target = tmp_path / "executed" / "key"
    target.mkdir(parents=True)
    (target / "en.ipynb").write_text("{}")
    edition = define_edition(edition="new", period_start=2013, period_end=2020)
    job = run.Job(tmp_path / "10_topic.ipynb", run.SHOWING, {}, "key", target, bundle)
    run._collect([job], edition, bundle, whole=True)
    return edition, bundle


def test_a_site_is_built_from_the_bundle_that_its_chapters_show(shown_chapters):
    edition, bundle = shown_chapters
    assert run.find_bundle_of_chapters(edition) == bundle


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"edition": "other"}, "chapters of the edition new, not other"),
        ({"language": "nl"}, "chapters of the language en, not nl"),
    ],
)
def test_chapters_of_another_edition_are_no_site_of_this_one(shown_chapters, change, words):
    """D2: chapters of one edition stood under the title of another."""
    other = define_edition(**{"edition": "new", "period_start": 2013, "period_end": 2020, **change})
    with pytest.raises(BadInput, match=words):
        run.find_bundle_of_chapters(other)


def test_chapters_of_a_bundle_that_changed_since_are_no_site(shown_chapters):
    edition, bundle = shown_chapters
    (bundle / "manifest.json").write_text('{"tables": {}}\n')
    with pytest.raises(BadInput, match="do not show one whole bundle; run again"):
        run.find_bundle_of_chapters(edition)


@pytest.mark.parametrize(("mark", "tags"), [("register", []), ("synthetic", ["made-up"])])
def test_a_real_chapter_holds_no_cell_of_a_worked_example(small_book, mark, tags):
    path = write_notebook(small_book / "notebooks" / "10_topic.ipynb", "print('read')")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["made-up"]
    nbformat.write(notebook, path)
    write_manifest(small_book, {"one": {"chapter": "10_topic", "mark": mark}})
    job = run.Job(path, run.SHOWING, {"edition": "x"}, "key", run._EXECUTED / "key", small_book)
    assert run._execute_one(job) is None
    copy = nbformat.read(job.target / "en.ipynb", as_version=4)
    assert [tag for tag in copy.cells[-1].metadata["tags"] if tag == "made-up"] == tags


def test_one_kernel_runs_a_chapter_in_both_languages(small_book):
    """The second language finds what the first imported, and its own parameters."""
    path = write_notebook(
        small_book / "notebooks" / "10_topic.ipynb",
        "import os",
        "print(os.getpid(), language, edition)",
    )
    values = {"edition": "x", "language": "en"}
    job = run.Job(path, run.SHOWING, values, "key", run._EXECUTED / "key", small_book, ("en", "nl"))
    assert run._execute_one(job) is None
    english, dutch = (
        nbformat.read(job.target / f"{language}.ipynb", as_version=4) for language in ("en", "nl")
    )
    assert [cell["id"] for cell in dutch.cells] == [cell["id"] for cell in english.cells]
    one, other = (copy.cells[-1].outputs[0].text.split() for copy in (english, dutch))
    assert one[0] == other[0] and one[1:] == ["en", "x"] and other[1:] == ["nl", "x"]
    assert dutch.cells[-1].metadata["mystnb"]["code_prompt_show"] == "Toon code van cel 4"


def test_dutch_prose_takes_the_place_of_the_english_cell_by_cell(tmp_path, monkeypatch):
    chapter = tmp_path / "10_topic.ipynb"
    cell = new_markdown_cell("# Who")
    cell["id"] = "c00"
    nbformat.write(new_notebook(cells=[cell, new_code_cell("1")]), chapter)
    monkeypatch.setattr(languages, "translate_chapter", lambda name: {"c00": f"# Wie {name}"})
    put_prose(chapter, "en")
    assert nbformat.read(chapter, as_version=4).cells[0].source == "# Who"
    put_prose(chapter, "nl")
    assert nbformat.read(chapter, as_version=4).cells[0].source == "# Wie 10_topic"


def test_chapters_of_both_languages_stand_beside_each_other_and_go_with_their_language(
    tmp_path, monkeypatch
):
    for name in ("CHAPTERS", "BUNDLES", "CACHE"):
        monkeypatch.setattr(run, name, tmp_path / name.lower())
    bundle, target = tmp_path / "bundles" / "new", tmp_path / "key"
    for folder in (bundle, target):
        folder.mkdir(parents=True)
    write_manifest(bundle, {})
    for language in ("en", "nl"):
        (target / f"{language}.ipynb").write_text(language)
    edition = define_edition(edition="new", period_start=2013, period_end=2020)
    job = run.Job(tmp_path / "10_topic.ipynb", run.SHOWING, {}, "key", target, bundle)
    [first] = run._collect([job], edition, bundle, whole=True, languages=("en", "nl"))
    assert first.read_text() == "en"
    assert (tmp_path / "chapters" / "nl" / "10_topic.ipynb").read_text() == "nl"
    assert run.find_bundle_of_chapters(edition, ("en", "nl")) == bundle
    with pytest.raises(BadInput, match="chapters of the language en, nl, not en"):
        run.find_bundle_of_chapters(edition)
    run._collect([job], edition, bundle, whole=True)
    assert not (tmp_path / "chapters" / "nl" / "10_topic.ipynb").exists()


# Nothing to do


def test_a_book_is_unchanged_only_where_inputs_and_site_are(tmp_path, monkeypatch):
    """The site of another edition below it, and the list of editions, are not its own."""
    monkeypatch.setattr(unchanged, "CACHE", tmp_path / "cache")
    edition = define_edition(edition="2016-2020", period_start=2016, period_end=2020)
    site = tmp_path / "html"
    (site / "2019-2024").mkdir(parents=True)
    (site / "index.html").write_text("a")
    (site / "2019-2024" / "edition.json").write_text("{}")
    assert not unchanged.is_unchanged(edition, "a", site)
    unchanged.keep_signature(edition, "a", site)
    (site / "2019-2024" / "index.html").write_text("another")
    (site / "editions.js").write_text("[]")
    assert unchanged.is_unchanged(edition, "a", site)
    assert not unchanged.is_unchanged(edition, "b", site)
    (site / "index.html").write_text("tampered")
    assert not unchanged.is_unchanged(edition, "a", site)


def test_whatever_a_book_comes_from_changes_its_signature(monkeypatch):
    edition = define_edition(edition="2016-2020", period_start=2016, period_end=2020)
    plain = unchanged.sign_book(edition, False)
    assert plain == unchanged.sign_book(edition, False) != unchanged.sign_book(edition, True)
    later = define_edition(edition="2016-2020", period_start=2016, period_end=2021)
    assert unchanged.sign_book(later, False) != plain
    monkeypatch.setattr(unchanged, "hash_registers", lambda: "another extract")
    assert unchanged.sign_book(edition, False) != plain
    names = {path.relative_to(ROOT).as_posix() for path in unchanged._list_sources()}
    assert {"book/index.md", "data/claims/verdicts/2016-2020.csv", "_toc.yml"} <= names
    assert (
        "notebooks/12_signalling.ipynb" in names and "data/bundles/2016-2020/manifest.json" in names
    )

"""What other libraries make of faults of real extracts, and what they take: the ground on which
readers were chosen. They are no part of the project; to try them:

    uv run --no-project --with pandas,polars,duckdb,pyarrow,python-calamine,pyreadstat,pandera,openpyxl,fastexcel \
        python tests/bench/bench_readers.py [ROWS]

A fault is met where the library gives the value that the owner meant, or refuses the file. With
ROWS (such as 1000000) seconds and megabytes of reading so many rows are measured, each in a process
of its own.
"""

from __future__ import annotations

import datetime
import json
import multiprocessing
import re
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

pd, pa, pq = (import_module(name) for name in ("pandas", "pyarrow", "pyarrow.parquet"))
DAY = datetime.date(2016, 1, 1)
HEAD = "id,born,eur\n"
MEANT, REFUSED, WRONG = "meant", "refused", "WRONG"


# The faults: what is written, and whether what was read is what was meant


def write_csv(folder: Path, content: str | bytes) -> Path:
    path = folder / "x.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_book(folder: Path, change: Callable[[Any, Any], None], part: str = "") -> Path:
    book = import_module("openpyxl").Workbook()
    book.active.append(["id", "born", "eur"])
    for number in range(20):
        book.active.append([f"P{number}", DAY, number])
    change(book, book.active)
    path = folder / "x.xlsx"
    book.save(path)
    if part:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        parts[sheet] = parts[sheet].replace(b'<dimension ref="A1:C21"', part.encode())
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
    return path


def put(place: str, value: Any) -> Callable[[Any, Any], None]:
    def change(_book: Any, page: Any) -> None:
        page[place] = value

    return change


def second_sheet(book: Any, _page: Any) -> None:
    book.create_sheet("old", 0).append(["id", "born", "eur"])
    book["old"].append(["P99", DAY, 1])


def write_parquet(folder: Path, table: Any) -> Path:
    path = folder / "x.parquet"
    pq.write_table(table, path)
    return path


def write_partitions(folder: Path) -> Path:
    for code in ("0123", "0456"):
        part = folder / "x.parquet" / f"id={code}"
        part.mkdir(parents=True)
        pq.write_table(pa.table({"born": [DAY]}), part / "a.parquet")
    return folder / "x.parquet"


def write_zoned(folder: Path) -> Path:
    moment = pd.Timestamp("2016-01-01", tz="Europe/Amsterdam")
    born = pa.array([moment], pa.timestamp("us", "Europe/Amsterdam"))
    return write_parquet(folder, pa.table({"id": ["P0"], "born": born}))


def write_missing(folder: Path) -> Path:
    sav = folder / "x.sav"
    import_module("pyreadstat").write_sav(
        pd.DataFrame({"id": ["P0", "P1", "P2"], "sex": [1.0, 8.0, 9.0]}),
        str(sav),
        missing_ranges={"sex": [8, 9]},
    )
    return sav


def cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return path


# Each: kind of file, how it is written, and a test of the columns that were read.
FAULTS: dict[str, tuple[str, Callable[[Path], Path], Callable[[dict[str, list]], bool]]] = {
    "(a clean file)": (
        "csv",
        lambda folder: write_csv(folder, f"{HEAD}P0,2016-01-01,1\n"),
        lambda read: read["id"] == ["P0"] and str(read["born"][0])[:10] == "2016-01-01",
    ),
    "(a clean workbook)": (
        "xlsx",
        lambda folder: write_book(folder, lambda *_: None),
        lambda read: read["id"][19] == "P19" and str(read["born"][0])[:10] == "2016-01-01",
    ),
    "zeros before an identifier": (
        "csv",
        lambda folder: write_csv(folder, f"{HEAD}0123,2016-01-01,1\n"),
        lambda read: read["id"] == ["0123"],
    ),
    "an identifier NA": (
        "csv",
        lambda folder: write_csv(folder, f"{HEAD}NA,2016-01-01,1\nP1,2016-01-01,1\n"),
        lambda read: read["id"] == ["NA", "P1"],
    ),
    "5.120 beside 5,50 (decimal comma declared)": (
        "csv;",
        lambda folder: write_csv(folder, "id;born;eur\nP0;2016-01-01;5.120\nP1;2016-01-01;5,50\n"),
        lambda read: read["eur"] == [5120, 5.5],
    ),
    "a no-break space after an identifier": (
        "csv",
        lambda folder: write_csv(folder, f"{HEAD}P0\u00a0,2016-01-01,1\nP0,2016-01-01,1\n"),
        lambda read: len(set(read["id"])) == 1,
    ),
    "composed and decomposed letters": (
        "csv",
        lambda folder: write_csv(folder, f"{HEAD}\u00e9,2016-01-01,1\ne\u0301,2016-01-01,1\n"),
        lambda read: len(set(read["id"])) == 1,
    ),
    "29 February of a common year": (
        "csv",
        lambda folder: write_csv(folder, f"{HEAD}P0,2017-02-29,1\n"),
        lambda read: False,
    ),
    "a row with a cell too many": (
        "csv",
        lambda folder: write_csv(folder, f"{HEAD}P0,2016-01-01,1\nP1,2016-01-01,1,7\n"),
        lambda read: False,
    ),
    "a quote that is never closed": (
        "csv",
        lambda folder: write_csv(folder, f'{HEAD}P0,"2016-01-01,1\nP1,2016-01-01,1\n'),
        lambda read: False,
    ),
    "bytes in another encoding": (
        "csv",
        lambda folder: write_csv(folder, HEAD.encode() + b"P\xe9,2016-01-01,1\n"),
        lambda read: False,
    ),
    "a sheet that says it is smaller": (
        "xlsx",
        lambda folder: write_book(folder, lambda *_: None, '<dimension ref="A1:C5"'),
        lambda read: len(read["id"]) == 20,
    ),
    "an older sheet stands first": (
        "xlsx",
        lambda folder: write_book(folder, second_sheet),
        lambda read: False,
    ),
    "an error cell": (
        "xlsx",
        lambda folder: write_book(folder, put("A2", "#N/A")),
        lambda read: str(read["id"][0]) == "#N/A",
    ),
    "a formula that was never counted": (
        "xlsx",
        lambda folder: write_book(folder, put("A2", '="P"&1')),
        lambda read: False,
    ),
    "a number among identifiers": (
        "xlsx",
        lambda folder: write_book(folder, put("A2", 17)),
        lambda read: False,
    ),
    "midnights with a time zone": (
        "parquet",
        write_zoned,
        lambda read: str(read["born"][0])[:10] == "2016-01-01",
    ),
    "an identifier in the names of folders": (
        "parquet",
        write_partitions,
        lambda read: sorted(map(str, read["id"])) == ["0123", "0456"],
    ),
    "a column in the index of pandas": (
        "parquet",
        lambda folder: write_parquet(
            folder,
            pa.Table.from_pandas(pd.DataFrame({"born": [DAY]}, index=pd.Index(["P0"], name="id"))),
        ),
        lambda read: read["id"] == ["P0"],
    ),
    "a Parquet file cut short": (
        "parquet",
        lambda folder: cut(write_parquet(folder, pa.table({"id": [f"P{n}" for n in range(999)]}))),
        lambda read: False,
    ),
    "two missing values of SPSS": (
        "sav",
        write_missing,
        lambda read: list(map(float, read["sex"])) == [1, 8, 9],
    ),
    "an SPSS file cut short": (
        "sav",
        lambda folder: cut(write_missing(folder)),
        lambda read: False,
    ),
}


# The libraries, as their guides show them


def of_frame(frame: Any) -> dict[str, list]:
    return {name: frame[name].tolist() for name in frame.columns}


def read_pandas(path: Path, kind: str) -> dict[str, list]:
    if kind.startswith("csv"):
        comma = {"sep": ";", "decimal": ","} if kind == "csv;" else {}
        return of_frame(pd.read_csv(path, parse_dates=["born"], **comma))
    if kind == "xlsx":
        return of_frame(pd.read_excel(path))
    if kind == "parquet":
        return of_frame(pd.read_parquet(path).reset_index())
    return of_frame(pd.read_spss(str(path), convert_categoricals=False))


def read_polars(path: Path, kind: str) -> dict[str, list]:
    pl = import_module("polars")
    if kind.startswith("csv"):
        comma = {"separator": ";", "decimal_comma": True} if kind == "csv;" else {}
        return pl.read_csv(path, try_parse_dates=True, **comma).to_dict(as_series=False)
    if kind == "xlsx":
        return pl.read_excel(path).to_dict(as_series=False)
    if kind == "parquet":
        return pl.read_parquet(path).to_dict(as_series=False)
    raise NotImplementedError


def read_duckdb(path: Path, kind: str) -> dict[str, list]:
    base = import_module("duckdb").connect()
    if kind.startswith("csv"):
        comma = ", delim=';', decimal_separator=','" if kind == "csv;" else ""
        found = base.execute(f"select * from read_csv('{path}'{comma})")
    elif kind == "parquet":
        glob = f"{path}/**/*.parquet" if path.is_dir() else path
        found = base.execute(f"select * from read_parquet('{glob}')")
    else:
        raise NotImplementedError  # its extension for Excel is downloaded at run time
    return {name: list(cells) for name, cells in found.fetchnumpy().items()}


def read_pyarrow(path: Path, kind: str) -> dict[str, list]:
    if kind.startswith("csv"):
        reader = import_module("pyarrow.csv")
        comma = {}
        if kind == "csv;":
            comma = {
                "parse_options": reader.ParseOptions(delimiter=";"),
                "convert_options": reader.ConvertOptions(decimal_point=","),
            }
        return reader.read_csv(path, **comma).to_pydict()
    if kind == "parquet":
        return pq.read_table(path).to_pydict()
    raise NotImplementedError


def read_calamine(path: Path, kind: str) -> dict[str, list]:
    if kind != "xlsx":
        raise NotImplementedError
    book = import_module("python_calamine").CalamineWorkbook.from_path(path)
    head, *rows = book.get_sheet_by_index(0).to_python()
    return {name: [row[place] for row in rows] for place, name in enumerate(head)}


def read_openpyxl(path: Path, kind: str) -> dict[str, list]:
    if kind != "xlsx":
        raise NotImplementedError
    book = import_module("openpyxl").load_workbook(path, read_only=True, data_only=True)
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    return {name: [row[place] for row in rows] for place, name in enumerate(head)}


def read_pyreadstat(path: Path, kind: str) -> dict[str, list]:
    if kind != "sav":
        raise NotImplementedError
    return of_frame(import_module("pyreadstat").read_sav(str(path), user_missing=True)[0])


def read_pandera(path: Path, kind: str) -> dict[str, list]:
    """pandas, and then a schema: identifiers are of one shape, days are days, amounts are
    numbers."""
    pandera = import_module("pandera.pandas")
    known = {
        "id": pandera.Column(str, pandera.Check.str_matches(r"^P\d+$"), required=False),
        "born": pandera.Column("datetime64[ns]", coerce=True, required=False),
        "eur": pandera.Column(float, coerce=True, required=False),
        "sex": pandera.Column(float, pandera.Check.isin([1, 2]), required=False),
    }
    frame = pd.DataFrame(read_pandas(path, kind))
    return of_frame(pandera.DataFrameSchema(known).validate(frame, lazy=True))


READERS = {
    "pandas": read_pandas,
    "polars": read_polars,
    "duckdb": read_duckdb,
    "pyarrow": read_pyarrow,
    "calamine": read_calamine,
    "openpyxl": read_openpyxl,
    "pyreadstat": read_pyreadstat,
    "pandas + pandera": read_pandera,
}


def judge(fault: str, library: str) -> str:
    kind, write, is_meant = FAULTS[fault]
    with tempfile.TemporaryDirectory() as place:
        path = write(Path(place))
        try:
            read = READERS[library](path, kind)
        except (NotImplementedError, ImportError):
            return "-"
        except Exception:
            return REFUSED
        return MEANT if is_meant(read) else WRONG


# What they take


def read_plainly(library: str, kind: str) -> Callable[[Path], Any]:
    """How a library reads a file of this kind in one call; imported before the clock starts."""
    if library == "polars":
        pl = import_module("polars")
        return pl.read_csv if kind == "csv" else pl.read_parquet
    if library == "duckdb":
        base = import_module("duckdb").connect()
        return lambda path: base.execute(f"create table t as select * from '{path}'")
    if library == "pyarrow":
        return import_module("pyarrow.csv").read_csv if kind == "csv" else pq.read_table
    read = (
        (lambda path: pd.read_csv(path, parse_dates=["born"])) if kind == "csv" else pd.read_parquet
    )
    if library == "pandas":
        return read
    pandera = import_module("pandera.pandas")
    check = pandera.Check.str_matches(r"^P\d+$")
    schema = pandera.DataFrameSchema({"id": pandera.Column(str, check)})
    return lambda path: schema.validate(read(path), lazy=True)


def measure(library: str, path: Path, kind: str, channel: Any) -> None:
    """Seconds, seconds of the processor, and the peak of this process alone (MB)."""
    read = read_plainly(library, kind)
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    kept = read(path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    channel.put((round(time.monotonic() - started, 2), round(processor, 2), peak, kept is None))


def main() -> None:
    warnings.simplefilter("ignore")
    print("| fault |", " | ".join(READERS), "|")
    for fault in FAULTS:
        print("|", fault, "|", " | ".join(judge(fault, library) for library in READERS), "|")
    if len(sys.argv) < 2:
        return
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as place:
        n = int(sys.argv[1])
        frame = pd.DataFrame({"id": [f"P{number}" for number in range(n)], "born": DAY, "eur": 1.5})
        frame.to_csv(Path(place) / "x.csv", index=False)
        frame.to_parquet(Path(place) / "x.parquet")
        for kind in ("csv", "parquet"):
            for library in ("pandas", "polars", "duckdb", "pyarrow", "pandas + pandera"):
                channel = context.SimpleQueue()
                path = Path(place) / f"x.{kind}"
                worker = context.Process(target=measure, args=(library, path, kind, channel))
                worker.start()
                worker.join()
                seconds, processor, megabytes, _ = channel.get()
                found = {"seconds": seconds, "processor": processor, "megabytes": megabytes}
                print(json.dumps({"kind": kind, "library": library, "rows": n, **found}))


if __name__ == "__main__":
    main()

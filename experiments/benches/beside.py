"""The best rows of many results: `stagecoach top` beside DuckDB and Polars on the same files, in turns.

    target/python/bin/python experiments/benches/beside.py STAGECOACH FILE... [--rounds 5] [--cold] [--n 5000] [--by score]

Of DuckDB and Polars the time of the question alone counts, without starting Python and importing; of `stagecoach` that of the whole
program. Memory is the most that was resident. All get two threads and write their rows as CSV to a file. `--cold`: the files are dropped
from the page cache before each run.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

READ = {"parquet": "read_parquet", "csv": "read_csv", "jsonl": "read_json"}


def kind(file):
    return next(kind for kind in READ if f".{kind}" in file)


def duckdb_asks(files, by, n, out):
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    begin = time.perf_counter()
    read = READ[kind(files[0])]
    extra = ", format = 'newline_delimited'" if read == "read_json" else ""
    connection.execute(
        f"copy (select * from {read}({files}{extra}) order by {by} limit {n}) to '{out}' (format csv, header)"
    )
    return time.perf_counter() - begin


def polars_asks(files, by, n, out):
    os.environ["POLARS_MAX_THREADS"] = "2"
    import polars

    scan = {"parquet": polars.scan_parquet, "csv": polars.scan_csv, "jsonl": polars.scan_ndjson}[kind(files[0])]
    begin = time.perf_counter()
    scan(files).bottom_k(n, by=by).sort(by).collect(engine="streaming").write_csv(out)
    return time.perf_counter() - begin


def drop(files):
    for file in files:
        with open(file, "rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def run(command):
    """Seconds, CPU seconds, MB resident, and what was printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000 * 1.024, said, process.returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stagecoach")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--by", default="score")
    parser.add_argument("--child")
    parser.add_argument("--without", default="", help="duckdb, polars")
    arguments = parser.parse_args()
    if arguments.child:
        asks = {"duckdb": duckdb_asks, "polars": polars_asks}[arguments.child]
        print(json.dumps(asks(arguments.files, arguments.by, arguments.n, arguments.stagecoach)))
        return
    with tempfile.TemporaryDirectory() as folder:
        outs = {name: os.path.join(folder, f"{name}.csv") for name in ["stagecoach", "duckdb", "polars"]}
        measured = {name: [] for name in outs if name not in arguments.without.split(",")}
        for _ in range(arguments.rounds):
            for name in measured:
                if arguments.cold:
                    drop(arguments.files)
                if name == "stagecoach":
                    command = [arguments.stagecoach, "top", *arguments.files, "--by", arguments.by]
                    command += ["--n", str(arguments.n), "--threads", "2", "--out", outs[name], "--force", "-q"]
                    seconds, cpu, memory, _, code = run(command)
                else:
                    command = [sys.executable, __file__, outs[name], *arguments.files, "--child", name]
                    command += ["--by", arguments.by, "--n", str(arguments.n)]
                    _, cpu, memory, said, code = run(command)
                    seconds = json.loads(said) if code == 0 else float("nan")
                if code != 0:
                    print(f"{name}: exit code {code}", file=sys.stderr)
                measured[name].append((seconds, cpu, memory))
        size = sum(os.path.getsize(file) for file in arguments.files) / 1e6
        print(f"{len(arguments.files)} files, {size:.0f} MB, {'cold' if arguments.cold else 'warm'}, best {arguments.n}, "
              f"{arguments.rounds} rounds, load {os.getloadavg()[0]:.1f}")
        print("| | seconds, median | least | most | CPU seconds | MB resident |\n|---|---:|---:|---:|---:|---:|")
        for name, runs in measured.items():
            seconds, cpu, memory = zip(*runs)
            print(f"| {name} | {statistics.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} "
                  f"| {statistics.median(cpu):.2f} | {max(memory):.0f} |")
        check(outs, measured)


def check(outs, measured):
    """All three name the same rows."""
    import polars

    rows = {}
    for name in measured:
        if os.path.exists(outs[name]):
            rows[name] = polars.read_csv(outs[name])["id"].to_list()
    same = all(found == rows["stagecoach"] for found in rows.values())
    print(f"\nthe same rows in the same order: {'yes' if same else 'NO'} ({', '.join(rows)})")


if __name__ == "__main__":
    main()

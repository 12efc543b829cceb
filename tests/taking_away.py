"""What a stage is worth: the same instances with it and without it, by turns, in the same time; a table for docs/benchmarks.md.

    python3 tests/taking_away.py --time 60 --seeds 1 --with '--polish cpsat' --without '--polish none' INSTANCE...

A difference of less than three percent is looked at with three seeds, as one may be chance. Needs a release build.
"""

import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import tempfile

# Below this the difference of one seed says nothing.
CLOSE = 0.03
MORE_SEEDS = [1, 2, 3]


def run(program, instance, time, seed, flags):
    """The penalty that a run ends with; None where its timetable is not valid."""
    with tempfile.TemporaryDirectory() as out:
        command = [program, "solve", instance, "--time", time, "--seed", str(seed), "--out", out, "--json"]
        done = subprocess.run(command + shlex.split(flags), capture_output=True, text=True)
        last = json.loads(done.stdout.splitlines()[-1])
        return last["score"]["penalty"] if last["valid"] else None


def median(penalties):
    return None if None in penalties else statistics.median(penalties)


def is_close(a, b):
    return a is not None and b is not None and abs(a - b) < CLOSE * max(a, b)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="+")
    parser.add_argument("--program", default="target/release/stagecoach")
    parser.add_argument("--time", default="60")
    parser.add_argument("--seeds", default="1", help="separated by commas")
    parser.add_argument("--with", dest="flags_with", required=True)
    parser.add_argument("--without", dest="flags_without", required=True)
    given = parser.parse_args()
    print(f"| {given.time} s | `{given.flags_with}` | `{given.flags_without}` | |\n|---|---:|---:|---|", flush=True)
    kept = 0
    for instance in given.instances:
        found = {given.flags_with: [], given.flags_without: []}
        seeds = [int(seed) for seed in given.seeds.split(",")]
        while seeds:
            seed = seeds.pop(0)
            for flags, penalties in found.items():
                penalties.append(run(given.program, instance, given.time, seed, flags))
            done = len(found[given.flags_with])
            if not seeds and done < len(MORE_SEEDS) and is_close(*(median(p) for p in found.values())):
                seeds = MORE_SEEDS[done:]
        with_it, without = (median(penalties) for penalties in found.values())
        better = with_it is not None and (without is None or with_it <= without)
        kept += better
        listed = ["{} ({})".format(median(p), ", ".join(map(str, p))) if len(p) > 1 else str(p[0]) for p in found.values()]
        name = pathlib.Path(instance).name.split(".")[0]
        print(f"| {name} | {listed[0]} | {listed[1]} | {'as good or better' if better else 'worse'} |", flush=True)
    print(f"\nAs good or better on {kept} of {len(given.instances)}.")


if __name__ == "__main__":
    main()

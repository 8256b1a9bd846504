"""Knapsacks of the OR-Library: Forelay and OR-Tools CP-SAT (2 workers) for the same seconds, every choice checked here.

Usage: portfolio.py FORELAY FOLDER SECONDS EVERY   (FOLDER holds mkp_best.csv and rd_petersen_best.csv)
"""

import csv
import json
import math
import pathlib
import subprocess
import sys
import time
from fractions import Fraction

from ortools.sat.python import cp_model

forelay, folder, seconds, every = sys.argv[1], pathlib.Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])


def read(path):
    """Profits, rows of weights, capacities; exact."""
    words = [Fraction(w) for w in path.read_text().split()]
    count, n, m = int(words[0]), int(words[1]), int(words[2])
    assert count == 1, path
    words = words[4:]
    profits, words = words[:n], words[n:]
    rows = [words[k * n : (k + 1) * n] for k in range(m)]
    return profits, rows, words[m * n : m * n + m]


def worth(instance, chosen):
    """The value of a choice; it breaks no capacity."""
    profits, rows, capacities = instance
    assert len(set(chosen)) == len(chosen)
    for row, capacity in zip(rows, capacities):
        assert sum(row[j] for j in chosen) <= capacity
    return float(sum(profits[j] for j in chosen))


def ours(path):
    done = subprocess.run(
        [forelay, "calc", "portfolio", str(path), "--time-limit", str(seconds), "--json"], capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    result = json.loads(done.stdout)
    value = worth(read(path), [j - 1 for j in result["chosen"]])
    assert abs(value - result["value"]) <= 1e-6 * max(1, value), path
    return value, result["bound"]


def theirs(path):
    instance = read(path)
    profits, rows, capacities = instance
    scale = 1
    for number in [*profits, *capacities, *(w for row in rows for w in row)]:
        scale = math.lcm(scale, number.denominator)
    whole = lambda number: int(number * scale)
    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in profits]
    for row, capacity in zip(rows, capacities):
        model.add(sum(whole(w) * v for w, v in zip(row, x)) <= whole(capacity))
    model.maximize(sum(whole(p) * v for p, v in zip(profits, x)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.solve(model)
    value = worth(instance, [j for j, v in enumerate(x) if solver.value(v)])
    return value, solver.best_objective_bound / scale


def known():
    """Best value on record, by file."""
    best = {}
    for row in csv.DictReader((folder / "mkp_best.csv").open()):
        best[row["file"]] = float(row["best_feasible_chu_beasley"])
    for row in csv.DictReader((folder / "rd_petersen_best.csv").open()):
        best[row["file"]] = float(row["optimum"])
    return best


best = known()
print(f"{'instance':<20}{'best known':>12}{'ours':>12}{'bound':>12}{'dist %':>8}{'gap %':>8}{'s':>7}{'CP-SAT':>12}{'bound':>12}{'dist %':>8}{'gap %':>8}{'s':>7}")
sums = {"ours": [], "theirs": []}
for name in sorted(best)[::every]:
    line = f"{name.removesuffix('.txt'):<20}{best[name]:>12g}"
    for who, solve in (("ours", ours), ("theirs", theirs)):
        before = time.monotonic()
        value, bound = solve(folder / name)
        took = time.monotonic() - before
        # Above 0: worse than the best known; below: better.
        distance, gap = 100 * (best[name] - value) / best[name], 100 * max(bound - value, 0) / value
        sums[who].append((distance, gap, gap < 1e-4))
        line += f"{value:>12g}{bound:>12.6g}{distance:>8.4f}{gap:>8.4f}{took:>7.1f}"
    print(line, flush=True)
for who, list_ in sums.items():
    count = len(list_)
    mean = lambda k: sum(row[k] for row in list_) / count
    reached = sum(row[0] <= 1e-9 for row in list_)
    print(f"{who}: {count} instances, mean distance {mean(0):.4f} %, best known reached or beaten {reached}, "
          f"mean gap {mean(1):.4f} %, proven {sum(row[2] for row in list_)}")

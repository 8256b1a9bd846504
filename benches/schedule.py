"""One set of scheduling instances: Forelay and OR-Tools CP-SAT (2 workers) for the same seconds, every plan checked here.

Usage: schedule.py FORELAY FOLDER SECONDS EVERY   (FOLDER_bounds.csv lies beside FOLDER)
"""

import csv
import json
import pathlib
import re
import subprocess
import sys
import time

from ortools.sat.python import cp_model

forelay, folder, seconds, every = sys.argv[1], pathlib.Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])


def numbers(line):
    return [int(n) for n in re.findall(r"-?\d+", line)]


def read(path):
    """Durations, demands, start-to-start lags (i, j, gap), capacities, number of the first activity."""
    lines = path.read_text().splitlines()
    if path.suffix == ".sm":
        at = lambda word: next(k for k, l in enumerate(lines) if l.startswith(word))
        rows, k = [], at("PRECEDENCE") + 2
        while not lines[k].startswith("*"):
            rows.append(numbers(lines[k])[3:])
            k += 1
        tasks = [numbers(l) for l in lines[at("REQUESTS") + 3 :][: len(rows)]]
        d = [t[2] for t in tasks]
        lags = [(i, j - 1, d[i]) for i, row in enumerate(rows) for j in row]
        return d, [t[3:] for t in tasks], lags, numbers(lines[at("RESOURCEAVAIL") + 2]), 1
    n = numbers(lines[0])[0] + 2
    lags = []
    for line in lines[1 : 1 + n]:
        v = numbers(line)
        lags += [(v[0], v[3 + e], v[3 + v[2] + e]) for e in range(v[2])]
    tasks = [numbers(l) for l in lines[1 + n : 1 + 2 * n]]
    return [t[2] for t in tasks], [t[3:] for t in tasks], lags, numbers(lines[1 + 2 * n]), 0


def broken(instance, starts):
    d, uses, lags, capacity, _ = instance
    if any(starts[j] < starts[i] + gap for i, j, gap in lags) or min(starts) < 0:
        return True
    for t in set(starts):
        running = [j for j in range(len(d)) if starts[j] <= t < starts[j] + d[j]]
        if any(sum(uses[j][k] for j in running) > c for k, c in enumerate(capacity)):
            return True
    return False


def ours(path):
    done = subprocess.run(
        [forelay, "calc", "schedule", str(path), "--time-limit", str(seconds), "--json"], capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    result = json.loads(done.stdout)
    instance = read(path)
    if result["makespan"] is not None:
        starts = [result["starts"][str(j + instance[4])] for j in range(len(instance[0]))]
        assert not broken(instance, starts), path
        assert max(s + d for s, d in zip(starts, instance[0])) == result["makespan"], path
    return result["status"], result["makespan"], result["lower_bound"]


def theirs(path):
    d, uses, lags, capacity, _ = read(path)
    horizon = sum(max([x] + [g for i, _, g in lags if i == j]) for j, x in enumerate(d))
    model = cp_model.CpModel()
    start = [model.new_int_var(0, horizon, "") for _ in d]
    bars = [model.new_fixed_size_interval_var(s, x, "") for s, x in zip(start, d)]
    end = model.new_int_var(0, horizon, "")
    for i, j, gap in lags:
        model.add(start[j] >= start[i] + gap)
    for s, x in zip(start, d):
        model.add(end >= s + x)
    for k, c in enumerate(capacity):
        used = [j for j in range(len(d)) if uses[j][k] > 0]
        model.add_cumulative([bars[j] for j in used], [uses[j][k] for j in used], c)
    model.minimize(end)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.status_name(solver.solve(model)).lower()
    found = status in ("optimal", "feasible")
    return status, round(solver.objective_value) if found else None, round(solver.best_objective_bound)


known = {row["instance"]: row for row in csv.DictReader(open(f"{folder}_bounds.csv"))}
names = sorted(known)[::every]
print(f"{folder.name}: {len(names)} instances, {seconds:g} s each")
print("program  proven  infeasible  unknown  mean to best known  mean bound below best  mean s")
for label, solve in (("forelay", ours), ("cp-sat", theirs)):
    begun = time.time()
    proven = infeasible = unknown = 0
    above, below = [], []
    for name in names:
        path = folder / name if (folder / name).exists() else folder / f"{name}.sm"
        status, makespan, bound = solve(path)
        row = known[name]
        best = int(row["best_known"]) if row["best_known"] else None
        proven += status == "optimal"
        infeasible += status == "infeasible"
        unknown += status == "unknown"
        if best and makespan is not None:
            above.append((makespan - best) / best)
            below.append((min(best, makespan) - bound) / best)
            if makespan < best:
                print(f"  {label}: {name} {makespan} is below the best known {best} ({row['status']})")
            if status == "optimal" and row["status"] == "closed" and makespan != best:
                print(f"  {label}: {name} {makespan} is not the published optimum {best}")
        if status == "infeasible" and row["status"] in ("closed", "open"):
            print(f"  {label}: {name} infeasible, published {row['status']} {best}")
    mean = lambda values: f"{100 * sum(values) / max(1, len(values)):.3f} %"
    spent = (time.time() - begun) / len(names)
    print(
        f"{label:<8} {proven:>6}  {infeasible:>10}  {unknown:>7}  {mean(above):>18}  {mean(below):>21}  {spent:>6.2f}", flush=True
    )

"""A seeded input–output table, written for bench_io, and the times of pymrio and NumPy on it.

The generator: 45 sectors in each region, 35 % of the cells filled, lognormal flows (sigma 2), home bias 20, seed 20260726.
Usage: chain_io.py N FOLDER
"""

import pathlib
import sys
import time

import numpy as np
import pandas as pd
import pymrio

n, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
S = 45
R = max(1, round(n / S))
n = R * S
rng = np.random.default_rng(20260726)
Z = np.exp(rng.normal(0, 2, (n, n))) * (rng.random((n, n)) < 0.35)
region = np.repeat(np.arange(R), S)
Z *= np.where(region[:, None] == region[None, :], 20.0, 1.0 / R)
x = Z.sum(0) / rng.uniform(0.3, 0.75, n)
x = np.maximum(x, Z.sum(1) * 1.05)
folder.mkdir(parents=True, exist_ok=True)
Z.astype("<f8").tofile(folder / "Z.f64")
x.astype("<f8").tofile(folder / "x.f64")

index = pd.MultiIndex.from_product([[f"r{k}" for k in range(R)], [f"s{k}" for k in range(S)]])
A = pymrio.calc_A(pd.DataFrame(Z, index=index, columns=index), pd.DataFrame({"indout": x}, index=index))


def timed(what, run, flops):
    wall, cpu = time.perf_counter(), time.process_time()
    result = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:<34} {wall:8.3f} s  {flops / wall / 1e9:6.1f} GF/s  cpu {cpu:.2f} s", flush=True)
    return result


print(f"n = {n}, numpy {np.__version__}, pymrio {pymrio.__version__}")
for _ in range(3):
    timed("numpy product", lambda: A.values @ A.values, 2 * n**3)
for _ in range(3):
    timed("numpy inv(I - A)", lambda: np.linalg.inv(np.eye(n) - A.values), 2 * n**3)
timed("pymrio calc_L", lambda: pymrio.calc_L(A), 2 * n**3)
y = x - Z.sum(1)
timed("numpy solve(I - A, y)", lambda: np.linalg.solve(np.eye(n) - A.values, y), 2 / 3 * n**3)

"""A seeded input–output table, written for bench_io, and the times of pymrio and NumPy on it.

The generator: 45 sectors in each region, 35 % of the cells filled, lognormal flows (sigma 2), home bias 20, seed 20260726.
Usage: chain_io.py write|time N FOLDER
"""

import os
import pathlib
import sys
import time

import numpy as np
import pandas as pd
import pymrio

S = 45


def write(n, folder):
    R = n // S
    rng = np.random.default_rng(20260726)
    Z = np.exp(rng.normal(0, 2, (n, n))) * (rng.random((n, n)) < 0.35)
    region = np.repeat(np.arange(R), S)
    Z *= np.where(region[:, None] == region[None, :], 20.0, 1.0 / R)
    x = Z.sum(0) / rng.uniform(0.3, 0.75, n)
    x = np.maximum(x, Z.sum(1) * 1.05)
    folder.mkdir(parents=True, exist_ok=True)
    Z.astype("<f8").tofile(folder / "Z.f64")
    x.astype("<f8").tofile(folder / "x.f64")


def best(what, run, flops):
    """The fastest of three."""
    found = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        result = run()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
        del result
    wall, cpu = min(found)
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "?")
    rate = f"{flops / wall / 1e9:.1f} GF/s" if flops else ""
    print(f"| {what}, threads {threads} | {wall:.3f} | {cpu:.2f} | {rate} |", flush=True)


def measure(n, folder):
    Z = np.fromfile(folder / "Z.f64", dtype="<f8").reshape(n, n)
    x = np.fromfile(folder / "x.f64", dtype="<f8")
    index = pd.MultiIndex.from_product([[f"r{k}" for k in range(n // S)], [f"s{k}" for k in range(S)]])
    A = pymrio.calc_A(pd.DataFrame(Z, index=index, columns=index), pd.DataFrame({"indout": x}, index=index))
    a, y = np.asfortranarray(A.values), x - Z.sum(1)
    cube = float(n) ** 3
    best(f"NumPy product A A, n = {n}", lambda: a @ a, 2 * cube)
    best(f"NumPy inv(I - A), n = {n}", lambda: np.linalg.inv(np.eye(n) - a), 2 * cube)
    best(f"pymrio calc_L, n = {n}", lambda: pymrio.calc_L(A), 2 * cube)
    best(f"NumPy solve(I - A, y), n = {n}", lambda: np.linalg.solve(np.eye(n) - a, y), 2 / 3 * cube)


if __name__ == "__main__":
    what, n, folder = sys.argv[1], int(sys.argv[2]) // S * S, pathlib.Path(sys.argv[3])
    (write if what == "write" else measure)(*((n, folder)))

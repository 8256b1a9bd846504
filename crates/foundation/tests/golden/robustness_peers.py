"""Goldens of fitness, trimming and nestedness from the peers.

Run: python robustness_peers.py    (fermi-cref 0.2.0, econcomplex 1.0.1, numpy 2.4.6, pandas 3.1.1)
The table is made from integers alone, so that the tests can make it again; see `value`.
"""

import sys
import warnings

import numpy as np
import pandas as pd
from econcomplex.complexity.eci_pci import eci_pci
from econcomplex.core.preprocess import trim_core
from fermi.economic_fitness_complexity import efc

L, A = 40, 70


def value(l, a, salt):
    """A value from integer arithmetic: the same bits everywhere."""
    h = (l * 7919 + a * 104729 + salt * 1299709) % 1000003
    h = (h * 48271 + 11) % 2147483647
    u = (h * 16807 % 2147483647) % 1000
    if u >= 850 - 6 * a + 12 * l:
        return 0.0
    return float(1 + u * u % 997 + (40 * l if (a + l) % 7 == 0 else 0))


def table(salt):
    return np.array([[value(l, a, salt) for a in range(A)] for l in range(L)])


def rca(x):
    return (x / x.sum(1, keepdims=True)) / (x.sum(0, keepdims=True) / x.sum())


def fermi(m, add_dummy=False, **args):
    e = efc(m)
    if add_dummy:
        e = e.add_dummy(dummy_row=True)
    f, q = e.get_fitness_complexity(**args)
    return np.asarray(f, float).ravel(), np.asarray(q, float).ravel()


def synchronous(m, steps):
    """Tacchella et al. (2012), mean normalisation, written out."""
    f, q = np.ones(m.shape[0]), np.ones(m.shape[1])
    for _ in range(steps):
        f, q = m @ q, 1 / (m.T @ (1 / f))
        f, q = f / f.mean(), q / q.mean()
    return f, q


def main():
    warnings.simplefilter("ignore")
    rows, shapes, scalars = [], [], []

    def put(case, f, q):
        rows.extend((case, "f", i, repr(float(v))) for i, v in enumerate(f))
        rows.extend((case, "q", i, repr(float(v))) for i, v in enumerate(q))

    for salt in (1, 2):
        x = table(salt)
        m = (rca(x) >= 1).astype(float)
        assert m.sum(1).min() > 0 and m.sum(0).min() > 0
        assert abs(rca(x) - 1).min() > 1e-9
        put(f"{salt} econcomplex20", *eci_pci(x, method="fitness", iterations=20))
        put(f"{salt} econcomplex20 extremality", *eci_pci(x, method="fitness", iterations=20, extremality=2.0))
        put(f"{salt} synchronous19", *synchronous(m, 19))
        put(f"{salt} fermi", *fermi(m))
        put(f"{salt} fermi redundant", *fermi(m, redundant=True, max_iteration=300, min_distance=0))
        put(f"{salt} fermi crossing", *fermi(m, check_stop="crossing time"))
        put(f"{salt} fermi servedio", *fermi(m, method="servedio", delta=0.01, normalization="none", max_iteration=400))
        put(f"{salt} fermi dummy", *fermi(m, add_dummy=True, with_dummy=True, normalization="none", max_iteration=200))
        put(f"{salt} fermi pruned", *fermi(m, removelowdegrees=14, max_iteration=200, min_distance=0))
        put(f"{salt} fermi weighted", *fermi(rca(x), max_iteration=200, min_distance=0))
        f, q = fermi(m)
        put(f"{salt} fermi exogenous", efc(m).get_exogenous_fitness(q, sp_matrix=m[:, ::-1].copy(), norm="none"), [])
        e = efc(m)
        scalars.append((salt, "nodf", repr(float(e.get_nodf(force=True)))))
        scalars.append((salt, "s_nodf", repr(float(e.get_nodf(force=True, nodf_method="s_nodf")))))
        # Trimming bites on a thinned table.
        thin = pd.DataFrame(np.where((np.arange(A) % 3 == 0) | (np.arange(L)[:, None] % 4 == 0), x, np.where(x > 800, x, 0)))
        core = trim_core(thin, dmin=20, umin=10)
        shapes.append((salt, "rows", " ".join(map(str, core.index))))
        shapes.append((salt, "columns", " ".join(map(str, core.columns))))
    head = "# fermi-cref 0.2.0, econcomplex 1.0.1, numpy 2.4.6; repeat: python robustness_peers.py\n"
    for name, columns, data in (
        ("fitness_peers.csv", ["case", "side", "position", "value"], rows),
        ("trim_core_econcomplex.csv", ["salt", "side", "kept"], shapes),
        ("nestedness_fermi.csv", ["salt", "statistic", "value"], scalars),
    ):
        with open(name, "w", encoding="utf-8") as out:
            out.write(head)
            pd.DataFrame(data, columns=columns).to_csv(out, index=False, lineterminator="\n")


if __name__ == "__main__":
    sys.exit(main())

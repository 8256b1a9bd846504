"""Golden table of crates/foundation/tests/it/coupling: Theil-Sen slopes of scipy. Run: python coupling_slopes.py"""

import csv

import numpy as np
from scipy import __version__, stats

rng = np.random.default_rng(3)
with open("coupling_slopes.csv", "w", newline="") as out:
    out.write(f"# scipy {__version__}, stats.theilslopes(y, t, alpha=0.95).\n# Repeat: python coupling_slopes.py\n")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["set", "t", "y", "slope", "low", "high"])
    for name, n in (("short", 5), ("even", 12), ("long", 31)):
        t = np.arange(n) * 2.0 + 1990
        y = 0.03 * (t - 1990) + rng.normal(size=n) * 0.4
        found = stats.theilslopes(y, t, alpha=0.95)
        for one in zip(t, y):
            table.writerow([name, *(repr(float(v)) for v in (*one, found.slope, found.low_slope, found.high_slope))])

"""Golden table of crates/foundation/tests/it/coupling: cross-space of economic-complexity 0.3.0 (pandas < 3).

From this folder, after coupling_layers.py, whose layers it reads: python coupling_cross_oec.py
"""

import csv

import numpy as np
import pandas as pd
from economic_complexity import cross_proximity, cross_relatedness

layers = pd.read_csv("coupling_layers.csv", comment="#")


def layer(what, prefix):
    table = layers[layers.what == what].pivot(index="row", columns="column", values="value")
    return table.rename(columns=lambda c: f"{prefix}{c}")


m1, m2 = layer("m1", "a"), layer("m2", "b")
phi = cross_proximity(m1, m2)
omega = cross_relatedness(m1, phi)
with open("coupling_cross_oec.csv", "w", newline="") as out:
    out.write("# economic-complexity 0.3.0 (Datawheel).\n# Repeat: python coupling_cross_oec.py\n")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["what", "row", "column", "value"])
    for what, frame in (("cross_proximity", phi), ("cross_relatedness", omega)):
        values = frame.to_numpy(dtype=float)
        table.writerows((what, i, j, repr(float(values[i, j]))) for i, j in np.ndindex(values.shape))

"""Golden: fitness of the real SITC4 table 226 x 785 (beside the project, not part of it) by fermi-cref.

Run: python fitness_sitc.py PATH/world_trade_avg_1998_to_2000.csv    (fermi-cref 0.2.0, numpy 2.4.6, pandas 3.1.1)
"""

import sys

import numpy as np
import pandas as pd
from fermi.economic_fitness_complexity import efc


def main(path):
    x = pd.read_csv(path, keep_default_na=False, dtype={"product": str, "value": float})
    x = x.pivot_table(index="country", columns="product", values="value", aggfunc="sum", fill_value=0)
    v = x.to_numpy()
    rca = (v / v.sum(1, keepdims=True)) / (v.sum(0, keepdims=True) / v.sum())
    m = (rca >= 1).astype(float)
    f, _ = efc(m).get_fitness_complexity(max_iteration=20000, min_distance=1e-14)
    e = efc(m)
    with open("fitness_sitc.csv", "w", encoding="utf-8") as out:
        out.write("# fermi-cref 0.2.0, synchronous, stop 1e-14; repeat: python fitness_sitc.py world_trade_avg_1998_to_2000.csv\n")
        out.write("location,value\n")
        for label, value in zip(x.index, np.asarray(f, float)):
            out.write(f"{label},{float(value)!r}\n")
        out.write(f"nodf,{float(e.get_nodf())!r}\n")
        stable = e.get_nodf(force=True, nodf_method="s_nodf")
        out.write(f"s_nodf,{float(stable)!r}\n")


if __name__ == "__main__":
    main(sys.argv[1])

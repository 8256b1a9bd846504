"""A seeded nested table of 30 locations and 80 activities: complexity_table.csv.

python complexity_table.py > complexity_table.csv
"""

import numpy as np

rng = np.random.default_rng(20260101)
capability = np.sort(rng.uniform(0.1, 1.0, 30))
requirement = np.sort(rng.uniform(0.0, 0.95, 80))
gap = capability[:, None] - requirement[None, :]
has = rng.random(gap.shape) < 1 / (1 + np.exp(-9 * gap))
value = np.round(has * rng.lognormal(4.0, 1.2, gap.shape)).astype(int)
order = rng.permutation(30), rng.permutation(80)
value = value[order[0]][:, order[1]]
print("# Seeded synthetic table, see complexity_table.py")
print("location,activity,value")
for l in range(30):
    for a in range(80):
        if value[l, a] > 0:
            print(f"L{l:02},A{a:02},{value[l, a]}")

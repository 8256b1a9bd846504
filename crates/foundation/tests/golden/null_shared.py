"""Validated links of bicm 3.4.0 on the shared SITC4 table 226 x 785 (RCA >= 1, false discovery rate 0.01).

Run with bicm 3.4.0 and pandas installed: python null_shared.py TABLE.csv > null_shared.csv (some minutes)
bicm's own exact tail of the locations takes a quarter of an hour, so that one is convolved here from bicm's x and y.
Presence and links are given as counts and check sums (sum of a * 1000 + b), for the table itself is not part of the project.
"""
import contextlib, io, sys
import numpy as np
import pandas as pd
from bicm import BipartiteGraph

d = pd.read_csv(sys.argv[1], dtype={"product": str, "country": str}, keep_default_na=False)
x = d.pivot(index="country", columns="product", values="value").fillna(0.0).sort_index().sort_index(axis=1).values
m = ((x / x.sum(1, keepdims=True) / (x.sum(0) / x.sum())) >= 1).astype(int)


def convolved(g):
    """Accepted pairs of locations: exact tails by convolution, then Benjamini-Hochberg over all pairs."""
    p = g.x[:, None] * g.y[None, :] / (1 + g.x[:, None] * g.y[None, :])
    both, tails, rows = m @ m.T, {}, []
    for a in range(len(m)):
        for b in range(a + 1, len(m)):
            key = tuple(sorted((m[a].sum(), m[b].sum())))
            if key not in tails:
                mass = np.ones(1)
                for q in p[a] * p[b]:
                    mass = np.append(mass, 0.0) * (1 - q) + np.append(0.0, mass) * q
                tails[key] = np.cumsum(mass[::-1])[::-1]
            rows.append((tails[key][both[a, b]], a, b))
    rows.sort()
    last = max((i for i, r in enumerate(rows) if r[0] <= 0.01 * (i + 1) / len(rows)), default=-1)
    return sorted((a, b) for _, a, b in rows[: last + 1])


print("# bicm 3.4.0; locations with exact tail: numpy convolution from bicm's x and y; repeat: python null_shared.py TABLE.csv > null_shared.csv")
print("side,tail,ones,links,sum")
for side in ["locations", "activities"]:
    for tail in ["poisson", "poibin"]:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            g = BipartiteGraph()
            g.set_biadjacency_matrix(m.copy())
            g.solve_tool(method="newton", print_error=False)
            exact_locations = (side, tail) == ("locations", "poibin")
            if not exact_locations:
                g.compute_projection(rows=side == "locations", alpha=0.01, approx_method=tail, threads_num=1, progress_bar=True)
        links = g.projected_rows_adj_list if side == "locations" else g.projected_cols_adj_list
        pairs = convolved(g) if exact_locations else sorted({(int(min(a, b)), int(max(a, b))) for a in links for b in links[a]})
        print(f"{side},{tail},{m.sum()},{len(pairs)},{sum(a * 1000 + b for a, b in pairs)}", flush=True)

"""Golden values of strategy and product space on seeded tables: econcomplex 1.0.1, fermi-cref 0.2.0, networkx 3.6.1.

Repeat: python strategy.py [OEC.csv]  (writes strategy_*.csv and space_*.csv beside itself)
Standard errors are computed here in numpy (clustered by location, CR1), because no peer has them.
"""

import warnings
from pathlib import Path

import econcomplex as ec
import networkx as nx
import numpy as np
import pandas as pd
from econcomplex.optimization.steppingstone import _features
from fermi.relatedness_metrics import RelatednessMetrics

warnings.simplefilter("ignore")
HERE = Path(__file__).parent
HEAD = "# econcomplex 1.0.1, fermi-cref 0.2.0, networkx 3.6.1, numpy 2.4.6; repeat: python strategy.py\n"
rng = np.random.default_rng(20260402)
L, A, YEARS = 24, 14, (2000, 2001, 2005, 2006, 2010, 2011)


def write(name, header, rows):
    with open(HERE / f"{name}.csv", "w") as f:
        f.write(HEAD + ",".join(header) + "\n")
        for row in rows:
            f.write(",".join(x if isinstance(x, str) else repr(float(x)) for x in row) + "\n")


def matrix(name, m):
    write(name, ["row"] + [f"c{j:02}" for j in range(m.shape[1])], [[f"r{i:02}", *r] for i, r in enumerate(m)])


# A nested panel that drifts: capability against requirement, with noise.
gap = np.sort(rng.random(L))[::-1][:, None] - np.sort(rng.random(A))[None, :]
level, rows = 2.5 * gap + rng.normal(0, 1, (L, A)), []
for year in range(YEARS[0], YEARS[-1] + 1):
    level = 0.93 * level + 0.07 * 2.5 * gap + rng.normal(0, 0.25, (L, A))
    if year in YEARS:
        x = np.round(np.exp(level + 3), 3)
        rows += [(f"r{i:02}", f"c{j:02}", x[i, j], year) for i in range(L) for j in range(A)]
panel = pd.DataFrame(rows, columns=["loc", "act", "val", "time"])
write("strategy_panel", ["loc", "act", "val", "time"], panel.itertuples(index=False))
cols = dict(loc="loc", act="act", val="val", time="time")

model = ec.calibrate_steppingstone(panel, **cols)
mats = {y: panel[panel.time == y].pivot(index="loc", columns="act", values="val") for y in YEARS}


def clustered(initial, entry):
    """Mean clustered covariance over the initial years."""
    total = 0
    for t in initial:
        R, r, w, rel = _features(mats[t], 1.0, "max")
        X = np.column_stack([np.log1p(ec.rca(mats[t + 5].values)).ravel(), r.ravel(), w.ravel(), rel.ravel(), np.ones(r.size)])
        y, keep = np.log1p(ec.rca(mats[t + 10].values)).ravel(), ((R < 1) == entry).ravel()
        g = np.repeat(np.arange(L), A)[keep]
        X, y = X[keep], y[keep]
        b, inv = np.linalg.lstsq(X, y, rcond=None)[0], np.linalg.inv(X.T @ X)
        s = np.array([X[g == c].T @ (y - X @ b)[g == c] for c in np.unique(g)])
        n, k, G = len(y), X.shape[1], len(s)
        total = total + inv @ s.T @ s @ inv * G / (G - 1) * (n - 1) / (n - k)
    return np.sqrt(np.diag(total / len(initial)))


write("strategy_coefficients", ["kind", "b1", "b2", "b3", "b4", "b0", "se1", "se2", "se3", "se4", "se0", "n"],
      [[k, *model[k].values(), *clustered(model["initial_periods"], k == "entry"), model[f"n_obs_{k}"]] for k in ("entry", "exit")])
now = mats[2011]
matrix("strategy_effort", np.nan_to_num(ec.effort_matrix(now, model).values, nan=-9.0))
forecast = ec.forecast_specialization(now, model)
matrix("strategy_forecast", forecast["rca"].values)
write("strategy_pci", ["activity", "pci"], forecast["pci"].items())

# Optimisation: total effort of each location and increase; -1 where econcomplex has no answer.
out = []
for delta in (0.05, 0.1, 0.2, 0.4):
    chosen = ec.eci_optimization(now, model, delta_eci=delta)
    for loc in now.index:
        mine = chosen[chosen.location == loc]
        total = np.clip(mine.effort, 0, None).sum() if len(mine) else -1.0
        out.append([loc, delta, total, mine.eci_achieved.iloc[0] if len(mine) else -1.0])
write("strategy_optimum", ["location", "delta", "effort", "achieved"], out)

# Growth model.
grown = []
for year in (1990, 2000, 2010):
    for i in range(30):
        grown.append((f"l{i:02}", year, np.exp(rng.normal(9, 1)) , rng.normal()))
g = pd.DataFrame(grown, columns=["loc", "time", "gdp", "eci"])
for a, b in ((1990, 2000), (2000, 2010)):
    f, s = g[g.time == a].reset_index(drop=True), g.time == b
    g.loc[s, "gdp"] = f.gdp.values * np.exp(10 * (0.02 + 0.012 * f.eci.values - 0.004 * (np.log(f.gdp.values) - 9)) + rng.normal(0, 0.05, 30))
write("strategy_growth_rows", ["loc", "time", "gdp", "eci"], g.itertuples(index=False))
gm = ec.calibrate_growth_model(g, "loc", "time", "gdp", "eci")
write("strategy_growth", ["a1", "a2", "a3", "expected", "target"],
      [[gm["a1_eci"], gm["a2_z_gdppc"], gm["a3_interaction"], ec.expected_growth(gm, 0.5, 8000.0), ec.eci_target_for_growth(gm, 0.035, 8000.0)]])

# Diffusion on the network of the first year.
phi = ec.proximity(mats[2000])["product"]
adj = ec.proximity_network(mats[2000], phi=phi, phi_threshold=0.4)
active = np.zeros(A)
active[[0, 3]] = 1
out = []
for strategy in ("greedy", "majority", "high_degree", "low_degree"):
    steps = ec.diversification_strategy(adj, active, 0.3, 1.2, strategy)
    out += [[strategy, *r] for r in steps[["activity", "expected_time", "related_fraction"]].itertuples(index=False)]
write("strategy_diffusion", ["strategy", "activity", "time", "related"], out)
best = ec.optimize_sequence(adj, active, 0.3, 1.2)
fit = ec.calibrate_contagion(panel, **cols, phi_threshold=0.4, n_bins=8)
write("strategy_contagion", ["B", "alpha", "entries", "cells", "annealed"],
      [[fit["B"], fit["alpha"], fit["n_events"], fit["n_observations"], best["total_time"]]])

# Product space: spanning tree by networkx, the R rule written out, taxonomy by fermi.
matrix("space_phi", phi.values)
tree = nx.maximum_spanning_tree(nx.from_numpy_array(phi.values))
weights = phi.values[np.triu_indices(A, 1)]
edges = {tuple(sorted(e)) for e in tree.edges}
threshold = 0.0
while True:  # economiccomplexity 2.0.0, projections(): average of 4 links, tolerance 0.05
    kept = edges | {(i, j) for i in range(A) for j in range(i + 1, A) if phi.values[i, j] > threshold}
    if 2 * len(kept) / A <= 4:
        break
    threshold += 0.05
write("space_tree", ["weight", "links_by_steps", "weight_by_steps"],
      [[sum(phi.values[i, j] for i, j in edges), len(kept), sum(phi.values[i, j] for i, j in kept)]])
m = (ec.rca(mats[2000].values) >= 1).astype(float)
matrix("space_taxonomy", RelatednessMetrics(m).get_projection(rows=False, projection_method="taxonomy").toarray())

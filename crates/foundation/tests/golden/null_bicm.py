"""Goldens of the Bipartite Configuration Model from bicm 3.4.0 (NEMtropy 4.0.0 re-exports the same class).

Run with bicm 3.4.0 and NEMtropy 4.0.0 installed: python null_bicm.py DIRECTORY
"""
import contextlib, io, sys
import numpy as np
import bicm, NEMtropy

out = sys.argv[1]
assert NEMtropy.BipartiteGraph is bicm.BipartiteGraph


def tables():
    rng = np.random.default_rng(20261123)
    for name, rows, cols, spread in [("nested", 30, 44, 0.8), ("flat", 15, 15, 0.3), ("edges", 12, 16, 1.2)]:
        z = rng.normal(0, spread, rows)[:, None] + rng.normal(0, spread, cols)[None, :]
        latent = 8.0 * (np.arange(rows)[:, None] % 2 == np.arange(cols)[None, :] % 2) - 4.0  # two communities
        m = (rng.random((rows, cols)) < 1 / (1 + np.exp(-z - latent))).astype(int)
        if name == "edges":  # an empty and a full row, an empty and a full column
            m[3, :], m[7, :] = 1, 0
            m[:, 2], m[:, 5] = 0, 1
            m[3, 2], m[7, 5] = 0, 0  # the empty and full ones cross: forced cells only after peeling
        yield name, m


def graph(m):
    g = bicm.BipartiteGraph()
    with contextlib.redirect_stdout(io.StringIO()):
        g.set_biadjacency_matrix(m.copy())
        g.solve_tool(method="root", print_error=False)
    return g


def projection(g, rows, method):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        # One thread works only with the progress bar on.
        g.compute_projection(rows=rows, alpha=0.05, approx_method=method, threads_num=1, progress_bar=True)
    links = g.projected_rows_adj_list if rows else g.projected_cols_adj_list
    return g.get_projected_pvals_mat("rows" if rows else "columns"), {(int(a), int(b)) for a in links for b in links[a]}


head = "# bicm 3.4.0 (method root), NEMtropy 4.0.0 holds the same class; repeat: python null_bicm.py DIRECTORY\n"
with open(f"{out}/null_bicm.csv", "w") as cells, open(f"{out}/null_projection.csv", "w") as pairs:
    cells.write(head + "table,location,activity,present,p\n")
    pairs.write(head + "table,side,a,b,count,p_exact,p_poisson,fdr05_exact,fdr05_poisson\n")
    for name, m in tables():
        g = graph(m)
        p = g.get_bicm_matrix()
        for l in range(m.shape[0]):
            for a in range(m.shape[1]):
                cells.write(f"{name},{l},{a},{m[l, a]},{p[l, a]:.15g}\n")
        if name == "edges":
            continue  # bicm sets x = 0 for full rows, so its projections leave them out
        for side in ["locations", "activities"]:
            rows = side == "locations"
            both = m @ m.T if rows else m.T @ m
            # A fresh graph: the second projection of one object keeps the links of the first.
            exact, exact_links = projection(graph(m), rows, "poibin")
            poisson, poisson_links = projection(graph(m), rows, "poisson")
            for a in range(len(both)):
                for b in range(a + 1, len(both)):
                    pairs.write(f"{name},{side},{a},{b},{both[a, b]},{exact[a, b]:.14g},{poisson[a, b]:.14g},"
                                f"{int((a, b) in exact_links)},{int((a, b) in poisson_links)}\n")

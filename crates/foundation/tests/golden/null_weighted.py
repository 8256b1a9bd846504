"""Weighted null model: bicm 3.4.0 (BiWCM, continuous and discrete) and ICA of fermi-cref 0.2.0 on seeded tables.

Run with bicm 3.4.0 and fermi-cref 0.2.0 installed: python null_weighted.py > null_weighted.csv
"""
import contextlib, io
import numpy as np
from bicm import BipartiteGraph
from fermi.matrix_processor import MatrixProcessorCA

rng = np.random.default_rng(20261123)


def table(rows, cols, whole):
    z = rng.normal(0, 1, rows)[:, None] + rng.normal(0, 1, cols)[None, :] + rng.normal(0, 1, (rows, cols))
    x = np.exp(z + 1.0) * (rng.random((rows, cols)) < 0.8)
    x[0] += 1.0  # no empty column
    return np.floor(x) if whole else np.round(x, 3)


print("# bicm 3.4.0, fermi-cref 0.2.0 (advantage of values); repeat: python null_weighted.py > null_weighted.csv")
print("weights,location,activity,value,expected,p,advantage")
for weights, x in [("values", table(9, 14, False)), ("counts", table(10, 12, True))]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        g = BipartiteGraph()
        g.set_biadjacency_matrix(x if weights == "values" else x.astype(int))
        if weights == "values":
            g.solve_tool(model="biwcm_c", print_error=False, tol=1e-15, max_steps=1_000_000)
        else:
            g.solve_tool(model="biwcm_d", method="quasinewton", print_error=False, tol=1e-15, max_steps=1_000_000)
        e, p = g.get_bicm_matrix(), g.get_weighted_pvals_mat()
        ica = x / e
        if weights == "values":
            ica = MatrixProcessorCA().load(x).compute_ica().get_matrix().toarray()
    error = max(abs(e.sum(1) / x.sum(1) - 1).max(), abs(e.sum(0) / x.sum(0) - 1).max())
    print(f"# {weights}: largest relative error of a total {error:.1e}")
    for l in range(x.shape[0]):
        for a in range(x.shape[1]):
            print(f"{weights},{l},{a},{x[l, a]:.12g},{e[l, a]:.15g},{p[l, a]:.15g},{ica[l, a]:.15g}")

"""Every column of a peer on a table, one row per number: what, location, activity, value.

python complexity_peers.py PEER TABLE.csv EVERY > complexity_PEER_NAME.csv

PEER is py-ecomplexity, econcomplex or oec (in an environment with that package), TABLE has three columns: location,
activity, value. Of the cells every EVERY-th is printed.
"""

import contextlib
import io
import sys
import warnings

import numpy as np
import pandas as pd

peer, path, every = sys.argv[1], sys.argv[2], int(sys.argv[3])
warnings.simplefilter("ignore")
data = pd.read_csv(path, comment="#", dtype={0: str, 1: str}, keep_default_na=False)
data.columns = ["location", "activity", "value"]
data["value"] = data["value"].astype(float)
wide = data.pivot_table(index="location", columns="activity", values="value", aggfunc="sum", fill_value=0.0)
locations, activities = list(wide.index), list(wide.columns)
people = {l: 1.0 + 7.0 * k % 11 for k, l in enumerate(locations)}
print_rows = []


def units(what, values, labels, place):
    for label, v in zip(labels, values):
        print_rows.append((what, label, "", v) if place == "location" else (what, "", label, v))


def cells(what, matrix, rows=None, columns=None):
    rows, columns = rows or locations, columns or activities
    flat = np.asarray(matrix, dtype=float).ravel()
    for k in range(0, len(flat), every if rows is locations else 6 * every):
        print_rows.append((what, rows[k // len(columns)], columns[k % len(columns)], flat[k]))


def ecomplexity_run(suffix, columns, **options):
    from ecomplexity import ecomplexity

    long = data.assign(year=1)
    pop = pd.DataFrame({"year": 1, "location": locations, "pop": [people[l] for l in locations]})
    with contextlib.redirect_stdout(io.StringIO()):
        out = ecomplexity(
            long, {"time": "year", "loc": "location", "prod": "activity", "val": "value"},
            check_logsupermodularity=False, verbose=False, pop=pop, **options)
    out = out.set_index(["location", "activity"])
    for what in columns:
        m = out[what].unstack().loc[locations, activities]
        if what in ("eci", "coi", "diversity"):
            units(what + suffix, m.iloc[:, 0], locations, "location")
        elif what in ("pci", "ubiquity"):
            units(what + suffix, m.iloc[0], activities, "activity")
        else:
            cells(what + suffix, m)


if peer == "py-ecomplexity":
    version = "ecomplexity 0.5.3 (PyPI)"
    ecomplexity_run("", ["diversity", "ubiquity", "eci", "pci", "coi", "rca", "mcp", "density", "cog"])
    if len(locations) < 100:
        ecomplexity_run("_rpop", ["eci", "pci", "coi", "rpop", "density", "cog"], presence_test="rpop")
        ecomplexity_run("_continuous", ["density"], continuous=True)
        ecomplexity_run("_asymmetric", ["density"], asymmetric=True)
        ecomplexity_run("_knn", ["density"], knn=5)
elif peer == "econcomplex":
    import econcomplex as ec

    version = "econcomplex 1.0.1 (PyPI)"
    rca, m = ec.rca(wide), ec.mcp(wide)
    eci, pci = ec.eci_pci(wide)
    phi = ec.proximity(m, use_rca=False, threshold=0.5, compute="product")["product"]
    binary = dict(use_rca=False, threshold=0.5)
    units("eci", eci, locations, "location")
    units("pci", pci, activities, "activity")
    cells("rca", rca)
    cells("density", ec.relatedness_density(m, phi=phi, **binary))
    units("coi", ec.coi(m, pci, phi=phi, **binary), locations, "location")
    cells("cog", ec.cog(m, pci, phi=phi, **binary))
    cells("relative", ec.relative_relatedness(m, phi=phi, **binary))
    if len(locations) < 100:
        from econcomplex.relatedness.cooccurrence import relatedness_index
        from econcomplex.relatedness.proximity import continuous_proximity

        for method in ["max", "sqrt", "min"]:
            cells("phi_" + method, ec.proximity(m, method=method, **binary)["product"], activities, activities)
        cells("phi_location", ec.proximity(m, **binary)["location"], locations, locations)
        for method in ["correlation", "cosine"]:
            cells("phi_" + method, continuous_proximity(rca, method=method), activities, activities)
        for method in ["jaccard", "association", "probability"]:
            cells("phi_" + method, relatedness_index(m, method=method), activities, activities)
        # So high a threshold leaves units without a link; the peer computes the advantage again without them.
        eci, pci = ec.eci_pci(wide, threshold=4)
        units("eci_trimmed", eci, locations, "location")
        units("pci_trimmed", pci, activities, "activity")
        eci, pci = ec.eci_pci(wide, method="reflections")
        units("eci_reflections", eci, locations, "location")
        units("pci_reflections", pci, activities, "activity")
elif peer == "oec":
    import economic_complexity as oec

    version = "economic-complexity 0.3.0 (PyPI)"
    rca = oec.rca(wide)
    eci, pci = oec.complexity(rca)
    phi = oec.proximity(rca)
    units("eci", eci, locations, "location")
    units("pci", pci, activities, "activity")
    cells("rca", rca)
    cells("density", oec.relatedness(rca, proximities=phi))
    cells("cog", oec.opportunity_gain(rca, pci=pci, proximities=phi))
    cells("relative", oec.relative_relatedness(rca, proximities=phi))
    # The same reflections in 80-bit numbers: what carries the answer is lost in part in 64 bits.
    m = rca.ge(1).to_numpy().astype(np.longdouble)
    d, u = m.sum(1), m.sum(0)
    steps = [(d, u)]
    for _ in range(19):
        steps.append(((m * steps[-1][1]).sum(1) / d, (m * steps[-1][0][:, None]).sum(0) / u))
    z = lambda v: (v - v.mean()) / v.std(ddof=1)
    units("eci_long", z(steps[18][0]), locations, "location")
    units("pci_long", z(steps[19][1]), activities, "activity")
else:
    sys.exit(__doc__)

print(f"# {version}; repeat: python complexity_peers.py {peer} TABLE {every}")
print("what,location,activity,value")
for what, l, a, v in print_rows:
    print(f"{what},{l},{a},{float(v):.17g}")

"""Golden numbers of calc_io.rs: a small table of our own, saved and solved by pymrio 0.7.0 (numpy 2.4.6, pandas 2.3).

python golden.py FOLDER [PYMRIO_TEST WIOD2013] writes Z.txt, Y.txt, x.txt, industries.csv and links.csv, and with the two
folders of published data pymrio_test.csv and wiod_2011.csv. Losses are fresh solves, one for each industry or link.
"""
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pymrio

out = Path(sys.argv[1])


def rows(labels, Z, Y, x, which=None, L=None):
    n = len(x)
    A = np.divide(Z, x, out=np.zeros_like(Z), where=x > 0)
    y = Y.sum(1)
    if L is None:
        L = np.linalg.inv(np.eye(n) - A)
    model = L @ y
    B = np.divide(Z, x[:, None], out=np.zeros_like(Z), where=x[:, None] > 0)
    supply = np.linalg.solve(np.eye(n) - B, np.ones(n))
    for k in which if which is not None else range(n):
        keep = np.arange(n) != k
        rest = np.linalg.solve(np.eye(n - 1) - A[np.ix_(keep, keep)], y[keep])
        loss = model.sum() - rest.sum()
        yield [labels[k], L[:, k].sum(), supply[k], loss, loss / model.sum()]


def write(name, what, table):
    with open(out / name, "w") as file:
        file.write(f"# {what}\nindustry,output_multiplier,supply_multiplier,loss,loss_share\n")
        for label, *numbers in table:
            file.write(",".join([label, *(repr(float(v)) for v in numbers)]) + "\n")


rng = np.random.default_rng(20261124)
regions, sectors = ["A", "B"], ["farm", "ore", "steel"]
index = pd.MultiIndex.from_product([regions, sectors], names=["region", "sector"])
finals = pd.MultiIndex.from_product([regions, ["home", "state"]], names=["region", "category"])
Z = pd.DataFrame(rng.lognormal(2, 1, (6, 6)).round(3), index=index, columns=index)
Y = pd.DataFrame(rng.lognormal(4, 1, (6, 4)).round(3), index=index, columns=finals)
system = pymrio.IOSystem(Z=Z, Y=Y)
system.calc_system()
for name in ["Z", "Y", "x"]:
    getattr(system, name).to_csv(out / f"{name}.txt", sep="\t")
labels = [f"{r}_{s}" for r, s in index]
zn, yn, xn = Z.to_numpy(), Y.to_numpy(), system.x.to_numpy().ravel()
write("industries.csv", "golden.py: multipliers from L of pymrio 0.7.0, losses from fresh solves",
      rows(labels, zn, yn, xn, L=system.L.to_numpy()))
A, y = zn / xn, yn.sum(1)
total = np.linalg.solve(np.eye(6) - A, y).sum()
with open(out / "links.csv", "w") as file:
    file.write("# golden.py: fresh solves, one for each link\nsupplier,customer,loss\n")
    for i in range(6):
        for j in range(6):
            cut = A.copy()
            cut[i, j] = 0
            loss = total - np.linalg.solve(np.eye(6) - cut, y).sum()
            file.write(f"{labels[i]},{labels[j]},{loss!r}\n".replace("np.float64(", "").replace(")", ""))

if len(sys.argv) > 3:
    test = pymrio.load_test()
    test.calc_all()
    labels = [f"{r}_{s}" for r, s in test.Z.index]
    write("pymrio_test.csv", "golden.py: the test table of pymrio 0.7.0; multipliers from its L, losses from fresh solves",
          rows(labels, test.Z.to_numpy(), test.Y.to_numpy(), test.x.to_numpy().ravel(), L=test.L.to_numpy()))
    wiod = Path(sys.argv[3])
    Z = pd.read_parquet(wiod / "wiot_2011_Z.parquet").set_index("id")
    Y = pd.read_parquet(wiod / "wiot_2011_Y.parquet").set_index("id")
    x = pd.read_csv(wiod / "wiot_2011_x.csv").set_index("id")["output"].loc[Z.index]
    labels = list(Z.index)
    which = [labels.index(k) for k in ["TWN_c14", "CHN_c14", "USA_c30", "AUS_c2"]]
    write("wiod_2011.csv", "golden.py: WIOD 2013 release, table of 2011 (Timmer et al. 2015); losses from fresh solves",
          rows(labels, Z.to_numpy(float), Y.to_numpy(float), x.to_numpy(float), which))

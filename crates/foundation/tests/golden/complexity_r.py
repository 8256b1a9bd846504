"""economiccomplexity 2.0.0 (R) written again in numpy from its published source, because no R was at hand: method "eigenvalues".

python complexity_r.py complexity_table.csv 7 > complexity_r.csv

Differs from the package in one thing: eigenvalues are sorted (the package takes the second as LAPACK lists them).
"""

import sys

import numpy as np
import pandas as pd

path, every = sys.argv[1], int(sys.argv[2])
data = pd.read_csv(path, comment="#", dtype={0: str, 1: str}, keep_default_na=False)
wide = data.pivot_table(index="location", columns="activity", values="value", aggfunc="sum", fill_value=0)
x = wide.to_numpy(float)
with np.errstate(invalid="ignore"):
    rca = (x / x.sum(1, keepdims=True)) / (x.sum(0) / x.sum())
m = np.where(rca < 1, 0.0, 1.0)
m = m[m.sum(1) > 0][:, m.sum(0) > 0]
d, u = m.sum(1), m.sum(0)


def z(v):
    return (v - v.mean()) / v.std(ddof=1)


def second(matrix):
    values, vectors = np.linalg.eig(matrix)
    return np.real(vectors[:, np.argsort(values.real)[-2]])


kc, kp = d.copy(), u.copy()
for step in range(1, 20):
    kc, kp, last = (m @ kp) / d, (m.T @ kc) / u, kc
eci, pci = z(second((m / d[:, None]) @ (m / u).T)), z(second((m / u).T @ (m / d[:, None])))
eci *= -1 if np.corrcoef(eci, last)[0, 1] < 0 else 1
pci *= -1 if np.corrcoef(pci, kp)[0, 1] < 0 else 1
phi = (m.T @ m) / np.maximum.outer(u, u)
distance = (1 - m) @ (phi / phi.sum(1, keepdims=True)).T
coi = ((1 - distance) * (1 - m)) @ pci
cog = (1 - m) * ((1 - m) @ (phi * (pci / phi.sum(1))[:, None]))

print(f"# economiccomplexity 2.0.0 (R), written again in numpy; repeat: python complexity_r.py TABLE {every}")
print("what,location,activity,value")
for what, values in [("eci", eci), ("coi", coi)]:
    for label, v in zip(wide.index, values):
        print(f"{what},{label},,{v:.17g}")
for label, v in zip(wide.columns, pci):
    print(f"pci,,{label},{v:.17g}")
for what, values in [("density", 1 - distance), ("cog", cog)]:
    for k in range(0, m.size, every):
        print(f"{what},{wide.index[k // m.shape[1]]},{wide.columns[k % m.shape[1]]},{values.flat[k]:.17g}")

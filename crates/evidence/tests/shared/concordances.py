"""Golden numbers of concordances.rs, by pandas joins that share no code with it.

    cd crates/evidence/tests/shared
    python concordances.py FOLDER_WITH_THE_RESEARCH_DATA/trade > concordances.csv
"""
import sys

import numpy as np
import pandas as pd

folder = sys.argv[1]


def read(name):
    return pd.read_csv(f"{folder}/{name}.csv", dtype=str, keep_default_na=False)


def links(name, a, b):
    table = read(f"concordance/{name}")[[a, b]]
    table.columns = ["a", "b"]
    return table[~table.isin(["", "NA"]).any(axis=1)].drop_duplicates()


def turned(table):
    return table.rename(columns={"a": "b", "b": "a"})


def convert(name, table, values):
    """Prints one line; `ranks` is Σ rank × value / mass, a check on every cell."""
    n = table.groupby("a").b.nunique()
    rows = table.merge(values.rename("x"), left_on="a", right_index=True)
    out = (rows.x / rows.a.map(n)).groupby(rows.b).sum()
    lost = values[~values.index.isin(table.a)]
    ambiguous = values[values.index.isin(n[n > 1].index)].sum() / values.sum()
    check = (out * np.arange(1, len(out) + 1)).sum() / values.sum()
    print(f"{name},{lost.sum() / values.sum():.12f},{len(lost)},{ambiguous:.12f},{check:.9f}")
    return out


print(f"# pandas {pd.__version__}; made by concordances.py beside this file")
print("what,lost,codes,ambiguous,ranks")
world = read("world_trade_avg_1998_to_2000").astype({"value": float}).groupby("product").value.sum()
sitc = links("hs0_sitc2", "HS0_6d", "SITC2_4d")
hs0 = convert("SITC2-4 → HS0", turned(sitc), world)
convert("HS0 → SITC2-4", sitc, hs0)
convert("HS0 → HS6", turned(links("hs6_hs0", "HS6_6d", "HS0_6d")), hs0)
hs5 = links("hs5_hs0", "HS5_6d", "HS0_6d")
now = convert("HS0 → HS5", turned(hs5), hs0)
then = convert("HS5 → HS0", hs5, now)
convert("HS0 → ISIC3", links("hs0_isic3", "HS0_6d", "ISIC3_4d"), then)
convert("HS0 → BEC4", links("hs0_bec4", "HS0_6d", "BEC4_3d"), hs0)
convert("SITC2-4 → BEC4", links("sitc2_bec4", "SITC2_4d", "BEC4_3d"), world)

rauch = read("concordance/sitc2_rauch")
without = ~world.index.isin(rauch.SITC2)
print(f"Rauch,{world[without].sum() / world.sum():.12f},{without.sum()},,")
sigma = read("concordance/sigma_hs0")
for country in ["AUS", "USA", "CHN"]:
    known = set(sigma[sigma.iso3c == country].HS0_3d)
    without = [code[:3] not in known for code in hs0.index]
    print(f"{country},{hs0[without].sum() / hs0.sum():.12f},{sum(without)},,")

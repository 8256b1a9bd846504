"""Golden tables of import dependency, written with pandas and numpy alone from the published formulas.

Run in this folder: python dependency.py
Writes dependency_flows.csv (seeded bilateral table) and dependency_criteria.csv (all criteria, every importer and year).
"""
import numpy as np
import pandas as pd

HEAD = f"# independent script dependency.py; pandas {pd.__version__}, numpy {np.__version__}; repeat: python dependency.py\n"
UNKNOWN, GROUP = {"899"}, ["C01", "C02", "C03"]
rng = np.random.default_rng(20261123)

# Twelve countries and one unknown area, 20 products, four years; a third of the cells; some re-exports; C07 does not
# report in 2003, C12 never exports; product P19 has no quantities, P20 appears in 2002.
countries = [f"C{i:02d}" for i in range(1, 13)] + ["899"]
rows = []
for year in range(2001, 2005):
    for k in range(1, 21):
        if k == 20 and year < 2002:
            continue
        strength = np.exp(np.random.default_rng(k).normal(0, 2, len(countries)))
        for i, e in enumerate(countries):
            for m in countries:
                if m == e or m == "899" and e == "899" or e == "C12" or rng.random() > 0.33:
                    continue
                if year == 2003 and "C07" in (e, m):
                    continue
                value = round(float(strength[i] * np.exp(rng.normal(0, 1))), 4)
                quantity = "" if k == 19 or rng.random() < 0.1 else round(value / float(np.exp(rng.normal(0, 0.5))), 4)
                rows.append((year, e, m, f"P{k:02d}", value, quantity, int(rng.random() < 0.1)))
flows = pd.DataFrame(rows, columns=["year", "exporter", "importer", "product", "value", "quantity", "re_export"])
with open("dependency_flows.csv", "w") as out:
    out.write(HEAD)
    flows.to_csv(out, index=False)
flows["quantity"] = pd.to_numeric(flows["quantity"])


def hhi(s):
    """Herfindahl index of the sums by exporter; NaN for nothing."""
    return (s**2).sum() / s.sum() ** 2 if s.sum() > 0 else np.nan


def ends(s, z):
    """Lowest and highest index if the mass z came from anyone."""
    t = s.sum() + z
    if t <= 0:
        return np.nan, np.nan
    big = s.sort_values(ascending=False).to_numpy()
    joined = big.copy() if len(big) else np.zeros(1)
    joined[0] += z
    return (s**2).sum() / t**2, (joined**2).sum() / t**2


out = []
importers = {c: [c] for c in countries if c not in UNKNOWN} | {"GRP": GROUP}
for (year, product), d in flows.groupby(["year", "product"]):
    all_exporters = set(flows.loc[flows.year == year, "exporter"])
    all_importers = set(flows.loc[flows.year == year, "importer"])
    world = d.groupby("exporter").value.sum()
    c2 = hhi(world)
    for name, members in importers.items():
        if not set(members) & all_importers:
            continue
        bought = d[d.importer.isin(members)]
        extra, intra = bought[~bought.exporter.isin(members)], bought[bought.exporter.isin(members)].value.sum()
        if extra.value.sum() <= 0:
            continue
        sold = d[d.exporter.isin(members)]
        on_record = bool(set(members) & all_exporters)
        total = sold.value.sum() if on_record else np.nan
        outside = sold[~sold.importer.isin(members)].value.sum() if on_record else np.nan
        by = extra.groupby("exporter").value.sum()
        known = by[~by.index.isin(UNKNOWN)]
        z = by.sum() - known.sum() if len(known) < len(by) else 0.0
        direct = extra[(extra.re_export == 0) & ~extra.exporter.isin(UNKNOWN)].groupby("exporter").value.sum()
        weighed = extra.dropna(subset=["quantity"])
        low, high = ends(known, z)
        dlow, dhigh = ends(direct, by.sum() - direct.sum())
        ratio = lambda x: by.sum() / x if x > 0 else (9999.0 if x == 0 else np.nan)
        top = known.sort_index().idxmax() if len(known) else ""
        s1, su = (known.max() / by.sum() if len(known) else 0.0), z / by.sum()
        out.append(dict(
            year=year, importer=name, product=product, imports=by.sum(), cdi1=hhi(by), cdi1_low=low, cdi1_high=high,
            doubt_low=dlow, doubt_high=dhigh, cdi2=by.sum() / (by.sum() + intra), cdi3=ratio(total), c2=c2,
            c3=ratio(outside), ecipe=by.sum() / (by.sum() + intra + total) if on_record else np.nan,
            hhi_quantity=hhi(weighed.groupby("exporter").quantity.sum()),
            covered=weighed.value.sum() / by.sum(), first=top, share=s1, unknown=su,
            re_export=extra[(extra.re_export == 1) & ~extra.exporter.isin(UNKNOWN)].value.sum() / by.sum(),
            stop=max(0.0, s1 - 0.25 * (1 - s1 - su)),
        ))
table = pd.DataFrame(out)
held = (table.cdi1 > 0.4) & (table.c2 > 0.4) & (table.c3 > 1)
table["geodep"] = held.astype(int)
table["ec"] = ((table.cdi1 > 0.4) & (table.cdi2 > 0.5) & (table.cdi3 > 1)).astype(int)
with open("dependency_criteria.csv", "w") as f:
    f.write(HEAD)
    table.to_csv(f, index=False, float_format="%.12g")
print(len(flows), len(table), held.sum(), table.ec.sum())

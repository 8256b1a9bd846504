"""Subnational ECI of Spanish provinces: economic-complexity 0.3.0 (OEC) and econcomplex 1.0.1, in two environments.

Repeat: PYTHON_OEC subnational.py FIXTURES; PYTHON_ECONCOMPLEX subnational.py FIXTURES
The first run writes subnational_pci.csv (PCI of 21 HS sections, reflections, from the 226 countries) and subnational.csv;
the second adds econcomplex's column. FIXTURES is the folder of oec_*.csv, which are not part of the project.
"""

import sys
from pathlib import Path

import pandas as pd

HERE, FIXTURES = Path(__file__).parent, Path(sys.argv[1])
HEAD = "# economic-complexity 0.3.0, econcomplex 1.0.1; repeat: see subnational.py\n"


def table(file, key):
    rows = pd.read_csv(FIXTURES / file)
    return rows.pivot_table(index=key, columns="Section ID", values="Trade Value", aggfunc="sum")


def save(frame, name):
    with open(HERE / name, "w") as f:
        f.write(HEAD)
        frame.to_csv(f, float_format="%.17g")


regions = table("oec_spain_subnational_section_exports.csv", "Subnat Geography ID")
try:
    import economic_complexity as oec
except ImportError:
    import econcomplex as ec

    found = pd.read_csv(HERE / "subnational.csv", comment="#", index_col=0)
    pci = pd.read_csv(HERE / "subnational_pci.csv", comment="#", index_col=0)["pci"]
    # econcomplex cannot leave out a section without PCI (22): the table is cut to the shared ones before RCA.
    shared = [c for c in regions.columns if c in pci.index]
    found["econcomplex_shared"] = ec.subnational_eci(regions[shared].fillna(0), pci.loc[shared], standardize=False)[0]
    save(found, "subnational.csv")
else:
    world = table("oec_country_section_exports_global.csv", "Country ID")
    _, pci = oec.complexity(oec.rca(world))
    save(pci.rename("pci").to_frame(), "subnational_pci.csv")
    raw, _ = oec.complexity_subnational(oec.rca(regions), pci)
    z, _ = oec.complexity_subnational(oec.rca(regions), pci, standardize=True)
    save(pd.DataFrame({"oec": raw, "oec_z": z}), "subnational.csv")

"""Golden values of the specialisation measures: econcomplex 1.0.1 (numpy 2.4.6) on a seeded 12 x 9 table.

Repeat: python specialisation.py  (writes specialisation_*.csv beside itself)
Where EconGeo 1.3 (R) defines a measure differently, its formula is written out here in numpy, without its rounding.
"""

from pathlib import Path

import econcomplex as ec
import numpy as np

HERE = Path(__file__).parent
HEAD = "# econcomplex 1.0.1, numpy 2.4.6; repeat: python specialisation.py\n"
rng = np.random.default_rng(20260401)


def write(name, header, rows):
    with open(HERE / f"specialisation_{name}.csv", "w") as f:
        f.write(HEAD + ",".join(header) + "\n")
        for row in rows:
            f.write(",".join(x if isinstance(x, str) else repr(float(x)) for x in row) + "\n")


def matrix(name, m):
    write(name, ["row"] + [f"c{j}" for j in range(m.shape[1])], [[f"r{i:02}", *r] for i, r in enumerate(m)])


first = np.where(rng.random((12, 9)) < 0.75, rng.lognormal(3, 1.2, (12, 9)), 0.0)
second = np.where(rng.random((12, 9)) < 0.85, first * rng.lognormal(0.1, 0.8, (12, 9)), rng.lognormal(2, 1, (12, 9)))
income, people = rng.lognormal(9, 1, 12), rng.integers(10, 500, 12).astype(float)
documents = (rng.random((40, 9)) < 0.3).astype(float)
documents[documents.sum(1) == 0, 0] = 1

matrix("first", first)
matrix("second", second)
matrix("documents", documents)
matrix("quotient", ec.location_quotient(first))
matrix("similarity", ec.export_similarity(first))
matrix("z", ec.z_score_novelty(documents))
matrix("entry", ec.entry([first, second]))
matrix("exit", ec.exit([first, second]))
matrix("growth", ec.growth_matrix(first, second, pct=False))

partners = ((documents.T @ documents) > 0).astype(float)
np.fill_diagonal(partners, 0)
ease = partners.sum(1) / documents.sum(0)  # Fleming and Sorenson (2001), EconGeo 1.3

locations = {
    "income": income, "people": people,
    "average": ec.location_quotient_avg(first), "hachman": ec.hachman_index(first),
    "krugman": ec.krugman_index(first), "coefficient": ec.spec_coefficient(first),
    "herfindahl": ec.herfindahl(first, normalize=False), "herfindahl_normalised": ec.herfindahl(first),
    "entropy": ec.shannon_entropy(first), "expy": ec.expy(first, income),
    "growth": ec.growth_rate(first, second, axis=0, pct=False),
}
activities = {
    "gini": np.array([ec.gini(first[:, j]) for j in range(9)]), "locational_gini": ec.locational_gini(first),
    "hoover_gini": ec.hoover_gini(first, people), "hoover_index": ec.hoover_index(first, people),
    "hoover_index_totals": ec.hoover_index(first), "normalised_ubiquity": np.asarray(ec.normalized_ubiquity(first)),
    "prody": ec.prody(first, income), "product_index": ec.pgi(first, people),
    "growth": ec.growth_rate(first, second, axis=1, pct=False),
    "ease_documents": ec.ease_of_recombination(documents), "ease_partners": ease,
    "modular_mean": ec.modular_complexity_avg(documents),
}
modular = {"by_documents": ec.modular_complexity(documents), "by_partners": documents.sum(1) / (documents @ ease)}
for name, table in (("locations", locations), ("activities", activities), ("modular", modular)):
    write(name, list(table), zip(*table.values()))

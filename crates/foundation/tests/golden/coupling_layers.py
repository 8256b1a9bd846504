"""Golden tables of crates/foundation/tests/it/coupling: assist, cross-space and ranking metrics of the peers.

Needs fermi-cref 0.2.0, econcomplex 1.0.1, scikit-learn 1.9.1, numpy, pandas, bicm 3.4.0. From this folder:
    python coupling_layers.py
    python coupling_cross_oec.py        (economic-complexity 0.3.0 needs pandas < 3, hence its own environment)
"""

import csv

import numpy as np
import pandas as pd
from econcomplex import cross_proximity, cross_relatedness
from fermi import RelatednessMetrics, ValidationMetrics
from scipy.sparse import csr_matrix
from sklearn.metrics import (average_precision_score, matthews_corrcoef, ndcg_score, precision_recall_curve,
                             roc_auc_score)

rng = np.random.default_rng(20260401)


def write(name, notes, header, rows):
    with open(name, "w", newline="") as out:
        for note in notes:
            out.write(f"# {note}\n")
        table = csv.writer(out, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)


def cells(what, matrix):
    return [(what, i, j, repr(float(matrix[i, j]))) for i, j in np.ndindex(matrix.shape)]


# Two nested layers of 18 locations; location 3 has nothing in layer 2, activity 5 of layer 1 has no holder.
skill = rng.uniform(-1.5, 1.5, 18)
m1 = (rng.logistic(size=(18, 7)) < skill[:, None] - np.linspace(-1, 1, 7)).astype(int)
m2 = (rng.logistic(size=(18, 9)) < skill[:, None] - np.linspace(-1, 1.5, 9)).astype(int)
m1[:, 5], m2[3] = 0, 0

fermi = RelatednessMetrics()
fermi.load(csr_matrix(m1.astype(float)))
assist = fermi.get_projection(second_matrix=csr_matrix(m2.astype(float)), rows=False, projection_method="assist").toarray()

# p-values: 10,000 draws of the peer; "direct" at 1.1 returns every p-value.


def layer_without_full_or_empty_lines(width):
    """bicm 3.4.0 raises IndexError where a row is full."""
    while True:
        m = (rng.logistic(size=(18, width)) < skill[:, None] - np.linspace(-1, 1, width)).astype(int)
        if all(0 < s.min() and s.max() < n for s, n in ((m.sum(0), 18), (m.sum(1), width))):
            return m


full1, full2 = layer_without_full_or_empty_lines(6), layer_without_full_or_empty_lines(7)
np.random.seed(7)
fermi = RelatednessMetrics()
fermi.load(csr_matrix(full1.astype(float)))
_, p = fermi.get_bicm_projection(alpha=1.1, num_iterations=10_000, projection_method="assist", rows=False,
                                 second_matrix=csr_matrix(full2.astype(float)), validation_method="direct")

frames = [pd.DataFrame(m, columns=[f"{k}{i}" for i in range(m.shape[1])]) for k, m in (("a", m1), ("b", m2))]
phi = cross_proximity(*frames, use_rca=False)
omega = cross_relatedness(frames[0], phi, use_rca=False).to_numpy(dtype=float)
write("coupling_layers.csv",
      ["fermi-cref 0.2.0 (assist, p10000: sampled with 10,000 BiCM draws) and econcomplex 1.0.1 (cross_*).",
       "Repeat: python coupling_layers.py"],
      ["what", "row", "column", "value"],
      cells("m1", m1) + cells("m2", m2) + cells("assist", assist) + cells("full1", full1) + cells("full2", full2)
      + cells("p10000", np.asarray(p)) + cells("cross_proximity", phi.to_numpy(dtype=float))
      + cells("cross_relatedness", omega))

# Rankings: scores without ties, with few values, and weighted cells.
rows, metrics = [], []
for name, n, digits in (("plain", 120, 12), ("ties", 90, 1), ("rare", 300, 3)):
    hit = (rng.uniform(size=n) < (0.05 if name == "rare" else 0.3)).astype(int)
    score = np.round(hit * 0.4 + rng.normal(size=n) * 0.5, digits)
    weight = rng.integers(0, 4, n)
    rows += [(name, i, repr(float(score[i])), hit[i], weight[i]) for i in range(n)]
    precision, recall, threshold = precision_recall_curve(hit, score)
    f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-300)
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)[-1]
    out = {
        "average_precision": average_precision_score(hit, score),
        "roc_auc": roc_auc_score(hit, score),
        "best_f1": f1.max(),
        "mcc": matthews_corrcoef(hit, score >= threshold[best]),
        "ndcg_10": ndcg_score([hit], [score], k=10),
        "ndcg_all": ndcg_score([hit], [score]),
        "weighted_average_precision": average_precision_score(hit, score, sample_weight=weight),
        "weighted_roc_auc": roc_auc_score(hit, score, sample_weight=weight),
    }
    peer = ValidationMetrics(hit[None, :], score[None, :])
    out |= {"fermi_pr_auc": peer.pr_auc(), "fermi_roc_auc": peer.roc_auc(), "fermi_best_f1": peer.best_f1()[1]}
    if name == "plain":  # the peer breaks ties by place, so only where there are none
        out |= {"fermi_precision_20": peer.precision_at_k(20), "fermi_recall_20": peer.recall_at_k(20, -1e9)}
    metrics += [(name, key, repr(float(value))) for key, value in out.items()]
notes = ["scikit-learn 1.9.1 and fermi-cref 0.2.0 (fermi_*).", "Repeat: python coupling_layers.py"]
write("coupling_rankings.csv", notes, ["set", "cell", "score", "hit", "weight"], rows)
write("coupling_metrics.csv", notes, ["set", "metric", "value"], metrics)

//! Against fermi-cref, econcomplex, economic-complexity and scikit-learn.

use std::collections::BTreeMap;

use foundation::coupling::Grid;
use foundation::coupling::assist::assist;
use foundation::coupling::cross_space::{cross_density, cross_proximity};
use foundation::coupling::layers::{Layer, Matched, matched};
use foundation::coupling::scores::Ranking;
use foundation::coupling::slope::theil_sen_range;
use foundation::coupling::validation::{Params, validate};
use foundation::presence::Presence;
use libtest_mimic::Trial;

use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("coupling_assist_equals_fermi_cref", assist_equals_fermi),
        trial(
            "coupling_p_values_agree_with_the_draws_of_fermi_cref",
            p_values_agree,
        ),
        trial(
            "coupling_cross_space_equals_both_peers",
            cross_space_equals_peers,
        ),
        trial("coupling_slopes_equal_scipy", slopes_equal_scipy),
        trial(
            "coupling_metrics_equal_scikit_learn_and_fermi_cref",
            metrics_equal_peers,
        ),
    ]
}

/// Cells (row, column) of a matrix in a golden table.
fn cells(file: &str, what: &str) -> BTreeMap<(usize, usize), f64> {
    golden(file)
        .iter()
        .filter(|record| &record[0] == what)
        .map(|r| {
            let place = (r[1].parse().unwrap(), r[2].parse().unwrap());
            (place, r[3].parse().unwrap())
        })
        .collect()
}

fn presence(what: &str) -> Presence {
    let cells = cells("coupling_layers.csv", what);
    let (rows, columns) = *cells.keys().next_back().unwrap();
    Presence::from_fn(rows + 1, columns + 1, |l, a| cells[&(l, a)] > 0.5)
}

fn pair(from: &str, to: &str) -> Matched {
    let layer = |m: Presence| {
        let names = |n| (0..n).map(|i| format!("{i:02}")).collect();
        Layer::new(names(m.locations()), names(m.activities()), m).unwrap()
    };
    matched(&layer(presence(from)), &layer(presence(to))).unwrap()
}

/// Every cell of `found` within `tolerance` of the peer, which has `NaN` where ours is `NaN`.
fn same(what: &str, found: &Grid, wanted: &BTreeMap<(usize, usize), f64>, tolerance: f64) {
    assert_eq!(wanted.len(), found.rows() * found.columns(), "{what}");
    for ((row, column), value) in wanted {
        let ours = found.get(*row, *column);
        if !(value.is_nan() && ours.is_nan()) {
            assert!(
                (ours - value).abs() <= tolerance,
                "{what} {row} {column}: {ours} {value}"
            );
        }
    }
}

fn assist_equals_fermi() {
    let found = assist(&presence("m1"), &presence("m2"));
    same(
        "assist",
        &found,
        &cells("coupling_layers.csv", "assist"),
        1e-15,
    );
}

fn p_values_agree() {
    let draws = 20_000;
    let links = validate(
        &pair("full1", "full2"),
        &Params {
            draws,
            ..Params::default()
        },
    )
    .unwrap();
    let peer = cells("coupling_layers.csv", "p10000");
    let mut widest: f64 = 0.0;
    for ((a, b), p) in &peer {
        let ours = links.p_values.get(*a, *b);
        let noise = (p * (1.0 - p) * (1.0 / 10_000.0 + 1.0 / draws as f64)).sqrt();
        widest = widest.max((ours - p).abs() / noise.max(1e-4));
    }
    // The largest of 42 standard normal differences stays below 4.5 in 99.97 % of all cases.
    assert!(widest < 4.5, "{widest} standard errors");
}

fn cross_space_equals_peers() {
    let (from, to) = (presence("m1"), presence("m2"));
    let phi = cross_proximity(&from, &to);
    let omega = cross_density(&from, &phi);
    for file in ["coupling_layers.csv", "coupling_cross_oec.csv"] {
        same(file, &phi, &cells(file, "cross_proximity"), 1e-15);
        same(file, &omega, &cells(file, "cross_relatedness"), 1e-14);
    }
}

fn slopes_equal_scipy() {
    let rows = golden("coupling_slopes.csv");
    for set in ["short", "even", "long"] {
        let part: Vec<_> = rows.iter().filter(|r| &r[0] == set).collect();
        let number = |r: &csv::StringRecord, k: usize| r[k].parse::<f64>().unwrap();
        let points: Vec<(f64, f64)> = part.iter().map(|r| (number(r, 1), number(r, 2))).collect();
        let found = theil_sen_range(&points, 1.959_963_984_540_054).unwrap();
        for (k, ours) in [(3, found.value), (4, found.low), (5, found.high)] {
            close(&format!("{set} {k}"), ours, number(part[0], k), 1e-12);
        }
    }
}

fn metrics_equal_peers() {
    let rows = golden("coupling_rankings.csv");
    for record in golden("coupling_metrics.csv") {
        let (set, metric) = (&record[0], &record[1]);
        let part: Vec<_> = rows.iter().filter(|r| &r[0] == set).collect();
        let numbers = |k: usize| {
            part.iter()
                .map(|r| r[k].parse().unwrap())
                .collect::<Vec<f64>>()
        };
        let hits: Vec<bool> = part.iter().map(|r| &r[3] == "1").collect();
        let weights = numbers(4);
        let ranking = Ranking::new(&numbers(2), &hits).unwrap();
        let list = ranking.metrics(20);
        let weighted = ranking.weighted(20, |i| weights[i]);
        let found = match metric {
            "average_precision" | "fermi_pr_auc" => list.average_precision,
            "roc_auc" | "fermi_roc_auc" => list.roc_auc,
            "best_f1" | "fermi_best_f1" => list.best_f1,
            "mcc" => list.mcc,
            "ndcg_10" => ranking.ndcg(10),
            "ndcg_all" => ranking.ndcg(hits.len()),
            "weighted_average_precision" => weighted.average_precision,
            "weighted_roc_auc" => weighted.roc_auc,
            "fermi_precision_20" => list.precision_at_k,
            "fermi_recall_20" => list.recall_at_k,
            other => panic!("{other}"),
        };
        // The peer adds 1e-12 to denominators of F1 and recall.
        let tolerance = if metric.starts_with("fermi") {
            1e-11
        } else {
            1e-13
        };
        close(
            &format!("{set} {metric}"),
            found.unwrap(),
            record[2].parse().unwrap(),
            tolerance,
        );
    }
}

//! Parity with the published iteration: scores to 1e-12 and equal numbers of iterations.

use std::collections::BTreeMap;

use chain::cascade::{Cascade, Class, Essential, FirmNetwork, Firms, JacobiParams, Model, Shocks};
use libtest_mimic::Trial;

use super::network::{cascade, substitution};
use crate::{close, golden, shared, trial, trial_on_shared};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "cascade: the published iteration in nine models, equal iteration counts",
            nine_models,
        ),
        trial_on_shared(
            "cascade: the authors' example networks",
            "chains/esri_example/glcascade_example_W.csv",
            examples,
        ),
    ]
}

fn compare(what: &str, found: &chain::cascade::Score, row: &csv::StringRecord, first: usize) {
    let wanted = |at: usize| row[first + at].parse::<f64>().unwrap();
    for (name, value, at) in [
        ("esri", found.esri, 0),
        ("down", found.down, 1),
        ("up", found.up, 2),
    ] {
        assert!(
            (value - wanted(at)).abs() <= 1e-12,
            "{what} {name}: {value} against {}",
            wanted(at)
        );
    }
    close(
        &format!("{what} iterations"),
        f64::from(found.iterations),
        wanted(3),
        0.0,
    );
}

fn nine_models() {
    let mut cases: BTreeMap<(String, String, String, String), Vec<csv::StringRecord>> =
        BTreeMap::new();
    for row in golden("cascade_published.csv") {
        let key = (
            row[0].to_owned(),
            row[1].to_owned(),
            row[2].to_owned(),
            row[3].to_owned(),
        );
        cases.entry(key).or_default().push(row);
    }
    assert_eq!(cases.len(), 9);
    for ((mode, sub, leaks, tolerance), rows) in cases {
        let params = JacobiParams {
            tolerance: tolerance.parse().unwrap(),
            ..JacobiParams::default()
        };
        let firms: Vec<u32> = rows
            .iter()
            .map(|r| r[4].parse::<u32>().unwrap() - 1)
            .collect();
        let found = cascade(&mode, &sub, &leaks)
            .published(&Shocks::Firms(firms), &params)
            .unwrap();
        for (found, row) in found.iter().zip(&rows) {
            compare(
                &format!("{mode} {sub} {leaks} firm {}", &row[4]),
                found,
                row,
                5,
            );
        }
    }
}

/// A network of the authors: a matrix of weights and a list of sectors, every essentiality 1.
pub fn example(name: &str) -> FirmNetwork {
    let (matrix, sectors) = match name {
        "11" => ("glcascade_example_W.csv", "glcascade_example_p.csv"),
        "sf" => ("example_net_scale_free_101_4000.csv", "industry_vector.csv"),
        _ => ("example_net_erdos_reny_101_213.csv", "industry_vector.csv"),
    };
    let read = |file: &str| -> Vec<csv::StringRecord> {
        let path = shared(&format!("chains/esri_example/{file}"));
        csv::Reader::from_path(path)
            .unwrap()
            .records()
            .map(Result::unwrap)
            .collect()
    };
    let pairs: Vec<(String, String)> = read(sectors)
        .iter()
        .map(|r| (r[0].to_owned(), r[1].to_owned()))
        .collect();
    let firms = Firms::from_pairs(pairs.clone()).unwrap();
    let mut rows = Vec::new();
    for (i, row) in read(matrix).iter().enumerate() {
        for (j, cell) in row.iter().enumerate() {
            let weight: f64 = cell.parse().unwrap();
            if weight > 0.0 {
                rows.push((pairs[i].0.as_str(), pairs[j].0.as_str(), weight));
            }
        }
    }
    let essential = vec![Class::NotEssential; firms.sectors.len()];
    FirmNetwork::from_rows(firms, &rows, Essential::Supplier(essential)).unwrap()
}

fn examples() {
    let mut cases: BTreeMap<(String, String), Vec<csv::StringRecord>> = BTreeMap::new();
    for row in golden("cascade_examples.csv") {
        cases
            .entry((row[0].to_owned(), row[1].to_owned()))
            .or_default()
            .push(row);
    }
    for ((name, sub), rows) in cases {
        let model = Model {
            substitution: substitution(&sub),
            ..Model::default()
        };
        let found = Cascade::new(&example(&name), &model)
            .unwrap()
            .published(&Shocks::EachFirm, &JacobiParams::default())
            .unwrap();
        assert_eq!(found.len(), rows.len());
        for (found, row) in found.iter().zip(&rows) {
            compare(&format!("{name} {sub} firm {}", &row[2]), found, row, 3);
        }
    }
}

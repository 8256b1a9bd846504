//! TOPSIS and PROMETHEE II beside the acceptabilities, on the central values and the mean weights.

use evidence::bulk::ResultColumn;
use layout::select::{
    Decision, Flow, Preference, SelectParams, Selection, Sense, promethee, ranks, reversals,
    topsis, weights,
};
use model::Seed;
use serde_json::{Value, json};

use super::inputs::Read;
use super::settings::Settings;
use super::{Beside, SelectArgs};
use crate::calc::CalcError;
use crate::calc::out::{Columns, Out, column, words};

/// Draws of weights behind their mean.
const DRAWS: usize = 10_000;
/// Differences that count as an order.
const TOLERANCE: f64 = 1e-9;

/// Writes `compare.csv` and `reversals.csv`; alternatives with a missing value are left out and named.
pub fn write(
    out: &mut Out,
    args: &SelectArgs,
    settings: &Settings,
    read: &Read,
    selection: &Selection,
    refused: &mut Vec<String>,
) -> Result<Value, CalcError> {
    let Read::Ranges {
        performance, raw, ..
    } = read
    else {
        return Err(CalcError::argument(
            "--compare",
            "these methods take single values; give --ranges",
        ));
    };
    let params = SelectParams {
        draws: DRAWS,
        weights: settings.ranges(),
        statements: settings.statement.clone(),
        ..SelectParams::default()
    };
    let m = performance.criteria.len();
    let (drawn, _) =
        weights(&performance.criteria, &params, Seed(args.seed)).map_err(CalcError::Refused)?;
    let mean: Vec<f64> = (0..m)
        .map(|j| drawn.iter().skip(j).step_by(m).sum::<f64>() / DRAWS as f64)
        .collect();
    let mut names = Vec::new();
    let mut values = Vec::new();
    for (alternative, row) in performance.alternatives.iter().zip(raw) {
        match row.iter().map(|c| c.map(|e| e.value)).collect::<Option<Vec<f64>>>() {
            Some(row) => {
                names.push(alternative.as_str().to_owned());
                values.push(row);
            }
            None => refused.push(format!(
                "`{alternative}` has criteria that are not estimated and is left out of the comparison"
            )),
        }
    }
    let senses: Vec<Sense> = performance
        .criteria
        .iter()
        .map(|c| settings.sense_of(c))
        .collect();
    let table = Decision::new(values, senses, mean.clone())
        .map_err(|error| CalcError::argument("--compare", error.to_string()))?;
    let preferences: Vec<Preference> = performance
        .criteria
        .iter()
        .map(|c| {
            settings
                .preference
                .get(c.as_str())
                .copied()
                .unwrap_or_default()
        })
        .collect();
    let place = |name: &String| {
        let at = selection
            .candidates
            .iter()
            .position(|c| c.industry.as_str() == name);
        at.map_or(f64::NAN, |at| at as f64 + 1.0)
    };
    let mut columns: Columns = vec![
        column("alternative", words(names.clone())),
        column(
            "acceptability_place",
            ResultColumn::Number(names.iter().map(place).collect()),
        ),
    ];
    let mut turned: Vec<(&str, usize, usize, usize)> = Vec::new();
    let net = |d: &Decision| -> Vec<Option<f64>> {
        promethee(d, &preferences)
            .iter()
            .map(|f| Some(f.net))
            .collect()
    };
    let numbers = |scores: &[Option<f64>]| {
        ResultColumn::Number(scores.iter().map(|s| s.unwrap_or(f64::NAN)).collect())
    };
    let places = |scores: &[Option<f64>]| {
        let ranks = ranks(scores);
        ResultColumn::Number(
            ranks
                .iter()
                .map(|r| r.map_or(f64::NAN, |r| r as f64))
                .collect(),
        )
    };
    for method in &args.compare {
        match method {
            Beside::Topsis => {
                let c = topsis(&table);
                columns.push(column("topsis", numbers(&c)));
                columns.push(column("topsis_rank", places(&c)));
                let found = reversals(&table, &topsis, TOLERANCE);
                turned.extend(
                    found
                        .iter()
                        .map(|r| ("topsis", r.without, r.better, r.worse)),
                );
            }
            Beside::Promethee => {
                let flows = promethee(&table, &preferences);
                let part =
                    |f: &dyn Fn(&Flow) -> f64| ResultColumn::Number(flows.iter().map(f).collect());
                columns.push(column("promethee_leaving", part(&|f| f.leaving)));
                columns.push(column("promethee_entering", part(&|f| f.entering)));
                columns.push(column("promethee_net", part(&|f| f.net)));
                columns.push(column("promethee_rank", places(&net(&table))));
                let found = reversals(&table, &net, TOLERANCE);
                turned.extend(
                    found
                        .iter()
                        .map(|r| ("promethee", r.without, r.better, r.worse)),
                );
            }
        }
    }
    out.table("compare", columns)?;
    out.table(
        "reversals",
        vec![
            column("method", words(turned.iter().map(|t| t.0.to_owned()))),
            column("better", words(turned.iter().map(|t| names[t.2].clone()))),
            column("worse", words(turned.iter().map(|t| names[t.3].clone()))),
            column(
                "turns_without",
                words(turned.iter().map(|t| names[t.1].clone())),
            ),
        ],
    )?;
    Ok(json!({
        "values": "central values as given", "mean_weights": performance.criteria.iter().map(model::Criterion::as_str).zip(mean).collect::<std::collections::BTreeMap<_, _>>(),
        "reversals": turned.len(),
    }))
}

//! A composite indicator from plain files, with its choices sampled.

use std::collections::BTreeMap;
use std::path::Path;

use evidence::bulk::ResultColumn;
use layout::select::composite::{
    Choices, Composite, Element, Framework, Hierarchy, Method, Table, Uncertain, composite,
    correlation_ratio, drop_one, leave_one_out,
};
use layout::select::{SobolParams, ranks, sobol};
use model::{Criterion, Estimate, Industry, Seed};
use serde::Deserialize;
use serde_json::json;

use super::super::toml;
use super::inputs::points;
use super::settings::Settings;
use super::{SelectArgs, SobolRows, TotalScore, spread};
use crate::calc::CalcError;
use crate::calc::out::{CalcReport, Out, column, words};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    method: Method,
    #[serde(default)]
    choices: Choices,
    /// Aggregates and indicators; none: all indicators directly below one index.
    #[serde(default)]
    element: Vec<ElementEntry>,
    /// By indicator.
    #[serde(default)]
    target: BTreeMap<String, f64>,
    /// Indicator = criterion of `--ranges` that it is divided by.
    #[serde(default)]
    denominator: BTreeMap<String, String>,
    /// Group of each alternative, for imputation.
    #[serde(default)]
    group: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ElementEntry {
    code: String,
    parent: Option<String>,
    #[serde(default = "one")]
    weight: f64,
}

fn one() -> f64 {
    1.0
}

/// Bootstrap replicates of the correlation ratios.
const REPLICATES: usize = 500;

/// Writes `composite.csv`, `scores.csv`, `importance.csv`, `drop_one.csv`, `reversals.csv` and `report.json`.
pub fn run(args: &SelectArgs, file: &Path, settings: &Settings) -> Result<CalcReport, CalcError> {
    let said: File = toml("--composite", file)?;
    let Some(ranges) = &args.ranges else {
        return Err(CalcError::argument(
            "--composite",
            "needs --ranges with the indicators",
        ));
    };
    let points = points(ranges)?;
    let wrong = |problem: String| CalcError::argument("--composite", problem);
    let framework = framework(&said, &points, settings)?;
    let made = composite(&framework, &said.method).map_err(|e| wrong(e.to_string()))?;
    let seed = Seed(args.seed);
    let uncertain = Uncertain::new(&framework, &said.method, &said.choices, seed);
    let robust = uncertain
        .robustness(args.draws, args.top)
        .map_err(|e| wrong(e.to_string()))?;
    let mut out = Out::new(&args.out)?;
    let units: Vec<String> = (framework.table.units().iter())
        .map(|u| u.as_str().to_owned())
        .collect();
    let rank = |f: &dyn Fn(usize) -> Option<usize>| {
        let all = (0..units.len()).map(|i| f(i).map_or(f64::NAN, |r| r as f64));
        ResultColumn::Number(all.collect())
    };
    let mut columns = vec![
        column("alternative", words(units.clone())),
        column("rank", rank(&|i| made.ranks[i])),
        column("rank_p05", rank(&|i| robust.units[i].p05)),
        column("rank_median", rank(&|i| robust.units[i].median)),
        column("rank_p95", rank(&|i| robust.units[i].p95)),
    ];
    let top: Vec<Option<Estimate>> = robust.units.iter().map(|u| Some(u.top)).collect();
    columns.extend(spread("top", &top));
    if args.score == TotalScore::Shown {
        let root = framework.hierarchy.root();
        let scores = made.scores[root].iter().map(|s| s.unwrap_or(f64::NAN));
        columns.push(column("score", ResultColumn::Number(scores.collect())));
    }
    out.table("composite", columns)?;
    write_scores(&mut out, &framework, &made, args.score, &units)?;
    write_importance(&mut out, &framework, &made, seed)?;
    let dropped = drop_one(&framework, &said.method, args.top).map_err(|e| wrong(e.to_string()))?;
    let named = |list: &[usize]| {
        let names: Vec<&str> = list.iter().map(|i| units[*i].as_str()).collect();
        names.join(";")
    };
    out.table(
        "drop_one",
        vec![
            column(
                "indicator",
                words(dropped.iter().map(|d| d.indicator.as_str().to_owned())),
            ),
            column(
                "mean_rank_shift",
                ResultColumn::Number(
                    dropped
                        .iter()
                        .map(|d| d.mean_shift.unwrap_or(f64::NAN))
                        .collect(),
                ),
            ),
            column(
                "most_moved",
                words(dropped.iter().map(|d| {
                    d.most_moved
                        .map_or_else(String::new, |(i, _)| units[i].clone())
                })),
            ),
            column(
                "moved_by",
                ResultColumn::Number(
                    dropped
                        .iter()
                        .map(|d| d.most_moved.map_or(f64::NAN, |(_, by)| by as f64))
                        .collect(),
                ),
            ),
            column("leave", words(dropped.iter().map(|d| named(&d.leave)))),
            column("enter", words(dropped.iter().map(|d| named(&d.enter)))),
        ],
    )?;
    let turned = leave_one_out(&framework, &said.method).map_err(|e| wrong(e.to_string()))?;
    out.table(
        "reversals",
        vec![
            column("better", words(turned.iter().map(|t| units[t.1].clone()))),
            column("worse", words(turned.iter().map(|t| units[t.2].clone()))),
            column(
                "turns_without",
                words(turned.iter().map(|t| units[t.0].clone())),
            ),
        ],
    )?;
    if args.sobol > 0 {
        write_sobol(&mut out, args, &uncertain, &made, &units, seed)?;
    }
    let lines = vec![
        format!(
            "mean shift of ranks under other choices: {:.2} ({:.2} to {:.2}), 95 % of the draws below {:.2}",
            robust.mean_shift.value,
            robust.mean_shift.low,
            robust.mean_shift.high,
            robust.shift_p95
        ),
        format!(
            "{} orders of two turn round when a third is left out",
            turned.len()
        ),
    ];
    let treatments: BTreeMap<&str, _> =
        (framework.table.indicators().iter().map(Criterion::as_str))
            .zip(&made.treatments)
            .collect();
    let report = json!({
        "method": "composite indicator (OECD/JRC 2008)", "draws": robust.draws, "failed_draws": robust.failed,
        "top": args.top, "seed": args.seed, "treatments": treatments, "filled": made.filled.len(),
        "uncertain_inputs": uncertain.inputs().iter().map(|i| i.name.clone()).collect::<Vec<_>>(),
        "mean_rank_shift": {"value": robust.mean_shift.value, "low": robust.mean_shift.low, "high": robust.mean_shift.high, "p95_of_draws": robust.shift_p95},
        "reversals": turned.len(), "input": {"blake3": [points.blake3]},
    });
    out.report(report, lines, Vec::new())
}

fn framework(
    said: &File,
    points: &super::inputs::Points,
    settings: &Settings,
) -> Result<Framework, CalcError> {
    let wrong = |problem: String| CalcError::argument("--composite", problem);
    let known = |name: &str| points.criteria.iter().any(|c| c.as_str() == name);
    for name in said
        .target
        .keys()
        .chain(said.denominator.keys())
        .chain(said.denominator.values())
    {
        if !known(name) {
            return Err(wrong(format!("`{name}` is not a criterion of --ranges")));
        }
    }
    let is_denominator = |c: &Criterion| said.denominator.values().any(|d| d == c.as_str());
    let is_leaf = |c: &Criterion| {
        said.element.is_empty() || said.element.iter().any(|e| e.code == c.as_str())
    };
    let indicators: Vec<Criterion> = points
        .criteria
        .iter()
        .filter(|c| is_leaf(c) && !(said.element.is_empty() && is_denominator(c)))
        .cloned()
        .collect();
    let table_of = |chosen: &[Criterion]| -> Result<Table, CalcError> {
        let columns = chosen
            .iter()
            .filter_map(|c| points.criteria.binary_search(c).ok())
            .map(|j| points.raw.iter().map(|row| row[j]).collect())
            .collect();
        Table::new(points.alternatives.clone(), chosen.to_vec(), columns)
            .map_err(|e| wrong(e.to_string()))
    };
    let hierarchy = if said.element.is_empty() {
        Hierarchy::flat(&indicators)
    } else {
        let elements = said.element.iter().map(|e| Element {
            code: e.code.as_str().into(),
            parent: e.parent.as_deref().map(Criterion::from),
            weight: e.weight,
        });
        Hierarchy::new(elements.collect())
    };
    let denominators: Vec<Criterion> = (points.criteria.iter())
        .filter(|c| is_denominator(c))
        .cloned()
        .collect();
    Ok(Framework {
        table: table_of(&indicators)?,
        senses: indicators.iter().map(|c| settings.sense_of(c)).collect(),
        targets: indicators
            .iter()
            .map(|c| said.target.get(c.as_str()).copied())
            .collect(),
        groups: points
            .alternatives
            .iter()
            .map(|a: &Industry| said.group.get(a.as_str()).cloned())
            .collect(),
        hierarchy: hierarchy.map_err(|e| wrong(e.to_string()))?,
        denominators: if denominators.is_empty() {
            None
        } else {
            Some(table_of(&denominators)?)
        },
        denominate_by: indicators
            .iter()
            .map(|c| said.denominator.get(c.as_str()).map(|d| d.as_str().into()))
            .collect(),
    })
}

/// Scores below the root; the total only where it is asked for.
fn write_scores(
    out: &mut Out,
    framework: &Framework,
    made: &Composite,
    score: TotalScore,
    units: &[String],
) -> Result<(), CalcError> {
    let tree = &framework.hierarchy;
    let mut columns = vec![column("alternative", words(units.to_vec()))];
    for (k, element) in tree.elements().iter().enumerate() {
        if k == tree.root() && score == TotalScore::Hidden {
            continue;
        }
        let numbers = made.scores[k]
            .iter()
            .map(|s| s.unwrap_or(f64::NAN))
            .collect();
        columns.push(column(element.code.as_str(), ResultColumn::Number(numbers)));
    }
    out.table("scores", columns)
}

fn write_importance(
    out: &mut Out,
    framework: &Framework,
    made: &Composite,
    seed: Seed,
) -> Result<(), CalcError> {
    let tree = &framework.hierarchy;
    let index = &made.scores[tree.root()];
    let leaves = tree.leaves();
    let found: Vec<_> = leaves
        .iter()
        .map(|k| correlation_ratio(&made.scores[*k], index, REPLICATES, seed))
        .collect();
    let mut columns = vec![
        column(
            "indicator",
            words(
                leaves
                    .iter()
                    .map(|k| tree.elements()[*k].code.as_str().to_owned()),
            ),
        ),
        column(
            "weight",
            ResultColumn::Number(leaves.iter().map(|k| tree.effective_weight(*k)).collect()),
        ),
    ];
    let ratios: Vec<Option<Estimate>> = found
        .iter()
        .map(|f| f.map(|f| f.correlation_ratio))
        .collect();
    columns.extend(spread("correlation_ratio", &ratios));
    columns.push(column(
        "linear_r2",
        ResultColumn::Number(
            found
                .iter()
                .map(|f| f.map_or(f64::NAN, |f| f.linear))
                .collect(),
        ),
    ));
    out.table("importance", columns)
}

/// Ranks and membership of every unit, and the mean shift of all ranks.
fn write_sobol(
    out: &mut Out,
    args: &SelectArgs,
    uncertain: &Uncertain,
    made: &Composite,
    units: &[String],
    seed: Seed,
) -> Result<(), CalcError> {
    let how = SobolParams {
        base: args.sobol,
        seed,
        ..SobolParams::default()
    };
    let n = units.len();
    let outputs = |u: &[f64]| -> Vec<f64> {
        // A draw without an index is told apart by NaN, which refuses the whole.
        let Ok(scores) = uncertain.scores(u) else {
            return vec![f64::NAN; 2 * n + 1];
        };
        let now = ranks(&scores);
        let last = |r: Option<usize>| r.unwrap_or(n);
        let mut all: Vec<f64> = now.iter().map(|r| last(*r) as f64).collect();
        all.extend(
            now.iter()
                .map(|r| f64::from(u8::from(last(*r) <= args.top))),
        );
        let shift: usize = (now.iter().zip(&made.ranks))
            .map(|(a, b)| last(*a).abs_diff(last(*b)))
            .sum();
        all.push(shift as f64 / n as f64);
        all
    };
    let Some(found) = sobol(&uncertain.inputs(), &outputs, &how) else {
        return Err(CalcError::argument(
            "--sobol",
            "no input varies, or some choices give no index on these data",
        ));
    };
    let mut rows = SobolRows::default();
    for (i, unit) in units.iter().enumerate() {
        rows.push("rank", unit, &found[i]);
        rows.push("membership", unit, &found[n + i]);
    }
    rows.push("rank_shift", "", &found[2 * n]);
    rows.write(out)
}

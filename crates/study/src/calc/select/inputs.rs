//! The files of `calc select`: samples, ranges and votes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use layout::select::{
    Performance, Sampler, Samples, SelectParams, Sense, Vote, drawn_votes, weights,
};
use model::{Basis, Criterion, Estimate, Industry, Message, Quantity, Refusal, Seed};
use serde_json::{Value, json};

use super::SelectArgs;
use super::settings::{Scale, Settings};
use super::votes::read_votes;
use crate::calc::CalcError;
use crate::calc::chain_files::Sheet;

/// What the files hold.
pub enum Read {
    Samples {
        alternatives: Vec<Industry>,
        criteria: Vec<Criterion>,
        measurements: Vec<f64>,
        draws: usize,
        /// `None`: weights are still to be drawn.
        samples: Option<Samples>,
        weights_file: Option<String>,
        votes: Vec<Vote>,
        account: Value,
    },
    Ranges {
        /// On 0..1.
        performance: Performance,
        /// As they stand in the file, `[alternative][criterion]`.
        raw: Vec<Vec<Option<Estimate>>>,
        scales: Value,
        votes: Vec<Vote>,
        account: Value,
    },
}

impl Read {
    pub fn draws(&self, asked: usize) -> usize {
        match self {
            Self::Samples { draws, .. } => *draws,
            Self::Ranges { .. } => asked,
        }
    }

    pub fn weights_from(&self) -> Option<&str> {
        match self {
            Self::Samples { weights_file, .. } => weights_file.as_deref(),
            Self::Ranges { .. } => None,
        }
    }

    pub fn scales(&self) -> Value {
        match self {
            Self::Samples { .. } => json!("values as given; costs with the opposite sign"),
            Self::Ranges { scales, .. } => scales.clone(),
        }
    }

    pub fn account(&self) -> &Value {
        match self {
            Self::Samples { account, .. } | Self::Ranges { account, .. } => account,
        }
    }

    /// Samples whose weights are drawn here.
    pub fn with_drawn_weights(
        &self,
        params: &SelectParams,
        seed: Seed,
    ) -> Result<(Samples, Option<Sampler>), Box<Refusal>> {
        let Self::Samples {
            alternatives,
            criteria,
            measurements,
            ..
        } = self
        else {
            return Err(malformed(0, 0));
        };
        let (drawn, sampler) = weights(criteria, params, seed)?;
        let (n, m) = (alternatives.len(), criteria.len());
        let samples = Samples::new(n, m, measurements.clone(), drawn, Basis::Published)
            .map_err(|_| malformed(n, m))?;
        Ok((samples, Some(sampler)))
    }
}

fn malformed(n: usize, m: usize) -> Box<Refusal> {
    let text = |part: &str| {
        Message::new(format!("select.malformed.{part}"))
            .with("alternatives", n)
            .with("criteria", m)
    };
    Box::new(Refusal {
        code: "select.malformed".to_owned(),
        question: text("question"),
        reason: text("reason"),
        needed: text("needed"),
    })
}

pub fn read(args: &SelectArgs, settings: &Settings) -> Result<Read, CalcError> {
    let votes = match &args.votes {
        Some(file) => read_votes(file)?,
        None => Vec::new(),
    };
    let drawn_once = args.samples.is_some() || !votes.is_empty();
    if drawn_once && args.sobol > 0 {
        return Err(CalcError::argument(
            "--sobol",
            "samples and votes are not drawn again; give --ranges alone",
        ));
    }
    if drawn_once && !args.compare.is_empty() {
        return Err(CalcError::argument(
            "--compare",
            "these methods take single values; give --ranges alone",
        ));
    }
    match (&args.samples, &args.ranges, &args.weights) {
        (Some(_), Some(_), _) => Err(CalcError::argument(
            "--samples",
            "--ranges is given too; one of the two holds the values",
        )),
        (Some(samples), None, weights) if votes.is_empty() => {
            given_samples(samples, weights.as_deref(), settings)
        }
        (Some(_), None, _) => Err(CalcError::argument(
            "--votes",
            "votes are drawn, so they stand beside --ranges, not beside given samples",
        )),
        (None, _, Some(_)) => Err(CalcError::argument(
            "--weights",
            "weight samples belong to --samples; for --ranges say what is known about weights in --preferences",
        )),
        (None, None, None) if votes.is_empty() => Err(CalcError::argument(
            "--samples",
            "give the values: --samples (with --weights or --preferences), --ranges or --votes",
        )),
        (None, ranges, None) if votes.is_empty() => match ranges {
            Some(file) => ranged(file, settings),
            None => Err(CalcError::argument("--ranges", "is missing")),
        },
        (None, ranges, None) => with_votes(ranges.as_deref(), votes, args, settings),
    }
}

type Cells = BTreeMap<(String, String, String), f64>;

fn given_samples(
    file: &Path,
    weights: Option<&Path>,
    settings: &Settings,
) -> Result<Read, CalcError> {
    let sheet = Sheet::open(
        file,
        "--samples",
        &["sample", "alternative", "criterion", "value"],
    )?;
    let mut cells = Cells::new();
    let (mut names, mut alternatives, mut criteria) =
        (Ordered::default(), Ordered::default(), Ordered::default());
    for row in sheet.rows() {
        let sample = row.needed("sample")?.to_owned();
        let alternative = row.needed("alternative")?.to_owned();
        let criterion = row.needed("criterion")?.to_owned();
        let value = row.number("value")?.ok_or_else(|| {
            row.wrong(
                "value",
                "the cell is empty; a sample has a value for every alternative and criterion",
            )
        })?;
        names.note(&sample);
        alternatives.note(&alternative);
        criteria.note(&criterion);
        if cells
            .insert((sample, alternative, criterion), value)
            .is_some()
        {
            return Err(row.wrong(
                "sample",
                "this sample, alternative and criterion stand twice",
            ));
        }
    }
    // Ids ascending, so that the order of the rows does not matter.
    let alternatives = alternatives.sorted();
    let criteria = criteria.sorted();
    let ids: Vec<Criterion> = criteria.iter().map(|c| c.as_str().into()).collect();
    let industries: Vec<Industry> = alternatives.iter().map(|a| a.as_str().into()).collect();
    settings.check(&industries, &ids)?;
    let signs: Vec<f64> = ids
        .iter()
        .map(|c| {
            if settings.sense_of(c) == Sense::Cost {
                -1.0
            } else {
                1.0
            }
        })
        .collect();
    let samples = names.sorted_numbers();
    let mut measurements = Vec::with_capacity(cells.len());
    for sample in &samples {
        for alternative in &alternatives {
            for (criterion, sign) in criteria.iter().zip(&signs) {
                let key = (sample.clone(), alternative.clone(), criterion.clone());
                let value = cells.get(&key).ok_or_else(|| {
                    CalcError::argument(
                        "--samples",
                        format!(
                            "sample `{sample}` has no value for `{alternative}` on `{criterion}`"
                        ),
                    )
                })?;
                measurements.push(sign * value);
            }
        }
    }
    let (n, m) = (alternatives.len(), criteria.len());
    let mut account =
        json!({"samples": samples.len(), "values": cells.len(), "blake3": [sheet.raw.blake3]});
    let given = match weights {
        None => None,
        Some(file) => {
            if !settings.statement.is_empty() || !settings.ranges().is_empty() {
                return Err(CalcError::argument(
                    "--weights",
                    "--preferences says something about weights too; one of the two decides",
                ));
            }
            let (drawn, blake3) = given_weights(file, &samples, &criteria)?;
            account["blake3"] = json!([sheet.raw.blake3, blake3]);
            let samples = Samples::new(n, m, measurements.clone(), drawn, Basis::Published)
                .map_err(|error| CalcError::argument("--weights", error.to_string()))?;
            Some(samples)
        }
    };
    Ok(Read::Samples {
        alternatives: industries,
        criteria: ids,
        draws: samples.len(),
        measurements,
        samples: given,
        weights_file: weights.map(|file| file.display().to_string()),
        votes: Vec::new(),
        account,
    })
}

fn given_weights(
    file: &Path,
    samples: &[String],
    criteria: &[String],
) -> Result<(Vec<f64>, String), CalcError> {
    let sheet = Sheet::open(file, "--weights", &["sample", "criterion", "weight"])?;
    let mut cells: BTreeMap<(String, String), f64> = BTreeMap::new();
    for row in sheet.rows() {
        let sample = row.needed("sample")?.to_owned();
        let criterion = row.needed("criterion")?.to_owned();
        if !criteria.contains(&criterion) {
            return Err(row.wrong("criterion", &format!("`{criterion}` is not in --samples")));
        }
        let weight = row
            .number("weight")?
            .ok_or_else(|| row.wrong("weight", "the cell is empty"))?;
        if weight < 0.0 {
            return Err(row.wrong("weight", "weights are 0 or more"));
        }
        if cells.insert((sample, criterion), weight).is_some() {
            return Err(row.wrong("sample", "this sample and criterion stand twice"));
        }
    }
    let known: BTreeSet<&String> = samples.iter().collect();
    let of: BTreeSet<&String> = cells.keys().map(|(sample, _)| sample).collect();
    if let Some(extra) = of.iter().find(|sample| !known.contains(*sample)) {
        return Err(CalcError::argument(
            "--weights",
            format!("sample `{extra}` is not in --samples"),
        ));
    }
    let mut drawn = Vec::with_capacity(cells.len());
    for sample in samples {
        for criterion in criteria {
            let key = (sample.clone(), criterion.clone());
            let weight = cells.get(&key).ok_or_else(|| {
                CalcError::argument(
                    "--weights",
                    format!("sample `{sample}` has no weight for `{criterion}`"),
                )
            })?;
            drawn.push(*weight);
        }
    }
    Ok((drawn, sheet.raw.blake3.clone()))
}

/// Names in any order.
#[derive(Default)]
struct Ordered(BTreeSet<String>);

impl Ordered {
    fn note(&mut self, name: &str) {
        if !self.0.contains(name) {
            self.0.insert(name.to_owned());
        }
    }

    fn sorted(self) -> Vec<String> {
        self.0.into_iter().collect()
    }

    /// 2 before 10, where all names are whole numbers.
    fn sorted_numbers(self) -> Vec<String> {
        let mut names = self.sorted();
        if names.iter().all(|name| name.parse::<u64>().is_ok()) {
            names.sort_by_key(|name| name.parse::<u64>().unwrap_or(u64::MAX));
        }
        names
    }
}

/// Point data with ranges: `[alternative][criterion]`, ids ascending.
pub struct Points {
    pub alternatives: Vec<Industry>,
    pub criteria: Vec<Criterion>,
    pub raw: Vec<Vec<Option<Estimate>>>,
    pub blake3: String,
}

pub fn points(file: &Path) -> Result<Points, CalcError> {
    let sheet = Sheet::open(file, "--ranges", &["alternative", "criterion", "value"])?;
    let mut cells: BTreeMap<(String, String), Option<Estimate>> = BTreeMap::new();
    let (mut alternatives, mut criteria) = (Ordered::default(), Ordered::default());
    for row in sheet.rows() {
        let alternative = row.needed("alternative")?.to_owned();
        let criterion = row.needed("criterion")?.to_owned();
        alternatives.note(&alternative);
        criteria.note(&criterion);
        let range = row.range("value")?;
        if cells.insert((alternative, criterion), range).is_some() {
            return Err(row.wrong("alternative", "this alternative and criterion stand twice"));
        }
    }
    let (alternatives, criteria) = (alternatives.sorted(), criteria.sorted());
    let raw = alternatives
        .iter()
        .map(|a| {
            let cell = |c: &String| cells.get(&(a.clone(), c.clone())).copied().flatten();
            criteria.iter().map(cell).collect()
        })
        .collect();
    Ok(Points {
        alternatives: alternatives.iter().map(|a| a.as_str().into()).collect(),
        criteria: criteria.iter().map(|c| c.as_str().into()).collect(),
        raw,
        blake3: sheet.raw.blake3.clone(),
    })
}

fn ranged(file: &Path, settings: &Settings) -> Result<Read, CalcError> {
    let points = points(file)?;
    settings.check(&points.alternatives, &points.criteria)?;
    let (performance, scales) = scaled(&points, settings);
    let account = json!({
        "cells": points.raw.iter().flatten().flatten().count(),
        "not_estimated": points.raw.iter().flatten().filter(|c| c.is_none()).count(),
        "blake3": [points.blake3],
    });
    Ok(Read::Ranges {
        performance,
        raw: points.raw,
        scales,
        votes: Vec::new(),
        account,
    })
}

/// u = (x - low) / (high - low), turned round for costs; a criterion on which all are equal is 0.5 for all.
fn scaled(points: &Points, settings: &Settings) -> (Performance, Value) {
    let mut scales = serde_json::Map::new();
    let ends: Vec<(f64, f64)> = (0..points.criteria.len())
        .map(|j| {
            if settings.scale == Scale::None {
                return (0.0, 1.0);
            }
            let known = || points.raw.iter().filter_map(|row| row[j]);
            let low = known().map(|e| e.low).fold(f64::INFINITY, f64::min);
            let high = known().map(|e| e.high).fold(f64::NEG_INFINITY, f64::max);
            (low, high)
        })
        .collect();
    for (criterion, (low, high)) in points.criteria.iter().zip(&ends) {
        let sense = settings.sense_of(criterion);
        scales.insert(
            criterion.as_str().to_owned(),
            json!({"from": low, "to": high, "sense": sense}),
        );
    }
    let cells = points
        .raw
        .iter()
        .map(|row| {
            row.iter()
                .enumerate()
                .map(|(j, cell)| {
                    let Some(e) = cell else {
                        return Quantity::not_estimated(Message::new("not_estimated"));
                    };
                    let (low, high) = ends[j];
                    let cost = settings.sense_of(&points.criteria[j]) == Sense::Cost;
                    let u = |x: f64| {
                        let share = if high > low {
                            (x - low) / (high - low)
                        } else {
                            0.5
                        };
                        if cost { 1.0 - share } else { share }
                    };
                    Estimate::spanning(u(e.value), u(e.low), u(e.high), e.basis.and(e.basis)).into()
                })
                .collect()
        })
        .collect();
    let performance = Performance {
        alternatives: points.alternatives.clone(),
        criteria: points.criteria.clone(),
        cells,
    };
    (performance, Value::Object(scales))
}

/// Draws in which measured cells come from their ranges and voted ones from the experts, one voice a draw.
fn with_votes(
    ranges: Option<&Path>,
    votes: Vec<Vote>,
    args: &SelectArgs,
    settings: &Settings,
) -> Result<Read, CalcError> {
    let measured = match ranges {
        Some(file) => points(file)?,
        None => Points {
            alternatives: Vec::new(),
            criteria: Vec::new(),
            raw: Vec::new(),
            blake3: String::new(),
        },
    };
    let voted: BTreeSet<&Criterion> = votes.iter().map(|v| &v.criterion).collect();
    if let Some(both) = measured.criteria.iter().find(|c| voted.contains(c)) {
        return Err(CalcError::argument(
            "--votes",
            format!("`{both}` is in --ranges too; a criterion is measured or voted on, not both"),
        ));
    }
    let mut alternatives: BTreeSet<Industry> = measured.alternatives.iter().cloned().collect();
    if ranges.is_none() {
        alternatives.extend(votes.iter().map(|v| v.alternative.clone()));
    }
    if let Some(vote) = votes
        .iter()
        .find(|v| !alternatives.contains(&v.alternative))
    {
        return Err(CalcError::argument(
            "--votes",
            format!("`{}` is not in --ranges", vote.alternative),
        ));
    }
    let alternatives: Vec<Industry> = alternatives.into_iter().collect();
    let mut criteria: Vec<Criterion> = measured.criteria.clone();
    criteria.extend(voted.into_iter().cloned());
    criteria.sort();
    settings.check(&alternatives, &criteria)?;
    let voted: Vec<Criterion> = (criteria.iter())
        .filter(|c| !measured.criteria.contains(c))
        .cloned()
        .collect();
    let (performance, scales) = scaled(&measured, settings);
    let seed = Seed(args.seed);
    let m = criteria.len();
    let mut measurements = Vec::with_capacity(args.draws * alternatives.len() * m);
    let drawn = performance.draws(args.draws, seed);
    for d in 0..args.draws {
        let panel = drawn_votes(&votes, &alternatives, &voted, seed, d as u64);
        for (i, alternative) in alternatives.iter().enumerate() {
            for criterion in &criteria {
                if let Ok(j) = performance.criteria.binary_search(criterion) {
                    measurements
                        .push(drawn[(d * alternatives.len() + i) * performance.criteria.len() + j]);
                    continue;
                }
                let k = voted.iter().position(|c| c == criterion);
                let value = k.and_then(|k| panel[i][k]).ok_or_else(|| {
                    CalcError::argument(
                        "--votes",
                        format!("nobody voted on `{alternative}` under `{criterion}`"),
                    )
                })?;
                let cost = settings.sense_of(criterion) == Sense::Cost;
                measurements.push(if cost { 1.0 - value } else { value });
            }
        }
    }
    let account = json!({
        "votes": votes.len(), "voted_on": voted.iter().map(Criterion::as_str).collect::<Vec<_>>(),
        "measured_scales": scales, "blake3": [measured.blake3],
    });
    Ok(Read::Samples {
        alternatives,
        criteria,
        measurements,
        draws: args.draws,
        samples: None,
        weights_file: None,
        votes,
        account,
    })
}

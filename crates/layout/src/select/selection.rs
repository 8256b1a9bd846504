//! Selection of the `top` best alternatives, with the probability of each to belong there.
//!
//! The samples come from the ranges of the performance table and of the weights; the indices are those of
//! [`super::smaa()`]. An alternative is *separated* when the whole Monte Carlo range of its top-k
//! acceptability lies above `in_above` (it belongs to the selection) or below `out_below` (it does not). Beside the
//! alternatives one by one stand whole sets ([`super::sets()`]): how often each set of `top` alternatives that the limits
//! allow is the best.

use std::collections::BTreeSet;

use model::{Basis, Criterion, Entity, Estimate, Industry, Message, Quantity, Refusal, Seed};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::limits::SetLimits;
use super::preferences::Said;
use super::sampling::{draw_measurements, unknown};
use super::sets::{Sets, loss, sets};
use super::smaa::{RankInterval, Samples, Smaa, smaa};
use super::weight_region::{infeasible, weight_region};
use super::weights::{Sampler, WeightRange, draw_weights};
use crate::refusal;

/// Scores on a common scale 0..1, larger is better.
#[derive(Debug, Clone, PartialEq)]
pub struct Performance {
    pub alternatives: Vec<Industry>,
    pub criteria: Vec<Criterion>,
    /// `[alternative][criterion]`.
    pub cells: Vec<Vec<Quantity>>,
}

impl Performance {
    /// Measurements as [`select`] draws them, in the order draw, alternative, criterion.
    pub fn draws(&self, draws: usize, seed: Seed) -> Vec<f64> {
        draw_measurements(self, draws, seed)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SelectParams {
    /// How many alternatives are to be chosen.
    pub top: usize,
    /// 9604 draws bring every share within 0.01 (95 %).
    pub draws: usize,
    /// An alternative with a larger share of unknown criteria is not ranked, 0..1.
    pub max_unknown_share: f64,
    /// Criteria without a row here are free in 0..1.
    pub weights: Vec<WeightRange>,
    /// What is said about weights without numbers, or about groups of them.
    pub statements: Vec<Said>,
    /// Which sets of `top` alternatives are allowed; without limits, all.
    pub limits: SetLimits,
    /// Of how many of the most frequent sets the loss is computed.
    pub set_losses: usize,
    /// Top-k acceptability above which an alternative belongs to the selection.
    pub in_above: f64,
    /// Top-k acceptability below which it does not.
    pub out_below: f64,
}

impl Default for SelectParams {
    fn default() -> Self {
        Self {
            top: 6,
            draws: 10_000,
            max_unknown_share: 0.5,
            weights: Vec::new(),
            statements: Vec::new(),
            limits: SetLimits::default(),
            set_losses: 10,
            in_above: 0.8,
            out_below: 0.2,
        }
    }
}

/// What the data say about membership in the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separation {
    In,
    NotSeparated,
    Out,
}

impl Separation {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::In => "separation.in",
            Self::NotSeparated => "separation.not_separated",
            Self::Out => "separation.out",
        }
    }
}

/// The weights that, on average, make an alternative the first.
#[derive(Debug, Clone, PartialEq)]
pub struct CentralWeights {
    pub weights: Vec<(Criterion, Estimate)>,
    /// Draws in which the alternative is first.
    pub support: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub industry: Industry,
    /// `[rank - 1]`, shares of draws.
    pub rank_acceptability: Vec<Estimate>,
    /// Acceptability of a rank within the selection.
    pub top_acceptability: Estimate,
    /// Share of draws in which it is in the best set that the limits allow.
    pub membership: Estimate,
    pub holistic: Estimate,
    pub rank_interval: RankInterval,
    /// Mean utility between its 5 % and 95 % quantiles over the draws: a total score, for those who ask for one.
    pub utility: Estimate,
    pub central_weights: Option<CentralWeights>,
    pub confidence: Option<Estimate>,
    /// Bits.
    pub rank_entropy: Estimate,
    /// Share of draws in which it beats each other candidate.
    pub beats: Vec<(Industry, Estimate)>,
    /// Criteria that are not estimated: drawn from the whole scale.
    pub unknown: Vec<Criterion>,
    pub separation: Separation,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    pub draws: usize,
    pub top: usize,
    /// By top-k acceptability, largest first; equal ones by first-rank acceptability, then by id.
    pub candidates: Vec<Candidate>,
    /// Sets that are the best in some draws, most frequent first.
    pub sets: Vec<BestSet>,
    /// Acceptability of the set of the `top` candidates, where the limits allow it.
    pub chosen_set: BestSet,
    /// Share of draws in which no set is allowed by the limits: 0 or 1.
    pub impossible: Estimate,
    /// Share of draws in which two alternatives share a rank.
    pub tied: Estimate,
    /// How the weights were drawn; given samples have none.
    pub sampler: Option<Sampler>,
    /// Alternatives of which too little is known to rank them.
    pub refused: Vec<(Industry, Refusal)>,
}

/// A whole set, and how often it is the best.
#[derive(Debug, Clone, PartialEq)]
pub struct BestSet {
    /// In the order of their ids.
    pub industries: Vec<Industry>,
    pub acceptability: Estimate,
    /// Mean share of the best set's utility that it misses.
    pub loss: Option<Estimate>,
}

impl Selection {
    /// The `top` candidates with the largest top-k acceptability.
    pub fn chosen(&self) -> impl Iterator<Item = &Industry> {
        self.candidates.iter().take(self.top).map(|c| &c.industry)
    }

    /// Candidates that the data leave between inside and outside.
    pub fn not_separated(&self) -> Vec<Entity> {
        self.candidates
            .iter()
            .filter(|c| c.separation == Separation::NotSeparated)
            .map(|c| c.industry.entity())
            .collect()
    }

    /// "Your data do not separate these", or that they separate all.
    pub fn finding(&self) -> Message {
        let open = self.not_separated();
        if open.is_empty() {
            Message::new("select.all_separated").with("top", self.top)
        } else {
            Message::new("select.not_separated")
                .with("industries", open)
                .with("top", self.top)
        }
    }
}

/// SMAA-2 selection. Refuses tables that are malformed or not scaled, fewer than three alternatives, a
/// selection that leaves nobody out, zero draws, a criterion nobody is measured on, and weight ranges
/// that no weights satisfy.
pub fn select(
    performance: &Performance,
    params: &SelectParams,
    seed: Seed,
) -> Result<Selection, Box<Refusal>> {
    let (table, refused) = prepared(performance, params)?;
    let (bounds, rows) = weight_region(&table.criteria, params)?;
    let (drawn, measured) = rayon::join(
        || draw_weights(&bounds, &rows, params.draws, seed),
        || draw_measurements(&table, params.draws, seed),
    );
    let drawn = drawn.ok_or_else(|| infeasible(&table.criteria, &bounds, &params.weights))?;
    let samples = Samples::new(
        table.alternatives.len(),
        table.criteria.len(),
        measured,
        drawn.weights,
        basis(&table),
    )
    .map_err(|e| {
        refusal("select.malformed", |t| {
            t.with("alternatives", e.alternatives)
                .with("criteria", e.criteria)
        })
    })?;
    let unknown: Vec<Vec<Criterion>> = table
        .cells
        .iter()
        .map(|cells| {
            let positions = unknown(cells).into_iter();
            positions.map(|j| table.criteria[j].clone()).collect()
        })
        .collect();
    let names = Named {
        alternatives: &table.alternatives,
        criteria: &table.criteria,
        unknown: &unknown,
    };
    let mut selection = assessed(&names, &samples, params)?;
    selection.sampler = Some(drawn.sampler);
    selection.refused = refused;
    Ok(selection)
}

/// Alternatives that are set aside, with the reason.
type Refused = Vec<(Industry, Refusal)>;

/// The table in the order of its ids, without alternatives of which too little is known, after every check.
pub(crate) fn prepared(
    performance: &Performance,
    params: &SelectParams,
) -> Result<(Performance, Refused), Box<Refusal>> {
    check_params(params)?;
    let table = sorted(performance)?;
    let (table, refused) = without_the_unknown(table, params);
    check_size(&table, params)?;
    Ok((table, refused))
}

/// Weights drawn as [`select`] draws them: one vector after another, in the order of the ids of the criteria.
pub fn weights(
    criteria: &[Criterion],
    params: &SelectParams,
    seed: Seed,
) -> Result<(Vec<f64>, Sampler), Box<Refusal>> {
    let mut sorted = criteria.to_vec();
    sorted.sort();
    let (bounds, rows) = weight_region(&sorted, params)?;
    draw_weights(&bounds, &rows, params.draws, seed)
        .map(|drawn| (drawn.weights, drawn.sampler))
        .ok_or_else(|| infeasible(&sorted, &bounds, &params.weights))
}

/// The same indices on given samples, whose alternatives and criteria are in the order of `alternatives` and `criteria`.
///
/// Equal utilities at the border of a set are settled by that order. Utilities may be on any scale.
pub fn select_samples(
    alternatives: &[Industry],
    criteria: &[Criterion],
    samples: &Samples,
    params: &SelectParams,
) -> Result<Selection, Box<Refusal>> {
    check_params(params)?;
    let (n, m) = (alternatives.len(), criteria.len());
    if n != samples.alternatives() || m != samples.criteria() {
        return Err(refusal("select.malformed", |t| {
            t.with("alternatives", n).with("criteria", m)
        }));
    }
    check_top(n, params)?;
    let names = Named {
        alternatives,
        criteria,
        unknown: &vec![Vec::new(); n],
    };
    assessed(&names, samples, params)
}

struct Named<'a> {
    alternatives: &'a [Industry],
    criteria: &'a [Criterion],
    unknown: &'a [Vec<Criterion>],
}

fn assessed(
    names: &Named,
    samples: &Samples,
    params: &SelectParams,
) -> Result<Selection, Box<Refusal>> {
    let rule = params.limits.rule(params.top, names.alternatives)?;
    let choose = |u: &[f64]| rule.choose(u);
    let (indices, (found, utilities)) = rayon::join(
        || smaa(samples),
        || {
            (
                sets(samples, &choose, params.set_losses),
                utilities(samples),
            )
        },
    );
    let mut candidates: Vec<Candidate> = (0..names.alternatives.len())
        .map(|i| candidate(names, &indices, &found, utilities[i], i, params))
        .collect();
    candidates.sort_by(|a, b| {
        (b.top_acceptability
            .value
            .total_cmp(&a.top_acceptability.value))
        .then_with(|| {
            let first = |c: &Candidate| c.rank_acceptability[0].value;
            first(b).total_cmp(&first(a))
        })
        .then_with(|| a.industry.cmp(&b.industry))
    });
    let position = |industry: &Industry| names.alternatives.iter().position(|a| a == industry);
    let mut members: Vec<usize> = candidates
        .iter()
        .take(params.top)
        .filter_map(|c| position(&c.industry))
        .collect();
    members.sort_unstable();
    let named = |members: &[usize]| {
        let mut industries: Vec<Industry> = (members.iter())
            .map(|i| names.alternatives[*i].clone())
            .collect();
        industries.sort();
        industries
    };
    Ok(Selection {
        draws: samples.draws(),
        top: params.top,
        candidates,
        chosen_set: BestSet {
            industries: named(&members),
            acceptability: found.acceptability(&members, samples),
            loss: loss(samples, &members, &choose),
        },
        sets: found
            .sets
            .iter()
            .map(|set| BestSet {
                industries: named(&set.members),
                acceptability: set.acceptability,
                loss: set.loss,
            })
            .collect(),
        impossible: found.impossible,
        tied: indices.tied,
        sampler: None,
        refused: Vec::new(),
    })
}

fn check_params(params: &SelectParams) -> Result<(), Box<Refusal>> {
    if params.draws == 0 {
        return Err(refusal("select.no_draws", |m| m));
    }
    let shares = [params.max_unknown_share, params.in_above, params.out_below];
    let ordered = params.out_below <= params.in_above;
    if !ordered || shares.iter().any(|s| !(0.0..=1.0).contains(s)) {
        return Err(refusal("select.bad_thresholds", |m| m));
    }
    Ok(())
}

/// The table with rows and columns in the order of their ids, so that the given order cannot matter.
fn sorted(performance: &Performance) -> Result<Performance, Box<Refusal>> {
    let (n, m) = (performance.alternatives.len(), performance.criteria.len());
    let rows: BTreeSet<&Industry> = performance.alternatives.iter().collect();
    let columns: BTreeSet<&Criterion> = performance.criteria.iter().collect();
    let whole = performance.cells.len() == n && performance.cells.iter().all(|r| r.len() == m);
    if !whole || rows.len() != n || columns.len() != m || m == 0 {
        return Err(refusal("select.malformed", |t| {
            t.with("alternatives", n).with("criteria", m)
        }));
    }
    let mut row_order: Vec<usize> = (0..n).collect();
    row_order.sort_by_key(|i| &performance.alternatives[*i]);
    let mut column_order: Vec<usize> = (0..m).collect();
    column_order.sort_by_key(|j| &performance.criteria[*j]);
    for i in &row_order {
        for j in &column_order {
            let cell = performance.cells[*i][*j].estimate();
            if cell.is_some_and(|e| {
                !(0.0 <= e.low && e.low <= e.value && e.value <= e.high && e.high <= 1.0)
            }) {
                return Err(refusal("select.not_scaled", |t| {
                    t.with("industry", performance.alternatives[*i].entity())
                        .with("criterion", performance.criteria[*j].entity())
                }));
            }
        }
    }
    Ok(Performance {
        alternatives: row_order
            .iter()
            .map(|i| performance.alternatives[*i].clone())
            .collect(),
        criteria: column_order
            .iter()
            .map(|j| performance.criteria[*j].clone())
            .collect(),
        cells: row_order
            .iter()
            .map(|i| {
                column_order
                    .iter()
                    .map(|j| performance.cells[*i][*j].clone())
                    .collect()
            })
            .collect(),
    })
}

fn without_the_unknown(
    table: Performance,
    params: &SelectParams,
) -> (Performance, Vec<(Industry, Refusal)>) {
    let mut kept = Performance {
        alternatives: Vec::new(),
        criteria: table.criteria,
        cells: Vec::new(),
    };
    let mut refused = Vec::new();
    for (industry, cells) in table.alternatives.into_iter().zip(table.cells) {
        let unknown = unknown(&cells);
        if unknown.len() as f64 > params.max_unknown_share * cells.len() as f64 {
            let missing: Vec<Entity> = unknown.iter().map(|j| kept.criteria[*j].entity()).collect();
            let why = refusal("select.too_little_known", |m| {
                m.with("industry", industry.entity())
                    .with("unknown", unknown.len())
                    .with("criteria", cells.len())
                    .with("missing", missing.clone())
            });
            refused.push((industry, *why));
        } else {
            kept.alternatives.push(industry);
            kept.cells.push(cells);
        }
    }
    (kept, refused)
}

fn check_size(table: &Performance, params: &SelectParams) -> Result<(), Box<Refusal>> {
    let n = table.alternatives.len();
    if n < 3 {
        return Err(refusal("select.too_few", |m| m.with("alternatives", n)));
    }
    check_top(n, params)?;
    let unmeasured: Vec<Entity> = (0..table.criteria.len())
        .filter(|j| table.cells.iter().all(|row| row[*j].estimate().is_none()))
        .map(|j| table.criteria[j].entity())
        .collect();
    if !unmeasured.is_empty() {
        return Err(refusal("select.unmeasured_criterion", |m| {
            m.with("criteria", unmeasured.clone())
        }));
    }
    Ok(())
}

fn check_top(n: usize, params: &SelectParams) -> Result<(), Box<Refusal>> {
    if params.top == 0 || params.top >= n {
        return Err(refusal("select.nothing_to_choose", |m| {
            m.with("top", params.top).with("alternatives", n)
        }));
    }
    Ok(())
}

fn basis(table: &Performance) -> Basis {
    let known = table.cells.iter().flatten().filter_map(Quantity::estimate);
    known.fold(Basis::Derived, |weakest, e| weakest.and(e.basis))
}

fn utilities(samples: &Samples) -> Vec<Estimate> {
    let mut all = vec![Vec::with_capacity(samples.draws()); samples.alternatives()];
    for d in 0..samples.draws() {
        for (own, u) in all.iter_mut().zip(samples.utilities(d)) {
            own.push(*u);
        }
    }
    let basis = samples.basis();
    all.into_par_iter()
        .map(|mut own| {
            own.sort_by(f64::total_cmp);
            let k = own.len();
            let at = |p: f64| own[((p * k as f64).ceil().max(1.0) as usize - 1).min(k - 1)];
            let mean = own.iter().sum::<f64>() / k as f64;
            Estimate::spanning(mean, at(0.05), at(0.95), basis.and(basis))
        })
        .collect()
}

fn candidate(
    names: &Named,
    s: &Smaa,
    found: &Sets,
    utility: Estimate,
    i: usize,
    params: &SelectParams,
) -> Candidate {
    let top = s.top_acceptability[i][params.top - 1];
    let separation = if top.low > params.in_above {
        Separation::In
    } else if top.high < params.out_below {
        Separation::Out
    } else {
        Separation::NotSeparated
    };
    Candidate {
        industry: names.alternatives[i].clone(),
        rank_acceptability: s.rank_acceptability[i].clone(),
        top_acceptability: top,
        membership: found.membership[i],
        holistic: s.holistic[i],
        rank_interval: s.rank_interval[i],
        utility,
        central_weights: s.central_weights[i].as_ref().map(|c| CentralWeights {
            weights: (names.criteria.iter().cloned())
                .zip(c.weights.iter().copied())
                .collect(),
            support: c.support,
        }),
        confidence: s.confidence[i],
        rank_entropy: s.rank_entropy[i],
        beats: (0..names.alternatives.len())
            .filter(|k| *k != i)
            .map(|k| (names.alternatives[k].clone(), s.pairwise_winning[i][k]))
            .collect(),
        unknown: names.unknown[i].clone(),
        separation,
    }
}

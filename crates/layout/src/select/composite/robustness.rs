//! How far a ranking depends on what was chosen: method choices, weights and data drawn together (Saisana, Saltelli &
//! Tarantola 2005), one indicator left out, one unit left out.
//!
//! ```text
//! R_S = (1/m) Σ_i |rank_reference(i) - rank(i)|          mean absolute shift of rank
//! ```

use model::{Basis, Estimate, Seed};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::aggregate::Aggregation;
use super::chain::{Composite, CompositeError, Framework, Method, Positive, composite};
use super::impute::Imputation;
use super::normalise::Normalisation;
use super::treat::Treatment;
use crate::interval::{Z95, share};
use crate::select::decision::ranks;
use crate::select::sobol::Input;

/// What may be chosen otherwise. An empty list leaves the method's own choice; lists hold every choice that is to be drawn, the
/// method's own among them if wanted, each with the same chance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choices {
    pub normalisations: Vec<Normalisation>,
    pub aggregations: Vec<Aggregation>,
    pub imputations: Vec<Imputation>,
    /// `treat = true` among them is the method's treatment (or the rule of the JRC), `false` none.
    pub treat: Vec<bool>,
    /// Every weight is multiplied by a uniform number of 1 ± this.
    pub weight_spread: f64,
    /// In each draw one indicator or none is left out, each with the same chance.
    pub leave_out: LeaveOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveOut {
    #[default]
    Nothing,
    OneIndicator,
}

/// A framework with a method and what is uncertain about both, as a function of uniform numbers.
pub struct Uncertain<'a> {
    framework: &'a Framework,
    method: &'a Method,
    choices: &'a Choices,
    seed: Seed,
    leaves: Vec<usize>,
}

/// Where a unit stands over the draws.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRange {
    /// Under the method as given.
    pub reference: Option<usize>,
    /// Of the draws that rank the unit; `None` where none does.
    pub median: Option<usize>,
    pub p05: Option<usize>,
    pub p95: Option<usize>,
    /// Share of draws among the best k.
    pub top: Estimate,
    /// Share of draws that rank the unit.
    pub ranked: Estimate,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Robustness {
    pub draws: usize,
    pub units: Vec<UnitRange>,
    /// Mean of R_S over the draws, with the range of that mean.
    pub mean_shift: Estimate,
    /// 95 % quantile of R_S.
    pub shift_p95: f64,
    /// Draws that gave no index at all (a method that does not exist on these data).
    pub failed: usize,
}

impl<'a> Uncertain<'a> {
    pub fn new(
        framework: &'a Framework,
        method: &'a Method,
        choices: &'a Choices,
        seed: Seed,
    ) -> Self {
        Self {
            framework,
            method,
            choices,
            seed,
            leaves: framework.hierarchy.leaves(),
        }
    }

    /// The uncertain inputs that vary, for [`crate::select::sobol()`].
    pub fn inputs(&self) -> Vec<Input> {
        let c = self.choices;
        let elements = self.framework.hierarchy.elements().len();
        let all = [
            ("data", usize::from(self.framework.table.has_ranges())),
            ("weights", if c.weight_spread > 0.0 { elements } else { 0 }),
            ("normalisation", usize::from(c.normalisations.len() > 1)),
            ("aggregation", usize::from(c.aggregations.len() > 1)),
            ("imputation", usize::from(c.imputations.len() > 1)),
            ("treatment", usize::from(c.treat.len() > 1)),
            (
                "left_out",
                usize::from(c.leave_out == LeaveOut::OneIndicator),
            ),
        ];
        all.into_iter()
            .filter(|(_, width)| *width > 0)
            .map(|(name, width)| Input {
                name: name.to_owned(),
                width,
            })
            .collect()
    }

    /// The score of every unit at these uniform numbers, as many as the inputs ask for.
    pub fn scores(&self, u: &[f64]) -> Result<Vec<Option<f64>>, CompositeError> {
        let mut at = 0;
        let mut part = |name: &str, inputs: &[Input]| -> Vec<f64> {
            let width = inputs
                .iter()
                .find(|i| i.name == name)
                .map_or(0, |i| i.width);
            let found = u.get(at..at + width).unwrap_or_default().to_vec();
            at += width;
            found
        };
        let inputs = self.inputs();
        let data = part("data", &inputs);
        let weights = part("weights", &inputs);
        let mut method = self.method.clone();
        method.positive = Positive::Lifted;
        let c = self.choices;
        if let Some(chosen) = one_of(&c.normalisations, &part("normalisation", &inputs)) {
            method.normalisation = chosen.clone();
        }
        if let Some(chosen) = one_of(&c.aggregations, &part("aggregation", &inputs)) {
            method.aggregation = *chosen;
        }
        if let Some(chosen) = one_of(&c.imputations, &part("imputation", &inputs)) {
            method.imputation = *chosen;
        }
        if let Some(chosen) = one_of(&c.treat, &part("treatment", &inputs)) {
            let own = method.treatment.unwrap_or_default();
            method.treatment = chosen.then_some::<Treatment>(own);
        }
        let mut framework = self.framework.clone();
        if let Some(u) = data.first() {
            framework.table = framework.table.drawn(self.seed, u.to_bits());
        }
        if !weights.is_empty() {
            let elements = framework.hierarchy.elements().iter();
            let moved: Vec<f64> = elements
                .zip(&weights)
                .map(|(e, u)| e.weight * (1.0 + c.weight_spread * (2.0 * u - 1.0)))
                .collect();
            framework.hierarchy = framework.hierarchy.with_weights(&moved);
        }
        if let Some(u) = part("left_out", &inputs).first() {
            let k = (u * (self.leaves.len() + 1) as f64) as usize;
            if let Some(leaf) = self.leaves.get(k)
                && let Some(less) = without_leaf(&framework, *leaf)
            {
                framework = less;
            }
        }
        let made = composite(&framework, &method)?;
        Ok(made.scores[framework.hierarchy.root()].clone())
    }

    /// Ranks over `draws` draws against the method as given; `top`: how many count as the best.
    pub fn robustness(&self, draws: usize, top: usize) -> Result<Robustness, CompositeError> {
        let reference = composite(self.framework, self.method)?;
        let width: usize = self.inputs().iter().map(|i| i.width).sum();
        let drawn: Vec<Option<Vec<Option<usize>>>> = (0..draws)
            .into_par_iter()
            .map(|d| {
                let mut rng = self.seed.stream("composite/draws", d as u64);
                let u: Vec<f64> = (0..width).map(|_| rng.random()).collect();
                self.scores(&u).ok().map(|scores| ranks(&scores))
            })
            .collect();
        let good: Vec<&Vec<Option<usize>>> = drawn.iter().flatten().collect();
        let mut shifts: Vec<f64> = (good.iter())
            .filter_map(|ranks| mean_shift(&reference.ranks, ranks))
            .collect();
        let k = shifts.len().max(1) as f64;
        let mean = shifts.iter().sum::<f64>() / k;
        let squares: f64 = shifts.iter().map(|s| (s - mean).powi(2)).sum();
        let half = Z95 * (squares / (k - 1.0).max(1.0) / k).sqrt();
        shifts.sort_by(f64::total_cmp);
        let last = (0.95 * k).ceil() as usize;
        let units = (0..self.framework.table.units().len())
            .map(|i| unit_range(&reference, &good, i, top))
            .collect();
        Ok(Robustness {
            draws,
            units,
            mean_shift: Estimate::spanning(
                mean,
                (mean - half).max(0.0),
                mean + half,
                Basis::Derived,
            ),
            shift_p95: shifts.get(last.max(1) - 1).copied().unwrap_or(0.0),
            failed: drawn.len() - good.len(),
        })
    }
}

fn unit_range(
    reference: &Composite,
    good: &[&Vec<Option<usize>>],
    i: usize,
    top: usize,
) -> UnitRange {
    let mut own: Vec<usize> = good.iter().filter_map(|ranks| ranks[i]).collect();
    own.sort_unstable();
    let at = |p: f64| {
        let rank = (p * own.len() as f64).ceil().max(1.0) as usize - 1;
        own.get(rank).copied()
    };
    UnitRange {
        reference: reference.ranks[i],
        median: at(0.5),
        p05: at(0.05),
        p95: at(0.95),
        top: share(
            own.iter().filter(|r| **r <= top).count(),
            good.len(),
            Basis::Derived,
        ),
        ranked: share(own.len(), good.len(), Basis::Derived),
    }
}

fn one_of<'t, T>(choices: &'t [T], u: &[f64]) -> Option<&'t T> {
    match (choices, u.first()) {
        ([only], _) => Some(only),
        (choices, Some(u)) => choices.get((u * choices.len() as f64) as usize),
        _ => None,
    }
}

/// R_S over the units that both rank; `None` where there is none.
pub(crate) fn mean_shift(reference: &[Option<usize>], ranks: &[Option<usize>]) -> Option<f64> {
    let shifts: Vec<f64> = reference
        .iter()
        .zip(ranks)
        .filter_map(|(a, b)| Some((*a)?.abs_diff((*b)?) as f64))
        .collect();
    (!shifts.is_empty()).then(|| shifts.iter().sum::<f64>() / shifts.len() as f64)
}

fn without_leaf(framework: &Framework, leaf: usize) -> Option<Framework> {
    let code = &framework.hierarchy.elements()[leaf].code;
    let hierarchy = framework.hierarchy.without(&[leaf])?;
    let j = framework.table.position(code)?;
    if framework.table.indicators().len() < 2 {
        return None;
    }
    let mut less = framework.clone();
    less.hierarchy = hierarchy;
    less.table = framework.table.without(&[j], None);
    let remove = |list: &mut Vec<_>| {
        if j < list.len() {
            list.remove(j);
        }
    };
    remove(&mut less.targets);
    if j < less.senses.len() {
        less.senses.remove(j);
    }
    if j < less.denominate_by.len() {
        less.denominate_by.remove(j);
    }
    Some(less)
}

/// What leaving out one indicator does.
#[derive(Debug, Clone, PartialEq)]
pub struct DropOne {
    pub indicator: model::Criterion,
    /// R_S; `None` where nothing is left.
    pub mean_shift: Option<f64>,
    /// The unit that moves most, and by how many ranks (positive: it falls without the indicator).
    pub most_moved: Option<(usize, i64)>,
    /// Units that leave and enter the best k.
    pub leave: Vec<usize>,
    pub enter: Vec<usize>,
}

/// Every indicator left out in turn.
pub fn drop_one(
    framework: &Framework,
    method: &Method,
    top: usize,
) -> Result<Vec<DropOne>, CompositeError> {
    let reference = composite(framework, method)?.ranks;
    framework
        .hierarchy
        .leaves()
        .into_iter()
        .map(|leaf| {
            let indicator = framework.hierarchy.elements()[leaf].code.clone();
            let Some(less) = without_leaf(framework, leaf) else {
                return Ok(DropOne {
                    indicator,
                    mean_shift: None,
                    most_moved: None,
                    leave: Vec::new(),
                    enter: Vec::new(),
                });
            };
            let now = composite(&less, method)?.ranks;
            let moved = |i: usize| Some(now[i]? as i64 - reference[i]? as i64);
            let within = |rank: Option<usize>| rank.is_some_and(|r| r <= top);
            let changed = |from: &[Option<usize>], to: &[Option<usize>]| -> Vec<usize> {
                (0..from.len())
                    .filter(|i| within(from[*i]) && !within(to[*i]))
                    .collect()
            };
            let most_moved = (0..now.len())
                .filter_map(|i| Some((i, moved(i)?)))
                .reduce(|a, b| if b.1.abs() > a.1.abs() { b } else { a });
            Ok(DropOne {
                indicator,
                mean_shift: mean_shift(&reference, &now),
                most_moved,
                leave: changed(&reference, &now),
                enter: changed(&now, &reference),
            })
        })
        .collect()
}

/// Pairs of units whose order turns round when a third one is left out: (left out, was better, was worse).
pub fn leave_one_out(
    framework: &Framework,
    method: &Method,
) -> Result<Vec<(usize, usize, usize)>, CompositeError> {
    let whole = composite(framework, method)?;
    let root = framework.hierarchy.root();
    let before = &whole.scores[root];
    let n = before.len();
    let mut found = Vec::new();
    for out in 0..n {
        if n < 3 {
            break;
        }
        let mut less = framework.clone();
        less.table = framework.table.without(&[], Some(out));
        less.denominators = (framework.denominators.as_ref()).map(|d| d.without(&[], Some(out)));
        if out < less.groups.len() {
            less.groups.remove(out);
        }
        let mut after = composite(&less, method)?.scores[root].clone();
        after.insert(out, None);
        for a in 0..n {
            for b in 0..n {
                let gap = |s: &[Option<f64>]| Some(s[a]? - s[b]?);
                if let (Some(x), Some(y)) = (gap(before), gap(&after))
                    && x > 1e-9
                    && y < -1e-9
                {
                    found.push((out, a, b));
                }
            }
        }
    }
    Ok(found)
}

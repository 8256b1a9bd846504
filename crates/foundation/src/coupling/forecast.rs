//! Scores of what a location may have next, from the past alone.
//!
//! At the origin y with horizon h, for location c and activity a' of layer 2:
//!
//! ```text
//! assist           Σ_a M¹_ca(y) B_aa'(y - h → y)                 Pugliese et al. (2019)
//! density          Σ_b M²_cb φ_ba' / Σ_b φ_ba' in y              Hidalgo et al. (2007)
//! cross-density    Σ_a M¹_ca(y) φ_aa' / Σ_a φ_aa', φ between layer 1 in y - h and layer 2 in y   Catalán et al. (2020)
//! autocorrelation  RCA²_ca'(y): what is nearly there comes next. A baseline
//! margins          d²_c(y) u²_a'(y): who has much gets what is common. A baseline
//! combined         mean of the ranks of autocorrelation and density among the judged cells (experimental)
//! random           a number from the seed
//! ```
//!
//! Assist scores are sums over what the location has, so they grow with its diversity: without the margins as a
//! baseline, size would pass for foresight.
//!
//! [`Past`] holds no year after the origin, and every score is a function of it alone.

use std::collections::BTreeSet;

use model::{Seed, Year};
use rand::RngExt;

use super::assist::assist;
use super::cross_space::{cross_density, cross_proximity};
use crate::activity::{ActivityPanel, ActivityTable};
use crate::complexity::advantage::rca;
use crate::complexity::presence_rule::{self, Rule};
use crate::presence::Presence;
use crate::relatedness::density::density;
use crate::relatedness::proximity::{Diagonal, Measure, Phi};

/// Who forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Score {
    Assist,
    Density,
    CrossDensity,
    Combined,
    Autocorrelation,
    Margins,
    Random,
}

impl Score {
    pub const ALL: [Self; 7] = [
        Self::Assist,
        Self::Density,
        Self::CrossDensity,
        Self::Combined,
        Self::Autocorrelation,
        Self::Margins,
        Self::Random,
    ];

    /// What a forecast must beat, each of them.
    pub const BASELINES: [Self; 2] = [Self::Autocorrelation, Self::Margins];

    pub fn code(self) -> &'static str {
        match self {
            Self::Assist => "score.assist",
            Self::Density => "score.density",
            Self::CrossDensity => "score.cross_density",
            Self::Combined => "score.combined",
            Self::Autocorrelation => "score.autocorrelation",
            Self::Margins => "score.margins",
            Self::Random => "score.random",
        }
    }
}

/// What is forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// Presence at y + h of what has an RCA below `absent_below` at y.
    Activation { absent_below: f64 },
    /// Presence at y + h of everything.
    Presence,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// h, years.
    pub horizon: i32,
    pub target: Target,
    /// Who has an activity.
    pub rule: Rule,
    /// Smallest total (in the units of the table) of a location in layer 1 and 2: the RCA of a handful of patents is noise.
    pub minimum_total: f64,
    pub seed: Seed,
}

impl Default for Params {
    /// 5 years ahead, activation from RCA below 1, RCA ≥ 1, a total of 100.
    fn default() -> Self {
        Self {
            horizon: 5,
            target: Target::Activation { absent_below: 1.0 },
            rule: Rule::default(),
            minimum_total: 100.0,
            seed: Seed(1),
        }
    }
}

/// Both layers up to the origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    origin: Year,
    from: ActivityPanel,
    to: ActivityPanel,
}

impl Past {
    /// Nothing after `origin` is kept.
    pub fn until(from: &ActivityPanel, to: &ActivityPanel, origin: Year) -> Self {
        let cut = |panel: &ActivityPanel| ActivityPanel {
            years: panel
                .years
                .range(..=origin)
                .map(|(y, t)| (*y, t.clone()))
                .collect(),
        };
        Self {
            origin,
            from: cut(from),
            to: cut(to),
        }
    }

    pub fn origin(&self) -> Year {
        self.origin
    }
}

/// Scores of the cells that are forecast at one origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    pub origin: Year,
    pub locations: Vec<String>,
    /// Of layer 2.
    pub activities: Vec<String>,
    /// (location, activity), ascending.
    pub cells: Vec<(usize, usize)>,
    /// Scores of the cells, in the order of [`Score::ALL`].
    pub scores: Vec<Vec<f64>>,
}

/// Forecasts from the past; `None` where it lacks layer 1 at y - h or y, or layer 2 at y, or no location is large enough.
pub fn forecast(past: &Past, params: &Params) -> Option<Forecast> {
    let year = past.origin;
    let earlier = past.from.years.get(&Year(year.0 - params.horizon))?;
    let now = past.from.years.get(&year)?;
    let target = past.to.years.get(&year)?;
    let large = |table: &ActivityTable| -> BTreeSet<String> {
        let totals = table.location_totals();
        let all = table.locations().iter().zip(totals);
        all.filter(|(_, total)| *total >= params.minimum_total && *total > 0.0)
            .map(|(label, _)| label.clone())
            .collect()
    };
    // Who is judged: large in both layers now. Who teaches the lagged links: large in layer 1 then and layer 2 now.
    let judged: Vec<String> = large(now).intersection(&large(target)).cloned().collect();
    let teachers: Vec<String> = large(earlier)
        .intersection(&large(target))
        .cloned()
        .collect();
    if judged.is_empty() || teachers.is_empty() {
        return None;
    }
    let rule = &params.rule;
    let (first, second) = (
        presence_of(earlier, &teachers, rule),
        presence_of(target, &teachers, rule),
    );
    let held = presence_of(now, &judged, rule);
    let present = presence_of(target, &judged, rule);
    let advantage = cells_of(target, &judged);
    let width = target.activities().len();
    let links = assist(&aligned(&first, earlier, now), &second);
    let cross = cross_density(
        &held,
        &cross_proximity(&aligned(&first, earlier, now), &second),
    );
    let phi = Phi::of_presence(&present, Measure::MinConditional, Diagonal::Zero);
    let near = density(&present, &phi);
    let cells: Vec<(usize, usize)> = (0..judged.len())
        .flat_map(|l| (0..width).map(move |a| (l, a)))
        .filter(|(l, a)| {
            let value = advantage[l * width + a];
            match params.target {
                Target::Activation { absent_below } => value < absent_below,
                Target::Presence => !value.is_nan(),
            }
        })
        .collect();
    // An activity that is near to nothing has no density: it stands last.
    let known = |value: f64| if value.is_nan() { 0.0 } else { value };
    let score = |f: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        cells.iter().map(|(l, a)| known(f(*l, *a))).collect()
    };
    let assisted = score(&|l, a| held.activities_of(l).map(|b| links.get(b, a)).sum());
    let dense = score(&|l, a| near[l * width + a]);
    let crossed = score(&|l, a| cross.get(l, a));
    let own = score(&|l, a| advantage[l * width + a]);
    let (diversity, ubiquity) = (present.diversity(), present.ubiquity());
    let margins = score(&|l, a| f64::from(diversity[l]) * f64::from(ubiquity[a]));
    let combined: Vec<f64> = ranks(&own)
        .iter()
        .zip(ranks(&dense))
        .map(|(a, b)| a + b)
        .collect();
    let mut stream = params.seed.stream("coupling.random_score", year.0 as u64);
    let random = cells.iter().map(|_| stream.random::<f64>()).collect();
    Some(Forecast {
        origin: year,
        scores: vec![assisted, dense, crossed, combined, own, margins, random],
        cells,
        activities: target.activities().to_vec(),
        locations: judged,
    })
}

/// RCA of these locations, against everybody.
pub(super) fn cells_of(table: &ActivityTable, locations: &[String]) -> Vec<f64> {
    let all = rca(table);
    let width = table.activities().len();
    locations
        .iter()
        .flat_map(|label| match table.locations().binary_search(label) {
            Ok(l) => all[l * width..(l + 1) * width].to_vec(),
            Err(_) => vec![f64::NAN; width],
        })
        .collect()
}

fn presence_of(table: &ActivityTable, locations: &[String], rule: &Rule) -> Presence {
    presence_rule::presence(&cells_of(table, locations), table.activities().len(), rule)
}

/// Columns of `m` in the order of the activities of `wanted`; one that `m` lacks is empty.
fn aligned(m: &Presence, of: &ActivityTable, wanted: &ActivityTable) -> Presence {
    let place: Vec<Option<usize>> = wanted
        .activities()
        .iter()
        .map(|a| of.activities().binary_search(a).ok())
        .collect();
    Presence::from_fn(m.locations(), place.len(), |l, a| {
        place[a].is_some_and(|column| m.get(l, column))
    })
}

/// Rank of every value, 1 the smallest, equal values at their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && values[order[end]] <= values[order[start]] {
            end += 1;
        }
        for i in &order[start..end] {
            ranks[*i] = (start + end + 1) as f64 / 2.0;
        }
        start = end;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(ranks(&[0.5, 0.1, 0.5, 0.9]), [2.5, 1.0, 2.5, 4.0]);
    }
}

//! Do forecasts beat "what is nearly there comes next"? Rolling origins, intervals, a verdict.
//!
//! At every origin y the [scores](super::forecast) are computed from the past and judged on what is present at
//! y + h by the [metrics](super::scores). A metric is computed for each origin and averaged over the origins,
//! because scores of different years share no scale.
//!
//! **Intervals.** A bootstrap that draws locations with all their cells and years, and origins, both with replacement
//! (clusters both ways; Cameron, Gelbach and Miller, 2011, from memory): the cells of one location, and a location in neighbouring years,
//! are not independent. Differences from a baseline are paired: the same draw for both.
//!
//! **Verdict.** A score *beats the baseline* only where the interval of the paired difference lies above 0 for **each** of the
//! [baselines](Score::BASELINES): autocorrelation, and the margins of the presence matrix. Everything else is *descriptive only*: it may say what is near, it must not be sold as a forecast.
//!
//! Locations whose outcome is unknown are left out and counted. Origins closer than h share outcomes; drawing them with
//! replacement does not undo that, so with few origins the intervals are rather too narrow.

use std::collections::BTreeMap;

use model::{Message, Quantity, Seed, Year};
use rand::RngExt;
use rayon::prelude::*;

use super::error::{CouplingError, check, check_level, refused};
use super::forecast::{self, Forecast, Past, Score, cells_of};
use super::quantile::percentile_range;
use super::scores::{Metric, Ranking};
use crate::activity::ActivityPanel;

const METRICS: usize = Metric::ALL.len();
const SCORES: usize = Score::ALL.len();

#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    pub forecast: forecast::Params,
    /// Origins; empty: every year that the panels allow.
    pub origins: Vec<Year>,
    /// k of precision@k and recall@k, among all cells of an origin.
    pub k: usize,
    /// k of NDCG@k, within each location.
    pub k_location: usize,
    /// Replicates of the bootstrap.
    pub replicates: usize,
    /// Coverage of the intervals.
    pub level: f64,
    pub seed: Seed,
    pub minimum_origins: usize,
    pub minimum_locations: usize,
    /// Cells that came true, over all origins.
    pub minimum_hits: usize,
}

impl Default for Params {
    /// k = 50 cells and 5 within a location, 1,000 replicates, 95 %; at least 3 origins, 10 locations and 50 hits.
    fn default() -> Self {
        Self {
            forecast: forecast::Params::default(),
            origins: Vec::new(),
            k: 50,
            k_location: 5,
            replicates: 1000,
            level: 0.95,
            seed: Seed(1),
            minimum_origins: 3,
            minimum_locations: 10,
            minimum_hits: 50,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    BeatsBaseline,
    DescriptiveOnly,
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Self::BeatsBaseline => "verdict.beats_baseline",
            Self::DescriptiveOnly => "verdict.descriptive_only",
        }
    }
}

/// One score by one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub score: Score,
    pub metric: Metric,
    pub value: Quantity,
    /// Value minus that of every other baseline, paired.
    pub differences: Vec<(Score, Quantity)>,
    /// `None` for a baseline itself.
    pub verdict: Option<Verdict>,
}

/// One origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OriginSize {
    pub origin: Year,
    pub locations: usize,
    /// Judged cells.
    pub cells: usize,
    /// Of these, present at y + h.
    pub hits: usize,
    /// Cells whose outcome is unknown, left out.
    pub unknown: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub origins: Vec<OriginSize>,
    /// Locations judged at any origin.
    pub locations: usize,
    /// By metric, then by score.
    pub lines: Vec<Line>,
}

impl Report {
    pub fn line(&self, score: Score, metric: Metric) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| (line.score, line.metric) == (score, metric))
    }

    /// The verdict by average precision, which does not reward the many easy misses.
    pub fn verdict(&self, score: Score) -> Option<Verdict> {
        self.line(score, Metric::AveragePrecision)?.verdict
    }
}

/// Judged cells of one origin.
struct Judged {
    /// Place of every cell's location among all locations.
    places: Vec<usize>,
    /// For every score: all cells, and the locations with a hit.
    rankings: Vec<(Ranking, Vec<OfLocation>)>,
}

/// Metrics within one location.
struct OfLocation {
    place: usize,
    average_precision: f64,
    ndcg: f64,
}

/// The rolling-origin backtest of forecasts from layer 1 to layer 2; give one panel twice for links within a layer.
///
/// # Errors
/// `Parameter` for a level outside (0, 1), a horizon below 1 or no replicates; `Refused` (`coupling.backtest_too_small`) with too
/// few origins, locations or hits.
pub fn backtest(
    from: &ActivityPanel,
    to: &ActivityPanel,
    params: &Params,
) -> Result<Report, CouplingError> {
    let horizon = params.forecast.horizon;
    check_level("level", params.level)?;
    check(
        "horizon",
        f64::from(horizon),
        horizon >= 1,
        "at least 1 year",
    )?;
    check(
        "replicates",
        params.replicates as f64,
        params.replicates >= 1,
        "at least 1",
    )?;
    check(
        "k",
        params.k.min(params.k_location) as f64,
        params.k.min(params.k_location) >= 1,
        "at least 1",
    )?;
    let wanted = |year: &Year| params.origins.is_empty() || params.origins.contains(year);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut sizes = Vec::new();
    let mut seen: Vec<(Forecast, Vec<bool>)> = Vec::new();
    for origin in to.years.keys().filter(|year| wanted(year)) {
        let Some(outcome) = to.years.get(&Year(origin.0 + horizon)) else {
            continue;
        };
        let past = Past::until(from, to, *origin);
        let Some(found) = forecast::forecast(&past, &params.forecast) else {
            continue;
        };
        let advantage = cells_of(outcome, &found.locations);
        let width = outcome.activities().len();
        let place: Vec<Option<usize>> = found
            .activities
            .iter()
            .map(|a| outcome.activities().binary_search(a).ok())
            .collect();
        // An activity that nobody has any more is absent, not unknown.
        let outcome_of = |(l, a): &(usize, usize)| match place[*a] {
            Some(column) => params.forecast.rule.has(advantage[l * width + column]),
            None => Some(false),
        };
        let outcomes: Vec<Option<bool>> = found.cells.iter().map(outcome_of).collect();
        let known: Vec<usize> = (0..outcomes.len())
            .filter(|i| outcomes[*i].is_some())
            .collect();
        let hits: Vec<bool> = known.iter().map(|i| outcomes[*i] == Some(true)).collect();
        sizes.push(OriginSize {
            origin: *origin,
            locations: found.locations.len(),
            cells: known.len(),
            hits: hits.iter().filter(|h| **h).count(),
            unknown: outcomes.len() - known.len(),
        });
        for label in &found.locations {
            names.insert(label.clone(), 0);
        }
        let pick = |values: &Vec<f64>| known.iter().map(|i| values[*i]).collect();
        seen.push((
            Forecast {
                scores: found.scores.iter().map(pick).collect(),
                cells: known.iter().map(|i| found.cells[*i]).collect(),
                ..found
            },
            hits,
        ));
    }
    let hits: usize = sizes.iter().map(|s| s.hits).sum();
    let enough = sizes.len() >= params.minimum_origins.max(1)
        && names.len() >= params.minimum_locations.max(2)
        && hits >= params.minimum_hits.max(1);
    if !enough {
        return Err(refused("coupling.backtest_too_small", |text| {
            text.with("origins", sizes.len())
                .with("locations", names.len())
                .with("hits", hits)
                .with("minimum_origins", params.minimum_origins.max(1))
                .with("minimum_locations", params.minimum_locations.max(2))
                .with("minimum_hits", params.minimum_hits.max(1))
        }));
    }
    for (place, (_, value)) in names.iter_mut().enumerate() {
        *value = place;
    }
    let judged: Vec<Judged> = seen
        .iter()
        .map(|(forecast, hits)| judge(forecast, hits, &names, params.k_location))
        .collect();
    Ok(Report {
        lines: lines(&judged, names.len(), params),
        locations: names.len(),
        origins: sizes,
    })
}

fn judge(
    forecast: &Forecast,
    hits: &[bool],
    names: &BTreeMap<String, usize>,
    k_location: usize,
) -> Judged {
    let places: Vec<usize> = forecast
        .cells
        .iter()
        .map(|(l, _)| names[&forecast.locations[*l]])
        .collect();
    let ranking = |scores: &[f64], hits: &[bool]| {
        Ranking::new(scores, hits).expect("invariant: one number for every judged cell")
    };
    let rankings = forecast
        .scores
        .iter()
        .map(|scores| {
            // Cells are sorted by location.
            let mut each = Vec::new();
            let mut start = 0;
            while start < places.len() {
                let length = places[start..]
                    .iter()
                    .take_while(|p| **p == places[start])
                    .count();
                let part = start..start + length;
                let own = ranking(&scores[part.clone()], &hits[part]);
                if let (Some(ap), Some(ndcg)) =
                    (own.metrics(1).average_precision, own.ndcg(k_location))
                {
                    each.push(OfLocation {
                        place: places[start],
                        average_precision: ap,
                        ndcg,
                    });
                }
                start += length;
            }
            (ranking(scores, hits), each)
        })
        .collect();
    Judged { places, rankings }
}

/// Every metric of every score, averaged over origins, with weights of locations and origins; `NaN` where not defined.
fn evaluate(
    judged: &[Judged],
    locations: &[f64],
    origins: &[f64],
    k: usize,
) -> [[f64; METRICS]; SCORES] {
    let mut means = [[f64::NAN; METRICS]; SCORES];
    for (s, row) in means.iter_mut().enumerate() {
        let mut sums = [0.0; METRICS];
        let mut weights = [0.0; METRICS];
        for (one, weight) in judged.iter().zip(origins).filter(|(_, w)| **w > 0.0) {
            let (ranking, each) = &one.rankings[s];
            let list = ranking.weighted(k, |i| locations[one.places[i]]);
            let over_locations = |pick: fn(&OfLocation) -> f64| {
                let all: f64 = each.iter().map(|e| locations[e.place]).sum();
                let sum: f64 = each.iter().map(|e| locations[e.place] * pick(e)).sum();
                (all > 0.0).then(|| sum / all)
            };
            for (m, metric) in Metric::ALL.iter().enumerate() {
                let value = match metric {
                    Metric::AveragePrecision => list.average_precision,
                    Metric::RocAuc => list.roc_auc,
                    Metric::PrecisionAtK => list.precision_at_k,
                    Metric::RecallAtK => list.recall_at_k,
                    Metric::MeanAveragePrecision => over_locations(|e| e.average_precision),
                    Metric::NdcgAtK => over_locations(|e| e.ndcg),
                    Metric::BestF1 => list.best_f1,
                    Metric::Mcc => list.mcc,
                };
                if let Some(value) = value {
                    sums[m] += weight * value;
                    weights[m] += weight;
                }
            }
        }
        for m in 0..METRICS {
            if weights[m] > 0.0 {
                row[m] = sums[m] / weights[m];
            }
        }
    }
    means
}

fn lines(judged: &[Judged], locations: usize, params: &Params) -> Vec<Line> {
    let value = evaluate(
        judged,
        &vec![1.0; locations],
        &vec![1.0; judged.len()],
        params.k,
    );
    let draws: Vec<[[f64; METRICS]; SCORES]> = (0..params.replicates)
        .into_par_iter()
        .map(|r| {
            let mut stream = params.seed.stream("coupling.backtest", r as u64);
            let mut draw = |n: usize| {
                let mut counts = vec![0.0; n];
                for _ in 0..n {
                    counts[stream.random_range(0..n)] += 1.0;
                }
                counts
            };
            let (by_location, by_origin) = (draw(locations), draw(judged.len()));
            evaluate(judged, &by_location, &by_origin, params.k)
        })
        .collect();
    let quantity = |value: f64, drawn: &dyn Fn(&[[f64; METRICS]; SCORES]) -> f64| {
        if value.is_nan() {
            return Quantity::not_estimated(Message::new("coupling.metric_undefined"));
        }
        let replicates: Vec<f64> = draws.iter().map(drawn).collect();
        percentile_range(value, &replicates, params.level).into()
    };
    let mut lines = Vec::new();
    for (m, metric) in Metric::ALL.into_iter().enumerate() {
        for (s, score) in Score::ALL.into_iter().enumerate() {
            let differences: Vec<(Score, Quantity)> = Score::ALL
                .into_iter()
                .enumerate()
                .filter(|(b, other)| *b != s && Score::BASELINES.contains(other))
                .map(|(b, other)| {
                    let gap = value[s][m] - value[b][m];
                    (other, quantity(gap, &|d| d[s][m] - d[b][m]))
                })
                .collect();
            let above = |(_, gap): &(Score, Quantity)| gap.estimate().is_some_and(|e| e.low > 0.0);
            let verdict = (!Score::BASELINES.contains(&score)).then(|| {
                if differences.iter().all(above) {
                    Verdict::BeatsBaseline
                } else {
                    Verdict::DescriptiveOnly
                }
            });
            lines.push(Line {
                score,
                metric,
                value: quantity(value[s][m], &|d| d[s][m]),
                differences,
                verdict,
            });
        }
    }
    lines
}

//! Coupling index of a location and field: how well two or three subsystems stand together, and how many validated
//! links it holds on both ends.
//!
//! **Coupling coordination degree**, the standard of the Chinese literature, of subsystem scores U_i in 0..1 (science,
//! technology, industry) with weights α_i, Σ α_i = 1:
//!
//! ```text
//! C = n (Π U_i)^(1/n) / Σ U_i        coupling degree, 0..1: 1 where all are equal, whatever their level
//! T = Σ α_i U_i                      comprehensive level
//! D = √(C T)                         ten grades of 0.1, from 1 (extreme imbalance) to 10 (quality coordination)
//! ```
//!
//! (Liao, 1999; corrected form of C: Wang, Kong, Ren et al., 2021, Journal of Natural Resources 36(3); both cited from memory.)
//!
//! Known flaws, stated with every use: with equal weights C T = (Π U_i)^(1/n), so D is the root of the geometric mean
//! and C adds nothing; scores normalised over the sample make D relative to whoever else is in it; two empty
//! subsystems are as "coupled" as two full ones; the grades are convention. A widespread variant without the factor
//! n gives C ≤ 1/2 for n = 2. D is a summary, no test: hence beside it
//!
//! ```text
//! κ = #{(a, a') validated : M¹_ha = M²_ha' = 1} / #{(a, a') validated}          assist-based coupling of location h
//! expected κ = mean over the same links of p¹_ha p²_ha'                          under the null model of both layers
//! ```
//!
//! over the [validated](super::validation) links that leave the technologies of a field. κ is experimental (Forelay's
//! own). Its range is a bootstrap over the technologies that the links leave, because links of one
//! technology stand and fall together; where none or all are held, the exact binomial bound (Clopper and Pearson, 1934)
//! with a technology as a trial.

use model::{Basis, Estimate, Message, Quantity, Seed, Year};
use rand::RngExt;

use super::error::{CouplingError, check, check_level, refused};
use super::layers::Matched;
use super::quantile::percentile_range;
use super::slope::theil_sen_range;
use super::validation::{self, Links, models};

/// Scores of one location and field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordination {
    /// C.
    pub coupling: Estimate,
    /// T.
    pub level: Estimate,
    /// D.
    pub coordination: Estimate,
    /// Lowest and highest grade (1 to 10) over the range of D.
    pub grades: (u8, u8),
}

/// D of two or three subsystem scores in 0..1 with weights that add up to 1.
///
/// Ranges are outer bounds: D² = n G · (Σ α U / Σ U), the geometric mean G rises in every U, and the quotient, a mean of
/// the weights, is extreme in a corner of the ranges. The range of C is exact. All scores at 0 have no C; the answer is then "not estimated".
///
/// # Errors
/// `Parameter` for another number of scores, a score outside 0..1 or weights that do not add up to 1.
pub fn coordination(
    scores: &[Estimate],
    weights: &[f64],
) -> Result<Option<Coordination>, CouplingError> {
    let n = scores.len();
    check("subsystems", n as f64, n == 2 || n == 3, "2 or 3")?;
    check(
        "weights",
        weights.len() as f64,
        weights.len() == n,
        "one for each subsystem",
    )?;
    for s in scores {
        check("score", s.low, s.low >= 0.0, "0 to 1")?;
        check("score", s.high, s.high <= 1.0, "0 to 1")?;
    }
    let sum: f64 = weights.iter().sum();
    check(
        "weights",
        sum,
        (sum - 1.0).abs() < 1e-9 && weights.iter().all(|w| *w >= 0.0),
        "a sum of 1, none below 0",
    )?;
    if scores.iter().map(|s| s.value).sum::<f64>() <= 0.0 {
        return Ok(None);
    }
    let geometric = |pick: fn(&Estimate) -> f64| {
        scores
            .iter()
            .map(pick)
            .product::<f64>()
            .powf(1.0 / n as f64)
    };
    let value: Vec<f64> = scores.iter().map(|s| s.value).collect();
    let basis = scores
        .iter()
        .map(|s| s.basis)
        .fold(Basis::Derived, Basis::and);
    let total = |u: &[f64]| u.iter().sum::<f64>();
    let weighted = |u: &[f64]| u.iter().zip(weights).map(|(u, w)| u * w).sum::<f64>();
    // ln C is concave in ln U: its least value lies in a corner, its largest where the scores are as equal as they can be.
    let corners: Vec<Vec<f64>> = (0..1 << n)
        .map(|bits: usize| {
            let end = |i: usize| {
                if bits >> i & 1 == 1 {
                    scores[i].high
                } else {
                    scores[i].low
                }
            };
            (0..n).map(end).collect::<Vec<f64>>()
        })
        .filter(|u| total(u) > 0.0)
        .collect();
    let c = |u: &[f64]| n as f64 * u.iter().product::<f64>().powf(1.0 / n as f64) / total(u);
    let range = |f: &dyn Fn(&[f64]) -> f64| {
        let all = corners.iter().map(|u| f(u));
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    };
    let (c_low, c_high) = (range(&c).0, c(&nearest_to_equal(scores)));
    let (q_low, q_high) = range(&|u| weighted(u) / total(u));
    let d = |g: f64, quotient: f64| (n as f64 * g * quotient).sqrt().min(1.0);
    let coordination = Estimate::spanning(
        (c(&value) * weighted(&value)).sqrt().min(1.0),
        d(geometric(|s| s.low), q_low),
        d(geometric(|s| s.high), q_high),
        basis,
    );
    let level = |pick: fn(&Estimate) -> f64| weighted(&scores.iter().map(pick).collect::<Vec<_>>());
    Ok(Some(Coordination {
        coupling: Estimate::spanning(
            c(&value).min(1.0),
            c_low.clamp(0.0, 1.0),
            c_high.clamp(0.0, 1.0),
            basis,
        ),
        level: Estimate::spanning(
            level(|s| s.value),
            level(|s| s.low),
            level(|s| s.high),
            basis,
        ),
        grades: (grade(coordination.low), grade(coordination.high)),
        coordination,
    }))
}

/// Scores within their ranges with the largest C: every one as near as it can be to their common mean.
fn nearest_to_equal(scores: &[Estimate]) -> Vec<f64> {
    let at = |t: f64| scores.iter().map(move |s| t.clamp(s.low, s.high));
    // The mean of the clamped scores minus t falls in t.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let t = f64::midpoint(low, high);
        if at(t).sum::<f64>() / scores.len() as f64 > t {
            low = t;
        } else {
            high = t;
        }
    }
    at(high).collect()
}

/// 1 (extreme imbalance) to 10 (quality coordination); catalogue code `grade.coordination.<n>`.
pub fn grade(coordination: f64) -> u8 {
    ((coordination * 10.0).floor() as u8 + 1).clamp(1, 10)
}

/// Technologies of layer 1 that make a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub label: String,
    /// Positions in layer 1.
    pub technologies: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Replicates of the bootstrap.
    pub replicates: usize,
    /// Coverage of the ranges.
    pub level: f64,
    pub seed: Seed,
    /// Technologies with a validated link that a field needs for a range.
    pub minimum_sources: usize,
}

impl Default for Params {
    /// 500 replicates, 90 %, at least 3 technologies.
    fn default() -> Self {
        Self {
            replicates: 500,
            level: 0.9,
            seed: Seed(1),
            minimum_sources: 3,
        }
    }
}

/// κ of one location and field.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupling {
    pub location: String,
    pub field: String,
    /// Validated links that leave the field.
    pub links: usize,
    /// Of these, held on both ends.
    pub held: usize,
    pub share: Quantity,
    /// Mean share under the null model.
    pub expected: f64,
}

/// κ of every location and field. `links` are the validated links of `pair`.
///
/// # Errors
/// `Parameter` for a level outside (0, 1); `Refused` (`coupling.no_links`) where no link is significant; those of
/// [`validation::validate`] for the null models.
pub fn coupling(
    pair: &Matched,
    links: &Links,
    fields: &[Field],
    null: &validation::Params,
    params: &Params,
) -> Result<Vec<Coupling>, CouplingError> {
    check_level("level", params.level)?;
    let all = links.pairs();
    if all.is_empty() {
        return Err(refused("coupling.no_links", |text| {
            text.with("tests", links.tests)
        }));
    }
    let models = models(pair, null)?;
    let (from, to) = (pair.from.presence(), pair.to.presence());
    let mut found = Vec::new();
    for (h, location) in pair.locations().iter().enumerate() {
        for field in fields {
            // (links, of these held) of every technology of the field with a validated link.
            let mut sources: Vec<(usize, usize)> = Vec::new();
            let mut expected = 0.0;
            for a in &field.technologies {
                let ends: Vec<usize> = all
                    .iter()
                    .filter(|(f, _)| f == a)
                    .map(|(_, t)| *t)
                    .collect();
                if ends.is_empty() {
                    continue;
                }
                let held = ends
                    .iter()
                    .filter(|b| from.get(h, *a) && to.get(h, **b))
                    .count();
                expected += ends
                    .iter()
                    .map(|b| models.0.probability(h, *a) * models.1.probability(h, *b))
                    .sum::<f64>();
                sources.push((ends.len(), held));
            }
            let total: usize = sources.iter().map(|s| s.0).sum();
            found.push(Coupling {
                location: location.clone(),
                field: field.label.clone(),
                links: total,
                held: sources.iter().map(|s| s.1).sum(),
                share: share(&sources, &format!("{location}/{}", field.label), params),
                expected: if total == 0 {
                    0.0
                } else {
                    expected / total as f64
                },
            });
        }
    }
    Ok(found)
}

fn share(sources: &[(usize, usize)], label: &str, params: &Params) -> Quantity {
    let ratio = |picked: &mut dyn Iterator<Item = &(usize, usize)>| {
        let (all, held) = picked.fold((0, 0), |(a, h), s| (a + s.0, h + s.1));
        held as f64 / all as f64
    };
    if sources.len() < params.minimum_sources.max(1) {
        return Quantity::not_estimated(
            Message::new("coupling.few_sources")
                .with("found", sources.len())
                .with("needed", params.minimum_sources.max(1)),
        );
    }
    let replicates: Vec<f64> = (0..params.replicates)
        .map(|r| {
            let mut stream = params
                .seed
                .stream(&format!("coupling.index/{label}"), r as u64);
            let n = sources.len();
            ratio(&mut (0..n).map(|_| &sources[stream.random_range(0..n)]))
        })
        .collect();
    let value = ratio(&mut sources.iter());
    let range = percentile_range(value, &replicates, params.level);
    // Nothing or everything held: all replicates are equal and would pretend certainty. Exact binomial bound, a technology a trial.
    let bound = ((1.0 - params.level) / 2.0).powf(1.0 / sources.len() as f64);
    let (low, high) = if value <= 0.0 {
        (0.0, 1.0 - bound)
    } else if value >= 1.0 {
        (bound, 1.0)
    } else {
        (range.low, range.high)
    };
    Estimate::spanning(value, low, high, Basis::Derived).into()
}

/// Yearly change of an index: Theil–Sen slope with its 95 % range; "not estimated" with fewer than four years.
pub fn trend(series: &[(Year, f64)]) -> Quantity {
    let points: Vec<(f64, f64)> = series.iter().map(|(y, v)| (f64::from(y.0), *v)).collect();
    theil_sen_range(&points, 1.96).map_or_else(
        || {
            Quantity::not_estimated(
                Message::new("coupling.few_years")
                    .with("found", series.len())
                    .with("needed", 4.0),
            )
        },
        Quantity::from,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(value: f64) -> Estimate {
        Estimate::exact(value, Basis::Derived)
    }

    #[test]
    fn two_subsystems_by_hand() {
        let found = coordination(&[exact(0.9), exact(0.4)], &[0.5, 0.5])
            .expect("two scores")
            .expect("above zero");
        // C = 2·0.6/1.3, T = 0.65, D = √0.6.
        assert!((found.coupling.value - 1.2 / 1.3).abs() < 1e-12);
        assert!((found.level.value - 0.65).abs() < 1e-12);
        assert!((found.coordination.value - 0.6f64.sqrt()).abs() < 1e-12);
        assert_eq!(found.grades, (8, 8));
        // Equal scores are fully coupled at any level.
        let low = coordination(&[exact(0.01); 3], &[0.2, 0.3, 0.5])
            .expect("three")
            .expect("above zero");
        assert!(
            (low.coupling.value - 1.0).abs() < 1e-12
                && (low.coordination.value - 0.1).abs() < 1e-12
        );
    }

    #[test]
    fn nothing_at_all_has_no_degree_and_wrong_scores_are_named() {
        assert_eq!(coordination(&[exact(0.0); 2], &[0.5, 0.5]), Ok(None));
        assert!(coordination(&[exact(0.5)], &[1.0]).is_err());
        assert!(coordination(&[exact(0.5), exact(1.5)], &[0.5, 0.5]).is_err());
        assert!(coordination(&[exact(0.5); 2], &[0.5, 0.6]).is_err());
        assert_eq!((grade(0.0), grade(0.55), grade(1.0)), (1, 6, 10));
    }

    proptest! {
        #[test]
        fn with_equal_weights_the_degree_is_the_root_of_the_geometric_mean(
            u in proptest::collection::vec(0.01f64..1.0, 2..=3)
        ) {
            let scores: Vec<Estimate> = u.iter().map(|v| exact(*v)).collect();
            let weights = vec![1.0 / u.len() as f64; u.len()];
            let d = coordination(&scores, &weights).expect("scores").expect("above zero").coordination;
            let geometric = u.iter().product::<f64>().powf(1.0 / u.len() as f64);
            prop_assert!((d.value - geometric.sqrt()).abs() < 1e-12);
        }

        #[test]
        fn the_range_holds_every_score_inside(
            u in proptest::collection::vec((0.0f64..1.0, 0.0f64..1.0, 0.0f64..1.0), 3), w in 0.0f64..1.0
        ) {
            let scores: Vec<Estimate> = u.iter().map(|(a, b, _)| {
                let (low, high) = (a.min(*b), a.max(*b));
                Estimate::spanning(f64::midpoint(low, high), low, high, Basis::Derived)
            }).collect();
            let weights = [w * 0.7, w * 0.3, 1.0 - w];
            let inside: Vec<Estimate> = scores.iter().zip(&u)
                .map(|(s, (_, _, at))| exact(s.low + at * (s.high - s.low))).collect();
            let (Ok(Some(wide)), Ok(Some(point))) = (coordination(&scores, &weights), coordination(&inside, &weights)) else {
                return Ok(());
            };
            for (range, value) in [(wide.coordination, point.coordination), (wide.coupling, point.coupling), (wide.level, point.level)] {
                prop_assert!(range.low <= value.value + 1e-12 && value.value <= range.high + 1e-12, "{range:?} {value:?}");
            }
        }
    }

    #[test]
    fn nothing_held_is_not_certainly_nothing() {
        let of = |sources: &[(usize, usize)]| share(sources, "x", &Params::default()).estimate();
        let none = of(&[(4, 0), (2, 0), (1, 0)]).expect("three technologies");
        // 1 - 0.05^(1/3).
        assert!(none.value < 1e-15 && (none.high - 0.631_597).abs() < 1e-6);
        let all = of(&[(4, 4), (2, 2), (1, 1)]).expect("three technologies");
        assert!((all.low - 0.368_403).abs() < 1e-6 && all.high > 1.0 - 1e-15);
        let some = of(&[(4, 2), (2, 0), (1, 1), (3, 1)]).expect("four technologies");
        assert!((some.value - 0.4).abs() < 1e-12 && some.low < 0.4 && some.high > 0.4);
        assert_eq!(of(&[(4, 2), (2, 0)]), None);
    }

    #[test]
    fn a_trend_needs_four_years() {
        let series: Vec<(Year, f64)> = (0..6)
            .map(|i| (Year(2000 + i), 0.1 + 0.02 * f64::from(i)))
            .collect();
        let slope = trend(&series).estimate().expect("six years");
        assert!((slope.value - 0.02).abs() < 1e-12 && slope.low > 0.0);
        assert!(trend(&series[..3]).estimate().is_none());
    }
}

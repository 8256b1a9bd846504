//! National conditions: what a country or region brings with it, in six parts.
//!
//! The essay names six conditions of home: a large domestic demand, rich application scenarios, a complete
//! industrial system, emerging technological strength, gaps in key core technologies, and basic industrial
//! capabilities. Each part is read from units (classes of products, technologies, fields); a unit's number is known
//! with its range, or not at all. Two readings serve all six:
//!
//! ```text
//! passing share  = #{i : v_i ≥ t} / n         low  = #{i known : low_i ≥ t} / n
//!                                             high = 1 - #{i known : high_i < t} / n
//! median         = median of the known values, from the median of the lows to the median of the highs
//! ```
//!
//! The low end of a passing share counts every unit without data as failing, the high end as passing: what is not
//! known widens the range and is never taken as zero. The value is the share among the known units.
//! The choice of parts follows the essay; the readings are Forelay's own (experimental).

use model::{Basis, Estimate, Message, Quantity};

/// One of the six conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Large domestic demand.
    Demand,
    /// Rich application scenarios.
    Scenarios,
    /// Complete industrial system.
    Completeness,
    /// Emerging technological strength.
    Strength,
    /// Gap in key core technologies.
    Gap,
    /// Basic industrial capabilities: dependence on foreign materials, components, equipment, software, processes.
    Capability,
}

impl Part {
    pub const ALL: [Self; 6] = [
        Self::Demand,
        Self::Scenarios,
        Self::Completeness,
        Self::Strength,
        Self::Gap,
        Self::Capability,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Demand => "condition.demand",
            Self::Scenarios => "condition.scenarios",
            Self::Completeness => "condition.completeness",
            Self::Strength => "condition.strength",
            Self::Gap => "condition.gap",
            Self::Capability => "condition.capability",
        }
    }

    /// Whether a smaller reading is better: gaps and dependence on abroad.
    pub fn less_is_better(self) -> bool {
        matches!(self, Self::Gap | Self::Capability)
    }
}

/// A reading over units, with how many of them have data.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub value: Quantity,
    pub known: usize,
    pub of: usize,
}

/// When a part is not answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadingParams {
    /// Fewest units with data. Default 3.
    pub least_known: usize,
}

impl Default for ReadingParams {
    fn default() -> Self {
        Self { least_known: 3 }
    }
}

/// Share of the units whose number is at or above `threshold`; `None` is a unit without data.
pub fn passing_share(
    units: &[Option<Estimate>],
    threshold: f64,
    params: &ReadingParams,
) -> Reading {
    let known: Vec<&Estimate> = units.iter().flatten().collect();
    read(units, &known, params, |n| {
        let count =
            |pass: fn(&Estimate) -> f64| known.iter().filter(|e| pass(e) >= threshold).count();
        let surely = count(|e| e.low) as f64;
        let surely_not = (known.len() - count(|e| e.high)) as f64;
        Estimate::spanning(
            count(|e| e.value) as f64 / known.len() as f64,
            surely / n,
            1.0 - surely_not / n,
            basis(&known),
        )
    })
}

/// Median of the units with data; `None` is a unit without data, which the range leaves out.
pub fn median(units: &[Option<Estimate>], params: &ReadingParams) -> Reading {
    let known: Vec<&Estimate> = units.iter().flatten().collect();
    read(units, &known, params, |_| {
        let of = |pick: fn(&Estimate) -> f64| {
            let mut numbers: Vec<f64> = known.iter().map(|e| pick(e)).collect();
            numbers.sort_by(f64::total_cmp);
            let half = numbers.len() / 2;
            if numbers.len() % 2 == 1 {
                numbers[half]
            } else {
                f64::midpoint(numbers[half - 1], numbers[half])
            }
        };
        Estimate::spanning(
            of(|e| e.value),
            of(|e| e.low),
            of(|e| e.high),
            basis(&known),
        )
    })
}

fn read(
    units: &[Option<Estimate>],
    known: &[&Estimate],
    params: &ReadingParams,
    value: impl FnOnce(f64) -> Estimate,
) -> Reading {
    let value = if known.len() < params.least_known.max(1) {
        Quantity::not_estimated(
            Message::new("conditions.too_few")
                .with("known", known.len())
                .with("of", units.len())
                .with("least", params.least_known.max(1)),
        )
    } else {
        value(units.len() as f64).into()
    };
    Reading {
        value,
        known: known.len(),
        of: units.len(),
    }
}

fn basis(known: &[&Estimate]) -> Basis {
    known
        .iter()
        .map(|e| e.basis)
        .fold(Basis::Derived, Basis::and)
}

/// Rank of `own` among `others` by value in a reading of `part`, 1 is the best; from the best to the worst that the ranges
/// allow.
pub fn rank(part: Part, own: &Estimate, others: &[Estimate]) -> Estimate {
    let ahead = |better: &dyn Fn(&Estimate) -> bool| {
        1.0 + others.iter().filter(|other| better(other)).count() as f64
    };
    let [value, best, worst] = if part.less_is_better() {
        [
            ahead(&|other| other.value < own.value),
            ahead(&|other| other.high < own.low),
            ahead(&|other| other.low < own.high),
        ]
    } else {
        [
            ahead(&|other| other.value > own.value),
            ahead(&|other| other.low > own.high),
            ahead(&|other| other.high > own.low),
        ]
    };
    Estimate::spanning(value, best, worst, Basis::Derived)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[allow(clippy::unnecessary_wraps)] // units are optional
    fn e(low: f64, value: f64, high: f64) -> Option<Estimate> {
        Some(Estimate::new(value, low, high, Basis::Published).expect("a range"))
    }

    #[test]
    fn passing_share_by_hand() {
        // Surely passes, may pass, surely fails, unknown: 1/4 .. 3/4, and 2 of 3 known by their values.
        let units = [e(0.6, 0.7, 0.8), e(0.4, 0.5, 0.6), e(0.1, 0.2, 0.3), None];
        let reading = passing_share(&units, 0.5, &ReadingParams::default());
        let share = reading.value.estimate().expect("estimated");
        assert_eq!((reading.known, reading.of), (3, 4));
        assert!((share.low - 0.25).abs() < 1e-15 && (share.high - 0.75).abs() < 1e-15);
        assert!((share.value - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn too_few_units_are_refused() {
        let reading = passing_share(&[e(0.1, 0.2, 0.3), None], 0.5, &ReadingParams::default());
        assert!(reading.value.estimate().is_none());
        assert!(
            median(&[], &ReadingParams { least_known: 0 })
                .value
                .estimate()
                .is_none()
        );
    }

    #[test]
    fn median_of_an_even_and_an_odd_number() {
        let p = ReadingParams::default();
        let odd = median(&[e(0.0, 1.0, 2.0), e(2.0, 3.0, 4.0), e(1.0, 2.0, 9.0)], &p);
        let found = odd.value.estimate().expect("estimated");
        assert!((found.low - 1.0).abs() < 1e-15 && (found.value - 2.0).abs() < 1e-15);
        assert!((found.high - 4.0).abs() < 1e-15);
        let even = median(
            &[e(0.0, 1.0, 2.0), e(2.0, 3.0, 4.0)],
            &ReadingParams { least_known: 2 },
        );
        assert!((even.value.estimate().expect("estimated").value - 2.0).abs() < 1e-15);
    }

    #[test]
    fn the_first_rank_is_the_best_also_where_less_is_better() {
        let own = Estimate::spanning(0.3, 0.25, 0.35, Basis::Published);
        let others = [
            Estimate::spanning(0.5, 0.4, 0.6, Basis::Published),
            Estimate::spanning(0.4, 0.3, 0.5, Basis::Published),
            Estimate::spanning(0.1, 0.1, 0.1, Basis::Published),
        ];
        let of = |part| {
            let rank = rank(part, &own, &others);
            (rank.low, rank.value, rank.high)
        };
        // Two are larger by value, one of them surely.
        assert_eq!(of(Part::Strength), (2.0, 3.0, 3.0));
        // One is surely smaller, and one more may be.
        assert_eq!(of(Part::Gap), (2.0, 2.0, 3.0));
        assert_eq!(of(Part::Capability), (2.0, 2.0, 3.0));
    }

    proptest! {
        /// Whatever the unknown units and the true values within their ranges are, the range holds the result.
        #[test]
        fn the_range_holds_every_completion(
            parts in proptest::collection::vec((0.0f64..1.0, 0.0f64..1.0, 0.0f64..1.0, any::<bool>()), 3..12),
            picks in proptest::collection::vec(0.0f64..1.0, 12), threshold in 0.0f64..1.0
        ) {
            let units: Vec<Option<Estimate>> = parts.iter().map(|(a, b, c, known)| {
                known.then(|| Estimate::spanning(*a, *b, *c, Basis::Published))
            }).collect();
            let reading = passing_share(&units, threshold, &ReadingParams { least_known: 1 });
            if let Some(share) = reading.value.estimate() {
                let passing = units.iter().zip(&picks).filter(|(unit, pick)| {
                    let truth = unit.map_or(**pick, |u| u.low + **pick * u.width());
                    truth >= threshold
                }).count() as f64 / units.len() as f64;
                prop_assert!(share.low <= passing + 1e-12 && passing <= share.high + 1e-12);
            }
        }
    }
}

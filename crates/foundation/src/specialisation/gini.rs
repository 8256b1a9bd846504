//! Inequality over locations: Gini, locational Gini, Hoover's Gini, index and curve, Lorenz curve.
//!
//! A concentration curve joins the points (P_k, N_k), cumulated shares of a reference and of the activity, over the
//! locations in ascending order of activity per reference; A is the area below it:
//!
//! ```text
//! Lorenz curve    reference: every location counts 1     Gini            = 1 - 2A = Σ_i (2i - n - 1) x_(i) / (n Σ x)
//! Hoover curve    reference: population                  Hoover's Gini   = 1 - 2A
//! locational      reference: all activities together     locational Gini = 1/2 - A, 0..1/2
//! Hoover index_a  = 100 · ½ Σ_l |x_la/X_a - pop_l/pop|    the largest distance of the Hoover curve from the diagonal × 100
//! ```
//!
//! Gini (1921); Hoover (1936); Krugman (1991) for the locational Gini with its limit of one half.

use super::{SpecialisationError, length};
use crate::activity::ActivityTable;

/// A concentration curve: points (reference, activity), cumulated shares from (0, 0) to (1, 1).
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// Area below the curve, 0..1/2.
    pub fn area(&self) -> f64 {
        self.points
            .windows(2)
            .map(|p| (p[1].0 - p[0].0) * (p[1].1 + p[0].1) / 2.0)
            .sum()
    }

    /// 1 - 2 × area: 0 on the diagonal, towards 1 when all lies in one small location.
    pub fn gini(&self) -> f64 {
        1.0 - 2.0 * self.area()
    }

    /// Largest distance below the diagonal, 0..1.
    pub fn largest_distance(&self) -> f64 {
        self.points.iter().map(|p| p.0 - p.1).fold(0.0, f64::max)
    }
}

/// The reference against which an activity's spread over locations is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Reference {
    /// Every location counts the same (Lorenz).
    Equal,
    /// A location counts by all its known activities (Krugman's locational Gini).
    Totals,
    /// A location counts by these numbers, one for each location (Hoover).
    Population(Vec<f64>),
}

/// Gini coefficient of numbers ≥ 0, 0..(n - 1)/n; unknown numbers take no part; `NaN` where nothing is known or all is 0.
pub fn gini(values: &[f64]) -> f64 {
    let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    known.sort_unstable_by(f64::total_cmp);
    let n = known.len() as f64;
    let sum: f64 = known.iter().sum();
    let spread: f64 = known
        .iter()
        .enumerate()
        .map(|(i, x)| (2.0 * (i + 1) as f64 - n - 1.0) * x)
        .sum();
    if sum > 0.0 {
        spread / (n * sum)
    } else {
        f64::NAN
    }
}

/// The curve of every activity; `None` where nobody known has it.
pub fn curves(
    table: &ActivityTable,
    reference: &Reference,
) -> Result<Vec<Option<Curve>>, SpecialisationError> {
    let weights = weights(table, reference)?;
    Ok((0..table.activities().len())
        .map(|a| {
            let pairs: Vec<(f64, f64)> = (0..weights.len())
                .map(|l| (weights[l], table.value(l, a)))
                .collect();
            curve(pairs)
        })
        .collect())
}

/// 1 - 2 × area below the curve of every activity: Gini over locations, or Hoover's Gini with a population.
pub fn location_gini(
    table: &ActivityTable,
    reference: &Reference,
) -> Result<Vec<f64>, SpecialisationError> {
    Ok(curves(table, reference)?
        .into_iter()
        .map(|curve| curve.map_or(f64::NAN, |c| c.gini()))
        .collect())
}

/// Krugman's locational Gini of every activity, 0..1/2.
pub fn locational_gini(table: &ActivityTable) -> Vec<f64> {
    location_gini(table, &Reference::Totals)
        .expect("invariant: totals have one number for each location")
        .into_iter()
        .map(|g| g / 2.0)
        .collect()
}

/// Hoover's index of every activity, 0..100: the percentage of the activity that would have to move to follow the
/// reference.
pub fn hoover_index(
    table: &ActivityTable,
    reference: &Reference,
) -> Result<Vec<f64>, SpecialisationError> {
    let weights = weights(table, reference)?;
    Ok((0..table.activities().len())
        .map(|a| {
            let known: Vec<(f64, f64)> = (0..weights.len())
                .map(|l| (weights[l], table.value(l, a)))
                .filter(|(w, x)| !w.is_nan() && !x.is_nan())
                .collect();
            let (w, x) = totals(&known);
            if w > 0.0 && x > 0.0 {
                50.0 * known
                    .iter()
                    .map(|(p, v)| (v / x - p / w).abs())
                    .sum::<f64>()
            } else {
                f64::NAN
            }
        })
        .collect())
}

/// The Lorenz curve of numbers ≥ 0.
pub fn lorenz_curve(values: &[f64]) -> Option<Curve> {
    curve(values.iter().map(|v| (1.0, *v)).collect())
}

fn weights(table: &ActivityTable, reference: &Reference) -> Result<Vec<f64>, SpecialisationError> {
    let n = table.locations().len();
    Ok(match reference {
        Reference::Equal => vec![1.0; n],
        Reference::Totals => table.location_totals(),
        Reference::Population(population) => {
            length("population", population.len(), n)?;
            if population.iter().any(|p| *p < 0.0 || p.is_infinite()) {
                return Err(SpecialisationError::NotAValue { what: "population" });
            }
            population.clone()
        }
    })
}

fn totals(pairs: &[(f64, f64)]) -> (f64, f64) {
    pairs
        .iter()
        .fold((0.0, 0.0), |(w, x), pair| (w + pair.0, x + pair.1))
}

fn curve(mut pairs: Vec<(f64, f64)>) -> Option<Curve> {
    pairs.retain(|(w, x)| !w.is_nan() && !x.is_nan() && (*w > 0.0 || *x > 0.0));
    // Ascending activity per reference; x/w as a cross product would overflow less, but 0 weight is infinite here.
    pairs.sort_by(|p, q| {
        (p.1 / p.0)
            .total_cmp(&(q.1 / q.0))
            .then(p.0.total_cmp(&q.0))
            .then(p.1.total_cmp(&q.1))
    });
    let (w, x) = totals(&pairs);
    if !(w > 0.0 && x > 0.0) {
        return None;
    }
    let mut points = vec![(0.0, 0.0)];
    let (mut p, mut n) = (0.0, 0.0);
    for (weight, value) in &pairs {
        p += weight;
        n += value;
        points.push((p / w, n / x));
    }
    if let Some(last) = points.last_mut() {
        *last = (1.0, 1.0);
    }
    Some(Curve { points })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn five_regions_by_hand() {
        // Σ(2i - 6)x / (5·100) = (-2·10 + 0·10 + 2·30 + 4·50)/500.
        assert!((gini(&[0.0, 10.0, 10.0, 30.0, 50.0]) - 0.48).abs() < 1e-15);
        assert!((gini(&[0.0, 0.0, 0.0, 0.0, 7.0]) - 0.8).abs() < 1e-15);
        assert!(gini(&[0.0, f64::NAN]).is_nan());
    }

    #[test]
    fn thirty_per_cent_of_the_people_hold_it_all() {
        // EconGeo's example: populations 10..30, all of it in the last: 1 - 2A with A = 0.3·1/2.
        let names: Vec<String> = (1..=5).map(|i| format!("r{i}")).collect();
        let table = ActivityTable::new(names, vec!["a".into()], vec![0.0, 0.0, 0.0, 0.0, 1.0])
            .expect("a table");
        let people = Reference::Population(vec![10.0, 15.0, 20.0, 25.0, 30.0]);
        let found = location_gini(&table, &people).expect("lengths fit");
        assert!((found[0] - 0.7).abs() < 1e-15, "{found:?}");
        let index = hoover_index(&table, &people).expect("lengths fit");
        assert!((index[0] - 70.0).abs() < 1e-12, "{index:?}");
    }

    proptest! {
        #[test]
        fn the_area_below_the_lorenz_curve_is_the_formula(
            values in proptest::collection::vec(0.0f64..100.0, 1..30), scale in 0.1f64..100.0
        ) {
            prop_assume!(values.iter().sum::<f64>() > 1e-6);
            let g = gini(&values);
            let area = lorenz_curve(&values).expect("a sum").gini();
            prop_assert!((g - area).abs() < 1e-12, "{} {}", g, area);
            let scaled: Vec<f64> = values.iter().rev().map(|v| v * scale).collect();
            prop_assert!((gini(&scaled) - g).abs() < 1e-12);
            prop_assert!(g >= -1e-12 && g <= 1.0 - 1.0 / values.len() as f64 + 1e-12);
        }

        #[test]
        fn hoover_is_the_largest_distance_of_its_curve(
            values in proptest::collection::vec((0.0f64..100.0, 0.1f64..10.0), 2..30)
        ) {
            prop_assume!(values.iter().map(|v| v.0).sum::<f64>() > 1e-6);
            let names: Vec<String> = (0..values.len()).map(|i| format!("r{i:02}")).collect();
            let table = ActivityTable::new(names, vec!["a".into()], values.iter().map(|v| v.0).collect()).expect("a table");
            let people = Reference::Population(values.iter().map(|v| v.1).collect());
            let curve = curves(&table, &people).expect("lengths fit")[0].clone().expect("a sum");
            let index = hoover_index(&table, &people).expect("lengths fit")[0];
            prop_assert!((curve.largest_distance() * 100.0 - index).abs() < 1e-9);
        }

        #[test]
        fn a_transfer_to_the_richer_raises_gini(
            mut values in proptest::collection::vec(1.0f64..100.0, 2..20), part in 0.01f64..1.0
        ) {
            values.sort_unstable_by(f64::total_cmp);
            let before = gini(&values);
            let last = values.len() - 1;
            let given = values[0] * part;
            values[0] -= given;
            values[last] += given;
            prop_assert!(gini(&values) > before);
        }
    }
}

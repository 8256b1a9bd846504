//! Fitness of new units, given the complexity of activities from elsewhere.
//!
//! ```text
//! F_s = Σ_p M_sp Q_p,   Q external: of the world for regions, of the present for an earlier year
//! ```
//!
//! Not normalised, so that units of different tables stay comparable on the scale of Q.

use super::FitnessError;
use crate::presence::Presence;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExogenousFitness {
    /// On the scale of Q; 0 where the unit has no activity of known complexity.
    pub fitness: f64,
    /// Activities of the unit with known complexity.
    pub covered: u32,
    /// Activities of the unit.
    pub diversity: u32,
}

/// Fitness of every location of `m` from `complexity` (≥ 0; `NaN` is unknown) of its activities.
pub fn exogenous_fitness(
    m: &Presence,
    complexity: &[f64],
) -> Result<Vec<ExogenousFitness>, FitnessError> {
    if complexity.len() != m.activities() {
        return Err(FitnessError::Shape {
            found: complexity.len(),
            activities: m.activities(),
        });
    }
    if let Some(q) = complexity.iter().find(|q| q.is_infinite() || **q < 0.0) {
        return Err(FitnessError::NotPositive {
            name: "complexity",
            value: *q,
        });
    }
    let of = |l: usize| {
        let known = || {
            m.activities_of(l)
                .map(|a| complexity[a])
                .filter(|q| !q.is_nan())
        };
        ExogenousFitness {
            fitness: known().sum(),
            covered: known().count() as u32,
            diversity: m.diversity()[l],
        }
    };
    Ok((0..m.locations()).map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_complexity_is_counted_not_guessed() {
        let m = Presence::from_fn(2, 3, |l, a| l == 0 || a == 2);
        let found = exogenous_fitness(&m, &[0.5, 1.5, f64::NAN]).expect("three");
        assert!((found[0].fitness - 2.0).abs() < 1e-15);
        assert_eq!((found[0].covered, found[0].diversity), (2, 3));
        assert_eq!((found[1].covered, found[1].diversity), (0, 1));
        assert!(exogenous_fitness(&m, &[1.0]).is_err());
    }
}

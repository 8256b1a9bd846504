//! The spectrum behind an ECI: how far the second vector stands from the next, and what that allows to say.
//!
//! ```text
//! gap = λ2 − λ3        a change of the symmetric matrix by E turns its second vector by at most
//!                      sin θ ≤ 2 |E| / min(λ1 − λ2, λ2 − λ3)          Davis and Kahan (1970); in the form of Yu et al. (2015)
//! ```
//!
//! λ2 near 1 means that the matrix nearly falls apart and ECI tells the two parts from each other; λ3 near λ2 means that
//! another table of the same kind may well show another vector. The cut-offs of [`SpectrumParams`] are Forelay's own.

/// Cut-offs of the warnings. Experimental.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpectrumParams {
    /// λ2 from here on: the matrix nearly falls apart.
    pub nearly_split: f64,
    /// λ3/λ2 from here on: the second vector is hardly told from the third.
    pub nearly_double: f64,
}

impl Default for SpectrumParams {
    /// 0.9 and 0.9 (the real SITC table has 0.18 and 0.68).
    fn default() -> Self {
        Self {
            nearly_split: 0.9,
            nearly_double: 0.9,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectrum {
    pub second: f64,
    /// 0 where there is no third.
    pub third: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpectrumWarning {
    NearlySplit,
    NearlyDouble,
}

impl Spectrum {
    /// From eigenvalues in descending order, the first of which is 1; `None` with fewer than two.
    pub fn of(eigenvalues: &[f64]) -> Option<Self> {
        Some(Self {
            second: *eigenvalues.get(1)?,
            third: eigenvalues.get(2).copied().unwrap_or(0.0),
        })
    }

    /// λ2 − λ3.
    pub fn gap(&self) -> f64 {
        self.second - self.third
    }

    /// λ3 / λ2; 1 where λ2 is zero.
    pub fn ratio(&self) -> f64 {
        if self.second > 0.0 {
            self.third / self.second
        } else {
            1.0
        }
    }

    /// Bound on the sine of the angle by which the second vector of the symmetric matrix turns, if the matrix changes by `change`
    /// (spectral norm); 1 where the bound says nothing.
    pub fn turn(&self, change: f64) -> f64 {
        let distance = (1.0 - self.second).min(self.gap());
        if distance > 0.0 {
            (2.0 * change / distance).min(1.0)
        } else {
            1.0
        }
    }

    pub fn warnings(&self, params: &SpectrumParams) -> Vec<SpectrumWarning> {
        let mut warnings = Vec::new();
        if self.second >= params.nearly_split {
            warnings.push(SpectrumWarning::NearlySplit);
        }
        if self.ratio() >= params.nearly_double {
            warnings.push(SpectrumWarning::NearlyDouble);
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_and_warnings_by_hand() {
        let firm = Spectrum::of(&[1.0, 0.2, 0.1, 0.0]).expect("two");
        assert!((firm.gap() - 0.1).abs() < 1e-15 && (firm.ratio() - 0.5).abs() < 1e-15);
        assert!((firm.turn(0.01) - 0.2).abs() < 1e-12);
        assert!(firm.warnings(&SpectrumParams::default()).is_empty());
        let weak = Spectrum::of(&[1.0, 0.95, 0.949]).expect("two");
        assert_eq!(
            weak.warnings(&SpectrumParams::default()),
            [SpectrumWarning::NearlySplit, SpectrumWarning::NearlyDouble]
        );
        assert!((weak.turn(0.01) - 1.0).abs() < 1e-15);
        assert!(Spectrum::of(&[1.0]).is_none());
    }
}

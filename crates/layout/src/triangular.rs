//! How a range is sampled: triangular between its ends, with the mode at its value.
//!
//! The value of an estimate says where its author thinks the number lies, so the mode stands there; the
//! ends are bounds, so nothing falls outside. One uniform number makes one draw (inverse distribution
//! function), which keeps every stream aligned.

use model::Estimate;

/// The quantile of `range` at `u` in [0, 1).
///
/// ```text
/// F(value) = (value - low) / (high - low)
/// u < F(value): low + sqrt(u (high - low) (value - low)),  else high - sqrt((1 - u)(high - low)(high - value))
/// ```
pub(crate) fn triangular(range: &Estimate, u: f64) -> f64 {
    let width = range.width();
    if width <= 0.0 {
        return range.value;
    }
    let left = range.value - range.low;
    let draw = if u * width < left {
        range.low + (u * width * left).sqrt()
    } else {
        range.high - ((1.0 - u) * width * (range.high - range.value)).sqrt()
    };
    draw.clamp(range.low, range.high)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, clippy::unwrap_used)]
    use model::Basis;

    use super::*;

    #[test]
    fn quantiles_by_hand() {
        // low 0, mode 1, high 4: F(1) = 1/4; F(x) = x²/4 below, 1 - (4 - x)²/12 above.
        let range = Estimate::new(1.0, 0.0, 4.0, Basis::Judged).unwrap();
        assert_eq!(triangular(&range, 0.0), 0.0);
        assert!((triangular(&range, 0.0625) - 0.5).abs() < 1e-12);
        assert!((triangular(&range, 0.25) - 1.0).abs() < 1e-12);
        assert!((triangular(&range, 2.0 / 3.0) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_number_without_spread_stays_itself() {
        let exact = Estimate::exact(0.3, Basis::Measured);
        assert_eq!(triangular(&exact, 0.99), 0.3);
    }

    #[test]
    fn a_mode_at_an_end_stays_inside() {
        for value in [0.0, 1.0] {
            let range = Estimate::new(value, 0.0, 1.0, Basis::Judged).unwrap();
            for k in 0..100 {
                let x = triangular(&range, f64::from(k) / 100.0);
                assert!((0.0..=1.0).contains(&x));
            }
        }
    }
}

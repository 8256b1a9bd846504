//! The Herfindahl-Hirschman index of suppliers, with the range that unknown origin allows.
//!
//! ```text
//! m_i      imports from supplier i outside the importer; T = Σ m_i + z, z = imports of unknown origin
//! HHI      = (Σ m_i² + z²)/T²          unknown origin counted as one supplier of its own (as in trade files)
//! low end  = Σ m_i²/T²                 unknown origin spread over very many suppliers
//! high end = ((m_1 + z)² + Σ_{i>1} m_i²)/T²    all of it from the largest supplier
//! ```
//!
//! (Hirschman, 1964.) Both ends are sharp: whatever the unknown origins are, the true HHI lies between them, also
//! if a part of z was never imported from outside. A second range counts **re-exports** as unknown origin too,
//! because the seller is then not the producer (the "Rotterdam effect").

use super::criterion::Range;
use super::supply::First;

/// Sums over known suppliers, from which every range of the HHI follows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub sum: f64,
    squares: f64,
    pub count: u32,
    /// The largest and its country.
    largest: Option<(usize, f64)>,
}

impl Tally {
    pub fn add(&mut self, country: usize, value: f64) {
        if value > 0.0 {
            self.sum += value;
            self.squares += value * value;
            self.count += 1;
            if self.largest.is_none_or(|(_, most)| value > most) {
                self.largest = Some((country, value));
            }
        }
    }

    pub fn first(&self, total: f64) -> Option<First> {
        self.largest.map(|(country, value)| First {
            country,
            share: value / total,
        })
    }

    /// With `unknown` beside the known suppliers; `None` where there is nothing.
    pub fn hhi(&self, unknown: f64) -> Option<Range> {
        let total = self.sum + unknown;
        if total <= 0.0 {
            return None;
        }
        let whole = total * total;
        let largest = self.largest.map_or(0.0, |(_, value)| value);
        Some(Range {
            value: ((self.squares + unknown * unknown) / whole).min(1.0),
            low: self.squares / whole,
            // (m + z)² - m² = z (2m + z): no difference of large squares.
            high: ((self.squares + unknown * (2.0 * largest + unknown)) / whole).min(1.0),
        })
        .map(|r| Range::spanning(r.value, r.low.min(1.0), r.high))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tally(values: &[f64]) -> Tally {
        let mut tally = Tally::default();
        for (i, value) in values.iter().enumerate() {
            tally.add(i, *value);
        }
        tally
    }

    fn plain(values: &[f64]) -> f64 {
        let total: f64 = values.iter().sum();
        values.iter().map(|v| (v / total).powi(2)).sum()
    }

    proptest! {
        /// Any way to give unknown imports to suppliers, old or new, or to drop a part of them, stays within the range.
        #[test]
        fn the_range_holds_every_true_origin(
            known in proptest::collection::vec(0.01f64..10.0, 1..6),
            given in proptest::collection::vec(0.0f64..3.0, 8),
            inside in 0.0f64..3.0,
        ) {
            let unknown = given.iter().sum::<f64>() + inside;
            let range = tally(&known).hhi(unknown).expect("imports");
            let mut truth: Vec<f64> = known.clone();
            truth.resize(8, 0.0);
            for (value, extra) in truth.iter_mut().zip(&given) {
                *value += extra;
            }
            let truth = plain(&truth);
            prop_assert!(range.low <= truth + 1e-12 && truth <= range.high + 1e-12);
            prop_assert!(range.low <= range.value && range.value <= range.high && range.high <= 1.0);
        }
    }
}

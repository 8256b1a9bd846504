//! From values to places: linear scales with readable ticks.

/// Maps `[from, to]` linearly onto `[start, end]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linear {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Linear {
    pub(crate) fn new((from, to): (f64, f64), (start, end): (f64, f64)) -> Self {
        Self {
            from,
            to,
            start,
            end,
        }
    }

    /// The place of `value`; values outside stay at the nearest end.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let span = self.to - self.from;
        let share = if span.abs() > 0.0 && value.is_finite() {
            ((value - self.from) / span).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.start + share * (self.end - self.start)
    }
}

/// The step of 1, 2 or 5 times a power of ten that gives about `count` intervals.
fn step(span: f64, count: usize) -> f64 {
    let raw = span / count.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let lead = raw / power;
    power
        * if lead <= 1.0 {
            1.0
        } else if lead <= 2.0 {
            2.0
        } else if lead <= 5.0 {
            5.0
        } else {
            10.0
        }
}

/// Readable ticks that cover `[low, high]`: first tick at or below `low`, last at or above `high`.
pub(crate) fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let (low, high) = if low.is_finite() && high.is_finite() && low <= high {
        (low, high)
    } else {
        (0.0, 1.0)
    };
    let high = if high - low > 1e-12 * low.abs().max(high.abs()) {
        high
    } else {
        low + low.abs().max(1.0)
    };
    let step = step(high - low, count);
    let (first, last) = (
        (low / step + 1e-9).floor() as i64,
        (high / step - 1e-9).ceil() as i64,
    );
    (first..=last).map(|k| k as f64 * step).collect()
}

/// A tick as text, with the decimals that tell the ticks apart and show them exactly, if two more suffice.
pub(crate) fn tick_text(value: f64, ticks: &[f64]) -> String {
    let step = ticks
        .windows(2)
        .map(|w| w[1] - w[0])
        .fold(f64::INFINITY, f64::min);
    let least = if step > 0.0 && step < 1.0 {
        (-step.log10() - 1e-9).ceil() as i32
    } else {
        0
    };
    let exact = |d: i32| {
        ticks
            .iter()
            .all(|t| ((t * 10_f64.powi(d)).round() / 10_f64.powi(d) - t).abs() <= 1e-6 * step.abs())
    };
    let decimals = (least..=least + 2)
        .find(|d| exact(*d))
        .unwrap_or(least + 1)
        .clamp(0, 9) as usize;
    let text = format!("{:.decimals$}", value.abs());
    if value < 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0') {
        format!("\u{2212}{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_by_hand() {
        // Span 0.87 over 5 intervals: raw step 0.174, next readable step 0.2.
        let t = ticks(0.0, 0.87, 5);
        assert_eq!(
            t.iter().map(|v| tick_text(*v, &t)).collect::<Vec<_>>(),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        // Step 2: 2024, 2026, …, 2046.
        assert_eq!(ticks(2025.0, 2045.0, 10).len(), 12);
        assert!(ticks(3.0, 3.0, 4).len() > 1);
        assert!(ticks(f64::NAN, 1.0, 4).len() > 1);
    }

    #[test]
    fn a_scale_maps_its_ends_and_clamps() {
        let s = Linear::new((0.0, 2.0), (10.0, 20.0));
        assert_eq!(
            (s.at(0.0), s.at(1.0), s.at(5.0), s.at(f64::NAN)),
            (10.0, 15.0, 20.0, 10.0)
        );
    }
}

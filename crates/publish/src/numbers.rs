//! Numbers as readers see them: as many digits as their range supports, never a false zero.
//!
//! The bounds of a range are rounded outward, so a shown range always holds the computed one.

use model::{Estimate, Lang};

use crate::words::{phrase, word};

/// How a unit's numbers are written.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// Moments in time: the calendar year they lie in, without grouping.
    Year,
    /// Whole, without grouping.
    Rank,
    /// Shares, probabilities and indices around 0–1: two decimals at least.
    Share,
    /// Everything else: about three significant digits.
    Plain,
}

fn style(unit: &str) -> Style {
    match unit {
        "year" | "calendar_year" => Style::Year,
        "rank" => Style::Rank,
        "share" | "probability" | "index" | "score" | "ratio" => Style::Share,
        _ => Style::Plain,
    }
}

/// Decimals for numbers up to `scale` in magnitude.
fn decimals(scale: f64, style: Style) -> usize {
    match (style, scale) {
        (Style::Year | Style::Rank, _) => 0,
        (Style::Share, s) if s >= 0.0995 => 2,
        (Style::Share, 0.0) => 2,
        (_, s) if s >= 99.5 || s == 0.0 => 0,
        (_, s) if s >= 9.95 => 1,
        (_, s) if s >= 0.995 => 2,
        (_, s) if s >= 0.0995 => 3,
        (Style::Share, s) => ((-s.log10()).ceil() as usize + 1).min(8),
        (_, s) => ((-s.log10()).ceil() as usize + 2).min(8),
    }
}

/// A divisor with its word: 1.2 bn, 12 亿.
fn magnitude(scale: f64, style: Style, lang: Lang) -> (f64, &'static str) {
    match (style, lang, scale) {
        (Style::Year | Style::Rank, ..) => (1.0, ""),
        (_, Lang::En, s) if s >= 1e12 => (1e12, "number.trillion"),
        (_, Lang::En, s) if s >= 1e9 => (1e9, "number.billion"),
        (_, Lang::En, s) if s >= 1e6 => (1e6, "number.million"),
        (_, Lang::Zh, s) if s >= 1e12 => (1e12, "number.trillion"),
        (_, Lang::Zh, s) if s >= 1e8 => (1e8, "number.hundred_million"),
        (_, Lang::Zh, s) if s >= 1e5 => (1e4, "number.ten_thousand"),
        _ => (1.0, ""),
    }
}

#[derive(Clone, Copy)]
enum Rounding {
    Nearest,
    Down,
    Up,
}

fn fixed(value: f64, decimals: usize, rounding: Rounding, style: Style) -> String {
    let power = 10_f64.powi(i32::try_from(decimals).unwrap_or(8));
    let scaled = value * power;
    // A bound that is a short decimal must not move because of its binary tail.
    let slack = 1e-9 * scaled.abs().max(1.0);
    let rounded = match rounding {
        _ if style == Style::Year => (scaled + slack).floor(),
        Rounding::Nearest => scaled.round(),
        Rounding::Down => (scaled + slack).floor(),
        Rounding::Up => (scaled - slack).ceil(),
    };
    let digits = format!("{:.decimals$}", rounded.abs() / power);
    let grouped = if matches!(style, Style::Year | Style::Rank) {
        digits
    } else {
        group(&digits)
    };
    if rounded < 0.0 {
        format!("\u{2212}{grouped}")
    } else {
        grouped
    }
}

/// Thousands apart by a narrow no-break space, from five digits on.
fn group(digits: &str) -> String {
    let whole = digits.split('.').next().unwrap_or(digits);
    if whole.len() < 5 {
        return digits.to_owned();
    }
    let mut out = String::with_capacity(digits.len() + 8);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out.push_str(&digits[whole.len()..]);
    out
}

fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn suffixed(text: String, suffix: &str, lang: Lang) -> String {
    match (suffix, lang) {
        ("", _) => text,
        (s, Lang::En) => format!("{text}\u{a0}{}", word(s, lang)),
        (s, Lang::Zh) => format!("{text}{}", word(s, lang)),
    }
}

/// A number by itself. Not finite: a dash.
pub fn number(value: f64, unit: &str, lang: Lang) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let style = style(unit);
    let (divisor, suffix) = magnitude(value.abs(), style, lang);
    let scaled = value / divisor;
    let text = fixed(
        scaled,
        decimals(scaled.abs(), style),
        Rounding::Nearest,
        style,
    );
    let text = if style == Style::Share {
        text
    } else {
        trimmed(text)
    };
    suffixed(text, suffix, lang)
}

/// A range, bounds rounded outward: `0.31–0.55`; with a minus sign in it, `−0.3 to 0.5`.
pub fn range(low: f64, high: f64, unit: &str, lang: Lang) -> String {
    bounds(low, high, low.abs().max(high.abs()), unit, lang)
}

fn bounds(low: f64, high: f64, scale: f64, unit: &str, lang: Lang) -> String {
    if !(low.is_finite() && high.is_finite()) {
        return "–".to_owned();
    }
    let style = style(unit);
    let (divisor, suffix) = magnitude(scale, style, lang);
    let decimals = decimals(scale / divisor, style);
    let low_text = fixed(low / divisor, decimals, Rounding::Down, style);
    let high_text = fixed(high / divisor, decimals, Rounding::Up, style);
    let both = if low < 0.0 || high < 0.0 {
        phrase(
            "range_signed",
            lang,
            &[("low", &low_text), ("high", &high_text)],
        )
    } else {
        format!("{low_text}–{high_text}")
    };
    suffixed(both, suffix, lang)
}

/// An estimate as text and, unless it is exact, its range, both with the same decimals.
pub fn estimate(estimate: &Estimate, unit: &str, lang: Lang) -> (String, Option<String>) {
    let Estimate {
        value, low, high, ..
    } = *estimate;
    if !(value.is_finite() && low.is_finite() && high.is_finite()) || low.total_cmp(&high).is_eq() {
        return (number(value, unit, lang), None);
    }
    let style = style(unit);
    let scale = low.abs().max(high.abs());
    let (divisor, suffix) = magnitude(scale, style, lang);
    let text = fixed(
        value / divisor,
        decimals(scale / divisor, style),
        Rounding::Nearest,
        style,
    );
    // Moments of one year have no range in years.
    let one_year = style == Style::Year && number(low, unit, lang) == number(high, unit, lang);
    let range = (!one_year).then(|| bounds(low, high, scale, unit, lang));
    (suffixed(text, suffix, lang), range)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use model::Basis;
    use proptest::prelude::*;

    use super::*;

    fn shown(value: f64, low: f64, high: f64, unit: &str) -> (String, String) {
        let e = Estimate {
            value,
            low,
            high,
            basis: Basis::Derived,
        };
        let (text, range) = estimate(&e, unit, Lang::En);
        (text, range.unwrap_or_default())
    }

    #[test]
    fn by_hand() {
        assert_eq!(
            shown(0.42, 0.31, 0.55, "share"),
            ("0.42".into(), "0.31–0.55".into())
        );
        // Outward: 0.314 down, 0.546 up.
        assert_eq!(
            shown(0.42, 0.314, 0.546, "share"),
            ("0.42".into(), "0.31–0.55".into())
        );
        assert_eq!(
            shown(0.0042, 0.0, 0.0091, "share"),
            ("0.0042".into(), "0.0000–0.0091".into())
        );
        assert_eq!(
            shown(-0.2, -0.5, 0.1, ""),
            ("\u{2212}0.200".into(), "\u{2212}0.500 to 0.100".into())
        );
        assert_eq!(
            shown(12.0, 12.0, 12.0, "weeks"),
            ("12".into(), String::new())
        );
        assert_eq!(number(2035.0, "year", Lang::En), "2035");
        let within = Estimate::spanning(2046.75, 2046.5, 2046.9, Basis::Derived);
        let said = (String::from("2046"), None);
        assert_eq!(estimate(&within, "year", Lang::En), said);
        // A moment lies in its year, whatever is nearer.
        assert_eq!(number(2044.75, "year", Lang::En), "2044");
        assert_eq!(number(2.6, "rank", Lang::En), "3");
        assert_eq!(number(12345.0, "", Lang::En), "12\u{202f}345");
        assert_eq!(number(7_170_000_000.0, "usd", Lang::En), "7.17\u{a0}bn");
        assert_eq!(number(7_170_000_000.0, "usd", Lang::Zh), "71.7亿");
        assert_eq!(number(f64::NAN, "", Lang::En), "–");
    }

    fn read(text: &str) -> f64 {
        text.replace('\u{2212}', "-")
            .replace('\u{202f}', "")
            .parse()
            .unwrap()
    }

    proptest! {
        #[test]
        fn a_shown_range_holds_the_computed_one(a in -1e4..1e4_f64, b in -1e4..1e4_f64) {
            let (low, high) = (a.min(b), a.max(b));
            let text = range(low, high, "", Lang::En).replace(" to ", "–");
            let (l, h) = text.split_once('–').unwrap();
            let slack = 1e-8 * high.abs().max(low.abs()).max(1.0);
            prop_assert!(read(l) <= low + slack && high - slack <= read(h), "{text} for {low}..{high}");
        }
    }
}

//! All colours of all figures.
//!
//! Categories: Okabe & Ito (2008), chosen to stay apart under colour-vision deficiency. Sequence:
//! `ColorBrewer` "Blues" (Brewer, 2003).

pub(crate) const INK: &str = "#1b1b1b";
pub(crate) const MUTED: &str = "#565656";
pub(crate) const RULE: &str = "#c9c9c9";
pub(crate) const FAINT: &str = "#ececec";
pub(crate) const PAPER: &str = "#ffffff";
pub(crate) const BLUE: &str = "#0072b2";
pub(crate) const VERMILION: &str = "#d55e00";
/// A tint of the vermilion, for areas behind text.
pub(crate) const VERMILION_TINT: &str = "#fdeee3";

/// Okabe–Ito, black last: it reads as text.
pub(crate) const CATEGORIES: [&str; 8] = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#000000",
];

const BLUES: [(u8, u8, u8); 7] = [
    (0xf7, 0xfb, 0xff),
    (0xde, 0xeb, 0xf7),
    (0xc6, 0xdb, 0xef),
    (0x9e, 0xca, 0xe1),
    (0x6b, 0xae, 0xd6),
    (0x31, 0x82, 0xbd),
    (0x08, 0x51, 0x9c),
];

pub(crate) fn category(index: usize) -> &'static str {
    CATEGORIES[index % CATEGORIES.len()]
}

/// Colour of `share` in `[0, 1]` on the sequential scale; outside, the nearest end.
pub(crate) fn sequential(share: f64) -> String {
    let at = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    } * (BLUES.len() - 1) as f64;
    let i = (at.floor() as usize).min(BLUES.len() - 2);
    let t = at - i as f64;
    let mix = |a: u8, b: u8| (f64::from(a) + t * (f64::from(b) - f64::from(a))).round() as u8;
    let (a, b) = (BLUES[i], BLUES[i + 1]);
    format!(
        "#{:02x}{:02x}{:02x}",
        mix(a.0, b.0),
        mix(a.1, b.1),
        mix(a.2, b.2)
    )
}

/// Relative luminance (WCAG 2.2) of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |i: usize| {
        let value = colour
            .get(i..i + 2)
            .and_then(|h| u8::from_str_radix(h, 16).ok())
            .unwrap_or(0);
        let c = f64::from(value) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// Contrast ratio (WCAG 2.2), 1 to 21.
pub(crate) fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Black or white, whichever reads better on `background`; one of them always has a contrast above 4.5.
pub(crate) fn text_on(background: &str) -> &'static str {
    const BLACK: &str = "#000000";
    if contrast(BLACK, background) >= contrast(PAPER, background) {
        BLACK
    } else {
        PAPER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_of_black_and_white_is_21() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    }

    #[test]
    fn text_reads_on_every_colour() {
        for step in 0..=100 {
            let colour = sequential(f64::from(step) / 100.0);
            assert!(contrast(text_on(&colour), &colour) >= 4.5, "{colour}");
        }
        for colour in CATEGORIES {
            assert!(contrast(text_on(colour), colour) >= 4.5, "{colour}");
        }
        assert!(contrast(MUTED, PAPER) >= 4.5 && contrast(MUTED, VERMILION_TINT) >= 4.5);
    }
}

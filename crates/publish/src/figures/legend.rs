//! Keys: swatch and words in rows that wrap.

use super::svg::{Canvas, SMALL};
use super::text;

/// Space kept for the swatch of an entry.
pub(crate) const SWATCH: f64 = 26.0;
const ROW: f64 = 20.0;
const GAP: f64 = 22.0;

/// Draws entries from left to right, wrapping at `limit`. `swatch(canvas, index, x, middle)` draws the sample
/// in the 26 units right of `x`. Returns the height used.
pub(crate) fn legend(
    canvas: &mut Canvas,
    (left, top, limit): (f64, f64, f64),
    entries: &[String],
    mut swatch: impl FnMut(&mut Canvas, usize, f64, f64),
) -> f64 {
    let face = SMALL.sized(11.5).fill(super::colour::INK);
    let (mut x, mut y) = (left, top);
    for (i, entry) in entries.iter().enumerate() {
        let lines = text::wrap(entry, limit - left - SWATCH, face.size());
        let w = SWATCH + text::widest(&lines, face.size());
        if x > left && x + w > limit {
            x = left;
            y += ROW;
        }
        swatch(canvas, i, x, y + ROW / 2.0);
        canvas.centred(
            x + SWATCH,
            y + ROW / 2.0 + (lines.len() - 1) as f64 * face.size() * 0.6,
            face,
            &lines,
        );
        y += (lines.len() - 1) as f64 * face.size() * 1.2;
        x += w + GAP;
    }
    if entries.is_empty() {
        0.0
    } else {
        y + ROW - top
    }
}

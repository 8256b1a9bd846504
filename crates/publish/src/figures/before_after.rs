//! Exposure before and after the plan, with both ranges, one row for each scenario or target.

use super::colour::{BLUE, FAINT, INK, MUTED, PAPER, RULE, VERMILION};
use super::legend::legend;
use super::scale::{Linear, tick_text, ticks};
use super::svg::{Canvas, LABEL, SMALL, Svg, WIDTH};
use super::{Frame, Ranged, text};
use crate::words::word;

#[derive(Debug, Clone)]
pub struct BeforeAfter {
    pub rows: Vec<BeforeAfterRow>,
    /// What is measured and its unit.
    pub measure: String,
}

#[derive(Debug, Clone)]
pub struct BeforeAfterRow {
    pub label: String,
    /// `None` where it is not estimated.
    pub before: Option<Ranged>,
    pub after: Option<Ranged>,
}

const ROW: f64 = 34.0;
/// Before lies above the middle of the row, after below: ranges that overlap stay apart.
const OFFSET: f64 = 6.5;

pub fn before_after(frame: &Frame, input: &BeforeAfter) -> Svg {
    let mut canvas = Canvas::new();
    let lang = frame.lang;
    let labels: Vec<&str> = input.rows.iter().map(|r| r.label.as_str()).collect();
    let label_width = text::widest(&labels, LABEL.size()).clamp(60.0, 270.0);
    let missing = word("missing", lang);
    let side = |pick: fn(&BeforeAfterRow) -> &Option<Ranged>, heading: &str| {
        let texts = input.rows.iter().map(|r| {
            pick(r)
                .as_ref()
                .map_or(missing.as_str(), |v| v.text.as_str())
        });
        texts
            .chain([heading])
            .map(|t| text::width(t, SMALL.size()))
            .fold(0.0, f64::max)
    };
    let (before_word, after_word) = (word("before", lang), word("after", lang));
    let before_width = side(|r| &r.before, &before_word);
    let after_width = side(|r| &r.after, &after_word);
    let after_right = WIDTH - 2.0;
    let before_right = after_right - after_width - 18.0;
    let plot = (label_width + 14.0, before_right - before_width - 22.0);

    let values = || {
        input
            .rows
            .iter()
            .flat_map(|r| [&r.before, &r.after])
            .flatten()
    };
    let low = values().map(|v| v.low).fold(0.0, f64::min);
    let high = values().map(|v| v.high).fold(0.0, f64::max);
    let t = ticks(low, high, 6);
    let x = Linear::new((t[0], t[t.len() - 1]), plot);

    let words = [
        before_word.clone(),
        after_word.clone(),
        word("range_line", lang),
    ];
    let used = legend(
        &mut canvas,
        (0.0, 0.0, WIDTH),
        &words,
        |canvas, i, x, middle| match i {
            0 => mark_before(canvas, x + 10.0, middle),
            1 => mark_after(canvas, x + 10.0, middle),
            _ => range(canvas, x, x + 20.0, middle, MUTED),
        },
    );
    let top = used + 26.0;
    canvas.text(before_right, top - 6.0, SMALL.end(), &before_word);
    canvas.text(after_right, top - 6.0, SMALL.end(), &after_word);

    let wrapped: Vec<Vec<String>> = input
        .rows
        .iter()
        .map(|r| text::wrap(&r.label, label_width, LABEL.size()))
        .collect();
    let height_of = |lines: &Vec<String>| ROW.max(lines.len() as f64 * LABEL.size() * 1.2 + 10.0);
    let bottom = top + wrapped.iter().map(height_of).sum::<f64>();
    for tick in &t {
        let at = x.at(*tick);
        let colour = if *tick == 0.0 { "#8a8a8a" } else { FAINT };
        canvas.line((at, top), (at, bottom), &format!("stroke=\"{colour}\""));
        canvas.text(at, bottom + 15.0, SMALL.middle(), &tick_text(*tick, &t));
    }
    canvas.text(plot.0, bottom + 31.0, SMALL, &input.measure);

    let mut y = top;
    for (row, lines) in input.rows.iter().zip(&wrapped) {
        let height = height_of(lines);
        let middle = y + height / 2.0;
        canvas.line(
            (0.0, y),
            (WIDTH, y),
            &format!("stroke=\"{RULE}\" stroke-width=\"0.5\""),
        );
        canvas.centred(label_width, middle, LABEL.end(), lines);
        if let (Some(b), Some(a)) = (&row.before, &row.after) {
            canvas.line(
                (x.at(b.value), middle - OFFSET),
                (x.at(a.value), middle + OFFSET),
                "stroke=\"#8a8a8a\" stroke-width=\"1\" stroke-dasharray=\"2 2\"",
            );
        }
        if let Some(b) = &row.before {
            range(
                &mut canvas,
                x.at(b.low),
                x.at(b.high),
                middle - OFFSET,
                VERMILION,
            );
            mark_before(&mut canvas, x.at(b.value), middle - OFFSET);
        }
        if let Some(a) = &row.after {
            range(
                &mut canvas,
                x.at(a.low),
                x.at(a.high),
                middle + OFFSET,
                BLUE,
            );
            mark_after(&mut canvas, x.at(a.value), middle + OFFSET);
        }
        let text_of = |v: &Option<Ranged>| {
            v.as_ref()
                .map_or_else(|| missing.clone(), |v| v.text.clone())
        };
        canvas.centred(
            before_right,
            middle,
            SMALL.fill(INK).end(),
            &[text_of(&row.before)],
        );
        canvas.centred(
            after_right,
            middle,
            SMALL.fill(INK).end(),
            &[text_of(&row.after)],
        );
        y += height;
    }
    canvas.finish(frame, WIDTH, bottom + 38.0)
}

fn range(canvas: &mut Canvas, from: f64, to: f64, y: f64, colour: &str) {
    if to > from {
        canvas.line(
            (from, y),
            (to, y),
            &format!("stroke=\"{colour}\" stroke-width=\"3\" stroke-opacity=\"0.45\""),
        );
        for x in [from, to] {
            canvas.line(
                (x, y - 3.5),
                (x, y + 3.5),
                &format!("stroke=\"{colour}\" stroke-width=\"1.2\""),
            );
        }
    }
}

fn mark_before(canvas: &mut Canvas, x: f64, y: f64) {
    canvas.circle(
        x,
        y,
        4.6,
        &format!("fill=\"{PAPER}\" stroke=\"{VERMILION}\" stroke-width=\"2\""),
    );
}

fn mark_after(canvas: &mut Canvas, x: f64, y: f64) {
    canvas.rect(x - 4.5, y - 4.5, 9.0, 9.0, &format!("fill=\"{BLUE}\""));
}

//! How often, over all accepted weights and values, an option takes which rank.
//!
//! Rank acceptability: Lahdelma & Salminen, "SMAA-2", Operations Research 49 (2001). Rows are sorted here, best
//! first: by the share of ranks up to each place (stacked bars) or by the top share (whiskers).

use super::colour::{BLUE, FAINT, INK, RULE, sequential, text_on};
use super::heatmap::whisker;
use super::legend::legend;
use super::scale::{Linear, tick_text, ticks};
use super::svg::{Canvas, LABEL, SMALL, Svg, WIDTH};
use super::{Frame, Ranged, text};
use crate::words::{phrase, word};

#[derive(Debug, Clone)]
pub struct Acceptability {
    pub rows: AcceptabilityRows,
    /// What the bars measure, e.g. "share of draws".
    pub measure: String,
}

#[derive(Debug, Clone)]
pub enum AcceptabilityRows {
    /// Stacked bars: the share of each rank.
    Ranks(Vec<RankRow>),
    /// Share of draws in which the option is among the first `k`, with its range.
    Top { k: usize, rows: Vec<TopRow> },
}

#[derive(Debug, Clone)]
pub struct RankRow {
    pub label: String,
    /// Shares in `[0, 1]`, first rank first; what is missing to 1 stays empty.
    pub ranks: Vec<f64>,
}

#[derive(Debug, Clone)]
pub struct TopRow {
    pub label: String,
    /// `None` where it is not estimated.
    pub share: Option<Ranged>,
}

/// Ranks beyond are drawn as one.
const SHOWN: usize = 9;
const ROW: f64 = 24.0;

pub fn acceptability(frame: &Frame, input: &Acceptability) -> Svg {
    match &input.rows {
        AcceptabilityRows::Ranks(rows) => stacked(frame, input, rows),
        AcceptabilityRows::Top { k, rows } => top(frame, input, *k, rows),
    }
}

/// Vertical places of rows that may be higher for long labels.
struct Rows {
    lines: Vec<Vec<String>>,
    /// Top and height.
    at: Vec<(f64, f64)>,
    label_width: f64,
    bottom: f64,
}

fn rows_of(labels: &[&str], top: f64) -> Rows {
    let label_width = text::widest(labels, LABEL.size()).clamp(60.0, 260.0);
    let lines: Vec<Vec<String>> = labels
        .iter()
        .map(|l| text::wrap(l, label_width, LABEL.size()))
        .collect();
    let mut y = top;
    let mut at = Vec::new();
    for label in &lines {
        let height = ROW.max(label.len() as f64 * LABEL.size() * 1.2 + 6.0);
        at.push((y, height));
        y += height;
    }
    Rows {
        lines,
        at,
        label_width,
        bottom: y,
    }
}

fn axis(canvas: &mut Canvas, measure: &str, x: Linear, t: &[f64], (top, bottom): (f64, f64)) {
    for tick in t {
        canvas.line(
            (x.at(*tick), top),
            (x.at(*tick), bottom),
            &format!("stroke=\"{FAINT}\""),
        );
        canvas.text(
            x.at(*tick),
            bottom + 15.0,
            SMALL.middle(),
            &tick_text(*tick, t),
        );
    }
    canvas.text(x.at(t[0]), bottom + 31.0, SMALL, measure);
}

fn share(value: f64) -> f64 {
    if value.is_finite() {
        value.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

fn stacked(frame: &Frame, input: &Acceptability, given: &[RankRow]) -> Svg {
    let mut sorted: Vec<(&RankRow, Vec<f64>)> =
        given.iter().map(|row| (row, grouped(&row.ranks))).collect();
    // Sum of the cumulated shares: the more weight on early ranks, the larger.
    let weight = |ranks: &[f64]| -> f64 {
        ranks
            .iter()
            .enumerate()
            .map(|(r, s)| s * (SHOWN + 1 - r) as f64)
            .sum()
    };
    sorted.sort_by(|a, b| weight(&b.1).total_cmp(&weight(&a.1)));
    let mut canvas = Canvas::new();
    let labels: Vec<&str> = sorted.iter().map(|(row, _)| row.label.as_str()).collect();
    let count = sorted
        .iter()
        .map(|(_, ranks)| ranks.len())
        .max()
        .unwrap_or(0);
    let beyond = given.iter().any(|row| row.ranks.len() > SHOWN);
    let words: Vec<String> = (0..count)
        .map(|r| {
            let id = if beyond && r + 1 == SHOWN {
                "rank_beyond"
            } else {
                "rank"
            };
            phrase(id, frame.lang, &[("rank", &(r + 1).to_string())])
        })
        .collect();
    let colour = |r: usize| sequential(1.0 - r as f64 / (SHOWN as f64 - 0.5));
    let used = legend(
        &mut canvas,
        (0.0, 0.0, WIDTH),
        &words,
        |canvas, r, x, middle| {
            canvas.rect(
                x,
                middle - 7.0,
                20.0,
                14.0,
                &format!(
                    "fill=\"{}\" stroke=\"{RULE}\" stroke-width=\"0.6\"",
                    colour(r)
                ),
            );
        },
    );
    let rows = rows_of(&labels, used + 10.0);
    let x = Linear::new((0.0, 1.0), (rows.label_width + 12.0, WIDTH - 16.0));
    axis(
        &mut canvas,
        &input.measure,
        x,
        &[0.0, 0.25, 0.5, 0.75, 1.0],
        (used + 6.0, rows.bottom),
    );
    for (((row, ranks), lines), (y, height)) in sorted.iter().zip(&rows.lines).zip(&rows.at) {
        canvas.centred(rows.label_width, y + height / 2.0, LABEL.end(), lines);
        let mut from = 0.0;
        for (r, part) in ranks.iter().enumerate() {
            let to = (from + part).min(1.0);
            let (left, right) = (x.at(from), x.at(to));
            let fill = colour(r);
            canvas.open(&format!("{}, {}: {part:.2}", row.label, words[r]));
            canvas.rect(
                left,
                y + 3.0,
                right - left,
                height - 6.0,
                &format!("fill=\"{fill}\" stroke=\"#ffffff\" stroke-width=\"0.8\""),
            );
            let number = format!("{part:.2}");
            if right - left > text::width(&number, 10.5) + 4.0 {
                canvas.centred(
                    f64::midpoint(left, right),
                    y + height / 2.0,
                    SMALL.sized(10.5).fill(text_on(&fill)).middle(),
                    &[number],
                );
            }
            canvas.close();
            from = to;
        }
    }
    canvas.finish(frame, WIDTH, rows.bottom + 38.0)
}

/// The first shares one by one, all later ones in the last place.
fn grouped(ranks: &[f64]) -> Vec<f64> {
    let mut out: Vec<f64> = ranks.iter().take(SHOWN).map(|s| share(*s)).collect();
    let rest: f64 = ranks.iter().skip(SHOWN).map(|s| share(*s)).sum();
    if let Some(last) = out.last_mut() {
        *last += rest;
    }
    out
}

fn top(frame: &Frame, input: &Acceptability, k: usize, given: &[TopRow]) -> Svg {
    let mut sorted: Vec<&TopRow> = given.iter().collect();
    let key = |row: &TopRow| row.share.as_ref().map_or(-1.0, |s| share(s.value));
    sorted.sort_by(|a, b| key(b).total_cmp(&key(a)));
    let mut canvas = Canvas::new();
    let labels: Vec<&str> = sorted.iter().map(|row| row.label.as_str()).collect();
    let words = [
        phrase("top_k", frame.lang, &[("k", &k.to_string())]),
        word("range_line", frame.lang),
    ];
    let used = legend(
        &mut canvas,
        (0.0, 0.0, WIDTH),
        &words,
        |canvas, i, x, middle| {
            if i == 0 {
                canvas.rect(x, middle - 5.0, 20.0, 10.0, &format!("fill=\"{BLUE}\""));
            } else {
                whisker(canvas, x + 1.0, x + 19.0, middle);
            }
        },
    );
    let rows = rows_of(&labels, used + 10.0);
    let shares = || sorted.iter().filter_map(|row| row.share.as_ref());
    let number = shares()
        .map(|s| text::width(&s.text, SMALL.size()))
        .fold(40.0, f64::max)
        + 12.0;
    let x = Linear::new((0.0, 1.0), (rows.label_width + 12.0, WIDTH - number));
    axis(
        &mut canvas,
        &input.measure,
        x,
        &ticks(0.0, 1.0, 5),
        (used + 6.0, rows.bottom),
    );
    for ((row, lines), (y, height)) in sorted.iter().zip(&rows.lines).zip(&rows.at) {
        let middle = y + height / 2.0;
        canvas.centred(rows.label_width, middle, LABEL.end(), lines);
        let Some(s) = &row.share else {
            canvas.centred(
                x.at(0.0) + 6.0,
                middle,
                SMALL,
                &[word("missing", frame.lang)],
            );
            continue;
        };
        canvas.rect(
            x.at(0.0),
            middle - 6.0,
            x.at(share(s.value)) - x.at(0.0),
            12.0,
            &format!("fill=\"{BLUE}\" fill-opacity=\"0.75\""),
        );
        if s.high > s.low {
            whisker(&mut canvas, x.at(share(s.low)), x.at(share(s.high)), middle);
        }
        canvas.centred(x.at(1.0) + 8.0, middle, SMALL.fill(INK), &[&s.text]);
    }
    canvas.finish(frame, WIDTH, rows.bottom + 38.0)
}

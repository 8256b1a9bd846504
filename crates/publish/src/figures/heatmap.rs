//! A matrix of values: colour for the eye, the number in the cell for the reader.

use super::colour::{FAINT, INK, RULE, VERMILION, sequential, text_on};
use super::legend::legend;
use super::svg::{Canvas, LABEL, Pattern, SMALL, Svg, WIDTH, hatch};
use super::{Frame, Ranged, text};
use crate::words::word;

/// Values of rows (fields) in columns (jurisdictions), drawn in the order given.
#[derive(Debug, Clone)]
pub struct Heatmap {
    pub rows: Vec<HeatRow>,
    pub columns: Vec<HeatColumn>,
    /// `cells[row][column]`; `None` is a value that is not estimated, drawn hatched.
    pub cells: Vec<Vec<Option<HeatCell>>>,
    /// The value that gets the darkest colour; the lightest is zero.
    pub full: f64,
    /// What the colour shows, e.g. "share of documents".
    pub measure: String,
    /// Heading of the bars beside the rows.
    pub bar_heading: String,
}

#[derive(Debug, Clone)]
pub struct HeatRow {
    pub label: String,
    /// Bar at the right with its range.
    pub bar: Option<Ranged>,
}

/// Whether a column is the reader's own.
#[derive(Debug, Clone)]
pub struct HeatColumn {
    pub label: String,
    pub home: bool,
}

#[derive(Debug, Clone)]
pub struct HeatCell {
    pub value: f64,
    /// The number as written in the cell; short.
    pub text: String,
    /// Shown when pointed at.
    pub range: Option<String>,
}

const GAP: f64 = 14.0;
/// Size of the column headings.
const HEADING: f64 = 10.5;
/// Free at both sides of a heading, together.
const AIR: f64 = 3.0;

pub fn heatmap(frame: &Frame, input: &Heatmap) -> Svg {
    let mut canvas = Canvas::new();
    let labels: Vec<&str> = input.rows.iter().map(|r| r.label.as_str()).collect();
    let label_width = text::widest(&labels, LABEL.size()).clamp(60.0, 220.0);
    let has_bars = input.rows.iter().any(|r| r.bar.is_some());
    let bar_width = if has_bars { 146.0 } else { 0.0 };
    let left = label_width + 10.0;
    let columns = input.columns.len().max(1) as f64;
    let cell = ((WIDTH - left - bar_width - GAP) / columns).min(110.0);

    let heading = headings(&mut canvas, frame, input, left, cell);
    let top = heading.bottom;

    let mut y = top;
    let mut tops = Vec::with_capacity(input.rows.len() + 1);
    for (i, row) in input.rows.iter().enumerate() {
        let lines = text::wrap(&row.label, label_width, LABEL.size());
        let height = (lines.len() as f64 * LABEL.size() * 1.2 + 8.0).max(27.0);
        tops.push(y);
        canvas.centred(label_width, y + height / 2.0, LABEL.end(), &lines);
        for (j, column) in input.columns.iter().enumerate() {
            let value = input
                .cells
                .get(i)
                .and_then(|r| r.get(j))
                .and_then(Option::as_ref);
            let x = left + j as f64 * cell;
            canvas.open(&tip(frame, &row.label, &column.label, value));
            draw_cell(
                &mut canvas,
                (x + 0.5, y + 0.5, cell - 1.0, height - 1.0),
                value,
                input.full,
            );
            canvas.close();
        }
        y += height;
    }
    tops.push(y);
    for (j, _) in input.columns.iter().enumerate().filter(|(_, c)| c.home) {
        let x = left + j as f64 * cell;
        if heading.tilted {
            canvas.text(
                x + cell / 2.0,
                y + 13.0,
                SMALL.bold().fill(VERMILION_TEXT).middle(),
                &home_tag(frame),
            );
        }
        canvas.rect(
            x - 0.5,
            top - 1.0,
            cell + 1.0,
            y - top + 2.0,
            &format!("fill=\"none\" stroke=\"{VERMILION}\" stroke-width=\"2\""),
        );
    }
    let marked = heading.tilted && input.columns.iter().any(|c| c.home);
    let y = if marked { y + 14.0 } else { y };
    if has_bars {
        bars(
            &mut canvas,
            input,
            &tops,
            left + columns * cell + GAP,
            bar_width - 6.0,
        );
    }
    let height = y + 14.0 + key(&mut canvas, frame, input, y + 14.0) + 4.0;
    canvas.finish(frame, WIDTH, height)
}

struct Heading {
    bottom: f64,
    tilted: bool,
}

fn home_tag(frame: &Frame) -> String {
    format!("▲ {}", word("home", frame.lang))
}

/// Column headings: flat where they fit in three lines of whole words, else at an angle. The home column is marked
/// above flat headings and below the matrix otherwise.
fn headings(canvas: &mut Canvas, frame: &Frame, input: &Heatmap, left: f64, cell: f64) -> Heading {
    let wrapped: Vec<Vec<String>> = input
        .columns
        .iter()
        .map(|c| text::wrap(&c.label, cell - AIR, HEADING))
        .collect();
    let whole = |label: &str| {
        label
            .split(' ')
            .all(|w| text::width(w, HEADING) <= cell - AIR)
    };
    let flat = input
        .columns
        .iter()
        .zip(&wrapped)
        .all(|(c, lines)| whole(&c.label) && lines.len() <= 3);
    let all: Vec<&str> = input.columns.iter().map(|c| c.label.as_str()).collect();
    let height = if flat {
        18.0 + wrapped.iter().map(Vec::len).max().unwrap_or(1) as f64 * HEADING * 1.2
    } else {
        (text::widest(&all, HEADING) * 0.82 + 18.0).min(220.0)
    };
    let bottom = height + 8.0;
    for (j, (column, lines)) in input.columns.iter().zip(&wrapped).enumerate() {
        let x = left + (j as f64 + 0.5) * cell;
        let face = SMALL.sized(HEADING);
        let face = if column.home {
            face.bold().fill(INK)
        } else {
            face
        };
        if flat {
            let first = bottom - 8.0 - (lines.len() - 1) as f64 * HEADING * 1.2;
            canvas.lines(x, first, face.middle(), lines);
            if column.home {
                let tag = home_tag(frame).replace('▲', "▼");
                canvas.text(
                    x,
                    first - HEADING - 5.0,
                    SMALL.bold().fill(VERMILION_TEXT).middle(),
                    &tag,
                );
            }
        } else {
            canvas.text(x + 4.0, bottom - 8.0, face.turned(-55.0), &column.label);
        }
    }
    Heading {
        bottom,
        tilted: !flat,
    }
}

/// Darker than the vermilion of the frame, for small text.
const VERMILION_TEXT: &str = "#a84a00";

fn tip(frame: &Frame, row: &str, column: &str, cell: Option<&HeatCell>) -> String {
    match cell {
        Some(HeatCell {
            text,
            range: Some(range),
            ..
        }) => format!("{row}, {column}: {text} ({range})"),
        Some(HeatCell { text, .. }) => format!("{row}, {column}: {text}"),
        None => format!("{row}, {column}: {}", word("missing", frame.lang)),
    }
}

fn share(value: f64, full: f64) -> f64 {
    if full > 0.0 { value / full } else { 0.0 }
}

fn draw_cell(canvas: &mut Canvas, at: (f64, f64, f64, f64), cell: Option<&HeatCell>, full: f64) {
    let (x, y, w, h) = at;
    let Some(cell) = cell else {
        canvas.rect(x, y, w, h, &format!("fill=\"{FAINT}\""));
        hatch(canvas, at, Pattern::Rising, 6.0, "#b5b5b5");
        return;
    };
    let colour = sequential(share(cell.value, full));
    canvas.rect(x, y, w, h, &format!("fill=\"{colour}\""));
    let face = LABEL.sized(12.0);
    let size = if text::width(&cell.text, face.size()) <= w - 2.0 {
        12.0
    } else {
        10.0
    };
    canvas.centred(
        x + w / 2.0,
        y + h / 2.0,
        face.sized(size).fill(text_on(&colour)).middle(),
        &[&cell.text],
    );
}

fn bars(canvas: &mut Canvas, input: &Heatmap, tops: &[f64], left: f64, width: f64) {
    let lines = text::wrap(&input.bar_heading, width, SMALL.size());
    let first = tops[0] - 8.0 - (lines.len() - 1) as f64 * SMALL.size() * 1.2;
    canvas.lines(left, first, SMALL, &lines);
    let all = || input.rows.iter().filter_map(|r| r.bar.as_ref());
    let number_width = all()
        .map(|b| text::width(&b.text, SMALL.size()))
        .fold(0.0, f64::max)
        + 8.0;
    let most = all().map(|b| b.high.max(b.value)).fold(0.0, f64::max);
    let reach = width - number_width;
    for (row, pair) in input.rows.iter().zip(tops.windows(2)) {
        let Some(bar) = &row.bar else { continue };
        let middle = f64::midpoint(pair[0], pair[1]);
        let at = |v: f64| left + share(v, most).clamp(0.0, 1.0) * reach;
        canvas.rect(
            left,
            middle - 5.0,
            at(bar.value) - left,
            10.0,
            "fill=\"#8a8a8a\"",
        );
        if bar.high > bar.low {
            whisker(canvas, at(bar.low), at(bar.high), middle);
        }
        canvas.centred(left + reach + 8.0, middle, SMALL.fill(INK), &[&bar.text]);
    }
    let bottom = tops.last().copied().unwrap_or_default();
    canvas.line(
        (left, tops[0]),
        (left, bottom),
        &format!("stroke=\"{RULE}\""),
    );
}

/// A range as a thin line with short ends.
pub(crate) fn whisker(canvas: &mut Canvas, from: f64, to: f64, y: f64) {
    let stroke = format!("stroke=\"{INK}\" stroke-width=\"1.2\"");
    canvas.line((from, y), (to, y), &stroke);
    for x in [from, to] {
        canvas.line((x, y - 3.5), (x, y + 3.5), &stroke);
    }
}

fn key(canvas: &mut Canvas, frame: &Frame, input: &Heatmap, top: f64) -> f64 {
    const STEP: f64 = 34.0;
    let x = 10.0 + text::width(&input.measure, SMALL.size()).min(360.0);
    let lines = text::wrap(&input.measure, 360.0, SMALL.size());
    canvas.centred(0.0, top + 10.0, SMALL, &lines);
    let ticks: Vec<f64> = (0_u8..5).map(|k| input.full * f64::from(k) / 4.0).collect();
    for (k, value) in ticks.iter().enumerate() {
        let colour = sequential(k as f64 / 4.0);
        let left = x + k as f64 * STEP;
        canvas.rect(
            left,
            top,
            STEP,
            20.0,
            &format!("fill=\"{colour}\" stroke=\"{RULE}\" stroke-width=\"0.5\""),
        );
        let label = super::scale::tick_text(*value, &ticks);
        canvas.centred(
            left + STEP / 2.0,
            top + 10.0,
            SMALL.sized(10.0).fill(text_on(&colour)).middle(),
            &[label],
        );
    }
    let mut entries = Vec::new();
    let missing = input.rows.iter().enumerate().any(|(i, _)| {
        (0..input.columns.len()).any(|j| {
            input
                .cells
                .get(i)
                .and_then(|r| r.get(j))
                .is_none_or(Option::is_none)
        })
    });
    if missing {
        entries.push(word("missing", frame.lang));
    }
    let bars = input
        .rows
        .iter()
        .any(|r| r.bar.as_ref().is_some_and(|b| b.high > b.low));
    if bars {
        entries.push(word("range_line", frame.lang));
    }
    let used = legend(
        canvas,
        (x + 5.0 * STEP + 22.0, top, WIDTH),
        &entries,
        |canvas, i, x, middle| {
            if missing && i == 0 {
                canvas.rect(x, middle - 7.0, 20.0, 14.0, &format!("fill=\"{FAINT}\""));
                hatch(
                    canvas,
                    (x, middle - 7.0, 20.0, 14.0),
                    Pattern::Rising,
                    6.0,
                    "#b5b5b5",
                );
            } else {
                whisker(canvas, x + 1.0, x + 19.0, middle);
            }
        },
    );
    used.max(20.0).max(lines.len() as f64 * SMALL.size() * 1.2)
}

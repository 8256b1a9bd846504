//! Stages and milestones on a year axis, a lane for each industry, under the layers that surround them.
//!
//! A band has its name on a strip and a row for each node: a bar from its first year to its last, an arrow where none is
//! known or it lies beyond the axis, and a diamond for a single date. A date outside the axis is an arrow at the rim, with
//! its year in words.
//!
//! A bar ends where the stage ends in the middle case (P50); its whisker reaches to the year by which it ends in
//! eight of ten draws (P80), and is an arrow where that lies beyond the axis.

use super::colour::{BLUE, FAINT, INK, PAPER, RULE, VERMILION, category};
use super::legend::legend;
use super::scale::{Linear, tick_text, ticks};
use super::svg::{Canvas, LABEL, PATTERNS, Pattern, SMALL, Svg, WIDTH, hatch};
use super::{Frame, text};
use crate::words::{phrase, word};

#[derive(Debug, Clone)]
pub struct Roadmap {
    /// First and last year of the axis; stages outside are cut at its ends.
    pub years: (f64, f64),
    /// Last year of the plan: a line at its end; none where the axis does not reach it.
    pub plan_end: Option<i32>,
    /// Layers above the lanes.
    pub bands: Vec<LayerBand>,
    /// Name of the strip over the lanes; empty: no strip.
    pub lanes_name: String,
    pub lanes: Vec<Lane>,
    /// Words of the kinds of stages; [`Stage::kind`] is an index into them.
    pub kinds: Vec<String>,
}

/// A layer whose nodes are not stages.
#[derive(Debug, Clone)]
pub struct LayerBand {
    pub name: String,
    pub nodes: Vec<LayerNode>,
}

#[derive(Debug, Clone)]
pub struct LayerNode {
    pub label: String,
    /// Years, with fractions; the same twice is a date.
    pub from: f64,
    pub until: Option<f64>,
    /// The years in words, as tables print them: a bar reaches to the end of the last one.
    pub years: String,
}

#[derive(Debug, Clone)]
pub struct Lane {
    pub label: String,
    pub stages: Vec<Stage>,
    pub milestones: Vec<Milestone>,
}

#[derive(Debug, Clone)]
pub struct Stage {
    /// May be empty: the key then names the kind.
    pub label: String,
    pub kind: usize,
    /// Years, with fractions.
    pub start: f64,
    pub p50: f64,
    pub p80: f64,
}

#[derive(Debug, Clone)]
pub struct Milestone {
    pub label: String,
    pub year: f64,
}

const ROW: f64 = 20.0;
const STRIP: f64 = 20.0;
const BAND_ROW: f64 = 21.0;
/// A bar of a band lies this far under the middle of its row, its words as far above: no line strikes through them.
const BAND_BASE: f64 = 7.0;
const BAND_WORDS: f64 = 3.0;

/// Colours of stages: those on which a pattern shows.
const STAGES: [usize; 6] = [0, 4, 2, 5, 1, 6];

fn stage_look(kind: usize) -> (&'static str, Pattern) {
    (
        category(STAGES[kind % STAGES.len()]),
        PATTERNS[kind % PATTERNS.len()],
    )
}

pub fn roadmap(frame: &Frame, input: &Roadmap) -> Svg {
    let mut canvas = Canvas::new();
    let labels: Vec<&str> = input.lanes.iter().map(|l| l.label.as_str()).collect();
    let label_width = text::widest(&labels, LABEL.size()).clamp(60.0, 180.0);
    let left = label_width + 16.0;
    let right = WIDTH - 12.0;
    let x = Linear::new(input.years, (left, right));
    let used = key(&mut canvas, frame, input);
    let top = used + 28.0;

    let laid: Vec<LaidLane> = input
        .lanes
        .iter()
        .map(|lane| lay(lane, input, x, label_width, (left, right)))
        .collect();
    let bands: f64 = input.bands.iter().map(band_height).sum();
    let strip = if input.lanes_name.is_empty() {
        0.0
    } else {
        STRIP
    };
    let bottom = top + bands + strip + laid.iter().map(|l| l.height).sum::<f64>();
    let t = ticks(input.years.0, input.years.1, 10);
    for tick in t
        .iter()
        .filter(|t| (input.years.0..=input.years.1).contains(*t))
    {
        canvas.line(
            (x.at(*tick), top),
            (x.at(*tick), bottom),
            &format!("stroke=\"{FAINT}\""),
        );
        canvas.text(
            x.at(*tick),
            top - 8.0,
            SMALL.middle(),
            &tick_text(*tick, &t),
        );
    }
    let mut y = top;
    for band in &input.bands {
        draw_band(&mut canvas, input, x, band, y, (left, right));
        y += band_height(band);
    }
    if strip > 0.0 {
        draw_strip(&mut canvas, &input.lanes_name, y);
        y += strip;
    }
    for (lane, laid) in input.lanes.iter().zip(&laid) {
        canvas.line(
            (0.0, y),
            (WIDTH, y),
            &format!("stroke=\"{RULE}\" stroke-width=\"0.6\""),
        );
        canvas.lines(
            label_width,
            y + 7.0 + LABEL.size(),
            LABEL.end(),
            &laid.label,
        );
        for (row, stage) in lane.stages.iter().enumerate() {
            draw_stage(
                &mut canvas,
                input,
                x,
                stage,
                y + 4.0 + row as f64 * ROW,
                (left, right),
            );
        }
        for (milestone, place) in lane.milestones.iter().zip(&laid.milestones) {
            let middle = y + 4.0 + (lane.stages.len() as f64 + place.row as f64 + 0.5) * ROW;
            draw_date(&mut canvas, input, x, milestone.year, middle, (left, right));
            let face = if place.leftward {
                SMALL.fill(INK).end()
            } else {
                SMALL.fill(INK)
            };
            let shift = if place.leftward { -9.0 } else { 9.0 };
            let tip = format!("{}: {:.0}", milestone.label, milestone.year);
            canvas.open(&tip);
            canvas.centred(
                x.at(milestone.year) + shift,
                middle,
                face.halo(),
                &[&place.text],
            );
            canvas.close();
        }
        y += laid.height;
    }
    canvas.line(
        (0.0, y),
        (WIDTH, y),
        &format!("stroke=\"{RULE}\" stroke-width=\"0.6\""),
    );
    let height = draw_end(&mut canvas, frame, input, x, (top, bottom));
    canvas.finish(frame, WIDTH, height)
}

/// A line where the plan ends, its name below; the height of the drawing with it.
fn draw_end(
    canvas: &mut Canvas,
    frame: &Frame,
    input: &Roadmap,
    x: Linear,
    (top, bottom): (f64, f64),
) -> f64 {
    let Some((year, end)) = plan_end(input) else {
        return bottom + 6.0;
    };
    let at = x.at(end);
    canvas.line((at, top), (at, bottom + 4.0), &end_paint());
    let said = end_words(frame, year);
    let face = SMALL.fill(INK).end();
    canvas.text(
        (at + 4.0).min(WIDTH - 2.0),
        bottom + 6.0 + SMALL.size(),
        face,
        &said,
    );
    bottom + 12.0 + SMALL.size()
}

/// Last year of the plan and where it ends, if the axis reaches it: the last year is part of the plan.
fn plan_end(input: &Roadmap) -> Option<(i32, f64)> {
    let ends = input.plan_end.map(|year| (year, f64::from(year) + 1.0));
    ends.filter(|(_, end)| *end > input.years.0 && *end <= input.years.1)
}

fn end_words(frame: &Frame, year: i32) -> String {
    phrase("plan_end", frame.lang, &[("year", &year.to_string())])
}

fn end_paint() -> String {
    format!("stroke=\"{VERMILION}\" stroke-width=\"1.4\" stroke-dasharray=\"5 3\"")
}

fn band_height(band: &LayerBand) -> f64 {
    STRIP + band.nodes.len() as f64 * BAND_ROW + 6.0
}

fn draw_strip(canvas: &mut Canvas, name: &str, y: f64) {
    canvas.rect(0.0, y, WIDTH, STRIP - 2.0, &format!("fill=\"{FAINT}\""));
    let face = SMALL.bold().fill(INK);
    canvas.centred(4.0, y + STRIP / 2.0 - 1.0, face, &[name]);
}

fn draw_band(
    canvas: &mut Canvas,
    input: &Roadmap,
    x: Linear,
    band: &LayerBand,
    y: f64,
    (left, right): (f64, f64),
) {
    draw_strip(canvas, &band.name, y);
    let (first, last) = input.years;
    let ink = format!("stroke=\"{BLUE}\" stroke-width=\"2\"");
    for (row, node) in band.nodes.iter().enumerate() {
        let middle = y + STRIP + (row as f64 + 0.5) * BAND_ROW + 2.0;
        let end = node.until.filter(|until| *until <= last);
        canvas.open(&format!("{}: {}", node.label, node.years));
        let from = x.at(node.from);
        let date = node.until.is_some_and(|until| until <= node.from);
        let label = if date && outside(input, node.from) {
            format!("{} · {}", node.label, node.years)
        } else {
            node.label.clone()
        };
        let text_at = if date {
            draw_date(canvas, input, x, node.from, middle, (left, right));
            from + 9.0
        } else {
            let to = end.map_or(right, |until| x.at(until.max(first)));
            let base = middle + BAND_BASE;
            canvas.line((from, base), (to, base), &ink);
            if node.from >= first && node.from <= last {
                canvas.line((from, base - 3.0), (from, base + 1.0), &ink);
            }
            if end.is_some() {
                canvas.line((to, base - 3.0), (to, base + 1.0), &ink);
            } else {
                arrow(canvas, (right, base), 7.0, BLUE);
            }
            from + 4.0
        };
        let wide = text::width(&label, SMALL.size());
        let face = SMALL.fill(INK).halo();
        let raised = if date { 0.0 } else { BAND_WORDS };
        if text_at + wide <= right || text_at - 18.0 - wide < left {
            let line = &text::wrap(&label, (right - text_at - 10.0).max(60.0), SMALL.size());
            let cut = if line.len() > 1 { "…" } else { "" };
            let shown = format!("{}{cut}", line[0]);
            canvas.centred(text_at, middle - raised, face, &[&shown]);
        } else {
            canvas.centred(text_at - 18.0, middle - raised, face.end(), &[&label]);
        }
        canvas.close();
    }
}

/// A milestone's row below the stages and the side of its text.
struct Place {
    row: usize,
    leftward: bool,
    text: String,
}

struct LaidLane {
    label: Vec<String>,
    milestones: Vec<Place>,
    height: f64,
}

/// Gives every milestone the first row in which its diamond and text meet no other.
fn lay(
    lane: &Lane,
    input: &Roadmap,
    x: Linear,
    label_width: f64,
    (left, right): (f64, f64),
) -> LaidLane {
    let label = text::wrap(&lane.label, label_width, LABEL.size());
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let milestones: Vec<Place> = lane
        .milestones
        .iter()
        .map(|milestone| {
            let at = x.at(milestone.year);
            let label = if outside(input, milestone.year) {
                format!("{} · {:.0}", milestone.label, milestone.year)
            } else {
                milestone.label.clone()
            };
            let room = (right - at).max(at - left) - 12.0;
            let lines = text::wrap(&label, room.max(60.0), SMALL.size());
            let text = if lines.len() > 1 {
                format!("{}…", lines[0])
            } else {
                label
            };
            let wide = text::width(&text, SMALL.size()) + 12.0;
            let leftward = at + wide > right && at - wide >= left - 12.0;
            let span = if leftward {
                (at - wide, at + 8.0)
            } else {
                (at - 8.0, at + wide)
            };
            let free = |row: &Vec<(f64, f64)>| {
                row.iter().all(|o| span.1 + 6.0 < o.0 || o.1 + 6.0 < span.0)
            };
            let row = taken.iter().position(free).unwrap_or(taken.len());
            if row == taken.len() {
                taken.push(Vec::new());
            }
            taken[row].push(span);
            Place {
                row,
                leftward,
                text,
            }
        })
        .collect();
    let rows = lane.stages.len() + taken.len();
    let words = label.len() as f64 * LABEL.size() * 1.2 + 10.0;
    LaidLane {
        label,
        milestones,
        height: (rows as f64 * ROW + 8.0).max(words),
    }
}

fn draw_stage(
    canvas: &mut Canvas,
    input: &Roadmap,
    x: Linear,
    stage: &Stage,
    y: f64,
    (left, right): (f64, f64),
) {
    let (colour, pattern) = stage_look(stage.kind);
    let (from, to, late) = (
        x.at(stage.start),
        x.at(stage.p50),
        x.at(stage.p80.max(stage.p50)),
    );
    let kind = input.kinds.get(stage.kind).map_or("", String::as_str);
    let name = if stage.label.is_empty() {
        kind
    } else {
        &stage.label
    };
    canvas.open(&format!(
        "{name}: {:.1} – P50 {:.1}, P80 {:.1}",
        stage.start, stage.p50, stage.p80
    ));
    let bar = (from, y + 4.0, (to - from).max(1.0), ROW - 8.0);
    canvas.rect(
        bar.0,
        bar.1,
        bar.2,
        bar.3,
        &format!("fill=\"{colour}\" fill-opacity=\"0.8\""),
    );
    hatch(canvas, bar, pattern, 6.0, INK);
    let middle = y + ROW / 2.0;
    let ink = format!("stroke=\"{INK}\" stroke-width=\"1.2\"");
    canvas.line((to, middle), (late, middle), &ink);
    // An end beyond the axis is an arrow, so that the rim is not read as a date.
    let last = input.years.1.max(input.years.0);
    if stage.p80 > last {
        arrow(canvas, (right, middle), 7.0, INK);
    } else {
        canvas.line((late, middle - 4.0), (late, middle + 4.0), &ink);
    }
    if stage.p50 <= last {
        let end = format!("stroke=\"{INK}\" stroke-width=\"2.4\"");
        canvas.line((to, y + 2.0), (to, y + ROW - 2.0), &end);
    }
    if !stage.label.is_empty() {
        let wide = text::width(&stage.label, SMALL.size());
        if late + 8.0 + wide <= right {
            canvas.centred(late + 8.0, middle, SMALL.fill(INK).halo(), &[&stage.label]);
        } else if from - 8.0 - wide >= left {
            canvas.centred(
                from - 8.0,
                middle,
                SMALL.fill(INK).halo().end(),
                &[&stage.label],
            );
        } else {
            let line = &text::wrap(&stage.label, (to - from - 8.0).max(30.0), SMALL.size())[0];
            canvas.centred(from + 4.0, middle, SMALL.fill(INK).halo(), &[line]);
        }
    }
    canvas.close();
}

/// A triangle that points `ahead`, to the left where that is negative.
fn arrow(canvas: &mut Canvas, (x, y): (f64, f64), ahead: f64, colour: &str) {
    let tip = [(x + ahead, y), (x, y - 4.0), (x, y + 4.0)];
    canvas.polygon(&tip, &format!("fill=\"{colour}\""));
}

fn outside(input: &Roadmap, year: f64) -> bool {
    year < input.years.0 || year > input.years.1
}

/// A diamond, or an arrow at the rim for a year that the axis does not reach: the rim would be read as the date.
fn draw_date(
    canvas: &mut Canvas,
    input: &Roadmap,
    x: Linear,
    year: f64,
    middle: f64,
    (left, right): (f64, f64),
) {
    if !outside(input, year) {
        diamond(canvas, x.at(year), middle);
    } else if year < input.years.0 {
        arrow(canvas, (left, middle), -7.0, VERMILION);
    } else {
        arrow(canvas, (right, middle), 7.0, VERMILION);
    }
}

fn diamond(canvas: &mut Canvas, x: f64, y: f64) {
    let points = [(x, y - 6.0), (x + 6.0, y), (x, y + 6.0), (x - 6.0, y)];
    canvas.polygon(
        &points,
        &format!("fill=\"{PAPER}\" stroke=\"{VERMILION}\" stroke-width=\"2\""),
    );
}

fn key(canvas: &mut Canvas, frame: &Frame, input: &Roadmap) -> f64 {
    let mut words = input.kinds.clone();
    let kinds = words.len();
    words.extend(["p50", "p80", "milestone"].map(|id| word(id, frame.lang)));
    let mut dates = input.bands.iter().flat_map(|band| &band.nodes);
    let dated = dates.any(|node| node.until == Some(node.from));
    if !dated && input.lanes.iter().all(|lane| lane.milestones.is_empty()) {
        words.pop();
    }
    let end = plan_end(input).map(|(year, _)| {
        words.push(end_words(frame, year));
        words.len() - 1
    });
    legend(canvas, (0.0, 0.0, WIDTH), &words, |canvas, i, x, middle| {
        let ink = format!("stroke=\"{INK}\" stroke-width=\"1.2\"");
        if end == Some(i) {
            let at = x + 10.0;
            canvas.line((at, middle - 8.0), (at, middle + 8.0), &end_paint());
            return;
        }
        match i.checked_sub(kinds) {
            None => {
                let (colour, pattern) = stage_look(i);
                let bar = (x, middle - 6.0, 20.0, 12.0);
                canvas.rect(
                    bar.0,
                    bar.1,
                    bar.2,
                    bar.3,
                    &format!("fill=\"{colour}\" fill-opacity=\"0.8\""),
                );
                hatch(canvas, bar, pattern, 6.0, INK);
            }
            Some(0) => canvas.line(
                (x + 10.0, middle - 8.0),
                (x + 10.0, middle + 8.0),
                &format!("stroke=\"{INK}\" stroke-width=\"2.4\""),
            ),
            Some(1) => {
                canvas.line((x + 2.0, middle), (x + 18.0, middle), &ink);
                canvas.line((x + 18.0, middle - 4.0), (x + 18.0, middle + 4.0), &ink);
            }
            Some(_) => diamond(canvas, x + 10.0, middle),
        }
    })
}

//! A quantity over time with its range: central line inside a band, one panel for each subject.

use std::fmt::Write as _;

use super::colour::{BLUE, FAINT, INK, RULE, VERMILION};
use super::legend::legend;
use super::scale::{Linear, tick_text, ticks};
use super::svg::{Canvas, LABEL, SMALL, Svg, WIDTH, n};
use super::{Frame, text};
use crate::words::word;

/// Panels share both axes, so that they can be compared.
#[derive(Debug, Clone)]
pub struct BandOverTime {
    pub panels: Vec<BandPanel>,
    /// Time of the first point, in the unit of `time_axis`.
    pub start: f64,
    /// Time between points.
    pub step: f64,
    /// E.g. "weeks after the shock".
    pub time_axis: String,
    /// E.g. "output lost, per cent".
    pub value_axis: String,
}

#[derive(Debug, Clone)]
pub struct BandPanel {
    pub label: String,
    pub series: Vec<BandSeries>,
}

#[derive(Debug, Clone)]
pub struct BandSeries {
    pub role: BandRole,
    /// `None` where nothing is estimated: the line breaks.
    pub points: Vec<Option<Band>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BandRole {
    /// The only series of its panel.
    Single,
    /// Without the plan.
    Before,
    /// With the plan.
    After,
    /// Between the best and the worst bound.
    Bounds,
    /// Most of the draws, inside the bounds.
    Drawn,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    pub low: f64,
    pub value: f64,
    pub high: f64,
}

struct Look {
    colour: &'static str,
    dash: &'static str,
    opacity: &'static str,
}

fn look(role: BandRole) -> Look {
    match role {
        BandRole::Single => Look {
            colour: BLUE,
            dash: "",
            opacity: "0.20",
        },
        BandRole::Before => Look {
            colour: VERMILION,
            dash: " stroke-dasharray=\"6 3.5\"",
            opacity: "0.16",
        },
        BandRole::Bounds => Look {
            colour: VERMILION,
            dash: " stroke-dasharray=\"6 3.5\"",
            opacity: "0.12",
        },
        BandRole::Drawn => Look {
            colour: BLUE,
            dash: "",
            opacity: "0.28",
        },
        BandRole::After => Look {
            colour: BLUE,
            dash: "",
            opacity: "0.22",
        },
    }
}

pub fn band_over_time(frame: &Frame, input: &BandOverTime) -> Svg {
    let mut canvas = Canvas::new();
    let points = || {
        input
            .panels
            .iter()
            .flat_map(|p| &p.series)
            .flat_map(|s| &s.points)
    };
    let values = || points().flatten();
    let low = values().map(|b| b.low).fold(0.0, f64::min);
    let high = values().map(|b| b.high).fold(0.0, f64::max);
    let y_ticks = ticks(low, high, 4);
    let longest = input
        .panels
        .iter()
        .flat_map(|p| &p.series)
        .map(|s| s.points.len())
        .max()
        .unwrap_or(0);
    let end = input.start + input.step * longest.saturating_sub(1) as f64;
    let across = match input.panels.len() {
        0 | 1 => 1,
        2..=4 => 2,
        _ => 3,
    };
    let x_ticks: Vec<f64> = ticks(input.start, end, if across == 3 { 4 } else { 7 })
        .into_iter()
        .filter(|t| (input.start - 1e-9..=end + 1e-9).contains(t))
        .collect();

    let tick_width = y_ticks
        .iter()
        .map(|t| text::width(&tick_text(*t, &y_ticks), SMALL.size()))
        .fold(0.0, f64::max);
    let column = WIDTH / f64::from(across);
    let plot_width = column - tick_width - 26.0;
    let plot_height = if across == 1 { 260.0 } else { 132.0 };
    canvas.text(0.0, 12.0, SMALL, &input.value_axis);
    let mut top = 24.0;
    for row in input.panels.chunks(across as usize) {
        let wrapped: Vec<Vec<String>> = row
            .iter()
            .map(|p| text::wrap(&p.label, plot_width, LABEL.size()))
            .collect();
        let title =
            wrapped.iter().map(Vec::len).max().unwrap_or(1) as f64 * LABEL.size() * 1.2 + 8.0;
        for (i, (panel, lines)) in row.iter().zip(&wrapped).enumerate() {
            let left = i as f64 * column + tick_width + 8.0;
            canvas.lines(left, top + LABEL.size(), LABEL.bold(), lines);
            let area = Area {
                x: Linear::new((input.start, end), (left, left + plot_width)),
                y: Linear::new(
                    (y_ticks[0], y_ticks[y_ticks.len() - 1]),
                    (top + title + plot_height, top + title),
                ),
                left,
                right: left + plot_width,
                bottom: top + title + plot_height,
            };
            area.draw_axes(&mut canvas, &x_ticks, &y_ticks);
            for series in &panel.series {
                area.draw_series(&mut canvas, input, series);
            }
        }
        top += title + plot_height + 34.0;
    }
    canvas.text(tick_width + 8.0, top - 2.0, SMALL, &input.time_axis);
    let mut roles: Vec<BandRole> = input
        .panels
        .iter()
        .flat_map(|p| &p.series)
        .map(|s| s.role)
        .collect();
    roles.sort();
    roles.dedup();
    let words: Vec<String> = roles
        .iter()
        .map(|role| {
            word(
                match role {
                    BandRole::Single => "band.single",
                    BandRole::Before => "band.before",
                    BandRole::After => "band.after",
                    BandRole::Bounds => "band.bounds",
                    BandRole::Drawn => "band.drawn",
                },
                frame.lang,
            )
        })
        .collect();
    let used = legend(
        &mut canvas,
        (tick_width + 8.0, top + 8.0, WIDTH),
        &words,
        |canvas, i, x, middle| {
            let Look {
                colour,
                dash,
                opacity,
            } = look(roles[i]);
            canvas.rect(
                x,
                middle - 7.0,
                20.0,
                14.0,
                &format!("fill=\"{colour}\" fill-opacity=\"{opacity}\""),
            );
            canvas.line(
                (x, middle),
                (x + 20.0, middle),
                &format!("stroke=\"{colour}\" stroke-width=\"2\"{dash}"),
            );
        },
    );
    canvas.finish(frame, WIDTH, top + 12.0 + used)
}

/// The plotting area of a panel.
struct Area {
    x: Linear,
    y: Linear,
    left: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn draw_axes(&self, canvas: &mut Canvas, x_ticks: &[f64], y_ticks: &[f64]) {
        for tick in y_ticks {
            let y = self.y.at(*tick);
            let colour = if *tick == 0.0 { "#8a8a8a" } else { FAINT };
            canvas.line(
                (self.left, y),
                (self.right, y),
                &format!("stroke=\"{colour}\""),
            );
            canvas.text(
                self.left - 6.0,
                y + 4.0,
                SMALL.end(),
                &tick_text(*tick, y_ticks),
            );
        }
        for tick in x_ticks {
            let x = self.x.at(*tick);
            canvas.line(
                (x, self.bottom),
                (x, self.bottom + 4.0),
                &format!("stroke=\"{RULE}\""),
            );
            canvas.text(
                x,
                self.bottom + 16.0,
                SMALL.middle(),
                &tick_text(*tick, x_ticks),
            );
        }
    }

    fn draw_series(&self, canvas: &mut Canvas, input: &BandOverTime, series: &BandSeries) {
        let Look {
            colour,
            dash,
            opacity,
        } = look(series.role);
        let time = |i: usize| self.x.at(input.start + input.step * i as f64);
        for (first, run) in runs(&series.points) {
            let mut upper = String::new();
            let mut lower = String::new();
            let mut line = String::new();
            for (k, band) in run.iter().enumerate() {
                let x = n(time(first + k));
                let lead = if k == 0 { 'M' } else { 'L' };
                let _ = write!(upper, "{lead}{x} {}", n(self.y.at(band.high)));
                let _ = write!(line, "{lead}{x} {}", n(self.y.at(band.value)));
            }
            for (k, band) in run.iter().enumerate().rev() {
                let _ = write!(lower, "L{} {}", n(time(first + k)), n(self.y.at(band.low)));
            }
            canvas.path(
                &format!("{upper}{lower}Z"),
                &format!("fill=\"{colour}\" fill-opacity=\"{opacity}\" stroke=\"{colour}\" stroke-opacity=\"0.45\" stroke-width=\"0.7\""),
            );
            if let [only] = run.as_slice() {
                canvas.circle(
                    time(first),
                    self.y.at(only.value),
                    2.5,
                    &format!("fill=\"{colour}\" stroke=\"{INK}\" stroke-width=\"0.5\""),
                );
            }
            canvas.path(&line, &format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"{dash}"));
        }
    }
}

/// Unbroken stretches with the index of their first point.
fn runs(points: &[Option<Band>]) -> Vec<(usize, Vec<Band>)> {
    let mut out: Vec<(usize, Vec<Band>)> = Vec::new();
    let mut broken = true;
    for (i, point) in points.iter().enumerate() {
        match (point, out.last_mut()) {
            (Some(band), Some((_, run))) if !broken => run.push(*band),
            (Some(band), _) => out.push((i, vec![*band])),
            (None, _) => {}
        }
        broken = point.is_none();
    }
    out
}

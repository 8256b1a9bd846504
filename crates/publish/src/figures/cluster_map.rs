//! Clusters where they lie, with the industries laid out there.
//!
//! Equirectangular, longitudes shortened by the cosine of the middle latitude. No boundaries are drawn: the map shows
//! positions, not territories. A dot marks the place; symbols and name stand beside it, with a leader where they had to
//! move away.

use super::colour::{FAINT, INK, MUTED, PAPER, RULE, category, text_on};
use super::legend::legend;
use super::place::{Placed, Rect, place};
use super::svg::{Canvas, LABEL, SMALL, Svg, WIDTH};
use super::{Frame, text};
use crate::words::word;

#[derive(Debug, Clone)]
pub struct ClusterMap {
    pub points: Vec<ClusterPoint>,
    /// The industries of the key; up to 26 with a letter each (further ones show two letters).
    pub industries: Vec<IndustryKey>,
}

#[derive(Debug, Clone)]
pub struct ClusterPoint {
    pub label: String,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// Indices into [`ClusterMap::industries`]; others are passed over.
    pub industries: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct IndustryKey {
    pub label: String,
}

const SYMBOL: f64 = 17.0;
/// Room around the points for their labels.
const MARGIN: f64 = 52.0;
const FACE: f64 = 12.0;

/// Points without finite coordinates are left out (the table behind the figure still lists them).
pub fn cluster_map(frame: &Frame, input: &ClusterMap) -> Svg {
    let shown: Vec<&ClusterPoint> = input
        .points
        .iter()
        .filter(|p| p.lon.is_finite() && p.lat.is_finite() && p.lat.abs() <= 90.0)
        .collect();
    let view = View::around(&shown);
    let mut canvas = Canvas::new();
    graticule(&mut canvas, &view);

    let places: Vec<(f64, f64)> = shown.iter().map(|p| view.at(p.lon, p.lat)).collect();
    let sizes: Vec<(f64, f64)> = shown.iter().map(|p| label_size(p, input)).collect();
    let area = Rect {
        x: 36.0,
        y: 4.0,
        w: WIDTH - 40.0,
        h: view.height - 24.0,
    };
    let labels = place(&places, &sizes, area);
    for label in &labels {
        if let Some((from, to)) = label.leader {
            canvas.line(
                from,
                to,
                &format!("stroke=\"{MUTED}\" stroke-width=\"0.8\""),
            );
        }
    }
    for (x, y) in &places {
        canvas.circle(
            *x,
            *y,
            2.8,
            &format!("fill=\"{INK}\" stroke=\"{PAPER}\" stroke-width=\"1\""),
        );
    }
    for (point, label) in shown.iter().zip(&labels) {
        draw_label(&mut canvas, input, point, label);
    }
    let height = view.height + key(&mut canvas, frame, input, &shown, view.height + 6.0) + 8.0;
    canvas.finish(frame, WIDTH, height)
}

fn known<'a>(point: &'a ClusterPoint, input: &'a ClusterMap) -> impl Iterator<Item = usize> + 'a {
    point
        .industries
        .iter()
        .copied()
        .filter(|i| *i < input.industries.len())
}

fn label_size(point: &ClusterPoint, input: &ClusterMap) -> (f64, f64) {
    let symbols = known(point, input).count() as f64;
    (
        symbols * (SYMBOL + 2.0) + 3.0 + text::width(&point.label, FACE),
        SYMBOL + 2.0,
    )
}

fn draw_label(canvas: &mut Canvas, input: &ClusterMap, point: &ClusterPoint, label: &Placed) {
    let names: Vec<&str> = known(point, input)
        .map(|i| input.industries[i].label.as_str())
        .collect();
    canvas.open(&if names.is_empty() {
        point.label.clone()
    } else {
        format!("{}: {}", point.label, names.join("; "))
    });
    let middle = label.at.y + label.at.h / 2.0;
    let mut x = label.at.x;
    for industry in known(point, input) {
        symbol(canvas, industry, x + SYMBOL / 2.0, middle);
        x += SYMBOL + 2.0;
    }
    canvas.centred(x + 1.0, middle, LABEL.sized(FACE).halo(), &[&point.label]);
    canvas.close();
}

/// A, B, …, Z, AA, AB, …
fn letter(index: usize) -> String {
    let one = |i: usize| char::from(b'A' + (i % 26) as u8).to_string();
    if index < 26 {
        one(index)
    } else {
        format!("{}{}", one(index / 26 - 1), one(index))
    }
}

/// Colour repeats after eight industries, shape changes then: no two look alike, and the letter says it again.
fn symbol(canvas: &mut Canvas, industry: usize, x: f64, y: f64) {
    let colour = category(industry);
    let paint = format!("fill=\"{colour}\" stroke=\"{INK}\" stroke-width=\"0.6\"");
    let r = SYMBOL / 2.0;
    match (industry / 8) % 4 {
        0 => canvas.circle(x, y, r - 0.3, &paint),
        1 => canvas.rect(x - r + 1.0, y - r + 1.0, SYMBOL - 2.0, SYMBOL - 2.0, &paint),
        2 => {
            let c = r * 0.5;
            let points = [
                (x - c, y - r),
                (x + c, y - r),
                (x + r, y),
                (x + c, y + r),
                (x - c, y + r),
                (x - r, y),
            ];
            canvas.polygon(&points, &paint);
        }
        _ => {
            let points = [
                (x - r, y - r + 1.0),
                (x + r, y - r + 1.0),
                (x + r, y + 2.0),
                (x, y + r),
                (x - r, y + 2.0),
            ];
            canvas.polygon(&points, &paint);
        }
    }
    canvas.centred(
        x,
        y,
        SMALL.sized(10.5).bold().fill(text_on(colour)).middle(),
        &[letter(industry)],
    );
}

/// The part of the earth that is shown.
struct View {
    west: f64,
    north: f64,
    /// Units per degree of latitude.
    scale: f64,
    cosine: f64,
    height: f64,
    step: f64,
}

impl View {
    fn around(points: &[&ClusterPoint]) -> Self {
        let bound = |pick: fn(&ClusterPoint) -> f64, fold: fn(f64, f64) -> f64| {
            points.iter().map(|p| pick(p)).reduce(fold)
        };
        let west = bound(|p| p.lon, f64::min).unwrap_or(0.0);
        let east = bound(|p| p.lon, f64::max).unwrap_or(1.0);
        let south = bound(|p| p.lat, f64::min).unwrap_or(0.0);
        let north = bound(|p| p.lat, f64::max).unwrap_or(1.0);
        let cosine = f64::midpoint(south, north).to_radians().cos().max(0.1);
        let (wide, tall) = (((east - west) * cosine).max(0.5), (north - south).max(0.5));
        let inner = WIDTH - 2.0 * MARGIN - 70.0;
        // As wide as the page, unless the drawing would become too tall for a page.
        let scale = (inner / wide).min(640.0 / tall);
        let spare = (WIDTH / scale - wide) / 2.0;
        let room = MARGIN / scale;
        let height = (tall * scale + 2.0 * MARGIN).max(240.0);
        let span = wide.max(tall);
        let step = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0]
            .into_iter()
            .find(|s| span / s <= 9.0)
            .unwrap_or(45.0);
        Self {
            west: west - spare / cosine,
            north: north + room,
            scale,
            cosine,
            height,
            step,
        }
    }

    fn at(&self, lon: f64, lat: f64) -> (f64, f64) {
        (
            (lon - self.west) * self.cosine * self.scale,
            (self.north - lat) * self.scale,
        )
    }

    /// Multiples of the step strictly inside.
    fn lines(&self, from: f64, to: f64) -> Vec<f64> {
        let first = (from / self.step).ceil() as i64;
        let last = (to / self.step).floor() as i64;
        (first..=last).map(|k| k as f64 * self.step).collect()
    }
}

fn degrees(value: f64, positive: &str, negative: &str) -> String {
    let number = format!("{}", (value.abs() * 10.0).round() / 10.0);
    format!("{number}°{}", if value < 0.0 { negative } else { positive })
}

/// Graticule with its labels inside the frame, at the bottom and the left.
fn graticule(canvas: &mut Canvas, view: &View) {
    let bottom = view.height - 16.0;
    let south = view.north - bottom / view.scale;
    let east = view.west + WIDTH / (view.scale * view.cosine);
    for lat in view.lines(south, view.north) {
        let (_, y) = view.at(view.west, lat);
        if y > 12.0 && y < bottom - 4.0 {
            canvas.line((34.0, y), (WIDTH, y), &format!("stroke=\"{FAINT}\""));
            canvas.text(0.0, y + 3.5, SMALL.sized(10.0), &degrees(lat, "N", "S"));
        }
    }
    for lon in view.lines(view.west, east) {
        let (x, _) = view.at(lon, view.north);
        if x > 46.0 && x < WIDTH - 20.0 {
            canvas.line((x, 0.0), (x, bottom - 2.0), &format!("stroke=\"{FAINT}\""));
            canvas.text(
                x,
                bottom + 10.0,
                SMALL.sized(10.0).middle(),
                &degrees(lon, "E", "W"),
            );
        }
    }
    canvas.line(
        (0.0, bottom + 16.0),
        (WIDTH, bottom + 16.0),
        &format!("stroke=\"{RULE}\""),
    );
}

/// Every industry that stands on the map, in columns, then what the map does not show.
fn key(
    canvas: &mut Canvas,
    frame: &Frame,
    input: &ClusterMap,
    shown: &[&ClusterPoint],
    top: f64,
) -> f64 {
    let mut used: Vec<usize> = shown.iter().flat_map(|p| known(p, input)).collect();
    used.sort_unstable();
    used.dedup();
    let words: Vec<String> = used
        .iter()
        .map(|&i| input.industries[i].label.clone())
        .collect();
    let height = legend(canvas, (2.0, top, WIDTH), &words, |canvas, i, x, middle| {
        symbol(canvas, used[i], x + SYMBOL / 2.0, middle);
    });
    let note = word("map_note", frame.lang);
    let lines = text::wrap(&note, WIDTH - 8.0, SMALL.size());
    canvas.lines(2.0, top + height + 15.0, SMALL, &lines);
    height + 8.0 + lines.len() as f64 * SMALL.size() * 1.2
}

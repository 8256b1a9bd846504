//! Writes SVG. Everything that comes from outside passes [`escape`].

use std::fmt::Write as _;

use serde::Serialize;

use super::Frame;
use super::colour::{INK, MUTED};
use crate::html::escape;

/// A finished drawing. Only the figures of this crate can make one, so writers may embed it as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Svg {
    markup: String,
    width: f64,
    height: f64,
}

impl Svg {
    /// The drawing, from `<svg` to `</svg>`.
    pub fn markup(&self) -> &str {
        &self.markup
    }
    pub fn width(&self) -> f64 {
        self.width
    }
    pub fn height(&self) -> f64 {
        self.height
    }
}

/// The usual width of a figure.
pub(crate) const WIDTH: f64 = 960.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face {
    size: f64,
    anchor: Anchor,
    fill: &'static str,
    weight: u16,
    halo: f64,
    turn: f64,
}

/// Labels of things.
pub(crate) const LABEL: Face = Face {
    size: 12.5,
    anchor: Anchor::Start,
    fill: INK,
    weight: 400,
    halo: 0.0,
    turn: 0.0,
};
/// Axes, keys, second lines.
pub(crate) const SMALL: Face = Face {
    size: 11.0,
    fill: MUTED,
    ..LABEL
};

impl Face {
    pub(crate) fn size(self) -> f64 {
        self.size
    }
    pub(crate) fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }
    pub(crate) fn middle(self) -> Self {
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }
    pub(crate) fn end(self) -> Self {
        Self {
            anchor: Anchor::End,
            ..self
        }
    }
    pub(crate) fn bold(self) -> Self {
        Self {
            weight: 600,
            ..self
        }
    }
    pub(crate) fn fill(self, fill: &'static str) -> Self {
        Self { fill, ..self }
    }
    /// A white rim, where lines may pass beneath.
    pub(crate) fn halo(self) -> Self {
        Self { halo: 3.0, ..self }
    }
    /// Turned about its anchor by `degrees`.
    pub(crate) fn turned(self, degrees: f64) -> Self {
        Self {
            turn: degrees,
            ..self
        }
    }
}

/// A drawing in progress.
pub(crate) struct Canvas {
    body: String,
}

/// One decimal, no trailing zero, no negative zero: short and the same everywhere.
pub(crate) fn n(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 || !rounded.is_finite() {
        "0".to_owned()
    } else {
        format!("{rounded}")
    }
}

impl Canvas {
    pub(crate) fn new() -> Self {
        Self {
            body: String::new(),
        }
    }

    fn push(&mut self, args: std::fmt::Arguments<'_>) {
        self.body
            .write_fmt(args)
            .expect("invariant: writing to a string does not fail");
        self.body.push('\n');
    }

    /// One line of text with its baseline at `y`.
    pub(crate) fn text(&mut self, x: f64, y: f64, face: Face, content: &str) {
        if content.is_empty() {
            return;
        }
        let anchor = match face.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if face.weight == 400 {
            String::new()
        } else {
            format!(" font-weight=\"{}\"", face.weight)
        };
        let turn = if face.turn == 0.0 {
            String::new()
        } else {
            format!(" transform=\"rotate({} {} {})\"", n(face.turn), n(x), n(y))
        };
        let (place, content) = (
            format!(
                "x=\"{}\" y=\"{}\" font-size=\"{}\"",
                n(x),
                n(y),
                n(face.size)
            ),
            escape::text(content),
        );
        // A text of its own, not `paint-order`: LibreOffice knows no such order and would paint the rim over the letters.
        if face.halo > 0.0 {
            self.push(format_args!(
                "<text {place} fill=\"#ffffff\"{anchor}{weight} stroke=\"#ffffff\" stroke-width=\"{}\" stroke-linejoin=\"round\" \
                 aria-hidden=\"true\"{turn}>{content}</text>",
                face.halo
            ));
        }
        self.push(format_args!(
            "<text {place} fill=\"{}\"{anchor}{weight}{turn}>{content}</text>",
            face.fill
        ));
    }

    /// Lines of text, the first baseline at `y`, 1.2 em apart.
    pub(crate) fn lines<S: AsRef<str>>(&mut self, x: f64, y: f64, face: Face, lines: &[S]) {
        for (i, line) in lines.iter().enumerate() {
            self.text(x, y + i as f64 * face.size * 1.2, face, line.as_ref());
        }
    }

    /// Lines of text centred vertically on `middle`.
    pub(crate) fn centred<S: AsRef<str>>(&mut self, x: f64, middle: f64, face: Face, lines: &[S]) {
        let first = middle + face.size * (0.36 - 0.6 * (lines.len().max(1) - 1) as f64);
        self.lines(x, first, face, lines);
    }

    pub(crate) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, paint: &str) {
        self.push(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {paint}/>",
            n(x),
            n(y),
            n(w.max(0.0)),
            n(h.max(0.0))
        ));
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), paint: &str) {
        self.push(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {paint}/>",
            n(from.0),
            n(from.1),
            n(to.0),
            n(to.1)
        ));
    }

    pub(crate) fn circle(&mut self, x: f64, y: f64, r: f64, paint: &str) {
        self.push(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {paint}/>",
            n(x),
            n(y),
            n(r)
        ));
    }

    pub(crate) fn polygon(&mut self, points: &[(f64, f64)], paint: &str) {
        let list: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{},{}", n(*x), n(*y)))
            .collect();
        self.push(format_args!(
            "<polygon points=\"{}\" {paint}/>",
            list.join(" ")
        ));
    }

    /// `data` must come from numbers alone.
    pub(crate) fn path(&mut self, data: &str, paint: &str) {
        self.push(format_args!("<path d=\"{data}\" {paint}/>"));
    }

    /// Opens a group whose `tip` a pointer shows.
    pub(crate) fn open(&mut self, tip: &str) {
        self.push(format_args!("<g><title>{}</title>", escape::text(tip)));
    }

    pub(crate) fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    pub(crate) fn finish(self, frame: &Frame, width: f64, height: f64) -> Svg {
        let (w, h) = (n(width), n(height));
        let markup = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
             role=\"img\" aria-label=\"{}\"><title>{}</title>\n{}</svg>",
            escape::attribute(&frame.finding),
            escape::text(&frame.finding),
            self.body
        );
        Svg {
            markup,
            width,
            height,
        }
    }
}

/// The second channel of filled areas: lines drawn inside the rectangle, clipped by arithmetic so that the
/// drawing needs no identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    Plain,
    /// Rising diagonals.
    Rising,
    /// Falling diagonals.
    Falling,
    Upright,
    Level,
    Crossed,
}

pub(crate) const PATTERNS: [Pattern; 6] = [
    Pattern::Plain,
    Pattern::Rising,
    Pattern::Upright,
    Pattern::Falling,
    Pattern::Level,
    Pattern::Crossed,
];

/// Draws `pattern` in the rectangle with lines `step` apart.
pub(crate) fn hatch(
    canvas: &mut Canvas,
    (x, y, w, h): (f64, f64, f64, f64),
    pattern: Pattern,
    step: f64,
    stroke: &str,
) {
    let mut data = String::new();
    let mut segment = |x1: f64, y1: f64, x2: f64, y2: f64| {
        let _ = write!(data, "M{} {}L{} {}", n(x1), n(y1), n(x2), n(y2));
    };
    // A diagonal starts at x + offset on the bottom edge (rising) or the top edge (falling).
    let mut diagonals = |rising: bool| {
        let mut offset = step - h;
        while offset < w {
            let from = offset.max(0.0);
            let to = (offset + h).min(w);
            if to > from {
                let (a, b) = (from - offset, to - offset);
                if rising {
                    segment(x + from, y + h - a, x + to, y + h - b);
                } else {
                    segment(x + from, y + a, x + to, y + b);
                }
            }
            offset += step;
        }
    };
    match pattern {
        Pattern::Plain => {}
        Pattern::Rising => diagonals(true),
        Pattern::Falling => diagonals(false),
        Pattern::Crossed => {
            diagonals(true);
            diagonals(false);
        }
        Pattern::Upright => {
            let mut at = step;
            while at < w {
                segment(x + at, y, x + at, y + h);
                at += step;
            }
        }
        Pattern::Level => {
            let mut at = step / 2.0;
            while at < h {
                segment(x, y + at, x + w, y + at);
                at += step / 2.0;
            }
        }
    }
    if !data.is_empty() {
        canvas.path(
            &data,
            &format!("fill=\"none\" stroke=\"{stroke}\" stroke-width=\"0.9\""),
        );
    }
}

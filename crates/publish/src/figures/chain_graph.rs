//! A chain from materials to products, layer by layer.
//!
//! Nodes stand where the caller puts them (layer, order within the layer). Links run left to right; a link
//! that passes a layer runs through the gaps between its nodes ([`super::route`]), so it crosses no box.

use std::fmt::Write as _;

use serde::Serialize;

use super::colour::{BLUE, INK, MUTED, PAPER, VERMILION, VERMILION_TINT};
use super::legend::legend;
use super::route::{Boxes, NodeBox, Path, route};
use super::svg::{Canvas, LABEL, SMALL, Svg, WIDTH, n};
use super::{Frame, text};
use crate::words::{phrase, word};

#[derive(Debug, Clone)]
pub struct ChainGraph {
    pub nodes: Vec<GraphNode>,
    pub links: Vec<GraphLink>,
    /// Heading of each layer from the left; may be shorter than the number of layers.
    pub layers: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct GraphNode {
    pub label: String,
    /// Column from the left, from 0.
    pub layer: usize,
    /// Place within the layer from the top; ties keep the order given.
    pub order: usize,
    pub kind: NodeKind,
    /// A stuck neck, with its value as text (may be empty).
    pub neck: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    Material,
    Component,
    Tool,
    Process,
    Product,
    Service,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphLink {
    /// Index of the supplying node.
    pub from: usize,
    /// Index of the node that needs it.
    pub to: usize,
    pub kind: LinkKind,
    pub choice: Choice,
}

/// What passes along a link: something used up, or a tool that stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    Material,
    Tool,
}

/// Whether the input is needed (AND) or one of several that will do (OR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    Needed,
    OneOf,
}

const FACE: f64 = 11.5;
const TAG: f64 = 10.5;
const LINE: f64 = 1.2;
const HEADING: f64 = 34.0;
/// A layer is never narrower; beyond eight layers the drawing grows wider than the page and scrolls.
const NARROWEST: f64 = 120.0;

/// Links whose ends are not nodes of the graph are left out.
pub fn chain_graph(frame: &Frame, input: &ChainGraph) -> Svg {
    let drawing = Drawing::of(frame, input);
    let mut canvas = Canvas::new();
    for (layer, heading) in input.layers.iter().enumerate().take(drawing.layers) {
        let x = (layer as f64 + 0.5) * drawing.pitch;
        let lines = text::wrap(heading, drawing.pitch - 8.0, SMALL.size());
        canvas.lines(x, 11.0, SMALL.middle().bold(), &lines[..lines.len().min(2)]);
    }
    for (link, path) in input.links.iter().zip(&drawing.paths) {
        if let Some(path) = path {
            draw_link(&mut canvas, link, path);
        }
    }
    let nodes = input.nodes.iter().zip(&drawing.labels);
    for ((node, lines), at) in nodes.zip(&drawing.boxes.nodes) {
        draw_node(&mut canvas, frame, node, lines, at);
    }
    let top = drawing.boxes.bottom + 14.0;
    let height = top + key(&mut canvas, frame, input, top, drawing.width) + 4.0;
    canvas.finish(frame, drawing.width, height)
}

/// Where [`chain_graph`] draws, for a page that draws the same picture and answers to its reader.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainGeometry {
    pub width: f64,
    pub height: f64,
    /// As the nodes of the graph.
    pub nodes: Vec<NodeGeometry>,
    /// As the links of the graph; data of an SVG path, `None` where an end is no node.
    pub links: Vec<Option<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeGeometry {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// The label, wrapped to the width.
    pub lines: Vec<String>,
}

pub fn chain_geometry(frame: &Frame, input: &ChainGraph) -> ChainGeometry {
    let drawing = Drawing::of(frame, input);
    let nodes = drawing.boxes.nodes.iter().zip(drawing.labels);
    ChainGeometry {
        width: drawing.width,
        height: drawing.boxes.bottom,
        nodes: nodes
            .map(|(at, lines)| NodeGeometry {
                x: at.x,
                y: at.y,
                width: at.width,
                height: at.height,
                lines: lines.label,
            })
            .collect(),
        links: drawing.paths.iter().map(|p| p.as_ref().map(data)).collect(),
    }
}

/// Boxes and paths.
struct Drawing {
    layers: usize,
    width: f64,
    pitch: f64,
    labels: Vec<Lines>,
    boxes: Boxes,
    paths: Vec<Option<Path>>,
}

impl Drawing {
    fn of(frame: &Frame, input: &ChainGraph) -> Self {
        let layers = input
            .nodes
            .iter()
            .map(|node| node.layer + 1)
            .max()
            .unwrap_or(1);
        let width = WIDTH.max(layers as f64 * NARROWEST);
        let pitch = width / layers as f64;
        let node_width = (pitch * 0.73).min(168.0);
        let labels: Vec<Lines> = input
            .nodes
            .iter()
            .map(|node| Lines::of(node, frame, node_width))
            .collect();
        let boxes = place(input, &labels, layers, pitch, node_width);
        let links: Vec<(usize, usize)> = input.links.iter().map(|l| (l.from, l.to)).collect();
        let (boxes, paths) = route(boxes, &links);
        Self {
            layers,
            width,
            pitch,
            labels,
            boxes,
            paths,
        }
    }
}

/// The wrapped words of a node.
struct Lines {
    label: Vec<String>,
    tag: Vec<String>,
}

impl Lines {
    fn of(node: &GraphNode, frame: &Frame, width: f64) -> Self {
        let label = text::balanced(&node.label, width - 16.0, FACE);
        let tag = node.neck.as_ref().map_or_else(Vec::new, |value| {
            let words = format!("◆ {} {value}", word("neck", frame.lang));
            text::wrap(words.trim_end(), width - 16.0, TAG)
        });
        Self { label, tag }
    }

    fn height(&self) -> f64 {
        let tag = if self.tag.is_empty() {
            0.0
        } else {
            self.tag.len() as f64 * TAG * LINE + 3.0
        };
        self.label.len() as f64 * FACE * LINE + tag + 11.0
    }
}

fn place(input: &ChainGraph, labels: &[Lines], layers: usize, pitch: f64, width: f64) -> Boxes {
    const LEAST_GAP: f64 = 15.0;
    const MOST_GAP: f64 = 34.0;
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); layers];
    for (i, node) in input.nodes.iter().enumerate() {
        columns[node.layer].push(i);
    }
    for column in &mut columns {
        column.sort_by_key(|&i| (input.nodes[i].order, i));
    }
    let filled = |column: &[usize]| column.iter().map(|&i| labels[i].height()).sum::<f64>();
    let tallest = columns
        .iter()
        .map(|c| filled(c) + LEAST_GAP * c.len().saturating_sub(1) as f64)
        .fold(0.0, f64::max);
    let mut nodes = vec![NodeBox::default(); input.nodes.len()];
    for (layer, column) in columns.iter().enumerate() {
        let free = tallest - filled(column);
        let gap = (free / (column.len() as f64 + 1.0)).clamp(LEAST_GAP, MOST_GAP);
        let used = filled(column) + gap * column.len().saturating_sub(1) as f64;
        let mut y = HEADING + 10.0 + (tallest - used) / 2.0;
        for &i in column {
            let height = labels[i].height();
            nodes[i] = NodeBox {
                layer,
                x: (layer as f64 + 0.5) * pitch - width / 2.0,
                y,
                width,
                height,
            };
            y += height + gap;
        }
    }
    Boxes {
        nodes,
        columns,
        top: HEADING + 4.0,
        bottom: HEADING + 10.0 + tallest + 6.0,
    }
}

fn draw_node(canvas: &mut Canvas, frame: &Frame, node: &GraphNode, lines: &Lines, at: &NodeBox) {
    let kind = word(kind_id(node.kind), frame.lang);
    let tip = match &node.neck {
        Some(value) => format!(
            "{} ({kind}) – {} {value}",
            node.label,
            word("neck", frame.lang)
        ),
        None => format!("{} ({kind})", node.label),
    };
    canvas.open(tip.trim_end());
    outline(
        canvas,
        (at.x, at.y, at.width, at.height),
        node.kind,
        node.neck.is_some(),
    );
    let x = at.x + at.width / 2.0;
    let first = at.y + 5.5 + FACE * 0.92;
    canvas.lines(x, first, LABEL.sized(FACE).middle(), &lines.label);
    let tag = first + (lines.label.len() as f64 - 1.0) * FACE * LINE + 3.0 + TAG * LINE;
    canvas.lines(
        x,
        tag,
        SMALL.sized(TAG).bold().fill("#8f3f00").middle(),
        &lines.tag,
    );
    canvas.close();
}

/// Necks are eight-sided, vermilion and tinted; tools have a second line inside; products a heavy one.
fn outline(canvas: &mut Canvas, (x, y, w, h): (f64, f64, f64, f64), kind: NodeKind, neck: bool) {
    let radius = match kind {
        NodeKind::Material | NodeKind::Tool | NodeKind::Product => 0.0,
        NodeKind::Component => 4.0,
        NodeKind::Process | NodeKind::Service => h.min(26.0) / 2.0,
    };
    let heavy = matches!(kind, NodeKind::Product | NodeKind::Service);
    if neck {
        let cut = |d: f64| {
            let c = 8.0;
            [
                (x + d + c, y + d),
                (x + w - d - c, y + d),
                (x + w - d, y + d + c),
                (x + w - d, y + h - d - c),
                (x + w - d - c, y + h - d),
                (x + d + c, y + h - d),
                (x + d, y + h - d - c),
                (x + d, y + d + c),
            ]
        };
        canvas.polygon(
            &cut(0.0),
            &format!("fill=\"{VERMILION_TINT}\" stroke=\"{VERMILION}\" stroke-width=\"2.4\""),
        );
        if kind == NodeKind::Tool {
            canvas.polygon(
                &cut(3.2),
                &format!("fill=\"none\" stroke=\"{VERMILION}\" stroke-width=\"0.8\""),
            );
        }
        return;
    }
    let (stroke, weight) = match kind {
        NodeKind::Tool => (BLUE, 1.1),
        _ if heavy => (INK, 2.2),
        _ => (MUTED, 1.1),
    };
    canvas.rect(
        x,
        y,
        w,
        h,
        &format!(
            "rx=\"{}\" fill=\"{PAPER}\" stroke=\"{stroke}\" stroke-width=\"{weight}\"",
            n(radius)
        ),
    );
    if kind == NodeKind::Tool {
        canvas.rect(
            x + 2.8,
            y + 2.8,
            w - 5.6,
            h - 5.6,
            &format!("fill=\"none\" stroke=\"{stroke}\" stroke-width=\"0.8\""),
        );
    }
}

fn link_paint(kind: LinkKind, choice: Choice) -> (&'static str, String) {
    let colour = match kind {
        LinkKind::Material => "#6f6f6f",
        LinkKind::Tool => BLUE,
    };
    let dash = match choice {
        Choice::Needed => "",
        Choice::OneOf => " stroke-dasharray=\"5 3.5\"",
    };
    (
        colour,
        format!(
            "fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.2\" stroke-opacity=\"0.85\"{dash}"
        ),
    )
}

/// A path as SVG writes it.
fn data(path: &Path) -> String {
    let mut data = format!("M{} {}", n(path.start.0), n(path.start.1));
    for step in &path.curves {
        let _ = write!(
            data,
            "C{} {} {} {} {} {}",
            n(step.first.0),
            n(step.first.1),
            n(step.second.0),
            n(step.second.1),
            n(step.end.0),
            n(step.end.1)
        );
        if let Some(x) = step.straight_to {
            let _ = write!(data, "H{}", n(x));
        }
    }
    data
}

fn draw_link(canvas: &mut Canvas, link: &GraphLink, path: &Path) {
    let (colour, paint) = link_paint(link.kind, link.choice);
    canvas.path(&data(path), &paint);
    let (x, y) = path.end();
    head(canvas, x, y, path.arrives_rightward, colour);
    if link.kind == LinkKind::Tool {
        canvas.circle(
            path.start.0,
            path.start.1,
            2.6,
            &format!("fill=\"{PAPER}\" stroke=\"{colour}\" stroke-width=\"1.2\""),
        );
    }
}

fn head(canvas: &mut Canvas, x: f64, y: f64, rightward: bool, colour: &str) {
    let back = if rightward { x - 6.0 } else { x + 6.0 };
    canvas.polygon(
        &[(x, y), (back, y - 3.0), (back, y + 3.0)],
        &format!("fill=\"{colour}\""),
    );
}

fn kind_id(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Material => "kind.material",
        NodeKind::Component => "kind.component",
        NodeKind::Tool => "kind.tool",
        NodeKind::Process => "kind.process",
        NodeKind::Product => "kind.product",
        NodeKind::Service => "kind.service",
    }
}

/// An entry of the key.
enum Sample {
    Node(NodeKind),
    Neck,
    Link(LinkKind, Choice),
}

fn key(canvas: &mut Canvas, frame: &Frame, input: &ChainGraph, top: f64, width: f64) -> f64 {
    let mut kinds: Vec<NodeKind> = input.nodes.iter().map(|node| node.kind).collect();
    kinds.sort();
    kinds.dedup();
    let mut links: Vec<(Choice, LinkKind)> =
        input.links.iter().map(|l| (l.choice, l.kind)).collect();
    links.sort();
    links.dedup();
    let mut samples = Vec::new();
    if input.nodes.iter().any(|node| node.neck.is_some()) {
        samples.push((Sample::Neck, word("neck", frame.lang)));
    }
    for kind in kinds {
        samples.push((Sample::Node(kind), word(kind_id(kind), frame.lang)));
    }
    for (choice, kind) in links {
        let what = word(
            match kind {
                LinkKind::Material => "link.material",
                LinkKind::Tool => "link.tool",
            },
            frame.lang,
        );
        let text = match choice {
            Choice::Needed => what,
            Choice::OneOf => phrase("link.one_of", frame.lang, &[("link", &what)]),
        };
        samples.push((Sample::Link(kind, choice), text));
    }
    let words: Vec<String> = samples.iter().map(|(_, text)| text.clone()).collect();
    legend(
        canvas,
        (4.0, top, width),
        &words,
        |canvas, i, x, middle| match &samples[i].0 {
            Sample::Neck => outline(
                canvas,
                (x, middle - 8.5, 21.0, 17.0),
                NodeKind::Material,
                true,
            ),
            Sample::Node(kind) => outline(canvas, (x, middle - 6.5, 20.0, 13.0), *kind, false),
            Sample::Link(kind, choice) => {
                let (colour, paint) = link_paint(*kind, *choice);
                canvas.line((x, middle), (x + 20.0, middle), &paint);
                head(canvas, x + 21.0, middle, true, colour);
                if *kind == LinkKind::Tool {
                    canvas.circle(
                        x + 2.0,
                        middle,
                        2.6,
                        &format!("fill=\"{PAPER}\" stroke=\"{colour}\" stroke-width=\"1.2\""),
                    );
                }
            }
        },
    )
}

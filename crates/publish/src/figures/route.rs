//! Routes links of a layered drawing through the gaps between boxes.
//!
//! A link that passes a layer is given the gap nearest to its straight line; the links of one gap are spread
//! across it, and the links of one side of a box across that side, in the order of where they go.

use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub(crate) struct NodeBox {
    pub layer: usize,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl NodeBox {
    fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// Boxes by node, and the nodes of each layer from top to bottom.
#[derive(Debug, Clone)]
pub(crate) struct Boxes {
    pub nodes: Vec<NodeBox>,
    pub columns: Vec<Vec<usize>>,
    pub top: f64,
    pub bottom: f64,
}

/// A cubic curve, then perhaps a level stretch.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    pub first: (f64, f64),
    pub second: (f64, f64),
    pub end: (f64, f64),
    pub straight_to: Option<f64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub start: (f64, f64),
    pub curves: Vec<Curve>,
    pub arrives_rightward: bool,
}

impl Path {
    pub(crate) fn end(&self) -> (f64, f64) {
        self.curves.last().map_or(self.start, |curve| curve.end)
    }
}

/// Gap `slot` of layer `layer`: above its node `slot`, the last one below all.
type Gap = (usize, usize);

/// Side of a box where a link leaves or arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
}

/// Room that a link needs in a gap at the rim, where there is no box beyond.
const LANE: f64 = 4.0;

/// Paths of `links`, `None` where an end is no node or both ends are the same. The boxes come back with their
/// rims moved outward where links run outside.
pub(crate) fn route(mut boxes: Boxes, links: &[(usize, usize)]) -> (Boxes, Vec<Option<Path>>) {
    let valid = |&(a, b): &(usize, usize)| a != b && a < boxes.nodes.len() && b < boxes.nodes.len();
    let usable: Vec<bool> = links.iter().map(valid).collect();

    // Which gaps each link passes, in the order from its source.
    let mut passes: Vec<Vec<Gap>> = vec![Vec::new(); links.len()];
    let mut users: BTreeMap<Gap, Vec<(usize, f64)>> = BTreeMap::new();
    for (k, &(a, b)) in links.iter().enumerate().filter(|(k, _)| usable[*k]) {
        let (from, to) = (&boxes.nodes[a], &boxes.nodes[b]);
        let (low, high) = (from.layer.min(to.layer), from.layer.max(to.layer));
        let mut between: Vec<usize> = (low + 1..high).collect();
        if to.layer < from.layer {
            between.reverse();
        }
        let mut y = from.middle();
        let hops = between.len() as f64 + 1.0;
        for (step, layer) in between.into_iter().enumerate() {
            let aim = y + (to.middle() - y) / (hops - step as f64);
            let slot = nearest_gap(&boxes, layer, aim, &users);
            y = gap_middle(&boxes, (layer, slot));
            users
                .entry((layer, slot))
                .or_default()
                .push((k, f64::midpoint(from.middle(), to.middle())));
            passes[k].push((layer, slot));
        }
    }

    // Rims: links above or below all boxes of a layer need room there.
    for (&(layer, slot), list) in &users {
        let need = (list.len() as f64 + 1.0) * LANE;
        let column = &boxes.columns[layer];
        if slot == column.len() {
            let lowest = column
                .last()
                .map_or(boxes.top, |&i| boxes.nodes[i].y + boxes.nodes[i].height);
            boxes.bottom = boxes.bottom.max(lowest + need);
        }
    }

    // Spread the links of a gap.
    let mut lanes: BTreeMap<(usize, Gap), f64> = BTreeMap::new();
    for (gap, list) in &mut users {
        list.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let (top, bottom) = gap_bounds(&boxes, *gap);
        let (top, bottom) = if gap.1 == 0 {
            ((bottom - (list.len() as f64 + 1.0) * LANE).max(top), bottom)
        } else if gap.1 == boxes.columns[gap.0].len() {
            (top, (top + (list.len() as f64 + 1.0) * LANE).min(bottom))
        } else {
            (top, bottom)
        };
        let count = list.len() as f64 + 1.0;
        for (place, (k, _)) in list.iter().enumerate() {
            lanes.insert(
                (*k, *gap),
                top + (bottom - top) * (place as f64 + 1.0) / count,
            );
        }
    }

    let ports = ports(&boxes, links, &usable, &passes, &lanes);
    let paths = links
        .iter()
        .enumerate()
        .map(|(k, &(a, b))| usable[k].then(|| path(&boxes, k, (a, b), &passes[k], &lanes, &ports)))
        .collect();
    (boxes, paths)
}

fn gap_bounds(boxes: &Boxes, (layer, slot): Gap) -> (f64, f64) {
    let column = &boxes.columns[layer];
    let above = slot.checked_sub(1).and_then(|s| column.get(s));
    let top = above.map_or(boxes.top, |&i| boxes.nodes[i].y + boxes.nodes[i].height);
    let bottom = column.get(slot).map_or(boxes.bottom, |&i| boxes.nodes[i].y);
    (top, bottom)
}

/// The middle of a gap; of a gap at the rim, just outside the box.
fn gap_middle(boxes: &Boxes, gap: Gap) -> f64 {
    let (top, bottom) = gap_bounds(boxes, gap);
    let column = boxes.columns[gap.0].len();
    match gap.1 {
        _ if column == 0 => f64::midpoint(top, bottom),
        0 => bottom - 6.0,
        s if s == column => top + 6.0,
        _ => f64::midpoint(top, bottom),
    }
}

fn nearest_gap(
    boxes: &Boxes,
    layer: usize,
    aim: f64,
    users: &BTreeMap<Gap, Vec<(usize, f64)>>,
) -> usize {
    // A crowded gap costs as much as a detour of a few units per link.
    let cost = |slot: usize| {
        let crowd = users.get(&(layer, slot)).map_or(0, Vec::len) as f64;
        (gap_middle(boxes, (layer, slot)) - aim).abs() + 5.0 * crowd
    };
    (0..=boxes.columns[layer].len())
        .min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
        .unwrap_or(0)
}

type Ports = BTreeMap<(usize, Side, usize), f64>;

/// Where on its side each link leaves and arrives: spread evenly, sorted by where the link goes next.
fn ports(
    boxes: &Boxes,
    links: &[(usize, usize)],
    usable: &[bool],
    passes: &[Vec<Gap>],
    lanes: &BTreeMap<(usize, Gap), f64>,
) -> Ports {
    let mut ends: BTreeMap<(usize, Side), Vec<(usize, f64)>> = BTreeMap::new();
    for (k, &(a, b)) in links.iter().enumerate().filter(|(k, _)| usable[*k]) {
        let (leave, arrive) = sides(boxes, a, b);
        let lane = |gap: Option<&Gap>| gap.and_then(|g| lanes.get(&(k, *g)).copied());
        let next = lane(passes[k].first()).unwrap_or(boxes.nodes[b].middle());
        let last = lane(passes[k].last()).unwrap_or(boxes.nodes[a].middle());
        ends.entry((a, leave)).or_default().push((k, next));
        ends.entry((b, arrive)).or_default().push((k, last));
    }
    let mut ports = Ports::new();
    for ((node, side), mut list) in ends {
        list.sort_by(|x, y| x.1.total_cmp(&y.1).then(x.0.cmp(&y.0)));
        let at = &boxes.nodes[node];
        let count = list.len() as f64 + 1.0;
        for (place, (k, _)) in list.into_iter().enumerate() {
            ports.insert(
                (node, side, k),
                at.y + at.height * (place as f64 + 1.0) / count,
            );
        }
    }
    ports
}

fn sides(boxes: &Boxes, a: usize, b: usize) -> (Side, Side) {
    let (from, to) = (boxes.nodes[a].layer, boxes.nodes[b].layer);
    match from.cmp(&to) {
        std::cmp::Ordering::Less => (Side::Right, Side::Left),
        std::cmp::Ordering::Equal => (Side::Right, Side::Right),
        std::cmp::Ordering::Greater => (Side::Left, Side::Right),
    }
}

fn path(
    boxes: &Boxes,
    k: usize,
    (a, b): (usize, usize),
    passes: &[Gap],
    lanes: &BTreeMap<(usize, Gap), f64>,
    ports: &Ports,
) -> Path {
    let (leave, arrive) = sides(boxes, a, b);
    let edge = |node: usize, side: Side| {
        let at = &boxes.nodes[node];
        let x = if side == Side::Right {
            at.x + at.width
        } else {
            at.x
        };
        (
            x,
            ports.get(&(node, side, k)).copied().unwrap_or(at.middle()),
        )
    };
    let start = edge(a, leave);
    let goal = edge(b, arrive);
    let mut curves = Vec::new();
    let mut here = start;
    if leave == arrive {
        // Both ends in one layer: a bow through the space to the right.
        let out = start.0 + 26.0;
        curves.push(Curve {
            first: (out, start.1),
            second: (out, goal.1),
            end: goal,
            straight_to: None,
        });
        return Path {
            start,
            curves,
            arrives_rightward: false,
        };
    }
    let forward = leave == Side::Right;
    let width = boxes.nodes[a].width;
    let pitch = (boxes.nodes[b].x - boxes.nodes[a].x)
        / (boxes.nodes[b].layer as f64 - boxes.nodes[a].layer as f64);
    let mut bend = |to: (f64, f64), straight_to: Option<f64>| {
        let half = (to.0 - here.0) * 0.5;
        curves.push(Curve {
            first: (here.0 + half, here.1),
            second: (to.0 - half, to.1),
            end: to,
            straight_to,
        });
        here = (straight_to.unwrap_or(to.0), to.1);
    };
    for gap in passes {
        let left = boxes.nodes[a].x + (gap.0 as f64 - boxes.nodes[a].layer as f64) * pitch;
        let y = lanes
            .get(&(k, *gap))
            .copied()
            .unwrap_or_else(|| gap_middle(boxes, *gap));
        let (near, far) = if forward {
            (left, left + width)
        } else {
            (left + width, left)
        };
        bend((near, y), Some(far));
    }
    bend(goal, None);
    Path {
        start,
        curves,
        arrives_rightward: forward,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn grid(heights: &[Vec<f64>]) -> Boxes {
        let mut nodes = Vec::new();
        let mut columns = Vec::new();
        let mut bottom: f64 = 0.0;
        for (layer, column) in heights.iter().enumerate() {
            let mut y = 20.0;
            let mut ids = Vec::new();
            for &height in column {
                ids.push(nodes.len());
                nodes.push(NodeBox {
                    layer,
                    x: layer as f64 * 100.0,
                    y,
                    width: 60.0,
                    height,
                });
                y += height + 15.0;
            }
            bottom = bottom.max(y);
            columns.push(ids);
        }
        Boxes {
            nodes,
            columns,
            top: 0.0,
            bottom,
        }
    }

    proptest! {
        #[test]
        fn no_link_crosses_a_box(
            heights in proptest::collection::vec(proptest::collection::vec(20.0..60.0_f64, 0..5), 2..6),
            ends in proptest::collection::vec((0_usize..20, 0_usize..20), 0..30),
        ) {
            let boxes = grid(&heights);
            let (boxes, paths) = route(boxes, &ends);
            for (path, &(a, b)) in paths.iter().zip(&ends) {
                prop_assert_eq!(path.is_some(), a != b && a < boxes.nodes.len() && b < boxes.nodes.len());
                let Some(path) = path else { continue };
                // Curves stay between two layers; only the level stretches run along a layer.
                for curve in path.curves.iter().filter(|c| c.straight_to.is_some()) {
                    let layer = (curve.end.0.min(curve.straight_to.unwrap()) / 100.0).round() as usize;
                    for &i in &boxes.columns[layer] {
                        let at = &boxes.nodes[i];
                        prop_assert!(curve.end.1 <= at.y || curve.end.1 >= at.y + at.height);
                    }
                }
            }
        }
    }
}

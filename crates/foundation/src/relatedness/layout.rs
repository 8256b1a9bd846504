//! Where the activities of a product space lie on a page: the same bits on every run and every machine.
//!
//! Each piece starts as a radial tree (its maximum spanning tree from the middle, every branch with an angle by its
//! leaves) and settles by spring forces (Fruchterman and Reingold, 1991):
//!
//! ```text
//! links attract by d² / k,  all nodes repel by k² / d,   steps limited by a falling temperature
//! ```
//!
//! Repulsion of far nodes is that of the centre of their cell of a grid of about 3√n cells, which makes a step O(n^1.5).
//! Only +, -, ×, ÷ and square roots are used (sine and cosine by their series), which every machine rounds alike; the
//! number of steps is fixed. Pieces are set side by side in rows, the largest first. **A layout is a drawing:** distances in
//! it are no measure.

use super::space::Space;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayoutParams {
    pub steps: usize,
}

impl Default for LayoutParams {
    fn default() -> Self {
        Self { steps: 300 }
    }
}

/// Positions of the nodes; a link is about 1 long.
pub fn layout(space: &Space, params: LayoutParams) -> Vec<(f64, f64)> {
    let mut pieces = space.pieces();
    pieces.sort_by_key(|piece| (std::cmp::Reverse(piece.len()), piece[0]));
    let mut place = vec![0; space.nodes];
    let mut owner = vec![0; space.nodes];
    for (p, piece) in pieces.iter().enumerate() {
        for (i, node) in piece.iter().enumerate() {
            place[*node] = i;
            owner[*node] = p;
        }
    }
    let mut links: Vec<Vec<(usize, usize, bool)>> = vec![Vec::new(); pieces.len()];
    for link in &space.links {
        links[owner[link.a]].push((place[link.a], place[link.b], link.forest));
    }
    let drawn: Vec<Vec<Point>> = pieces
        .iter()
        .zip(&links)
        .map(|(piece, links)| {
            let mut points = radial(piece.len(), links);
            settle(&mut points, links, params.steps);
            points
        })
        .collect();
    let mut positions = vec![(0.0, 0.0); space.nodes];
    for (piece, shifted) in pieces.iter().zip(side_by_side(drawn)) {
        for (node, point) in piece.iter().zip(shifted) {
            positions[*node] = (point.x, point.y);
        }
    }
    positions
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    x: f64,
    y: f64,
}

/// The tree from its middle; a node's branch gets the part of the angle that its leaves are.
fn radial(n: usize, links: &[(usize, usize, bool)]) -> Vec<Point> {
    let mut tree = vec![Vec::new(); n];
    for (a, b, _) in links.iter().filter(|l| l.2) {
        tree[*a].push(*b);
        tree[*b].push(*a);
    }
    let middle = middle(&tree);
    let order = breadth_first(&tree, middle);
    let mut leaves = vec![0usize; n];
    for (node, parent, _) in order.iter().rev() {
        leaves[*node] = leaves[*node].max(1);
        if let Some(parent) = parent {
            leaves[*parent] += leaves[*node];
        }
    }
    // First angle that is still free in each node's range.
    let mut free = vec![0.0; n];
    let mut points = vec![Point { x: 0.0, y: 0.0 }; n];
    let whole = leaves[middle] as f64;
    for (node, parent, depth) in order {
        let Some(parent) = parent else { continue };
        let width = leaves[node] as f64 / whole;
        let start = free[parent];
        free[parent] += width;
        free[node] = start;
        let (sin, cos) = sin_cos(start + width / 2.0);
        points[node] = Point {
            x: depth as f64 * cos,
            y: depth as f64 * sin,
        };
    }
    points
}

/// A node of the tree with the smallest largest distance: half way along a longest path.
fn middle(tree: &[Vec<usize>]) -> usize {
    let end = breadth_first(tree, 0).last().map_or(0, |l| l.0);
    let order = breadth_first(tree, end);
    let mut parent = vec![None; tree.len()];
    for (node, from, _) in &order {
        parent[*node] = *from;
    }
    let (mut node, depth) = order.last().map_or((0, 0), |l| (l.0, l.2));
    for _ in 0..depth / 2 {
        node = parent[node].unwrap_or(node);
    }
    node
}

/// (node, parent, depth) in the order of discovery.
fn breadth_first(tree: &[Vec<usize>], start: usize) -> Vec<(usize, Option<usize>, usize)> {
    let mut order = vec![(start, None, 0)];
    let mut next = 0;
    while next < order.len() {
        let (node, parent, depth) = order[next];
        for child in tree[node].iter().filter(|c| Some(**c) != parent) {
            order.push((*child, Some(node), depth + 1));
        }
        next += 1;
    }
    order
}

/// Sine and cosine of `turns` × 2π by series: library functions differ in the last bit between machines.
fn sin_cos(turns: f64) -> (f64, f64) {
    // To a quarter turn around 0, where the series is short.
    let quarters = (turns * 4.0).round();
    let x = (turns - quarters / 4.0) * std::f64::consts::TAU;
    let square = x * x;
    let (mut sin, mut cos) = (0.0, 0.0);
    for k in (0..9).rev() {
        let k = f64::from(k);
        cos = 1.0 - square / ((2.0 * k + 1.0) * (2.0 * k + 2.0)) * if k < 8.0 { cos } else { 1.0 };
        sin = 1.0 - square / ((2.0 * k + 2.0) * (2.0 * k + 3.0)) * if k < 8.0 { sin } else { 1.0 };
    }
    sin *= x;
    match quarters.rem_euclid(4.0) as u8 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

fn settle(points: &mut [Point], links: &[(usize, usize, bool)], steps: usize) {
    let n = points.len();
    if n < 2 {
        return;
    }
    // Nodes that start on the same spot need a direction: a shift far below the length of a link.
    for (i, p) in points.iter_mut().enumerate() {
        p.x += 1e-3 * (i as f64 / n as f64 - 0.5);
        p.y += 1e-3 * ((i * 7 % n) as f64 / n as f64 - 0.5);
    }
    let start = (n as f64).sqrt() / 4.0;
    for step in 0..steps {
        let left = 1.0 - step as f64 / steps as f64;
        let temperature = start * left * left + 1e-3;
        let mut forces = repulsion(points);
        for (a, b, _) in links {
            let (dx, dy) = (points[*b].x - points[*a].x, points[*b].y - points[*a].y);
            // d²/k along the link: (dx, dy) times d.
            let d = (dx * dx + dy * dy).sqrt();
            forces[*a].x += dx * d;
            forces[*a].y += dy * d;
            forces[*b].x -= dx * d;
            forces[*b].y -= dy * d;
        }
        for (p, f) in points.iter_mut().zip(&forces) {
            let length = (f.x * f.x + f.y * f.y).sqrt();
            if length > 0.0 {
                let part = temperature.min(length) / length;
                p.x += f.x * part;
                p.y += f.y * part;
            }
        }
    }
}

fn repulsion(points: &[Point]) -> Vec<Point> {
    let n = points.len();
    let (low, high) = bounds(points);
    let side = ((3.0 * (n as f64).sqrt()).sqrt().ceil() as usize).max(1);
    let cell = |p: &Point| {
        let along = |v: f64, low: f64, high: f64| {
            let width = (high - low).max(1e-9);
            (((v - low) / width * side as f64) as usize).min(side - 1)
        };
        (along(p.x, low.x, high.x), along(p.y, low.y, high.y))
    };
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); side * side];
    let at: Vec<(usize, usize)> = points.iter().map(cell).collect();
    for (i, (cx, cy)) in at.iter().enumerate() {
        members[cy * side + cx].push(i);
    }
    let centres: Vec<(Point, f64)> = members
        .iter()
        .map(|list| {
            let many = list.len() as f64;
            let sum = |of: fn(&Point) -> f64| list.iter().map(|i| of(&points[*i])).sum::<f64>();
            let centre = Point {
                x: sum(|p| p.x) / many,
                y: sum(|p| p.y) / many,
            };
            (centre, many)
        })
        .collect();
    let mut forces = vec![Point { x: 0.0, y: 0.0 }; n];
    for (i, p) in points.iter().enumerate() {
        let mut push = |from: &Point, many: f64| {
            let (dx, dy) = (p.x - from.x, p.y - from.y);
            // k²/d along the line: (dx, dy)/d².
            let square = (dx * dx + dy * dy).max(1e-6);
            forces[i].x += many * dx / square;
            forces[i].y += many * dy / square;
        };
        for row in 0..side {
            for column in 0..side {
                let c = row * side + column;
                let (centre, many) = &centres[c];
                if *many == 0.0 {
                    continue;
                }
                if column.abs_diff(at[i].0) <= 1 && row.abs_diff(at[i].1) <= 1 {
                    for other in members[c].iter().filter(|j| **j != i) {
                        push(&points[*other], 1.0);
                    }
                } else {
                    push(centre, *many);
                }
            }
        }
    }
    forces
}

fn bounds(points: &[Point]) -> (Point, Point) {
    let fold = |of: fn(&Point) -> f64, with: fn(f64, f64) -> f64, start: f64| {
        points.iter().map(of).fold(start, with)
    };
    (
        Point {
            x: fold(|p| p.x, f64::min, f64::INFINITY),
            y: fold(|p| p.y, f64::min, f64::INFINITY),
        },
        Point {
            x: fold(|p| p.x, f64::max, f64::NEG_INFINITY),
            y: fold(|p| p.y, f64::max, f64::NEG_INFINITY),
        },
    )
}

/// Space between pieces.
const MARGIN: f64 = 1.5;

/// Pieces in rows from left to right, rows from top to bottom, about as wide as high.
fn side_by_side(drawn: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    let sizes: Vec<(Point, f64, f64)> = drawn
        .iter()
        .map(|points| {
            let (low, high) = bounds(points);
            (low, high.x - low.x + MARGIN, high.y - low.y + MARGIN)
        })
        .collect();
    let area: f64 = sizes.iter().map(|s| s.1 * s.2).sum();
    let widest = sizes.iter().map(|s| s.1).fold(0.0, f64::max);
    let width = area.sqrt().max(widest);
    let (mut x, mut y, mut row) = (0.0, 0.0, 0.0f64);
    drawn
        .into_iter()
        .zip(sizes)
        .map(|(mut points, (low, wide, high))| {
            if x > 0.0 && x + wide > width + 1e-9 {
                x = 0.0;
                y += row;
                row = 0.0;
            }
            for p in &mut points {
                p.x += x - low.x;
                p.y += y - low.y;
            }
            x += wide;
            row = row.max(high);
            points
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relatedness::space::Link;

    fn space(nodes: usize, pairs: impl Iterator<Item = (usize, usize)>) -> Space {
        Space {
            nodes,
            links: pairs
                .map(|(a, b)| Link {
                    a: a.min(b),
                    b: a.max(b),
                    proximity: 1.0,
                    forest: a.abs_diff(b) == 1,
                })
                .collect(),
        }
    }

    #[test]
    fn the_series_is_the_sine() {
        for k in -40..40 {
            let turns = f64::from(k) / 17.0;
            let (sin, cos) = sin_cos(turns);
            let x = turns * std::f64::consts::TAU;
            assert!(
                (sin - x.sin()).abs() < 1e-14 && (cos - x.cos()).abs() < 1e-14,
                "{turns}"
            );
        }
    }

    #[test]
    fn the_same_bits_on_every_machine() {
        // Two rings with chords and a single node; the sum of bits was written down once.
        let ring = |from: usize, n: usize| {
            (0..n - 1)
                .map(move |i| (from + i, from + i + 1))
                .chain([(from, from + n - 1)])
        };
        let s = space(41, ring(0, 24).chain(ring(24, 16)));
        let bits = layout(&s, LayoutParams::default())
            .iter()
            .fold(0u64, |all, (x, y)| {
                all.rotate_left(5) ^ x.to_bits() ^ y.to_bits().rotate_left(32)
            });
        assert_eq!(bits, 8_453_901_014_440_990_617);
    }

    #[test]
    fn pieces_do_not_overlap_and_a_path_unrolls() {
        let s = space(30, (0..19).chain(20..29).map(|i| (i, i + 1)));
        let at = layout(&s, LayoutParams::default());
        let box_of = |nodes: std::ops::Range<usize>| {
            let points: Vec<Point> = nodes
                .map(|i| Point {
                    x: at[i].0,
                    y: at[i].1,
                })
                .collect();
            bounds(&points)
        };
        let (a, b) = (box_of(0..20), box_of(20..30));
        let apart = a.1.x < b.0.x || b.1.x < a.0.x || a.1.y < b.0.y || b.1.y < a.0.y;
        assert!(apart, "{a:?} {b:?}");
        let distance =
            |i: usize, j: usize| ((at[i].0 - at[j].0).powi(2) + (at[i].1 - at[j].1).powi(2)).sqrt();
        let linked: f64 = (0..19).map(|i| distance(i, i + 1)).sum::<f64>() / 19.0;
        assert!(
            distance(0, 19) > 6.0 * linked,
            "{} {linked}",
            distance(0, 19)
        );
    }

    #[test]
    fn a_single_node_has_a_place() {
        let s = Space {
            nodes: 1,
            links: Vec::new(),
        };
        assert_eq!(layout(&s, LayoutParams::default()), [(0.0, 0.0)]);
        assert!(
            layout(
                &Space {
                    nodes: 0,
                    links: Vec::new()
                },
                LayoutParams::default()
            )
            .is_empty()
        );
    }
}

//! Places labels of points without overlap: greedy, nearest free place first (after Christensen, Marks & Shieber,
//! "An empirical study of algorithms for point-feature label placement", ACM Trans. Graphics 14, 1995).

/// An axis-parallel rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Rect {
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    fn grown(&self, by: f64) -> Self {
        Self {
            x: self.x - by,
            y: self.y - by,
            w: self.w + 2.0 * by,
            h: self.h + 2.0 * by,
        }
    }

    fn inside(&self, area: &Self) -> bool {
        self.x >= area.x
            && self.y >= area.y
            && self.x + self.w <= area.x + area.w
            && self.y + self.h <= area.y + area.h
    }

    /// The point of the rectangle nearest to `(x, y)`.
    fn nearest(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            x.clamp(self.x, self.x + self.w),
            y.clamp(self.y, self.y + self.h),
        )
    }

    /// Whether the segment touches the rectangle (Liang & Barsky, 1984).
    pub(crate) fn crossed_by(&self, a: (f64, f64), b: (f64, f64)) -> bool {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (p, q) in [
            (-dx, a.0 - self.x),
            (dx, self.x + self.w - a.0),
            (-dy, a.1 - self.y),
            (dy, self.y + self.h - a.1),
        ] {
            if p.abs() < 1e-12 {
                if q < 0.0 {
                    return false;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
        from <= to
    }
}

/// Where a label stands, and its leader from the point to the label where they do not touch.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub at: Rect,
    pub leader: Option<((f64, f64), (f64, f64))>,
}

/// Nearest first, up to this distance from the point.
const REACH: [f64; 16] = [
    6.0, 11.0, 17.0, 24.0, 32.0, 41.0, 52.0, 64.0, 78.0, 94.0, 112.0, 134.0, 160.0, 190.0, 230.0,
    280.0,
];
const DIRECTIONS: usize = 24;
/// Labels farther than this get a leader.
const NEAR: f64 = 4.0;
const POINT: f64 = 4.5;

/// Places a label of each size beside its point, inside `area`. Points with many neighbours choose first, since they
/// have the fewest free places. Where no place is free the one that meets the fewest labels is taken.
pub(crate) fn place(points: &[(f64, f64)], sizes: &[(f64, f64)], area: Rect) -> Vec<Placed> {
    let dots: Vec<Rect> = points
        .iter()
        .map(|(x, y)| Rect {
            x: x - POINT,
            y: y - POINT,
            w: 2.0 * POINT,
            h: 2.0 * POINT,
        })
        .collect();
    let crowd = |i: usize| {
        points
            .iter()
            .filter(|p| (p.0 - points[i].0).hypot(p.1 - points[i].1) < 70.0)
            .count()
    };
    let mut turn: Vec<usize> = (0..points.len()).collect();
    turn.sort_by_key(|&i| (std::cmp::Reverse(crowd(i)), i));
    let mut placed: Vec<Option<Placed>> = vec![None; points.len()];
    for &i in &turn {
        let best = candidates(points[i], sizes[i])
            .into_iter()
            .filter(|c| c.inside(&area))
            .map(|c| (cost(i, c, points[i], &dots, &placed), c))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let at = best.map_or(
            Rect {
                x: points[i].0,
                y: points[i].1,
                w: sizes[i].0,
                h: sizes[i].1,
            },
            |(_, c)| c,
        );
        placed[i] = Some(Placed {
            at,
            leader: leader(points[i], &at),
        });
    }
    placed.into_iter().flatten().collect()
}

fn candidates((x, y): (f64, f64), (w, h): (f64, f64)) -> Vec<Rect> {
    let mut out = Vec::with_capacity(REACH.len() * DIRECTIONS);
    for reach in REACH {
        for k in 0..DIRECTIONS {
            let angle = std::f64::consts::TAU * k as f64 / DIRECTIONS as f64;
            let (c, s) = (angle.cos(), angle.sin());
            // The label's near side lies `reach` from the point in this direction.
            let (cx, cy) = (x + c * reach, y + s * reach);
            let left = cx - w / 2.0 + (c * 2.0).clamp(-1.0, 1.0) * w / 2.0;
            let top = cy - h / 2.0 + (s * 2.0).clamp(-1.0, 1.0) * h / 2.0;
            out.push(Rect {
                x: left,
                y: top,
                w,
                h,
            });
        }
    }
    out
}

fn leader(point: (f64, f64), label: &Rect) -> Option<((f64, f64), (f64, f64))> {
    let end = label.nearest(point);
    ((end.0 - point.0).hypot(end.1 - point.1) > NEAR).then_some((point, end))
}

/// Distance, plus a price for each label, point or leader that is met: text on text weighs most.
fn cost(
    i: usize,
    candidate: Rect,
    point: (f64, f64),
    dots: &[Rect],
    placed: &[Option<Placed>],
) -> f64 {
    let room = candidate.grown(2.0);
    let line = leader(point, &candidate);
    let end = candidate.nearest(point);
    let mut total = (end.0 - point.0).hypot(end.1 - point.1);
    // To the right reads best.
    if candidate.x < point.0 {
        total += 2.0;
    }
    for (j, dot) in dots.iter().enumerate() {
        if room.meets(dot) && (j != i || candidate.meets(dot)) {
            total += 800.0;
        }
        if let Some((a, b)) = line
            && j != i
            && dot.crossed_by(a, b)
        {
            total += 60.0;
        }
    }
    for other in placed.iter().flatten() {
        if room.meets(&other.at) {
            total += 4000.0;
        }
        if let Some((a, b)) = line {
            if other.at.crossed_by(a, b) {
                total += 1500.0;
            }
            if let Some((c, d)) = other.leader
                && cross(a, b, c, d)
            {
                total += 120.0;
            }
        }
        if let Some((a, b)) = other.leader
            && room.crossed_by(a, b)
        {
            total += 1500.0;
        }
    }
    total
}

fn cross(a: (f64, f64), b: (f64, f64), c: (f64, f64), d: (f64, f64)) -> bool {
    let side = |p: (f64, f64), q: (f64, f64), r: (f64, f64)| {
        (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0)
    };
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_segment_and_a_rectangle() {
        let r = Rect {
            x: 0.0,
            y: 0.0,
            w: 2.0,
            h: 2.0,
        };
        assert!(r.crossed_by((-1.0, 1.0), (3.0, 1.0)));
        assert!(r.crossed_by((1.0, 1.0), (5.0, 5.0)));
        assert!(!r.crossed_by((-1.0, 2.5), (3.0, 2.5)));
        // Passes the corner at (0, 2) on the line y = x + 2.5, above it.
        assert!(!r.crossed_by((-1.0, 1.5), (1.0, 3.5)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn labels_of_thirty_points_do_not_overlap(points in proptest::collection::vec((150.0..800.0_f64, 60.0..560.0_f64), 1..30)) {
            let sizes = vec![(90.0, 18.0); points.len()];
            let area = Rect { x: 0.0, y: 0.0, w: 960.0, h: 640.0 };
            let placed = place(&points, &sizes, area);
            for (i, a) in placed.iter().enumerate() {
                for b in &placed[..i] {
                    prop_assert!(!a.at.meets(&b.at));
                }
            }
        }
    }
}

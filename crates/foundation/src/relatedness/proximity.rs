//! Proximity of activities, from who has both.
//!
//! With C_ab locations that have a and b, u_a those that have a, T locations, and P(a|b) = C_ab / u_b:
//!
//! ```text
//! min-conditional  C_ab / max(u_a, u_b) = min(P(a|b), P(b|a))          Hidalgo et al. (2007)
//! geometric        C_ab / √(u_a u_b)                                    cosine of the columns of bits
//! max-conditional  C_ab / min(u_a, u_b)
//! jaccard          C_ab / (u_a + u_b - C_ab)                            Jaccard (1901)
//! association      C_ab T / (u_a u_b)                                   van Eck and Waltman (2009)
//! probability      C_ab / E_ab,  E_ab = ((u_a/T) u_b/(T - u_a) + (u_b/T) u_a/(T - u_b)) T/2    Steijn (2021)
//! conditional      P(a|b), row a, column b                              not symmetric
//! half-pearson     (1 + r_ab)/2, r the correlation of the columns of RCA     "continuous"
//! pearson          r_ab;    cosine      x_a·x_b / (|x_a| |x_b|)
//! ```
//!
//! An activity of no location has no proximity to anything (0, and a density that is not defined). Proximity of *locations*
//! is the proximity of the transposed presence. [`Phi`] computes a block of columns when it is asked for, so that nobody
//! has to store 5,000 × 5,000 numbers; [`Proximity`] is the stored matrix.

use rayon::prelude::*;

use crate::presence::Presence;

/// Columns of a block.
pub(crate) const WIDTH: usize = 32;

/// Proximity of two columns of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    MinConditional,
    Geometric,
    MaxConditional,
    Jaccard,
    Association,
    Probability,
    /// Row a, column b: P(a|b). Its transpose is what py-ecomplexity calls asymmetric.
    Conditional,
}

/// Proximity of two columns of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueMeasure {
    HalfPearson,
    Pearson,
    Cosine,
}

/// Is an activity near to itself?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagonal {
    /// 0: density asks for the *other* activities.
    Zero,
    /// What the measure gives (mostly 1).
    Kept,
}

/// A stored matrix, row-major, square.
#[derive(Debug, Clone, PartialEq)]
pub struct Proximity {
    n: usize,
    values: Vec<f64>,
}

impl Proximity {
    /// A matrix of one's own; `None` where `values` is not n × n finite numbers.
    pub fn new(n: usize, values: Vec<f64>) -> Option<Self> {
        (values.len() == n * n && values.iter().all(|v| v.is_finite()))
            .then_some(Self { n, values })
    }

    pub fn len(&self) -> usize {
        self.n
    }

    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    pub fn get(&self, a: usize, b: usize) -> f64 {
        self.values[a * self.n + b]
    }

    /// Row-major.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

/// The whole matrix of a measure.
pub fn proximity(presence: &Presence, measure: Measure, diagonal: Diagonal) -> Proximity {
    Phi::of_presence(presence, measure, diagonal).stored()
}

/// The whole matrix from numbers (RCA, say), row-major, `activities` to a row. Unknown numbers count as 0, as in every peer; a
/// column without variation has no correlation: 0.
pub fn of_values(
    values: &[f64],
    activities: usize,
    measure: ValueMeasure,
    diagonal: Diagonal,
) -> Proximity {
    Phi::of_values(values, activities, measure, diagonal).stored()
}

/// A proximity matrix that is computed column by column, or stored.
#[derive(Debug, Clone)]
pub struct Phi<'a> {
    kind: Kind<'a>,
    diagonal: Diagonal,
    n: usize,
}

#[derive(Debug, Clone)]
enum Kind<'a> {
    Presence {
        measure: Measure,
        locations: f64,
        ubiquity: Vec<f64>,
        /// Locations of every activity, one list after the other.
        holders: Vec<u32>,
        starts: Vec<usize>,
        /// M as numbers, in blocks of WIDTH activities: [block][location][WIDTH].
        blocks: Vec<[u16; WIDTH]>,
        height: usize,
    },
    /// Columns scaled to length 1 (centred for a correlation), activity after activity.
    Values {
        measure: ValueMeasure,
        scaled: Vec<f64>,
        height: usize,
    },
    Stored(&'a Proximity),
}

impl<'a> Phi<'a> {
    pub fn of_presence(presence: &Presence, measure: Measure, diagonal: Diagonal) -> Self {
        let (n, height) = (presence.activities(), presence.locations());
        let mut holders = Vec::with_capacity(presence.links());
        let mut starts = Vec::with_capacity(n + 1);
        let mut blocks = vec![[0; WIDTH]; n.div_ceil(WIDTH) * height];
        starts.push(0);
        for a in 0..n {
            for l in presence.locations_of(a) {
                holders.push(l as u32);
                blocks[a / WIDTH * height + l][a % WIDTH] = 1;
            }
            starts.push(holders.len());
        }
        Self {
            kind: Kind::Presence {
                measure,
                locations: height as f64,
                ubiquity: presence.ubiquity().iter().map(|u| f64::from(*u)).collect(),
                holders,
                starts,
                blocks,
                height,
            },
            diagonal,
            n,
        }
    }

    pub fn of_values(
        values: &[f64],
        activities: usize,
        measure: ValueMeasure,
        diagonal: Diagonal,
    ) -> Self {
        let height = values.len() / activities.max(1);
        let mut scaled = Vec::with_capacity(values.len());
        for a in 0..activities {
            let mut column: Vec<f64> = (0..height)
                .map(|l| values[l * activities + a])
                .map(|v| if v.is_nan() { 0.0 } else { v })
                .collect();
            if measure != ValueMeasure::Cosine {
                let mean = column.iter().sum::<f64>() / height as f64;
                for value in &mut column {
                    *value -= mean;
                }
            }
            let length = column.iter().map(|v| v * v).sum::<f64>().sqrt();
            scaled.extend(
                column
                    .iter()
                    .map(|v| if length > 0.0 { v / length } else { 0.0 }),
            );
        }
        Self {
            kind: Kind::Values {
                measure,
                scaled,
                height,
            },
            diagonal,
            n: activities,
        }
    }

    /// A stored matrix as it is, diagonal included.
    pub fn of(stored: &'a Proximity) -> Self {
        Self {
            kind: Kind::Stored(stored),
            diagonal: Diagonal::Kept,
            n: stored.n,
        }
    }

    pub fn len(&self) -> usize {
        self.n
    }

    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Is φ_ab = φ_ba by definition?
    pub fn is_symmetric(&self) -> bool {
        match &self.kind {
            Kind::Presence { measure, .. } => *measure != Measure::Conditional,
            Kind::Values { .. } => true,
            Kind::Stored(_) => false,
        }
    }

    pub fn stored(&self) -> Proximity {
        let n = self.n;
        let blocks: Vec<Vec<[f64; WIDTH]>> = (0..n.div_ceil(WIDTH))
            .into_par_iter()
            .map(|block| {
                let mut columns = Vec::new();
                self.fill(block, &mut columns);
                columns
            })
            .collect();
        let mut values = Vec::with_capacity(n * n);
        for a in 0..n {
            for (k, columns) in blocks.iter().enumerate() {
                values.extend_from_slice(&columns[a][..WIDTH.min(n - k * WIDTH)]);
            }
        }
        Proximity { n, values }
    }

    /// Columns `block * WIDTH ..`, all rows; places beyond the last column hold 0.
    pub(crate) fn fill(&self, block: usize, columns: &mut Vec<[f64; WIDTH]>) {
        let from = block * WIDTH;
        let width = WIDTH.min(self.n - from);
        columns.clear();
        match &self.kind {
            Kind::Presence {
                measure,
                locations,
                ubiquity,
                holders,
                starts,
                blocks,
                height,
            } => {
                let bits = &blocks[block * height..(block + 1) * height];
                let mut own = [0.0; WIDTH];
                own[..width].copy_from_slice(&ubiquity[from..from + width]);
                for a in 0..self.n {
                    let common = common(&holders[starts[a]..starts[a + 1]], bits);
                    let mut row = scaled_row(*measure, &common, ubiquity[a], &own, *locations);
                    row[width..].fill(0.0);
                    columns.push(row);
                }
            }
            Kind::Values {
                measure,
                scaled,
                height,
            } => {
                // The block's columns side by side, for sums over contiguous numbers.
                let mut beside = vec![[0.0; WIDTH]; *height];
                for j in 0..width {
                    for (l, row) in beside.iter_mut().enumerate() {
                        row[j] = scaled[(from + j) * height + l];
                    }
                }
                for a in 0..self.n {
                    let mut row = [0.0; WIDTH];
                    for (x, others) in scaled[a * height..(a + 1) * height].iter().zip(&beside) {
                        for (sum, other) in row.iter_mut().zip(others) {
                            *sum += x * other;
                        }
                    }
                    if *measure == ValueMeasure::HalfPearson {
                        for r in &mut row {
                            *r = f64::midpoint(1.0, *r);
                        }
                    }
                    row[width..].fill(0.0);
                    columns.push(row);
                }
            }
            Kind::Stored(stored) => {
                for a in 0..self.n {
                    let mut row = [0.0; WIDTH];
                    let start = a * self.n + from;
                    row[..width].copy_from_slice(&stored.values[start..start + width]);
                    columns.push(row);
                }
            }
        }
        if self.diagonal == Diagonal::Zero {
            for j in 0..width {
                columns[from + j][j] = 0.0;
            }
        }
    }

    /// Σ_a φ_ab of every column b, and Σ_b φ_ab of every row a.
    pub fn sums(&self) -> (Vec<f64>, Vec<f64>) {
        let parts: Vec<(Vec<f64>, Vec<f64>)> = (0..self.n.div_ceil(WIDTH))
            .into_par_iter()
            .map_init(Vec::new, |columns, block| {
                self.fill(block, columns);
                let width = WIDTH.min(self.n - block * WIDTH);
                let mut down = [0.0; WIDTH];
                let mut across = Vec::new();
                for row in columns.iter() {
                    for (sum, phi) in down.iter_mut().zip(row) {
                        *sum += phi;
                    }
                    if !self.is_symmetric() {
                        across.push(row.iter().sum::<f64>());
                    }
                }
                (down[..width].to_vec(), across)
            })
            .collect();
        let columns: Vec<f64> = parts
            .iter()
            .flat_map(|(down, _)| down.iter().copied())
            .collect();
        if self.is_symmetric() {
            return (columns.clone(), columns);
        }
        let mut rows = vec![0.0; self.n];
        for (_, across) in &parts {
            for (sum, part) in rows.iter_mut().zip(across) {
                *sum += part;
            }
        }
        (columns, rows)
    }
}

/// C_ab of one activity (its holders) with a block of activities.
fn common(holders: &[u32], bits: &[[u16; WIDTH]]) -> [f64; WIDTH] {
    let mut counts = [0.0; WIDTH];
    // So many ones fit into 16 bits.
    for part in holders.chunks(usize::from(u16::MAX)) {
        let mut sums = [0u16; WIDTH];
        for l in part {
            for (sum, bit) in sums.iter_mut().zip(&bits[*l as usize]) {
                *sum += bit;
            }
        }
        for (count, sum) in counts.iter_mut().zip(sums) {
            *count += f64::from(sum);
        }
    }
    counts
}

/// One row of a block, from C, u_a and the u_b of the block; 0 where 0/0.
fn scaled_row(
    measure: Measure,
    common: &[f64; WIDTH],
    u: f64,
    others: &[f64; WIDTH],
    locations: f64,
) -> [f64; WIDTH] {
    if u == 0.0 {
        return [0.0; WIDTH];
    }
    let t = locations;
    let over = |below: &dyn Fn(f64, f64) -> f64| {
        std::array::from_fn(|j| {
            let below = below(common[j], others[j]);
            if common[j] > 0.0 && below > 0.0 {
                common[j] / below
            } else {
                0.0
            }
        })
    };
    match measure {
        // The measure of the full table, in the form that a processor can do side by side: u > 0, so nothing is divided by 0.
        Measure::MinConditional => {
            std::array::from_fn(|j| common[j] / if u > others[j] { u } else { others[j] })
        }
        Measure::Geometric => over(&|_, v| (u * v).sqrt()),
        Measure::MaxConditional => over(&|_, v| u.min(v)),
        Measure::Jaccard => over(&|c, v| u + v - c),
        Measure::Association => over(&|_, v| u * v / t),
        // The chance that the next after a is b, and the other way round; u = T leaves no room for another.
        Measure::Probability => over(&|_, v| {
            let way = |u: f64, v: f64| {
                let room = t * (t - u);
                if room > 0.0 { u * v / room } else { 0.0 }
            };
            (way(u, v) + way(v, u)) * t / 2.0
        }),
        Measure::Conditional => over(&|_, v| v),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn random(locations: usize, activities: usize, seed: u64) -> Presence {
        Presence::from_fn(locations, activities, |l, a| {
            (seed ^ (l as u64 * 7919 + a as u64 * 104_729)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
                >> 62
                == 0
        })
    }

    #[test]
    fn four_countries_by_hand() {
        // a in 0, 1, 2; b in 1, 2; c in 3.
        let m = Presence::from_fn(4, 3, |l, a| [&[0, 1, 2][..], &[1, 2], &[3]][a].contains(&l));
        let phi = |measure| proximity(&m, measure, Diagonal::Zero).get(0, 1);
        assert!((phi(Measure::MinConditional) - 2.0 / 3.0).abs() < 1e-15);
        assert!((phi(Measure::Geometric) - 2.0 / 6f64.sqrt()).abs() < 1e-15);
        assert!((phi(Measure::MaxConditional) - 1.0).abs() < 1e-15);
        assert!((phi(Measure::Jaccard) - 2.0 / 3.0).abs() < 1e-15);
        assert!((phi(Measure::Association) - 2.0 * 4.0 / 6.0).abs() < 1e-15);
        // E = (3/4 · 2/1 + 2/4 · 3/2) · 2 = 4.5.
        assert!((phi(Measure::Probability) - 2.0 / 4.5).abs() < 1e-15);
        let p = proximity(&m, Measure::Conditional, Diagonal::Kept);
        assert!((p.get(0, 1) - 1.0).abs() < 1e-15 && (p.get(1, 0) - 2.0 / 3.0).abs() < 1e-15);
        assert!((p.get(2, 2) - 1.0).abs() < 1e-15 && p.get(2, 0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn every_measure_agrees_with_its_plain_formula(
            locations in 2usize..9, activities in 1usize..80, seed in any::<u64>()
        ) {
            let m = random(locations, activities, seed);
            let t = locations as f64;
            for measure in [
                Measure::MinConditional, Measure::Geometric, Measure::MaxConditional, Measure::Jaccard,
                Measure::Association, Measure::Probability, Measure::Conditional,
            ] {
                let phi = proximity(&m, measure, Diagonal::Kept);
                let (down, across) = Phi::of_presence(&m, measure, Diagonal::Kept).sums();
                for a in 0..activities {
                    for b in 0..activities {
                        let c = f64::from(m.both_activities(a, b));
                        let (u, v) = (f64::from(m.ubiquity()[a]), f64::from(m.ubiquity()[b]));
                        let plain = match measure {
                            Measure::MinConditional => (c / u).min(c / v),
                            Measure::Geometric => c / (u * v).sqrt(),
                            Measure::MaxConditional => (c / u).max(c / v),
                            Measure::Jaccard => c / (u + v - c),
                            Measure::Association => (c / t) / ((u / t) * (v / t)),
                            Measure::Probability => {
                                let x = if u < t { (u / t) * (v / (t - u)) } else { 0.0 };
                                let y = if v < t { (v / t) * (u / (t - v)) } else { 0.0 };
                                if x + y > 0.0 { c / ((x + y) * t / 2.0) } else { 0.0 }
                            }
                            Measure::Conditional => c / v,
                        };
                        let plain = if c == 0.0 { 0.0 } else { plain };
                        prop_assert!((phi.get(a, b) - plain).abs() < 1e-12, "{:?} {} {}", measure, phi.get(a, b), plain);
                    }
                    let column: f64 = (0..activities).map(|b| phi.get(b, a)).sum();
                    let row: f64 = (0..activities).map(|b| phi.get(a, b)).sum();
                    prop_assert!((down[a] - column).abs() < 1e-10 && (across[a] - row).abs() < 1e-10);
                }
            }
        }

        #[test]
        fn correlation_agrees_with_its_plain_formula(
            height in 3usize..9, activities in 1usize..40, seed in any::<u64>()
        ) {
            let values: Vec<f64> = (0..height * activities)
                .map(|k| ((seed ^ k as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64)
                .collect();
            let column = |a: usize| -> Vec<f64> { (0..height).map(|l| values[l * activities + a]).collect() };
            let phi = of_values(&values, activities, ValueMeasure::HalfPearson, Diagonal::Kept);
            let cosine = of_values(&values, activities, ValueMeasure::Cosine, Diagonal::Kept);
            for a in 0..activities {
                for b in 0..activities {
                    let (x, y) = (column(a), column(b));
                    let n = height as f64;
                    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
                    let dot = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(&y).map(|(x, y)| f(*x, *y)).sum::<f64>();
                    let r = dot(&|x, y| (x - mx) * (y - my))
                        / (dot(&|x, _| (x - mx).powi(2)) * dot(&|_, y| (y - my).powi(2))).sqrt();
                    let r = if r.is_finite() { r } else { 0.0 };
                    prop_assert!((phi.get(a, b) - f64::midpoint(1.0, r)).abs() < 1e-9);
                    let c = dot(&|x, y| x * y) / (dot(&|x, _| x * x) * dot(&|_, y| y * y)).sqrt();
                    let c = if c.is_finite() { c } else { 0.0 };
                    prop_assert!((cosine.get(a, b) - c).abs() < 1e-9);
                }
            }
        }
    }
}

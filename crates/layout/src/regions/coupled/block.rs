//! One region's problem at given prices, as rows over columns in [0, 1] (all data whole numbers).
//!
//! Columns: x_ci (cluster hosts industry), X_qi (industry present in circle q), y_qik (both present, i < k).
//!
//! ```text
//! max  Σ (s_ci (1 + π_g / n_g) - l_i) x_ci + Σ w_ik y_qik
//! (1) min_c <= Σ_i x_ci <= max_c             (2) Σ_i a_ir x_ci <= R_cr
//! (4) X_qi <= Σ_{c in q} x_ci <= D X_qi      (4') Σ_{c in g} x_ci <= D    where a region has several circles
//! (5) x_ci <= X_qi                           (6) y_qik <= X_qi, y_qik <= X_qk
//! (7) x_ci + x_di <= 1  next door            (8) Σ_k y_qik <= (N_q - 1) X_qi
//! ```
//!
//! (5), and (6) off the chain links, are cuts ([`super::cuts`]), taken only when violated. N_q is the number of
//! places of the circle, D the regional cap. All rows hold for y_qik = X_qi X_qk, so the optimum is the region's.

use std::collections::BTreeMap;

use super::dense::Dense;

/// Gains and multipliers are whole multiples of 2^-20, so that a bound is exact integer arithmetic.
pub(crate) const FIXED: i64 = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Var {
    /// x_ci
    Host(usize, usize),
    /// X_qi
    Present(usize, usize),
    /// y_qik, i < k
    Both(usize, usize, usize),
}

/// `Σ terms <= rhs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowLe {
    pub terms: Vec<(u32, i64)>,
    pub rhs: i64,
}

#[derive(Debug)]
pub(crate) struct Block {
    pub clusters: Vec<usize>,
    pub circles: Vec<usize>,
    pub vars: Vec<Var>,
    /// Sorted as `Var`, to position.
    index: BTreeMap<Var, u32>,
    /// Dense positions: `present[local circle * ni + i]`, `both[(local circle * ni + i) * ni + k]`; MAX: none.
    present: Vec<u32>,
    both: Vec<u32>,
    host: Vec<u32>,
    /// Rows (1), (2), (4), (6), (7), (8).
    pub rows: Vec<RowLe>,
    /// Places of each circle.
    pub places: Vec<i64>,
    ni: usize,
}

/// National prices, in multiples of 1 / [`FIXED`] of the unit of the scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prices {
    /// l_i: positive pays for the cap, negative for the floor.
    pub industry: Vec<i64>,
    /// π_g >= 0 with Σ π_g >= φ.
    pub region: Vec<i64>,
}

/// No price is as large as this: gains of [`Dense`]'s scores then fit into 64 bits.
pub(crate) const LARGEST_PRICE: i64 = 1 << 55;

impl Prices {
    pub fn from_floats(dense: &Dense, industry: &[f64], region: &[f64]) -> Self {
        let within = LARGEST_PRICE - 1;
        let fixed = |x: f64| ((x * FIXED as f64).round() as i64).clamp(-within, within);
        let phi = (dense.fairness * FIXED as f64).ceil() as i64;
        // One share of φ is never more than φ itself.
        let mut shares: Vec<i64> = region.iter().map(|p| fixed(*p).clamp(0, phi)).collect();
        let missing = phi - shares.iter().sum::<i64>();
        if missing > 0
            && let Some(largest) = shares.iter_mut().max()
        {
            *largest += missing;
        }
        Self {
            industry: industry.iter().map(|l| fixed(*l)).collect(),
            region: shares,
        }
    }

    /// Σ_i (max(l_i, 0) U_i + min(l_i, 0) L_i)
    pub fn national_term(&self, dense: &Dense) -> i128 {
        self.industry
            .iter()
            .enumerate()
            .map(|(i, l)| {
                let n = if *l > 0 { dense.cap[i] } else { dense.floor[i] };
                i128::from(*l) * n as i128
            })
            .sum()
    }

    /// The gain of x_ci, rounded up.
    pub fn gain(&self, dense: &Dense, c: usize, i: usize) -> i64 {
        i64::try_from(self.wide_gain(dense, c, i)).expect("invariant: the gains of prices fit")
    }

    /// Has every column a gain in 64 bits? Prices made here have; those of a file may not.
    pub fn fit(&self, dense: &Dense) -> bool {
        (0..dense.nc())
            .flat_map(|c| (0..dense.ni()).map(move |i| (c, i)))
            .all(|(c, i)| i64::try_from(self.wide_gain(dense, c, i)).is_ok())
    }

    fn wide_gain(&self, dense: &Dense, c: usize, i: usize) -> i128 {
        let g = dense.region[c];
        let score = i128::from(dense.score[c * dense.ni() + i]);
        let n = dense.clusters_of_region[g].len() as i128;
        let shared = score * i128::from(self.region[g]);
        let share = shared.div_euclid(n) + i128::from(shared.rem_euclid(n) != 0);
        score * i128::from(FIXED) + share - i128::from(self.industry[i])
    }

    pub fn float_gain(&self, dense: &Dense, c: usize, i: usize) -> f64 {
        self.gain(dense, c, i) as f64 / FIXED as f64
    }
}

impl Block {
    pub fn new(dense: &Dense, g: usize) -> Self {
        let ni = dense.ni();
        let clusters = dense.clusters_of_region[g].clone();
        let circles: Vec<usize> = (0..dense.region_of_circle.len())
            .filter(|q| dense.region_of_circle[*q] == g)
            .collect();
        let of_circle: Vec<Vec<usize>> = circles
            .iter()
            .map(|q| {
                clusters
                    .iter()
                    .copied()
                    .filter(|c| dense.circle[*c] == *q)
                    .collect()
            })
            .collect();
        let mut vars = Vec::new();
        for c in &clusters {
            vars.extend(
                (0..ni)
                    .filter(|i| dense.open[c * ni + i])
                    .map(|i| Var::Host(*c, i)),
            );
        }
        let mut industries: Vec<Vec<usize>> = Vec::new();
        for (q, members) in of_circle.iter().enumerate() {
            let here: Vec<usize> = (0..ni)
                .filter(|i| members.iter().any(|c| dense.open[c * ni + i]))
                .collect();
            vars.extend(here.iter().map(|i| Var::Present(q, *i)));
            industries.push(here);
        }
        for (q, here) in industries.iter().enumerate() {
            for (p, i) in here.iter().enumerate() {
                vars.extend(here[p + 1..].iter().map(|k| Var::Both(q, *i, *k)));
            }
        }
        let index: BTreeMap<Var, u32> = vars
            .iter()
            .enumerate()
            .map(|(n, v)| (*v, n as u32))
            .collect();
        let mut present = vec![u32::MAX; circles.len() * ni];
        let mut both = vec![u32::MAX; circles.len() * ni * ni];
        let mut host = vec![u32::MAX; clusters.len() * ni];
        for (n, v) in vars.iter().enumerate() {
            match v {
                Var::Host(c, i) => {
                    let l = clusters.binary_search(c).unwrap_or(0);
                    host[l * ni + i] = n as u32;
                }
                Var::Present(q, i) => present[q * ni + i] = n as u32,
                Var::Both(q, i, k) => {
                    both[(q * ni + i) * ni + k] = n as u32;
                    both[(q * ni + k) * ni + i] = n as u32;
                }
            }
        }
        let places = of_circle
            .iter()
            .map(|m| m.iter().map(|c| dense.max[*c] as i64).sum())
            .collect();
        let mut block = Self {
            clusters,
            circles,
            vars,
            index,
            present,
            both,
            host,
            rows: Vec::new(),
            places,
            ni,
        };
        block.rows = block.base_rows(dense, g, &of_circle, &industries);
        block
    }

    pub fn var(&self, v: Var) -> Option<u32> {
        self.index.get(&v).copied()
    }

    pub fn present(&self, q: usize, i: usize) -> u32 {
        self.present[q * self.ni + i]
    }

    pub fn both(&self, q: usize, i: usize, k: usize) -> u32 {
        self.both[(q * self.ni + i) * self.ni + k]
    }

    /// By position among the block's clusters.
    pub fn host(&self, l: usize, i: usize) -> u32 {
        self.host[l * self.ni + i]
    }

    fn base_rows(
        &self,
        dense: &Dense,
        g: usize,
        of_circle: &[Vec<usize>],
        industries: &[Vec<usize>],
    ) -> Vec<RowLe> {
        let ni = self.ni;
        let mut rows = Vec::new();
        let x = |c: usize, i: usize| self.index.get(&Var::Host(c, i)).copied();
        for c in &self.clusters {
            let all: Vec<u32> = (0..ni).filter_map(|i| x(*c, i)).collect();
            let row = |sign: i64, rhs: i64| RowLe {
                terms: all.iter().map(|v| (*v, sign)).collect(),
                rhs,
            };
            rows.push(row(1, dense.max[*c] as i64));
            if dense.min[*c] > 0 {
                rows.push(row(-1, -(dense.min[*c] as i64)));
            }
            for r in 0..dense.resources {
                let need = |i: usize| dense.need[i * dense.resources + r];
                let terms: Vec<(u32, i64)> = (0..ni)
                    .filter(|i| need(*i) > 0)
                    .filter_map(|i| Some((x(*c, i)?, need(i))))
                    .collect();
                let rhs = dense.stock[c * dense.resources + r];
                if terms.iter().map(|t| t.1).sum::<i64>() > rhs {
                    rows.push(RowLe { terms, rhs });
                }
            }
        }
        let cap = dense.duplicates[g] as i64;
        for (q, members) in of_circle.iter().enumerate() {
            for i in &industries[q] {
                let here: Vec<u32> = members.iter().filter_map(|c| x(*c, *i)).collect();
                let p = self.present(q, *i);
                let mut lower: Vec<(u32, i64)> = here.iter().map(|v| (*v, -1)).collect();
                lower.push((p, 1));
                rows.push(RowLe {
                    terms: lower,
                    rhs: 0,
                });
                let mut upper: Vec<(u32, i64)> = here.iter().map(|v| (*v, 1)).collect();
                upper.push((p, -cap.min(here.len() as i64)));
                rows.push(RowLe {
                    terms: upper,
                    rhs: 0,
                });
            }
            for (i, k, _) in &dense.links {
                let y = self.both(q, *i, *k);
                if y != u32::MAX {
                    for end in [*i, *k] {
                        let terms = vec![(y, 1), (self.present(q, end), -1)];
                        rows.push(RowLe { terms, rhs: 0 });
                    }
                }
            }
            for i in &industries[q] {
                let mut terms: Vec<(u32, i64)> = industries[q]
                    .iter()
                    .filter(|k| *k != i)
                    .map(|k| (self.both(q, *i, *k), 1))
                    .collect();
                if terms.len() as i64 > self.places[q] - 1 {
                    terms.push((self.present(q, *i), 1 - self.places[q]));
                    rows.push(RowLe { terms, rhs: 0 });
                }
            }
        }
        if of_circle.len() > 1 {
            for i in 0..ni {
                let terms: Vec<(u32, i64)> = self
                    .clusters
                    .iter()
                    .filter_map(|c| Some((x(*c, i)?, 1)))
                    .collect();
                if terms.len() as i64 > cap {
                    rows.push(RowLe { terms, rhs: cap });
                }
            }
        }
        for c in &self.clusters {
            for d in dense.next_door[*c].iter().filter(|d| *d > c) {
                for i in 0..ni {
                    if let (Some(u), Some(v)) = (x(*c, i), x(*d, i)) {
                        rows.push(RowLe {
                            terms: vec![(u, 1), (v, 1)],
                            rhs: 1,
                        });
                    }
                }
            }
        }
        rows
    }

    /// Gain of each column, in 1 / [`FIXED`].
    pub fn gains(&self, dense: &Dense, prices: &Prices) -> Vec<i64> {
        let weight: BTreeMap<(usize, usize), i64> =
            dense.links.iter().map(|(i, k, w)| ((*i, *k), *w)).collect();
        self.vars
            .iter()
            .map(|v| match v {
                Var::Host(c, i) => prices.gain(dense, *c, *i),
                Var::Present(..) => 0,
                Var::Both(_, i, k) => weight.get(&(*i, *k)).map_or(0, |w| w * FIXED),
            })
            .collect()
    }

    /// Bounds of each column before any branching: commitments stand at 1.
    pub fn bounds(&self, dense: &Dense) -> Vec<(u8, u8)> {
        let ni = self.ni;
        let mut bounds = vec![(0, 1); self.vars.len()];
        for c in &self.clusters {
            for i in (0..ni).filter(|i| dense.fixed[c * ni + i]) {
                if let Some(v) = self.var(Var::Host(*c, i)) {
                    bounds[v as usize] = (1, 1);
                }
            }
        }
        bounds
    }
}

/// What a set of multipliers p >= 0 proves about `max gain x` under rows and bounds:
/// `p b + Σ_j max over x_j of (gain_j - p A_j) x_j`, exact, in 1 / [`FIXED`].
///
/// Valid for any p (weak duality), so nothing depends on the arithmetic of the solver that proposed them
/// (Neumaier & Shcherbina 2004, Mathematical Programming 99).
pub(crate) fn proven<'a>(
    gains: &[i64],
    bounds: &[(u8, u8)],
    multipliers: &[(u32, i64)],
    row: impl Fn(u32) -> &'a RowLe,
) -> i128 {
    let mut reduced: Vec<i128> = gains.iter().map(|g| i128::from(*g)).collect();
    let mut total: i128 = 0;
    for (r, p) in multipliers {
        let row = row(*r);
        total += i128::from(*p) * i128::from(row.rhs);
        for (v, a) in &row.terms {
            reduced[*v as usize] -= i128::from(*p) * i128::from(*a);
        }
    }
    for (r, (low, high)) in reduced.iter().zip(bounds) {
        total += r * i128::from(if *r > 0 { *high } else { *low });
    }
    total
}

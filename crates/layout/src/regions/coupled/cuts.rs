//! Rows that every whole solution keeps and fractional ones break, found as they are broken.
//!
//! ```text
//! (5)  x_ci <= X_qi
//! (9)  y_ij + y_jk - X_j <= y_ik       if j goes with i and with k, then i goes with k
//! (10) X_i + X_k - 1 <= y_ik
//! ```
//!
//! All hold for y_ik = X_i X_k. With (8) they say that chains hang together: a fractional level over the whole
//! graph would give every industry more companions than the region has places. (9) and (10) are the triangle
//! inequalities of the Boolean quadric polytope (Padberg 1989). Cluster hull cuts: [`super::hull`].

use serde::{Deserialize, Serialize};

use super::block::{Block, RowLe, Var};
use super::dense::Dense;
use super::hull;

/// A cut by its kind and positions: enough to rebuild its row, so a checker need not trust it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cut {
    /// (5): cluster, industry.
    Site(usize, usize),
    /// (9): circle of the region, middle j, ends i < k.
    Chain(usize, usize, usize, usize),
    /// (10): circle of the region, i < k.
    Meet(usize, usize, usize),
    /// Cluster, and coefficients 0 to 2 of its industries: `Σ α_i x_ci <= 2`.
    Hull(usize, Vec<(usize, u8)>),
}

impl Cut {
    /// The row, or nothing where the cut is not one of this block.
    pub fn row(&self, dense: &Dense, block: &Block) -> Option<RowLe> {
        let (ni, circles) = (dense.ni(), block.circles.len());
        match self {
            Self::Site(c, i) => {
                let x = block.var(Var::Host(*c, *i))?;
                let q = block.circles.binary_search(&dense.circle[*c]).ok()?;
                let terms = vec![(x, 1), (block.var(Var::Present(q, *i))?, -1)];
                Some(RowLe { terms, rhs: 0 })
            }
            Self::Chain(q, j, i, k) => {
                let y = |a: &usize, b: &usize| block.var(Var::Both(*q, *a.min(b), *a.max(b)));
                (q < &circles && i < k && j != i && j != k).then_some(())?;
                let terms = vec![
                    (y(i, j)?, 1),
                    (y(j, k)?, 1),
                    (block.var(Var::Present(*q, *j))?, -1),
                    (y(i, k)?, -1),
                ];
                Some(RowLe { terms, rhs: 0 })
            }
            Self::Meet(q, i, k) => {
                let terms = vec![
                    (block.var(Var::Present(*q, *i))?, 1),
                    (block.var(Var::Present(*q, *k))?, 1),
                    (block.var(Var::Both(*q, *i, *k))?, -1),
                ];
                Some(RowLe { terms, rhs: 1 })
            }
            Self::Hull(c, alpha) => {
                let known = block.clusters.binary_search(c).is_ok() && dense.max[*c] == 2;
                let proper = alpha.iter().all(|(i, a)| *i < ni && *a <= 2);
                (known && proper && hull::is_valid(dense, *c, alpha)).then_some(())?;
                let terms: Vec<(u32, i64)> = alpha
                    .iter()
                    .map(|(i, a)| Some((block.var(Var::Host(*c, *i))?, i64::from(*a))))
                    .collect::<Option<_>>()?;
                Some(RowLe { terms, rhs: 2 })
            }
        }
    }
}

/// How much must be broken, and how many of each kind are taken at once.
const BROKEN: f64 = 1e-3;
const CHAINS: usize = 300;
const MEETS: usize = 100;
const SITES: usize = 400;

/// Cuts that `x` breaks, the worst first within each kind.
pub(crate) fn separate(dense: &Dense, block: &Block, x: &[f64]) -> Vec<Cut> {
    let mut found = Vec::new();
    sites(dense, block, x, &mut found);
    for q in 0..block.circles.len() {
        companions(dense, block, q, x, &mut found);
    }
    hull::separate(dense, block, x, &mut found);
    found
}

fn worst_first(mut list: Vec<(f64, Cut)>, most: usize, found: &mut Vec<Cut>) {
    list.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.extend(list.into_iter().take(most).map(|(_, cut)| cut));
}

fn sites(dense: &Dense, block: &Block, x: &[f64], found: &mut Vec<Cut>) {
    let mut broken = Vec::new();
    for (l, c) in block.clusters.iter().enumerate() {
        let q = block.circles.binary_search(&dense.circle[*c]).unwrap_or(0);
        for i in 0..dense.ni() {
            let v = block.host(l, i);
            if v == u32::MAX {
                continue;
            }
            let excess = x[v as usize] - x[block.present(q, i) as usize];
            if excess > BROKEN {
                broken.push((excess, Cut::Site(*c, i)));
            }
        }
    }
    worst_first(broken, SITES, found);
}

/// (9): for each pair its most broken middle, by a full scan; (10).
fn companions(dense: &Dense, block: &Block, q: usize, x: &[f64], found: &mut Vec<Cut>) {
    let here: Vec<usize> = (0..dense.ni())
        .filter(|i| block.present(q, *i) != u32::MAX)
        .collect();
    let n = here.len();
    let level: Vec<f64> = here
        .iter()
        .map(|i| x[block.present(q, *i) as usize])
        .collect();
    // Excess of a middle over its own level; the diagonal rules itself out.
    let mut y = vec![-10.0; n * n];
    for a in 0..n {
        for b in 0..n {
            if a != b {
                y[a * n + b] = x[block.both(q, here[a], here[b]) as usize];
            }
        }
    }
    let (mut chains, mut meets) = (Vec::new(), Vec::new());
    let mut less = vec![0.0; n];
    for a in 0..n {
        for ((l, y), x) in less.iter_mut().zip(&y[a * n..(a + 1) * n]).zip(&level) {
            *l = y - x;
        }
        for b in a + 1..n {
            let own = y[a * n + b];
            let row = &y[b * n..(b + 1) * n];
            let most = less
                .iter()
                .zip(row)
                .fold(-10.0_f64, |m, (l, y)| m.max(l + y));
            if most - own > BROKEN {
                let middle = (0..n).find(|j| less[*j] + row[*j] >= most).unwrap_or(0);
                chains.push((most - own, Cut::Chain(q, here[middle], here[a], here[b])));
            }
            let excess = level[a] + level[b] - 1.0 - own;
            if excess > BROKEN {
                meets.push((excess, Cut::Meet(q, here[a], here[b])));
            }
        }
    }
    worst_first(chains, CHAINS, found);
    worst_first(meets, MEETS, found);
}

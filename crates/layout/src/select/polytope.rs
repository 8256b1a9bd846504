//! The weights that all statements allow: a polytope within the simplex, its dimension, a point inside, its facets.
//!
//! ```text
//! W = { w : Σ w = 1, w >= 0, A w >= b, E w = f }
//! ```
//!
//! An inequality that holds with equality all over W is an equation in disguise; with these found, W = c + span(B) within
//! the half-spaces, where every slack is positive at c. Small linear programs answer each question (the crate's solver file);
//! coefficients are of order 1 and the programs have tens of columns.

use super::preferences::{Relation, Row};
use crate::solver::{Limits, Outcome, Program};

/// A slack below this counts as none. Weights are shares, so this is a millionth of a percent.
const NONE: f64 = 1e-8;
/// What is left of a unit vector below which it depends on the others.
const DEPENDENT: f64 = 1e-9;

/// `terms · w >= side`, |terms| = 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Half {
    pub terms: Vec<f64>,
    pub side: f64,
}

impl Half {
    pub fn slack(&self, w: &[f64]) -> f64 {
        dot(&self.terms, w) - self.side
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Polytope {
    /// A point with positive slack in every half-space that is not an equation in disguise.
    pub inside: Vec<f64>,
    /// Orthonormal directions that keep every equation; as many as W has dimensions.
    pub basis: Vec<Vec<f64>>,
    /// Half-spaces that are not equations in disguise.
    pub halves: Vec<Half>,
}

/// Whether some weights keep all rows, those that say "above" with room to spare.
pub(crate) fn is_possible(m: usize, rows: &[&Row]) -> bool {
    let mut program = Program::default();
    let w: Vec<_> = (0..m).map(|_| program.column(0.0, 0.0, 1.0)).collect();
    let room = program.column(1.0, 0.0, 1.0);
    program.equal(w.iter().map(|c| (*c, 1.0)).collect(), 1.0);
    let mut strict = false;
    for row in rows {
        let mut terms: Vec<_> = w.iter().copied().zip(row.terms.iter().copied()).collect();
        terms.retain(|(_, a)| *a != 0.0);
        match row.relation {
            Relation::Equal => program.equal(terms, row.side),
            Relation::AtLeast => program.at_least(terms, row.side),
            Relation::Above => {
                strict = true;
                terms.push((room, -1.0));
                program.at_least(terms, row.side)
            }
        };
    }
    match program.maximise(&limits(), None) {
        Outcome::Solved(solved) => !strict || solved.value > NONE.sqrt() * 1e-2,
        Outcome::Infeasible | Outcome::Stopped { .. } => false,
    }
}

impl Polytope {
    /// `None` where no weights keep all rows. The order of the rows does not matter.
    pub fn new(m: usize, rows: &[Row]) -> Option<Self> {
        let mut equations = vec![(vec![1.0; m], 1.0)];
        let mut halves: Vec<Half> = (0..m)
            .map(|j| Half {
                terms: (0..m).map(|k| f64::from(u8::from(j == k))).collect(),
                side: 0.0,
            })
            .collect();
        for row in rows {
            let size = dot(&row.terms, &row.terms).sqrt();
            if size <= 0.0 {
                continue;
            }
            let terms: Vec<f64> = row.terms.iter().map(|a| a / size).collect();
            let side = row.side / size;
            match row.relation {
                Relation::Equal => equations.push((terms, side)),
                Relation::AtLeast | Relation::Above => halves.push(Half { terms, side }),
            }
        }
        let order = |a: (&[f64], f64), b: (&[f64], f64)| {
            let by_terms = a.0.iter().zip(b.0).map(|(x, y)| x.total_cmp(y));
            by_terms
                .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
                .then(a.1.total_cmp(&b.1))
        };
        equations.sort_by(|a, b| order((&a.0, a.1), (&b.0, b.1)));
        halves.sort_by(|a, b| order((&a.terms, a.side), (&b.terms, b.side)));
        halves.dedup();
        let (inside, real) = inner_point(m, &equations, &halves)?;
        let mut kept = Vec::new();
        for (half, is_real) in halves.into_iter().zip(real) {
            if is_real {
                kept.push(half);
            } else {
                equations.push((half.terms, half.side));
            }
        }
        let basis = directions(m, &equations);
        Some(Self {
            inside,
            basis,
            halves: kept,
        })
    }

    pub fn dimension(&self) -> usize {
        self.basis.len()
    }

    pub fn contains(&self, w: &[f64]) -> bool {
        self.halves.iter().all(|half| half.slack(w) >= 0.0)
    }

    /// The corners, where W is a simplex (dimension + 1 facets); `None` where it is not.
    ///
    /// A full order, a chain of ratios and ranges with lower ends only are simplices.
    pub fn corners(&self) -> Option<Vec<Vec<f64>>> {
        let d = self.dimension();
        if d == 0 {
            return Some(vec![self.inside.clone()]);
        }
        // In the coordinates z of the basis: g · z >= -slack at the inner point.
        let facets: Vec<(Vec<f64>, f64)> = self
            .facets(d + 1)?
            .iter()
            .map(|half| {
                let g = self.basis.iter().map(|b| dot(&half.terms, b)).collect();
                (g, -half.slack(&self.inside))
            })
            .collect();
        if facets.len() != d + 1 {
            return None;
        }
        (0..facets.len())
            .map(|left_out| {
                let (rows, sides): (Vec<Vec<f64>>, Vec<f64>) = facets
                    .iter()
                    .enumerate()
                    .filter(|(k, _)| *k != left_out)
                    .map(|(_, facet)| facet.clone())
                    .unzip();
                let z = solved(rows, sides)?;
                let mut w = self.inside.clone();
                for (z, b) in z.iter().zip(&self.basis) {
                    for (w, b) in w.iter_mut().zip(b) {
                        *w += z * b;
                    }
                }
                for w in &mut w {
                    *w = w.clamp(0.0, 1.0);
                }
                Some(w)
            })
            .collect()
    }

    /// Half-spaces that none of the others imply; `None` where there are more than `most`.
    fn facets(&self, most: usize) -> Option<Vec<Half>> {
        let mut kept = self.halves.clone();
        let mut k = 0;
        let mut needed = 0;
        while k < kept.len() {
            let half = kept.remove(k);
            if self.least_slack(&half, &kept) < -NONE {
                kept.insert(k, half);
                k += 1;
                needed += 1;
                if needed > most {
                    return None;
                }
            }
        }
        Some(kept)
    }

    /// The least slack of `half` over the other half-spaces; the box keeps the program bounded.
    fn least_slack(&self, half: &Half, others: &[Half]) -> f64 {
        let mut program = Program::default();
        let z: Vec<_> = self
            .basis
            .iter()
            .map(|b| program.column(-dot(&half.terms, b), -10.0, 10.0))
            .collect();
        for other in others {
            let terms = z
                .iter()
                .zip(&self.basis)
                .map(|(c, b)| (*c, dot(&other.terms, b)))
                .collect();
            program.at_least(terms, -other.slack(&self.inside));
        }
        match program.maximise(&limits(), None) {
            Outcome::Solved(solved) => half.slack(&self.inside) - solved.value,
            // Not known: the half-space is kept, so at worst the shape is not recognised.
            Outcome::Infeasible | Outcome::Stopped { .. } => f64::NEG_INFINITY,
        }
    }
}

/// A point inside, and which half-spaces have room.
fn inner_point(
    m: usize,
    equations: &[(Vec<f64>, f64)],
    halves: &[Half],
) -> Option<(Vec<f64>, Vec<bool>)> {
    // Largest ball first: where it has a radius, nothing is in disguise.
    let (radius, centre) = extreme(m, equations, halves, None)?;
    if radius > NONE {
        return Some((centre, vec![true; halves.len()]));
    }
    let mut sum = vec![0.0; m];
    let mut points = 0.0_f64;
    let mut real = Vec::with_capacity(halves.len());
    for k in 0..halves.len() {
        let (room, point) = extreme(m, equations, halves, Some(k))?;
        real.push(room > NONE);
        if room > NONE {
            points += 1.0;
            for (s, w) in sum.iter_mut().zip(point) {
                *s += w;
            }
        }
    }
    let inside = if points > 0.0 {
        sum.iter().map(|s| s / points).collect()
    } else {
        centre
    };
    Some((inside, real))
}

/// The largest slack of one half-space, or of all together, and where it is reached.
fn extreme(
    m: usize,
    equations: &[(Vec<f64>, f64)],
    halves: &[Half],
    of: Option<usize>,
) -> Option<(f64, Vec<f64>)> {
    let mut program = Program::default();
    let w: Vec<_> = (0..m).map(|_| program.column(0.0, 0.0, 1.0)).collect();
    let room = program.column(1.0, 0.0, 2.0);
    let terms = |row: &[f64]| -> Vec<_> {
        let pairs = w.iter().copied().zip(row.iter().copied());
        pairs.filter(|(_, a)| *a != 0.0).collect()
    };
    for (row, side) in equations {
        program.equal(terms(row), *side);
    }
    for (k, half) in halves.iter().enumerate() {
        let mut row = terms(&half.terms);
        if of.is_none_or(|of| of == k) {
            row.push((room, -1.0));
        }
        program.at_least(row, half.side);
    }
    match program.maximise(&limits(), None) {
        Outcome::Solved(mut solved) => {
            solved.values.truncate(m);
            for w in &mut solved.values {
                *w = w.clamp(0.0, 1.0);
            }
            Some((solved.value, solved.values))
        }
        Outcome::Infeasible | Outcome::Stopped { .. } => None,
    }
}

fn limits() -> Limits {
    Limits {
        time_limit_seconds: None,
        ..Limits::default()
    }
}

/// Orthonormal directions at right angles to every equation (Gram and Schmidt, twice for accuracy).
fn directions(m: usize, equations: &[(Vec<f64>, f64)]) -> Vec<Vec<f64>> {
    let mut taken: Vec<Vec<f64>> = Vec::new();
    for (row, _) in equations {
        if let Some(unit) = remainder(row, &taken) {
            taken.push(unit);
        }
    }
    let fixed = taken.len();
    for j in 0..m {
        let unit: Vec<f64> = (0..m).map(|k| f64::from(u8::from(j == k))).collect();
        if let Some(unit) = remainder(&unit, &taken) {
            taken.push(unit);
        }
    }
    taken.split_off(fixed)
}

fn remainder(vector: &[f64], taken: &[Vec<f64>]) -> Option<Vec<f64>> {
    let size = dot(vector, vector).sqrt();
    let mut rest: Vec<f64> = vector.iter().map(|x| x / size).collect();
    for _ in 0..2 {
        for unit in taken {
            let along = dot(&rest, unit);
            for (r, u) in rest.iter_mut().zip(unit) {
                *r -= along * u;
            }
        }
    }
    let size = dot(&rest, &rest).sqrt();
    (size > DEPENDENT).then(|| rest.iter().map(|r| r / size).collect())
}

/// Gauss with partial pivoting; `None` where the matrix has no inverse.
fn solved(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|x, y| a[*x][k].abs().total_cmp(&a[*y][k].abs()))?;
        if a[pivot][k].abs() < DEPENDENT {
            return None;
        }
        a.swap(k, pivot);
        b.swap(k, pivot);
        let (above, below) = a.split_at_mut(k + 1);
        for (i, row) in below.iter_mut().enumerate() {
            let factor = row[k] / above[k][k];
            for (x, y) in row.iter_mut().zip(&above[k]).skip(k) {
                *x -= factor * y;
            }
            b[k + 1 + i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    Some(b)
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

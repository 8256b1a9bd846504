//! The matching of largest weight between two sides, with its proof.
//!
//! ```text
//! max Σ w_ij x_ij    s.t.  Σ_j x_ij ≤ 1,  Σ_i x_ij ≤ 1,  x ∈ {0, 1}
//! min Σ u_i + Σ v_j  s.t.  u_i + v_j ≥ w_ij,  u, v ≥ 0                 (dual; equal at the optimum)
//! ```
//!
//! The Hungarian method (Kuhn 1955, Munkres 1957) by shortest augmenting paths, O(n³). Edges with weight zero or less
//! are never used.

/// The best matching and its dual certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// By row: the column it is matched with.
    pub columns: Vec<Option<usize>>,
    pub total: f64,
    /// The sum of a feasible dual solution: no matching weighs more.
    pub bound: f64,
}

/// `weights[i][j]` finite; all rows of one length.
pub fn heaviest(weights: &[Vec<f64>]) -> Matching {
    let rows = weights.len();
    let columns = weights.first().map_or(0, Vec::len);
    let n = rows.max(columns);
    // Costs of a square problem of least cost: an edge that is not there costs nothing.
    let cost = |i: usize, j: usize| -> f64 {
        weights
            .get(i)
            .and_then(|row| row.get(j))
            .map_or(0.0, |w| -w.max(0.0))
    };
    // Potentials and matches with a sentinel at index 0.
    let (mut u, mut v) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let mut row_of = vec![0_usize; n + 1];
    for i in 1..=n {
        row_of[0] = i;
        let mut at = 0;
        let mut least = vec![f64::INFINITY; n + 1];
        let mut from = vec![0_usize; n + 1];
        let mut used = vec![false; n + 1];
        loop {
            used[at] = true;
            let (row, mut step, mut next) = (row_of[at], f64::INFINITY, 0);
            for j in (1..=n).filter(|j| !used[*j]).collect::<Vec<_>>() {
                let reduced = cost(row - 1, j - 1) - u[row] - v[j];
                if reduced < least[j] {
                    least[j] = reduced;
                    from[j] = at;
                }
                if least[j] < step {
                    step = least[j];
                    next = j;
                }
            }
            for j in 0..=n {
                if used[j] {
                    u[row_of[j]] += step;
                    v[j] -= step;
                } else {
                    least[j] -= step;
                }
            }
            at = next;
            if row_of[at] == 0 {
                break;
            }
        }
        while at != 0 {
            row_of[at] = row_of[from[at]];
            at = from[at];
        }
    }
    let mut matched = vec![None; rows];
    let mut total = 0.0;
    for (column, row) in row_of[1..].iter().enumerate() {
        let row = row - 1;
        if row < rows && column < columns && weights[row][column] > 0.0 {
            matched[row] = Some(column);
            total += weights[row][column];
        }
    }
    Matching {
        columns: matched,
        total,
        bound: certificate(weights, &u, &v),
    }
}

/// A feasible dual from the potentials, whatever rounding did: each row's price is raised to what its edges ask.
fn certificate(weights: &[Vec<f64>], u: &[f64], v: &[f64]) -> f64 {
    let columns = weights.first().map_or(0, Vec::len);
    // Costs are negative weights and potentials are free; one shift makes all prices of columns at least zero.
    let shift = v[1..].iter().copied().fold(0.0, f64::max);
    let price: Vec<f64> = (0..columns).map(|j| (shift - v[j + 1]).max(0.0)).collect();
    let rows: f64 = weights
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let asked = row
                .iter()
                .zip(&price)
                .map(|(w, p)| w - p)
                .fold(0.0, f64::max);
            asked.max((-u[i + 1] - shift).max(0.0))
        })
        .sum();
    rows + price.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The best total over all assignments, by trying them.
    fn brute(weights: &[Vec<f64>], row: usize, used: u32) -> f64 {
        if row == weights.len() {
            return 0.0;
        }
        let mut best = brute(weights, row + 1, used);
        for (j, w) in weights[row].iter().enumerate() {
            if used >> j & 1 == 0 && *w > 0.0 {
                best = best.max(w + brute(weights, row + 1, used | 1 << j));
            }
        }
        best
    }

    #[test]
    fn by_hand() {
        // Greedy takes 5 and is left with 1; the best is 4 + 4.
        let found = heaviest(&[vec![5.0, 4.0], vec![4.0, 1.0]]);
        assert_eq!(found.columns, [Some(1), Some(0)]);
        assert!((found.total - 8.0).abs() < 1e-12 && (found.bound - 8.0).abs() < 1e-9);
        // Nothing to gain: nothing is matched.
        let none = heaviest(&[vec![0.0, -1.0]]);
        assert_eq!((none.columns, none.total), (vec![None], 0.0));
        assert_eq!(heaviest(&[]).columns, []);
    }

    proptest! {
        #[test]
        fn equal_to_brute_force_with_a_tight_certificate(
            raw in (1..6_usize, 1..7_usize).prop_flat_map(|(r, c)| {
                proptest::collection::vec(proptest::collection::vec(-0.3..1.0_f64, c), r)
            }),
        ) {
            let found = heaviest(&raw);
            let best = brute(&raw, 0, 0);
            prop_assert!((found.total - best).abs() < 1e-9);
            prop_assert!(found.bound >= best - 1e-9, "{} < {best}", found.bound);
            prop_assert!((found.bound - best).abs() < 1e-9, "{} > {best}", found.bound);
            let taken: Vec<usize> = found.columns.iter().flatten().copied().collect();
            let mut once = taken.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(taken.len(), once.len());
        }
    }
}

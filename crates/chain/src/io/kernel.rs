//! Inverse and LU factors of I − A without pivoting, built on matrix products.
//!
//! I − A is diagonally dominant by columns where every industry buys less than it makes (column sums of A below 1):
//! elimination without pivoting is then stable with growth at most 2 (Wilkinson 1961; Higham 2002, ch. 9). Where it
//! is not, the callers look at the residual and fall back to pivoting.
//!
//! Every product runs over strips of columns of a fixed width, each by one thread, so the bits of a result do not
//! depend on the number of threads. They may differ between processors with other vector instructions.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::{factor, solve};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_unit_lower_triangular_in_place,
    solve_upper_triangular_in_place,
};
use faer::perm::PermRef;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, Mat, MatMut, MatRef, Par, Spec};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Columns that one thread multiplies at a time.
const STRIP: usize = 192;
/// At or below this size elimination runs column by column.
const BASE: usize = 64;

/// A pivot that is zero or no number: elimination without pivoting cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPivot;

/// dst += alpha lhs rhs, or dst = alpha lhs rhs.
pub(super) fn product(
    dst: MatMut<'_, f64>,
    accum: Accum,
    lhs: MatRef<'_, f64>,
    rhs: MatRef<'_, f64>,
    alpha: f64,
) {
    dst.par_col_chunks_mut(STRIP)
        .zip(rhs.par_col_chunks(STRIP))
        .for_each(|(dst, rhs)| matmul(dst, accum, lhs, rhs, alpha, Par::Seq));
}

/// M ← M⁻¹ by halves (2 n³ operations, nearly all in products):
///
/// ```text
/// ⎡P Q⎤⁻¹   ⎡P⁻¹ + X S⁻¹ Y   −X S⁻¹⎤     X = P⁻¹Q,  Y = R P⁻¹,  S = T − R X
/// ⎣R T⎦   = ⎣   −S⁻¹ Y          S⁻¹⎦
/// ```
pub(super) fn invert(m: MatMut<'_, f64>) -> Result<(), NoPivot> {
    let n = m.nrows();
    if n <= BASE {
        return invert_small(m);
    }
    let half = (n / 2).next_multiple_of(8);
    let (mut p, mut q, mut r, mut t) = m.split_at_mut(half, half);
    invert(p.rb_mut())?;
    let mut x = Mat::zeros(half, n - half);
    product(x.as_mut(), Accum::Replace, p.rb(), q.rb(), 1.0);
    product(t.rb_mut(), Accum::Add, r.rb(), x.as_ref(), -1.0);
    invert(t.rb_mut())?;
    let mut y = Mat::zeros(n - half, half);
    product(y.as_mut(), Accum::Replace, r.rb(), p.rb(), 1.0);
    product(q.rb_mut(), Accum::Replace, x.as_ref(), t.rb(), -1.0);
    product(p, Accum::Add, q.rb(), y.as_ref(), -1.0);
    product(r.rb_mut(), Accum::Replace, t.rb(), y.as_ref(), -1.0);
    Ok(())
}

/// Gauss–Jordan in place, pivots in order.
fn invert_small(mut m: MatMut<'_, f64>) -> Result<(), NoPivot> {
    let n = m.nrows();
    for k in 0..n {
        let pivot = 1.0 / m[(k, k)];
        if !pivot.is_finite() || pivot == 0.0 {
            return Err(NoPivot);
        }
        m[(k, k)] = 1.0;
        for j in 0..n {
            m[(k, j)] *= pivot;
        }
        let own: Vec<f64> = (0..n).map(|i| m[(i, k)]).collect();
        for j in 0..n {
            let above = m[(k, j)];
            if j == k {
                for i in (0..n).filter(|i| *i != k) {
                    m[(i, k)] = -own[i] * pivot;
                }
            } else if above != 0.0 {
                for (i, own) in own.iter().enumerate() {
                    if i != k {
                        m[(i, j)] -= own * above;
                    }
                }
            }
        }
    }
    Ok(())
}

/// L and U in one square, and the order of rows where pivoting was needed.
#[derive(Debug, Clone)]
pub(super) struct Factors {
    lu: Mat<f64>,
    /// Forward and inverse order of rows; `None` without pivoting.
    rows: Option<(Vec<usize>, Vec<usize>)>,
}

impl Factors {
    pub fn without_pivoting(m: MatRef<'_, f64>) -> Result<Self, NoPivot> {
        let mut lu = m.to_owned();
        factor_in_place(lu.as_mut())?;
        Ok(Self { lu, rows: None })
    }

    pub fn with_pivoting(m: MatRef<'_, f64>) -> Self {
        let mut lu = m.to_owned();
        let n = lu.nrows();
        let (mut forward, mut inverse) = (vec![0_usize; n], vec![0_usize; n]);
        let need = factor::lu_in_place_scratch::<usize, f64>(n, n, Par::Seq, Spec::default());
        factor::lu_in_place(
            lu.as_mut(),
            &mut forward,
            &mut inverse,
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(need)),
            Spec::default(),
        );
        Self {
            lu,
            rows: Some((forward, inverse)),
        }
    }

    pub fn pivoted(&self) -> bool {
        self.rows.is_some()
    }

    /// b ← M⁻¹ b for every column of b.
    pub fn solve(&self, mut b: MatMut<'_, f64>) {
        let lu = self.lu.as_ref();
        match &self.rows {
            None => b.par_col_chunks_mut(STRIP).for_each(|mut b| {
                solve_unit_lower_triangular_in_place(lu, b.rb_mut(), Par::Seq);
                solve_upper_triangular_in_place(lu, b, Par::Seq);
            }),
            Some((forward, inverse)) => {
                let rows = PermRef::new_checked(forward, inverse, lu.nrows());
                let need =
                    solve::solve_in_place_scratch::<usize, f64>(lu.nrows(), b.ncols(), Par::Seq);
                let mut memory = MemBuffer::new(need);
                let stack = MemStack::new(&mut memory);
                solve::solve_in_place(lu, lu, rows, b.rb_mut(), Par::Seq, stack);
            }
        }
    }

    /// b ← M'⁻¹ b for every column of b.
    pub fn solve_transposed(&self, mut b: MatMut<'_, f64>) {
        let lu = self.lu.as_ref();
        match &self.rows {
            None => b.par_col_chunks_mut(STRIP).for_each(|mut b| {
                solve_lower_triangular_in_place(lu.transpose(), b.rb_mut(), Par::Seq);
                faer::linalg::triangular_solve::solve_unit_upper_triangular_in_place(
                    lu.transpose(),
                    b,
                    Par::Seq,
                );
            }),
            Some((forward, inverse)) => {
                let rows = PermRef::new_checked(forward, inverse, lu.nrows());
                let need = solve::solve_transpose_in_place_scratch::<usize, f64>(
                    lu.nrows(),
                    b.ncols(),
                    Par::Seq,
                );
                let mut memory = MemBuffer::new(need);
                let stack = MemStack::new(&mut memory);
                solve::solve_transpose_in_place(lu, lu, rows, b.rb_mut(), Par::Seq, stack);
            }
        }
    }
}

/// M = L U in place by halves (2/3 n³ operations), L with ones on its diagonal.
fn factor_in_place(m: MatMut<'_, f64>) -> Result<(), NoPivot> {
    let n = m.nrows();
    if n <= BASE {
        return factor_small(m);
    }
    let half = (n / 2).next_multiple_of(8);
    let (mut p, mut q, mut r, mut t) = m.split_at_mut(half, half);
    factor_in_place(p.rb_mut())?;
    let p = p.rb();
    q.rb_mut()
        .par_col_chunks_mut(STRIP)
        .for_each(|q| solve_unit_lower_triangular_in_place(p, q, Par::Seq));
    r.rb_mut()
        .transpose_mut()
        .par_col_chunks_mut(STRIP)
        .for_each(|r| solve_lower_triangular_in_place(p.transpose(), r, Par::Seq));
    product(t.rb_mut(), Accum::Add, r.rb(), q.rb(), -1.0);
    factor_in_place(t)
}

fn factor_small(mut m: MatMut<'_, f64>) -> Result<(), NoPivot> {
    let n = m.nrows();
    for k in 0..n {
        let pivot = 1.0 / m[(k, k)];
        if !pivot.is_finite() || pivot == 0.0 {
            return Err(NoPivot);
        }
        for i in k + 1..n {
            m[(i, k)] *= pivot;
        }
        for j in k + 1..n {
            let above = m[(k, j)];
            for i in k + 1..n {
                m[(i, j)] -= m[(i, k)] * above;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn example(n: usize) -> Mat<f64> {
        Mat::from_fn(n, n, |i, j| {
            let h = (i * 7919 + j * 104_729 + 13) % 1009;
            f64::from(u8::from(i == j)) - (h as f64) / 1009.0 / (n as f64)
        })
    }

    #[test]
    fn the_inverse_times_the_matrix_is_the_identity() {
        for n in [1, 2, 63, 64, 65, 200, 411] {
            let m = example(n);
            let mut inverse = m.clone();
            invert(inverse.as_mut()).unwrap();
            let r = &m * &inverse - Mat::<f64>::identity(n, n);
            assert!(r.norm_max() < 1e-13, "n = {n}: {:e}", r.norm_max());
        }
    }

    #[test]
    fn factors_solve_both_ways_with_and_without_pivoting() {
        let n = 300;
        let m = example(n);
        let b = Mat::from_fn(n, 2, |i, j| ((i + 3 * j) as f64).sin());
        for factors in [
            Factors::without_pivoting(m.as_ref()).unwrap(),
            Factors::with_pivoting(m.as_ref()),
        ] {
            let mut x = b.clone();
            factors.solve(x.as_mut());
            assert!((&m * &x - &b).norm_max() < 1e-12);
            let mut x = b.clone();
            factors.solve_transposed(x.as_mut());
            assert!((m.transpose() * &x - &b).norm_max() < 1e-12);
        }
    }

    #[test]
    fn a_zero_pivot_is_said_not_divided_by() {
        let m = faer::mat![[0.0, 1.0], [1.0, 0.0]];
        assert_eq!(invert(m.clone().as_mut()), Err(NoPivot));
        assert_eq!(Factors::without_pivoting(m.as_ref()).err(), Some(NoPivot));
    }
}

//! Identities of the literature: ECI+ is fitness, fitness is Sinkhorn scaling.

use foundation::activity::ActivityTable;
use foundation::complexity::fitness::{
    Ending, FitnessParams, Stop, Update, fitness, weighted_fitness,
};
use foundation::presence::Presence;
use libtest_mimic::Trial;
use model::Seed;
use rand::RngExt;

use super::labelled;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "eci_plus_is_fitness_up_to_normalisation",
            eci_plus_is_fitness,
        ),
        trial("fitness_scales_a_matrix_to_uniform_margins", sinkhorn),
        trial("scaling_rows_and_columns_scales_fitness", covariance),
    ]
}

/// A table of positive values over seven orders of magnitude, of a size of its own.
fn random(index: u64) -> ActivityTable {
    let mut stream = Seed(20_170_803).stream("eci-plus", index);
    let (l, a) = (stream.random_range(3..25), stream.random_range(3..40));
    let values = (0..l * a)
        .map(|_| 10.0_f64.powf(stream.random_range(-2.0..5.0)))
        .collect();
    labelled(l, a, values)
}

/// ECI+ as Albeaik et al. (2017) define it: exports corrected by how difficult each product is to export.
///
/// X_c^(0) = Σ_p X_cp;  X_c^(n) = Σ_p X_cp / Σ_c' (X_c'p / X_c'^(n-1)), divided by the geometric mean;
/// ECI+_c = ln X_c^(∞) − ln Σ_p X_cp / X_p.
fn eci_plus(x: &ActivityTable, steps: usize) -> Vec<f64> {
    let (n, width) = (x.locations().len(), x.activities().len());
    let mut corrected = x.location_totals();
    for _ in 0..steps {
        let difficulty: Vec<f64> = (0..width)
            .map(|p| (0..n).map(|c| x.value(c, p) / corrected[c]).sum())
            .collect();
        corrected = (0..n)
            .map(|c| (0..width).map(|p| x.value(c, p) / difficulty[p]).sum())
            .collect();
        let mean = corrected.iter().map(|v: &f64| v.ln()).sum::<f64>() / n as f64;
        for v in &mut corrected {
            *v /= mean.exp();
        }
    }
    let world = x.activity_totals();
    (0..n)
        .map(|c| {
            let share: f64 = (0..width).map(|p| x.value(c, p) / world[p]).sum();
            corrected[c].ln() - share.ln()
        })
        .collect()
}

fn centred(mut v: Vec<f64>) -> Vec<f64> {
    let mean = v.iter().sum::<f64>() / v.len() as f64;
    for x in &mut v {
        *x -= mean;
    }
    v
}

fn same(what: &str, a: &[f64], b: &[f64], tolerance: f64) {
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() < tolerance, "{what}: {x} {y}");
    }
    assert_eq!(a.len(), b.len());
}

/// Gabrielli et al. (2017). With W_cp = X_cp / X_p (columns divided) and s_c = Σ_p W_cp, the map of ECI+ is the map of
/// fitness on W, because dividing a column by X_p multiplies Q_p by X_p and leaves W Q. Subtracting ln s_c
/// divides row c by s_c, and fitness is covariant under that. So ECI+ = ln F of the row-normalised W, up to a constant.
fn eci_plus_is_fitness() {
    let params = FitnessParams {
        update: Update::ComplexityFirst,
        stop: Stop::Settled {
            most: 100_000,
            tolerance: 1e-13,
            value_tolerance: 0.0,
        },
        ..FitnessParams::default()
    };
    for index in 0..100 {
        let x = random(index);
        let (n, width) = (x.locations().len(), x.activities().len());
        let world = x.activity_totals();
        let share: Vec<f64> = (0..n)
            .map(|c| (0..width).map(|p| x.value(c, p) / world[p]).sum())
            .collect();
        let r = (0..n * width)
            .map(|k| x.values()[k] / world[k % width] / share[k / width])
            .collect();
        let found = weighted_fitness(&labelled(n, width, r), &params).unwrap();
        assert_eq!(found.convergence.ending, Ending::Converged);
        let plus = eci_plus(&x, found.convergence.iterations + 2000);
        same(
            &format!("matrix {index}"),
            &centred(plus.clone()),
            &centred(found.log_fitness),
            1e-9,
        );
        // And straight from the values: ECI+ + ln s_c = ln F(X).
        let straight = weighted_fitness(&x, &params).unwrap();
        let back = plus.iter().zip(&share).map(|(e, s)| e + s.ln()).collect();
        same(
            &format!("matrix {index} straight"),
            &centred(back),
            &centred(straight.log_fitness),
            1e-9,
        );
    }
}

/// Rows times r and columns times s: fitness times r, complexity by s.
fn covariance() {
    let params = FitnessParams {
        stop: Stop::Settled {
            most: 100_000,
            tolerance: 1e-13,
            value_tolerance: 0.0,
        },
        ..FitnessParams::default()
    };
    for index in 0..30 {
        let x = random(index);
        let (n, width) = (x.locations().len(), x.activities().len());
        let row = |c: usize| 1.0 + (c * 37 % 11) as f64;
        let column = |p: usize| 0.1 + (p * 53 % 7) as f64;
        let scaled = (0..n * width)
            .map(|k| x.values()[k] * row(k / width) * column(k % width))
            .collect();
        let a = weighted_fitness(&x, &params).unwrap();
        let b = weighted_fitness(&labelled(n, width, scaled), &params).unwrap();
        let wanted = a
            .log_fitness
            .iter()
            .enumerate()
            .map(|(c, f)| f + row(c).ln());
        same(
            "F",
            &centred(b.log_fitness),
            &centred(wanted.collect()),
            1e-9,
        );
        let wanted = a
            .log_complexity
            .iter()
            .enumerate()
            .map(|(p, q)| q - column(p).ln());
        same(
            "Q",
            &centred(b.log_complexity),
            &centred(wanted.collect()),
            1e-9,
        );
    }
}

/// Mazzilli et al. (2024): B_cp = M_cp Q_p / F_c has equal row sums and equal column sums, which is what the algorithm
/// of Sinkhorn and Knopp finds. Here against that algorithm written on its own, where a scaling exists: matrices with a
/// full row and a full column, and dense enough (checked by the algorithm itself).
fn sinkhorn() {
    let params = FitnessParams {
        stop: Stop::Settled {
            most: 50_000,
            tolerance: 1e-13,
            value_tolerance: 0.0,
        },
        ..FitnessParams::default()
    };
    let mut compared = 0;
    for index in 0..60 {
        let mut stream = Seed(20_240_208).stream("sinkhorn", index);
        let (n, width) = (stream.random_range(3..12), stream.random_range(3..16));
        let cells: Vec<bool> = (0..n * width)
            .map(|_| stream.random::<f64>() < 0.7)
            .collect();
        let m = Presence::from_fn(n, width, |l, a| {
            cells[l * width + a] || l % width == a || a % n == l
        });
        let Some(scaled) = sinkhorn_knopp(&m) else {
            continue;
        };
        compared += 1;
        let found = fitness(&m, &params).unwrap();
        assert_eq!(
            found.convergence.ending,
            Ending::Converged,
            "matrix {index}"
        );
        let level: f64 = {
            let row = m.activities_of(0).map(|a| found.log_complexity[a].exp());
            row.sum::<f64>() / found.log_fitness[0].exp()
        };
        for l in 0..n {
            for a in m.activities_of(l) {
                let b = (found.log_complexity[a] - found.log_fitness[l]).exp() / level;
                assert!(
                    (b - scaled[l * width + a]).abs() < 1e-9,
                    "matrix {index}: {b}"
                );
            }
        }
    }
    assert!(compared >= 30, "only {compared} matrices can be scaled");
}

/// M scaled to row sums 1 and column sums n / width; `None` where that does not converge linearly.
fn sinkhorn_knopp(m: &Presence) -> Option<Vec<f64>> {
    let (n, width) = (m.locations(), m.activities());
    let mut b: Vec<f64> = (0..n * width)
        .map(|k| {
            if m.get(k / width, k % width) {
                1.0
            } else {
                0.0
            }
        })
        .collect();
    for _ in 0..5000 {
        for a in 0..width {
            let sum: f64 = (0..n).map(|l| b[l * width + a]).sum();
            (0..n).for_each(|l| b[l * width + a] *= n as f64 / width as f64 / sum);
        }
        let mut worst: f64 = 0.0;
        for l in 0..n {
            let row = &mut b[l * width..(l + 1) * width];
            let sum: f64 = row.iter().sum();
            worst = worst.max((sum - 1.0).abs());
            for x in row.iter_mut() {
                *x /= sum;
            }
        }
        if worst < 1e-13 {
            return Some(b);
        }
    }
    None
}

//! Small seeded economies and fresh solves of them by plain elimination, sharing no code with the engine.

use chain::io::{Coefficients, Dense, Label};
use model::Seed;
use rand::RngExt;

/// 2 to 7 industries, cells partly empty, columns of A summing to 0.05..0.95, some products without final demand.
pub fn economy(index: u64) -> Coefficients {
    let mut rng = Seed(4).stream("io.economies", index);
    let n = rng.random_range(2..=7);
    let fill = rng.random_range(0.2..1.0);
    let mut a = Dense::from_fn(n, n, |_, _| {
        let size = rng.random::<f64>();
        if rng.random::<f64>() < fill {
            size * size
        } else {
            0.0
        }
    });
    for j in 0..n {
        let sum: f64 = a.column(j).iter().sum();
        let wanted = rng.random_range(0.05..0.95);
        if sum > 0.0 {
            a.column_mut(j).iter_mut().for_each(|v| *v *= wanted / sum);
        }
    }
    let mut y: Vec<f64> = (0..n)
        .map(|_| {
            if rng.random::<f64>() < 0.2 {
                0.0
            } else {
                rng.random_range(0.1..10.0)
            }
        })
        .collect();
    y[0] += 1.0;
    let x = solved(&a, &y);
    Coefficients::from_parts(a, x, y).unwrap()
}

/// (I − A)⁻¹ y by Gauss with row exchanges.
pub fn solved(a: &Dense, y: &[f64]) -> Vec<f64> {
    let n = y.len();
    let mut m: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            let mut row: Vec<f64> = (0..n)
                .map(|j| f64::from(u8::from(i == j)) - a.get(i, j))
                .collect();
            row.push(y[i]);
            row
        })
        .collect();
    for k in 0..n {
        let pivot = (k..n)
            .max_by(|a, b| m[*a][k].abs().total_cmp(&m[*b][k].abs()))
            .unwrap();
        m.swap(k, pivot);
        for i in 0..n {
            if i != k {
                let factor = m[i][k] / m[k][k];
                let above = m[k].clone();
                for (v, above) in m[i].iter_mut().zip(&above).skip(k) {
                    *v -= factor * above;
                }
            }
        }
    }
    (0..n).map(|i| m[i][n] / m[i][i]).collect()
}

pub fn labels(n: usize) -> Vec<Label> {
    (0..n)
        .map(|k| Label::new(format!("r{}", k / 3), format!("s{k}")))
        .collect()
}

//! Times of the input–output engine on a table that `benches/chain_io.py` wrote.
//!
//! `bench_io FOLDER`: FOLDER holds `Z.f64` (row-major, little-endian) and `x.f64`; y = x − Z1.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;
use std::time::Instant;

use chain::io::extraction::{self, Cut, Part};
use chain::io::{Coefficients, Dense, Factorised, Leontief};

/// CPU seconds of this process so far (user and system).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
    let ticks = |k: usize| fields.get(k).and_then(|f| f.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

/// Runs three times and prints the fastest as a row of a table; 0 operations: no rate.
fn best<T>(what: &str, n: usize, flops: f64, mut run: impl FnMut() -> T) -> T {
    let mut fastest: Option<(f64, f64)> = None;
    let mut result = None;
    for _ in 0..3 {
        // Two results at once would double the memory.
        drop(result.take());
        let (start, before) = (Instant::now(), cpu());
        result = Some(run());
        let (wall, used) = (start.elapsed().as_secs_f64(), cpu() - before);
        if fastest.is_none_or(|(least, _)| wall < least) {
            fastest = Some((wall, used));
        }
    }
    let (wall, used) = fastest.expect("invariant: three runs");
    let rate = if flops > 0.0 {
        format!("{:.1} GF/s", flops / wall / 1e9)
    } else {
        String::new()
    };
    let threads = rayon::current_num_threads();
    println!("| forelay {what}, n = {n}, threads {threads} | {wall:.3} | {used:.2} | {rate} |");
    result.expect("invariant: three runs")
}

fn main() {
    let folder = std::env::args()
        .nth(1)
        .expect("a folder with Z.f64 and x.f64");
    let folder = Path::new(&folder);
    let read = |name: &str| -> Vec<f64> {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let (chunks, _) = bytes.as_chunks::<8>();
        chunks.iter().map(|b| f64::from_le_bytes(*b)).collect()
    };
    let (z, x) = (read("Z.f64"), read("x.f64"));
    let n = x.len();
    let mut a = Dense::from_row_major(n, n, &z).unwrap();
    drop(z);
    let y: Vec<f64> = x.iter().zip(a.row_sums()).map(|(x, s)| x - s).collect();
    for (j, output) in x.iter().enumerate() {
        for v in a.column_mut(j) {
            *v /= output;
        }
    }
    let coefficients = Coefficients::from_parts(a, x, y).unwrap();
    let cube = (n as f64).powi(3);
    best("product A A", n, 2.0 * cube, || {
        Leontief::matrix_product(&coefficients.a)
    });
    let mut copies = vec![
        coefficients.clone(),
        coefficients.clone(),
        coefficients.clone(),
    ];
    let model = best("inverse, residual, condition", n, 2.0 * cube, || {
        Leontief::invert(copies.pop().unwrap()).unwrap()
    });
    drop(copies);
    println!(
        "residual {:.2e} (pivoted {}), condition {:.1}, |Ly − x| {:.2e}",
        model.residual().estimate,
        model.residual().pivoted,
        model.condition(),
        model.output_distance().relative
    );
    for part in [Part::Whole, Part::Purchases, Part::Sales] {
        let losses = best(&format!("all extractions, {part:?}"), n, 0.0, || {
            extraction::industries(&model, part, 1.0).unwrap()
        });
        assert!(losses.iter().all(|l| l.loss >= 0.0));
    }
    let links = best("all links, top 100", n, 0.0, || {
        extraction::top_links(&model, 100, 1.0).unwrap()
    });
    let supply = best("supply multipliers", n, 0.0, || model.supply_multipliers());
    println!("first link {:?}, multiplier {}", links[0], supply[0]);

    let factorised = best("LU and one solve", n, 2.0 / 3.0 * cube, || {
        Factorised::new(coefficients.clone()).unwrap()
    });
    let y = factorised.coefficients().y.clone();
    best("one more solve", n, 0.0, || factorised.solve(&y));
    let cut = Cut::Set {
        industries: (0..45).collect(),
        part: Part::Whole,
        theta: 1.0,
    };
    let by_factors = best("45 industries out, from LU", n, 0.0, || {
        extraction::extract(&factorised, &cut).unwrap().loss
    });
    let by_inverse = best("45 industries out, from L", n, 0.0, || {
        extraction::extract(&model, &cut).unwrap().loss
    });
    println!("relative difference {:.1e}", by_factors / by_inverse - 1.0);

    let whole = extraction::industries(&model, Part::Whole, 1.0).unwrap();
    let total: f64 = model.output().iter().sum();
    for k in [0, n / 2, n - 1] {
        let mut cut = model.coefficients().clone();
        for j in 0..n {
            cut.a.set(k, j, 0.0);
            cut.a.set(j, k, 0.0);
        }
        cut.y[k] = 0.0;
        let left: f64 = Factorised::new(cut).unwrap().output().iter().sum();
        let off = whole[k].loss / (total - left) - 1.0;
        println!("industry {k} against a fresh solve {off:.1e}");
    }
}

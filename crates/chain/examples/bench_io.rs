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

/// Runs, prints wall time, rate and CPU time.
fn timed<T>(what: &str, flops: f64, run: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), cpu());
    let result = run();
    let wall = start.elapsed().as_secs_f64();
    let used = cpu() - before;
    let rate = flops / wall / 1e9;
    println!("{what:<34} {wall:8.3} s  {rate:6.1} GF/s  cpu {used:.2} s");
    result
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
    println!("n = {n}, threads {}", rayon::current_num_threads());
    for _ in 0..3 {
        timed("product A A", 2.0 * cube, || {
            Leontief::matrix_product(&coefficients.a)
        });
    }
    for _ in 0..3 {
        let again = coefficients.clone();
        timed("inverse, residual, condition", 2.0 * cube, || {
            Leontief::invert(again).unwrap()
        });
    }
    let model = Leontief::invert(coefficients.clone()).unwrap();
    println!(
        "residual {:.2e} (pivoted {}), condition {:.1}, |Ly − x| {:.2e}",
        model.residual().estimate,
        model.residual().pivoted,
        model.condition(),
        model.output_distance().relative
    );
    for part in [Part::Whole, Part::Purchases, Part::Sales] {
        let losses = timed(&format!("all extractions, {part:?}"), 0.0, || {
            extraction::industries(&model, part, 1.0).unwrap()
        });
        assert!(losses.iter().all(|l| l.loss >= 0.0));
    }
    let links = timed("all links, top 100", 0.0, || {
        extraction::top_links(&model, 100, 1.0).unwrap()
    });
    let supply = timed("supply multipliers", 0.0, || model.supply_multipliers());
    println!("first link {:?}, multiplier {}", links[0], supply[0]);

    let factorised = timed("LU and one solve", 2.0 / 3.0 * cube, || {
        Factorised::new(coefficients.clone()).unwrap()
    });
    let y = factorised.coefficients().y.clone();
    timed("one more solve", 0.0, || factorised.solve(&y));
    let cut = Cut::Set {
        industries: (0..45).collect(),
        part: Part::Whole,
        theta: 1.0,
    };
    let by_factors = timed("45 industries out, from LU", 0.0, || {
        extraction::extract(&factorised, &cut).unwrap().loss
    });
    let by_inverse = timed("45 industries out, from L", 0.0, || {
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

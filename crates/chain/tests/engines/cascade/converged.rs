//! Converged scores against long iterations, a dense inverse and values of higher precision.

use chain::cascade::{
    Cascade, Certainty, ConvergedParams, JacobiParams, Model, Score, Shock, Shocks, Substitution,
};
use libtest_mimic::Trial;

use super::network::{cascade, generated, model};
use super::published::example;
use crate::{golden, trial, trial_on_shared};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "cascade: no error above its certificate, every firm, every model",
            long_iterations,
        ),
        trial(
            "cascade: a closed network without substitution is collapsed and certified",
            collapsed,
        ),
        trial("cascade: values of higher precision", higher_precision),
        trial(
            "cascade: upstream and linear indices against a dense inverse",
            dense_inverse,
        ),
        trial(
            "cascade: a certificate of other coefficients does not cover",
            perturbed,
        ),
        trial(
            "cascade: the same bits for any threads and any order of rows",
            same_bits,
        ),
        trial("cascade: shocks in parts", partial_shocks),
        trial(
            "cascade: relative tolerance bounds the error by the firm's own share",
            relative,
        ),
        trial_on_shared(
            "cascade: the authors' networks of 101 firms, converged",
            "chains/esri_example/industry_vector.csv",
            authors,
        ),
    ]
}

fn converged(cascade: &Cascade, shocks: &Shocks, tolerance: f64) -> Vec<Score> {
    let params = ConvergedParams {
        tolerance,
        relative: None,
    };
    cascade.converged(shocks, &params).unwrap().scores
}

fn long(cascade: &Cascade, shocks: &Shocks, tolerance: f64) -> Vec<Score> {
    let params = JacobiParams {
        tolerance,
        most_iterations: 400_000,
    };
    cascade.published(shocks, &params).unwrap()
}

/// Every score is certified and the long iteration, itself within `slack`, lies inside.
fn inside(what: &str, found: &[Score], wanted: &[Score], slack: f64) {
    for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let Certainty::Certified(bound) = found.certainty else {
            panic!("{what} {at}: not certified, {found:?}")
        };
        let error = (found.esri - wanted.esri).abs();
        assert!(
            error <= bound + slack,
            "{what} {at}: error {error:e} above {bound:e}"
        );
    }
}

const MODELS: [(&str, &str, &str); 8] = [
    ("gl", "1", "closed"),
    ("gl", "1", "open"),
    ("gl", "0", "open"),
    ("linear", "1", "closed"),
    ("linear", "0", "closed"),
    ("linear", "0", "open"),
    ("leontief", "1", "closed"),
    ("leontief", "0", "open"),
];

fn long_iterations() {
    for (mode, sub, leaks) in MODELS {
        let cascade = cascade(mode, sub, leaks);
        let wanted = long(&cascade, &Shocks::EachFirm, 1e-13);
        for tolerance in [1e-4, 1e-6, 1e-9] {
            let found = converged(&cascade, &Shocks::EachFirm, tolerance);
            // A step of 1e-13 at a rate of 0.976 leaves 40 steps.
            inside(
                &format!("{mode} {sub} {leaks} {tolerance:e}"),
                &found,
                &wanted,
                2e-11,
            );
        }
    }
}

/// Closed and without substitution: nothing but the collapsed network can be certified, and a plain iteration agrees.
fn collapsed() {
    let cascade = cascade("gl", "0", "closed");
    assert!(!cascade.closed().downstream.is_empty());
    let shocks = Shocks::Firms((0..500).step_by(25).collect());
    let wanted = long(&cascade, &shocks, 1e-10);
    inside(
        "gl 0 closed",
        &converged(&cascade, &shocks, 1e-6),
        &wanted,
        1e-6,
    );
}

fn higher_precision() {
    let mut checked = 0;
    for row in golden("cascade_converged.csv") {
        let (mode, sub, leaks) = (&row[0], &row[1], &row[2]);
        let wanted: Vec<f64> = row[3].split(' ').map(|x| x.parse().unwrap()).collect();
        let found = converged(&cascade(mode, sub, leaks), &Shocks::EachFirm, 1e-9);
        for (firm, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            let bound = found.certainty.bound().unwrap();
            assert!(
                found.certainty.is_certified(),
                "{mode} {sub} {leaks} {firm}"
            );
            let error = (found.esri - wanted).abs();
            assert!(
                error <= bound + 1e-14,
                "{mode} {sub} {leaks} {firm}: {error:e} above {bound:e}"
            );
            checked += 1;
        }
    }
    assert!(checked >= 1_000);
}

/// U_k = (s'N)_k / (N_kk Σs) with a dense N: for the upstream index, and with Λd for the linear downstream index.
fn dense_inverse() {
    let network = generated(1);
    let n = network.firms().ids.len();
    let links = network.links();
    let (sales, bought) = (network.sales(), network.purchases());
    let (mut up, mut down) = (vec![vec![0.0; n]; n], vec![vec![0.0; n]; n]);
    for at in 0..links.weight.len() {
        let (i, j) = (links.supplier[at] as usize, links.customer[at] as usize);
        up[i][j] = links.weight[at] / sales[i] * 0.7;
        down[j][i] = links.weight[at] / bought[j] * 0.6;
    }
    let index = |p: &[Vec<f64>]| -> Vec<f64> {
        let inverse = inverse_of_one_minus(p);
        let total: f64 = sales.iter().sum();
        (0..n)
            .map(|k| {
                let sum: f64 = (0..n).map(|i| sales[i] * inverse[i][k]).sum();
                sum / (inverse[k][k] * total)
            })
            .collect()
    };
    let (up, down) = (index(&up), index(&down));
    let cascade = Cascade::new(&network, &model(&network, "linear", "0", "open")).unwrap();
    let found = converged(&cascade, &Shocks::EachFirm, 1e-10);
    for k in 0..n {
        assert!(
            (found[k].up - up[k]).abs() < 1e-10,
            "up {k}: {} {}",
            found[k].up,
            up[k]
        );
        assert!(
            (found[k].down - down[k]).abs() < 1e-10,
            "down {k}: {} {}",
            found[k].down,
            down[k]
        );
    }
}

/// Gauss–Jordan without pivots: the matrix is diagonally dominant.
fn inverse_of_one_minus(p: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = p.len();
    let mut left: Vec<Vec<f64>> = p
        .iter()
        .map(|row| row.iter().map(|x| -x).collect())
        .collect();
    let mut right = vec![vec![0.0; n]; n];
    for i in 0..n {
        left[i][i] += 1.0;
        right[i][i] = 1.0;
    }
    for k in 0..n {
        let pivot = left[k][k];
        for x in left[k].iter_mut().chain(right[k].iter_mut()) {
            *x /= pivot;
        }
        let (lk, rk) = (left[k].clone(), right[k].clone());
        for i in (0..n).filter(|i| *i != k) {
            let factor = left[i][k];
            if factor != 0.0 {
                for j in 0..n {
                    left[i][j] -= factor * lk[j];
                    right[i][j] -= factor * rk[j];
                }
            }
        }
    }
    right
}

/// A certificate is of its own network: with weights changed by a tenth it no longer covers most scores, so it is tight
/// enough to tell networks apart.
fn perturbed() {
    let network = generated(1);
    let base = Cascade::new(&network, &model(&network, "gl", "1", "open")).unwrap();
    let found = converged(&base, &Shocks::EachFirm, 1e-9);
    let mut links = network.links().clone();
    for weight in links.weight.iter_mut().step_by(7) {
        *weight *= 1.1;
    }
    let flags = golden("cascade_essential.csv");
    let flag = |s: &String| {
        flags.iter().find(|r| r[0] == **s).unwrap()[1]
            .parse()
            .unwrap()
    };
    let classes = network
        .firms()
        .sectors
        .iter()
        .map(|s| chain::cascade::Class::from_flag(flag(s)).unwrap());
    let essential = chain::cascade::Essential::Supplier(classes.collect());
    let other =
        chain::cascade::FirmNetwork::new(network.firms().clone(), links, essential).unwrap();
    let other = Cascade::new(&other, &model(&other, "gl", "1", "open")).unwrap();
    let changed = converged(&other, &Shocks::EachFirm, 1e-9);
    let outside = found
        .iter()
        .zip(&changed)
        .filter(|(a, b)| (a.esri - b.esri).abs() > a.certainty.bound().unwrap())
        .count();
    assert!(
        outside > 400,
        "{outside} of 500 moved outside of their bounds"
    );
}

fn same_bits() {
    let found = converged(&cascade("gl", "1", "closed"), &Shocks::EachFirm, 1e-6);
    let alone = rayon_pool(1, || {
        converged(&cascade("gl", "1", "closed"), &Shocks::EachFirm, 1e-6)
    });
    assert_eq!(found, alone);
    let three = rayon_pool(3, || {
        converged(&cascade("gl", "1", "closed"), &Shocks::EachFirm, 1e-6)
    });
    assert_eq!(found, three);
    let network = generated(-1);
    let turned = Cascade::new(&network, &model(&network, "gl", "1", "closed")).unwrap();
    let mut turned = converged(&turned, &Shocks::EachFirm, 1e-6);
    turned.reverse();
    assert_eq!(found, turned);
    // Other batches: within the certificates.
    let some: Vec<u32> = (0..500).step_by(3).collect();
    let few = converged(
        &cascade("gl", "1", "closed"),
        &Shocks::Firms(some.clone()),
        1e-6,
    );
    for (at, score) in some.iter().zip(&few) {
        let whole = &found[*at as usize];
        let bound = whole.certainty.bound().unwrap() + score.certainty.bound().unwrap();
        assert!((whole.esri - score.esri).abs() <= bound);
    }
}

fn rayon_pool<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

/// Several firms, partly closed: certified, and equal to a long iteration; firm by firm too.
fn partial_shocks() {
    for (mode, sub, leaks) in [
        ("gl", "1", "closed"),
        ("gl", "1", "open"),
        ("linear", "0", "open"),
        ("gl", "0", "open"),
    ] {
        let cascade = cascade(mode, sub, leaks);
        let scenarios: Vec<Shock> = (0..20_u32)
            .map(|at| Shock {
                name: format!("shock {at}"),
                remaining: (0..=at)
                    .map(|f| (f * 23 % 500, f64::from(f % 3) * 0.3))
                    .collect(),
            })
            .collect();
        let shocks = Shocks::Scenarios(scenarios.clone());
        let wanted = long(&cascade, &shocks, 1e-13);
        inside(
            &format!("{mode} {sub} {leaks}"),
            &converged(&cascade, &shocks, 1e-6),
            &wanted,
            2e-11,
        );
        let losses = cascade.losses(&scenarios[7], 1e-8).unwrap();
        assert!(losses.certainty.is_certified());
        assert!((losses.index - wanted[7].esri).abs() <= 1e-8 + 2e-11);
        assert!(
            losses
                .low
                .iter()
                .zip(&losses.high)
                .all(|(low, high)| low <= high && *high <= 1.0)
        );
        let shares = cascade.shares();
        let above: f64 = losses.high.iter().zip(&shares).map(|(h, s)| h * s).sum();
        assert!(above >= wanted[7].esri - 2e-11 && above <= wanted[7].esri + 1e-7);
    }
}

fn relative() {
    let cascade = cascade("gl", "1", "closed");
    let params = ConvergedParams {
        relative: Some(0.01),
        ..ConvergedParams::default()
    };
    let done = cascade.converged(&Shocks::EachFirm, &params).unwrap();
    assert_eq!(done.summary.certified, 500);
    for (score, share) in done.scores.iter().zip(cascade.shares()) {
        let bound = score.certainty.bound().unwrap();
        assert!(
            bound <= 1e-6 && (share <= 0.0 || bound <= 0.01 * share),
            "{bound:e} {share:e}"
        );
    }
}

/// 18 at the published tolerance; converged, 100 of 101 firms (scale-free) and all 101 (random) score 1.
fn authors() {
    for (name, least) in [("sf", 100), ("er", 101)] {
        let model = Model {
            substitution: Substitution::MarketShare,
            ..Model::default()
        };
        let cascade = Cascade::new(&example(name), &model).unwrap();
        let published: f64 = long(&cascade, &Shocks::EachFirm, 1e-2)
            .iter()
            .map(|s| s.esri)
            .sum();
        assert!((published - 18.25).abs() < 0.05, "{name} {published}");
        let found = converged(&cascade, &Shocks::EachFirm, 1e-6);
        let ones = found.iter().filter(|s| s.esri >= 1.0 - 1e-5).count();
        assert_eq!(ones, least, "{name}");
        assert!(found.iter().all(|s| s.certainty.is_certified()), "{name}");
    }
}

//! What holds for every economy, on 10,000 random ones.

use chain::io::extraction::{self, Cut, Part};
use chain::io::inoperability::static_inoperability;
use chain::io::{Coefficients, Dense, Factorised, Leontief, NoiseParams, ranges};
use libtest_mimic::Trial;
use model::{Quantity, Seed};

use super::economies::{economy, labels, solved};
use crate::trial;

const ECONOMIES: u64 = 10_000;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "io: every closed form equals a fresh solve on 10,000 economies",
            brute_force,
        ),
        trial(
            "io: more cut, no smaller loss; nothing cut, nothing lost, on 10,000 economies",
            monotone,
        ),
        trial("io: the order of industries does not matter", permuted),
        trial(
            "io: inoperability is the loss of output, on 10,000 economies",
            inoperable,
        ),
        trial(
            "io: the inverse has the same bits on one thread and on four",
            threads,
        ),
        trial(
            "io: ranges hold the value, widen with the noise, and do not depend on order",
            noise,
        ),
    ]
}

fn near(what: &str, found: f64, wanted: f64, scale: f64) {
    assert!(
        (found - wanted).abs() <= 1e-9 * scale,
        "{what}: {found} {wanted}"
    );
}

/// Loss by plain elimination after the cells of A are scaled and demand is changed.
fn fresh(c: &Coefficients, kept: &dyn Fn(usize, usize) -> f64, demand: &[f64]) -> f64 {
    let n = c.len();
    let a = Dense::from_fn(n, n, |i, j| c.a.get(i, j) * kept(i, j));
    solved(&c.a, &c.y).iter().sum::<f64>() - solved(&a, demand).iter().sum::<f64>()
}

fn brute_force() {
    for index in 0..ECONOMIES {
        let c = economy(index);
        let n = c.len();
        let (m, f) = (
            Leontief::invert(c.clone()).unwrap(),
            Factorised::new(c.clone()).unwrap(),
        );
        let total: f64 = m.output().iter().sum();
        let theta = [1.0, 0.3, 0.75][index as usize % 3];
        let k = index as usize % n;
        let keep = |hit: bool| if hit { 1.0 - theta } else { 1.0 };
        let less = |set: &[usize]| -> Vec<f64> {
            (0..n).map(|i| c.y[i] * keep(set.contains(&i))).collect()
        };
        let one = |part| extraction::industries(&m, part, theta).unwrap()[k].loss;
        near(
            "whole",
            one(Part::Whole),
            fresh(&c, &|i, j| keep(i == k || j == k), &less(&[k])),
            total,
        );
        near(
            "purchases",
            one(Part::Purchases),
            fresh(&c, &|_, j| keep(j == k), &c.y),
            total,
        );
        near(
            "sales",
            one(Part::Sales),
            fresh(&c, &|i, _| keep(i == k), &c.y),
            total,
        );
        let l = (index as usize / 7) % n;
        let link = extraction::link_loss(&m, k, l, theta).unwrap();
        near(
            "link",
            link.loss,
            fresh(&c, &|i, j| keep((i, j) == (k, l)), &c.y),
            total,
        );
        let top = extraction::top_links(&m, 1, theta).unwrap();
        assert!(top.is_empty() || top[0].loss >= link.loss);
        let set: Vec<usize> = (0..n).filter(|i| (index >> i) & 1 == 1).collect();
        let rest: Vec<usize> = (0..n).filter(|i| (index >> i) & 1 == 0).collect();
        let has = |i: usize| set.contains(&i);
        let taken: Vec<f64> = set.iter().map(|i| c.y[*i] / 2.0).collect();
        let exports: Vec<f64> = (0..n)
            .map(|i| {
                if has(i) {
                    c.y[i] * (1.0 - theta / 2.0)
                } else {
                    c.y[i]
                }
            })
            .collect();
        let of = |part| Cut::Set {
            industries: set.clone(),
            part,
            theta,
        };
        let cases = [
            (
                of(Part::Whole),
                fresh(&c, &|i, j| keep(has(i) || has(j)), &less(&set)),
            ),
            (of(Part::Purchases), fresh(&c, &|_, j| keep(has(j)), &c.y)),
            (of(Part::Sales), fresh(&c, &|i, _| keep(has(i)), &c.y)),
            (
                Cut::Links {
                    suppliers: set.clone(),
                    customers: rest,
                    demand: taken,
                    theta,
                },
                fresh(&c, &|i, j| keep(has(i) && !has(j)), &exports),
            ),
        ];
        for (cut, wanted) in cases {
            let by_inverse = extraction::extract(&m, &cut).unwrap();
            near("set", by_inverse.loss, wanted, total);
            near(
                "factors",
                extraction::extract(&f, &cut).unwrap().loss,
                wanted,
                total,
            );
            let parts: f64 = by_inverse.by_industry.iter().map(|l| l.loss).sum();
            near("parts", parts, by_inverse.loss, total);
        }
    }
}

fn monotone() {
    for index in 0..ECONOMIES {
        let m = Leontief::invert(economy(index)).unwrap();
        let total: f64 = m.output().iter().sum();
        let half: Vec<usize> = (0..m.len() / 2).collect();
        for part in [Part::Whole, Part::Purchases, Part::Sales] {
            let mut last = vec![0.0; m.len()];
            let mut of_set = 0.0;
            for theta in [0.0, 0.2, 0.5, 0.9, 1.0] {
                let losses = extraction::industries(&m, part, theta).unwrap();
                let cut = Cut::Set {
                    industries: half.clone(),
                    part,
                    theta,
                };
                let set = extraction::extract(&m, &cut).unwrap().loss;
                assert!(set >= of_set - 1e-10 * total && set <= total * (1.0 + 1e-10));
                of_set = set;
                for (loss, last) in losses.iter().zip(&mut last) {
                    assert!(
                        loss.loss >= *last - 1e-10 * total,
                        "{part:?} {theta} in {index}"
                    );
                    assert!(theta > 0.0 || loss.loss == 0.0, "zero cut");
                    assert!(loss.loss <= total * (1.0 + 1e-10));
                    *last = loss.loss;
                }
            }
        }
    }
}

fn permuted() {
    for index in 0..500 {
        let c = economy(index);
        let n = c.len();
        let order: Vec<usize> = (0..n).map(|k| (k * 5 + index as usize) % n).collect();
        if (0..n).any(|k| !order.contains(&k)) {
            continue;
        }
        let pick = |v: &[f64]| order.iter().map(|k| v[*k]).collect::<Vec<_>>();
        let other = Coefficients::from_parts(c.a.reordered(&order, &order), pick(&c.x), pick(&c.y))
            .unwrap();
        let (m, p) = (
            Leontief::invert(c).unwrap(),
            Leontief::invert(other).unwrap(),
        );
        let plain = extraction::industries(&m, Part::Whole, 1.0).unwrap();
        let moved = extraction::industries(&p, Part::Whole, 1.0).unwrap();
        let total: f64 = m.output().iter().sum();
        for (k, from) in order.iter().enumerate() {
            near("moved", moved[k].loss, plain[*from].loss, total * 1e-3);
        }
    }
}

fn inoperable() {
    for index in 0..ECONOMIES {
        let c = economy(index);
        if c.x.contains(&0.0) {
            continue;
        }
        let demand: Vec<f64> = c.y.iter().zip(&c.x).map(|(y, x)| 0.1 * y / x).collect();
        let m = Leontief::invert(c).unwrap();
        let found = static_inoperability(&m, &demand).unwrap();
        // A tenth less of all final demand is a tenth less of all output.
        for q in &found.inoperability {
            near("q", *q, 0.1, 1.0);
        }
        // G = x̂⁻¹ L x̂ is the same map.
        let by_ghosh = m.ghosh_inverse().times(&demand);
        for (q, g) in found.inoperability.iter().zip(by_ghosh) {
            near("G c*", *q, g, 1.0);
        }
    }
}

fn threads() {
    let n = 500;
    let a = Dense::from_fn(n, n, |i, j| {
        ((i * 7919 + j * 104_729) % 1009) as f64 / 1009.0 / n as f64 * 1.5
    });
    let c = Coefficients::from_parts(a, vec![1.0; n], vec![1.0; n]).unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let m = Leontief::invert(c.clone()).unwrap();
            let f = Factorised::new(c.clone()).unwrap();
            let cut = Cut::Set {
                industries: (3..90).collect(),
                part: Part::Whole,
                theta: 0.5,
            };
            let loss = extraction::extract(&f, &cut).unwrap();
            let links = extraction::top_links(&m, 20, 1.0).unwrap();
            (
                m.inverse().clone(),
                m.output().to_vec(),
                f.output().to_vec(),
                loss,
                links,
            )
        })
    };
    let one = on(1);
    for count in [2, 4] {
        assert!(on(count) == one, "{count} threads");
    }
}

fn noise() {
    let c = economy(11);
    let n = c.len();
    let names = labels(n);
    let m = Leontief::invert(c.clone()).unwrap();
    let params = NoiseParams {
        draws: 100,
        ..NoiseParams::default()
    };
    let found = ranges(&m, &names, &params, Seed(1)).unwrap();
    assert_eq!(found.draws + found.left_out, 100);
    let width = |q: &Quantity| q.estimate().unwrap().width();
    let wide = ranges(
        &m,
        &names,
        &NoiseParams {
            spread: 0.3,
            ..params
        },
        Seed(1),
    )
    .unwrap();
    let none = ranges(
        &m,
        &names,
        &NoiseParams {
            spread: 0.0,
            ..params
        },
        Seed(1),
    )
    .unwrap();
    let sum = |r: &chain::io::RangedLosses| r.losses.iter().map(|l| width(&l.loss)).sum::<f64>();
    assert!(sum(&wide) > sum(&found) && sum(&found) > 0.0);
    assert!(sum(&none) < 1e-9);
    let few = ranges(
        &m,
        &names,
        &NoiseParams {
            draws: 10,
            ..params
        },
        Seed(1),
    )
    .unwrap();
    assert!(few.losses.iter().all(|l| l.rank.estimate().is_none()));
    // The same economy in reverse: the same bits for the drawn ends.
    let order: Vec<usize> = (0..n).rev().collect();
    let pick = |v: &[f64]| order.iter().map(|k| v[*k]).collect::<Vec<_>>();
    let turned =
        Coefficients::from_parts(c.a.reordered(&order, &order), pick(&c.x), pick(&c.y)).unwrap();
    let turned_names: Vec<_> = order.iter().map(|k| names[*k].clone()).collect();
    let other = ranges(
        &Leontief::invert(turned).unwrap(),
        &turned_names,
        &params,
        Seed(1),
    )
    .unwrap();
    for k in 0..n {
        let (a, b) = (
            found.losses[k].loss.estimate().unwrap(),
            other.losses[n - 1 - k].loss.estimate().unwrap(),
        );
        assert_eq!((a.low, a.high), (b.low, b.high));
    }
}

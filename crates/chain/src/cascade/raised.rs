//! A certificate belongs to its coefficients: raise one of them after the solve and the check fails, or the bound still holds of what
//! the raised coefficients lead to.

#![allow(clippy::unwrap_used)]

use ::model::Seed;
use rand::{Rng, RngExt};

use super::ascent::Ascent;
use super::bounded::bounded;
use super::columns::{Columns, NOBODY};
use super::lanes::{LANES, V};
use super::layout::ALONE;
use super::network::{Class, Essential, FirmNetwork, Firms, Links};
use super::prepared::{Asked, Cascade};
use super::system::System;
use super::walk::Walk;
use super::zeta::Zeta;
use super::{Model, Production, Substitution};

const TOLERANCE: f64 = 1e-6;

/// 4 to 12 firms, inputs 50 to 90 % of costs, sales to firms 50 to 90 % of revenue.
fn cascade(draw: &mut impl Rng) -> Cascade {
    let n = draw.random_range(4..=12_u32);
    let sectors = draw.random_range(1..=4_u32);
    let firms = Firms {
        ids: (0..n).map(|i| format!("f{i:02}")).collect(),
        sector: (0..n).map(|_| draw.random_range(0..sectors)).collect(),
        sectors: (0..sectors).map(|s| format!("s{s}")).collect(),
    };
    let mut links = Links::default();
    for i in 0..n {
        for j in 0..n {
            if i != j && (draw.random_bool(0.3) || j == (i + 1) % n) {
                links.supplier.push(i);
                links.customer.push(j);
                links.weight.push(draw.random_range(1.0..100.0));
            }
        }
    }
    let classes = (0..sectors).map(|_| {
        if draw.random_bool(0.5) {
            Class::Essential
        } else {
            Class::NotEssential
        }
    });
    let essential = Essential::Supplier(classes.collect());
    let network = FirmNetwork::new(firms, links, essential).unwrap();
    let mut scaled = |values: &[f64]| -> Option<Vec<f64>> {
        let part = draw.random_range(0.5..0.9);
        Some(values.iter().map(|v| v / part).collect())
    };
    let model = Model {
        costs: scaled(network.purchases()),
        revenue: scaled(network.sales()),
        production: Production::GeneralisedLeontief,
        substitution: if draw.random_bool(0.5) {
            Substitution::MarketShare
        } else {
            Substitution::None
        },
    };
    Cascade::new(&network, &model).unwrap()
}

/// The least fixed point above a closure of k, by plain sweeps.
fn least(system: &System, k: usize) -> Vec<f64> {
    let mut loss = vec![0.0; system.len()];
    loss[k] = 1.0;
    loop {
        let mut lost = vec![0.0; system.market_size.len()];
        for i in (0..system.len()).filter(|i| system.market[*i] != ALONE) {
            lost[system.market[i] as usize] += system.size[i] * loss[i];
        }
        let passed = |i: usize| match system.market[i] {
            ALONE => loss[i],
            m => {
                let left = system.market_size[m as usize] - lost[m as usize];
                loss[i] * (system.size[i] / left.max(f64::MIN_POSITIVE)).min(1.0)
            }
        };
        let next: Vec<f64> = (0..system.len())
            .map(|j| {
                let sums = system.rows.groups_of(j).map(|group| {
                    let links = system.rows.links_of(group);
                    let one =
                        |l: usize| system.rows.weight[l] * passed(system.rows.from[l] as usize);
                    links.map(one).sum::<f64>()
                });
                sums.fold(loss[j], f64::max).min(1.0)
            })
            .collect();
        let step = next
            .iter()
            .zip(&loss)
            .fold(0.0_f64, |m, (a, b)| m.max(a - b));
        loss = next;
        if step <= 1e-16 {
            return loss;
        }
    }
}

#[test]
fn a_raised_coefficient_downstream_fails_the_check_or_is_covered() {
    let (mut failed, mut covered) = (0, 0);
    for index in 0..300 {
        let mut draw = Seed(5).stream("cascade.raised.down", index);
        let cascade = cascade(&mut draw);
        let system = &cascade.collapsed.down;
        let n = system.len();
        let weights = Zeta::all(system);
        let mut asked = Asked::default();
        (0..n).for_each(|k| asked.push(vec![(k as u32, 1.0)]));
        let mut lanes = [None; LANES];
        (0..n).for_each(|k| lanes[k] = Some(k));
        let mut area = Ascent::new(system);
        let done = bounded(
            system,
            &weights,
            &asked,
            &lanes,
            &V::all(TOLERANCE),
            &mut area,
        );
        let link = draw.random_range(0..system.rows.weight.len());
        let mut raised = system.clone();
        raised.rows.weight[link] += [1e-9, 1e-7, 1e-5, 1e-3][index as usize % 4];
        let Some(zeta) = weights.get(done.class[0]) else {
            continue;
        };
        let holds = area.verify(&raised, zeta, &done.tau);
        let (all_hold, same) = (zeta.holds(&raised), area.verify(system, zeta, &done.tau));
        for k in 0..n {
            if !done.holds[k] || done.own[k].is_some() || done.class[k] != done.class[0] || !same[k]
            {
                continue;
            }
            let truth = least(&raised, k);
            let above = |i: usize| (area.low[i].0[k] + done.tau.0[k] * zeta.zeta[i]).min(1.0);
            let outside = (0..n).any(|i| truth[i] > above(i) + 1e-14);
            if outside {
                assert!(
                    !(all_hold && holds[k]),
                    "network {index}, firm {k}, link {link}"
                );
                failed += 1;
            } else {
                covered += 1;
            }
        }
    }
    assert!(
        failed >= 300 && covered >= 300,
        "{failed} failed, {covered} covered"
    );
}

/// y'r/(x_k Σs) and 2ρz/x_k of the raised rows cover the distance of the old columns from the raised ones.
#[test]
fn a_raised_coefficient_upstream_raises_the_bound_above_the_error() {
    let mut grew = 0;
    for index in 0..300 {
        let mut draw = Seed(5).stream("cascade.raised.up", index);
        let cascade = cascade(&mut draw);
        let system = &cascade.collapsed.up;
        let n = system.len();
        let walk = Walk::of(system).unwrap();
        let mut firms = [NOBODY; LANES];
        (0..n).for_each(|k| firms[k] = k as u32);
        let mut columns = Columns::<V>::new(system);
        let step = V::all(TOLERANCE);
        columns.start(system, &walk, firms, &step);
        columns.solve(system, &walk, &step, &step);
        let before = columns.residual(system, &walk);
        let link = draw.random_range(0..system.rows.weight.len());
        let mut raised = system.clone();
        raised.rows.weight[link] += [1e-7, 1e-5, 1e-3, 1e-2][index as usize % 4];
        let walk = Walk::of(&raised).unwrap();
        let after = columns.residual(&raised, &walk);
        for k in 0..n {
            let truth = least(&raised, k);
            let pivot = after.pivot.0[k];
            let mut error = 0.0;
            for i in 0..n {
                let off = (columns.x[i].0[k] / pivot - truth[i]).abs();
                error += system.size[i] * off / system.total;
                let most = after.rho.0[k] * walk.z[i] / pivot;
                assert!(
                    off <= most + 1e-14,
                    "network {index}, firm {k}: {off:e} {most:e}"
                );
            }
            let most = after.spread.0[k];
            assert!(
                error <= most + 1e-14,
                "network {index}, firm {k}: {error:e} {most:e}"
            );
            grew += usize::from(after.spread.0[k] > before.spread.0[k]);
        }
    }
    assert!(grew >= 1_500, "{grew}");
}

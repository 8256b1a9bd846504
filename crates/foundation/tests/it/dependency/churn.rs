use std::collections::BTreeMap;

use foundation::dependency::churn::{Margins, curve, transitions};
use foundation::dependency::importer::Importer;
use foundation::dependency::noise::{NoiseParams, change_by_noise};
use foundation::dependency::record::{ListParams, Method};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Seed, Year};
use rand::RngExt;

use super::flows;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "dependency/survival of a chain with known rates",
            known_chain,
        ),
        trial("dependency/survival under noise of known size", known_noise),
        trial(
            "dependency/noise turns a verdict at the cliff in half of the draws",
            cliff,
        ),
    ]
}

/// Products that lose the verdict with probability q and gain it with r each year: survival after k years is
/// π + (1 - π)(1 - q - r)^k, π = r/(q + r).
fn known_chain() {
    // 1 in 5 lost after one year and half after five, as Vicard and Wibaux found: π = 0.4463.
    let (q, r): (f64, f64) = (0.2, 0.161_2);
    let (mut inside, mut cases) = (0.0, 0.0);
    for repeat in 0..200 {
        let mut rng = Seed(7).stream("chain", repeat);
        let margins: Margins = (0..400)
            .map(|p| {
                let mut dependent = rng.random_range(0.0..1.0) < r / (q + r);
                let years = (2014..=2019)
                    .map(|year| {
                        let now = dependent;
                        let turn = rng.random_range(0.0..1.0) < if now { q } else { r };
                        dependent = now != turn;
                        (Year(year), Some(if now { 1.0 } else { -1.0 }))
                    })
                    .collect();
                (format!("p{p}"), years)
            })
            .collect();
        let found = curve(&margins).unwrap();
        for lag in 1..=5 {
            let s = found
                .iter()
                .find(|s| s.start == Some(Year(2014)) && s.lag == lag)
                .unwrap();
            let e = s.survival.estimate().unwrap();
            let pi = r / (q + r);
            let truth = pi + (1.0 - pi) * (1.0 - q - r).powi(lag);
            assert!(lag != 1 || (truth - 0.8).abs() < 1e-9);
            assert!(lag != 5 || (truth - 0.5).abs() < 0.01);
            cases += 1.0;
            inside += f64::from(u8::from(e.low <= truth && truth <= e.high));
        }
        let e = transitions(&margins).change(1.0).estimate().unwrap();
        assert!((e.value - q).abs() < 0.06, "{}", e.value);
    }
    // 95 % intervals: 950 of 1,000 wanted; 1,000 dependent trials spread by more than √(1000 × 0.05 × 0.95) = 7.
    let share = inside / cases;
    assert!((0.92..=0.98).contains(&share), "{share}");
}

/// A product whose true margin is 0 and whose yearly noise is symmetric is dependent in half of the years whatever the
/// lag: all churn is noise. With a margin of one standard deviation it stays with probability Φ(1) = 0.8413.
fn known_noise() {
    for (margin, stays) in [(0.0, 0.5), (1.0, 0.841_345)] {
        let mut rng = Seed(11).stream("noise", 0);
        let mut normal = || (0..12).map(|_| rng.random_range(0.0..1.0)).sum::<f64>() - 6.0;
        let margins: Margins = (0..20_000)
            .map(|p| {
                let years: BTreeMap<Year, Option<f64>> = (2000..2006)
                    .map(|y| (Year(y), Some(margin + normal())))
                    .collect();
                (format!("p{p}"), years)
            })
            .collect();
        for s in curve(&margins)
            .unwrap()
            .iter()
            .filter(|s| s.start.is_none())
        {
            let e = s.survival.estimate().unwrap();
            assert!((e.value - stays).abs() < 0.01, "lag {}: {}", s.lag, e.value);
        }
    }
}

fn cliff() {
    let noise = |half: f64| NoiseParams {
        half_width: Estimate::exact(half, Basis::Assumed),
        draws: 2000,
    };
    let change = |b: f64, half: f64| {
        // Two suppliers with HHI = b² + (1 - b)², no exports: only CDI1 can turn.
        let f = flows(&[
            ("B", "A", "p", b),
            ("C", "A", "p", 1.0 - b),
            ("A", "B", "q", 1.0),
        ]);
        let params = ListParams {
            ec2021: foundation::dependency::ec2021::Ec2021Params {
                concentration: 0.58,
                ..Default::default()
            },
            ..ListParams::default()
        };
        let p = f.product("p").unwrap();
        change_by_noise(
            &f,
            &Importer::country("A"),
            p,
            Method::Ec2021,
            &params,
            &noise(half),
            Seed(1),
        )
        .unwrap()
        .estimate()
        .unwrap()
    };
    // b = 0.7 is the threshold itself: the ratio of two errors is above 1 in half of the draws.
    let e = change(0.7, 0.1);
    assert!(
        (e.value - 0.5).abs() < 0.04 && e.low < 0.5 && e.high > 0.5,
        "{e:?}"
    );
    // Odds of 0.7/0.3 = 2.33; b = 0.8 has odds of 4: within 10 % errors turn them to 3.27 at least.
    assert!(change(0.8, 0.1).value < 1e-12);
    assert!(change(0.72, 0.2).value > change(0.72, 0.1).value);
    assert!(change(0.7, 0.0).value < 1e-12, "no noise, no change");
}

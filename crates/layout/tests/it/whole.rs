//! Drivers of a decision against published indices, and their properties.

use std::collections::BTreeSet;
use std::f64::consts::PI;

use layout::whole::{DriverParams, Input, RobustnessParams, drivers, robustness};
use libtest_mimic::Trial;
use model::{Basis, Seed};
use rand::RngExt;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        crate::trial("whole: first-order indices of Ishigami", ishigami),
        crate::trial("whole: drivers of a yes-or-no by hand", step),
        crate::trial("whole: a choice of method can be the driver", choice),
        crate::trial("whole: inputs that do nothing are rarely named", noise),
        crate::trial("whole: order of inputs and threads do not matter", order),
    ]
}

fn uniform(name: &str, draws: usize, low: f64, high: f64) -> Input {
    let mut rng = Seed(7).stream(name, 0);
    Input::Number {
        name: name.to_owned(),
        values: (0..draws)
            .map(|_| low + (high - low) * rng.random::<f64>())
            .collect(),
    }
}

fn values(input: &Input) -> &[f64] {
    match input {
        Input::Number { values, .. } => values,
        Input::Choice { .. } => &[],
    }
}

/// Ishigami & Homma 1990 with a = 7, b = 0.1: S = 0.3139, 0.4424, 0 (closed form, Saltelli et al. 2008).
fn ishigami() {
    let inputs: Vec<Input> = ["x1", "x2", "x3"]
        .iter()
        .map(|n| uniform(n, 20_000, -PI, PI))
        .collect();
    let y: Vec<f64> = (0..20_000)
        .map(|d| {
            let [x1, x2, x3] = [0, 1, 2].map(|j: usize| values(&inputs[j])[d]);
            x1.sin() + 7.0 * x2.sin().powi(2) + 0.1 * x3.powi(4) * x1.sin()
        })
        .collect();
    let params = DriverParams {
        bins: 40,
        ..DriverParams::default()
    };
    let found = drivers(&y, &inputs, &params, Seed(1));
    let names: Vec<&str> = found.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["x2", "x1"], "x3 acts only together with x1");
    for (driver, published) in found.iter().zip([0.4424, 0.3139]) {
        let s = driver.share;
        assert!(
            s.low <= published && published <= s.high,
            "{s:?} misses {published}"
        );
        assert!((s.value - published).abs() < 0.02, "{s:?}");
    }
}

/// Y = 1 where X >= 0.75 of U(0, 1): X explains everything, up to the group that the step may cut.
fn step() {
    let x = uniform("x", 4000, 0.0, 1.0);
    let y: Vec<f64> = values(&x)
        .iter()
        .map(|x| f64::from(u8::from(*x >= 0.75)))
        .collect();
    // Four groups of equal count: only draws between the sample quartile and 0.75 are on the wrong side.
    let params = DriverParams {
        bins: 4,
        ..DriverParams::default()
    };
    let found = drivers(&y, &[x, uniform("other", 4000, 0.0, 1.0)], &params, Seed(1));
    assert_eq!(found.len(), 1);
    assert!(found[0].share.value > 0.9, "{:?}", found[0].share);
}

/// Y = 1 under the second of two methods: the choice explains all.
fn choice() {
    let methods: Vec<usize> = (0..1000).map(|d| d % 2).collect();
    let y: Vec<f64> = methods.iter().map(|m| *m as f64).collect();
    let method = Input::Choice {
        name: "method".to_owned(),
        values: methods,
    };
    let found = drivers(
        &y,
        &[uniform("x", 1000, 0.0, 1.0), method],
        &DriverParams::default(),
        Seed(1),
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), found[0].share.value),
        ("method", 1.0)
    );
}

/// 40 outcomes that nothing decides, 200 inputs each: at the 5 % level of a family about 2 of the 40 name an input.
fn noise() {
    let inputs: Vec<Input> = (0..200)
        .map(|j| uniform(&format!("n{j}"), 500, 0.0, 1.0))
        .collect();
    let named = (0..40)
        .filter(|k| {
            let y: Vec<f64> = values(&uniform(&format!("y{k}"), 500, 0.0, 1.0))
                .iter()
                .map(|y| y.round())
                .collect();
            !drivers(&y, &inputs, &DriverParams::default(), Seed(3)).is_empty()
        })
        .count();
    assert!(named <= 7, "{named} of 40 named");
}

fn order() {
    let inputs: Vec<Input> = (0..5)
        .map(|j| uniform(&format!("x{j}"), 600, 0.0, 1.0))
        .collect();
    let plans: Vec<BTreeSet<String>> = (0..600)
        .map(|d| {
            let on = |j: usize, at: f64| values(&inputs[j])[d] > at;
            let mut plan = BTreeSet::new();
            if on(0, 0.5) {
                plan.insert("a".to_owned());
            }
            if on(1, 0.2) || on(2, 0.8) {
                plan.insert("b".to_owned());
            }
            plan
        })
        .collect();
    let run = |inputs: &[Input]| {
        robustness(
            &plans,
            inputs,
            &RobustnessParams::default(),
            Basis::Derived,
            Seed(1),
        )
        .unwrap()
    };
    let forward = run(&inputs);
    let backward: Vec<Input> = inputs.iter().rev().cloned().collect();
    assert_eq!(forward, run(&backward));
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(forward, one.install(|| run(&inputs)));
    assert_eq!(forward.parts[0].drivers[0].name, "x0");
    assert_eq!(forward.parts[1].drivers[0].name, "x1");
}

//! The Bass model: a published fit, recovery, refusals, backtest.

use layout::adoption::{AdoptionParams, Bass, FitTo, Ranges, Verdict, backtest, fit, forecast};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Seed};

use crate::{known_code, readable_refusal, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("adoption::published_fit_of_video_recorders", recorders),
        trial(
            "adoption::a_curve_is_recovered_from_its_own_series",
            recovered,
        ),
        trial("adoption::series_that_cannot_carry_it_are_refused", refused),
        trial("adoption::the_fan_holds_its_centre_and_grows", fan),
        trial("adoption::backtest_against_the_naive_forecast", tested),
        trial("adoption::increments_add_up_to_the_curve", identity),
    ]
}

/// Video recorders in the United States, 1979 to 1988, in thousands (as in the worked example of Cheng-Jun Wang 2012,
/// rpubs.com/chengjun/bass_model, and of the R package DIMORA).
const RECORDERS: [f64; 10] = [
    840.0, 1470.0, 2110.0, 4000.0, 7590.0, 10950.0, 10530.0, 9470.0, 7790.0, 5890.0,
];

fn rates() -> AdoptionParams {
    AdoptionParams {
        to: FitTo::Rates,
        ..AdoptionParams::default()
    }
}

fn recorders() {
    // Printed there by R's nls: M 6.80e4 (3.13e3), P 6.59e-3 (1.43e-3), Q 0.638 (0.0414), residual 727 on 7 degrees.
    let found = fit(&RECORDERS, &rates()).unwrap();
    let near = |x: f64, printed: f64, unit: f64| assert!((x - printed).abs() <= 0.5 * unit, "{x}");
    near(found.curve.m, 6.80e4, 100.0);
    near(found.curve.p, 6.59e-3, 1e-5);
    near(found.curve.q, 0.638, 1e-3);
    near(found.standard_errors[0], 3.13e3, 10.0);
    near(found.standard_errors[1], 1.43e-3, 1e-5);
    near(found.standard_errors[2], 0.0414, 1e-4);
    near(found.residual, 727.0, 1.0);
    // t(7) = 2.3646
    near(found.q.high - found.q.value, 2.3646 * 0.0414, 2e-4);
}

fn recovered() {
    for (m, p, q) in [(1000.0, 0.01, 0.5), (5e6, 0.03, 0.38), (20.0, 0.002, 0.9)] {
        let curve = Bass { m, p, q };
        for to in [FitTo::Increments, FitTo::Rates] {
            let periods = (curve.peak() as usize) + 6;
            let series: Vec<f64> = (1..=periods)
                .map(|t| match to {
                    FitTo::Increments => curve.increment(t as f64),
                    FitTo::Rates => curve.rate(t as f64),
                })
                .collect();
            let params = AdoptionParams {
                to,
                ..AdoptionParams::default()
            };
            let found = fit(&series, &params).unwrap();
            for (x, y) in [(found.curve.m, m), (found.curve.p, p), (found.curve.q, q)] {
                assert!((x / y - 1.0).abs() < 1e-5, "{x} for {y}");
            }
        }
    }
}

fn refused() {
    let code = |series: &[f64]| {
        let refusal = fit(series, &AdoptionParams::default()).unwrap_err();
        readable_refusal(&refusal);
        refusal.code.clone()
    };
    assert_eq!(code(&RECORDERS[..5]), "adoption.too_short");
    assert_eq!(code(&RECORDERS[..6]), "adoption.before_peak");
    assert_eq!(code(&[0.0; 9]), "adoption.no_series");
    assert_eq!(
        code(&[1.0, -1.0, 2.0, 3.0, 2.0, 1.0, 1.0]),
        "adoption.no_series"
    );
    // A flat series bounds no market.
    let flat = code(&[5.0; 12]);
    assert!(
        flat == "adoption.no_potential" || flat == "adoption.no_fit",
        "{flat}"
    );
}

fn fan() {
    let range = |v, l, h| Estimate::new(v, l, h, Basis::Assumed).unwrap();
    let ranges = Ranges {
        m: range(100.0, 80.0, 120.0),
        p: range(0.03, 0.01, 0.05),
        q: range(0.38, 0.2, 0.5),
    };
    let bands = forecast(&ranges, 20, 4000, Seed(1));
    assert_eq!(bands.len(), 20);
    for pair in bands.windows(2) {
        assert!(pair[0].cumulative.value < pair[1].cumulative.value);
    }
    let last = bands[19].cumulative;
    assert!(
        last.low > 80.0 && last.high < 120.0 && last.low < last.value && last.value < last.high
    );
    assert_eq!(last.basis, Basis::Assumed);
    assert_eq!(forecast(&ranges, 20, 4000, Seed(1)), bands);
    // Without ranges the fan is the curve.
    let exact = |x| Estimate::exact(x, Basis::Assumed);
    let line = Ranges {
        m: exact(100.0),
        p: exact(0.03),
        q: exact(0.38),
    };
    let curve = Bass {
        m: 100.0,
        p: 0.03,
        q: 0.38,
    };
    for band in forecast(&line, 10, 7, Seed(2)) {
        let t = band.period as f64;
        assert_eq!(
            (band.increment.low, band.increment.high),
            (band.increment.value, band.increment.value)
        );
        assert!((band.cumulative.value - 100.0 * curve.cumulative_share(t)).abs() < 1e-9);
    }
}

fn tested() {
    for verdict in [
        Verdict::Beats,
        Verdict::DescriptiveOnly,
        Verdict::TooFewOrigins,
    ] {
        known_code(verdict.code());
    }
    // On its own curve the model is right and the naive forecast is not.
    let curve = Bass {
        m: 1000.0,
        p: 0.02,
        q: 0.5,
    };
    let own: Vec<f64> = (1..=20).map(|t| curve.increment(f64::from(t))).collect();
    let found = backtest(&own, &AdoptionParams::default(), Seed(1));
    assert_eq!(found.verdict, Verdict::Beats);
    assert!(found.model_error < 1e-3 * found.naive_error);
    // A series that repeats its last value is the naive forecast's home.
    let mut steps: Vec<f64> = own[..9].to_vec();
    steps.extend([own[8]; 9]);
    let found = backtest(&steps, &AdoptionParams::default(), Seed(1));
    assert_ne!(found.verdict, Verdict::Beats);
    assert_eq!(
        backtest(&RECORDERS[..7], &AdoptionParams::default(), Seed(1)).verdict,
        Verdict::TooFewOrigins
    );
}

fn identity() {
    let curve = Bass {
        m: 50.0,
        p: 0.01,
        q: 0.6,
    };
    let sum: f64 = (1..=60).map(|t| curve.increment(f64::from(t))).sum();
    assert!((sum - 50.0 * curve.cumulative_share(60.0)).abs() < 1e-9);
    // The rate is the slope of the curve, and largest at its peak.
    let slope = (curve.cumulative_share(7.0 + 1e-5) - curve.cumulative_share(7.0 - 1e-5)) / 2e-5;
    assert!((curve.rate(7.0) - 50.0 * slope).abs() < 1e-6);
    let t = curve.peak();
    assert!(curve.rate(t) > curve.rate(t - 0.1) && curve.rate(t) > curve.rate(t + 0.1));
}

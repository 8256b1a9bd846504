//! The backtest on made data: no look ahead, planted signals, noise, refusals.

use foundation::activity::{ActivityPanel, ActivityTable};
use foundation::coupling::CouplingError;
use foundation::coupling::backtest::{Params, Report, Verdict, backtest};
use foundation::coupling::forecast::{self, Past, Score, forecast};
use foundation::coupling::scores::Metric;
use libtest_mimic::Trial;
use model::{Seed, Year};
use rand::RngExt;

use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "coupling_scores_do_not_see_the_future",
            scores_do_not_see_the_future,
        ),
        trial("coupling_backtest_finds_a_planted_assist", planted_assist),
        trial(
            "coupling_backtest_of_noise_beats_nothing",
            noise_beats_nothing,
        ),
        trial(
            "coupling_backtest_refuses_what_is_too_small",
            too_small_is_refused,
        ),
        trial(
            "coupling_backtest_does_not_depend_on_threads_or_order",
            same_bits,
        ),
        trial(
            "coupling_backtest_intervals_cover_the_truth",
            intervals_cover,
        ),
    ]
}

const ACTIVITIES: usize = 12;

/// Values of `locations` in `years`; `weight(year, location, activity)` times noise.
fn panel(
    seed: u64,
    locations: usize,
    years: std::ops::Range<i32>,
    weight: impl Fn(i32, usize, usize) -> f64,
) -> ActivityPanel {
    let names = |p: &str, n: usize| (0..n).map(|i| format!("{p}{i:02}")).collect::<Vec<_>>();
    let table = |year: i32| {
        let mut stream = Seed(seed).stream("test.panel", year as u64);
        let values = (0..locations * ACTIVITIES)
            .map(|k| {
                let noise = 0.5 + stream.random::<f64>();
                weight(year, k / ACTIVITIES, k % ACTIVITIES) * noise
            })
            .collect();
        ActivityTable::new(names("l", locations), names("a", ACTIVITIES), values).unwrap()
    };
    ActivityPanel {
        years: years.map(|y| (Year(y), table(y))).collect(),
    }
}

/// A coin for a location, an activity and a time.
fn coin(seed: u64, a: usize, b: usize, c: i32) -> f64 {
    Seed(seed)
        .stream(&format!("test.coin/{a}/{b}"), c as u64)
        .random()
}

/// Layer 1 changes every 5 years; layer 2 has a' five years after layer 1 had a = a'.
fn planted() -> (ActivityPanel, ActivityPanel) {
    let science = |year: i32, l: usize, a: usize| {
        if coin(3, l, a, year.div_euclid(5)) < 0.3 {
            300.0
        } else {
            30.0
        }
    };
    let from = panel(1, 40, 1990..2016, science);
    let to = panel(2, 40, 1990..2016, move |year, l, a| science(year - 5, l, a));
    (from, to)
}

fn params() -> Params {
    Params {
        replicates: 300,
        k: 20,
        ..Params::default()
    }
}

fn scores_do_not_see_the_future() {
    let (from, to) = planted();
    let (other_from, other_to) = (
        panel(77, 40, 1990..2016, |_, l, a| 10.0 + (l * a) as f64),
        panel(78, 30, 1990..2016, |_, l, a| 10.0 + (l + a) as f64),
    );
    let origin = Year(2005);
    let mixed = |real: &ActivityPanel, other: &ActivityPanel| ActivityPanel {
        years: real
            .years
            .range(..=origin)
            .chain(other.years.range(Year(origin.0 + 1)..))
            .map(|(y, t)| (*y, t.clone()))
            .collect(),
    };
    let ask = |from: &ActivityPanel, to: &ActivityPanel| {
        forecast(&Past::until(from, to, origin), &forecast::Params::default()).unwrap()
    };
    let before = ask(&from, &to);
    assert_eq!(
        before,
        ask(&mixed(&from, &other_from), &mixed(&to, &other_to))
    );
    // And the test can fail: the same change at the origin changes the scores.
    let mut touched = to.clone();
    touched
        .years
        .insert(origin, other_to.years[&origin].clone());
    assert_ne!(before, ask(&from, &touched));
}

fn planted_assist() {
    let (from, to) = planted();
    let report = backtest(&from, &to, &params()).unwrap();
    assert_eq!(report.origins.first().unwrap().origin, Year(1995));
    assert_eq!(report.origins.last().unwrap().origin, Year(2010));
    for score in [Score::Assist, Score::CrossDensity] {
        assert_eq!(
            report.verdict(score),
            Some(Verdict::BeatsBaseline),
            "{score:?}"
        );
        let line = report.line(score, Metric::AveragePrecision).unwrap();
        for (baseline, gap) in &line.differences {
            let gap = gap.estimate().unwrap().value;
            assert!(gap > 0.1, "{score:?} over {baseline:?}: {gap}");
        }
    }
    assert_eq!(
        report.verdict(Score::Random),
        Some(Verdict::DescriptiveOnly)
    );
    assert_eq!(report.verdict(Score::Autocorrelation), None);
}

/// Presence is a coin of every year: nothing can be forecast.
fn noise(seed: u64) -> Report {
    let draw = |year: i32, l: usize, a: usize| {
        if coin(seed, l, a, year) < 0.3 {
            300.0
        } else {
            30.0
        }
    };
    let panel = panel(seed, 30, 1990..2011, draw);
    backtest(
        &panel,
        &panel,
        &Params {
            seed: Seed(seed),
            ..params()
        },
    )
    .unwrap()
}

fn noise_beats_nothing() {
    // 5 scores of 12 seeds; by chance 2.5 % of the differences lie above 0.
    let mut beaten = 0;
    for seed in 0..12 {
        let report = noise(100 + seed);
        for score in Score::ALL {
            beaten += usize::from(report.verdict(score) == Some(Verdict::BeatsBaseline));
        }
    }
    assert!(beaten <= 6, "{beaten} of 60 verdicts on noise");
}

fn intervals_cover() {
    // ROC-AUC of any score on noise is 1/2 in truth.
    let (mut inside, mut all) = (0, 0);
    for seed in 0..30 {
        let report = noise(500 + seed);
        let auc = report.line(Score::Random, Metric::RocAuc).unwrap();
        let auc = auc.value.estimate().unwrap();
        inside += usize::from(auc.low <= 0.5 && 0.5 <= auc.high);
        all += 1;
    }
    // 95 % intervals: fewer than 25 of 30 would be rarer than 1 in 100.
    assert!(inside >= 25, "{inside} of {all} intervals hold the truth");
}

fn too_small_is_refused() {
    let (from, to) = planted();
    let few = Params {
        origins: vec![Year(2000)],
        ..params()
    };
    match backtest(&from, &to, &few) {
        Err(CouplingError::Refused(refusal)) => {
            assert_eq!(refusal.code, "coupling.backtest_too_small");
        }
        other => panic!("{other:?}"),
    }
    let wrong = Params {
        level: 1.0,
        ..params()
    };
    assert!(matches!(
        backtest(&from, &to, &wrong),
        Err(CouplingError::Parameter { .. })
    ));
}

fn same_bits() {
    let (from, to) = planted();
    let params = Params {
        replicates: 60,
        origins: vec![Year(1997), Year(2001), Year(2005)],
        ..params()
    };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| backtest(&from, &to, &params).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(3));
    let turned = |panel: &ActivityPanel| ActivityPanel {
        years: panel
            .years
            .iter()
            .map(|(y, t)| {
                let mut rows = Vec::new();
                for (l, location) in t.locations().iter().enumerate() {
                    for (a, activity) in t.activities().iter().enumerate() {
                        rows.push((location.as_str(), activity.as_str(), t.value(l, a)));
                    }
                }
                rows.reverse();
                (*y, ActivityTable::from_rows(rows).unwrap())
            })
            .collect(),
    };
    assert_eq!(
        one,
        backtest(&turned(&from), &turned(&to), &params).unwrap()
    );
}

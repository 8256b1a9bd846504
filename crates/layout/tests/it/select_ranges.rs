//! Selection from ranges: properties, refusals and hand cases.

use layout::select::{Performance, SelectParams, Selection, Separation, WeightRange, select};
use libtest_mimic::Trial;
use model::{Basis, Criterion, Estimate, Industry, Message, Quantity, Seed};
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::{known_code, readable, readable_refusal, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("select::dominance_is_certain", dominance),
        trial("select::half_the_simplex_by_hand", half),
        trial("select::weight_ranges_bind", ranges),
        trial("select::shares_add_up", shares),
        trial("select::order_and_threads_do_not_matter", permuted),
        trial(
            "select::another_alternative_does_not_change_the_draws",
            streams,
        ),
        trial("select::unknown_cells_are_flagged_and_wide", unknown),
        trial("select::refusals_are_named", refusals),
    ]
}

fn known(value: f64) -> Quantity {
    Quantity::exact(value, Basis::Measured)
}

fn between(value: f64, low: f64, high: f64) -> Quantity {
    Estimate::new(value, low, high, Basis::Judged)
        .unwrap()
        .into()
}

fn missing() -> Quantity {
    Quantity::not_estimated(Message::new("not_estimated"))
}

fn table(cells: Vec<Vec<Quantity>>) -> Performance {
    Performance {
        alternatives: (0..cells.len())
            .map(|i| Industry::from(format!("i{i}")))
            .collect(),
        criteria: (0..cells[0].len())
            .map(|j| Criterion::from(format!("k{j}")))
            .collect(),
        cells,
    }
}

fn params(top: usize) -> SelectParams {
    SelectParams {
        top,
        draws: 4_000,
        ..SelectParams::default()
    }
}

fn random_table(n: usize, m: usize, index: u64) -> Performance {
    let mut rng = Seed(1).stream("table", index);
    table(
        (0..n)
            .map(|_| {
                (0..m)
                    .map(|_| {
                        if rng.random_bool(0.1) {
                            return missing();
                        }
                        let mut ends: [f64; 3] = rng.random();
                        ends.sort_by(f64::total_cmp);
                        between(ends[1], ends[0], ends[2])
                    })
                    .collect()
            })
            .collect(),
    )
}

fn of<'a>(s: &'a Selection, id: &str) -> &'a layout::select::Candidate {
    s.candidates
        .iter()
        .find(|c| c.industry.as_str() == id)
        .unwrap()
}

fn dominance() {
    let s = select(
        &table(vec![
            vec![known(0.9), known(0.8)],
            vec![known(0.5), known(0.4)],
            vec![known(0.1), known(0.3)],
        ]),
        &params(1),
        Seed(1),
    )
    .unwrap();
    let order: Vec<&str> = s.candidates.iter().map(|c| c.industry.as_str()).collect();
    assert_eq!(order, ["i0", "i1", "i2"]);
    assert_eq!(of(&s, "i0").top_acceptability.value, 1.0);
    assert_eq!(of(&s, "i0").separation, Separation::In);
    assert_eq!(of(&s, "i1").separation, Separation::Out);
    assert!(of(&s, "i2").central_weights.is_none());
    assert_eq!(s.finding().id, "select.all_separated");
    readable(&s.finding());
    assert_eq!(s.chosen().count(), 1);
}

/// i0 = (1, 0), i1 = (0, 1), i2 = (0, 0): i0 is first where w0 > 1/2, half of the weights; its central
/// weight is the mean of a uniform number on [1/2, 1] = 3/4.
fn half() {
    let s = select(
        &table(vec![
            vec![known(1.0), known(0.0)],
            vec![known(0.0), known(1.0)],
            vec![known(0.0), known(0.0)],
        ]),
        &params(1),
        Seed(2),
    )
    .unwrap();
    let first = of(&s, "i0").top_acceptability;
    assert!(first.low < 0.5 && 0.5 < first.high && first.width() < 0.04);
    let central = of(&s, "i0").central_weights.as_ref().unwrap();
    let w0 = central.weights[0].1;
    assert!(
        w0.low < 0.75 && 0.75 < w0.high && w0.width() < 0.02,
        "{w0:?}"
    );
    assert_eq!(of(&s, "i0").separation, Separation::NotSeparated);
    assert_eq!(s.not_separated().len(), 2);
    assert!(readable(&s.finding()).contains("i0, i1"));
    known_code(Separation::In.code());
    known_code(Separation::Out.code());
    // Two ranks, half of the draws each: one bit.
    assert!((of(&s, "i0").rank_entropy.value - 1.0).abs() < 0.01);
}

fn ranges() {
    let mut p = params(1);
    p.weights = vec![WeightRange {
        criterion: "k0".into(),
        low: 0.6,
        high: 0.8,
    }];
    let s = select(
        &table(vec![
            vec![known(1.0), known(0.0)],
            vec![known(0.0), known(1.0)],
            vec![known(0.0), known(0.0)],
        ]),
        &p,
        Seed(2),
    )
    .unwrap();
    assert_eq!(of(&s, "i0").top_acceptability.value, 1.0);
    let w0 = of(&s, "i0").central_weights.as_ref().unwrap().weights[0].1;
    assert!((w0.value - 0.7).abs() < 0.005);
}

fn shares() {
    for index in 0..30 {
        let t = random_table(5, 4, index);
        let mut p = params(2);
        p.draws = 500;
        let Ok(s) = select(&t, &p, Seed(index)) else {
            continue;
        };
        let n = s.candidates.len();
        for c in &s.candidates {
            let all: f64 = c.rank_acceptability.iter().map(|b| b.value).sum();
            assert!((all - 1.0).abs() < 1e-12);
            let top: f64 = c.rank_acceptability[..2].iter().map(|b| b.value).sum();
            assert!((top - c.top_acceptability.value).abs() < 1e-12);
            for b in &c.rank_acceptability {
                assert!(0.0 <= b.low && b.low <= b.value && b.value <= b.high && b.high <= 1.0);
                assert!(b.width() > 0.0);
                assert_eq!(b.basis, Basis::Judged);
            }
            assert!(c.rank_entropy.high <= (n as f64).log2() + 1e-12);
            if let Some(central) = &c.central_weights {
                let sum: f64 = central.weights.iter().map(|w| w.1.value).sum();
                assert!((sum - 1.0).abs() < 1e-9);
            }
        }
        // Continuous draws do not tie, so each rank is taken once in each draw.
        for r in 0..n {
            let taken: f64 = s
                .candidates
                .iter()
                .map(|c| c.rank_acceptability[r].value)
                .sum();
            assert!((taken - 1.0).abs() < 1e-9);
        }
    }
}

fn permuted() {
    let t = random_table(7, 5, 3);
    let mut p = params(3);
    p.max_unknown_share = 1.0;
    p.weights = vec![
        WeightRange {
            criterion: "k1".into(),
            low: 0.3,
            high: 0.5,
        },
        WeightRange {
            criterion: "k3".into(),
            low: 0.0,
            high: 0.1,
        },
    ];
    let straight = select(&t, &p, Seed(5)).unwrap();
    let mut rng = Seed(6).stream("shuffle", 0);
    for _ in 0..5 {
        let mut rows: Vec<usize> = (0..7).collect();
        let mut columns: Vec<usize> = (0..5).collect();
        rows.shuffle(&mut rng);
        columns.shuffle(&mut rng);
        let shuffled = Performance {
            alternatives: rows.iter().map(|i| t.alternatives[*i].clone()).collect(),
            criteria: columns.iter().map(|j| t.criteria[*j].clone()).collect(),
            cells: rows
                .iter()
                .map(|i| columns.iter().map(|j| t.cells[*i][*j].clone()).collect())
                .collect(),
        };
        p.weights.reverse();
        assert_eq!(straight, select(&shuffled, &p, Seed(5)).unwrap());
    }
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(straight, one.install(|| select(&t, &p, Seed(5)).unwrap()));
    assert_ne!(straight, select(&t, &p, Seed(6)).unwrap());
}

fn streams() {
    let mut t = random_table(4, 3, 11);
    let mut p = params(1);
    p.max_unknown_share = 1.0;
    let before = select(&t, &p, Seed(5)).unwrap();
    t.alternatives.insert(0, Industry::from("a_hopeless_one"));
    t.cells.insert(0, vec![known(0.0); 3]);
    let after = select(&t, &p, Seed(5)).unwrap();
    for c in &before.candidates {
        let same = of(&after, c.industry.as_str());
        assert_eq!(c.top_acceptability.value, same.top_acceptability.value);
        assert_eq!(c.confidence, same.confidence);
    }
}

/// One criterion; i0 unknown, i1 = 0.25, i2 = 0: i0 is uniform on [0, 1] and first in 3/4 of the draws.
fn unknown() {
    let mut p = params(1);
    p.max_unknown_share = 1.0;
    let t = table(vec![vec![missing()], vec![known(0.25)], vec![known(0.0)]]);
    let s = select(&t, &p, Seed(8)).unwrap();
    let c = of(&s, "i0");
    assert!((c.top_acceptability.value - 0.75).abs() < 0.03);
    assert_eq!(c.unknown, [Criterion::from("k0")]);
    assert_eq!(c.separation, Separation::NotSeparated);
}

fn refusals() {
    let code = |cells: Vec<Vec<Quantity>>, change: &dyn Fn(&mut SelectParams)| {
        let mut p = params(1);
        change(&mut p);
        match select(&table(cells), &p, Seed(0)) {
            Ok(_) => "none".to_owned(),
            Err(refusal) => {
                readable_refusal(&refusal);
                refusal.code
            }
        }
    };
    let three = || vec![vec![known(0.1), known(0.2)]; 3];
    assert_eq!(code(three(), &|_| ()), "none");
    assert_eq!(code(three(), &|p| p.draws = 0), "select.no_draws");
    assert_eq!(code(three(), &|p| p.top = 3), "select.nothing_to_choose");
    assert_eq!(code(three(), &|p| p.top = 0), "select.nothing_to_choose");
    assert_eq!(
        code(three(), &|p| p.in_above = 0.1),
        "select.bad_thresholds"
    );
    assert_eq!(code(three()[..2].to_vec(), &|_| ()), "select.too_few");
    let mut cells = three();
    cells[1].pop();
    assert_eq!(code(cells, &|_| ()), "select.malformed");
    let mut cells = three();
    cells[0][0] = known(1.5);
    assert_eq!(code(cells, &|_| ()), "select.not_scaled");
    let mut cells = three();
    for row in &mut cells {
        row[1] = missing();
    }
    assert_eq!(code(cells, &|_| ()), "select.unmeasured_criterion");
    let range = |low, high| WeightRange {
        criterion: "k0".into(),
        low,
        high,
    };
    assert_eq!(
        code(three(), &|p| p.weights = vec![range(0.7, 0.2)]),
        "select.bad_weight_range"
    );
    let both = |low, high| {
        let mut second = range(low, high);
        second.criterion = "k1".into();
        vec![range(low, high), second]
    };
    assert_eq!(
        code(three(), &|p| p.weights = both(0.6, 0.9)),
        "select.infeasible_weights"
    );
    assert_eq!(
        code(three(), &|p| p.weights = both(0.1, 0.4)),
        "select.infeasible_weights"
    );
    let mut t = table(vec![vec![known(0.1), known(0.2)]; 4]);
    t.cells[2] = vec![missing(), missing()];
    let s = select(&t, &params(1), Seed(0)).unwrap();
    assert_eq!(s.refused[0].0, Industry::from("i2"));
    assert_eq!(s.refused[0].1.code, "select.too_little_known");
    readable_refusal(&s.refused[0].1);
    for c in &s.candidates {
        known_code(c.separation.code());
    }
    assert_eq!(s.candidates.len(), 3);
}

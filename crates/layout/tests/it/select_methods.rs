//! TOPSIS, PROMETHEE II and rank reversal against published rows and other programs.

use layout::select::{Decision, Preference, Sense, promethee, ranks, reversals, topsis};
use libtest_mimic::Trial;

use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("select::topsis_published_rows", topsis_rows),
        trial("select::promethee_published_rows", promethee_rows),
        trial("select::promethee_six_shapes_by_hand", shapes),
        trial("select::peers_agree_on_random_tables", peers),
        trial("select::topsis_reverses_and_names_the_third", reversal),
        trial("select::tables_that_are_none_are_refused", refused),
    ]
}

fn decision(values: &[&[f64]], weights: &[f64]) -> Decision {
    Decision::new(
        values.iter().map(|row| row.to_vec()).collect(),
        vec![Sense::Benefit; weights.len()],
        weights.to_vec(),
    )
    .unwrap()
}

/// Tzeng & Huang 2011.
fn tzeng_huang() -> Decision {
    decision(
        &[
            &[5.0, 8.0, 4.0],
            &[7.0, 6.0, 8.0],
            &[8.0, 8.0, 6.0],
            &[7.0, 4.0, 6.0],
        ],
        &[0.3, 0.4, 0.3],
    )
}

/// Tzeng & Huang (2011) as printed in the tests of scikit-criteria, and its raw two-row case without vector norm.
fn topsis_rows() {
    let c = topsis(&tzeng_huang());
    for (found, expected) in c.iter().zip([0.5037, 0.6581, 0.7482, 0.3340]) {
        assert!((found.unwrap() - expected).abs() < 1e-4, "{c:?}");
    }
    let order: Vec<usize> = ranks(&c).into_iter().flatten().collect();
    assert_eq!(order, [3, 2, 1, 4]);
    // Rows (1, 0, 3) and (0, 5, 6) with weights 1: the norms are 1, 5, √45.
    let c = topsis(&decision(
        &[&[1.0, 0.0, 3.0], &[0.0, 5.0, 6.0]],
        &[1.0, 1.0, 1.0],
    ));
    // D+ of row 1: sqrt(0 + 1 + (3/√45)²) = sqrt(1.2); D- = 1. C = 1 / (1 + sqrt(1.2)).
    assert!((c[0].unwrap() - 1.0 / (1.0 + 1.2_f64.sqrt())).abs() < 1e-12);
    assert_eq!(topsis(&decision(&[&[2.0], &[2.0]], &[1.0])), [None, None]);
}

fn promethee_rows() {
    let net = |preference: Preference| -> Vec<f64> {
        promethee(&tzeng_huang(), &[preference; 3])
            .iter()
            .map(|f| f.net)
            .collect()
    };
    let close = |found: &[f64], expected: [f64; 4]| {
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() < 1e-4, "{found:?} {expected:?}");
        }
    };
    close(&net(Preference::Usual), [-0.3333, 0.1667, 0.5667, -0.4]);
    close(
        &net(Preference::VShape { p: 3.0 }),
        [-0.2444, 0.1778, 0.3889, -0.3222],
    );
    let flows = promethee(&tzeng_huang(), &[]);
    let plus: Vec<f64> = flows.iter().map(|f| f.leaving).collect();
    let minus: Vec<f64> = flows.iter().map(|f| f.entering).collect();
    close(&plus, [0.2667, 0.5333, 0.6667, 0.2]);
    close(&minus, [0.6, 0.3667, 0.1, 0.6]);
}

fn shapes() {
    let of = |p: Preference| [-1.0, 0.5, 1.0, 1.5, 2.0, 3.0].map(|d| p.of(d));
    assert_eq!(of(Preference::Usual), [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(
        of(Preference::UShape { q: 1.0 }),
        [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    );
    assert_eq!(
        of(Preference::VShape { p: 2.0 }),
        [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    );
    let (q, p) = (1.0, 2.0);
    assert_eq!(
        of(Preference::Level { q, p }),
        [0.0, 0.0, 0.0, 0.5, 0.5, 1.0]
    );
    assert_eq!(
        of(Preference::Linear { q, p }),
        [0.0, 0.0, 0.0, 0.5, 1.0, 1.0]
    );
    // 1 - exp(-1/2) = 0.393469
    let g = of(Preference::Gaussian { s: 1.0 });
    assert!(g[0] == 0.0 && (g[2] - 0.393_469_340).abs() < 1e-9);
    assert!(!Preference::Linear { q: 2.0, p: 1.0 }.is_valid());
    assert!(!Preference::Gaussian { s: 0.0 }.is_valid());
}

/// pymcdm 1.4.0 and scikit-criteria 0.10 on twelve random tables, some with costs (computed by us; q = 1, p = 4).
fn peers() {
    let text = include_str!("../golden/select_peers.csv");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let numbers =
        |cell: &str| -> Vec<f64> { cell.split(';').map(|x| x.parse().unwrap()).collect() };
    let (q, p) = (1.0, 4.0);
    let shapes = [
        (7, Preference::Usual),
        (8, Preference::UShape { q }),
        (9, Preference::VShape { p }),
        (10, Preference::Level { q, p }),
        (11, Preference::Linear { q, p }),
    ];
    let mut checked = 0;
    for case in 0..12 {
        let of: Vec<&Vec<&str>> = rows.iter().filter(|r| r[0] == case.to_string()).collect();
        let senses = numbers(of[0][4])
            .iter()
            .map(|s| {
                if *s > 0.0 {
                    Sense::Benefit
                } else {
                    Sense::Cost
                }
            })
            .collect();
        let table = Decision::new(
            of.iter().map(|r| numbers(r[2])).collect(),
            senses,
            numbers(of[0][3]),
        )
        .unwrap();
        let closeness = topsis(&table);
        for (i, row) in of.iter().enumerate() {
            for column in [5, 6] {
                let expected: f64 = row[column].parse().unwrap();
                assert!((closeness[i].unwrap() - expected).abs() < 1e-12);
                checked += 1;
            }
        }
        for (column, shape) in shapes {
            let flows = promethee(&table, &vec![shape; table.criteria()]);
            assert!(flows.iter().map(|f| f.net).sum::<f64>().abs() < 1e-12);
            for (flow, row) in flows.iter().zip(&of) {
                let expected: f64 = row[column].parse().unwrap();
                assert!((flow.net - expected).abs() < 1e-12, "{case} {shape:?}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 62 * 7);
}

/// Found by search over small whole numbers; the order of 0 and 1 turns when 2 is left out, by hand below.
fn reversal() {
    let mut found = None;
    'search: for a in 1..8 {
        for b in 1..8 {
            for c in 1..8 {
                let table = decision(
                    &[
                        &[f64::from(a), 6.0],
                        &[6.0, f64::from(b)],
                        &[f64::from(c) * 3.0, 1.0],
                    ],
                    &[0.5, 0.5],
                );
                let turned = reversals(&table, &topsis, 1e-9);
                if let Some(r) = turned.first() {
                    found = Some((table, *r));
                    break 'search;
                }
            }
        }
    }
    let (table, r) = found.expect("TOPSIS is known for reversals");
    let whole = topsis(&table);
    assert!(whole[r.better].unwrap() > whole[r.worse].unwrap());
    let part = topsis(&table.without(r.without).unwrap());
    let at = |i: usize| part[if i > r.without { i - 1 } else { i }].unwrap();
    assert!(at(r.better) < at(r.worse));
    // A plain weighted sum never turns an order round.
    let sum = |d: &Decision| -> Vec<Option<f64>> {
        (0..d.alternatives())
            .map(|i| {
                Some(
                    (0..d.criteria())
                        .map(|j| d.weights()[j] * d.value(i, j))
                        .sum(),
                )
            })
            .collect()
    };
    assert!(reversals(&table, &sum, 1e-9).is_empty());
}

fn refused() {
    let one = vec![Sense::Benefit];
    assert!(Decision::new(vec![], one.clone(), vec![1.0]).is_err());
    assert!(Decision::new(vec![vec![1.0, 2.0]], one.clone(), vec![1.0]).is_err());
    assert!(Decision::new(vec![vec![f64::NAN]], one.clone(), vec![1.0]).is_err());
    assert!(Decision::new(vec![vec![1.0]], one.clone(), vec![0.0]).is_err());
    assert!(Decision::new(vec![vec![1.0]], one, vec![-1.0]).is_err());
}

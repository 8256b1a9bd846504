//! The composite-indicator chain against COINr's stored ASEM example stage by stage, other programs, and by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use layout::select::composite::{
    Aggregation, Choices, Element, Framework, Hierarchy, Imputation, LeaveOut, Method,
    Normalisation, Positive, Table, Transform, Treated, Treatment, Uncertain, WeightScheme,
    aggregate, benefit_of_the_doubt, composite, correlation_ratio, denominate, drop_one, impute,
    kurtosis, leave_one_out, normalise, pca, skewness, treat,
};
use layout::select::{Sense, SobolParams, sobol};
use libtest_mimic::Trial;
use model::{Criterion, Industry, Seed};

use crate::trial;

pub fn trials() -> Vec<Trial> {
    let absent = !folder().join("stage_Raw.csv").exists();
    vec![
        trial("select::asem_stage_by_stage_to_1e_9", stages).with_ignored_flag(absent),
        trial("select::asem_from_raw_to_index", whole).with_ignored_flag(absent),
        trial("select::asem_robustness_runs", robustness).with_ignored_flag(absent),
        trial("select::normalisations_by_hand", normalisations),
        trial("select::aggregations_by_hand", aggregations),
        trial("select::treatment_against_scipy", treatment),
        trial("select::weights_against_numpy_and_scipy", weights),
        trial("select::missing_stays_missing", missing),
        trial("select::choices_left_out_and_reversals", choices),
    ]
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/decisions/coinr_asem")
}

/// Cells of a quoted CSV without line breaks in cells.
fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let cells = |line: &str| -> Vec<String> {
        let mut out = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => out.push(String::new()),
                c => out.last_mut().unwrap().push(c),
            }
        }
        out
    };
    let mut lines = text.lines();
    let heading = cells(lines.next().unwrap());
    lines
        .map(|line| heading.iter().cloned().zip(cells(line)).collect())
        .collect()
}

fn number(cell: &str) -> Option<f64> {
    (!cell.is_empty() && cell != "NA").then(|| cell.parse().unwrap())
}

struct Asem {
    meta: Vec<BTreeMap<String, String>>,
    indicators: Vec<Criterion>,
    units: Vec<Industry>,
}

impl Asem {
    fn read() -> Self {
        let meta = rows("iMeta.csv");
        let of = |kind: &str| -> Vec<Criterion> {
            let chosen = meta.iter().filter(|m| m["Type"] == kind);
            chosen.map(|m| m["iCode"].as_str().into()).collect()
        };
        let indicators = of("Indicator");
        let units = (rows("stage_Raw.csv").iter())
            .map(|r| r["UnitCode"].as_str().into())
            .collect();
        Self {
            meta,
            indicators,
            units,
        }
    }

    fn table(&self, file: &str, columns: &[Criterion]) -> Table {
        let rows = rows(file);
        let columns_of = columns
            .iter()
            .map(|c| rows.iter().map(|r| number(&r[c.as_str()])).collect())
            .collect();
        Table::of_values(self.units.clone(), columns.to_vec(), columns_of).unwrap()
    }

    fn of(&self, code: &Criterion) -> &BTreeMap<String, String> {
        self.meta
            .iter()
            .find(|m| m["iCode"] == code.as_str())
            .unwrap()
    }

    fn framework(&self) -> Framework {
        let denominators: Vec<Criterion> = (self.meta.iter())
            .filter(|m| m["Type"] == "Denominator")
            .map(|m| m["iCode"].as_str().into())
            .collect();
        let elements = (self.meta.iter())
            .filter(|m| m["Type"] == "Indicator" || m["Type"] == "Aggregate")
            .map(|m| Element {
                code: m["iCode"].as_str().into(),
                parent: (!m["Parent"].is_empty()).then(|| m["Parent"].as_str().into()),
                weight: number(&m["Weight"]).unwrap(),
            })
            .collect();
        let groups = rows("iData.csv");
        Framework {
            table: self.table("stage_Raw.csv", &self.indicators),
            senses: (self.indicators.iter())
                .map(|c| match self.of(c)["Direction"].as_str() {
                    "-1" => Sense::Cost,
                    _ => Sense::Benefit,
                })
                .collect(),
            targets: vec![None; self.indicators.len()],
            groups: groups
                .iter()
                .map(|r| Some(r["EurAsia_group"].clone()))
                .collect(),
            hierarchy: Hierarchy::new(elements).unwrap(),
            denominators: Some(self.table("iData.csv", &denominators)),
            denominate_by: (self.indicators.iter())
                .map(|c| {
                    let d = &self.of(c)["Denominator"];
                    (!d.is_empty() && d != "NA").then(|| d.as_str().into())
                })
                .collect(),
        }
    }
}

/// The choices of `method.txt`: means by group, winsorising by 2 and 3.5 (else log), min-max, arithmetic means.
fn method() -> Method {
    Method {
        imputation: Imputation::GroupMean,
        ..Method::default()
    }
}

fn near(found: &Table, expected: &Table) {
    for j in 0..expected.indicators().len() {
        for i in 0..expected.units().len() {
            match (found.value(j, i), expected.value(j, i)) {
                (None, None) => {}
                (Some(f), Some(e)) => assert!(
                    (f - e).abs() <= 1e-9 * e.abs().max(1e-3),
                    "{} {}: {f} {e}",
                    expected.indicators()[j],
                    expected.units()[i]
                ),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Every stage from the stored stage before it.
fn stages() {
    let asem = Asem::read();
    let f = asem.framework();
    let stage = |name: &str| asem.table(&format!("stage_{name}.csv"), &asem.indicators);
    let d = denominate(&f.table, f.denominators.as_ref().unwrap(), &f.denominate_by).unwrap();
    near(&d, &stage("Denominated"));
    let imputed = impute(&stage("Denominated"), Imputation::GroupMean, &f.groups);
    assert_eq!(imputed.filled.len(), 65);
    near(&imputed.table, &stage("Imputed"));
    let (treated, done) = treat(&stage("Imputed"), &Treatment::default());
    near(&treated, &stage("Treated"));
    let changed = done.iter().filter(|t| **t != Treated::Nothing).count();
    assert_eq!(changed, 15);
    let n = normalise(
        &stage("Treated"),
        &Normalisation::default(),
        &f.senses,
        &f.targets,
    );
    near(&n, &stage("Normalised"));
    // Means of every level from the stored normalised stage; every third country of the reference is withheld.
    let mut from_normalised = f.clone();
    from_normalised.table = stage("Normalised");
    from_normalised.denominators = None;
    from_normalised.senses = vec![Sense::Benefit; asem.indicators.len()];
    let plain = Method {
        treatment: None,
        normalisation: Normalisation::MinMax {
            low: 0.0,
            high: 100.0,
        },
        ..Method::default()
    };
    let c = composite(&from_normalised, &plain).unwrap();
    assert_eq!(checked(&asem, &f.hierarchy, &c.scores, 1e-9), 34 * 11);
}

/// Aggregates against the stored ones; how many were compared.
fn checked(asem: &Asem, tree: &Hierarchy, scores: &[Vec<Option<f64>>], tolerance: f64) -> usize {
    let mut compared = 0;
    for row in rows("stage_Aggregated.csv") {
        let unit = asem
            .units
            .iter()
            .position(|u| u.as_str() == row["UnitCode"])
            .unwrap();
        for (k, element) in tree.elements().iter().enumerate() {
            if tree.children(k).is_empty() {
                continue;
            }
            let (Some(expected), Some(found)) =
                (number(&row[element.code.as_str()]), scores[k][unit])
            else {
                continue;
            };
            assert!(
                (found - expected).abs() < tolerance,
                "{} {}: {found} {expected}",
                element.code,
                row["UnitCode"]
            );
            compared += 1;
        }
    }
    compared
}

/// From the raw table in one go. The stored raw stage is rounded to ten digits, its successors are not: 1e-6 of 100 points.
fn whole() {
    let asem = Asem::read();
    let f = asem.framework();
    let c = composite(&f, &method()).unwrap();
    assert_eq!(checked(&asem, &f.hierarchy, &c.scores, 1e-6), 34 * 11);
    assert_eq!(c.ranks.iter().flatten().count(), 51);
    let effective: f64 = f
        .hierarchy
        .leaves()
        .iter()
        .map(|k| f.hierarchy.effective_weight(*k))
        .sum();
    assert!((effective - 1.0).abs() < 1e-12);
}

fn robustness() {
    let asem = Asem::read();
    let f = asem.framework();
    let method = method();
    let choices = Choices {
        normalisations: vec![
            Normalisation::default(),
            Normalisation::ZScore { mean: 0.0, sd: 1.0 },
            Normalisation::Rank,
        ],
        aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
        weight_spread: 0.25,
        leave_out: LeaveOut::OneIndicator,
        ..Choices::default()
    };
    let uncertain = Uncertain::new(&f, &method, &choices, Seed(1));
    let names: Vec<String> = uncertain.inputs().into_iter().map(|i| i.name).collect();
    assert_eq!(
        names,
        ["weights", "normalisation", "aggregation", "left_out"]
    );
    let r = uncertain.robustness(200, 10).unwrap();
    assert_eq!(r.failed, 0);
    assert!(
        r.mean_shift.value > 0.5 && r.mean_shift.value < 10.0,
        "{:?}",
        r.mean_shift
    );
    for unit in &r.units {
        assert!(unit.p05 <= unit.median && unit.median <= unit.p95);
        assert_eq!(unit.ranked.value, 1.0);
    }
    let total: f64 = r.units.iter().map(|u| u.top.value).sum();
    assert!((total - 10.0).abs() < 0.2);
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(r, one.install(|| uncertain.robustness(200, 10).unwrap()));
    // Which choice drives the score of the first unit: indices exist and the interactions do not exceed the variance by far.
    let params = SobolParams {
        base: 64,
        replicates: 50,
        seed: Seed(1),
    };
    let outputs = |u: &[f64]| vec![uncertain.scores(u).unwrap()[0].unwrap()];
    let s = sobol(&uncertain.inputs(), &outputs, &params).unwrap();
    let indices = s[0].indices.as_ref().unwrap();
    assert!(indices.iter().all(|i| i.total.value > -0.05));
    let norm = indices.iter().find(|i| i.input == "normalisation").unwrap();
    assert!(norm.total.value > 0.5, "scales differ by far: {norm:?}");
    let dropped = drop_one(&f, &method, 10).unwrap();
    assert_eq!(dropped.len(), 49);
    assert!(dropped.iter().all(|d| d.mean_shift.unwrap() < 10.0));
    let index = f.hierarchy.root();
    let c = composite(&f, &method).unwrap();
    let s = correlation_ratio(&c.normalised.values(0), &c.scores[index], 100, Seed(1)).unwrap();
    assert!(s.correlation_ratio.value >= 0.0 && s.correlation_ratio.value <= 1.0);
}

fn table(columns: &[&[Option<f64>]]) -> Table {
    Table::of_values(
        (0..columns[0].len())
            .map(|i| format!("u{i}").into())
            .collect(),
        (0..columns.len()).map(|j| format!("x{j}").into()).collect(),
        columns.iter().map(|c| c.to_vec()).collect(),
    )
    .unwrap()
}

fn normalisations() {
    let t = table(&[&[Some(2.0), Some(4.0), None, Some(4.0), Some(10.0)]]);
    let of = |how: &Normalisation, sense: Sense, target: Option<f64>| {
        normalise(&t, how, &[sense], &[target]).values(0)
    };
    let minmax = Normalisation::default();
    assert_eq!(
        of(&minmax, Sense::Benefit, None),
        [Some(0.0), Some(25.0), None, Some(25.0), Some(100.0)]
    );
    assert_eq!(
        of(&minmax, Sense::Cost, None),
        [Some(100.0), Some(75.0), None, Some(75.0), Some(0.0)]
    );
    assert_eq!(
        of(&Normalisation::Rank, Sense::Benefit, None),
        [Some(1.0), Some(2.0), None, Some(2.0), Some(4.0)]
    );
    assert_eq!(
        of(&Normalisation::Borda, Sense::Benefit, None),
        [Some(0.0), Some(1.0), None, Some(1.0), Some(3.0)]
    );
    assert_eq!(
        of(&Normalisation::Percentile, Sense::Benefit, None),
        [Some(0.0), Some(1.0 / 3.0), None, Some(1.0 / 3.0), Some(1.0)]
    );
    // Mean 5, s² = (9 + 1 + 1 + 25)/3 = 12.
    let z = of(
        &Normalisation::ZScore { mean: 0.0, sd: 1.0 },
        Sense::Benefit,
        None,
    );
    assert!((z[0].unwrap() + 3.0 / 12.0_f64.sqrt()).abs() < 1e-12);
    let to_target = Normalisation::Reference { unit: None };
    assert_eq!(of(&to_target, Sense::Benefit, Some(6.0))[1], Some(0.5));
    assert_eq!(of(&to_target, Sense::Benefit, None)[4], Some(1.0));
    let to_unit = Normalisation::Reference {
        unit: Some("u1".to_owned()),
    };
    assert_eq!(of(&to_unit, Sense::Benefit, None)[4], Some(4.0));
    // Less is better, best value 2, worst 10: 4 lies at (10 - 4)/(10 - 2).
    assert_eq!(of(&to_target, Sense::Cost, None)[1], Some(0.75));
    let flat = table(&[&[Some(1.0), Some(1.0)]]);
    assert_eq!(
        normalise(&flat, &minmax, &[Sense::Benefit], &[None]).values(0),
        [None, None]
    );
}

fn aggregations() {
    let parts = [
        vec![Some(2.0), Some(8.0), Some(4.0), None],
        vec![Some(8.0), Some(2.0), Some(4.0), Some(6.0)],
    ];
    let of = |how, w: [f64; 2], least: f64| aggregate(&parts, &w, how, least);
    assert_eq!(
        of(Aggregation::Arithmetic, [1.0, 1.0], 0.5),
        [Some(5.0), Some(5.0), Some(4.0), Some(6.0)]
    );
    assert_eq!(of(Aggregation::Arithmetic, [1.0, 1.0], 0.6)[3], None);
    let g = of(Aggregation::Geometric, [1.0, 1.0], 0.5);
    assert!((g[0].unwrap() - 4.0).abs() < 1e-12 && (g[2].unwrap() - 4.0).abs() < 1e-12);
    // 2 / (1/2 + 1/8) = 3.2
    let h = of(Aggregation::Harmonic, [1.0, 1.0], 0.5);
    assert!((h[0].unwrap() - 3.2).abs() < 1e-12);
    // w = (2, 1): unit 1 beats 0 and 2 on the heavy part and loses to 3 on the light one, the only one both have: 2 - 1 = 1.
    let c = of(Aggregation::Copeland, [2.0, 1.0], 0.3);
    assert_eq!(c, [Some(-1.0), Some(1.0), Some(-1.0), Some(1.0)]);
    let zero = [vec![Some(0.0)], vec![Some(5.0)]];
    assert_eq!(
        aggregate(&zero, &[1.0, 1.0], Aggregation::Geometric, 0.0),
        [None]
    );
}

/// scipy 1.17: skew and kurtosis without bias; the likeliest λ of Box and Cox on the shifted series.
fn treatment() {
    let x = [
        0.224, 2.8125, 1.8089, 2.8529, 9.5335, 5.9378, 0.253, 0.1318, 2.6652, 0.2958, 0.9852,
        2.7392, 0.1391, 0.0795, 1.365, 1.0547, 0.7446, 1.0473, 0.3561, 0.1626, 0.8187, 0.3116,
        0.1392, 1.8346, 0.929, 1.6288, 0.3051, 0.454, 0.3015, 0.3451,
    ];
    assert!((skewness(&x).unwrap() - 2.894_612_206_750_947).abs() < 1e-12);
    assert!((kurtosis(&x).unwrap() - 9.725_725_127_205_52).abs() < 1e-10);
    let t = table(&[&x.map(Some)]);
    let none = Treatment {
        most_points: 0,
        otherwise: Transform::BoxCox,
        ..Treatment::default()
    };
    let (_, done) = treat(&t, &none);
    let Treated::BoxCox { lambda } = done[0] else {
        panic!("{done:?}");
    };
    assert!((lambda + 0.113_554_548_7).abs() < 1e-6, "{lambda}");
    let log = Treatment {
        otherwise: Transform::Log,
        ..none
    };
    let (treated, done) = treat(&t, &log);
    assert_eq!(done, [Treated::Log]);
    let shifted = 9.5335 - 0.0795 + 0.01 * (9.5335 - 0.0795);
    assert!((treated.value(0, 4).unwrap() - f64::ln(shifted)).abs() < 1e-12);
    let (treated, done) = treat(&t, &Treatment::default());
    // scipy: capped at 5.9378 the series has skewness 2.0003 and kurtosis 3.985, capped at 2.8529 0.833 and -0.815.
    assert_eq!(done, [Treated::Winsorised { points: 2 }]);
    assert_eq!(treated.value(0, 4), Some(2.8529));
    let left = Treatment {
        otherwise: Transform::Nothing,
        ..none
    };
    let (treated, done) = treat(&t, &left);
    assert_eq!((treated, done), (t, vec![Treated::Left]));
}

/// numpy's eigenvectors of the correlation matrix; scipy's linear programs.
fn weights() {
    let text = include_str!("../golden/select_composite_peers.csv");
    let rows: Vec<Vec<f64>> = (text.lines().skip(1))
        .map(|l| l.split(',').map(|x| x.parse().unwrap()).collect())
        .collect();
    let parts: Vec<Vec<Option<f64>>> = (0..4)
        .map(|j| rows.iter().map(|r| Some(r[j])).collect())
        .collect();
    let expected = [
        0.273_964_555_317_640_4,
        0.280_971_571_245_263_45,
        0.192_350_944_517_719_42,
        0.252_712_928_919_376_7,
    ];
    for (w, e) in pca(&parts).unwrap().iter().zip(expected) {
        assert!((w - e).abs() < 1e-10);
    }
    for (b, row) in benefit_of_the_doubt(&parts, 0.0).iter().zip(&rows) {
        let b = b.as_ref().unwrap();
        assert!((b.score - row[4]).abs() < 1e-7, "{b:?} {}", row[4]);
        for other in &rows {
            let u: f64 = b.weights.iter().zip(other).map(|(w, y)| w * y).sum();
            assert!(u <= 1.0 + 1e-7);
        }
    }
    let shares = benefit_of_the_doubt(&parts, 0.15);
    for (b, row) in shares.iter().zip(&rows) {
        let b = b.as_ref().unwrap();
        assert!(b.score <= row[4] + 1e-7);
        assert!((0..4).all(|j| b.weights[j] * row[j] >= 0.15 * b.score - 1e-6));
    }
}

fn flat(t: Table) -> Framework {
    let hierarchy = Hierarchy::flat(t.indicators()).unwrap();
    Framework {
        senses: vec![Sense::Benefit; t.indicators().len()],
        targets: vec![None; t.indicators().len()],
        groups: vec![None; t.units().len()],
        hierarchy,
        denominators: None,
        denominate_by: vec![None; t.indicators().len()],
        table: t,
    }
}

fn missing() {
    let f = flat(table(&[
        &[Some(1.0), Some(2.0), Some(3.0), None],
        &[Some(1.0), None, Some(3.0), None],
    ]));
    let plain = Method {
        treatment: None,
        least_share: 0.6,
        ..Method::default()
    };
    let c = composite(&f, &plain).unwrap();
    let index = &c.scores[f.hierarchy.root()];
    assert_eq!(*index, [Some(0.0), None, Some(100.0), None]);
    assert_eq!(c.ranks, [Some(2), None, Some(1), None]);
    let half = Method {
        least_share: 0.5,
        ..plain.clone()
    };
    let c = composite(&f, &half).unwrap();
    assert_eq!(c.scores[f.hierarchy.root()][1], Some(50.0));
    let filled = Method {
        imputation: Imputation::Median,
        ..plain.clone()
    };
    let c = composite(&f, &filled).unwrap();
    assert_eq!(c.filled, [(0, 3), (1, 1), (1, 3)]);
    assert!(c.ranks.iter().all(Option::is_some));
    // A geometric mean of 0 does not exist, unless it is lifted.
    let geometric = Method {
        aggregation: Aggregation::Geometric,
        ..half.clone()
    };
    assert_eq!(
        composite(&f, &geometric).unwrap().scores[f.hierarchy.root()][0],
        None
    );
    let lifted = Method {
        positive: Positive::Lifted,
        ..geometric
    };
    let low = composite(&f, &lifted).unwrap().scores[f.hierarchy.root()][0];
    assert!((low.unwrap() - 1.0).abs() < 1e-12);
    let lost = Hierarchy::flat(&["x0".into()]).unwrap();
    let misplaced = Framework {
        hierarchy: lost,
        ..f.clone()
    };
    assert!(composite(&misplaced, &half).is_err());
    let opposed = flat(table(&[
        &[Some(1.0), Some(2.0), Some(3.0), Some(5.0)],
        &[Some(5.0), Some(3.0), Some(2.0), Some(1.0)],
    ]));
    let by_component = Method {
        weights: WeightScheme::Pca,
        ..half
    };
    assert!(composite(&opposed, &by_component).is_err());
}

fn choices() {
    let f = flat(table(&[
        &[Some(1.0), Some(2.0), Some(3.0), Some(10.0)],
        &[Some(4.0), Some(3.0), Some(2.0), Some(1.0)],
    ]));
    let plain = Method {
        treatment: None,
        ..Method::default()
    };
    // Nothing is uncertain: every draw is the reference.
    let nothing = Choices::default();
    let r = Uncertain::new(&f, &plain, &nothing, Seed(1))
        .robustness(20, 1)
        .unwrap();
    assert_eq!((r.mean_shift.value, r.shift_p95), (0.0, 0.0));
    let dropped = drop_one(&f, &plain, 1).unwrap();
    assert_eq!(dropped.len(), 2);
    // x0 + x1 scaled: 0+100, 11.1+66.7, 22.2+33.3, 100+0: ranks 1, 3, 4, 1. Without x1: 4, 3, 2, 1.
    assert_eq!(dropped[1].mean_shift, Some((3.0 + 0.0 + 2.0 + 0.0) / 4.0));
    assert_eq!(dropped[1].most_moved, Some((0, 3)));
    assert_eq!(
        (dropped[1].leave.clone(), dropped[1].enter.clone()),
        (vec![0], vec![])
    );
    // Without unit 3 the scale of x0 is 1..3 and all are equal at 50: no strict reversal; a rescaling can make one.
    let turned = leave_one_out(&f, &plain).unwrap();
    for (out, better, worse) in &turned {
        assert!(out != better && out != worse && better != worse);
    }
    let reversing = flat(table(&[
        &[Some(0.0), Some(4.0), Some(100.0)],
        &[Some(3.0), Some(1.0), Some(0.0)],
    ]));
    // With unit 2: 0 has 0 + 100, 1 has 4 + 33: 0 ahead. Without: 0 + 100 against 100 + 0, equal; so a bit more for 1.
    let found = leave_one_out(&reversing, &plain).unwrap();
    assert!(found.iter().all(|(out, _, _)| *out == 2));
}

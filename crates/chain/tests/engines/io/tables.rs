//! Building, checking and summing tables.

use chain::io::{Aggregation, Dense, IoTable, Label, TableParts, Unmatched, aggregate, checks};
use libtest_mimic::Trial;
use model::catalogue::Lang;
use model::{Names, Severity};

use crate::{close, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "io: columns in another order are put right, and said",
            reordered,
        ),
        trial(
            "io: demand that is turned is put right, and said",
            demand_turned,
        ),
        trial(
            "io: labels that do not match are refused by name",
            labels_differ,
        ),
        trial(
            "io: a value that is no number is refused by place",
            not_finite,
        ),
        trial("io: a transposed table is found by its output", transposed),
        trial(
            "io: imbalance, signs, zeros and columns at one are counted",
            counted,
        ),
        trial(
            "io: sums conserve mass and report what is not mapped",
            summed,
        ),
        trial(
            "io: split countries of the OECD become whole",
            split_countries,
        ),
        trial(
            "io: every finding and refusal has its text in both languages",
            texts,
        ),
    ]
}

fn label(text: &str) -> Label {
    let (region, industry) = text.split_once('.').unwrap();
    Label::new(region, industry)
}

fn labels(texts: &[&str]) -> Vec<Label> {
    texts.iter().map(|t| label(t)).collect()
}

/// Three industries; x = Z1 + Y1 = (100, 60, 40), v makes the columns whole.
fn parts() -> TableParts {
    let rows = labels(&["CN1.steel", "CN2.steel", "DE.cars"]);
    TableParts {
        columns: rows.clone(),
        demand_rows: rows.clone(),
        flows: Dense::from_row_major(3, 3, &[10.0, 5.0, 15.0, 20.0, 0.0, 5.0, 0.0, 1.0, 2.0])
            .unwrap(),
        demand_columns: labels(&["CHN.households", "DE.households"]),
        demand: Dense::from_row_major(3, 2, &[50.0, 20.0, 30.0, 5.0, 7.0, 30.0]).unwrap(),
        output: Some(rows.iter().cloned().zip([100.0, 60.0, 40.0]).collect()),
        value_added: Some(rows.iter().cloned().zip([70.0, 54.0, 18.0]).collect()),
        rows,
        unit: "million".into(),
        year: Some(2020),
    }
}

fn reordered() {
    let (plain, none) = IoTable::build(parts()).unwrap();
    assert!(none.is_empty());
    let mut turned = parts();
    let order = [2, 0, 1];
    turned.columns = order.map(|k| turned.columns[k].clone()).into();
    turned.flows = turned.flows.reordered(&[0, 1, 2], &order);
    turned.demand_rows.reverse();
    turned.demand = turned.demand.reordered(&[2, 1, 0], &[0, 1]);
    turned.output.as_mut().unwrap().reverse();
    let (table, findings) = IoTable::build(turned).unwrap();
    assert_eq!(table, plain);
    assert_eq!(
        findings.iter().map(|f| f.code).collect::<Vec<_>>(),
        ["reordered"; 3]
    );
}

fn demand_turned() {
    let mut p = parts();
    p.demand = p.demand.transposed();
    std::mem::swap(&mut p.demand_rows, &mut p.demand_columns);
    let (table, findings) = IoTable::build(p).unwrap();
    assert_eq!(table, IoTable::build(parts()).unwrap().0);
    assert_eq!(findings[0].code, "demand_turned");
}

fn labels_differ() {
    let mut p = parts();
    p.columns[1] = label("CN3.steel");
    let error = IoTable::build(p).unwrap_err();
    assert_eq!(error.code, "labels_differ");
    assert!(error.detail.contains("CN2 steel") && error.detail.contains("CN3 steel"));
    let mut p = parts();
    p.rows[1] = p.rows[0].clone();
    assert_eq!(IoTable::build(p).unwrap_err().code, "label_twice");
    let mut p = parts();
    p.flows = Dense::zeros(3, 2);
    assert_eq!(IoTable::build(p).unwrap_err().code, "shape");
}

fn not_finite() {
    let mut p = parts();
    p.flows.set(1, 2, f64::NAN);
    let error = IoTable::build(p).unwrap_err();
    assert_eq!(error.code, "not_finite");
    assert!(error.detail.contains("CN2 steel → DE cars"), "{error}");
}

fn transposed() {
    let report = checks::report(&IoTable::build(parts()).unwrap().0);
    assert!(!report.looks_transposed);
    assert!(report.findings.iter().all(|f| f.severity == Severity::Note));
    let mut p = parts();
    p.flows = p.flows.transposed();
    let (table, _) = IoTable::build(p).unwrap();
    let report = checks::report(&table);
    assert!(report.looks_transposed);
    assert_eq!(report.findings[0].code, "transposed");
    assert_eq!(
        table.with_flows_turned(),
        IoTable::build(parts()).unwrap().0
    );
}

fn counted() {
    let mut p = parts();
    p.output.as_mut().unwrap()[0].1 = 90.0;
    p.output.as_mut().unwrap()[2].1 = 0.0;
    p.flows.set(0, 0, -1.0);
    p.flows.set(2, 1, 80.0);
    let (table, _) = IoTable::build(p).unwrap();
    let report = checks::report(&table);
    let rows = report.rows.unwrap();
    // Sales 89, 60, 119 against 90, 60, 0.
    assert_eq!(rows.worst[0].industry, 2);
    assert_eq!(rows.worst[0].gap(), -119.0);
    close("relative", rows.relative, 120.0 / 150.0, 1e-15);
    assert_eq!(
        (report.negatives[0].part, report.negatives[0].count),
        ("Z", 1)
    );
    assert_eq!(report.no_output[0].purchases, 22.0);
    assert_eq!(report.no_output[0].sales, 119.0);
    assert_eq!(report.columns_at_one, [1]);
    assert!(report.spectral_radius.is_none(), "a negative cell");
    let codes: Vec<&str> = report.findings.iter().map(|f| f.code).collect();
    for code in [
        "rows_off",
        "columns_off",
        "negative",
        "zero_output",
        "column_at_one",
    ] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
}

fn summed() {
    let (table, _) = IoTable::build(parts()).unwrap();
    let mut map = Aggregation::default();
    map.industries.insert("steel".into(), "metal".into());
    map.industries.insert("paper".into(), "wood".into());
    map.regions.insert("CN1".into(), "CHN".into());
    map.regions.insert("CN2".into(), "CHN".into());
    let sum = aggregate(&table, &map).unwrap();
    assert_eq!(sum.table.industries(), labels(&["CHN.metal", "DE.cars"]));
    assert_eq!(sum.table.flows().values(), [35.0, 1.0, 20.0, 2.0]);
    assert_eq!(sum.table.given_output().unwrap(), [160.0, 40.0]);
    assert_eq!(sum.industries, [0, 0, 1]);
    assert!(sum.mass.iter().all(|m| m.error <= 1e-15));
    let names: Vec<&str> = sum.unmatched.iter().map(|u| u.name.as_str()).collect();
    assert_eq!(names, ["cars", "DE"]);
    assert_eq!(sum.unmatched[0].mass, 40.0);
    assert_eq!(sum.unused, ["paper"]);
    map.unmatched = Unmatched::Refuse;
    assert_eq!(aggregate(&table, &map).unwrap_err().code, "unmatched");
    map.unmatched = Unmatched::Under("rest".into());
    let rest = aggregate(&table, &map).unwrap().table;
    assert_eq!(rest.industries(), labels(&["CHN.metal", "rest.rest"]));
}

fn split_countries() {
    let (table, _) = IoTable::build(parts()).unwrap();
    let whole = aggregate(&table, &Aggregation::icio_split_countries()).unwrap();
    assert_eq!(whole.table.industries(), labels(&["CHN.steel", "DE.cars"]));
    assert_eq!(whole.table.final_demand(), table.final_demand());
    assert!(whole.unmatched.is_empty());
}

fn texts() {
    let catalogue = model::Catalogue::builtin();
    let findings = [
        "reordered",
        "demand_turned",
        "transposed",
        "column_at_one",
        "rows_off",
        "columns_off",
        "no_output_given",
        "no_value_added",
        "negative",
        "zero_output",
        "spectral_radius",
    ];
    let refused = [
        "empty",
        "shape",
        "labels_differ",
        "label_twice",
        "not_finite",
        "negative_output",
        "singular",
        "theta",
        "industry_twice",
        "no_such_industry",
        "unmatched",
        "perturbation",
        "resilience",
        "steps",
        "noise",
    ];
    let ids = findings.map(|c| format!("io.finding.{c}")).into_iter();
    let ids = ids.chain(refused.map(|c| format!("io.refused.{c}")));
    for id in ids.chain(["io.no_draws".to_owned()]) {
        for lang in [Lang::En, Lang::Zh] {
            assert!(catalogue.text(&id, lang).is_some(), "{id}");
        }
    }
    let (table, _) = IoTable::build(parts()).unwrap();
    let text = checks::report(&table).findings[0]
        .message
        .render(Lang::En, &Names::default());
    assert!(!text.contains('{'), "{text}");
}

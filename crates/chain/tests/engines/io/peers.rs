//! Against pymrio, NumPy and WIOD.

use chain::io::extraction::{self, Cut, Part};
use chain::io::{
    Coefficients, Dense, Factorised, IoTable, Label, Leontief, OutputBasis, TableParts, accounts,
    checks,
};
use libtest_mimic::Trial;

use super::economies::solved;
use crate::{close, golden, shared, trial, trial_on_shared};

const PYMRIO: &str = "chains/pymrio_test/mrio_data/trade_flows_Z.txt";
const WIOD: &str = "chains/wiod2013/wiot_regional_2011_Z.csv";

pub fn trials() -> Vec<Trial> {
    vec![
        trial("io: extractions as NumPy solves them anew", numpy),
        trial_on_shared("io: pymrio's test system to 1e-10", PYMRIO, pymrio),
        trial_on_shared(
            "io: WIOD 2011 in seven regions, extraction equal to fresh solves to 1e-9",
            WIOD,
            wiod,
        ),
    ]
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(';')
        .filter(|t| !t.is_empty())
        .map(|t| t.parse().unwrap())
        .collect()
}

fn numpy() {
    let rows = golden("io_extraction.csv");
    let of = |kind: &'static str| rows.iter().filter(move |r| &r[0] == kind);
    let z: Vec<f64> = of("z").flat_map(|r| numbers(&r[3])).collect();
    let y = numbers(&of("y").next().unwrap()[3]);
    let n = y.len();
    let mut a = Dense::from_row_major(n, n, &z).unwrap();
    let x: Vec<f64> = a.row_sums().iter().zip(&y).map(|(s, y)| s + y).collect();
    for (j, x) in x.iter().enumerate() {
        a.column_mut(j).iter_mut().for_each(|v| *v /= x);
    }
    let c = Coefficients::from_parts(a, x, y).unwrap();
    let (m, f) = (
        Leontief::invert(c.clone()).unwrap(),
        Factorised::new(c).unwrap(),
    );
    let mut seen = 0;
    for r in rows.iter().filter(|r| &r[0] != "z" && &r[0] != "y") {
        let theta: f64 = r[1].parse().unwrap();
        let wanted: f64 = r[4].parse().unwrap();
        let list =
            |text: &str| -> Vec<usize> { numbers(text).iter().map(|v| *v as usize).collect() };
        let part = match r[0].trim_start_matches("set_") {
            "purchases" => Part::Purchases,
            "sales" => Part::Sales,
            _ => Part::Whole,
        };
        let tolerance = 1e-11;
        match &r[0] {
            "link" => {
                let loss =
                    extraction::link_loss(&m, list(&r[2])[0], list(&r[3])[0], theta).unwrap();
                assert!((loss.loss - wanted).abs() <= tolerance * wanted.abs().max(1.0));
            }
            "whole" | "purchases" | "sales" => {
                let k = list(&r[2])[0];
                let loss = extraction::industries(&m, part, theta).unwrap()[k].loss;
                close(&format!("{r:?}"), loss, wanted, tolerance);
            }
            kind => {
                let cut = if kind == "links" {
                    Cut::Links {
                        suppliers: list(&r[2]),
                        customers: list(&r[3]),
                        demand: vec![0.5, 0.25, 0.1],
                        theta,
                    }
                } else {
                    Cut::Set {
                        industries: list(&r[2]),
                        part,
                        theta,
                    }
                };
                close(
                    kind,
                    extraction::extract(&m, &cut).unwrap().loss,
                    wanted,
                    tolerance,
                );
                close(
                    kind,
                    extraction::extract(&f, &cut).unwrap().loss,
                    wanted,
                    tolerance,
                );
            }
        }
        seen += 1;
    }
    assert_eq!(seen, rows.len() - n - 1);
}

/// Tab-separated, two header lines, `leading` label columns.
fn tabbed(file: &str, leading: usize) -> (Vec<Label>, Vec<Label>, Dense) {
    let text = std::fs::read_to_string(shared("chains/pymrio_test/mrio_data").join(file)).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split('\t').collect()).collect();
    let columns = (leading..lines[0].len())
        .map(|j| Label::new(lines[0][j].trim(), lines[1][j].trim()))
        .collect();
    let body: Vec<_> = lines[2..]
        .iter()
        .filter(|l| l.len() > leading && !l[leading].is_empty())
        .collect();
    let rows = body
        .iter()
        .map(|l| Label::new(l[0].trim(), l[1].trim()))
        .collect();
    let values: Vec<f64> = body
        .iter()
        .flat_map(|l| &l[leading..])
        .map(|v| v.trim().parse().unwrap())
        .collect();
    let n = body.len();
    let m = Dense::from_row_major(n, values.len() / n, &values).unwrap();
    (rows, columns, m)
}

fn pymrio() {
    let (rows, columns, flows) = tabbed("trade_flows_Z.txt", 3);
    let (demand_rows, demand_columns, demand) = tabbed("finald_demand_Y.txt", 3);
    let (_, _, added) = tabbed("factor_input.txt", 2);
    let parts = TableParts {
        rows,
        columns,
        flows,
        demand_rows,
        demand_columns,
        demand,
        ..TableParts::default()
    };
    let (table, findings) = IoTable::build(parts).unwrap();
    assert!(findings.is_empty());
    let report = checks::report(&table);
    assert!(!report.looks_transposed && report.no_output.is_empty());
    let (low, high) = report.spectral_radius.unwrap();
    assert!(0.0 < low && low <= high && high < 1.0);
    let m = Leontief::invert(Coefficients::of(&table, OutputBasis::Given).unwrap()).unwrap();
    assert!(m.exact_residual() < 1e-14 && m.residual().estimate < 1e-13);
    let within = |what: &str, found: f64, wanted: f64| {
        assert!((found - wanted).abs() <= 1e-10, "{what}: {found} {wanted}");
    };
    let supply = m.supply_multipliers();
    let a_sums = m.coefficients().a.column_sums();
    let per_region = accounts(&m, &table, added.values()).unwrap();
    let mut regions = per_region.iter();
    for (k, row) in golden("io_pymrio.csv").iter().enumerate() {
        let wanted = |c: usize| row[c].parse::<f64>().unwrap();
        assert_eq!(table.industries()[k], Label::new(&row[0], &row[1]));
        close("x", m.output()[k], wanted(2), 1e-12);
        within("1'L", m.output_multipliers()[k], wanted(3));
        within("G1", supply[k], wanted(4));
        within("a", m.coefficients().a.get(k, k), wanted(5));
        within("l", m.inverse().get(k, k), wanted(6));
        within("1'A", a_sums[k], wanted(7));
        if !row[9].is_empty() {
            let account = regions.next().unwrap();
            close("consumption", account.consumption, wanted(9), 1e-12);
            close("production", account.production, wanted(10), 1e-12);
            close(
                "trade",
                account.exports - account.imports,
                wanted(10) - wanted(9),
                1e-9,
            );
        }
    }
    for row in golden("io_pymrio_cells.csv") {
        let place = |c: usize| row[c].parse::<usize>().unwrap();
        let wanted = |c: usize| row[c].parse::<f64>().unwrap();
        let (i, j) = (place(0), place(1));
        within("A", m.coefficients().a.get(i, j), wanted(2));
        within("L", m.inverse().get(i, j), wanted(3));
        within("G", m.ghosh(i, j), wanted(4));
    }
}

fn plain(file: &str) -> Dense {
    let mut reader = csv::Reader::from_path(shared("chains/wiod2013").join(file)).unwrap();
    let rows: Vec<Vec<f64>> = reader
        .records()
        .map(|r| r.unwrap().iter().map(|v| v.parse().unwrap()).collect())
        .collect();
    Dense::from_row_major(rows.len(), rows[0].len(), &rows.concat()).unwrap()
}

/// The regional table gives no labels; 7 groups of 35 industries.
fn wiod() {
    let (z, y, x) = (
        plain("wiot_regional_2011_Z.csv"),
        plain("wiot_regional_2011_Y.csv"),
        plain("wiot_regional_2011_x.csv"),
    );
    let n = z.rows();
    let rows: Vec<Label> = (0..n)
        .map(|k| Label::new(format!("g{}", k / 35), format!("c{}", k % 35)))
        .collect();
    let parts = TableParts {
        columns: rows.clone(),
        demand_rows: rows.clone(),
        demand_columns: (0..y.columns())
            .map(|k| Label::new(format!("g{}", k / 5), format!("f{}", k % 5)))
            .collect(),
        output: Some(rows.iter().cloned().zip(x.values().to_vec()).collect()),
        rows,
        flows: z,
        demand: y,
        ..TableParts::default()
    };
    let (table, _) = IoTable::build(parts).unwrap();
    let c = Coefficients::of(&table, OutputBasis::Given).unwrap();
    let m = Leontief::invert(c.clone()).unwrap();
    let f = Factorised::new(c.clone()).unwrap();
    assert!(!m.residual().pivoted && m.exact_residual() < 1e-13);
    let estimate = f.condition_estimate();
    assert!(estimate <= m.condition() * (1.0 + 1e-9) && estimate >= m.condition() / 3.0);
    let total: f64 = m.output().iter().sum();
    let fresh = |change: &dyn Fn(&mut Dense, &mut Vec<f64>)| {
        let (mut a, mut y) = (c.a.clone(), c.y.clone());
        change(&mut a, &mut y);
        total - solved(&a, &y).iter().sum::<f64>()
    };
    let industries = extraction::industries(&m, Part::Whole, 1.0).unwrap();
    for k in [3, 100, 240] {
        let wanted = fresh(&|a, y| {
            for j in 0..n {
                a.set(k, j, 0.0);
                a.set(j, k, 0.0);
            }
            y[k] = 0.0;
        });
        close("industry", industries[k].loss, wanted, 1e-9);
    }
    for link in extraction::top_links(&m, 2, 1.0).unwrap() {
        let wanted = fresh(&|a, _| a.set(link.supplier, link.customer, 0.0));
        close("link", link.loss, wanted, 1e-9);
    }
    let set = table.block(&["g2"], &[]);
    assert_eq!(set.len(), 35);
    let wanted = fresh(&|a, y| {
        for k in &set {
            for j in 0..n {
                a.set(*k, j, 0.0);
                a.set(j, *k, 0.0);
            }
            y[*k] = 0.0;
        }
    });
    let cut = Cut::Set {
        industries: set,
        part: Part::Whole,
        theta: 1.0,
    };
    close(
        "block, inverse",
        extraction::extract(&m, &cut).unwrap().loss,
        wanted,
        1e-9,
    );
    close(
        "block, factors",
        extraction::extract(&f, &cut).unwrap().loss,
        wanted,
        1e-9,
    );
}

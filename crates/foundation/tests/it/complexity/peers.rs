//! Every preset against its peer: numbers of the running package, or of its source written again.

use std::collections::BTreeMap;

use foundation::activity::ActivityTable;
use foundation::complexity::convention::Universe;
use foundation::complexity::presence_rule::Source;
use foundation::complexity::table::complexity;
use foundation::complexity::{Complexity, Convention, Params, Preset};
use foundation::presence::Presence;
use foundation::relatedness::density::{
    Part, RelativeCells, RelativeParams, density, density_of_values, density_within,
    relative_relatedness,
};
use foundation::relatedness::neighbours::neighbour_count;
use foundation::relatedness::proximity::{
    Diagonal, Measure, Phi, ValueMeasure, of_values, proximity,
};
use libtest_mimic::Trial;

use super::{golden_table, table};
use crate::{close, golden, shared, trial, trial_on_shared};

const SECTIONS: &str = "trade/fixtures/oec_country_section_exports_fixture.csv";

/// The threshold of `eci_trimmed` in `complexity_peers.py`.
const TRIMMING: f64 = 4.0;

const WORLD: &str = "trade/world_trade_avg_1998_to_2000.csv";

pub fn trials() -> Vec<Trial> {
    vec![
        trial("complexity/py-ecomplexity on the synthetic table", || {
            columns(Preset::PyEcomplexity, "py-ecomplexity", &synthetic(), 1e-8);
        }),
        trial("complexity/py-ecomplexity by population", by_population),
        trial("complexity/py-ecomplexity densities", other_densities),
        trial("complexity/econcomplex on the synthetic table", || {
            columns(Preset::Econcomplex, "econcomplex", &synthetic(), 1e-8);
        }),
        trial("complexity/econcomplex proximities", proximities),
        trial(
            "complexity/econcomplex reflections",
            econcomplex_reflections,
        ),
        trial(
            "complexity/econcomplex drops units and starts again",
            trimmed,
        ),
        trial("complexity/oec on the synthetic table", || {
            columns(Preset::Oec, "oec", &synthetic(), 1e-8);
            reflections_in_long_numbers("oec", &synthetic());
        }),
        trial("complexity/economiccomplexity written again", || {
            columns(Preset::Economiccomplexity, "r", &synthetic(), 1e-8);
        }),
        trial("complexity/growth-lab-stata by its own fixture", stata),
        trial_on_shared(
            "complexity/RCA as the OEC's own test asserts it",
            SECTIONS,
            sections,
        ),
        trial_on_shared("complexity/py-ecomplexity on world trade", WORLD, || {
            columns(
                Preset::PyEcomplexity,
                "world_py-ecomplexity",
                &world(),
                1e-8,
            );
        }),
        trial_on_shared("complexity/econcomplex on world trade", WORLD, || {
            columns(Preset::Econcomplex, "world_econcomplex", &world(), 1e-8);
        }),
        trial_on_shared("complexity/oec on world trade", WORLD, || {
            // The peer's reflections lose digits to the constant that they approach; the next line holds ours to more of them.
            columns(Preset::Oec, "world_oec", &world(), 1e-6);
            reflections_in_long_numbers("world_oec", &world());
        }),
    ]
}

fn synthetic() -> ActivityTable {
    golden_table("complexity_table.csv")
}

fn world() -> ActivityTable {
    table(&shared(WORLD))
}

/// The numbers of a golden file by what, location and activity.
fn numbers(file: &str) -> BTreeMap<String, Vec<(String, String, f64)>> {
    let mut numbers: BTreeMap<String, Vec<(String, String, f64)>> = BTreeMap::new();
    for row in golden(&format!("complexity_{file}.csv")) {
        let value = row[3].parse().unwrap();
        numbers.entry(row[0].to_owned()).or_default().push((
            row[1].to_owned(),
            row[2].to_owned(),
            value,
        ));
    }
    numbers
}

fn place(labels: &[String], label: &str) -> usize {
    labels.binary_search_by(|l| l.as_str().cmp(label)).unwrap()
}

/// `found` at every number of the golden column. The tolerance is relative to the larger of the number and a hundredth of the
/// column's largest, since a sum that ends near zero keeps the rounding of its terms.
fn compare(
    what: &str,
    wanted: &[(String, String, f64)],
    tolerance: f64,
    found: impl Fn(&str, &str) -> f64,
) {
    assert!(!wanted.is_empty(), "{what}");
    let largest = wanted
        .iter()
        .map(|w| w.2.abs())
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    for (l, a, value) in wanted {
        let got = found(l, a);
        if value.is_nan() {
            assert!(
                got.is_nan(),
                "{what} {l} {a}: {got} where the peer has none"
            );
            continue;
        }
        let scale = value.abs().max(largest / 100.0).max(1e-300);
        let off = (got - value).abs() / scale;
        assert!(
            off <= tolerance,
            "{what} {l} {a}: found {got:e}, wanted {value:e}"
        );
    }
}

/// Every column of a golden file that the full table has.
fn columns(preset: Preset, file: &str, table: &ActivityTable, tolerance: f64) {
    let found = complexity(table, &Convention::of(preset), &Params::default()).unwrap();
    check(&found, table, file, "", tolerance);
    let numbers = numbers(file);
    if let Some(relative) = numbers.get("relative") {
        let params = if preset == Preset::Oec {
            RelativeParams {
                cells: RelativeCells::All,
                ddof: 1,
            }
        } else {
            RelativeParams::default()
        };
        let cells = relative_relatedness(&found.density, &found.presence, params);
        compare("relative", relative, tolerance, |l, a| {
            cell(table, &cells, l, a)
        });
    }
}

fn cell(table: &ActivityTable, cells: &[f64], l: &str, a: &str) -> f64 {
    cells[place(table.locations(), l) * table.activities().len() + place(table.activities(), a)]
}

fn check(found: &Complexity, table: &ActivityTable, file: &str, suffix: &str, tolerance: f64) {
    let numbers = numbers(file);
    let whole = |counts: &[u32]| counts.iter().map(|c| f64::from(*c)).collect::<Vec<f64>>();
    let held: Vec<f64> = (0..found.rca.len())
        .map(|k| {
            let width = table.activities().len();
            f64::from(u8::from(found.presence.get(k / width, k % width)))
        })
        .collect();
    let by_location = [
        ("eci", &found.eci),
        ("coi", &found.coi),
        ("diversity", &whole(found.presence.diversity())),
    ];
    let by_activity = [
        ("pci", &found.pci),
        ("ubiquity", &whole(found.presence.ubiquity())),
    ];
    let empty = Vec::new();
    let by_cell = [
        ("rca", &found.rca),
        ("rpop", found.rpop.as_ref().unwrap_or(&empty)),
        ("mcp", &held),
        ("density", &found.density),
        ("cog", &found.cog),
    ];
    let mut seen = 0;
    let name = |what: &str| format!("{what}{suffix}");
    for (what, values) in by_location {
        if let Some(wanted) = numbers.get(&name(what)) {
            seen += 1;
            compare(&name(what), wanted, tolerance, |l, _| {
                values[place(table.locations(), l)]
            });
        }
    }
    for (what, values) in by_activity {
        if let Some(wanted) = numbers.get(&name(what)) {
            seen += 1;
            compare(&name(what), wanted, tolerance, |_, a| {
                values[place(table.activities(), a)]
            });
        }
    }
    for (what, values) in by_cell {
        if let Some(wanted) = numbers.get(&name(what)) {
            seen += 1;
            compare(&name(what), wanted, tolerance, |l, a| {
                cell(table, values, l, a)
            });
        }
    }
    assert!(seen >= 4, "{file} has {seen} columns");
}

fn by_population() {
    let table = synthetic();
    let people: Vec<f64> = (0..table.locations().len())
        .map(|k| 1.0 + (7 * k % 11) as f64)
        .collect();
    let convention = Convention {
        source: Source::Rpop,
        ..Convention::of(Preset::PyEcomplexity)
    };
    let params = Params {
        population: Some(&people),
        ..Params::default()
    };
    let found = complexity(&table, &convention, &params).unwrap();
    check(&found, &table, "py-ecomplexity", "_rpop", 1e-8);
}

fn presence(table: &ActivityTable) -> (Vec<f64>, Presence) {
    let found = complexity(table, &Convention::default(), &Params::default()).unwrap();
    (found.rca, found.presence)
}

fn other_densities() {
    let table = synthetic();
    let numbers = numbers("py-ecomplexity");
    let (rca, m) = presence(&table);
    let phi = Phi::of_values(&rca, 80, ValueMeasure::HalfPearson, Diagonal::Kept);
    let cells = density_of_values(&rca, &phi);
    compare(
        "continuous",
        &numbers["density_continuous"],
        1e-8,
        |l, a| cell(&table, &cells, l, a),
    );
    let cells = density(
        &m,
        &Phi::of_presence(&m, Measure::Conditional, Diagonal::Kept),
    );
    compare(
        "asymmetric",
        &numbers["density_asymmetric"],
        1e-8,
        |l, a| cell(&table, &cells, l, a),
    );
    // Where neighbours are tied at the fifth place the peer takes any of them: at most that many apart.
    let phi = Phi::of_presence(&m, Measure::MinConditional, Diagonal::Kept);
    let cells = neighbour_count(&m, &phi, 5);
    let wanted = &numbers["density_knn"];
    let equal = wanted
        .iter()
        .filter(|(l, a, value)| (cell(&table, &cells, l, a) - value).abs() < 1e-12)
        .count();
    assert!(
        equal * 10 >= wanted.len() * 8,
        "{equal} of {}",
        wanted.len()
    );
    let density = density(&m, &phi);
    let external = density_within(&density, &m, Part::External);
    let internal = density_within(&density, &m, Part::Internal);
    assert!(
        external
            .iter()
            .zip(&internal)
            .all(|(x, y)| x.is_nan() != y.is_nan())
    );
}

fn proximities() {
    let table = synthetic();
    let numbers = numbers("econcomplex");
    let (rca, m) = presence(&table);
    for (what, measure) in [
        ("phi_max", Measure::MinConditional),
        ("phi_sqrt", Measure::Geometric),
        ("phi_min", Measure::MaxConditional),
        ("phi_jaccard", Measure::Jaccard),
        ("phi_association", Measure::Association),
        ("phi_probability", Measure::Probability),
    ] {
        let phi = proximity(&m, measure, Diagonal::Zero);
        compare(what, &numbers[what], 1e-12, |a, b| {
            phi.get(place(table.activities(), a), place(table.activities(), b))
        });
    }
    for (what, measure) in [
        ("phi_correlation", ValueMeasure::HalfPearson),
        ("phi_cosine", ValueMeasure::Cosine),
    ] {
        let phi = of_values(&rca, 80, measure, Diagonal::Zero);
        compare(what, &numbers[what], 1e-12, |a, b| {
            phi.get(place(table.activities(), a), place(table.activities(), b))
        });
    }
    let phi = proximity(&m.transposed(), Measure::MinConditional, Diagonal::Zero);
    compare("phi_location", &numbers["phi_location"], 1e-12, |l, k| {
        phi.get(place(table.locations(), l), place(table.locations(), k))
    });
}

fn econcomplex_reflections() {
    use foundation::complexity::convention::Method;
    let table = synthetic();
    let convention = Convention {
        method: Method::Reflections {
            location_order: 20,
            activity_order: 20,
        },
        ..Convention::of(Preset::Econcomplex)
    };
    let found = complexity(&table, &convention, &Params::default()).unwrap();
    let numbers = numbers("econcomplex");
    compare("eci", &numbers["eci_reflections"], 1e-8, |l, _| {
        found.eci[place(table.locations(), l)]
    });
    compare("pci", &numbers["pci_reflections"], 1e-8, |_, a| {
        found.pci[place(table.activities(), a)]
    });
}

/// The numbers that the OEC package's own test asserts, to its six digits.
fn sections() {
    let mut reader = csv::Reader::from_path(shared(SECTIONS)).unwrap();
    let rows: Vec<(f64, String, String, String, String)> =
        reader.deserialize().map(Result::unwrap).collect();
    let cells = rows
        .iter()
        .map(|(v, l, _, a, _)| (l.as_str(), a.as_str(), *v));
    let table = ActivityTable::from_rows(cells).unwrap();
    let found = foundation::complexity::advantage::rca(&table);
    let width = table.activities().len();
    for (section, mean, sd, most) in [
        ("1", 3.484_895, 8.261_088, 47.724_923),
        ("9", 1.959_028, 6.469_812, 75.963_223),
    ] {
        let a = place(table.activities(), section);
        let column: Vec<f64> = found.iter().skip(a).step_by(width).copied().collect();
        let n = column.len() as f64;
        assert_eq!(column.len(), 226);
        let average = column.iter().sum::<f64>() / n;
        let squares: f64 = column.iter().map(|r| (r - average).powi(2)).sum();
        close("mean", average, mean, 1e-6);
        close("sd", (squares / (n - 1.0)).sqrt(), sd, 1e-6);
        close(
            "max",
            column.iter().copied().fold(0.0, f64::max),
            most,
            1e-6,
        );
    }
}

/// At a threshold that leaves units without a link: the same units are dropped, the others have the same numbers.
fn trimmed() {
    let table = synthetic();
    let convention = Convention {
        threshold: TRIMMING,
        ..Convention::of(Preset::Econcomplex)
    };
    let found = complexity(&table, &convention, &Params::default()).unwrap();
    let once = Convention {
        universe: Universe::Once,
        ..convention
    };
    let other = complexity(&table, &once, &Params::default()).unwrap();
    let numbers = numbers("econcomplex");
    assert!(!found.diagnostics.dropped_activities.is_empty());
    assert!(found.eci != other.eci);
    compare("eci", &numbers["eci_trimmed"], 1e-8, |l, _| {
        found.eci[place(table.locations(), l)]
    });
    compare("pci", &numbers["pci_trimmed"], 1e-8, |_, a| {
        found.pci[place(table.activities(), a)]
    });
}

/// The OEC's reflections in 80-bit numbers.
fn reflections_in_long_numbers(file: &str, table: &ActivityTable) {
    let found = complexity(table, &Convention::of(Preset::Oec), &Params::default()).unwrap();
    let numbers = numbers(file);
    compare("eci in 80 bits", &numbers["eci_long"], 1e-9, |l, _| {
        found.eci[place(table.locations(), l)]
    });
    compare("pci in 80 bits", &numbers["pci_long"], 1e-9, |_, a| {
        found.pci[place(table.activities(), a)]
    });
}

fn stata() {
    let table = golden_table("complexity_stata_table.csv");
    let convention = Convention::of(Preset::GrowthLabStata);
    let found = complexity(&table, &convention, &Params::default()).unwrap();
    check(&found, &table, "stata", "", 1e-10);
    // The other Python package of the same group is off by √(300/299) in ECI on this table.
    let python = complexity(
        &table,
        &Convention::of(Preset::PyEcomplexity),
        &Params::default(),
    )
    .unwrap();
    close(
        "ratio",
        python.eci[0] / found.eci[0],
        (300f64 / 299.0).sqrt(),
        1e-12,
    );
}

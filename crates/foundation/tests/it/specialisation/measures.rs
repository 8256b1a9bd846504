//! Every measure against econcomplex 1.0.1 on a seeded table of 12 locations and 9 activities.

use foundation::activity::{ActivityPanel, ActivityTable};
use foundation::complexity::presence_rule::{Rule, presence as present};
use foundation::presence::Presence;
use foundation::specialisation::change::{self, ChangeKind, ChangeParams, History};
use foundation::specialisation::gini::{self, Reference};
use foundation::specialisation::recombination::{self, Combinations};
use foundation::specialisation::{
    concentration, growth, krugman, novelty, prody, quotient, similarity, ubiquity,
};
use libtest_mimic::Trial;
use model::Year;

use crate::{close, golden, trial};

const TOLERANCE: f64 = 1e-12;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("specialisation/locations_as_econcomplex", locations),
        trial("specialisation/activities_as_econcomplex", activities),
        trial("specialisation/matrices_as_econcomplex", matrices),
        trial(
            "specialisation/recombination_as_econcomplex_and_econgeo",
            documents,
        ),
        trial("specialisation/entry_and_exit_as_econcomplex", entries),
        trial("specialisation/growth_as_econcomplex", growths),
        trial(
            "specialisation/a_location_that_does_not_report_changes_nothing",
            unknown,
        ),
    ]
}

fn matrix(name: &str) -> Vec<Vec<f64>> {
    golden(&format!("specialisation_{name}.csv"))
        .iter()
        .map(|row| row.iter().skip(1).map(|x| x.parse().unwrap()).collect())
        .collect()
}

fn table(name: &str) -> ActivityTable {
    let rows = matrix(name);
    ActivityTable::new(
        (0..rows.len()).map(|i| format!("r{i:02}")).collect(),
        (0..rows[0].len()).map(|j| format!("c{j}")).collect(),
        rows.concat(),
    )
    .unwrap()
}

fn presence(table: &ActivityTable) -> Presence {
    present(
        &quotient::location_quotient(table),
        table.activities().len(),
        &Rule::default(),
    )
}

/// Columns of a golden file with their names.
fn columns(name: &str, names: &[&str]) -> Vec<Vec<f64>> {
    let rows = golden(&format!("specialisation_{name}.csv"));
    (0..names.len())
        .map(|j| rows.iter().map(|row| row[j].parse().unwrap()).collect())
        .collect()
}

fn same(what: &str, found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (i, (f, w)) in found.iter().zip(wanted).enumerate() {
        // What is not defined here is 0 there.
        if !(f.is_nan() && *w == 0.0) {
            close(&format!("{what} {i}"), *f, *w, TOLERANCE);
        }
    }
}

const LOCATIONS: [&str; 11] = [
    "income",
    "people",
    "average",
    "hachman",
    "krugman",
    "coefficient",
    "herfindahl",
    "herfindahl_normalised",
    "entropy",
    "expy",
    "growth",
];

fn locations() {
    let t = table("first");
    let wanted = columns("locations", &LOCATIONS);
    let worth = prody::prody(&t, &wanted[0]).unwrap();
    let found = [
        quotient::average_quotients(&t),
        quotient::hachman(&t),
        krugman::krugman(&t),
        krugman::specialisation_coefficient(&t),
        concentration::herfindahl(&t),
        concentration::herfindahl_normalised(&t),
        concentration::entropy(&t, 2.0),
        prody::expy(&t, &worth).unwrap(),
    ];
    for (k, f) in found.iter().enumerate() {
        same(LOCATIONS[k + 2], f, &wanted[k + 2]);
    }
}

const ACTIVITIES: [&str; 12] = [
    "gini",
    "locational_gini",
    "hoover_gini",
    "hoover_index",
    "hoover_index_totals",
    "normalised_ubiquity",
    "prody",
    "product_index",
    "growth",
    "ease_documents",
    "ease_partners",
    "modular_mean",
];

fn activities() {
    let t = table("first");
    let m = presence(&t);
    let of_locations = columns("locations", &LOCATIONS);
    let (income, people) = (&of_locations[0], &of_locations[1]);
    let population = Reference::Population(people.clone());
    let equal = gini::location_gini(&t, &Reference::Equal).unwrap();
    let found = [
        equal,
        gini::locational_gini(&t),
        gini::location_gini(&t, &population).unwrap(),
        gini::hoover_index(&t, &population).unwrap(),
        gini::hoover_index(&t, &Reference::Totals).unwrap(),
        ubiquity::normalised_ubiquity(&t, &m).unwrap(),
        prody::prody(&t, income).unwrap(),
        prody::product_index(&t, &m, people).unwrap(),
    ];
    let wanted = columns("activities", &ACTIVITIES);
    for (k, f) in found.iter().enumerate() {
        same(ACTIVITIES[k], f, &wanted[k]);
    }
}

fn matrices() {
    let t = table("first");
    same(
        "quotient",
        &quotient::location_quotient(&t),
        &matrix("quotient").concat(),
    );
    same(
        "similarity",
        &similarity::export_similarity(&t, similarity::SimilarityScale::default()),
        &matrix("similarity").concat(),
    );
    let d = table("documents");
    let m = Presence::from_fn(d.locations().len(), d.activities().len(), |l, a| {
        d.value(l, a) > 0.0
    });
    same("z", &novelty::co_occurrence_z(&m), &matrix("z").concat());
}

fn documents() {
    let d = table("documents");
    let m = Presence::from_fn(d.locations().len(), d.activities().len(), |l, a| {
        d.value(l, a) > 0.0
    });
    let wanted = columns("activities", &ACTIVITIES);
    let by_documents = recombination::ease_of_recombination(&m, Combinations::Documents);
    let by_partners = recombination::ease_of_recombination(&m, Combinations::Partners);
    same("ease_documents", &by_documents, &wanted[9]);
    same("ease_partners", &by_partners, &wanted[10]);
    let modular = columns("modular", &["by_documents", "by_partners"]);
    let k = recombination::modular_complexity(&m, &by_documents).unwrap();
    same("modular by documents", &k, &modular[0]);
    same(
        "modular by partners",
        &recombination::modular_complexity(&m, &by_partners).unwrap(),
        &modular[1],
    );
    same(
        "modular mean",
        &recombination::mean_over_documents(&m, &k).unwrap(),
        &wanted[11],
    );
}

fn entries() {
    let panel = ActivityPanel {
        years: [(Year(2000), table("first")), (Year(2001), table("second"))].into(),
    };
    let history = History::from_quotients(&panel, &Rule::default());
    let found = change::changes(&history, ChangeParams::default());
    for (kind, name) in [(ChangeKind::Entry, "entry"), (ChangeKind::Exit, "exit")] {
        let wanted = matrix(name);
        let mut mine = vec![vec![0.0; 9]; 12];
        for event in found.events.iter().filter(|e| e.kind == kind) {
            mine[event.location][event.activity] = 1.0;
        }
        assert_eq!(mine, wanted, "{name}");
        assert!(mine.concat().contains(&1.0), "the case has events");
    }
}

fn growths() {
    let found = growth::growth(&table("first"), &table("second")).unwrap();
    same("cells", &found.cells, &matrix("growth").concat());
    same(
        "locations",
        &found.locations,
        &columns("locations", &LOCATIONS)[10],
    );
    same(
        "activities",
        &found.activities,
        &columns("activities", &ACTIVITIES)[8],
    );
}

fn unknown() {
    let t = table("first");
    let mut labels = t.locations().to_vec();
    labels.push("silent".to_owned());
    let mut values = t.values().to_vec();
    values.extend([f64::NAN; 9]);
    let with = ActivityTable::new(labels, t.activities().to_vec(), values).unwrap();
    let alone = krugman::krugman(&t);
    assert_eq!(krugman::krugman(&with)[..12], alone);
    for of in [
        krugman::krugman,
        quotient::average_quotients,
        concentration::herfindahl,
    ] {
        assert!(of(&with)[12].is_nan());
    }
    assert_eq!(gini::locational_gini(&with), gini::locational_gini(&t));
    assert_eq!(
        growth::growth(&with, &with).unwrap().activities,
        vec![0.0; 9]
    );
}

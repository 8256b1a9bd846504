//! The correspondence tables of the R package `concordance`, with the world's exports of 1998-2000 passing through them.
//! Golden numbers by pandas: `concordances.csv`, made by `concordances.py`, both beside this file.

use std::collections::BTreeMap;

use evidence::concordance::{
    AttributeTable, Concordance, Conversion, ConvertParams, LinkColumns, Lookup, Split, Weights,
    read_links,
};
use evidence::{RawTable, ReadOptions, read_raw};
use libtest_mimic::Trial;

use crate::{shared, trial};

const WORLD: &str = "world_trade_avg_1998_to_2000.csv";

/// What → share lost, codes lost, share ambiguous, Σ rank × value / mass; empty cells are `NaN`.
fn golden(what: &str) -> Option<[f64; 4]> {
    let table = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(include_str!("concordances.csv").as_bytes())
        .records()
        .map(Result::unwrap)
        .find(|row| &row[0] == what)?;
    Some([1, 2, 3, 4].map(|at| table[at].parse().unwrap_or(f64::NAN)))
}

pub fn trials() -> Vec<Trial> {
    let on = |name: &str, tables: &[&str], body: fn()| {
        let files: Vec<String> = tables
            .iter()
            .map(|t| format!("concordance/{t}.csv"))
            .collect();
        let files: Vec<&str> = files.iter().map(String::as_str).chain([WORLD]).collect();
        trial(name, &files, body)
    };
    vec![
        on(
            "hs_2022_and_1992",
            &["hs0_sitc2", "hs6_hs0"],
            revisions_of_hs,
        ),
        on("sitc_to_hs_and_back", &["hs0_sitc2"], sitc_to_hs_and_back),
        on(
            "hs_to_industries",
            &["hs0_sitc2", "hs5_hs0", "hs0_isic3"],
            chain_to_industries,
        ),
        on(
            "two_ways_to_end_use",
            &["hs0_sitc2", "hs0_bec4", "sitc2_bec4"],
            two_ways_to_end_use,
        ),
        on(
            "sigma_and_rauch",
            &["hs0_sitc2", "sigma_hs0", "sitc2_rauch"],
            attributes,
        ),
    ]
}

fn raw(file: &str) -> RawTable {
    read_raw(&shared(file), &ReadOptions::default()).unwrap().0
}

fn read(file: &str, (from, to): (&str, &str), names: (&str, &str)) -> Concordance {
    let table = raw(&format!("concordance/{file}.csv"));
    let found = read_links(&table, &LinkColumns::new(from, to)).unwrap();
    let weights = Weights::Split(Split::Equal);
    Concordance::new(names.0, names.1, &found.links, &weights, &found.origin).unwrap()
}

fn hs0_sitc() -> Concordance {
    read("hs0_sitc2", ("HS0_6d", "SITC2_4d"), ("HS0", "SITC2-4"))
}

fn hs5_hs0() -> Concordance {
    read("hs5_hs0", ("HS5_6d", "HS0_6d"), ("HS5", "HS0"))
}

type Values = BTreeMap<String, f64>;

/// World exports by SITC rev. 2 code (4 digits), 1998-2000.
fn world() -> Values {
    let table = raw(WORLD);
    let at = |column| table.position(column).unwrap();
    let (code, value) = (at("product"), at("value"));
    let mut world = Values::new();
    for row in &table.rows {
        *world.entry(row.cell(code).to_owned()).or_default() +=
            row.cell(value).parse::<f64>().unwrap();
    }
    world
}

/// The same in HS 1992.
fn world_in_hs0() -> Values {
    values(convert(
        &hs0_sitc().reversed(&Split::Equal).unwrap(),
        &world(),
    ))
}

fn values(conversion: Conversion<()>) -> Values {
    conversion
        .rows
        .into_iter()
        .map(|r| (r.code, r.value))
        .collect()
}

/// Converts, checks the books and, where the golden table has this pair, every number of it.
fn convert(concordance: &Concordance, values: &Values) -> Conversion<()> {
    let rows = values
        .iter()
        .map(|(code, value)| ((), code.as_str(), *value));
    let found = concordance
        .convert(rows, &ConvertParams::default())
        .unwrap();
    let report = &found.report;
    let mass: f64 = values.values().sum();
    let out: f64 = found.rows.iter().map(|r| r.value).sum();
    assert!(
        (out + report.mass_lost - mass).abs() <= 1e-9 * mass,
        "{out} + {} is not {mass}",
        report.mass_lost
    );
    assert!(report.imbalance <= 1e-12);
    for row in &found.rows {
        assert!(row.low <= row.value && row.value <= row.high, "{row:?}");
    }
    let name = format!("{} → {}", report.from, report.to);
    if let Some([lost, codes, ambiguous, check]) = golden(&name) {
        let ranks: f64 = found
            .rows
            .iter()
            .zip(1..)
            .map(|(row, rank)| row.value * f64::from(rank))
            .sum();
        let close = |what: &str, found: f64, wanted: f64, within: f64| {
            assert!(
                (found - wanted).abs() <= within,
                "{name}: {what} {found}, wanted {wanted}"
            );
        };
        close("lost", report.lost_share(), lost, 1e-11);
        close("codes", report.unmatched.len() as f64, codes, 0.0);
        close("ambiguous", report.ambiguous_share, ambiguous, 1e-11);
        close("ranks", ranks / mass, check, 1e-9 * check);
    }
    found
}

fn revisions_of_hs() {
    let forward = read("hs6_hs0", ("HS6_6d", "HS0_6d"), ("HS6", "HS0"));
    let trade = world_in_hs0();
    let back = forward.reversed(&Split::Equal).unwrap();
    let now = convert(&back, &trade);
    // The table was made for the way from 2022 to 1992: codes of 1992 that nothing leads to are lost on the way
    // back, and named.
    assert_eq!(now.report.unmatched[0].code, "847192");
    // Home again with the trade of 1992 as reference: exactly what could go out.
    let reached: Values = trade
        .into_iter()
        .filter(|(code, _)| back.links_of(code).is_some())
        .collect();
    let home = back.reversed(&Split::Reference(reached.clone())).unwrap();
    let then = values(convert(&home, &values(now)));
    for (code, value) in then {
        let wanted = reached[&code];
        assert!((value - wanted).abs() <= 1e-9 * wanted.max(1.0), "{code}");
    }
}

fn sitc_to_hs_and_back() {
    let world = world();
    let there = convert(&hs0_sitc().reversed(&Split::Equal).unwrap(), &world);
    let lost: Vec<String> = there
        .report
        .unmatched
        .iter()
        .map(|l| l.code.clone())
        .collect();
    let again = values(convert(&hs0_sitc(), &values(there)));
    // Each HS code has one SITC code, so what is not lost comes back.
    for (code, value) in &again {
        assert!((value - world[code]).abs() <= 1e-9 * world[code], "{code}");
    }
    let missing: Vec<&String> = world
        .keys()
        .filter(|code| !again.contains_key(*code))
        .collect();
    assert_eq!(missing.len(), lost.len());
    assert!(missing.into_iter().all(|code| lost.contains(code)));
}

fn chain_to_industries() {
    let industries = read("hs0_isic3", ("HS0_6d", "ISIC3_4d"), ("HS0", "ISIC3"));
    let now = values(convert(
        &hs5_hs0().reversed(&Split::Equal).unwrap(),
        &world_in_hs0(),
    ));
    let direct = convert(&hs5_hs0().then(&industries).unwrap(), &now);
    let stepped = values(convert(&industries, &values(convert(&hs5_hs0(), &now))));
    let mass: f64 = now.values().sum();
    assert_eq!(direct.rows.len(), stepped.len());
    for row in &direct.rows {
        assert!(
            (row.value - stepped[&row.code]).abs() <= 1e-12 * mass,
            "{}",
            row.code
        );
    }
    // What has no industry is lost by the chain as by the steps.
    let lost = golden("HS0 → ISIC3").unwrap()[0];
    assert!((direct.report.lost_share() - lost).abs() < 1e-11);
    // Leading zeros survive: agriculture is 01, not 1.
    assert!(
        direct
            .rows
            .iter()
            .any(|r| r.code.starts_with("01") && r.code.len() == 4)
    );
}

fn two_ways_to_end_use() {
    let by_hs = convert(
        &read("hs0_bec4", ("HS0_6d", "BEC4_3d"), ("HS0", "BEC4")),
        &world_in_hs0(),
    );
    let by_sitc = convert(
        &read("sitc2_bec4", ("SITC2_4d", "BEC4_3d"), ("SITC2-4", "BEC4")),
        &world(),
    );
    // Two tables that never saw each other: the values by HS lie within the ranges by SITC, give or take what
    // either way lost.
    let lost = world().values().sum::<f64>() - by_hs.report.mass_out + by_sitc.report.mass_lost;
    let hs = values(by_hs);
    for row in &by_sitc.rows {
        let value = hs.get(&row.code).copied().unwrap_or(0.0);
        assert!(
            row.low - lost <= value && value <= row.high + lost,
            "{row:?}: {value}"
        );
    }
}

fn attributes() {
    let world = world();
    let pairs = |values: &Values| -> Vec<(String, f64)> {
        values.iter().map(|(c, v)| (c.clone(), *v)).collect()
    };
    let rauch =
        AttributeTable::read_words(&raw("concordance/sitc2_rauch.csv"), None, "SITC2", "CON")
            .unwrap();
    let codes = pairs(&world);
    let joined = rauch.join(
        "",
        codes.iter().map(|(c, v)| (c.as_str(), *v)),
        Lookup::Exact,
    );
    let [without, missing, ..] = golden("Rauch").unwrap();
    assert!((joined.unmatched_share - without).abs() < 1e-11);
    assert!((joined.unmatched.len() as f64 - missing).abs() < 0.5);
    assert_eq!(joined.unmatched[0].0, "3414");
    assert!(
        joined
            .values
            .iter()
            .flatten()
            .all(|class| ["w", "r", "n"].contains(&class.as_str()))
    );

    let table = raw("concordance/sigma_hs0.csv");
    let sigma = AttributeTable::read_numbers(&table, Some("iso3c"), "HS0_3d", "sigma").unwrap();
    let codes = pairs(&world_in_hs0());
    for country in ["AUS", "USA", "CHN"] {
        let [without, missing, ..] = golden(country).unwrap();
        let joined = sigma.join(
            country,
            codes.iter().map(|(c, v)| (c.as_str(), *v)),
            Lookup::Prefix(3),
        );
        assert!(
            (joined.unmatched_share - without).abs() < 1e-11,
            "{country}: {}",
            joined.unmatched_share
        );
        assert!((joined.unmatched.len() as f64 - missing).abs() < 0.5);
        assert!(joined.values.iter().flatten().all(|s| **s > 1.0));
    }
}

//! What an answer hangs on, and what it says of the evidence behind it: stocks, draws, old shares, chains left out.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{call, example, json, write};

fn asked<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let resist = ["shock", "--stop", "JPN", "--node", "semi_photoresist"];
    let frame = ["--buyer", "CHN", "--weeks", "26", "--draws", "200"];
    [&resist[..], &frame, more].concat()
}

fn table<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer["parts"][0]["tables"][name].as_array().unwrap()
}

fn hit(answer: &Value) -> usize {
    let peaks = table(answer, "chain.shock").iter();
    peaks
        .filter(|row| row["peak"]["high"].as_f64().unwrap() > 1e-9)
        .count()
}

/// The fewest weeks that are enough, asked again: with them nothing is lost, with one less something is.
#[test]
fn the_fewest_weeks_of_stock_are_enough_and_one_less_is_not() {
    let folder = example();
    let study = folder.path().join("study");
    let out = folder.path().join("answer");
    let answer = json(&study, &asked(&["--out", out.to_str().unwrap()]), 0);
    let stocks = table(&answer, "whatif.stocks");
    let weeks = |row: &Value| row["stock_assumed"]["value"].as_f64().unwrap();
    let enough: Vec<f64> = stocks
        .iter()
        .filter(|row| row["stock_role"] == "stock_role.enough")
        .map(weeks)
        .collect();
    assert_eq!(enough.len(), 1, "{stocks:?}");
    let assumed: Vec<&Value> = (stocks.iter())
        .filter(|row| row["stock_role"] == "stock_role.assumed")
        .collect();
    assert_eq!(assumed.len(), 3);
    for pair in assumed.windows(2) {
        assert!(weeks(pair[0]) < weeks(pair[1]));
        let lost = |row: &Value| row["cumulative"]["high"].as_f64().unwrap();
        assert!(lost(pair[0]) >= lost(pair[1]));
    }
    let with = |stock: f64| hit(&json(&study, &asked(&["--stock", &stock.to_string()]), 0));
    assert_eq!(with(enough[0]), 0);
    assert!(with(enough[0] - 1.0) > 0);

    let said = answer["recovery"].as_array().unwrap();
    let sentence = |words: &str| said.iter().any(|s| s.as_str().unwrap().contains(words));
    assert!(
        sentence(&format!("With {} whole weeks of normal use", enough[0])),
        "{said:?}"
    );
    let hardest = table(&answer, "chain.shock")
        .iter()
        .max_by(|a, b| {
            let lost = |row: &Value| row["cumulative"]["value"].as_f64().unwrap();
            lost(a).total_cmp(&lost(b))
        })
        .unwrap();
    let drawn = table(&answer, "chain.shock_draws");
    let drawn = drawn.iter().find(|row| row["key"] == hardest["key"]);
    let share = drawn.unwrap()["hit_draws"]["value"].as_f64().unwrap();
    let told = said.iter().filter_map(|s| s.as_str()?.strip_prefix("In "));
    let told = told.filter_map(|s| s.split_once(" % of 200 draws"));
    let told: Vec<f64> = told.map(|(n, _)| n.parse().unwrap()).collect();
    assert!(
        told.len() == 1 && (told[0] - 100.0 * share).abs() <= 0.5,
        "{share}: {said:?}"
    );
    assert!(sentence("does not tell whether the stop hurts"), "{said:?}");
    assert!(out.join("stocks.csv").is_file());
    let page = fs::read_to_string(out.join("answer.html")).unwrap();
    assert!(page.contains("Draws with a loss"));
}

/// Stock of one good only: the others hold none, so that the first loss comes when that stock is used up.
#[test]
fn a_stock_can_be_that_of_one_node() {
    let folder = example();
    let study = folder.path().join("study");
    let first = |stock: &[&str]| {
        let answer = json(&study, &asked(stock), 0);
        let weeks = table(&answer, "chain.shock").iter();
        weeks
            .filter_map(|row| row["first_week_worst"].as_u64())
            .min()
            .unwrap()
    };
    assert_eq!(first(&["--stock", "0", "--stock", "semi_photoresist=4"]), 5);
    assert_eq!(first(&["--stock", "semi_photoresist=4", "--stock", "0"]), 5);
    assert_eq!(first(&["--stock", "0"]), 1);
    let more = asked(&["--stock", "semi_photoresst=4"]);
    let refused = call(&study, &more);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("semi_photoresist"), "{said}");
}

/// Where something is lost at best, a wide interval does tell: it carries no warning. Fractions of weeks are not rounded.
#[test]
fn an_interval_that_begins_above_nothing_carries_no_warning() {
    let folder = example();
    let study = folder.path().join("study");
    let surely = [
        "shock",
        "--stop",
        "JPN",
        "--node",
        "semi_photoresist",
        "--target",
        "semi_photoresist",
        "--buyer",
        "CHN",
        "--weeks",
        "26",
        "--severity",
        "0.4..0.7..0.95",
        "--draws",
        "20",
    ];
    let said = json(&study, &surely, 0)["recovery"].to_string();
    assert!(!said.contains("does not tell whether"), "{said}");
    // Its own supply stops: stocks of inputs do not help.
    assert!(!said.contains("Stocks of inputs alone"), "{said}");
    let quartz = [
        "shock",
        "--stop",
        "USA",
        "--node",
        "semi_quartz",
        "--weeks",
        "8",
        "--stock",
        "2.1..2.3..2.4",
        "--draws",
        "20",
    ];
    let said = json(&study, &quartz, 0)["recovery"].to_string();
    assert!(
        said.contains("With 3 whole weeks") && said.contains("2.1 weeks:"),
        "{said}"
    );
}

/// A narrow interval needs no warning: a stop of two per cent takes two per cent at most of each input.
#[test]
fn a_narrow_interval_carries_no_warning() {
    let folder = example();
    let study = folder.path().join("study");
    let answer = json(&study, &asked(&["--severity", "2%", "--stock", "0"]), 0);
    let said = answer["recovery"].to_string();
    assert!(said.contains("of 200 draws"), "{said}");
    assert!(!said.contains("does not tell whether"), "{said}");
}

fn edited(study: &Path, file: &str, from: &str, to: &str) {
    let path = study.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file}: {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn old_shares_are_named_and_new_ones_are_not() {
    let folder = example();
    let study = folder.path().join("study");
    let notes = |answer: &Value| answer["parts"][0]["notes"].to_string();
    // chain_supply.csv: semi_photoresist,JPN,market,2022; the study begins in 2026.
    assert!(!notes(&json(&study, &asked(&[]), 0)).contains("Old shares"));
    edited(
        &study,
        "study.toml",
        "start_year = 2026",
        "start_year = 2027",
    );
    let told = notes(&json(&study, &asked(&[]), 0));
    assert!(
        told.contains("Old shares: Photoresists (all) of 2022"),
        "{told}"
    );
}

#[test]
fn a_node_of_a_chain_that_is_left_out_is_said_to_be_left_out() {
    let folder = example();
    let study = folder.path().join("study");
    let refused = call(&study, &["shock", "--stop", "NLD", "--node", "sia_litho"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    for words in [
        "Lithography equipment (all) (sia_litho) is on record",
        "semiconductor_activities",
        "[chain] exclude",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// A bureau with a table of employment: a page to print that says first whether the table can tell.
#[test]
fn options_of_one_place_stand_on_a_page_to_print() {
    let folder = tempfile::tempdir().unwrap();
    let (cities, industries) = (12, 18);
    let made = |belongs: &dyn Fn(usize, usize) -> bool| {
        let mut text = String::from("city,industry,employees\n");
        for c in 0..cities {
            for i in 0..industries {
                let employed = if belongs(c, i) { 900 + 7 * c + i } else { 3 };
                text.push_str(&format!("c{c:02},i{i:02},{employed}\n"));
            }
        }
        text
    };
    let page = |name: &str, lang: &str| {
        let out = folder.path().join(name).with_extension("out");
        let columns = "location=city,activity=industry,value=employees";
        let file = format!("{name}.csv");
        let asked = ["options", &file, "--columns", columns, "--location", "c03"];
        let more = ["--lang", lang, "--out", out.to_str().unwrap()];
        let done = crate::program::calc(folder.path(), &[&asked[..], &more].concat());
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(0), "{name}: {errors}");
        let printed = String::from_utf8_lossy(&done.stdout).into_owned();
        let page = fs::read_to_string(out.join("page.html")).unwrap();
        (page, printed)
    };
    // Nested: who has much has what the others have, and more.
    let nested = made(&|c, i| (i + 1) * cities <= (c + 2) * industries);
    write(folder.path(), "nested.csv", &nested);
    let (ordered, _) = page("nested", "en");
    for words in [
        "Which industries for c03?",
        "Can the table tell?",
        "Who are we",
        "What fits",
        "nested.csv",
    ] {
        assert!(ordered.contains(words), "{words}");
    }
    // Whoever it is, as a wheel of numbers falls: nothing to tell apart.
    let wheel = |c: usize, i: usize| {
        let mut n = (c * industries + i + 1) as u32;
        for (shift, factor) in [(15, 0x2c1b_3c6d_u32), (12, 0x297a_2d39), (15, 1)] {
            n = (n ^ (n >> shift)).wrapping_mul(factor);
        }
        n >> 8
    };
    let scattered = made(&|c, i| wheel(c, i) % 100 < 40);
    write(folder.path(), "scattered.csv", &scattered);
    let (blind, printed) = page("scattered", "en");
    for said in [&blind, &printed] {
        assert!(said.contains("Your data do not tell"), "{printed}");
        assert!(
            said.contains("Random tables with the same totals"),
            "{printed}"
        );
    }
    assert!(page("scattered", "zh").0.contains("您的数据无法区分"));
}

/// A table as a Chinese office program writes it: GB18030, headings and names in Chinese.
#[test]
fn a_table_in_gb18030_is_read_under_its_own_headings() {
    let folder = tempfile::tempdir().unwrap();
    // 城市,产业,人数; 北京市海淀区, 上海市浦东新区, 广州市天河区.
    let mut bytes: Vec<u8> = b"\xb3\xc7\xca\xd0,\xb2\xfa\xd2\xb5,\xc8\xcb\xca\xfd\n".to_vec();
    let cities: [&[u8]; 3] = [
        b"\xb1\xb1\xbe\xa9\xca\xd0\xba\xa3\xb5\xed\xc7\xf8",
        b"\xc9\xcf\xba\xa3\xca\xd0\xc6\xd6\xb6\xab\xd0\xc2\xc7\xf8",
        b"\xb9\xe3\xd6\xdd\xca\xd0\xcc\xec\xba\xd3\xc7\xf8",
    ];
    for (at, name) in cities.iter().enumerate() {
        for industry in 0..6 {
            bytes.extend_from_slice(name);
            let people = if industry <= 2 * at + 1 { 90 } else { 4 };
            bytes.extend_from_slice(format!(",i{industry},{people}\n").as_bytes());
        }
    }
    fs::write(folder.path().join("gb.csv"), bytes).unwrap();
    let columns = "location=城市,activity=产业,value=人数";
    let asked = [
        "specialisation",
        "gb.csv",
        "--columns",
        columns,
        "--out",
        "out",
    ];
    let done = crate::program::calc(folder.path(), &asked);
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(0), "{errors}");
    let locations = fs::read_to_string(folder.path().join("out/locations.csv")).unwrap();
    for city in ["北京市海淀区", "上海市浦东新区", "广州市天河区"] {
        assert!(locations.contains(city), "{locations}");
    }
}

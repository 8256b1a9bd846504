//! What a duty officer needs of `forelay shock` beyond the course: the cheapest remedy, recovery, an interval that says
//! little, present suppliers, a question that is kept.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::{call, example, io_table, json, shrink};

const RESIST: [&str; 9] = [
    "shock",
    "--stop",
    "JPN",
    "--node",
    "semi_photoresist",
    "--buyer",
    "CHN",
    "--draws",
    "20",
];

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn rows<'a>(answer: &'a Value, part: usize, table: &str) -> &'a [Value] {
    let rows = answer["parts"][part]["tables"][table].as_array();
    rows.unwrap_or_else(|| panic!("no table {table}"))
}

fn end(row: &Value, column: &str, end: &str) -> f64 {
    row[column][end]
        .as_f64()
        .unwrap_or_else(|| panic!("{column} is no number: {row}"))
}

fn lost(answer: &Value) -> Vec<(String, f64)> {
    rows(answer, 0, "chain.shock")
        .iter()
        .map(|row| {
            let target = row["target"].as_str().unwrap().to_owned();
            (target, end(row, "cumulative", "high"))
        })
        .collect()
}

#[test]
fn the_cheapest_remedy_stands_on_the_page_and_keeps_its_bound_when_it_is_asked_again() {
    let folder = example();
    let study = folder.path().join("study");
    let out = folder.path().join("answer");
    let asked = [&RESIST[..], &["--out", out.to_str().unwrap()]].concat();
    let answer = json(&study, &asked, 0);
    let plan = &rows(&answer, 0, "chain.remedy")[0];
    let cost = |of: &str| end(plan, "remedy_cost", of);
    let least = end(plan, "cost_at_least", "value");
    assert!(cost("low") < cost("value") && cost("value") < cost("high"));
    assert!(0.0 < least && least <= cost("value") * (1.0 + 1e-9));
    let gap = end(plan, "cost_gap", "value");
    assert!((gap - (1.0 - least / cost("value"))).abs() < 1e-9, "{gap}");
    let origins = plan["origins"].as_array().unwrap();
    for origin in ["setting/remedy", "evidence/chain_supply/"] {
        let found = origins
            .iter()
            .any(|o| o.as_str().unwrap().starts_with(origin));
        assert!(found, "{origin}: {origins:?}");
    }
    // Costs by hand: a week of stock costs 0.25 of a week of use (holding_rate), 0.15 to 0.40.
    let bought = rows(&answer, 0, "chain.remedy_plan");
    let weeks: f64 = bought.iter().map(|b| end(b, "added_stock", "value")).sum();
    for (end, rate) in [("low", 0.15), ("value", 0.25), ("high", 0.40)] {
        assert!((cost(end) - rate * weeks).abs() < 1e-6, "{end}: {plan}");
    }
    // The same question with the plan's stock leaves no more than half of each loss, and a little less stock leaves more.
    let [only] = bought else {
        panic!("the plan of this question is one stock: {bought:?}")
    };
    assert_eq!(only["node"], "semi_photoresist");
    let with = |more: f64| {
        let file = folder.path().join("with.toml");
        let text = format!(
            "title_en = \"q\"\ntitle_zh = \"q\"\nbuyer = \"CHN\"\nhorizon_weeks = 52\n\
             default_stock_weeks = {{ low = 4, value = 8, high = 16 }}\n\
             stocks = [{{ node = \"semi_photoresist\", weeks = {{ low = {:?}, value = {:?}, high = {:?} }} }}]\n\
             [[event]]\ncountry = \"JPN\"\nnode = \"semi_photoresist\"\nseverity = 1\nstart_week = 1\nweeks = 26\n",
            4.0 + more,
            8.0 + more,
            16.0 + more
        );
        fs::write(&file, text).unwrap();
        lost(&json(
            &study,
            &["shock", file.to_str().unwrap(), "--draws", "5"],
            0,
        ))
    };
    let (kept, less) = (with(weeks), with(weeks - 0.5));
    let mut over = 0;
    for (i, (target, before)) in lost(&answer).iter().enumerate() {
        assert_eq!(*target, kept[i].0);
        assert!(
            kept[i].1 <= 0.5 * before + 1e-4,
            "{target}: {} of {before}",
            kept[i].1
        );
        over += usize::from(less[i].1 > 0.5 * before + 1e-4);
    }
    assert!(over > 0, "the plan buys more than it needs");
    for row in rows(&answer, 0, "chain.remedy_remaining") {
        assert!(
            end(row, "loss_after", "high") <= end(row, "loss_bound", "value") + 1e-4,
            "{row}"
        );
    }
    assert!(!rows(&answer, 0, "chain.remedy_prices").is_empty());
    assert!(!rows(&answer, 0, "chain.remedy_worth").is_empty());
    for file in [
        "remedy.csv",
        "remedy_plan.csv",
        "remedy_remaining.csv",
        "remedy_stock_day.csv",
        "remedy_worth.csv",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let page = fs::read_to_string(out.join("answer.html")).unwrap();
    for words in [
        "The cheapest plan that leaves at most 50 %",
        "no plan on offer costs less",
        "A further day of stock",
        "The next source",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let chinese = call(&study, &[&RESIST[..], &["--lang", "zh"]].concat());
    for words in ["最省方案", "已有库存每多一天", "下一来源"] {
        assert!(
            said(&chinese).contains(words),
            "{words}: {}",
            said(&chinese)
        );
    }
}

#[test]
fn the_page_begins_with_the_recorded_share_and_names_the_worst_that_remains() {
    let folder = example();
    let study = folder.path().join("study");
    let out = folder.path().join("answer");
    let asked = [&RESIST[..], &["--out", out.to_str().unwrap()]].concat();
    let answer = json(&study, &asked, 0);
    // chain_supply.csv: semi_photoresist,JPN,market,2022,90,exact.
    let share = &rows(&answer, 0, "whatif.suppliers")[0];
    assert_eq!(end(share, "share", "value"), 0.9, "{share}");
    assert!(end(share, "share", "low") < 0.9);
    assert!(out.join("suppliers.csv").exists());
    let page = fs::read_to_string(out.join("answer.html")).unwrap();
    assert!(page.contains("Stop: Japan · Photoresists (all), 26 weeks, buyer China"));
    let remains = page.find("What remains with it").unwrap();
    let sentence = &page[remains..page[remains..].find("</li>").unwrap() + remains];
    let worst = (rows(&answer, 0, "chain.remedy_remaining").iter())
        .map(|row| {
            (
                end(row, "loss_after", "high"),
                row["target"].as_str().unwrap(),
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap();
    let first = sentence.find(&format!("to {} weeks", worst.0.round()));
    let others = sentence.match_indices(" loses ").count();
    assert!(others >= 1 && first.is_some(), "{worst:?}: {sentence}");
}

#[test]
fn a_question_is_kept_as_a_scenario_and_never_replaces_another() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let save = |name: &str, weeks: &str| {
        let more = ["--weeks", weeks, "--save", name];
        call(&study, &[&RESIST[..], &more].concat())
    };
    let file = study.join("scenarios/resist-stop.toml");
    assert!(save("resist-stop", "20").status.success());
    let text = fs::read_to_string(&file).unwrap();
    assert!(save("resist-stop", "20").status.success(), "the same again");
    let other = save("resist-stop", "13");
    assert_eq!(other.status.code(), Some(2), "{}", said(&other));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    for name in ["../x", "A", "a b", ""] {
        assert_eq!(save(name, "20").status.code(), Some(2), "{name}");
    }
    // What nothing answers is not kept.
    let refused = ["shock", "--stop", "JPN", "--firm", "TSMC", "--save", "trap"];
    assert_eq!(call(&study, &refused).status.code(), Some(1));
    assert!(!study.join("scenarios/trap.toml").exists());
    // A run of its steps answers as the question did.
    let asked = json(&study, &["shock", "resist-stop", "--draws", "5"], 0);
    for other in fs::read_dir(study.join("scenarios")).unwrap() {
        let other = other.unwrap().path();
        if other != file {
            fs::remove_file(other).unwrap();
        }
    }
    let run = json(&study, &["run", "chain.shock", "chain.remedy"], 0);
    let query =
        "select remedy_cost, cost_at_least from chain.remedy where scenario = 'resist-stop'";
    let found = call(&study, &["sql", query, "--json"]);
    let id = run["run"].as_str().unwrap();
    let errors = String::from_utf8_lossy(&found.stderr).into_owned();
    assert!(errors.contains(&format!("--run {id}")), "{errors}");
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let row = &found["rows"][0];
    let cost = end(&rows(&asked, 0, "chain.remedy")[0], "remedy_cost", "value");
    assert!(
        (row["remedy_cost"].as_f64().unwrap() - cost).abs() < 1e-6,
        "{row}"
    );
    let explained = call(
        &study,
        &[
            "explain",
            "chain.remedy/resist-stop#remedy_cost",
            "--run",
            id,
        ],
    );
    assert!(
        said(&explained).contains("semi_photoresist"),
        "{}",
        said(&explained)
    );
    // A table that no run holds is still unknown.
    let unknown = call(&study, &["sql", "select * from chain.nothing"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
}

#[test]
fn the_course_goes_on_to_recovery_or_says_where_it_ended() {
    let folder = example();
    let study = folder.path().join("study");
    let recovery = |more: &[&str]| {
        let answer = json(&study, &[&RESIST[..], more].concat(), 0);
        let weeks = rows(&answer, 0, "chain.shock_weeks");
        let at = |row: &Value| row["week"].as_u64().unwrap();
        let last = weeks.iter().map(at).max().unwrap();
        let open = weeks
            .iter()
            .any(|r| at(r) == last && end(r, "at_risk", "high") > 1e-9);
        (
            answer["recovery"][0].as_str().unwrap().to_owned(),
            last,
            open,
        )
    };
    let (text, last, open) = recovery(&["--weeks", "26"]);
    assert!(
        text.contains("supplied in full again from week 27") && !open,
        "{text}"
    );
    assert_eq!(last, 52);
    let (text, last, open) = recovery(&["--weeks", "26", "--horizon", "20"]);
    assert!(
        text.contains("The stop still runs") && text.contains("week 20") && open,
        "{text}"
    );
    assert_eq!(last, 20);
    // Tools that were not replaced stay worn: no recovery within what may be looked at.
    let tools = [
        "shock",
        "--stop",
        "NLD",
        "--node",
        "semi_euv_scanner",
        "--buyer",
        "CHN",
        "--weeks",
        "26",
        "--stock",
        "0",
        "--draws",
        "5",
    ];
    let answer = json(&study, &tools, 0);
    let text = answer["recovery"][0].as_str().unwrap();
    assert!(
        text.contains("Not recovered where the course ends, at week 104"),
        "{text}"
    );
    // Losses that only begin after the stop are seen too.
    let late = [
        "shock",
        "--stop",
        "NLD",
        "--node",
        "semi_arfi_scanner",
        "--buyer",
        "CHN",
        "--weeks",
        "26",
        "--draws",
        "5",
    ];
    let lost = lost(&json(&study, &late, 0));
    assert!(lost.iter().all(|(_, weeks)| *weeks > 0.0), "{lost:?}");
}

#[test]
fn a_severity_is_a_share_or_a_per_cent_and_progress_is_shown_where_it_is_wanted() {
    let folder = example();
    let study = folder.path().join("study");
    let with = |severity: &str| {
        json(
            &study,
            &[&RESIST[..], &["--severity", severity]].concat(),
            0,
        )
    };
    assert_eq!(with("0.5"), with("50%"));
    let wrong = call(&study, &[&RESIST[..], &["--severity", "50"]].concat());
    assert_eq!(wrong.status.code(), Some(2), "{}", said(&wrong));
    assert!(said(&wrong).contains("50%"), "{}", said(&wrong));
    let shown = |more: &[&str]| {
        let done = call(&study, &[&RESIST[..], more].concat());
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    assert!(shown(&["--progress"]).contains("[2/5] the cheapest remedy"));
    assert_eq!(shown(&[]), "");
    assert_eq!(shown(&["--progress", "--json"]), "");
    let text = fs::read_to_string({
        let out = folder.path().join("out");
        json(
            &study,
            &[&RESIST[..], &["--out", out.to_str().unwrap()]].concat(),
            0,
        );
        out.join("answer.html")
    });
    let text = text.unwrap();
    assert!(text.contains("Draws asked for") && text.contains("Draws used"));
}

/// Japan delivers 5 of the 83 chips that China uses; its stop and that of a large supplier look alike in the worst case.
fn small_supplier(folder: &Path) {
    io_table(
        folder,
        "id,JPN_chips,JPN_cars,CHN_chips,CHN_cars\nJPN_chips,10,200,1,3\nJPN_cars,2,30,1,20\n\
         CHN_chips,4,10,8,60\nCHN_cars,1,15,3,40\n",
        "id,JPN_home,CHN_home\nJPN_chips,20,1\nJPN_cars,500,200\nCHN_chips,40,10\nCHN_cars,100,600\n",
    );
}

#[test]
fn an_interval_that_does_not_discriminate_says_so_after_what_does() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    small_supplier(folder.path());
    let table = folder.path().join("table_2021");
    let add = [
        "add",
        table.to_str().unwrap(),
        "--as",
        "io",
        "--year",
        "2021",
    ];
    let added = call(
        &study,
        &[&add[..], &["--source", "forelay_editors"]].concat(),
    );
    assert!(added.status.success(), "{}", said(&added));
    let out = folder.path().join("answer");
    let question = [
        "shock",
        "--stop",
        "JPN",
        "--industry",
        "chips",
        "--weeks",
        "8",
    ];
    let more = [
        "--stock",
        "1..2..3",
        "--draws",
        "20",
        "--out",
        out.to_str().unwrap(),
    ];
    let answer = json(&study, &[&question[..], &more].concat(), 0);
    let io = answer["parts"]
        .as_array()
        .unwrap()
        .iter()
        .position(|p| p["evidence"] == "whatif.io");
    let io = io.unwrap();
    let direct = &rows(&answer, io, "whatif.direct")[0];
    assert!(
        (end(direct, "uses", "value") - 83.0).abs() < 1e-9,
        "{direct}"
    );
    assert!((end(direct, "share_of_uses", "value") - 5.0 / 83.0).abs() < 1e-9);
    assert!((end(direct, "share_of_imports", "value") - 1.0).abs() < 1e-9);
    let text = answer["answer"].as_str().unwrap();
    let (first, blind) = (
        text.find("6 %").unwrap(),
        text.find("does not discriminate").unwrap(),
    );
    assert!(first < blind && text.contains("stock_days_of"), "{text}");
    let page = fs::read_to_string(out.join("answer.html")).unwrap();
    assert!(page.contains("does not discriminate") && page.contains("the table does not name"));
    // Home's industries first, what is itself stopped last.
    let keys: Vec<&str> = rows(&answer, io, "whatif.industries")
        .iter()
        .map(|r| r["key"].as_str().unwrap())
        .collect();
    assert!(
        keys[0].starts_with("CHN/") && keys.last() == Some(&"JPN/chips"),
        "{keys:?}"
    );
    // The loss of a region as a share of its output, by hand: loss over 132 + 759.
    let regions = rows(&answer, io, "whatif.regions");
    let china = regions.iter().find(|r| r["key"] == "CHN").unwrap();
    let output = 4.0 + 10.0 + 8.0 + 60.0 + 40.0 + 10.0 + 1.0 + 15.0 + 3.0 + 40.0 + 100.0 + 600.0;
    let share = end(china, "loss_io", "high") / output;
    assert!(
        (end(china, "loss_share", "high") - share).abs() < 1e-9,
        "{china}"
    );
    assert!(answer["parts"][io]["draws_used"].as_u64().unwrap() > 0);
}

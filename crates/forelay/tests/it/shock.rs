//! `forelay shock` and `calc shock` on the embedded study and on a chain by hand.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::forelay;

fn study(folder: &Path) -> std::path::PathBuf {
    let to = folder.join("s");
    let made = forelay()
        .args(["init", "--example", "china-2021"])
        .arg(&to)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", said(&made));
    to
}

fn ask(study: &Path, arguments: &[&str]) -> Output {
    forelay()
        .arg("--study")
        .arg(study)
        .arg("shock")
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn a_question_in_one_line_is_answered_with_bounds_draws_and_what_carried_it() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let out = folder.path().join("answer");
    let short = [
        "--stop",
        "JPN",
        "--node",
        "semi_photoresist",
        "--weeks",
        "26",
        "--buyer",
        "CHN",
    ];
    let done = ask(
        &study,
        &[&short[..], &["--json", "--out", out.to_str().unwrap()]].concat(),
    );
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let json: Value = serde_json::from_slice(&done.stdout).unwrap();
    let chain = &json["parts"][0];
    assert_eq!(
        (&chain["evidence"], &chain["answered"]),
        (&"whatif.chain".into(), &true.into())
    );
    let products = chain["tables"]["chain.shock"].as_array().unwrap();
    let drawn = chain["tables"]["chain.shock_draws"].as_array().unwrap();
    assert!(
        products
            .iter()
            .any(|p| p["peak"]["high"].as_f64() > Some(0.0))
    );
    for (product, draws) in products.iter().zip(drawn) {
        let at = |row: &Value, column: &str, end: &str| row[column][end].as_f64().unwrap();
        assert!(at(product, "peak", "low") <= at(draws, "peak_drawn", "low") + 1e-9);
        assert!(at(draws, "peak_drawn", "high") <= at(product, "peak", "high") + 1e-9);
    }
    let trade = &json["parts"][1];
    assert_eq!(trade["answered"], false);
    assert_eq!(trade["refused"][0]["code"], "whatif.no_trade");
    for file in [
        "answer.html",
        "products.csv",
        "weeks.csv",
        "draws.csv",
        "report.json",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let page = fs::read_to_string(out.join("answer.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("https://") && page.contains("@media print"));
    let again = ask(
        &study,
        &[&short[..], &["--json", "--out", out.to_str().unwrap()]].concat(),
    );
    assert_eq!(
        done.stdout, again.stdout,
        "the same question, the same bits"
    );
    let chinese = forelay()
        .args(["--lang", "zh", "--study"])
        .arg(&study)
        .arg("shock")
        .args(short)
        .output()
        .unwrap();
    assert!(said(&chinese).contains("终端产品"), "{}", said(&chinese));
}

#[test]
fn what_the_evidence_cannot_carry_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    for (question, word) in [
        (vec!["--firm", "TSMC", "--stop", "JPN"], "TSMC"),
        (vec!["--region", "Kyushu", "--stop", "JPN"], "Kyushu"),
        (
            vec!["--stop", "JPN", "--node", "semi_photoresist", "--price"],
            "price",
        ),
        (
            vec!["--stop", "CHN", "--product", "811292"],
            "several goods",
        ),
        (vec!["--stop", "CHN", "--product", "999999"], "999999"),
    ] {
        let done = ask(&study, &question);
        assert_eq!(done.status.code(), Some(1), "{question:?}: {}", said(&done));
        assert!(said(&done).contains(word), "{question:?}: {}", said(&done));
    }
    for (question, meant) in [
        (vec!["photoresist-jp"], "photoresist-jpn"),
        (
            vec!["--stop", "JPN", "--node", "photoresist"],
            "semi_photoresist",
        ),
        (vec!["--stop", "JAP", "--node", "semi_photoresist"], "JPN"),
        (vec!["--firm", "ASMI"], "ASML"),
    ] {
        let done = ask(&study, &question);
        assert_eq!(done.status.code(), Some(2), "{question:?}: {}", said(&done));
        assert!(said(&done).contains(meant), "{question:?}: {}", said(&done));
    }
}

/// A firm takes between nothing and all of its country's supply where only its presence is on record, and its own share
/// where that is, written behind its name.
#[test]
fn a_firm_stops_where_it_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let answer = |arguments: &[&str]| -> Value {
        let done = ask(&study, &[arguments, &["--draws", "50", "--json"]].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let json: Value = serde_json::from_slice(&done.stdout).unwrap();
        json["parts"][0]["tables"].clone()
    };
    let peaks = |tables: &Value, end: &str| -> Vec<(String, f64)> {
        let rows = tables["chain.shock"].as_array().unwrap().iter();
        rows.map(|r| (r["target"].to_string(), r["peak"][end].as_f64().unwrap()))
            .collect()
    };
    let node = [
        "--node",
        "semi_euv_scanner",
        "--weeks",
        "52",
        "--horizon",
        "104",
    ];
    let firm = answer(&[&["--firm", "asml"][..], &node].concat());
    let country = answer(&[&["--stop", "NLD"][..], &node].concat());
    assert_eq!(peaks(&firm, "high"), peaks(&country, "high"));
    assert!(peaks(&firm, "high").iter().any(|(_, x)| *x > 0.0));
    assert!(peaks(&firm, "low").iter().all(|(_, x)| *x == 0.0));
    let seats = firm["chain.shock_seats"].as_array().unwrap();
    assert_eq!(seats.len(), 1);
    let part = &seats[0]["part_of_supply"];
    assert_eq!((&part["low"], &part["high"]), (&0.0.into(), &1.0.into()));
    // Everywhere it is on record, not at one node only.
    let everywhere = answer(&["--firm", "ASML", "--buyer", "CHN"]);
    assert!(everywhere["chain.shock_seats"].as_array().unwrap().len() > 2);

    // With its own share behind its name: the part is what it holds of its country's.
    let file = study.join("evidence/chain_supply.csv");
    let rows = fs::read_to_string(&file).unwrap();
    let row = "hbm_memory,KOR,market,2023,95,";
    let line = rows.lines().find(|l| l.starts_with(row)).unwrap();
    let with = line.replacen("SK hynix", "SK hynix (57)", 1);
    assert_ne!(line, with);
    fs::write(&file, rows.replace(line, &with)).unwrap();
    // Kept as a scenario, a run answers it too, and says where the firm is on record.
    let kept = ["--firm", "ASML", "--buyer", "CHN", "--save", "asml-off"];
    assert_eq!(ask(&study, &kept).status.code(), Some(0));
    let run = |arguments: &[&str]| -> Value {
        let mut program = forelay();
        program
            .arg("--study")
            .arg(&study)
            .args(arguments)
            .arg("--json");
        serde_json::from_slice(&program.output().unwrap().stdout).unwrap()
    };
    let id = run(&["run", "chain.shock"])["run"].clone();
    let query = "select count(*) as n from chain.shock_seats where scenario = 'asml-off'";
    let found = run(&["sql", query, "--run", id.as_str().unwrap()]);
    let seats = everywhere["chain.shock_seats"].as_array().unwrap().len();
    assert_eq!(found["rows"][0]["n"], seats);
    let memory = answer(&["--firm", "SK hynix", "--node", "hbm_memory"]);
    let part = &memory["chain.shock_seats"][0]["part_of_supply"];
    let of = |end: &str| part[end].as_f64().unwrap();
    assert!((of("value") - 57.0 / 95.0).abs() < 1e-12, "{part}");
    assert!(
        0.0 < of("low") && of("low") < of("value") && of("value") < of("high") && of("high") < 1.0
    );
}

/// USA holds 0.8 of x and stops in weeks 2 to 5, one week of stock: losses of t are 0, 0, 0.6, 0.8, 0.8, 0.
#[test]
fn calc_shock_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let done = forelay()
        .args(["calc", "shock", "--nodes"])
        .arg(file("nodes.csv", "node\nx\nt\n"))
        .arg("--links")
        .arg(file("links.csv", "from,to\nx,t\n"))
        .arg("--supply")
        .arg(file(
            "supply.csv",
            "node,provider,share\nx,USA,0.8\nx,CHN,0.2\n",
        ))
        .arg("--scenario")
        .arg(file(
            "q.toml",
            "title_en = \"q\"\ntitle_zh = \"q\"\nhorizon_weeks = 6\n\
             default_stock_weeks = { low = 1.0, value = 1.0, high = 1.0 }\n\
             [[event]]\ncountry = \"USA\"\nnode = \"x\"\n\
             severity = { low = 1.0, value = 1.0, high = 1.0 }\nstart_week = 2\nweeks = 4\n",
        ))
        .arg("--out")
        .arg(folder.path().join("out"))
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let text = fs::read_to_string(folder.path().join("out/weeks.csv")).unwrap();
    let expected = [0.0, 0.0, 0.6, 0.8, 0.8, 0.0];
    for (line, expected) in text.lines().skip(1).zip(expected) {
        let numbers: Vec<f64> = line
            .split(',')
            .skip(2)
            .map(|x| x.parse().unwrap())
            .collect();
        assert_eq!(numbers.len(), 6);
        for number in numbers {
            assert!((number - expected).abs() < 1e-12, "{line}: not {expected}");
        }
    }
    assert_eq!(text.lines().count(), 7);
    let binding = fs::read_to_string(folder.path().join("out/binding.csv")).unwrap();
    assert!(binding.contains("t,3,5,x,x,"), "{binding}");
}

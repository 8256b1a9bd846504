//! The trade part of `forelay shock` and `calc shock`, in whole runs, by hand.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::answered::{close, codes, ends, part, plain, row, said, scenario};
use crate::program::{call, example, json, shrink};

/// China buys 100 of 000001: 60 from Japan, 30 from Korea, 10 of unknown origin; Korea sells another 90 elsewhere.
pub const TRADE: &str = "year,from,to,good,usd\n\
    2021,JPN,CHN,000001,60\n2021,KOR,CHN,000001,30\n2021,_X,CHN,000001,10\n\
    2021,KOR,USA,000001,90\n2021,USA,JPN,000001,40\n2021,CHN,JPN,000002,50\n";
pub const COLUMNS: &str = "year=year,exporter=from,importer=to,product=good,value=usd";

/// A study with the table, and the file that it came from.
fn with_trade(folder: &Path) -> (PathBuf, String) {
    let study = folder.join("study");
    shrink(&study);
    let file = folder.join("trade.csv");
    fs::write(&file, TRADE).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let add = ["add", &file, "--as", "trade", "--columns", COLUMNS];
    let added = call(
        &study,
        &[&add[..], &["--source", "forelay_editors"]].concat(),
    );
    assert!(added.status.success(), "{}", said(&added));
    (study, file)
}

#[test]
fn trade_by_hand_in_a_study_and_on_a_file() {
    let folder = example();
    let (study, file) = with_trade(folder.path());
    let file = file.as_str();
    let ask = |severity: &str, stop: &str| {
        let question = [
            "shock",
            "--stop",
            stop,
            "--product",
            "000001",
            "--buyer",
            "CHN",
        ];
        json(
            &study,
            &[&question[..], &["--severity", severity]].concat(),
            0,
        )
    };
    let answer = ask("0.5..1", "JPN");
    assert_eq!(codes(part(&answer, "whatif.chain")), ["whatif.no_node"]);
    let imports = row(part(&answer, "whatif.trade"), "whatif.imports", "000001");
    close(ends(imports, "imports"), [100.0; 3]);
    close(ends(imports, "share_stopped"), [0.6, 0.6, 0.7]);
    // 60 × 0.5, 60 × 0.75, (60 + 10) × 1.
    close(ends(imports, "share_lost"), [0.3, 0.45, 0.7]);
    let sources = part(&answer, "whatif.trade")["tables"]["whatif.sources"]
        .as_array()
        .unwrap();
    // Who stops, who goes on, who could: each country once, with its share of the 100.
    let use_of = |country: &str| {
        let found: Vec<&Value> = sources.iter().filter(|s| s["country"] == country).collect();
        assert_eq!(found.len(), 1, "{country}: {sources:?}");
        (
            found[0]["source_use"].as_str().unwrap(),
            ends(found[0], "share_now")[1],
        )
    };
    assert_eq!(use_of("JPN"), ("whatif.source.stops", 0.6));
    assert_eq!(use_of("KOR"), ("source.used", 0.3));
    assert_eq!(use_of("USA"), ("source.not_yet", 0.0));
    // Korea sells 120 and could add a tenth to a half of that at once.
    let korea = sources.iter().find(|s| s["country"] == "KOR").unwrap();
    close(ends(korea, "could_add"), [0.12, 0.3, 0.6]);
    // Nothing stops, nothing is lost; more stops, no less is lost.
    let none = ask("0", "JPN");
    let none = row(part(&none, "whatif.trade"), "whatif.imports", "000001");
    close(ends(none, "share_lost"), [0.0; 3]);
    let both = ask("0.5..1", "JPN,KOR");
    let both = row(part(&both, "whatif.trade"), "whatif.imports", "000001");
    close(ends(both, "share_lost"), [0.45, 0.675, 1.0]);
    // A country without a row is missing, not zero.
    let absent = json(
        &study,
        &[
            "shock",
            "--stop",
            "BRA",
            "--product",
            "000001",
            "--buyer",
            "CHN",
        ],
        1,
    );
    assert_eq!(
        codes(part(&absent, "whatif.trade")),
        ["whatif.stop_not_trading"]
    );

    let event = "country = \"JPN\"\nproduct = \"000001\"";
    let files = ["--trade", file, "--trade-columns", COLUMNS];
    let text = scenario(event, "0.5..1", "buyer = \"CHN\"");
    let found = plain(folder.path(), &text, &files, "trade").unwrap();
    let same = row(part(&found, "whatif.trade"), "whatif.imports", "000001");
    close(ends(same, "share_lost"), ends(imports, "share_lost"));
    assert!(folder.path().join("trade/imports.csv").is_file());
    assert!(
        found["parts"].as_array().unwrap().len() == 1,
        "only what was given is asked"
    );
    let homeless = plain(folder.path(), &scenario(event, "1", ""), &files, "trade");
    assert!(homeless.unwrap_err().contains("buyer = "));
}

/// Others add what they could, each by its own range; where everybody stops nobody is left to add anything.
#[test]
fn who_goes_on_can_add_and_where_everybody_stops_nobody_can() {
    let folder = example();
    let (study, _) = with_trade(folder.path());
    let ask = |more: &[&str]| {
        let question = ["shock", "--product", "000001", "--buyer", "CHN"];
        json(&study, &[&question[..], more].concat(), 0)
    };
    let answer = ask(&["--stop", "JPN"]);
    let imports = row(part(&answer, "whatif.trade"), "whatif.imports", "000001");
    // Korea sells 120 and the United States 40: a tenth, a quarter, half of it, over imports of 100.
    close(ends(imports, "others_could_add"), [0.16, 0.4, 0.8]);
    let answer = ask(&[]);
    let trade = part(&answer, "whatif.trade");
    let imports = row(trade, "whatif.imports", "000001");
    close(ends(imports, "share_stopped"), [0.9, 0.9, 1.0]);
    close(ends(imports, "others_could_add"), [0.0; 3]);
    let sources = trade["tables"]["whatif.sources"].as_array().unwrap();
    let uses: Vec<&str> = sources
        .iter()
        .map(|s| s["source_use"].as_str().unwrap())
        .collect();
    assert_eq!(uses, ["whatif.source.stops"; 2], "{sources:?}");
    // One country in part, everybody altogether: the larger stop counts.
    let part_of = scenario(
        "country = \"JPN\"\nproduct = \"000001\"",
        "0.3",
        "buyer = \"CHN\"",
    );
    let everybody = "[[event]]\nproduct = \"000001\"\nseverity = { low = 1.0, value = 1.0, high = 1.0 }\n\
                     start_week = 1\nweeks = 4\n";
    let file = folder.path().join("both.toml");
    fs::write(&file, format!("{part_of}{everybody}")).unwrap();
    let answer = json(&study, &["shock", file.to_str().unwrap()], 0);
    let imports = row(part(&answer, "whatif.trade"), "whatif.imports", "000001");
    close(ends(imports, "share_lost"), [0.9, 0.9, 1.0]);
}

//! Answers of `forelay shock` and `calc shock` as JSON: parts, rows, ranges, refusals.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::forelay;

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

pub fn part<'a>(answer: &'a Value, carrier: &str) -> &'a Value {
    let parts = answer["parts"].as_array().unwrap();
    let found = parts.iter().find(|part| part["evidence"] == carrier);
    found.unwrap_or_else(|| panic!("no part {carrier}"))
}

pub fn row<'a>(part: &'a Value, table: &str, key: &str) -> &'a Value {
    let rows = part["tables"][table].as_array();
    let rows = rows.unwrap_or_else(|| panic!("no table {table}: {part}"));
    let found = rows
        .iter()
        .find(|row| row["key"].as_str().unwrap().ends_with(key));
    found.unwrap_or_else(|| panic!("{table} has no row {key}: {rows:?}"))
}

pub fn ends(row: &Value, column: &str) -> [f64; 3] {
    ["low", "value", "high"].map(|end| {
        row[column][end]
            .as_f64()
            .unwrap_or_else(|| panic!("{column} is no number: {row}"))
    })
}

pub fn close(found: [f64; 3], wanted: [f64; 3]) {
    for (a, b) in found.iter().zip(wanted) {
        assert!(
            (a - b).abs() <= 1e-9 * b.abs().max(1.0),
            "{found:?}, not {wanted:?}"
        );
    }
}

pub fn codes(part: &Value) -> Vec<&str> {
    let refused = part["refused"].as_array().unwrap();
    refused
        .iter()
        .map(|r| r["code"].as_str().unwrap())
        .collect()
}

/// `calc shock` with a scenario; the answer, or the error.
pub fn plain(folder: &Path, scenario: &str, files: &[&str], out: &str) -> Result<Value, String> {
    let question = folder.join("question.toml");
    fs::write(&question, scenario).unwrap();
    let out = folder.join(out);
    let done = forelay()
        .args(["calc", "shock", "--scenario"])
        .arg(&question)
        .args(files)
        .args(["--draws", "40", "--seed", "20210501", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    match done.status.code() {
        Some(0 | 1) => {
            let text = fs::read_to_string(out.join("report.json")).unwrap();
            Ok(serde_json::from_str(&text).unwrap())
        }
        // The screen breaks lines where it likes.
        _ => Err(said(&done)
            .replace('│', " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")),
    }
}

pub fn scenario(event: &str, severity: &str, more: &str) -> String {
    let [low, value, high] = match severity.split_once("..") {
        Some((low, high)) => {
            let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
            [low, f64::midpoint(low, high), high]
        }
        None => [severity.parse().unwrap(); 3],
    };
    format!(
        "title_en = \"q\"\ntitle_zh = \"q\"\nhorizon_weeks = 8\n\
         default_stock_weeks = {{ low = 1.0, value = 2.0, high = 3.0 }}\n{more}\n[[event]]\n{event}\n\
         severity = {{ low = {low:?}, value = {value:?}, high = {high:?} }}\nstart_week = 1\nweeks = 4\n"
    )
}

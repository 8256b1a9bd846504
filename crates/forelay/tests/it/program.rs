//! Runs the program as a user would.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

pub fn forelay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forelay"));
    command.env_remove("FORELAY_LANG");
    command
}

/// Runs the program in `study` and returns what it printed.
pub fn call(study: &Path, arguments: &[&str]) -> Output {
    forelay()
        .arg("--study")
        .arg(study)
        .args(arguments)
        .output()
        .unwrap()
}

pub fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

/// Runs `calc` inside `folder`.
pub fn calc(folder: &Path, arguments: &[&str]) -> Output {
    let output = forelay()
        .current_dir(folder)
        .arg("calc")
        .args(arguments)
        .output();
    output.unwrap()
}

/// Runs with `--json`; panics with the messages if the exit code is not `code`.
pub fn json(study: &Path, arguments: &[&str], code: i32) -> Value {
    let output = call(study, &[arguments, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{arguments:?}: not one JSON document ({e}): {errors}"))
}

/// A fresh copy of the embedded study in a folder of its own.
pub fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("study");
    let output = forelay()
        .arg("init")
        .arg("--example")
        .arg("china-2021")
        .arg(&study)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder
}

/// The embedded study, run once for all tests that only read.
pub fn finished() -> &'static Path {
    static FINISHED: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, study) = FINISHED.get_or_init(|| {
        let folder = example();
        let study = folder.path().join("study");
        json(&study, &["run"], 0);
        (folder, study)
    });
    study
}

/// Makes the settings of a study small, so that a run takes a fraction of its time.
pub fn shrink(study: &Path) {
    edit(
        study,
        "study.toml",
        &[
            ("draws = 20000", "draws = 400"),
            ("draws = 5000", "draws = 200"),
            ("draws = 200\n", "draws = 20\n"),
            ("draws = 1000\n", "draws = 20\n"),
            ("points = 6\n", "points = 2\n"),
        ],
    );
}

/// Replaces texts in a file of a study; each must be there.
pub fn edit(study: &Path, file: &str, changes: &[(&str, &str)]) {
    let path = study.join(file);
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{file} does not hold {from:?}");
        text = text.replacen(from, to, 1);
    }
    std::fs::write(path, text).unwrap();
}

/// Rows of a result table of the only run of a study.
pub fn results(study: &Path, table: &str) -> Vec<BTreeMap<String, String>> {
    let run = fs::read_dir(study.join("runs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join("manifest.json").exists())
        .unwrap();
    records(&run.join(format!("tables/{table}.csv")))
}

/// A source withdraws its permission to pass on what it says.
pub fn withdraw(study: &Path, source: &str) {
    let path = study.join("evidence/sources.csv");
    let text = fs::read_to_string(&path).unwrap();
    let start = format!("{source},");
    let changed = text.lines().map(|line| {
        if line.starts_with(&start) {
            line.replace(",facts_only,", ",no,")
                .replace(",yes,", ",no,")
        } else {
            line.to_owned()
        }
    });
    let changed: Vec<String> = changed.collect();
    fs::write(path, changed.join("\n") + "\n").unwrap();
}

/// An input–output table of 2021 in a folder of its own: rows of intermediate and of final use, under their headings.
pub fn io_table(folder: &Path, intermediate: &str, r#final: &str) -> PathBuf {
    let to = folder.join("table_2021");
    fs::create_dir_all(&to).unwrap();
    write(&to, "table_2021_Z.csv", intermediate);
    write(&to, "table_2021_Y.csv", r#final);
    to
}

/// Rows of a written table by heading.
pub fn records(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headings = reader.headers().unwrap().clone();
    let by_heading = |row: csv::StringRecord| {
        let cells = headings.iter().zip(row.iter());
        cells.map(|(h, c)| (h.to_owned(), c.to_owned())).collect()
    };
    reader
        .records()
        .map(|row| by_heading(row.unwrap()))
        .collect()
}

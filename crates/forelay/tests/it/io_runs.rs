//! Runs of `calc io` and their comparison with a golden; the recipe of the goldens is golden/io/golden.py.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::program::forelay;

pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/io")
        .join(name)
}

pub fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = text.lines().filter(|l| !l.starts_with('#')).skip(1);
    lines
        .map(|l| l.split(',').map(str::to_owned).collect())
        .collect()
}

pub fn calc(folder: &Path, more: &[&str], out: &Path) -> Output {
    forelay()
        .args(["calc", "io"])
        .arg(folder)
        .args(more)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

pub fn done(folder: &Path, more: &[&str], out: &Path) -> Value {
    let output = calc(folder, more, out);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap()
}

pub fn close(a: &str, b: &str, tolerance: f64) {
    let (a, b): (f64, f64) = (a.parse().unwrap(), b.parse().unwrap());
    assert!(
        (a - b).abs() <= tolerance * b.abs().max(1e-300),
        "{a} is not {b}"
    );
}

/// Multipliers and losses of a run beside a golden.
pub fn compare(out: &Path, golden: &Path, multipliers: f64, losses: f64) {
    let (found, lost) = (
        rows(&out.join("multipliers.csv")),
        rows(&out.join("extraction.csv")),
    );
    let wanted = rows(golden);
    assert!(!wanted.is_empty());
    for row in wanted {
        let at = found
            .iter()
            .position(|r| r[0] == row[0])
            .unwrap_or_else(|| panic!("{}", row[0]));
        close(&found[at][1], &row[1], multipliers);
        close(&found[at][2], &row[2], multipliers);
        assert_eq!(lost[at][0], row[0]);
        close(&lost[at][1], &row[3], losses);
        close(&lost[at][2], &row[4], losses);
    }
}

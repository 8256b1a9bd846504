//! The antidepressants study through `calc select`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::program::{forelay, records};
use crate::shared;

fn table(folder: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    records(&folder.join("out").join(name))
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

/// The stored samples as long files: all rank acceptabilities and confidence factors as published.
pub fn hansen_is_exact() {
    let text = |name: &str| -> String {
        let bytes = fs::read(shared("../decisions/smaa").join(name)).unwrap();
        let mut text = String::new();
        if Path::new(name).extension().is_some_and(|e| e == "gz") {
            flate2::read::GzDecoder::new(&bytes[..])
                .read_to_string(&mut text)
                .unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        text
    };
    let numbers = |text: &str, opening: &str| -> Vec<f64> {
        let start = text.find(opening).unwrap() + opening.len();
        let end = start + text[start..].find(')').unwrap();
        text[start..end]
            .split(',')
            .map(|n| n.trim().parse().unwrap())
            .collect()
    };
    let (k, n, m) = (10_000, 5, 6);
    let x = numbers(&text("hansen-meas.txt.gz"), "structure(c(");
    let w = numbers(&text("hansen-weights-ord.txt.gz"), "structure(c(");
    let (mut samples, mut weights) = (
        "sample,alternative,criterion,value\n".to_owned(),
        "sample,criterion,weight\n".to_owned(),
    );
    for d in 0..k {
        for j in 0..m {
            for i in 0..n {
                samples += &format!("{},a{i},c{j},{:?}\n", d + 1, x[d + k * (i + n * j)]);
            }
            weights += &format!("{},c{j},{:?}\n", d + 1, w[d + k * j]);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("s.csv"), samples).unwrap();
    fs::write(folder.join("w.csv"), weights).unwrap();
    let output = forelay()
        .args(["calc", "select", "--samples"])
        .arg(folder.join("s.csv"))
        .arg("--weights")
        .arg(folder.join("w.csv"))
        .arg("--out")
        .arg(folder.join("out"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let expected = numbers(&text("hansen-ra-ord.txt"), "structure(c(");
    let confidence = numbers(&text("hansen-cf-ord.txt"), "list(cf = structure(c(");
    let central = numbers(&text("hansen-cf-ord.txt"), "cw = structure(c(");
    let rows = table(folder, "acceptability.csv");
    for row in &rows {
        let i: usize = row["alternative"][1..].parse().unwrap();
        for r in 0..n {
            let found = number(&row[&format!("rank_{}", r + 1)]);
            assert!((found - expected[i + n * r]).abs() < 1e-12);
        }
        assert!((number(&row["confidence"]) - confidence[i]).abs() < 1e-12);
    }
    for row in table(folder, "central_weights.csv") {
        let i: usize = row["alternative"][1..].parse().unwrap();
        let j: usize = row["criterion"][1..].parse().unwrap();
        assert!((number(&row["weight"]) - central[i + n * j]).abs() < 1e-12);
    }
}

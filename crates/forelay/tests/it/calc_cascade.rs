//! `calc cascade` through the binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::{forelay, records};

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../chain/tests/golden")
        .join(name);
    let text = fs::read_to_string(path).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    rows.join("\n") + "\n"
}

/// The generated network of 500 firms as plain files.
fn plain(folder: &Path) {
    for part in ["edges", "firms", "essential"] {
        let text = golden(&format!("cascade_{part}.csv"));
        fs::write(folder.join(format!("{part}.csv")), text).unwrap();
    }
}

fn run(folder: &Path, more: &[&str]) -> Output {
    let file = |name: &str| folder.join(format!("{name}.csv"));
    forelay()
        .args(["calc", "cascade", "--edges"])
        .arg(file("edges"))
        .arg("--firms")
        .arg(file("firms"))
        .arg("--essential")
        .arg(file("essential"))
        .args(more)
        .arg("--out")
        .arg(folder.join("out"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column]
        .parse()
        .unwrap_or_else(|_| panic!("{column}: {row:?}"))
}

#[test]
fn the_published_iteration_gives_the_published_numbers() {
    let folder = tempfile::tempdir().unwrap();
    plain(folder.path());
    let done = run(
        folder.path(),
        &["--mode", "gl", "--substitution", "--tolerance", "1e-2"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let scores = records(&folder.path().join("out/scores.csv"));
    assert_eq!(scores.len(), 500);
    let mut compared = 0;
    for line in golden("cascade_published.csv").lines() {
        let row: Vec<&str> = line.split(',').collect();
        if row[..4] != ["gl", "1", "closed", "0.01"] {
            continue;
        }
        let found = scores.iter().find(|s| s["firm"] == row[4]).unwrap();
        for (column, at) in [
            ("esri", 5),
            ("esri_down", 6),
            ("esri_up", 7),
            ("iterations", 8),
        ] {
            let wanted: f64 = row[at].parse().unwrap();
            assert!(
                (number(found, column) - wanted).abs() <= 1e-12,
                "{column} {found:?}"
            );
        }
        assert_eq!(found["error_bound"], "", "no bound exists");
        compared += 1;
    }
    assert_eq!(compared, 125);
}

#[test]
fn converged_scores_are_certified_and_say_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    plain(folder.path());
    let done = run(
        folder.path(),
        &["--substitution", "--converged", "--relative", "0.01"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let scores = records(&folder.path().join("out/scores.csv"));
    let converged = golden("cascade_converged.csv");
    let wanted: Vec<f64> = converged
        .lines()
        .find_map(|line| line.strip_prefix("gl,1,closed,"))
        .unwrap()
        .split(' ')
        .map(|x| x.parse().unwrap())
        .collect();
    for (found, wanted) in scores.iter().zip(&wanted) {
        assert_eq!(found["certificate"], "certified");
        let bound = number(found, "error_bound");
        assert!(
            bound <= 1e-6 && (number(found, "esri") - wanted).abs() <= bound,
            "{found:?}"
        );
    }
    let report: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/report.json")).unwrap()).unwrap();
    assert_eq!(report["certificates"]["certified"], 500);
    assert!((report["mean_index"].as_f64().unwrap() - 0.043_819).abs() < 1e-6);
    assert!((report["published"]["mean_index"].as_f64().unwrap() - 0.025_863).abs() < 1e-6);
}

#[test]
fn a_closed_network_is_explained_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "edges.csv",
        "supplier,customer,weight\n甲,乙,3\n乙,丙,2\n丙,甲,1\n",
    );
    write("firms.csv", "firm,sector\n甲,01\n乙,02\n丙,01\n");
    // A matrix with a sector that has no firm, and codes with leading zeros.
    write(
        "essential.csv",
        "\"\",02,01,03\n01,2,2,2\n02,2,1,0\n03,0,0,0\n",
    );
    let done = run(folder.path(), &["--converged"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(
        text(&done.stdout).contains("every index, is 1"),
        "{}",
        text(&done.stdout)
    );
    let done = run(folder.path(), &["--converged", "--lang", "zh"]);
    assert!(
        text(&done.stdout).contains("每个指数）都是1"),
        "{}",
        text(&done.stdout)
    );
    // Final demand opens it.
    let done = run(folder.path(), &["--converged", "--final-demand", "0.5"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let scores = records(&folder.path().join("out/scores.csv"));
    // 乙 closed: 甲 sells half of its revenue to it, 丙 a half of a half. Upstream: (2 + 3/2 + 1/4)/6.
    assert!(
        (number(&scores[1], "esri_up") - 3.75 / 6.0).abs() < 1e-6,
        "{:?}",
        scores[1]
    );
}

#[test]
fn given_shocks_list_who_loses() {
    let folder = tempfile::tempdir().unwrap();
    plain(folder.path());
    let shock = folder.path().join("shock.csv");
    fs::write(
        &shock,
        "shock,firm,remaining\nport,17,0\nport,23,0.5\nstrike,99,0\n",
    )
    .unwrap();
    let done = run(
        folder.path(),
        &["--substitution", "--shock", shock.to_str().unwrap()],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let shocks = records(&folder.path().join("out/shocks.csv"));
    assert_eq!(
        shocks
            .iter()
            .map(|s| s["shock"].as_str())
            .collect::<Vec<_>>(),
        ["port", "strike"]
    );
    let losses = records(&folder.path().join("out/losses.csv"));
    let of = |firm: &str| {
        losses
            .iter()
            .find(|l| l["shock"] == "port" && l["firm"] == firm)
            .unwrap()
    };
    assert!(number(of("17"), "loss_low") >= 1.0 && number(of("23"), "loss_low") >= 0.5);
    fs::write(&shock, "firm\n17\nnobody\n").unwrap();
    let done = run(folder.path(), &["--shock", shock.to_str().unwrap()]);
    assert!(!done.status.success());
    assert!(
        text(&done.stderr).contains("`nobody`"),
        "{}",
        text(&done.stderr)
    );
}

#[test]
fn what_is_wrong_with_the_files_is_named() {
    let folder = tempfile::tempdir().unwrap();
    plain(folder.path());
    let edges = folder.path().join("edges.csv");
    let good = fs::read_to_string(&edges).unwrap();
    for (line, wanted) in [
        ("1,9999,5", "`9999`"),
        ("7,7,5", "supplies itself"),
        ("1,266,5", "given twice"),
        ("1,2,0", "weight 0"),
    ] {
        fs::write(&edges, format!("{good}{line}\n")).unwrap();
        let done = run(folder.path(), &[]);
        assert!(!done.status.success());
        assert!(
            text(&done.stderr).contains(wanted),
            "{line}: {}",
            text(&done.stderr)
        );
    }
    fs::write(&edges, &good).unwrap();
    fs::write(
        folder.path().join("essential.csv"),
        "sector,essential\n1,1\n",
    )
    .unwrap();
    let done = run(folder.path(), &[]);
    assert!(
        text(&done.stderr).contains("has no"),
        "{}",
        text(&done.stderr)
    );
}

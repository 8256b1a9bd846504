//! `calc io` against pymrio's numbers and fresh solves; the recipe of the goldens is golden/io/golden.py.

use std::fs;
use std::path::Path;

use crate::io_runs::{calc, close, compare, done, golden, rows};

#[test]
fn a_table_saved_by_pymrio() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("table");
    fs::create_dir(&folder).unwrap();
    for name in ["Z.txt", "Y.txt", "x.txt"] {
        fs::copy(golden(name), folder.join(name)).unwrap();
    }
    let out = dir.path().join("out");
    let report = done(&folder, &["--extract", "links", "--block", "B"], &out);
    compare(&out, &golden("industries.csv"), 1e-10, 1e-9);
    assert!(report["residual"].as_f64().unwrap() < 1e-12);
    assert!(report["condition_number"].as_f64().unwrap() >= 1.0);
    assert!(report["output_distance"]["relative"].as_f64().unwrap() < 1e-12);
    assert_eq!(report["set"]["industries"].as_array().unwrap().len(), 3);
    let links = rows(&out.join("links.csv"));
    let wanted = rows(&golden("links.csv"));
    assert_eq!(links.len(), wanted.len());
    for row in wanted {
        let link = links.iter().find(|l| l[..2] == row[..2]).unwrap();
        close(&link[3], &row[2], 1e-9);
    }
    let heads = |name: &str| {
        let text = fs::read_to_string(out.join(name)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    assert!(heads("multipliers.csv").starts_with("industry,output_multiplier,supply_multiplier"));
    assert!(heads("extraction.csv").starts_with("industry,loss,loss_share"));
    // Shares of all regions are one whole, at first sight and looked through.
    for (at, row) in rows(&out.join("exposure.csv")).chunks(2).enumerate() {
        for column in [2, 3] {
            let sum: f64 = row.iter().map(|r| r[column].parse::<f64>().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{at}: {sum}");
        }
    }
    assert!(!rows(&out.join("checks.csv")).is_empty());
}

#[test]
fn ranges_aggregation_and_parts() {
    let dir = tempfile::tempdir().unwrap();
    let folder = golden("");
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    let noise = ["--noise", "0.1", "--draws", "40", "--seed", "7"];
    let report = done(&folder, &noise, &a);
    assert_eq!(report["noise"]["draws"], 40);
    for row in rows(&a.join("extraction.csv")) {
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        assert!(number(5) <= number(1) && number(1) <= number(6), "{row:?}");
    }
    done(&folder, &noise, &b);
    let text = |p: &Path| fs::read(p.join("extraction.csv")).unwrap();
    assert_eq!(text(&a), text(&b));
    let map = dir.path().join("map.csv");
    fs::write(&map, "from,to\nfarm,goods\nore,goods\n").unwrap();
    let map = map.display().to_string();
    let report = done(&folder, &["--aggregate", &map, "--theta", "0.5"], &b);
    assert_eq!(report["industries"], 4);
    let labels: Vec<String> = rows(&b.join("multipliers.csv"))
        .into_iter()
        .map(|r| r[0].clone())
        .collect();
    assert_eq!(labels, ["A_goods", "A_steel", "B_goods", "B_steel"]);
    for mass in report["aggregation"].as_array().unwrap() {
        assert!(mass["error"].as_f64().unwrap() < 1e-12);
    }
}

#[test]
fn what_cannot_be_read_says_where() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Z.csv"), "id,p,q\np,1,\nq,1,2\n").unwrap();
    fs::write(dir.path().join("Y.csv"), "id,f\np,9\nq,9\n").unwrap();
    let out = dir.path().join("out");
    let output = calc(dir.path(), &[], &out);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_ne!(output.status.code(), Some(0));
    assert!(
        errors.contains("Z.csv") && errors.contains("--empty zero"),
        "{errors}"
    );
    assert!(!out.join("extraction.csv").exists());
    done(dir.path(), &["--empty", "zero"], &out);
    let output = calc(dir.path(), &["--empty", "zero", "--set", "r"], &out);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("--set") && errors.contains('p'), "{errors}");
}

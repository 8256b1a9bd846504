//! Methods on plain files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::program::forelay;

fn calc(arguments: &[&str], out: &Path) -> Output {
    forelay()
        .arg("calc")
        .args(arguments)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The method worked, with or without a refused part.
fn answered(done: &Output) {
    assert!(
        matches!(done.status.code(), Some(0 | 1)),
        "{}",
        errors(done)
    );
}

fn read(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../foundation/tests/golden")
        .join(name)
}

/// The peers' synthetic table as a plain file, without its comment lines.
fn plain(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(golden("complexity_table.csv")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let path = folder.join("table.csv");
    fs::write(&path, rows.join("\n") + "\n").unwrap();
    path
}

/// What a peer found on that table: (quantity, location, activity) → value.
fn peer(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(golden(name)).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

const COLUMNS: &str = "location=location,activity=activity,value=value";

#[test]
fn complexity_writes_every_cell_under_the_asked_convention() {
    let folder = tempfile::tempdir().unwrap();
    let table = plain(folder.path());
    let out = folder.path().join("out");
    let done = calc(
        &[
            "complexity",
            table.to_str().unwrap(),
            "--columns",
            COLUMNS,
            "--convention",
            "econcomplex",
        ],
        &out,
    );
    assert_eq!(done.status.code(), Some(0), "{}", errors(&done));
    let [locations, activities, cells] =
        ["locations.csv", "activities.csv", "cells.csv"].map(|name| read(&out.join(name)));
    assert_eq!(locations[0].join(","), "location,diversity,eci,coi,fitness");
    assert_eq!(activities[0].join(","), "activity,ubiquity,pci,complexity");
    assert_eq!(
        cells[0].join(","),
        "location,activity,value,rca,presence,density,cog"
    );
    assert_eq!(
        cells.len() - 1,
        (locations.len() - 1) * (activities.len() - 1),
        "all cells"
    );
    let number = |text: &str| -> f64 { text.parse().unwrap_or(f64::NAN) };
    let by: BTreeMap<(String, String), &Vec<String>> = cells[1..]
        .iter()
        .map(|row| ((row[0].clone(), row[1].clone()), row))
        .collect();
    let mut compared = 0;
    for row in peer("complexity_econcomplex.csv") {
        let wanted = number(&row[3]);
        let found = match row[0].as_str() {
            "eci" => locations
                .iter()
                .find(|l| l[0] == row[1])
                .map(|l| number(&l[2])),
            "coi" => locations
                .iter()
                .find(|l| l[0] == row[1])
                .map(|l| number(&l[3])),
            "pci" => activities
                .iter()
                .find(|a| a[0] == row[2])
                .map(|a| number(&a[2])),
            "density" => by
                .get(&(row[1].clone(), row[2].clone()))
                .map(|c| number(&c[5])),
            "cog" => by
                .get(&(row[1].clone(), row[2].clone()))
                .map(|c| number(&c[6])),
            _ => continue,
        };
        let Some(found) = found.filter(|_| wanted.is_finite()) else {
            continue;
        };
        assert!(
            (found - wanted).abs() <= 1e-8 * wanted.abs().max(0.01),
            "{row:?}: {found}"
        );
        compared += 1;
    }
    assert!(compared > 100, "{compared} numbers compared");
}

#[test]
fn neither_the_order_of_rows_nor_the_number_of_threads_changes_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let table = plain(folder.path());
    let text = fs::read_to_string(&table).unwrap();
    let mut rows: Vec<&str> = text.lines().collect();
    rows[1..].reverse();
    let turned = folder.path().join("turned.csv");
    fs::write(&turned, rows.join("\r\n") + "\r\n").unwrap();
    let mut seen = Vec::new();
    for (file, threads) in [(&table, "1"), (&table, "4"), (&turned, "3")] {
        let out = folder.path().join(format!("out{}", seen.len()));
        let done = forelay()
            .env("RAYON_NUM_THREADS", threads)
            .args([
                "calc",
                "complexity",
                file.to_str().unwrap(),
                "--columns",
                COLUMNS,
                "--replicates",
                "20",
            ])
            .arg("--out")
            .arg(&out)
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", errors(&done));
        let names = [
            "locations",
            "activities",
            "cells",
            "locations_ranges",
            "activities_ranges",
        ];
        seen.push(names.map(|name| fs::read(out.join(format!("{name}.csv"))).unwrap()));
    }
    assert!(seen[0] == seen[1] && seen[0] == seen[2]);
}

#[test]
fn a_table_in_two_pieces_is_refused_with_their_members() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    let mut text = "year,location,activity,value\n".to_owned();
    for (l, a) in [
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
        ("c", "p"),
        ("c", "q"),
        ("d", "p"),
    ] {
        text.push_str(&format!("2001,{l},{a},1\n"));
    }
    fs::write(&table, &text).unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("locations.csv"), "old").unwrap();
    let done = calc(&["complexity", table.to_str().unwrap()], &out);
    assert_eq!(done.status.code(), Some(1), "{}", errors(&done));
    let report: Value =
        serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    let refused = report["periods"][0]["refused"].clone();
    assert!(
        report["files"]
            .as_array()
            .unwrap()
            .iter()
            .all(|f| f != "locations.csv")
    );
    assert!(
        !out.join("locations.csv").exists(),
        "what an earlier call left is no answer"
    );
    let reason = refused["reason"].as_str().unwrap();
    for label in ["a", "b", "c", "d"] {
        assert!(reason.contains(label), "{reason}");
    }
    let whole = calc(
        &[
            "complexity",
            table.to_str().unwrap(),
            "--components",
            "largest",
        ],
        &folder.path().join("o2"),
    );
    assert!(
        matches!(whole.status.code(), Some(0 | 1)),
        "{}",
        errors(&whole)
    );
}

#[test]
fn wrong_use_says_what_is_wrong_and_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let table = plain(folder.path());
    let file = table.to_str().unwrap();
    let cases: [(&[&str], &str); 7] = [
        (
            &["complexity", file, "--convention", "atlas"],
            "economiccomplexity",
        ),
        (
            &["complexity", file, "--columns", "location=nowhere"],
            "nowhere",
        ),
        (&["complexity", file, "--iterations", "5"], "--method"),
        (&["complexity", file, "--presence", "rpop"], "--population"),
        (&["complexity", file, "--year", "1999"], "year"),
        (&["proximity", file, "--measure", "nearness"], "jaccard"),
        (
            &[
                "coupling",
                file,
                "--to",
                file,
                "--columns",
                COLUMNS,
                "--lag",
                "3",
            ],
            "year",
        ),
    ];
    for (arguments, says) in cases {
        let done = calc(arguments, &folder.path().join("none"));
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert!(
            errors(&done).contains(says),
            "{arguments:?}: {}",
            errors(&done)
        );
    }
    let missing = calc(&["complexity", "/no/such/file.csv"], folder.path());
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn two_conventions_are_explained_in_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let table = plain(folder.path());
    let out = folder.path().join("out");
    let done = calc(
        &[
            "complexity",
            table.to_str().unwrap(),
            "--explain-difference",
            "py-ecomplexity",
            "growth-lab-stata",
        ],
        &out,
    );
    assert_eq!(done.status.code(), Some(0), "{}", errors(&done));
    let report: Value =
        serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    let steps = report["difference"]["steps"].as_array().unwrap();
    let fields: Vec<&str> = steps.iter().map(|s| s["field"].as_str().unwrap()).collect();
    assert!(
        fields.contains(&"diagonal") && fields.contains(&"moments"),
        "{fields:?}"
    );
    let density = steps
        .iter()
        .find(|s| s["field"] == "diagonal")
        .and_then(|s| {
            s["changes"]
                .as_array()?
                .iter()
                .find(|c| c["output"] == "density")
        })
        .unwrap();
    assert!(density["changed"].as_u64().unwrap() > 0);
}

#[test]
fn dependency_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    // HOM buys 90 of 100 from ONE, the world sells 80 % from ONE, HOM sells nothing of p but is a reporter through q.
    let rows = "y,from,to,good,usd\n\
        2020,ONE,HOM,p,90\n2020,TWO,HOM,p,10\n2020,ONE,TWO,p,70\n2020,TWO,ONE,p,30\n2020,HOM,ONE,q,5\n2020,ONE,HOM,q,1\n";
    fs::write(&table, rows).unwrap();
    let out = folder.path().join("out");
    let done = calc(
        &[
            "dependency",
            table.to_str().unwrap(),
            "--columns",
            "year=y,exporter=from,importer=to,product=good,value=usd",
            "--importer",
            "HOM",
            "--method",
            "geodep",
        ],
        &out,
    );
    answered(&done);
    let rows = read(&out.join("geodep.csv"));
    let at = |name: &str| rows[0].iter().position(|h| h == name).unwrap();
    let p = rows.iter().find(|r| r[at("product")] == "p").unwrap();
    let close = |name: &str, wanted: f64| {
        let found: f64 = p[at(name)].parse().unwrap();
        assert!((found - wanted).abs() < 1e-12, "{name}: {found}");
    };
    close("c1", 0.82); // 0.9² + 0.1²
    close("c2", 0.68); // (160/200)² + (40/200)²
    assert_eq!(p[at("c3_reading")], "no_exports");
    assert_eq!(p[at("dependent")], "true");
    assert_eq!(p[at("first_origin")], "ONE");
}

#[test]
fn proximity_and_coupling_write_their_tables() {
    let folder = tempfile::tempdir().unwrap();
    let table = plain(folder.path());
    let file = table.to_str().unwrap();
    let near = folder.path().join("near");
    let done = calc(
        &[
            "proximity",
            file,
            "--columns",
            COLUMNS,
            "--space",
            "--validate",
        ],
        &near,
    );
    answered(&done);
    let nodes = read(&near.join("nodes.csv"));
    let edges = read(&near.join("edges.csv"));
    let tree = edges[1..].iter().filter(|row| row[3] == "true").count();
    assert!(tree > 0 && tree < nodes.len() - 1);
    let coupled = folder.path().join("coupled");
    let done = calc(
        &[
            "coupling",
            file,
            "--to",
            file,
            "--columns",
            COLUMNS,
            "--draws",
            "200",
        ],
        &coupled,
    );
    answered(&done);
    let rows = read(&coupled.join("assist.csv"));
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for row in &rows[1..] {
        *sums.entry(&row[0]).or_default() += row[2].parse::<f64>().unwrap_or(0.0);
    }
    // A walker that starts somewhere arrives somewhere.
    assert!(
        sums.values().all(|s| *s == 0.0 || (s - 1.0).abs() < 1e-9),
        "{sums:?}"
    );
}

#[test]
fn every_importer_and_the_world_are_listed_where_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    // AAA comes first and only sells: a missing reporter as importer.
    let rows = "year,exporter,importer,product,value\n2020,AAA,BBB,p,3\n2020,CCC,BBB,p,1\n2020,AAA,CCC,p,4\n";
    fs::write(&table, rows).unwrap();
    let out = folder.path().join("out");
    answered(&calc(
        &["dependency", table.to_str().unwrap(), "--method", "geodep"],
        &out,
    ));
    let lists = read(&out.join("geodep.csv"));
    let importers: Vec<&str> = lists[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(importers, ["BBB", "CCC"]);
    let world = read(&out.join("world.csv"));
    let hhi = world[0].iter().position(|h| h == "hhi").unwrap();
    let found: f64 = world[1][hhi].parse().unwrap();
    assert!((found - (49.0 + 1.0) / 64.0).abs() < 1e-12, "{found}");
    let mirror = folder.path().join("mirror");
    answered(&calc(
        &[
            "dependency",
            table.to_str().unwrap(),
            "--method",
            "geodep",
            "--mirror",
        ],
        &mirror,
    ));
    let headings = &read(&mirror.join("geodep.csv"))[0];
    assert!(
        headings.contains(&"exports".to_owned())
            && headings.contains(&"first_destination".to_owned())
    );
    assert!(!mirror.join("world.csv").exists());
}

#[test]
fn one_place_alone_is_compared_with_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("ours.csv");
    fs::write(
        &table,
        "city,industry,employees\nlianhu,textiles,400\nlianhu,software,90\n",
    )
    .unwrap();
    let asked = [
        "specialisation",
        table.to_str().unwrap(),
        "--columns",
        "location=city,activity=industry,value=employees",
    ];
    let out = folder.path().join("out");
    let refused = calc(&asked, &out);
    assert_eq!(refused.status.code(), Some(2), "{}", errors(&refused));
    assert!(
        errors(&refused).contains("compared with nothing"),
        "{}",
        errors(&refused)
    );
    assert!(!out.join("locations.csv").exists());

    let with_another = "city,industry,employees\nlianhu,textiles,400\nlianhu,software,90\nrest,textiles,100\nrest,software,900\n";
    fs::write(&table, with_another).unwrap();
    answered(&calc(&asked, &out));
    assert_eq!(read(&out.join("locations.csv")).len(), 3);
}

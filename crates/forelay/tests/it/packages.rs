//! The package of a run: what it holds, and what licences keep out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::documents::common::{ends, text};
use super::documents::{marked, parts, restricted};
use super::program::{call, example, json, records, shrink};

/// Every source of a study withdraws its permission.
fn withdraw_all(study: &Path) {
    let path = study.join("evidence/sources.csv");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let heads = reader.headers().unwrap().clone();
    let at = heads.iter().position(|h| h == "redistributable").unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&heads).unwrap();
    for row in reader.records() {
        let row = row.unwrap();
        let cells = row.iter().enumerate();
        let cells = cells.map(|(i, cell)| if i == at { "no" } else { cell });
        writer.write_record(cells).unwrap();
    }
    fs::write(&path, writer.into_inner().unwrap()).unwrap();
}

/// Texts in a sentence's length of the tables whose rows name a source, with the table and column of each.
fn texts_of_sources(study: &Path) -> BTreeMap<String, String> {
    let schema = json(study, &["schema"], 0);
    let mut texts = BTreeMap::new();
    for table in schema["tables"].as_array().unwrap() {
        let name = table["table"].as_str().unwrap();
        let columns = table["columns"].as_array().unwrap();
        let path = study.join(format!("evidence/{name}.csv"));
        if name == "sources" || !path.exists() || !columns.iter().any(|c| c["column"] == "source") {
            continue;
        }
        let free: Vec<&str> = (columns.iter())
            .filter(|c| c["type"] == "text")
            .map(|c| c["column"].as_str().unwrap())
            .collect();
        for row in records(&path) {
            for column in &free {
                match row.get(*column) {
                    Some(text) if text.chars().count() > 24 => {
                        texts.insert(text.clone(), format!("{name}.{column}"));
                    }
                    _ => {}
                }
            }
        }
    }
    texts
}

/// Everything that can be read in a folder's text files, and in those below it.
fn all_texts(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&all_texts(&path));
        } else {
            all.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
        }
    }
    all
}

/// Where every source forbids it, no part of the package says what any row of the evidence says: no name, no text in a key, no
/// result that repeats a row.
#[test]
fn a_package_of_withdrawn_sources_says_nothing_of_theirs() {
    let held = example();
    let study = held.path().join("study");
    shrink(&study);
    withdraw_all(&study);
    json(&study, &["run"], 0);
    let mut texts = texts_of_sources(&study);
    // What the study's settings say as well, and what cites: sources by title and publisher, publications by their pages.
    let own = [
        fs::read_to_string(study.join("study.toml")).unwrap(),
        all_texts(&study.join("scenarios")),
        fs::read_to_string(study.join("evidence/sources.csv")).unwrap(),
        all_texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../methods")),
    ]
    .concat();
    texts.retain(|text, _| !own.contains(text.as_str()));
    assert!(texts.len() > 1000, "{}", texts.len());
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("p.zip");
    let told = json(&study, &["package", "--out", out.to_str().unwrap()], 0);
    assert!(told["withheld_rows"].as_u64().unwrap() > 1000);
    let mut read: Vec<(String, String)> = Vec::new();
    for (name, bytes) in parts(&out) {
        if ends(&name, "xlsx") || ends(&name, "docx") {
            let path = folder.path().join("inner.zip");
            fs::write(&path, &bytes).unwrap();
            let inner = parts(&path).into_iter();
            read.extend(inner.map(|(part, bytes)| {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                (format!("{name}/{part}"), text)
            }));
        } else {
            read.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    let mut timeline = Vec::new();
    for (format, ending) in [("csv", "csv"), ("ms-project", "xml")] {
        let path = folder.path().join(format!("roadmap.{ending}"));
        let to = path.to_str().unwrap();
        let made = call(&study, &["roadmap", "--export", format, "--out", to]);
        assert!(matches!(made.status.code(), Some(0 | 1)));
        timeline.push((format.to_owned(), fs::read_to_string(&path).unwrap()));
    }
    read.extend(timeline);
    let path = folder.path().join("layers.csv");
    let to = path.to_str().unwrap();
    json(&study, &["export", "layout.roadmap_layers", "--out", to], 0);
    read.push(("export".to_owned(), fs::read_to_string(&path).unwrap()));
    let mut found = Vec::new();
    for (text, column) in &texts {
        // As the formats write it: markup escapes, CSV doubles quotation marks.
        let markup = text.replace('&', "&amp;").replace('<', "&lt;");
        let markup = markup.replace('>', "&gt;");
        let quoted = markup.replace('"', "&quot;").replace('\'', "&#39;");
        let doubled = text.replace('"', "\"\"");
        let written = BTreeSet::from([text, &markup, &quoted, &doubled]);
        let parts = read.iter().filter(|(_, part)| {
            let says = |text: &&String| part.contains(text.as_str());
            written.iter().any(says)
        });
        found.extend(parts.map(|(part, _)| format!("{part}: {column}: {text}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let layers = fs::read_to_string(&path).unwrap();
    assert!(layers.contains("(withheld)"));
    // A query that could show what a table repeats writes no file.
    let query = ["sql", "select about from layout.model_cases", "--out", to];
    assert_ne!(call(&study, &query).status.code(), Some(0));
}

/// Rows whose licence forbids it are in no file of the package; everything else is, with its hash.
#[test]
fn a_package_holds_the_run_and_no_restricted_row() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("p.zip");
    let study = marked();
    let told = json(study, &["package", "--out", out.to_str().unwrap()], 0);
    let source = restricted(study);
    let mut reader = csv::Reader::from_path(study.join("evidence/policies.csv")).unwrap();
    let heads = reader.headers().unwrap().clone();
    let at = |name: &str| heads.iter().position(|h| h == name).unwrap();
    let secret: Vec<(String, String)> = (reader.records())
        .map(Result::unwrap)
        .filter(|row| row[at("source")] == source)
        .map(|row| (row[at("id")].to_owned(), row[at("title")].to_owned()))
        .collect();
    assert!(!secret.is_empty());
    assert!(told["withheld_rows"].as_u64().unwrap() >= secret.len() as u64);
    let parts = parts(&out);
    let withheld = text(&parts, "evidence/withheld.csv");
    let policies = text(&parts, "evidence/policies.csv");
    for (id, title) in &secret {
        assert!(withheld.contains(&format!("\"policies\",\"{id}\"")), "{id}");
        for (name, bytes) in parts.iter().filter(|(n, _)| ends(n, "csv")) {
            let there = String::from_utf8_lossy(bytes);
            assert!(
                title.len() < 12 || !there.contains(title.as_str()),
                "{name}: {title}"
            );
        }
        assert!(
            !policies
                .lines()
                .any(|line| line.starts_with(&format!("{id},"))),
            "{id}"
        );
    }
    let metadata: Value = serde_json::from_str(text(&parts, "ro-crate-metadata.json")).unwrap();
    let graph = metadata["@graph"].as_array().unwrap();
    let files: BTreeSet<&str> = (graph.iter())
        .filter(|e| e["@type"] == "File")
        .map(|e| e["@id"].as_str().unwrap())
        .collect();
    let inside: BTreeSet<&str> = (parts.keys().map(String::as_str))
        .filter(|n| *n != "ro-crate-metadata.json")
        .collect();
    assert_eq!(files, inside);
    let sums = text(&parts, "sha256sums.txt");
    assert_eq!(sums.lines().count(), files.len() - 1);
    // SHA-256 of a file that others can compute: the record of the run.
    let hash = (graph.iter())
        .find(|e| e["@id"] == "manifest.json")
        .unwrap()["sha256"]
        .clone();
    assert!(sums.contains(&format!("{}  manifest.json", hash.as_str().unwrap())));
    // The same run, the same bytes.
    let again = folder.path().join("q.zip");
    json(study, &["package", "--out", again.to_str().unwrap()], 0);
    assert_eq!(fs::read(&out).unwrap(), fs::read(&again).unwrap());
}

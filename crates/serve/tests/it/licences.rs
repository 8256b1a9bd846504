//! What a licence keeps in leaves by no address.

use std::path::Path;

use serde_json::json;

use crate::server::Server;

/// These sources of the study forbid redistribution.
fn forbid(root: &Path, which: impl Fn(&str) -> bool) {
    let path = root.join("evidence/sources.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = headings
        .iter()
        .position(|h| h == "redistributable")
        .unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let forbidden = which(&record[0]);
        let cells = record.iter().enumerate();
        let cells = cells.map(|(i, c)| if i == at && forbidden { "no" } else { c });
        writer.write_record(cells).unwrap();
    }
    std::fs::write(&path, writer.into_inner().unwrap()).unwrap();
}

/// A source that forbids redistribution keeps its rows in: no answer of any address holds their words.
#[test]
fn restricted_rows_never_leave() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("study");
    study::init_example("china-2021", &root).unwrap();
    forbid(&root, |_| true);
    let opened = study::Study::open(&root).unwrap();
    let run = study::run(&opened, &["trend.money".to_owned()], &|_| {}).unwrap();
    std::fs::write(root.join("runs/latest"), &run.manifest.id).unwrap();
    let loaded = opened.load().unwrap();
    let server = Server::with(|s| s.study.clone_from(&root));
    let tables = server.get("/api/evidence").json();
    let mut rows = 0;
    for table in tables["tables"].as_array().unwrap() {
        let name = table["name"].as_str().unwrap();
        // The name of a file, not where it lies.
        assert!(!table["file"].as_str().unwrap().contains('/'), "{table}");
        let has_source = loaded
            .evidence
            .table(name)
            .unwrap()
            .schema
            .source_columns()
            .next()
            .is_some();
        let answer = server
            .get(&format!("/api/evidence/{name}?limit=1000"))
            .json();
        for row in answer["rows"].as_array().unwrap() {
            if has_source || name == "sources" {
                assert_eq!(row["withheld"], true, "{name}: {row}");
                assert_eq!(row["fields"], json!([]), "{name}: {row}");
                rows += 1;
            }
        }
    }
    assert!(rows > 1000, "{rows} rows were looked at");
    let asked = server.get("/api/evidence/chain_supply?where=node_id:semi_photoresist");
    assert_eq!(
        asked.json()["total"],
        0,
        "kept in, yet found by what they hold"
    );
    // Restricted rows are not searched: what is found stands in tables of the study's own.
    let found = server.get("/api/search?q=quantum").json();
    for hit in found["hits"].as_array().unwrap() {
        assert_eq!(hit["withheld"], false, "{hit}");
        assert!(hit["source"].is_null(), "{hit}");
    }
    // Nor are firms named, where rows list them or where one that the reader knows is switched off.
    assert_eq!(
        server.get("/api/settings").json()["names"]["firms"],
        json!([])
    );
    let off = json!({ "off": [{ "firm": "asml" }] });
    let picture = server.post("/api/chain", &off.to_string());
    let text = String::from_utf8_lossy(&picture.body).into_owned();
    assert!(!picture.json()["firms_off"].as_array().unwrap().is_empty());
    assert!(!text.contains("ASML"), "{text:.800}");
}

/// A row may lean on several sources: it stays in where any of them forbids it.
#[test]
fn a_row_is_kept_in_by_any_of_its_sources() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("study");
    study::init_example("china-2021", &root).unwrap();
    let row = |evidence: &evidence::Evidence| {
        let row = evidence.rows("technologies").iter().find(|row| {
            row.text("trl_source")
                .is_some_and(|second| row.text("source") != Some(second))
        });
        let row = row.unwrap();
        (row.reference(), row.text("trl_source").unwrap().to_owned())
    };
    let loaded = study::Study::open(&root).unwrap().load().unwrap();
    let (reference, second) = row(&loaded.evidence);
    assert!(!study::explained_row(&loaded.evidence, &reference).withheld);
    forbid(&root, |source| source == second);
    let loaded = study::Study::open(&root).unwrap().load().unwrap();
    let kept = study::explained_row(&loaded.evidence, &reference);
    assert!(kept.withheld && kept.fields.is_empty());
}

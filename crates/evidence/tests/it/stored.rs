//! The store: what goes in comes out, and its name is its content.

use evidence::store::{content_hash, lock_entries, read, write, write_csv};
use evidence::{CheckParams, LockEntry, ReadOptions, check, check_folder};

use crate::helpers::{COUNTRIES, LINKS, NODES, SOURCES, base, check_one, put, raw, schema};

#[test]
fn tables_round_trip() {
    let mut tables = base();
    tables.push(raw("chain_links", LINKS));
    let header = "id,words,text,number,day,flag,countries,address,year\n";
    tables.push(raw(
        "things",
        &format!("{header}007,x;y,=1+1,-0.25,2021-03,true,CHN;JPN,https://a.org,2020\nb,,,,,,,,\n"),
    ));
    let evidence = check(&schema(), &tables, &CheckParams::default()).evidence;
    let dir = tempfile::tempdir().unwrap();
    let written = write(&evidence, dir.path()).unwrap();
    assert_eq!(written.len(), 5);
    for (name, hash) in &written {
        let table = read(&schema(), name, dir.path(), hash).unwrap();
        let before = evidence.table(name).unwrap();
        let rows = |t: &evidence::Table| {
            t.rows
                .iter()
                .map(|r| (r.key.clone(), r.values.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(&table), rows(before), "{name}");
    }
    let files = |dir: &std::path::Path| {
        let mut names: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(files(dir.path()).len(), 5, "no temporary file stays");
    // Written again elsewhere: the same bytes.
    let other = tempfile::tempdir().unwrap();
    write(&evidence, other.path()).unwrap();
    for name in files(dir.path()) {
        assert_eq!(
            std::fs::read(dir.path().join(&name)).unwrap(),
            std::fs::read(other.path().join(&name)).unwrap()
        );
    }
}

#[test]
fn the_order_of_rows_columns_and_the_format_leave_no_trace() {
    let hash = |text: &str| {
        content_hash(
            check_one("chain_links", text)
                .evidence
                .table("chain_links")
                .unwrap(),
        )
    };
    let first = hash(LINKS);
    assert_eq!(
        first,
        hash("from_node,to_node,source\nmagnet,motor,press\nore,magnet,usgs\n")
    );
    assert_eq!(
        first,
        hash("source;to_node;from_node\r\nusgs;magnet;ore\r\n\r\npress;motor;magnet\r\n")
    );
    assert_eq!(
        first,
        hash("from_node,to_node,source\n\"ore\",magnet , usgs\nmagnet,motor,press\n")
    );
    assert_ne!(
        first,
        hash("from_node,to_node,source\nore,magnet,press\nmagnet,motor,press\n")
    );
    assert_ne!(first, hash("from_node,to_node,source\nore,magnet,usgs\n"));
}

#[test]
fn what_is_missing_differs_from_zero_and_from_empty_text() {
    let hash = |row: &str| {
        content_hash(
            check_one("things", &format!("id,number,text\n{row}\n"))
                .evidence
                .table("things")
                .unwrap(),
        )
    };
    let hashes = [hash("a,,"), hash("a,0,"), hash("a,,0"), hash("a,1,")];
    for (at, one) in hashes.iter().enumerate() {
        assert!(!hashes[at + 1..].contains(one));
    }
    assert_eq!(hash("a,0,"), hash("a,-0,"));
    assert_eq!(hash("a,0.50,"), hash("a,5e-1,"));
}

#[test]
fn a_file_that_was_changed_is_found_out() {
    let evidence = check(&schema(), &base(), &CheckParams::default()).evidence;
    let dir = tempfile::tempdir().unwrap();
    let written = write(&evidence, dir.path()).unwrap();
    let hash = |name: &str| {
        written
            .iter()
            .find(|(table, _)| table == name)
            .unwrap()
            .1
            .clone()
    };
    let path = |hash: &str| dir.path().join(format!("{hash}.parquet"));
    std::fs::copy(path(&hash("countries")), path(&hash("sources"))).unwrap();
    let error = read(&schema(), "sources", dir.path(), &hash("sources")).unwrap_err();
    assert!(error.to_string().contains("columns"), "{error}");
    let fewer = check_one("countries", "id,name\nCHN,China\n").evidence;
    let other = write(&fewer, dir.path()).unwrap();
    let smaller = &other
        .iter()
        .find(|(table, _)| table == "countries")
        .unwrap()
        .1;
    std::fs::copy(path(smaller), path(&hash("countries"))).unwrap();
    let error = read(&schema(), "countries", dir.path(), &hash("countries")).unwrap_err();
    assert!(error.to_string().contains("does not match"), "{error}");
    assert!(read(&schema(), "countries", dir.path(), "0000").is_err());
    std::fs::write(path(&hash("chain_nodes")), b"PAR1 nonsense PAR1").unwrap();
    assert!(read(&schema(), "chain_nodes", dir.path(), &hash("chain_nodes")).is_err());
}

#[test]
fn lock_entries_name_file_bytes_and_content() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "sources.csv", SOURCES.as_bytes());
    put(dir.path(), "countries.csv", COUNTRIES.as_bytes());
    put(dir.path(), "chain_nodes.csv", NODES.as_bytes());
    let checked = check_folder(
        &schema(),
        dir.path(),
        &[],
        &ReadOptions::default(),
        &CheckParams::default(),
    );
    let entries = lock_entries(&checked);
    assert_eq!(entries.len(), 3);
    let sources = entries.iter().find(|e| e.table == "sources").unwrap();
    assert_eq!(
        sources.blake3,
        blake3::hash(SOURCES.as_bytes()).to_hex().to_string()
    );
    assert_eq!(
        (
            sources.file.as_str(),
            sources.rows,
            sources.encoding.as_str()
        ),
        ("sources.csv", 3, "UTF-8")
    );
    let text = toml::to_string(sources).unwrap();
    assert_eq!(toml::from_str::<LockEntry>(&text).unwrap(), *sources);
}

#[test]
fn exported_csv_is_read_again_and_runs_nothing() {
    let checked = check_one(
        "things",
        "id,text,number\na,=HYPERLINK(1),-5\nb,\"two\nlines\",\nc,+5,1e300\n",
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("things.csv");
    write_csv(checked.evidence.table("things").unwrap(), &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let line = text.lines().nth(1).unwrap();
    assert!(line.starts_with("a,,'=HYPERLINK(1),7,-5,"), "{line}");
    assert!(text.contains("c,,+5,7,1"), "a number is no formula: {text}");
    let again = check_one("things", &text);
    assert_eq!(
        again.evidence.rows("things")[1].text("text"),
        Some("two\nlines")
    );
    assert_eq!(
        again.evidence.rows("things")[2].number("number"),
        Some(1e300)
    );
}

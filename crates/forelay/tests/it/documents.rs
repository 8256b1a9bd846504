//! Documents through the program: formats, parts of the report, marking, the official page, hostile text, the package.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use roxmltree::{Document as Xml, Node};
use serde_json::Value;

use self::common::{ends, named, text, value, within};
use super::program::{call, edit, example, finished, json, records, shrink, withdraw};

#[path = "../../../publish/tests/common/mod.rs"]
mod common;

fn parts(path: &Path) -> BTreeMap<String, Vec<u8>> {
    common::parts(&fs::read(path).unwrap())
}

/// Writes a report into a folder of its own and gives its path.
fn report(study: &Path, name: &str, arguments: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let out = ["report", "--out", path.to_str().unwrap()];
    json(study, &[&out, arguments].concat(), 0);
    (folder, path)
}

/// A small run of the embedded study with a marking and one source that forbids republication; made once.
fn marked() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, study) = MADE.get_or_init(|| {
        let held = example();
        let study = held.path().join("study");
        shrink(&study);
        let path = study.join("study.toml");
        let settings = fs::read_to_string(&path).unwrap();
        let marking = "\n[report]\nclassification_en = \"Internal <draft>\"\nclassification_zh = \"内部资料\"\ndata_grade = \"important\"\n";
        fs::write(&path, format!("{settings}{marking}")).unwrap();
        withdraw(&study, &restricted(&study));
        // A name that looks like a formula.
        edit(&study, "evidence/fields.csv", &[("Semiconductors", "=cmd|'/c calc'!A1 Semiconductors")]);
        json(&study, &["run"], 0);
        (held, study)
    });
    study
}

/// The source of most rows of `policies`.
fn restricted(study: &Path) -> String {
    let mut reader = csv::Reader::from_path(study.join("evidence/policies.csv")).unwrap();
    let at = reader
        .headers()
        .unwrap()
        .iter()
        .position(|h| h == "source")
        .unwrap();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in reader.records() {
        *counts.entry(row.unwrap()[at].to_owned()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, n)| *n).unwrap().0
}

/// Twelve checks after descriptions of GB/T 9704-2012, on the file of a whole run.
#[test]
fn the_official_page_of_a_whole_report_keeps_the_layout() {
    let (_folder, path) = report(
        finished(),
        "r.docx",
        &["--lang", "zh", "--format", "docx", "--template", "gb9704"],
    );
    let parts = parts(&path);
    let main = Xml::parse(text(&parts, "word/document.xml")).unwrap();
    let styles = Xml::parse(text(&parts, "word/styles.xml")).unwrap();
    let style = |id: &str| {
        named(&styles, "style")
            .into_iter()
            .find(|s| value(*s, "styleId") == id)
            .unwrap()
    };
    let mm = |twips: &str| twips.parse::<f64>().unwrap() / 1440.0 * 25.4;
    let near = |found: f64, wanted: f64, slack: f64| {
        assert!((found - wanted).abs() <= slack, "{found} {wanted}");
    };
    let (size, margin) = (named(&main, "pgSz")[0], named(&main, "pgMar")[0]);
    let (width, height) = (mm(value(size, "w")), mm(value(size, "h")));
    let [top, bottom, left, right] =
        ["top", "bottom", "left", "right"].map(|side| mm(value(margin, side)));
    // 1 paper, 2 top, 3 left, 4 width and 5 height of the text block.
    near(width, 210.0, 0.1);
    near(height, 297.0, 0.1);
    near(top, 37.0, 1.0);
    near(left, 28.0, 1.0);
    near(width - left - right, 156.0, 0.2);
    near(height - top - bottom, 225.0, 0.2);
    // 6 lines, 7 characters.
    let pitch = mm(value(named(&main, "docGrid")[0], "linePitch"));
    assert_eq!((225.1 / pitch).floor(), 22.0);
    let tighter = value(within(within(style("BodyText"), "rPr"), "spacing"), "val");
    let character = 16.0 + tighter.parse::<f64>().unwrap() / 20.0;
    assert_eq!((156.1 / (character / 72.0 * 25.4)).floor(), 28.0);
    // 8 body, 9 title, 10 headings.
    let body = within(named(&styles, "rPrDefault")[0], "rPr");
    assert_eq!(value(within(body, "rFonts"), "eastAsia"), "仿宋_GB2312");
    for (id, font) in [
        ("Title", "方正小标宋简体"),
        ("Heading1", "黑体"),
        ("Heading2", "楷体_GB2312"),
    ] {
        assert_eq!(value(within(style(id), "rFonts"), "eastAsia"), font);
    }
    // 11 indents and numbers of the parts, in their order.
    assert_eq!(
        value(within(style("BodyText"), "ind"), "firstLineChars"),
        "200"
    );
    let headings = headings(&main);
    assert!(headings.len() > 6, "{headings:?}");
    for (heading, number) in headings
        .iter()
        .zip(["一、", "二、", "三、", "四、", "五、", "六、"])
    {
        assert!(heading.starts_with(number), "{heading}");
    }
    // 12 page numbers between dashes at the outer edge.
    for (part, side) in [
        ("word/footer.xml", "right"),
        ("word/footer-even.xml", "left"),
    ] {
        let footer = Xml::parse(text(&parts, part)).unwrap();
        assert_eq!(value(named(&footer, "jc")[0], "val"), side);
        assert!(text(&parts, part).contains("— ") && text(&parts, part).contains(" PAGE "));
    }
}

/// The words of each heading of the first level.
fn headings(main: &Xml<'_>) -> Vec<String> {
    let first = |p: &Node<'_, '_>| {
        let styles = p.descendants().filter(|n| n.tag_name().name() == "pStyle");
        styles.map(|s| value(s, "val")).any(|s| s == "Heading1")
    };
    let words = |p: Node<'_, '_>| -> String {
        p.descendants()
            .filter(Node::is_text)
            .filter_map(|n| n.text())
            .collect()
    };
    named(main, "p")
        .into_iter()
        .filter(first)
        .map(words)
        .collect()
}

#[test]
fn every_page_slide_and_sheet_carries_the_marking_of_the_study() {
    for (lang, mark) in [
        ("en", "Internal &lt;draft&gt; · Data grade: important data"),
        ("zh", "内部资料 · 数据级别：重要数据"),
    ] {
        let of = |name: &str, format: &str| {
            report(marked(), name, &["--lang", lang, "--format", format])
        };
        let (_docx, path) = of("r.docx", "docx");
        assert!(text(&parts(&path), "word/header.xml").contains(mark));
        let (_pptx, path) = of("r.pptx", "pptx");
        let slides = parts(&path);
        let all: Vec<&String> = (slides.keys())
            .filter(|n| n.starts_with("ppt/slides/slide"))
            .collect();
        assert!(all.len() > 15);
        for name in all {
            assert!(text(&slides, name).contains(mark), "{name}");
        }
        let (_xlsx, path) = of("r.xlsx", "xlsx");
        let book = parts(&path);
        for name in book.keys().filter(|n| n.starts_with("xl/worksheets/sheet")) {
            assert!(text(&book, name).contains(mark), "{name}");
        }
        let (_html, path) = of("r.html", "html");
        assert!(fs::read_to_string(path).unwrap().contains(mark));
    }
}

/// No setting of `[report]` changes a result: the run keeps its name, and the marking needs no new run.
#[test]
fn a_marking_is_no_part_of_a_run() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let first = json(&study, &["run", "trend.strategies"], 0)["run"].clone();
    let path = study.join("study.toml");
    let settings = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        format!("{settings}\n[report]\nclassification_en = \"A\"\nclassification_zh = \"甲\"\n"),
    )
    .unwrap();
    assert_eq!(json(&study, &["run", "trend.strategies"], 0)["run"], first);
    fs::write(
        &path,
        format!("{settings}\n[report]\nclassification_en = \"A\"\n"),
    )
    .unwrap();
    let refused = call(&study, &["run"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("classification_zh"), "{said}");
}

/// The documents of a variant name it and say what it changes; those of the study say nothing of a variant.
#[test]
fn documents_of_a_variant_name_it_and_list_its_locks() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    fs::create_dir_all(study.join("variants")).unwrap();
    // The study has a lock of its own, which the variant lifts.
    let path = study.join("study.toml");
    let own = fs::read_to_string(&path).unwrap();
    let locked = "[regions]\ncommitments = [[\"shanghai\", \"semiconductors\"]]\n";
    fs::write(&path, own.replacen("[regions]\n", locked, 1)).unwrap();
    let settings = "[regions]\ncommitments = [[\"beijing\", \"artificial_intelligence\"]]\nvetoes = [[\"baotou\", \"pharma\"]]\n[selection]\ntop = 7\n";
    fs::write(study.join("variants/two-locks.toml"), settings).unwrap();
    let own = json(&study, &["run", "layout.regions"], 0)["run"].clone();
    let run = json(&study, &["run", "layout.regions", "--with", "two-locks"], 0)["run"].clone();
    assert_ne!(own, run);
    let page = |run: &serde_json::Value, lang: &str| {
        let id = run.as_str().unwrap();
        let (_kept, path) = report(&study, "r.html", &[id, "--lang", lang]);
        fs::read_to_string(path).unwrap()
    };
    let english = page(&run, "en");
    for words in [
        "Variant two-locks",
        "Beijing hosts Artificial intelligence (locked)",
        "Baotou does not host",
        "selection.top = 7",
        "Shanghai need not host Semiconductors",
    ] {
        assert!(english.contains(words), "{words}");
    }
    assert!(page(&run, "zh").contains("北京承载人工智能（锁定）"));
    assert!(!page(&own, "en").contains("two-locks"));
    let (_kept, memo) = report(
        &study,
        "memo.docx",
        &[run.as_str().unwrap(), "--kind", "memo", "--format", "docx"],
    );
    let main = String::from_utf8(parts(&memo)["word/document.xml"].clone()).unwrap();
    assert!(main.contains("two-locks"));
    // The variant's name stands for its last run, and its document does not take the place of the study's.
    let written = json(&study, &["report", "two-locks", "--kind", "memo"], 0);
    let file = written["file"].as_str().or(written["path"].as_str());
    assert!(
        file.unwrap().ends_with("memo-two-locks-en.html"),
        "{written}"
    );
    assert!(english.contains("Variant two-locks"));
    the_plan_is_compared(&study, &own, &run, &english);
    let unknown = call(&study, &["report", "three-locks"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("variant that it ran"));
}

/// The comparison with the study stands first in the report, in the memo and in `forelay diff`, by names in both languages.
fn the_plan_is_compared(
    study: &Path,
    own: &serde_json::Value,
    run: &serde_json::Value,
    english: &str,
) {
    let section = "What the variant changed in the plan";
    let at = english.find(section).unwrap();
    assert!(at < english.find("What this report cannot see").unwrap());
    let mark = format!("two-locks · {}", &run.as_str().unwrap()[..8]);
    let base = format!("study · {}", &own.as_str().unwrap()[..8]);
    for words in [
        mark.as_str(),
        base.as_str(),
        "Before (",
        "Difference, with the range",
    ] {
        assert!(english.contains(words), "{words}");
    }
    let (a, b) = (own.as_str().unwrap(), run.as_str().unwrap());
    for (lang, words) in [
        (
            "en",
            [
                "Locks and vetoes",
                "Beijing hosts Artificial intelligence (locked)",
                "selection.top",
            ],
        ),
        (
            "zh",
            ["锁定与禁止", "北京承载人工智能（锁定）", "selection.top"],
        ),
    ] {
        let out = call(study, &["diff", a, b, "--lang", lang]);
        assert_eq!(out.status.code(), Some(1));
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        for words in words {
            assert!(said.contains(words), "{lang}: {words}: {said}");
        }
        let technical = said.find("layout.regions").unwrap();
        assert!(said.find(words[0]).unwrap() < technical, "the plan first");
    }
    let found = json(study, &["diff", a, b], 1);
    let rules = found["plan"]["rules"].as_array().unwrap();
    let of = |cluster: &str| rules.iter().find(|r| r["cluster"] == cluster).unwrap();
    assert_eq!(
        (&of("beijing")["set"], &of("beijing")["kind"]),
        (&true.into(), &"lock".into())
    );
    assert_eq!(of("shanghai")["set"], false);
    assert_eq!(of("baotou")["kind"], "veto");
    assert_eq!(found["passages"][0]["about"], "value");
    let value = &found["plan"]["value"];
    assert!(value["before"]["objective"]["value"].as_f64().unwrap() > 0.0);
    // Other weights of industries are another measure: the difference has no number then, and says so.
    assert!(value["difference"].is_object());
    // Without a run of the study the report of a variant says how to get one.
    let alone = tempfile::tempdir().unwrap();
    let other = alone.path().join("study");
    copy(study, &other);
    fs::remove_dir_all(other.join("runs").join(a)).unwrap();
    let _ = fs::remove_file(other.join("runs/latest"));
    let (_kept, path) = report(&other, "r.html", &[b, "--lang", "en"]);
    let page = fs::read_to_string(path).unwrap();
    assert!(page.contains("no run without the variant") && page.contains("forelay run"));
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let there = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}

/// Formula injection: a field's name begins with `=`; no cell of the workbook, of the workbooks behind the charts and of
/// the tables of the package may run.
#[test]
fn names_that_look_like_formulas_never_run() {
    let (_folder, path) = report(marked(), "r.xlsx", &["--format", "xlsx"]);
    let book = parts(&path);
    let strings = text(&book, "xl/sharedStrings.xml");
    assert!(strings.contains("=cmd|"), "the name is there");
    let mut formulas = 0;
    for name in book.keys().filter(|n| n.starts_with("xl/worksheets/sheet")) {
        let sheet = Xml::parse(text(&book, name)).unwrap();
        for formula in named(&sheet, "f") {
            let told = formula.text().unwrap();
            assert!(!told.contains("cmd"), "{name}: {told}");
            formulas += 1;
        }
    }
    assert!(formulas > 100);
    let (_folder, path) = report(marked(), "r.pptx", &["--format", "pptx"]);
    for (name, bytes) in parts(&path).iter().filter(|(n, _)| ends(n, "xlsx")) {
        let book = common::parts(bytes);
        let sheet = Xml::parse(text(&book, "xl/worksheets/sheet1.xml")).unwrap();
        for formula in named(&sheet, "f") {
            assert!(!formula.text().unwrap().contains("cmd"), "{name}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("p.zip");
    json(marked(), &["package", "--out", out.to_str().unwrap()], 0);
    for (name, bytes) in parts(&out).iter().filter(|(n, _)| ends(n, "csv")) {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        for row in reader.records() {
            for cell in &row.unwrap() {
                let number = cell.parse::<f64>().is_ok();
                assert!(
                    number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{name}: {cell}"
                );
            }
        }
    }
}

#[test]
fn parts_of_the_report_stand_alone() {
    let study = finished();
    let words = |name: &str, arguments: &[&str]| {
        let (_folder, path) = report(study, name, arguments);
        let parts = parts(&path);
        let main = Xml::parse(text(&parts, "word/document.xml")).unwrap();
        let headings = headings(&main);
        let all: String = named(&main, "t").iter().filter_map(Node::text).collect();
        (headings, all)
    };
    let (headings, all) = words(
        "m.docx",
        &["--kind", "memo", "--format", "docx", "--lang", "en"],
    );
    // Limits come first; no number of the finding is without its sources.
    assert_eq!(
        headings,
        ["What this cannot see", "What was found", "What to do"]
    );
    assert!(all.matches("Sources: ").count() >= 3, "{all}");
    // The official page holds half as much: the same parts and numbers in fewer words, the sources in a table.
    let order = [
        "--kind",
        "memo",
        "--format",
        "docx",
        "--lang",
        "en",
        "--template",
        "gb9704",
    ];
    let (official, short) = words("o.docx", &order);
    assert_eq!(official, headings);
    assert!(short.contains("What the findings rest on"), "{short}");
    assert!(!short.contains("Sources: "), "{short}");
    assert!(
        short.len() * 10 < all.len() * 7,
        "{} of {}",
        short.len(),
        all.len()
    );
    let (headings, all) = words(
        "c.docx",
        &[
            "--kind",
            "chapter",
            "--section",
            "layout",
            "--format",
            "docx",
            "--lang",
            "zh",
        ],
    );
    assert_eq!(
        headings.len(),
        2,
        "the chapter and its sources: {headings:?}"
    );
    assert!(!all.contains("证据无法支撑的问题"));
    let (headings, all) = words(
        "a.docx",
        &["--kind", "methods", "--format", "docx", "--lang", "en"],
    );
    assert_eq!(headings.len(), 3, "{headings:?}");
    assert!(all.contains("Lahdelma & Salminen (2001)") && all.contains("Seed:"));
    let (headings, all) = words(
        "w.docx",
        &["--kind", "why-not", "--format", "docx", "--lang", "en"],
    );
    let placed = records(&run_folder(study).join("tables/layout.reasons.csv"));
    let clusters: BTreeSet<&String> = placed.iter().map(|row| &row["cluster"]).collect();
    assert!(
        headings.len() > clusters.len(),
        "a sheet each, and the sources"
    );
    // Every industry with evidence in a cluster has its answer, hosted or not; the sheet tells of the others too.
    assert!(all.contains("The other industries of the layout here"));
    assert!(all.contains("No evidence of strength in"));
    let strengths = records(&run_folder(study).join("tables/foundation.strengths.csv"));
    let laid_out = records(&run_folder(study).join("tables/layout.acceptability.csv"));
    let out = |field: &String| {
        let row = laid_out.iter().find(|row| &row["key"] == field).unwrap();
        row["separation"] == "separation.out"
    };
    let open: Vec<_> = (strengths.iter())
        .filter(|row| !out(&row["field"]))
        .map(|row| (&row["cluster"], &row["field"]))
        .collect();
    let answered: BTreeSet<_> = placed
        .iter()
        .map(|row| (&row["cluster"], &row["industry"]))
        .collect();
    assert!(open.iter().all(|cell| answered.contains(cell)));
    assert_eq!(open.len(), answered.len());
    let unknown = call(
        study,
        &["report", "--kind", "chapter", "--section", "nothing"],
    );
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(
        said.contains("`nothing`") && said.contains("layout"),
        "{said}"
    );
}

fn run_folder(study: &Path) -> PathBuf {
    let latest = fs::read_to_string(study.join("runs/latest")).unwrap();
    study.join("runs").join(latest)
}

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

//! Documents through the program: formats, parts of the report, marking, the official page, hostile text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use roxmltree::{Document as Xml, Node};

use self::common::{ends, named, text, value, within};
use super::program::{call, edit, example, finished, json, records, shrink, withdraw};

#[path = "../../../publish/tests/common/mod.rs"]
pub mod common;

pub fn parts(path: &Path) -> BTreeMap<String, Vec<u8>> {
    common::parts(&fs::read(path).unwrap())
}

/// Writes a report into a folder of its own and gives its path.
pub fn report(study: &Path, name: &str, arguments: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let out = ["report", "--out", path.to_str().unwrap()];
    json(study, &[&out, arguments].concat(), 0);
    (folder, path)
}

/// A small run of the embedded study with a marking and one source that forbids republication; made once.
pub fn marked() -> &'static Path {
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
pub fn restricted(study: &Path) -> String {
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

pub fn run_folder(study: &Path) -> PathBuf {
    let latest = fs::read_to_string(study.join("runs/latest")).unwrap();
    study.join("runs").join(latest)
}

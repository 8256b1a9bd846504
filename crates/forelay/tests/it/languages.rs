//! What is written in one language is written in the other: pages of methods, manuals, the glossary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use model::{Catalogue, Lang};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pages(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(project().join(folder)).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| Path::new(name).extension().is_some_and(|e| e == "md"))
        .collect()
}

/// What a translation keeps: lines of tables, fences of code, headings.
fn shape(path: &Path) -> [usize; 3] {
    let text = fs::read_to_string(path).unwrap();
    let count = |start: &str| {
        text.lines()
            .filter(|l| l.trim_start().starts_with(start))
            .count()
    };
    [count("|"), count("```"), count("#")]
}

fn same(english: &Path, chinese: &Path) {
    assert_eq!(shape(english), shape(chinese), "{}", chinese.display());
    let text = fs::read_to_string(chinese).unwrap();
    let han = text
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
    assert!(han.count() > 100, "{} is not in Chinese", chinese.display());
}

#[test]
fn every_method_has_a_page_in_both_languages() {
    assert_eq!(pages("methods"), pages("methods/zh"));
    for name in pages("methods") {
        let folder = project().join("methods");
        same(&folder.join(&name), &folder.join("zh").join(&name));
    }
}

#[test]
fn manuals_are_there_in_both_languages() {
    let root = project();
    same(&root.join("README.md"), &root.join("README.zh.md"));
    for name in [
        "workshop.md",
        "documents.md",
        "security.md",
        "reference-cases.md",
    ] {
        same(
            &root.join("docs").join(name),
            &root.join("docs/zh").join(name),
        );
    }
    assert_eq!(pages("docs/journeys"), pages("docs/zh/journeys"));
    for name in pages("docs/journeys") {
        let docs = root.join("docs");
        same(
            &docs.join("journeys").join(&name),
            &docs.join("zh/journeys").join(&name),
        );
    }
}

/// Links between pages of the project lead to files of the project.
#[test]
fn links_of_the_chinese_pages_lead_somewhere() {
    let root = project();
    let mut files = vec![root.join("README.zh.md")];
    for folder in ["methods/zh", "docs/zh", "docs/zh/journeys"] {
        files.extend(
            pages(folder)
                .into_iter()
                .map(|name| root.join(folder).join(name)),
        );
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.contains(' ') {
                continue;
            }
            let there = file.parent().unwrap().join(path);
            assert!(there.exists(), "{}: {link}", file.display());
        }
    }
}

#[test]
fn every_term_has_its_meaning_and_its_place_in_both_languages() {
    let catalogue = Catalogue::builtin();
    let terms: Vec<&str> = catalogue
        .ids()
        .filter(|id| id.starts_with("term.") && id.split('.').count() == 2)
        .collect();
    assert!(terms.len() > 40, "{}", terms.len());
    for term in terms {
        for part in ["", ".meaning", ".here"] {
            for lang in Lang::ALL {
                assert!(
                    catalogue.text(&format!("{term}{part}"), lang).is_some(),
                    "{term}{part}"
                );
            }
        }
    }
}

//! What is written in one language is written in the other: pages of methods, manuals, the glossary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use model::{Catalogue, Lang};

use crate::program::{example, forelay};

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

/// A text between quotes in the source, and what stands before it.
struct Literal {
    text: String,
    before: String,
    place: String,
}

/// The texts of a source file up to its unit tests, with escapes and line continuations resolved.
fn literals(path: &Path) -> Vec<Literal> {
    let source = fs::read_to_string(path).unwrap();
    let end = source
        .find("#[cfg(test)]\nmod tests {")
        .unwrap_or(source.len());
    let source: Vec<char> = source[..end].chars().collect();
    let (mut found, mut i) = (Vec::new(), 0);
    let starts = |i: usize, word: &str| {
        word.chars()
            .enumerate()
            .all(|(k, c)| source.get(i + k) == Some(&c))
    };
    while i < source.len() {
        if starts(i, "//") {
            while i < source.len() && source[i] != '\n' {
                i += 1;
            }
        } else if starts(i, "'\"'") || starts(i, "'\\") {
            i += 3;
        } else if source[i] == '"' || starts(i, "r\"") || starts(i, "r#\"") {
            let raw = source[i] == 'r';
            let hashed = starts(i, "r#");
            let start = i;
            i += 1 + usize::from(raw) + usize::from(hashed);
            let mut text = String::new();
            while i < source.len() {
                match source[i] {
                    '"' if !hashed || starts(i, "\"#") => break,
                    '\\' if !raw => {
                        i += 1;
                        match source[i] {
                            'n' => text.push('\n'),
                            '\n' => {
                                while source.get(i + 1).is_some_and(|c| c.is_whitespace()) {
                                    i += 1;
                                }
                            }
                            c => text.push(c),
                        }
                    }
                    c => text.push(c),
                }
                i += 1;
            }
            i += 1 + usize::from(hashed);
            let before: String = source[start.saturating_sub(40)..start].iter().collect();
            let line = source[..start].iter().filter(|c| **c == '\n').count() + 1;
            found.push(Literal {
                text,
                before: before.trim_end().to_owned(),
                place: format!("{}:{line}", path.display()),
            });
        } else {
            i += 1;
        }
    }
    found
}

/// The English of a source with its holes numbered, as the phrases have it.
fn numbered(text: &str) -> String {
    let (mut out, mut holes, mut rest) = (String::new(), 0, text);
    while let Some(open) = rest.find(['{', '}']) {
        out.push_str(&rest[..open]);
        let doubled = rest[open..].starts_with("{{") || rest[open..].starts_with("}}");
        let close = rest[open..].find('}').map(|close| open + close);
        match close {
            _ if doubled => {
                out.push_str(&rest[open..=open]);
                rest = &rest[open + 2..];
            }
            Some(close) if rest[open..].starts_with('{') => {
                holes += 1;
                out.push_str(&format!("{{{holes}}}"));
                rest = &rest[close + 1..];
            }
            _ => {
                out.push_str(&rest[open..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    out + rest
}

/// Two words side by side, or a word before a colon or comma at the end: what is left when holes are taken out.
fn is_sentence(text: &str) -> bool {
    let mut without = String::new();
    let mut depth = 0_i32;
    for c in text.chars() {
        depth += i32::from(c == '{');
        if depth == 0 {
            without.push(c);
        }
        depth -= i32::from(c == '}' && depth > 0);
    }
    let words: Vec<&str> = without.split(' ').collect();
    let ends_low = |w: &str| {
        w.chars()
            .rev()
            .take(2)
            .filter(char::is_ascii_lowercase)
            .count()
            == 2
    };
    let starts_low =
        |w: &str| w.starts_with(|c: char| c.is_ascii_lowercase() || c == '(' || c == '`');
    words
        .windows(2)
        .any(|pair| ends_low(pair[0]) && starts_low(pair[1]))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// Sentences of the code that no reader is shown, with the reason.
fn unseen() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/unseen.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader
        .records()
        .map(|record| record.unwrap()[0].to_owned())
        .collect()
}

/// Every sentence that the code makes by itself has its Chinese, is a message of the catalogue, or is on the list of those that no reader
/// sees. What describes the interface to programs is English.
#[test]
fn every_sentence_in_the_code_has_its_chinese() {
    let messages: BTreeSet<&str> = {
        let catalogue = Catalogue::builtin();
        catalogue
            .ids()
            .filter_map(|id| catalogue.text(id, Lang::En))
            .collect()
    };
    let unseen = unseen();
    let mut files = Vec::new();
    for name in [
        "chain",
        "evidence",
        "foundation",
        "layout",
        "model",
        "trend",
        "study",
        "serve",
        "forelay",
    ] {
        sources(&project().join("crates").join(name).join("src"), &mut files);
    }
    // The page of reference cases is written in English for the manual; descriptions in a package are for programs.
    let apart = [
        "steps/references/page.rs",
        "package/mod.rs",
        "package/crate_json.rs",
        "api/openapi.rs",
    ];
    files.retain(|file| !apart.iter().any(|name| file.ends_with(name)));
    let (mut missing, mut used, mut seen) = (Vec::new(), BTreeSet::new(), 0);
    for literal in files.iter().flat_map(|path| literals(path)) {
        let machine = [
            "expect(",
            "summary:",
            "assert!(",
            "unreachable!(",
            "reason =",
        ];
        let unread = machine.iter().any(|word| literal.before.ends_with(word))
            || literal.text.starts_with("invariant:");
        if unread || !is_sentence(&literal.text) {
            continue;
        }
        let english = numbered(&literal.text);
        seen += 1;
        if unseen.contains(&english) {
            used.insert(english);
        } else if !messages.contains(literal.text.as_str()) && !model::phrases::is_written(&english)
        {
            missing.push(format!("{}: {english:?}", literal.place));
        }
    }
    assert!(
        seen > 900,
        "only {seen} sentences were found: is the code still read?"
    );
    assert!(
        missing.is_empty(),
        "{} sentences:\n{}",
        missing.len(),
        missing.join("\n")
    );
    let stale: Vec<&String> = unseen.difference(&used).collect();
    assert!(stale.is_empty(), "no longer in the code: {stale:#?}");
}

/// Wrong usage, failures and screens of the program, asked for in Chinese.
#[test]
fn the_program_fails_in_chinese() {
    let folder = example();
    let here = |name: &str| folder.path().join(name).display().to_string();
    let study = here("study");
    fs::write(here("few.csv"), "location,activity,value\na,x,1\n").unwrap();
    let english = [
        "cannot", "there is", "nothing", "unknown", "error", "refused", "written", "needs", "write",
    ];
    for (arguments, code) in [
        (vec!["shock", "--off", "JPN"], 2),
        (vec!["shock", "--off", "@"], 2),
        (vec!["shock", "--stop", "JPN", "--severity", "3"], 2),
        (vec!["nosuch"], 2),
        (vec!["run", "--frobnicate"], 2),
        (vec!["--study", "/nowhere", "check"], 2),
        (vec!["--study", &study, "report", "nosuch"], 2),
        (vec!["--study", &study, "explain", "nosuch"], 2),
        (vec!["--study", &study, "run", "nosuch"], 2),
        (vec!["--study", &study, "run", "--with", "nosuch"], 2),
        (
            vec![
                "--study", &study, "shock", "--stop", "JPN", "--node", "nosuch", "--weeks", "4",
            ],
            2,
        ),
        (vec!["--study", &study, "shock", "--stop", "XXX"], 2),
        (vec!["--study", &study, "sql", "select 1 from nosuch"], 2),
        (
            vec!["--study", &study, "export", "nosuch", "--out", "x.csv"],
            2,
        ),
        (
            vec!["calc", "complexity", "nosuch.csv", "--out", &here("out")],
            2,
        ),
        (
            vec![
                "calc",
                "options",
                &here("few.csv"),
                "--location",
                "b",
                "--out",
                &here("out"),
            ],
            2,
        ),
    ] {
        let output = forelay()
            .env("FORELAY_LANG", "zh")
            .args(&arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        let han = said
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
        assert!(han.count() >= 4, "{arguments:?}: {said}");
        for word in english {
            assert!(!said.contains(word), "{arguments:?}: {word}: {said}");
        }
    }
}

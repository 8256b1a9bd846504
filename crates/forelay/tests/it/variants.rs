//! Variants through the program: what they changed in the plan, in the report, the memo and `forelay diff`.

use std::fs;
use std::path::Path;

use super::documents::{parts, report};
use super::program::{call, example, json, shrink};

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
    assert!(
        main.contains("Points that each costs beside the other changes: "),
        "what locks cost"
    );
    // The variant's name stands for its last run, and its document does not take the place of the study's.
    let written = json(&study, &["report", "two-locks", "--kind", "memo"], 0);
    let file = written["file"].as_str().unwrap();
    assert!(file.ends_with("memo-two-locks-en.html"), "{written}");
    the_plan_is_compared(&study, &own, &run, &english);
    let unknown = call(&study, &["report", "three-locks"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("variant that it ran"));
    // A name that the evidence does not know is a fault of the file that says it.
    let ghost = "[regions]\ncommitments = [[\"atlantis\", \"semiconductors\"]]\n";
    fs::write(study.join("variants/ghost.toml"), ghost).unwrap();
    let refused = call(&study, &["run", "--with", "ghost"]);
    assert_ne!(refused.status.code(), Some(0));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        said.contains("variants/ghost.toml") && said.contains("atlantis"),
        "{said}"
    );
    assert!(!said.contains("study.toml"), "{said}");
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
        let asked = |more: &[&str]| {
            let out = call(study, &[&["diff", a, b, "--lang", lang], more].concat());
            assert_eq!(out.status.code(), Some(1));
            String::from_utf8_lossy(&out.stdout).into_owned()
        };
        // Ids stand there only where they are asked for.
        let short = asked(&[]);
        assert!(!short.contains("layout.regions"), "{short}");
        assert!(short.contains("--most N"), "{short}");
        let said = asked(&["--most", "3"]);
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

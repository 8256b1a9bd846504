//! The picture of the house, kept true: which crate may know which.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crate → the crates of the workspace it may name.
const ARROWS: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("evidence", &["model"]),
    ("trend", &["model"]),
    ("foundation", &["model"]),
    ("chain", &["model"]),
    ("layout", &["model"]),
    ("publish", &["model"]),
    (
        "study",
        &[
            "model",
            "evidence",
            "trend",
            "foundation",
            "chain",
            "layout",
            "publish",
        ],
    ),
    ("serve", &["model", "evidence", "publish", "study"]),
    ("forelay", &["model", "study", "serve"]),
];

/// Heavy dependencies and the crates that may name them.
const ALONE: [(&str, &[&str]); 14] = [
    ("axum", &["serve"]),
    ("hyper", &["serve"]),
    ("datafusion", &["evidence"]),
    ("parquet", &["evidence"]),
    ("calamine", &["evidence"]),
    ("ureq", &["evidence"]),
    ("highs", &["chain", "layout"]),
    ("highs-sys", &["chain", "layout"]),
    ("rust_xlsxwriter", &["publish"]),
    ("resvg", &["publish"]),
    ("typst", &["publish"]),
    ("typst-assets", &["publish"]),
    ("typst-pdf", &["publish"]),
    ("clap", &["forelay"]),
];

fn named() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    metadata
        .packages
        .iter()
        .map(|package| {
            let names = package
                .dependencies
                .iter()
                .filter(|d| d.kind == DependencyKind::Normal)
                .map(|d| d.name.clone())
                .collect();
            (package.name.to_string(), names)
        })
        .collect()
}

#[test]
fn no_arrow_that_the_picture_does_not_have() {
    let named = named();
    let crates: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        named.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        crates,
        "crates of the workspace"
    );
    for (name, allowed) in ARROWS {
        for other in named[name]
            .iter()
            .filter(|other| crates.contains(other.as_str()))
        {
            assert!(
                allowed.contains(&other.as_str()),
                "{name} must not know {other}"
            );
        }
    }
}

#[test]
fn heavy_dependencies_have_one_home() {
    for (name, dependencies) in named() {
        for (heavy, homes) in ALONE {
            assert!(
                !dependencies.contains(heavy) || homes.contains(&name.as_str()),
                "{name} names {heavy}; only {homes:?} may"
            );
        }
    }
}

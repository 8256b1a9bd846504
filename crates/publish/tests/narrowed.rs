//! A part of a document keeps what its numbers lead to and nothing else.
#![allow(clippy::unwrap_used)]

mod sample;

use model::Lang;
use publish::document::*;

/// By hand: one number → one explanation → another explanation and a row → a source.
#[test]
fn what_a_number_leads_to_stays_and_the_rest_goes() {
    let mut document = sample::report(Lang::En);
    let explanation = |anchor: &str, inputs: &[&str]| Explanation {
        anchor: anchor.into(),
        title: anchor.into(),
        formula: String::new(),
        method: String::new(),
        parameters: Vec::new(),
        inputs: (inputs.iter())
            .map(|t| InputLink {
                label: (*t).into(),
                target: (*t).into(),
            })
            .collect(),
    };
    let row = |anchor: &str, source: &str| EvidenceEntry {
        anchor: anchor.into(),
        table: "t".into(),
        key: anchor.into(),
        fields: Vec::new(),
        source: Some(source.into()),
        withheld: false,
    };
    let source = |anchor: &str| SourceEntry {
        anchor: anchor.into(),
        publisher: anchor.into(),
        title: String::new(),
        date: String::new(),
        url: String::new(),
        licence: String::new(),
        confidence: String::new(),
        standing: Standing::Low,
        redistributable: String::new(),
    };
    document.explanations = vec![
        explanation("a", &["b", "near"]),
        explanation("b", &["far", "a"]),
        explanation("other", &["elsewhere"]),
    ];
    document.evidence = vec![row("near", "s1"), row("far", "s2"), row("elsewhere", "s3")];
    document.sources = vec![source("s3"), source("s2"), source("s1")];
    // The nearest first; a circle ends.
    let found: Vec<&str> = (document.sources_of(["a"]).iter())
        .map(|s| s.anchor.as_str())
        .collect();
    assert_eq!(found, ["s1", "s2"]);
    // A better source comes before a nearer one.
    let mut better = document.clone();
    better.sources[1].standing = Standing::Medium;
    let found: Vec<&str> = (better.sources_of(["a"]).iter())
        .map(|s| s.anchor.as_str())
        .collect();
    assert_eq!(found, ["s2", "s1"]);
    let section = Section {
        id: "only".into(),
        number: String::new(),
        heading: String::new(),
        blocks: vec![Block::Paragraph(vec![Span::Number {
            text: "1".into(),
            range: None,
            target: "a".into(),
        }])],
    };
    let part = document.narrowed(vec![section]);
    let anchors: Vec<&str> = (part.explanations.iter().map(|e| e.anchor.as_str()))
        .chain(part.evidence.iter().map(|e| e.anchor.as_str()))
        .chain(part.sources.iter().map(|s| s.anchor.as_str()))
        .collect();
    assert_eq!(anchors, ["a", "b", "near", "far", "s2", "s1"]);
    assert_eq!(part.problems(), Vec::new());
}

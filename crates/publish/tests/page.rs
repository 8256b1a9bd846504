//! The page as browsers and parsers see it.
#![allow(clippy::unwrap_used)]

mod sample;

use std::collections::BTreeSet;

use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use model::Lang;
use publish::document::*;
use publish::html::to_html;
use roxmltree::{Document as Xml, Node, ParsingOptions};

const HOSTILE: &str = "</style></title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&#0;\u{0}\u{1b}-->]]>\u{202e}";

fn xml(page: &str) -> Xml<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Xml::parse_with_options(page, options).unwrap()
}

fn elements<'a>(xml: &'a Xml<'_>) -> impl Iterator<Item = Node<'a, 'a>> {
    xml.descendants().filter(Node::is_element)
}

fn pages() -> Vec<String> {
    Lang::ALL
        .into_iter()
        .map(|lang| to_html(&sample::report(lang)))
        .collect()
}

fn html_elements(node: &Handle, names: &mut Vec<String>) {
    if let NodeData::Element { name, .. } = &node.data {
        names.push(name.local.to_string());
    }
    for child in node.children.borrow().iter() {
        html_elements(child, names);
    }
}

#[test]
fn html_and_xml_parsers_see_the_same_elements() {
    for page in pages() {
        let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default())
            .one(page.as_str());
        assert_eq!(
            dom.errors.borrow().as_slice(),
            &[] as &[std::borrow::Cow<'_, str>]
        );
        let mut html = Vec::new();
        html_elements(&dom.document, &mut html);
        let tree = xml(&page);
        let names: Vec<String> = elements(&tree)
            .map(|n| n.tag_name().name().to_owned())
            .collect();
        assert_eq!(html, names);
    }
}

/// No script, no event handler, nothing that loads.
fn assert_inert(page: &str) {
    let tree = xml(page);
    for node in elements(&tree) {
        let name = node.tag_name().name();
        let banned = [
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "image",
            "use",
            "foreignObject",
            "video",
            "audio",
        ];
        assert!(!banned.contains(&name), "<{name}>");
        for attribute in node.attributes() {
            let key = attribute.name();
            assert!(!key.starts_with("on"), "{key}");
            assert!(
                !["src", "srcset", "data", "action", "poster", "background"].contains(&key),
                "{key}"
            );
            assert!(!attribute.value().contains("url("), "{}", attribute.value());
            if key == "href" {
                let value = attribute.value();
                let outward = value.starts_with("https://") || value.starts_with("http://");
                assert!(value.starts_with('#') || outward, "{value}");
                assert_eq!(
                    outward,
                    node.attribute("rel") == Some("noreferrer noopener"),
                    "{value}"
                );
            }
        }
        if name == "style" {
            let style = node.text().unwrap();
            assert!(
                !style.contains("url(") && !style.contains("@import") && !style.contains("alert")
            );
        }
    }
    let policy = elements(&tree)
        .find(|n| n.attribute("http-equiv") == Some("Content-Security-Policy"))
        .unwrap();
    assert_eq!(
        policy.attribute("content"),
        Some("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    );
}

/// Identifiers are unique and every fragment has one.
fn assert_linked(page: &str) {
    let tree = xml(page);
    let mut ids = BTreeSet::new();
    for node in elements(&tree) {
        if let Some(id) = node.attribute("id") {
            assert!(ids.insert(id), "{id} twice");
        }
    }
    for node in elements(&tree) {
        for key in ["href", "aria-labelledby"] {
            if let Some(target) = node.attribute(key).and_then(|v| {
                if key == "href" {
                    v.strip_prefix('#')
                } else {
                    Some(v)
                }
            }) {
                assert!(ids.contains(target), "{target} is nowhere");
            }
        }
    }
}

#[test]
fn the_page_is_inert_and_every_link_arrives() {
    for lang in Lang::ALL {
        let report = sample::report(lang);
        assert_eq!(report.problems(), []);
        let page = to_html(&report);
        assert_inert(&page);
        assert_linked(&page);
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(pages(), pages());
}

#[test]
fn every_figure_has_its_finding_its_drawing_and_its_table() {
    for page in pages() {
        let tree = xml(&page);
        let figures: Vec<Node<'_, '_>> = elements(&tree)
            .filter(|n| n.has_tag_name("figure"))
            .collect();
        assert_eq!(figures.len(), 9);
        for figure in figures {
            let inside = |name: &str| figure.descendants().find(|n| n.tag_name().name() == name);
            let caption: String = inside("figcaption")
                .unwrap()
                .descendants()
                .filter_map(|n| n.text())
                .collect();
            assert!(!caption.is_empty());
            assert_eq!(inside("svg").unwrap().attribute("role"), Some("img"));
            let details = inside("details").unwrap();
            assert!(
                details.descendants().any(|n| n.has_tag_name("td")),
                "{caption}"
            );
        }
    }
}

#[test]
fn headings_descend_one_by_one_and_landmarks_stand_once() {
    for (page, tag) in pages().iter().zip(["en", "zh-CN"]) {
        let tree = xml(page);
        assert_eq!(tree.root_element().attribute("lang"), Some(tag));
        let mut level = 0;
        for node in elements(&tree) {
            if let Some(now) = node
                .tag_name()
                .name()
                .strip_prefix('h')
                .and_then(|n| n.parse::<u8>().ok())
            {
                assert!(now <= level + 1, "h{level} is followed by h{now}");
                level = now;
            }
        }
        for name in ["h1", "main", "nav", "header", "footer", "head"] {
            let html = elements(&tree).filter(|n| n.has_tag_name(name)).count();
            assert_eq!(html, 1, "{name}");
        }
    }
}

/// Every page says what the licences keep out, marked or not.
#[test]
fn pages_say_how_many_rows_the_licences_keep_in() {
    let mut report = sample::report(Lang::En);
    let said = "see Sources. Evidence rows withheld by licence: 1.";
    assert!(to_html(&report).contains(&format!("Internal use · Data licences and grades: {said}")));
    report.classification = None;
    assert!(to_html(&report).contains(said));
    report.sources.clear();
    assert!(!to_html(&report).contains("see Sources"));
}

#[test]
fn folding_loses_no_row() {
    let mut report = sample::report(Lang::En);
    for folded in [
        Folded::Open,
        Folded::After(0),
        Folded::After(5),
        Folded::After(15),
        Folded::Whole,
    ] {
        for block in report.sections.iter_mut().flat_map(|s| &mut s.blocks) {
            if let Block::Table(table) = block {
                table.folded = folded;
            }
        }
        report.sections.truncate(2);
        report.sections[1]
            .blocks
            .retain(|b| matches!(b, Block::Table(_)));
        let page = to_html(&report);
        let tree = xml(&page);
        let rows = elements(&tree)
            .filter(|n| n.has_tag_name("tbody"))
            .flat_map(|b| b.children())
            .filter(|n| n.has_tag_name("tr"));
        assert_eq!(rows.count(), 16, "{folded:?}");
    }
}

fn hostile() -> Document {
    let h = || HOSTILE.to_owned();
    let span = || {
        vec![
            Span::Text(h()),
            Span::Strong(h()),
            Span::Number {
                text: h(),
                range: Some(h()),
                target: h(),
            },
            Span::Link {
                text: h(),
                href: format!("javascript:{HOSTILE}"),
            },
            Span::Link {
                text: h(),
                href: "javascript://example.org/%0aalert(1)".into(),
            },
            Span::Link {
                text: h(),
                href: format!("https://example.org/{HOSTILE}"),
            },
            Span::Link {
                text: h(),
                href: format!("#{HOSTILE}"),
            },
        ]
    };
    let table = |id: &str| TableView {
        id: format!("{id}{HOSTILE}"),
        caption: h(),
        columns: vec![ColumnView {
            heading: h(),
            unit: h(),
            align: Align::End,
        }],
        rows: vec![RowView {
            target: Some(h()),
            cells: vec![CellView {
                text: h(),
                range: Some(h()),
                basis: None,
                target: Some(h()),
                note: Some(0),
                amount: None,
            }],
        }],
        folded: Folded::Open,
        notes: vec![h()],
        essential: Vec::new(),
    };
    let frame = publish::figures::Frame {
        finding: h(),
        lang: Lang::En,
    };
    let point = publish::figures::ClusterPoint {
        label: h(),
        lon: 1.0,
        lat: 2.0,
        industries: vec![0],
    };
    let industries = vec![publish::figures::IndustryKey { label: h() }];
    let svg = publish::figures::cluster_map(
        &frame,
        &publish::figures::ClusterMap {
            points: vec![point],
            industries,
        },
    );
    Document {
        lang: Lang::Zh,
        extent: Extent::Report,
        title: h(),
        subtitle: h(),
        classification: Some(h()),
        meta: vec![(h(), h())],
        sections: vec![Section {
            id: "content".into(),
            number: h(),
            heading: h(),
            blocks: vec![
                Block::Paragraph(span()),
                Block::List(vec![span()]),
                Block::Cards(vec![Card {
                    label: h(),
                    value: span().remove(2),
                    note: span(),
                }]),
                Block::Note {
                    kind: NoteKind::Limit,
                    spans: span(),
                },
                Block::Subheading(h()),
                Block::Table(table("a")),
                Block::Figure(Figure {
                    id: "f".into(),
                    finding: h(),
                    svg,
                    charts: Vec::new(),
                    table: table("b"),
                    note: h(),
                }),
            ],
        }],
        explanations: vec![Explanation {
            anchor: h(),
            title: h(),
            formula: h(),
            method: h(),
            parameters: vec![(h(), h())],
            inputs: vec![InputLink {
                label: h(),
                target: "e".into(),
            }],
        }],
        evidence: vec![EvidenceEntry {
            anchor: "e".into(),
            table: h(),
            key: h(),
            fields: vec![(h(), h())],
            source: Some("s".into()),
            withheld: false,
        }],
        sources: vec![SourceEntry {
            anchor: "s".into(),
            publisher: h(),
            title: h(),
            date: h(),
            url: format!("javascript:{HOSTILE}"),
            licence: h(),
            confidence: h(),
            standing: Standing::High,
            redistributable: h(),
        }],
    }
}

#[test]
fn hostile_text_stays_text() {
    let page = to_html(&hostile());
    assert_inert(&page);
    assert_linked(&page);
    let tree = xml(&page);
    let heading = elements(&tree).find(|n| n.has_tag_name("h1")).unwrap();
    let dropped = HOSTILE.replace(['\u{0}', '\u{1b}'], "");
    assert_eq!(heading.text(), Some(dropped.as_str()));
    // The HTML parser agrees that there is no element that loads or runs.
    let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default())
        .one(page.as_str());
    let mut names = Vec::new();
    html_elements(&dom.document, &mut names);
    assert!(!names.iter().any(|n| n == "script" || n == "img"));
}

#[test]
fn withheld_rows_show_no_field() {
    let mut report = sample::report(Lang::En);
    for entry in &mut report.evidence {
        entry.withheld = entry.key == "usa_chips_1";
        entry.fields = vec![("a heading".into(), format!("value of {}", entry.key))];
    }
    let page = to_html(&report);
    assert!(page.contains("value of usa_chips_0"));
    assert!(!page.contains("value of usa_chips_1"));
    assert!(page.contains("usa_chips_1</b> The licence of the source"));
}

#[test]
fn wrong_addresses_are_named_and_never_become_dead_links() {
    let mut report = sample::report(Lang::En);
    report.explanations.remove(0);
    let copy = report.explanations[0].clone();
    report.explanations.push(copy);
    let Block::Table(table) = report.sections[1]
        .blocks
        .iter_mut()
        .find(|b| matches!(b, Block::Table(_)))
        .unwrap()
    else {
        unreachable!()
    };
    table.rows[3].cells.pop();
    let id = table.id.clone();
    assert_eq!(
        report.problems(),
        [
            Problem::Duplicate("calc/1".into()),
            Problem::Missing("calc/0".into()),
            Problem::RaggedRow {
                table: id,
                row: 3,
                found: 3,
                expected: 4
            },
        ]
    );
    let page = to_html(&report);
    assert_linked(&page);
    assert!(!page.contains("href=\"#calc/0\""));
}

/// Long settings and long lists of inputs are written once or by number, and nothing of them is lost.
#[test]
fn shared_origins_are_written_once() {
    let mut report = sample::report(Lang::En);
    let long = "x".repeat(80);
    for (i, explanation) in report.explanations.iter_mut().enumerate() {
        explanation.parameters.push(("shared".into(), long.clone()));
        explanation.parameters.push(("own".into(), i.to_string()));
        // Other formulas, so that no head of a group can hold the setting for all.
        explanation.formula = format!("formula {}", i % 2);
    }
    let page = to_html(&report);
    assert_eq!(page.matches(long.as_str()).count(), 1);
    assert_linked(&page);
    assert_inert(&page);
    for i in 0..report.explanations.len() {
        assert!(page.contains(&format!("own = {i}")));
    }
    // Five rows in a line, by the numbers of the first and the last.
    assert!(page.contains(">E1</a>–<a href=\"#~v5\">E5</a>"));
    for (i, entry) in (1..).zip(&report.evidence) {
        assert!(page.contains(&format!("id=\"~v{i}\"><b>E{i} {}</b>", entry.key)));
    }
}

#[test]
fn words_between_back_ticks_are_code() {
    let mut report = sample::report(Lang::En);
    report.sections[0].blocks = vec![Block::Paragraph(vec!["No table (`trade<`).".into()])];
    let page = to_html(&report);
    assert!(page.contains("No table (<code>trade&lt;</code>)."));
}

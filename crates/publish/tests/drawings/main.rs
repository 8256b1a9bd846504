//! The figures as drawings: text that is large enough, inside, and apart.
#![allow(clippy::unwrap_used)]

mod absurd;
mod roadmap;
#[path = "../sample/mod.rs"]
mod sample;

use model::Lang;
use publish::figures::*;
use roxmltree::{Document as Xml, Node};

fn all() -> Vec<(String, Svg)> {
    let named = |lang: Lang| {
        sample::figures(lang)
            .into_iter()
            .map(move |(id, svg)| (format!("{id} {lang:?}"), svg))
    };
    Lang::ALL.into_iter().flat_map(named).collect()
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).map_or(0.0, |v| v.parse().unwrap())
}

/// A second, coarser guess of text width than the one the drawings use.
fn width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        c if c as u32 >= 0x2e80 => 1.0,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | '-' | '(' | ')' => 0.29,
        'm' | 'w' | 'M' | 'W' | '%' => 0.85,
        c if c.is_ascii_uppercase() => 0.68,
        _ => 0.53,
    };
    text.chars().map(em).sum::<f64>() * size
}

struct TextBox {
    content: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// Boxes of the texts that lie flat.
fn text_boxes(svg: &Svg) -> Vec<TextBox> {
    let xml = Xml::parse(svg.markup()).unwrap();
    xml.descendants()
        .filter(|n| {
            n.has_tag_name(("http://www.w3.org/2000/svg", "text"))
                && n.attribute("transform").is_none()
                // The rim under a text.
                && n.attribute("aria-hidden").is_none()
        })
        .map(|n| {
            let content = n.text().unwrap_or_default().to_owned();
            let size = number(n, "font-size");
            let wide = width(&content, size);
            let left = match n.attribute("text-anchor") {
                Some("middle") => number(n, "x") - wide / 2.0,
                Some("end") => number(n, "x") - wide,
                _ => number(n, "x"),
            };
            let base = number(n, "y");
            TextBox {
                content,
                left,
                right: left + wide,
                top: base - 0.74 * size,
                bottom: base + 0.16 * size,
            }
        })
        .collect()
}

fn assert_texts_apart(name: &str, svg: &Svg) {
    let boxes = text_boxes(svg);
    assert!(!boxes.is_empty());
    for (i, a) in boxes.iter().enumerate() {
        let inside = a.left >= -2.0
            && a.top >= -1.0
            && a.right <= svg.width() + 2.0
            && a.bottom <= svg.height() + 1.0;
        assert!(inside, "{name}: {:?} leaves the drawing", a.content);
        for b in &boxes[..i] {
            let meet = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
            assert!(!meet, "{name}: {:?} meets {:?}", a.content, b.content);
        }
    }
}

#[test]
fn texts_do_not_overlap_and_stay_inside() {
    for (name, svg) in all() {
        assert_texts_apart(&name, &svg);
    }
}

#[test]
fn every_drawing_is_a_named_image_without_references() {
    for (name, svg) in all() {
        let xml = Xml::parse(svg.markup()).unwrap();
        let root = xml.root_element();
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        let title = root.first_element_child().unwrap();
        assert_eq!(title.tag_name().name(), "title");
        assert_eq!(root.attribute("aria-label"), title.text());
        assert_eq!(
            root.attribute("viewBox").unwrap(),
            format!(
                "0 0 {} {}",
                root.attribute("width").unwrap(),
                root.attribute("height").unwrap()
            )
        );
        for node in xml.descendants().filter(Node::is_element) {
            assert!(
                !["script", "style", "a", "use", "image", "foreignObject"]
                    .contains(&node.tag_name().name())
            );
            for attribute in node.attributes() {
                assert!(
                    !["id", "href", "style"].contains(&attribute.name()),
                    "{name}: {}",
                    attribute.name()
                );
                assert!(
                    !attribute.value().contains("url(") && !attribute.value().contains("NaN"),
                    "{name}: {}",
                    attribute.value()
                );
            }
            if node.tag_name().name() == "text" {
                assert!(
                    number(node, "font-size") >= 10.0,
                    "{name}: {:?}",
                    node.text()
                );
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(all(), all());
}

fn frame(lang: Lang) -> Frame {
    Frame {
        finding: "finding".into(),
        lang,
    }
}

fn long_chain(nodes: usize, layers: usize) -> ChainGraph {
    let nodes: Vec<GraphNode> = (0..nodes)
        .map(|i| GraphNode {
            label: format!("Component number {i} of a long chain with words"),
            layer: i % layers,
            order: i / layers,
            kind: if i % 5 == 0 {
                NodeKind::Tool
            } else {
                NodeKind::Component
            },
            neck: (i % 11 == 0).then(|| "0.93".into()),
        })
        .collect();
    let links = (0..nodes.len() * 2)
        .map(|k| GraphLink {
            from: (k * 7) % nodes.len(),
            to: (k * 13 + 5) % nodes.len(),
            kind: LinkKind::Material,
            choice: Choice::Needed,
        })
        .collect();
    ChainGraph {
        nodes,
        links,
        layers: Vec::new(),
    }
}

#[test]
fn large_chains_grow_instead_of_crowding() {
    let small = chain_graph(&frame(Lang::En), &long_chain(45, 6));
    let tall = chain_graph(&frame(Lang::En), &long_chain(120, 6));
    let wide = chain_graph(&frame(Lang::En), &long_chain(120, 14));
    assert!(tall.height() > small.height() * 1.8);
    assert!(wide.width() > small.width());
    for svg in [small, tall, wide] {
        assert_texts_apart("chain", &svg);
    }
}

#[test]
fn a_crowded_map_keeps_its_labels_apart() {
    // 72 places, half of them within two degrees of one another.
    let points = (0..72)
        .map(|i| {
            let turn = f64::from(i) * 2.399;
            let reach = if i % 2 == 0 { 1.0 } else { 14.0 } * (f64::from(i) / 72.0).sqrt();
            ClusterPoint {
                label: format!("City {i}"),
                lon: 115.0 + reach * turn.cos(),
                lat: 32.0 + reach * turn.sin() * 0.7,
                industries: vec![i as usize % 16, (i as usize + 5) % 16],
            }
        })
        .collect();
    let industries = (0..16)
        .map(|i| IndustryKey {
            label: format!("Industry {i}"),
        })
        .collect();
    assert_texts_apart(
        "map",
        &cluster_map(&frame(Lang::En), &ClusterMap { points, industries }),
    );
}

#[test]
fn missing_is_drawn_as_missing() {
    let map = Heatmap {
        rows: vec![HeatRow {
            label: "row".into(),
            bar: None,
        }],
        columns: vec![
            HeatColumn {
                label: "a".into(),
                home: true,
            },
            HeatColumn {
                label: "b".into(),
                home: false,
            },
        ],
        cells: vec![vec![
            None,
            Some(HeatCell {
                value: 0.0,
                text: "0.00".into(),
                range: None,
            }),
        ]],
        full: 1.0,
        measure: "share".into(),
        bar_heading: String::new(),
    };
    let svg = heatmap(&frame(Lang::En), &map);
    assert!(
        svg.markup()
            .contains("<title>row, a: not estimated</title>")
    );
    assert!(svg.markup().contains("<title>row, b: 0.00</title>"));
    let without = BeforeAfter {
        rows: vec![BeforeAfterRow {
            label: "r".into(),
            before: None,
            after: None,
        }],
        measure: String::new(),
    };
    assert_eq!(
        before_after(&frame(Lang::Zh), &without)
            .markup()
            .matches("未估计")
            .count(),
        2
    );
}

#[test]
fn options_are_sorted_best_first() {
    let row = |label: &str, ranks: &[f64]| RankRow {
        label: label.into(),
        ranks: ranks.to_vec(),
    };
    let rows = vec![
        row("worst", &[0.0, 0.1, 0.9]),
        row("best", &[0.9, 0.1, 0.0]),
        row("middle", &[0.1, 0.8, 0.1]),
    ];
    let svg = acceptability(
        &frame(Lang::En),
        &Acceptability {
            rows: AcceptabilityRows::Ranks(rows),
            measure: String::new(),
        },
    );
    let at = |label: &str| svg.markup().find(&format!(">{label}</text>")).unwrap();
    assert!(at("best") < at("middle") && at("middle") < at("worst"));
}

/// LibreOffice knows no `paint-order`: a rim over the letters would hide them.
#[test]
fn a_rim_is_a_text_of_its_own_beneath_the_plain_one() {
    for (name, svg) in all() {
        assert!(!svg.markup().contains("paint-order"), "{name}");
        let xml = Xml::parse(svg.markup()).unwrap();
        for text in xml.descendants().filter(|n| n.tag_name().name() == "text") {
            if text.attribute("stroke").is_some() {
                let above = text.next_sibling_element().unwrap();
                assert_eq!(text.attribute("aria-hidden"), Some("true"), "{name}");
                assert_eq!(
                    (above.text(), above.attribute("stroke")),
                    (text.text(), None)
                );
            }
        }
    }
}

//! Slides as archives and as XML: charts are native and rest on a workbook with the same numbers, every slide is marked,
//! everything drawn has alternative text, links lead to parts, hostile text stays text, fixed bytes.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "stored cells are exact"
)]

mod sample;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use model::Lang;
use publish::charts::ChartForm;
use publish::document::*;
use publish::pptx::to_pptx;
use roxmltree::{Document as Xml, Node};

fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|i| {
            let mut file = archive.by_index(i).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

fn ends(name: &str, ending: &str) -> bool {
    std::path::Path::new(name)
        .extension()
        .is_some_and(|e| e == ending)
}

fn text<'a>(parts: &'a BTreeMap<String, Vec<u8>>, name: &str) -> &'a str {
    std::str::from_utf8(&parts[name]).unwrap()
}

fn named<'a>(xml: &'a Xml<'_>, name: &str) -> Vec<Node<'a, 'a>> {
    (xml.descendants())
        .filter(|n| n.tag_name().name() == name)
        .collect()
}

fn slides(parts: &BTreeMap<String, Vec<u8>>) -> Vec<&str> {
    (parts.keys())
        .filter(|n| n.starts_with("ppt/slides/slide"))
        .map(String::as_str)
        .collect()
}

#[test]
fn every_part_is_named_every_link_leads_to_a_part_and_every_xml_is_well_formed() {
    for lang in Lang::ALL {
        let parts = parts(&to_pptx(&sample::report(lang)).unwrap());
        let types = text(&parts, "[Content_Types].xml");
        for (name, bytes) in &parts {
            let ending = name.rsplit('.').next().unwrap();
            if ["xml", "rels", "svg"].contains(&ending) {
                Xml::parse(std::str::from_utf8(bytes).unwrap())
                    .unwrap_or_else(|e| panic!("{name}: {e}"));
            }
            if ending == "xml" && name != "[Content_Types].xml" {
                assert!(types.contains(&format!("\"/{name}\"")), "{name}");
            }
            if ending != "rels" {
                continue;
            }
            let folder = name.split("_rels/").next().unwrap();
            let rels = Xml::parse(std::str::from_utf8(bytes).unwrap()).unwrap();
            for link in named(&rels, "Relationship") {
                let mut path: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
                for step in link.attribute("Target").unwrap().split('/') {
                    if step == ".." {
                        path.pop();
                    } else {
                        path.push(step);
                    }
                }
                assert!(parts.contains_key(&path.join("/")), "{name}: {path:?}");
            }
        }
    }
}

/// Every chart of every figure is there as a chart part; its cached numbers are those of the document, and the cells
/// of the workbook behind it hold the same.
#[test]
fn charts_are_native_and_rest_on_their_data() {
    let document = sample::report(Lang::En);
    let parts = parts(&to_pptx(&document).unwrap());
    let charts: Vec<&publish::charts::Chart> = (document.sections.iter())
        .flat_map(|s| &s.blocks)
        .filter_map(|b| match b {
            Block::Figure(figure) => Some(&figure.charts),
            _ => None,
        })
        .flatten()
        .collect();
    let forms: BTreeSet<String> = charts.iter().map(|c| format!("{:?}", c.form)).collect();
    assert_eq!(forms.len(), 3, "bars, stacked bars and lines: {forms:?}");
    for (i, chart) in charts.iter().enumerate() {
        let xml = text(&parts, &format!("ppt/charts/chart{}.xml", i + 1));
        let xml = Xml::parse(xml).unwrap();
        let wanted = match chart.form {
            ChartForm::Lines => "lineChart",
            ChartForm::Bars | ChartForm::Stacked => "barChart",
        };
        assert_eq!(named(&xml, wanted).len(), 1);
        assert_eq!(named(&xml, "externalData").len(), 1);
        let series = named(&xml, "ser");
        assert_eq!(series.len(), chart.series.len());
        let book = self::parts(&parts[&format!("ppt/embeddings/chart{}.xlsx", i + 1)]);
        let sheet = Xml::parse(text(&book, "xl/worksheets/sheet1.xml")).unwrap();
        let cells: BTreeMap<&str, f64> = named(&sheet, "c")
            .into_iter()
            .filter(|c| c.attribute("t").is_none())
            .filter_map(|c| {
                let value = c.children().find(|n| n.tag_name().name() == "v")?;
                Some((c.attribute("r")?, value.text()?.parse().ok()?))
            })
            .collect();
        for (at, (node, data)) in series.iter().zip(&chart.series).enumerate() {
            let values = node
                .children()
                .find(|n| n.tag_name().name() == "val")
                .unwrap();
            let cached: BTreeMap<usize, f64> = values
                .descendants()
                .filter(|n| n.tag_name().name() == "pt")
                .map(|n| {
                    let value = n
                        .descendants()
                        .find(|d| d.tag_name().name() == "v")
                        .unwrap();
                    (
                        n.attribute("idx").unwrap().parse().unwrap(),
                        value.text().unwrap().parse().unwrap(),
                    )
                })
                .collect();
            let column = char::from(b'B' + u8::try_from(at).unwrap());
            for (row, point) in data.points.iter().enumerate() {
                let cell = format!("{column}{}", row + 2);
                assert_eq!(cached.get(&row).copied(), point.map(|p| p.value));
                assert_eq!(
                    cells.get(cell.as_str()).copied(),
                    point.map(|p| p.value),
                    "{cell}"
                );
            }
            let ranged = data.points.iter().flatten().any(|p| p.range.is_some());
            let bars = node.children().any(|n| n.tag_name().name() == "errBars");
            assert_eq!(bars, ranged);
        }
    }
}

#[test]
fn every_slide_is_marked_titled_and_its_drawings_have_alternative_text() {
    for lang in Lang::ALL {
        let mut document = sample::report(lang);
        document.classification = Some("Internal & <draft>".to_owned());
        let parts = parts(&to_pptx(&document).unwrap());
        let all = slides(&parts);
        assert!(all.len() > 10);
        for name in all {
            let slide = Xml::parse(text(&parts, name)).unwrap();
            let said: String = named(&slide, "t").iter().filter_map(Node::text).collect();
            assert!(said.contains("Internal & <draft> · "), "{name}");
            let titles = named(&slide, "ph").into_iter().filter(|n| {
                n.attribute("type")
                    .is_some_and(|t| t.ends_with("itle") && t != "subTitle")
            });
            assert_eq!(titles.count(), 1, "{name}");
            for frame in ["graphicFrame", "pic"] {
                for drawn in named(&slide, frame) {
                    let shown = drawn
                        .descendants()
                        .find(|n| n.tag_name().name() == "cNvPr")
                        .unwrap();
                    assert!(
                        !shown.attribute("descr").unwrap_or_default().is_empty(),
                        "{name}"
                    );
                }
            }
            let language = if lang == Lang::Zh { "zh-CN" } else { "en-GB" };
            let runs = named(&slide, "rPr");
            assert!(runs.iter().any(|r| r.attribute("lang") == Some(language)));
            let notes = name.replace("slides/slide", "notesSlides/notesSlide");
            assert!(
                text(&parts, &notes).contains("Internal &amp; &lt;draft&gt;"),
                "{notes}"
            );
        }
    }
}

#[test]
fn notes_name_the_sources_and_ranges_of_a_finding() {
    let document = sample::report(Lang::En);
    let parts = parts(&to_pptx(&document).unwrap());
    let source = &document.sources[0].publisher;
    let told = (parts.iter())
        .filter(|(name, _)| name.starts_with("ppt/notesSlides/notesSlide"))
        .filter(|(name, _)| {
            let notes = text(&parts, name);
            notes.contains(source.as_str()) && notes.contains("[0.88–0.99]")
        })
        .count();
    assert!(told > 0, "{source}");
}

/// A heading or a name that looks like a formula is text in the workbook behind a chart; withheld rows are nowhere.
#[test]
fn hostile_text_stays_text_and_withheld_rows_stay_out() {
    let mut document = sample::report(Lang::En);
    for entry in &mut document.evidence {
        entry.withheld = true;
        entry.fields = vec![("value".to_owned(), "SECRET-7731".to_owned())];
    }
    for block in document.sections.iter_mut().flat_map(|s| &mut s.blocks) {
        if let Block::Figure(figure) = block {
            for chart in &mut figure.charts {
                for category in &mut chart.categories {
                    *category = format!("=1+1|{category}<&>");
                }
                chart.series[0].name = "@SUM(A1)".to_owned();
            }
        }
    }
    let parts = parts(&to_pptx(&document).unwrap());
    for (name, bytes) in &parts {
        assert!(
            !String::from_utf8_lossy(bytes).contains("SECRET-7731"),
            "{name}"
        );
    }
    let books: Vec<&Vec<u8>> = (parts.iter())
        .filter(|(name, _)| ends(name, "xlsx"))
        .map(|(_, bytes)| bytes)
        .collect();
    assert!(!books.is_empty());
    for book in books {
        let book = self::parts(book);
        let sheet = Xml::parse(text(&book, "xl/worksheets/sheet1.xml")).unwrap();
        for formula in named(&sheet, "f") {
            let told = formula.text().unwrap();
            // Only our own: a difference of two cells.
            assert!(
                told.len() <= 9 && told.contains('-') && !told.contains('+'),
                "{told}"
            );
        }
    }
}

#[test]
fn the_same_document_gives_the_same_slides() {
    for lang in Lang::ALL {
        let document = sample::report(lang);
        assert_eq!(to_pptx(&document).unwrap(), to_pptx(&document).unwrap());
    }
}

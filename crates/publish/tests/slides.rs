//! Slides as archives and as XML: charts are native and rest on a workbook with the same numbers, every slide is marked,
//! everything drawn has alternative text, links lead to parts, hostile text stays text, fixed bytes.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "stored cells are exact"
)]

mod common;
mod sample;

use std::collections::{BTreeMap, BTreeSet};

use common::{ends, named, parts, text, within};
use model::Lang;
use publish::charts::ChartForm;
use publish::document::*;
use publish::pptx::to_pptx;
use roxmltree::{Document as Xml, Node};

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
        let book = common::parts(&parts[&format!("ppt/embeddings/chart{}.xlsx", i + 1)]);
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
            let values = cached(values);
            let column = char::from(b'B' + u8::try_from(at).unwrap());
            for (row, point) in data.points.iter().enumerate() {
                let cell = format!("{column}{}", row + 2);
                assert_eq!(values.get(&row).copied(), point.map(|p| p.value));
                assert_eq!(
                    cells.get(cell.as_str()).copied(),
                    point.map(|p| p.value),
                    "{cell}"
                );
            }
            let ranged = data.points.iter().flatten().any(|p| p.range.is_some());
            let bars = node.children().find(|n| n.tag_name().name() == "errBars");
            assert_eq!(bars.is_some(), ranged);
            let Some(bars) = bars else { continue };
            // A bar reaches from the value to the ends of its range.
            let (above, below) = (cached(within(bars, "plus")), cached(within(bars, "minus")));
            for (row, point) in data.points.iter().enumerate() {
                let reach = point.and_then(|p| Some((p.value, p.range?)));
                let wanted = reach.map(|(value, (low, high))| (high - value, value - low));
                let found = above.get(&row).zip(below.get(&row));
                assert_eq!(found.map(|(a, b)| (*a, *b)), wanted, "{row}");
            }
        }
    }
}

/// The numbers that a chart keeps of its workbook, by row.
fn cached(node: Node<'_, '_>) -> BTreeMap<usize, f64> {
    (node.descendants())
        .filter(|n| n.tag_name().name() == "pt")
        .map(|n| {
            let value = n.descendants().find(|d| d.tag_name().name() == "v");
            (
                n.attribute("idx").unwrap().parse().unwrap(),
                value.unwrap().text().unwrap().parse().unwrap(),
            )
        })
        .collect()
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
    let without = |parts: &BTreeMap<String, Vec<u8>>| {
        for (name, bytes) in parts {
            let secret = String::from_utf8_lossy(bytes).contains("SECRET-7731");
            assert!(!secret, "{name}");
        }
    };
    without(&parts);
    // The rows are behind the slides: their sources are named.
    let publisher = &document.sources[0].publisher;
    let named_there = |name: &&String| name.starts_with("ppt/notesSlides/notesSlide");
    let mut notes = parts.keys().filter(named_there);
    assert!(notes.any(|name| text(&parts, name).contains(publisher.as_str())));
    let books: Vec<&Vec<u8>> = (parts.iter())
        .filter(|(name, _)| ends(name, "xlsx"))
        .map(|(_, bytes)| bytes)
        .collect();
    assert!(!books.is_empty());
    for book in books {
        let book = common::parts(book);
        without(&book);
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

/// A column of a slide holds its ranges on a line; columns that have no room are counted.
#[test]
fn a_table_on_a_slide_breaks_no_range() {
    let mut table = plain(7, Folded::Open, Vec::new());
    for cell in &mut table.rows[0].cells {
        cell.text = "1,234,567.8".to_owned();
        cell.range = Some("1,000,000.1–9,876,543.2".to_owned());
    }
    let document = of_blocks(vec![Block::Table(table)]);
    let parts = parts(&to_pptx(&document).unwrap());
    let with_table = |name: &&&str| text(&parts, name).contains("<a:tbl>");
    let all = slides(&parts);
    let name = all.iter().find(with_table).unwrap();
    let slide = Xml::parse(text(&parts, name)).unwrap();
    let widths: Vec<f64> = (named(&slide, "gridCol").into_iter())
        .map(|n| n.attribute("w").unwrap().parse().unwrap())
        .collect();
    assert!((2..7).contains(&widths.len()), "{widths:?}");
    // 24 digits, signs and brackets in 11 pt, at half an em or less each, and the margins of the cell.
    let least = 10.0 * 11.0 * 12_700.0 + 2.0 * 54_000.0;
    assert!(widths.iter().all(|w| *w >= least), "{widths:?}");
    let said = words(&parts, name);
    assert!(
        said.contains("[1,000,000.1\u{2060}–\u{2060}9,876,543.2]"),
        "{said}"
    );
    assert!(
        said.contains(&format!("{} more columns", 7 - widths.len())),
        "{said}"
    );
}

/// Bars grow from zero and no range leaves the axis: a program that chooses looks at the values alone.
#[test]
fn the_axis_of_bars_holds_zero_and_every_range() {
    use publish::charts::{Chart, ChartPoint, ChartSeries};
    let ends = |values: [f64; 2], form: ChartForm| {
        let mut document = sample::report(Lang::En);
        let charts = (document.sections.iter_mut())
            .flat_map(|s| &mut s.blocks)
            .find_map(|b| match b {
                Block::Figure(figure) if !figure.charts.is_empty() => Some(&mut figure.charts),
                _ => None,
            });
        let point = |value| {
            Some(ChartPoint {
                value,
                range: Some((value - 0.01, value + 0.01)),
            })
        };
        *charts.unwrap() = vec![Chart {
            form,
            title: String::new(),
            measure: "lost share".to_owned(),
            categories: vec!["a".to_owned(), "b".to_owned()],
            series: vec![ChartSeries {
                name: "lost".to_owned(),
                colour: Some("#0b5394".to_owned()),
                points: values.map(point).to_vec(),
                dashed: false,
            }],
            axis: None,
            partial: false,
        }];
        let parts = parts(&to_pptx(&document).unwrap());
        let xml = Xml::parse(text(&parts, "ppt/charts/chart1.xml")).unwrap();
        let value = named(&xml, "valAx")[0];
        ["min", "max"].map(|end| {
            let found = value.descendants().find(|n| n.tag_name().name() == end);
            found.map(|n| n.attribute("val").unwrap().to_owned())
        })
    };
    let both = |low: &str, high: &str| [low, high].map(|end| Some(end.to_owned()));
    assert_eq!(ends([0.91, 0.95], ChartForm::Bars), both("0", "1"));
    assert_eq!(ends([-0.91, -0.95], ChartForm::Bars), both("-1", "0"));
    assert_eq!(ends([-0.91, 0.95], ChartForm::Bars), both("-1", "1"));
    // The range of the longest bar reaches beyond its value: 0.505.
    assert_eq!(ends([0.1, 0.495], ChartForm::Bars), both("0", "0.6"));
    assert_eq!(ends([0.91, 0.95], ChartForm::Lines), [None, None]);
}

/// Programs that show no SVG find a picture; the others find the drawing in the extension. The same fonts, the same bytes.
#[test]
fn a_picture_stands_beside_each_drawing() {
    use publish::pdf::Fonts;
    use publish::pictures::Painter;
    use publish::pptx::to_pptx_painted;
    let document = sample::report(Lang::En);
    let painter = Painter::new(Fonts::built_in());
    assert_eq!(painter.unpainted(&document), 0);
    let bytes = to_pptx_painted(&document, &painter).unwrap();
    let again = Painter::new(Fonts::built_in());
    assert_eq!(bytes, to_pptx_painted(&document, &again).unwrap());
    let parts = parts(&bytes);
    assert!(text(&parts, "[Content_Types].xml").contains("Extension=\"png\""));
    let mut seen = 0;
    for name in slides(&parts) {
        let slide = Xml::parse(text(&parts, name)).unwrap();
        let file = name.rsplit('/').next().unwrap();
        let rels = Xml::parse(text(&parts, &format!("ppt/slides/_rels/{file}.rels"))).unwrap();
        for picture in named(&slide, "pic") {
            let target = |tag: &str| {
                let blip = within(picture, tag);
                let id = blip
                    .attributes()
                    .find(|a| a.name() == "embed")
                    .unwrap()
                    .value();
                let mut all = named(&rels, "Relationship").into_iter();
                let link = all.find(|n| n.attribute("Id") == Some(id)).unwrap();
                link.attribute("Target").unwrap().replace("..", "ppt")
            };
            let (shown, drawing) = (target("blip"), target("svgBlip"));
            assert!(ends(&shown, "png") && ends(&drawing, "svg"), "{shown}");
            assert!(parts[&shown].starts_with(b"\x89PNG"));
            assert!(parts.contains_key(&drawing));
            seen += 1;
        }
    }
    assert!(seen > 0);
}

fn words(parts: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    let slide = Xml::parse(text(parts, name)).unwrap();
    let words: Vec<&str> = named(&slide, "t").iter().filter_map(Node::text).collect();
    words.join(" ")
}

fn plain(columns: usize, folded: Folded, essential: Vec<usize>) -> TableView {
    let columns = (0..columns).map(|i| ColumnView {
        heading: format!("column {i}"),
        unit: String::new(),
        align: Align::Start,
    });
    let columns: Vec<ColumnView> = columns.collect();
    let cells = columns.iter().map(|_| "cell".into()).collect();
    TableView {
        id: format!("t{}{folded:?}", columns.len()),
        caption: "caption".to_owned(),
        rows: vec![RowView {
            target: None,
            cells,
        }],
        columns,
        folded,
        notes: Vec::new(),
        essential,
    }
}

fn said(text: &str) -> Block {
    Block::Paragraph(vec![text.into()])
}

fn of_blocks(blocks: Vec<Block>) -> Document {
    let mut document = sample::report(Lang::En);
    document.sections.truncate(1);
    document.sections[0].blocks = blocks;
    document.sources.clear();
    document
}

/// What is said of a table that no slide shows must not stand under the next finding, nor be lost.
#[test]
fn what_is_said_of_a_folded_table_goes_to_the_last_slide_of_the_section() {
    let document = of_blocks(vec![
        said("of the folded one"),
        Block::Table(plain(2, Folded::Whole, Vec::new())),
        said("of the open one"),
        Block::Table(plain(2, Folded::Open, Vec::new())),
        Block::List(vec![vec!["the last point".into()]]),
        said("a limit at the end"),
    ]);
    let parts = parts(&to_pptx(&document).unwrap());
    assert_eq!(slides(&parts).len(), 3);
    let table = words(&parts, "ppt/notesSlides/notesSlide2.xml");
    assert!(table.contains("of the open one") && !table.contains("of the folded one"));
    let last = words(&parts, "ppt/notesSlides/notesSlide3.xml");
    assert!(last.contains("of the folded one") && last.contains("a limit at the end"));
    // A section of which nothing is drawn is a slide of its paragraphs.
    let parts = common::parts(&to_pptx(&of_blocks(vec![said("alone")])).unwrap());
    assert!(words(&parts, "ppt/slides/slide2.xml").contains("alone"));
}

#[test]
fn essential_columns_stay_and_make_a_folded_table_a_slide() {
    let table = plain(13, Folded::After(5), vec![0, 11]);
    let parts = parts(&to_pptx(&of_blocks(vec![Block::Table(table)])).unwrap());
    let slide = words(&parts, "ppt/slides/slide2.xml");
    assert!(
        slide.contains("column 11") && slide.contains("column 5"),
        "{slide}"
    );
    assert!(
        !slide.contains("column 6") && !slide.contains("column 12"),
        "{slide}"
    );
    assert!(slide.contains("6 more columns"), "{slide}");
}

/// Layers and milestones of the roadmap have no bars: the drawing is there beside the chart.
#[test]
fn a_roadmap_with_layers_is_a_chart_and_a_drawing() {
    let document = sample::report(Lang::En);
    let parts = parts(&to_pptx(&document).unwrap());
    let (finding, svg) = (document.sections.iter())
        .flat_map(|s| &s.blocks)
        .find_map(|b| match b {
            Block::Figure(f) if f.charts.iter().any(|c| c.partial) => {
                Some((f.finding.clone(), f.svg.markup()))
            }
            _ => None,
        })
        .unwrap();
    let frames = |element: &str| {
        let of = |name: &&&str| {
            let slide = Xml::parse(text(&parts, name)).unwrap();
            let drawn = named(&slide, element).into_iter();
            let mut alts = drawn.map(|n| within(n, "cNvPr").attribute("descr").unwrap_or_default());
            alts.any(|alt| alt == finding)
        };
        slides(&parts).iter().filter(of).count()
    };
    assert!(frames("graphicFrame") >= 1);
    assert_eq!(frames("pic"), 1);
    let inside = &svg[svg.find('>').unwrap()..];
    let drawings = (parts.keys()).filter(|name| ends(name, "svg"));
    assert!(
        drawings
            .into_iter()
            .any(|name| text(&parts, name).contains(inside))
    );
}

/// A few pages are as few slides: no opening, a slide a section, points under their table.
#[test]
fn a_brief_is_a_slide_a_section() {
    let mut document = sample::report(Lang::En);
    let section = |id: &str, blocks| Section {
        id: id.to_owned(),
        number: String::new(),
        heading: format!("heading {id}"),
        blocks,
    };
    let points = |n: usize| {
        let point = |i| {
            vec![Span::Text(format!(
                "Point {i}, which is as long as a sentence of a memo usually is, with its number and its sources."
            ))]
        };
        Block::List((0..n).map(point).collect())
    };
    document.extent = Extent::Brief;
    document.sections = vec![
        section("a", vec![points(8)]),
        section("b", vec![points(5)]),
        section(
            "c",
            vec![Block::Table(plain(3, Folded::Open, Vec::new())), points(3)],
        ),
    ];
    let parts = parts(&to_pptx(&document).unwrap());
    assert_eq!(slides(&parts).len(), 3);
    let first = words(&parts, "ppt/slides/slide1.xml");
    assert!(first.contains(&format!("{} · heading a", document.title)));
    assert!(words(&parts, "ppt/notesSlides/notesSlide1.xml").contains("2021-12-31"));
    let last = words(&parts, "ppt/slides/slide3.xml");
    assert!(last.contains("column 2") && last.contains("Point 2"));
    // No list of sources: the marking points at none.
    assert!(last.contains("withheld by licence: 1") && !last.contains("see Sources"));
    // What does not fit goes on.
    document.sections = vec![section("d", vec![points(40)])];
    let parts = common::parts(&to_pptx(&document).unwrap());
    let all: String = slides(&parts)
        .into_iter()
        .map(|name| words(&parts, name))
        .collect();
    assert!(all.contains("Point 39") && slides(&parts).len() > 1);
}

#[test]
fn heads_of_the_workbook_follow_the_language_and_hold_no_control_character() {
    let mut document = sample::report(Lang::Zh);
    for block in document.sections.iter_mut().flat_map(|s| &mut s.blocks) {
        if let Block::Figure(figure) = block {
            for chart in &mut figure.charts {
                chart.categories[0] = "a\u{1}b".to_owned();
            }
        }
    }
    let parts = parts(&to_pptx(&document).unwrap());
    let book = common::parts(&parts["ppt/embeddings/chart1.xlsx"]);
    let strings = text(&book, "xl/sharedStrings.xml");
    assert!(
        strings.contains("下限：") && !strings.contains("low"),
        "{strings}"
    );
    assert!(strings.contains("<t>ab</t>"), "{strings}");
}

#[test]
fn an_axis_without_length_is_left_to_the_program() {
    let roadmap = |years| {
        let stage = publish::figures::Stage {
            label: String::new(),
            kind: 0,
            start: 2026.0,
            p50: 2027.0,
            p80: 2028.0,
        };
        let lane = publish::figures::Lane {
            label: "lane".to_owned(),
            stages: vec![stage],
            milestones: Vec::new(),
        };
        publish::figures::Roadmap {
            years,
            plan_end: None,
            bands: Vec::new(),
            lanes_name: String::new(),
            lanes: vec![lane],
            kinds: vec!["kind".to_owned()],
        }
        .charts(Lang::En)[0]
            .axis
    };
    assert_eq!(roadmap((2025.0, 2040.0)), Some((2025.0, 2040.0)));
    for years in [(0.0, 0.0), (2025.0, f64::NAN), (2025.0, f64::INFINITY)] {
        assert_eq!(roadmap(years), None);
    }
}

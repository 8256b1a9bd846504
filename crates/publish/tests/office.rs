//! Word files and workbooks as archives and as XML: layout of the official page, marking, alternative text, formulas,
//! hostile text, fixed bytes.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "whole numbers and stored cells are exact"
)]

mod common;
mod sample;

use std::collections::BTreeMap;
use std::io::Cursor;

use common::{named, value, within};
use model::Lang;
use publish::document::*;
use publish::docx::{Template, to_docx};
use publish::xlsx::to_xlsx;
use roxmltree::{Document as Xml, Node};

const TEMPLATES: [Template; 2] = [Template::International, Template::Gb9704];

/// Parts by name; every one is well-formed XML.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    (common::parts(bytes).into_iter())
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            Xml::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            (name, text)
        })
        .collect()
}

fn millimetres(twips: &str) -> f64 {
    twips.parse::<f64>().unwrap() / 1440.0 * 25.4
}

fn style<'a>(styles: &'a Xml<'_>, id: &str) -> Node<'a, 'a> {
    named(styles, "style")
        .into_iter()
        .find(|s| value(*s, "styleId") == id)
        .unwrap()
}

/// Twelve checks after descriptions of GB/T 9704-2012.
#[test]
fn official_page_keeps_the_layout() {
    let parts = parts(&to_docx(&sample::report(Lang::Zh), Template::Gb9704).unwrap());
    let main = Xml::parse(&parts["word/document.xml"]).unwrap();
    let styles = Xml::parse(&parts["word/styles.xml"]).unwrap();
    let size = named(&main, "pgSz")[0];
    let margin = named(&main, "pgMar")[0];
    let grid = named(&main, "docGrid")[0];
    let near = |found: f64, wanted: f64, slack: f64| {
        assert!((found - wanted).abs() <= slack, "{found} {wanted}");
    };
    let [top, bottom, left, right] =
        ["top", "bottom", "left", "right"].map(|side| millimetres(value(margin, side)));
    let (width, height) = (millimetres(value(size, "w")), millimetres(value(size, "h")));
    // 1 paper, 2 top and 3 left margin, 4 width and 5 height of the text block.
    near(width, 210.0, 0.1);
    near(height, 297.0, 0.1);
    near(top, 37.0, 1.0);
    near(left, 28.0, 1.0);
    near(width - left - right, 156.0, 0.2);
    near(height - top - bottom, 225.0, 0.2);
    // 6 twenty-two lines, 7 twenty-eight characters of 16 pt with the correction of the style.
    let pitch = millimetres(value(grid, "linePitch"));
    assert_eq!((225.1 / pitch).floor(), 22.0);
    let character = 16.0
        + value(
            within(within(style(&styles, "BodyText"), "rPr"), "spacing"),
            "val",
        )
        .parse::<f64>()
        .unwrap()
            / 20.0;
    assert_eq!((156.1 / (character / 72.0 * 25.4)).floor(), 28.0);
    // 8 body, 9 title, 10 first and second headings.
    let body = within(named(&styles, "rPrDefault")[0], "rPr");
    assert_eq!(value(within(body, "rFonts"), "eastAsia"), "仿宋_GB2312");
    assert_eq!(value(within(body, "sz"), "val"), "32");
    for (id, font, half_points) in [
        ("Title", "方正小标宋简体", "44"),
        ("Heading1", "黑体", "32"),
        ("Heading2", "楷体_GB2312", "32"),
    ] {
        let style = style(&styles, id);
        assert_eq!(value(within(style, "rFonts"), "eastAsia"), font);
        assert_eq!(value(within(style, "sz"), "val"), half_points);
    }
    // 11 paragraphs begin two characters in; parts are numbered 一、.
    let indent = within(style(&styles, "BodyText"), "ind");
    assert_eq!(value(indent, "firstLineChars"), "200");
    assert!(parts["word/document.xml"].contains("一、"));
    let mut unnumbered = sample::report(Lang::Zh);
    for section in &mut unnumbered.sections {
        section.number.clear();
    }
    let unnumbered = self::parts(&to_docx(&unnumbered, Template::Gb9704).unwrap());
    assert!(unnumbered["word/document.xml"].contains("一、"));
    // 12 the page number between dashes at the outer edge, size 4 (14 pt) Song.
    for (part, side) in [
        ("word/footer.xml", "right"),
        ("word/footer-even.xml", "left"),
    ] {
        let footer = Xml::parse(&parts[part]).unwrap();
        assert_eq!(value(named(&footer, "jc")[0], "val"), side);
        assert!(parts[part].contains("— ") && parts[part].contains(" PAGE "));
    }
    let number = style(&styles, "Footer");
    assert_eq!(value(within(number, "rFonts"), "eastAsia"), "宋体");
    assert_eq!(value(within(number, "sz"), "val"), "28");
    assert!(parts["word/settings.xml"].contains("evenAndOddHeaders"));
}

#[test]
fn every_figure_has_alternative_text_and_every_table_repeats_its_head() {
    for lang in Lang::ALL {
        for template in TEMPLATES {
            let document = sample::report(lang);
            let parts = parts(&to_docx(&document, template).unwrap());
            let main = Xml::parse(&parts["word/document.xml"]).unwrap();
            let findings: Vec<&str> = document
                .sections
                .iter()
                .flat_map(|s| &s.blocks)
                .filter_map(|b| match b {
                    Block::Figure(f) => Some(f.finding.as_str()),
                    _ => None,
                })
                .collect();
            assert!(!findings.is_empty());
            let drawn: Vec<&str> = named(&main, "docPr")
                .into_iter()
                .map(|n| value(n, "descr"))
                .collect();
            assert_eq!(drawn, findings);
            let tables = named(&main, "tbl");
            assert!(!tables.is_empty());
            for table in tables {
                assert_eq!(
                    table
                        .descendants()
                        .filter(|n| n.tag_name().name() == "tblHeader")
                        .count(),
                    1
                );
            }
            // Latin letters and digits of a Chinese text stay unbroken at line ends only where they are marked as Latin.
            let styles = Xml::parse(&parts["word/styles.xml"]).unwrap();
            let marked = named(&styles, "lang")[0];
            assert_eq!(
                ["val", "eastAsia"].map(|of| value(marked, of)),
                ["en-GB", "zh-CN"]
            );
            let wanted = if lang == Lang::Zh { "zh-CN" } else { "en" };
            assert!(parts["docProps/core.xml"].contains(&format!("<dc:language>{wanted}<")));
        }
    }
}

/// A picture beside each drawing; none where a character has no face, and the drawing stands alone.
#[test]
fn figures_have_pictures_for_old_programs() {
    use publish::docx::to_docx_painted;
    use publish::pdf::Fonts;
    use publish::pictures::Painter;
    let painter = Painter::new(Fonts::built_in());
    for (lang, lacking) in [(Lang::En, false), (Lang::Zh, true)] {
        let document = sample::report(lang);
        let bytes = to_docx_painted(&document, Template::International, &painter).unwrap();
        let again = to_docx_painted(&document, Template::International, &painter).unwrap();
        assert_eq!(bytes, again);
        let parts = common::parts(&bytes);
        let main = common::text(&parts, "word/document.xml");
        let main = Xml::parse(main).unwrap();
        let all = named(&main, "blip");
        assert!(!all.is_empty());
        assert_eq!(
            painter.unpainted(&document),
            if lacking { all.len() } else { 0 }
        );
        for (i, blip) in (1..).zip(all) {
            let shown = if lacking { "figure" } else { "picture" };
            assert_eq!(value(blip, "embed"), format!("{shown}{i}"));
            assert_eq!(
                value(within(blip, "svgBlip"), "embed"),
                format!("figure{i}")
            );
            let png = parts.get(&format!("word/media/figure{i}.png"));
            assert_eq!(png.is_none(), lacking);
            assert!(png.is_none_or(|png| png.starts_with(b"\x89PNG")));
        }
    }
}

#[test]
fn the_marking_stands_in_the_header_of_every_page() {
    let mut document = sample::report(Lang::En);
    document.classification = Some("Internal & <draft>".to_owned());
    for template in TEMPLATES {
        let parts = parts(&to_docx(&document, template).unwrap());
        let header = Xml::parse(&parts["word/header.xml"]).unwrap();
        let text: String = header.descendants().filter_map(|n| n.text()).collect();
        assert!(text.starts_with("Internal & <draft> · "), "{text}");
        let main = Xml::parse(&parts["word/document.xml"]).unwrap();
        let kinds: Vec<&str> = named(&main, "headerReference")
            .into_iter()
            .map(|n| value(n, "type"))
            .collect();
        assert_eq!(kinds, ["default", "even"]);
        assert!(named(&main, "titlePg").is_empty());
    }
    let parts = parts(&to_xlsx(&document).unwrap());
    let sheets: Vec<_> = parts
        .keys()
        .filter(|k| k.starts_with("xl/worksheets/sheet"))
        .collect();
    assert!(sheets.len() > 2);
    for sheet in sheets {
        assert!(
            parts[sheet].contains("Internal &amp;&amp; &lt;draft&gt;"),
            "{sheet}"
        );
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for lang in Lang::ALL {
        let document = sample::report(lang);
        for template in TEMPLATES {
            assert_eq!(
                to_docx(&document, template).unwrap(),
                to_docx(&document, template).unwrap()
            );
        }
        assert_eq!(to_xlsx(&document).unwrap(), to_xlsx(&document).unwrap());
        // No clock: two calls within a second would hide one.
        assert!(
            parts(&to_xlsx(&document).unwrap())["docProps/core.xml"]
                .contains("2000-01-01T00:00:00Z")
        );
        for bytes in [
            to_docx(&document, TEMPLATES[0]).unwrap(),
            to_xlsx(&document).unwrap(),
        ] {
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            for at in 0..archive.len() {
                let entry = archive.by_index(at).unwrap();
                assert_eq!(
                    entry.last_modified().unwrap().year(),
                    1980,
                    "{:?}",
                    entry.name()
                );
            }
        }
    }
}

/// The content of a withheld row is nowhere in the files.
#[test]
fn withheld_rows_stay_out() {
    let mut document = sample::report(Lang::En);
    for entry in &mut document.evidence {
        entry.withheld = true;
        entry.fields = vec![("value".to_owned(), "SECRET-7731".to_owned())];
    }
    let word = parts(&to_docx(&document, Template::International).unwrap());
    let book = parts(&to_xlsx(&document).unwrap());
    for (name, text) in word.iter().chain(&book) {
        assert!(!text.contains("SECRET-7731"), "{name}");
    }
}

fn with_cells(cells: Vec<CellView>) -> Document {
    let mut document = sample::report(Lang::En);
    let rows = cells
        .into_iter()
        .map(|cell| RowView {
            target: None,
            cells: vec![cell],
        })
        .collect();
    document.sections.truncate(1);
    document.sections[0].blocks = vec![Block::Table(TableView {
        id: "t".to_owned(),
        caption: "=caption".to_owned(),
        columns: vec![ColumnView {
            heading: "+heading".to_owned(),
            unit: String::new(),
            align: Align::Start,
        }],
        rows,
        folded: Folded::Open,
        notes: Vec::new(),
        essential: Vec::new(),
    })];
    document
}

#[test]
fn text_that_looks_like_a_formula_is_text() {
    let corpus = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\u{0}=1",
        "=cmd|'/c calc'!A1",
        "\r\n=2",
    ];
    let document = with_cells(corpus.iter().map(|t| (*t).into()).collect());
    let parts = parts(&to_xlsx(&document).unwrap());
    let sheet = Xml::parse(&parts["xl/worksheets/sheet2.xml"]).unwrap();
    assert_eq!(named(&sheet, "f").len(), 0, "a formula in a sheet of words");
    let styles = Xml::parse(&parts["xl/styles.xml"]).unwrap();
    let formats: Vec<Node> = named(&styles, "cellXfs")[0]
        .children()
        .filter(Node::is_element)
        .collect();
    let quoted = named(&sheet, "c")
        .into_iter()
        .filter(|c| value(*c, "r").starts_with('A'))
        .filter(|c| value(*c, "t") == "s")
        .filter(|c| {
            let format = value(*c, "s").parse::<usize>().unwrap_or(0);
            value(formats[format], "quotePrefix") == "1"
        })
        .count();
    // All of the corpus, the caption and the heading.
    assert_eq!(quoted, corpus.len() + 2);
}

#[test]
fn ranges_and_summaries_are_formulas_with_their_results() {
    let amount = |value: f64, low: f64, high: f64| CellView {
        text: value.to_string(),
        amount: Some(Amount {
            value,
            range: Some((low, high)),
        }),
        ..CellView::default()
    };
    let document = with_cells(vec![
        amount(4.0, 3.0, 6.0),
        amount(2.0, 1.0, 2.0),
        amount(9.0, 9.0, 9.0),
    ]);
    let parts = parts(&to_xlsx(&document).unwrap());
    let sheet = Xml::parse(&parts["xl/worksheets/sheet2.xml"]).unwrap();
    let found: BTreeMap<&str, (&str, f64)> = named(&sheet, "c")
        .into_iter()
        .filter_map(|c| {
            let formula = c.children().find(|n| n.tag_name().name() == "f")?;
            let result = c.children().find(|n| n.tag_name().name() == "v")?;
            Some((
                value(c, "r"),
                (formula.text()?, result.text()?.parse().ok()?),
            ))
        })
        .collect();
    assert_eq!(found["A3"], ("SUBTOTAL(105,A7:A9)", 2.0));
    // A function younger than the file format carries a prefix: without it Excel shows #NAME?.
    assert_eq!(found["A4"], ("_xlfn.AGGREGATE(12,5,A7:A9)", 4.0));
    assert_eq!(found["A5"], ("SUBTOTAL(104,A7:A9)", 9.0));
    assert_eq!(found["D7"], ("IF(A7=0,\"\",(C7-B7)/2/ABS(A7))", 0.375));
    assert_eq!(found["D8"].1, 0.25);
}

/// A column is at least as wide as what must not break in it: on its side, or with fewer columns, where need be.
#[test]
fn wide_tables_break_no_number_and_no_word() {
    let table = |columns: usize| {
        let mut document = with_cells(Vec::new());
        let Some(Block::Table(table)) = document.sections[0].blocks.first_mut() else {
            panic!("no table");
        };
        let cell = CellView {
            text: "2031.4".to_owned(),
            range: Some("2026.1–2040.9".to_owned()),
            basis: Some(model::Basis::Assumed),
            ..CellView::default()
        };
        table.columns = (0..columns)
            .map(|i| ColumnView {
                heading: format!("Head {i}"),
                unit: "year".to_owned(),
                align: Align::End,
            })
            .collect();
        table.essential = vec![columns - 1];
        table.rows = vec![RowView {
            target: None,
            cells: vec![cell; columns],
        }];
        document
    };
    // "[2026.1–2040.9]†" in 8 pt Arial: 7.6 em of 160, and the margins of the cell.
    let least = 7.6 * 160.0 + 120.0;
    for (columns, orient, more) in [
        (3, "", false),
        (8, "landscape", false),
        (40, "landscape", true),
    ] {
        let bytes = to_docx(&table(columns), Template::International).unwrap();
        let parts = parts(&bytes);
        let main = Xml::parse(&parts["word/document.xml"]).unwrap();
        let widths: Vec<f64> = (named(&main, "gridCol").into_iter())
            .map(|n| value(n, "w").parse().unwrap())
            .collect();
        assert!(widths.iter().all(|w| *w >= least), "{columns}: {widths:?}");
        let sizes = named(&main, "pgSz");
        let table = named(&main, "tbl")[0].range().end;
        let after = sizes.into_iter().find(|n| n.range().start > table).unwrap();
        assert_eq!(value(after, "orient"), orient, "{columns}");
        let page: f64 = value(after, "w").parse().unwrap();
        assert!(
            widths.iter().sum::<f64>() <= page - 2.0 * 1417.0,
            "{columns}"
        );
        let said: String = main.descendants().filter_map(|n| n.text()).collect();
        assert_eq!(said.contains("more columns"), more, "{columns}");
        assert!(said.contains("[2026.1\u{2060}–\u{2060}2040.9]"));
        assert!(said.contains(&format!("Head {}", columns - 1)));
        // The pages after it stand upright again.
        let last = named(&main, "pgSz");
        assert_eq!(value(last[last.len() - 1], "orient"), "");
        for section in named(&main, "sectPr") {
            let kinds = section
                .children()
                .filter(|n| n.tag_name().name() == "headerReference");
            assert_eq!(kinds.count(), 2);
        }
    }
}

/// Sources stand in real footnotes: in full where they are named first, by the earlier note after that.
#[test]
fn footnotes_name_the_sources_of_numbers_where_they_stand() {
    for lang in Lang::ALL {
        for template in TEMPLATES {
            let document = sample::report(lang);
            let parts = parts(&to_docx(&document, template).unwrap());
            let main = Xml::parse(&parts["word/document.xml"]).unwrap();
            let notes = Xml::parse(&parts["word/footnotes.xml"]).unwrap();
            let cited: Vec<&str> = (named(&main, "footnoteReference").into_iter())
                .map(|n| value(n, "id"))
                .collect();
            let counted: Vec<String> = (1..=cited.len()).map(|n| n.to_string()).collect();
            assert!(cited.len() > 3);
            assert_eq!(cited, counted);
            let said: Vec<String> = (named(&notes, "footnote").into_iter())
                .filter(|n| value(*n, "type").is_empty())
                .map(|n| n.descendants().filter_map(|t| t.text()).collect())
                .collect();
            assert_eq!(said.len(), cited.len());
            let title = &document.sources[0].title;
            assert!(said[0].contains(title.as_str()), "{}", said[0]);
            // The same sources again are a short form that leads back by a field.
            let full = said.iter().filter(|note| note.contains(title.as_str()));
            assert!(full.count() < said.len());
            let back = named(&notes, "fldSimple");
            assert!(!back.is_empty());
            for field in back {
                let mark = value(field, "instr").split_whitespace().nth(1).unwrap();
                let there = |n: &Node| value(*n, "name") == mark;
                assert_eq!(
                    named(&main, "bookmarkStart")
                        .iter()
                        .filter(|n| there(n))
                        .count(),
                    1
                );
            }
            // Declared, so that Word opens the file.
            assert!(parts["[Content_Types].xml"].contains("/word/footnotes.xml"));
            assert!(parts["word/_rels/document.xml.rels"].contains("footnotes.xml"));
        }
    }
    // A few pages name them in the text.
    let mut brief = sample::report(Lang::En);
    brief.extent = Extent::Brief;
    let parts = parts(&to_docx(&brief, Template::International).unwrap());
    assert!(!parts["word/document.xml"].contains("footnoteReference"));
}

/// The list at the end has the sources of what is on paper, each once.
#[test]
fn only_sources_of_numbers_on_paper_are_listed() {
    let mut document = sample::report(Lang::En);
    let other = SourceEntry {
        anchor: "source/unused".into(),
        publisher: "Publisher of nothing cited".into(),
        ..document.sources[0].clone()
    };
    document.sources.push(other);
    let parts = parts(&to_docx(&document, Template::International).unwrap());
    let main = Xml::parse(&parts["word/document.xml"]).unwrap();
    let listed = (named(&main, "pStyle").into_iter()).filter(|n| value(*n, "val") == "Source");
    assert_eq!(listed.count(), 2);
    assert!(!parts["word/document.xml"].contains("Publisher of nothing cited"));
}

/// Many sources that differ in title and address only are one entry with a link for each.
#[test]
fn like_sources_are_one_entry() {
    let mut document = sample::report(Lang::En);
    let model = document.sources[0].clone();
    let anchors: Vec<String> = (2..7).map(|k| format!("source/{k}")).collect();
    for (k, anchor) in anchors.iter().enumerate() {
        document.sources.push(SourceEntry {
            anchor: anchor.clone(),
            publisher: "Office of Places".into(),
            title: format!("Place {k}"),
            url: format!("https://example.org/place/{k}"),
            ..model.clone()
        });
    }
    // They stand behind a number that is on paper.
    let inputs = anchors.iter().map(|anchor| InputLink {
        label: anchor.clone(),
        target: anchor.clone(),
    });
    let inputs: Vec<InputLink> = inputs.collect();
    document.explanations[0].inputs.extend(inputs);
    let parts = parts(&to_docx(&document, Template::International).unwrap());
    let main = Xml::parse(&parts["word/document.xml"]).unwrap();
    let entries: Vec<String> = (named(&main, "p").into_iter())
        .filter(|p| {
            p.descendants()
                .any(|n| n.tag_name().name() == "pStyle" && value(n, "val") == "Source")
        })
        .map(|p| p.descendants().filter_map(|n| n.text()).collect())
        .filter(|text: &String| text.contains("Office of Places"))
        .collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    for k in 0..5 {
        assert!(entries[0].contains(&format!("Place {k}")), "{entries:?}");
    }
}

#[test]
fn words_between_back_ticks_are_code() {
    let document = with_cells(vec!["no table (`trade`)".into()]);
    let parts = parts(&to_docx(&document, Template::International).unwrap());
    let main = Xml::parse(&parts["word/document.xml"]).unwrap();
    let code = (named(&main, "r").into_iter())
        .find(|r| r.descendants().any(|n| n.text() == Some("trade")))
        .unwrap();
    assert_eq!(value(within(code, "rFonts"), "ascii"), "Consolas");
    assert!(!parts["word/document.xml"].contains('`'));
}

/// A table that is nearly short stands whole, a longer one with its first rows, and a folded one that is for looking up is
/// named and left to the workbook.
#[test]
fn tables_are_whole_cut_or_left_to_the_workbook() {
    for (rows, folded, on_paper) in [
        (20, Folded::Whole, 20),
        (40, Folded::Whole, 12),
        (100, Folded::Whole, 0),
        (100, Folded::After(15), 15),
        (100, Folded::Open, 100),
    ] {
        let mut document = with_cells((0..rows).map(|k| format!("cell {k}").into()).collect());
        let Block::Table(table) = &mut document.sections[0].blocks[0] else {
            panic!("a table");
        };
        table.folded = folded;
        let parts = parts(&to_docx(&document, Template::International).unwrap());
        let main = Xml::parse(&parts["word/document.xml"]).unwrap();
        let texts: Vec<&str> = (main.descendants())
            .filter_map(|n| n.text().filter(|_| n.is_text()))
            .collect();
        let shown = texts.iter().filter(|t| t.starts_with("cell ")).count();
        assert_eq!(shown, on_paper, "{rows} {folded:?}");
        let left = texts.contains(&"=caption: 100 rows, in the workbook (--format xlsx).");
        assert_eq!(left, on_paper == 0, "{texts:?}");
    }
}

//! PDF: tags, marking and alternative text as the file itself says them; missing glyphs; the same bytes.
#![allow(clippy::unwrap_used)]

mod sample;

use model::Lang;
use publish::document::*;
use publish::pdf::{Fonts, PdfError, to_pdf};

/// The report in English without Chinese names, which the built-in faces cannot show.
fn latin() -> Document {
    let mut document = sample::report(Lang::En);
    document.sections.truncate(2);
    document
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|w| w == words.as_bytes())
}

#[test]
fn the_file_says_that_it_is_tagged_and_accessible_and_dated_by_no_clock() {
    let bytes = to_pdf(&latin(), &Fonts::built_in()).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    for words in ["/MarkInfo", "/StructTreeRoot", "/Lang", "pdfuaid:part"] {
        assert!(holds(&bytes, words), "{words}");
    }
    for words in ["/CreationDate", "/ModDate", "xmp:CreateDate"] {
        assert!(!holds(&bytes, words), "{words}");
    }
    assert_eq!(bytes, to_pdf(&latin(), &Fonts::built_in()).unwrap());
}

#[test]
fn text_of_a_study_is_never_read_as_markup() {
    let hostile = "#panic(\"x\") $x$ *b* \\ \" ] } /* <label> @ref `raw` = head";
    let mut document = latin();
    document.title = hostile.to_owned();
    document.classification = Some(hostile.to_owned());
    document.sections[0].heading = hostile.to_owned();
    document.sections[0].blocks = vec![
        Block::Paragraph(vec![
            hostile.into(),
            Span::Strong(hostile.into()),
            Span::Link {
                text: hostile.into(),
                href: "https://example.org/\")#panic(".into(),
            },
        ]),
        Block::List(vec![vec![hostile.into()], vec!["\n\t".into()], vec![]]),
        Block::Subheading(hostile.into()),
        Block::Paragraph(Vec::new()),
        Block::Cards(Vec::new()),
        Block::List(Vec::new()),
    ];
    to_pdf(&document, &Fonts::built_in()).unwrap();
}

/// A table too wide for the upright page stands on pages on their side; one too wide for those says what it leaves out.
#[test]
fn wide_tables_turn_their_page() {
    let table = |columns: usize| {
        let cell = CellView {
            text: "2031.4".to_owned(),
            range: Some("2026.1–2040.9".to_owned()),
            ..CellView::default()
        };
        let column = |i: usize| ColumnView {
            heading: format!("Head {i}"),
            unit: "year".to_owned(),
            align: Align::End,
        };
        let mut document = latin();
        document.sections.truncate(1);
        document.sections[0].blocks = vec![Block::Table(TableView {
            id: "t".to_owned(),
            caption: "wide".to_owned(),
            columns: (0..columns).map(column).collect(),
            rows: vec![RowView {
                target: None,
                cells: vec![cell; columns],
            }],
            folded: Folded::Open,
            notes: Vec::new(),
            essential: Vec::new(),
        })];
        document
    };
    let sides = |document: &Document| {
        let bytes = to_pdf(document, &Fonts::built_in()).unwrap();
        let file = String::from_utf8_lossy(&bytes).into_owned();
        let boxes = file.split("/MediaBox").skip(1).map(|rest| {
            let inside = rest.split(['[', ']']).nth(1).unwrap();
            let sides: Vec<f64> = (inside.split_whitespace())
                .map(|side| side.parse().unwrap())
                .collect();
            sides[2] > sides[3]
        });
        boxes.collect::<Vec<bool>>()
    };
    let wide = table;
    let table = |columns: usize| sides(&wide(columns));
    assert!(!table(3).contains(&true));
    let turned = table(9);
    assert!(
        turned.contains(&true) && turned.contains(&false),
        "{turned:?}"
    );
    assert!(table(40).contains(&true));
    // Two of them with a few words between share a page; a long text between parts them.
    let two = |between: Vec<Block>| {
        let mut document = wide(9);
        let one = document.sections[0].blocks.remove(0);
        let blocks = [one.clone()].into_iter().chain(between).chain([one]);
        document.sections[0].blocks = blocks.collect();
        sides(&document)
            .into_iter()
            .filter(|turned| *turned)
            .count()
    };
    let words = || Block::Paragraph(vec!["A few words.".into()]);
    assert_eq!(two(Vec::new()), 1);
    assert_eq!(two(vec![Block::Subheading("Part".into()), words()]), 1);
    assert_eq!(two(vec![words(), words(), words(), words(), words()]), 2);
}

/// Rows that are too short or too long, tables without rows and without columns.
#[test]
fn ragged_and_empty_tables_are_set() {
    let mut document = latin();
    let column = || ColumnView {
        heading: "h".into(),
        unit: String::new(),
        align: Align::Start,
    };
    let table = |columns: usize, rows: Vec<usize>| {
        Block::Table(TableView {
            id: "t".into(),
            caption: "c".into(),
            columns: (0..columns).map(|_| column()).collect(),
            rows: (rows.into_iter())
                .map(|n| RowView {
                    target: None,
                    cells: vec!["x".into(); n],
                })
                .collect(),
            folded: Folded::Open,
            notes: Vec::new(),
            essential: Vec::new(),
        })
    };
    document.sections[0].blocks = vec![
        table(2, vec![1, 2, 3, 0]),
        table(2, vec![]),
        table(0, vec![]),
        table(0, vec![2]),
    ];
    to_pdf(&document, &Fonts::built_in()).unwrap();
}

#[test]
fn a_character_without_a_glyph_is_an_error_that_names_it() {
    let mut document = latin();
    document.title = "Layout 布局".to_owned();
    match to_pdf(&document, &Fonts::built_in()) {
        Err(PdfError::Glyphs(told)) => assert_eq!(told, "局 布"),
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
    assert!(!Fonts::built_in().add(b"no font".to_vec()));
}

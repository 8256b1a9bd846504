//! What pages of paper have in common, whatever program shows them: how much of a table stands there, how wide its
//! columns are, what stands under it, and the marking of every page.

use model::{Basis, Lang};

use crate::document::{CellView, Document, Extent, Folded, RowView, SourceEntry, TableView};
use crate::figures::text_width;
use crate::words::{phrase, word};

/// Rows of the table behind a figure that stand on paper; the workbook has them all.
pub(crate) const BEHIND: usize = 12;

/// The line that stands on every page: classification, then what the licences keep out.
pub(crate) fn marking(document: &Document) -> String {
    let withheld = document.evidence.iter().filter(|e| e.withheld).count();
    let licence = phrase(
        "marking",
        document.lang,
        &[("withheld", &withheld.to_string())],
    );
    match &document.classification {
        Some(classification) => format!("{classification} · {licence}"),
        None => licence,
    }
}

/// Does the paper end with a list of sources?
pub(crate) fn lists_sources(document: &Document) -> bool {
    document.extent != Extent::Brief && !document.sources.is_empty()
}

/// Rows that stand on paper.
pub(crate) fn shown(table: &TableView) -> usize {
    match table.folded {
        Folded::Open => table.rows.len(),
        Folded::After(rows) => rows.max(BEHIND),
        Folded::Whole => BEHIND,
    }
}

/// What a column asks for, in em, within bounds.
pub(crate) fn widths(table: &TableView) -> Vec<f64> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let longest = table
                .rows
                .iter()
                .filter_map(|row| row.cells.get(i))
                .map(|c| text_width(&c.text) + c.range.as_deref().map_or(0.0, text_width))
                .fold(text_width(&column.heading), f64::max);
            longest.clamp(4.0, 18.0)
        })
        .collect()
}

/// Marks behind a cell: † assumed, ‡ judged, then the number of its note.
pub(crate) fn sign(cell: &CellView) -> String {
    let mut sign = match cell.basis {
        Some(Basis::Assumed) => "†".to_owned(),
        Some(Basis::Judged) => "‡".to_owned(),
        _ => String::new(),
    };
    if let Some(note) = cell.note {
        sign.push_str(&(note + 1).to_string());
    }
    sign
}

/// What stands under the table when only `rows` of it are shown: the key of the marks, notes, what is left out.
pub(crate) fn notes(table: &TableView, rows: &[RowView], lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let cells = || rows.iter().flat_map(|r| &r.cells);
    for (basis, sign, id) in [
        (Basis::Assumed, "†", "basis_key.assumed"),
        (Basis::Judged, "‡", "basis_key.judged"),
    ] {
        if cells().any(|c| c.basis == Some(basis)) {
            lines.push(format!("{sign} {}", word(id, lang)));
        }
    }
    for (i, note) in table.notes.iter().enumerate() {
        if cells().any(|c| c.note == Some(i)) {
            lines.push(format!("{} {note}", i + 1));
        }
    }
    let left = table.rows.len() - rows.len();
    if left > 0 {
        lines.push(phrase("in_workbook", lang, &[("count", &left.to_string())]));
    }
    lines
}

/// `1  Heading`, or the heading alone.
pub(crate) fn numbered(number: &str, heading: &str) -> String {
    if number.is_empty() {
        heading.to_owned()
    } else {
        format!("{number}  {heading}")
    }
}

/// Publisher and title.
pub(crate) fn source_name(source: &SourceEntry) -> String {
    [source.publisher.as_str(), source.title.as_str()]
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" — ")
}

/// Licence, republication and confidence of a source, named.
pub(crate) fn source_terms(source: &SourceEntry, lang: Lang) -> Vec<String> {
    [
        ("licence", &source.licence),
        ("redistributable", &source.redistributable),
        ("confidence", &source.confidence),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(id, value)| format!("{}: {value}", word(id, lang)))
    .collect()
}

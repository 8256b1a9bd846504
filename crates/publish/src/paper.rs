//! What pages of paper have in common, whatever program shows them: how much of a table stands there, how wide its
//! columns are, what stands under it, and the marking of every page.

use model::{Basis, Lang};

use crate::document::{
    Block, CellView, Document, Extent, Folded, NoteKind, RowView, Section, SourceEntry, TableView,
};
use crate::figures::{Svg, is_wide, text_width};
use crate::words::{phrase, word};

/// Rows of the table behind a figure that stand on paper; the workbook has them all.
pub(crate) const BEHIND: usize = 12;

/// The line that stands on every page: classification, then what the licences keep out.
pub(crate) fn marking(document: &Document) -> String {
    marking_of(document, lists_sources(document))
}

/// The same for a writer whose list of sources does not hang on the extent; it points there where there is one.
pub(crate) fn marking_of(document: &Document, lists_sources: bool) -> String {
    let withheld = document.evidence.iter().filter(|e| e.withheld).count();
    let licence = phrase(
        if lists_sources {
            "marking"
        } else {
            "marking.no_list"
        },
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

/// Rows of the table behind a figure that stand on paper: more where the drawing alone says too little.
pub(crate) fn behind(table: &TableView) -> usize {
    match table.folded {
        Folded::After(rows) => rows.max(BEHIND),
        Folded::Open | Folded::Whole => BEHIND,
    }
}

/// A table of up to so many rows stands on paper whole: to cut it saves little.
const NEARLY: usize = 2 * BEHIND;
/// A folded table with more is for looking up: its first rows alone say nothing.
const LOOKED_UP: usize = 5 * BEHIND;

/// Rows that stand on paper; none of a table that is left to the workbook.
pub(crate) fn shown(table: &TableView) -> usize {
    let rows = table.rows.len();
    match table.folded {
        Folded::Open => rows,
        _ if rows <= NEARLY => rows,
        Folded::After(first) => first.max(BEHIND),
        Folded::Whole if rows > LOOKED_UP => 0,
        Folded::Whole => BEHIND,
    }
}

/// Where the rows of a table are that is left to the workbook; nothing for a table with rows on paper.
pub(crate) fn left_out(table: &TableView, lang: Lang) -> Option<String> {
    (shown(table) == 0 && !table.rows.is_empty()).then(|| {
        let count = table.rows.len().to_string();
        phrase(
            "left_to_workbook",
            lang,
            &[("table", &table.caption), ("count", &count)],
        )
    })
}

/// The columns by how long they stay where only some fit: the essential ones, then the others as they stand.
pub(crate) fn by_weight(table: &TableView) -> Vec<usize> {
    let all = 0..table.columns.len();
    let others = all.clone().filter(|i| !table.essential.contains(i));
    (table.essential.iter().copied())
        .filter(|i| all.contains(i))
        .chain(others)
        .collect()
}

/// A range as it stands behind its number, with no place where a line may break.
pub(crate) fn bracketed(range: &str) -> String {
    let range = range.replace('–', "\u{2060}–\u{2060}");
    format!("[{}]", range.replace(' ', "\u{a0}"))
}

/// Longer pieces may break: addresses, names without a space.
const PIECE: f64 = 20.0;
/// How much wider bold letters are.
const BOLD: f64 = 1.1;

/// The widest piece of the text that no line break divides, in em.
fn piece(text: &str) -> f64 {
    let narrow = |part: &str| (part.split(is_wide)).map(text_width).fold(0.0, f64::max);
    // Chinese may break anywhere; a column one character wide is no column.
    let wide = text
        .chars()
        .filter(|c| is_wide(*c))
        .count()
        .min(LINE_OF_CHINESE) as f64;
    // Only spaces that may break: a no-break space is white space too.
    (text.split([' ', '\n', '\t']))
        .flat_map(|word| word.split_inclusive('-'))
        .map(narrow)
        .fold(wide, f64::max)
}

/// A range in brackets with the sign after it, in em. A face for Chinese sets the dash as wide as a character.
fn bracketed_width(range: &str, cell: &CellView) -> f64 {
    let dash = 1.0 - text_width("–");
    text_width(range) + dash + text_width("[]") + text_width(&sign(cell))
}

/// A number with its range on one line, in em.
pub(crate) fn line(cell: &CellView) -> f64 {
    let after = match &cell.range {
        Some(range) => text_width(" ") + bracketed_width(range, cell),
        None => text_width(&sign(cell)),
    };
    text_width(&cell.text) + after
}

/// Characters of Chinese that a line of a column holds at least.
const LINE_OF_CHINESE: usize = 4;

/// Characters of a Chinese heading that stand on one line: all of a short one, half of a longer one. Headings have no spaces
/// that say where a word ends.
fn halves(heading: &str) -> f64 {
    let wide = heading.chars().filter(|c| is_wide(*c)).count();
    let line = if wide <= LINE_OF_CHINESE + 1 {
        wide
    } else {
        wide.div_ceil(2).min(2 * LINE_OF_CHINESE)
    };
    line as f64
}

/// A unit in brackets of up to this width, in em, stands on one line.
const UNIT: f64 = 7.0;

/// What a unit in brackets needs at least.
fn unit_width(unit: &str) -> f64 {
    if unit_together(unit) {
        text_width(unit)
    } else {
        piece(unit)
    }
}

/// Does a unit in brackets stand on one line?
pub(crate) fn unit_together(unit: &str) -> bool {
    text_width(unit) <= UNIT
}

/// Has a heading with its unit room on a line of this width, in em?
pub(crate) fn heading_fits(heading: &str, unit: &str, room: f64) -> bool {
    text_width(heading) * BOLD + text_width(unit) <= room
}

/// Below these widths, in em, a column breaks numbers, ranges or words.
pub(crate) fn least(table: &TableView) -> Vec<f64> {
    (table.columns.iter().enumerate())
        .map(|(i, column)| {
            let unit = format!("({})", column.unit);
            let head =
                (piece(&column.heading).max(halves(&column.heading)) * BOLD).max(unit_width(&unit));
            let cells = table.rows.iter().filter_map(|row| row.cells.get(i));
            let widest = cells.map(|cell| match &cell.range {
                Some(range) => piece(&cell.text).max(bracketed_width(range, cell)),
                None => piece(&format!("{}{}", cell.text, sign(cell))),
            });
            widest.fold(head, f64::max).min(PIECE)
        })
        .collect()
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
                .map(|c| {
                    let range = c.range.as_deref();
                    let range = range.map_or(0.0, |r| text_width(r) + text_width(" []"));
                    text_width(&c.text) + range + text_width(&sign(c))
                })
                .fold(text_width(&column.heading), f64::max);
            longest.clamp(4.0, 18.0)
        })
        .collect()
}

/// What a page has for a table, in twentieths of a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet {
    /// Of the text in tables.
    pub em: u32,
    /// Both margins of a cell.
    pub margins: u32,
    /// Width of the text of an upright page.
    pub upright: u32,
    /// Of a page that lies on its side; the same where pages do not turn.
    pub turned: u32,
    /// Columns that a reader takes in.
    pub most: usize,
}

/// How a table lies on a page.
pub(crate) struct Grid {
    /// Index and width of the columns shown, in twentieths of a point.
    pub columns: Vec<(usize, u32)>,
    /// On a page that lies on its side.
    pub turned: bool,
}

/// No column is narrower than what must not break in it, on a page that lies on its side where the upright one is too
/// narrow, and with fewer columns where both are. What is left goes to the columns that want more.
pub(crate) fn grid(table: &TableView, sheet: Sheet) -> Grid {
    let twips = |wide: f64| (wide * f64::from(sheet.em)).ceil() as u32 + sheet.margins;
    let least: Vec<u32> = self::least(table).into_iter().map(twips).collect();
    let turned = sheet.turned > sheet.upright && least.iter().sum::<u32>() > sheet.upright;
    let mut free = if turned { sheet.turned } else { sheet.upright };
    let mut columns = Vec::new();
    for i in by_weight(table).into_iter().take(sheet.most) {
        if least[i] > free && !columns.is_empty() {
            break;
        }
        free = free.saturating_sub(least[i]);
        columns.push(i);
    }
    columns.sort_unstable();
    let wanted = widths(table);
    let more = |i: usize| twips(wanted[i]).saturating_sub(least[i]);
    let sum: u32 = columns.iter().map(|i| more(*i)).sum();
    let share = |i: usize| {
        if sum == 0 {
            free / (columns.len() as u32).max(1)
        } else {
            (f64::from(free) * f64::from(more(i)) / f64::from(sum)) as u32
        }
    };
    let columns = columns.iter().map(|i| (*i, least[*i] + share(*i)));
    Grid {
        columns: columns.collect(),
        turned,
    }
}

/// Blocks between two wide tables that stay on pages on their side, so that the tables share them.
const BETWEEN: usize = 4;
/// Rows of a narrow table between two wide ones.
const SHORT: usize = 12;

/// Which blocks of a section begin on a page on its side: wide tables, a few words between two of them, and the heading
/// of the first.
pub(crate) fn turned(section: &Section, sheet: Sheet) -> Vec<bool> {
    let wide = |table: &TableView| grid(table, sheet).turned;
    let begins =
        |block: &Block| matches!(block, Block::Table(table) if shown(table) > 0 && wide(table));
    // Only what can stand between tables without a page of its own.
    let slight = |block: &Block| match block {
        Block::Subheading(_) | Block::Paragraph(_) | Block::Note { .. } => true,
        Block::Table(table) => shown(table).min(table.rows.len()) <= SHORT,
        Block::List(_) | Block::Cards(_) | Block::Figure(_) => false,
    };
    let blocks = &section.blocks;
    let mut sides: Vec<bool> = blocks.iter().map(begins).collect();
    for i in 0..blocks.len() {
        if !begins(&blocks[i]) {
            continue;
        }
        let before: Vec<usize> = (0..i)
            .rev()
            .take_while(|j| !begins(&blocks[*j]) && slight(&blocks[*j]))
            .take(BETWEEN + 1)
            .collect();
        let first = before.last().copied().unwrap_or(i);
        let after_wide = first > 0
            && match &blocks[first - 1] {
                Block::Table(table) => wide(table),
                Block::Figure(figure) => wide(&figure.table),
                _ => false,
            };
        let heading = (before.iter().copied())
            .find(|j| matches!(blocks[*j], Block::Subheading(_)))
            .filter(|j| i - j <= 2);
        let from = if after_wide && before.len() <= BETWEEN {
            first
        } else {
            heading.unwrap_or(i)
        };
        sides[from..i].fill(true);
    }
    sides
}

/// The word before a note.
pub(crate) fn note_label(kind: NoteKind, lang: Lang) -> String {
    let id = match kind {
        NoteKind::Limit => "note.limit",
        NoteKind::Refusal => "note.refusal",
        NoteKind::Approximate => "note.approximate",
    };
    word(id, lang)
}

/// A drawing as a file of its own, whose texts are set in `face`.
pub(crate) fn svg_file(svg: &Svg, face: &str) -> String {
    let font = format!("<svg font-family=\"{face}, 'Noto Sans CJK SC', sans-serif\" ");
    let markup = svg.markup().replacen("<svg ", &font, 1);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{markup}")
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

/// What stands under a table of which only so many columns are shown.
pub(crate) fn hidden(table: &TableView, columns: usize, lang: Lang) -> Option<String> {
    let hidden = table.columns.len().saturating_sub(columns);
    (hidden > 0).then(|| {
        let count = hidden.to_string();
        phrase("columns_in_workbook", lang, &[("count", &count)])
    })
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
    joined([&source.publisher, &source.title], " — ")
}

/// Publisher, title and date.
pub(crate) fn source_line(source: &SourceEntry) -> String {
    joined([&source_name(source), &source.date], ", ")
}

/// Publisher and date, of sources that differ in their title.
pub(crate) fn sources_line(source: &SourceEntry) -> String {
    joined([&source.publisher, &source.date], ", ")
}

/// Licence, republication and confidence of a source, in the order that the lead of the list names.
pub(crate) fn source_terms(source: &SourceEntry) -> String {
    joined(
        [&source.licence, &source.redistributable, &source.confidence],
        "; ",
    )
}

fn joined<const N: usize>(parts: [&String; N], between: &str) -> String {
    let parts: Vec<&str> = (parts.into_iter().map(String::as_str))
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_is_narrower_than_the_words_of_its_heading() {
        let column = |heading: &str| crate::document::ColumnView {
            heading: heading.to_owned(),
            unit: String::new(),
            align: crate::document::Align::End,
        };
        let headings = [
            "Acceptability of all",
            "top",
            "产业链环节",
            "首次形成产能年份",
        ];
        let table = TableView {
            id: "t".to_owned(),
            caption: String::new(),
            columns: headings.map(column).into(),
            rows: Vec::new(),
            folded: Folded::Open,
            notes: Vec::new(),
            essential: Vec::new(),
        };
        let sheet = Sheet {
            em: 160,
            margins: 120,
            upright: 4500,
            turned: 4500,
            most: usize::MAX,
        };
        let shown = grid(&table, sheet).columns;
        assert_eq!(shown.len(), headings.len());
        let words = ["Acceptability", "top", "产业链环节", "首次形成"];
        for ((_, width), word) in shown.iter().zip(words) {
            let wanted = text_width(word) * BOLD * 160.0 + 120.0;
            assert!(f64::from(*width) >= wanted, "{word}: {width} < {wanted}");
        }
    }
}

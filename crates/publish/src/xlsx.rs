//! The tables of a document as a workbook: numbers as numbers, ranges and summaries as formulas that
//! recompute, a sheet of contents and one of sources.
//!
//! Text is always text: a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break is written as a string and
//! marked so that editing it does not turn it into a formula.

use std::fmt::Write as _;

use model::Basis;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Url, Workbook,
    Worksheet, XlsxError, utility::row_col_to_cell,
};

use crate::document::{Align, Block, CellView, Document, TableView};
use crate::paper::marking_of;
use crate::sheet::write_text;
use crate::words::{colon, semicolon, word};

/// Title, marking, three summaries, headings.
const FIRST: u32 = 6;

/// Writes the tables of `document`, those behind figures too, as an Excel file. All rows, folded or not.
pub fn to_xlsx(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // A fixed time: the same document gives the same bytes.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(
        &DocProperties::new()
            .set_title(&document.title)
            .set_subject(&document.subtitle)
            .set_creation_datetime(&made),
    );
    let tables: Vec<(String, &TableView)> = document
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| match block {
            Block::Table(table) => Some((table.caption.clone(), table)),
            Block::Figure(figure) => Some((figure.finding.clone(), &figure.table)),
            _ => None,
        })
        .collect();
    contents(book.add_worksheet(), document, &tables)?;
    for (i, (caption, view)) in tables.iter().enumerate() {
        table(book.add_worksheet(), document, i, caption, view)?;
    }
    sources(book.add_worksheet(), document)?;
    book.save_to_buffer()
}

fn sheet_name(i: usize) -> String {
    format!("T{:02}", i + 1)
}

fn bold() -> Format {
    Format::new().set_bold()
}

fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_border_bottom(FormatBorder::Thin)
}

fn page(sheet: &mut Worksheet, document: &Document) {
    let line = marking_of(document, true).replace('&', "&&");
    // Headers hold 255 characters.
    let line: String = line.chars().take(240).collect();
    sheet.set_header(format!("&C{line}"));
    sheet.set_footer("&R&P / &N");
    sheet.set_landscape();
    sheet.set_paper_size(9); // A4
    sheet.set_print_fit_to_pages(1, 0);
}

fn contents(
    sheet: &mut Worksheet,
    document: &Document,
    tables: &[(String, &TableView)],
) -> Result<(), XlsxError> {
    let lang = document.lang;
    sheet.set_name(word("contents", lang))?;
    page(sheet, document);
    let plain = Format::new();
    write_text(sheet, 0, 0, &document.title, &bold())?;
    write_text(sheet, 1, 0, &marking_of(document, true), &plain)?;
    let mut row = 2;
    for (name, value) in &document.meta {
        write_text(sheet, row, 0, name, &plain)?;
        write_text(sheet, row, 1, value, &plain)?;
        row += 1;
    }
    row += 1;
    for (column, id) in ["sheet", "title", "rows"].into_iter().enumerate() {
        write_text(sheet, row, column as u16, &word(id, lang), &heading())?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    for (i, (caption, view)) in tables.iter().enumerate() {
        row += 1;
        let name = sheet_name(i);
        sheet.write_url(
            row,
            0,
            Url::new(format!("internal:'{name}'!A1")).set_text(&name),
        )?;
        write_text(sheet, row, 1, caption, &plain)?;
        let last = FIRST + view.rows.len() as u32;
        let formula = Formula::new(format!(
            "=ROWS('{name}'!A{}:A{})",
            FIRST + 1,
            last.max(FIRST + 1)
        ))
        .set_result(view.rows.len().max(1).to_string());
        if view.rows.is_empty() {
            sheet.write_number(row, 2, 0)?;
        } else {
            sheet.write_formula(row, 2, formula)?;
        }
    }
    sheet.set_column_width(0, 14)?;
    sheet.set_column_width(1, 90)?;
    Ok(())
}

/// How a column of the document stands in the sheet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Number,
    /// Value, low, high, and half the range over the value.
    Ranged,
}

fn shape(view: &TableView, i: usize) -> Shape {
    let amounts = || view.rows.iter().filter_map(|row| row.cells.get(i)?.amount);
    if amounts().any(|a| a.range.is_some()) {
        Shape::Ranged
    } else if amounts().next().is_some() {
        Shape::Number
    } else {
        Shape::Text
    }
}

fn table(
    sheet: &mut Worksheet,
    document: &Document,
    number: usize,
    caption: &str,
    view: &TableView,
) -> Result<(), XlsxError> {
    let lang = document.lang;
    sheet.set_name(sheet_name(number))?;
    page(sheet, document);
    let plain = Format::new();
    write_text(sheet, 0, 0, caption, &bold())?;
    write_text(sheet, 1, 0, &marking_of(document, true), &plain)?;
    sheet.set_freeze_panes(FIRST, 1)?;
    sheet.set_repeat_rows(FIRST - 1, FIRST - 1)?;
    let mut column: u16 = 0;
    for (i, head) in view.columns.iter().enumerate() {
        let mut title = head.heading.clone();
        if !head.unit.is_empty() {
            let _ = write!(title, " ({})", head.unit);
        }
        write_text(sheet, FIRST - 1, column, &title, &heading())?;
        let shape = shape(view, i);
        if shape == Shape::Text {
            sheet.set_column_width(column, if head.align == Align::Start { 28 } else { 14 })?;
            for (row, cell) in cells(view, i) {
                write_text(sheet, row, column, &cell.text, &plain)?;
            }
            column += 1;
            continue;
        }
        numbers(sheet, view, i, column)?;
        summaries(sheet, view, i, column)?;
        column += 1;
        if shape == Shape::Ranged {
            for (offset, id) in ["low", "high", "half_width"].into_iter().enumerate() {
                let at = column + offset as u16;
                write_text(
                    sheet,
                    FIRST - 1,
                    at,
                    &format!("{} — {title}", word(id, lang)),
                    &heading(),
                )?;
                sheet.set_column_width(at, 14)?;
            }
            ranges(sheet, view, i, column)?;
            column += 3;
        }
    }
    let labels = ["lowest", "median", "highest"].map(|id| word(id, lang));
    if shape(view, 0) == Shape::Text {
        for (i, label) in labels.iter().enumerate() {
            write_text(sheet, 2 + i as u32, 0, label, &bold())?;
        }
    }
    remarks(sheet, document, view, column)?;
    if !view.rows.is_empty() {
        sheet.autofilter(FIRST - 1, 0, FIRST + view.rows.len() as u32 - 1, column)?;
    }
    Ok(())
}

fn cells(view: &TableView, i: usize) -> impl Iterator<Item = (u32, &CellView)> {
    view.rows
        .iter()
        .enumerate()
        .filter_map(move |(row, r)| Some((FIRST + row as u32, r.cells.get(i)?)))
}

/// As many decimals as the size of the column's numbers calls for.
fn number_format(view: &TableView, i: usize) -> Format {
    let amounts: Vec<f64> = cells(view, i)
        .filter_map(|(_, c)| c.amount)
        .map(|a| a.value)
        .collect();
    let whole = amounts.iter().all(|v| v.fract() == 0.0);
    let year = whole && amounts.iter().all(|v| (1000.0..3000.0).contains(v));
    let largest = amounts.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    Format::new().set_num_format(match (whole, year, largest) {
        (_, true, _) => "0",
        (true, ..) => "#,##0",
        (_, _, l) if l >= 100.0 => "#,##0.0",
        (_, _, l) if l >= 0.1 => "0.000",
        _ => "0.00E+00",
    })
}

fn numbers(
    sheet: &mut Worksheet,
    view: &TableView,
    i: usize,
    column: u16,
) -> Result<(), XlsxError> {
    let format = number_format(view, i);
    sheet.set_column_width(column, 16)?;
    for (row, cell) in cells(view, i) {
        match cell.amount {
            Some(amount) if amount.value.is_finite() => {
                sheet.write_number_with_format(row, column, amount.value, &format)?;
            }
            _ => write_text(sheet, row, column, &cell.text, &Format::new())?,
        }
    }
    Ok(())
}

/// Lowest, median and highest of the rows that a filter leaves.
fn summaries(
    sheet: &mut Worksheet,
    view: &TableView,
    i: usize,
    column: u16,
) -> Result<(), XlsxError> {
    let mut amounts: Vec<f64> = cells(view, i)
        .filter_map(|(_, c)| c.amount)
        .map(|a| a.value)
        .filter(|v| v.is_finite())
        .collect();
    amounts.sort_by(f64::total_cmp);
    let n = amounts.len();
    if n == 0 {
        return Ok(());
    }
    let median = f64::midpoint(amounts[(n - 1) / 2], amounts[n / 2]);
    let last = FIRST + view.rows.len() as u32 - 1;
    let (from, to) = (
        row_col_to_cell(FIRST, column),
        row_col_to_cell(last, column),
    );
    let format = number_format(view, i);
    for (row, function, result) in [
        (2, "SUBTOTAL(105,", amounts[0]),
        // AGGREGATE's median passes over hidden rows as well.
        (3, "_xlfn.AGGREGATE(12,5,", median),
        (4, "SUBTOTAL(104,", amounts[n - 1]),
    ] {
        let formula =
            Formula::new(format!("={function}{from}:{to})")).set_result(result.to_string());
        sheet.write_formula_with_format(row, column, formula, &format)?;
    }
    Ok(())
}

/// Low, high and half the range over the value, the last as a formula.
fn ranges(sheet: &mut Worksheet, view: &TableView, i: usize, column: u16) -> Result<(), XlsxError> {
    let format = number_format(view, i);
    let share = Format::new().set_num_format("0.0%");
    for (row, cell) in cells(view, i) {
        let Some(amount) = cell.amount else { continue };
        let Some((low, high)) = amount.range else {
            continue;
        };
        if !(amount.value.is_finite() && low.is_finite() && high.is_finite()) {
            continue;
        }
        sheet.write_number_with_format(row, column, low, &format)?;
        sheet.write_number_with_format(row, column + 1, high, &format)?;
        let [value, low_at, high_at] =
            [column - 1, column, column + 1].map(|c| row_col_to_cell(row, c));
        let formula = format!("=IF({value}=0,\"\",({high_at}-{low_at})/2/ABS({value}))");
        let result = if amount.value == 0.0 {
            String::new()
        } else {
            ((high - low) / 2.0 / amount.value.abs()).to_string()
        };
        sheet.write_formula_with_format(
            row,
            column + 2,
            Formula::new(formula).set_result(result),
            &share,
        )?;
    }
    Ok(())
}

/// Why numbers are missing and which rest on judgement, row by row.
fn remarks(
    sheet: &mut Worksheet,
    document: &Document,
    view: &TableView,
    column: u16,
) -> Result<(), XlsxError> {
    let lang = document.lang;
    write_text(sheet, FIRST - 1, column, &word("reason", lang), &heading())?;
    sheet.set_column_width(column, 50)?;
    for (row, r) in view.rows.iter().enumerate() {
        let mut lines: Vec<String> = Vec::new();
        for (cell, head) in r.cells.iter().zip(&view.columns) {
            let basis = match cell.basis {
                Some(Basis::Assumed) => Some(word("basis_key.assumed", lang)),
                Some(Basis::Judged) => Some(word("basis_key.judged", lang)),
                _ => None,
            };
            let note = cell.note.and_then(|n| view.notes.get(n)).cloned();
            for remark in [basis, note].into_iter().flatten() {
                lines.push(format!("{}{}{remark}", head.heading, colon(lang)));
            }
        }
        write_text(
            sheet,
            FIRST + row as u32,
            column,
            &lines.join(semicolon(lang)),
            &Format::new(),
        )?;
    }
    Ok(())
}

fn sources(sheet: &mut Worksheet, document: &Document) -> Result<(), XlsxError> {
    let lang = document.lang;
    sheet.set_name(word("sources", lang))?;
    page(sheet, document);
    let heads = [
        "publisher",
        "title",
        "address",
        "licence",
        "redistributable",
        "confidence",
    ];
    for (column, id) in heads.into_iter().enumerate() {
        write_text(sheet, 0, column as u16, &word(id, lang), &heading())?;
        sheet.set_column_width(column as u16, 30)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, source) in document.sources.iter().enumerate() {
        let texts = [
            &source.publisher,
            &source.title,
            &source.url,
            &source.licence,
            &source.redistributable,
            &source.confidence,
        ];
        for (column, text) in texts.into_iter().enumerate() {
            write_text(sheet, row as u32 + 1, column as u16, text, &Format::new())?;
        }
    }
    Ok(())
}

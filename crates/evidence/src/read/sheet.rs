//! XLSX and ODS. Numbers keep the digits that were typed (`2021`, not `2021.0`), dates become ISO 8601.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Xlsx};
use model::{Arg, Diagnostic};

use super::fault::Fault;
use super::input::{Input, ReadSeek};
use super::sniff::Form;
use super::{Format, RawRow, RawTable, ReadOptions, is_space};
use crate::finding::{Place, error, note};

/// The used cells of a sheet, row by row; rows and columns counted from 0.
type Cells = Vec<(u32, Vec<(u32, String)>)>;

pub(super) fn read(
    input: &Input,
    form: Form,
    name: &str,
    options: &ReadOptions,
    findings: &mut Vec<Diagnostic>,
) -> Result<RawTable, Fault> {
    check_size(input, options)?;
    // The decoders are third-party and may stop with a panic on a damaged workbook.
    let outcome = catch_unwind(AssertUnwindSafe(|| match form {
        Form::Ods => ods(input, options),
        _ => xlsx(input, options),
    }));
    let (cells, sheet, sheets) = outcome.unwrap_or_else(|_| Err(Fault::Damaged(String::new())))?;
    if options.sheet.is_none() && sheets.len() > 1 {
        let args = [
            ("sheet", Arg::from(sheet.clone())),
            ("sheets", Arg::from(sheets.join(", "))),
        ];
        findings.push(note("sheet.several", Place::file(name), &sheet, &args));
    }
    table(cells, sheet, name, findings)
}

/// Unpacks every part once without keeping it: sizes written in an archive cannot be trusted.
fn check_size(input: &Input, options: &ReadOptions) -> Result<(), Fault> {
    /// No sheet that a person keeps is larger.
    const MOST: u64 = 2 << 30;
    const HARMLESS: u64 = 64 << 20;
    let limit = options.max_bytes.min(MOST);
    let packed = input.len()?.max(1);
    let mut archive = zip::ZipArchive::new(input.open()?).map_err(|_| Fault::Truncated)?;
    let mut unpacked = 0;
    let mut buffer = vec![0; 1 << 16];
    for part in 0..archive.len() {
        let mut part = archive
            .by_index(part)
            .map_err(|e| Fault::Damaged(e.to_string()))?;
        loop {
            let n = part.read(&mut buffer).map_err(|e| match e.kind() {
                io::ErrorKind::UnexpectedEof => Fault::Truncated,
                _ => Fault::Damaged(e.to_string()),
            })?;
            if n == 0 {
                break;
            }
            unpacked += n as u64;
            if unpacked > limit {
                return Err(Fault::TooLarge { limit });
            }
            if unpacked > HARMLESS && unpacked / packed > options.max_ratio {
                return Err(Fault::Bomb {
                    ratio: unpacked / packed,
                });
            }
        }
    }
    Ok(())
}

type Sheet = (Cells, String, Vec<String>);

/// The sheet that the options name, else the first with cells.
fn choose(
    sheets: Vec<String>,
    options: &ReadOptions,
    mut cells_of: impl FnMut(&str) -> Result<Cells, Fault>,
) -> Result<Sheet, Fault> {
    if let Some(sheet) = &options.sheet {
        if !sheets.contains(sheet) {
            return Err(Fault::UnknownSheet {
                sheet: sheet.clone(),
                sheets,
            });
        }
        return Ok((cells_of(sheet)?, sheet.clone(), sheets));
    }
    for sheet in &sheets {
        let cells = cells_of(sheet)?;
        if !cells.is_empty() {
            let sheet = sheet.clone();
            return Ok((cells, sheet, sheets));
        }
    }
    Err(Fault::EmptySheet(sheets.join(", ")))
}

/// Cell by cell: a sheet with two cells in far corners must not become a table of milliards of empty ones.
fn xlsx(input: &Input, options: &ReadOptions) -> Result<Sheet, Fault> {
    let damaged = |e: calamine::XlsxError| Fault::Damaged(e.to_string());
    let mut workbook: Xlsx<Box<dyn ReadSeek + '_>> = Xlsx::new(input.open()?).map_err(damaged)?;
    let sheets = workbook.sheet_names();
    choose(sheets, options, |sheet| {
        let mut cells: Cells = Vec::new();
        let mut reader = workbook.worksheet_cells_reader(sheet).map_err(damaged)?;
        while let Some(cell) = reader.next_cell().map_err(damaged)? {
            let (row, column) = cell.get_position();
            add(&mut cells, row, column, show_ref(cell.get_value()));
        }
        Ok(cells)
    })
}

fn ods(input: &Input, options: &ReadOptions) -> Result<Sheet, Fault> {
    let damaged = |e: calamine::OdsError| Fault::Damaged(e.to_string());
    let mut workbook: Ods<Box<dyn ReadSeek + '_>> = Ods::new(input.open()?).map_err(damaged)?;
    let sheets = workbook.sheet_names();
    choose(sheets, options, |sheet| {
        let mut cells: Cells = Vec::new();
        let range = workbook.worksheet_range(sheet).map_err(damaged)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            add(
                &mut cells,
                first_row + row as u32,
                first_column + column as u32,
                show(value),
            );
        }
        Ok(cells)
    })
}

fn add(cells: &mut Cells, row: u32, column: u32, text: String) {
    if text.trim_matches(is_space).is_empty() {
        return;
    }
    match cells.last_mut() {
        Some((last, row_cells)) if *last == row => row_cells.push((column, text)),
        _ => cells.push((row, vec![(column, text)])),
    }
}

/// The first row with cells is the header.
fn table(
    mut cells: Cells,
    sheet: String,
    name: &str,
    findings: &mut Vec<Diagnostic>,
) -> Result<RawTable, Fault> {
    /// Wider than any table that a person keeps; a header cell in the last column is a slip.
    const WIDEST: u32 = 4096;
    cells.sort_by_key(|(row, _)| *row);
    let mut rows = cells.into_iter();
    let (_, header) = rows
        .next()
        .ok_or_else(|| Fault::EmptySheet(sheet.clone()))?;
    let width = header
        .iter()
        .map(|(column, _)| column + 1)
        .max()
        .unwrap_or(0)
        .min(WIDEST);
    let mut columns = vec![String::new(); width as usize];
    for (column, text) in header {
        if let Some(heading) = columns.get_mut(column as usize) {
            text.trim_matches(is_space).clone_into(heading);
        }
    }
    let mut table_rows = Vec::new();
    let mut unreadable = Vec::new();
    for (row, cells) in rows {
        let number = u64::from(row) + 1;
        let mut texts = vec![""; columns.len()];
        let mut outside = None;
        for (column, text) in &cells {
            match texts.get_mut(*column as usize) {
                Some(place) => *place = text,
                None => outside = Some(*column),
            }
        }
        if let Some(column) = outside {
            let args = [
                ("cells", Arg::from(column as usize + 1)),
                ("columns", Arg::from(columns.len())),
            ];
            let found = cells
                .iter()
                .map(|(_, text)| text.as_str())
                .collect::<Vec<_>>()
                .join(" | ");
            findings.push(error("row.ragged", Place::row(name, number), &found, &args));
            unreadable.push(number);
            continue;
        }
        table_rows.push(RawRow::new(number, texts));
    }
    let format = Format {
        sheet: Some(sheet),
        ..Format::default()
    };
    let file = name.to_owned();
    Ok(RawTable {
        file,
        columns,
        rows: table_rows,
        unreadable,
        format,
        blake3: String::new(),
    })
}

fn show(value: &Data) -> String {
    match value {
        Data::Int(n) => n.to_string(),
        Data::Float(x) => number(*x),
        Data::String(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(b) => b.to_string(),
        Data::DateTime(date) => datetime(*date),
        Data::DateTimeIso(text) => iso(text),
        Data::Error(e) => e.to_string(),
        Data::Empty => String::new(),
    }
}

fn show_ref(value: &DataRef) -> String {
    match value {
        DataRef::SharedString(text) => (*text).to_owned(),
        other => show(&Data::from(other.clone())),
    }
}

/// Whole numbers without a fraction, others with the fewest digits that name the same number.
pub(super) fn number(x: f64) -> String {
    // Beyond 2^53 a float no longer holds every whole number.
    if x.fract() == 0.0 && x.abs() < 9_007_199_254_740_992.0 {
        format!("{x:.0}")
    } else {
        x.to_string()
    }
}

fn datetime(date: ExcelDateTime) -> String {
    if date.is_duration() {
        return number(date.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    iso(&format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    ))
}

/// A date without a time of day is a date.
pub(super) fn iso(text: &str) -> String {
    text.split_once(['T', ' '])
        .filter(|(_, time)| time.starts_with("00:00:00"))
        .map_or(text, |(date, _)| date)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_stay_as_written() {
        assert_eq!(number(2021.0), "2021");
        assert_eq!(number(-0.5), "-0.5");
        assert_eq!(number(0.1), "0.1");
        assert_eq!(iso("2021-03-01T00:00:00"), "2021-03-01");
        assert_eq!(iso("2021-03-01T12:30:00"), "2021-03-01T12:30:00");
    }
}

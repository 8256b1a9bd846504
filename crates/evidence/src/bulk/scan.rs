//! From the text of a chunk to columns: codes, years and numbers, with every row that cannot be used on record.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use super::codes::Codes;
use super::lines::Chunk;
use super::number;
use super::records::each_record;
use crate::read::fault::Fault;

/// What a column of the file is read as.
#[derive(Debug, Clone)]
pub(super) enum Want {
    /// A code. Rows with one of `leave_out` are left out (totals among their parts).
    Code {
        leave_out: Vec<String>,
    },
    Year {
        range: RangeInclusive<i32>,
    },
    /// A number ≥ 0 times 10^`shift`. Where `missing` is given, those words (and an empty cell) mean not known.
    Number {
        shift: i32,
        missing: Option<Vec<String>>,
    },
    /// Not read; rows with another word are left out.
    Keep {
        words: Vec<String>,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Where the column stands in the file.
    pub position: usize,
    /// Its heading in the file.
    pub heading: String,
    pub want: Want,
}

/// How the records of a file are read.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub delimiter: u8,
    /// Cells of a whole record.
    pub width: usize,
    pub wanted: Vec<Wanted>,
    /// Problems kept for each kind; the others are counted.
    pub most: usize,
}

/// A row that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub code: &'static str,
    /// Which of the wanted columns.
    pub column: Option<usize>,
    pub line: u64,
    pub found: String,
    /// Cells found, for a ragged row.
    pub cells: usize,
}

/// The columns of a chunk, each kind in the order of the plan.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub rows: usize,
    pub codes: Vec<(Codes, Vec<u32>)>,
    pub years: Vec<Vec<i32>>,
    pub numbers: Vec<Vec<f64>>,
    /// Rows left out, by wanted column.
    pub left_out: Vec<u64>,
    pub rejected: u64,
    pub blank: u64,
    pub problems: Vec<Problem>,
    /// All problems, also those that are not kept.
    pub counts: BTreeMap<(&'static str, Option<usize>), u64>,
}

/// Reads a chunk.
///
/// # Errors
/// A code that is no UTF-8: the file is in another encoding.
pub(super) fn scan(chunk: &Chunk, plan: &Plan) -> Result<Scanned, Fault> {
    let mut scanned = Scanned::new(plan);
    let mut row = Row::default();
    each_record(chunk, plan.delimiter, |text, fields, line| {
        record(text, fields, line, plan, &mut row, &mut scanned);
    });
    for (codes, _) in &scanned.codes {
        if let Some(bad) = codes
            .values()
            .iter()
            .find(|v| std::str::from_utf8(v).is_err())
        {
            let before = memchr::memmem::find(&chunk.text, bad).unwrap_or(0);
            let lines = memchr::memchr_iter(b'\n', &chunk.text[..before]).count();
            return Err(Fault::Undecodable {
                line: chunk.line + lines as u64,
                encoding: encoding_rs::UTF_8.name(),
            });
        }
    }
    Ok(scanned)
}

/// Reads rows whose cells are already apart, each with its line.
pub(super) fn scan_cells<'a, C: Iterator<Item = &'a str>>(
    rows: impl Iterator<Item = (u64, C)>,
    plan: &Plan,
) -> Scanned {
    let mut scanned = Scanned::new(plan);
    let mut row = Row::default();
    let (mut text, mut fields) = (Vec::new(), Vec::new());
    for (line, cells) in rows {
        text.clear();
        fields.clear();
        for cell in cells {
            let start = text.len();
            text.extend_from_slice(cell.as_bytes());
            fields.push(start..text.len());
        }
        record(&text, &fields, line, plan, &mut row, &mut scanned);
    }
    scanned
}

/// What was read of a record before it is known to be good.
#[derive(Default)]
struct Row {
    /// The trimmed cell of each wanted column.
    cells: Vec<Range<usize>>,
    years: Vec<i32>,
    numbers: Vec<f64>,
}

fn record(
    text: &[u8],
    fields: &[Range<usize>],
    line: u64,
    plan: &Plan,
    row: &mut Row,
    out: &mut Scanned,
) {
    if fields.len() != plan.width && !fits(text, fields, plan.width) {
        if is_blank(text, fields) {
            out.blank += 1;
        } else {
            let whole = &text[fields[0].start..fields[fields.len() - 1].end];
            out.problem(plan, "row.ragged", None, line, whole, fields.len());
            out.rejected += 1;
        }
        return;
    }
    row.cells.clear();
    row.years.clear();
    row.numbers.clear();
    let mut filled = false;
    for (at, wanted) in plan.wanted.iter().enumerate() {
        let range = trim(text, &fields[wanted.position]);
        filled |= !range.is_empty();
        let out_of_it = match &wanted.want {
            Want::Keep { words } => !is_one_of(&text[range.clone()], words),
            Want::Code { leave_out } => is_one_of(&text[range.clone()], leave_out),
            Want::Year { .. } | Want::Number { .. } => false,
        };
        if out_of_it {
            out.left_out[at] += 1;
            return;
        }
        row.cells.push(range);
    }
    // A row without any cell is a blank line of a spreadsheet, not a mistake.
    if !filled && is_blank(text, fields) {
        out.blank += 1;
        return;
    }
    let mut good = true;
    for (at, wanted) in plan.wanted.iter().enumerate() {
        let cell = &text[row.cells[at].clone()];
        let outcome = match &wanted.want {
            Want::Code { .. } if cell.is_empty() => Err("value.missing"),
            Want::Keep { .. } | Want::Code { .. } => Ok(()),
            Want::Year { range } => year(cell, range).map(|y| row.years.push(y)),
            Want::Number { shift, missing } => {
                value(cell, *shift, missing.as_deref()).map(|x| row.numbers.push(x))
            }
        };
        if let Err(code) = outcome {
            out.problem(plan, code, Some(at), line, cell, 0);
            good = false;
        }
    }
    if !good {
        out.rejected += 1;
        return;
    }
    let is_code = |wanted: &Wanted| matches!(wanted.want, Want::Code { .. });
    let cells = plan.wanted.iter().zip(&row.cells);
    let ranges = cells.filter(|(wanted, _)| is_code(wanted));
    for ((codes, numbers), (_, range)) in out.codes.iter_mut().zip(ranges) {
        numbers.push(codes.number(&text[range.clone()]));
    }
    for (column, year) in out.years.iter_mut().zip(&row.years) {
        column.push(*year);
    }
    for (column, number) in out.numbers.iter_mut().zip(&row.numbers) {
        column.push(*number);
    }
    out.rows += 1;
}

fn is_blank(text: &[u8], fields: &[Range<usize>]) -> bool {
    fields
        .iter()
        .all(|f| text[f.clone()].trim_ascii().is_empty())
}

impl Scanned {
    fn new(plan: &Plan) -> Self {
        let mut scanned = Scanned {
            left_out: vec![0; plan.wanted.len()],
            ..Scanned::default()
        };
        for wanted in &plan.wanted {
            match wanted.want {
                Want::Code { .. } => scanned.codes.push((Codes::default(), Vec::new())),
                Want::Year { .. } => scanned.years.push(Vec::new()),
                Want::Number { .. } => scanned.numbers.push(Vec::new()),
                Want::Keep { .. } => {}
            }
        }
        scanned
    }

    fn problem(
        &mut self,
        plan: &Plan,
        code: &'static str,
        column: Option<usize>,
        line: u64,
        found: &[u8],
        cells: usize,
    ) {
        let count = self.counts.entry((code, column)).or_insert(0);
        *count += 1;
        if *count <= plan.most as u64 {
            let found = String::from_utf8_lossy(&found[..found.len().min(400)]).into_owned();
            self.problems.push(Problem {
                code,
                column,
                line,
                found,
                cells,
            });
        }
    }
}

/// A record may have more cells than the header where they are empty.
fn fits(text: &[u8], fields: &[Range<usize>], width: usize) -> bool {
    fields.len() > width
        && fields[width..]
            .iter()
            .all(|f| text[f.clone()].trim_ascii().is_empty())
}

fn trim(text: &[u8], field: &Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (field.start, field.end);
    while start < end && text[start].is_ascii_whitespace() {
        start += 1;
    }
    while end > start && text[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    start..end
}

fn is_one_of(cell: &[u8], words: &[String]) -> bool {
    words.iter().any(|word| word.as_bytes() == cell)
}

fn year(cell: &[u8], range: &RangeInclusive<i32>) -> Result<i32, &'static str> {
    if cell.is_empty() {
        return Err("value.missing");
    }
    if cell.len() != 4 || !cell.iter().all(u8::is_ascii_digit) {
        return Err("year.not_a_year");
    }
    let year = cell.iter().fold(0, |y, b| y * 10 + i32::from(b - b'0'));
    if range.contains(&year) {
        Ok(year)
    } else {
        Err("bulk.year_range")
    }
}

fn value(cell: &[u8], shift: i32, missing: Option<&[String]>) -> Result<f64, &'static str> {
    if let Some(x) = number::parse(cell, shift) {
        return if x < 0.0 {
            Err("bulk.negative")
        } else {
            // -0 is 0.
            Ok(x + 0.0)
        };
    }
    if missing.is_some_and(|words| cell.is_empty() || is_one_of(cell, words)) {
        return Ok(f64::NAN);
    }
    if cell.is_empty() {
        return Err("value.missing");
    }
    // The slow reading says what is wrong.
    match std::str::from_utf8(cell) {
        Ok(text) => Err(crate::check::parse_number(text)
            .err()
            .unwrap_or("number.not_a_number")),
        Err(_) => Err("number.not_a_number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let wanted = |position, want| Wanted {
            position,
            heading: String::new(),
            want,
        };
        let number = |missing| Want::Number { shift: 3, missing };
        Plan {
            delimiter: b',',
            width: 4,
            wanted: vec![
                wanted(0, Want::Year { range: 1900..=2100 }),
                wanted(
                    1,
                    Want::Code {
                        leave_out: vec!["WLD".to_owned()],
                    },
                ),
                wanted(2, number(None)),
                wanted(3, number(Some(vec!["NA".to_owned()]))),
            ],
            most: 2,
        }
    }

    fn scanned(text: &str) -> Scanned {
        let chunk = Chunk {
            text: text.as_bytes().to_vec(),
            line: 2,
            quoted: text.contains('"'),
        };
        scan(&chunk, &plan()).expect("text")
    }

    #[test]
    fn good_rows_become_columns_and_missing_is_not_zero() {
        let s = scanned("2018, NA ,1.5,  NA \n2018,NA,0,\n2019,CHN,.5,2,,\n");
        assert_eq!((s.rows, s.rejected, s.blank), (3, 0, 0));
        assert_eq!(s.years, [[2018, 2018, 2019]]);
        assert_eq!(s.codes[0].1, [0, 0, 1]);
        assert_eq!(&*s.codes[0].0.values()[0], b"NA");
        assert_eq!(s.numbers[0], [1500.0, 0.0, 500.0]);
        assert!(s.numbers[1][0].is_nan() && s.numbers[1][1].is_nan());
        assert_eq!(s.numbers[1][2..], [2000.0]);
    }

    #[test]
    fn every_bad_row_is_counted_and_placed() {
        let s = scanned(
            "18,CHN,1,\n2018,,1,\n2018,CHN,-1,\n2018,WLD,1,\n2018,CHN\n,,,\n2018,CHN,\"1,5\",x\n2018,CHN,nan,1\n3018,CHN,,1\n",
        );
        assert_eq!((s.rows, s.rejected, s.blank), (0, 7, 1));
        assert_eq!(s.left_out, [0, 1, 0, 0]);
        let shown: Vec<_> = s
            .problems
            .iter()
            .map(|p| (p.code, p.column, p.line))
            .collect();
        assert_eq!(
            shown,
            [
                ("year.not_a_year", Some(0), 2),
                ("value.missing", Some(1), 3),
                ("bulk.negative", Some(2), 4),
                ("row.ragged", None, 6),
                ("number.decimal_comma", Some(2), 8),
                ("number.not_a_number", Some(3), 8),
                ("number.not_a_number", Some(2), 9),
                ("bulk.year_range", Some(0), 10),
                ("value.missing", Some(2), 10),
            ]
        );
    }

    #[test]
    fn problems_are_kept_up_to_a_number_and_counted_beyond() {
        let s = scanned("2018,CHN,x,\n2018,CHN,x,\n2018,CHN,x,\n");
        assert_eq!(s.problems.len(), 2);
        assert_eq!(s.counts[&("number.not_a_number", Some(2))], 3);
    }

    #[test]
    fn a_code_in_another_encoding_is_found_with_its_line() {
        let chunk = Chunk {
            text: b"2018,CHN,1,1\n2018,\xd6\xd0,1,1\n".to_vec(),
            line: 2,
            quoted: false,
        };
        let fault = scan(&chunk, &plan()).expect_err("no UTF-8");
        assert_eq!(
            fault,
            Fault::Undecodable {
                line: 3,
                encoding: "UTF-8"
            }
        );
    }
}

//! A plain long table (location, activity, value, perhaps year and layer) from any file that a user has.

use std::path::Path;

use model::{Diagnostic, Severity};
use rayon::prelude::*;

use super::columnar::{CodeColumn, Kind, Part, Source, assemble, headings};
use super::findings::Tally;
use super::format::Role;
use super::lines::Chunk;
use super::open::{Head, Member, file_name, members};
use super::recognise::{ColumnMap, missing_words};
use super::scan::{Plan, Scanned, Want, Wanted, scan, scan_cells};
use crate::finding::{Place, error};
use crate::read::fault::Fault;
use crate::read::{ReadOptions, read_raw};
use crate::suggest::hint;

/// A long table by columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LongTable {
    pub location: CodeColumn,
    pub activity: CodeColumn,
    pub layer: Option<CodeColumn>,
    pub years: Option<Vec<i32>>,
    /// At least 0; `NaN` where not known.
    pub value: Vec<f64>,
}

/// Rows whose location, activity or year is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// The file is refused.
    Refuse,
    /// They are left out, with a warning for each.
    LeaveOut,
}

/// Text files up to this size are read again in a guessed encoding when they are not UTF-8.
const MOST_TO_GUESS: u64 = 256 << 20;

/// Reads the columns that `columns` names; `location`, `activity`, `value`, `year` and `layer` are found under their own
/// names where it does not say otherwise. Year and layer may be missing. CSV in any encoding, compressed or not,
/// Parquet and workbooks; codes may be text, categories or whole numbers.
///
/// # Errors
/// All findings, when one of them is an error: no row is left out without a word.
pub fn read_long(
    path: &Path,
    columns: &ColumnMap,
    gaps: Gaps,
    options: &ReadOptions,
) -> Result<(LongTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    let name = file_name(path);
    let found = members(path, options)?;
    let [member] = found.as_slice() else {
        let args = [("count", found.len().into())];
        return Err(vec![error(
            "bulk.several_members",
            Place::file(&name),
            &name,
            &args,
        )]);
    };
    if !member.is_text() {
        return match headings(path) {
            Ok(found) => from_parquet(path, &name, columns, &found),
            // No Parquet: a workbook.
            Err(_) => from_cells(path, columns, gaps, options),
        };
    }
    let fail = |fault: Fault| vec![fault.finding(&member.shown)];
    let head = member.head(options).map_err(fail)?;
    let guess = || options.encoding.is_none() && is_small(path);
    // Headings that are no UTF-8: no column would be found under its name.
    if head.headings.iter().any(|h| h.contains('\u{FFFD}')) && guess() {
        return from_cells(path, columns, gaps, options);
    }
    let wanted = wanted(columns, &head.headings, &member.shown)?;
    let plan = plan(&wanted, &head);
    match from_text(member, &plan, options) {
        Ok((parts, mut tally)) => finish(parts, &wanted, tally.finish(false), gaps),
        Err(Fault::Undecodable { .. }) if guess() => from_cells(path, columns, gaps, options),
        Err(fault) => Err(vec![fault.finding(&member.shown)]),
    }
}

fn is_small(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.len() <= MOST_TO_GUESS)
}

/// Where each role stands in the file.
fn wanted(
    columns: &ColumnMap,
    found: &[String],
    file: &str,
) -> Result<Vec<(Role, usize)>, Vec<Diagnostic>> {
    let roles = [
        (Role::Location, true),
        (Role::Activity, true),
        (Role::Layer, false),
        (Role::Year, false),
        (Role::Value, true),
    ];
    let mut wanted = Vec::new();
    let mut findings = Vec::new();
    for (role, required) in roles {
        let named = columns.heading(role);
        let heading = named.unwrap_or(role.as_str());
        let exact = found.iter().position(|h| h == heading);
        let at = exact.or_else(|| {
            found
                .iter()
                .position(|h| h.to_lowercase() == heading.to_lowercase())
        });
        match at {
            Some(at) => wanted.push((role, at)),
            None if required || named.is_some() => {
                let args = [
                    ("format", "long".into()),
                    ("column", heading.into()),
                    ("role", role.as_str().into()),
                    ("hint", hint(heading, found.iter().map(String::as_str))),
                ];
                let place = Place {
                    file,
                    row: Some(1),
                    column: Some(heading),
                };
                findings.push(error(
                    "bulk.column_missing",
                    place,
                    &found.join(", "),
                    &args,
                ));
            }
            None => {}
        }
    }
    if findings.is_empty() {
        Ok(wanted)
    } else {
        Err(findings)
    }
}

fn plan(wanted: &[(Role, usize)], head: &Head) -> Plan {
    let want = |role: Role| match role {
        Role::Year => Want::Year { range: 1000..=2999 },
        Role::Value => Want::Number {
            shift: 0,
            missing: Some(missing_words()),
        },
        _ => Want::Code {
            leave_out: Vec::new(),
        },
    };
    let wanted = wanted.iter().map(|(role, at)| Wanted {
        position: *at,
        heading: head.headings[*at].clone(),
        want: want(*role),
    });
    Plan {
        delimiter: head.delimiter,
        width: head.headings.len(),
        wanted: wanted.collect(),
        most: 100,
    }
}

fn part_of(scanned: Scanned) -> Part {
    Part {
        rows: scanned.rows,
        codes: scanned.codes,
        years: scanned.years,
        numbers: scanned.numbers,
        missing: Vec::new(),
    }
}

fn from_text(
    member: &Member,
    plan: &Plan,
    options: &ReadOptions,
) -> Result<(Vec<Part>, Tally), Fault> {
    const CHUNK: usize = 4 << 20;
    let mut tally = Tally::new(plan.most);
    let mut parts = Vec::new();
    let wave = rayon::current_num_threads() * 2;
    member.chunks(plan.delimiter, CHUNK, options, |chunks| {
        loop {
            let mut batch: Vec<Chunk> = Vec::new();
            while batch.len() < wave {
                match chunks.next()? {
                    Some(chunk) => batch.push(chunk),
                    None => break,
                }
            }
            if batch.is_empty() {
                return Ok(());
            }
            let scanned: Vec<Result<Scanned, Fault>> = batch
                .par_iter()
                .with_max_len(1)
                .map(|chunk| scan(chunk, plan))
                .collect();
            for scanned in scanned {
                let scanned = scanned?;
                tally.problems(&scanned, plan, &member.shown, &(1000..=2999));
                parts.push(part_of(scanned));
            }
        }
    })?;
    Ok((parts, tally))
}

/// Through the reader of small tables: guessed encodings and workbooks.
fn from_cells(
    path: &Path,
    columns: &ColumnMap,
    gaps: Gaps,
    options: &ReadOptions,
) -> Result<(LongTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    let (table, mut findings) = read_raw(path, options)?;
    let wanted = wanted(columns, &table.columns, &table.file)?;
    let head = Head {
        headings: table.columns.clone(),
        delimiter: b',',
    };
    let plan = plan(&wanted, &head);
    let rows = table.rows.iter().map(|row| {
        let cells = (0..plan.width).map(|at| row.cell(at));
        (row.number, cells)
    });
    let scanned = scan_cells(rows, &plan);
    let mut tally = Tally::new(plan.most);
    tally.problems(&scanned, &plan, &table.file, &(1000..=2999));
    findings.extend(tally.finish(false));
    finish(vec![part_of(scanned)], &wanted, findings, gaps)
}

fn from_parquet(
    path: &Path,
    name: &str,
    columns: &ColumnMap,
    found: &[String],
) -> Result<(LongTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    let wanted = wanted(columns, found, name)?;
    let kind = |role: Role| match role {
        Role::Year => Kind::Year,
        Role::Value => Kind::Number,
        _ => Kind::Code,
    };
    let kinds = wanted.iter().map(|(role, at)| (*at, kind(*role))).collect();
    let fail = |fault: Fault| vec![fault.finding(name)];
    let source = Source::open(path, kinds).map_err(fail)?;
    let parts = source.read(None, |_| ()).map_err(fail)?;
    let mut findings = Vec::new();
    for (nth, (role, at)) in wanted.iter().enumerate() {
        let missing: u64 = parts.iter().map(|part| part.missing[nth]).sum();
        let heading = found[*at].as_str();
        if missing > 0 {
            let args = [
                ("column", heading.into()),
                ("count", model::Arg::Number(missing as f64)),
            ];
            let place = Place {
                file: name,
                row: None,
                column: Some(heading),
            };
            findings.push(error(
                "bulk.cells_missing",
                place,
                &missing.to_string(),
                &args,
            ));
        }
        if *role == Role::Value {
            findings.extend(bad_values(&parts, name, heading));
        }
    }
    finish(parts, &wanted, findings, Gaps::Refuse)
}

/// The first negative and the first infinite value; rows count from 2, as under a header.
fn bad_values(parts: &[Part], file: &str, heading: &str) -> Vec<Diagnostic> {
    let values = || parts.iter().flat_map(|part| part.numbers.iter().flatten());
    let first = |code: &str, bad: fn(&f64) -> bool| {
        let row = values().position(bad)?;
        let found = values().nth(row)?.to_string();
        let place = Place {
            file,
            row: Some(row as u64 + 2),
            column: Some(heading),
        };
        Some(error(code, place, &found, &[]))
    };
    [
        first("bulk.negative", |x| *x < 0.0 && x.is_finite()),
        first("number.not_finite", |x| x.is_infinite()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn finish(
    parts: Vec<Part>,
    wanted: &[(Role, usize)],
    mut findings: Vec<Diagnostic>,
    gaps: Gaps,
) -> Result<(LongTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    if gaps == Gaps::LeaveOut {
        for finding in findings.iter_mut().filter(|f| f.code == "value.missing") {
            finding.severity = Severity::Warning;
        }
    }
    if findings.iter().any(|f| f.severity == Severity::Error) {
        return Err(findings);
    }
    let columns = assemble(parts);
    let has = |role: Role| wanted.iter().any(|(known, _)| *known == role);
    let mut codes = columns.codes.into_iter();
    let mut code = || codes.next().unwrap_or_default();
    let table = LongTable {
        location: code(),
        activity: code(),
        layer: has(Role::Layer).then(code),
        years: has(Role::Year).then(|| columns.years.into_iter().next().unwrap_or_default()),
        value: columns.numbers.into_iter().next().unwrap_or_default(),
    };
    Ok((table, findings))
}

//! Before the first row: formats, releases, lists of codes, and how each file is read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use model::{Diagnostic, Severity};

use super::format::{CodeKind, Format, FormatColumn, Role, code_lists};
use super::gather::{Dictionary, Slots, layout};
use super::open::{Head, Member, members};
use super::recognise::{FileFacts, Fit, facts, fit_to, nearest_format};
use super::report::{Flow, ImportParams};
use super::scan::{Plan, Want, Wanted};
use crate::finding::{Place, error, note, warning};

/// A file that holds rows.
pub(super) struct Source {
    pub member: Member,
    pub facts: FileFacts,
    pub plan: Plan,
}

pub(super) struct Prepared {
    pub format: Format,
    pub files: Vec<Source>,
    /// By file.
    pub slots: Vec<Slots>,
    /// What the publisher's country numbers stand for, and products where a list of them is there.
    pub countries: Option<Arc<BTreeMap<String, String>>>,
    pub products: Option<BTreeMap<String, String>>,
    pub revision: Option<String>,
    pub release: Option<String>,
    /// Notes and warnings.
    pub findings: Vec<Diagnostic>,
}

pub(super) fn prepare(
    inputs: &[PathBuf],
    params: &ImportParams,
) -> Result<Prepared, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut lists: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut read = Vec::new();
    for path in inputs {
        let found = match members(path, &params.read) {
            Ok(found) => found,
            Err(found) => {
                findings.extend(found);
                continue;
            }
        };
        for member in found {
            let place = Place::file(&member.shown);
            if !member.is_text() {
                findings.push(error("bulk.not_text", place, &member.shown, &[]));
                continue;
            }
            if member.is_zipped() && !is_table(&member.name) {
                findings.push(note("bulk.not_used", place, &member.shown, &[]));
                continue;
            }
            let head = match member.head(&params.read) {
                Ok(head) => head,
                Err(fault) => {
                    findings.push(fault.finding(&member.shown));
                    continue;
                }
            };
            if let Some((list, codes)) = code_list(&member, &head, params) {
                lists.entry(list).or_default().extend(codes);
            } else {
                read.push((member, head));
            }
        }
    }
    if has_error(&findings) {
        return Err(findings);
    }
    let format = choose(&read, params).map_err(|more| [findings.clone(), more].concat())?;
    let mut prepared = Prepared {
        files: Vec::new(),
        slots: Vec::new(),
        countries: lists.remove("cepii_countries").map(Arc::new),
        products: lists.remove("cepii_products"),
        revision: None,
        release: None,
        findings,
        format,
    };
    for (member, head) in read {
        match fit_to(&prepared.format, &member, &head) {
            Ok(fit) => {
                let facts = prepared.facts_of(&member);
                let (plan, slots) = plan(&prepared.format, &fit, &head, params);
                prepared.slots.push(slots);
                prepared.files.push(Source {
                    member,
                    facts,
                    plan,
                });
            }
            Err(misfits) => prepared.findings.extend(misfits),
        }
    }
    prepared.pin();
    let has_numbers = |c: &FormatColumn| c.kind == CodeKind::CountryNumber;
    if prepared.countries.is_none() && prepared.format.columns.iter().any(has_numbers) {
        let file = prepared.files.first().map_or("", |f| &f.member.shown);
        let finding = warning("bulk.code_list_missing", Place::file(file), "", &[]);
        prepared.findings.push(finding);
    }
    if has_error(&prepared.findings) {
        return Err(prepared.findings);
    }
    Ok(prepared)
}

fn has_error(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|f| f.severity == Severity::Error)
}

fn is_table(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["csv", "tsv", "tab", "txt"]
        .iter()
        .any(|ending| lower.rsplit('.').next() == Some(ending))
        && !lower.contains("readme")
}

/// One format for all files: the user's columns, the format that the user names, or the one of the first file.
fn choose(read: &[(Member, Head)], params: &ImportParams) -> Result<Format, Vec<Diagnostic>> {
    let Some((first_member, first_head)) = read.first() else {
        return Err(vec![error("bulk.no_files", Place::file(""), "", &[])]);
    };
    if let Some(columns) = &params.columns {
        return Ok(columns.format());
    }
    if let Some(id) = &params.format {
        return Format::by_id(id).cloned().ok_or_else(|| {
            let known: Vec<&str> = Format::all().iter().map(|f| f.id.as_str()).collect();
            let args = [("formats", known.join(", ").into())];
            vec![error("bulk.format_name", Place::file(""), id, &args)]
        });
    }
    let format = nearest_format(first_member, first_head)?;
    let mut findings = Vec::new();
    for (member, head) in &read[1..] {
        match nearest_format(member, head) {
            Ok(other) if other.id == format.id => {}
            Ok(other) => {
                let args = [
                    ("first", format.id.as_str().into()),
                    ("second", other.id.as_str().into()),
                ];
                let place = Place::file(&member.shown);
                findings.push(error("bulk.formats_mixed", place, &other.id, &args));
            }
            Err(found) => findings.extend(found),
        }
    }
    if findings.is_empty() {
        Ok(format.clone())
    } else {
        Err(findings)
    }
}

/// The codes and names of a publisher's list of codes, if the file is one.
fn code_list(
    member: &Member,
    head: &Head,
    params: &ImportParams,
) -> Option<(&'static str, BTreeMap<String, String>)> {
    let at = |heading: &str| {
        head.headings
            .iter()
            .position(|h| h.to_lowercase() == heading)
    };
    let (list, code, name) = code_lists()
        .find_map(|(list, code, names)| Some((list, at(code)?, names.into_iter().find_map(at)?)))?;
    let text = member.read_all(&params.read).ok()?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(head.delimiter)
        .flexible(true)
        .from_reader(text.as_slice());
    let mut codes = BTreeMap::new();
    for record in reader.byte_records().map_while(Result::ok) {
        let cell = |at: usize| {
            let cell = record.get(at).unwrap_or_default();
            String::from_utf8_lossy(cell).trim().to_owned()
        };
        if !cell(code).is_empty() && !cell(name).is_empty() {
            codes.insert(cell(code), cell(name));
        }
    }
    Some((list, codes))
}

impl Prepared {
    fn facts_of(&mut self, member: &Member) -> FileFacts {
        facts(&self.format, &member.name).unwrap_or_else(|| {
            let pattern = self.format.file_pattern.clone().unwrap_or_default();
            // Shown with the words of the pattern, not as places to fill.
            let pattern = pattern.replace('{', "<").replace('}', ">");
            let place = Place::file(&member.shown);
            let args = [("pattern", pattern.into())];
            self.findings
                .push(warning("bulk.release_unknown", place, &member.name, &args));
            FileFacts::default()
        })
    }

    /// One revision of the classification and one release for all files.
    fn pin(&mut self) {
        let Some(first) = self.files.first() else {
            return;
        };
        self.revision.clone_from(&first.facts.revision);
        self.release.clone_from(&first.facts.release);
        let shown = |facts: &FileFacts| {
            let words = [facts.revision.as_deref(), facts.release.as_deref()];
            words.map(|word| word.unwrap_or("-")).join(" ")
        };
        for file in &self.files[1..] {
            let same = file.facts.revision == self.revision && file.facts.release == self.release;
            if !same {
                let args = [
                    ("first", shown(&first.facts).into()),
                    ("second", shown(&file.facts).into()),
                ];
                let place = Place::file(&file.member.shown);
                let finding = error("bulk.releases_mixed", place, &file.member.name, &args);
                self.findings.push(finding);
            }
        }
    }

    /// Empty dictionaries of the table, one for each column of codes.
    pub fn dictionaries(&self, params: &ImportParams) -> Vec<Dictionary> {
        let layout = layout(self.format.kind);
        let one = |(at, (role, _)): (usize, &(Role, u32))| {
            let column = column_of(&self.format, *role, params.flow);
            let numbers = column.is_some_and(|c| c.kind == CodeKind::CountryNumber);
            let mut dictionary = Dictionary {
                width: column.and_then(|c| c.width),
                list: self.countries.clone().filter(|_| numbers),
                ..Dictionary::default()
            };
            if self.slots.iter().any(|slots| slots.codes[at].is_none()) {
                // The one value of a column that a file does not have is number 0.
                let layer = params.layer.as_deref().unwrap_or(&self.format.layer);
                dictionary.number(layer.as_bytes());
            }
            dictionary
        };
        layout.codes.iter().enumerate().map(one).collect()
    }
}

/// The column of the format that fills a column of the table.
pub(super) fn column_of(format: &Format, role: Role, flow: Flow) -> Option<&FormatColumn> {
    let of = |role: Role| format.columns.iter().find(|c| c.role == role);
    of(role).or_else(|| match (role, flow) {
        (Role::Exporter, Flow::Exports) | (Role::Importer, Flow::Imports) => of(Role::Reporter),
        (Role::Exporter, Flow::Imports) | (Role::Importer, Flow::Exports) => of(Role::Partner),
        _ => None,
    })
}

fn plan(format: &Format, fit: &Fit, head: &Head, params: &ImportParams) -> (Plan, Slots) {
    let layout = layout(format.kind);
    let mut wanted = Vec::new();
    let place = |column: &FormatColumn| {
        let at = format.columns.iter().position(|c| c == column)?;
        fit.positions[at]
    };
    let mut want = |position: usize, want: Want| {
        wanted.push(Wanted {
            position,
            heading: head.headings[position].clone(),
            want,
        });
    };
    if let Some(at) = column_of(format, Role::Year, params.flow).and_then(place) {
        want(
            at,
            Want::Year {
                range: params.years.clone(),
            },
        );
    }
    let mut slots = Slots {
        codes: Vec::new(),
        numbers: Vec::new(),
    };
    let mut next = 0;
    for (role, _) in layout.codes {
        let column = column_of(format, *role, params.flow);
        let found = column.and_then(|column| Some((column, place(column)?)));
        slots.codes.push(found.map(|_| next));
        if let Some((column, at)) = found {
            let leave_out = column.words.clone();
            want(at, Want::Code { leave_out });
            next += 1;
        }
    }
    next = 0;
    for role in layout.numbers {
        let column = column_of(format, *role, params.flow);
        let found = column.and_then(|column| Some((column, place(column)?)));
        slots.numbers.push(found.map(|_| next));
        if let Some((column, at)) = found {
            let missing = (*role != Role::Value).then(|| column.words.clone());
            want(
                at,
                Want::Number {
                    shift: column.power_of_ten,
                    missing,
                },
            );
            next += 1;
        }
    }
    for column in &format.columns {
        let Some(at) = place(column) else { continue };
        let words = match column.role {
            Role::Keep => params
                .keep
                .get(&head.headings[at])
                .unwrap_or(&column.words)
                .clone(),
            Role::Flow => flow_words(column, params.flow),
            _ => continue,
        };
        want(at, Want::Keep { words });
    }
    let plan = Plan {
        delimiter: head.delimiter,
        width: head.headings.len(),
        wanted,
        most: params.most_findings,
    };
    (plan, slots)
}

/// `exports:X|Export;imports:M|Import`.
fn flow_words(column: &FormatColumn, flow: Flow) -> Vec<String> {
    let side = match flow {
        Flow::Exports => "exports",
        Flow::Imports => "imports",
    };
    let words = column
        .words
        .iter()
        .filter_map(|words| words.split_once(':'));
    words
        .filter(|(name, _)| *name == side)
        .flat_map(|(_, words)| words.split('|').map(str::to_owned))
        .collect()
}

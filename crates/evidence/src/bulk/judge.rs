//! After the last row: what the whole says about codes, years, keys and totals.

use std::collections::BTreeMap;

use model::{Arg, Diagnostic};

use super::format::{CodeKind, Role};
use super::gather::{Dictionary, Layout};
use super::prepare::{Prepared, column_of};
use super::report::{Duplicates, Growing, ImportParams, PublishedTotal, YearTotal};
use crate::check::is_country;
use crate::finding::{Place, error, note, warning};

/// All that is known at the end of an import.
pub(super) struct Case<'a> {
    pub prepared: &'a Prepared,
    pub params: &'a ImportParams,
    pub layout: &'a Layout,
    pub dictionaries: &'a [Dictionary],
    pub totals: &'a BTreeMap<i32, Growing>,
    pub left_out: &'a BTreeMap<String, u64>,
    pub rows: u64,
    pub rejected: u64,
    pub blank: u64,
    pub duplicates: u64,
}

pub(super) struct Judged {
    pub findings: Vec<Diagnostic>,
    pub years: Vec<YearTotal>,
    pub provisional: Vec<i32>,
    pub unknown_countries: Vec<String>,
}

pub(super) fn judge(case: &Case) -> Judged {
    let mut findings = Vec::new();
    rows(case, &mut findings);
    years_of_files(case, &mut findings);
    for (at, (role, _)) in case.layout.codes.iter().enumerate() {
        codes(case, *role, &case.dictionaries[at], &mut findings);
    }
    let unknown_countries = countries(case, &mut findings);
    let provisional = provisional(case, &mut findings);
    let years = years(case, &provisional, &mut findings);
    Judged {
        findings,
        years,
        provisional,
        unknown_countries,
    }
}

fn file<'a>(case: &Case<'a>) -> &'a str {
    let files = &case.prepared.files;
    if let [only] = files.as_slice() {
        &only.member.shown
    } else {
        ""
    }
}

fn count(n: u64) -> Arg {
    Arg::Number(n as f64)
}

fn rows(case: &Case, findings: &mut Vec<Diagnostic>) {
    let place = Place::file(file(case));
    if case.rejected > case.params.most_rejected {
        let args = [
            ("count", count(case.rejected)),
            ("allowed", count(case.params.most_rejected)),
        ];
        findings.push(error(
            "bulk.rejected",
            place,
            &case.rejected.to_string(),
            &args,
        ));
    } else if case.rejected > 0 {
        let args = [("count", count(case.rejected))];
        findings.push(warning(
            "bulk.rejected_allowed",
            place,
            &case.rejected.to_string(),
            &args,
        ));
    }
    for (column, rows) in case.left_out {
        let place = Place {
            column: Some(column),
            ..place
        };
        let args = [("column", column.as_str().into()), ("count", count(*rows))];
        findings.push(note("bulk.left_out", place, &rows.to_string(), &args));
    }
    if case.blank > 0 {
        let args = [("count", count(case.blank))];
        findings.push(warning(
            "bulk.blank_rows",
            place,
            &case.blank.to_string(),
            &args,
        ));
    }
    if case.rows == 0 && case.rejected == 0 {
        findings.push(error("bulk.no_rows", place, "", &[]));
    }
    if case.duplicates > 0 {
        let args = [("count", count(case.duplicates))];
        let found = case.duplicates.to_string();
        findings.push(match case.params.duplicates {
            Duplicates::Refuse => error("bulk.duplicates", place, &found, &args),
            Duplicates::Sum => warning("bulk.duplicates_summed", place, &found, &args),
        });
    }
}

/// A file that is named for a year holds that year.
fn years_of_files(case: &Case, findings: &mut Vec<Diagnostic>) {
    let named: Vec<Option<i32>> = case.prepared.files.iter().map(|f| f.facts.year).collect();
    if named.iter().any(Option::is_none) || case.rows == 0 {
        return;
    }
    for file in &case.prepared.files {
        let year = file.facts.year.unwrap_or_default();
        if !case.totals.contains_key(&year) {
            let args = [("year", year.to_string().into())];
            let place = Place::file(&file.member.shown);
            findings.push(error("bulk.year_of_file", place, "", &args));
        }
    }
    for year in case
        .totals
        .keys()
        .filter(|year| !named.contains(&Some(**year)))
    {
        let args = [("year", year.to_string().into())];
        let place = Place::file(file(case));
        findings.push(error("bulk.year_unnamed", place, &year.to_string(), &args));
    }
}

fn codes(case: &Case, role: Role, dictionary: &Dictionary, findings: &mut Vec<Diagnostic>) {
    let Some(column) = column_of(&case.prepared.format, role, case.params.flow) else {
        return;
    };
    let place = Place {
        file: file(case),
        row: None,
        column: Some(role.as_str()),
    };
    let width = Arg::from(column.width.unwrap_or_default());
    if !dictionary.padded.is_empty() {
        let found = some(dictionary.padded.iter().map(String::as_str));
        let args = [
            ("count", dictionary.padded.len().into()),
            ("width", width.clone()),
        ];
        findings.push(warning("bulk.codes_padded", place, &found, &args));
    }
    if !dictionary.misshapen.is_empty() {
        let found = some(dictionary.misshapen.iter().map(String::as_str));
        let args = [
            ("count", dictionary.misshapen.len().into()),
            ("width", width),
        ];
        findings.push(error("bulk.code_width", place, &found, &args));
    }
    if !dictionary.unlisted.is_empty() {
        let found = some(dictionary.unlisted.iter().map(String::as_str));
        let args = [("count", dictionary.unlisted.len().into())];
        findings.push(warning("bulk.code_not_listed", place, &found, &args));
    }
    if let (Role::Product, Some(products)) = (role, &case.prepared.products) {
        let strange: Vec<&str> = dictionary
            .texts()
            .filter(|code| !products.contains_key(*code))
            .collect();
        if !strange.is_empty() {
            let args = [("count", strange.len().into())];
            let found = some(strange.into_iter());
            findings.push(warning("bulk.code_not_listed", place, &found, &args));
        }
    }
    if column.kind == CodeKind::Code
        && column.width.is_none()
        && let Some((short, long)) = lost_zeros(dictionary.texts())
    {
        let args = [("short", short.into()), ("long", long.into())];
        let found = some(dictionary.texts().filter(|code| code.len() == short));
        findings.push(warning("bulk.leading_zeros", place, &found, &args));
    }
}

/// Codes of two neighbouring lengths, the longer even as in the Harmonized System, none with a zero at the front: a
/// spreadsheet has probably taken the zeros away. Gives both lengths.
fn lost_zeros<'a>(codes: impl Iterator<Item = &'a str>) -> Option<(usize, usize)> {
    let mut lengths = std::collections::BTreeSet::new();
    for code in codes {
        if code.starts_with('0') || !code.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        lengths.insert(code.len());
    }
    match *lengths.iter().collect::<Vec<_>>() {
        [short, long] if long - short == 1 && long % 2 == 0 => Some((*short, *long)),
        _ => None,
    }
}

/// The first few, for a message.
fn some<'a>(words: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let words: Vec<&str> = words.take(SHOWN + 1).collect();
    let mut text = words[..words.len().min(SHOWN)].join(", ");
    if words.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

fn countries(case: &Case, findings: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut unknown = std::collections::BTreeSet::new();
    for ((role, _), dictionary) in case.layout.codes.iter().zip(case.dictionaries) {
        let column = column_of(&case.prepared.format, *role, case.params.flow);
        let checked = match column.map(|c| c.kind) {
            Some(CodeKind::Country) => true,
            // Without the list the numbers are not countries, and that has been said.
            Some(CodeKind::CountryNumber) => case.prepared.countries.is_some(),
            _ => false,
        };
        if checked {
            unknown.extend(dictionary.texts().filter(|code| !is_country(code)));
        }
    }
    if !unknown.is_empty() {
        let args = [("count", unknown.len().into())];
        let found = some(unknown.iter().copied());
        findings.push(warning(
            "bulk.countries_unknown",
            Place::file(file(case)),
            &found,
            &args,
        ));
    }
    unknown.into_iter().map(str::to_owned).collect()
}

/// The years that the publisher may still revise: the last one of the release, by the name of the files; without a
/// release, the last one there is.
fn provisional(case: &Case, findings: &mut Vec<Diagnostic>) -> Vec<i32> {
    let Some(back) = case.prepared.format.provisional_years else {
        return Vec::new();
    };
    let release = case.prepared.release.as_deref();
    let released: Option<i32> = release.and_then(|r| r.get(..4)?.parse().ok());
    let last = case.totals.keys().next_back().copied();
    let first = match released {
        Some(year) => year - back,
        None => match last {
            Some(last) => last,
            None => return Vec::new(),
        },
    };
    let years: Vec<i32> = case
        .totals
        .keys()
        .copied()
        .filter(|year| *year >= first)
        .collect();
    for year in &years {
        let args = [("year", year.to_string().into())];
        findings.push(note(
            "bulk.provisional",
            Place::file(file(case)),
            &year.to_string(),
            &args,
        ));
    }
    years
}

fn years(case: &Case, provisional: &[i32], findings: &mut Vec<Diagnostic>) -> Vec<YearTotal> {
    let published = |year: i32| case.params.totals.iter().find(|total| total.year == year);
    for total in &case.params.totals {
        compare(case, total, findings);
    }
    let total = |(year, growing): (&i32, &Growing)| YearTotal {
        year: *year,
        rows: growing.rows,
        value: growing.value.value(),
        quantity: growing.quantity.value(),
        missing_quantity: growing.missing_quantity,
        provisional: provisional.contains(year),
        published: published(*year).cloned(),
    };
    case.totals.iter().map(total).collect()
}

fn compare(case: &Case, published: &PublishedTotal, findings: &mut Vec<Diagnostic>) {
    let Some(ours) = case.totals.get(&published.year) else {
        let args = [("year", published.year.to_string().into())];
        findings.push(error(
            "bulk.total_without_rows",
            Place::file(file(case)),
            "",
            &args,
        ));
        return;
    };
    let pairs = [
        ("value", ours.value.value(), published.value),
        ("quantity", ours.quantity.value(), published.quantity),
        ("rows", ours.rows as f64, published.rows.map(|n| n as f64)),
    ];
    for (what, found, stated) in pairs {
        let Some(stated) = stated else { continue };
        let apart = (found - stated).abs();
        if apart > case.params.totals_tolerance * stated.abs() {
            let args = [
                ("year", published.year.to_string().into()),
                ("what", what.into()),
                ("found", Arg::from(found.to_string())),
                ("stated", Arg::from(stated.to_string())),
                (
                    "difference",
                    Arg::Number(apart / stated.abs().max(f64::MIN_POSITIVE)),
                ),
            ];
            let place = Place {
                file: file(case),
                row: None,
                column: Some(what),
            };
            findings.push(error(
                "bulk.totals_differ",
                place,
                &found.to_string(),
                &args,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_zeros_are_suspected_only_where_they_can_be() {
        let lost = |codes: &[&str]| lost_zeros(codes.iter().copied());
        assert_eq!(lost(&["10121", "850511"]), Some((5, 6)));
        assert_eq!(lost(&["101", "8505"]), Some((3, 4)));
        assert_eq!(lost(&["010121", "850511"]), None);
        assert_eq!(lost(&["0101", "850"]), None);
        assert_eq!(lost(&["A01", "8505"]), None);
        assert_eq!(lost(&["1", "22", "333"]), None);
        assert_eq!(lost(&["8505"]), None);
    }
}

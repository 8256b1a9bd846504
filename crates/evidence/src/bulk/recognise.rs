//! Which format a file has, by its headings; what its name says.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use model::{Diagnostic, Message};
use serde::{Deserialize, Serialize};

use super::format::{BulkKind, CodeKind, Format, FormatColumn, LicenceRecord, Role};
use super::open::{Head, Member, members};
use crate::finding::{Place, error};
use crate::read::ReadOptions;
use crate::suggest::{hint, nearest};

/// What the name of a file says, as far as its format has a pattern for names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Revision of the classification, such as `HS92`.
    pub revision: Option<String>,
    /// Release of the data, such as `202501`.
    pub release: Option<String>,
    pub year: Option<i32>,
}

/// Which column of the user's file means what: `location=country,activity=product,value=usd,year=year`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMap {
    /// Heading by role: `location`, `activity`, `value`, `year`, `layer`, or `exporter`, `importer`, `product`,
    /// `value`, `quantity`, `reexport`, `year`.
    pub headings: BTreeMap<String, String>,
}

impl FromStr for ColumnMap {
    type Err = Message;

    /// # Errors
    /// A part that is not `role=heading`, an unknown role, or a role that is given twice.
    fn from_str(text: &str) -> Result<Self, Message> {
        let mut headings = BTreeMap::new();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let bad = || Message::new("bulk.columns_argument").with("part", part.trim());
            let (role, heading) = part.split_once('=').ok_or_else(bad)?;
            let (role, heading) = (role.trim(), heading.trim());
            let known = MAPPED.iter().any(|mapped| mapped.as_str() == role);
            let twice = headings.insert(role.to_owned(), heading.to_owned());
            if !known || heading.is_empty() || twice.is_some() {
                return Err(bad());
            }
        }
        Ok(Self { headings })
    }
}

const MAPPED: [Role; 10] = [
    Role::Year,
    Role::Exporter,
    Role::Importer,
    Role::Product,
    Role::Layer,
    Role::Location,
    Role::Activity,
    Role::Value,
    Role::Quantity,
    Role::Reexport,
];

impl ColumnMap {
    pub fn heading(&self, role: Role) -> Option<&str> {
        self.headings.get(role.as_str()).map(String::as_str)
    }

    /// A format of the user's own; other columns of the file are not used.
    pub(super) fn format(&self) -> Format {
        let is_trade =
            self.heading(Role::Exporter).is_some() || self.heading(Role::Importer).is_some();
        let (kind, required): (BulkKind, &[Role]) = if is_trade {
            let roles = &[
                Role::Year,
                Role::Exporter,
                Role::Importer,
                Role::Product,
                Role::Value,
            ];
            (BulkKind::Trade, roles)
        } else {
            let roles = &[Role::Year, Role::Location, Role::Activity, Role::Value];
            (BulkKind::Activity, roles)
        };
        let columns = MAPPED.iter().filter_map(|role| {
            let is_required = required.contains(role);
            let heading = self.heading(*role);
            (is_required || heading.is_some()).then(|| FormatColumn {
                role: *role,
                headings: vec![heading.unwrap_or(role.as_str()).to_owned()],
                required: true,
                kind: CodeKind::Code,
                width: None,
                power_of_ten: 0,
                unit: String::new(),
                words: if role.is_code() {
                    Vec::new()
                } else {
                    missing_words()
                },
            })
        });
        Format {
            id: "own".to_owned(),
            kind,
            name: [
                "columns named by the user".to_owned(),
                "用户指定的列".to_owned(),
            ],
            file_pattern: None,
            layer: "activity".to_owned(),
            licence: LicenceRecord {
                licence: "not known".to_owned(),
                redistributable: "no".to_owned(),
                ..LicenceRecord::default()
            },
            provisional_years: None,
            columns: columns.collect(),
        }
    }
}

/// Words for a number that is not known.
pub(super) fn missing_words() -> Vec<String> {
    ["NA", "N/A", "NaN", "nan", "null", "NULL"]
        .map(str::to_owned)
        .into()
}

/// What a file was recognised as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    pub format: &'static Format,
    pub facts: FileFacts,
}

/// Recognises a file, or the first table in an archive that has a known format.
///
/// # Errors
/// The findings that say what is missing or unknown in the format that comes nearest.
pub fn recognise(path: &Path, options: &ReadOptions) -> Result<Recognised, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    for member in members(path, options)? {
        match member.head(options) {
            Err(fault) => findings.push(fault.finding(&member.shown)),
            Ok(head) => match nearest_format(&member, &head) {
                Ok(format) => {
                    let facts = facts(format, &member.name).unwrap_or_default();
                    return Ok(Recognised { format, facts });
                }
                Err(found) => findings.extend(found),
            },
        }
    }
    Err(findings)
}

/// How the headings of a file lie to the columns of a format.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// For each column of the format, where it stands in the file.
    pub positions: Vec<Option<usize>>,
    unknown: Vec<usize>,
}

pub(super) fn fit(format: &Format, head: &Head) -> Fit {
    let mut known = vec![false; head.headings.len()];
    let mut positions = Vec::new();
    for column in &format.columns {
        let accepts = |heading: &String| {
            let accepted = column.headings.iter();
            accepted
                .into_iter()
                .any(|a| a.to_lowercase() == heading.to_lowercase())
        };
        let mut found = None;
        for (at, heading) in head.headings.iter().enumerate() {
            // The second of two headings for one column stays unknown: it must be settled which is meant.
            if !known[at] && accepts(heading) && (column.role == Role::Ignore || found.is_none()) {
                known[at] = true;
                found = Some(at);
            }
        }
        positions.push(found);
    }
    let unnamed = |at: &usize| head.headings[*at].is_empty();
    Fit {
        unknown: (0..known.len())
            .filter(|at| !known[*at] && !unnamed(at))
            .collect(),
        positions,
    }
}

impl Fit {
    fn missing<'a>(&'a self, format: &'a Format) -> impl Iterator<Item = &'a FormatColumn> {
        let columns = format.columns.iter().zip(&self.positions);
        columns
            .filter(|(column, position)| column.required && position.is_none())
            .map(|(column, _)| column)
    }
}

/// The format whose fingerprint the headings are.
///
/// # Errors
/// What keeps the file from the format that comes nearest.
pub(super) fn nearest_format(
    member: &Member,
    head: &Head,
) -> Result<&'static Format, Vec<Diagnostic>> {
    let mut best: Option<(usize, &Format)> = None;
    for format in Format::all() {
        let fit = fit(format, head);
        if fit.unknown.is_empty() && fit.missing(format).next().is_none() {
            return Ok(format);
        }
        let needed = format.columns.iter().filter(|c| c.required).count();
        let met = needed - fit.missing(format).count();
        // Half of the columns are enough to say what was probably meant.
        let score = (met * 1000 / needed)
            .saturating_sub(fit.unknown.len() * 10 / head.headings.len().max(1));
        if met * 2 > needed && best.is_none_or(|(known, _)| score > known) {
            best = Some((score, format));
        }
    }
    let Some((_, format)) = best else {
        let formats = Format::all()
            .iter()
            .map(|f| format!("{} ({})", f.id, f.expected()));
        let formats = formats.collect::<Vec<_>>().join("; ");
        let found = head.headings.join(", ");
        let place = Place::row(&member.shown, 1);
        return Err(vec![error(
            "bulk.format_unknown",
            place,
            &found,
            &[("formats", formats.into())],
        )]);
    };
    Err(misfits(format, &fit(format, head), member, head))
}

/// One finding for every required column that is missing and every heading that is not known.
pub(super) fn misfits(format: &Format, fit: &Fit, member: &Member, head: &Head) -> Vec<Diagnostic> {
    let unknown = || fit.unknown.iter().map(|at| head.headings[*at].as_str());
    let mut findings = Vec::new();
    for column in fit.missing(format) {
        let name = column.headings.join("|");
        let near = column
            .headings
            .iter()
            .flat_map(|heading| nearest(heading, unknown()));
        let near: Vec<&str> = near.collect();
        let args = [
            ("format", format.id.as_str().into()),
            ("column", name.as_str().into()),
            ("role", column.role.as_str().into()),
            ("hint", crate::suggest::hint_of(&near)),
        ];
        let place = Place {
            file: &member.shown,
            row: Some(1),
            column: Some(&name),
        };
        findings.push(error(
            "bulk.column_missing",
            place,
            &head.headings.join(", "),
            &args,
        ));
    }
    for heading in unknown() {
        let known = format
            .columns
            .iter()
            .flat_map(|c| c.headings.iter().map(String::as_str));
        let args = [
            ("format", format.id.as_str().into()),
            ("expected", format.expected().into()),
            ("hint", hint(heading, known)),
        ];
        let place = Place {
            file: &member.shown,
            row: Some(1),
            column: Some(heading),
        };
        findings.push(error("bulk.column_unknown", place, heading, &args));
    }
    findings
}

/// The fit of a file to the format that the user names, or to the columns that the user names.
pub(super) fn fit_to(
    format: &Format,
    member: &Member,
    head: &Head,
) -> Result<Fit, Vec<Diagnostic>> {
    let fit = fit(format, head);
    let named_by_user = format.id == "own";
    let misfits = if named_by_user {
        let missing_only = Fit {
            unknown: Vec::new(),
            ..fit.clone()
        };
        misfits(format, &missing_only, member, head)
    } else {
        misfits(format, &fit, member, head)
    };
    if misfits.is_empty() {
        Ok(fit)
    } else {
        Err(misfits)
    }
}

/// What the name of the file says; `None` where the format has a pattern that the name does not follow.
pub(super) fn facts(format: &Format, name: &str) -> Option<FileFacts> {
    let Some(pattern) = &format.file_pattern else {
        return Some(FileFacts::default());
    };
    let mut facts = FileFacts::default();
    let mut rest = name;
    let mut pattern = pattern.as_str();
    while let Some((literal, after)) = pattern.split_once('{') {
        let (place, after) = after.split_once('}')?;
        rest = rest.strip_prefix(literal)?;
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (word, left) = rest.split_at(length);
        if word.is_empty() {
            return None;
        }
        match place {
            "revision" => facts.revision = Some(word.to_owned()),
            "release" => facts.release = Some(word.to_owned()),
            _ => facts.year = Some(word.parse().ok().filter(|_| word.len() == 4)?),
        }
        (rest, pattern) = (left, after);
    }
    (rest == pattern).then_some(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_tell_revision_year_and_release() {
        let baci = Format::by_id("baci").expect("known");
        let f = facts(baci, "BACI_HS92_Y2018_V202401b.csv").expect("the pattern");
        assert_eq!(f.revision.as_deref(), Some("HS92"));
        assert_eq!(f.release.as_deref(), Some("202401b"));
        assert_eq!(f.year, Some(2018));
        for other in [
            "baci.csv",
            "BACI_HS92_Y18_V202401.csv",
            "BACI_HS92_Y2018_V202401.csv.bak",
        ] {
            assert_eq!(facts(baci, other), None, "{other}");
        }
    }

    #[test]
    fn columns_named_by_the_user() {
        let map: ColumnMap = "location=region, activity=nace,value=jobs,year=jahr"
            .parse()
            .expect("a map");
        assert_eq!(map.heading(Role::Location), Some("region"));
        assert_eq!(map.format().kind, BulkKind::Activity);
        for bad in ["location", "place=x", "value=", "value=a,value=b"] {
            assert!(bad.parse::<ColumnMap>().is_err(), "{bad}");
        }
    }
}

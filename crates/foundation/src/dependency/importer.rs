//! Who imports: a country, or a group taken as one.

use model::{Message, Refusal};

use super::flows::Flows;
use super::refuse;

/// Who imports: one country, or several taken as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Importer {
    pub name: String,
    /// Codes, sorted and unique.
    pub members: Vec<String>,
}

impl Importer {
    pub fn country(code: &str) -> Self {
        Self {
            name: code.to_owned(),
            members: vec![code.to_owned()],
        }
    }

    pub fn group(name: &str, members: &[&str]) -> Self {
        let mut members: Vec<String> = members.iter().map(|m| (*m).to_owned()).collect();
        members.sort_unstable();
        members.dedup();
        Self {
            name: name.to_owned(),
            members,
        }
    }

    /// Every known country of the flows.
    pub fn every_country(flows: &Flows) -> Vec<Self> {
        (0..flows.countries().len())
            .filter(|c| !flows.is_unknown(*c))
            .map(|c| Self::country(&flows.countries()[c]))
            .collect()
    }
}

/// An importer found in the flows of a year.
#[derive(Debug, Clone, PartialEq)]
pub struct Home {
    pub name: String,
    /// Positions of the members with rows, ascending.
    pub members: Vec<usize>,
    /// Members without a row as importer: what they import is unknown, so a group's imports are at least those shown.
    pub not_importing: Vec<String>,
    /// The same for exports.
    pub not_exporting: Vec<String>,
    is_member: Vec<bool>,
}

impl Home {
    /// Refused if no member has a row as importer, or a member stands for no known country.
    pub fn find(flows: &Flows, importer: &Importer) -> Result<Self, Box<Refusal>> {
        let missing = |on_record: fn(&Flows, usize) -> bool| -> Vec<String> {
            importer
                .members
                .iter()
                .filter(|code| !flows.country(code).is_some_and(|c| on_record(flows, c)))
                .cloned()
                .collect()
        };
        let members: Vec<usize> = importer
            .members
            .iter()
            .filter_map(|code| flows.country(code))
            .collect();
        if let Some(unknown) = members.iter().find(|c| flows.is_unknown(**c)) {
            return Err(refuse(
                "importer_unknown_area",
                Message::new("dependency.importer_unknown_area")
                    .with("code", flows.countries()[*unknown].clone()),
                Message::new("dependency.importer_unknown_area.needed"),
            ));
        }
        let not_importing = missing(Flows::imports_on_record);
        if not_importing.len() == importer.members.len() {
            return Err(refuse(
                "importer_not_on_record",
                Message::new("dependency.importer_not_on_record")
                    .with("importer", importer.name.clone()),
                Message::new("dependency.importer_not_on_record.needed")
                    .with("importer", importer.name.clone()),
            ));
        }
        let mut is_member = vec![false; flows.countries().len()];
        for member in &members {
            is_member[*member] = true;
        }
        Ok(Self {
            name: importer.name.clone(),
            members,
            not_importing,
            not_exporting: missing(Flows::exports_on_record),
            is_member,
        })
    }

    pub fn has(&self, country: usize) -> bool {
        self.is_member[country]
    }

    /// The single member, if it is one.
    pub(super) fn only(&self) -> Option<usize> {
        match self.members[..] {
            [only] => Some(only),
            _ => None,
        }
    }
}

//! Which publisher's form a table has, and what that says of its unit and its terms of use.

use model::Message;
use serde::{Deserialize, Serialize};

use super::Parts;
use super::assemble::Draft;

/// Forms that are told by their headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Z, Y and optionally x in files of their own.
    Matrices,
    /// A folder that pymrio has saved, or its own test table.
    Pymrio,
    /// EXIOBASE 3.
    Exiobase3,
    /// Industries `COUNTRY_c1` … `COUNTRY_c35` (release of 2013).
    Wiod2013,
    /// `IndustryCode`, `Country`, `RNr`; columns `AUS1` … (release of 2016).
    Wiod2016,
    OecdIcio,
    /// National table of the OECD.
    OecdNational,
    /// FIGARO, matrix form.
    Figaro,
    /// FIGARO, flat form.
    FigaroFlat,
    /// National table of China.
    China,
    /// Another table with industries, final demand and primary inputs in one file.
    Wide,
    /// From the evidence of a study.
    Study,
}

impl Layout {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Matrices => "matrices",
            Self::Pymrio => "pymrio",
            Self::Exiobase3 => "exiobase3",
            Self::Wiod2013 => "wiod2013",
            Self::Wiod2016 => "wiod2016",
            Self::OecdIcio => "oecd_icio",
            Self::OecdNational => "oecd_national",
            Self::Figaro => "figaro",
            Self::FigaroFlat => "figaro_flat",
            Self::China => "china",
            Self::Wide => "wide",
            Self::Study => "study",
        }
    }

    /// EXIOBASE has non-commercial clauses: neither its coefficients nor results that repeat them may be exported.
    pub(super) fn gate(self) -> Option<Message> {
        (self == Self::Exiobase3).then(|| Message::new("io.gate.exiobase"))
    }

    /// The unit of the publisher, where the file does not name it.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Wiod2013 | Self::Wiod2016 | Self::OecdIcio | Self::OecdNational => "million USD",
            Self::Figaro | Self::FigaroFlat | Self::Exiobase3 => "million EUR",
            Self::China => "10,000 CNY",
            Self::Matrices | Self::Pymrio | Self::Wide | Self::Study => "",
        }
    }

    pub(super) fn of_parts(parts: &Parts, draft: &Draft) -> Self {
        let regions = |wanted: &[&str]| {
            wanted
                .iter()
                .all(|r| draft.industries.iter().any(|l| l.region == *r))
        };
        let c_codes = draft.industries.iter().all(|l| {
            let number = l.name.strip_prefix('c').and_then(|n| n.parse::<u32>().ok());
            !l.region.is_empty() && number.is_some_and(|n| (1..=35).contains(&n))
        });
        if regions(&["WA", "WL", "WE", "WF", "WM"]) {
            Self::Exiobase3
        } else if c_codes {
            Self::Wiod2013
        } else if parts.saved.is_some() {
            Self::Pymrio
        } else {
            Self::Matrices
        }
    }
}

/// The unit that `unit.txt` names, when it is one for all; else the publisher's.
pub(super) fn unit_of(parts: &Parts, layout: Layout) -> String {
    let named = parts.unit.as_ref().and_then(|path| {
        let (table, _) = crate::read::read_grid(path, &crate::read::ReadOptions::default()).ok()?;
        let last = table.columns.len().checked_sub(1)?;
        let first = table.rows.first()?.cell(last).to_owned();
        table
            .rows
            .iter()
            .all(|row| row.cell(last) == first)
            .then_some(first)
    });
    named.unwrap_or_else(|| layout.unit().to_owned())
}

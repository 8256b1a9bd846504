//! Reference cases: what was observed, and which question it answers.

use evidence::{Evidence, Record};
use model::{Basis, Estimate, RowRef, Year};

use super::rows;

/// How an answer of ours is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// All supply of the country at the node stops.
    WholeCountry,
    /// An unknown part of it stops: one plant.
    PartOfCountry,
    /// Exports to the buyer stop.
    BuyerShare,
    /// The what-if of the cases, at its peak.
    Path,
    /// The first week in which the what-if takes something.
    PathWeeks,
    /// What the what-if takes in all, in units of a year's output.
    PathUnits,
    /// The span of reference classes.
    Classes,
    /// The stock that scenarios assume.
    DefaultStock,
    /// A share of a year's amount, for the weeks of the event.
    Withheld,
    ValueAtRisk,
}

impl Method {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "whole_country" => Self::WholeCountry,
            "part_of_country" => Self::PartOfCountry,
            "buyer_share" => Self::BuyerShare,
            "path" => Self::Path,
            "path_weeks" => Self::PathWeeks,
            "path_units" => Self::PathUnits,
            "classes" => Self::Classes,
            "default_stock" => Self::DefaultStock,
            "withheld" => Self::Withheld,
            "value_at_risk" => Self::ValueAtRisk,
            _ => return None,
        })
    }
}

/// Whether an observation can test the methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Test(Method),
    Input,
    NotModelled,
}

/// A row of `reference_cases` with the row of `shocks` that it is about.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub row: &'a Record,
    pub shock: &'a Record,
    pub role: Role,
}

/// The cases by id; a test without a method is none that we can answer.
pub fn cases(evidence: &Evidence) -> Vec<Case<'_>> {
    rows(evidence, "reference_cases")
        .filter_map(|row| {
            let shock =
                rows(evidence, "shocks").find(|s| Some(s.key.as_str()) == row.text("shock"))?;
            let role = match row.text("role")? {
                "test" => row
                    .text("method")
                    .and_then(Method::from_word)
                    .map_or(Role::NotModelled, Role::Test),
                "input" => Role::Input,
                _ => Role::NotModelled,
            };
            Some(Case { row, shock, role })
        })
        .collect()
}

impl Case<'_> {
    /// What was observed. Published intervals are kept as they are and a single number stays one: a range of ours
    /// around it would make hits easier. Where the case holds no number, the cut of supply on record.
    pub fn observed(&self) -> Option<Estimate> {
        let own = self.row.number("observed").map(|value| {
            let low = self.row.number("observed_low").unwrap_or(value);
            let high = self.row.number("observed_high").unwrap_or(value);
            Estimate::spanning(value, low, high, Basis::Published)
        });
        let cut = || {
            let percent = self.shock.number("severity_pct")?;
            let supply = self.shock.text("severity_of").is_some();
            (supply && percent < 0.0).then(|| Estimate::exact(-percent / 100.0, Basis::Published))
        };
        own.or_else(cut)
    }

    /// The latest year whose shares may answer.
    pub fn data_year(&self) -> Option<Year> {
        self.row
            .year("data_year")
            .or_else(|| self.shock.year("from"))
    }

    pub fn nodes(&self) -> Vec<&str> {
        self.row.list("node")
    }

    pub fn reason(&self) -> &str {
        self.row.text("reason").unwrap_or_default()
    }

    pub fn rows(&self) -> [RowRef; 2] {
        [self.row.reference(), self.shock.reference()]
    }
}

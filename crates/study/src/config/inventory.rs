//! `[inventory]`: what nobody observes about stocks, in `study.toml` and in a scenario file.
//!
//! A number of the scenario goes before one of the study, and that before the program's own. Every answer lists each
//! with its range and who gave it.

use std::collections::BTreeMap;

use chain::inventory::{Assumptions, WeeklyParams};
use model::{Estimate, Seed};
use serde::{Deserialize, Serialize};

use super::Span;

const DAYS_IN_WEEK: f64 = 7.0;

/// Assumptions of the model with stocks; what is left out is taken from the next place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InventorySection {
    /// Days of use that industries hold of every input. Default: seven times the scenario's `default_stock_weeks`.
    pub stock_days: Option<Span>,
    /// The same by input, as the table names its industries.
    pub stock_days_of: BTreeMap<String, Span>,
    /// Part of that stock below which production falls.
    pub critical_part: Option<Span>,
    /// Largest output over normal output.
    pub overproduction: Option<Span>,
    /// Days to reach it.
    pub overproduction_days: Option<Span>,
    /// Days over which a gap in a stock is ordered.
    pub restoration_days: Option<Span>,
    /// How far each flow between industries may be off, as a part of it.
    pub flow_error: Option<f64>,
    /// Inputs that no production needs within the horizon.
    pub not_needed: Option<Vec<String>>,
    /// Inputs without which half of production goes on.
    pub half_needed: Option<Vec<String>>,
    /// Most links times steps times runs of one question.
    pub most_work: Option<u64>,
    /// Industries abroad whose stop the step `chain.inventory` asks about where no scenario names an industry.
    pub suppliers: Option<usize>,
    /// Weeks that these stop.
    pub supplier_weeks: Option<u32>,
}

/// Who gave an assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBy {
    Scenario,
    Study,
    /// The program's own, where nobody says anything.
    Program,
}

impl GivenBy {
    /// Code of the message `code.<code>` that names it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scenario => "inventory.by_scenario",
            Self::Study => "inventory.by_study",
            Self::Program => "inventory.by_program",
        }
    }
}

/// One assumption as it was used.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Code of the message `code.inventory.<name>`.
    pub name: &'static str,
    /// The input, for the days of one.
    pub of: Option<String>,
    pub range: Estimate,
    pub unit: &'static str,
    pub by: GivenBy,
}

/// Assumptions with who gave each.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    pub assumptions: Assumptions,
    pub given: Vec<Given>,
}

const fn span(low: f64, value: f64, high: f64) -> Span {
    Span { low, value, high }
}

/// The values are those of ARIO (Hallegatte 2008; 2014) and of `BoARIO` 0.7.2; the ranges are ours.
const CRITICAL_PART: Span = span(0.5, 0.8, 1.0);
const OVERPRODUCTION: Span = span(1.0, 1.25, 1.5);
const OVERPRODUCTION_DAYS: Span = span(90.0, 365.0, 730.0);
const RESTORATION_DAYS: Span = span(30.0, 60.0, 120.0);
const FLOW_ERROR: f64 = 0.1;
/// Industries abroad of the step, and for how long they stop.
const SUPPLIERS: usize = 3;
const SUPPLIER_WEEKS: u32 = 13;

impl InventorySection {
    /// This section before `other`, and that before the program's own; `stock_weeks` are the scenario's.
    pub fn resolved(&self, other: &Self, stock_weeks: Span) -> Resolved {
        let mut given = Vec::new();
        let mut take = |name, pick: fn(&Self) -> Option<Span>, own: (Span, GivenBy), unit| {
            let (span, by) = match (pick(self), pick(other)) {
                (Some(span), _) => (span, GivenBy::Scenario),
                (None, Some(span)) => (span, GivenBy::Study),
                (None, None) => own,
            };
            given.push(Given {
                name,
                of: None,
                range: span.assumed(),
                unit,
                by,
            });
            span.assumed()
        };
        let weeks = span(
            stock_weeks.low * DAYS_IN_WEEK,
            stock_weeks.value * DAYS_IN_WEEK,
            stock_weeks.high * DAYS_IN_WEEK,
        );
        let program = |span| (span, GivenBy::Program);
        let stock_days = take(
            "stock_days",
            |s| s.stock_days,
            (weeks, GivenBy::Scenario),
            "days",
        );
        let critical_part = take(
            "critical_part",
            |s| s.critical_part,
            program(CRITICAL_PART),
            "share",
        );
        let overproduction = take(
            "overproduction",
            |s| s.overproduction,
            program(OVERPRODUCTION),
            "times",
        );
        let overproduction_days = take(
            "overproduction_days",
            |s| s.overproduction_days,
            program(OVERPRODUCTION_DAYS),
            "days",
        );
        let restoration_days = take(
            "restoration_days",
            |s| s.restoration_days,
            program(RESTORATION_DAYS),
            "days",
        );
        let (flow_error, by) = match (self.flow_error, other.flow_error) {
            (Some(error), _) => (error, GivenBy::Scenario),
            (None, Some(error)) => (error, GivenBy::Study),
            (None, None) => (FLOW_ERROR, GivenBy::Program),
        };
        given.push(Given {
            name: "flow_error",
            of: None,
            range: span(1.0 - flow_error, 1.0, 1.0 + flow_error).assumed(),
            unit: "times",
            by,
        });
        let mut stock_days_of = BTreeMap::new();
        for (section, by) in [(other, GivenBy::Study), (self, GivenBy::Scenario)] {
            for (name, days) in &section.stock_days_of {
                stock_days_of.insert(name.clone(), (days.assumed(), by));
            }
        }
        given.extend(stock_days_of.iter().map(|(name, (range, by))| Given {
            name: "stock_days",
            of: Some(name.clone()),
            range: *range,
            unit: "days",
            by: *by,
        }));
        let list = |pick: fn(&Self) -> &Option<Vec<String>>| {
            pick(self)
                .clone()
                .or_else(|| pick(other).clone())
                .unwrap_or_default()
        };
        Resolved {
            assumptions: Assumptions {
                stock_days,
                stock_days_of: stock_days_of
                    .into_iter()
                    .map(|(name, (days, _))| (name, days))
                    .collect(),
                critical_part,
                overproduction,
                overproduction_days,
                restoration_days,
                flow_error,
                not_needed: list(|s| &s.not_needed),
                half_needed: list(|s| &s.half_needed),
            },
            given,
        }
    }

    pub fn params(&self, other: &Self, draws: usize, seed: Seed) -> WeeklyParams {
        let own = WeeklyParams::default();
        WeeklyParams {
            draws,
            seed,
            most_work: self.most_work.or(other.most_work).unwrap_or(own.most_work),
            ..own
        }
    }

    pub fn suppliers(&self) -> usize {
        self.suppliers.unwrap_or(SUPPLIERS)
    }

    pub fn supplier_weeks(&self) -> u32 {
        self.supplier_weeks.unwrap_or(SUPPLIER_WEEKS)
    }

    /// What is wrong with a number, named from `[inventory]` on.
    pub(crate) fn problem(&self) -> Option<String> {
        let days = (f64::MIN_POSITIVE, f64::MAX, "above 0");
        let spans = [
            ("stock_days", self.stock_days, days),
            (
                "critical_part",
                self.critical_part,
                (0.0, 1.0, "from 0 to 1"),
            ),
            (
                "overproduction",
                self.overproduction,
                (1.0, f64::MAX, "1 or more"),
            ),
            ("overproduction_days", self.overproduction_days, days),
            ("restoration_days", self.restoration_days, days),
        ];
        let by_input = self
            .stock_days_of
            .iter()
            .map(|(name, span)| (format!("stock_days_of.{name}"), Some(*span), days));
        for (name, span, (least, most, need)) in spans
            .into_iter()
            .map(|(name, span, need)| (name.to_owned(), span, need))
            .chain(by_input)
        {
            let Some(span) = span else { continue };
            if span.problem() || span.low < least || span.high > most {
                return Some(format!(
                    "inventory.{name} must be {need}, with low <= value <= high; found low {}, value {}, high {}",
                    span.low, span.value, span.high
                ));
            }
        }
        if let Some(error) = self.flow_error
            && !(0.0..1.0).contains(&error)
        {
            return Some(format!(
                "inventory.flow_error must be at least 0 and below 1, found {error}"
            ));
        }
        if self.supplier_weeks.is_some_and(|w| w == 0 || w > 52) {
            return Some("inventory.supplier_weeks must lie in 1..52".to_owned());
        }
        None
    }
}

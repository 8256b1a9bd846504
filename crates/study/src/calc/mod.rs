//! Methods on plain files: a table in, tables and a record out, no study needed.
//!
//! Each file takes the arguments of one method, reads its table through `evidence`, calls `foundation`, and writes
//! CSV or Parquet beside a `report.json` that says what was read, under which convention, and what was refused.
//! Numbers that do not exist (the ECI of a location without activities) are empty cells, never zeros.

mod adoption;
mod audit;
mod cascade;
pub(crate) mod chain_files;
mod chokepoints;
mod complexity;
mod consortium;
mod convert;
mod coupling;
mod dependency;
mod firms;
mod flows;
mod inventory;
mod io;
mod lines;
mod options;
mod out;
mod plain;
mod portfolio;
mod proximity;
mod regions;
mod remedy;
mod robustness;
mod scenarios;
mod schedule;
mod select;
mod shock;
mod sites;
mod specialisation;
mod table;

pub use adoption::{AdoptionArgs, adoption};
pub use audit::{AuditArgs, audit_files as audit};
pub use cascade::{CascadeArgs, Stop, cascade};
pub use chain::cascade::{Production, Substitution};
pub use chain_files::ChainFiles;
pub use chokepoints::{By, ChokepointsArgs, chokepoints};
pub use complexity::{ComplexityArgs, Method, complexity};
pub use consortium::{ConsortiumArgs, consortium};
pub use convert::{ConvertArgs, convert};
pub use coupling::{CouplingArgs, coupling};
pub use dependency::{Criteria, DependencyArgs, dependency};
pub use inventory::{InventoryArgs, Parity, inventory};
pub use io::{IoArgs, IoEmpty, IoExtract, IoPart, io};
pub use layout::adoption::FitTo;
pub use layout::portfolio::knapsack::Sense;
pub use options::{OptionsArgs, options};
pub use out::{CalcReport, CellsFormat};
pub use portfolio::{PortfolioArgs, portfolio};
pub use proximity::{Of, ProximityArgs, proximity};
pub use regions::{
    Also, NextDoor, RegionsArgs, RegionsCheckArgs, RulePrices, regions, regions_check,
};
pub use remedy::{RemedyArgs, remedy};
pub use scenarios::{ScenariosArgs, scenarios};
pub use schedule::{ScheduleArgs, schedule};
pub use select::{Beside, SelectArgs, TotalScore, select_files as select};
pub use shock::{FirmFiles, IoFolder, ShockArgs, TradeFile, shock_files as shock};
pub use sites::{SitesArgs, sites};
pub use specialisation::{SpecialisationArgs, specialisation};
pub use table::{PresenceFrom, TableArgs};

use std::path::Path;

use model::{Diagnostic, Refusal};
use serde::Deserialize;

use crate::config::parse;

/// Why a method gave no tables at all.
#[derive(Debug, thiserror::Error)]
pub enum CalcError {
    /// The file could not be read; at least one finding is an error.
    #[error("{file} cannot be used: {} problems", .findings.len())]
    Input {
        file: String,
        findings: Vec<Diagnostic>,
    },
    #[error("{argument}: {problem}")]
    Argument {
        argument: &'static str,
        problem: String,
        help: Option<String>,
    },
    #[error("the table cannot carry the question")]
    Refused(Box<Refusal>),
    #[error("cannot {doing} {path}: {problem}")]
    Write {
        doing: &'static str,
        path: String,
        problem: String,
    },
}

impl CalcError {
    fn argument(argument: &'static str, problem: impl Into<String>) -> Self {
        Self::Argument {
            argument,
            problem: problem.into(),
            help: None,
        }
    }
}

/// A TOML file that an option names.
fn toml<T: for<'de> Deserialize<'de>>(argument: &'static str, file: &Path) -> Result<T, CalcError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| CalcError::Write {
        doing: "read",
        path: name.clone(),
        problem: error.to_string(),
    })?;
    parse(&name, &text).map_err(|error| CalcError::Argument {
        argument,
        problem: error.to_string(),
        help: error.help,
    })
}

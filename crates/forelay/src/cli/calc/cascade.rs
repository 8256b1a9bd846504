//! Arguments of `calc cascade`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use study::calc::{self, Production, Substitution};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Mode {
    /// Essential inputs limit production, the others cost their share
    Gl,
    /// Every input costs its share
    Linear,
    /// Every input limits production
    Leontief,
}

impl Mode {
    pub fn production(self) -> Production {
        match self {
            Self::Gl => Production::GeneralisedLeontief,
            Self::Linear => Production::Linear,
            Self::Leontief => Production::Leontief,
        }
    }
}

/// The flag `--substitution`.
pub fn replaced(elsewhere: bool) -> Substitution {
    if elsewhere {
        Substitution::MarketShare
    } else {
        Substitution::None
    }
}

#[derive(Debug, Args)]
pub struct Cascade {
    /// Who supplies whom: columns supplier, customer, weight
    #[arg(long, value_name = "FILE")]
    edges: PathBuf,
    /// Columns firm, sector, and those that --costs, --revenue and --final-demand name
    #[arg(long, value_name = "FILE")]
    firms: PathBuf,
    /// Columns sector, essential (1: essential, 0: not), or a matrix supplier's sector × customer's sector of 0, 1, 2
    #[arg(long, value_name = "FILE")]
    essential: PathBuf,
    /// Production function
    #[arg(long, value_enum, default_value_t = Mode::Gl)]
    mode: Mode,
    /// Customers find a lost supplier's goods elsewhere on its market (its sector)
    #[arg(long)]
    substitution: bool,
    /// The published iteration instead: stop when no output falls by more than this in a step (published: 1e-2)
    #[arg(long, value_name = "STEP", conflicts_with_all = ["converged", "relative"])]
    tolerance: Option<f64>,
    /// Certify the error of each score to be at most this; 1e-6 where no number is given
    #[arg(long, value_name = "ERROR", num_args = 0..=1, default_missing_value = "1e-6")]
    converged: Option<f64>,
    /// The error is also at most this part of the firm's own share of all sales, e.g. 0.01
    #[arg(long, value_name = "PART")]
    relative: Option<f64>,
    /// Share of revenue that goes to final demand: a number for all, or a heading of the firms' file
    #[arg(long, value_name = "SHARE|HEADING")]
    final_demand: Option<String>,
    /// Heading of the firms' file: costs, in the unit of the weights
    #[arg(long, value_name = "HEADING")]
    costs: Option<String>,
    /// Heading of the firms' file: revenue, in the unit of the weights
    #[arg(long, value_name = "HEADING")]
    revenue: Option<String>,
    /// Shocks instead of each firm alone: columns firm, and perhaps shock (name) and remaining (0 closed to 1 untouched)
    #[arg(long, value_name = "FILE")]
    shock: Option<PathBuf>,
    /// Folder for scores.csv (or shocks.csv and losses.csv) and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Cascade {
    pub fn arguments(&self) -> calc::CascadeArgs {
        calc::CascadeArgs {
            edges: self.edges.clone(),
            firms: self.firms.clone(),
            essential: self.essential.clone(),
            production: self.mode.production(),
            substitution: replaced(self.substitution),
            stop: match self.tolerance {
                Some(tolerance) => calc::Stop::Published { tolerance },
                None => calc::Stop::Converged {
                    tolerance: self.converged.unwrap_or(1e-6),
                    relative: self.relative,
                },
            },
            final_demand: self.final_demand.clone(),
            costs: self.costs.clone(),
            revenue: self.revenue.clone(),
            shocks: self.shock.clone(),
            out: self.out.clone(),
        }
    }
}

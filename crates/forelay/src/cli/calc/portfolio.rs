//! Arguments of `calc portfolio`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use study::calc;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sense {
    Most,
    Least,
}

#[derive(Debug, Args)]
pub struct Portfolio {
    /// A portfolio (TOML or JSON), or knapsacks or an assignment of the OR-Library; told apart by content
    file: PathBuf,
    /// Seconds of each search; a search that they end says so. Without them work limits alone count
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Nodes of each search
    #[arg(long, value_name = "N")]
    nodes: Option<usize>,
    /// Rounds of the local search of knapsacks
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Of assignments: gains or costs
    #[arg(long, value_enum, default_value_t = Sense::Most)]
    sense: Sense,
    /// Folder for projects.csv, periods.csv, floors.csv, ladder.csv, alternatives.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Portfolio {
    pub fn arguments(&self) -> calc::PortfolioArgs {
        calc::PortfolioArgs {
            file: self.file.clone(),
            time_limit: self.time_limit,
            nodes: self.nodes,
            rounds: self.rounds,
            sense: match self.sense {
                Sense::Most => calc::Sense::Most,
                Sense::Least => calc::Sense::Least,
            },
            out: self.out.clone(),
        }
    }
}

//! Arguments of `calc scenarios`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Scenarios {
    /// Descriptors and their states: descriptor,state
    #[arg(long, value_name = "FILE")]
    states: PathBuf,
    /// Judgments: from_descriptor,from_state,to_descriptor,to_state,impact[,low,high]; no row means no influence
    #[arg(long, value_name = "FILE")]
    impacts: PathBuf,
    /// Scenarios that are chosen to differ most
    #[arg(long, value_name = "N", default_value_t = 4)]
    choose: usize,
    /// Inconsistency that is still accepted
    #[arg(long, value_name = "POINTS", default_value_t = 0.0)]
    tolerance: f64,
    /// Draws of the judgments within their ranges
    #[arg(long, value_name = "N", default_value_t = 1000)]
    draws: usize,
    /// Nodes after which the search stops and says so
    #[arg(long, value_name = "N", default_value_t = 50_000_000)]
    max_nodes: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for scenarios.csv, contradictions.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Scenarios {
    pub fn arguments(&self) -> calc::ScenariosArgs {
        calc::ScenariosArgs {
            states: self.states.clone(),
            impacts: self.impacts.clone(),
            choose: self.choose,
            tolerance: self.tolerance,
            draws: self.draws,
            max_nodes: self.max_nodes,
            seed: self.seed,
            out: self.out.clone(),
        }
    }
}

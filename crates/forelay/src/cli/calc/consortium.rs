//! Arguments of `calc consortium`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Consortium {
    /// A folder with organisations.csv, capabilities.csv, needs.csv (and missions, collaborations, conflicts, distances,
    /// consortium.toml), or the file of settings beside the tables
    #[arg(value_name = "FILE|FOLDER")]
    path: PathBuf,
    /// Consortia to rank, the best included
    #[arg(long, value_name = "N")]
    alternatives: Option<usize>,
    /// Seconds of each search; a search that they end says so. Without them work limits alone count
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Nodes of each search
    #[arg(long, value_name = "N")]
    nodes: Option<usize>,
    /// Folder for members.csv, missions.csv, uncovered.csv, leaving.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Consortium {
    pub fn arguments(&self) -> calc::ConsortiumArgs {
        calc::ConsortiumArgs {
            path: self.path.clone(),
            alternatives: self.alternatives,
            time_limit: self.time_limit,
            nodes: self.nodes,
            out: self.out.clone(),
        }
    }
}

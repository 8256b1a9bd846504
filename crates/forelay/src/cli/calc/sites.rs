//! Arguments of `calc sites`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Sites {
    /// A folder with demands.csv and candidates.csv (and distances, flows, sites.toml), or the file of settings beside the
    /// tables
    #[arg(value_name = "FILE|FOLDER")]
    path: PathBuf,
    /// Sites to open
    #[arg(long = "sites", value_name = "N")]
    open: Option<usize>,
    /// Distance within which a site serves (kilometres where places have coordinates)
    #[arg(long, value_name = "DISTANCE")]
    radius: Option<f64>,
    /// Sites that have to serve a demand
    #[arg(long, value_name = "N")]
    times: Option<usize>,
    /// Seconds of each search; a search that they end says so. Without them work limits alone count
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Nodes of each search
    #[arg(long, value_name = "N")]
    nodes: Option<usize>,
    /// Folder for sites.csv, nearest.csv, uncovered.csv, front_coverage.csv, front_fairness.csv, hubs.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Sites {
    pub fn arguments(&self) -> calc::SitesArgs {
        calc::SitesArgs {
            path: self.path.clone(),
            sites: self.open,
            radius: self.radius,
            times: self.times,
            time_limit: self.time_limit,
            nodes: self.nodes,
            out: self.out.clone(),
        }
    }
}

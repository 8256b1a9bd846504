//! Arguments of `calc remedy`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

use super::chokepoints::Chain;

#[derive(Debug, Args)]
pub struct Remedy {
    #[command(flatten)]
    chain: Chain,
    /// Stocks at users: node,weeks[,low,high]
    #[arg(long, value_name = "FILE")]
    stocks: Option<PathBuf>,
    /// Targets and bounds, scenarios, options with costs and limits, budget, risk measure (TOML)
    #[arg(long, value_name = "FILE")]
    problem: PathBuf,
    /// Threshold of the single points that remain
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    threshold: f64,
    /// Folder for plan.csv, prices.csv, frontier.csv, costs.csv, remaining.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Remedy {
    pub fn arguments(&self) -> calc::RemedyArgs {
        calc::RemedyArgs {
            files: self.chain.files(),
            stocks: self.stocks.clone(),
            problem: self.problem.clone(),
            threshold: self.threshold,
            out: self.out.clone(),
        }
    }
}

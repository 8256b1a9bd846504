//! Arguments of `calc shock`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Shock {
    /// node[,essential][,substitute_group][,stage]
    #[arg(long, value_name = "FILE")]
    nodes: PathBuf,
    /// from,to[,relation]
    #[arg(long, value_name = "FILE")]
    links: PathBuf,
    /// node,provider,share[,low,high][,country]
    #[arg(long, value_name = "FILE")]
    supply: PathBuf,
    /// The question, as in the scenarios of a study (TOML)
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// Seeded draws between the bounds
    #[arg(long, value_name = "N", default_value_t = 1000)]
    draws: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the results and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Shock {
    pub fn arguments(&self) -> calc::ShockArgs {
        calc::ShockArgs {
            files: calc::ChainFiles {
                nodes: self.nodes.clone(),
                links: self.links.clone(),
                supply: self.supply.clone(),
            },
            scenario: self.scenario.clone(),
            draws: self.draws,
            seed: self.seed,
            out: self.out.clone(),
        }
    }
}

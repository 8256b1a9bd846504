//! Arguments of `calc chokepoints`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Chokepoints {
    /// Folder for the results and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Chokepoints {
    pub fn arguments(&self) -> calc::ChokepointsArgs {
        calc::ChokepointsArgs {
            out: self.out.clone(),
        }
    }
}

//! Arguments of `calc shock`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Shock {
    /// Folder for the results and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Shock {
    pub fn arguments(&self) -> calc::ShockArgs {
        calc::ShockArgs {
            out: self.out.clone(),
        }
    }
}

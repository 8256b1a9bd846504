//! Arguments of `calc remedy`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Remedy {
    /// Folder for the results and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Remedy {
    pub fn arguments(&self) -> calc::RemedyArgs {
        calc::RemedyArgs {
            out: self.out.clone(),
        }
    }
}

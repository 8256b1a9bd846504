//! Arguments of `calc cascade`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Cascade {
    /// Folder for the results and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Cascade {
    pub fn arguments(&self) -> calc::CascadeArgs {
        calc::CascadeArgs {
            out: self.out.clone(),
        }
    }
}

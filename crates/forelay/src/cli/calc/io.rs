//! Arguments of `calc io`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Io {
    /// Folder for the results and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Io {
    pub fn arguments(&self) -> calc::IoArgs {
        calc::IoArgs {
            out: self.out.clone(),
        }
    }
}

//! Arguments of `calc inventory`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Inventory {
    /// Folder for the results and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Inventory {
    pub fn arguments(&self) -> calc::InventoryArgs {
        calc::InventoryArgs {
            out: self.out.clone(),
        }
    }
}

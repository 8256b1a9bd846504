//! Arguments of `calc inventory`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use study::calc;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Peer {
    Boario,
}

#[derive(Debug, Args)]
pub struct Inventory {
    /// Folder with Z and Y, optionally x, as CSV, TSV or Parquet, labels in the first column; or one wide table
    folder: PathBuf,
    /// The scenario: parameters, events, ranges (TOML; methods/inventory.md)
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// Compute as this peer does, its conventions included (BoARIO 0.7.2)
    #[arg(long, value_enum)]
    parity: Option<Peer>,
    /// Ranges from so many draws over [ranges] of the scenario; 0: not estimated
    #[arg(long, value_name = "N", default_value_t = 0)]
    draws: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which table of a folder with several: what stands before Z in the file name
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Read a cell without a number as 0 instead of refusing the table
    #[arg(long)]
    empty_is_zero: bool,
    /// Folder for production.csv, loss.csv, total.csv and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Inventory {
    pub fn arguments(&self) -> calc::InventoryArgs {
        calc::InventoryArgs {
            folder: self.folder.clone(),
            scenario: self.scenario.clone(),
            parity: match self.parity {
                Some(Peer::Boario) => calc::Parity::Boario,
                None => calc::Parity::None,
            },
            draws: self.draws,
            seed: self.seed,
            prefix: self.prefix.clone(),
            empty_is_zero: self.empty_is_zero,
            out: self.out.clone(),
        }
    }
}

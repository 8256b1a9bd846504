//! Arguments of `calc io`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use study::calc;

#[derive(Debug, Args)]
pub struct Io {
    /// Folder with Z, Y and optionally x (CSV or Parquet, labels in the first column), or one file with the table
    folder: PathBuf,
    /// Which table of a folder with several: what stands before Z, such as wiot_2011
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// What an empty cell means
    #[arg(long, value_enum, default_value_t = Empty::Refuse)]
    empty: Empty,
    /// What is extracted, one after the other
    #[arg(long, value_enum, default_value_t = Extract::Industries)]
    extract: Extract,
    /// These industries fall out together
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',')]
    set: Vec<String>,
    /// All industries of these regions fall out together
    #[arg(long = "block", value_name = "REGION,…", value_delimiter = ',')]
    blocks: Vec<String>,
    /// What of an industry falls out
    #[arg(long, value_enum, default_value_t = Part::Whole)]
    part: Part,
    /// Part that falls out, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    theta: f64,
    /// Sum regions, industries or categories first: a file with the columns from, to (and of)
    #[arg(long, value_name = "FILE")]
    aggregate: Option<PathBuf>,
    /// Relative spread of the coefficients, for ranges of losses and ranks
    #[arg(long, value_name = "SD")]
    noise: Option<f64>,
    /// Draws behind the ranges
    #[arg(long, value_name = "N", default_value_t = 200)]
    draws: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Links that are written, largest losses first
    #[arg(long, value_name = "K", default_value_t = 10_000)]
    top: usize,
    /// Folder for multipliers.csv, extraction.csv, links.csv, exposure.csv, checks.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Empty {
    Refuse,
    Zero,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Extract {
    Industries,
    Links,
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    Whole,
    Purchases,
    Sales,
}

impl Io {
    pub fn arguments(&self) -> calc::IoArgs {
        calc::IoArgs {
            folder: self.folder.clone(),
            prefix: self.prefix.clone(),
            empty: match self.empty {
                Empty::Refuse => calc::IoEmpty::Refuse,
                Empty::Zero => calc::IoEmpty::Zero,
            },
            extract: match self.extract {
                Extract::Industries => calc::IoExtract::Industries,
                Extract::Links => calc::IoExtract::Links,
                Extract::None => calc::IoExtract::None,
            },
            set: self.set.clone(),
            blocks: self.blocks.clone(),
            part: match self.part {
                Part::Whole => calc::IoPart::Whole,
                Part::Purchases => calc::IoPart::Purchases,
                Part::Sales => calc::IoPart::Sales,
            },
            theta: self.theta,
            aggregate: self.aggregate.clone(),
            noise: self.noise,
            draws: self.draws,
            seed: self.seed,
            top: self.top,
            out: self.out.clone(),
        }
    }
}

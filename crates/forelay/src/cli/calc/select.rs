//! Arguments of `calc select`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use study::calc;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Beside {
    Topsis,
    Promethee,
}

#[derive(Debug, Args)]
pub struct Select {
    /// Samples of values: sample,alternative,criterion,value (larger is better unless --preferences says cost)
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// Samples of weights: sample,criterion,weight; without it weights are drawn under --preferences
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Point data with ranges: alternative,criterion,value[,low,high]
    #[arg(long, value_name = "FILE")]
    ranges: Option<PathBuf>,
    /// Expert votes: expert_id,alternative_id,criterion,date,value,reason[,dissent]; each draw takes one expert's word
    #[arg(long, value_name = "FILE")]
    votes: Option<PathBuf>,
    /// What is said about weights, limits of the set, senses, preference functions (TOML)
    #[arg(long, value_name = "FILE")]
    preferences: Option<PathBuf>,
    /// How many are to be chosen
    #[arg(long, value_name = "K", default_value_t = 1)]
    top: usize,
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    draws: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Other methods beside it, on central values and mean weights
    #[arg(long, value_enum, value_delimiter = ',')]
    compare: Vec<Beside>,
    /// A composite indicator of --ranges instead: hierarchy, method and choices that are sampled (TOML)
    #[arg(long, value_name = "FILE")]
    composite: Option<PathBuf>,
    /// Sobol indices with so many base samples (1024 is a good number); 0: none
    #[arg(long, value_name = "N", default_value_t = 0)]
    sobol: usize,
    /// Show a total score too
    #[arg(long)]
    score: bool,
    /// Folder for acceptability.csv, ranks.csv, pairwise.csv, central_weights.csv, sets.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Select {
    pub fn arguments(&self) -> calc::SelectArgs {
        calc::SelectArgs {
            samples: self.samples.clone(),
            weights: self.weights.clone(),
            ranges: self.ranges.clone(),
            votes: self.votes.clone(),
            preferences: self.preferences.clone(),
            top: self.top,
            draws: self.draws,
            seed: self.seed,
            compare: self
                .compare
                .iter()
                .map(|method| match method {
                    Beside::Topsis => calc::Beside::Topsis,
                    Beside::Promethee => calc::Beside::Promethee,
                })
                .collect(),
            composite: self.composite.clone(),
            sobol: self.sobol,
            score: if self.score {
                calc::TotalScore::Shown
            } else {
                calc::TotalScore::Hidden
            },
            out: self.out.clone(),
        }
    }
}

//! Arguments of `calc adoption`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use study::calc;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    Increments,
    Rates,
}

#[derive(Debug, Args)]
pub struct Adoption {
    /// Adopters of each period: period,value
    #[arg(long, value_name = "FILE")]
    series: Option<PathBuf>,
    /// Market potential, from reference classes
    #[arg(long, value_name = "LOW..VALUE..HIGH", requires = "p", requires = "q")]
    m: Option<String>,
    /// Coefficient of innovation
    #[arg(long, value_name = "LOW..VALUE..HIGH", requires = "m", requires = "q")]
    p: Option<String>,
    /// Coefficient of imitation
    #[arg(long, value_name = "LOW..VALUE..HIGH", requires = "m", requires = "p")]
    q: Option<String>,
    /// What the values of the series are: adopters of the period, or the rate at its end
    #[arg(long, value_enum, default_value_t = To::Increments)]
    to: To,
    /// Periods of the fan, counted from the first
    #[arg(long, value_name = "N", default_value_t = 20)]
    periods: usize,
    /// Periods ahead in the backtest
    #[arg(long, value_name = "N", default_value_t = 3)]
    ahead: usize,
    #[arg(long, value_name = "N", default_value_t = 2000)]
    draws: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for fan.csv and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Adoption {
    pub fn arguments(&self) -> calc::AdoptionArgs {
        let ranges = match (&self.m, &self.p, &self.q) {
            (Some(m), Some(p), Some(q)) => Some([m.clone(), p.clone(), q.clone()]),
            _ => None,
        };
        calc::AdoptionArgs {
            series: self.series.clone(),
            ranges,
            to: match self.to {
                To::Increments => calc::FitTo::Increments,
                To::Rates => calc::FitTo::Rates,
            },
            periods: self.periods,
            ahead: self.ahead,
            draws: self.draws,
            seed: self.seed,
            out: self.out.clone(),
        }
    }
}

//! Arguments of `calc chokepoints`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use study::calc;

/// The files of a chain.
#[derive(Debug, Args)]
pub struct Chain {
    /// Nodes: node[,essential][,substitute_group][,stage]
    #[arg(long, value_name = "FILE")]
    nodes: PathBuf,
    /// Links from input to user: from,to[,relation] (input_to, material_for or tool_for)
    #[arg(long, value_name = "FILE")]
    links: PathBuf,
    /// Who provides a node: node,provider,share[,low,high][,country]; shares 0..1
    #[arg(long, value_name = "FILE")]
    supply: PathBuf,
}

impl Chain {
    pub fn files(&self) -> calc::ChainFiles {
        calc::ChainFiles {
            nodes: self.nodes.clone(),
            links: self.links.clone(),
            supply: self.supply.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Country,
    Provider,
}

#[derive(Debug, Args)]
pub struct Chokepoints {
    #[command(flatten)]
    chain: Chain,
    /// Stocks at users: node,weeks[,low,high]
    #[arg(long, value_name = "FILE")]
    stocks: Option<PathBuf>,
    /// Weeks of stock of every node that --stocks does not name, as an assumption
    #[arg(
        long,
        value_name = "LOW,VALUE,HIGH",
        value_delimiter = ',',
        num_args = 1
    )]
    default_stock: Option<Vec<f64>>,
    /// Times to recover of nodes, countries or providers: name,weeks[,low,high]
    #[arg(long, value_name = "FILE")]
    recovery: Option<PathBuf>,
    /// How likely an actor stops, and what protection from it costs: actor,probability[,low,high][,cost]
    #[arg(long, value_name = "FILE")]
    probabilities: Option<PathBuf>,
    /// What must not stop; every node without users where none is named
    #[arg(long = "target", value_name = "NODE", value_delimiter = ',')]
    targets: Vec<String>,
    /// A node works while at least this share of its providers remains
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    threshold: f64,
    /// The unit that stops: all providers of a country, or one provider
    #[arg(long, value_enum, default_value_t = By::Country)]
    by: By,
    /// Largest cut set sought, 1 to 3
    #[arg(long, value_name = "N", default_value_t = 3)]
    size: usize,
    /// Pairs written per target, worst first; all are counted
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pairs: usize,
    /// Capacity beyond the normal flow, as a share of it, for the time to survive
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    spare: f64,
    /// Folder for single_points.csv, cut_sets.csv, causes.csv, n1.csv, n2.csv, survive.csv, nines.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Chokepoints {
    pub fn arguments(&self) -> calc::ChokepointsArgs {
        calc::ChokepointsArgs {
            files: self.chain.files(),
            stocks: self.stocks.clone(),
            // Fewer or more than three numbers give no range; the method says so.
            default_stock: self
                .default_stock
                .as_ref()
                .map(|three| <[f64; 3]>::try_from(three.as_slice()).unwrap_or([f64::NAN; 3])),
            recovery: self.recovery.clone(),
            chances: self.probabilities.clone(),
            targets: self.targets.clone(),
            threshold: self.threshold,
            by: match self.by {
                By::Country => calc::By::Country,
                By::Provider => calc::By::Provider,
            },
            size: self.size,
            pairs: self.pairs,
            spare: self.spare,
            out: self.out.clone(),
        }
    }
}

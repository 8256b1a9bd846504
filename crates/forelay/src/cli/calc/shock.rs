//! Arguments of `calc shock`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

use super::cascade::Mode;

#[derive(Debug, Args)]
pub struct Shock {
    /// The question, as in the scenarios of a study (TOML)
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// A chain: node[,essential][,substitute_group][,stage]
    #[arg(long, value_name = "FILE", requires_all = ["links", "supply"], help_heading = "A chain")]
    nodes: Option<PathBuf>,
    /// from,to[,relation]
    #[arg(
        long,
        value_name = "FILE",
        requires = "nodes",
        help_heading = "A chain"
    )]
    links: Option<PathBuf>,
    /// node,provider,share[,low,high][,country]
    #[arg(
        long,
        value_name = "FILE",
        requires = "nodes",
        help_heading = "A chain"
    )]
    supply: Option<PathBuf>,
    /// Bilateral trade, a known format or any table with --trade-columns
    #[arg(long, value_name = "FILE", help_heading = "Trade")]
    trade: Option<PathBuf>,
    /// exporter=…,importer=…,product=…,value=…[,year=…]
    #[arg(
        long,
        value_name = "MAP",
        requires = "trade",
        default_value = "",
        hide_default_value = true,
        help_heading = "Trade"
    )]
    trade_columns: String,
    /// Year of the trade; default: the latest
    #[arg(long, value_name = "YEAR", requires = "trade", help_heading = "Trade")]
    trade_year: Option<i32>,
    /// Folder with Z and Y, optionally x, or one wide table
    #[arg(long, value_name = "FOLDER", help_heading = "An input–output table")]
    io: Option<PathBuf>,
    /// Which table of a folder with several: what stands before Z in the file name
    #[arg(
        long,
        value_name = "TEXT",
        requires = "io",
        help_heading = "An input–output table"
    )]
    prefix: Option<String>,
    /// Read a cell without a number as 0 instead of refusing the table
    #[arg(long, requires = "io", help_heading = "An input–output table")]
    empty_is_zero: bool,
    /// Who supplies whom: supplier,customer,weight
    #[arg(long, value_name = "FILE", requires_all = ["firms", "essential"], help_heading = "Firms")]
    edges: Option<PathBuf>,
    /// firm,sector[,name][,country][,region]
    #[arg(long, value_name = "FILE", requires = "edges", help_heading = "Firms")]
    firms: Option<PathBuf>,
    /// sector,essential (1 or 0), or a matrix of 0, 1, 2
    #[arg(long, value_name = "FILE", requires = "edges", help_heading = "Firms")]
    essential: Option<PathBuf>,
    /// Production function of the firms
    #[arg(long, value_enum, default_value_t = Mode::Gl, help_heading = "Firms")]
    mode: Mode,
    /// Customers find a lost supplier's goods elsewhere on its market
    #[arg(long, help_heading = "Firms")]
    substitution: bool,
    /// Share of revenue that goes to final demand: a number for all, or a heading of the firms' file
    #[arg(long, value_name = "SHARE|HEADING", help_heading = "Firms")]
    final_demand: Option<String>,
    /// Seeded draws between the bounds
    #[arg(long, value_name = "N", default_value_t = 1000)]
    draws: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the results, answer.html and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Shock {
    pub fn arguments(&self) -> calc::ShockArgs {
        let all = |files: [&Option<PathBuf>; 3]| -> Option<[PathBuf; 3]> {
            let [a, b, c] = files;
            Some([a.clone()?, b.clone()?, c.clone()?])
        };
        calc::ShockArgs {
            chain: all([&self.nodes, &self.links, &self.supply]).map(|[nodes, links, supply]| {
                calc::ChainFiles {
                    nodes,
                    links,
                    supply,
                }
            }),
            trade: self.trade.clone().map(|file| calc::TradeFile {
                file,
                columns: self.trade_columns.clone(),
                year: self.trade_year,
            }),
            io: self.io.clone().map(|folder| calc::IoFolder {
                folder,
                prefix: self.prefix.clone(),
                empty_is_zero: self.empty_is_zero,
            }),
            firms: all([&self.edges, &self.firms, &self.essential]).map(
                |[edges, firms, essential]| calc::FirmFiles {
                    edges,
                    firms,
                    essential,
                    production: self.mode.production(),
                    substitution: super::cascade::replaced(self.substitution),
                    final_demand: self.final_demand.clone(),
                },
            ),
            scenario: self.scenario.clone(),
            draws: self.draws,
            seed: self.seed,
            out: self.out.clone(),
        }
    }
}

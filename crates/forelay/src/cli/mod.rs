//! The command line: one file per command.

mod add;
mod calc;
mod check;
mod conditions;
mod data;
mod diff;
mod explain;
mod export;
mod init;
mod language;
mod package;
mod print;
mod replay;
mod report;
mod roadmap;
mod run;
mod schema;
mod serve;
mod shock;
mod sql;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::Lang;
use study::{Study, StudyError};

pub use language::parsed;
pub use print::Failure;

/// Plans the forward-looking layout of future industries: trend, foundation, layout.
#[derive(Debug, Parser)]
#[command(
    name = "forelay",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
pub struct Global {
    /// The study folder
    #[arg(long, global = true, default_value = ".", value_name = "FOLDER")]
    pub study: PathBuf,
    /// Print one JSON document on standard output; messages go to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of messages and reports
    #[arg(long, global = true, value_enum, default_value_t = Language::En, env = "FORELAY_LANG")]
    pub lang: Language,
    /// No progress on standard error
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Language {
    En,
    Zh,
}

impl Global {
    pub fn lang(&self) -> Lang {
        match self.lang {
            Language::En => Lang::En,
            Language::Zh => Lang::Zh,
        }
    }

    fn open(&self) -> Result<Study, StudyError> {
        Study::open(&self.study)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a study folder, empty or from an example
    Init(init::Init),
    /// Register a file as a table of the study and propose its column mapping
    Add(add::Add),
    /// Methods on plain files, no study needed
    Calc(calc::Calc),
    /// Read every table and report all problems at once; changes nothing
    Check,
    /// Run the steps; only what changed is computed again
    Run(run::RunArgs),
    /// Show where a number comes from: evidence rows, formula, parameters
    Explain(explain::Explain),
    /// The six national conditions of a country or a cluster, with ranges
    Conditions(conditions::Conditions),
    /// What if supply stops: products, fields and clusters hit, week by week, between best and worst
    Shock(Box<shock::Shock>),
    /// Say which results differ between two runs, and why
    Diff(diff::DiffArgs),
    /// Compute a run again from its record and compare every table to the bit
    Replay(replay::ReplayArgs),
    /// Write the report of a run or a part of it: a page, a Word file, slides, a workbook
    Report(report::ReportArgs),
    /// Pack a run to hand over: report, tables, settings, what licences allow of the evidence, checksums
    Package(package::PackageArgs),
    /// The roadmap of a run: evidence behind every node, what aged or moved, files for other programs
    /// (exit code 1 when anything is amber)
    Roadmap(roadmap::RoadmapArgs),
    /// Open the workshop: pages and an interface over the study, on this machine
    Serve(serve::Serve),
    /// Query evidence and results with SQL (read only)
    Sql(sql::Sql),
    /// Write a table of evidence or results to a file, as far as its licences allow
    Export(export::Export),
    /// Print the schema of a table, or write the schema pages
    Schema(schema::Schema),
    /// List public sources of data, and download from them on demand
    Data(data::Data),
    /// Print shell completions
    #[command(hide = true)]
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// Runs the command; an error is a failure (exit code 2).
pub fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::run(global, args),
        Command::Add(args) => add::run(global, args),
        Command::Calc(args) => calc::run(global, args),
        Command::Check => check::run(global),
        Command::Run(args) => run::run(global, args),
        Command::Explain(args) => explain::run(global, args),
        Command::Conditions(args) => conditions::run(global, args),
        Command::Shock(args) => shock::run(global, args),
        Command::Diff(args) => diff::run(global, args),
        Command::Replay(args) => replay::run(global, args),
        Command::Report(args) => report::run(global, args),
        Command::Package(args) => package::run(global, args),
        Command::Roadmap(args) => roadmap::run(global, args),
        Command::Serve(args) => serve::run(global, args),
        Command::Sql(args) => sql::run(global, args),
        Command::Export(args) => export::run(global, args),
        Command::Schema(args) => schema::run(global, args),
        Command::Data(args) => data::run(global, args),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            let mut command = language::command(global.lang());
            clap_complete::generate(*shell, &mut command, "forelay", &mut out);
            print::text(&String::from_utf8_lossy(&out));
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            let mut out = Vec::new();
            clap_mangen::Man::new(language::command(global.lang()))
                .render(&mut out)
                .map_err(|error| Failure::new(error.to_string()))?;
            print::text(&String::from_utf8_lossy(&out));
            Ok(ExitCode::SUCCESS)
        }
    }
}

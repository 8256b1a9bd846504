//! Methods on plain files, for people who want numbers and no study.

mod adoption;
mod audit;
mod cascade;
mod chokepoints;
mod consortium;
mod inventory;
mod io;
mod portfolio;
mod regions;
mod remedy;
mod scenarios;
mod schedule;
mod select;
mod shock;
mod sites;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use study::calc;

use crate::cli::print::{self, json_document};
use crate::cli::{Failure, Global};

#[derive(Debug, Args)]
pub struct Calc {
    #[command(subcommand)]
    method: Method,
}

#[derive(Debug, Subcommand)]
enum Method {
    /// ECI, PCI, fitness, density, COI and COG of a table location × activity
    Complexity(Box<Complexity>),
    /// Relatedness of activities or of locations; product space; links validated against chance
    Proximity(Box<Proximity>),
    /// Specialisation of locations, concentration of activities, entries and exits
    Specialisation(Box<Specialisation>),
    /// New activities of one location by relatedness and complexity, and the cheapest way up
    Options(Box<Options>),
    /// Values from one classification to another; what is lost is reported
    Convert(Box<Convert>),
    /// From one layer (science, technology) to another (products): assist matrix and cross-space proximity
    Coupling(Box<Coupling>),
    /// Import dependency by published criteria, over years, for a country or a group
    Dependency(Box<Dependency>),
    /// Input–output: multipliers, upstreamness, and what extraction of every industry or link costs
    Io(Box<io::Io>),
    /// Dynamic inventories: a daily course after a disruption, with stocks and rationing
    Inventory(Box<inventory::Inventory>),
    /// Systemic risk of every firm of a supply network, converged and certified
    Cascade(Box<cascade::Cascade>),
    /// Single points, smallest cut sets, N−1 and N−2 of a chain or a bill of material
    Chokepoints(Box<chokepoints::Chokepoints>),
    /// Which industries where: a layout with chain links, and the proof of how good it is
    Regions(Box<regions::Regions>),
    /// The cheapest mix of stock, second sources and home capacity that keeps a loss under a bound
    Remedy(Box<remedy::Remedy>),
    /// The best schedule of a project with limited resources, with bound, proof and checker
    Schedule(Box<schedule::Schedule>),
    /// Which alternatives to choose when values and weights are uncertain: alternatives, whole sets, who wins under which weights
    Select(Box<select::Select>),
    /// A what-if on whatever files are given: chain, trade, input–output, firms
    Shock(Box<shock::Shock>),
    /// Plans against themselves: clause → item → budget, contradictions, holes, duplicates, slipped actions
    Audit(Box<audit::Audit>),
    /// Consistent scenarios of the future by cross-impact balances, with proof, ranges and a diverse choice
    Scenarios(Box<scenarios::Scenarios>),
    /// Adoption after Bass: fit with intervals, backtest, fan of courses (experimental)
    Adoption(Box<adoption::Adoption>),
    /// Which projects when: budget, gates, floors and their price, risk, and what the next money buys
    Portfolio(Box<portfolio::Portfolio>),
    /// Who leads a mission and who takes part: every capability held, near to each other, and what stays uncovered
    Consortium(Box<consortium::Consortium>),
    /// Where pilots, institutes and hubs go: covering, median, centre, hubs, and the trade-offs between them
    Sites(Box<sites::Sites>),
}

/// How the columns of a file are named, and which conventions hold.
#[derive(Debug, Args)]
struct Table {
    /// CSV (also .gz, .zst) or Parquet, one row for each location and activity (and year)
    file: PathBuf,
    /// Headings of the file: location=…,activity=…,value=…[,year=…]
    #[arg(long, value_name = "ROLE=HEADING,…", default_value = "")]
    columns: String,
    /// Whose conventions: forelay, growth-lab-stata, py-ecomplexity, econcomplex, oec, economiccomplexity
    #[arg(long, value_name = "NAME", default_value = "forelay")]
    convention: String,
    /// Only these years
    #[arg(long = "year", value_name = "YEAR", value_delimiter = ',')]
    years: Vec<i32>,
    /// RCA from which an activity is present, instead of the convention's
    #[arg(long, value_name = "RCA")]
    threshold: Option<f64>,
    /// What presence is read from
    #[arg(long, value_enum)]
    presence: Option<Presence>,
    /// People by location: a file with the columns location, value (and year)
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    /// A matrix in several components: refuse it, or keep the largest component
    #[arg(long, value_enum, default_value_t = Components::Refuse)]
    components: Components,
    /// Leave out locations whose total is below this
    #[arg(long, value_name = "VALUE")]
    least_location: Option<f64>,
    /// Leave out activities whose total is below this
    #[arg(long, value_name = "VALUE")]
    least_activity: Option<f64>,
    /// Leave out rows whose location, activity or year is empty, instead of refusing the file
    #[arg(long)]
    leave_out_gaps: bool,
    /// Leave out these locations or activities
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    without: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Presence {
    Rca,
    Rpop,
    Both,
    Manual,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Components {
    Refuse,
    Largest,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ComplexityMethod {
    Eigen,
    Reflections,
    Fitness,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Cells {
    Csv,
    Parquet,
    None,
}

#[derive(Debug, Args)]
struct Complexity {
    #[command(flatten)]
    table: Table,
    /// How ECI and PCI are computed; `fitness` keeps the eigenvectors and iterates fitness
    #[arg(long, value_enum)]
    method: Option<ComplexityMethod>,
    /// Iterations of reflections or of fitness
    #[arg(long, value_name = "N")]
    iterations: Option<usize>,
    /// Format of the table of all cells
    #[arg(long, value_enum, default_value_t = Cells::Csv)]
    cells: Cells,
    /// Ranges of every value and rank, from so many replicates (200 is a good number); 0: not estimated
    #[arg(long, value_name = "N", default_value_t = 0)]
    replicates: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Say in numbers why two conventions differ on this table
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    explain_difference: Option<Vec<String>>,
    /// Folder for locations.csv, activities.csv, cells.csv or .parquet, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Between {
    Activities,
    Locations,
}

#[derive(Debug, Args)]
struct Proximity {
    #[command(flatten)]
    table: Table,
    /// Between activities or between locations
    #[arg(long, value_enum, default_value_t = Between::Activities)]
    of: Between,
    /// min, sqrt, max, jaccard, association, probability, asymmetric, continuous, correlation, cosine, taxonomy;
    /// the convention's where none is named
    #[arg(long, value_name = "NAME")]
    measure: Option<String>,
    /// Smallest proximity that is written
    #[arg(long, default_value_t = 0.0)]
    least: f64,
    /// Also the space: nodes with places, spanning tree and strongest links
    #[arg(long)]
    space: bool,
    /// Also the links that chance does not explain, at this false discovery rate
    #[arg(long, value_name = "RATE", num_args = 0..=1, default_missing_value = "0.01")]
    validate: Option<f64>,
    /// Folder for proximity.csv and report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct Specialisation {
    #[command(flatten)]
    table: Table,
    /// Income per head by location, for PRODY and EXPY: a file with the columns location, value (and year)
    #[arg(long, value_name = "FILE")]
    income: Option<PathBuf>,
    /// Folder for locations.csv, activities.csv, changes.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct Options {
    #[command(flatten)]
    table: Table,
    /// The location whose options are asked for
    #[arg(long, value_name = "CODE")]
    location: String,
    /// Also the cheapest entries that raise the mean PCI of what it has by this much
    #[arg(long, value_name = "PCI")]
    increase: Option<f64>,
    /// Folder for options.csv, entries.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct Convert {
    /// A table with location, activity (the code that is converted), value and, where it has them, years
    file: PathBuf,
    /// Headings of the file: location=…,activity=…,value=…[,year=…]
    #[arg(long, value_name = "ROLE=HEADING,…", default_value = "")]
    columns: String,
    /// The correspondence table
    #[arg(long, value_name = "FILE")]
    concordance: PathBuf,
    /// Its headings: from=…,to=…[,weight=…]; equal weights where none are named
    #[arg(long, value_name = "ROLE=HEADING,…", default_value = "")]
    links: String,
    /// Keep what has no counterpart under this code
    #[arg(long, value_name = "CODE")]
    unmatched: Option<String>,
    /// Folder for converted.csv, unmatched.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct Coupling {
    #[command(flatten)]
    from: Table,
    /// The layer that comes after, as a second file
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Headings of the second file; those of the first where none are named
    #[arg(long, value_name = "ROLE=HEADING,…")]
    to_columns: Option<String>,
    /// Years from the first layer to the second
    #[arg(long, default_value_t = 0)]
    lag: i32,
    /// Years added together, ending with each year, for counts too small for one year
    #[arg(long, default_value_t = 1)]
    window: usize,
    /// Year of the first layer; the latest that fits where none is named
    #[arg(long, value_name = "YEAR")]
    at: Option<i32>,
    /// Draws from the null model
    #[arg(long, default_value_t = 1000)]
    draws: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Location whose holdings are marked
    #[arg(long, value_name = "LOCATION")]
    home: Option<String>,
    /// Test forecasts so many years ahead over the past, against the autocorrelation baseline
    #[arg(long, value_name = "YEARS")]
    backtest: Option<i32>,
    /// Folder for assist.csv, cross_density.csv, lags.csv, backtest.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lists {
    Ec2021,
    Geodep,
    Ecipe,
    All,
}

#[derive(Debug, Args)]
struct Dependency {
    /// Bilateral trade: BACI (also its zip) or another known format, or any table with --columns
    file: PathBuf,
    /// Headings of the file: exporter=…,importer=…,product=…,value=…[,quantity=…][,reexport=…][,year=…]
    #[arg(long, value_name = "ROLE=HEADING,…", default_value = "")]
    columns: String,
    /// Importing countries; every country where neither an importer nor a group is named
    #[arg(long = "importer", value_name = "CODE", value_delimiter = ',')]
    importers: Vec<String>,
    /// A group of countries as one importer, e.g. BENELUX=BEL+NLD+LUX
    #[arg(long = "group", value_name = "NAME=CODE+CODE")]
    groups: Vec<String>,
    /// Only these years
    #[arg(long = "year", value_name = "YEAR", value_delimiter = ',')]
    years: Vec<i32>,
    /// Whose criteria
    #[arg(long, value_enum, default_value_t = Lists::All)]
    method: Lists,
    /// Dependence on customers instead of suppliers
    #[arg(long)]
    mirror: bool,
    /// Relative distance to a threshold within which a value counts as on a cliff
    #[arg(long, default_value_t = 0.05)]
    cliff: f64,
    /// Codes of partners whose country is not known
    #[arg(long = "unknown", value_name = "CODE", value_delimiter = ',')]
    unknown: Vec<String>,
    /// Folder for ec2021.csv, geodep.csv, ecipe.csv, churn.csv, world.csv, sources.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Runs the method; exit code 1 where the data could not carry a part of the question.
pub fn run(global: &Global, args: &Calc) -> Result<ExitCode, Failure> {
    let lang = global.lang();
    let done = match &args.method {
        Method::Complexity(a) => calc::complexity(&complexity(a), lang),
        Method::Proximity(a) => calc::proximity(
            &calc::ProximityArgs {
                table: table(&a.table),
                of: match a.of {
                    Between::Activities => calc::Of::Activities,
                    Between::Locations => calc::Of::Locations,
                },
                measure: a.measure.clone(),
                least: a.least,
                space: a.space,
                validate: a.validate,
                out: a.out.clone(),
            },
            lang,
        ),
        Method::Specialisation(a) => calc::specialisation(
            &calc::SpecialisationArgs {
                table: table(&a.table),
                income: a.income.clone(),
                out: a.out.clone(),
            },
            lang,
        ),
        Method::Options(a) => calc::options(
            &calc::OptionsArgs {
                table: table(&a.table),
                location: a.location.clone(),
                increase: a.increase,
                out: a.out.clone(),
            },
            lang,
        ),
        Method::Convert(a) => calc::convert(
            &calc::ConvertArgs {
                file: a.file.clone(),
                columns: a.columns.clone(),
                concordance: a.concordance.clone(),
                links: a.links.clone(),
                unmatched: a.unmatched.clone(),
                out: a.out.clone(),
            },
            lang,
        ),
        Method::Coupling(a) => calc::coupling(&coupling(a), lang),
        Method::Dependency(a) => calc::dependency(&dependency(a), lang),
        Method::Io(a) => calc::io(&a.arguments(), lang),
        Method::Inventory(a) => calc::inventory(&a.arguments(), lang),
        Method::Cascade(a) => calc::cascade(&a.arguments(), lang),
        Method::Chokepoints(a) => calc::chokepoints(&a.arguments(), lang),
        Method::Regions(a) => a.run(lang),
        Method::Remedy(a) => calc::remedy(&a.arguments(), lang),
        Method::Schedule(a) => calc::schedule(&a.arguments(), lang),
        Method::Select(a) => calc::select(&a.arguments(), lang),
        Method::Shock(a) => calc::shock(&a.arguments(), lang),
        Method::Audit(a) => calc::audit(&a.arguments(), lang),
        Method::Scenarios(a) => calc::scenarios(&a.arguments(), lang),
        Method::Adoption(a) => calc::adoption(&a.arguments(), lang),
        Method::Portfolio(a) => calc::portfolio(&a.arguments(), lang),
        Method::Consortium(a) => calc::consortium(&a.arguments(), lang),
        Method::Sites(a) => calc::sites(&a.arguments(), lang),
    };
    let report = done.map_err(|error| failure(error, global))?;
    for line in &report.refused {
        print::remark(global, &format!("refused: {line}"));
    }
    if global.json {
        json_document(&report.json);
    } else {
        let mut lines = report.lines.clone();
        lines.extend(
            report
                .files
                .iter()
                .map(|file| format!("written: {}", file.display())),
        );
        print::lines(global, &lines);
    }
    Ok(if report.refused.is_empty() && report.found == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn complexity(a: &Complexity) -> calc::ComplexityArgs {
    calc::ComplexityArgs {
        table: table(&a.table),
        method: a.method.map(|method| match method {
            ComplexityMethod::Eigen => calc::Method::Eigen,
            ComplexityMethod::Reflections => calc::Method::Reflections,
            ComplexityMethod::Fitness => calc::Method::Fitness,
        }),
        iterations: a.iterations,
        cells: match a.cells {
            Cells::Csv => calc::CellsFormat::Csv,
            Cells::Parquet => calc::CellsFormat::Parquet,
            Cells::None => calc::CellsFormat::None,
        },
        replicates: a.replicates,
        seed: a.seed,
        explain: a
            .explain_difference
            .as_ref()
            .and_then(|names| Some((names.first()?.clone(), names.get(1)?.clone()))),
        out: a.out.clone(),
    }
}

fn coupling(a: &Coupling) -> calc::CouplingArgs {
    let from = table(&a.from);
    let to = calc::TableArgs {
        file: a.to.clone(),
        columns: a
            .to_columns
            .clone()
            .unwrap_or_else(|| a.from.columns.clone()),
        ..from.clone()
    };
    calc::CouplingArgs {
        from,
        to,
        lag: a.lag,
        window: a.window,
        year: a.at,
        draws: a.draws,
        seed: a.seed,
        home: a.home.clone(),
        backtest: a.backtest,
        out: a.out.clone(),
    }
}

fn dependency(a: &Dependency) -> calc::DependencyArgs {
    calc::DependencyArgs {
        file: a.file.clone(),
        columns: a.columns.clone(),
        importers: a.importers.clone(),
        groups: a.groups.clone(),
        years: a.years.clone(),
        criteria: match a.method {
            Lists::Ec2021 => calc::Criteria::Ec2021,
            Lists::Geodep => calc::Criteria::GeoDep,
            Lists::Ecipe => calc::Criteria::Ecipe,
            Lists::All => calc::Criteria::All,
        },
        mirror: a.mirror,
        cliff: a.cliff,
        unknown: a.unknown.clone(),
        out: a.out.clone(),
    }
}

fn table(a: &Table) -> calc::TableArgs {
    calc::TableArgs {
        file: a.file.clone(),
        columns: a.columns.clone(),
        convention: a.convention.clone(),
        years: a.years.clone(),
        threshold: a.threshold,
        presence: a.presence.map(|from| match from {
            Presence::Rca => calc::PresenceFrom::Rca,
            Presence::Rpop => calc::PresenceFrom::Rpop,
            Presence::Both => calc::PresenceFrom::Both,
            Presence::Manual => calc::PresenceFrom::Manual,
        }),
        population: a.population.clone(),
        largest_component: matches!(a.components, Components::Largest),
        least_location: a.least_location,
        least_activity: a.least_activity,
        leave_out_gaps: a.leave_out_gaps,
        without: a.without.clone(),
    }
}

fn failure(error: calc::CalcError, global: &Global) -> Failure {
    let lang = global.lang();
    let message = error.to_string();
    match error {
        calc::CalcError::Input { findings, .. } => Failure::new(message).with_findings(findings),
        calc::CalcError::Argument { help, .. } => match help {
            Some(help) => Failure::new(message).with_help(help),
            None => Failure::new(message),
        },
        calc::CalcError::Refused(refusal) => {
            let names = model::Names::default();
            Failure::new(format!(
                "{message}: {}",
                refusal.reason.render(lang, &names)
            ))
            .with_help(refusal.needed.render(lang, &names))
        }
        calc::CalcError::Write { .. } => Failure::new(message),
    }
}

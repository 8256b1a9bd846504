//! `forelay shock`: one what-if on whatever the study holds.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use study::config::{Span, number_or_percent};
use study::{AskedFor, Off, Question, Short, check_scenario_name, save_scenario, what_if_telling};

use super::print::{self, Reporter, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Shock {
    /// A scenario of the study by its id, or a TOML file; left out where the question follows as options
    #[arg(conflicts_with_all = ["stop", "node", "product", "industry", "firm", "region", "off", "price", "severity", "from_week", "weeks", "horizon", "buyer", "stock", "target"])]
    scenario: Option<String>,
    /// Countries that stop delivering, e.g. JPN,NLD; without it all providers of the node stop
    #[arg(long, value_name = "COUNTRY", value_delimiter = ',')]
    stop: Vec<String>,
    /// What they stop, by node of the chains, several joined by commas; without node and product: everything they make
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    node: Vec<String>,
    /// What they stop, by product code (HS) of the nodes and of the table of trade
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    product: Vec<String>,
    /// What they stop, by industry of the study's input–output table
    #[arg(long, value_name = "INDUSTRY", value_delimiter = ',')]
    industry: Vec<String>,
    /// A firm that stops, by its name at the nodes of the chains or its id in the table `firms`
    #[arg(long)]
    firm: Option<String>,
    /// A region or city that stops (refused where the study holds countries only)
    #[arg(long)]
    region: Option<String>,
    /// What stops beside these, each for itself, as often as wanted: COUNTRY@NODE or FIRM~COUNTRY@NODE; a part that is left
    /// out stands for all, e.g. JPN@ or @NODE or asml~@
    #[arg(long, value_name = "WHO@WHAT", conflicts_with_all = ["product", "industry"])]
    off: Vec<Off>,
    /// Ask for a price (refused)
    #[arg(long)]
    price: bool,
    /// Part of the supply that stops, 0.5 or 50%: VALUE, LOW..HIGH or LOW..VALUE..HIGH
    #[arg(long, value_name = "RANGE", default_value = "1", value_parser = share)]
    severity: Span,
    /// First week of the stop
    #[arg(long, value_name = "WEEK", default_value_t = 1)]
    from_week: u32,
    /// Weeks that it lasts
    #[arg(long, value_name = "N", default_value_t = 26)]
    weeks: u32,
    /// Weeks looked at; default: twice the weeks of the stop, and for goods of the chains on to recovery where it comes
    #[arg(long, value_name = "N")]
    horizon: Option<u32>,
    /// Whose access is asked about: exports to this country stop; without it: supply to everyone
    #[arg(long, value_name = "COUNTRY")]
    buyer: Option<String>,
    /// Weeks of normal use that users hold of every input, at every stage: VALUE, LOW..HIGH or LOW..VALUE..HIGH; of one node
    /// only: NODE=RANGE (as often as wanted) [default: 4..8..16]
    #[arg(long, value_name = "RANGE", value_parser = stock)]
    stock: Vec<StockOf>,
    /// Products to report; default: every end product that the stop can reach
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    target: Vec<String>,
    /// Seeded draws between the bounds
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    draws: usize,
    /// Keep the question as scenarios/NAME.toml, which `forelay run` answers and `forelay explain` takes to its rows
    #[arg(long, value_name = "NAME", conflicts_with = "scenario")]
    save: Option<String>,
    /// A line on standard error for each kind of evidence that is asked, also where that is no terminal
    #[arg(long)]
    progress: bool,
    /// Write answer.html (two or three pages to print), CSV files of the tables behind it, and report.json
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub fn run(global: &Global, args: &Shock) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let question = question(args).ok_or_else(|| {
        let known: Vec<&str> = study.scenarios.iter().map(|s| s.id.as_str()).collect();
        Failure::new("no question").with_help(format!(
            "name a scenario ({}), or ask: forelay shock --stop JPN --node NODE --weeks 26",
            known.join(", ")
        ))
    })?;
    if let Some(name) = &args.save {
        check_scenario_name(name)?;
    }
    let wanted = args.progress || std::io::stderr().is_terminal();
    let reporter = (wanted && !global.json).then(|| Reporter::new(global));
    let answer = what_if_telling(&study, &question, args.draws, &|progress| {
        if let Some(reporter) = &reporter {
            reporter.show(progress);
        }
    })?;
    drop(reporter);
    let lang = global.lang();
    let mut files = Vec::new();
    // What nothing answers is not worth a run.
    if args.save.is_some() && answer.answered() {
        files.push(save_scenario(&study, &answer.scenario)?);
    } else if args.save.is_some() {
        print::remark(global, "nothing answered the question: it was not saved");
    }
    if let Some(out) = &args.out {
        files.extend(answer.write(out, lang)?);
    }
    if global.json {
        let mut json = answer.json(lang);
        json["files"] = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        json_document(&json);
    } else {
        text(&answer.text(lang));
        for file in files {
            text(&file.display().to_string());
        }
    }
    Ok(if answer.answered() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn question(args: &Shock) -> Option<Question> {
    if let Some(name) = &args.scenario {
        return Some(Question::Named(name.clone()));
    }
    let short = Short {
        name: args.save.clone(),
        stop: args.stop.clone(),
        nodes: args.node.clone(),
        products: args.product.clone(),
        industries: args.industry.clone(),
        firm: args.firm.clone(),
        region: args.region.clone(),
        off: args.off.clone(),
        price: if args.price {
            AskedFor::Price
        } else {
            AskedFor::Volume
        },
        severity: args.severity,
        start_week: args.from_week,
        weeks: args.weeks,
        horizon: args.horizon,
        buyer: args.buyer.clone(),
        stock: every(&args.stock),
        stocks: (args.stock.iter())
            .filter_map(|s| Some((s.node.clone()?, s.weeks)))
            .collect(),
        targets: args.target.clone(),
    };
    (!short.is_empty()).then(|| Question::Short(Box::new(short)))
}

/// Weeks in store, of one node or of every input.
#[derive(Debug, Clone)]
struct StockOf {
    node: Option<String>,
    weeks: Span,
}

fn stock(text: &str) -> Result<StockOf, String> {
    let (node, weeks) = match text.split_once('=') {
        Some((node, weeks)) => (Some(node.trim().to_owned()), weeks),
        None => (None, text),
    };
    Ok(StockOf {
        node,
        weeks: range(weeks.trim())?,
    })
}

/// What holds for every input that is not named; the last one counts.
fn every(stocks: &[StockOf]) -> Span {
    let given = stocks.iter().rev().find(|s| s.node.is_none());
    given.map_or(Short::default().stock, |s| s.weeks)
}

/// As [`range`], of a share.
pub fn share(text: &str) -> Result<Span, String> {
    let span = range(text)?;
    if span.high <= 1.0 {
        return Ok(span);
    }
    Err(format!(
        "`{text}` is more than all of the supply; write a share (0.5) or a per cent (50%)"
    ))
}

/// `0.5` or `50%`, `0.4..0.8` (the middle is the value) or `0.4..0.5..0.8`.
pub fn range(text: &str) -> Result<Span, String> {
    let parts: Option<Vec<f64>> = text.split("..").map(number_or_percent).collect();
    let parts = parts.ok_or_else(|| format!("`{text}` is no number and no LOW..HIGH"))?;
    let span = match parts[..] {
        [value] => Span {
            low: value,
            value,
            high: value,
        },
        [low, high] => Span {
            low,
            value: f64::midpoint(low, high),
            high,
        },
        [low, value, high] => Span { low, value, high },
        _ => return Err("at most LOW..VALUE..HIGH".to_owned()),
    };
    let ordered = span.low <= span.value && span.value <= span.high && span.low >= 0.0;
    if ordered && span.high.is_finite() {
        Ok(span)
    } else {
        Err(format!("`{text}`: needs 0 <= low <= value <= high"))
    }
}

//! `forelay shock`: one what-if on whatever the study holds.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use study::config::Span;
use study::{AskedFor, Question, Short, what_if};

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Shock {
    /// A scenario of the study by its id, or a TOML file; left out where the question follows as options
    #[arg(conflicts_with_all = ["stop", "node", "product", "industry", "firm", "region"])]
    scenario: Option<String>,
    /// Countries that stop delivering, e.g. JPN,NLD; without it all providers of the node stop
    #[arg(long, value_name = "COUNTRY", value_delimiter = ',')]
    stop: Vec<String>,
    /// What they stop, by node of the chains; without node and product: everything they make
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    node: Vec<String>,
    /// What they stop, by product code (HS) of the nodes and of the table of trade
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    product: Vec<String>,
    /// What they stop, by industry of the study's input–output table
    #[arg(long, value_name = "INDUSTRY", value_delimiter = ',')]
    industry: Vec<String>,
    /// A firm that stops, by its id in the table `firms` (refused where the study holds none)
    #[arg(long)]
    firm: Option<String>,
    /// A region or city that stops (refused where the study holds countries only)
    #[arg(long)]
    region: Option<String>,
    /// Ask for a price (refused)
    #[arg(long)]
    price: bool,
    /// Part of the supply that stops, 0..1: VALUE, LOW..HIGH or LOW..VALUE..HIGH
    #[arg(long, value_name = "RANGE", default_value = "1", value_parser = range)]
    severity: Span,
    /// First week of the stop
    #[arg(long, value_name = "WEEK", default_value_t = 1)]
    from_week: u32,
    /// Weeks that it lasts
    #[arg(long, value_name = "N", default_value_t = 26)]
    weeks: u32,
    /// Weeks looked at; default: twice the weeks of the stop
    #[arg(long, value_name = "N")]
    horizon: Option<u32>,
    /// Whose access is asked about: exports to this country stop; without it: supply to everyone
    #[arg(long, value_name = "COUNTRY")]
    buyer: Option<String>,
    /// Weeks of normal use in stock: VALUE, LOW..HIGH or LOW..VALUE..HIGH
    #[arg(long, value_name = "RANGE", default_value = "4..8..16", value_parser = range)]
    stock: Span,
    /// Products to report; default: every end product that the stop can reach
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    target: Vec<String>,
    /// Seeded draws between the bounds
    #[arg(long, value_name = "N", default_value_t = 1000)]
    draws: usize,
    /// Write answer.html (two pages to print), a CSV file for each table, and report.json
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
    let answer = what_if(&study, &question, args.draws)?;
    let lang = global.lang();
    let mut files = Vec::new();
    if let Some(out) = &args.out {
        files = answer.write(out, lang)?;
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
    let asked = !args.stop.is_empty()
        || !args.node.is_empty()
        || !args.product.is_empty()
        || !args.industry.is_empty()
        || args.firm.is_some()
        || args.region.is_some();
    asked.then(|| {
        Question::Short(Box::new(Short {
            stop: args.stop.clone(),
            nodes: args.node.clone(),
            products: args.product.clone(),
            industries: args.industry.clone(),
            firm: args.firm.clone(),
            region: args.region.clone(),
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
            stock: args.stock,
            targets: args.target.clone(),
        }))
    })
}

/// `0.5`, `0.4..0.8` (the middle is the value) or `0.4..0.5..0.8`.
pub fn range(text: &str) -> Result<Span, String> {
    let parts: Result<Vec<f64>, _> = text.split("..").map(|part| part.trim().parse()).collect();
    let parts: Vec<f64> = parts.map_err(|_| format!("`{text}` is no number and no LOW..HIGH"))?;
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

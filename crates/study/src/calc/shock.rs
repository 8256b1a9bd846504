//! `calc shock`: a what-if on plain files of every kind: a chain, trade, an input–output table, firms.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chain::cascade::{Cascade, Model, Production, Substitution};
use chain::shock::{Asked, Cause, DrawParams, Event, Scenario as Ask, TargetDraws};
use chain::{ShockParams, ShockResult};
use evidence::bulk::ResultColumn;
use evidence::io::{Empty, IoOptions, read_io};
use model::{Basis, Estimate, Lang, Message, Names, Refusal, Seed};
use serde_json::{Value, json};

use super::CalcError;
use super::cascade::{CascadeArgs, Stop};
use super::chain_files::{ChainFiles, read_chain};
use super::firms::{Inputs, read_network};
use super::flows::read_flows;
use super::out::{CalcReport, Out, column, words};
use super::table::hash;
use crate::config::Span;
use crate::scenario::{Asked as AskedFor, Scenario};
use crate::steps::shock::{Tables, no_good};
use crate::whatif::files::FILES;
use crate::whatif::hinges;
use crate::whatif::plain::Plain;

/// A trade file and how it is read.
#[derive(Debug, Clone)]
pub struct TradeFile {
    pub file: PathBuf,
    /// `exporter=…,importer=…,product=…,value=…[,year=…]`; empty where the headings are known.
    pub columns: String,
    /// The latest where `None`.
    pub year: Option<i32>,
}

/// An input–output table.
#[derive(Debug, Clone)]
pub struct IoFolder {
    pub folder: PathBuf,
    pub prefix: Option<String>,
    pub empty_is_zero: bool,
}

/// A network of firms.
#[derive(Debug, Clone)]
pub struct FirmFiles {
    pub edges: PathBuf,
    pub firms: PathBuf,
    pub essential: PathBuf,
    pub production: Production,
    pub substitution: Substitution,
    /// A share of every firm's revenue, or a heading of the firms' file.
    pub final_demand: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ShockArgs {
    pub chain: Option<ChainFiles>,
    pub trade: Option<TradeFile>,
    pub io: Option<IoFolder>,
    pub firms: Option<FirmFiles>,
    pub scenario: PathBuf,
    pub draws: usize,
    pub seed: u64,
    pub out: PathBuf,
}

/// What a chain answered, for its own tables.
type ChainAnswer = (ShockResult, Vec<TargetDraws>);

/// Writes a table for each thing that the files can say, `answer.html` and `report.json`. From a chain: `products.csv`,
/// `weeks.csv` (bounds and draws), `binding.csv`.
pub fn shock_files(args: &ShockArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    if args.chain.is_none() && args.trade.is_none() && args.io.is_none() && args.firms.is_none() {
        return Err(CalcError::Argument {
            argument: "calc shock",
            problem: "no file holds evidence".to_owned(),
            help: Some(
                "give a chain (--nodes, --links, --supply), --trade, --io or firms (--edges, --firms, --essential)"
                    .to_owned(),
            ),
        });
    }
    let path = args.scenario.display().to_string();
    let text = std::fs::read_to_string(&args.scenario).map_err(|error| CalcError::Write {
        doing: "read",
        path: path.clone(),
        problem: error.to_string(),
    })?;
    let scenario = Scenario::read(&path, &text).map_err(|error| CalcError::Argument {
        argument: "--scenario",
        problem: error.to_string(),
        help: error.help,
    })?;
    let mut asked = Plain::new(scenario, args.draws, args.seed);
    let mut input = json!({});
    let mut of_chain = None;
    if let Some(files) = &args.chain {
        (of_chain, input["chain"]) = ask_chain(&mut asked, files, args)?;
    }
    if let Some(file) = &args.trade {
        input["trade"] = ask_trade(&mut asked, file)?;
    }
    if let Some(folder) = &args.io {
        input["io"] = ask_io(&mut asked, folder)?;
    }
    if let Some(files) = &args.firms {
        input["firms"] = ask_firms(&mut asked, files, args)?;
    }
    let answer = asked.answer();
    let refusals: Vec<Refusal> = answer
        .parts
        .iter()
        .flat_map(|part| part.refusals.iter().cloned())
        .collect();
    if !answer.answered() {
        return Err(CalcError::Refused(Box::new(joined(&refusals))));
    }
    let names = Names::default();
    let mut out = Out::new(&args.out)?;
    let own = ["products.csv", "weeks.csv", "binding.csv"];
    match &of_chain {
        Some((found, drawn)) => chain_tables(&mut out, found, drawn)?,
        None => own.iter().try_for_each(|file| out.without(file))?,
    }
    for (table, file) in FILES.iter().filter(|(_, file)| !own.contains(file)) {
        match answer.table(table).filter(|t| !t.rows.is_empty()) {
            Some(table) => out.result(file, table, &names)?,
            None => out.without(file)?,
        }
    }
    out.text("answer.html", &answer.html(lang))?;
    let mut json = answer.json(lang);
    json["schema"] = "forelay.calc.shock/1".into();
    json["input"] = input;
    let say = |message: &Message| message.render(lang, &names);
    if let Some((found, _)) = &of_chain {
        json["notes"] = found.notes.iter().map(say).collect();
        json["without_shares"] = found
            .coverage_gaps
            .iter()
            .map(model::Node::as_str)
            .collect();
    }
    let refused = refusals
        .iter()
        .map(|r| format!("{} {}", say(&r.reason), say(&r.needed)));
    out.report(
        json,
        answer.text(lang).lines().map(str::to_owned).collect(),
        refused.collect(),
    )
}

fn ask_chain(
    asked: &mut Plain,
    files: &ChainFiles,
    args: &ShockArgs,
) -> Result<(Option<ChainAnswer>, Value), CalcError> {
    let read = read_chain(files)?;
    let scenario = asked.scenario().clone();
    for path in [&files.nodes, &files.links, &files.supply] {
        asked.source(known_by(path)?, 1);
    }
    let refused = if let Some(refusal) = asked.no_node() {
        vec![refusal.clone()]
    } else if scenario.asks_chains() {
        let question = question(&scenario, read.targets(&scenario.targets)?);
        let draws = DrawParams {
            draws: args.draws,
            seed: Seed(args.seed),
        };
        let mut tables = Tables::empty();
        match tables.ask(
            &read.graph,
            &scenario,
            &question,
            &ShockParams::default(),
            &draws,
        ) {
            Ok(found) => {
                let notes = found.0.notes.clone();
                let mut tables = tables.into_vec();
                let params = ShockParams::default();
                tables.push(hinges::table(&read.graph, &scenario, &question, &params));
                asked.chain(tables, Vec::new(), notes);
                return Ok((Some(found), read.input));
            }
            Err(refusals) => refusals,
        }
    } else {
        vec![no_good(&scenario)]
    };
    asked.chain(Vec::new(), refused, Vec::new());
    Ok((None, read.input))
}

fn ask_trade(asked: &mut Plain, file: &TradeFile) -> Result<Value, CalcError> {
    let years: Vec<i32> = file.year.into_iter().collect();
    let trade = read_flows(&file.file, &file.columns, &years, &[])?;
    let latest = trade.panel.iter().next_back();
    let Some((year, flows)) = latest else {
        return Err(CalcError::argument("--trade", "the file has no row"));
    };
    let name = short(&file.file);
    asked.trade(flows, year.0, &name);
    asked.source(known_by(&file.file)?, flows.len());
    Ok(trade.input)
}

fn ask_io(asked: &mut Plain, folder: &IoFolder) -> Result<Value, CalcError> {
    let options = IoOptions {
        prefix: folder.prefix.clone(),
        empty: if folder.empty_is_zero {
            Empty::Zero
        } else {
            Empty::Refuse
        },
        ..IoOptions::default()
    };
    let files = read_io(&folder.folder, &options).map_err(|findings| CalcError::Input {
        file: folder.folder.display().to_string(),
        findings,
    })?;
    asked.io(&files, &short(&folder.folder));
    for source in &files.sources {
        let text = format!("{} ({})", source.file, &source.blake3[..12]);
        asked.source(text, files.industries.len());
    }
    let sources = files.sources.iter();
    Ok(sources
        .map(|s| json!({ "file": s.file, "blake3": s.blake3 }))
        .collect())
}

fn ask_firms(asked: &mut Plain, files: &FirmFiles, args: &ShockArgs) -> Result<Value, CalcError> {
    let Inputs {
        network,
        costs,
        revenue,
        about,
    } = read_network(&CascadeArgs {
        edges: files.edges.clone(),
        firms: files.firms.clone(),
        essential: files.essential.clone(),
        production: files.production,
        substitution: files.substitution,
        stop: Stop::Converged {
            tolerance: 1e-6,
            relative: None,
        },
        final_demand: files.final_demand.clone(),
        costs: None,
        revenue: None,
        shocks: None,
        out: args.out.clone(),
    })?;
    let model = Model {
        production: files.production,
        substitution: files.substitution,
        costs,
        revenue,
    };
    let cascade = Cascade::new(&network, &model)
        .map_err(|error| CalcError::argument("the network", error.to_string()))?;
    asked.firms(&network, &cascade, &about, &short(&files.edges));
    asked.source(known_by(&files.edges)?, network.links().weight.len());
    asked.source(known_by(&files.firms)?, about.len());
    asked.source(known_by(&files.essential)?, network.firms().sectors.len());
    Ok(json!({ "links": network.links().weight.len(), "firms": about.len() }))
}

fn short(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A file by its name and the beginning of its hash.
fn known_by(path: &Path) -> Result<String, CalcError> {
    let hash = hash(path)?;
    Ok(format!("{} ({})", short(path), &hash[..hash.len().min(12)]))
}

/// `products.csv`, `weeks.csv` and `binding.csv`.
fn chain_tables(
    out: &mut Out,
    found: &ShockResult,
    drawn: &[TargetDraws],
) -> Result<(), CalcError> {
    let targets = &found.targets;
    let name = |i: usize| targets[i].target.as_str().to_owned();
    let all: Vec<usize> = (0..targets.len()).collect();
    let number =
        |of: &dyn Fn(usize) -> f64| ResultColumn::Number(all.iter().map(|i| of(*i)).collect());
    let first = |week: Option<u32>| week.map_or(f64::NAN, f64::from);
    out.table(
        "products",
        vec![
            column("target", words(all.iter().map(|i| name(*i)))),
            column("peak", number(&|i| targets[i].peak.value)),
            column("peak_low", number(&|i| targets[i].peak.low)),
            column("peak_high", number(&|i| targets[i].peak.high)),
            column("lost_weeks", number(&|i| targets[i].cumulative.value)),
            column("lost_low", number(&|i| targets[i].cumulative.low)),
            column("lost_high", number(&|i| targets[i].cumulative.high)),
            column(
                "first_week_worst",
                number(&|i| first(targets[i].first_week.worst)),
            ),
            column(
                "first_week_best",
                number(&|i| first(targets[i].first_week.best)),
            ),
            column("peak_p05", number(&|i| drawn[i].peak.p05)),
            column("peak_p50", number(&|i| drawn[i].peak.p50)),
            column("peak_p95", number(&|i| drawn[i].peak.p95)),
            column("lost_p05", number(&|i| drawn[i].cumulative.p05)),
            column("lost_p50", number(&|i| drawn[i].cumulative.p50)),
            column("lost_p95", number(&|i| drawn[i].cumulative.p95)),
            column("draws_with_loss", number(&|i| drawn[i].hit)),
        ],
    )?;
    let weeks: Vec<(usize, usize)> = (0..targets.len())
        .flat_map(|i| (0..targets[i].weeks.len()).map(move |week| (i, week)))
        .collect();
    let weekly = |of: &dyn Fn(usize, usize) -> f64| {
        ResultColumn::Number(weeks.iter().map(|(i, w)| of(*i, *w)).collect())
    };
    let numbers = weeks.iter().map(|(_, week)| *week as u32 + 1).collect();
    out.table(
        "weeks",
        vec![
            column("target", words(weeks.iter().map(|(i, _)| name(*i)))),
            column("week", ResultColumn::Count(numbers)),
            column("best", weekly(&|i, w| targets[i].weeks[w].low)),
            column("value", weekly(&|i, w| targets[i].weeks[w].value)),
            column("worst", weekly(&|i, w| targets[i].weeks[w].high)),
            column("p05", weekly(&|i, w| drawn[i].weeks[w].p05)),
            column("p50", weekly(&|i, w| drawn[i].weeks[w].p50)),
            column("p95", weekly(&|i, w| drawn[i].weeks[w].p95)),
        ],
    )?;
    let stretches: Vec<_> = targets
        .iter()
        .flat_map(|t| t.binding.iter().map(move |b| (t, b)))
        .collect();
    out.table(
        "binding",
        vec![
            column(
                "target",
                words(stretches.iter().map(|(t, _)| t.target.to_string())),
            ),
            column(
                "from_week",
                ResultColumn::Count(stretches.iter().map(|(_, b)| b.weeks.0).collect()),
            ),
            column(
                "to_week",
                ResultColumn::Count(stretches.iter().map(|(_, b)| b.weeks.1).collect()),
            ),
            column(
                "binds",
                words(stretches.iter().map(|(_, b)| {
                    match &b.cause {
                        Cause::Own => "own".to_owned(),
                        Cause::Inputs(nodes) => nodes
                            .iter()
                            .map(model::Node::as_str)
                            .collect::<Vec<_>>()
                            .join(";"),
                    }
                })),
            ),
            column(
                "source",
                words(stretches.iter().map(|(_, b)| b.source.to_string())),
            ),
            column(
                "loss",
                ResultColumn::Number(stretches.iter().map(|(_, b)| b.loss.value).collect()),
            ),
            column(
                "loss_low",
                ResultColumn::Number(stretches.iter().map(|(_, b)| b.loss.low).collect()),
            ),
            column(
                "loss_high",
                ResultColumn::Number(stretches.iter().map(|(_, b)| b.loss.high).collect()),
            ),
        ],
    )
}

fn question(scenario: &Scenario, targets: Vec<model::Node>) -> Ask {
    let assumed = |span: Span| Estimate {
        value: span.value,
        low: span.low,
        high: span.high,
        basis: Basis::Assumed,
    };
    let asks_price = scenario.event.iter().any(|e| e.quantity == AskedFor::Price);
    Ask {
        // The same question draws the same numbers wherever its file lies.
        id: scenario.id.clone(),
        events: scenario
            .of_goods()
            .map(|event| Event {
                country: event.country.as_deref().map(Into::into),
                node: event.node.as_deref().map(Into::into),
                severity: assumed(event.severity),
                start_week: event.start_week,
                weeks: event.weeks,
            })
            .collect(),
        horizon_weeks: scenario.horizon_weeks,
        stocks: scenario
            .stocks
            .iter()
            .map(|stock| (stock.node.as_str().into(), assumed(stock.weeks)))
            .collect(),
        stage_stocks: BTreeMap::new(),
        default_stock: assumed(scenario.default_stock_weeks),
        buyer: scenario.buyer.as_deref().map(Into::into),
        targets,
        firm: scenario.event.iter().find_map(|event| event.firm.clone()),
        place: scenario.event.iter().find_map(|event| event.region.clone()),
        quantity: if asks_price {
            Asked::Price
        } else {
            Asked::Supply
        },
    }
}

/// Several refusals as one.
fn joined(refusals: &[Refusal]) -> Refusal {
    let of = |pick: fn(&Refusal) -> &model::Message| {
        let messages: Vec<model::Message> = refusals.iter().map(|r| pick(r).clone()).collect();
        model::Message::joined(&messages)
    };
    Refusal {
        code: refusals.first().map_or(String::new(), |r| r.code.clone()),
        question: of(|r| &r.question),
        reason: of(|r| &r.reason),
        needed: of(|r| &r.needed),
    }
}

//! One what-if on whatever a study holds.
//!
//! A [`Question`] becomes a scenario; each kind of evidence answers its part of it: tables whose numbers have ranges
//! and origins, or refusals that say what would be needed. The methods are elsewhere: chains answer through
//! [`crate::steps::shock`], trade through `foundation::dependency`, industries through `chain::io`. A further kind of evidence is one more [`Part`].

mod course;
mod direct;
pub mod files;
mod firms;
pub mod hinges;
mod io;
mod page;
pub mod plain;
mod question;
mod recovery;
mod remedy;
mod save;
mod screen;
mod sources;
mod suppliers;
mod trade;

use std::collections::{BTreeMap, BTreeSet};

use chain::{ChainGraph, GraphProblem};
use evidence::Evidence;
use model::{Country, Message, Names, Node, Refusal, ResultTable, Seed};

use crate::config::{Config, InventorySection, ReportSection};
use crate::engine::output::StepOutput;
use crate::engine::run::Progress;
use crate::error::StudyError;
use crate::folder::{BulkTables, Study};
use crate::inputs::chain::{chains, graph};
use crate::inputs::seats::{BySeat, by_seat};
use crate::scenario::{Asked as Quantity, Scenario};
use crate::steps::remedy::of_scenario;
use crate::steps::shock::{NEGLIGIBLE, answers, question as ask};
use crate::steps::shock_wear::wear;

pub use question::{Question, Short};

pub(crate) use question::title;
use question::{Asked, AskedCode, stops_itself};
pub(crate) use recovery::looked_through;
use remedy::Terms;
pub use save::{check_name as check_scenario_name, save_scenario};
use sources::{SourceLine, of_study};

/// What carried a part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// Nodes, links and country shares.
    Chain,
    /// Bilateral trade by product code.
    Trade,
    /// Input–output tables: industries and regions.
    InputOutput,
    /// Firms and who supplies whom.
    Firms,
}

impl Carrier {
    /// Code of the message `code.<code>` that names it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Chain => "whatif.chain",
            Self::Trade => "whatif.trade",
            Self::InputOutput => "whatif.io",
            Self::Firms => "whatif.firms",
        }
    }
}

/// What one kind of evidence says.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub carrier: Carrier,
    /// Empty where it can say nothing.
    pub tables: Vec<ResultTable>,
    pub refusals: Vec<Refusal>,
    pub notes: Vec<Message>,
    /// Draws used; `None` where it draws nothing.
    pub draws: Option<usize>,
}

impl Part {
    /// Whether it holds a number; a list of assumptions is none.
    pub fn answered(&self) -> bool {
        let numbers = |table: &&ResultTable| table.name != "chain.inventory_assumptions";
        self.tables
            .iter()
            .filter(numbers)
            .any(|table| !table.rows.is_empty())
    }

    fn refused(carrier: Carrier, refusal: Refusal) -> Self {
        Self {
            carrier,
            tables: Vec::new(),
            refusals: vec![refusal],
            notes: Vec::new(),
            draws: None,
        }
    }
}

/// The answer to a what-if, by kind of evidence.
#[derive(Debug, Clone)]
pub struct Answer {
    pub scenario: Scenario,
    /// As the chains were asked it: firms by their seats. `None` where there are no chains, or plain files.
    on_chain: Option<Scenario>,
    pub parts: Vec<Part>,
    /// Draws asked for; each part says how many it used.
    pub draws: usize,
    /// `None` where plain files were asked.
    study: Option<String>,
    /// Whose losses come first: the buyer, else home.
    home: Option<String>,
    /// How the study marks its pages.
    report: ReportSection,
    seed: Seed,
    names: Names,
    sources: Vec<SourceLine>,
    /// On which terms the chains were asked for a remedy.
    remedy: Option<Terms>,
}

/// What every kind of evidence is asked with.
struct Desk<'a> {
    scenario: &'a Scenario,
    /// Product codes to look up in trade.
    codes: &'a [AskedCode],
    draws: usize,
    seed: Seed,
    /// Groups of countries that a question may name as one.
    blocs: &'a BTreeMap<Country, BTreeSet<Country>>,
    /// Buyer where the question names none.
    home: Option<&'a str>,
    inventory: &'a InventorySection,
    /// Largest error of a share of the firms' output.
    tolerance: f64,
}

/// Asks the study. Evidence with errors answers nothing.
pub fn what_if(study: &Study, question: &Question, draws: usize) -> Result<Answer, StudyError> {
    what_if_telling(study, question, draws, &|_| {})
}

/// The same, telling which kind of evidence is being asked.
pub fn what_if_telling(
    study: &Study,
    question: &Question,
    draws: usize,
    tell: &dyn Fn(Progress),
) -> Result<Answer, StudyError> {
    tell(Progress::Reading);
    let loaded = study.load()?;
    let errors = loaded.errors();
    if !errors.is_empty() {
        return Err(StudyError::Evidence(errors));
    }
    let (evidence, config) = (&loaded.evidence, &study.config);
    let mut asked = question.resolve(study, evidence)?;
    let graph = graph(evidence, config);
    let chain = graph.map(|graph| {
        let mut seats = by_seat(evidence, config, &graph, &asked.scenario);
        if asked.open_end {
            looked_through(&graph, &chains(evidence, config), config, &mut seats);
        }
        (graph, seats)
    });
    if let Ok((_, seats)) = &chain {
        asked.scenario.horizon_weeks = seats.scenario.horizon_weeks;
    }
    let events = (chain.as_ref()).map_or(&asked.scenario, |(_, seats)| &seats.scenario);
    let own = stops_itself(events, config.study.home.as_str());
    asked.notes.extend(own);
    let parts = parts(evidence, &loaded.bulk, config, &asked, &chain, draws, tell);
    let on_chain = chain.ok().map(|(_, seats)| seats.scenario);
    let scenarios = std::slice::from_ref(&asked.scenario);
    let home = config.study.home.as_str();
    Ok(Answer {
        names: crate::folder::names(evidence, scenarios),
        home: Some(asked.scenario.buyer.clone().unwrap_or(home.to_owned())),
        sources: of_study(
            &parts,
            evidence,
            on_chain.as_ref().unwrap_or(&asked.scenario),
        ),
        on_chain,
        scenario: asked.scenario,
        parts,
        draws,
        study: Some(config.study.id.clone()),
        report: config.report.clone(),
        seed: config.study.seed,
        remedy: config.remedy.as_ref().map(Terms::of),
    })
}

/// The chains, and the question as they are asked it; or what is wrong with them.
type OnChains = Result<(ChainGraph, BySeat), Vec<GraphProblem>>;

fn parts(
    evidence: &Evidence,
    bulk: &BulkTables,
    config: &Config,
    asked: &Asked,
    chain: &OnChains,
    draws: usize,
    tell: &dyn Fn(Progress),
) -> Vec<Part> {
    let desk = Desk {
        scenario: &asked.scenario,
        codes: &asked.codes,
        draws,
        seed: config.study.seed,
        blocs: &config.chain.graph.blocs,
        home: Some(config.study.home.as_str()),
        inventory: &config.inventory,
        tolerance: config.cascade.tolerance,
    };
    let stage = |index: usize, name: &str| {
        tell(Progress::Step { name, index, of: 5 });
    };
    stage(0, "chains, week by week");
    let mut goods = chain_part(evidence, config, asked, chain, draws);
    if let (true, Ok((graph, seats))) = (goods.answered(), chain) {
        stage(1, "the cheapest remedy");
        let known = chains(evidence, config);
        let found = of_scenario(evidence, config, graph, &known, &seats.scenario);
        goods.tables.extend(found.tables);
        goods.refusals.extend(found.refusals);
    }
    let mut parts = vec![goods];
    stage(2, "trade");
    parts.push(trade::of_study(evidence, bulk, &desk));
    stage(3, "industries, week by week and over a year");
    parts.push(io::of_study(bulk, &desk));
    stage(4, "firms");
    parts.extend(firms::of_study(evidence, config, &desk));
    parts
}

fn chain_part(
    evidence: &Evidence,
    config: &Config,
    asked: &Asked,
    chain: &OnChains,
    draws: usize,
) -> Part {
    if let Some(refusal) = &asked.no_node {
        return Part::refused(Carrier::Chain, refusal.clone());
    }
    let output = match chain {
        Ok((graph, seats)) => answers(evidence, config, graph, std::slice::from_ref(seats), draws),
        Err(problems) => StepOutput {
            tables: Vec::new(),
            refusals: crate::steps::chain_broken(problems),
        },
    };
    let mut part = Part {
        carrier: Carrier::Chain,
        tables: output.tables,
        refusals: output.refusals,
        notes: asked.notes.clone(),
        draws: None,
    };
    part.draws = part.answered().then_some(draws);
    if let (true, Ok((graph, seats))) = (part.answered(), chain) {
        let (scenario, params) = (&seats.scenario, &config.chain.shock);
        let suppliers = suppliers::table(graph, config, &asked.scenario);
        let answers = part.tables.iter().find(|t| t.name == "chain.shock");
        let old = answers.and_then(|answers| suppliers::old(evidence, answers, config));
        part.notes.extend(old);
        part.tables.push(suppliers);
        part.notes.extend(seats.notes());
        let question = ask(graph, &chains(evidence, config), scenario);
        let bounds = chain::shock(graph, &question, params).ok();
        part.notes.extend(bounds.and_then(|bounds| {
            // What stands behind the products that lose.
            let hit = bounds.targets.iter().filter(|t| t.peak.high > NEGLIGIBLE);
            let behind = hit.flat_map(|t| graph.upstream(&t.target).unwrap_or_default());
            let behind: BTreeSet<&Node> = behind.collect();
            wear(graph, &bounds, |node| behind.contains(node))
        }));
        part.tables
            .push(hinges::table(graph, scenario, &question, params));
    }
    part
}

/// What the kind of evidence cannot carry, whatever it holds: prices; firms and places where it knows countries and
/// industries only.
fn beyond(carrier: Carrier, scenario: &Scenario) -> Option<Part> {
    let question = question::title(scenario);
    let events = &scenario.event;
    let named = |of: fn(&crate::scenario::Event) -> Option<&str>| events.iter().find_map(of);
    let with = |code: &str, name: &str| {
        let mut refused = refusal(code, &question);
        refused.reason = refused.reason.with("name", name);
        refused.needed = refused.needed.with("name", name);
        Some(Part::refused(carrier, refused))
    };
    if events.iter().any(|e| e.quantity == Quantity::Price) {
        return with("price", "");
    }
    if let Some(place) = named(|e| e.region.as_deref()) {
        return with("place_in_table", place);
    }
    if carrier == Carrier::Firms {
        return None;
    }
    let firm = named(|e| e.firm.as_deref())?;
    // Beside the firm the question may name a whole industry.
    if carrier == Carrier::InputOutput && events.iter().any(|e| e.industry.is_some()) {
        return None;
    }
    match carrier {
        Carrier::InputOutput => with("firm_in_industry", firm),
        _ => with("firm_in_code", firm),
    }
}

fn refusal(code: &str, question: &Message) -> Refusal {
    Refusal {
        code: format!("whatif.{code}"),
        question: question.clone(),
        reason: Message::new(format!("whatif.{code}")),
        needed: Message::new(format!("whatif.{code}.needed")),
    }
}

impl Answer {
    /// Whether any evidence could answer.
    pub fn answered(&self) -> bool {
        self.parts.iter().any(Part::answered)
    }

    pub(crate) fn table(&self, name: &str) -> Option<&ResultTable> {
        let tables = self.parts.iter().flat_map(|part| &part.tables);
        tables.into_iter().find(|table| table.name == name)
    }
}

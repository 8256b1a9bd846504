//! From what a user asks to a scenario, with "did you mean" for what the evidence does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use evidence::Evidence;
use model::{Chain, Entity, Kind, Lang, Message, Names, Node, Refusal};

use crate::config::{Config, InventorySection, Span};
use crate::error::StudyError;
use crate::folder::Study;
use crate::inputs::seats::{firm_id, seats};
use crate::inputs::{firms, rows};
use crate::off::Off;
use crate::scenario::{self, Event, Scenario, Stock};
use crate::scenario_library::library;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Id of a file in `scenarios/`, or the path of a TOML file.
    Named(String),
    /// The short form of the command line.
    Short(Box<Short>),
}

/// Supply that stops, in one line. Names of several kinds narrow one another (these countries, at these nodes); `off` adds
/// to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Short {
    /// The name under which the question is kept, where it is.
    pub name: Option<String>,
    /// Countries that stop; empty: all providers of the node.
    pub stop: Vec<String>,
    pub nodes: Vec<String>,
    /// Product codes (HS); a code stands for the nodes that carry it.
    pub products: Vec<String>,
    /// Industries of the input–output table.
    pub industries: Vec<String>,
    pub firm: Option<String>,
    pub region: Option<String>,
    /// What stops beside these, each for itself; not beside products and industries, which chains know by their nodes only.
    pub off: Vec<Off>,
    pub price: scenario::Asked,
    pub severity: Span,
    pub start_week: u32,
    pub weeks: u32,
    /// Default: the weeks of the event and as many again, at most 104.
    pub horizon: Option<u32>,
    pub buyer: Option<String>,
    /// Weeks of normal use that the users of every input hold, at every stage.
    pub stock: Span,
    /// The same of single nodes, instead.
    pub stocks: Vec<(String, Span)>,
    pub targets: Vec<String>,
}

/// A product code that the question is about.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedCode {
    pub code: String,
    /// Positions of the events that stop it.
    pub events: Vec<usize>,
}

/// A question that the evidence knows all names of.
#[derive(Debug, Clone)]
pub struct Asked {
    pub scenario: Scenario,
    /// Product codes to look up in trade.
    pub codes: Vec<AskedCode>,
    /// Why the chains cannot be asked.
    pub no_node: Option<Refusal>,
    pub notes: Vec<Message>,
    /// Whether nobody said how many weeks to look at.
    pub open_end: bool,
}

/// The scenario by its title.
pub fn title(scenario: &Scenario) -> Message {
    Message::new("shock.question.scenario")
        .with("scenario", Entity::new(Kind::Scenario, scenario.id.clone()))
}

impl Question {
    pub(super) fn resolve(&self, study: &Study, evidence: &Evidence) -> Result<Asked, StudyError> {
        let (scenario, no_question) = match self {
            Self::Named(name) => named(study, evidence, name)?,
            Self::Short(short) => {
                let names = crate::folder::names(evidence, &[]);
                let short = short.as_ref().clone();
                let short = short.settled(evidence, &study.config);
                (
                    short.scenario(study.config.chain.shock.max_weeks, &names),
                    None,
                )
            }
        };
        known(evidence, &scenario)?;
        // A record of a disruption names a firm that may be nowhere else.
        let file = |name: &str| Path::new(name).extension().is_some_and(|e| e == "toml");
        let written = |name: &str| file(name) || study.scenarios.iter().any(|s| s.id == name);
        if !matches!(self, Self::Named(name) if !written(name)) {
            known_firms(evidence, &study.config, &scenario)?;
        }
        let codes_of = |node: &str| codes_of(evidence, node);
        let asked = resolved(scenario, &codes_of, &|code| {
            let all = nodes_of_code(evidence, code);
            let used = all
                .iter()
                .filter(|n| excluded(evidence, study, n).is_none());
            let used: Vec<Node> = used.cloned().collect();
            // A good of a chain that the study leaves out is named where no other carries the code.
            if used.is_empty() { all } else { used }
        });
        let left_out = left_out(evidence, study, &asked.scenario);
        Ok(Asked {
            no_node: no_question.or(asked.no_node).or(left_out),
            open_end: matches!(self, Self::Short(short) if short.horizon.is_none()),
            ..asked
        })
    }
}

/// The chain of a node, where the study leaves it out.
fn excluded(evidence: &Evidence, study: &Study, node: &Node) -> Option<Chain> {
    let row = rows(evidence, "chain_nodes").find(|row| row.key == node.as_str())?;
    let chain = row.text("chain_id")?;
    let out = &study.config.chain.exclude;
    out.iter().any(|e| e == chain).then(|| Chain::from(chain))
}

/// Why the chains cannot be asked about a node of a chain that the study leaves out.
fn left_out(evidence: &Evidence, study: &Study, scenario: &Scenario) -> Option<Refusal> {
    let named = scenario.event.iter().filter_map(|e| e.node.as_deref());
    let named = named.chain(scenario.targets.iter().map(String::as_str));
    let (node, chain) = named.into_iter().find_map(|node| {
        let node = Node::from(node);
        let chain = excluded(evidence, study, &node)?;
        Some((node, chain))
    })?;
    let message = |id: &str| {
        Message::new(id)
            .with("node", node.entity())
            .with("id", node.as_str())
            .with("chain", chain.entity())
            .with("chain_id", chain.as_str())
    };
    Some(Refusal {
        code: "whatif.left_out".to_owned(),
        question: title(scenario),
        reason: message("whatif.left_out"),
        needed: message("whatif.left_out.needed"),
    })
}

/// Codes of the question, and the nodes that its codes stand for. A code that one node carries asks about that node,
/// unless the question names nodes itself.
pub fn resolved(
    mut scenario: Scenario,
    codes_of: &dyn Fn(&str) -> Vec<String>,
    nodes_of: &dyn Fn(&str) -> Vec<Node>,
) -> Asked {
    let (mut notes, mut no_node) = (Vec::new(), None);
    let mut codes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let names_nodes = scenario.event.iter().any(|e| e.node.is_some());
    for at in 0..scenario.event.len() {
        let event = scenario.event[at].clone();
        let Some(code) = event.product else {
            for code in event.node.iter().flat_map(|node| codes_of(node)) {
                codes.entry(code).or_default().push(at);
            }
            continue;
        };
        codes.entry(code.clone()).or_default().push(at);
        if names_nodes {
            continue;
        }
        let found = nodes_of(&code);
        let list: Vec<Entity> = found.iter().map(Node::entity).collect();
        match found.as_slice() {
            [] => no_node = Some(code_refusal("no_node", &code, &list)),
            [node] => {
                let note = Message::new("whatif.note.code")
                    .with("code", code.as_str())
                    .with("node", node.entity());
                if !notes.contains(&note) {
                    notes.push(note);
                }
                scenario.event[at].node = Some(node.as_str().to_owned());
            }
            _ => no_node = Some(code_refusal("several_goods", &code, &list)),
        }
    }
    // Whoever stops everything stops these codes too.
    for (at, event) in scenario.event.iter().enumerate() {
        let all = event.node.is_none() && event.product.is_none() && event.industry.is_none();
        if all && event.firm.is_none() {
            for events in codes.values_mut() {
                events.push(at);
            }
        }
    }
    let codes = codes.into_iter();
    Asked {
        scenario,
        codes: codes
            .map(|(code, events)| AskedCode { code, events })
            .collect(),
        no_node,
        notes,
        open_end: false,
    }
}

/// A scenario of the study, a recorded disruption, or a TOML file; with it the reason where a record holds no question.
fn named(
    study: &Study,
    evidence: &Evidence,
    name: &str,
) -> Result<(Scenario, Option<Refusal>), StudyError> {
    if let Some(found) = study.scenarios.iter().find(|s| s.id == name) {
        return Ok((found.clone(), None));
    }
    let path = Path::new(name);
    if path.extension().is_some_and(|e| e == "toml") {
        let text = std::fs::read_to_string(path).map_err(StudyError::io("read", path))?;
        let file = path.display().to_string();
        return Ok((Scenario::read(&file, &text)?, None));
    }
    let cases = || library(evidence, &study.config).into_iter();
    if let Some(case) = cases().find(|case| case.id == name) {
        return Ok(match case.scenario {
            Ok(scenario) => (scenario, None),
            Err(refusal) => (
                Scenario {
                    id: case.id,
                    title_en: case.title_en,
                    title_zh: case.title_zh,
                    buyer: None,
                    horizon_weeks: 1,
                    default_stock_weeks: study.config.references.default_stock_weeks,
                    stocks: Vec::new(),
                    event: Vec::new(),
                    targets: Vec::new(),
                    inventory: InventorySection::default(),
                },
                Some(*refusal),
            ),
        });
    }
    let own = study.scenarios.iter().map(|s| s.id.clone());
    Err(StudyError::UnknownName {
        what: "scenario",
        name: name.to_owned(),
        known: own.chain(cases().map(|case| case.id)).collect(),
    })
}

/// Every country and node of a question is one of the evidence.
fn known(evidence: &Evidence, scenario: &Scenario) -> Result<(), StudyError> {
    let countries = scenario.event.iter().filter_map(|e| e.country.as_deref());
    for country in countries.chain(scenario.buyer.as_deref()) {
        in_table(evidence, "country", "countries", country)?;
    }
    let nodes = scenario.event.iter().filter_map(|e| e.node.as_deref());
    let stocked = scenario.stocks.iter().map(|stock| stock.node.as_str());
    let targets = scenario.targets.iter().map(String::as_str);
    for node in nodes.chain(stocked).chain(targets) {
        in_table(evidence, "node", "chain_nodes", node)?;
    }
    Ok(())
}

/// Every firm is at a node of the chains or in the network of firms.
fn known_firms(
    evidence: &Evidence,
    config: &Config,
    scenario: &Scenario,
) -> Result<(), StudyError> {
    let firms = scenario.event.iter().filter_map(|e| e.firm.as_deref());
    let mut at_nodes = None;
    for firm in firms {
        let seats = at_nodes.get_or_insert_with(|| seats(evidence, config));
        let seated = seats.iter().any(|seat| seat.firm == firm_id(firm));
        if seated || firms::find(evidence, firm).is_some() {
            continue;
        }
        let ids = rows(evidence, "firms").map(|row| row.key.clone());
        let names = rows(evidence, "firms").filter_map(|row| row.text("name").map(str::to_owned));
        let seated: BTreeSet<String> = (seats.iter().filter(|seat| seat.open))
            .map(|seat| seat.name.clone())
            .collect();
        return Err(StudyError::UnknownName {
            what: "firm",
            name: firm.to_owned(),
            known: ids.chain(names).chain(seated).collect(),
        });
    }
    Ok(())
}

fn in_table(
    evidence: &Evidence,
    what: &'static str,
    table: &str,
    id: &str,
) -> Result<(), StudyError> {
    if rows(evidence, table).any(|row| row.key == id) {
        return Ok(());
    }
    // Who writes a name, or its beginning, means its id.
    let written = id.to_lowercase();
    let by_name: Vec<String> = rows(evidence, table)
        .filter(|row| {
            let names = ["name", "name_zh"].into_iter().filter_map(|c| row.text(c));
            names
                .into_iter()
                .any(|name| name.to_lowercase().contains(&written))
        })
        .map(|row| row.key.clone())
        .collect();
    let known = if by_name.is_empty() {
        rows(evidence, table).map(|row| row.key.clone()).collect()
    } else {
        by_name
    };
    Err(StudyError::UnknownName {
        what,
        name: id.to_owned(),
        known,
    })
}

/// Product codes of a node, each once.
fn codes_of(evidence: &Evidence, node: &str) -> Vec<String> {
    let mut codes: Vec<String> = rows(evidence, "chain_nodes")
        .filter(|row| row.key == node)
        .flat_map(|row| row.list("hs_codes"))
        .map(str::to_owned)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Nodes whose codes hold `code`, or lie within it where it is shorter.
pub fn nodes_of_code(evidence: &Evidence, code: &str) -> Vec<Node> {
    rows(evidence, "chain_nodes")
        .filter(|row| row.list("hs_codes").iter().any(|c| c.starts_with(code)))
        .map(|row| Node::from(row.key.as_str()))
        .collect()
}

impl Default for Short {
    /// Half a year, all of it, with the stocks that are assumed where nobody says otherwise.
    fn default() -> Self {
        let span = |low, value, high| Span { low, value, high };
        Self {
            name: None,
            stop: Vec::new(),
            nodes: Vec::new(),
            products: Vec::new(),
            industries: Vec::new(),
            firm: None,
            region: None,
            off: Vec::new(),
            price: scenario::Asked::Volume,
            severity: span(1.0, 1.0, 1.0),
            start_week: 1,
            weeks: 26,
            horizon: None,
            buyer: None,
            stock: span(4.0, 8.0, 16.0),
            stocks: Vec::new(),
            targets: Vec::new(),
        }
    }
}

impl Short {
    /// Whether nothing is named that stops.
    pub fn is_empty(&self) -> bool {
        self.off.is_empty() && !self.narrows()
    }

    /// Whether names narrow one another to a stop.
    fn narrows(&self) -> bool {
        let lists = [&self.stop, &self.nodes, &self.products, &self.industries];
        lists.iter().any(|names| !names.is_empty()) || self.firm.is_some() || self.region.is_some()
    }

    /// The same with every switch once, and firms as rows write them where those may be shown; a firm of the network keeps its
    /// id.
    pub(crate) fn settled(mut self, evidence: &Evidence, config: &Config) -> Self {
        let off = self.off.iter_mut().filter_map(|off| off.firm.as_mut());
        let firms: Vec<&mut String> = self.firm.as_mut().into_iter().chain(off).collect();
        if !firms.is_empty() {
            let ids: BTreeSet<&str> = rows(evidence, "firms")
                .map(|row| row.key.as_str())
                .collect();
            let seats = seats(evidence, config);
            for firm in firms
                .into_iter()
                .filter(|firm| !ids.contains(firm.as_str()))
            {
                let id = firm_id(firm);
                if let Some(seat) = seats.iter().find(|seat| seat.open && seat.firm == id) {
                    firm.clone_from(&seat.name);
                }
            }
        }
        self.off.sort();
        self.off.dedup();
        self
    }

    pub(crate) fn scenario(&self, max_weeks: u32, names: &Names) -> Scenario {
        let blank = Event {
            country: None,
            node: None,
            product: None,
            industry: None,
            firm: self.firm.clone(),
            region: self.region.clone(),
            quantity: self.price,
            severity: self.severity,
            start_week: self.start_week,
            weeks: self.weeks,
        };
        let mut events = Vec::new();
        let narrow = [&self.nodes, &self.products, &self.industries];
        let countries = if self.narrows() {
            options(&self.stop)
        } else {
            Vec::new()
        };
        for country in countries {
            let event = Event {
                country: country.cloned(),
                ..blank.clone()
            };
            if narrow.iter().all(|names| names.is_empty()) {
                events.push(event.clone());
            }
            events.extend(self.nodes.iter().map(|node| Event {
                node: Some(node.clone()),
                ..event.clone()
            }));
            events.extend(self.products.iter().map(|code| Event {
                product: Some(code.clone()),
                ..event.clone()
            }));
            events.extend(self.industries.iter().map(|industry| Event {
                industry: Some(industry.clone()),
                ..event.clone()
            }));
        }
        for off in &self.off {
            let event = Event {
                country: off.country.clone(),
                node: off.node.clone(),
                firm: off.firm.clone(),
                region: None,
                ..blank.clone()
            };
            if !events.contains(&event) {
                events.push(event);
            }
        }
        let twice = (self.start_week.saturating_sub(1))
            .saturating_add(self.weeks.saturating_mul(2))
            .min(max_weeks);
        Scenario {
            title_en: self.title(Lang::En, names),
            title_zh: self.title(Lang::Zh, names),
            id: self.name.clone().unwrap_or_else(|| self.id()),
            buyer: self.buyer.clone(),
            horizon_weeks: self.horizon.unwrap_or(twice),
            default_stock_weeks: self.stock,
            stocks: self
                .stocks
                .iter()
                .map(|(node, weeks)| Stock {
                    node: node.clone(),
                    weeks: *weeks,
                })
                .collect(),
            event: events,
            targets: self.targets.clone(),
            inventory: InventorySection::default(),
        }
    }

    /// The question as a name.
    fn id(&self) -> String {
        let off: Vec<String> = self.off.iter().map(Off::to_string).collect();
        let parts = [
            self.stop.join("+"),
            self.nodes.join("+"),
            self.products.join("+"),
            self.industries.join("+"),
            self.firm.clone().unwrap_or_default(),
            off.join("+"),
            format!("{}w", self.weeks),
            self.buyer.clone().unwrap_or_default(),
        ];
        let kept: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        kept.join("-")
    }

    /// Who and what stops, by name.
    fn title(&self, lang: Lang, names: &Names) -> String {
        let shown = |kind: Kind, id: &String| names.show(&Entity::new(kind, id.clone()), lang);
        let what: Vec<String> = (self.stop.iter().map(|id| shown(Kind::Country, id)))
            .chain(self.nodes.iter().map(|id| shown(Kind::Node, id)))
            .chain(self.products.iter().cloned())
            .chain(self.industries.iter().cloned())
            .chain(self.firm.iter().cloned())
            .chain(self.off.iter().map(|off| off.title(lang, names)))
            .collect();
        let (what, weeks) = (what.join(" · "), self.weeks);
        let buyer = self.buyer.as_ref().map(|id| shown(Kind::Country, id));
        match (lang, buyer) {
            (Lang::Zh, None) => format!("中断：{what}，{weeks}周"),
            (Lang::Zh, Some(buyer)) => format!("中断：{what}，{weeks}周，买方{buyer}"),
            (Lang::En, None) => format!("Stop: {what}, {weeks} weeks"),
            (Lang::En, Some(buyer)) => format!("Stop: {what}, {weeks} weeks, buyer {buyer}"),
        }
    }
}

/// Where home stops and no buyer is named, its own use stops too.
pub(super) fn stops_itself(scenario: &Scenario, home: &str) -> Option<Message> {
    let own = |event: &Event| event.country.as_deref() == Some(home);
    (scenario.buyer.is_none() && scenario.event.iter().any(own)).then(|| {
        Message::new("whatif.note.own_use").with("country", Entity::new(Kind::Country, home))
    })
}

/// The items, or once none.
fn options(items: &[String]) -> Vec<Option<&String>> {
    if items.is_empty() {
        vec![None]
    } else {
        items.iter().map(Some).collect()
    }
}

fn code_refusal(kind: &str, code: &str, nodes: &[Entity]) -> Refusal {
    let ids: Vec<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
    let message = |suffix: &str| {
        Message::new(format!("whatif.{kind}{suffix}"))
            .with("code", code)
            .with("nodes", nodes.to_vec())
            .with("ids", ids.join(", "))
    };
    Refusal {
        code: format!("whatif.{kind}"),
        question: Message::new("whatif.question.code").with("code", code),
        reason: message(""),
        needed: message(".needed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    /// Read as the good that alone carries it, a code stays the only code asked about, also once the question is kept.
    #[test]
    fn a_question_by_code_stays_the_same_once_kept() {
        let text = "title_en = \"q\"\ntitle_zh = \"q\"\nhorizon_weeks = 8\n\
                    default_stock_weeks = { low = 1.0, value = 2.0, high = 3.0 }\n[[event]]\ncountry = \"MEX\"\n\
                    product = \"252921\"\nseverity = { low = 1.0, value = 1.0, high = 1.0 }\nstart_week = 1\nweeks = 4\n";
        let asked = Scenario::read("q.toml", text).expect("a question");
        let codes_of = |_: &str| vec!["252921".to_owned(), "252922".to_owned()];
        let nodes_of = |_: &str| vec![Node::from("fluorspar")];
        let first = resolved(asked, &codes_of, &nodes_of);
        assert_eq!(first.scenario.event[0].node.as_deref(), Some("fluorspar"));
        let kept = resolved(first.scenario.clone(), &codes_of, &nodes_of);
        for asked in [&first, &kept] {
            let codes: Vec<&str> = asked.codes.iter().map(|c| c.code.as_str()).collect();
            assert_eq!(codes, ["252921"]);
        }
    }
}

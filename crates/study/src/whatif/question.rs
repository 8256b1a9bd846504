//! From what a user asks to a scenario, with "did you mean" for what the evidence does not know.

use std::path::Path;

use evidence::Evidence;
use model::{Entity, Kind, Message, Node, Refusal};

use crate::config::{Config, Span, parse};
use crate::error::StudyError;
use crate::folder::Study;
use crate::inputs::{firms, rows};
use crate::scenario::{self, Event, Scenario};

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Id of a file in `scenarios/`, or the path of a TOML file.
    Named(String),
    /// The short form of the command line.
    Short(Box<Short>),
}

/// Supply that stops, in one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Short {
    /// Countries that stop; empty: all providers of the node.
    pub stop: Vec<String>,
    pub nodes: Vec<String>,
    /// Product codes (HS); a code stands for the nodes that carry it.
    pub products: Vec<String>,
    /// Industries of the input–output table.
    pub industries: Vec<String>,
    pub firm: Option<String>,
    pub region: Option<String>,
    pub price: scenario::Asked,
    pub severity: Span,
    pub start_week: u32,
    pub weeks: u32,
    /// Default: the weeks of the event and as many again, at most 104.
    pub horizon: Option<u32>,
    pub buyer: Option<String>,
    /// Weeks of normal use in stock.
    pub stock: Span,
    pub targets: Vec<String>,
}

/// A question that the evidence knows all names of.
#[derive(Debug, Clone)]
pub struct Asked {
    pub scenario: Scenario,
    /// Product codes to look up in trade.
    pub codes: Vec<String>,
    /// Industries to look up in the input–output table.
    pub industries: Vec<String>,
    /// Why the chains cannot be asked.
    pub no_node: Option<Refusal>,
    pub notes: Vec<Message>,
}

/// The scenario by its title.
pub fn title(scenario: &Scenario) -> Message {
    Message::new("shock.question.scenario")
        .with("scenario", Entity::new(Kind::Scenario, scenario.id.clone()))
}

impl Question {
    pub(super) fn resolve(&self, study: &Study, evidence: &Evidence) -> Result<Asked, StudyError> {
        match self {
            Self::Named(name) => {
                let scenario = named(study, name)?;
                known(evidence, &scenario)?;
                let nodes = scenario.event.iter().filter_map(|e| e.node.as_deref());
                let codes = codes_of(evidence, nodes);
                Ok(Asked {
                    scenario,
                    codes,
                    industries: Vec::new(),
                    no_node: None,
                    notes: Vec::new(),
                })
            }
            Self::Short(short) => short.resolve(evidence, &study.config),
        }
    }
}

fn named(study: &Study, name: &str) -> Result<Scenario, StudyError> {
    if let Some(found) = study.scenarios.iter().find(|s| s.id == name) {
        return Ok(found.clone());
    }
    let path = Path::new(name);
    if path.extension().is_none_or(|e| e != "toml") {
        return Err(StudyError::UnknownName {
            what: "scenario",
            name: name.to_owned(),
            known: study.scenarios.iter().map(|s| s.id.clone()).collect(),
        });
    }
    let text = std::fs::read_to_string(path).map_err(StudyError::io("read", path))?;
    let mut scenario: Scenario = parse(&path.display().to_string(), &text)?;
    scenario.id = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(scenario)
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
    if firms::held(evidence) {
        let named = scenario.event.iter().filter_map(|e| e.firm.as_deref());
        for firm in named {
            if firms::find(evidence, firm).is_none() {
                let ids = rows(evidence, "firms").map(|row| row.key.clone());
                let names = rows(evidence, "firms").filter_map(|row| row.text("name"));
                return Err(StudyError::UnknownName {
                    what: "firm",
                    name: firm.to_owned(),
                    known: ids.chain(names.map(str::to_owned)).collect(),
                });
            }
        }
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

/// Product codes of nodes, each once.
fn codes_of<'a>(evidence: &Evidence, nodes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<&str> = nodes.collect();
    let mut codes: Vec<String> = rows(evidence, "chain_nodes")
        .filter(|row| wanted.contains(&row.key.as_str()))
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

impl Short {
    fn resolve(&self, evidence: &Evidence, config: &Config) -> Result<Asked, StudyError> {
        let (mut notes, mut no_node) = (Vec::new(), None);
        let mut nodes = self.nodes.clone();
        let mut codes = codes_of(evidence, self.nodes.iter().map(String::as_str));
        for code in &self.products {
            codes.push(code.clone());
            let found = nodes_of_code(evidence, code);
            let list: Vec<Entity> = found.iter().map(Node::entity).collect();
            match found.as_slice() {
                _ if !self.nodes.is_empty() => {}
                [] => no_node = Some(code_refusal("no_node", code, &list)),
                [node] => {
                    notes.push(
                        Message::new("whatif.note.code")
                            .with("code", code.as_str())
                            .with("node", node.entity()),
                    );
                    nodes.push(node.as_str().to_owned());
                }
                _ => no_node = Some(code_refusal("several_goods", code, &list)),
            }
        }
        codes.sort_unstable();
        codes.dedup();
        let id = self.id();
        let event = |country: Option<&String>, node: Option<&String>| Event {
            country: country.cloned(),
            node: node.cloned(),
            firm: self.firm.clone(),
            region: self.region.clone(),
            quantity: self.price,
            severity: self.severity,
            start_week: self.start_week,
            weeks: self.weeks,
        };
        let mut events = Vec::new();
        for country in options(&self.stop) {
            for node in options(&nodes) {
                events.push(event(country, node));
            }
        }
        let twice = (self.start_week.saturating_sub(1))
            .saturating_add(self.weeks.saturating_mul(2))
            .min(config.chain.shock.max_weeks);
        let scenario = Scenario {
            title_en: self.title("en"),
            title_zh: self.title("zh"),
            id,
            buyer: self.buyer.clone(),
            horizon_weeks: self.horizon.unwrap_or(twice),
            default_stock_weeks: self.stock,
            stocks: Vec::new(),
            event: events,
            targets: self.targets.clone(),
        };
        known(evidence, &scenario)?;
        Ok(Asked {
            scenario,
            codes,
            industries: self.industries.clone(),
            no_node,
            notes,
        })
    }

    /// The question as a name: the seed of its draws depends on it, so the same question draws the same.
    fn id(&self) -> String {
        let parts = [
            self.stop.join("+"),
            self.nodes.join("+"),
            self.products.join("+"),
            self.firm.clone().unwrap_or_default(),
            format!("{}w", self.weeks),
            self.buyer.clone().unwrap_or_default(),
        ];
        let kept: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        kept.join("-")
    }

    fn title(&self, lang: &str) -> String {
        let what: Vec<&str> = [&self.stop, &self.nodes, &self.products]
            .into_iter()
            .flatten()
            .chain(&self.firm)
            .map(String::as_str)
            .collect();
        let (what, weeks) = (what.join(" · "), self.weeks);
        match (lang, &self.buyer) {
            ("zh", None) => format!("中断：{what}，{weeks}周"),
            ("zh", Some(buyer)) => format!("中断：{what}，{weeks}周，买方{buyer}"),
            (_, None) => format!("Stop: {what}, {weeks} weeks"),
            (_, Some(buyer)) => format!("Stop: {what}, {weeks} weeks, buyer {buyer}"),
        }
    }
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

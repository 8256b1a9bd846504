//! A chain as a picture: its nodes and links where they are drawn, and what each node loses while others are switched off.
//!
//! The report draws the chain with the most stuck necks; the workshop draws any chain and lets its reader switch suppliers
//! off. Both take what is drawn from here. Losses are the bounds of [`chain::shock`], without draws.

use std::collections::{BTreeMap, BTreeSet};

use chain::shock::NodeCourse;
use chain::{ChainGraph as Graph, Relation, Stage, layers};
use model::{Chain, Country, Entity, Lang, Message, Names, Node, Refusal};
use publish::figures::{
    ChainGeometry, ChainGraph, Choice, Frame, GraphLink, GraphNode, LinkKind, NodeKind,
    chain_geometry,
};

use crate::config::{Config, Span};
use crate::engine::output::{entity, estimate};
use crate::engine::run::Run;
use crate::inputs::chain::{chains, graph};
use crate::inputs::rows;
use crate::inputs::seats::{SeatStop, by_seat};
use crate::off::Off;
use crate::scenario::Scenario;
use crate::steps::shock_wear::wear;
use crate::whatif::{Short, looked_through, title};

/// A chain as it is drawn; `nodes` stand as those of `input`.
pub(crate) struct Drawn {
    pub nodes: Vec<Node>,
    pub input: ChainGraph,
}

/// One chain of the graph, with names and the marks of stuck necks.
pub(crate) fn drawn(
    graph: &Graph,
    chain: &Chain,
    name: impl Fn(&Entity) -> String,
    neck: impl Fn(&Node) -> Option<String>,
) -> Drawn {
    let placed = layers(graph, chain);
    let position: BTreeMap<&Node, usize> = placed
        .iter()
        .enumerate()
        .map(|(i, p)| (&p.node, i))
        .collect();
    let (mut nodes, mut links) = (Vec::new(), Vec::new());
    for (to, place) in placed.iter().enumerate() {
        let Some(node) = graph.get(&place.node) else {
            continue;
        };
        nodes.push(GraphNode {
            label: name(&node.node.entity()),
            layer: place.layer,
            order: place.order,
            kind: kind(node.stage),
            neck: neck(&node.node),
        });
        for group in &node.groups {
            let inputs = group.alternatives.iter();
            links.extend(inputs.filter_map(|input| {
                Some(GraphLink {
                    from: *position.get(&input.node)?,
                    to,
                    kind: match input.relation {
                        Relation::ToolFor => LinkKind::Tool,
                        _ => LinkKind::Material,
                    },
                    choice: if group.alternatives.len() > 1 {
                        Choice::OneOf
                    } else {
                        Choice::Needed
                    },
                })
            }));
        }
    }
    Drawn {
        nodes: placed.into_iter().map(|p| p.node).collect(),
        input: ChainGraph {
            nodes,
            links,
            layers: Vec::new(),
        },
    }
}

fn kind(stage: Stage) -> NodeKind {
    match stage {
        Stage::Material => NodeKind::Material,
        Stage::Component => NodeKind::Component,
        Stage::Equipment | Stage::Software => NodeKind::Tool,
        Stage::Process => NodeKind::Process,
        Stage::Product => NodeKind::Product,
        Stage::Service => NodeKind::Service,
    }
}

/// How long and how much is off.
#[derive(Debug, Clone)]
pub struct Switches {
    pub off: Vec<Off>,
    /// Whose access is asked about; everyone's where `None`.
    pub buyer: Option<String>,
    pub weeks: u32,
    pub severity: Span,
    /// Weeks of normal use in stock.
    pub stock: Span,
}

/// A chain of the study, and the picture of one.
#[derive(Debug, Clone)]
pub struct ChainPicture {
    /// All chains with the number of their nodes.
    pub chains: Vec<(Chain, usize)>,
    pub chain: Chain,
    pub nodes: Vec<Node>,
    /// Countries that supply each node.
    pub providers: Vec<Vec<Country>>,
    pub drawing: ChainGraph,
    pub geometry: ChainGeometry,
    /// Countries that supply nodes of this chain, with the number of nodes; the most nodes first.
    pub countries: Vec<(Country, usize)>,
    /// What is asked; `None` where nothing is off.
    pub question: Option<Scenario>,
    /// The question for all end products until they recover, as it is kept; its own name is given when it is.
    pub kept: Option<Scenario>,
    /// Nodes of any chain that lose something in the worst case.
    pub losses: BTreeMap<Node, NodeCourse>,
    /// What of its country's supply each firm that is off may hold.
    pub stops: Vec<SeatStop>,
    pub notes: Vec<Message>,
    pub refusals: Vec<Refusal>,
}

/// The picture of `chain` (the chain with the most stuck necks where `None`) from a run's evidence and settings.
/// `None` where the study has no such chain.
pub fn chain_picture(
    run: &Run,
    evidence: &evidence::Evidence,
    names: &model::Names,
    lang: Lang,
    chain: Option<&str>,
    switches: &Switches,
) -> Result<Option<ChainPicture>, Vec<Refusal>> {
    let config = &run.manifest.config;
    let graph = graph(evidence, config).map_err(|p| crate::steps::chain_broken(&p))?;
    let mut count: BTreeMap<Chain, usize> = BTreeMap::new();
    for node in graph.nodes() {
        *count.entry(node.chain.clone()).or_default() += 1;
    }
    let chosen = match chain {
        Some(id) => Some(Chain::from(id)),
        None => most_necks(run).or_else(|| count.keys().next().cloned()),
    };
    let Some(chosen) = chosen.filter(|c| count.contains_key(c)) else {
        return Ok(None);
    };
    let necks = necks(run, lang);
    let Drawn { nodes, input } = drawn(
        &graph,
        &chosen,
        |entity| names.show(entity, lang),
        |node| necks.get(node.as_str()).cloned(),
    );
    let mut suppliers: BTreeMap<Country, usize> = BTreeMap::new();
    for supply in nodes.iter().filter_map(|n| graph.get(n)?.supply.as_ref()) {
        for provider in &supply.providers {
            *suppliers.entry(provider.country.clone()).or_default() += 1;
        }
    }
    let mut countries: Vec<(Country, usize)> = suppliers.into_iter().collect();
    countries.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let mut question = question(switches, evidence, config, names);
    let mut losses = BTreeMap::new();
    let mut refusals = Vec::new();
    let (mut stops, mut notes) = (Vec::new(), Vec::new());
    let mut kept = None;
    let unknown = (question.as_ref()).and_then(|scenario| no_country(evidence, scenario));
    if let Some(refusal) = unknown {
        refusals = vec![refusal];
    } else if let Some(scenario) = &question {
        let chains = chains(evidence, config);
        let mut asked = by_seat(evidence, config, &graph, scenario);
        notes = asked.notes();
        stops.clone_from(&asked.stops);
        match crate::steps::shock::ask(&graph, &chains, &asked.scenario, &config.chain.shock) {
            Ok(result) => {
                notes.extend(wear(&graph, &result, |_| true));
                losses.extend(result.nodes.into_iter().map(|n| (n.node.clone(), n)));
            }
            Err(refused) => refusals = refused,
        }
        looked_through(&graph, &chains, config, &mut asked);
        kept = Some(Scenario {
            horizon_weeks: asked.scenario.horizon_weeks,
            ..scenario.clone()
        });
    }
    // Asked as a command, the question reports the nodes whose losses the picture shows.
    if let Some(scenario) = &mut question {
        scenario.targets = losses.keys().map(ToString::to_string).collect();
    }
    let providers = (nodes.iter())
        .map(|node| {
            let supply = graph.get(node).and_then(|n| n.supply.as_ref());
            let providers = supply.into_iter().flat_map(|supply| &supply.providers);
            providers.map(|p| p.country.clone()).collect()
        })
        .collect();
    let frame = Frame {
        finding: String::new(),
        lang,
    };
    Ok(Some(ChainPicture {
        chains: count.into_iter().collect(),
        chain: chosen,
        geometry: chain_geometry(&frame, &input),
        nodes,
        providers,
        drawing: input,
        countries,
        question,
        kept,
        losses,
        stops,
        notes,
        refusals,
    }))
}

impl ChainPicture {
    /// What the switches do to this chain, in a sentence.
    pub fn finding(&self) -> Message {
        let here: BTreeSet<&Node> = self.nodes.iter().collect();
        let hit = |course: &&NodeCourse| course.peak.high > 0.0;
        let inside = self.losses.values().filter(hit);
        let inside = inside.filter(|c| here.contains(&c.node)).count();
        let Some(scenario) = &self.question else {
            return Message::new("picture.nothing_off")
                .with("chain", self.chain.entity())
                .with("nodes", self.nodes.len())
                .with("countries", self.countries.len());
        };
        let certain = self.losses.values().filter(|c| here.contains(&c.node));
        let certain = certain.filter(|c| c.peak.low > 0.0).count();
        Message::new("picture.off")
            .with("chain", self.chain.entity())
            .with("nodes", self.nodes.len())
            .with("inside", inside)
            .with("certain", certain)
            .with("outside", self.losses.values().filter(hit).count() - inside)
            .with("weeks", scenario.horizon_weeks as usize)
    }
}

/// The chain with the most stuck necks of the run.
pub(crate) fn most_necks(run: &Run) -> Option<Chain> {
    let table = run.table("foundation.necks")?;
    let mut per_chain: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &table.rows {
        if entity(table, row, "verdict") == Some("verdict.neck")
            && let Some(chain) = entity(table, row, "chain")
        {
            *per_chain.entry(chain).or_default() += 1;
        }
    }
    let most = per_chain
        .iter()
        .max_by_key(|(name, n)| (**n, std::cmp::Reverse(*name)))?;
    Some(Chain::from(*most.0))
}

/// The stuck necks of the run by node, each with its monopoly as text.
pub(crate) fn necks(run: &Run, lang: Lang) -> BTreeMap<String, String> {
    let Some(table) = run.table("foundation.necks") else {
        return BTreeMap::new();
    };
    let rows = table.rows.iter();
    rows.filter(|row| entity(table, row, "verdict") == Some("verdict.neck"))
        .map(|row| {
            let monopoly = estimate(table, row, "monopoly");
            let text = monopoly.map(|e| publish::estimate(&e, "share", lang).0);
            (row.key.clone(), text.unwrap_or_default())
        })
        .collect()
}

/// Why a question is not asked that names a country outside the table of countries.
fn no_country(evidence: &evidence::Evidence, scenario: &Scenario) -> Option<Refusal> {
    let countries = scenario.event.iter().filter_map(|e| e.country.as_deref());
    let unknown = countries
        .chain(scenario.buyer.as_deref())
        .find(|country| rows(evidence, "countries").all(|row| row.key != **country))?;
    let say = |message: &str| Message::new(message).with("country", unknown);
    Some(Refusal {
        code: "shock.no_country".to_owned(),
        question: title(scenario),
        reason: say("shock.no_country"),
        needed: say("shock.no_country.needed"),
    })
}

fn question(
    switches: &Switches,
    evidence: &evidence::Evidence,
    config: &Config,
    names: &Names,
) -> Option<Scenario> {
    let short = Short {
        name: Some("switched-off".to_owned()),
        off: switches.off.clone(),
        buyer: switches.buyer.clone(),
        weeks: switches.weeks,
        severity: switches.severity,
        stock: switches.stock,
        ..Short::default()
    };
    let short = short.settled(evidence, config);
    (!short.off.is_empty()).then(|| short.scenario(config.chain.shock.max_weeks, names))
}

//! A chain from plain files: nodes, links, and who provides which share of a node.
//!
//! `nodes` (node\[,essential\]\[,substitute_group\]\[,stage\]), `links` (from,to\[,relation\]), `supply`
//! (node,provider,share\[,low,high\]\[,country\]). A provider is a country or a firm; firms stand under their country, so that an
//! event may name either. A row without a share is counted and left out: it is unknown, not zero.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chain::chokepoints::Actors;
use chain::{
    ChainGraph, ChainInput, Essential, GraphParams, LinkSpec, NodeSpec, Relation, Stage,
    SupplyBasis, SupplySpec,
};
use evidence::{RawRow, RawTable, ReadOptions, read_raw};
use model::{Basis, Country, Estimate, Lang, Names, Node, RowRef, Year};
use serde_json::{Value, json};

use super::CalcError;

/// Slack for shares that were rounded one by one.
const ROUNDING: f64 = 0.02;

#[derive(Debug, Clone)]
pub struct ChainFiles {
    pub nodes: PathBuf,
    pub links: PathBuf,
    pub supply: PathBuf,
}

pub(crate) struct ReadChain {
    pub graph: ChainGraph,
    /// Of providers that have a country of another name.
    pub country_of: BTreeMap<Country, Country>,
    /// For the report.
    pub input: Value,
}

impl ReadChain {
    /// Nodes without users, by id.
    pub fn final_nodes(&self) -> Vec<Node> {
        let inputs: BTreeSet<&Node> = self
            .graph
            .nodes()
            .iter()
            .flat_map(|node| &node.groups)
            .flat_map(|group| &group.alternatives)
            .map(|input| &input.node)
            .collect();
        let nodes = self.graph.nodes().iter().map(|node| &node.node);
        nodes
            .filter(|node| !inputs.contains(node))
            .cloned()
            .collect()
    }

    /// The targets named, or the final nodes where none is.
    pub fn targets(&self, named: &[String]) -> Result<Vec<Node>, CalcError> {
        if named.is_empty() {
            return Ok(self.final_nodes());
        }
        named
            .iter()
            .map(|name| {
                let node = Node::from(name.as_str());
                if self.graph.get(&node).is_some() {
                    Ok(node)
                } else {
                    Err(CalcError::argument(
                        "--target",
                        format!("`{name}` is not a node"),
                    ))
                }
            })
            .collect()
    }

    pub fn by_country(&self) -> Actors {
        Actors::grouped(&self.graph, &self.country_of)
    }
}

pub(crate) fn read_chain(files: &ChainFiles) -> Result<ReadChain, CalcError> {
    let nodes = Sheet::open(&files.nodes, "--nodes", &["node"])?;
    let links = Sheet::open(&files.links, "--links", &["from", "to"])?;
    let supply = Sheet::open(&files.supply, "--supply", &["node", "provider", "share"])?;
    let mut input = ChainInput::default();
    for row in nodes.rows() {
        input.nodes.push(NodeSpec {
            node: row.needed("node")?.into(),
            chain: "chain".into(),
            stage: row.one_of("stage", &STAGES, Stage::Material)?,
            essential: row.one_of("essential", &YES_NO, Essential::Yes)?,
            substitute_group: row.text("substitute_group").map(str::to_owned),
            origin: row.origin(),
        });
    }
    for row in links.rows() {
        input.links.push(LinkSpec {
            from: row.needed("from")?.into(),
            to: row.needed("to")?.into(),
            relation: row.one_of("relation", &RELATIONS, Relation::InputTo)?,
            origin: row.origin(),
        });
    }
    let mut country_of: BTreeMap<Country, Country> = BTreeMap::new();
    let mut without_share = 0;
    for row in supply.rows() {
        let provider = row.needed("provider")?;
        if let Some(country) = row.text("country").filter(|c| *c != provider) {
            let before = country_of.insert(provider.into(), country.into());
            if before.is_some_and(|before| before.as_str() != country) {
                return Err(row.wrong("country", "the provider stands under another country above"));
            }
        }
        let Some(share) = row.range("share")? else {
            without_share += 1;
            continue;
        };
        input.supply.push(SupplySpec {
            node: row.needed("node")?.into(),
            country: provider.into(),
            share,
            basis: SupplyBasis::Production,
            year: Year(0),
            origin: row.origin(),
        });
    }
    let rows = json!({
        "nodes": input.nodes.len(), "links": input.links.len(), "shares": input.supply.len(),
        "rows_without_share": without_share,
        "blake3": [nodes.raw.blake3, links.raw.blake3, supply.raw.blake3],
    });
    let mut blocs: BTreeMap<Country, BTreeSet<Country>> = BTreeMap::new();
    for (provider, country) in &country_of {
        blocs
            .entry(country.clone())
            .or_default()
            .insert(provider.clone());
    }
    let params = GraphParams {
        blocs,
        rounding: ROUNDING,
        ..GraphParams::default()
    };
    let graph = ChainGraph::build(input, &params).map_err(|problems| CalcError::Argument {
        argument: "the chain",
        problem: problems
            .iter()
            .map(|p| p.message().render(Lang::En, &Names::default()))
            .collect::<Vec<_>>()
            .join(" "),
        help: None,
    })?;
    Ok(ReadChain {
        graph,
        country_of,
        input: rows,
    })
}

/// Numbers of weeks by name: `key,weeks[,low,high]`.
pub(crate) fn read_weeks(
    file: &Path,
    argument: &'static str,
    key: &str,
) -> Result<BTreeMap<String, Estimate>, CalcError> {
    let sheet = Sheet::open(file, argument, &[key, "weeks"])?;
    let mut weeks = BTreeMap::new();
    for row in sheet.rows() {
        let Some(range) = row.range("weeks")? else {
            continue;
        };
        if range.low < 0.0 {
            return Err(row.wrong("weeks", "weeks are 0 or more"));
        }
        if weeks.insert(row.needed(key)?.to_owned(), range).is_some() {
            return Err(row.wrong(key, "the name stands twice"));
        }
    }
    Ok(weeks)
}

const YES_NO: [(&str, Essential); 6] = [
    ("yes", Essential::Yes),
    ("true", Essential::Yes),
    ("1", Essential::Yes),
    ("no", Essential::No),
    ("false", Essential::No),
    ("0", Essential::No),
];
const RELATIONS: [(&str, Relation); 3] = [
    ("input_to", Relation::InputTo),
    ("tool_for", Relation::ToolFor),
    ("material_for", Relation::MaterialFor),
];
const STAGES: [(&str, Stage); 7] = [
    ("material", Stage::Material),
    ("component", Stage::Component),
    ("equipment", Stage::Equipment),
    ("software", Stage::Software),
    ("process", Stage::Process),
    ("product", Stage::Product),
    ("service", Stage::Service),
];

/// A table whose cells are asked for by name.
pub(crate) struct Sheet {
    pub raw: RawTable,
    file: String,
    argument: &'static str,
}

pub(crate) struct SheetRow<'a> {
    sheet: &'a Sheet,
    row: &'a RawRow,
}

impl Sheet {
    pub fn open(file: &Path, argument: &'static str, needed: &[&str]) -> Result<Self, CalcError> {
        let (raw, _) =
            read_raw(file, &ReadOptions::default()).map_err(|findings| CalcError::Input {
                file: file.display().to_string(),
                findings,
            })?;
        let file = file.display().to_string();
        if let Some(missing) = needed.iter().find(|c| raw.position(c).is_none()) {
            return Err(CalcError::Argument {
                argument,
                problem: format!(
                    "{file} has no column `{missing}`; its columns are {}",
                    raw.columns.join(", ")
                ),
                help: None,
            });
        }
        Ok(Self {
            raw,
            file,
            argument,
        })
    }

    pub fn rows(&self) -> impl Iterator<Item = SheetRow<'_>> {
        let rows = self.raw.rows.iter();
        rows.map(|row| SheetRow { sheet: self, row })
    }
}

impl SheetRow<'_> {
    /// The cell, where it is not empty.
    pub fn text(&self, column: &str) -> Option<&str> {
        let at = self.sheet.raw.position(column)?;
        Some(self.row.cell(at).trim()).filter(|text| !text.is_empty())
    }

    pub fn needed(&self, column: &str) -> Result<&str, CalcError> {
        self.text(column)
            .ok_or_else(|| self.wrong(column, "the cell is empty"))
    }

    pub fn number(&self, column: &str) -> Result<Option<f64>, CalcError> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|n: &f64| n.is_finite());
        number
            .map(Some)
            .ok_or_else(|| self.wrong(column, &format!("`{text}` is not a number")))
    }

    /// A number with the range of the columns `low` and `high`; the middle of the range where only that is given.
    pub fn range(&self, column: &str) -> Result<Option<Estimate>, CalcError> {
        let (value, low, high) = (
            self.number(column)?,
            self.number("low")?,
            self.number("high")?,
        );
        let value = match (value, low, high) {
            (Some(value), ..) => value,
            (None, Some(low), Some(high)) => f64::midpoint(low, high),
            (None, ..) => return Ok(None),
        };
        let (low, high) = (low.unwrap_or(value), high.unwrap_or(value));
        Estimate::new(value, low, high, Basis::Published)
            .map(Some)
            .map_err(|_| self.wrong(column, "low, value and high must stand in that order"))
    }

    fn one_of<T: Copy>(
        &self,
        column: &str,
        codes: &[(&str, T)],
        default: T,
    ) -> Result<T, CalcError> {
        let Some(text) = self.text(column) else {
            return Ok(default);
        };
        let found = codes.iter().find(|(code, _)| *code == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = codes.iter().map(|(code, _)| *code).collect();
            self.wrong(column, &format!("`{text}` is none of {}", known.join(", ")))
        })
    }

    pub fn wrong(&self, column: &str, problem: &str) -> CalcError {
        CalcError::argument(
            self.sheet.argument,
            format!(
                "{}:{} [{column}]: {problem}",
                self.sheet.file, self.row.number
            ),
        )
    }

    fn origin(&self) -> RowRef {
        RowRef::new(
            self.sheet.argument.trim_start_matches('-'),
            self.row.number.to_string(),
        )
    }
}

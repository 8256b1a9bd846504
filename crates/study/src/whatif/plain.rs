//! One what-if on plain files: the same parts as on a study, from whatever files are given.

use std::collections::BTreeMap;

use chain::cascade::{Cascade, FirmNetwork};
use evidence::io::IoFiles;
use foundation::dependency::flows::Flows;
use model::{Message, Names, Node, Origin, Refusal, ResultTable, RowRef, Seed};

use super::firms::{FirmNet, FirmRow};
use super::question::{Asked, resolved};
use super::sources::SourceLine;
use super::{Answer, Carrier, Desk, Part, firms, io, trade};
use crate::config::{CascadeSection, InventorySection, ReportSection};
use crate::scenario::Scenario;

/// A question to plain files.
pub struct Plain {
    asked: Asked,
    draws: usize,
    seed: Seed,
    parts: Vec<Part>,
    sources: Vec<SourceLine>,
}

impl Plain {
    pub fn new(scenario: Scenario, draws: usize, seed: u64) -> Self {
        Self {
            asked: resolved(scenario, &|_| Vec::new(), &|_| Vec::new()),
            draws,
            seed: Seed(seed),
            parts: Vec::new(),
            sources: Vec::new(),
        }
    }

    pub fn scenario(&self) -> &Scenario {
        &self.asked.scenario
    }

    /// Why chains cannot be asked.
    pub fn no_node(&self) -> Option<&Refusal> {
        self.asked.no_node.as_ref()
    }

    /// What a chain said.
    pub fn chain(&mut self, tables: Vec<ResultTable>, refusals: Vec<Refusal>, notes: Vec<Message>) {
        let mut part = Part {
            carrier: Carrier::Chain,
            tables,
            refusals,
            notes,
            draws: None,
        };
        part.draws = part.answered().then_some(self.draws);
        self.parts.push(part);
    }

    pub fn trade(&mut self, flows: &Flows, year: i32, file: &str) {
        let goods = |code: &str| -> Vec<Node> {
            let events = self.asked.scenario.event.iter();
            let of_code = events.filter(|e| e.product.as_deref() == Some(code));
            let mut nodes: Vec<Node> = of_code
                .filter_map(|e| Some(Node::from(e.node.as_deref()?)))
                .collect();
            nodes.sort();
            nodes.dedup();
            nodes
        };
        let part = self.ask(|desk| trade::answer(desk, flows, year, &origin(file), &goods));
        self.parts.push(part);
    }

    pub fn io(&mut self, files: &IoFiles, folder: &str) {
        let part = self.ask(|desk| io::answer(desk, files, &origin(folder)));
        self.parts.push(part);
    }

    /// `about` holds name, country and region of each firm.
    pub fn firms(
        &mut self,
        network: &FirmNetwork,
        cascade: &Cascade,
        about: &[[String; 3]],
        file: &str,
    ) {
        let ids = network.firms();
        let rows = about
            .iter()
            .enumerate()
            .map(|(i, [name, country, region])| {
                let id = ids.ids[i].clone();
                FirmRow {
                    name: if name.is_empty() {
                        id.clone()
                    } else {
                        name.clone()
                    },
                    id,
                    sector: ids.sectors[ids.sector[i] as usize].clone(),
                    country: country.clone(),
                    region: region.clone(),
                    own: None,
                }
            });
        let net = FirmNet {
            network,
            cascade,
            firms: rows.collect(),
            origins: &|_| Vec::new(),
            sources: vec![origin(file)],
            year: None,
        };
        let part = self.ask(|desk| firms::answer(desk, &net));
        self.parts.push(part);
    }

    /// A file as a source: its name, what it is known by, the rows read.
    pub fn source(&mut self, text: String, rows: usize) {
        self.sources.push(SourceLine {
            text,
            href: None,
            rows,
            weight: None,
            confidence: None,
        });
    }

    fn ask<T>(&self, question: impl FnOnce(&Desk) -> T) -> T {
        question(&Desk {
            scenario: &self.asked.scenario,
            codes: &self.asked.codes,
            draws: self.draws,
            seed: self.seed,
            blocs: &BTreeMap::new(),
            home: None,
            inventory: &InventorySection::default(),
            tolerance: CascadeSection::default().tolerance,
        })
    }

    pub fn answer(self) -> Answer {
        Answer {
            home: self.asked.scenario.buyer.clone(),
            on_chain: None,
            scenario: self.asked.scenario,
            parts: self.parts,
            draws: self.draws,
            study: None,
            report: ReportSection::default(),
            seed: self.seed,
            names: Names::default(),
            sources: self.sources,
            remedy: None,
        }
    }
}

fn origin(file: &str) -> Origin {
    Origin::Evidence(RowRef::new("files", file))
}

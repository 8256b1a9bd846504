//! One what-if on whatever a study holds.
//!
//! A [`Question`] becomes a scenario; each kind of evidence answers its part of it: tables whose numbers have ranges
//! and origins, or refusals that say what would be needed. Nothing here computes: chains answer through
//! [`crate::steps::shock`], trade through `foundation::dependency`, industries through `chain::io`. A further kind of evidence is one more [`Part`].

mod files;
mod firms;
mod io;
mod page;
mod question;
mod screen;
mod trade;

use evidence::Evidence;
use model::{Message, Names, Refusal, ResultTable};

use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::error::StudyError;
use crate::folder::{BulkTables, Study};
use crate::inputs::chain::graph;
use crate::scenario::Scenario;
use crate::steps::shock::answers;

pub use question::{Question, Short};

use question::Asked;

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
}

impl Part {
    pub fn answered(&self) -> bool {
        self.tables.iter().any(|table| !table.rows.is_empty())
    }

    fn refused(carrier: Carrier, refusal: Refusal) -> Self {
        Self {
            carrier,
            tables: Vec::new(),
            refusals: vec![refusal],
            notes: Vec::new(),
        }
    }
}

/// The answer to a what-if, by kind of evidence.
#[derive(Debug, Clone)]
pub struct Answer {
    pub scenario: Scenario,
    pub parts: Vec<Part>,
    pub draws: usize,
    evidence: Evidence,
    names: Names,
    config: Config,
}

/// Asks the study. Evidence with errors answers nothing.
pub fn what_if(study: &Study, question: &Question, draws: usize) -> Result<Answer, StudyError> {
    let loaded = study.load()?;
    let errors = loaded.errors();
    if !errors.is_empty() {
        return Err(StudyError::Evidence(errors));
    }
    let asked = question.resolve(study, &loaded.evidence)?;
    let parts = parts(&loaded.evidence, &loaded.bulk, &study.config, &asked, draws);
    let scenarios = std::slice::from_ref(&asked.scenario);
    Ok(Answer {
        names: crate::folder::names(&loaded.evidence, scenarios),
        scenario: asked.scenario,
        parts,
        draws,
        evidence: loaded.evidence,
        config: study.config.clone(),
    })
}

fn parts(
    evidence: &Evidence,
    bulk: &BulkTables,
    config: &Config,
    asked: &Asked,
    draws: usize,
) -> Vec<Part> {
    let mut parts = vec![chain_part(evidence, config, asked, draws)];
    parts.extend(trade::part(evidence, bulk, config, asked));
    let firms = firms::part(evidence, config, asked);
    if firms.is_some() && asked.industries.is_empty() {
        // A firm is no country and no industry.
        let title = question::title(&asked.scenario);
        parts.push(Part::refused(
            Carrier::InputOutput,
            refusal("firm_in_industry", &title),
        ));
    } else {
        parts.push(io::part(bulk, asked));
    }
    parts.extend(firms);
    parts
}

fn chain_part(evidence: &Evidence, config: &Config, asked: &Asked, draws: usize) -> Part {
    if let Some(refusal) = &asked.no_node {
        return Part::refused(Carrier::Chain, refusal.clone());
    }
    let output = match graph(evidence, config) {
        Ok(graph) => answers(
            evidence,
            config,
            &graph,
            std::slice::from_ref(&asked.scenario),
            draws,
        ),
        Err(problems) => StepOutput {
            tables: Vec::new(),
            refusals: crate::steps::chain_broken(&problems),
        },
    };
    Part {
        carrier: Carrier::Chain,
        tables: output.tables,
        refusals: output.refusals,
        notes: asked.notes.clone(),
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

    fn table(&self, name: &str) -> Option<&ResultTable> {
        let tables = self.parts.iter().flat_map(|part| &part.tables);
        tables.into_iter().find(|table| table.name == name)
    }
}

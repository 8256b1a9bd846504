//! Concordances: values counted in one classification, told in another, with nothing lost unseen.
//!
//! A concordance from classification A to B is a matrix of weights, a row for each code a of A:
//!
//! ```text
//! w_ab ≥ 0,   Σ_b w_ab + lost_a = 1          lost_a: the part of a that has no counterpart in B
//! y_b = Σ_a w_ab x_a                          a converted value
//! Σ_b y_b + Σ_a lost_a x_a + unmatched = Σ_a x_a     what comes in goes out or is said to be lost
//! ```
//!
//! Weights are given by the table, or split: equally, or by a reference distribution r over the codes of B
//! (w_ab = r_b / Σ_b' r_b' over the counterparts of a). The way back has weights of its own, by Bayes' rule from a
//! reference distribution over A (w'_ba = w_ab r_a / Σ_a' w_a'b r_a') or equal. A chain A → B → C is the matrix product.
//!
//! **The interval of a converted value.** A split is an assumption. Mass of a code with exactly one counterpart
//! surely goes there; mass of a code with several could go to any of them:
//!
//! ```text
//! low_b  = Σ x_a over codes a whose only counterpart is b
//! high_b = low_b + Σ x_a over codes a that have b among several counterparts
//! ```
//!
//! (parts below zero, such as trade balances, widen the other end). Links count here even where their weight is 0.
//!
//! Liao, Kim, Miyano and Zhang (2020, R package `concordance`) publish the correspondence tables most used with trade
//! data; files of that layout are read by [`read_links`]. None is part of the project: users bring their own.

mod attributes;
mod code;
mod convert;
mod links;
mod weights;

use std::collections::BTreeMap;

use crate::exact_sum::Sum;

pub use attributes::{AttributeTable, Joined, Lookup};
pub use code::{CodeError, cut, normal, with_zeros};
pub use convert::{
    Conversion, ConversionReport, ConvertParams, Converted, KindShare, LostCode, Unmatched,
};
pub use links::{Link, LinkColumns, LinkTable, read_links};
pub use weights::{Split, Sums, Weights};

/// What the weights of a code may miss 1 by: the last digit of a fraction, nothing more.
pub const WEIGHT_TOLERANCE: f64 = 1e-12;

/// A weighted correspondence between two classifications.
#[derive(Debug, Clone, PartialEq)]
pub struct Concordance {
    from: String,
    to: String,
    /// Sorted.
    sources: Vec<String>,
    /// Sorted.
    targets: Vec<String>,
    /// For each source its counterparts (position among `targets`) and weights, by target.
    links: Vec<Vec<(usize, f64)>>,
    /// 1 - Σ weights, for each source.
    lost: Vec<f64>,
    /// Sources that each target has.
    origins: Vec<u32>,
    steps: Vec<Step>,
}

/// One table or one turn that a concordance was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub from: String,
    pub to: String,
    /// The file and its hash, or how the links were made.
    pub origin: String,
    /// How the weights came about: `given`, `renormalised`, `equal`, `reference`, `prefix`; `reversed` before it for
    /// the way back.
    pub weights: String,
    /// Codes whose counterparts have no mass in the reference distribution; they were split equally.
    pub split_equally: Vec<String>,
}

/// How a code and its counterparts relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// One counterpart, which has no other code.
    OneToOne,
    /// One counterpart, shared with other codes.
    ManyToOne,
    /// Several counterparts, all of them its own.
    OneToMany,
    /// Several counterparts, some shared with other codes.
    ManyToMany,
}

impl LinkKind {
    pub const ALL: [Self; 4] = [
        Self::OneToOne,
        Self::ManyToOne,
        Self::OneToMany,
        Self::ManyToMany,
    ];

    /// As reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneToOne => "one_to_one",
            Self::ManyToOne => "many_to_one",
            Self::OneToMany => "one_to_many",
            Self::ManyToMany => "many_to_many",
        }
    }
}

/// Why links make no concordance, or values cannot pass it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConcordanceError {
    #[error("no links between codes")]
    Empty,
    #[error("the link {from} → {to} has the weight {weight}: need a finite number not below 0")]
    Weight {
        from: String,
        to: String,
        weight: f64,
    },
    #[error("the link {from} → {to} has no weight; give one, or split equally or by a reference")]
    NoWeight { from: String, to: String },
    #[error("the link {from} → {to} stands twice with different weights")]
    Twice { from: String, to: String },
    #[error(
        "the weights of {count} codes do not sum to 1 (first: {code}, {sum}); ask for renormalised or partial weights if that is meant"
    )]
    Sums {
        count: usize,
        code: String,
        sum: f64,
    },
    #[error("the reference value of {code} is {value}: need a finite number not below 0")]
    Reference { code: String, value: f64 },
    #[error("the first concordance leads to {to}, the second starts from {from}")]
    Chain { to: String, from: String },
    #[error("the value {value} of code {code} is not finite")]
    NotAValue { code: String, value: f64 },
    #[error(
        "{code} is to collect what has no counterpart, but is a code of {classification} itself"
    )]
    Collision {
        code: String,
        classification: String,
    },
    #[error("the values are too large to add up")]
    Overflow,
    #[error("{file} has no column `{column}`; it has: {}", .known.join(", "))]
    Column {
        file: String,
        column: String,
        known: Vec<String>,
    },
    #[error("{file}, line {line}: {problem}")]
    Cell {
        file: String,
        line: u64,
        problem: String,
    },
    #[error(transparent)]
    Code(#[from] CodeError),
}

impl Concordance {
    /// A concordance `from` → `to` of these links; a link may stand several times.
    ///
    /// # Errors
    /// [`ConcordanceError`]: no links, weights that are none, or that do not sum to 1 where they must.
    pub fn new(
        from: &str,
        to: &str,
        links: &[Link],
        weights: &Weights,
        origin: &str,
    ) -> Result<Self, ConcordanceError> {
        weights::derive(from, to, links, weights, origin)
    }

    /// Each code to the first `digits` characters of itself: HS 6 → 4 → 2 digits.
    ///
    /// # Errors
    /// No codes, or a code shorter than `digits`.
    pub fn by_prefix<'a>(
        from: &str,
        to: &str,
        codes: impl IntoIterator<Item = &'a str>,
        digits: usize,
    ) -> Result<Self, ConcordanceError> {
        let links: Vec<Link> = codes
            .into_iter()
            .map(|code| {
                Ok(Link {
                    from: code.to_owned(),
                    to: cut(code, digits)?.to_owned(),
                    weight: None,
                })
            })
            .collect::<Result<_, CodeError>>()?;
        let mut made = Self::new(from, to, &links, &Weights::Split(Split::Equal), "")?;
        made.steps[0].origin = format!("first {digits} characters");
        "prefix".clone_into(&mut made.steps[0].weights);
        Ok(made)
    }

    /// The way back, with weights of its own: [`Split::Equal`], or by Bayes' rule from a reference distribution over
    /// the codes of `self.from()`.
    ///
    /// # Errors
    /// A reference value that is none.
    pub fn reversed(&self, split: &Split) -> Result<Self, ConcordanceError> {
        let mut back: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.targets.len()];
        for (source, links) in self.links.iter().enumerate() {
            let mass = split.mass(&self.sources[source])?;
            for (target, weight) in links {
                back[*target].push((source, weight * mass));
            }
        }
        let mut split_equally = Vec::new();
        for (target, links) in back.iter_mut().enumerate() {
            if matches!(split, Split::Equal) {
                weights::share_equally(links);
            } else if !links.is_empty() && !weights::normalise(links) {
                weights::share_equally(links);
                split_equally.push(self.targets[target].clone());
            }
        }
        // A target that no code reaches (after a chain) has nowhere to go back to.
        let lost = back
            .iter()
            .map(|links| if links.is_empty() { 1.0 } else { 0.0 })
            .collect();
        let mut steps: Vec<Step> = self.steps.iter().rev().map(Step::turned).collect();
        if let Some(first) = steps.first_mut() {
            first.weights = format!("reversed {}", split.name());
            first.split_equally = split_equally;
        }
        Ok(Self::assemble(
            (self.to.clone(), self.from.clone()),
            self.targets.clone(),
            self.sources.clone(),
            back,
            lost,
            steps,
        ))
    }

    /// `self`, then `next`: the matrix product. Mass that reaches a code which `next` does not have is lost, and said
    /// to be ([`Self::lost_of`]).
    ///
    /// # Errors
    /// [`ConcordanceError::Chain`] where the classifications do not meet.
    pub fn then(&self, next: &Self) -> Result<Self, ConcordanceError> {
        if self.to != next.from {
            return Err(ConcordanceError::Chain {
                to: self.to.clone(),
                from: next.from.clone(),
            });
        }
        let middle: Vec<Option<usize>> = self
            .targets
            .iter()
            .map(|code| next.sources.binary_search(code).ok())
            .collect();
        let mut links = Vec::with_capacity(self.links.len());
        let mut lost = Vec::with_capacity(self.links.len());
        for (row, already) in self.links.iter().zip(&self.lost) {
            let mut parts: BTreeMap<usize, Sum> = BTreeMap::new();
            let mut gone = Sum::default();
            gone.add(*already);
            for (target, weight) in row {
                let Some(at) = middle[*target] else {
                    gone.add(*weight);
                    continue;
                };
                gone.add(weight * next.lost[at]);
                for (end, onward) in &next.links[at] {
                    parts.entry(*end).or_default().add(weight * onward);
                }
            }
            links.push(parts.into_iter().map(|(end, w)| (end, w.value())).collect());
            lost.push(gone.value());
        }
        let steps = self.steps.iter().chain(&next.steps).cloned().collect();
        Ok(Self::assemble(
            (self.from.clone(), next.to.clone()),
            self.sources.clone(),
            next.targets.clone(),
            links,
            lost,
            steps,
        ))
    }

    fn assemble(
        (from, to): (String, String),
        sources: Vec<String>,
        targets: Vec<String>,
        links: Vec<Vec<(usize, f64)>>,
        lost: Vec<f64>,
        steps: Vec<Step>,
    ) -> Self {
        let mut origins = vec![0; targets.len()];
        for (target, _) in links.iter().flatten() {
            origins[*target] += 1;
        }
        Self {
            from,
            to,
            sources,
            targets,
            links,
            lost,
            origins,
            steps,
        }
    }

    pub fn from(&self) -> &str {
        &self.from
    }

    pub fn to(&self) -> &str {
        &self.to
    }

    /// Codes that have counterparts, sorted.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Counterparts, sorted. After [`Self::then`] some may be reached by no code.
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// What it was made of, in the order of use.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Counterparts and weights of a code, by counterpart; `None` for a code without any.
    pub fn links_of(&self, code: &str) -> Option<impl Iterator<Item = (&str, f64)>> {
        let at = self.position(code)?;
        let links = self.links[at].iter();
        Some(links.map(|(target, weight)| (self.targets[*target].as_str(), *weight)))
    }

    /// The part of a code that has no counterpart, 0..1; 1 for a code that is not in the table.
    pub fn lost_of(&self, code: &str) -> f64 {
        self.position(code).map_or(1.0, |at| self.lost[at])
    }

    /// How a code and its counterparts relate; `None` where it has none.
    pub fn kind_of(&self, code: &str) -> Option<LinkKind> {
        self.kind(self.position(code)?)
    }

    fn position(&self, code: &str) -> Option<usize> {
        self.sources
            .binary_search_by(|known| known.as_str().cmp(code))
            .ok()
    }

    fn kind(&self, source: usize) -> Option<LinkKind> {
        let links = &self.links[source];
        let shared = links.iter().any(|(target, _)| self.origins[*target] > 1);
        match (links.len(), shared) {
            (0, _) => None,
            (1, false) => Some(LinkKind::OneToOne),
            (1, true) => Some(LinkKind::ManyToOne),
            (_, false) => Some(LinkKind::OneToMany),
            (_, true) => Some(LinkKind::ManyToMany),
        }
    }
}

impl Step {
    fn turned(&self) -> Self {
        Self {
            from: self.to.clone(),
            to: self.from.clone(),
            origin: self.origin.clone(),
            weights: "reversed".to_owned(),
            split_equally: Vec::new(),
        }
    }
}

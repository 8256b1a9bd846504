//! Who names what: consensus over subjects × jurisdictions, over time.
//!
//! For a subject s, J the jurisdictions of the registry, N(s) those with a strategy that names s, and
//! U(s) those that do not name s but have fewer than `min_documents` strategies in the registry (their
//! silence may be the registry's):
//!
//! ```text
//! consensus(s) = |N| / |J \ U|,   low = |N| / |J|,   high = (|N| + |U|) / |J|
//! ```
//!
//! Comparison of national lists after Cheng Yanlin et al. (2025), Bulletin of the Chinese Academy of
//! Sciences; the range for thin registries is Forelay's own.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Entity, Estimate, Jurisdiction, RowRef, Year};
use serde::{Deserialize, Serialize};

use crate::Strategy;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsensusParams {
    /// A jurisdiction with fewer strategies on record than this may simply be under-recorded.
    pub min_documents: usize,
    /// From this share of the other jurisdictions on, a subject counts as their common choice.
    pub common_from: f64,
}

impl Default for ConsensusParams {
    fn default() -> Self {
        Self {
            min_documents: 4,
            common_from: 0.5,
        }
    }
}

/// One cell of the matrix: the strategies of a jurisdiction that name a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct CellCount {
    pub subject: Entity,
    pub jurisdiction: Jurisdiction,
    pub documents: usize,
    pub first: Option<Year>,
    pub origins: Vec<RowRef>,
}

/// Who chose a subject, seen from home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// Home and at least one other.
    Shared,
    /// Home alone, among jurisdictions on record.
    HomeAlone,
    /// The common choice of the others, and not home's.
    AllButHome,
    /// Some others, and not home.
    SomeOthers,
    Nobody,
}

impl Choice {
    /// The catalogue code of the choice.
    pub fn code(self) -> &'static str {
        match self {
            Self::Shared => "choice.shared",
            Self::HomeAlone => "choice.home_alone",
            Self::AllButHome => "choice.all_but_home",
            Self::SomeOthers => "choice.some_others",
            Self::Nobody => "choice.nobody",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct SubjectConsensus {
    pub subject: Entity,
    pub named_by: BTreeSet<Jurisdiction>,
    pub unknown: BTreeSet<Jurisdiction>,
    /// Share of all jurisdictions that name it, 0..1.
    pub share: Estimate,
    pub choice: Choice,
    /// The strategies that name it; the denominators count the silent ones too.
    pub origins: Vec<RowRef>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Consensus {
    pub jurisdictions: Vec<(Jurisdiction, usize)>,
    pub cells: Vec<CellCount>,
    pub subjects: Vec<SubjectConsensus>,
    /// Consensus of the strategies published up to the end of each year.
    pub over_time: Vec<(Entity, Year, Estimate)>,
}

/// Consensus over `subjects` (all of them appear in the result, also those nobody names).
///
/// Empty `strategies` give an empty matrix.
pub fn consensus(
    strategies: &[Strategy],
    subjects: &BTreeSet<Entity>,
    home: &Jurisdiction,
    params: &ConsensusParams,
) -> Consensus {
    let documents = documents_by_jurisdiction(strategies);
    if documents.is_empty() {
        return Consensus {
            jurisdictions: Vec::new(),
            cells: Vec::new(),
            subjects: Vec::new(),
            over_time: Vec::new(),
        };
    }
    let mut cells = Vec::new();
    let mut rows = Vec::new();
    for subject in subjects {
        for jurisdiction in documents.keys() {
            let naming: Vec<&Strategy> = strategies
                .iter()
                .filter(|s| &s.jurisdiction == jurisdiction && s.subjects.contains(subject))
                .collect();
            cells.push(CellCount {
                subject: subject.clone(),
                jurisdiction: jurisdiction.clone(),
                documents: naming.len(),
                first: naming.iter().map(|s| s.published).min(),
                origins: naming.iter().map(|s| s.origin.clone()).collect(),
            });
        }
        rows.push(subject_consensus(
            strategies, subject, &documents, home, params,
        ));
    }
    let years: BTreeSet<Year> = strategies.iter().map(|s| s.published).collect();
    let mut over_time = Vec::new();
    for subject in subjects {
        for year in &years {
            let until: Vec<Strategy> = strategies
                .iter()
                .filter(|s| s.published <= *year)
                .cloned()
                .collect();
            // Jurisdictions that had published nothing yet stay in the denominator: the question is how
            // many of today's registry had chosen the subject by then.
            let (named, _, share) = share(&until, subject, &documents, params);
            debug_assert!(named.len() <= documents.len());
            over_time.push((subject.clone(), *year, share));
        }
    }
    Consensus {
        jurisdictions: documents.into_iter().collect(),
        cells,
        subjects: rows,
        over_time,
    }
}

fn documents_by_jurisdiction(strategies: &[Strategy]) -> BTreeMap<Jurisdiction, usize> {
    let mut documents = BTreeMap::new();
    for strategy in strategies {
        *documents.entry(strategy.jurisdiction.clone()).or_insert(0) += 1;
    }
    documents
}

fn share(
    strategies: &[Strategy],
    subject: &Entity,
    documents: &BTreeMap<Jurisdiction, usize>,
    params: &ConsensusParams,
) -> (BTreeSet<Jurisdiction>, BTreeSet<Jurisdiction>, Estimate) {
    let named: BTreeSet<Jurisdiction> = strategies
        .iter()
        .filter(|s| s.subjects.contains(subject))
        .map(|s| s.jurisdiction.clone())
        .collect();
    let unknown: BTreeSet<Jurisdiction> = documents
        .iter()
        .filter(|(j, count)| **count < params.min_documents && !named.contains(j))
        .map(|(j, _)| j.clone())
        .collect();
    let all = documents.len() as f64;
    let known = all - unknown.len() as f64;
    let n = named.len() as f64;
    let value = if known > 0.0 { n / known } else { 0.0 };
    let estimate = Estimate::spanning(
        value,
        n / all,
        (n + unknown.len() as f64) / all,
        Basis::Derived,
    );
    (named, unknown, estimate)
}

fn subject_consensus(
    strategies: &[Strategy],
    subject: &Entity,
    documents: &BTreeMap<Jurisdiction, usize>,
    home: &Jurisdiction,
    params: &ConsensusParams,
) -> SubjectConsensus {
    let (named_by, unknown, share) = share(strategies, subject, documents, params);
    let others_on_record = documents
        .iter()
        .filter(|(j, n)| *j != home && **n >= params.min_documents)
        .count();
    let others = named_by.iter().filter(|j| *j != home).count();
    let others_well_recorded = named_by
        .iter()
        .filter(|j| *j != home && documents[*j] >= params.min_documents)
        .count();
    let common = others_on_record > 0
        && others_well_recorded as f64 >= params.common_from * others_on_record as f64;
    let choice = match (named_by.contains(home), others) {
        (true, 0) => Choice::HomeAlone,
        (true, _) => Choice::Shared,
        (false, 0) => Choice::Nobody,
        (false, _) if common => Choice::AllButHome,
        (false, _) => Choice::SomeOthers,
    };
    let origins = strategies
        .iter()
        .filter(|s| s.subjects.contains(subject))
        .map(|s| s.origin.clone())
        .collect();
    SubjectConsensus {
        subject: subject.clone(),
        named_by,
        unknown,
        share,
        choice,
        origins,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use model::Kind;
    use proptest::prelude::*;

    use super::*;
    use crate::Strategy;

    fn strategy(id: &str, who: &str, year: i32, names: &[&str]) -> Strategy {
        Strategy {
            policy: id.into(),
            jurisdiction: who.into(),
            published: Year(year),
            subjects: names.iter().map(|n| Entity::new(Kind::Field, *n)).collect(),
            directions: BTreeSet::new(),
            instruments: BTreeSet::new(),
            money: None,
            origin: RowRef::new("policies", id),
        }
    }

    fn fields(names: &[&str]) -> BTreeSet<Entity> {
        names.iter().map(|n| Entity::new(Kind::Field, *n)).collect()
    }

    /// Four jurisdictions; D has one strategy only and is silent on `q`.
    fn world() -> Vec<Strategy> {
        vec![
            strategy("a1", "A", 2018, &["q"]),
            strategy("a2", "A", 2020, &["h"]),
            strategy("b1", "B", 2020, &["q"]),
            strategy("b2", "B", 2021, &["q", "x"]),
            strategy("c1", "C", 2021, &["h"]),
            strategy("c2", "C", 2021, &["h"]),
            strategy("d1", "D", 2019, &["h"]),
        ]
    }

    #[test]
    fn shares_and_choices_by_hand() {
        let params = ConsensusParams {
            min_documents: 2,
            common_from: 0.5,
        };
        let result = consensus(
            &world(),
            &fields(&["q", "h", "x", "z"]),
            &"C".into(),
            &params,
        );
        let of = |id: &str| {
            result
                .subjects
                .iter()
                .find(|s| s.subject.id == id)
                .expect("a row")
        };
        // q: named by A, B of A, B, C; D unknown: 2/3, between 2/4 and 3/4.
        assert_eq!((of("q").share.low, of("q").share.high), (0.5, 0.75));
        assert!((of("q").share.value - 2.0 / 3.0).abs() < 1e-12);
        // C is home: q is named by two of the two other well-recorded jurisdictions.
        assert_eq!(of("q").choice, Choice::AllButHome);
        assert_eq!(of("h").choice, Choice::Shared);
        assert_eq!(of("x").choice, Choice::AllButHome); // B alone is half of A and B
        assert_eq!(of("z").choice, Choice::Nobody);
        // Up to 2018 only A names q: 1 of A, B, C known.
        let first = result
            .over_time
            .iter()
            .find(|(e, y, _)| e.id == "q" && *y == Year(2018));
        assert_eq!(first.map(|(_, _, s)| (s.low, s.high)), Some((0.25, 0.5)));
    }

    #[test]
    fn an_empty_registry_gives_an_empty_matrix() {
        let result = consensus(
            &[],
            &fields(&["q"]),
            &"A".into(),
            &ConsensusParams::default(),
        );
        assert!(result.subjects.is_empty() && result.over_time.is_empty());
    }

    #[test]
    fn home_alone() {
        let params = ConsensusParams {
            min_documents: 1,
            common_from: 0.5,
        };
        let result = consensus(&world(), &fields(&["x"]), &"B".into(), &params);
        assert_eq!(result.subjects[0].choice, Choice::HomeAlone);
    }

    proptest! {
        #[test]
        fn another_strategy_never_lowers_consensus_and_order_is_irrelevant(
            picks in proptest::collection::vec((0usize..5, 2010i32..2025, 0usize..4), 1..25)
        ) {
            let who = ["A", "B", "C", "D", "E"];
            let what = ["q", "h", "x", "z"];
            let all: Vec<Strategy> = picks
                .iter()
                .enumerate()
                .map(|(i, (j, y, f))| strategy(&format!("p{i:03}"), who[*j], *y, &[what[*f]]))
                .collect();
            let params = ConsensusParams { min_documents: 0, common_from: 0.5 };
            let subjects = fields(&what);
            let full = consensus(&all, &subjects, &"A".into(), &params);
            let mut reversed = all.clone();
            reversed.reverse();
            let again = consensus(&reversed, &subjects, &"A".into(), &params);
            for (a, b) in full.subjects.iter().zip(&again.subjects) {
                prop_assert_eq!(a.share, b.share);
                prop_assert!(a.share.low <= a.share.value && a.share.value <= a.share.high);
            }
            for subject in &subjects {
                let series: Vec<f64> = full.over_time.iter().filter(|(e, _, _)| e == subject)
                    .map(|(_, _, s)| s.value).collect();
                prop_assert!(series.windows(2).all(|w| w[0] <= w[1] + 1e-12));
            }
        }
    }
}

//! Descriptors, states, and who promotes what.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Message};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    pub name: String,
    /// By name.
    pub states: Vec<String>,
}

/// One judgment: how far `from` promotes (positive) or hinders (negative) `to`.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    /// Descriptor and state.
    pub from: (String, String),
    pub to: (String, String),
    pub impact: Estimate,
}

/// One state of every descriptor, by position.
pub type Scenario = Vec<usize>;

/// What makes judgments unusable.
#[derive(Debug, Clone, PartialEq)]
pub enum ImpactProblem {
    /// Fewer than two descriptors.
    TooFew,
    /// A descriptor with fewer than two states.
    OneState(String),
    /// A state that stands twice.
    StateTwice(String, String),
    /// A judgment about a state that does not exist; the number counts judgments from 0.
    Unknown(usize, String, String),
    /// A judgment within one descriptor.
    Itself(usize, String),
    /// Two judgments of one pair of states.
    Twice(usize),
    /// More scenarios than can be counted.
    TooMany,
}

impl ImpactProblem {
    pub fn message(&self) -> Message {
        match self {
            Self::TooFew => Message::new("cross_impact.too_few"),
            Self::OneState(d) => {
                Message::new("cross_impact.one_state").with("descriptor", d.as_str())
            }
            Self::StateTwice(d, s) => Message::new("cross_impact.state_twice")
                .with("descriptor", d.as_str())
                .with("state", s.as_str()),
            Self::Unknown(_, d, s) => Message::new("cross_impact.unknown")
                .with("descriptor", d.as_str())
                .with("state", s.as_str()),
            Self::Itself(_, d) => {
                Message::new("cross_impact.itself").with("descriptor", d.as_str())
            }
            Self::Twice(_) => Message::new("cross_impact.twice"),
            Self::TooMany => Message::new("cross_impact.too_many"),
        }
    }

    /// The judgment that it is about.
    pub fn judgment(&self) -> Option<usize> {
        match self {
            Self::Unknown(k, ..) | Self::Itself(k, _) | Self::Twice(k) => Some(*k),
            _ => None,
        }
    }
}

/// A judged matrix. A pair of states without a judgment has no influence: that is what an empty cell means in the method.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossImpacts {
    pub descriptors: Vec<Descriptor>,
    /// First state of each descriptor in the matrix, and the number of all states.
    offsets: Vec<usize>,
    /// Row by row over all states.
    impacts: Vec<Estimate>,
    /// Judgments given.
    pub judged: usize,
}

const NONE: Estimate = Estimate {
    value: 0.0,
    low: 0.0,
    high: 0.0,
    basis: Basis::Judged,
};

impl CrossImpacts {
    /// Descriptors and states are put in the order of their names, so the order of rows plays no part.
    pub fn new(
        states: &[(String, String)],
        impacts: &[Impact],
    ) -> Result<Self, Vec<ImpactProblem>> {
        let mut problems = Vec::new();
        let mut by_name: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (descriptor, state) in states {
            if !by_name.entry(descriptor).or_default().insert(state) {
                problems.push(ImpactProblem::StateTwice(descriptor.clone(), state.clone()));
            }
        }
        if by_name.len() < 2 {
            problems.push(ImpactProblem::TooFew);
        }
        let descriptors: Vec<Descriptor> = by_name
            .into_iter()
            .map(|(name, states)| Descriptor {
                name: name.to_owned(),
                states: states.into_iter().map(str::to_owned).collect(),
            })
            .collect();
        let mut total: Option<u128> = Some(1);
        let mut offsets = vec![0];
        let mut place: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for descriptor in &descriptors {
            if descriptor.states.len() < 2 {
                problems.push(ImpactProblem::OneState(descriptor.name.clone()));
            }
            total = total.and_then(|t| t.checked_mul(descriptor.states.len() as u128));
            for state in &descriptor.states {
                place.insert((&descriptor.name, state), place.len());
            }
            offsets.push(place.len());
        }
        if total.is_none() {
            problems.push(ImpactProblem::TooMany);
        }
        let n = place.len();
        let mut matrix = vec![NONE; n * n];
        let mut given = BTreeSet::new();
        for (k, judgment) in impacts.iter().enumerate() {
            let find = |(d, s): &(String, String)| {
                place
                    .get(&(d.as_str(), s.as_str()))
                    .copied()
                    .ok_or_else(|| ImpactProblem::Unknown(k, d.clone(), s.clone()))
            };
            match (find(&judgment.from), find(&judgment.to)) {
                (Ok(from), Ok(to)) => {
                    if judgment.from.0 == judgment.to.0 {
                        problems.push(ImpactProblem::Itself(k, judgment.from.0.clone()));
                    } else if given.insert((from, to)) {
                        matrix[from * n + to] = judgment.impact;
                    } else {
                        problems.push(ImpactProblem::Twice(k));
                    }
                }
                (a, b) => problems.extend([a.err(), b.err()].into_iter().flatten()),
            }
        }
        if problems.is_empty() {
            Ok(Self {
                descriptors,
                offsets,
                impacts: matrix,
                judged: given.len(),
            })
        } else {
            Err(problems)
        }
    }

    pub fn len(&self) -> usize {
        self.descriptors.len()
    }

    /// Never: fewer than two descriptors are refused.
    pub fn is_empty(&self) -> bool {
        self.descriptors.is_empty()
    }

    pub fn states(&self, descriptor: usize) -> usize {
        self.offsets[descriptor + 1] - self.offsets[descriptor]
    }

    /// Number of all scenarios.
    pub fn total(&self) -> u128 {
        (0..self.len()).map(|d| self.states(d) as u128).product()
    }

    pub(super) fn at(&self, (d, s): (usize, usize), (e, t): (usize, usize)) -> &Estimate {
        let n = self.offsets[self.len()];
        &self.impacts[(self.offsets[d] + s) * n + self.offsets[e] + t]
    }

    pub fn state_name(&self, descriptor: usize, state: usize) -> &str {
        &self.descriptors[descriptor].states[state]
    }

    /// The matrix with each judgment drawn by `draw`.
    pub(super) fn drawn(&self, mut draw: impl FnMut(&Estimate) -> f64) -> Self {
        let impacts = self
            .impacts
            .iter()
            .map(|e| {
                if e.width() > 0.0 {
                    Estimate::exact(draw(e), e.basis)
                } else {
                    *e
                }
            })
            .collect();
        Self {
            impacts,
            ..self.clone()
        }
    }

    pub fn has_ranges(&self) -> bool {
        self.impacts.iter().any(|e| e.width() > 0.0)
    }

    /// The impact balance of a descriptor: the sum of all impacts on each of its states, at the values.
    ///
    /// ```text
    /// θ_jl(z) = Σ_{i ≠ j} C_ij(z_i, l)
    /// ```
    pub fn balance(&self, scenario: &[usize], descriptor: usize) -> Vec<f64> {
        (0..self.states(descriptor))
            .map(|state| {
                (0..self.len())
                    .filter(|i| *i != descriptor)
                    .map(|i| self.at((i, scenario[i]), (descriptor, state)).value)
                    .sum()
            })
            .collect()
    }

    /// Sum of the impact scores of the scenario's own states.
    pub fn total_impact(&self, scenario: &[usize]) -> f64 {
        (0..self.len())
            .map(|j| self.balance(scenario, j)[scenario[j]])
            .sum()
    }

    /// `I(z) = max_j max_l (θ_jl(z) - θ_j,z_j(z))`: 0 where the scenario is consistent.
    pub fn inconsistency(&self, scenario: &[usize]) -> f64 {
        (0..self.len())
            .map(|j| {
                let balance = self.balance(scenario, j);
                let best = balance.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                best - balance[scenario[j]]
            })
            .fold(0.0, f64::max)
    }

    /// The smallest advantage of the scenario's own states over another state, by one reading of the judgments.
    pub(super) fn least_advantage(
        &self,
        scenario: &[usize],
        own: fn(&Estimate) -> f64,
        other: fn(&Estimate) -> f64,
    ) -> f64 {
        let mut least = f64::INFINITY;
        for j in 0..self.len() {
            for l in (0..self.states(j)).filter(|l| *l != scenario[j]) {
                let sum: f64 = (0..self.len())
                    .filter(|i| *i != j)
                    .map(|i| {
                        let from = (i, scenario[i]);
                        own(self.at(from, (j, scenario[j]))) - other(self.at(from, (j, l)))
                    })
                    .sum();
                least = least.min(sum);
            }
        }
        least
    }
}

//! The question: who is to be served, and where something could stand.

use std::collections::BTreeSet;

use model::Message;

/// Somebody to be served.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    pub id: String,
    pub weight: f64,
}

/// A place where something could stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub id: String,
    /// Suitability of the host, where it has been scored; see [`Problem::suitable`].
    pub suitability: Option<f64>,
    /// It stands already, or has been promised.
    pub fixed: bool,
    /// What opening it costs; only asked for where there is a budget.
    pub cost: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Problem {
    pub demands: Vec<Demand>,
    pub candidates: Vec<Candidate>,
    /// By demand, then candidate.
    pub distance: Vec<Vec<f64>>,
    /// With a budget, the number of sites is the most that may be opened instead of how many are.
    pub budget: Option<f64>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Unlocated {
    Invalid(Vec<Message>),
    Infeasible(Message),
    Stopped(Message),
}

impl Unlocated {
    pub fn messages(&self) -> Vec<Message> {
        match self {
            Self::Invalid(messages) => messages.clone(),
            Self::Infeasible(message) | Self::Stopped(message) => vec![message.clone()],
        }
    }

    pub(crate) fn infeasible() -> Self {
        Self::Infeasible(Message::new("sites.infeasible"))
    }

    pub(crate) fn stopped() -> Self {
        Self::Stopped(Message::new("sites.stopped"))
    }
}

impl Problem {
    /// Without candidates whose suitability is unknown or below `least`; what stands already stays.
    #[must_use]
    pub fn suitable(&self, least: f64) -> Self {
        let keep: Vec<usize> = (0..self.candidates.len())
            .filter(|j| {
                let candidate = &self.candidates[*j];
                candidate.fixed || candidate.suitability.is_some_and(|s| s >= least)
            })
            .collect();
        Self {
            budget: self.budget,
            demands: self.demands.clone(),
            candidates: keep.iter().map(|j| self.candidates[*j].clone()).collect(),
            distance: self
                .distance
                .iter()
                .map(|row| keep.iter().map(|j| row[*j]).collect())
                .collect(),
        }
    }

    /// Checked, with rows in the order of their ids: the order of the input does not matter.
    pub(crate) fn sorted(&self, sites: usize) -> Result<Self, Unlocated> {
        let say = |what: &str| Message::new(format!("sites.check.{what}"));
        let mut found = Vec::new();
        if self.demands.is_empty() || self.candidates.is_empty() {
            found.push(say("empty"));
        }
        let mut seen = BTreeSet::new();
        let ids = (self.demands.iter().map(|d| (0, &d.id)))
            .chain(self.candidates.iter().map(|c| (1, &c.id)));
        for id in ids {
            if !seen.insert(id) {
                found.push(say("twice").with("id", id.1.as_str()));
            }
        }
        for demand in &self.demands {
            if !demand.weight.is_finite() || demand.weight < 0.0 {
                found.push(say("weight").with("id", demand.id.as_str()));
            }
        }
        if let Some(budget) = self.budget {
            if !budget.is_finite() || budget < 0.0 {
                found.push(say("budget"));
            }
            for candidate in &self.candidates {
                if candidate.cost.is_none_or(|c| !c.is_finite() || c < 0.0) {
                    found.push(say("cost").with("id", candidate.id.as_str()));
                }
            }
        }
        let whole = self.distance.len() == self.demands.len()
            && self
                .distance
                .iter()
                .all(|row| row.len() == self.candidates.len());
        if !whole
            || self
                .distance
                .iter()
                .flatten()
                .any(|d| !d.is_finite() || *d < 0.0)
        {
            found.push(say("distance"));
        }
        let fixed = self.candidates.iter().filter(|c| c.fixed).count();
        if sites == 0 || sites > self.candidates.len() || sites < fixed {
            found.push(
                say("count")
                    .with("sites", sites)
                    .with("candidates", self.candidates.len())
                    .with("fixed", fixed),
            );
        }
        if !found.is_empty() {
            return Err(Unlocated::Invalid(found));
        }
        let order = |ids: Vec<&String>| {
            let mut order: Vec<usize> = (0..ids.len()).collect();
            order.sort_by(|a, b| ids[*a].cmp(ids[*b]));
            order
        };
        let rows = order(self.demands.iter().map(|d| &d.id).collect());
        let columns = order(self.candidates.iter().map(|c| &c.id).collect());
        Ok(Self {
            budget: self.budget,
            demands: rows.iter().map(|i| self.demands[*i].clone()).collect(),
            candidates: columns
                .iter()
                .map(|j| self.candidates[*j].clone())
                .collect(),
            distance: rows
                .iter()
                .map(|i| columns.iter().map(|j| self.distance[*i][*j]).collect())
                .collect(),
        })
    }
}

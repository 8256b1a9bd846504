//! The question: organisations, what they can do, missions and what they need.

use std::collections::{BTreeMap, BTreeSet};

use model::Message;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq)]
pub struct Organisation {
    pub id: String,
    /// May lead: a leading enterprise.
    pub leads: bool,
    pub kind: Option<String>,
    pub region: Option<String>,
    /// Cost of taking part in one mission.
    pub cost: f64,
    /// Missions that it may serve at the same time.
    pub load: usize,
    /// Level of each capability that is on record.
    pub capabilities: BTreeMap<String, f64>,
}

/// A capability that a mission needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub capability: String,
    /// Members that have to hold it: two or more where nobody should be the only one.
    #[serde(default = "one")]
    pub holders: usize,
    /// Least level that counts.
    #[serde(default)]
    pub least: f64,
}

fn one() -> usize {
    1
}

#[derive(Debug, Clone, PartialEq)]
pub struct Mission {
    pub id: String,
    pub needs: Vec<Need>,
    pub min_members: usize,
    pub max_members: usize,
    /// Least number of members of a kind (universities, small enterprises).
    pub kinds: BTreeMap<String, usize>,
    /// Least number of different regions.
    pub regions: usize,
    /// What taking part may cost in all; `None`: money is no limit.
    pub budget: Option<f64>,
}

/// What counts as coordination cost (Kargar & An 2011).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coordination {
    /// Sum of the distances between the leader and each member.
    #[default]
    Leader,
    /// Sum of the distances between all members.
    Pairs,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Problem {
    pub organisations: Vec<Organisation>,
    pub missions: Vec<Mission>,
    /// Between organisations by position, symmetric.
    pub distance: Vec<Vec<f64>>,
    /// Pairs that may not sit together.
    pub conflicts: Vec<(String, String)>,
}

impl Problem {
    pub fn position(&self, id: &str) -> Option<usize> {
        self.organisations.iter().position(|o| o.id == id)
    }

    /// Whether an organisation counts for a need.
    pub fn holds(&self, organisation: usize, need: &Need) -> bool {
        let level = self.organisations[organisation]
            .capabilities
            .get(&need.capability);
        level.is_some_and(|level| *level >= need.least)
    }

    pub(crate) fn problems(&self) -> Vec<Message> {
        let say = |what: &str| Message::new(format!("consortium.check.{what}"));
        let mut found = Vec::new();
        let n = self.organisations.len();
        if n == 0 {
            found.push(say("no_organisations"));
        }
        if self.missions.is_empty() {
            found.push(say("no_missions"));
        }
        let mut seen = BTreeSet::new();
        let ids = (self
            .organisations
            .iter()
            .map(|o| ("organisation", o.id.as_str())))
        .chain(self.missions.iter().map(|m| ("mission", m.id.as_str())));
        for (what, id) in ids {
            if !seen.insert((what, id)) {
                found.push(say("twice").with("id", id));
            }
        }
        for o in &self.organisations {
            let levels = o.capabilities.values();
            if levels.chain([&o.cost]).any(|x| !x.is_finite() || *x < 0.0) {
                found.push(say("number").with("id", o.id.as_str()));
            }
        }
        if self.organisations.iter().all(|o| !o.leads) && n > 0 {
            found.push(say("no_leader"));
        }
        for m in &self.missions {
            if m.needs.is_empty() {
                found.push(say("no_needs").with("mission", m.id.as_str()));
            }
            if m.budget.is_some_and(|b| !b.is_finite() || b < 0.0) {
                found.push(say("budget").with("mission", m.id.as_str()));
            }
            if m.min_members > m.max_members || m.max_members == 0 {
                found.push(say("members").with("mission", m.id.as_str()));
            }
        }
        let square = self.distance.len() == n && self.distance.iter().all(|row| row.len() == n);
        let good = |i: usize, j: usize| {
            let d = self.distance[i][j];
            d.is_finite() && d >= 0.0 && (d - self.distance[j][i]).abs() <= 1e-9 * d.max(1.0)
        };
        if !square || !(0..n).all(|i| (0..n).all(|j| good(i, j))) {
            found.push(say("distance"));
        }
        for (a, b) in &self.conflicts {
            for id in [a, b] {
                if self.position(id).is_none() {
                    found.push(say("unknown").with("id", id.as_str()));
                }
            }
        }
        found
    }
}

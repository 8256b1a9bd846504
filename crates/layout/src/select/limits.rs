//! Limits on the chosen set in the user's terms: groups that may send only so many, commitments, vetoes.

use model::{Entity, Industry, Refusal};
use serde::{Deserialize, Serialize};

use super::sets::SetRule;
use crate::refusal;

/// A group of alternatives that may send at most `most` into the set. Groups do not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub members: Vec<Industry>,
    pub most: usize,
}

/// What a set has to keep. Alternatives that are not ranked are passed over; names that nobody knows are not checked here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetLimits {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group: Vec<Group>,
    /// In every set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub committed: Vec<Industry>,
    /// In no set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vetoed: Vec<Industry>,
}

impl SetLimits {
    pub(crate) fn rule(
        &self,
        size: usize,
        alternatives: &[Industry],
    ) -> Result<SetRule, Box<Refusal>> {
        let position = |industry: &Industry| alternatives.iter().position(|a| a == industry);
        let positions = |industries: &[Industry]| -> Vec<usize> {
            let mut found: Vec<usize> = industries.iter().filter_map(position).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let mut rule = SetRule::best(size, alternatives.len());
        for group in &self.group {
            let number = rule.most_of_group.len();
            rule.most_of_group.push(group.most);
            for i in positions(&group.members) {
                if rule.group_of[i].replace(number).is_some() {
                    return Err(refusal("select.overlapping_groups", |m| {
                        m.with("industry", alternatives[i].entity())
                    }));
                }
            }
        }
        rule.committed = positions(&self.committed);
        rule.vetoed = positions(&self.vetoed);
        if rule.choose(&vec![0.0; alternatives.len()]).is_none() {
            let names =
                |list: &[Industry]| -> Vec<Entity> { list.iter().map(Industry::entity).collect() };
            return Err(refusal("select.no_set", |m| {
                m.with("top", size)
                    .with("committed", names(&self.committed))
                    .with("vetoed", names(&self.vetoed))
                    .with("groups", self.group.len())
            }));
        }
        Ok(rule)
    }
}

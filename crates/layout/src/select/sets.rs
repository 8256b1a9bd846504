//! Acceptability of whole sets: how often a *set* is the best choice, not how often each member ranks well.
//!
//! In every draw of measurements and weights a rule chooses the best set of alternatives; counting equal sets gives
//!
//! ```text
//! B(S)  = share of draws in which S is the best set                 set acceptability
//! P(i)  = Σ_{S ∋ i} B(S)                                            membership
//! L(S)  = 1 - Σ_d u_d(S) / Σ_d u_d(S*_d),  u_d(S) = Σ_{i in S} u(i, d)   mean loss of deciding for S before the draw
//! ```
//!
//! Without limits the best set of k is the k best ranks, so P(i) is the top-k acceptability of SMAA-2 (Lahdelma & Salminen
//! 2001). With limits the members compete for places, and P(i) is no sum of rank acceptabilities. Set-level
//! acceptability under limits is Forelay's own (experimental), checked by brute force over all sets.

use std::collections::BTreeMap;

use model::Estimate;
use rayon::prelude::*;

use super::smaa::Samples;
use crate::interval::{Z95, share};

/// Which sets are allowed. The best allowed set of a draw is found exactly: the allowed sets are the bases of a
/// laminar matroid, and greed is optimal on it (Edmonds 1971).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRule {
    /// How many alternatives are chosen.
    pub size: usize,
    /// Groups of alternatives, by position in [`Self::group_of`], with the most members each may send.
    pub most_of_group: Vec<usize>,
    /// Group of each alternative; `None`: in no group.
    pub group_of: Vec<Option<usize>>,
    /// Alternatives that are in every set.
    pub committed: Vec<usize>,
    /// Alternatives that are in none.
    pub vetoed: Vec<usize>,
}

impl SetRule {
    /// The `size` best of `alternatives`, without further limits.
    pub fn best(size: usize, alternatives: usize) -> Self {
        Self {
            size,
            most_of_group: Vec::new(),
            group_of: vec![None; alternatives],
            committed: Vec::new(),
            vetoed: Vec::new(),
        }
    }

    /// The best allowed set for these utilities in ascending order, or `None` where no set is allowed.
    ///
    /// Equal utilities are taken in the order of the positions.
    pub fn choose(&self, utilities: &[f64]) -> Option<Vec<usize>> {
        let mut left = self.most_of_group.clone();
        let mut chosen = Vec::with_capacity(self.size);
        let mut take = |i: usize, chosen: &mut Vec<usize>| {
            let room = self
                .group_of
                .get(i)
                .copied()
                .flatten()
                .map(|g| left.get_mut(g));
            match room.flatten() {
                Some(0) => false,
                Some(room) => {
                    *room -= 1;
                    chosen.push(i);
                    true
                }
                None => {
                    chosen.push(i);
                    true
                }
            }
        };
        for i in &self.committed {
            if chosen.len() >= self.size
                || chosen.contains(i)
                || self.vetoed.contains(i)
                || !take(*i, &mut chosen)
            {
                return None;
            }
        }
        let mut order: Vec<usize> = (0..utilities.len())
            .filter(|i| !self.committed.contains(i) && !self.vetoed.contains(i))
            .collect();
        order.sort_by(|a, b| utilities[*b].total_cmp(&utilities[*a]).then(a.cmp(b)));
        for i in order {
            if chosen.len() == self.size {
                break;
            }
            take(i, &mut chosen);
        }
        chosen.sort_unstable();
        (chosen.len() == self.size).then_some(chosen)
    }
}

/// A set that is the best in some draws.
#[derive(Debug, Clone, PartialEq)]
pub struct SetShare {
    /// Positions in ascending order.
    pub members: Vec<usize>,
    pub acceptability: Estimate,
    /// Mean share of the best set's utility that this set misses, 0..1; for the sets that are asked for only.
    pub loss: Option<Estimate>,
}

/// Which sets are best, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Sets {
    pub draws: usize,
    /// Most frequent first; equally frequent ones by their members.
    pub sets: Vec<SetShare>,
    /// By alternative: share of draws in which it is in the best set.
    pub membership: Vec<Estimate>,
    /// Share of draws in which no set is allowed.
    pub impossible: Estimate,
}

impl Sets {
    /// Acceptability of one set; a set that was never the best has the range of the rule of three.
    pub fn acceptability(&self, members: &[usize], samples: &Samples) -> Estimate {
        let mut sorted = members.to_vec();
        sorted.sort_unstable();
        self.sets.iter().find(|s| s.members == sorted).map_or_else(
            || share(0, self.draws, samples.basis()),
            |s| s.acceptability,
        )
    }
}

/// Counts the sets that `choose` takes for the utilities of each draw. `losses`: of how many of the most frequent sets the
/// loss is wanted.
pub fn sets(
    samples: &Samples,
    choose: &(dyn Fn(&[f64]) -> Option<Vec<usize>> + Sync),
    losses: usize,
) -> Sets {
    let draws = samples.draws();
    let chosen: Vec<Option<Vec<usize>>> = (0..draws)
        .into_par_iter()
        .map(|d| {
            let mut set = choose(samples.utilities(d))?;
            set.sort_unstable();
            set.dedup();
            Some(set)
        })
        .collect();
    let mut counts: BTreeMap<&[usize], usize> = BTreeMap::new();
    let mut membership = vec![0; samples.alternatives()];
    for set in chosen.iter().flatten() {
        *counts.entry(set).or_insert(0) += 1;
        for i in set {
            if let Some(count) = membership.get_mut(*i) {
                *count += 1;
            }
        }
    }
    let mut order: Vec<(&[usize], usize)> = counts.into_iter().collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let shared = |count: usize| share(count, draws, samples.basis());
    Sets {
        draws,
        sets: order
            .par_iter()
            .enumerate()
            .map(|(k, (members, count))| SetShare {
                members: members.to_vec(),
                acceptability: shared(*count),
                loss: (k < losses)
                    .then(|| loss_against(samples, members, &chosen))
                    .flatten(),
            })
            .collect(),
        membership: membership.into_iter().map(shared).collect(),
        impossible: shared(chosen.iter().filter(|c| c.is_none()).count()),
    }
}

/// The mean loss of one set under the rule `choose`; `None` where the best sets have no positive utility.
pub fn loss(
    samples: &Samples,
    members: &[usize],
    choose: &(dyn Fn(&[f64]) -> Option<Vec<usize>> + Sync),
) -> Option<Estimate> {
    let chosen: Vec<Option<Vec<usize>>> = (0..samples.draws())
        .into_par_iter()
        .map(|d| choose(samples.utilities(d)))
        .collect();
    loss_against(samples, members, &chosen)
}

/// A ratio of means with its delta-method range: with e_d = u_d(S) - r u_d(S*), se(r) = sd(e) / (mean u(S*) √K).
fn loss_against(
    samples: &Samples,
    members: &[usize],
    chosen: &[Option<Vec<usize>>],
) -> Option<Estimate> {
    let pairs: Vec<(f64, f64)> = chosen
        .iter()
        .enumerate()
        .filter_map(|(d, best)| {
            let u = samples.utilities(d);
            let of = |set: &[usize]| set.iter().filter_map(|i| u.get(*i)).sum::<f64>();
            best.as_ref().map(|best| (of(members), of(best)))
        })
        .collect();
    let k = pairs.len() as f64;
    let best: f64 = pairs.iter().map(|p| p.1).sum();
    if best <= 0.0 || k < 2.0 {
        return None;
    }
    let ratio = pairs.iter().map(|p| p.0).sum::<f64>() / best;
    let squares: f64 = pairs.iter().map(|p| (p.0 - ratio * p.1).powi(2)).sum();
    let half = Z95 * (squares / (k - 1.0) / k).sqrt() / (best / k);
    let loss = 1.0 - ratio;
    let basis = samples.basis();
    Some(Estimate::spanning(loss, loss - half, loss + half, basis.and(basis)).clamped(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use model::Basis;

    use super::*;

    /// Three alternatives, one criterion, four draws with values (3,2,1), (3,1,2), (1,2,3), (3,2,1).
    fn samples() -> Samples {
        let x = vec![3.0, 2.0, 1.0, 3.0, 1.0, 2.0, 1.0, 2.0, 3.0, 3.0, 2.0, 1.0];
        Samples::new(3, 1, x, vec![1.0; 4], Basis::Measured).unwrap()
    }

    #[test]
    fn pairs_by_hand() {
        let rule = SetRule::best(2, 3);
        let s = sets(&samples(), &|u| rule.choose(u), 3);
        // Best pairs: 01, 02, 12, 01.
        assert_eq!(s.sets[0].members, [0, 1]);
        assert_eq!(s.sets[0].acceptability.value, 0.5);
        assert_eq!(s.acceptability(&[2, 1], &samples()).value, 0.25);
        let p: Vec<f64> = s.membership.iter().map(|e| e.value).collect();
        assert_eq!(p, [0.75, 0.75, 0.5]);
        // Pair 01 is worth 5, 4, 3, 5 of 5, 5, 5, 5: it misses 3/20.
        assert!((s.sets[0].loss.unwrap().value - 0.15).abs() < 1e-12);
        assert_eq!(s.impossible.value, 0.0);
    }

    #[test]
    fn limits_by_hand() {
        let mut rule = SetRule::best(2, 3);
        rule.most_of_group = vec![1];
        rule.group_of = vec![Some(0), Some(0), None];
        assert_eq!(rule.choose(&[3.0, 2.0, 1.0]).unwrap(), [0, 2]);
        rule.committed = vec![1];
        assert_eq!(rule.choose(&[3.0, 2.0, 1.0]).unwrap(), [1, 2]);
        rule.vetoed = vec![2];
        assert_eq!(rule.choose(&[3.0, 2.0, 1.0]), None);
        let s = sets(&samples(), &|u| rule.choose(u), 1);
        assert_eq!(s.impossible.value, 1.0);
        assert!(s.sets.is_empty());
    }
}

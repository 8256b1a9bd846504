//! Expert votes: spread, agreement and dissent are shown, and a draw takes one expert's word; nothing is averaged.
//!
//! ```text
//! quartiles      of the votes on one alternative and criterion (nearest rank)
//! Kendall's W  = 12 S / (m² (n³ - n) - m Σ T)     m experts rank n alternatives; S: squared deviations of the rank sums from
//!                their mean; T = Σ (t³ - t) over the ties of one expert; 0: no agreement, 1: one order       (Kendall & Smith 1939)
//! p            = share of random rankings with a W at least as large       (permutations, seeded)
//! ```

use std::collections::{BTreeMap, BTreeSet};

use model::{Criterion, Industry, Seed};
use rand::RngExt;
use rand::seq::SliceRandom;

/// One expert's word; the latest one, where there are several.
#[derive(Debug, Clone, PartialEq)]
pub struct Vote {
    pub expert: String,
    pub alternative: Industry,
    pub criterion: Criterion,
    /// 0..1; `None`: an abstention.
    pub value: Option<f64>,
    /// What the expert objects to.
    pub dissent: Option<String>,
}

/// The votes on one alternative and one criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    pub alternative: Industry,
    pub criterion: Criterion,
    pub votes: usize,
    pub abstentions: usize,
    /// Minimum, lower quartile, median, upper quartile, maximum; `None` without votes.
    pub quartiles: Option<[f64; 5]>,
    /// Experts and what they object to.
    pub dissent: Vec<(String, String)>,
}

/// How far the experts agree on the order of the alternatives under one criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    pub criterion: Criterion,
    /// Experts who voted on every alternative of the criterion, and how many did not.
    pub experts: usize,
    pub left_out: usize,
    pub alternatives: usize,
    /// `None` for fewer than two experts or alternatives, or where nobody tells any apart.
    pub w: Option<f64>,
    pub p: Option<f64>,
}

/// Votes by alternative and criterion, in the order of their ids.
pub fn spreads(votes: &[Vote]) -> Vec<Spread> {
    let mut cells: BTreeMap<(&Criterion, &Industry), Vec<&Vote>> = BTreeMap::new();
    for vote in votes {
        let key = (&vote.criterion, &vote.alternative);
        cells.entry(key).or_default().push(vote);
    }
    cells
        .into_iter()
        .map(|((criterion, alternative), mut votes)| {
            votes.sort_by(|a, b| a.expert.cmp(&b.expert));
            let mut values: Vec<f64> = votes.iter().filter_map(|v| v.value).collect();
            values.sort_by(f64::total_cmp);
            let n = values.len();
            let at = |p: f64| values[((p * n as f64).ceil().max(1.0) as usize - 1).min(n - 1)];
            Spread {
                alternative: alternative.clone(),
                criterion: criterion.clone(),
                votes: n,
                abstentions: votes.len() - n,
                quartiles: (n > 0).then(|| [at(0.0), at(0.25), at(0.5), at(0.75), at(1.0)]),
                dissent: votes
                    .iter()
                    .filter_map(|v| Some((v.expert.clone(), v.dissent.clone()?)))
                    .collect(),
            }
        })
        .collect()
}

/// Agreement under each criterion; `permutations` random rankings give p (0: none).
pub fn agreements(votes: &[Vote], permutations: usize, seed: Seed) -> Vec<Agreement> {
    let criteria: BTreeSet<&Criterion> = votes.iter().map(|v| &v.criterion).collect();
    criteria
        .into_iter()
        .map(|criterion| {
            let of: Vec<&Vote> = votes.iter().filter(|v| v.criterion == *criterion).collect();
            let alternatives: BTreeSet<&Industry> = of.iter().map(|v| &v.alternative).collect();
            let experts: BTreeSet<&str> = of.iter().map(|v| v.expert.as_str()).collect();
            let rankings: Vec<Vec<f64>> = experts
                .iter()
                .filter_map(|expert| {
                    alternatives
                        .iter()
                        .map(|a| {
                            let own = of
                                .iter()
                                .find(|v| v.expert == *expert && v.alternative == **a);
                            own.and_then(|v| v.value)
                        })
                        .collect::<Option<Vec<f64>>>()
                })
                .map(|values| mean_ranks(&values))
                .collect();
            let w = kendall_w(&rankings);
            Agreement {
                criterion: criterion.clone(),
                experts: rankings.len(),
                left_out: experts.len() - rankings.len(),
                alternatives: alternatives.len(),
                p: w.filter(|_| permutations > 0).map(|w| {
                    let label = format!("select/votes/{criterion}");
                    let reached = (0..permutations)
                        .filter(|k| {
                            let mut rng = seed.stream(&label, *k as u64);
                            let mut shuffled = rankings.clone();
                            for ranking in &mut shuffled {
                                ranking.shuffle(&mut rng);
                            }
                            kendall_w(&shuffled).is_some_and(|random| random >= w - 1e-12)
                        })
                        .count();
                    (reached + 1) as f64 / (permutations + 1) as f64
                }),
                w,
            }
        })
        .collect()
}

/// 1 for the smallest; ties share the mean of their ranks.
fn mean_ranks(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .map(|x| {
            let below = values.iter().filter(|y| *y < x).count() as f64;
            let same = values.iter().filter(|y| y.total_cmp(x).is_eq()).count() as f64;
            below + f64::midpoint(same, 1.0)
        })
        .collect()
}

fn kendall_w(rankings: &[Vec<f64>]) -> Option<f64> {
    let m = rankings.len() as f64;
    let n = rankings.first()?.len();
    if rankings.len() < 2 || n < 2 {
        return None;
    }
    let sums: Vec<f64> = (0..n)
        .map(|i| rankings.iter().map(|r| r[i]).sum())
        .collect();
    let mean = sums.iter().sum::<f64>() / n as f64;
    let s: f64 = sums.iter().map(|x| (x - mean).powi(2)).sum();
    let ties: f64 = rankings
        .iter()
        .map(|ranking| {
            let mut sorted = ranking.clone();
            sorted.sort_by(f64::total_cmp);
            let groups = sorted.chunk_by(|a, b| a.total_cmp(b).is_eq());
            groups
                .map(|g| (g.len() as f64).powi(3) - g.len() as f64)
                .sum::<f64>()
        })
        .sum();
    let n = n as f64;
    let whole = m * m * (n * n * n - n) - m * ties;
    (whole > 1e-9).then(|| 12.0 * s / whole)
}

/// The vote that a draw takes on each alternative under each criterion: one expert is drawn, and where that one is silent, one of
/// those who spoke. `None` where nobody did.
pub fn drawn_votes(
    votes: &[Vote],
    alternatives: &[Industry],
    criteria: &[Criterion],
    seed: Seed,
    draw: u64,
) -> Vec<Vec<Option<f64>>> {
    let experts: Vec<&str> = {
        let all: BTreeSet<&str> = votes.iter().map(|v| v.expert.as_str()).collect();
        all.into_iter().collect()
    };
    if experts.is_empty() {
        return vec![vec![None; criteria.len()]; alternatives.len()];
    }
    let mut rng = seed.stream("select/votes/expert", draw);
    let speaker = experts[rng.random_range(0..experts.len())];
    alternatives
        .iter()
        .map(|alternative| {
            criteria
                .iter()
                .map(|criterion| {
                    let mut spoken: Vec<(&str, f64)> = votes
                        .iter()
                        .filter(|v| v.alternative == *alternative && v.criterion == *criterion)
                        .filter_map(|v| Some((v.expert.as_str(), v.value?)))
                        .collect();
                    spoken.sort_by(|a, b| a.0.cmp(b.0));
                    if let Some((_, value)) = spoken.iter().find(|(e, _)| *e == speaker) {
                        return Some(*value);
                    }
                    let label = format!("select/votes/{alternative}/{criterion}");
                    let mut rng = seed.stream(&label, draw);
                    let k = rng.random_range(0..spoken.len().max(1));
                    spoken.get(k).map(|(_, value)| *value)
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    fn votes(rows: &[(&str, [f64; 3])]) -> Vec<Vote> {
        rows.iter()
            .flat_map(|(expert, values)| {
                values.iter().enumerate().map(|(i, value)| Vote {
                    expert: (*expert).to_owned(),
                    alternative: format!("a{i}").into(),
                    criterion: "needs".into(),
                    value: Some(*value),
                    dissent: (*expert == "c").then(|| "too early".to_owned()),
                })
            })
            .collect()
    }

    #[test]
    fn full_agreement_and_none_by_hand() {
        let same = votes(&[("a", [0.1, 0.5, 0.9]), ("b", [0.2, 0.3, 0.4])]);
        assert_eq!(agreements(&same, 0, Seed(1))[0].w, Some(1.0));
        let opposed = votes(&[("a", [0.1, 0.5, 0.9]), ("b", [0.9, 0.5, 0.1])]);
        assert_eq!(agreements(&opposed, 0, Seed(1))[0].w, Some(0.0));
        // Three experts, rank sums 4, 5, 9 around 6: S = 14, W = 12·14/(9·24) = 7/9.
        let three = votes(&[
            ("a", [0.1, 0.5, 0.9]),
            ("b", [0.1, 0.5, 0.9]),
            ("c", [0.5, 0.1, 0.9]),
        ]);
        let found = &agreements(&three, 500, Seed(1))[0];
        assert!((found.w.unwrap() - 7.0 / 9.0).abs() < 1e-12);
        // Exactly: of 36 pairs of orders relative to the first, W >= 7/9 takes S >= 14: S = 18 once, S = 14 in 6 cases.
        assert!((found.p.unwrap() - 7.0 / 36.0).abs() < 0.06, "{found:?}");
    }

    #[test]
    fn ties_by_hand() {
        // Ranks (1, 2.5, 2.5) and (1, 2, 3): sums 2, 4.5, 5.5 around 4: S = 6.5; T = 6 for the first.
        // W = 78 / (4·24 - 2·6) = 78/84.
        let tied = votes(&[("a", [0.1, 0.5, 0.5]), ("b", [0.1, 0.5, 0.9])]);
        let w = agreements(&tied, 0, Seed(1))[0].w.unwrap();
        assert!((w - 78.0 / 84.0).abs() < 1e-12);
    }

    #[test]
    fn spread_and_dissent_stand_beside_the_median() {
        let all = votes(&[
            ("a", [0.1, 0.5, 0.9]),
            ("b", [0.2, 0.5, 0.8]),
            ("c", [0.9, 0.5, 0.1]),
        ]);
        let first = &spreads(&all)[0];
        assert_eq!(first.quartiles, Some([0.1, 0.1, 0.2, 0.9, 0.9]));
        assert_eq!(first.dissent, [("c".to_owned(), "too early".to_owned())]);
    }

    #[test]
    fn a_draw_is_one_voice() {
        let all = votes(&[("a", [0.1, 0.5, 0.9]), ("b", [0.2, 0.4, 0.8])]);
        let alternatives: Vec<Industry> = ["a0", "a1", "a2"].map(Industry::from).to_vec();
        let mut seen = [0; 2];
        for draw in 0..200 {
            let cells = drawn_votes(&all, &alternatives, &["needs".into()], Seed(1), draw);
            let row: Vec<f64> = cells.iter().map(|c| c[0].unwrap()).collect();
            match row[..] {
                [0.1, 0.5, 0.9] => seen[0] += 1,
                [0.2, 0.4, 0.8] => seen[1] += 1,
                _ => panic!("a mixture of voices: {row:?}"),
            }
        }
        assert!(seen[0] > 70 && seen[1] > 70);
        let nobody = drawn_votes(&all, &["other".into()], &["needs".into()], Seed(1), 0);
        assert_eq!(nobody, [[None]]);
    }
}

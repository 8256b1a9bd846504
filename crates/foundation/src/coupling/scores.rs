//! Metrics of a ranking: did what came true stand high?
//!
//! ```text
//! precision P = TP / (TP + FP),  recall R = TP / positives          cells from the highest score downward
//! average precision (area under precision and recall)   Σ_n (R_n - R_{n-1}) P_n over the distinct scores
//! ROC-AUC     P(score of a hit > score of a miss) + ½ P(equal)
//! precision@k hits among the first k / k                            recall@k   the same hits / all hits
//! best F1     max over the distinct scores of 2PR/(P + R)           MCC        at the threshold of the best F1
//! MAP         mean of the average precision of each location that has a hit
//! NDCG@k      mean over the same locations of Σ_{i≤k} hit_i / log₂(i + 1), divided by its best value
//! ```
//!
//! Average precision is stepwise, without interpolation (Davis and Goadrich, 2006; Manning, Raghavan and Schütze,
//! 2008). Equal scores are one step; within them precision@k and NDCG@k (Järvelin and Kekäläinen, 2002; McSherry
//! and Najork, 2008) take the mean over all orders, so no result depends on the order of rows. MCC: Matthews (1975).
//! The threshold of best F1 and MCC is chosen on the judged cells themselves: both flatter every score alike.
//! Citations from memory.
//!
//! A metric that is not defined (no hit, or for ROC-AUC no miss) is `None`, never 0.

/// What a forecast is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    AveragePrecision,
    RocAuc,
    PrecisionAtK,
    RecallAtK,
    MeanAveragePrecision,
    NdcgAtK,
    BestF1,
    Mcc,
}

impl Metric {
    pub const ALL: [Self; 8] = [
        Self::AveragePrecision,
        Self::RocAuc,
        Self::PrecisionAtK,
        Self::RecallAtK,
        Self::MeanAveragePrecision,
        Self::NdcgAtK,
        Self::BestF1,
        Self::Mcc,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::AveragePrecision => "metric.average_precision",
            Self::RocAuc => "metric.roc_auc",
            Self::PrecisionAtK => "metric.precision_at_k",
            Self::RecallAtK => "metric.recall_at_k",
            Self::MeanAveragePrecision => "metric.mean_average_precision",
            Self::NdcgAtK => "metric.ndcg_at_k",
            Self::BestF1 => "metric.best_f1",
            Self::Mcc => "metric.mcc",
        }
    }
}

/// Why scores make no ranking.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RankingError {
    #[error("{scores} scores for {hits} outcomes")]
    Shape { scores: usize, hits: usize },
    #[error("score {place} is not a number")]
    NotANumber { place: usize },
}

/// Cells from the highest score downward, equal scores together.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Cell at each place.
    order: Vec<usize>,
    /// Outcome at each place.
    hits: Vec<bool>,
    /// End of each group of equal scores.
    ends: Vec<usize>,
}

/// The metrics of one list of cells that need no locations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListMetrics {
    pub average_precision: Option<f64>,
    pub roc_auc: Option<f64>,
    pub precision_at_k: Option<f64>,
    pub recall_at_k: Option<f64>,
    pub best_f1: Option<f64>,
    pub mcc: Option<f64>,
}

/// Sums down to one threshold.
#[derive(Clone, Copy, Default)]
struct Above {
    hits: f64,
    misses: f64,
}

impl Ranking {
    pub fn new(scores: &[f64], hits: &[bool]) -> Result<Self, RankingError> {
        if scores.len() != hits.len() {
            return Err(RankingError::Shape {
                scores: scores.len(),
                hits: hits.len(),
            });
        }
        if let Some(place) = scores.iter().position(|s| s.is_nan()) {
            return Err(RankingError::NotANumber { place });
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|i, j| scores[*j].total_cmp(&scores[*i]).then(i.cmp(j)));
        let ends = (1..=order.len())
            // 0 and -0 are one score.
            .filter(|i| *i == order.len() || scores[order[*i]] < scores[order[*i - 1]])
            .collect();
        Ok(Self {
            hits: order.iter().map(|i| hits[*i]).collect(),
            order,
            ends,
        })
    }

    /// Metrics of the list, every cell counted once; precision and recall among the first `k`.
    pub fn metrics(&self, k: usize) -> ListMetrics {
        self.weighted(k, |_| 1.0)
    }

    /// The same where cell i stands for `weight(i)` ≥ 0 cells, as in a bootstrap replicate.
    pub fn weighted(&self, k: usize, weight: impl Fn(usize) -> f64) -> ListMetrics {
        let wanted = k as f64;
        let mut steps: Vec<Above> = Vec::with_capacity(self.ends.len());
        let mut above = Above::default();
        let mut start = 0;
        for end in &self.ends {
            for place in start..*end {
                let w = weight(self.order[place]);
                if self.hits[place] {
                    above.hits += w;
                } else {
                    above.misses += w;
                }
            }
            start = *end;
            steps.push(above);
        }
        let all = above;
        let (mut average, mut pairs, mut top) = (0.0, 0.0, None);
        let (mut best, mut threshold) = (-1.0, Above::default());
        let mut before = Above::default();
        for step in &steps {
            let (hits, misses) = (step.hits - before.hits, step.misses - before.misses);
            let size = step.hits + step.misses;
            if size > 0.0 {
                average += hits * step.hits / size;
                // Each new miss stands below the hits before it and level with half of the new ones.
                pairs += misses * (before.hits + hits / 2.0);
                let f1 = 2.0 * step.hits / (size + all.hits);
                if f1 > best {
                    (best, threshold) = (f1, *step);
                }
            }
            let reached = before.hits + before.misses;
            if top.is_none() && size >= wanted && size > reached {
                top = Some(before.hits + hits * (wanted - reached) / (size - reached));
            }
            before = *step;
        }
        let some = |defined: bool, value: f64| defined.then_some(value);
        let any = all.hits > 0.0;
        ListMetrics {
            average_precision: some(any, average / all.hits),
            roc_auc: some(any && all.misses > 0.0, pairs / (all.hits * all.misses)),
            precision_at_k: top.filter(|_| k > 0).map(|hits| hits / wanted),
            recall_at_k: top.filter(|_| any).map(|hits| hits / all.hits),
            best_f1: some(any, best),
            mcc: some(any && all.misses > 0.0, matthews(threshold, all)),
        }
    }

    /// NDCG of the first `k` of this list; `None` without a hit.
    pub fn ndcg(&self, k: usize) -> Option<f64> {
        let discount = |place: usize| {
            if place < k {
                1.0 / ((place + 2) as f64).log2()
            } else {
                0.0
            }
        };
        let mut gained = 0.0;
        let mut start = 0;
        for end in &self.ends {
            let hits = self.hits[start..*end].iter().filter(|h| **h).count() as f64;
            let discounts: f64 = (start..*end).map(discount).sum();
            gained += hits * discounts / (end - start) as f64;
            start = *end;
        }
        let positives = self.hits.iter().filter(|h| **h).count();
        let best: f64 = (0..positives).map(discount).sum();
        (best > 0.0).then(|| gained / best)
    }
}

/// Matthews correlation of "above the threshold" with "hit"; 0 where one side is empty.
fn matthews(above: Above, all: Above) -> f64 {
    let (tp, fp) = (above.hits, above.misses);
    let (fneg, tn) = (all.hits - tp, all.misses - fp);
    let scale = ((tp + fp) * (tp + fneg) * (tn + fp) * (tn + fneg)).sqrt();
    if scale > 0.0 {
        (tp * tn - fp * fneg) / scale
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn five_cells_by_hand() {
        let r = Ranking::new(
            &[0.9, 0.8, 0.7, 0.7, 0.1],
            &[true, false, true, false, false],
        )
        .expect("a ranking");
        let m = r.metrics(2);
        // Steps (hits, size): (1, 1), (1, 2), (2, 4), (2, 5): ½·1 + ½·½.
        assert_eq!(m.average_precision, Some(0.75));
        // Pairs: 0.9 beats 3 misses; 0.7 loses to 0.8, ties once, beats once: (3 + 1.5)/6.
        assert_eq!(m.roc_auc, Some(0.75));
        assert_eq!(m.precision_at_k, Some(0.5));
        assert_eq!(m.recall_at_k, Some(0.5));
        // First three: one hit surely, half of the tied pair's hit.
        assert_eq!(r.metrics(3).precision_at_k, Some(0.5));
        // F1: 2/3, 2/4, 4/6, 4/7; the first 2/3 is kept: TP 1, FP 0, FN 1, TN 3.
        assert_eq!(m.best_f1, Some(2.0 / 3.0));
        assert!((m.mcc.expect("defined") - 3.0 / (1.0f64 * 2.0 * 3.0 * 4.0).sqrt()).abs() < 1e-15);
        // 1 + the mean of 1/log₂4 and 1/log₂5, halved for the tie, over 1 + 1/log₂3.
        let wanted = (1.0 + f64::midpoint(0.5, 1.0 / 5f64.log2())) / (1.0 + 1.0 / 3f64.log2());
        assert!((r.ndcg(5).expect("a hit") - wanted).abs() < 1e-15);
    }

    #[test]
    fn what_is_not_defined_is_not_zero() {
        let none = Ranking::new(&[1.0, 2.0], &[false, false]).expect("a ranking");
        let m = none.metrics(1);
        assert_eq!(
            (m.average_precision, m.roc_auc, m.best_f1),
            (None, None, None)
        );
        assert_eq!(m.precision_at_k, Some(0.0));
        assert_eq!(none.ndcg(2), None);
        let all = Ranking::new(&[1.0], &[true]).expect("a ranking");
        assert_eq!(all.metrics(5).precision_at_k, None);
        assert_eq!(all.metrics(1).roc_auc, None);
        assert!(Ranking::new(&[f64::NAN], &[true]).is_err());
        assert!(Ranking::new(&[1.0], &[]).is_err());
    }

    fn cells() -> impl Strategy<Value = Vec<(u8, bool)>> {
        proptest::collection::vec((0u8..6, any::<bool>()), 1..14)
    }

    proptest! {
        #[test]
        fn roc_auc_is_the_share_of_ordered_pairs(cells in cells()) {
            let scores: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let hits: Vec<bool> = cells.iter().map(|c| c.1).collect();
            let found = Ranking::new(&scores, &hits).expect("a ranking").metrics(1).roc_auc;
            let (mut won, mut all) = (0.0, 0.0);
            for (i, _) in hits.iter().enumerate().filter(|(_, h)| **h) {
                for (j, _) in hits.iter().enumerate().filter(|(_, h)| !**h) {
                    all += 1.0;
                    won += f64::from(u8::from(scores[i] > scores[j])) + f64::from(u8::from(scores[i] == scores[j])) / 2.0;
                }
            }
            match found {
                None => prop_assert_eq!(all, 0.0),
                Some(auc) => prop_assert!((auc - won / all).abs() < 1e-12),
            }
        }

        #[test]
        fn a_whole_weight_is_that_many_copies_and_order_is_irrelevant(
            cells in cells(), weights in proptest::collection::vec(0u8..4, 14), k in 1usize..8
        ) {
            let scores: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let hits: Vec<bool> = cells.iter().map(|c| c.1).collect();
            let weighted = Ranking::new(&scores, &hits).expect("a ranking").weighted(k, |i| f64::from(weights[i]));
            let mut copies: Vec<(u8, bool)> = cells.iter().zip(&weights)
                .flat_map(|(cell, w)| std::iter::repeat_n(*cell, usize::from(*w))).collect();
            copies.reverse();
            let scores: Vec<f64> = copies.iter().map(|c| f64::from(c.0)).collect();
            let hits: Vec<bool> = copies.iter().map(|c| c.1).collect();
            let copied = Ranking::new(&scores, &hits).expect("a ranking").metrics(k);
            for (a, b) in [
                (weighted.average_precision, copied.average_precision),
                (weighted.roc_auc, copied.roc_auc),
                (weighted.precision_at_k, copied.precision_at_k),
                (weighted.recall_at_k, copied.recall_at_k),
                (weighted.best_f1, copied.best_f1),
            ] {
                if let (Some(a), Some(b)) = (a, b) {
                    prop_assert!((a - b).abs() < 1e-12, "{a} {b}");
                } else {
                    prop_assert_eq!(a, b);
                }
            }
        }

        #[test]
        fn an_increasing_map_of_the_scores_changes_nothing(cells in cells(), k in 1usize..8) {
            let scores: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let bent: Vec<f64> = scores.iter().map(|s| s.exp() - 7.0).collect();
            let hits: Vec<bool> = cells.iter().map(|c| c.1).collect();
            let (a, b) = (Ranking::new(&scores, &hits).expect("a ranking"), Ranking::new(&bent, &hits).expect("a ranking"));
            prop_assert_eq!(a.metrics(k), b.metrics(k));
            prop_assert_eq!(a.ndcg(k), b.ndcg(k));
        }

        #[test]
        fn a_perfect_ranking_scores_one(misses in 1usize..9, hits in 1usize..9) {
            let outcome: Vec<bool> = (0..misses + hits).map(|i| i < hits).collect();
            let scores: Vec<f64> = outcome.iter().map(|h| f64::from(u8::from(*h))).collect();
            let m = Ranking::new(&scores, &outcome).expect("a ranking").metrics(hits);
            for value in [m.average_precision, m.roc_auc, m.precision_at_k, m.recall_at_k, m.best_f1, m.mcc] {
                prop_assert!((value.expect("defined") - 1.0).abs() < 1e-12);
            }
        }
    }
}

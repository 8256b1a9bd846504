//! Rank reversal: pairs whose order turns round when a third alternative is left out (Belton & Gear 1983; for TOPSIS
//! García-Cascales & Lamata 2012).

use super::decision::Decision;

/// An order of two alternatives that depends on a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reversal {
    /// Left out.
    pub without: usize,
    /// Better in the whole table, worse without the third.
    pub better: usize,
    pub worse: usize,
}

/// All reversals of `score` (larger is better) on the table, by leaving out one alternative at a time.
///
/// An order counts as turned only where both differences exceed `tolerance`, so rounding makes no reversal.
pub fn reversals(
    decision: &Decision,
    score: &dyn Fn(&Decision) -> Vec<Option<f64>>,
    tolerance: f64,
) -> Vec<Reversal> {
    let n = decision.alternatives();
    let whole = score(decision);
    let mut found = Vec::new();
    for without in 0..n {
        let Some(less) = decision.without(without) else {
            continue;
        };
        let mut part = score(&less);
        part.insert(without, None);
        for better in 0..n {
            for worse in 0..n {
                let gap = |scores: &[Option<f64>]| Some(scores[better]? - scores[worse]?);
                if let (Some(before), Some(after)) = (gap(&whole), gap(&part))
                    && before > tolerance
                    && after < -tolerance
                {
                    found.push(Reversal {
                        without,
                        better,
                        worse,
                    });
                }
            }
        }
    }
    found
}

//! Instrument mix: with which instruments a jurisdiction acts, beside all others.
//!
//! Share of strategies that use an instrument, k of n, with the Wilson (1927) 95 % interval: the registry
//! is a sample of what a jurisdiction has published.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Jurisdiction, RowRef};

use crate::Strategy;

#[derive(Debug, Clone, PartialEq)]
pub struct InstrumentShare {
    pub jurisdiction: Jurisdiction,
    pub instrument: String,
    pub documents: usize,
    pub of: usize,
    /// Share of the jurisdiction's strategies, 0..1.
    pub share: Estimate,
    /// The same share over the strategies of all others.
    pub others: Estimate,
    pub origins: Vec<RowRef>,
}

/// One row per jurisdiction and instrument of the registry.
pub fn instrument_mix(strategies: &[Strategy]) -> Vec<InstrumentShare> {
    let instruments: BTreeSet<&String> = strategies.iter().flat_map(|s| &s.instruments).collect();
    let mut groups: BTreeMap<&Jurisdiction, Vec<&Strategy>> = BTreeMap::new();
    for strategy in strategies.iter().filter(|s| !s.instruments.is_empty()) {
        groups
            .entry(&strategy.jurisdiction)
            .or_default()
            .push(strategy);
    }
    let all: usize = groups.values().map(Vec::len).sum();
    let mut mix = Vec::new();
    for (jurisdiction, group) in &groups {
        for instrument in &instruments {
            let using: Vec<&&Strategy> = group
                .iter()
                .filter(|s| s.instruments.contains(*instrument))
                .collect();
            let everywhere = groups
                .values()
                .flatten()
                .filter(|s| s.instruments.contains(*instrument))
                .count();
            mix.push(InstrumentShare {
                jurisdiction: (*jurisdiction).clone(),
                instrument: (*instrument).clone(),
                documents: using.len(),
                of: group.len(),
                share: wilson(using.len(), group.len()),
                others: wilson(everywhere - using.len(), all - group.len()),
                origins: using.iter().map(|s| s.origin.clone()).collect(),
            });
        }
    }
    mix
}

/// Wilson score interval for k of n at 95 %; `[0, 1]` for n = 0.
pub fn wilson(k: usize, n: usize) -> Estimate {
    if n == 0 {
        return Estimate::spanning(0.5, 0.0, 1.0, Basis::Derived);
    }
    let (k, n, z) = (k as f64, n as f64, 1.959_963_984_540_054);
    let p = k / n;
    let scale = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / scale;
    let half = z / scale * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    Estimate::spanning(
        p,
        (centre - half).max(0.0),
        (centre + half).min(1.0),
        Basis::Derived,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_interval_published_case() {
        // Newcombe (1998), Statistics in Medicine 17, table I: 81/263 -> 0.2553 to 0.3662 (method 3).
        let e = wilson(81, 263);
        assert!((e.low - 0.2553).abs() < 5e-5 && (e.high - 0.3662).abs() < 5e-5);
        // 0/20 -> 0.0000 to 0.1611.
        let e = wilson(0, 20);
        assert!(e.low.abs() < 1e-12 && (e.high - 0.1611).abs() < 5e-5);
    }
}

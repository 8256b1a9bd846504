//! Consistent scenarios of the future: one answer for a step and for plain files.

use layout::cross_impact::{
    Contradiction, CrossImpactParams, CrossImpacts, Diverse, Enumeration, Judged, Reading,
    consistent, contradictions, diverse, readings,
};
use model::Seed;

pub(crate) struct Answer {
    /// Consistent at the values of the judgments.
    pub at_values: Enumeration,
    /// Consistent under some matrix within the ranges.
    pub at_best: Enumeration,
    /// Every scenario of both lists: those consistent at the values first, by total impact.
    pub readings: Vec<Reading>,
    /// How many of them are consistent at the values.
    pub consistent: usize,
    /// Positions among the readings.
    pub chosen: Diverse,
    /// Only where the list at the values is proven complete.
    pub contradictions: Vec<Contradiction>,
}

pub(crate) fn answer(impacts: &CrossImpacts, params: &CrossImpactParams, seed: Seed) -> Answer {
    let enumerate = |judged| consistent(impacts, judged, params.tolerance, params.max_nodes);
    let at_values = enumerate(Judged::AtValues);
    let at_best = if impacts.has_ranges() {
        enumerate(Judged::AtBest)
    } else {
        at_values.clone()
    };
    let further = at_best
        .scenarios
        .iter()
        .filter(|s| !at_values.scenarios.contains(s))
        .cloned();
    let mut read = readings(
        impacts,
        &at_values
            .scenarios
            .iter()
            .cloned()
            .chain(further)
            .collect::<Vec<_>>(),
        params.tolerance,
        params.draws,
        seed,
    );
    let consistent = at_values.scenarios.len();
    let (first, rest) = read.split_at_mut(consistent);
    for part in [first, rest] {
        part.sort_by(|a, b| {
            b.total_impact
                .total_cmp(&a.total_impact)
                .then_with(|| a.scenario.cmp(&b.scenario))
        });
    }
    let list: Vec<_> = read[..consistent]
        .iter()
        .map(|r| r.scenario.clone())
        .collect();
    let contradictions = if at_values.complete() && consistent > 0 {
        contradictions(impacts, &at_values.scenarios)
    } else {
        Vec::new()
    };
    Answer {
        chosen: diverse(&list, params.choose, params.max_choices),
        at_values,
        at_best,
        readings: read,
        consistent,
        contradictions,
    }
}

/// The states of a scenario by name, in the order of the descriptors.
pub(crate) fn named(impacts: &CrossImpacts, scenario: &[usize]) -> String {
    let words: Vec<String> = scenario
        .iter()
        .enumerate()
        .map(|(d, s)| {
            format!(
                "{}: {}",
                impacts.descriptors[d].name,
                impacts.state_name(d, *s)
            )
        })
        .collect();
    words.join("; ")
}

//! What a change of the layout gives up, with one range everywhere: that of the strengths of what moves and of what a link
//! is worth ([`layout::regions::given_up`]), and what the solver left open where that is more.

use evidence::Evidence;
use layout::regions::{Assignment, given_up};
use model::{Estimate, Names, Quantity};

use super::regions;
use crate::config::Config;
use crate::engine::output::{StepOutput, entity};
use crate::engine::run::Run;

/// The price of going from one layout to another under the question of `run`; `None` where the run has none, or where
/// `config` weighs industries otherwise than the run did.
pub fn price_of_change(
    run: &Run,
    [from, to]: [&StepOutput; 2],
    config: &Config,
    evidence: &Evidence,
    names: &Names,
) -> Option<Estimate> {
    if !same_measure(&run.manifest.config, config) {
        return None;
    }
    let instance = regions::question(run, evidence, names)?;
    given_up(&instance, &layout_in(from)?, &layout_in(to)?)
}

/// Do both weigh industries and links alike?
pub(crate) fn same_measure(one: &Config, other: &Config) -> bool {
    one.selection == other.selection && one.regions.links == other.regions.links
}

/// The layout that a step gave; `None` where it gave none.
pub(crate) fn layout_in(output: &StepOutput) -> Option<Assignment> {
    let table = (output.tables.iter()).find(|table| table.name == "layout.regions")?;
    let mut layout = Assignment::new();
    for row in &table.rows {
        let (cluster, industry) = (
            entity(table, row, "cluster")?,
            entity(table, row, "industry")?,
        );
        let hosted = layout.entry(cluster.into()).or_default();
        hosted.push(industry.into());
    }
    Some(layout)
}

/// A price as the solver tells it, with the range of the change itself where that is known.
pub(crate) fn ranged(price: Quantity, spread: Option<Estimate>) -> Quantity {
    /// Below this the solver tells nothing apart.
    const NOISE: f64 = 1e-6;
    let snapped = |x: f64| if x.abs() < NOISE { 0.0 } else { x };
    match (price, spread) {
        (Quantity::Estimated(e), spread) => {
            let by = spread.unwrap_or(e);
            let (low, high) = (e.low.min(by.low), e.high.max(by.high));
            let [value, low, high] = [e.value, low, high].map(snapped);
            Estimate::spanning(value, low, high, e.basis).into()
        }
        (missing, _) => missing,
    }
}

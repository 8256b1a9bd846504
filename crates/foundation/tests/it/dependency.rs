//! Import dependency: hand cases, an independent script, planted chokepoints, noise of known size.

mod churn;
mod golden;
mod hand;
mod invariance;
mod planted;
mod remedies;

use foundation::dependency::flows::{Flow, FlowKind, Flows};
use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        hand::trials(),
        golden::trials(),
        invariance::trials(),
        planted::trials(),
        churn::trials(),
        remedies::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) fn flow<'a>(
    exporter: &'a str,
    importer: &'a str,
    product: &'a str,
    value: f64,
) -> Flow<'a> {
    Flow {
        exporter,
        importer,
        product,
        value,
        quantity: None,
        kind: FlowKind::Direct,
    }
}

/// Flows from (exporter, importer, product, value); `899` is unknown.
pub(crate) fn flows(rows: &[(&str, &str, &str, f64)]) -> Flows {
    Flows::from_rows(rows.iter().map(|(e, i, p, v)| flow(e, i, p, *v)), &["899"]).unwrap()
}

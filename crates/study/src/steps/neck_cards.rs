//! One card per attribute of a stuck neck: the number, the test, and what it stands on.

use foundation::necks::{Neck, Verdict};
use model::{Cell, Message, Quantity, ResultTable};

use super::code;
use super::ground::lineage;
use crate::engine::step::Context;

/// The cards of all necks and open cases. Expert votes are a column of their own: none are on record.
pub fn table(context: &Context, necks: &[Neck]) -> ResultTable {
    let mut table = ResultTable::new(
        "foundation.neck_cards",
        "stuck-necks",
        "one row per attribute: its number against its threshold, the rows of evidence and the latest year among them",
        &[
            ("subject", ""),
            ("verdict", ""),
            ("attribute", ""),
            ("attribute_value", ""),
            ("attribute_threshold", ""),
            ("attribute_test", ""),
            ("evidence_rows", ""),
            ("latest_year", ""),
            ("expert_vote", ""),
        ],
    );
    let limits = &context.config.necks.thresholds;
    for neck in necks.iter().filter(|neck| neck.verdict != Verdict::NoNeck) {
        let c = &neck.candidate;
        let attributes = [
            ("value", &c.value, limits.value),
            ("gap", &c.gap, limits.gap),
            ("monopoly", &c.monopoly, limits.monopoly),
            ("hardness", &c.hardness, limits.hardness),
        ];
        for (i, (name, attribute, threshold)) in attributes.into_iter().enumerate() {
            let latest = attribute
                .origins
                .iter()
                .filter_map(|row| context.evidence.record(row)?.year("year"))
                .max();
            let mut origins = lineage(
                &attribute.origins,
                &["necks.thresholds", "necks.claim_gap", "necks.hardness"],
            );
            origins.push(model::Origin::Result(model::RowRef::new(
                "foundation.necks",
                c.subject.id.clone(),
            )));
            table.push(
                format!("{}/{name}", c.subject.id),
                vec![
                    c.subject.clone().into(),
                    code(neck.verdict.code()),
                    Message::new(format!("attribute.{name}")).into(),
                    attribute.quantity.clone().into(),
                    Quantity::exact(threshold, model::Basis::Assumed).into(),
                    code(neck.tests[i].code()),
                    attribute.origins.len().into(),
                    latest.map_or(Cell::Empty, super::year),
                    Quantity::not_estimated(Message::new("readings.no_votes")).into(),
                ],
                origins,
            );
        }
    }
    table
}

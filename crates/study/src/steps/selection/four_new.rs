//! The "four new" of a future industry: new technology, new demand, new driving force, new space. Each axis has its measured
//! indicators and, beside them, the votes of experts; there is no total.

use layout::select::{Vote, spreads};
use model::{Basis, Cell, Entity, Estimate, Field, Kind, Message, Origin, Quantity, ResultTable};

use super::{Score, average};
use crate::engine::step::Context;
use crate::inputs::rows;

/// Axes and their indicators by place in the criteria: (foundation, prospects, needs) by (first, second).
///
/// | axis | measured by |
/// |---|---|
/// | new technology | closeness to the leader |
/// | new demand | consensus of others, exposure to foreign supply |
/// | new driving force | money announced by others |
/// | new space | strength of the field's clusters |
const AXES: [(&str, &[(usize, usize)]); 4] = [
    ("new_technology", &[(0, 0)]),
    ("new_demand", &[(1, 0), (2, 0)]),
    ("new_driving_force", &[(1, 1)]),
    ("new_space", &[(0, 1)]),
];

pub fn table() -> ResultTable {
    ResultTable::new(
        "layout.four_new",
        "selection",
        "axis = mean of its indicators on record, beside the median of the votes between their quartiles; no total",
        &[
            ("field", ""),
            ("axis", ""),
            ("measured", "score"),
            ("voted", "score"),
            ("votes", ""),
            ("dissents", ""),
        ],
    )
}

fn votes_on(context: &Context, field: &Field, axis: &str) -> (Quantity, usize, usize, Vec<Origin>) {
    let mut votes = Vec::new();
    let mut origins = Vec::new();
    for row in rows(context.evidence, "votes") {
        if row.text("alternative_id") != Some(field.as_str()) || row.text("criterion") != Some(axis)
        {
            continue;
        }
        votes.push(Vote {
            expert: row.text("expert_id").unwrap_or_default().to_owned(),
            alternative: field.as_str().into(),
            criterion: axis.into(),
            value: row.number("value"),
            dissent: row.text("dissent").map(str::to_owned),
        });
        origins.push(Origin::Evidence(row.reference()));
    }
    let found = spreads(&votes);
    let dissents = found.iter().map(|s| s.dissent.len()).sum();
    let count = found.iter().map(|s| s.votes).sum();
    let voted = found.first().and_then(|s| s.quartiles).map_or_else(
        || Quantity::not_estimated(Message::new("selection.no_votes")),
        |q| Estimate::spanning(q[2], q[1], q[3], Basis::Judged).into(),
    );
    (voted, count, dissents, origins)
}

pub fn rows_for_field(
    card: &mut ResultTable,
    context: &Context,
    field: &Field,
    scores: &[[Score; 2]; 3],
) {
    for (axis, parts) in AXES {
        let parts: Vec<&Score> = parts.iter().map(|(c, k)| &scores[*c][*k]).collect();
        let known: Vec<Estimate> = parts.iter().filter_map(|s| s.quantity.estimate()).collect();
        let measured: Quantity = average(&known).map_or_else(
            || Quantity::not_estimated(Message::new("selection.no_indicator")),
            Quantity::from,
        );
        let (voted, votes, dissents, from_votes) = votes_on(context, field, axis);
        let mut origins: Vec<Origin> = parts
            .iter()
            .flat_map(|s| s.origins.iter().cloned())
            .collect();
        origins.extend(from_votes);
        card.push(
            format!("{field}/{axis}"),
            vec![
                field.entity().into(),
                Cell::from(Entity::new(Kind::Code, axis)),
                measured.into(),
                voted.into(),
                votes.into(),
                dissents.into(),
            ],
            origins,
        );
    }
}

//! Strong pairs of home's organisations that never met.

use std::collections::BTreeSet;

use layout::readings::ties::{Network, check, never_met};
use model::{Basis, Entity, Kind, Quantity, ResultTable, RowRef};

use super::super::code;
use super::{lineage, refusal};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::plans::Subjects;
use crate::inputs::rows;

pub const READS: [&str; 6] = [
    "organisations",
    "capabilities",
    "collaborations",
    "technologies",
    "fields",
    "chain_nodes",
];

pub fn run(context: &Context) -> StepOutput {
    let home = context.config.study.home.as_str();
    let subjects = Subjects::new(context.evidence);
    let at_home: BTreeSet<&str> = rows(context.evidence, "organisations")
        .filter(|row| row.text("country") == Some(home))
        .map(|row| row.key.as_str())
        .collect();
    let organisation = |id: &str| Entity::new(Kind::Organisation, id);
    let mut network = Network::default();
    let mut origins: Vec<RowRef> = Vec::new();
    for row in rows(context.evidence, "collaborations") {
        if let (Some(a), Some(b)) = (row.text("org_a"), row.text("org_b")) {
            network.tie(&organisation(a), &organisation(b));
            origins.push(row.reference());
        }
    }
    for row in rows(context.evidence, "capabilities") {
        if let (Some(id), Some(about)) = (
            row.text("organisation_id"),
            row.text("technology_or_node_id"),
        ) && at_home.contains(id)
        {
            // A field in common is what brings two together; technologies and nodes are what each brings.
            let holds = network.holds.entry(organisation(id)).or_default();
            holds.extend(subjects.field(about).map(|f| format!("field {f}")));
            holds.insert(about.to_owned());
        }
    }
    let mut output = StepOutput::default();
    let tested = check(&network, context.config.study.seed);
    let mut table = ResultTable::new(
        "layout.never_met",
        "layout-readings",
        "Σ 1 / ln k(z) over common partners z; complementarity = min(what either brings) / what both hold",
        &[
            ("organisation_a", ""),
            ("organisation_b", ""),
            ("common_partners", ""),
            ("adamic_adar", ""),
            ("attachment", ""),
            ("shared_fields", ""),
            ("complementarity", ""),
        ],
    );
    for pair in never_met(&network).iter().take(context.config.readings.top) {
        let own: Vec<RowRef> = rows(context.evidence, "capabilities")
            .filter(|row| {
                let id = row.text("organisation_id");
                id == Some(pair.a.id.as_str()) || id == Some(pair.b.id.as_str())
            })
            .map(evidence::Record::reference)
            .chain(origins.iter().cloned())
            .collect();
        let exact = |x: f64| Quantity::exact(x, Basis::Derived);
        table.push(
            format!("{}/{}", pair.a.id, pair.b.id),
            vec![
                pair.a.clone().into(),
                pair.b.clone().into(),
                pair.common_partners.clone().into(),
                exact(pair.adamic_adar).into(),
                exact(pair.baseline).into(),
                pair.shared.into(),
                exact(pair.complementarity).into(),
            ],
            lineage(&own, &["readings.top"]),
        );
    }
    output.tables.push(table);
    if let Some(tested) = tested {
        let mut checked = ResultTable::new(
            "layout.ties_check",
            "layout-readings",
            "mean reciprocal rank of ties left out one by one: common partners against mere size (95 %)",
            &[
                ("ties_on_record", ""),
                ("rank_score", ""),
                ("rank_baseline", ""),
                ("rank_gain", ""),
                ("score_check", ""),
            ],
        );
        let verdict = if tested.beats() {
            "backtest.beats"
        } else {
            "backtest.descriptive_only"
        };
        let exact = |x: f64| Quantity::exact(x, Basis::Derived);
        checked.push(
            "all",
            vec![
                tested.ties.into(),
                exact(tested.score).into(),
                exact(tested.baseline).into(),
                tested.gain.into(),
                code(verdict),
            ],
            lineage(&origins, &["study.seed"]),
        );
        output.tables.push(checked);
        if !tested.beats() {
            output.refusals.push(refusal(
                "readings.ties_descriptive",
                "readings.question.ties",
                |m| m.with("ties", tested.ties),
            ));
        }
    } else {
        let mut none = refusal("readings.no_ties", "readings.question.ties", |m| m);
        none.needed = model::Message::new("readings.ties_descriptive.needed");
        output.refusals.push(none);
    }
    output
}

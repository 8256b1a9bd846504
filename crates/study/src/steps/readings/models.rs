//! Ways to organise research and development: cases on record with what they cost and took, and the fields whose
//! conditions they meet.
//!
//! A case is a row of `reference_classes`. Which conditions a model needs is the study's judgement; whether a field meets them is
//! read from rows. A condition that no row shows is unknown, not
//! unmet: only readiness on record for every technology of a field rules one out. No case shows what a model would bring elsewhere:
//! this compares conditions, it forecasts nothing.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Record;
use model::{Cell, Entity, Field, Kind, Message, Quantity, ResultTable, RowRef};

use super::super::code;
use super::{lineage, refusal};
use crate::config::{Condition, ModelSection};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::classes::pooled;
use crate::inputs::plans::Subjects;
use crate::inputs::rows;

pub const READS: [&str; 7] = [
    "organisations",
    "capabilities",
    "collaborations",
    "technologies",
    "fields",
    "gaps",
    "reference_classes",
];

/// Fewest organisations of research that make a base.
const BASE: usize = 2;

/// What rows say about a condition in a field; `met` is `None` where none speaks of it.
#[derive(Debug, Default)]
struct Said {
    met: Option<bool>,
    rows: Vec<RowRef>,
}

pub fn run(context: &Context) -> StepOutput {
    let mut output = StepOutput::default();
    let models = &context.config.readings.models;
    if models.is_empty() {
        output.refusals.push(refusal(
            "readings.no_models",
            "readings.question.models",
            |m| m,
        ));
        return output;
    }
    output.tables = vec![cases(context, models), fits(context, models)];
    output
}

type Models = BTreeMap<crate::config::OrganisationModel, ModelSection>;

/// What is published of each case.
fn cases(context: &Context, models: &Models) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.model_cases",
        "organisation-models",
        "published figure of the case, with the range of its confidence",
        &[
            ("organisation_model", ""),
            ("about", ""),
            ("figure", ""),
            ("figure_value", ""),
            ("figure_unit", ""),
            ("note", ""),
            ("year", ""),
        ],
    )
    .repeating(&["about", "figure_value", "note"]);
    for (model, settings) in models {
        for row in rows(context.evidence, "reference_classes")
            .filter(|row| settings.cases.contains(&row.key))
        {
            let own = [row.key.clone()];
            let value = pooled(context.evidence, &own, &context.config.ranges, |_| {
                Some((1.0, Vec::new()))
            });
            let value = value.map_or_else(
                || Quantity::not_estimated(Message::new("readings.no_figure")),
                |(value, _)| Quantity::from(value),
            );
            let text = |column| row.text(column).unwrap_or_default();
            let unit = [text("currency"), text("unit")].join(" ");
            table.push(
                format!("{}/{}", model.word(), row.key),
                vec![
                    code(model.code()),
                    both(row),
                    text("quantity").into(),
                    value.into(),
                    unit.trim().into(),
                    text("note").into(),
                    row.year("year").map_or(Cell::Empty, super::super::year),
                ],
                lineage(&[row.reference()], &["readings.models", "ranges"]),
            );
        }
    }
    table
}

fn both(row: &Record) -> Cell {
    let en = row.text("subject").unwrap_or_default();
    let zh = row.text("subject_zh").unwrap_or(en);
    Message::new("roadmap.layers.text")
        .with("en", en.to_owned())
        .with("zh", zh.to_owned())
        .into()
}

/// Every field beside every model.
fn fits(context: &Context, models: &Models) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.models",
        "organisation-models",
        "fits: every condition met; open: none unmet, some unknown; does not fit: some unmet",
        &[
            ("field", ""),
            ("organisation_model", ""),
            ("fit", ""),
            ("conditions_met", ""),
            ("conditions_unmet", ""),
            ("conditions_unknown", ""),
            ("cases", ""),
        ],
    );
    let ground = Ground::new(context);
    for row in rows(context.evidence, "fields") {
        let field = Field::from(row.key.as_str());
        for (model, settings) in models {
            let (mut met, mut unmet, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
            let mut used = Vec::new();
            for condition in &settings.conditions {
                let said = ground.said(&field, *condition);
                let word = Entity::new(Kind::Code, condition.code());
                match said.met {
                    Some(true) => met.push(word),
                    Some(false) => unmet.push(word),
                    None => unknown.push(word),
                }
                used.extend(said.rows);
            }
            let fit = match (unmet.is_empty(), unknown.is_empty()) {
                (true, true) => "fit.fits",
                (true, false) => "fit.open",
                (false, _) => "fit.does_not",
            };
            used.push(row.reference());
            used.sort();
            used.dedup();
            table.push(
                format!("{field}/{}", model.word()),
                vec![
                    field.entity().into(),
                    code(model.code()),
                    code(fit),
                    met.into(),
                    unmet.into(),
                    unknown.into(),
                    settings.cases.len().into(),
                ],
                lineage(&used, &["readings.models"]),
            );
        }
    }
    table
}

/// Rows by field.
#[derive(Default)]
struct Ground<'a> {
    organisations: BTreeMap<&'a str, &'a Record>,
    /// Home's organisations with a capability in the field, and the rows that show it.
    active: BTreeMap<Field, BTreeMap<&'a str, RowRef>>,
    ties: Vec<(&'a str, &'a str, RowRef)>,
    /// Least and most readiness of the field's technologies, on the scale of 1 to 11, where it is on record.
    readiness: BTreeMap<Field, Vec<(i64, i64, RowRef)>>,
    /// Fields some of whose technologies have no readiness on record.
    unread: BTreeSet<Field>,
    gaps: BTreeMap<Field, Vec<RowRef>>,
}

impl<'a> Ground<'a> {
    fn new(context: &'a Context) -> Self {
        let evidence = context.evidence;
        let home = context.config.study.home.as_str();
        let subjects = Subjects::new(evidence);
        let mut ground = Self::default();
        for row in rows(evidence, "organisations").filter(|r| r.text("country") == Some(home)) {
            ground.organisations.insert(row.key.as_str(), row);
        }
        for row in rows(evidence, "capabilities") {
            if let (Some(id), Some(field)) = (
                row.text("organisation_id"),
                row.text("technology_or_node_id")
                    .and_then(|t| subjects.field(t)),
            ) && ground.organisations.contains_key(id)
            {
                let active = ground.active.entry(field).or_default();
                active.entry(id).or_insert_with(|| row.reference());
            }
        }
        for row in rows(evidence, "collaborations") {
            if let (Some(a), Some(b)) = (row.text("org_a"), row.text("org_b")) {
                ground.ties.push((a, b, row.reference()));
            }
        }
        for row in rows(evidence, "technologies") {
            let Some(field) = row.text("field").map(Field::from) else {
                continue;
            };
            if let Some(low) = row.integer("trl_2021") {
                let high = row.integer("trl_2021_max").unwrap_or(low);
                let of_field = ground.readiness.entry(field).or_default();
                of_field.push((low, high, row.reference()));
            } else {
                ground.unread.insert(field);
            }
        }
        for row in rows(evidence, "gaps") {
            let named = row.list("technology_ids").into_iter();
            let fields: BTreeSet<Field> = named.filter_map(|t| subjects.field(t)).collect();
            for field in fields {
                ground.gaps.entry(field).or_default().push(row.reference());
            }
        }
        ground
    }

    fn said(&self, field: &Field, condition: Condition) -> Said {
        match condition {
            Condition::LeadingEnterprise => self.at_least(field, 1, |row| {
                row.text("leading_enterprise") == Some("true")
            }),
            Condition::ResearchBase => self.at_least(field, BASE, |row| {
                matches!(
                    row.text("kind"),
                    Some("university" | "institute" | "state_lab")
                )
            }),
            Condition::Platform => {
                self.at_least(field, 1, |row| row.text("kind") == Some("platform"))
            }
            Condition::Ties => self.tied(field),
            Condition::Chokepoint => match self.gaps.get(field) {
                Some(rows) => Said {
                    met: Some(true),
                    rows: rows.clone(),
                },
                None => Said::default(),
            },
            Condition::EarlyTechnology => self.ready(field, 1, 3),
            Condition::MiddleTechnology => self.ready(field, 4, 6),
            Condition::LateTechnology => self.ready(field, 7, 11),
        }
    }

    /// At least `least` of the organisations active in the field are so.
    fn at_least(&self, field: &Field, least: usize, so: impl Fn(&Record) -> bool) -> Said {
        let Some(active) = self.active.get(field) else {
            return Said::default();
        };
        let mut rows = Vec::new();
        let mut found = 0;
        for (id, shown) in active {
            rows.push(shown.clone());
            if let Some(row) = self.organisations.get(id).filter(|row| so(row)) {
                found += 1;
                rows.push(row.reference());
            }
        }
        Said {
            // The register of organisations is no census: too few on it is not too few.
            met: (found >= least).then_some(true),
            rows,
        }
    }

    /// Two organisations of the field have a tie on record; none on record is not none.
    fn tied(&self, field: &Field) -> Said {
        let Some(active) = self.active.get(field) else {
            return Said::default();
        };
        let both = |a: &str, b: &str| active.contains_key(a) && active.contains_key(b);
        let rows: Vec<RowRef> = (self.ties.iter())
            .filter(|(a, b, _)| both(a, b))
            .map(|(_, _, row)| row.clone())
            .collect();
        Said {
            met: (!rows.is_empty()).then_some(true),
            rows,
        }
    }

    /// Some technology of the field stands within these levels; none does only where every one has a level.
    fn ready(&self, field: &Field, from: i64, to: i64) -> Said {
        let Some(levels) = self.readiness.get(field) else {
            return Said::default();
        };
        let within = (levels.iter()).any(|(low, high, _)| *low <= to && *high >= from);
        Said {
            met: (within || !self.unread.contains(field)).then_some(within),
            rows: levels.iter().map(|(_, _, row)| row.clone()).collect(),
        }
    }
}

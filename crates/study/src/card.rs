//! The card of national conditions for any country or cluster of a study's evidence.

use model::{Entity, Lang, Message, Names, Row};
use serde_json::{Value, json};

use crate::engine::output::{StepOutput, cell, count, quantity};
use crate::error::StudyError;
use crate::folder::Study;
use crate::report::refusal_json;
use crate::steps::conditions::{card, place};

/// Cards of several places.
#[derive(Debug, Clone)]
pub struct Cards {
    output: StepOutput,
    names: Names,
}

/// The cards of `places` (country codes or ids of clusters); of home where none is named.
pub fn conditions(study: &Study, places: &[String]) -> Result<Cards, StudyError> {
    let loaded = study.load()?;
    let errors = loaded.errors();
    if !errors.is_empty() {
        return Err(StudyError::Evidence(errors));
    }
    let mut wanted: Vec<Entity> = Vec::new();
    for id in places {
        let found = place(&loaded.evidence, id)
            .ok_or_else(|| StudyError::UnknownPlace { id: id.clone() })?;
        if !wanted.contains(&found) {
            wanted.push(found);
        }
    }
    if wanted.is_empty() {
        wanted.push(study.config.study.home.entity());
    }
    Ok(Cards {
        output: card(&loaded.evidence, &loaded.bulk, &study.config, &wanted),
        names: crate::folder::names(&loaded.evidence, &study.scenarios),
    })
}

impl Cards {
    /// Is there at least one number?
    pub fn answered(&self) -> bool {
        self.output.tables.iter().any(|table| {
            table.rows.iter().any(|row| {
                quantity(table, row, "reading_value").is_some_and(|q| q.estimate().is_some())
            })
        })
    }

    pub fn json(&self, lang: Lang) -> Value {
        let table = &self.output.tables[0];
        let id = |row: &Row, column: &str| match cell(table, row, column) {
            Some(model::Cell::Entity(entity)) => entity.id.clone(),
            _ => String::new(),
        };
        let rows: Vec<Value> = table
            .rows
            .iter()
            .map(|row| {
                json!({
                    "place": id(row, "place"), "part": id(row, "part"), "reading": id(row, "reading"),
                    "value": quantity(table, row, "reading_value"), "rank": quantity(table, row, "rank"),
                    "units_known": count(table, row, "units_known"), "units": count(table, row, "units"),
                })
            })
            .collect();
        let refusals: Vec<Value> = self
            .output
            .refusals
            .iter()
            .map(|refusal| refusal_json(refusal, lang, &self.names))
            .collect();
        json!({ "schema": "forelay.conditions/1", "conditions": rows, "refusals": refusals })
    }

    pub fn text(&self, lang: Lang) -> String {
        let table = &self.output.tables[0];
        let mut lines = Vec::new();
        let mut at = None;
        let mut part_at = None;
        for row in &table.rows {
            let here = cell(table, row, "place").cloned();
            if at != here {
                at.clone_from(&here);
                part_at = None;
                lines.push(show(here.as_ref(), lang, &self.names));
            }
            let part = cell(table, row, "part").cloned();
            if part != part_at {
                part_at.clone_from(&part);
                lines.push(format!("  {}", show(part.as_ref(), lang, &self.names)));
            }
            let units = match (count(table, row, "units_known"), count(table, row, "units")) {
                (Some(known), Some(of)) if of > 0 => format!("  ({known}/{of})"),
                _ => String::new(),
            };
            let value = match quantity(table, row, "reading_value") {
                Some(model::Quantity::Estimated(e)) => {
                    let (text, range) = publish::estimate(&e, "share", lang);
                    range.map_or(text.clone(), |range| format!("{text}  [{range}]"))
                }
                Some(model::Quantity::NotEstimated(reason)) => format!(
                    "{}: {}",
                    Message::new("not_estimated").render(lang, &self.names),
                    reason.render(lang, &self.names)
                ),
                None => String::new(),
            };
            lines.push(format!(
                "    {}: {value}{units}",
                show(cell(table, row, "reading"), lang, &self.names)
            ));
        }
        lines.join("\n")
    }
}

fn show(cell: Option<&model::Cell>, lang: Lang, names: &Names) -> String {
    match cell {
        Some(model::Cell::Entity(entity)) => names.show(entity, lang),
        _ => String::new(),
    }
}

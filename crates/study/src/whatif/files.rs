//! The answer for programs and spreadsheets.

use std::fs;
use std::path::{Path, PathBuf};

use model::{Lang, ResultTable};
use serde_json::{Value, json};

use super::Answer;
use crate::engine::files::write_whole;
use crate::engine::flat::flatten;
use crate::error::StudyError;
use crate::report::refusal_json;

/// Tables and the files they are written to.
pub const FILES: [(&str, &str); 26] = [
    ("chain.shock", "products.csv"),
    ("chain.shock_weeks", "weeks.csv"),
    ("chain.shock_draw_weeks", "draws.csv"),
    ("chain.shock_binding", "binding.csv"),
    ("chain.inventory", "hit.csv"),
    ("chain.inventory_weeks", "hit_weeks.csv"),
    ("chain.inventory_binding", "hit_binding.csv"),
    ("chain.inventory_rules", "rules.csv"),
    ("chain.inventory_assumptions", "assumptions.csv"),
    ("chain.remedy", "remedy.csv"),
    ("chain.remedy_plan", "remedy_plan.csv"),
    ("chain.remedy_remaining", "remedy_remaining.csv"),
    ("chain.remedy_prices", "remedy_stock_day.csv"),
    ("chain.remedy_worth", "remedy_worth.csv"),
    ("whatif.suppliers", "suppliers.csv"),
    ("chain.shock_seats", "seats.csv"),
    ("whatif.stocks", "stocks.csv"),
    ("whatif.direct", "direct.csv"),
    ("whatif.imports", "imports.csv"),
    ("whatif.sources", "sources.csv"),
    ("whatif.industries", "industries.csv"),
    ("whatif.regions", "regions.csv"),
    ("whatif.firms", "firms.csv"),
    ("whatif.firm_network", "firm_network.csv"),
    ("whatif.firm_sectors", "firm_sectors.csv"),
    ("whatif.firm_regions", "firm_regions.csv"),
];

impl Answer {
    /// Everything, as one document.
    pub fn json(&self, lang: Lang) -> Value {
        let parts: Vec<Value> = self
            .parts
            .iter()
            .map(|part| {
                let refusals = part.refusals.iter();
                let tables: serde_json::Map<String, Value> = part
                    .tables
                    .iter()
                    .map(|table| (table.name.clone(), rows(table)))
                    .collect();
                json!({
                    "evidence": part.carrier.code(),
                    "answered": part.answered(),
                    "draws_used": part.draws,
                    "tables": tables,
                    "notes": part.notes.iter().map(|n| self.say(n, lang)).collect::<Vec<_>>(),
                    "refused": refusals.map(|r| refusal_json(r, lang, &self.names)).collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "schema": "forelay.shock/1",
            "question": self.title(lang),
            "scenario": self.scenario,
            "answer": self.headline(lang),
            "recovery": self.recovery_lines(lang),
            "remedy": self.remedy_lines().iter().map(|m| self.say(m, lang)).collect::<Vec<_>>(),
            "draws": self.draws,
            "seed": self.seed,
            "parts": parts,
        })
    }

    /// The two pages.
    pub fn html(&self, lang: Lang) -> String {
        publish::html::to_html(&self.page(lang))
    }

    /// Writes `answer.html`, a CSV file for each table and `report.json` into `folder`.
    pub fn write(&self, folder: &Path, lang: Lang) -> Result<Vec<PathBuf>, StudyError> {
        fs::create_dir_all(folder).map_err(StudyError::io("create", folder))?;
        let mut files = Vec::new();
        for (table, file) in FILES {
            let path = folder.join(file);
            match self.table(table).filter(|t| !t.rows.is_empty()) {
                Some(table) => {
                    crate::tables::write_one(&path, &flatten(table, &self.names), false)?;
                    files.push(path);
                }
                // What an earlier question left here is no answer to this one.
                None if path.is_file() => {
                    fs::remove_file(&path).map_err(StudyError::io("remove", &path))?;
                }
                None => {}
            }
        }
        let html = self.html(lang);
        let json = format!("{:#}\n", self.json(lang));
        for (file, text) in [("answer.html", html), ("report.json", json)] {
            let path = folder.join(file);
            write_whole(&path, text.as_bytes()).map_err(StudyError::io("write", &path))?;
            files.push(path);
        }
        Ok(files)
    }
}

/// Rows by column name; ids stay ids, numbers keep their range.
fn rows(table: &ResultTable) -> Value {
    let row = |row: &model::Row| -> Value {
        let cells = table.columns.iter().zip(&row.cells).map(|(column, cell)| {
            let value = match cell {
                model::Cell::Empty => Value::Null,
                model::Cell::Text(text) => text.clone().into(),
                model::Cell::Count(n) => (*n).into(),
                model::Cell::Entity(entity) => entity.id.clone().into(),
                model::Cell::Entities(list) => {
                    list.iter().map(|e| Value::from(e.id.clone())).collect()
                }
                model::Cell::Quantity(quantity) => match quantity.estimate() {
                    Some(e) => json!({
                        "value": e.value, "low": e.low, "high": e.high, "basis": e.basis,
                    }),
                    None => json!({ "not_estimated": true }),
                },
                model::Cell::Message(message) => message.id.clone().into(),
            };
            (column.name.clone(), value)
        });
        let mut object: serde_json::Map<String, Value> = cells.collect();
        object.insert("key".to_owned(), row.key.clone().into());
        let origins = row.origins.iter().map(|origin| match origin {
            model::Origin::Evidence(r) => format!("evidence/{}/{}", r.table, r.key),
            model::Origin::Result(r) => format!("{}/{}", r.table, r.key),
            model::Origin::Parameter(path) => format!("setting/{path}"),
        });
        object.insert("origins".to_owned(), origins.map(Value::from).collect());
        Value::Object(object)
    };
    table.rows.iter().map(row).collect()
}

//! Result tables for pages: text in one language, and the numbers behind it.

use model::{Catalogue, Cell, Column, Lang, Names, Quantity, ResultTable, Row};
use serde_json::{Value, json};

use crate::app::RunView;

/// What a column is called, in which unit, and whether it holds numbers.
pub fn columns(table: &ResultTable, lang: Lang) -> Vec<Value> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            json!({
                "name": column.name,
                "heading": heading(column, lang),
                "unit": unit(column, lang),
                "numeric": numeric(table, i),
            })
        })
        .collect()
}

fn numeric(table: &ResultTable, i: usize) -> bool {
    let mut cells = table.rows.iter().filter_map(|row| row.cells.get(i));
    let number = |c: &Cell| matches!(c, Cell::Count(_) | Cell::Quantity(_));
    cells.clone().any(number) && cells.all(|c| number(c) || *c == Cell::Empty)
}

/// A column of evidence in words.
pub fn field(name: &str, lang: Lang) -> String {
    words(&format!("field.{name}"), name, lang)
}

pub fn heading(column: &Column, lang: Lang) -> String {
    words(&format!("column.{}", column.name), &column.name, lang)
}

pub fn unit(column: &Column, lang: Lang) -> String {
    unit_words(&column.unit, lang)
}

pub fn unit_words(unit: &str, lang: Lang) -> String {
    if unit.is_empty() {
        return String::new();
    }
    words(&format!("unit.{unit}"), unit, lang)
}

fn words(id: &str, name: &str, lang: Lang) -> String {
    Catalogue::builtin().text_or(id, lang, &name.replace('_', " "))
}

/// What a table shows, in words.
pub fn title(table: &str, lang: Lang) -> String {
    words(&format!("table.{table}"), table, lang)
}

pub fn formula(table: &ResultTable, lang: Lang) -> String {
    let id = format!("formula.{}", table.name);
    Catalogue::builtin().text_or(&id, lang, &table.formula)
}

/// A row with its key.
pub fn row(table: &ResultTable, row: &Row, lang: Lang, names: &Names) -> Value {
    let cells: Vec<Value> = table
        .columns
        .iter()
        .zip(&row.cells)
        .map(|(column, c)| cell(c, &column.unit, lang, names))
        .collect();
    json!({ "key": row.key, "cells": cells })
}

/// A whole table, for tables that are small.
pub fn whole(table: &ResultTable, lang: Lang, names: &Names) -> Value {
    json!({
        "name": table.name,
        "title": title(&table.name, lang),
        "formula": formula(table, lang),
        "method": table.method,
        "columns": columns(table, lang),
        "total": table.rows.len(),
        "rows": table.rows.iter().map(|r| row(table, r, lang, names)).collect::<Vec<_>>(),
    })
}

/// A cell: `text`; for numbers with `range`, `basis` and the bare `value`, `low`, `high`; `reason` where it is not
/// estimated; `id` of what it names.
pub fn cell(cell: &Cell, unit: &str, lang: Lang, names: &Names) -> Value {
    match cell {
        Cell::Empty => json!({ "text": "" }),
        Cell::Text(text) => json!({ "text": text }),
        Cell::Count(n) => json!({ "text": publish::number(*n as f64, unit, lang), "value": n }),
        Cell::Entity(entity) => {
            json!({ "text": names.show(entity, lang), "id": entity.id, "kind": entity.kind })
        }
        Cell::Entities(list) => {
            let shown: Vec<String> = list.iter().map(|e| names.show(e, lang)).collect();
            let ids: Vec<&str> = list.iter().map(|e| e.id.as_str()).collect();
            json!({ "text": shown.join(if lang == Lang::Zh { "、" } else { ", " }), "ids": ids })
        }
        Cell::Message(message) => json!({ "text": message.render(lang, names) }),
        Cell::Quantity(Quantity::Estimated(e)) => {
            let (text, range) = publish::estimate(e, unit, lang);
            json!({
                "text": text, "range": range, "basis": e.basis,
                "value": e.value, "low": e.low, "high": e.high,
            })
        }
        Cell::Quantity(Quantity::NotEstimated(reason)) => json!({
            "text": super::word("not_estimated", lang), "reason": reason.render(lang, names),
        }),
    }
}

/// The words by which a row is known: what its first cells name.
pub fn label(view: &RunView, row: &Row, lang: Lang) -> String {
    let named: Vec<String> = row
        .cells
        .iter()
        .filter_map(|c| match c {
            Cell::Entity(entity) => Some(view.names.show(entity, lang)),
            _ => None,
        })
        .take(3)
        .collect();
    if named.is_empty() {
        row.key.clone()
    } else {
        named.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_and_column_of_evidence_has_its_own_words() {
        let mut missing = Vec::new();
        for table in evidence::Schema::builtin().tables() {
            let columns = table.columns.iter().map(|c| format!("field.{}", c.name));
            for id in columns.chain([format!("table.{}", table.name)]) {
                if Catalogue::builtin().text(&id, Lang::Zh).is_none() {
                    missing.push(id);
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }
}

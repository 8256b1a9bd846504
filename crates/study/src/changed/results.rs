//! Result tables that differ, and the plan-level numbers that differ the most.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use model::{Cell, ResultTable, Row};

use super::{NumberChange, TableChange, rows_of};
use crate::engine::output::cell;
use crate::engine::run::Run;
use crate::release::released;

/// Tables with the numbers of the plan as a whole, the nearest to it first.
const PLAN_LEVEL: [&str; 7] = [
    "layout.duplication",
    "layout.portfolio_plan",
    "layout.schedule",
    "layout.milestones",
    "layout.whole_plan",
    "layout.sites_cover",
    "plan.effect",
];
/// Plan-level numbers that are told, and how many of them of one table.
const NUMBERS: usize = 6;
const OF_TABLE: usize = 2;

pub(super) fn table_changes(from: &Run, to: &Run) -> Vec<TableChange> {
    let steps = to.manifest.steps.iter().chain(&from.manifest.steps);
    let mut names: Vec<&str> = Vec::new();
    for step in steps {
        for run in [to, from] {
            for table in run
                .outputs
                .get(&step.step)
                .into_iter()
                .flat_map(|o| &o.tables)
            {
                if !names.contains(&table.name.as_str()) {
                    names.push(&table.name);
                }
            }
        }
    }
    let mut changes = Vec::new();
    for name in names {
        let rows = |run| -> BTreeMap<&str, &[Cell]> {
            let rows = rows_of(run, name).into_iter().flatten();
            rows.map(|r| (r.key.as_str(), r.cells.as_slice())).collect()
        };
        let (before, after) = (rows(from), rows(to));
        let all: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        let differing = (all.into_iter())
            .filter(|key| before.get(key) != after.get(key))
            .count();
        if differing > 0 {
            changes.push(TableChange {
                table: name.to_owned(),
                rows_before: before.len(),
                rows_after: after.len(),
                differing,
            });
        }
    }
    changes
}

/// The plan-level numbers whose values differ the most beside their size.
pub(super) fn number_changes(from: &Run, to: &Run, evidence: &Evidence) -> Vec<NumberChange> {
    let mut found: Vec<(f64, NumberChange)> = Vec::new();
    for name in PLAN_LEVEL {
        let (Some(before), Some(after)) = (from.table(name), to.table(name)) else {
            continue;
        };
        let (before, after) = (released(evidence, before), released(evidence, after));
        let mut of_table: Vec<(f64, NumberChange)> = Vec::new();
        for row in &after.rows {
            let Some(old) = before.row(&row.key) else {
                continue;
            };
            for column in &after.columns {
                let cells = (
                    cell(&before, old, &column.name),
                    cell(&after, row, &column.name),
                );
                let (Some(was), Some(is)) = cells else {
                    continue;
                };
                let (Some(a), Some(b)) = (number(was), number(is)) else {
                    continue;
                };
                let size = a.abs().max(b.abs());
                // Rounding of the solver's own arithmetic is no difference.
                if (b - a).abs() <= 1e-9 * size {
                    continue;
                }
                let change = NumberChange {
                    table: name.to_owned(),
                    key: row.key.clone(),
                    about: about(&after, row),
                    column: column.name.clone(),
                    unit: column.unit.clone(),
                    from: was.clone(),
                    to: is.clone(),
                };
                of_table.push(((b - a).abs() / size, change));
            }
        }
        of_table.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.extend(of_table.into_iter().take(OF_TABLE));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(NUMBERS).map(|(_, n)| n).collect()
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Count(n) => Some(*n as f64),
        Cell::Quantity(quantity) => Some(quantity.estimate()?.value),
        _ => None,
    }
}

/// What the first cells of a row name.
fn about(table: &ResultTable, row: &Row) -> Vec<model::Entity> {
    const NAMED: usize = 3;
    let entities = row.cells.iter().take(table.columns.len());
    entities
        .filter_map(|cell| match cell {
            Cell::Entity(entity) => Some(entity.clone()),
            _ => None,
        })
        .take(NAMED)
        .collect()
}

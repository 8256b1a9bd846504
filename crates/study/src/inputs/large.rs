//! From the large tables to the values that the methods take.

use evidence::bulk::{Filter, TradeColumns, read_activity, read_trade};
use foundation::activity::{ActivityTable, CodedRows};
use foundation::dependency::flows::{Flow, FlowKind, FlowPanel, FlowsBuilder, UNKNOWN_PARTNERS};
use model::{Origin, RowRef, Year};

use crate::folder::BulkTables;

/// Activities of one year, with where they come from.
pub struct Activities {
    pub year: Year,
    pub table: ActivityTable,
    pub origin: Origin,
}

/// The latest final year of a layer of `activity`, else of the exports in `trade`. `None` where the study has neither.
pub fn activities_or_exports(bulk: &BulkTables, layer: &str) -> Option<Result<Activities, String>> {
    activities(bulk, layer).or_else(|| of_table(bulk, "trade", layer))
}

/// The latest final year of a layer of `activity`. `None` where the study has no such table.
pub fn activities(bulk: &BulkTables, layer: &str) -> Option<Result<Activities, String>> {
    of_table(bulk, "activity", layer)
}

fn of_table(bulk: &BulkTables, name: &str, layer: &str) -> Option<Result<Activities, String>> {
    let table = bulk.get(name)?;
    let year = latest(&table.years, &table.provisional_years)?;
    let origin = Origin::Evidence(RowRef::new("sources", table.source.clone()));
    let filter = Filter {
        years: Some(vec![year]),
        layer: (name == "activity").then(|| layer.to_owned()),
    };
    let built = if name == "activity" {
        read_activity(&table.path, &filter)
            .map_err(|error| error.to_string())
            .and_then(|rows| {
                let coded = CodedRows {
                    locations: &rows.location.numbers,
                    activities: &rows.activity.numbers,
                    values: &rows.value,
                };
                ActivityTable::from_codes((&rows.location.values, &rows.activity.values), coded)
                    .map_err(|error| error.to_string())
            })
    } else {
        read_trade(&table.path, &filter)
            .map_err(|error| error.to_string())
            .and_then(|rows| {
                let coded = CodedRows {
                    locations: &rows.exporter.numbers,
                    activities: &rows.product.numbers,
                    values: &rows.value,
                };
                ActivityTable::from_codes((&rows.exporter.values, &rows.product.values), coded)
                    .map_err(|error| error.to_string())
            })
    };
    Some(built.map(|table| Activities {
        year: Year(year),
        table,
        origin,
    }))
}

/// The latest year that the publisher will not revise, else the latest.
fn latest(years: &[i32], provisional: &[i32]) -> Option<i32> {
    years
        .iter()
        .rev()
        .find(|year| !provisional.contains(year))
        .or(years.last())
        .copied()
}

/// Bilateral flows of the last `years` years of `trade`. `None` where the study has no trade.
pub fn flows(bulk: &BulkTables, years: usize) -> Option<Result<(FlowPanel, Origin), String>> {
    let table = bulk.get("trade")?;
    let origin = Origin::Evidence(RowRef::new("sources", table.source.clone()));
    let kept: Vec<i32> = table
        .years
        .iter()
        .rev()
        .take(years.max(1))
        .copied()
        .collect();
    let mut panel = FlowPanel::new();
    for year in kept {
        let filter = Filter {
            years: Some(vec![year]),
            layer: None,
        };
        let built = read_trade(&table.path, &filter)
            .map_err(|error| error.to_string())
            .and_then(|rows| of_rows(&rows));
        match built {
            Ok(flows) => panel.insert(Year(year), flows),
            Err(problem) => return Some(Err(problem)),
        };
    }
    Some(Ok((panel, origin)))
}

/// Flows of the rows of one year. `reexport` is the part of a value that only passes through the exporter.
pub fn of_rows(rows: &TradeColumns) -> Result<foundation::dependency::flows::Flows, String> {
    let mut builder = FlowsBuilder::new(&UNKNOWN_PARTNERS);
    for row in 0..rows.value.len() {
        for flow in of_row(rows, row) {
            builder.push(flow).map_err(|error| error.to_string())?;
        }
    }
    builder.build().map_err(|error| error.to_string())
}

/// A row as its direct part and the part that is passed on.
pub fn of_row(rows: &TradeColumns, row: usize) -> impl Iterator<Item = Flow<'_>> {
    let (value, passed_on) = (rows.value[row], rows.reexport[row]);
    let through = if passed_on.is_nan() {
        0.0
    } else {
        passed_on.clamp(0.0, value)
    };
    let part = |value: f64, share: f64, kind| Flow {
        exporter: rows.exporter.get(row),
        importer: rows.importer.get(row),
        product: rows.product.get(row),
        value,
        quantity: (!rows.quantity[row].is_nan()).then(|| rows.quantity[row] * share),
        kind,
    };
    let share = if value > 0.0 { through / value } else { 0.0 };
    let direct = (through < value || value == 0.0)
        .then(|| part(value - through, 1.0 - share, FlowKind::Direct));
    let passed = (through > 0.0).then(|| part(through, share, FlowKind::ReExport));
    direct.into_iter().chain(passed)
}

//! From a trade file to bilateral flows by year.

use std::collections::BTreeMap;
use std::path::Path;

use evidence::bulk::{
    BulkError, CodeColumn, ColumnMap, Duplicates, Filter, ImportParams, Role, TradeColumns, import,
    read_trade, recognise,
};
use evidence::{ReadOptions, read_raw};
use foundation::dependency::flows::{FlowPanel, FlowsBuilder, FlowsError, UNKNOWN_PARTNERS};
use model::{Diagnostic, Severity, Year};
use serde_json::{Value, json};

use super::CalcError;
use super::table::{column_map, hash};
use crate::inputs::large::of_row;

/// What was read.
pub struct Trade {
    pub panel: FlowPanel,
    /// For the report: file, hash, rows, years.
    pub input: Value,
    /// Rows that were added to another row of the same key.
    pub repeated: u64,
}

/// Reads a trade file: BACI or another known format by its headings, or any table by `--columns`. A file without years
/// is one year, 0.
pub fn read_flows(
    file: &Path,
    columns: &str,
    years: &[i32],
    unknown: &[String],
) -> Result<Trade, CalcError> {
    let map = column_map(columns)?;
    let unknown: Vec<&str> = if unknown.is_empty() {
        UNKNOWN_PARTNERS.to_vec()
    } else {
        unknown.iter().map(String::as_str).collect()
    };
    let known = map.headings.is_empty() && recognise(file, &ReadOptions::default()).is_ok();
    let (rows, repeated) = match imported(file, (!known).then(|| map.clone())) {
        Err(CalcError::Input { findings, .. })
            if map.heading(Role::Year).is_none() && lacks_only_years(&findings) =>
        {
            if !years.is_empty() {
                return Err(CalcError::argument(
                    "--year",
                    "the file has no column of years; name it with --columns year=HEADING",
                ));
            }
            (without_years(file, &map)?, 0)
        }
        other => other?,
    };
    let mut builders: BTreeMap<Year, FlowsBuilder> = BTreeMap::new();
    let used = rows.years.len();
    let wrong = |error: FlowsError| CalcError::argument("the file", error.to_string());
    for row in 0..used {
        let year = rows.years[row];
        if !years.is_empty() && !years.contains(&year) {
            continue;
        }
        let builder = builders
            .entry(Year(year))
            .or_insert_with(|| FlowsBuilder::new(&unknown));
        for flow in of_row(&rows, row) {
            builder.push(flow).map_err(wrong)?;
        }
    }
    if let Some(year) = years.iter().find(|y| !builders.contains_key(&Year(**y))) {
        return Err(CalcError::argument(
            "--year",
            format!("the file has no row of {year}"),
        ));
    }
    let mut panel = FlowPanel::new();
    for (year, builder) in builders {
        panel.insert(year, builder.build().map_err(wrong)?);
    }
    let input = json!({
        "file": file.file_name().unwrap_or_default().to_string_lossy(),
        "blake3": hash(file)?,
        "rows": used,
        "years": panel.keys().map(|y| y.0).collect::<Vec<_>>(),
        "unknown_partners": unknown,
        "repeated_keys": repeated,
    });
    Ok(Trade {
        panel,
        input,
        repeated,
    })
}

fn imported(file: &Path, columns: Option<ColumnMap>) -> Result<(TradeColumns, u64), CalcError> {
    let failed = |problem: String| CalcError::Write {
        doing: "read",
        path: file.display().to_string(),
        problem,
    };
    let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
    let store = folder.path().join("trade.parquet");
    let params = ImportParams {
        columns,
        duplicates: Duplicates::Sum,
        ..ImportParams::default()
    };
    match import(&[file.to_owned()], &store, &params, &mut |_| {}) {
        Ok(report) => read_trade(&store, &Filter::default())
            .map(|rows| (rows, report.duplicates))
            .map_err(|error| failed(error.to_string())),
        Err(BulkError::Refused(findings)) => Err(CalcError::Input {
            file: file.display().to_string(),
            findings,
        }),
        Err(BulkError::Store(error)) => Err(failed(error.to_string())),
    }
}

fn lacks_only_years(findings: &[Diagnostic]) -> bool {
    findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .all(|f| f.code == "bulk.column_missing" && f.column.as_deref() == Some("year"))
}

/// A table of one period, of a size that is held as text.
fn without_years(file: &Path, map: &ColumnMap) -> Result<TradeColumns, CalcError> {
    let input = |findings| CalcError::Input {
        file: file.display().to_string(),
        findings,
    };
    let (raw, _) = read_raw(file, &ReadOptions::default()).map_err(input)?;
    let heading = |role: Role| map.heading(role).unwrap_or(role.as_str()).to_owned();
    let place = |role: Role| {
        let wanted = heading(role);
        raw.position(&wanted).ok_or_else(|| {
            CalcError::argument(
                "--columns",
                format!(
                    "{} has no column `{wanted}` for {}",
                    file.display(),
                    role.as_str()
                ),
            )
        })
    };
    let (exporter, importer, product, value) = (
        place(Role::Exporter)?,
        place(Role::Importer)?,
        place(Role::Product)?,
        place(Role::Value)?,
    );
    let quantity = raw.position(&heading(Role::Quantity));
    let reexport = raw.position(&heading(Role::Reexport));
    let mut rows = TradeColumns::default();
    let mut codes: [Vec<String>; 3] = Default::default();
    for row in &raw.rows {
        let number = |at: usize, needed: bool| -> Result<f64, CalcError> {
            let text = row.cell(at);
            if text.is_empty() && !needed {
                return Ok(f64::NAN);
            }
            let parsed = text
                .parse()
                .ok()
                .filter(|x: &f64| x.is_finite() && *x >= 0.0);
            parsed.ok_or_else(|| {
                CalcError::argument(
                    "the file",
                    format!(
                        "{}:{} [{}]: `{text}` is not a number from 0 on",
                        file.display(),
                        row.number,
                        raw.columns[at]
                    ),
                )
            })
        };
        rows.years.push(0);
        for (column, at) in codes.iter_mut().zip([exporter, importer, product]) {
            column.push(row.cell(at).to_owned());
        }
        rows.value.push(number(value, true)?);
        rows.quantity
            .push(quantity.map_or(Ok(f64::NAN), |at| number(at, false))?);
        rows.reexport
            .push(reexport.map_or(Ok(f64::NAN), |at| number(at, false))?);
    }
    let [exporter, importer, product] = codes.each_ref().map(|texts| code_column(texts));
    Ok(TradeColumns {
        exporter,
        importer,
        product,
        ..rows
    })
}

fn code_column(texts: &[String]) -> CodeColumn {
    let mut values = texts.to_vec();
    values.sort_unstable();
    values.dedup();
    let numbers = texts
        .iter()
        .map(|text| values.partition_point(|known| known < text) as u32)
        .collect();
    CodeColumn { values, numbers }
}

//! The large table `io`: the flows of one input–output table in one Parquet file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use model::Diagnostic;

use super::format::BulkKind;
use super::gather::{Rows, layout, schema};
use super::groups::{GROUP_ROWS, Groups};
use super::table::{BulkTable, KEY};
use super::trade::{Filter, read};
use crate::finding::{Place, error};
use crate::io::{Flows, IoFiles, Layout, from_flows, to_flows};
use crate::store::StoreError;

/// Writes the flows of `table` as the table `io` of one year.
pub fn write_io_table(
    out: &Path,
    table: &IoFiles,
    year: i32,
    source: &str,
) -> Result<BulkTable, StoreError> {
    let flows = to_flows(table);
    let layout = layout(BulkKind::Io);
    let mut rows = Rows::new(&layout);
    rows.years = vec![year; flows.values.len()];
    let mut dictionaries: Vec<ArrayRef> = Vec::new();
    for at in 0..layout.codes.len() {
        let mut places: BTreeMap<&str, u32> =
            flows.keys.iter().map(|k| (k[at].as_str(), 0)).collect();
        for (number, place) in places.values_mut().enumerate() {
            *place = number as u32;
        }
        rows.codes[at] = flows.keys.iter().map(|k| places[k[at].as_str()]).collect();
        dictionaries.push(Arc::new(StringArray::from_iter_values(places.keys())));
    }
    rows.numbers[0].clone_from(&flows.values);
    let mut groups = Groups::create(out, &schema(BulkKind::Io))?;
    let arrays = rows.into_arrays(&dictionaries);
    for from in (0..flows.values.len()).step_by(GROUP_ROWS) {
        let length = GROUP_ROWS.min(flows.values.len() - from);
        groups.append(vec![arrays.iter().map(|a| a.slice(from, length)).collect()])?;
    }
    let mut found = BulkTable {
        path: out.to_owned(),
        kind: BulkKind::Io,
        source: source.to_owned(),
        format: table.layout.as_str().to_owned(),
        fingerprint: "io/1".to_owned(),
        revision: None,
        release: None,
        rows: flows.values.len() as u64,
        years: vec![year],
        provisional_years: Vec::new(),
        unit: table.unit.clone(),
        content: String::new(),
    };
    let said = serde_json::to_string(&found).expect("invariant: plain data");
    found.content = groups.finish(vec![(KEY.to_owned(), said)])?;
    Ok(found)
}

/// Reads the table of one year back; labels come in the order of region and name.
///
/// # Errors
/// A file that cannot be read, as findings.
pub fn read_io_table(table: &BulkTable, year: i32) -> Result<IoFiles, Vec<Diagnostic>> {
    let shown = table.path.display().to_string();
    let filter = Filter {
        years: Some(vec![year]),
        layer: None,
    };
    let columns = read(&table.path, BulkKind::Io, &filter).map_err(|problem| {
        vec![error(
            "file.unreadable",
            Place::file(&shown),
            &problem.to_string(),
            &[],
        )]
    })?;
    let values = columns.numbers.into_iter().next().unwrap_or_default();
    let keys = (0..values.len()).map(|row| {
        let code = |at: usize| columns.codes.get(at).map_or("", |c| c.get(row)).to_owned();
        [code(0), code(1), code(2), code(3)]
    });
    let flows = Flows {
        keys: keys.collect(),
        values,
    };
    let mut found = from_flows(&flows, Layout::Study, &shown)?;
    found.unit.clone_from(&table.unit);
    Ok(found)
}

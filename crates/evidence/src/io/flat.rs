//! FIGARO's flat form: one row for each flow, with seller and buyer in columns of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::Diagnostic;

use super::grid::{Grid, Log, number};
use super::{Flows, IoFiles, IoOptions, IoSource, Layout, from_flows};
use crate::finding::{Place, error};
use crate::read::read_raw;

const SELLER: &str = "refArea";
const BUYER: &str = "counterpartArea";
const VALUE: &str = "obsValue";

pub(super) fn is_flat(grid: &Grid) -> bool {
    let named = |wanted: &str| {
        grid.names.iter().any(|n| n == wanted)
            || (0..grid.columns()).any(|at| grid.heading(at) == wanted)
    };
    [SELLER, BUYER, VALUE].into_iter().all(named)
}

pub(super) fn read(path: &Path, options: &IoOptions) -> Result<IoFiles, Vec<Diagnostic>> {
    let (table, findings) = read_raw(path, &options.read)?;
    if findings
        .iter()
        .any(|f| f.severity == model::Severity::Error)
    {
        return Err(findings);
    }
    let column = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| table.position(name))
            .ok_or_else(|| {
                let args = [("column", names[0].into())];
                vec![error(
                    "io.column_missing",
                    Place::row(&table.file, 1),
                    &table.columns.join(" | "),
                    &args,
                )]
            })
    };
    let seller = column(&[SELLER])?;
    let row_of = column(&["rowIi", "rowPi"])?;
    let buyer = column(&[BUYER])?;
    let column_of = column(&["colIi", "colPi"])?;
    let value = column(&[VALUE])?;
    let mut log = Log::default();
    let mut flows = Flows::default();
    let mut inputs: BTreeMap<(String, String, String), f64> = BTreeMap::new();
    let bare = |code: &str| code.strip_prefix("CPA_").unwrap_or(code).to_owned();
    for row in &table.rows {
        let text = row.cell(value);
        let Some(number) = number(text) else {
            let code = if text.is_empty() {
                "io.empty_cell"
            } else {
                "io.not_number"
            };
            log.error(code, Place::cell(&table.file, row.number, VALUE), text);
            continue;
        };
        let (from, what) = (row.cell(seller).to_owned(), bare(row.cell(row_of)));
        let (to, by) = (row.cell(buyer).to_owned(), bare(row.cell(column_of)));
        if from == "W2" {
            // Primary inputs and taxes: no seller.
            inputs.insert((what, to, by), number);
        } else {
            flows.push([from, what, to, by], number);
        }
    }
    let mut notes = log.close(&table.file)?;
    let mut found = from_flows(&flows, Layout::FigaroFlat, &table.file)?;
    let parts: BTreeSet<&str> = ["D1", "D29X39", "B2A3G"].into();
    if inputs
        .keys()
        .any(|(what, _, _)| parts.contains(what.as_str()))
    {
        let of = |label: &super::Label| {
            let key = |what: &str| (what.to_owned(), label.region.clone(), label.name.clone());
            parts.iter().filter_map(|what| inputs.get(&key(what))).sum()
        };
        found.value_added = Some(found.industries.iter().map(of).collect());
    }
    found.sources.push(IoSource {
        file: table.file.clone(),
        blake3: table.blake3.clone(),
    });
    notes.append(&mut found.notes);
    found.notes = notes;
    Ok(found)
}

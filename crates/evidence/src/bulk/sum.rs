//! Rows that share a key become one row: their values are added.

use std::collections::HashMap;
use std::path::Path;

use arrow::array::{ArrayRef, StringArray};

use super::format::BulkKind;
use super::gather::{Rows, layout, schema};
use super::groups::{GROUP_ROWS, Groups};
use super::trade::{as_store, open};
use crate::exact_sum::Sum;
use crate::store::StoreError;

/// Rewrites the table `draft` as `out`. Rows whose key is not in `repeated` (sorted) stay in their order; behind them
/// stands one row for each repeated key, in the order of the keys. A number that one of the rows lacks is not known.
pub(super) fn sum_rows(
    draft: &Path,
    out: &Path,
    kind: BulkKind,
    texts: &[Vec<&str>],
    repeated: &[u64],
    metadata: Vec<(String, String)>,
) -> Result<String, StoreError> {
    let layout = layout(kind);
    let arrays: Vec<ArrayRef> = texts
        .iter()
        .map(|texts| std::sync::Arc::new(StringArray::from_iter_values(texts)) as ArrayRef)
        .collect();
    let numbers: Vec<HashMap<&[u8], u32>> = texts
        .iter()
        .map(|texts| {
            let texts = texts.iter().enumerate();
            texts
                .map(|(at, text)| (text.as_bytes(), at as u32))
                .collect()
        })
        .collect();
    let source = open(draft, kind)?;
    let mut groups = Groups::create(out, &schema(kind))?;
    let mut summed = Rows::new(&layout);
    let mut sums: Vec<Vec<Sum>> = vec![vec![Sum::default(); repeated.len()]; layout.numbers.len()];
    let mut first: Vec<Option<(i32, Vec<u32>)>> = vec![None; repeated.len()];
    for group in 0..source.groups() {
        let part = source
            .group(group)
            .map_err(|fault| as_store(draft, &fault))?;
        let mut rows = Rows {
            years: part.years.into_iter().next().unwrap_or_default(),
            codes: Vec::new(),
            numbers: part.numbers,
        };
        for ((codes, column), known) in part.codes.into_iter().zip(&numbers) {
            let number = |code: &[u8]| known.get(code).copied().unwrap_or_default();
            let map: Vec<u32> = codes.values().iter().map(|code| number(code)).collect();
            rows.codes
                .push(column.into_iter().map(|n| map[n as usize]).collect());
        }
        let mut kept = Rows::new(&layout);
        for row in 0..rows.len() {
            let Ok(at) = repeated.binary_search(&rows.key(row, &layout)) else {
                kept.push(&rows, row);
                continue;
            };
            for (sums, column) in sums.iter_mut().zip(&rows.numbers) {
                sums[at].add(column[row]);
            }
            let codes = || rows.codes.iter().map(|column| column[row]).collect();
            first[at].get_or_insert_with(|| (rows.years[row], codes()));
        }
        if kept.len() > 0 {
            groups.append(vec![kept.into_arrays(&arrays)])?;
        }
    }
    for (at, first) in first.into_iter().enumerate() {
        let Some((year, codes)) = first else { continue };
        summed.years.push(year);
        for (column, code) in summed.codes.iter_mut().zip(codes) {
            column.push(code);
        }
        for (column, sums) in summed.numbers.iter_mut().zip(&sums) {
            column.push(sums[at].value());
        }
        if summed.len() == GROUP_ROWS {
            let full = std::mem::replace(&mut summed, Rows::new(&layout));
            groups.append(vec![full.into_arrays(&arrays)])?;
        }
    }
    if summed.len() > 0 {
        groups.append(vec![summed.into_arrays(&arrays)])?;
    }
    groups.finish(metadata)
}

//! A map of names for aggregation: `from,to` and optionally `of` (region, industry, category or label).

use std::path::Path;

use chain::io::{Aggregated, Aggregation, IoTable, Label, Unmatched};
use evidence::{ReadOptions, read_raw};

use super::super::CalcError;
use super::Asked;

pub(super) fn read(file: &Path, asked: &Asked) -> Result<Aggregation, CalcError> {
    let wrong = |findings| CalcError::Input {
        file: file.display().to_string(),
        findings,
    };
    let (raw, _) = read_raw(file, &ReadOptions::default()).map_err(wrong)?;
    let (Some(from), Some(to)) = (raw.position("from"), raw.position("to")) else {
        return Err(CalcError::argument(
            "--aggregate",
            "the columns from and to are expected, and optionally of",
        ));
    };
    let of = raw.position("of");
    let industries = asked.table.industries();
    let mut map = Aggregation {
        unmatched: Unmatched::Unchanged,
        ..Aggregation::default()
    };
    for row in &raw.rows {
        let (old, new) = (row.cell(from).to_owned(), row.cell(to).to_owned());
        let kind = of.map_or("", |at| row.cell(at));
        let label = || asked.texts.iter().position(|text| *text == old);
        let kind = match kind {
            "" if industries.iter().any(|l| l.region == old) => "region",
            "" if industries.iter().any(|l| l.industry == old) => "industry",
            "" if label().is_some() => "label",
            "" => "category",
            named => named,
        };
        match kind {
            "region" => {
                map.regions.insert(old, new);
            }
            "industry" => {
                map.industries.insert(old, new);
            }
            "category" => {
                map.categories.insert(old, new);
            }
            "label" => {
                let Some(place) = label() else {
                    return Err(unknown(row.number, &old));
                };
                let kept = &industries[place];
                map.pairs
                    .insert(kept.clone(), Label::new(kept.region.clone(), new));
            }
            _ => {
                return Err(CalcError::argument(
                    "--aggregate",
                    format!(
                        "row {}: `{kind}` is none of region, industry, category, label",
                        row.number
                    ),
                ));
            }
        }
    }
    Ok(map)
}

fn unknown(row: u64, label: &str) -> CalcError {
    CalcError::argument(
        "--aggregate",
        format!("row {row}: `{label}` is no label of the table"),
    )
}

/// Labels of the new table: those of the file where nothing was added up, else region and industry.
pub(super) fn texts(old: &[String], before: &IoTable, after: &Aggregated) -> Vec<String> {
    let labels = after.table.industries();
    let mut texts: Vec<String> = labels
        .iter()
        .map(|l| match (l.region.is_empty(), l.industry.is_empty()) {
            (true, _) => l.industry.clone(),
            (_, true) => l.region.clone(),
            _ => format!("{}_{}", l.region, l.industry),
        })
        .collect();
    for (k, new) in after.industries.iter().enumerate() {
        if before.industries()[k] == labels[*new] {
            texts[*new].clone_from(&old[k]);
        }
    }
    texts
}

//! One file with everything: industries × (industries, final demand, totals), and rows of primary inputs below.
//!
//! Labels that stand both in a row and in a column are industries. What else the rows hold are imports, taxes,
//! value added and output; what else the columns hold is final demand, its sums and output.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use model::Diagnostic;

use super::assemble::{Draft, finish};
use super::grid::{Grid, Log};
use super::labels::{Keys, label, some};
use super::{Imports, IoFiles, IoOptions, IoSource, Label, Layout, flat};
use crate::finding::Place;

/// Columns and rows that hold output.
const OUTPUT: [&str; 8] = [
    "OUT",
    "OUTPUT",
    "TOTAL",
    "TOT",
    "GO",
    "TI",
    "X",
    "TOTAL_OUTPUT",
];
/// Columns that are sums of other columns.
const SUMS: [&str; 6] = ["TIU", "TFU", "TII", "TTL", "TOT_USE", "TFD"];
/// Sums that some tables give without their parts: a sum, and the parts that make it one.
const SUMS_OF: [(&str, &[&str]); 3] = [
    ("THC", &["FU101", "FU102"]),
    ("TC", &["THC", "FU101", "FU102", "FU103"]),
    ("GCF", &["FU201", "FU202"]),
];
/// Rows that are value added, or together make it (FIGARO).
const VALUE_ADDED: [&str; 6] = ["VA", "VALU", "TVA", "VALUE_ADDED", "GVA", "B1G"];
const FIGARO_PARTS: [&str; 3] = ["W2_D1", "W2_D29X39", "W2_B2A3G"];

pub(super) fn read(files: &[PathBuf], options: &IoOptions) -> Result<IoFiles, Vec<Diagnostic>> {
    let [file] = files else {
        return Err(Vec::new());
    };
    let mut notes = Vec::new();
    let grid = Grid::read(file, options, &mut notes)?;
    if flat::is_flat(&grid) {
        return flat::read(file, options);
    }
    let mut log = Log::default();
    let source = IoSource {
        file: grid.file.clone(),
        blake3: grid.blake3.clone(),
    };
    let Some((draft, layout)) = table(&grid, options, &mut log) else {
        return Err(log.errors);
    };
    notes.extend(log.close(&grid.file)?);
    let unit = layout.unit().to_owned();
    Ok(finish(draft, layout, unit, vec![source], notes, &grid.file))
}

/// A row by what it is.
enum Row {
    Industry(String),
    Import(String),
    Other(String),
}

fn table(grid: &Grid, options: &IoOptions, log: &mut Log) -> Option<(Draft, Layout)> {
    let (columns, rows) = keys(grid);
    let row_texts: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Industry(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, text) in columns.texts.iter().enumerate() {
        if row_texts.contains(text.as_str())
            && let Some(first) = places.insert(text, at)
        {
            let place = Place {
                file: &grid.file,
                row: Some(1),
                column: Some(text),
            };
            let args = [("first", (first + 1).into()), ("second", (at + 1).into())];
            log.error_with("io.label_twice", place, text, &args);
        }
    }
    if places.len() < 2 {
        let args = [
            ("rows", grid.rows().into()),
            ("columns", grid.columns().into()),
        ];
        let shown = some(&columns.texts);
        log.error_with("io.not_io", Place::file(&grid.file), &shown, &args);
        return None;
    }
    let mut of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut industry_rows = Vec::new();
    let mut imports: Vec<(&str, usize)> = Vec::new();
    let mut others: Vec<(&str, usize)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match row {
            Row::Industry(text) if places.contains_key(text.as_str()) => {
                if let Some(first) = of.insert(text, at) {
                    let place = Place::row(&grid.file, grid.line(at));
                    let args = [
                        ("first", grid.line(first).to_string().into()),
                        ("second", grid.line(at).to_string().into()),
                    ];
                    log.error_with("io.label_twice", place, text, &args);
                }
                industry_rows.push(at);
            }
            Row::Import(text) if places.contains_key(text.as_str()) => imports.push((text, at)),
            Row::Industry(text) | Row::Import(text) | Row::Other(text) => others.push((text, at)),
        }
    }
    if !log.errors.is_empty() {
        return None;
    }
    let texts: Vec<String> = industry_rows
        .iter()
        .map(|at| match &rows[*at] {
            Row::Industry(text) | Row::Import(text) | Row::Other(text) => text.clone(),
        })
        .collect();
    let industry_columns: Vec<usize> = texts.iter().map(|t| places[t.as_str()]).collect();
    let industries = match &columns.parts_of(&industry_columns) {
        Some(keys) => keys.industries(),
        None => Keys::single(texts.clone()).industries(),
    };
    let demand = Demand::of(grid, &columns, &places, &industry_rows, &industries, log);
    let layout = layout(grid, &columns, &rows, &industries);
    let mut take = |rows: &[usize], columns: &[usize]| grid.take(rows, columns, options.empty, log);
    let z = take(&industry_rows, &industry_columns);
    let mut y = take(&industry_rows, &demand.columns);
    let mut x = demand.output.map(|column| take(&industry_rows, &[column]));
    let mut row = |names: &[&str]| {
        let found = others
            .iter()
            .find(|(text, _)| names.contains(&text.to_uppercase().as_str()))?;
        Some(take(&[found.1], &industry_columns))
    };
    if x.is_none() {
        x = row(&OUTPUT);
    }
    let value_added = row(&VALUE_ADDED).or_else(|| {
        let parts: Vec<Vec<f64>> = FIGARO_PARTS
            .iter()
            .filter_map(|name| row(&[*name]))
            .collect();
        (parts.len() == FIGARO_PARTS.len()).then(|| {
            (0..texts.len())
                .map(|i| parts.iter().map(|p| p[i]).sum())
                .collect()
        })
    });
    let imports = (!imports.is_empty()).then(|| {
        let rows: Vec<usize> = imports.iter().map(|(_, at)| *at).collect();
        let mut import_y = grid.take(&rows, &demand.columns, options.empty, log);
        demand.turn_signs(&mut import_y);
        Imports {
            products: imports
                .iter()
                .map(|(text, _)| label(text, "", text))
                .collect(),
            z: grid.take(&rows, &industry_columns, options.empty, log),
            y: import_y,
        }
    });
    demand.turn_signs(&mut y);
    demand.say(grid, imports.is_some(), log);
    let draft = Draft {
        industries,
        finals: demand.labels,
        z,
        y,
        x,
        value_added,
        imports,
    };
    Some((draft, layout))
}

/// Keys of columns, and what each row is.
fn keys(grid: &Grid) -> (Keys, Vec<Row>) {
    let name = |wanted: &str| {
        grid.names
            .iter()
            .position(|n| n.eq_ignore_ascii_case(wanted))
    };
    if let (Some(country), Some(number)) = (name("Country"), column(grid, "RNr")) {
        // WIOD 2016: the row's number stands in a column of its own, `AUS` and 1 make `AUS1`.
        let columns = Keys::of_columns(grid);
        let rows = (0..grid.rows())
            .map(|row| {
                let country = &grid.labels[row][country];
                if country == "TOT" {
                    Row::Other(grid.labels[row][0].clone())
                } else {
                    Row::Industry(format!("{country}{}", grid.raw(row, number)))
                }
            })
            .collect();
        return (wiod2016(&columns), rows);
    }
    let four = grid.headings.len() >= 4 && grid.names.len() >= 4;
    if four {
        // WIOD as a sheet: code, name, country and c-number, over the columns and beside the rows.
        let last = grid.headings.len() - 1;
        let pairs = grid.headings[last - 1]
            .iter()
            .cloned()
            .zip(grid.headings[last].iter().cloned());
        // The last column is the total: TOT, c62.
        let pairs = pairs.map(|(region, name): (String, String)| {
            if region == "TOT" {
                (String::new(), region)
            } else {
                (region, name)
            }
        });
        let columns = Keys::joined(pairs.collect());
        let rows = grid.labels.iter().map(|l| {
            let text = super::labels::join(&l[2], &l[3]);
            if l[2] == "TOT" || l[2].is_empty() {
                other(l)
            } else {
                Row::Industry(text)
            }
        });
        return (columns, rows.collect());
    }
    let columns = Keys::of_columns(grid);
    if let Some(origin) = name("Origin") {
        let rows = grid.labels.iter().map(|l| {
            let text = l[0].clone();
            match l[origin].to_lowercase().as_str() {
                "domestic" => Row::Industry(text),
                "imports" | "import" | "imported" => Row::Import(text),
                _ => Row::Other(text),
            }
        });
        return (columns, rows.collect());
    }
    let row_keys = Keys::of_rows(grid);
    let known: BTreeSet<&str> = columns.texts.iter().map(String::as_str).collect();
    let rows = row_keys.texts.iter().map(|text| {
        let bare = |start: &str| text.strip_prefix(start).filter(|t| known.contains(t));
        // The OECD's national tables: DOM_ and IMP_, or TTL_ where they are not kept apart.
        if let Some(bare) = bare("DOM_").or_else(|| bare("TTL_")) {
            Row::Industry(bare.to_owned())
        } else if let Some(bare) = bare("IMP_") {
            Row::Import(bare.to_owned())
        } else if known.contains(text.as_str()) && !OUTPUT.contains(&text.to_uppercase().as_str()) {
            Row::Industry(text.clone())
        } else {
            Row::Other(text.clone())
        }
    });
    let rows = rows.collect();
    (columns, rows)
}

/// A row of totals in a sheet, by its name.
fn other(labels: &[String]) -> Row {
    let name = labels[1].to_lowercase();
    Row::Other(
        if name.starts_with("value added") {
            "VA"
        } else if name.starts_with("output at basic") {
            "OUT"
        } else {
            labels[3].as_str()
        }
        .to_owned(),
    )
}

/// `AUS57` as region `AUS` and number 57.
fn wiod2016(columns: &Keys) -> Keys {
    let parts = columns.texts.iter().map(|text| {
        let digits = text.len() - text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (region, number) = text.split_at(text.len() - digits);
        if region.len() == 3 && digits > 0 {
            (region.to_owned(), number.to_owned())
        } else {
            (String::new(), text.clone())
        }
    });
    Keys::with_texts(columns.texts.clone(), parts.collect())
}

fn column(grid: &Grid, wanted: &str) -> Option<usize> {
    (0..grid.columns()).find(|at| grid.heading(*at) == wanted)
}

/// Final demand among the columns.
struct Demand {
    columns: Vec<usize>,
    labels: Vec<Label>,
    output: Option<usize>,
    /// Columns of imports with the sign turned.
    turned: Vec<usize>,
    left_out: Vec<String>,
    has_imports: bool,
}

impl Demand {
    fn of(
        grid: &Grid,
        keys: &Keys,
        places: &BTreeMap<&str, usize>,
        rows: &[usize],
        industries: &[Label],
        log: &mut Log,
    ) -> Self {
        let all: BTreeSet<&str> = keys.texts.iter().map(String::as_str).collect();
        let industry: BTreeSet<usize> = places.values().copied().collect();
        let mut found = Self {
            columns: Vec::new(),
            labels: Vec::new(),
            output: None,
            turned: Vec::new(),
            left_out: Vec::new(),
            has_imports: false,
        };
        for (at, text) in keys.texts.iter().enumerate() {
            let upper = text.to_uppercase();
            let sum_of = SUMS_OF
                .iter()
                .any(|(sum, parts)| *sum == upper && parts.iter().any(|part| all.contains(part)));
            if industry.contains(&at) || matches!(text.as_str(), "RNr" | "Year") {
            } else if OUTPUT.contains(&upper.as_str()) {
                found.output = Some(at);
            } else if sum_of || SUMS.contains(&upper.as_str()) {
                found.left_out.push(text.clone());
            } else {
                if matches!(upper.as_str(), "IM" | "IMPO" | "IMPORTS") {
                    found.has_imports = true;
                    if rows.iter().all(|row| grid.raw(*row, at) >= 0.0) {
                        found.turned.push(found.columns.len());
                    }
                }
                found.columns.push(at);
            }
        }
        found.labels = keys.pick(&found.columns).finals(industries);
        if found.columns.is_empty() {
            log.error("io.no_final_demand", Place::file(&grid.file), &grid.file);
        }
        found
    }

    /// Imports are subtracted from what is used.
    fn turn_signs(&self, y: &mut [f64]) {
        let width = self.columns.len().max(1);
        for row in y.chunks_mut(width) {
            for at in &self.turned {
                row[*at] = -row[*at];
            }
        }
    }

    fn say(&self, grid: &Grid, apart: bool, log: &mut Log) {
        let place = Place::file(&grid.file);
        if !self.left_out.is_empty() {
            let shown = self.left_out.join(", ");
            log.note(
                "io.sums_left_out",
                place,
                &shown,
                &[("columns", shown.clone().into())],
            );
        }
        if self.has_imports && !apart {
            log.notes.push(crate::finding::warning(
                "io.imports_inside",
                place,
                &grid.file,
                &[],
            ));
        }
    }
}

fn layout(grid: &Grid, columns: &Keys, rows: &[Row], industries: &[Label]) -> Layout {
    let has = |wanted: &str| {
        rows.iter().any(|row| match row {
            Row::Industry(text) | Row::Import(text) | Row::Other(text) => text == wanted,
        })
    };
    let column = |wanted: &str| columns.texts.iter().any(|text| text == wanted);
    let ends = |wanted: &str| columns.texts.iter().any(|text| text.ends_with(wanted));
    let regions = industries.iter().any(|l| !l.region.is_empty());
    if grid.names.first().is_some_and(|n| n == "rowLabels") || has("W2_B2A3G") {
        Layout::Figaro
    } else if column("RNr") {
        Layout::Wiod2016
    } else if grid.headings.len() >= 4 {
        Layout::Wiod2013
    } else if regions && ends("_HFCE") && ends("_GGFC") {
        Layout::OecdIcio
    } else if column("HFCE") && column("GGFC") {
        Layout::OecdNational
    } else if column("GO") && (column("FU201") || column("TFU")) {
        Layout::China
    } else {
        Layout::Wide
    }
}

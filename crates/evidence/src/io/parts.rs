//! A table in several files: Z, Y, and optionally x and value added.

use std::path::Path;

use model::Diagnostic;

use super::assemble::{Draft, finish};
use super::grid::{Grid, Log};
use super::labels::{Keys, order, some};
use super::{Empty, IoFiles, IoOptions, IoSource, Layout, Parts};
use crate::finding::{Place, error};

pub(super) fn read(parts: &Parts, options: &IoOptions) -> Result<IoFiles, Vec<Diagnostic>> {
    let mut log = Log::default();
    let mut notes = Vec::new();
    let mut sources = Vec::new();
    let mut open = |path: &Path| -> Result<Grid, Vec<Diagnostic>> {
        let grid = Grid::read(path, options, &mut notes)?;
        sources.push(IoSource {
            file: grid.file.clone(),
            blake3: grid.blake3.clone(),
        });
        Ok(grid)
    };
    let (flows, core) = match (&parts.z, &parts.a) {
        (Some(z), _) => (true, z),
        (None, Some(a)) => (false, a),
        (None, None) => return Err(vec![error("io.no_table", Place::file(""), "", &[])]),
    };
    let core = open(core)?;
    let Some(y_path) = &parts.y else {
        return Err(vec![error(
            "io.no_final_demand",
            Place::file(&core.file),
            &core.file,
            &[],
        )]);
    };
    let y = open(y_path)?;
    let x = parts.x.as_deref().map(&mut open).transpose()?;
    let value_added = parts.value_added.as_deref().map(&mut open).transpose()?;
    let file = core.file.clone();
    let draft = (|| {
        let (keys, rows, columns) = square(&core, &mut log)?;
        let industries = keys.industries();
        let z = core.take(&rows, &columns, options.empty, &mut log);
        let finals = Keys::of_columns(&y);
        let _ = finals.places(|_| (y.file.clone(), None), &mut log);
        let y_rows = rows_of(&y, &keys, &mut log)?;
        let every: Vec<usize> = (0..y.columns()).collect();
        let y_values = y.take(&y_rows, &every, options.empty, &mut log);
        let x = match &x {
            Some(grid) => Some(vector(grid, &keys, options.empty, &mut log)?),
            None => None,
        };
        let value_added = match &value_added {
            Some(grid) => factor_rows(grid, &keys, options.empty, &mut log),
            None => None,
        };
        Some(Draft {
            finals: finals.finals(&industries),
            industries,
            z,
            y: y_values,
            x,
            value_added,
            imports: None,
        })
    })();
    let Some(mut draft) = draft else {
        return Err(log.errors);
    };
    if !flows {
        coefficients_to_flows(&mut draft, &file, &mut log);
    }
    let layout = Layout::of_parts(parts, &draft);
    let unit = super::layout::unit_of(parts, layout);
    notes.extend(log.close(&file)?);
    Ok(finish(draft, layout, unit, sources, notes, &file))
}

/// Labels of a square matrix with the places of its rows and columns. Columns follow the order of the rows.
fn square(grid: &Grid, log: &mut Log) -> Option<(Keys, Vec<usize>, Vec<usize>)> {
    let rows = Keys::of_rows(grid);
    let columns = Keys::of_columns(grid);
    if grid.rows() == grid.columns() + 1 && numeric(&rows.texts) && !numeric(&columns.texts) {
        log.error(
            "io.no_labels",
            Place::row(&grid.file, grid.line(0)),
            &rows.texts[0],
        );
        return None;
    }
    let before = log.errors.len();
    rows.places(|at| (grid.file.clone(), Some(grid.line(at))), log);
    let places = columns.places(|_| (grid.file.clone(), None), log);
    if log.errors.len() > before {
        return None;
    }
    let found = order(&rows.texts, &places);
    let surplus: Vec<String> = {
        let known: std::collections::BTreeSet<&String> = rows.texts.iter().collect();
        columns
            .texts
            .iter()
            .filter(|t| !known.contains(t))
            .cloned()
            .collect()
    };
    match found {
        Ok(columns_of_rows) if surplus.is_empty() => {
            if columns_of_rows
                .iter()
                .enumerate()
                .any(|(at, place)| at != *place)
            {
                log.note("io.columns_reordered", Place::row(&grid.file, 1), "", &[]);
            }
            Some((rows, (0..grid.rows()).collect(), columns_of_rows))
        }
        found => {
            let missing = found.err().unwrap_or_default();
            let args = [
                ("rows", grid.rows().into()),
                ("columns", grid.columns().into()),
                ("row_only", some(&missing).into()),
                ("column_only", some(&surplus).into()),
            ];
            let place = Place::row(&grid.file, 1);
            let shown = missing
                .first()
                .or(surplus.first())
                .cloned()
                .unwrap_or_default();
            log.error_with("io.not_square", place, &shown, &args);
            None
        }
    }
}

fn numeric(texts: &[String]) -> bool {
    !texts.is_empty() && texts.iter().all(|t| super::grid::number(t).is_some())
}

/// Places of the rows of `grid` in the order of the industries.
fn rows_of(grid: &Grid, keys: &Keys, log: &mut Log) -> Option<Vec<usize>> {
    let rows = Keys::of_rows(grid);
    let before = log.errors.len();
    let places = rows.places(|at| (grid.file.clone(), Some(grid.line(at))), log);
    if log.errors.len() > before {
        return None;
    }
    let surplus = rows.texts.iter().position(|t| !keys.texts.contains(t));
    match order(&keys.texts, &places) {
        Ok(found) => {
            if let Some(at) = surplus {
                let text = &rows.texts[at];
                log.error(
                    "io.unknown_row",
                    Place::row(&grid.file, grid.line(at)),
                    text,
                );
                return None;
            }
            if found.iter().enumerate().any(|(at, place)| at != *place) {
                log.note("io.rows_reordered", Place::file(&grid.file), "", &[]);
            }
            Some(found)
        }
        Err(missing) => {
            let columns = Keys::of_columns(grid);
            let turned = keys.texts.iter().all(|text| columns.texts.contains(text));
            let code = if turned {
                "io.transposed"
            } else {
                "io.missing_row"
            };
            let args = [("missing", some(&missing).into())];
            log.error_with(code, Place::file(&grid.file), &missing[0], &args);
            None
        }
    }
}

/// One number for each industry.
fn vector(grid: &Grid, keys: &Keys, empty: Empty, log: &mut Log) -> Option<Vec<f64>> {
    let columns = Keys::of_columns(grid);
    // A vector may lie down: one row, the industries as headings.
    if grid.rows() == 1
        && let Ok(found) = order(
            &keys.texts,
            &columns.places(|_| (grid.file.clone(), None), log),
        )
    {
        return Some(grid.take(&[0], &found, empty, log));
    }
    let known = ["x", "output", "indout", "total", "value", "out", "go"];
    let numbers: Vec<usize> = match grid.columns() {
        1 => vec![0],
        n => (0..n)
            .filter(|at| known.contains(&columns.texts[*at].to_lowercase().as_str()))
            .collect(),
    };
    let [column] = numbers.as_slice() else {
        let args = [("columns", grid.columns().into())];
        let shown = some(&columns.texts);
        log.error_with(
            "io.several_columns",
            Place::row(&grid.file, 1),
            &shown,
            &args,
        );
        return None;
    };
    let rows = rows_of(grid, keys, log)?;
    Some(grid.take(&rows, &[*column], empty, log))
}

/// Rows of primary inputs added up, industries as headings; `None` with a note where the headings are others.
fn factor_rows(grid: &Grid, keys: &Keys, empty: Empty, log: &mut Log) -> Option<Vec<f64>> {
    let columns = Keys::of_columns(grid);
    let mut quiet = Log::default();
    let places = columns.places(|_| (grid.file.clone(), None), &mut quiet);
    let Ok(found) = order(&keys.texts, &places) else {
        let rows = Keys::of_rows(grid);
        let places = rows.places(|at| (grid.file.clone(), Some(grid.line(at))), &mut quiet);
        return match order(&keys.texts, &places) {
            Ok(found) if grid.columns() == 1 => Some(grid.take(&found, &[0], empty, log)),
            _ => {
                log.note("io.value_added_unread", Place::file(&grid.file), "", &[]);
                None
            }
        };
    };
    let mut sum = vec![0.0; found.len()];
    for row in 0..grid.rows() {
        let values = grid.take(&[row], &found, empty, log);
        for (total, value) in sum.iter_mut().zip(values) {
            *total += value;
        }
    }
    Some(sum)
}

/// Z = A x̂ (Leontief 1936).
fn coefficients_to_flows(draft: &mut Draft, file: &str, log: &mut Log) {
    let n = draft.industries.len();
    let Some(x) = &draft.x else {
        log.error("io.no_table", Place::file(file), file);
        return;
    };
    for row in draft.z.chunks_mut(n.max(1)) {
        for (value, x) in row.iter_mut().zip(x) {
            *value *= x;
        }
    }
    log.note("io.coefficients", Place::file(file), "", &[]);
}

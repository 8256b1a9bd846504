//! What comes in and what leaves: `add`, `sql`, `export`, schemas. Exports pass the licence gate here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use evidence::sql::{Source, evidence_sources, query, tables_read};
use evidence::store::{
    Flat, StoreError, to_batch, without_formula, write_csv, write_parquet_batches,
};
use evidence::{
    Evidence, ReadOptions, Schema, export_gate, may_leave, propose, read_raw, schema_page,
};
use model::{Diagnostic, Lang, Message, Names, ResultTable, RowRef};
use serde_json::{Value, json};

use crate::config::Config;
use crate::engine::files::{write_durable, write_whole};
use crate::engine::flat::flatten;
use crate::engine::run::{Run, list, manifest_of, open};
use crate::error::StudyError;
use crate::folder::Study;
use crate::release::{released, repeated, repeats};
use crate::tables;

/// What `add` found and wrote.
#[derive(Debug, Clone)]
pub struct Added {
    pub rows: usize,
    /// Column, heading in the file, confidence 0..1.
    pub columns: Vec<(String, String, f64)>,
    pub unmapped: Vec<String>,
    /// Required columns without a heading.
    pub missing: Vec<String>,
    pub written: bool,
    pub diagnostics: Vec<Diagnostic>,
}

/// What to do with a file that already gives the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Refuse: a table is given by one file.
    Keep,
    /// Set it aside as `<file>.replaced`; nothing is lost.
    Replace,
}

/// Copies `file` into the study's evidence and writes the proposed mapping to `study.toml`.
///
/// Nothing is written while a required column has no heading.
pub fn add(
    study: &Study,
    file: &Path,
    table: &str,
    sheet: Option<&str>,
    maps: &[String],
    given: Given,
) -> Result<Added, StudyError> {
    let schema = Schema::builtin();
    let Some(target) = schema.table(table) else {
        let known: Vec<&str> = schema.tables().map(|t| t.name.as_str()).collect();
        return Err(StudyError::UnknownTable {
            name: table.to_owned(),
            known: known.into_iter().map(str::to_owned).collect(),
        });
    };
    let options = ReadOptions {
        sheet: sheet.map(str::to_owned),
        ..ReadOptions::default()
    };
    let (raw, diagnostics) = read_raw(file, &options).map_err(StudyError::Evidence)?;
    let mut proposal = propose(&raw, target);
    for map in maps {
        let Some((column, heading)) = map.split_once('=') else {
            return Err(StudyError::BadMap { map: map.clone() });
        };
        if target.column(column).is_none() || !raw.columns.iter().any(|c| c == heading) {
            return Err(StudyError::BadMap { map: map.clone() });
        }
        proposal
            .mapping
            .columns
            .insert(column.to_owned(), heading.to_owned());
        proposal.missing.retain(|missing| missing != column);
        proposal.unmapped.retain(|unmapped| unmapped != heading);
    }
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut mapping = proposal.mapping.clone();
    mapping.file.clone_from(&name);
    table.clone_into(&mut mapping.table);
    mapping.sheet = mapping.sheet.or_else(|| sheet.map(str::to_owned));
    let columns = mapping
        .columns
        .iter()
        .map(|(column, heading)| {
            (
                column.clone(),
                heading.clone(),
                proposal.confidence(column).unwrap_or(1.0),
            )
        })
        .collect();
    let written = proposal.missing.is_empty();
    if written {
        register(study, file, &name, table, &mapping, given)?;
    }
    Ok(Added {
        rows: raw.rows.len(),
        columns,
        unmapped: proposal.unmapped,
        missing: proposal.missing,
        written,
        diagnostics,
    })
}

/// The `[[table]]` section that is appended to `study.toml`.
#[derive(serde::Serialize)]
struct Tables<'a> {
    table: [&'a evidence::Mapping; 1],
}

/// Files of the evidence folder that are named for the table.
fn files_of(folder: &Path, table: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            name.split('.').next() == Some(table) && !name.ends_with(".replaced")
        })
        .collect();
    found.sort();
    found
}

fn register(
    study: &Study,
    file: &Path,
    name: &str,
    table: &str,
    mapping: &evidence::Mapping,
    given: Given,
) -> Result<(), StudyError> {
    let to = study.root.join("evidence").join(name);
    let bytes = fs::read(file).map_err(StudyError::io("read", file))?;
    let same = fs::canonicalize(file).ok() == fs::canonicalize(&to).ok();
    let earlier: Vec<PathBuf> = files_of(&study.root.join("evidence"), table)
        .into_iter()
        .filter(|path| fs::canonicalize(path).ok() != fs::canonicalize(file).ok())
        .collect();
    if let (Some(path), Given::Keep) = (earlier.first(), given) {
        return Err(StudyError::AlreadyGiven {
            table: table.to_owned(),
            path: path.clone(),
        });
    }
    if to.exists() && !same && !earlier.contains(&to) {
        return Err(StudyError::NotEmpty { path: to });
    }
    let path = study.root.join("study.toml");
    let text = fs::read_to_string(&path).map_err(StudyError::io("read", &path))?;
    // Text is appended, so that the comments of the file stay; an earlier mapping of the table must go first.
    if study
        .config
        .table
        .iter()
        .any(|earlier| earlier.table == table)
    {
        return Err(StudyError::MappedTwice {
            table: table.to_owned(),
        });
    }
    let addition = toml::to_string(&Tables { table: [mapping] })
        .map_err(|error| StudyError::Store(error.to_string()))?;
    let joined = format!("{}\n\n{addition}", text.trim_end());
    Config::from_toml("study.toml", &joined)?;
    for path in &earlier {
        let mut aside = path.clone().into_os_string();
        aside.push(".replaced");
        fs::rename(path, &aside).map_err(StudyError::io("set aside", path))?;
    }
    if !same {
        write_whole(&to, &bytes).map_err(StudyError::io("write", &to))?;
    }
    write_durable(&path, joined.as_bytes()).map_err(StudyError::io("write", &path))
}

/// The answer to a query.
#[derive(Debug, Clone)]
pub struct Answer {
    pub columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    texts: Vec<Vec<String>>,
    pub notices: Vec<String>,
}

impl Answer {
    pub fn json(&self) -> Vec<Value> {
        self.rows
            .iter()
            .map(|row| {
                Value::Object(
                    self.columns
                        .iter()
                        .cloned()
                        .zip(row.iter().cloned())
                        .collect(),
                )
            })
            .collect()
    }

    /// Rows in aligned columns, for reading.
    pub fn aligned(&self, lang: Lang) -> String {
        let width = |text: &str| {
            text.chars()
                .map(|c| if c > '\u{2e7f}' { 2 } else { 1 })
                .sum::<usize>()
        };
        let mut widths: Vec<usize> = self.columns.iter().map(|c| width(c)).collect();
        for row in &self.texts {
            for (w, cell) in widths.iter_mut().zip(row) {
                *w = (*w).max(width(cell)).min(60);
            }
        }
        let line = |cells: &[String]| -> String {
            let padded: Vec<String> = cells
                .iter()
                .zip(&widths)
                .map(|(cell, w)| format!("{cell}{}", " ".repeat(w.saturating_sub(width(cell)))))
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        let mut lines = vec![line(&self.columns)];
        lines.push(
            widths
                .iter()
                .map(|w| "─".repeat(*w))
                .collect::<Vec<_>>()
                .join("  "),
        );
        lines.extend(self.texts.iter().map(|row| line(row)));
        let counted = match self.texts.len() {
            1 => Message::new("sql.row"),
            n => Message::new("sql.rows").with("n", n),
        };
        lines.push(counted.render(lang, &Names::default()));
        lines.join("\n")
    }
}

/// Queries the evidence (large tables as `large.trade`, `large.activity`) and, where there is a run, its results. With `out`, rows are written as CSV, unless a
/// table that the query reads holds, or repeats, rows whose licence forbids it.
pub fn sql(study: &Study, run: &str, text: &str, out: Option<&Path>) -> Result<Answer, StudyError> {
    let loaded = study.load()?;
    let evidence = loaded.evidence;
    let mut sources = evidence_sources(&evidence);
    let large = |name: &str| format!("large.{name}");
    sources.extend(
        loaded
            .bulk
            .iter()
            .map(|(name, table)| (large(name), Source::Parquet(table.path.clone()))),
    );
    let opened = match open(study, run) {
        Ok(run) => Some(run),
        Err(StudyError::UnknownRun { .. }) if run == "latest" => None,
        Err(error) => return Err(error),
    };
    if let Some(run) = &opened {
        sources.extend(results(run));
    }
    // Runs that hold the other tables.
    let mut others: Vec<Run> = Vec::new();
    let failed = |error: evidence::sql::SqlError| StudyError::Sql {
        problem: error.to_string(),
        help: error.remedy.render(Lang::En, &Names::default()),
    };
    let mut notices = Vec::new();
    let read = match tables_read(text, &sources) {
        // A table that the latest run did not make, because some steps ran alone, comes from the newest run that did.
        Err(_) if run == "latest" => {
            let older = older_tables(study, &sources);
            let held = sources.len();
            let older_sources = older.iter();
            sources.extend(
                older_sources.map(|(t, _, path)| (t.clone(), Source::Parquet(path.clone()))),
            );
            let found = tables_read(text, &sources);
            sources.truncate(held);
            let read = found.map_err(failed)?;
            for (table, run, path) in older.into_iter().filter(|(t, ..)| read.contains(t)) {
                notices.push(format!(
                    "{table} is not in the latest run; it is read from the newest run with these settings that holds it: \
                     --run {run}"
                ));
                sources.push((table, Source::Parquet(path)));
                if out.is_some() {
                    others.push(open(study, &run)?);
                }
            }
            read
        }
        found => found.map_err(failed)?,
    };
    if out.is_some() {
        let reads = read;
        let rows: Vec<RowRef> = reads
            .iter()
            .filter_map(|name| name.strip_prefix("evidence."))
            .flat_map(|table| evidence.rows(table).iter().map(evidence::Record::reference))
            // A large table has one licence: that of its source.
            .chain(
                loaded
                    .bulk
                    .iter()
                    .filter(|(name, _)| reads.contains(&large(name)))
                    .map(|(_, table)| RowRef::new("sources", table.source.clone())),
            )
            // A query may show any column of a table that repeats the evidence.
            .chain(
                (opened.iter().chain(&others))
                    .flat_map(Run::tables)
                    .filter(|table| reads.contains(&table.name))
                    .flat_map(repeated_rows)
                    .cloned(),
            )
            .collect();
        notices.extend(gate(&evidence, rows)?);
    }
    let found = query(text, &sources).map_err(failed)?;
    let answer = Answer {
        columns: found
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect(),
        texts: found.texts(),
        rows: found.rows,
        notices,
    };
    if let Some(path) = out {
        write_answer(&answer, path)?;
    }
    Ok(answer)
}

/// Tables that only older runs with the same settings hold: name, run, file; of each the newest.
fn older_tables(study: &Study, held: &[(String, Source)]) -> Vec<(String, String, PathBuf)> {
    let mut known: BTreeSet<String> = held.iter().map(|(name, _)| name.clone()).collect();
    let written = |id: &String| {
        let manifest = study.runs_folder().join(id).join("manifest.json");
        fs::metadata(manifest).and_then(|m| m.modified()).ok()
    };
    let mut runs: Vec<String> = list(study);
    runs.sort_by_key(|id| std::cmp::Reverse(written(id)));
    let mut found = Vec::new();
    for run in runs {
        let same = |m: crate::engine::manifest::Manifest| m.config == study.config;
        if !manifest_of(study, &run).is_ok_and(same) {
            continue;
        }
        let folder = study.runs_folder().join(&run).join("tables");
        for path in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = path.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if path.extension().is_some_and(|e| e == "parquet") && known.insert(name.to_string()) {
                found.push((name.into_owned(), run.clone(), path));
            }
        }
    }
    found.sort();
    found
}

fn results(run: &Run) -> Vec<(String, Source<'static>)> {
    run.tables()
        .map(|table| {
            let path = run
                .folder
                .join("tables")
                .join(format!("{}.parquet", table.name));
            (table.name.clone(), Source::Parquet(path))
        })
        .collect()
}

fn write_answer(answer: &Answer, path: &Path) -> Result<(), StudyError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let store = |error: String| StudyError::Store(error);
    writer
        .write_record(&answer.columns)
        .map_err(|e| store(e.to_string()))?;
    for row in &answer.texts {
        let safe = row.iter().map(|cell| without_formula(cell.clone()));
        writer
            .write_record(safe)
            .map_err(|e| store(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| store(e.to_string()))?;
    write_whole(path, &bytes).map_err(StudyError::io("write", path))
}

/// The rows of evidence that a result table repeats; none where it repeats none.
fn repeated_rows(table: &ResultTable) -> impl Iterator<Item = &RowRef> {
    let rows = repeats(table).then_some(&table.rows);
    rows.into_iter().flatten().flat_map(repeated)
}

/// Refuses the export if the licence of any row forbids it; otherwise says whose facts must be cited.
fn gate(evidence: &Evidence, rows: Vec<RowRef>) -> Result<Vec<String>, StudyError> {
    let names = Names::default();
    match export_gate(evidence, rows.into_iter()) {
        Ok(notices) => Ok(notices
            .iter()
            .map(|n| n.message.render(Lang::En, &names))
            .collect()),
        Err(refused) => Err(StudyError::Licence(
            refused
                .rows
                .iter()
                .map(|row| format!("{}/{}", row.row.table, row.row.key))
                .collect(),
        )),
    }
}

/// Writes a file whole or not at all.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StudyError> {
    write_whole(path, bytes).map_err(StudyError::io("write", path))
}

/// A finished export.
#[derive(Debug, Clone)]
pub struct Exported {
    pub rows: usize,
    pub notices: Vec<String>,
}

/// Writes a table of evidence or results to a `.csv` or `.parquet` file.
pub fn export(study: &Study, run: &str, table: &str, out: &Path) -> Result<Exported, StudyError> {
    let evidence = study.load()?.evidence;
    let ending = out.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if !["csv", "parquet"].contains(&ending) {
        return Err(StudyError::Ending {
            path: out.to_owned(),
        });
    }
    let parquet = ending == "parquet";
    let store = |error: StoreError| StudyError::Store(error.to_string());
    if let Some(found) = evidence.table(table) {
        let notices = gate(
            &evidence,
            found.rows.iter().map(evidence::Record::reference).collect(),
        )?;
        if parquet {
            let batch = to_batch(found).map_err(|error| StudyError::Store(error.to_string()))?;
            write_parquet_batches(out, &batch.schema(), [batch]).map_err(store)?;
        } else {
            write_csv(found, out).map_err(store)?;
        }
        return Ok(Exported {
            rows: found.rows.len(),
            notices,
        });
    }
    let run = open(study, run)?;
    let names = crate::folder::names(&evidence, &run.manifest.scenarios);
    let Some(found) = run.table(table) else {
        let known = evidence.tables.keys().cloned();
        let results = run.tables().map(|t| t.name.clone());
        return Err(StudyError::UnknownTable {
            name: table.to_owned(),
            known: known.chain(results).collect(),
        });
    };
    // Results are our own computation; where they repeat rows of the evidence, what may not leave is blanked.
    let free = repeated_rows(found).filter(|row| may_leave(&evidence, row));
    let notices = gate(&evidence, free.cloned().collect())?;
    let columns: Vec<(String, Flat)> = flatten(&released(&evidence, found), &names);
    tables::write_one(out, &columns, parquet)?;
    Ok(Exported {
        rows: found.rows.len(),
        notices,
    })
}

/// The schema pages of all tables in both languages; returns how many were written.
pub fn write_schema_pages(folder: &Path) -> Result<usize, StudyError> {
    let mut pages = 0;
    for (lang, word) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let mut index = String::from(if lang == Lang::En {
            "# Tables\n\n"
        } else {
            "# 数据表\n\n"
        });
        for table in Schema::builtin().tables() {
            let path = folder.join(word).join(format!("{}.md", table.name));
            write_whole(&path, schema_page(table, lang).as_bytes())
                .map_err(StudyError::io("write", &path))?;
            index.push_str(&format!("- [{0}]({0}.md)\n", table.name));
            pages += 1;
        }
        let path = folder.join(word).join("README.md");
        write_whole(&path, index.as_bytes()).map_err(StudyError::io("write", &path))?;
    }
    Ok(pages)
}

fn wanted(table: Option<&str>) -> Result<Vec<&'static evidence::TableSchema>, StudyError> {
    let schema = Schema::builtin();
    let all: Vec<&'static evidence::TableSchema> = schema.tables().map(|t| &**t).collect();
    match table {
        None => Ok(all),
        Some(name) => match all.iter().find(|t| t.name == name) {
            Some(found) => Ok(vec![found]),
            None => Err(StudyError::UnknownTable {
                name: name.to_owned(),
                known: all.iter().map(|t| t.name.clone()).collect(),
            }),
        },
    }
}

/// The schema page of a table, or all of them.
pub fn schema_text(table: Option<&str>, lang: Lang) -> Result<String, StudyError> {
    Ok(wanted(table)?
        .into_iter()
        .map(|t| schema_page(t, lang))
        .collect::<Vec<_>>()
        .join("\n"))
}

/// Columns of tables, for programs.
pub fn schema_json(table: Option<&str>, lang: Lang) -> Result<Value, StudyError> {
    let tables: Vec<Value> = wanted(table)?
        .into_iter()
        .map(|t| {
            let columns: Vec<Value> = t
                .columns
                .iter()
                .map(|c| {
                    json!({
                        "column": c.name, "type": c.kind.as_str(), "unit": c.unit,
                        "required": c.required, "key": c.key,
                        "description": c.description[lang as usize],
                    })
                })
                .collect();
            json!({ "table": t.name, "columns": columns })
        })
        .collect();
    Ok(json!({ "schema": "forelay.schema/1", "tables": tables }))
}

//! Which files of a folder belong to one table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::Diagnostic;

use super::Parts;
use crate::finding::{Place, error};

pub(super) enum Found {
    Parts(Parts),
    /// One wide table, or a flat file.
    Single(PathBuf),
}

const EXTENSIONS: [&str; 8] = ["csv", "tsv", "txt", "tab", "parquet", "pq", "xlsx", "ods"];

pub(super) fn find(folder: &Path, prefix: Option<&str>) -> Result<Found, Vec<Diagnostic>> {
    let shown = folder.display().to_string();
    let unreadable = |e: std::io::Error| {
        vec![error(
            "file.unreadable",
            Place::file(&shown),
            &e.to_string(),
            &[],
        )]
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort_unstable();
    let mut tables: BTreeMap<String, Parts> = BTreeMap::new();
    let mut wide = Vec::new();
    let mut twice = Vec::new();
    for file in &files {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if matches!(name.as_str(), "file_parameters.json" | "metadata.json") {
            continue;
        }
        let Some(stem) = table_stem(&name) else {
            continue;
        };
        let (before, last) = split(stem);
        let lower = last.to_lowercase();
        let group = || before.to_lowercase();
        let table = match lower.as_str() {
            "z" | "a" | "y" | "x" | "va" | "v" | "unit" => tables.entry(group()).or_default(),
            _ => {
                wide.push(file.clone());
                continue;
            }
        };
        let slot = match lower.as_str() {
            "z" => &mut table.z,
            "a" => &mut table.a,
            "y" => &mut table.y,
            "x" => &mut table.x,
            "unit" => &mut table.unit,
            _ => &mut table.value_added,
        };
        if let Some(first) = slot.replace(file.clone()) {
            let first = first
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let args = [("first", first.into())];
            twice.push(error("io.twice", Place::file(&name), &name, &args));
        }
    }
    if !twice.is_empty() {
        return Err(twice);
    }
    tables = pooled(tables);
    if let Some(wanted) = prefix {
        let wanted = wanted.to_lowercase();
        let wanted = wanted.trim_end_matches(['_', '-', '.', ' ']);
        tables.retain(|name, _| name == wanted);
        wide.clear();
    }
    tables.retain(|_, parts| parts.z.is_some() || (parts.a.is_some() && parts.x.is_some()));
    let names: Vec<String> = tables.keys().cloned().collect();
    let mut found = tables.into_values();
    match (found.next(), names.as_slice(), wide.as_slice()) {
        (Some(mut parts), [_], _) => {
            parts.saved = ["file_parameters.json", "metadata.json"]
                .map(|name| folder.join(name))
                .into_iter()
                .find(|path| path.is_file());
            Ok(Found::Parts(parts))
        }
        (Some(_), names, _) => {
            let args = [("tables", names.join(", ").into())];
            Err(vec![error(
                "io.several",
                Place::file(&shown),
                &shown,
                &args,
            )])
        }
        (None, _, [only]) => Ok(Found::Single(only.clone())),
        (None, _, _) => {
            let seen: Vec<String> = files
                .iter()
                .filter_map(|file| file.file_name())
                .map(|name| name.to_string_lossy().into_owned())
                .collect();
            let seen = super::labels::some(&seen);
            Err(vec![error("io.no_table", Place::file(&shown), &seen, &[])])
        }
    }
}

/// The name without its ending; `None` for files that hold no table.
fn table_stem(name: &str) -> Option<&str> {
    let lower = name.to_lowercase();
    let packed = [".gz", ".zst", ".zstd"]
        .iter()
        .find(|end| lower.ends_with(*end));
    let name = &name[..name.len() - packed.map_or(0, |end| end.len())];
    let (stem, extension) = name.rsplit_once('.')?;
    let extension = extension.to_lowercase();
    EXTENSIONS.contains(&extension.as_str()).then_some(stem)
}

/// What stands before the last word of a name, and that word.
fn split(stem: &str) -> (&str, &str) {
    stem.rsplit_once(['_', '-', '.', ' ']).unwrap_or(("", stem))
}

/// A folder with one Z has one table, whatever its files are called (`trade_flows_Z`, `finald_demand_Y`).
fn pooled(tables: BTreeMap<String, Parts>) -> BTreeMap<String, Parts> {
    let count = |of: fn(&Parts) -> bool| tables.values().filter(|p| of(p)).count();
    let unique = count(|p| p.z.is_some()) <= 1
        && count(|p| p.a.is_some()) <= 1
        && count(|p| p.y.is_some()) <= 1
        && count(|p| p.x.is_some()) <= 1
        && count(|p| p.value_added.is_some()) <= 1;
    let core = tables
        .iter()
        .find(|(_, p)| p.z.is_some())
        .or_else(|| tables.iter().find(|(_, p)| p.a.is_some()))
        .map(|(name, _)| name.clone());
    let (true, Some(core)) = (unique && tables.len() > 1, core) else {
        return tables;
    };
    let mut one = Parts::default();
    for parts in tables.into_values() {
        one.z = one.z.or(parts.z);
        one.a = one.a.or(parts.a);
        one.y = one.y.or(parts.y);
        one.x = one.x.or(parts.x);
        one.value_added = one.value_added.or(parts.value_added);
        one.unit = one.unit.or(parts.unit);
    }
    BTreeMap::from([(core, one)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_their_last_word() {
        assert_eq!(table_stem("wiot_2011_Z.parquet"), Some("wiot_2011_Z"));
        assert_eq!(table_stem("Z.CSV.gz"), Some("Z"));
        assert_eq!(table_stem("readme.md"), None);
        assert_eq!(split("wiot_2011_Z"), ("wiot_2011", "Z"));
        assert_eq!(split("Z"), ("", "Z"));
    }
}

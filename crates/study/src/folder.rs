//! A study on disk.
//!
//! ```text
//! variants/*.toml   settings laid over them
//! study.toml        settings            evidence/*      tables (evidence/large: trade, activity, io)
//! scenarios/*.toml  what-if questions   forelay.lock    what the last run read and made
//! .forelay/         cache and stored copies of the evidence; safe to delete
//! runs/<id>/        results             reports/        documents
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use evidence::bulk::{BulkKind, BulkTable};
use evidence::store::{self, LockEntry, lock_entries};
use evidence::{CheckParams, Checked, Evidence, ReadOptions, Schema, Table, check_folder};
use include_dir::{Dir, include_dir};
use model::{Catalogue, Diagnostic, Entity, Kind, Lang, Message, Names, Severity};

use crate::config::Config;
use crate::engine::files::write_whole;
use crate::error::StudyError;
use crate::scenario::Scenario;
use crate::variant::Variant;

static CHINA_2021: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../studies/china-2021");

/// An opened study: its settings and scenarios; evidence is read when it is needed.
#[derive(Debug, Clone)]
pub struct Study {
    pub root: PathBuf,
    pub config: Config,
    /// Sorted by id.
    pub scenarios: Vec<Scenario>,
    /// What was laid over the settings. Its runs never become `latest`.
    pub variant: Option<Variant>,
}

/// The evidence of a study with everything that was found in it.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub evidence: Evidence,
    /// Large tables by name; they stay files.
    pub bulk: BulkTables,
    pub diagnostics: Vec<Diagnostic>,
    entries: Vec<LockEntry>,
}

/// Large tables by name.
pub type BulkTables = BTreeMap<String, BulkTable>;

/// Names of the large tables.
pub const BULK: [BulkKind; 3] = [BulkKind::Trade, BulkKind::Activity, BulkKind::Io];

impl Loaded {
    pub fn errors(&self) -> Vec<Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .cloned()
            .collect()
    }
}

impl Study {
    /// Opens the study in `root`.
    pub fn open(root: &Path) -> Result<Self, StudyError> {
        let path = root.join("study.toml");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StudyError::NotAStudy {
                    path: root.to_owned(),
                });
            }
            Err(error) => return Err(StudyError::io("read", &path)(error)),
        };
        let config = Config::from_toml("study.toml", &text)?;
        Ok(Self {
            root: root.to_owned(),
            config,
            scenarios: scenarios(&root.join("scenarios"))?,
            variant: None,
        })
    }

    pub fn runs_folder(&self) -> PathBuf {
        self.root.join("runs")
    }

    pub fn cache_folder(&self) -> PathBuf {
        self.root.join(".forelay/cache")
    }

    pub fn store_folder(&self) -> PathBuf {
        self.root.join(".forelay/store")
    }

    /// Where the large tables lie.
    pub fn large_folder(&self) -> PathBuf {
        self.root.join("evidence/large")
    }

    /// The large table of this kind, if the study has one that can be read.
    fn large(&self, kind: BulkKind) -> Option<Result<BulkTable, String>> {
        let path = self
            .large_folder()
            .join(format!("{}.parquet", kind.as_str()));
        path.is_file()
            .then(|| BulkTable::open(&path).map_err(|error| error.to_string()))
    }

    /// The large tables that a run has read, as long as they are the same to the byte.
    pub fn large_as_read(&self, inputs: &[LockEntry]) -> Result<BulkTables, String> {
        let mut tables = BulkTables::new();
        for kind in BULK {
            let Some(then) = inputs.iter().find(|i| i.table == kind.as_str()) else {
                continue;
            };
            let now = self
                .large(kind)
                .ok_or_else(|| format!("evidence/large/{}.parquet is missing", kind.as_str()))??;
            if now.content != then.content {
                return Err(format!(
                    "evidence/large/{}.parquet is another file than the run has read",
                    kind.as_str()
                ));
            }
            tables.insert(kind.as_str().to_owned(), now);
        }
        Ok(tables)
    }

    /// Reads and checks every table; changes nothing.
    pub fn load(&self) -> Result<Loaded, StudyError> {
        let folder = self.root.join("evidence");
        if !folder.is_dir() {
            let missing =
                std::io::Error::new(std::io::ErrorKind::NotFound, "the folder is missing");
            return Err(StudyError::io("read", &folder)(missing));
        }
        let checked = check_folder(
            Schema::builtin(),
            &folder,
            &self.config.table,
            &ReadOptions::default(),
            &CheckParams::default(),
        );
        let mut entries = lock_entries(&checked);
        let Checked {
            evidence,
            mut diagnostics,
            ..
        } = checked;
        let settings = crate::settings::check(&self.config, &self.scenarios, &evidence);
        diagnostics.extend(settings.into_iter().map(|mut finding| {
            let place = finding.column.as_deref().unwrap_or_default();
            let variant = self.variant.as_ref().filter(|v| v.sets(place));
            if let Some(variant) = variant.filter(|_| finding.file == "study.toml") {
                finding.file = format!("variants/{}.toml", variant.name);
            }
            finding
        }));
        let mut bulk = BulkTables::new();
        for kind in BULK {
            match self.large(kind) {
                None => {}
                Some(Ok(table)) => {
                    diagnostics.extend(unknown_source(&evidence, &table));
                    entries.push(table.lock_entry());
                    bulk.insert(kind.as_str().to_owned(), table);
                }
                Some(Err(problem)) => {
                    diagnostics.push(large_problem(kind, "study.large_unreadable", &problem));
                }
            }
        }
        Ok(Loaded {
            evidence,
            bulk,
            diagnostics,
            entries,
        })
    }

    /// Stores a copy of every table by its content, and says what was read.
    pub fn store(&self, loaded: &Loaded) -> Result<Vec<LockEntry>, StudyError> {
        store::write(&loaded.evidence, &self.store_folder())
            .map_err(|error| StudyError::Store(error.to_string()))?;
        Ok(loaded.entries.clone())
    }

    /// Reads a stored copy.
    pub fn stored(&self, table: &str, content: &str) -> Result<Table, String> {
        store::read(Schema::builtin(), table, &self.store_folder(), content)
            .map_err(|error| error.to_string())
    }
}

/// A large table, like every row, names a source of the study.
fn unknown_source(evidence: &Evidence, table: &BulkTable) -> Option<Diagnostic> {
    let known = evidence
        .table("sources")
        .is_some_and(|sources| sources.get(&table.source).is_some());
    (!known).then(|| large_problem(table.kind, "study.large_source", &table.source))
}

fn large_problem(kind: BulkKind, code: &str, found: &str) -> Diagnostic {
    Diagnostic {
        code: code.to_owned(),
        severity: Severity::Error,
        file: format!("large/{}.parquet", kind.as_str()),
        row: None,
        column: None,
        found: found.to_owned(),
        expected: Message::new(format!("check.{code}")),
        remedy: Message::new(format!("check.{code}.remedy")).with("table", kind.as_str()),
    }
}

/// Display names of everything in the evidence, and of the study's own scenarios.
pub fn names(evidence: &Evidence, scenarios: &[Scenario]) -> Names {
    let mut names = crate::release::released_names(evidence);
    for criterion in crate::steps::CRITERIA {
        let word = |lang| {
            let id = format!("code.{criterion}");
            Catalogue::builtin()
                .text(&id, lang)
                .unwrap_or(criterion)
                .to_owned()
        };
        let entity = Entity::new(Kind::Criterion, criterion);
        names.insert(entity, word(Lang::En), word(Lang::Zh));
    }
    for scenario in scenarios {
        let entity = Entity::new(Kind::Scenario, scenario.id.clone());
        names.insert(entity, scenario.title_en.clone(), scenario.title_zh.clone());
    }
    names
}

fn scenarios(folder: &Path) -> Result<Vec<Scenario>, StudyError> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    let entries = fs::read_dir(folder).map_err(StudyError::io("read", folder))?;
    let paths: BTreeSet<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    for path in paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
    {
        let text = fs::read_to_string(&path).map_err(StudyError::io("read", &path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let scenario = Scenario::read(&format!("scenarios/{name}"), &text)?;
        found.push(scenario);
    }
    Ok(found)
}

/// Writes the example study `name` into the new or empty folder `to`; returns the number of files.
pub fn init_example(name: &str, to: &Path) -> Result<usize, StudyError> {
    if name != "china-2021" {
        return Err(StudyError::UnknownExample {
            name: name.to_owned(),
        });
    }
    must_be_empty(to)?;
    let mut files = 0;
    let mut folders = vec![&CHINA_2021];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs().filter(|dir| !dir.path().starts_with("own")));
        for file in folder
            .files()
            .filter(|f| f.path().extension().is_none_or(|e| e != "py"))
        {
            let path = to.join(file.path());
            write_whole(&path, file.contents()).map_err(StudyError::io("write", &path))?;
            files += 1;
        }
    }
    write_gitignore(to)?;
    Ok(files + 1)
}

/// Writes a study without rows: the example's settings for `home`, and every table with its heading.
pub fn init_empty(home: &str, to: &Path) -> Result<usize, StudyError> {
    must_be_empty(to)?;
    let settings = CHINA_2021
        .get_file("study.toml")
        .and_then(|file| file.contents_utf8())
        .expect("invariant: the embedded study has settings")
        .replace("home = \"CHN\"", &format!("home = {home:?}"))
        .replace(
            "claims_about = \"CHN\"",
            &format!("claims_about = {home:?}"),
        )
        .replace("id = \"china-2021\"", "id = \"my-study\"")
        .replace(
            "Forward-looking layout of future industries: China",
            "My study",
        )
        .replace("未来产业前瞻布局：中国", "我的研究");
    let settings = without_examples(&settings);
    Config::from_toml("study.toml", &settings)?;
    let path = to.join("study.toml");
    write_whole(&path, settings.as_bytes()).map_err(StudyError::io("write", &path))?;
    let mut files = 2;
    for table in Schema::builtin().tables() {
        let path = to.join("evidence").join(format!("{}.csv", table.name));
        if let Some(shared) = COMMON
            .contains(&table.name.as_str())
            .then(|| embedded(&table.name))
            .flatten()
        {
            write_whole(&path, shared.as_bytes()).map_err(StudyError::io("write", &path))?;
            files += 1;
            continue;
        }
        let header: Vec<&str> = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let path = to.join("evidence").join(format!("{}.csv", table.name));
        write_whole(&path, format!("{}\n", header.join(",")).as_bytes())
            .map_err(StudyError::io("write", &path))?;
        files += 1;
    }
    let folder = to.join("scenarios");
    fs::create_dir_all(&folder).map_err(StudyError::io("create", &folder))?;
    write_gitignore(to)?;
    Ok(files)
}

/// Tables of an empty study that come with the program: names and the source that judged them.
const COMMON: [&str; 5] = [
    "countries",
    "fields",
    "evidence_kinds",
    "indicators",
    "sources",
];

/// A table of the embedded study; of its sources only the program's own.
fn embedded(table: &str) -> Option<String> {
    let text = CHINA_2021
        .get_file(format!("evidence/{table}.csv"))?
        .contents_utf8()?;
    if table != "sources" {
        return Some(text.to_owned());
    }
    let own = text
        .lines()
        .enumerate()
        .filter(|(i, line)| *i == 0 || line.starts_with("forelay_editors,"));
    let lines: Vec<&str> = own.map(|(_, line)| line).collect();
    Some(
        lines.join(
            "
",
        ) + "
",
    )
}

/// The example's settings without what speaks of the example's own rows: chains, reference classes.
fn without_examples(settings: &str) -> String {
    let mut kept = Vec::new();
    let mut section = "";
    for line in settings.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let example = match section {
            "[necks.hardness]" => line.contains("= ["),
            _ if section.starts_with("[roadmap.stages.") => line.starts_with("fields ="),
            _ => false,
        };
        if example {
            continue;
        }
        let line = if section.starts_with("[roadmap.stages.") && line.starts_with("default =") {
            "default = []   # ids of reference_classes"
        } else if section == "[chain]" && line.starts_with("exclude =") {
            "exclude = []"
        } else {
            line
        };
        kept.push(line);
    }
    kept.join("\n") + "\n"
}

fn must_be_empty(to: &Path) -> Result<(), StudyError> {
    if to.exists()
        && fs::read_dir(to)
            .map_err(StudyError::io("read", to))?
            .next()
            .is_some()
    {
        return Err(StudyError::NotEmpty {
            path: to.to_owned(),
        });
    }
    Ok(())
}

fn write_gitignore(to: &Path) -> Result<(), StudyError> {
    let path = to.join(".gitignore");
    write_whole(&path, b"/.forelay\n/runs\n/reports\n").map_err(StudyError::io("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_study_opens_and_its_evidence_has_no_errors() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("s");
        assert!(init_example("china-2021", &to).expect("written") > 20);
        let study = Study::open(&to).expect("a study");
        let loaded = study.load().expect("read");
        assert_eq!(loaded.errors(), Vec::new());
        let unnamed: Vec<_> = names(&loaded.evidence, &study.scenarios)
            .without_chinese()
            .filter(|(kind, _)| *kind != Kind::Source)
            .map(|(kind, id)| format!("{kind:?} {id}"))
            .collect();
        assert_eq!(unnamed, Vec::<String>::new(), "without a Chinese name");
        assert!(
            init_example("china-2021", &to).is_err(),
            "a folder that is not empty stays as it is"
        );
    }

    #[test]
    fn an_empty_study_opens_for_any_home() {
        let folder = tempfile::tempdir().expect("a folder");
        init_empty("DEU", folder.path()).expect("written");
        let study = Study::open(folder.path()).expect("a study");
        assert_eq!(study.config.study.home.as_str(), "DEU");
        assert_eq!(study.load().expect("read").errors(), Vec::new());
        // Without rows nothing is answered and nothing breaks.
        let run = crate::engine::run::run(&study, &[], &|_| {}).expect("a run");
        assert!(
            run.outputs["trend.lead"]
                .tables
                .iter()
                .all(|t| t.name != "trend.lead" || t.rows.is_empty())
        );
    }
}

//! What can go wrong with a study as a whole, for readers.

use std::path::{Path, PathBuf};

use model::Diagnostic;

use crate::config::ConfigError;

#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    #[error("{path} holds no study: study.toml is missing")]
    NotAStudy { path: PathBuf },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("cannot {doing} {path}: {source}")]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the evidence has {} errors; nothing was run", .0.len())]
    Evidence(Vec<Diagnostic>),
    #[error("stopped before the next step; nothing was written but the cache")]
    Stopped,
    #[error("`{name}` is no name for a variant")]
    VariantName { name: String },
    #[error("there is no variant `{name}`")]
    UnknownVariant { name: String, known: Vec<String> },
    #[error("{path} exists and says something else")]
    VariantExists { path: PathBuf },
    #[error("`{name}` is no name for a scenario")]
    ScenarioName { name: String },
    #[error("{path} exists and asks something else")]
    ScenarioExists { path: PathBuf },
    #[error("there is no step `{name}`")]
    UnknownStep {
        name: String,
        known: Vec<&'static str>,
    },
    #[error("there is no run `{id}` in {folder}")]
    UnknownRun { id: String, folder: PathBuf },
    #[error("there is no number `{id}`: {problem}")]
    UnknownId {
        id: String,
        problem: String,
        near: Vec<String>,
    },
    #[error("run {id} is damaged: {problem}")]
    DamagedRun { id: String, problem: String },
    #[error("{path} is not empty")]
    NotEmpty { path: PathBuf },
    #[error("there is no example study `{name}`")]
    UnknownExample { name: String },
    #[error("{0}")]
    Store(String),
    #[error("the table {table} is given by {path} already")]
    AlreadyGiven { table: String, path: PathBuf },
    #[error("{path}: an export is written as .csv or .parquet")]
    Ending { path: PathBuf },
    #[error("there is no table `{name}`")]
    UnknownTable { name: String, known: Vec<String> },
    #[error("--map {map} does not name a column of the table and a heading of the file")]
    BadMap { map: String },
    #[error("study.toml maps a file to the table `{table}` already")]
    MappedTwice { table: String },
    #[error("the query cannot be answered: {problem}")]
    Sql { problem: String, help: String },
    #[error("there is no source `{id}` in evidence/sources")]
    UnlistedSource { id: String },
    #[error("the files do not name the year of the table; say it with --year")]
    NoYear,
    #[error("the files hold a table `{found}`, not `{wanted}`")]
    OtherKind {
        wanted: &'static str,
        found: &'static str,
    },
    #[error("the evidence has no {what} `{name}`")]
    UnknownName {
        what: &'static str,
        name: String,
        known: Vec<String>,
    },
    #[error("{id} is neither a country nor a cluster of the evidence")]
    UnknownPlace { id: String },
    #[error("the report has no section `{name}`")]
    UnknownSection { name: String, known: Vec<String> },
    #[error("{path} is no font: TrueType and OpenType files and their collections are read")]
    NoFont { path: PathBuf },
    #[error(transparent)]
    Pdf(#[from] publish::pdf::PdfError),
    #[error("run {id} cannot be replayed: {problem}")]
    Replay { id: String, problem: String },
    #[error("the licence of {} rows forbids this export", .0.len())]
    Licence(Vec<String>),
    #[error("there is no source `{id}` on record")]
    UnknownSource { id: String, known: Vec<String> },
    #[error(transparent)]
    Fetch(#[from] Box<evidence::fetch::FetchError>),
    #[error(transparent)]
    Checksum(#[from] evidence::fetch::ChecksumError),
}

impl StudyError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NotAStudy { .. } => Some(
                "run this in a study folder, name one with --study, or make one: forelay init --example china-2021 FOLDER"
                    .to_owned(),
            ),
            Self::Config(error) => error.help.clone(),
            Self::Evidence(_) => Some("forelay check lists every problem with its remedy".to_owned()),
            Self::UnlistedSource { .. } => Some(
                "every table names its source: add a row to evidence/sources.csv (id, publisher, licence, …), then --source ID"
                    .to_owned(),
            ),
            Self::NoYear => Some("for example --year 2018".to_owned()),
            Self::OtherKind { found, .. } => Some(format!("import it with --as {found}")),
            Self::UnknownPlace { .. } => Some(
                "name a country by its ISO 3166-1 alpha-3 code (DEU), or a cluster by its id in evidence/clusters".to_owned(),
            ),
            Self::UnknownStep { known, .. } => Some(format!("steps: {}", known.join(", "))),
            Self::UnknownRun { id, .. } if id == "latest" => Some(
                "forelay run makes it; a run of some steps is named by its id (`report ID`, `roadmap --run ID`): runs/ lists them"
                    .to_owned(),
            ),
            Self::UnknownRun { .. } => Some("a run is named by its id, the beginning of it, `latest`, or the variant that it ran; forelay run makes one, runs/ lists them".to_owned()),
            Self::UnknownId { near, .. } if !near.is_empty() => {
                Some(format!("did you mean: {}", near.join(", ")))
            }
            Self::UnknownId { .. } => {
                Some("an id is table/row#column, as the report and the CSV files of a run show it".to_owned())
            }
            Self::DamagedRun { .. } => Some("delete its folder and run again: results are recomputed".to_owned()),
            Self::NotEmpty { .. } => Some("choose a new folder; nothing was written".to_owned()),
            Self::UnknownExample { .. } => Some("examples: china-2021".to_owned()),
            Self::Replay { .. } => Some(
                "replay reads the stored copy of the evidence in .forelay/store; run again to make one".to_owned(),
            ),
            Self::Licence(rows) => Some(format!(
                "leave these rows out, or ask their publisher: {}",
                rows.join("; ")
            )),
            Self::AlreadyGiven { .. } => Some(
                "--replace sets that file aside (as <file>.replaced) and takes the new one; nothing was written"
                    .to_owned(),
            ),
            Self::Ending { .. } | Self::Pdf(publish::pdf::PdfError::Set(_)) => {
                Some("nothing was written".to_owned())
            }
            Self::UnknownSection { known, .. } => {
                Some(format!("sections: {}; nothing was written", known.join(", ")))
            }
            Self::NoFont { .. } => Some("correct [report] fonts in study.toml; nothing was written".to_owned()),
            Self::Pdf(publish::pdf::PdfError::Glyphs(_)) => Some(
                "name font files that have them in study.toml, for example [report] fonts = [\"fonts/NotoSerifCJK-Regular.ttc\"], or \
                 install a Chinese font (Debian: fonts-noto-cjk); nothing was written"
                    .to_owned(),
            ),
            Self::UnknownTable { name, known } => Some(near(name, known, "tables")),
            Self::BadMap { .. } => Some("write --map COLUMN=HEADING; forelay schema TABLE lists the columns".to_owned()),
            Self::MappedTwice { .. } => {
                Some("remove that [[table]] section from study.toml first; nothing was written".to_owned())
            }
            Self::Sql { help, .. } => Some(help.clone()),
            Self::UnknownSource { id, known } => Some(near(id, known, "sources")),
            Self::UnknownName { what, name, known } => Some(likely(what, name, known)),
            Self::Fetch(error) => Some(error.help()),
            Self::Checksum(_) => Some("nothing was loaded".to_owned()),
            Self::VariantName { .. } => Some(
                "1 to 40 characters: a-z, 0-9 and - within, for example two-locks".to_owned(),
            ),
            Self::UnknownVariant { name, known } => Some(near(name, known, "variants")),
            Self::VariantExists { .. } | Self::ScenarioExists { .. } => {
                Some("choose another name; nothing was written".to_owned())
            }
            Self::ScenarioName { .. } => Some(
                "small letters, digits and hyphens, at most 40, for example --save resist-stop".to_owned(),
            ),
            Self::Stopped => Some("run again: what was computed comes from the cache".to_owned()),
            Self::Io { .. } | Self::Store(_) => None,
        }
    }
}

fn near(name: &str, known: &[String], what: &str) -> String {
    let best = known
        .iter()
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    match best {
        Some((score, likely)) if score > 0.8 => format!("did you mean `{likely}`?"),
        _ => format!("{what}: {}", known.join(", ")),
    }
}

fn listing(count: usize, table: &str) -> String {
    format!("{count} are known; `forelay sql 'select * from evidence.{table}'` lists them")
}

/// The nearest known names: those that contain what was written, or resemble it.
fn likely(what: &str, name: &str, known: &[String]) -> String {
    let written = name.to_lowercase();
    let mut ranked: Vec<(f64, &String)> = known
        .iter()
        .map(|k| {
            let within = if k.to_lowercase().contains(&written) {
                1.0
            } else {
                0.0
            };
            (
                strsim::jaro_winkler(&written, &k.to_lowercase()) + within,
                k,
            )
        })
        .filter(|(score, _)| *score > 0.75 || known.len() <= 4)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let best: Vec<String> = ranked
        .iter()
        .take(4)
        .map(|(_, k)| format!("`{k}`"))
        .collect();
    if best.is_empty() {
        let count = known.len();
        match what {
            "country" => listing(count, "countries"),
            "node" => listing(count, "chain_nodes"),
            _ => format!("{count} of this kind are known, and none is like it"),
        }
    } else {
        format!("did you mean {}?", best.join(", "))
    }
}

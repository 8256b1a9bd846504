//! What requests share: the study's folder, the runs that were opened, the job at work.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use axum::http::StatusCode;
use evidence::Evidence;
use model::{Lang, Names};
use publish::document::Section;
use study::{Loaded, Run, Study, open_run};
use tokio::sync::Semaphore;

use crate::api::jobs::Jobs;
use crate::error::ApiError;
use crate::gate::Gate;
use crate::search::Index;
use crate::{Limits, ServeError, Settings};

/// Runs kept in memory.
const KEPT: usize = 4;

/// State of the server; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub root: PathBuf,
    /// When the program started, in nanoseconds: what it said before it does not vouch for.
    pub started: u128,
    pub gate: Gate,
    pub limits: Limits,
    pub jobs: Jobs,
    views: Mutex<Vec<Arc<RunView>>>,
    /// Held while a run is opened: one reader opens it, the others wait.
    opening: Mutex<()>,
    /// What lies in the folder, and the files that it was read from.
    now: Mutex<Option<(Vec<FileState>, Arc<Loaded>)>>,
    /// The study, and the files that its settings were read from.
    opened: Mutex<Option<(Vec<FileState>, Study)>>,
    computing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// A file with its size and the time of its last change.
type FileState = (PathBuf, u64, Option<SystemTime>);

/// Where the settings of a study lie, beside study.toml.
const SETTINGS: &[&str] = &["scenarios"];
/// Where everything lies that a study is read from.
const EVERYTHING: &[&str] = &["scenarios", "evidence", "evidence/large"];

/// study.toml and the files in these folders of a study.
fn files_of(study: &Path, folders: &[&str]) -> Vec<FileState> {
    let inside = folders.iter().flat_map(|folder| {
        let entries = std::fs::read_dir(study.join(folder));
        entries.into_iter().flatten().flatten().map(|e| e.path())
    });
    let mut files: Vec<FileState> = inside
        .chain([study.join("study.toml")])
        .filter_map(|path| {
            let about = std::fs::metadata(&path).ok()?;
            Some((path, about.len(), about.modified().ok()))
        })
        .collect();
    files.sort();
    files
}

/// A run with the evidence that it read.
pub struct RunView {
    pub run: Run,
    pub evidence: Evidence,
    pub names: Names,
    sections: [OnceLock<Vec<Section>>; 2],
    index: OnceLock<Index>,
}

impl RunView {
    /// The report's sections, written once for each language.
    pub fn sections(&self, lang: Lang) -> &[Section] {
        self.sections[lang as usize]
            .get_or_init(|| study::report::sections(&self.run, &self.evidence, lang))
    }

    /// What the rows of evidence can be found by.
    pub fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.evidence))
    }
}

impl App {
    pub fn new(settings: &Settings, gate: Gate) -> Result<Self, ServeError> {
        Ok(Self(Arc::new(Inner {
            root: settings.study.clone(),
            started: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_nanos()),
            gate,
            limits: settings.limits.clone(),
            jobs: Jobs::default(),
            views: Mutex::default(),
            opening: Mutex::default(),
            now: Mutex::default(),
            opened: Mutex::default(),
            computing: Arc::new(Semaphore::new(settings.limits.computing)),
            waiting: Arc::new(Semaphore::new(
                settings.limits.computing + settings.limits.waiting,
            )),
        })))
    }

    /// The study as it is on the disk now, opened again where its settings have changed.
    pub fn study(&self) -> Result<Study, ApiError> {
        // Before they are read, as below.
        let files = files_of(&self.root, SETTINGS);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, study)) = &*opened
            && *known == files
        {
            return Ok(study.clone());
        }
        let study = Study::open(&self.root)?;
        *opened = Some((files, study.clone()));
        Ok(study)
    }

    /// What lies in the study's folder, read and checked again where a file of it has changed.
    pub fn loaded(&self) -> Result<Arc<Loaded>, ApiError> {
        // Before they are read: a change while they are read is seen the next time.
        let files = files_of(&self.root, EVERYTHING);
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, loaded)) = &*now
            && *known == files
        {
            return Ok(loaded.clone());
        }
        let loaded = Arc::new(self.study()?.load()?);
        *now = Some((files, loaded.clone()));
        Ok(loaded)
    }

    /// A run, from memory where it was opened before.
    pub fn view(&self, id: &str) -> Result<Arc<RunView>, ApiError> {
        let study = self.study()?;
        let known = |wanted: &str| {
            let views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
            views.iter().find(|v| v.run.manifest.id == wanted).cloned()
        };
        if id != "latest"
            && let Some(view) = known(id)
        {
            return Ok(view);
        }
        let id = study::run_id(&study, id)?;
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = known(&id) {
            return Ok(view);
        }
        let run = open_run(&study, &id)?;
        let evidence = study::evidence_of(&study, &run)?;
        let names = study::names(&evidence, &run.manifest.scenarios);
        let view = Arc::new(RunView {
            run,
            evidence,
            names,
            sections: [OnceLock::new(), OnceLock::new()],
            index: OnceLock::new(),
        });
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views.push(view.clone());
        if views.len() > KEPT {
            views.remove(0);
        }
        Ok(view)
    }

    /// Reads on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let app = self.clone();
        tokio::task::spawn_blocking(move || work(&app))
            .await
            .unwrap_or_else(|_| Err(ApiError::failed()))
    }

    /// Computes when its turn comes; refuses where too many wait already. The turn is the work's own: it lasts until the work ends,
    /// also where the one who asked has gone.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let busy = || {
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "too many questions wait for an answer",
            )
            .help("ask again in a moment")
        };
        let waiting = self.waiting.clone();
        let place = waiting.try_acquire_owned().map_err(|_| busy())?;
        let computing = self.computing.clone();
        let turn = computing.acquire_owned().await.map_err(|_| busy())?;
        self.read(move |app| {
            let _held = (place, turn);
            work(app)
        })
        .await
    }
}

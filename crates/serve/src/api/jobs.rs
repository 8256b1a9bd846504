//! A run at work: started, followed as it goes, stopped between two steps. One at a time.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use futures_util::stream::{Stream, unfold};
use model::Lang;
use model::phrases::phrase;
use serde::{Deserialize, Serialize};
use serde_json::json;
use study::{Progress, run_until};
use tokio::sync::watch;

use super::{Answer, Answered, Endpoint, Given, ID, LANG, Method, Place, command, parameter};
use crate::App;
use crate::error::ApiError;
use crate::language::Reader;

/// Jobs that are remembered.
const KEPT: usize = 20;

const BODY: &str = r#"{"type":"object","additionalProperties":false,"properties":{"with":{"type":["string","null"],"maxLength":40,"pattern":"^[a-z0-9-]+$"},"steps":{"type":"array","maxItems":60,"items":{"type":"string","maxLength":60}}}}"#;
const NUMBER: &str = r#"{"type":"integer","minimum":1,"maximum":1000000}"#;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Post,
        path: "/api/jobs/start",
        summary: "Starts a run, of the study as it stands or with a variant",
        parameters: &[],
        body: Some(BODY),
        answer: &[("job", "object"), ("command", "string")],
        handler: || post(start),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/jobs",
        summary: "The runs started here, the last one first",
        parameters: &[LANG],
        body: None,
        answer: &[("jobs", "array")],
        handler: || get(list),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/jobs/{job}",
        summary: "How far a run is",
        parameters: &[
            parameter("job", Place::Path, NUMBER, "Number of the job"),
            LANG,
        ],
        body: None,
        answer: &[("job", "object")],
        handler: || get(one),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/jobs/{job}/events",
        summary: "How far a run is, as it goes (server-sent events)",
        parameters: &[
            parameter("job", Place::Path, NUMBER, "Number of the job"),
            LANG,
        ],
        body: None,
        answer: &[],
        handler: || get(events),
    },
    Endpoint {
        method: Method::Post,
        path: "/api/jobs/{job}/stop",
        summary: "Stops a run before its next step",
        parameters: &[parameter("job", Place::Path, ID, "Number of the job"), LANG],
        body: None,
        answer: &[("job", "object")],
        handler: || post(stop),
    },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Working,
    Done,
    Stopped,
    Failed,
}

/// How far a job is.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    pub id: u64,
    pub state: Phase,
    /// Name of the variant, if one was laid over the settings.
    pub with: Option<String>,
    /// What it does now.
    pub step: String,
    pub index: usize,
    pub of: usize,
    /// Per cent of the present step, where it says so.
    pub percent: Option<usize>,
    pub reused: usize,
    pub stopping: bool,
    /// Once it is done.
    pub run: Option<String>,
    pub problem: Option<String>,
    pub help: Option<String>,
    pub command: String,
}

impl Status {
    /// With what went wrong in `lang`.
    fn in_language(mut self, lang: Lang) -> Self {
        let said = |text: Option<String>| text.map(|text| phrase(&text, lang));
        self.problem = said(self.problem);
        self.help = said(self.help);
        self
    }
}

struct Job {
    status: watch::Sender<Status>,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
pub struct Jobs(Mutex<Vec<Arc<Job>>>);

impl Jobs {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks every run at work to end before its next step.
    pub fn stop_all(&self) {
        for job in self.all().iter() {
            job.stop.store(true, Ordering::Relaxed);
        }
    }

    fn find(&self, id: &str) -> Result<Arc<Job>, ApiError> {
        let found = self
            .all()
            .iter()
            .find(|job| id.parse() == Ok(job.status.borrow().id))
            .cloned();
        found.ok_or_else(|| ApiError::not_found("there is no such job"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    #[serde(default)]
    with: Option<String>,
    #[serde(default)]
    steps: Vec<String>,
}

async fn start(State(app): State<App>, Given(start): Given<Start>) -> Answered {
    let study = {
        let with = start.with.clone();
        app.read(move |app| {
            let study = app.study()?;
            Ok(match with {
                Some(name) => study.with_variant(&name)?,
                None => study,
            })
        })
        .await?
    };
    study::engine::run::plan(&start.steps)?;
    let mut words = vec!["run"];
    words.extend(start.steps.iter().map(String::as_str));
    if let Some(name) = &start.with {
        words.extend(["--with", name]);
    }
    let command = command(&words);
    let job = {
        let mut jobs = app.jobs.all();
        if jobs
            .iter()
            .any(|job| job.status.borrow().state == Phase::Working)
        {
            return Err(
                ApiError::new(StatusCode::CONFLICT, "working", "a run is at work already")
                    .help("wait for it or stop it"),
            );
        }
        let id = jobs.last().map_or(1, |job| job.status.borrow().id + 1);
        let job = Arc::new(Job {
            status: watch::Sender::new(Status {
                id,
                state: Phase::Working,
                with: start.with.clone(),
                step: String::new(),
                index: 0,
                of: 0,
                percent: None,
                reused: 0,
                stopping: false,
                run: None,
                problem: None,
                help: None,
                command: command.clone(),
            }),
            stop: Arc::new(AtomicBool::new(false)),
        });
        jobs.push(job.clone());
        if jobs.len() > KEPT {
            jobs.remove(0);
        }
        job
    };
    let status = job.status.borrow().clone();
    tokio::task::spawn_blocking(move || work(&job, &study, &start.steps));
    Ok(Answer(json!({ "job": status, "command": command })))
}

fn work(job: &Job, study: &study::Study, steps: &[String]) {
    let tell = |progress: Progress| {
        job.status.send_if_modified(|status| {
            let before = std::mem::take(&mut status.percent);
            match progress {
                Progress::Reading => "reading".clone_into(&mut status.step),
                Progress::Writing => "writing".clone_into(&mut status.step),
                Progress::Step { name, index, of } | Progress::Reused { name, index, of } => {
                    name.clone_into(&mut status.step);
                    (status.index, status.of) = (index, of);
                    status.reused += usize::from(matches!(progress, Progress::Reused { .. }));
                }
                Progress::Part { done, of, .. } => {
                    // Threads tell in any order.
                    let now = 100 * done / of.max(1);
                    status.percent = before.max(Some(now));
                    return status.percent != before;
                }
            }
            true
        });
    };
    // A step that panics is a bug of that step; the server and its other answers go on.
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        run_until(study, steps, &tell, &job.stop)
    }));
    job.status.send_modify(|status| match ran {
        Ok(Ok(run)) => {
            status.state = Phase::Done;
            status.index = status.of;
            status.run = Some(run.manifest.id);
        }
        Ok(Err(study::StudyError::Stopped)) => status.state = Phase::Stopped,
        Ok(Err(error)) => {
            let error = ApiError::from(error);
            status.state = Phase::Failed;
            status.problem = Some(error.message);
            status.help = error.help;
        }
        Err(_) => {
            status.state = Phase::Failed;
            status.problem = Some("the step failed".to_owned());
        }
    });
}

async fn list(State(app): State<App>, Reader(lang): Reader) -> Answer {
    let mut jobs: Vec<Status> = app
        .jobs
        .all()
        .iter()
        .map(|job| job.status.borrow().clone().in_language(lang))
        .collect();
    jobs.reverse();
    Answer(json!({ "jobs": jobs }))
}

async fn one(State(app): State<App>, Path(id): Path<String>, Reader(lang): Reader) -> Answered {
    let status = app.jobs.find(&id)?.status.borrow().clone();
    Ok(Answer(json!({ "job": status.in_language(lang) })))
}

async fn stop(State(app): State<App>, Path(id): Path<String>, Reader(lang): Reader) -> Answered {
    let job = app.jobs.find(&id)?;
    job.stop.store(true, Ordering::Relaxed);
    job.status
        .send_modify(|status| status.stopping = status.state == Phase::Working);
    let status = job.status.borrow().clone().in_language(lang);
    Ok(Answer(json!({ "job": status })))
}

async fn events(
    State(app): State<App>,
    Path(id): Path<String>,
    Reader(lang): Reader,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let job = app.jobs.find(&id)?;
    let mut following = job.status.subscribe();
    following.mark_changed();
    let stream = unfold(Some(following), move |following| async move {
        let mut following = following?;
        following.changed().await.ok()?;
        let status = following.borrow_and_update().clone().in_language(lang);
        let event = Event::default()
            .event("status")
            .data(json!(status).to_string());
        let next = (status.state == Phase::Working).then_some(following);
        Some((Ok(event), next))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

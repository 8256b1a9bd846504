//! The workshop: a study over HTTP, for the pages in `web/` and for programs.
//!
//! Knows sockets, sessions and who may ask; asks [`study`] for everything that is true. [`gate`] stands before every
//! request (hosts, origins, tokens, rates, the log), [`api`] is one table of endpoints from which the router and the
//! OpenAPI description are made, [`pages`] holds the built pages.
//!
//! Deliberately knows no method, no file of a study by its path but its own log, and no terminal. It opens no connection: it only
//! answers those that come, on loopback unless told otherwise.
//!
//! Start reading at [`api::ENDPOINTS`]; then [`gate`].

pub mod api;
mod app;
mod compress;
mod error;
pub mod gate;
mod kept;
mod language;
mod listen;
mod pages;
mod search;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use app::App;
pub use gate::audit;
pub use listen::{Bound, bind, interrupted, runtime};

/// How the workshop is opened.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The study folder.
    pub study: PathBuf,
    /// Where to listen; a port of 0 takes a free one.
    pub address: SocketAddr,
    /// Must be said for an address that is not loopback.
    pub reach: Reach,
    /// Names by which browsers may ask, beside the address itself (`planning.example:8443`).
    pub hosts: Vec<String>,
    /// Who asks from beyond loopback shows this; made at random where none is given.
    pub token: Option<String>,
    pub limits: Limits,
}

/// From where requests may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This machine.
    Loopback,
    /// Any machine that reaches the address, with the token.
    Network,
}

/// What a client may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Seconds until the head of a request is there.
    pub head_seconds: u64,
    /// Seconds until a request is answered; progress streams are not bound by it.
    pub answer_seconds: u64,
    pub connections: usize,
    /// Requests at once, and refilled per second, for each address.
    pub burst: f64,
    pub per_second: f64,
    /// Questions that compute, at the same time; further ones wait, and are refused where too many wait.
    pub computing: usize,
    pub waiting: usize,
    /// Wrong tokens from an address within a minute.
    pub wrong_tokens: u32,
    /// Largest number of draws of a what-if.
    pub draws: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024,
            head_seconds: 10,
            answer_seconds: 120,
            connections: 512,
            burst: 2000.0,
            per_second: 500.0,
            computing: 2,
            waiting: 32,
            wrong_tokens: 5,
            draws: 2000,
        }
    }
}

/// Why the workshop does not open.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{0} is not loopback: others could reach the study")]
    BeyondLoopback(SocketAddr),
    #[error("a token has at least 16 characters")]
    ShortToken,
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("cannot write {}: {source}", path.display())]
    Audit {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("no random numbers from the operating system: {0}")]
    Random(String),
    #[error(transparent)]
    Study(#[from] study::StudyError),
}

impl ServeError {
    pub fn help(&self) -> Option<String> {
        match self {
            Self::BeyondLoopback(_) => Some(
                "say --beyond-loopback if that is meant; a token is asked from everyone then, and TLS belongs in front of it"
                    .to_owned(),
            ),
            Self::ShortToken => Some("leave FORELAY_TOKEN out, and one is made".to_owned()),
            Self::Listen { .. } => Some("another program may hold the port: --port 0 takes a free one".to_owned()),
            Self::Study(error) => error.help(),
            Self::Audit { .. } | Self::Random(_) => None,
        }
    }
}

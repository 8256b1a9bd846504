//! Tokens, sessions and the sign against forged requests.
//!
//! Secrets are compared by their BLAKE3 hashes, whose comparison takes the same time for all values.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};

use super::lock;
use crate::{ServeError, Settings};

pub const COOKIE: &str = "forelay";
/// A session ends after so long, and after so long without a request.
const LASTS: Duration = Duration::from_secs(12 * 3600);
const IDLE: Duration = Duration::from_secs(2 * 3600);
const SESSIONS: usize = 256;

pub struct Sessions {
    token: blake3::Hash,
    sign: String,
    /// By the hash of its cookie: when it was opened and when it asked last.
    open: Mutex<BTreeMap<[u8; 32], (Instant, Instant)>>,
}

/// 32 random bytes of the operating system, as text.
pub fn secret() -> Result<String, ServeError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| ServeError::Random(error.to_string()))?;
    Ok(blake3::Hash::from(bytes).to_hex().to_string())
}

fn hash(secret: &str) -> blake3::Hash {
    blake3::hash(secret.as_bytes())
}

impl Sessions {
    pub fn new(settings: &Settings) -> Result<Self, ServeError> {
        let token = match &settings.token {
            Some(token) => token.clone(),
            None => secret()?,
        };
        if token.chars().count() < 16 {
            return Err(ServeError::ShortToken);
        }
        Ok(Self {
            token: hash(&token),
            sign: secret()?,
            open: Mutex::default(),
        })
    }

    pub fn sign(&self) -> &str {
        &self.sign
    }

    pub fn is_sign(&self, shown: &str) -> bool {
        hash(shown) == hash(&self.sign)
    }

    pub fn is_token(&self, shown: &str) -> bool {
        hash(shown) == self.token
    }

    /// Opens a session; returns the value of its cookie.
    pub fn open(&self) -> Result<String, ServeError> {
        let value = secret()?;
        let mut open = lock(&self.open);
        open.retain(|_, times| lives(*times));
        while open.len() >= SESSIONS {
            let oldest = open
                .iter()
                .min_by_key(|(_, times)| **times)
                .map(|(k, _)| *k);
            let Some(oldest) = oldest else { break };
            open.remove(&oldest);
        }
        let now = Instant::now();
        open.insert(*hash(&value).as_bytes(), (now, now));
        Ok(value)
    }

    pub fn close(&self, headers: &HeaderMap) {
        let mut open = lock(&self.open);
        for value in cookies(headers) {
            open.remove(hash(value).as_bytes());
        }
    }

    /// Whether the request shows the token or a session that is open.
    pub fn holds(&self, headers: &HeaderMap) -> bool {
        if bearer(headers).is_some_and(|token| self.is_token(token)) {
            return true;
        }
        let mut open = lock(&self.open);
        cookies(headers).any(|value| match open.get_mut(hash(value).as_bytes()) {
            Some(times) if lives(*times) => {
                times.1 = Instant::now();
                true
            }
            _ => false,
        })
    }

    /// Whether the request shows a token, right or wrong.
    pub fn shows_token(headers: &HeaderMap) -> bool {
        bearer(headers).is_some()
    }
}

fn lives((opened, asked): (Instant, Instant)) -> bool {
    opened.elapsed() < LASTS && asked.elapsed() < IDLE
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    value.to_str().ok()?.strip_prefix("Bearer ")
}

/// All that go by our name: an old one may stand beside the one that holds.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| {
            let pair = pair.trim();
            let pair = pair.strip_prefix("__Host-").unwrap_or(pair);
            pair.strip_prefix(COOKIE)?.strip_prefix('=')
        })
}

//! What stands before every request: host and origin, rate, token, sign against forged requests, the log, headers.
//!
//! A browser page of another site can send requests to loopback. It cannot choose the host (so a name that was bound to
//! 127.0.0.1 by its owner is refused), cannot hide its origin, and cannot read the sign that changes need.

pub mod audit;
mod hosts;
mod rates;
mod sessions;

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;

use crate::error::{ApiError, in_language};
use crate::{App, Reach, ServeError, Settings};
use audit::Audit;
pub use hosts::Hosts;
use rates::Rates;
pub use sessions::{COOKIE, Sessions, secret};

/// Carries the sign against forged requests.
pub const SIGN: &str = "x-forelay-sign";

pub struct Gate {
    pub reach: Reach,
    pub hosts: Hosts,
    pub sessions: Sessions,
    rates: Mutex<Rates>,
    pub audit: Audit,
}

impl Gate {
    /// For a socket that is bound to `address`.
    pub fn new(settings: &Settings, address: SocketAddr) -> Result<Self, ServeError> {
        let path = settings.study.join(".forelay/audit.log");
        Ok(Self {
            reach: settings.reach,
            hosts: Hosts::new(address, &settings.hosts),
            sessions: Sessions::new(settings)?,
            rates: Mutex::new(Rates::new(&settings.limits)),
            audit: Audit::open(&path).map_err(|source| ServeError::Audit { path, source })?,
        })
    }

    /// Whether the request may see the study.
    pub fn authorised(&self, headers: &HeaderMap) -> bool {
        self.reach == Reach::Loopback || self.sessions.holds(headers)
    }

    /// Notes a wrong token.
    pub fn wrong_token(&self, from: IpAddr) {
        lock(&self.rates).wrong_token(from);
    }

    pub fn may_try_token(&self, from: IpAddr) -> bool {
        lock(&self.rates).may_try_token(from)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Lets a request pass or answers it.
pub async fn stand(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let lang = crate::language::of(request.uri(), request.headers());
    let from = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
    let verdict = examine(&app, &request, from);
    let changes = !matches!(method, Method::GET | Method::HEAD);
    let refused = verdict.is_err();
    let api = path.starts_with("/api/");
    // A task of its own: what was done is noted also where the one who asked has gone.
    let answered = tokio::spawn(async move {
        let response = match verdict {
            Ok(()) => next.run(request).await,
            Err(error) => error.into_response(),
        };
        if changes || refused {
            let status = response.status().as_u16();
            app.gate.audit.note(from, method.as_str(), &path, status);
        }
        response
    });
    let response = answered
        .await
        .unwrap_or_else(|_| ApiError::failed().into_response());
    let mut response = in_language(response, lang);
    headers(response.headers_mut(), api);
    response
}

fn examine(app: &App, request: &Request, from: IpAddr) -> Result<(), ApiError> {
    let gate = &app.gate;
    if !lock(&gate.rates).take(from) {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many",
            "too many requests",
        )
        .help("wait a second"));
    }
    let headers = request.headers();
    gate.hosts.host(request)?;
    let path = request.uri().path();
    gate.hosts.origin(headers, path)?;
    if !path.starts_with("/api/") {
        return Ok(());
    }
    let open = matches!(path, "/api/session" | "/api/token" | "/api/openapi.json");
    // Guesses count wherever they are made, also at addresses that are open and only say whether the token holds; where too
    // many were wrong, none is looked at.
    let guesses = gate.reach == Reach::Network && Sessions::shows_token(headers);
    if guesses && !gate.may_try_token(from) {
        return Err(ApiError::too_many_tokens());
    }
    let authorised = gate.authorised(headers);
    if guesses && !authorised {
        gate.wrong_token(from);
    }
    if !open && !authorised {
        return Err(
            ApiError::new(StatusCode::UNAUTHORIZED, "token", "a token is asked here")
                .help("send it as `Authorization: Bearer TOKEN`, or enter it on the page"),
        );
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let sign = headers.get(SIGN).and_then(|value| value.to_str().ok());
        if !gate.sessions.is_sign(sign.unwrap_or_default()) {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "sign",
                format!("requests that change or compute carry the header {SIGN}"),
            )
            .help("GET /api/session gives its value"));
        }
    }
    Ok(())
}

/// Headers of every answer.
fn headers(headers: &mut HeaderMap, api: bool) {
    const ALWAYS: [(&str, &str); 8] = [
        (
            "content-security-policy",
            "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; \
             trusted-types svelte-trusted-html forelay",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

//! Who asks: the sign against forged requests, and the token beyond loopback.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use model::Lang;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Answered, Endpoint, Given, Method, lang_word};
use crate::error::ApiError;
use crate::gate::COOKIE;
use crate::{App, Reach};

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/session",
        summary: "Whether a token is asked, the sign that POST requests carry, and the marking that every page shows (empty where the study has none, and to who may not see it)",
        parameters: &[],
        body: None,
        answer: &[
            ("sign", "string"),
            ("authorised", "boolean"),
            ("marking", "object"),
        ],
        handler: || get(session),
    },
    Endpoint {
        method: Method::Post,
        path: "/api/token",
        summary: "Shows the token once; a cookie stands for it afterwards",
        parameters: &[],
        body: Some(
            r#"{"type":"object","additionalProperties":false,"required":["token"],"properties":{"token":{"type":"string","maxLength":200}}}"#,
        ),
        answer: &[("authorised", "boolean")],
        handler: || post(token),
    },
    Endpoint {
        method: Method::Post,
        path: "/api/leave",
        summary: "Ends the session of the cookie",
        parameters: &[],
        body: None,
        answer: &[("authorised", "boolean")],
        handler: || post(leave),
    },
];

async fn session(State(app): State<App>, headers: HeaderMap) -> Answered {
    let authorised = app.gate.authorised(&headers);
    let marking = if authorised {
        app.read(|app| Ok(marking(&app.study()?))).await?
    } else {
        json!({})
    };
    Ok(Answer(json!({
        "sign": app.gate.sessions.sign(),
        "asks_token": app.gate.reach == Reach::Network,
        "authorised": authorised,
        "marking": marking,
        "version": env!("CARGO_PKG_VERSION"),
    })))
}

/// The marking of documents, as the study has it now, by language.
fn marking(study: &study::Study) -> Value {
    let said = |lang: Lang| {
        let text = study.config.report.marking(lang)?;
        Some((lang_word(lang).to_owned(), Value::from(text)))
    };
    Value::Object(Lang::ALL.into_iter().filter_map(said).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    token: String,
}

async fn token(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Given(shown): Given<Token>,
) -> Result<impl IntoResponse, ApiError> {
    if !app.gate.may_try_token(from.ip()) {
        return Err(ApiError::too_many_tokens());
    }
    if !app.gate.sessions.is_token(&shown.token) {
        app.gate.wrong_token(from.ip());
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "token",
            "this is not the token",
        ));
    }
    let value =
        app.gate.sessions.open().map_err(|e| {
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", e.to_string())
        })?;
    with_cookie(&headers, &value, 43_200, true)
}

async fn leave(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    app.gate.sessions.close(&headers);
    with_cookie(&headers, "", 0, false)
}

/// Behind TLS, which the origin of the page tells, the cookie is bound to it.
fn with_cookie(
    headers: &HeaderMap,
    value: &str,
    seconds: u32,
    authorised: bool,
) -> Result<impl IntoResponse + use<>, ApiError> {
    let tls = headers
        .get(header::ORIGIN)
        .is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let (before, after) = if tls {
        ("__Host-", "; Secure")
    } else {
        ("", "")
    };
    let cookie = format!(
        "{before}{COOKIE}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{after}"
    );
    let mut response = Answer(json!({ "authorised": authorised })).into_response();
    let value = HeaderValue::from_str(&cookie)
        .map_err(|_| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "no cookie"))?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}

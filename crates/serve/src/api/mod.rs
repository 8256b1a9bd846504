//! The interface: one table of endpoints, from which the router and the OpenAPI description are made.

mod cells;
mod chain;
mod check;
mod evidence;
mod explain;
pub mod jobs;
mod openapi;
mod preview;
mod runs;
mod sections;
mod session;
mod settings;
mod space;
mod tables;
mod whatif;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::MethodRouter;
use model::Lang;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::error::ApiError;
use crate::{App, compress, gate, kept, pages};

/// One endpoint, for the router and for the description.
pub struct Endpoint {
    pub method: Method,
    pub path: &'static str,
    pub summary: &'static str,
    pub parameters: &'static [Parameter],
    /// JSON schema of the body.
    pub body: Option<&'static str>,
    /// What the answer holds at its top, as `name: JSON type`.
    pub answer: &'static [(&'static str, &'static str)],
    handler: fn() -> MethodRouter<App>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// A parameter of a path or a query.
pub struct Parameter {
    pub name: &'static str,
    pub place: Place,
    /// JSON schema.
    pub schema: &'static str,
    pub about: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    /// In the query, and it must be there.
    Needed,
}

const fn parameter(
    name: &'static str,
    place: Place,
    schema: &'static str,
    about: &'static str,
) -> Parameter {
    Parameter {
        name,
        place,
        schema,
        about,
    }
}

const TEXT: &str = r#"{"type":"string","maxLength":300}"#;
const ID: &str =
    r#"{"type":"string","minLength":1,"maxLength":100,"pattern":"^[A-Za-z0-9_.:-]+$"}"#;
const LANG: Parameter = parameter(
    "lang",
    Place::Query,
    r#"{"type":"string","enum":["en","zh"],"default":"en"}"#,
    "Language of sentences and names",
);
const RUN: Parameter = parameter(
    "run",
    Place::Query,
    r#"{"type":"string","maxLength":12,"default":"latest","pattern":"^[a-z0-9]+$"}"#,
    "A run: its id, the beginning of it, or latest",
);
const RUN_PATH: Parameter = parameter("run", Place::Path, ID, "A run, as above");
const OFFSET: Parameter = parameter(
    "offset",
    Place::Query,
    r#"{"type":"integer","minimum":0,"maximum":10000000,"default":0}"#,
    "Rows passed over",
);
const LIMIT: Parameter = parameter(
    "limit",
    Place::Query,
    r#"{"type":"integer","minimum":1,"maximum":1000,"default":100}"#,
    "Rows given",
);
const Q: Parameter = parameter(
    "q",
    Place::Query,
    TEXT,
    "Words to look for, in either language",
);

/// Everything that can be asked.
pub const ENDPOINTS: &[&[Endpoint]] = &[
    session::ENDPOINTS,
    sections::ENDPOINTS,
    runs::ENDPOINTS,
    tables::ENDPOINTS,
    explain::ENDPOINTS,
    evidence::ENDPOINTS,
    check::ENDPOINTS,
    settings::ENDPOINTS,
    preview::ENDPOINTS,
    whatif::ENDPOINTS,
    chain::ENDPOINTS,
    space::ENDPOINTS,
    jobs::ENDPOINTS,
];

pub fn router(app: App) -> Router {
    let limits = app.limits.clone();
    let mut router = Router::new();
    for endpoint in ENDPOINTS.iter().copied().flatten() {
        router = router.route(endpoint.path, (endpoint.handler)());
    }
    router
        .route("/api/openapi.json", axum::routing::get(openapi::get))
        .fallback(pages::get)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn(compress::answer))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            kept::answer,
        ))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            std::time::Duration::from_secs(limits.answer_seconds),
        ))
        .layer(RequestBodyLimitLayer::new(limits.body))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            gate::stand,
        ))
        .with_state(app)
}

async fn wrong_method() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "this address does not take this method",
    )
}

/// An answer as JSON.
pub struct Answer(pub Value);

impl IntoResponse for Answer {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.0.to_string()));
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        response
    }
}

pub type Answered = Result<Answer, ApiError>;

/// The query of a request; what it does not know is an error.
pub struct Ask<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Ask<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        if pairs.is_ok_and(|Query(pairs)| pairs.iter().any(|(_, v)| v.chars().count() > 300)) {
            return Err(ApiError::bad(
                "a value of the query has at most 300 characters",
            ));
        }
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(query)| Self(query))
            .map_err(|error| {
                ApiError::bad(format!("the query cannot be read: {}", error.body_text()))
            })
    }
}

/// A JSON body; what it does not know is an error.
pub struct Given<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.split(';').next().map(str::trim) == Some("application/json"));
        if !json {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media_type",
                "the body is to be application/json",
            ));
        }
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|error| {
                let status = error.status();
                ApiError::new(status, "body", error.body_text())
            })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| ApiError::bad(format!("the body cannot be read: {error}")))
    }
}

/// Which run in which language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    #[serde(default = "latest")]
    pub run: String,
    #[serde(default = "english")]
    pub lang: Lang,
}

/// A whole number of a body. To JSON Schema, which describes bodies, 85.0 is an integer as 85 is.
fn whole<'de, D: Deserializer<'de>, T: TryFrom<u64>>(from: D) -> Result<T, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    whole_number(&number).ok_or_else(|| not_whole(&number))
}

/// As [`whole`], or null.
fn whole_or_none<'de, D: Deserializer<'de>, T: TryFrom<u64>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let number = Option::<serde_json::Number>::deserialize(from)?;
    let whole = |number| whole_number(&number).ok_or_else(|| not_whole(&number));
    number.map(whole).transpose()
}

fn not_whole<E: serde::de::Error>(number: &serde_json::Number) -> E {
    E::custom(format!("`{number}` is no whole number that fits here"))
}

fn whole_number<T: TryFrom<u64>>(number: &serde_json::Number) -> Option<T> {
    /// Beyond it a float is no single whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = || {
        let x = number.as_f64()?;
        (x.fract() == 0.0 && (0.0..=EXACT).contains(&x)).then_some(x as u64)
    };
    T::try_from(number.as_u64().or_else(float)?).ok()
}

fn latest() -> String {
    "latest".to_owned()
}

fn english() -> Lang {
    Lang::En
}

const fn hundred() -> usize {
    100
}

fn lang_word(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

/// The text of a catalogue entry, or its id where there is none.
fn word(id: &str, lang: Lang) -> String {
    model::Catalogue::builtin()
        .text(id, lang)
        .map_or_else(|| id.to_owned(), str::to_owned)
}

/// An argument of a command line, quoted where a shell would need it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// The command line that makes the same result, in the study's folder.
fn command(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|w| quoted(w)).collect();
    format!("forelay {}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{whole, whole_or_none};
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Weeks {
        #[serde(deserialize_with = "whole")]
        weeks: u32,
        #[serde(default, deserialize_with = "whole_or_none")]
        horizon: Option<u32>,
    }

    #[test]
    fn whole_floats_are_integers_and_nothing_else_is() {
        let read = |text: &str| serde_json::from_str::<Weeks>(text);
        let found = read(r#"{"weeks":85.0,"horizon":9e1}"#).expect("whole numbers");
        assert_eq!((found.weeks, found.horizon), (85, Some(90)));
        let found = read(r#"{"weeks":85,"horizon":null}"#).expect("whole numbers");
        assert_eq!((found.weeks, found.horizon), (85, None));
        for bad in [
            "85.5",
            "-1",
            "-1.0",
            "4294967296",
            "1e300",
            "\"85\"",
            "null",
        ] {
            assert!(read(&format!("{{\"weeks\":{bad}}}")).is_err(), "{bad}");
        }
    }
}

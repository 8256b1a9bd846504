//! What a client is told when an answer is not possible: a code, a sentence, what to do.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use model::Lang;
use model::phrases::phrase;
use serde_json::{Value, json};
use study::StudyError;

#[derive(Debug, Clone)]
pub struct ApiError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            help: None,
        }
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub fn unusable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unusable", message)
    }

    /// Work that broke off: a fault of ours.
    pub fn failed() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed",
            "the answer failed; the server goes on",
        )
    }

    pub fn too_many_tokens() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many",
            "too many wrong tokens",
        )
        .help("wait a minute")
    }

    fn body(&self, lang: Lang) -> Value {
        json!({
            "error": self.code,
            "message": phrase(&self.message, lang),
            "help": self.help.as_deref().map(|help| phrase(help, lang)),
        })
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<StudyError> for ApiError {
    fn from(error: StudyError) -> Self {
        let (status, code) = match &error {
            StudyError::UnknownRun { .. }
            | StudyError::UnknownId { .. }
            | StudyError::UnknownTable { .. }
            | StudyError::UnknownVariant { .. } => (StatusCode::NOT_FOUND, "not_found"),
            StudyError::Config(_)
            | StudyError::VariantName { .. }
            | StudyError::ScenarioName { .. }
            | StudyError::UnknownName { .. }
            | StudyError::UnknownStep { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "unusable"),
            StudyError::VariantExists { .. } | StudyError::ScenarioExists { .. } => {
                (StatusCode::CONFLICT, "exists")
            }
            StudyError::Stopped => (StatusCode::CONFLICT, "stopped"),
            StudyError::Evidence(_) => (StatusCode::CONFLICT, "evidence_has_errors"),
            StudyError::Licence(_) => (StatusCode::FORBIDDEN, "licence"),
            StudyError::Replay { .. } => (StatusCode::CONFLICT, "evidence_changed"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        };
        // Where the study lies on the disk is nobody's business who asks from afar.
        let message = match &error {
            StudyError::UnknownRun { id, .. } => format!("there is no run `{id}`"),
            StudyError::VariantExists { .. } => {
                "a variant of this name says something else".to_owned()
            }
            StudyError::ScenarioExists { .. } => {
                "a scenario of this name asks something else".to_owned()
            }
            StudyError::Io { doing, source, .. } => {
                format!("cannot {doing} a file of the study: {source}")
            }
            StudyError::NotAStudy { .. } => "the study's folder holds no study any more".to_owned(),
            other => other.to_string(),
        };
        Self {
            status,
            code,
            message,
            help: error.help(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body(Lang::En).to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        // Who answers knows no language; who sends the answer does.
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer, and what went wrong in the language of who asked.
pub fn in_language(mut response: Response<Body>, lang: Lang) -> Response<Body> {
    if lang != Lang::En
        && let Some(error) = response.extensions_mut().remove::<ApiError>()
    {
        *response.body_mut() = Body::from(error.body(lang).to_string());
        response.headers_mut().remove(header::CONTENT_ENCODING);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

//! The language of who asks, for what goes wrong: `lang` in the query, else the browser's `Accept-Language`.
//!
//! Answers name their language in the query. A failure may come before the query is read, or from a body that has no language.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use model::Lang;

pub fn of(uri: &Uri, headers: &HeaderMap) -> Lang {
    let query = uri.query().unwrap_or_default();
    let named = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    match named.or(accepted) {
        Some(word) if word.trim_start().starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// The language of a request, for handlers.
pub struct Reader(pub Lang);

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(of(&parts.uri, &parts.headers)))
    }
}

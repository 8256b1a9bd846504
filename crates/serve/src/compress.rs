//! Answers as gzip where the client takes it. Only what is worth it: a stream of events and small answers stay as they
//! are, and the session's sign is never compressed beside anything a client could choose.

use std::io::Write;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Response, header};
use axum::middleware::Next;
use flate2::Compression;
use flate2::write::GzEncoder;

const SMALL: usize = 1024;
/// Nothing larger is made here.
const LARGEST: usize = 256 * 1024 * 1024;

pub async fn answer(request: Request, next: Next) -> Response<Body> {
    let takes = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|part| part.trim().starts_with("gzip")));
    let response = next.run(request).await;
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let text = kind.starts_with("application/json");
    if !takes || !text || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return Response::from_parts(parts, Body::empty());
    };
    if bytes.len() < SMALL {
        return Response::from_parts(parts, Body::from(bytes));
    }
    let packed = tokio::task::spawn_blocking(move || gzip(&bytes).ok_or(bytes)).await;
    let body = match packed {
        Ok(Ok(packed)) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            parts
                .headers
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts
                .headers
                .insert(header::VARY, HeaderValue::from_static("accept-encoding"));
            Body::from(packed)
        }
        Ok(Err(plain)) => Body::from(plain),
        Err(_) => Body::empty(),
    };
    Response::from_parts(parts, body)
}

fn gzip(bytes: &Bytes) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

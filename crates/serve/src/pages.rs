//! The built pages of `web/`, inside the program. A program without them still answers the interface, and says so.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use include_dir::{Dir, include_dir};

use crate::error::ApiError;

static DIST: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../web/dist");

const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Forelay</title>\
<h1>The pages are not in this program</h1><p>Build them (cd web; npm ci; npm run build) and build the program again. \
The interface answers: <a href=\"/api/openapi.json\">/api/openapi.json</a>.</p></html>";

/// A file of the pages; any other address is the page itself, which reads the address.
pub async fn get(method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let path = uri.path();
    if path.starts_with("/api/") || path == "/api" {
        return ApiError::not_found("there is no such address")
            .help("GET /api/openapi.json describes all of them")
            .into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "pages are only read",
        )
        .into_response();
    }
    let name = path.trim_start_matches('/');
    // Names of embedded files only: nothing here opens a file.
    let asset = DIST
        .get_file(name)
        .filter(|_| !name.is_empty() && !name.starts_with("SOURCES"));
    // A page is one word; what it shows stands in the query.
    let page_name = |name: &str| name.len() <= 20 && name.bytes().all(|b| b.is_ascii_lowercase());
    if asset.is_none() && !page_name(name) {
        return ApiError::not_found("there is no such file").into_response();
    }
    let Some(file) = asset.or_else(|| DIST.get_file("index.html")) else {
        return page("text/html; charset=utf-8", MISSING.as_bytes(), "no-cache");
    };
    let file_name = file.path().to_string_lossy();
    let cache = if file_name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let packed = DIST.get_file(format!("{file_name}.gz"));
    let takes = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    match packed.filter(|_| takes) {
        Some(packed) => {
            let mut response = page(kind(&file_name), packed.contents(), cache);
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        None => page(kind(&file_name), file.contents(), cache),
    }
}

fn page(kind: &'static str, bytes: &'static [u8], cache: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

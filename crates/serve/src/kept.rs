//! Answers about a finished run do not change: a page that has one shows its tag (`ETag`, `If-None-Match`) and is told so in a
//! line, instead of having it computed, packed and read once more. Nothing is stored on a disk: answers stay `no-store`.

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::middleware::Next;

use crate::App;

/// Addresses whose answers depend on a run and the question alone; not those that look at the folder as it is now.
const OF_A_RUN: [&str; 10] = [
    "/api/overview",
    "/api/sections/",
    "/api/views/",
    "/api/figures",
    "/api/settings",
    "/api/space",
    "/api/evidence",
    "/api/search",
    "/api/explain",
    "/api/steps",
];

const WORDS: &str = "/api/words";

pub async fn answer(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let Some(tag) = tag(&app, method.clone(), uri.clone()).await else {
        return next.run(request).await;
    };
    let known = request.headers().get(header::IF_NONE_MATCH);
    let mut response = if known.is_some_and(|known| *known == tag) {
        let mut same = Response::new(Body::empty());
        *same.status_mut() = StatusCode::NOT_MODIFIED;
        same
    } else {
        next.run(request).await
    };
    let good = matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    // A run that ended in between may have been answered about already.
    if good && self::tag(&app, method, uri).await.as_ref() == Some(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The run that is asked about, the address, and this start of the program: another program may say other things of the same run.
/// Who shows a tag has had an answer from that address.
async fn tag(app: &App, method: Method, uri: Uri) -> Option<HeaderValue> {
    if method != Method::GET {
        return None;
    }
    // The words of the program are of no run.
    let run = if uri.path() == WORDS {
        String::new()
    } else {
        let run = run(&uri)?;
        let id = app.read(move |app| Ok(app.view(&run)?.run.manifest.id.clone()));
        id.await.ok()?
    };
    let address = blake3::hash(uri.to_string().as_bytes()).to_hex();
    let address = address.get(..16).unwrap_or_default();
    HeaderValue::try_from(format!("\"{run}-{address}-{}\"", app.started)).ok()
}

/// Whether answers of an endpoint carry a tag, by its path.
pub fn tagged(path: &str) -> bool {
    path == WORDS || path.parse().is_ok_and(|uri| run(&uri).is_some())
}

/// The run that an address names.
fn run(uri: &Uri) -> Option<String> {
    let path = uri.path();
    if let Some(rest) = path.strip_prefix("/api/runs/") {
        let (run, of) = rest.split_once('/')?;
        return (of == "tables" || of.starts_with("tables/")).then(|| run.to_owned());
    }
    if !OF_A_RUN.iter().any(|of| path.starts_with(of)) {
        return None;
    }
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let run = pairs.into_iter().find(|(name, _)| name == "run");
    Some(run.map_or_else(|| "latest".to_owned(), |(_, run)| run))
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::run;

    #[test]
    fn only_what_a_run_says_is_kept() {
        let of = |uri: &str| run(&uri.parse::<Uri>().expect("an address"));
        assert_eq!(
            of("/api/runs/latest/tables?lang=en").as_deref(),
            Some("latest")
        );
        assert_eq!(of("/api/runs/ab/tables/x.y").as_deref(), Some("ab"));
        assert_eq!(of("/api/settings?lang=en&run=cd").as_deref(), Some("cd"));
        assert_eq!(of("/api/evidence/chain_supply").as_deref(), Some("latest"));
        for now in [
            "/api/runs",
            "/api/runs/ab",
            "/api/runs/ab/diff/cd",
            "/api/roadmap",
            "/api/check",
            "/api/variants",
            "/api/session",
            "/",
        ] {
            assert_eq!(of(now), None, "{now}");
        }
    }
}

//! Runs: listed, started, followed and stopped; what a finished one said still holds.

use serde_json::Value;

use crate::server::Server;

/// Runs hold no time, so that the same input gives the same files; the list says when each record was written.
#[test]
fn runs_are_listed_with_the_time_of_their_record_the_newest_first() {
    let runs = Server::shared().get("/api/runs").json();
    let written: Vec<u64> = (runs["runs"].as_array().unwrap().iter())
        .map(|run| run["written"].as_u64().unwrap())
        .collect();
    assert!(
        !written.is_empty() && written[0] > 1_700_000_000,
        "{written:?}"
    );
    assert!(written.is_sorted_by(|a, b| a >= b), "{written:?}");
}

#[test]
fn a_run_is_started_followed_and_stopped() {
    let server = Server::with(|_| {});
    let started = server
        .post("/api/jobs/start", r#"{"steps":["trend.money"]}"#)
        .json();
    let id = started["job"]["id"].as_u64().unwrap();
    let events = server.get(&format!("/api/jobs/{id}/events"));
    assert_eq!(events.headers["content-type"], "text/event-stream");
    let text = String::from_utf8(events.body).unwrap();
    let last = text
        .lines()
        .rfind(|line| line.starts_with("data:"))
        .unwrap();
    let last: Value = serde_json::from_str(last.trim_start_matches("data:")).unwrap();
    assert_eq!(last["state"], "done", "{text}");
    assert!(last["run"].as_str().is_some_and(|run| run.len() == 12));

    // A run of everything takes many seconds here: it is at work when the second one asks and when it is stopped.
    let started = server.post("/api/jobs/start", "{}").json();
    let id = started["job"]["id"].as_u64().unwrap();
    assert_eq!(server.post("/api/jobs/start", "{}").status, 409);
    assert_eq!(server.post(&format!("/api/jobs/{id}/stop"), "").status, 200);
    let _ = server.get(&format!("/api/jobs/{id}/events"));
    let end = server.get(&format!("/api/jobs/{id}")).json();
    assert_eq!(end["job"]["state"], "stopped");
    assert_eq!(server.get("/api/jobs/99").status, 404);
    assert_eq!(
        server
            .post("/api/jobs/start", r#"{"with":"no-such"}"#)
            .status,
        404
    );
    assert_eq!(
        server
            .post("/api/jobs/start", r#"{"steps":["no.such"]}"#)
            .status,
        422
    );
}

/// What a run said is not said twice to a page that has it; another tag, or an address about the folder as it is now, is answered.
#[test]
fn a_page_that_has_an_answer_is_told_that_it_still_holds() {
    let server = Server::shared();
    let path = "/api/runs/latest/tables/layout.regions?limit=3";
    let first = server.get(path);
    let tag = first.headers["etag"].clone();
    assert_eq!(first.headers["cache-control"], "no-store");
    let again = server.ask("GET", path, &[("If-None-Match", &tag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.headers["etag"], tag);
    assert_eq!(again.headers["cache-control"], "no-store");
    let other = server.ask("GET", path, &[("If-None-Match", "\"another\"")], b"");
    assert_eq!((other.status, &other.body), (200, &first.body));
    for now in [
        "/api/runs",
        "/api/roadmap",
        "/api/check",
        "/api/variants",
        "/api/session",
    ] {
        assert!(!server.get(now).headers.contains_key("etag"), "{now}");
    }
    let unknown = server.ask(
        "GET",
        "/api/settings?run=zzzz",
        &[("If-None-Match", &tag)],
        b"",
    );
    assert_eq!(unknown.status, 404);
}

//! Beyond loopback: a flag, a token, sessions, the log.

use serve::{Limits, Reach, ServeError, Settings, bind};

use crate::server::{Server, study};

const TOKEN: &str = "a-token-of-enough-characters";

fn guarded() -> Server {
    Server::with(|s| {
        s.reach = Reach::Network;
        s.token = Some(TOKEN.to_owned());
    })
}

fn refused(address: &str, reach: Reach, token: Option<&str>) -> ServeError {
    let settings = Settings {
        study: study().to_owned(),
        address: address.parse().unwrap(),
        reach,
        hosts: Vec::new(),
        token: token.map(str::to_owned),
        limits: Limits::default(),
    };
    let bound = serve::runtime().unwrap().block_on(bind(settings));
    bound.err().expect("it must not open")
}

#[test]
fn without_the_flag_only_loopback_is_opened() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let error = refused(address, Reach::Loopback, None);
        assert!(
            matches!(error, ServeError::BeyondLoopback(_)),
            "{address}: {error}"
        );
        assert!(error.help().unwrap().contains("--beyond-loopback"));
    }
    assert!(matches!(
        refused("127.0.0.1:0", Reach::Network, Some("short")),
        ServeError::ShortToken
    ));
}

#[test]
fn the_study_is_shown_to_the_token_only() {
    let server = guarded();
    let paths = server.get("/api/openapi.json").json();
    for (path, methods) in paths["paths"].as_object().unwrap() {
        if matches!(path.as_str(), "/api/session" | "/api/token") {
            continue;
        }
        let path = path.replace(['{', '}'], "");
        let method = if methods.get("get").is_some() {
            "GET"
        } else {
            "POST"
        };
        let reply = server.ask(method, &path, &[], b"");
        assert_eq!(reply.status, 401, "{method} {path}");
    }
    let bearer = |token: &str| {
        let value = format!("Bearer {token}");
        server
            .ask("GET", "/api/overview", &[("Authorization", &value)], b"")
            .status
    };
    assert_eq!(bearer(TOKEN), 200);
    assert_eq!(bearer("another-token-of-some-length"), 401);
    assert_eq!(bearer(""), 401);
    assert_eq!(server.get("/api/session").json()["authorised"], false);
}

#[test]
fn a_session_stands_for_the_token_until_it_is_left() {
    let server = guarded();
    let reply = server.post("/api/token", &format!("{{\"token\":\"{TOKEN}\"}}"));
    assert_eq!(reply.status, 200);
    let cookie = &reply.headers["set-cookie"];
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains(TOKEN));
    // Behind TLS the page says so by its origin; the cookie is bound to it then.
    let origin = format!("https://{}", server.address);
    let sign = server.sign();
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Forelay-Sign", sign.as_str()),
        ("Origin", origin.as_str()),
    ];
    let body = format!("{{\"token\":\"{TOKEN}\"}}");
    let reply = server.ask("POST", "/api/token", &headers, body.as_bytes());
    let bound = &reply.headers["set-cookie"];
    assert!(
        bound.starts_with("__Host-forelay=") && bound.ends_with("; Secure"),
        "{bound}"
    );
    let shown = bound.split(';').next().unwrap().to_owned();
    let reply = server.ask("GET", "/api/overview", &[("Cookie", &shown)], b"");
    assert_eq!(reply.status, 200);
    let value = cookie.split(';').next().unwrap().to_owned();
    let with = |method: &str, path: &str, sign: &str| {
        let headers = [("Cookie", value.as_str()), ("X-Forelay-Sign", sign)];
        server.ask(method, path, &headers, b"").status
    };
    let sign = server.sign();
    assert_eq!(with("GET", "/api/overview", ""), 200);
    assert_eq!(with("POST", "/api/leave", &sign), 200);
    assert_eq!(with("GET", "/api/overview", ""), 401);
}

#[test]
fn wrong_tokens_are_counted() {
    let server = guarded();
    let statuses: Vec<u16> = (0..8)
        .map(|i| {
            server
                .post("/api/token", &format!("{{\"token\":\"wrong-{i}\"}}"))
                .status
        })
        .collect();
    assert_eq!(statuses, [403, 403, 403, 403, 403, 429, 429, 429]);
    // The right one has to wait as well.
    assert_eq!(
        server
            .post("/api/token", &format!("{{\"token\":\"{TOKEN}\"}}"))
            .status,
        429
    );
}

/// Guesses at any address count, and where too many were wrong not even the right one is looked at.
#[test]
fn wrong_tokens_of_the_interface_are_counted() {
    let server = guarded();
    let status = |token: &str| {
        let value = format!("Bearer {token}");
        server
            .ask("GET", "/api/overview", &[("Authorization", &value)], b"")
            .status
    };
    let statuses: Vec<u16> = (0..7).map(|i| status(&format!("wrong-{i}"))).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(status(TOKEN), 429);
}

/// Addresses that everyone may ask tell no more guesses apart than the others.
#[test]
fn wrong_tokens_at_open_addresses_are_counted() {
    for path in ["/api/session", "/api/openapi.json"] {
        let server = guarded();
        let status = |token: &str| {
            let value = format!("Bearer {token}");
            let reply = server.ask("GET", path, &[("Authorization", &value)], b"");
            reply.status
        };
        let statuses: Vec<u16> = (0..7).map(|i| status(&format!("wrong-{i}"))).collect();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429], "{path}");
        assert_eq!(status(TOKEN), 429, "{path}");
        // Without a token the address stays open.
        assert_eq!(server.ask("GET", path, &[], b"").status, 200, "{path}");
    }
}

#[test]
fn the_marking_is_told_to_who_may_see_the_study() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("study");
    study::init_example("china-2021", &root).unwrap();
    let path = root.join("study.toml");
    let settings = std::fs::read_to_string(&path).unwrap();
    let marking =
        "\n[report]\nclassification_en = \"Internal\"\nclassification_zh = \"内部资料\"\n";
    std::fs::write(&path, format!("{settings}{marking}")).unwrap();
    let server = Server::with(|s| {
        s.study.clone_from(&root);
        s.reach = Reach::Network;
        s.token = Some(TOKEN.to_owned());
    });
    let marking = |headers: &[(&str, &str)]| {
        let reply = server.ask("GET", "/api/session", headers, b"").json();
        reply["marking"].clone()
    };
    assert_eq!(marking(&[]), serde_json::json!({}));
    let value = format!("Bearer {TOKEN}");
    let told = marking(&[("Authorization", &value)]);
    let expected = serde_json::json!({ "en": "Internal", "zh": "内部资料" });
    assert_eq!(told, expected);
}

/// An old cookie of the same name does not hide the one that holds.
#[test]
fn a_stale_cookie_beside_a_good_one() {
    let server = guarded();
    let reply = server.post("/api/token", &format!("{{\"token\":\"{TOKEN}\"}}"));
    let good = reply.headers["set-cookie"].split(';').next().unwrap();
    let both = format!("forelay=stale; {good}");
    let reply = server.ask("GET", "/api/overview", &[("Cookie", &both)], b"");
    assert_eq!(reply.status, 200);
}

#[test]
fn what_was_changed_or_refused_is_in_the_log_and_secrets_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("study");
    study::init_example("china-2021", &root).unwrap();
    let server = Server::with(|s| {
        s.study.clone_from(&root);
        s.reach = Reach::Network;
        s.token = Some(TOKEN.to_owned());
    });
    server.post("/api/token", "{\"token\":\"wrong-secret-guess\"}");
    server.post("/api/token", &format!("{{\"token\":\"{TOKEN}\"}}"));
    server.get("/api/overview?run=latest");
    let text = std::fs::read_to_string(root.join(".forelay/audit.log")).unwrap();
    assert_eq!(serve::audit::verify(&text), Ok(3), "{text}");
    for wanted in [
        "\"status\":403",
        "\"status\":200",
        "\"status\":401",
        "/api/overview",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(!text.contains(TOKEN) && !text.contains("wrong-secret-guess"));
}

//! Requests that nobody honest sends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::server::{Server, parse, study};

#[test]
fn a_foreign_host_name_is_refused() {
    let server = Server::shared();
    let port = server.address.port();
    for host in [
        "evil.example",
        "evil.example:80",
        "",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example",
    ] {
        for path in ["/", "/api/overview", "/api/session"] {
            let reply = server.ask("GET", path, &[("Host", host)], b"");
            assert!(
                matches!(reply.status, 421 | 400),
                "{host} {path}: {}",
                reply.status
            );
        }
    }
    for host in [
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        format!("127.0.0.1:{port}"),
    ] {
        assert_eq!(
            server
                .ask("GET", "/api/session", &[("Host", &host)], b"")
                .status,
            200,
            "{host}"
        );
    }
    let twice = format!(
        "GET / HTTP/1.1\r\nHost: {0}\r\nHost: {0}\r\nConnection: close\r\n\r\n",
        server.address
    );
    assert_ne!(parse(&server.raw(twice.as_bytes())).status, 200);
    let none = parse(&server.raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
    assert_ne!(none.status, 200);
    let absolute = format!(
        "GET http://evil.example/ HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        server.address
    );
    assert_eq!(parse(&server.raw(absolute.as_bytes())).status, 421);
}

#[test]
fn other_sites_cannot_ask() {
    let server = Server::shared();
    for origin in [
        "http://evil.example",
        "null",
        "http://127.0.0.1:1",
        "file://",
        "https://localhost",
    ] {
        let reply = server.ask("GET", "/api/overview", &[("Origin", origin)], b"");
        assert_eq!(reply.status, 403, "{origin}");
    }
    let reply = server.ask(
        "GET",
        "/api/overview",
        &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors")],
        b"",
    );
    assert_eq!(reply.status, 403);
    let navigated = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
    ];
    assert_eq!(server.ask("GET", "/", &navigated, b"").status, 200);
    let reply = server.ask("GET", "/api/overview", &navigated, b"");
    assert_eq!(reply.status, 403);
    let reply = server.get("/api/overview");
    assert!(
        !reply
            .headers
            .keys()
            .any(|name| name.starts_with("access-control"))
    );
}

#[test]
fn a_change_needs_the_sign_and_json() {
    let server = Server::shared();
    let body = br#"{"name":"forged","set":{"selection":{"top":6}}}"#;
    let json = ("Content-Type", "application/json");
    let wrong = "0".repeat(64);
    for headers in [
        vec![json],
        vec![json, ("X-Forelay-Sign", "")],
        vec![json, ("X-Forelay-Sign", wrong.as_str())],
    ] {
        assert_eq!(
            server
                .ask("POST", "/api/variants/save", &headers, body)
                .status,
            403
        );
    }
    let sign = server.sign();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let headers = [("Content-Type", kind), ("X-Forelay-Sign", sign.as_str())];
        assert_eq!(
            server
                .ask("POST", "/api/variants/save", &headers, body)
                .status,
            415,
            "{kind}"
        );
    }
    assert!(!study().join("variants/forged.toml").exists());
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let reply = server.ask(
            method,
            "/api/overview",
            &[("X-Forelay-Sign", sign.as_str())],
            b"",
        );
        assert_eq!(reply.status, 405, "{method}");
    }
}

#[test]
fn no_address_leads_to_a_file() {
    let server = Server::shared();
    let secret = std::fs::read_to_string(study().join("study.toml")).unwrap();
    let secret = secret.lines().next().unwrap();
    for path in [
        "/../study.toml",
        "/%2e%2e/study.toml",
        "/..%2fstudy.toml",
        "/assets/../../study.toml",
        "/assets/%2e%2e%2f%2e%2e%2fstudy.toml",
        "//etc/passwd",
        "/\\..\\study.toml",
        "/study.toml",
        "/.forelay/audit.log",
        "/SOURCES.fnv",
        "/api/runs/..%2f..%2fstudy.toml",
        "/api/runs/%2e%2e",
        "/api/runs/..",
        "/api/runs/....",
        "/api/runs/%00",
        "/api/runs/latest/tables/..%2f..%2f..%2fstudy.toml",
        "/api/evidence/..%2f..%2fstudy.toml",
        "/api/sections/..%2fstudy",
        "/api/figures/..%2f..%2fetc%2fpasswd",
        "/api/jobs/..%2f1",
    ] {
        let reply = server.get(path);
        let text = String::from_utf8_lossy(&reply.body);
        assert!(!text.contains(secret) && !text.contains("root:"), "{path}");
        assert!(
            matches!(reply.status, 400 | 404),
            "{path}: {} {text}",
            reply.status
        );
    }
}

#[test]
fn large_bodies_and_heads_are_refused() {
    let server = Server::shared();
    let sign = server.sign();
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Forelay-Sign", sign.as_str()),
    ];
    let big = vec![b' '; 65 * 1024];
    assert_eq!(
        server.ask("POST", "/api/preview", &headers, &big).status,
        413
    );
    // A length that is announced but not true, in pieces without a length, and a body that never ends.
    let head = format!(
        "POST /api/preview HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nX-Forelay-Sign: {sign}\r\nConnection: close\r\n",
        server.address
    );
    let told = format!("{head}Content-Length: 99999999999\r\n\r\n{{");
    assert_eq!(parse(&server.raw(told.as_bytes())).status, 413);
    let chunk = format!("{:x}\r\n{}\r\n", 16 * 1024, " ".repeat(16 * 1024)).repeat(8);
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
    assert_eq!(parse(&server.raw(chunked.as_bytes())).status, 413);
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: {}\r\n\r\n",
        "a".repeat(64 * 1024),
        server.address
    );
    assert!(matches!(
        parse(&server.raw(long.as_bytes())).status,
        414 | 431
    ));
    let many: String = (0..500)
        .flat_map(|i| ["x-".to_owned(), i.to_string(), ": 1\r\n".to_owned()])
        .collect();
    let many = format!("GET / HTTP/1.1\r\nHost: {}\r\n{many}\r\n", server.address);
    assert_eq!(parse(&server.raw(many.as_bytes())).status, 431);
    assert_eq!(server.get("/api/session").status, 200);
}

#[test]
fn slow_clients_are_cut_off_and_disturb_nobody() {
    let server = Server::with(|s| {
        s.limits.head_seconds = 1;
        s.limits.answer_seconds = 2;
    });
    let sign = server.sign();
    let mut slow: Vec<TcpStream> = (0..50)
        .map(|_| TcpStream::connect(server.address).unwrap())
        .collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHos").unwrap();
    }
    assert_eq!(server.get("/api/session").status, 200);
    // Reads end: the server closes, whatever the hour.
    for stream in &mut slow {
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut rest = Vec::new();
        let read = stream.read_to_end(&mut rest);
        assert!(
            read.is_ok() || read.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset)
        );
    }
    // A body that never comes is answered, not waited for.
    let head = format!(
        "POST /api/preview HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nX-Forelay-Sign: {sign}\r\nContent-Length: 100\r\n\r\n{{",
        server.address
    );
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut first = [0_u8; 64];
    let n = stream.read(&mut first).unwrap();
    assert!(
        String::from_utf8_lossy(&first[..n]).contains(" 408 "),
        "{:?}",
        &first[..n]
    );
}

/// Bodies cut, spliced and sprinkled with other bytes: an answer each time, never a failure of the server.
#[test]
fn fields_that_nobody_described_are_refused() {
    let server = Server::shared();
    let description = server.get("/api/openapi.json").json();
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        let body = &methods["post"]["requestBody"]["content"]["application/json"]["schema"];
        if body.is_null() {
            continue;
        }
        let reply = server.post(path, r#"{"surely_unknown":1}"#);
        let said = String::from_utf8_lossy(&reply.body).into_owned();
        assert_eq!(reply.status, 400, "{path}: {said}");
        assert!(said.contains("surely_unknown"), "{path}: {said}");
        asked += 1;
    }
    assert!(asked >= 5, "{asked} bodies");
}

#[test]
fn malformed_bodies_are_answered() {
    let server = Server::with(|s| s.limits.draws = 5);
    let sign = server.sign();
    let seeds: [(&str, &str); 5] = [
        (
            "/api/preview",
            r#"{"step":"layout.regions","set":{"regions":{"vetoes":[["beijing","x"]]}},"lang":"zh"}"#,
        ),
        (
            "/api/variants/save",
            r#"{"name":"fuzz","set":{"selection":{"weights":{"needs":{"low":0.1,"high":0.2}}}}}"#,
        ),
        (
            "/api/what-if",
            r#"{"stop":["JPN"],"nodes":["semi_photoresist"],"severity":{"low":0,"value":1,"high":1},"draws":9}"#,
        ),
        ("/api/jobs/start", r#"{"with":"nothing","steps":["none"]}"#),
        ("/api/token", r#"{"token":"abc"}"#),
    ];
    let pieces: [&[u8]; 12] = [
        b"[[[[[[[[",
        b"{",
        b"}",
        b"\"",
        b"\xff\xfe",
        b"\0",
        b"1e999",
        b"-1",
        b"null",
        b"\\ud800",
        b"9999999999999999999999",
        b"[]",
    ];
    let mut random = ChaCha8Rng::seed_from_u64(20_210_501);
    let mut draw = |n: usize| (random.next_u64() % n as u64) as usize;
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Forelay-Sign", sign.as_str()),
    ];
    for _ in 0..300 {
        let (path, seed) = seeds[draw(seeds.len())];
        let mut body = seed.as_bytes().to_vec();
        for _ in 0..=draw(4) {
            let at = draw(body.len().max(1)).min(body.len());
            match draw(4) {
                0 => body.truncate(at),
                1 => {
                    let piece = pieces[draw(pieces.len())];
                    body.splice(at..at, piece.iter().copied());
                }
                2 if at < body.len() => body[at] = (draw(256)) as u8,
                _ => {
                    let piece = pieces[draw(pieces.len())];
                    let end = (at + draw(12)).min(body.len());
                    body.splice(at..end, piece.iter().copied());
                }
            }
        }
        let reply = server.ask("POST", path, &headers, &body);
        let status = reply.status;
        assert!(
            matches!(status, 200 | 400 | 403 | 404 | 409 | 422 | 429),
            "{path} {status}: {} → {}",
            String::from_utf8_lossy(&body),
            String::from_utf8_lossy(&reply.body)
        );
    }
    let nested = format!(
        "{{\"step\":\"layout.regions\",\"set\":{}1{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    assert_eq!(
        server
            .ask("POST", "/api/preview", &headers, nested.as_bytes())
            .status,
        400
    );
    assert_eq!(server.get("/api/session").status, 200);
}

#[test]
fn queries_that_make_no_sense_are_answered() {
    let server = Server::shared();
    for path in [
        "/api/overview?lang=de",
        "/api/overview?lang=en&lang=zh",
        "/api/overview?unknown=1",
        "/api/explain",
        "/api/explain?id=%ff",
        "/api/explain?id=%00/x",
        "/api/explain?id=layout.certificate/plan&depth=99",
        "/api/runs/latest/tables/layout.regions?limit=-1",
        "/api/runs/latest/tables/layout.regions?limit=0",
        "/api/runs/latest/tables/layout.regions?limit=1001",
        "/api/runs/latest/tables/layout.regions?offset=99999999999999999999999",
        "/api/search?q=%20",
        &format!("/api/words?prefix={}", "0".repeat(301)),
    ] {
        let reply = server.get(path);
        assert!(
            matches!(reply.status, 400 | 404),
            "{path}: {}",
            reply.status
        );
        assert!(reply.json()["message"].is_string());
    }
}

#[test]
fn every_answer_carries_the_headers() {
    let server = Server::shared();
    for path in [
        "/",
        "/layout",
        "/api/session",
        "/api/overview",
        "/nothing.js",
        "/api/nothing",
    ] {
        let reply = server.get(path);
        let policy = &reply.headers["content-security-policy"];
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
        assert!(policy.contains("require-trusted-types-for 'script'"));
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        assert_eq!(reply.headers["referrer-policy"], "no-referrer");
        assert_eq!(reply.headers["x-frame-options"], "DENY");
        if path.starts_with("/api/") {
            assert_eq!(reply.headers["cache-control"], "no-store", "{path}");
        }
        assert!(!reply.headers.contains_key("server"));
    }
}

#[test]
fn too_many_requests_are_told_so_and_others_are_not_hurt() {
    let server = Server::with(|s| {
        s.limits.burst = 20.0;
        s.limits.per_second = 0.001;
    });
    let begun = Instant::now();
    let statuses: Vec<u16> = (0..40).map(|_| server.get("/api/session").status).collect();
    assert_eq!(
        statuses.iter().filter(|s| **s == 200).count(),
        20,
        "{:?}",
        begun.elapsed()
    );
    assert!(statuses[20..].iter().all(|s| *s == 429));
}

#[test]
fn failures_come_in_the_language_of_who_asks() {
    let server = Server::shared();
    let host = server.address.to_string();
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let failure = |path: &str, language: &str| {
        let headers = [("Host", host.as_str()), ("Accept-Language", language)];
        let reply = server.ask("GET", path, &headers, b"");
        assert!(reply.status >= 400, "{path}: {}", reply.status);
        let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        (
            body["error"].as_str().unwrap().to_owned(),
            body["message"].as_str().unwrap().to_owned(),
        )
    };
    for path in [
        "/api/sections/nosuch",
        "/api/evidence/nosuch",
        "/api/evidence/policies?limit=0",
        "/api/overview?run=nosuch",
        "/api/figures/nosuch",
        "/api/space/nosuch",
        "/api/jobs/99",
        "/api/nosuch",
        "/api/tables?nosuch=1",
    ] {
        let (code, english) = failure(path, "en-GB,en;q=0.9");
        let (same, said) = failure(path, "zh-CN,zh;q=0.9");
        assert_eq!(code, same);
        assert!(!chinese(&english), "{path}: {english}");
        assert!(chinese(&said), "{path}: {said}");
    }
    // What the query says counts for more than the browser.
    let (_, said) = failure("/api/sections/nosuch?lang=zh", "en");
    assert!(chinese(&said), "{said}");
}

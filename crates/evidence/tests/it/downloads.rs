//! Downloads, from 127.0.0.1 only: whole, resumed, refused, and everything a server can do wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use evidence::fetch::{
    Acceptance, FetchError, Fetched, Limits, Outcome, Progress, Record, Request, Terms, catalogue,
    get, source,
};
use tempfile::TempDir;

use crate::server::{Reply, Server};

pub(crate) const TAG: &str = "\"v1\"";

/// Bytes that differ everywhere, so that a wrong seam shows.
pub(crate) fn content(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect()
}

fn quick() -> Limits {
    Limits {
        first_pause: Duration::from_millis(1),
        max_pause: Duration::from_secs(2),
        attempts: 3,
        silence: Duration::from_secs(1),
        connect: Duration::from_secs(2),
        ..Limits::default()
    }
}

pub(crate) fn request(server: &Server, folder: &TempDir) -> Request {
    Request {
        limits: quick(),
        ..Request::new(&server.url("/data/file.csv"), folder.path())
    }
}

pub(crate) fn load(request: &Request) -> Result<Fetched, FetchError> {
    get(request, &mut |_| {})
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn part(folder: &TempDir) -> PathBuf {
    folder.path().join("file.csv.part")
}

/// Leaves `n` bytes of `whole` behind, as a dropped line does.
pub(crate) fn interrupted(server: &Server, folder: &TempDir, n: usize) {
    let once = Request {
        limits: Limits {
            attempts: 1,
            ..quick()
        },
        ..request(server, folder)
    };
    let error = load(&once).unwrap_err();
    assert!(matches!(error, FetchError::Truncated { .. }), "{error}");
    assert_eq!(fs::metadata(part(folder)).unwrap().len(), n as u64);
}

#[test]
fn a_file_comes_whole_with_its_record() {
    let whole = content(300_000);
    let served = whole.clone();
    let server = Server::new(move |asked, _| {
        Reply::of(asked, &served, TAG).header("Content-Type", "text/csv")
    });
    let folder = folder();
    let mut wanted = request(&server, &folder);
    wanted.url = server.url("/data/file.csv?key=secret");
    wanted.checksum = Some(
        format!("blake3:{}", blake3::hash(&whole).to_hex())
            .parse()
            .unwrap(),
    );
    wanted.size = Some(300_000);
    let mut last = None;
    let mut checked = false;
    let fetched = get(&wanted, &mut |progress| match progress {
        Progress::Received { bytes, total } => last = Some((bytes, total)),
        Progress::Checking => checked = true,
        Progress::Waiting { .. } => panic!("nothing to wait for"),
    })
    .unwrap();
    assert_eq!(fetched.outcome, Outcome::Loaded);
    assert_eq!((last, checked), (Some((300_000, Some(300_000))), true));
    assert_eq!(fs::read(&fetched.file).unwrap(), whole);
    assert_eq!(names(folder.path()), ["file.csv", "file.csv.source.toml"]);
    let text = fs::read_to_string(&fetched.record_file).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let record: Record = toml::from_str(&text).unwrap();
    assert_eq!(record, fetched.record);
    assert_eq!(
        record.date.as_deref(),
        Some("Sun, 06 Nov 1994 08:49:37 GMT")
    );
    assert_eq!((record.bytes, record.etag.as_deref()), (300_000, Some(TAG)));
    assert_eq!(
        (
            record.compared_with.as_str(),
            record.redistributable.as_str()
        ),
        ("BLAKE3", "no")
    );

    // Again: it is here, and nobody is asked.
    assert_eq!(load(&wanted).unwrap().outcome, Outcome::Here);
    assert_eq!(server.asked().len(), 1);
    // Changed on the disk, it is not silently taken or overwritten.
    fs::write(&fetched.file, "other").unwrap();
    assert!(matches!(
        load(&wanted),
        Err(FetchError::AlreadyThere { .. })
    ));
    assert_eq!(fs::read(&fetched.file).unwrap(), b"other");
}

#[test]
fn a_wrong_checksum_or_size_sets_the_file_aside() {
    let server = Server::new(|asked, _| Reply::of(asked, b"not what was meant", TAG));
    let folder = folder();
    let mut wanted = request(&server, &folder);
    wanted.checksum = Some("a".repeat(64).parse().unwrap());
    let error = load(&wanted).unwrap_err();
    assert!(
        matches!(
            error,
            FetchError::Checksum {
                algorithm: "SHA-256",
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("file.csv.bad"), "{error}");
    assert_eq!(names(folder.path()), ["file.csv.bad"]);
    wanted.checksum = None;
    wanted.size = Some(5);
    let error = load(&wanted).unwrap_err();
    assert!(
        matches!(
            error,
            FetchError::Size {
                wanted: 5,
                found: 18,
                ..
            }
        ),
        "{error}"
    );
    // The right file comes in spite of what lies aside.
    wanted.size = Some(18);
    assert!(load(&wanted).is_ok());
}

#[test]
fn redirects_are_followed_a_few_times_and_never_in_a_circle() {
    let server = Server::new(|asked, _| match asked.path.as_str() {
        "/data/file.csv" => Reply::new(302, b"").header("Location", "/two?signature=secret"),
        "/two?signature=secret" => Reply::new(307, b"").header("Location", "three"),
        "/three" => Reply::of(asked, b"here", TAG),
        "/circle.csv" => Reply::new(301, b"").header("Location", "/circle.csv"),
        "/out.csv" => Reply::new(302, b"").header("Location", "https://example.org/out.csv"),
        path => {
            let n: u32 = path[1..].trim_end_matches(".csv").parse().unwrap();
            Reply::new(302, b"").header("Location", format!("/{}.csv", n + 1))
        }
    });
    let folder = folder();
    let fetched = load(&request(&server, &folder)).unwrap();
    assert_eq!(fs::read(&fetched.file).unwrap(), b"here");
    assert_eq!(
        fetched.record.answered_by.as_deref(),
        Some(server.url("/three").as_str())
    );
    for (path, most) in [("/circle.csv", 1), ("/1.csv", 6)] {
        let before = server.asked().len();
        let mut wanted = request(&server, &folder);
        wanted.url = server.url(path);
        let error = load(&wanted).unwrap_err();
        assert!(
            matches!(error, FetchError::TooManyRedirects { .. }),
            "{error}"
        );
        assert_eq!(server.asked().len() - before, most);
    }
    let mut wanted = request(&server, &folder);
    wanted.url = server.url("/out.csv");
    let error = load(&wanted).unwrap_err();
    assert!(matches!(error, FetchError::Redirect { .. }), "{error}");
    assert_eq!(names(folder.path()), ["file.csv", "file.csv.source.toml"]);
}

#[test]
fn refusals_of_the_server_say_what_to_do_and_leave_nothing() {
    for status in [401u16, 403, 404, 410, 418] {
        let server = Server::new(move |_, _| Reply::new(status, b"no"));
        let folder = folder();
        let error = load(&request(&server, &folder)).unwrap_err();
        assert!(
            matches!(error, FetchError::Status { status: s, .. } if s == status),
            "{error}"
        );
        assert!(!error.help().is_empty());
        assert_eq!(server.asked().len(), 1, "{status} is final");
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let server = Server::new(|asked, n| match n {
        0 => Reply::new(429, b"").header("Retry-After", "1"),
        1 => Reply::new(503, b""),
        _ => Reply::of(asked, b"now", TAG),
    });
    let folder = folder();
    let start = Instant::now();
    let mut pauses = Vec::new();
    let fetched = get(&request(&server, &folder), &mut |progress| {
        if let Progress::Waiting { pause, reason } = progress {
            assert!(reason.contains("asks to wait"), "{reason}");
            pauses.push(pause);
        }
    });
    assert!(fetched.is_ok());
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(pauses, [Duration::from_secs(1), Duration::from_millis(2)]);

    // Longer than one is willing to wait: said at once.
    let server = Server::new(|_, _| {
        Reply::new(429, b"")
            .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .header("Retry-After", "Sun, 06 Nov 1994 09:49:37 GMT")
    });
    let error = load(&request(&server, &folder)).unwrap_err();
    // The file of the first server is there; ask for another name.
    assert!(matches!(error, FetchError::AlreadyThere { .. }), "{error}");
    let mut wanted = request(&server, &folder);
    wanted.name = Some("other.csv".to_owned());
    let error = load(&wanted).unwrap_err();
    assert!(
        matches!(
            error,
            FetchError::Busied {
                seconds: Some(3600),
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_body_that_never_comes_whole_is_given_up() {
    let server = Server::new(|asked, _| Reply::of(asked, &content(1000), TAG).cut(0));
    let folder = folder();
    let error = load(&request(&server, &folder)).unwrap_err();
    assert!(
        matches!(
            error,
            FetchError::Truncated {
                received: 0,
                expected: 1000,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(server.asked().len(), 3);
    assert!(names(folder.path()).iter().all(|name| name != "file.csv"));
}

#[test]
fn too_much_is_refused_before_and_while_it_comes() {
    let folder = folder();
    let mut limits = quick();
    limits.max_bytes = 1000;
    let announced = Server::new(|asked, _| Reply::of(asked, &content(1001), TAG));
    let secret = Server::new(|_, _| Reply::new(200, &content(500_000)).without_length());
    let fits = Server::new(|_, _| Reply::new(200, &content(1000)).without_length());
    for (server, said) in [(&announced, Some(1001)), (&secret, None)] {
        let wanted = Request {
            limits: limits.clone(),
            ..request(server, &folder)
        };
        let error = load(&wanted).unwrap_err();
        assert!(
            matches!(error, FetchError::TooLarge { bytes, .. } if bytes == said),
            "{error}"
        );
        assert!(
            names(folder.path()).is_empty(),
            "{:?}",
            names(folder.path())
        );
    }
    let wanted = Request {
        limits,
        ..request(&fits, &folder)
    };
    assert_eq!(load(&wanted).unwrap().record.bytes, 1000);
}

#[test]
fn slow_is_fine_and_silent_is_not() {
    // Slower than the limit of silence as a whole, but never silent for that long.
    let slow = Server::new(|asked, _| {
        Reply::of(asked, &content(4000), TAG).drip(500, Duration::from_millis(200))
    });
    let dir = folder();
    assert_eq!(load(&request(&slow, &dir)).unwrap().record.bytes, 4000);

    let silent = Server::new(|asked, _| {
        Reply::of(asked, &content(4000), TAG)
            .cut(1000)
            .hang(Duration::from_millis(1600))
    });
    let dir = folder();
    let wanted = Request {
        limits: Limits {
            attempts: 1,
            ..quick()
        },
        ..request(&silent, &dir)
    };
    let error = load(&wanted).unwrap_err();
    assert!(matches!(error, FetchError::Stalled { .. }), "{error}");
    assert_eq!(fs::metadata(part(&dir)).unwrap().len(), 1000);
}

#[test]
fn a_web_page_is_no_data() {
    let server = Server::new(|_, _| {
        Reply::new(200, b"<html>please sign in</html>")
            .header("Content-Type", "text/html; charset=utf-8")
    });
    let folder = folder();
    let error = load(&request(&server, &folder)).unwrap_err();
    assert!(matches!(error, FetchError::WebPage { .. }), "{error}");
    assert!(names(folder.path()).is_empty());
    let mut wanted = request(&server, &folder);
    wanted.name = Some("page.html".to_owned());
    assert!(load(&wanted).is_ok());
}

#[test]
fn nonsense_is_an_error_and_no_panic() {
    let folder = folder();
    let part_first =
        Server::new(|_, _| Reply::new(206, b"x").header("Content-Range", "bytes 0-0/1"));
    let no_range = Server::new(|_, _| Reply::new(206, b"x"));
    let nowhere = Server::new(|_, _| Reply::new(302, b""));
    let nothing = Server::new(|_, _| Reply::new(416, b""));
    for server in [&part_first, &no_range, &nowhere, &nothing] {
        assert!(load(&request(server, &folder)).is_err());
        assert!(names(folder.path()).is_empty());
    }
    // Nobody listens.
    let mut wanted = request(&nothing, &folder);
    wanted.url = "http://127.0.0.1:9/file.csv".to_owned();
    let error = load(&wanted).unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
}

#[test]
fn a_server_that_speaks_no_tls_is_an_error_and_no_panic() {
    let server = Server::new(|_, _| Reply::new(200, b"plain"));
    let folder = folder();
    let mut wanted = request(&server, &folder);
    wanted.url = server.url("/data/file.csv").replace("http:", "https:");
    let error = load(&wanted).unwrap_err();
    assert!(
        matches!(
            error,
            FetchError::Certificate { .. }
                | FetchError::Unreachable { .. }
                | FetchError::Protocol { .. }
        ),
        "{error}"
    );
    assert!(names(folder.path()).is_empty());
}

#[test]
fn two_downloads_of_one_file_do_not_mix() {
    let server = Server::new(|asked, _| {
        Reply::of(asked, &content(2000), TAG).drip(500, Duration::from_millis(200))
    });
    let folder = folder();
    let wanted = request(&server, &folder);
    let mut second = None;
    let first = get(&wanted, &mut |progress| {
        if second.is_none() && matches!(progress, Progress::Received { bytes: 500.., .. }) {
            second = Some(load(&wanted).unwrap_err());
        }
    });
    assert!(first.is_ok());
    assert!(
        matches!(second, Some(FetchError::Busy { .. })),
        "{second:?}"
    );
}

#[test]
fn terms_that_are_not_open_are_accepted_first() {
    let server = Server::new(|asked, _| Reply::of(asked, b"data", TAG));
    let folder = folder();
    let mut source = source("geodep").unwrap().clone();
    source.download = server.url("/data/file.csv?format=csv");
    let mut wanted = Request {
        limits: quick(),
        ..Request::of(&source, folder.path()).unwrap()
    };
    let error = load(&wanted).unwrap_err();
    assert!(
        matches!(error, FetchError::LicenceNotAccepted { .. }),
        "{error}"
    );
    assert!(error.help().contains(&source.page));
    assert!(server.asked().is_empty() && names(folder.path()).is_empty());
    wanted.licence = Acceptance::Given;
    let record = load(&wanted).unwrap().record;
    assert_eq!(
        (record.accepted.as_str(), record.licence.as_str()),
        ("yes", "CC BY-NC-SA")
    );
    // An address of the catalogue is public and written down whole.
    assert!(
        record.address.ends_with("?format=csv"),
        "{}",
        record.address
    );
}

#[test]
fn names_and_addresses_that_lead_elsewhere_are_refused() {
    let folder = folder();
    for url in [
        "http://example.org/a.csv",
        "ftp://example.org/a.csv",
        "https://u:p@example.org/a.csv",
        "a.csv",
    ] {
        let error = load(&Request::new(url, folder.path())).unwrap_err();
        assert!(
            matches!(error, FetchError::Address { .. }),
            "{url}: {error}"
        );
    }
    let error = load(&Request::new("https://example.org/", folder.path())).unwrap_err();
    assert!(matches!(error, FetchError::NoFileName { .. }), "{error}");
    for name in ["../up.csv", "a/b", "", ".hidden", "con|"] {
        let mut wanted = Request::new("https://example.org/a.csv", folder.path());
        wanted.name = Some(name.to_owned());
        let error = load(&wanted).unwrap_err();
        assert!(
            matches!(error, FetchError::FileName { .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn the_catalogue_leads_to_a_file_or_to_a_page() {
    let folder = folder();
    for source in catalogue() {
        match Request::of(source, folder.path()) {
            Ok(request) => assert!(request.url.starts_with("https://")),
            Err(error) => assert!(error.help().contains(&source.page), "{error}"),
        }
    }
    assert_eq!(source("baci-hs92").unwrap().terms, Terms::Attribution);
    assert!(source("nowhere").is_none());
}

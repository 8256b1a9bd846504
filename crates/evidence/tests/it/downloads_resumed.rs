//! Downloads that are taken up again, from 127.0.0.1 only: dropped lines, ranges, files that changed.

use std::fs;

use evidence::fetch::Outcome;

use crate::downloads::{TAG, content, folder, interrupted, load, names, part, request};
use crate::server::{Reply, Server};

#[test]
fn a_dropped_line_is_taken_up_where_it_broke() {
    let whole = content(200_000);
    let served = whole.clone();
    let server = Server::new(move |asked, n| {
        let reply = Reply::of(asked, &served, TAG);
        if n < 2 { reply.cut(70_001) } else { reply }
    });
    let folder = folder();
    let fetched = load(&request(&server, &folder)).unwrap();
    assert_eq!(fs::read(&fetched.file).unwrap(), whole);
    assert_eq!(fetched.outcome, Outcome::Resumed { from: 140_002 });
    let ranges: Vec<Option<String>> = server.asked().into_iter().map(|a| a.range).collect();
    assert_eq!(
        ranges,
        [
            None,
            Some("bytes=70001-".into()),
            Some("bytes=140002-".into())
        ]
    );
    assert!(
        server.asked()[1..]
            .iter()
            .all(|a| a.if_range.as_deref() == Some(TAG))
    );
}

#[test]
fn a_new_process_goes_on_with_what_an_old_one_left() {
    let whole = content(100_000);
    let served = whole.clone();
    let server = Server::new(move |asked, n| {
        let reply = Reply::of(asked, &served, TAG);
        if n == 0 { reply.cut(60_000) } else { reply }
    });
    let folder = folder();
    interrupted(&server, &folder, 60_000);
    let fetched = load(&request(&server, &folder)).unwrap();
    assert_eq!(fetched.outcome, Outcome::Resumed { from: 60_000 });
    assert_eq!(fs::read(&fetched.file).unwrap(), whole);
    assert_eq!(names(folder.path()), ["file.csv", "file.csv.source.toml"]);
}

#[test]
fn a_part_of_another_address_is_not_gone_on_with() {
    let whole = content(1000);
    let served = whole.clone();
    let server = Server::new(move |asked, n| {
        let reply = Reply::of(asked, &served, TAG);
        if n == 0 { reply.cut(600) } else { reply }
    });
    let folder = folder();
    interrupted(&server, &folder, 600);
    let mut other = request(&server, &folder);
    other.url = server.url("/newer/file.csv");
    assert_eq!(load(&other).unwrap().outcome, Outcome::Loaded);
    assert_eq!(server.asked()[1].range, None);
}

#[test]
fn a_server_without_ranges_starts_over() {
    let whole = content(90_000);
    let served = whole.clone();
    let server = Server::new(move |_, n| {
        let reply = Reply::new(200, &served).header("ETag", TAG);
        if n == 0 { reply.cut(50_000) } else { reply }
    });
    let folder = folder();
    let fetched = load(&request(&server, &folder)).unwrap();
    assert_eq!(fetched.outcome, Outcome::Loaded);
    assert_eq!(fs::read(&fetched.file).unwrap(), whole);
    assert!(server.asked()[1].range.is_some());
}

#[test]
fn a_server_that_vouches_for_nothing_is_asked_for_the_whole_again() {
    let whole = content(90_000);
    let served = whole.clone();
    let server = Server::new(move |_, n| {
        let reply = Reply::new(200, &served).header("ETag", "W/\"weak\"");
        if n == 0 { reply.cut(50_000) } else { reply }
    });
    let folder = folder();
    interrupted(&server, &folder, 50_000);
    let fetched = load(&request(&server, &folder)).unwrap();
    assert_eq!(fs::read(&fetched.file).unwrap(), whole);
    assert_eq!(server.asked()[1].range, None);
}

#[test]
fn a_file_that_changed_meanwhile_starts_over() {
    let (old, new) = (content(80_000), vec![7; 70_000]);
    let served = new.clone();
    // A good server answers If-Range with the whole new file; a bad one sends the rest of the new file.
    for bad in [false, true] {
        let (first, second) = (old.clone(), served.clone());
        let server = Server::new(move |asked, n| match (n, bad) {
            (0, _) => Reply::of(asked, &first, TAG).cut(50_000),
            (1, true) => Reply::new(206, &second[50_000..])
                .header("Content-Range", "bytes 50000-69999/70000")
                .header("ETag", "\"v2\""),
            _ => Reply::of(asked, &second, "\"v2\""),
        });
        let folder = folder();
        let fetched = load(&request(&server, &folder)).unwrap();
        assert_eq!(fs::read(&fetched.file).unwrap(), new, "bad: {bad}");
        assert_eq!(fetched.outcome, Outcome::Loaded);
        assert_eq!(fetched.record.etag.as_deref(), Some("\"v2\""));
    }
}

#[test]
fn a_part_that_is_already_whole_is_kept() {
    let whole = content(5000);
    let served = whole.clone();
    let server = Server::new(move |asked, n| {
        let reply = Reply::of(asked, &served, TAG);
        if n == 0 { reply.cut(4000) } else { reply }
    });
    let folder = folder();
    interrupted(&server, &folder, 4000);
    fs::write(part(&folder), &whole).unwrap();
    let fetched = load(&request(&server, &folder)).unwrap();
    assert_eq!(fetched.outcome, Outcome::Resumed { from: 5000 });
    assert_eq!(fs::read(&fetched.file).unwrap(), whole);
}

//! `forelay data`: the catalogue, and a download from a server on this machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use crate::program::{call, json};

#[test]
fn the_catalogue_is_told_to_people_and_programs() {
    let here = Path::new(".");
    let list = json(here, &["data", "list"], 0);
    let sources = list["sources"].as_array().unwrap();
    assert!(sources.len() >= 20);
    for lang in ["en", "zh"] {
        let output = call(here, &["data", "list", "--lang", lang]);
        let text = String::from_utf8(output.stdout).unwrap();
        for source in sources {
            assert!(
                text.contains(source["licence"].as_str().unwrap()),
                "{lang}: {source}"
            );
            assert!(
                text.contains(source["page"].as_str().unwrap()),
                "{lang}: {source}"
            );
        }
    }
    let output = call(here, &["data", "list", "bacci-hs92"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("baci-hs92"));
}

#[test]
fn a_file_is_loaded_only_as_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/file.csv?key=secret",
        listener.local_addr().unwrap()
    );
    // One answer and no more: whoever asks twice, or asks unasked, meets a closed door.
    let server = std::thread::spawn(move || {
        let (mut line, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        let n = line.read(&mut head).unwrap();
        line.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
            .unwrap();
        String::from_utf8_lossy(&head[..n]).into_owned()
    });
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let refused = ["data", "get", "geodep", "--url", &url, "--to", to];
    let output = call(folder.path(), &refused);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--accept-licence"));

    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let asked = [&refused[..], &["--accept-licence", "--sha256", sum]].concat();
    let got = json(folder.path(), &asked, 0);
    assert_eq!(
        (&got["outcome"], &got["record"]["bytes"]),
        (&"loaded".into(), &3.into())
    );
    assert_eq!(
        std::fs::read(folder.path().join("file.csv")).unwrap(),
        b"abc"
    );
    assert!(
        server
            .join()
            .unwrap()
            .starts_with("GET /file.csv?key=secret ")
    );
    let record = std::fs::read_to_string(folder.path().join("file.csv.source.toml")).unwrap();
    assert!(
        record.contains("CC BY-NC-SA") && !record.contains("secret"),
        "{record}"
    );
    // Nobody listens any more: the file that is here is enough.
    assert_eq!(json(folder.path(), &asked, 0)["outcome"], "here");
}

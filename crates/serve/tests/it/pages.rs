//! The built pages belong to their sources, are small, and ask nobody else.

use std::path::{Path, PathBuf};

use crate::server::Server;

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The hash that `npm run build` writes: of every source file's name and bytes, in the order of their names.
#[test]
fn the_built_pages_are_those_of_the_sources() {
    let web = web();
    let mut files = Vec::new();
    collect(&web.join("src"), &mut files);
    for name in [
        "index.html",
        "package.json",
        "package-lock.json",
        "vite.config.ts",
        "tsconfig.json",
    ] {
        files.push(web.join(name));
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&web)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            (name, path)
        })
        .collect();
    named.sort();
    // FNV-1a, 64 bits: tells versions of one folder apart; Node and Rust need no package for it.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (name, path) in &named {
        let bytes = std::fs::read(path).unwrap();
        for byte in name.bytes().chain([0]).chain(bytes).chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let told = std::fs::read_to_string(web.join("dist/SOURCES.fnv")).unwrap();
    assert_eq!(
        told.trim(),
        format!("{hash:016x}"),
        "web/dist is not built from web/src: cd web && npm ci && npm run build"
    );
}

#[test]
fn a_first_visit_is_small() {
    let server = Server::shared();
    let gzip = [("Accept-Encoding", "gzip")];
    let page = server.get("/");
    let text = String::from_utf8(page.body).unwrap();
    let mut bytes = server.ask("GET", "/", &gzip, b"").body.len();
    let mut assets = 0;
    for part in text.split('"').filter(|part| part.starts_with("/assets/")) {
        let reply = server.ask("GET", part, &gzip, b"");
        assert_eq!(reply.status, 200, "{part}");
        assert_eq!(reply.headers["content-encoding"], "gzip", "{part}");
        assert!(reply.headers["cache-control"].contains("immutable"));
        bytes += reply.body.len();
        assets += 1;
    }
    assert!(assets >= 2, "{text}");
    assert!(bytes < 400_000, "{bytes} bytes");
}

#[test]
fn the_pages_name_no_other_site() {
    let mut files = Vec::new();
    collect(&web().join("dist"), &mut files);
    for path in files {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for part in text.split("http").skip(1) {
            let address: String = part.chars().take(40).collect();
            let named = address.starts_with("://") || address.starts_with("s://");
            // Names of XML spaces, and pages that a message of the framework points to; nothing loads them.
            let harmless = ["://www.w3.org/", "s://svelte.dev/e/"]
                .iter()
                .any(|known| address.starts_with(known));
            assert!(!named || harmless, "{}: http{address}", path.display());
        }
    }
}

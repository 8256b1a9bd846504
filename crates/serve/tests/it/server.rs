//! A server of a small run, and a client that writes bytes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use serve::{Limits, Reach, Settings, bind};

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// A study with a run of the steps that the layout needs, made once; `latest` names it.
pub fn study() -> &'static Path {
    static STUDY: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, root) = STUDY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("study");
        study::init_example("china-2021", &root).unwrap();
        let path = root.join("study.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replacen("draws = 20000", "draws = 400", 1).replacen(
            "draws = 200\n",
            "draws = 20\n",
            1,
        );
        std::fs::write(path, text).unwrap();
        let opened = study::Study::open(&root).unwrap();
        let steps = ["layout.regions".to_owned(), "chain.exposure".to_owned()];
        let run = study::run(&opened, &steps, &|_| {}).unwrap();
        std::fs::write(root.join("runs/latest"), run.manifest.id).unwrap();
        (folder, root)
    });
    root
}

pub struct Server {
    pub address: SocketAddr,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            study: study().to_owned(),
            address: "127.0.0.1:0".parse().unwrap(),
            reach: Reach::Loopback,
            hosts: Vec::new(),
            token: None,
            limits: Limits::default(),
        };
        change(&mut settings);
        let (tell, told) = std::sync::mpsc::channel();
        let (end, ended) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            serve::runtime().unwrap().block_on(async {
                let bound = bind(settings).await.unwrap();
                tell.send(bound.address).unwrap();
                bound
                    .serve(async {
                        let _ = ended.await;
                    })
                    .await;
            });
        });
        let address = told.recv().unwrap();
        Self {
            address,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// One server for all tests that only read.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::with(|_| {}))
    }

    /// Sends bytes, reads to the end.
    pub fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(120)))
            .unwrap();
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        all
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method == "POST" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        parse(&self.raw(&[head.as_bytes(), body].concat()))
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], b"")
    }

    pub fn sign(&self) -> String {
        self.get("/api/session").json()["sign"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub fn post(&self, path: &str, body: &str) -> Reply {
        let sign = self.sign();
        let origin = format!("http://{}", self.address);
        let headers = [
            ("Content-Type", "application/json"),
            ("X-Forelay-Sign", sign.as_str()),
            ("Origin", origin.as_str()),
        ];
        self.ask("POST", path, &headers, body.as_bytes())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            let _ = end.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Takes an answer apart; an answer that is none has the status 0.
pub fn parse(bytes: &[u8]) -> Reply {
    let end = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .unwrap_or(0);
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = bytes.get(end + 4..).unwrap_or_default().to_vec();
    if headers
        .get("transfer-encoding")
        .is_some_and(|v| v == "chunked")
    {
        body = unchunked(&body);
    }
    Reply {
        status,
        headers,
        body,
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end])
            .ok()
            .and_then(|t| usize::from_str_radix(t.trim(), 16).ok())
            .unwrap_or(0);
        if size == 0 || end + 2 + size > bytes.len() {
            break;
        }
        body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = bytes.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

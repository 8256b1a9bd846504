//! A small HTTP/1.1 server on 127.0.0.1 that behaves as badly as it is told to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

impl Asked {
    /// The first byte asked for.
    pub fn from(&self) -> usize {
        let range = self.range.as_deref().unwrap_or("bytes=0-");
        range["bytes=".len()..range.len() - 1].parse().unwrap()
    }
}

/// What the server does about it.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The line drops after this many bytes of the body.
    cut: usize,
    /// Pieces of this many bytes, with this pause before each.
    drip: Option<(usize, Duration)>,
    /// Nothing more is said for this long before the line drops.
    hang: Duration,
    length: bool,
}

impl Reply {
    pub fn new(status: u16, body: &[u8]) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_vec(),
            cut: usize::MAX,
            drip: None,
            hang: Duration::ZERO,
            length: true,
        }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn cut(mut self, after: usize) -> Self {
        self.cut = after;
        self
    }

    pub fn hang(mut self, time: Duration) -> Self {
        self.hang = time;
        self
    }

    pub fn drip(mut self, bytes: usize, pause: Duration) -> Self {
        self.drip = Some((bytes, pause));
        self
    }

    /// Without Content-Length: the end of the line is the end of the body.
    pub fn without_length(mut self) -> Self {
        self.length = false;
        self
    }

    /// The rest of `whole` from the byte asked for, or all of it.
    pub fn of(asked: &Asked, whole: &[u8], etag: &str) -> Self {
        let same = asked.if_range.as_deref() == Some(etag);
        let reply = if asked.range.is_some() && same {
            let from = asked.from();
            if from >= whole.len() {
                return Self::new(416, b"")
                    .header("Content-Range", format!("bytes */{}", whole.len()));
            }
            let range = format!("bytes {from}-{}/{}", whole.len() - 1, whole.len());
            Self::new(206, &whole[from..]).header("Content-Range", range)
        } else {
            Self::new(200, whole)
        };
        reply
            .header("ETag", etag)
            .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    fn send(&self, line: &mut TcpStream) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Word\r\nConnection: close\r\n", self.status);
        if self.length {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        line.write_all(format!("{head}\r\n").as_bytes())?;
        let body = &self.body[..self.cut.min(self.body.len())];
        match self.drip {
            None => line.write_all(body)?,
            Some((bytes, pause)) => {
                for piece in body.chunks(bytes) {
                    std::thread::sleep(pause);
                    line.write_all(piece)?;
                    line.flush()?;
                }
            }
        }
        line.flush()?;
        std::thread::sleep(self.hang);
        Ok(())
    }
}

/// Serves until it is dropped.
pub struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// `reply` answers each request; it is told which one it is, from 0.
    pub fn new(reply: impl Fn(&Asked, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, end) = (Arc::clone(&asked), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            // Bounded: a client that never gives up meets a closed door.
            for line in listener.incoming().take(60) {
                let Ok(mut line) = line else { continue };
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let Some(request) = read(&line) else { continue };
                let count = {
                    let mut log = log.lock().unwrap();
                    log.push(request.clone());
                    log.len() - 1
                };
                let _ = reply(&request, count).send(&mut line);
            }
        });
        Self {
            port,
            asked,
            stop,
            thread: Some(thread),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(line: &TcpStream) -> Option<Asked> {
    line.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut lines = BufReader::new(line).lines();
    let first = lines.next()?.ok()?;
    let mut asked = Asked {
        path: first.split(' ').nth(1)?.to_owned(),
        range: None,
        if_range: None,
    };
    for header in lines.take(100) {
        let header = header.ok()?;
        if header.is_empty() {
            return Some(asked);
        }
        let (name, value) = header.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "range" => asked.range = Some(value.trim().to_owned()),
            "if-range" => asked.if_range = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    None
}

//! The download of one file.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use super::exchange::{Answer, Arriving, Client};
use super::part::{Part, beside};
use super::{FetchError, Record, Source, address};

/// One file to load.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub url: String,
    /// Where the file goes; made if it is not there.
    pub folder: PathBuf,
    /// The file's name; `None` takes the end of the address.
    pub name: Option<String>,
    /// What the file must be.
    pub checksum: Option<Checksum>,
    /// Bytes the file must have.
    pub size: Option<u64>,
    /// The source it belongs to; its licence is recorded, and must be accepted where it is not open.
    pub source: Option<Source>,
    pub licence: Acceptance,
    pub limits: Limits,
}

/// Whether a person accepted the licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    NotGiven,
    Given,
}

/// How patient and how large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the file. Default 32 GiB.
    pub max_bytes: u64,
    /// Tries without any progress before giving up. Default 5.
    pub attempts: u32,
    /// The pause before the second try; it doubles each time. Default 1 s.
    pub first_pause: Duration,
    /// The longest pause that a server may ask for. Default 2 minutes.
    pub max_pause: Duration,
    /// Default 30 s.
    pub connect: Duration,
    /// How long a server may say nothing. Default 60 s.
    pub silence: Duration,
    /// Addresses that one may lead to. Default 5.
    pub redirects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 32 << 30,
            attempts: 5,
            first_pause: Duration::from_secs(1),
            max_pause: Duration::from_secs(120),
            connect: Duration::from_secs(30),
            silence: Duration::from_secs(60),
            redirects: 5,
        }
    }
}

impl Request {
    /// `url` into `folder`, nothing else known.
    pub fn new(url: &str, folder: &Path) -> Self {
        Self {
            url: url.to_owned(),
            folder: folder.to_owned(),
            name: None,
            checksum: None,
            size: None,
            source: None,
            licence: Acceptance::NotGiven,
            limits: Limits::default(),
        }
    }

    /// The file on record for a source.
    ///
    /// # Errors
    /// [`FetchError::NoDownload`] where none is.
    pub fn of(source: &Source, folder: &Path) -> Result<Self, FetchError> {
        if source.download.is_empty() {
            return Err(FetchError::NoDownload {
                source_id: source.id.clone(),
                page: source.page.clone(),
            });
        }
        Ok(Self {
            source: Some(source.clone()),
            ..Self::new(&source.download, folder)
        })
    }
}

/// A checksum as publishers give it: 64 hex digits (SHA-256), `sha256:…` or `blake3:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    algorithm: &'static str,
    hex: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no checksum: give the 64 hex digits of a SHA-256, or blake3: and 64 hex digits")]
pub struct ChecksumError(String);

impl FromStr for Checksum {
    type Err = ChecksumError;

    fn from_str(text: &str) -> Result<Self, ChecksumError> {
        let (algorithm, hex) = match text.split_once(':') {
            None | Some(("sha256", _)) => ("SHA-256", text.trim_start_matches("sha256:")),
            Some(("blake3", hex)) => ("BLAKE3", hex),
            Some(_) => return Err(ChecksumError(text.to_owned())),
        };
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ChecksumError(text.to_owned()));
        }
        Ok(Self {
            algorithm,
            hex: hex.to_ascii_lowercase(),
        })
    }
}

/// What is happening, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Bytes that are here, of how many if the server said.
    Received { bytes: u64, total: Option<u64> },
    /// The next try comes after a pause.
    Waiting { pause: Duration, reason: String },
    /// The file is whole; its checksums are computed.
    Checking,
}

/// A file that is here, whole and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub file: PathBuf,
    /// `<file>.source.toml`.
    pub record_file: PathBuf,
    pub record: Record,
    pub outcome: Outcome,
}

/// How it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// From its first byte to its last.
    Loaded,
    /// This many bytes were here before the last answer, and were kept.
    Resumed { from: u64 },
    /// It was here already, and its checksum is the recorded one. Nobody was asked.
    Here,
}

/// A try that adds at least this much is no failure, even if the line drops again.
const HEADWAY: u64 = 1 << 20;

/// Loads one file. See the [module](super) for what is promised.
///
/// # Errors
/// [`FetchError`]; each says what to do.
pub fn get(request: &Request, progress: &mut dyn FnMut(Progress)) -> Result<Fetched, FetchError> {
    let url = address::checked(&request.url)?;
    accepted(request)?;
    let file = request.folder.join(name(request, &url)?);
    fs::create_dir_all(&request.folder).map_err(FetchError::io("make", &request.folder))?;
    if file.exists() {
        return here(request, &url, &file);
    }
    let mut part = Part::open(&file, &url)?;
    let client = Client::new(&request.limits, &url);
    let mut failures = 0;
    let (answered_by, from) = loop {
        let before = part.length();
        let error = match attempt(&client, &url, &file, &mut part, request, progress) {
            Ok(Attempt::Done { url, from }) => break (url, from),
            // The server has another version, or none of the rest: from the first byte, at once. This happens once:
            // without a part there is nothing to disagree about.
            Ok(Attempt::Again) => continue,
            Ok(Attempt::Broken(error)) | Err(error) => error,
        };
        if part.length() >= before + HEADWAY {
            failures = 0;
        }
        failures += 1;
        let Some(pause) = pause(&error, failures, request) else {
            if part.length() == 0 {
                part.discard();
            }
            return Err(error);
        };
        progress(Progress::Waiting {
            pause,
            reason: error.to_string(),
        });
        std::thread::sleep(pause);
    };
    let outcome = match from {
        0 => Outcome::Loaded,
        from => Outcome::Resumed { from },
    };
    progress(Progress::Checking);
    finish(request, (&url, &answered_by), &file, part, outcome)
}

enum Attempt {
    /// `from`: the first byte that this answer brought.
    Done {
        url: Option<Url>,
        from: u64,
    },
    Again,
    /// What arrived is kept; the line broke.
    Broken(FetchError),
}

fn attempt(
    client: &Client,
    url: &Url,
    file: &Path,
    part: &mut Part,
    request: &Request,
    progress: &mut dyn FnMut(Progress),
) -> Result<Attempt, FetchError> {
    let arriving = match client.ask(url, part.resume())? {
        Answer::NoMore { total } => {
            if total.is_some() && total == Some(part.length()) && part.resume().is_some() {
                let from = part.length();
                return Ok(Attempt::Done { url: None, from });
            }
            if part.length() == 0 {
                return Err(FetchError::Status {
                    address: address::shown(url),
                    status: 416,
                });
            }
            part.clear()?;
            return Ok(Attempt::Again);
        }
        Answer::Rest { from, body } => {
            if part.length() == 0 {
                return Err(FetchError::Protocol {
                    address: address::shown(url),
                    problem: "a part although the whole was asked for".to_owned(),
                });
            }
            if from != part.length() || !part.version.same_as(&body.version) {
                part.clear()?;
                return Ok(Attempt::Again);
            }
            body
        }
        Answer::Whole(body) => {
            let html = body.version.content_type.as_deref();
            let html = html.is_some_and(|kind| kind.starts_with("text/html"));
            let page = |ending| {
                file.extension()
                    .is_some_and(|e| e.eq_ignore_ascii_case(ending))
            };
            if html && !page("html") && !page("htm") {
                return Err(FetchError::WebPage {
                    address: address::shown(&body.url),
                });
            }
            too_large(url, body.version.total, request)?;
            part.begin(body.version.clone())?;
            body
        }
    };
    receive(client, url, part, arriving, request, progress)
}

fn receive(
    client: &Client,
    url: &Url,
    part: &mut Part,
    mut arriving: Arriving,
    request: &Request,
    progress: &mut dyn FnMut(Progress),
) -> Result<Attempt, FetchError> {
    let total = part.version.total;
    let from = part.length();
    let mut buffer = vec![0; 128 << 10];
    loop {
        progress(Progress::Received {
            bytes: part.length(),
            total,
        });
        let n = match arriving.reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            // Where the size is known, what is missing is said below.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof && total.is_some() => {
                break;
            }
            Err(error) => {
                let error = client.failure(&arriving.url, ureq::Error::from(error));
                return Ok(Attempt::Broken(error));
            }
        };
        if part.length() + n as u64 > request.limits.max_bytes {
            part.clear()?;
            return Err(FetchError::TooLarge {
                address: address::shown(url),
                bytes: None,
                limit: request.limits.max_bytes,
            });
        }
        part.append(&buffer[..n])?;
    }
    match total {
        Some(expected) if part.length() < expected => Ok(Attempt::Broken(FetchError::Truncated {
            address: address::shown(url),
            received: part.length(),
            expected,
        })),
        Some(expected) if part.length() > expected => {
            part.clear()?;
            Err(FetchError::Protocol {
                address: address::shown(url),
                problem: "more bytes than announced".to_owned(),
            })
        }
        _ => Ok(Attempt::Done {
            url: Some(arriving.url),
            from,
        }),
    }
}

fn too_large(url: &Url, total: Option<u64>, request: &Request) -> Result<(), FetchError> {
    let limit = request.limits.max_bytes;
    match total {
        Some(bytes) if bytes > limit => Err(FetchError::TooLarge {
            address: address::shown(url),
            bytes: Some(bytes),
            limit,
        }),
        _ => Ok(()),
    }
}

/// How long to wait before the next try; `None` where another would not help.
fn pause(error: &FetchError, failures: u32, request: &Request) -> Option<Duration> {
    let limits = &request.limits;
    if failures >= limits.attempts {
        return None;
    }
    let own = limits
        .first_pause
        .saturating_mul(1 << (failures - 1).min(10));
    match error {
        FetchError::Busied { seconds, .. } => {
            let asked = seconds.map_or(own, Duration::from_secs);
            (asked <= limits.max_pause).then_some(asked.max(own.min(limits.max_pause)))
        }
        FetchError::Stalled { .. }
        | FetchError::Truncated { .. }
        | FetchError::Unreachable { .. } => Some(own.min(limits.max_pause)),
        _ => None,
    }
}

fn accepted(request: &Request) -> Result<(), FetchError> {
    match &request.source {
        Some(source)
            if source.terms.must_be_accepted() && request.licence == Acceptance::NotGiven =>
        {
            Err(FetchError::LicenceNotAccepted {
                source_id: source.id.clone(),
                licence: source.licence.clone(),
                page: source.page.clone(),
            })
        }
        _ => Ok(()),
    }
}

fn name(request: &Request, url: &Url) -> Result<String, FetchError> {
    match &request.name {
        Some(name) if address::is_plain(name) => Ok(name.clone()),
        Some(name) => Err(FetchError::FileName { name: name.clone() }),
        None => address::file_name(url).ok_or_else(|| FetchError::NoFileName {
            address: address::shown(url),
        }),
    }
}

/// How the address is written down: whole where it is public knowledge, else without what follows `?`.
fn recorded(request: &Request, url: &Url) -> String {
    match &request.source {
        Some(source) if source.download == request.url => request.url.clone(),
        _ => address::shown(url),
    }
}

/// The file is here already: good if it is what was asked for, and its bytes are what was recorded.
fn here(request: &Request, url: &Url, file: &Path) -> Result<Fetched, FetchError> {
    let there = || FetchError::AlreadyThere {
        path: file.to_owned(),
    };
    let record = Record::read(file).ok_or_else(there)?;
    let hashes = Hashes::of(file)?;
    let wanted = request.checksum.as_ref();
    let good = record.address == recorded(request, url)
        && record.blake3 == hashes.blake3
        && wanted.is_none_or(|wanted| wanted.hex == hashes.by(wanted.algorithm));
    if !good {
        return Err(there());
    }
    Ok(Fetched {
        file: file.to_owned(),
        record_file: beside(file, ".source.toml"),
        record,
        outcome: Outcome::Here,
    })
}

fn finish(
    request: &Request,
    (url, answered_by): (&Url, &Option<Url>),
    file: &Path,
    part: Part,
    outcome: Outcome,
) -> Result<Fetched, FetchError> {
    let hashes = Hashes::of(part.sync()?)?;
    let shown = address::shown(url);
    let bytes = part.length();
    if let Some(wanted) = request.size.filter(|wanted| *wanted != bytes) {
        return Err(FetchError::Size {
            address: shown,
            wanted,
            found: bytes,
            aside: part.set_aside()?,
        });
    }
    if let Some(wanted) = &request.checksum {
        let found = hashes.by(wanted.algorithm);
        if found != wanted.hex {
            return Err(FetchError::Checksum {
                address: shown,
                algorithm: wanted.algorithm,
                wanted: wanted.hex.clone(),
                found: found.to_owned(),
                aside: part.set_aside()?,
            });
        }
    }
    let source = request.source.as_ref();
    let version = &part.version;
    let record = Record {
        source: source.map(|s| s.id.clone()).unwrap_or_default(),
        address: recorded(request, url),
        answered_by: answered_by
            .as_ref()
            .filter(|end| *end != url)
            .map(address::shown),
        date: version.date.clone(),
        last_modified: version.last_modified.clone(),
        etag: version.etag.clone(),
        content_type: version.content_type.clone(),
        bytes,
        sha256: hashes.sha256,
        blake3: hashes.blake3,
        compared_with: request
            .checksum
            .as_ref()
            .map_or("nothing", |wanted| wanted.algorithm)
            .to_owned(),
        licence: source.map_or("not stated", |s| &s.licence).to_owned(),
        redistributable: source.map_or("no", |s| &s.redistributable).to_owned(),
        accepted: match request.licence {
            Acceptance::Given => "yes",
            Acceptance::NotGiven => "not asked",
        }
        .to_owned(),
    };
    // The record first: a file never stands without one.
    record.write(file)?;
    part.keep()?;
    Ok(Fetched {
        file: file.to_owned(),
        record_file: beside(file, ".source.toml"),
        record,
        outcome,
    })
}

struct Hashes {
    sha256: String,
    blake3: String,
}

impl Hashes {
    fn of(path: &Path) -> Result<Self, FetchError> {
        let mut file = fs::File::open(path).map_err(FetchError::io("read", path))?;
        let mut sha256 = ring::digest::Context::new(&ring::digest::SHA256);
        let mut blake3 = blake3::Hasher::new();
        let mut buffer = vec![0; 128 << 10];
        loop {
            let n = file
                .read(&mut buffer)
                .map_err(FetchError::io("read", path))?;
            if n == 0 {
                break;
            }
            sha256.update(&buffer[..n]);
            blake3
                .write_all(&buffer[..n])
                .map_err(FetchError::io("read", path))?;
        }
        let mut hex = String::with_capacity(64);
        for byte in sha256.finish().as_ref() {
            hex.push_str(&format!("{byte:02x}"));
        }
        Ok(Self {
            sha256: hex,
            blake3: blake3.finalize().to_hex().to_string(),
        })
    }

    fn by(&self, algorithm: &str) -> &str {
        match algorithm {
            "BLAKE3" => &self.blake3,
            _ => &self.sha256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_read_as_publishers_write_them() {
        let hex = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        let plain: Checksum = hex.parse().expect("a checksum");
        assert_eq!(
            format!("sha256:{hex}").parse::<Checksum>(),
            Ok(plain.clone())
        );
        assert_ne!(format!("blake3:{hex}").parse::<Checksum>(), Ok(plain));
        for text in [
            "",
            "abc",
            "md5:abc",
            &hex[1..],
            "blake3:",
            &format!("sha512:{hex}"),
        ] {
            assert!(text.parse::<Checksum>().is_err(), "{text}");
        }
    }

    #[test]
    fn hashes_of_nothing_and_of_abc_are_the_published_ones() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("abc");
        fs::write(&path, "abc").expect("a file");
        let hashes = Hashes::of(&path).expect("hashes");
        assert_eq!(
            hashes.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hashes.blake3,
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
        );
    }
}

//! What can go wrong with a download, and what to do about it.

use std::path::{Path, PathBuf};

/// A download that did not come to its end. What had arrived stays in `<file>.part`, unless the text says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{address} cannot be asked: {problem}")]
    Address {
        address: String,
        problem: &'static str,
    },
    #[error("{address} does not end in the name of a file")]
    NoFileName { address: String },
    #[error("`{name}` is not a plain file name")]
    FileName { name: String },
    #[error("{source_id} is not under an open licence ({licence}); it was not accepted")]
    LicenceNotAccepted {
        source_id: String,
        licence: String,
        page: String,
    },
    #[error("no address of a file is on record for {source_id}")]
    NoDownload { source_id: String, page: String },
    #[error("{path} is there already")]
    AlreadyThere { path: PathBuf },
    #[error("{path} is being downloaded by another process")]
    Busy { path: PathBuf },
    #[error("cannot {doing} {path}: {source}")]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("there is no host {host}, or no connection to ask for it")]
    NoHost { host: String },
    #[error("{host} cannot be reached: {problem}")]
    Unreachable { host: String, problem: String },
    #[error("{host} did not prove who it is: {problem}")]
    Certificate { host: String, problem: String },
    #[error("{host} sent nothing for {seconds} seconds")]
    Stalled { host: String, seconds: u64 },
    #[error("{address} answered with status {status}")]
    Status { address: String, status: u16 },
    #[error("{address} asks to wait ({status}){}", wait_text(*.seconds))]
    Busied {
        address: String,
        status: u16,
        seconds: Option<u64>,
    },
    #[error("{address} led through more than {most} addresses, or in a circle")]
    TooManyRedirects { address: String, most: u32 },
    #[error("{from} leads to {to}, which is not taken")]
    Redirect { from: String, to: String },
    #[error("{address} is a web page, not a file")]
    WebPage { address: String },
    #[error("{address} is larger than the limit of {limit} bytes{}", size_text(*.bytes))]
    TooLarge {
        address: String,
        bytes: Option<u64>,
        limit: u64,
    },
    #[error("{address} broke off after {received} of {expected} bytes")]
    Truncated {
        address: String,
        received: u64,
        expected: u64,
    },
    #[error("the answer of {address} makes no sense: {problem}")]
    Protocol { address: String, problem: String },
    #[error("{address} gave {found} bytes, not {wanted}; they are set aside in {aside}")]
    Size {
        address: String,
        wanted: u64,
        found: u64,
        aside: PathBuf,
    },
    #[error(
        "the {algorithm} of {address} is {found}, not {wanted}; the file is set aside in {aside}"
    )]
    Checksum {
        address: String,
        algorithm: &'static str,
        wanted: String,
        found: String,
        aside: PathBuf,
    },
}

fn wait_text(seconds: Option<u64>) -> String {
    seconds.map_or_else(String::new, |s| format!("; {s} seconds"))
}

fn size_text(bytes: Option<u64>) -> String {
    bytes.map_or_else(String::new, |b| format!(" ({b} bytes)"))
}

impl FetchError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Address { .. } => {
                "give an address that begins with https://, without name and password".to_owned()
            }
            Self::NoFileName { .. } | Self::FileName { .. } => {
                "give the file a plain name with --name".to_owned()
            }
            Self::LicenceNotAccepted { page, .. } => {
                format!("read its terms at {page}; if you accept them, say --accept-licence")
            }
            Self::NoDownload { page, .. } => format!(
                "open {page}, find the file you need, and give its address with --url, or save it by hand"
            ),
            Self::AlreadyThere { .. } => {
                "move it away first, or choose another folder; nothing was written".to_owned()
            }
            Self::Busy { .. } => "wait for the other download, or choose another folder".to_owned(),
            Self::Io { .. } => "check the folder: does it exist, is it writable, is there room?".to_owned(),
            Self::NoHost { .. } | Self::Unreachable { .. } => {
                "check the connection (behind a proxy, set HTTPS_PROXY); the same command goes on where it stopped"
                    .to_owned()
            }
            Self::Certificate { .. } => {
                "check the clock of this machine and that its root certificates are installed (package ca-certificates)"
                    .to_owned()
            }
            Self::Stalled { .. } | Self::Truncated { .. } => {
                "the same command goes on where it stopped, if the server allows it".to_owned()
            }
            Self::Status { status: 401 | 403, .. } => {
                "the server wants an account or forbids this; open the address in a browser and save the file by hand"
                    .to_owned()
            }
            Self::Status { status: 404 | 410, .. } => {
                "the file has moved or has a newer edition; open the page of the source and give the new address with --url"
                    .to_owned()
            }
            Self::Status { .. } | Self::Protocol { .. } => {
                "try again later, or open the address in a browser".to_owned()
            }
            Self::Busied { .. } => "try again after that time".to_owned(),
            Self::TooManyRedirects { .. } | Self::Redirect { .. } => {
                "open the address in a browser and give the one it ends at".to_owned()
            }
            Self::WebPage { .. } => {
                "it may be a form to fill in or a moved file; open it in a browser and give the address of the file itself"
                    .to_owned()
            }
            Self::TooLarge { .. } => {
                "if that is the file you want, raise the limit with --max-gib; nothing was kept".to_owned()
            }
            Self::Size { .. } | Self::Checksum { .. } => {
                "the publisher may have a new edition: compare with the checksum on its page; the same command loads it afresh"
                    .to_owned()
            }
        }
    }
}

//! A file that can be opened more than once, and its decompressed stream under a guard.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ReadOptions;
use super::fault::Fault;

pub(crate) enum Input<'a> {
    File(&'a Path),
    Bytes(&'a [u8]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// What both a file and bytes in memory can do.
pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl Input<'_> {
    pub fn open(&self) -> Result<Box<dyn ReadSeek + '_>, Fault> {
        Ok(match self {
            Self::File(path) => Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)),
            Self::Bytes(bytes) => Box::new(Cursor::new(*bytes)),
        })
    }

    pub fn len(&self) -> Result<u64, Fault> {
        Ok(match self {
            Self::File(path) => std::fs::metadata(path)?.len(),
            Self::Bytes(bytes) => bytes.len() as u64,
        })
    }

    /// The first bytes as they stand, at most `most`.
    pub fn start(&self, most: u64) -> Result<Vec<u8>, Fault> {
        let mut start = Vec::new();
        self.open()?.take(most).read_to_end(&mut start)?;
        Ok(start)
    }

    /// The decompressed stream. Ends in a [`Fault`] when it grows past the limits.
    pub fn stream(
        &self,
        compression: Compression,
        options: &ReadOptions,
    ) -> Result<Box<dyn Read + '_>, Fault> {
        let taken = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            inner: self.open()?,
            taken: Arc::clone(&taken),
        };
        let inner: Box<dyn Read + '_> = match compression {
            Compression::None => Box::new(counted),
            // Several gzip members in a row are one file (RFC 1952, 2.2).
            Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(counted)),
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(counted)?;
                // A frame may ask for a window of gigabytes; 128 MiB is what `zstd -d` grants by default.
                decoder.window_log_max(27)?;
                Box::new(decoder)
            }
        };
        Ok(Box::new(Limited {
            inner,
            taken,
            given: 0,
            limit: options.max_bytes,
            max_ratio: options.max_ratio,
        }))
    }

    pub fn blake3(&self) -> Result<String, Fault> {
        let mut hasher = blake3::Hasher::new();
        match self {
            Self::Bytes(bytes) => hasher.update(bytes),
            Self::File(path) => hasher.update_reader(File::open(path)?)?,
        };
        Ok(hasher.finalize().to_hex().to_string())
    }
}

/// A member of an archive under the same limits as a file.
pub(crate) fn limited<'a>(
    inner: Box<dyn Read + 'a>,
    packed_bytes: u64,
    options: &ReadOptions,
) -> Box<dyn Read + 'a> {
    Box::new(Limited {
        inner,
        taken: Arc::new(AtomicU64::new(packed_bytes)),
        given: 0,
        limit: options.max_bytes,
        max_ratio: options.max_ratio,
    })
}

/// Counts the bytes taken from the file.
struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Below this size nothing is called a bomb.
const HARMLESS: u64 = 64 << 20;

/// Stops a stream that grows past the limits.
struct Limited<R> {
    inner: R,
    taken: Arc<AtomicU64>,
    given: u64,
    limit: u64,
    max_ratio: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.given += n as u64;
        if self.given > self.limit {
            return Err(Fault::TooLarge { limit: self.limit }.into_io());
        }
        let taken = self.taken.load(Ordering::Relaxed).max(1);
        let ratio = self.given / taken;
        if self.given > HARMLESS && ratio > self.max_ratio {
            return Err(Fault::Bomb { ratio }.into_io());
        }
        Ok(n)
    }
}

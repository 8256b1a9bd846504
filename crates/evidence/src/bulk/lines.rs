//! A stream of text as chunks of whole records, so that each chunk can be read on its own.

use std::io::Read;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use crate::read::fault::Fault;

/// Whole records of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub text: Vec<u8>,
    /// Line of the file where the chunk begins; the header is line 1.
    pub line: u64,
    /// A quote stands somewhere in it.
    pub quoted: bool,
}

/// Cuts a stream into chunks of about `size` bytes that end where a record ends.
pub(super) struct Chunks<R> {
    inner: R,
    delimiter: u8,
    size: usize,
    /// Most bytes of one record.
    most: usize,
    carry: Vec<u8>,
    line: u64,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    pub fn new(inner: R, delimiter: u8, size: usize, most: usize) -> Self {
        Self {
            inner,
            delimiter,
            size: size.max(1),
            most,
            carry: Vec::new(),
            line: 1,
            ended: false,
        }
    }

    /// The next chunk; `None` at the end of the stream.
    pub fn next(&mut self) -> Result<Option<Chunk>, Fault> {
        let mut text = std::mem::take(&mut self.carry);
        loop {
            self.fill(&mut text)?;
            let quoted = memchr(b'"', &text).is_some();
            let (end, open) = if quoted {
                last_end(&text, self.delimiter)
            } else {
                (memrchr(b'\n', &text).map(|at| at + 1), None)
            };
            let open_line = open.map(|at| self.line + newlines(&text[..at]));
            if self.ended {
                return match open_line {
                    Some(line) => Err(Fault::UnclosedQuote { line }),
                    None if text.is_empty() => Ok(None),
                    None => Ok(Some(self.chunk(text, quoted))),
                };
            }
            if let Some(end) = end {
                self.carry.reserve(self.size);
                self.carry.extend_from_slice(&text[end..]);
                text.truncate(end);
                return Ok(Some(self.chunk(text, quoted)));
            }
            if text.len() > self.most {
                return Err(match (open, open_line) {
                    // A quote that swallows the file is the likelier reason.
                    (Some(at), Some(line)) if memchr(b'\n', &text[at..]).is_some() => {
                        Fault::UnclosedQuote { line }
                    }
                    _ => Fault::RecordTooLong {
                        line: self.line,
                        limit: self.most as u64,
                    },
                });
            }
        }
    }

    /// Passes over the first record that is not blank: the header.
    pub fn skip_record(&mut self) -> Result<(), Fault> {
        let mut header_seen = false;
        while !header_seen {
            let Some(first) = self.next()? else {
                return Ok(());
            };
            let mut at = 0;
            while let Some(length) = record_length(&first.text[at..], self.delimiter) {
                header_seen = !first.text[at..at + length].trim_ascii().is_empty();
                at += length;
                if header_seen {
                    break;
                }
            }
            // What follows the header goes back before the rest of the stream.
            let mut text = first.text;
            self.line = first.line + newlines(&text[..at]);
            text.drain(..at);
            text.append(&mut self.carry);
            self.carry = text;
        }
        Ok(())
    }

    fn chunk(&mut self, text: Vec<u8>, quoted: bool) -> Chunk {
        let line = self.line;
        self.line += newlines(&text);
        Chunk { text, line, quoted }
    }

    fn fill(&mut self, text: &mut Vec<u8>) -> Result<(), Fault> {
        let before = text.len();
        let read = self
            .inner
            .by_ref()
            .take(self.size as u64)
            .read_to_end(text)?;
        self.ended = read < self.size;
        match memchr(0, &text[before..]) {
            Some(at) => Err(Fault::Nul {
                line: self.line + newlines(&text[..before + at]),
            }),
            None => Ok(()),
        }
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

/// Where the last whole record of `text` ends, and where a quote opens that does not close. `text` begins with a record.
fn last_end(text: &[u8], delimiter: u8) -> (Option<usize>, Option<usize>) {
    let mut end = None;
    let mut at = 0;
    while let Some(found) = memchr2(b'"', b'\n', &text[at..]) {
        let here = at + found;
        at = here + 1;
        if text[here] == b'\n' {
            end = Some(at);
        } else if here == 0 || text[here - 1] == delimiter || text[here - 1] == b'\n' {
            match closing(text, at) {
                Some(close) => at = close + 1,
                None => return (end, Some(here)),
            }
        }
    }
    (end, None)
}

/// Bytes of the first record with its line end.
fn record_length(text: &[u8], delimiter: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr2(b'"', b'\n', &text[at..]) {
        let here = at + found;
        at = here + 1;
        if text[here] == b'\n' {
            return Some(at);
        }
        if here == 0 || text[here - 1] == delimiter {
            at = closing(text, at)? + 1;
        }
    }
    (!text.is_empty()).then_some(text.len())
}

/// The quote that closes the field whose text begins at `at`; doubled quotes stand for one.
pub(super) fn closing(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr(b'"', &text[at..])?;
        if text.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

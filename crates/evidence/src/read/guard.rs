//! A watch over a stream of text: one kind of line end, no NUL, no endless record, no open quote.
//!
//! It follows the quotes by the rules of RFC 4180 as the `csv` crate applies them, so that it can say where a
//! quote was opened that never closes.

use std::io::{self, Read};

use super::fault::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of the field, or the first half of `""`.
    QuoteInQuoted,
}

/// `inner` must give UTF-8. Gives the same text with `\n` for every line end, and one at the end.
pub(crate) struct Guard<R> {
    inner: R,
    delimiter: u8,
    most: usize,
    state: State,
    line: u64,
    /// Where the open quote and the current record began.
    quote_line: u64,
    record_line: u64,
    record_bytes: usize,
    after_return: bool,
    last: u8,
    raw: Vec<u8>,
    ready: Vec<u8>,
    ready_at: usize,
    ended: bool,
}

impl<R: Read> Guard<R> {
    /// `most` bytes may stand in one record.
    pub fn new(inner: R, delimiter: u8, most: usize) -> Self {
        Self {
            inner,
            delimiter,
            most,
            state: State::FieldStart,
            line: 1,
            quote_line: 1,
            record_line: 1,
            record_bytes: 0,
            after_return: false,
            last: b'\n',
            raw: vec![0; 1 << 16],
            ready: Vec::with_capacity(1 << 16),
            ready_at: 0,
            ended: false,
        }
    }

    fn fill(&mut self) -> Result<(), io::Error> {
        self.ready.clear();
        self.ready_at = 0;
        let n = self.inner.read(&mut self.raw)?;
        if n == 0 {
            self.ended = true;
            if self.state == State::Quoted {
                return Err(Fault::UnclosedQuote {
                    line: self.quote_line,
                }
                .into_io());
            }
            if self.last != b'\n' {
                self.ready.push(b'\n');
            }
            return Ok(());
        }
        for at in 0..n {
            let byte = self.raw[at];
            let skip = self.after_return && byte == b'\n';
            self.after_return = byte == b'\r';
            if skip {
                continue;
            }
            self.take(if byte == b'\r' { b'\n' } else { byte })
                .map_err(Fault::into_io)?;
        }
        Ok(())
    }

    fn take(&mut self, byte: u8) -> Result<(), Fault> {
        if byte == 0 {
            return Err(Fault::Nul { line: self.line });
        }
        self.record_bytes += 1;
        if self.record_bytes > self.most {
            return Err(match self.state {
                // A quote that swallows the file is the likelier reason.
                State::Quoted if self.line > self.quote_line => Fault::UnclosedQuote {
                    line: self.quote_line,
                },
                _ => Fault::RecordTooLong {
                    line: self.record_line,
                    limit: self.most as u64,
                },
            });
        }
        let quoted = self.state == State::Quoted;
        self.state = match (self.state, byte) {
            (State::FieldStart, b'"') => {
                self.quote_line = self.line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::QuoteInQuoted, b'"') | (State::Quoted, _) => State::Quoted,
            (_, b'\n') => State::FieldStart,
            (_, byte) if byte == self.delimiter => State::FieldStart,
            _ => State::Plain,
        };
        if byte == b'\n' {
            self.line += 1;
            if !quoted {
                self.record_line = self.line;
                self.record_bytes = 0;
            }
        }
        self.last = byte;
        self.ready.push(byte);
        Ok(())
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.ready_at == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let n = out.len().min(self.ready.len() - self.ready_at);
        out[..n].copy_from_slice(&self.ready[self.ready_at..self.ready_at + n]);
        self.ready_at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pass(text: &str) -> Result<String, Fault> {
        let mut out = String::new();
        match Guard::new(text.as_bytes(), b',', 40).read_to_string(&mut out) {
            Ok(_) => Ok(out),
            Err(e) => Err(Fault::from_io(&e)),
        }
    }

    #[test]
    fn line_ends_become_one_kind() {
        assert_eq!(pass("a\r\nb\rc\n\nd").unwrap(), "a\nb\nc\n\nd\n");
        assert_eq!(pass("a\r\n\r\nb\n").unwrap(), "a\n\nb\n");
    }

    #[test]
    fn an_open_quote_is_found_where_it_opens() {
        assert_eq!(
            pass("a,b\n1,\"x\n2,y\n").unwrap_err(),
            Fault::UnclosedQuote { line: 2 }
        );
        assert_eq!(pass("a,\"b\"\"c\",d\n").unwrap(), "a,\"b\"\"c\",d\n");
        assert_eq!(pass("5\" wafer,x\n").unwrap(), "5\" wafer,x\n");
    }

    #[test]
    fn limits_hold() {
        assert_eq!(
            pass(&"x".repeat(41)).unwrap_err(),
            Fault::RecordTooLong { line: 1, limit: 40 }
        );
        let swallowing = format!("a\n\"b\n{}", "c\n".repeat(40));
        assert_eq!(
            pass(&swallowing).unwrap_err(),
            Fault::UnclosedQuote { line: 2 }
        );
        assert_eq!(pass("a\nb\0\n").unwrap_err(), Fault::Nul { line: 2 });
    }
}

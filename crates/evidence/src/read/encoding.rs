//! From bytes to UTF-8, strictly: a byte that is no text ends the read with its line.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::fault::Fault;

/// How an encoding was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The user said so, a byte order mark says so, or the text is valid UTF-8.
    Certain,
    /// By the statistics of its letters.
    Guessed,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Detected {
    pub encoding: &'static Encoding,
    pub evidence: Evidence,
    /// Plain UTF-8 without a mark needs no word to the user.
    pub plain: bool,
}

/// The encoding that the user names.
pub(crate) fn by_label(label: &str) -> Result<Detected, Fault> {
    let encoding = Encoding::for_label(label.as_bytes())
        .ok_or_else(|| Fault::UnknownEncoding(label.to_owned()))?;
    Ok(Detected {
        encoding: widest(encoding),
        evidence: Evidence::Certain,
        plain: encoding == UTF_8,
    })
}

/// By byte order mark; UTF-16 without a mark by its zeros; else UTF-8 until shown otherwise.
pub(crate) fn by_start(start: &[u8]) -> Detected {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return Detected {
            encoding,
            evidence: Evidence::Certain,
            plain: false,
        };
    }
    if let Some(encoding) = utf16_without_mark(start) {
        return Detected {
            encoding,
            evidence: Evidence::Guessed,
            plain: false,
        };
    }
    Detected {
        encoding: UTF_8,
        evidence: Evidence::Certain,
        plain: true,
    }
}

/// Latin letters in UTF-16 have every second byte zero.
fn utf16_without_mark(start: &[u8]) -> Option<&'static Encoding> {
    let pairs = start.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |offset: usize| {
        start
            .iter()
            .skip(offset)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    match (even * 4 > pairs, odd * 4 > pairs) {
        (false, true) if even == 0 => Some(UTF_16LE),
        (true, false) if odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// By the statistics of the letters, from a stream that is not UTF-8. Chinese text is what this program meets most.
pub(crate) fn by_letters(mut stream: Box<dyn Read + '_>) -> Result<Detected, Fault> {
    /// Non-ASCII bytes that are enough to tell.
    const ENOUGH: usize = 1 << 20;
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let mut buffer = vec![0; 1 << 16];
    let mut letters = 0;
    while letters < ENOUGH {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        let strange = buffer[..n].iter().filter(|b| !b.is_ascii()).count();
        // Chunks of ASCII alone tell nothing and cost time.
        if strange > 0 {
            detector.feed(&buffer[..n], false);
            letters += strange;
        }
    }
    detector.feed(&[], true);
    let encoding = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    Ok(Detected {
        encoding: widest(encoding),
        evidence: Evidence::Guessed,
        plain: false,
    })
}

/// GB18030 is the superset of GBK and GB2312 and the national standard.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// A stream of valid UTF-8 from a stream in any encoding.
pub(crate) struct Decoded<'a> {
    inner: Box<dyn Read + 'a>,
    encoding: &'static Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    ended: bool,
    finished: bool,
    line: u64,
}

impl<'a> Decoded<'a> {
    pub fn new(inner: Box<dyn Read + 'a>, encoding: &'static Encoding) -> Self {
        // A byte order mark of the encoding itself is removed.
        let decoder = encoding.new_decoder_with_bom_removal();
        Self {
            inner,
            encoding,
            decoder,
            raw: Vec::new(),
            raw_at: 0,
            ended: false,
            finished: false,
            line: 1,
        }
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder needs room for one character at least.
        if out.len() < 16 || self.finished {
            debug_assert!(
                self.finished || out.is_empty(),
                "the reader above uses large buffers"
            );
            return Ok(0);
        }
        loop {
            if self.raw_at == self.raw.len() && !self.ended {
                self.raw.resize(1 << 16, 0);
                let n = self.inner.read(&mut self.raw)?;
                self.raw.truncate(n);
                self.raw_at = 0;
                self.ended = n == 0;
            }
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.raw[self.raw_at..],
                out,
                self.ended,
            );
            self.raw_at += read;
            self.line += memchr::memchr_iter(b'\n', &out[..written]).count() as u64;
            match result {
                DecoderResult::Malformed(..) => {
                    let fault = Fault::Undecodable {
                        line: self.line,
                        encoding: self.encoding.name(),
                    };
                    return Err(fault.into_io());
                }
                DecoderResult::InputEmpty if self.ended => {
                    self.finished = true;
                    return Ok(written);
                }
                DecoderResult::InputEmpty | DecoderResult::OutputFull if written > 0 => {
                    return Ok(written);
                }
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn decode(bytes: &[u8], encoding: &'static Encoding) -> Result<String, io::Error> {
        let mut text = Vec::new();
        let mut buffer = [0; 32];
        let mut decoded = Decoded::new(Box::new(bytes), encoding);
        loop {
            match decoded.read(&mut buffer)? {
                0 => return Ok(String::from_utf8(text).unwrap()),
                n => text.extend_from_slice(&buffer[..n]),
            }
        }
    }

    #[test]
    fn utf16_is_known_by_its_zeros() {
        let le: Vec<u8> = "id,name\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let be: Vec<u8> = "id,name\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(by_start(&le).encoding, UTF_16LE);
        assert_eq!(by_start(&be).encoding, UTF_16BE);
        assert_eq!(by_start(b"id,name\n").encoding, UTF_8);
        assert_eq!(decode(&le, UTF_16LE).unwrap(), "id,name\n");
    }

    #[test]
    fn a_bad_byte_names_its_line() {
        let error = decode(b"a\nb\nc\xff\n", UTF_8).unwrap_err();
        assert_eq!(
            Fault::from_io(&error),
            Fault::Undecodable {
                line: 3,
                encoding: "UTF-8"
            }
        );
    }

    #[test]
    fn chinese_text_is_known_by_its_letters() {
        let (bytes, _, _) = GB18030.encode("编号,名称\na,稀土永磁材料与电机\nb,光刻机\n");
        let detected = by_letters(Box::new(std::io::Cursor::new(bytes.to_vec()))).unwrap();
        assert_eq!(detected.encoding, GB18030);
    }
}

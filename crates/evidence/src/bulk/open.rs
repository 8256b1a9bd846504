//! The texts that a path holds: a file, a compressed file, or the members of a zip archive.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use encoding_rs::UTF_8;
use model::Diagnostic;

use super::lines::Chunks;
use crate::finding::{Place, error};
use crate::read::encoding::{Decoded, by_label, by_start};
use crate::read::fault::Fault;
use crate::read::guard::Guard;
use crate::read::input::{Compression, Input, limited};
use crate::read::sniff::{compression, not_text};
use crate::read::{ReadOptions, delimited::sniff_delimiter, is_space};

/// A text inside a path.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub path: PathBuf,
    /// As it is shown: `archive.zip/member.csv`.
    pub shown: String,
    /// The file name alone, without `.gz` or `.zst`.
    pub name: String,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text(Compression),
    Zipped(usize),
    /// Parquet or a workbook.
    Other,
}

/// The first line of a text, and how it is separated.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub headings: Vec<String>,
    pub delimiter: u8,
}

/// The members of `path`, sorted by name.
pub(super) fn members(path: &Path, options: &ReadOptions) -> Result<Vec<Member>, Vec<Diagnostic>> {
    let name = file_name(path);
    let place = Place::file(&name);
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(vec![error("file.folder", place, &name, &[])]),
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(vec![error(
                "file.missing",
                place,
                &path.display().to_string(),
                &[],
            )]);
        }
        Err(e) => return Err(vec![Fault::from(e).finding(&name)]),
    }
    find(path, &name, options).map_err(|fault| vec![fault.finding(&name)])
}

fn find(path: &Path, name: &str, options: &ReadOptions) -> Result<Vec<Member>, Fault> {
    let start = Input::File(path).start(8 << 10)?;
    let one = |form| {
        let bare = name.trim_end_matches(".gz").trim_end_matches(".zst");
        vec![Member {
            path: path.to_owned(),
            shown: name.to_owned(),
            name: bare.to_owned(),
            form,
        }]
    };
    let compression = match start.as_slice() {
        [] => return Err(Fault::Empty),
        [b'P', b'A', b'R', b'1', ..] => return Ok(one(Form::Other)),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => return zipped(path, name),
        packed => compression(packed),
    };
    let mut text = Vec::new();
    Input::File(path)
        .stream(compression, options)?
        .take(8 << 10)
        .read_to_end(&mut text)?;
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    not_text(&text)?;
    Ok(one(Form::Text(compression)))
}

fn zipped(path: &Path, archive_name: &str) -> Result<Vec<Member>, Fault> {
    let mut archive = open_zip(path)?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|e| damaged(&e))?;
        let inner = file.name().map_err(|e| damaged(&e))?.into_owned();
        if inner == "xl/workbook.xml" || inner == "content.xml" {
            return Ok(vec![Member {
                path: path.to_owned(),
                shown: archive_name.to_owned(),
                name: archive_name.to_owned(),
                form: Form::Other,
            }]);
        }
        let name = inner.rsplit('/').next().unwrap_or_default().to_owned();
        // What other programs leave in archives.
        if file.is_dir() || name.starts_with('.') || inner.starts_with("__MACOSX/") {
            continue;
        }
        members.push(Member {
            path: path.to_owned(),
            shown: format!("{archive_name}/{name}"),
            name,
            form: Form::Zipped(index),
        });
    }
    members.sort_by(|a, b| a.shown.cmp(&b.shown));
    Ok(members)
}

fn open_zip(path: &Path) -> Result<zip::ZipArchive<BufReader<File>>, Fault> {
    let file = BufReader::with_capacity(1 << 16, File::open(path)?);
    // The list of members stands at the end; a copy that broke off has none.
    zip::ZipArchive::new(file).map_err(|_| Fault::Truncated)
}

fn damaged(error: &zip::result::ZipError) -> Fault {
    Fault::Damaged(error.to_string())
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

impl Member {
    /// Text, or a member of an archive; not Parquet and no workbook.
    pub fn is_text(&self) -> bool {
        self.form != Form::Other
    }

    pub fn is_zipped(&self) -> bool {
        matches!(self.form, Form::Zipped(_))
    }

    /// Hands the decoded text to `use_it`.
    fn with_text<T>(
        &self,
        options: &ReadOptions,
        use_it: impl FnOnce(Box<dyn Read + '_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match self.form {
            Form::Text(compression) => {
                let input = Input::File(&self.path);
                let stream = input.stream(compression, options)?;
                use_it(decoded(stream, options)?)
            }
            Form::Zipped(index) => {
                let mut archive = open_zip(&self.path)?;
                let file = archive.by_index(index).map_err(|e| damaged(&e))?;
                let packed = file.compressed_size();
                let stream = limited(Box::new(file), packed, options);
                use_it(decoded(stream, options)?)
            }
            Form::Other => Err(Fault::Binary(self.shown.clone())),
        }
    }

    pub fn head(&self, options: &ReadOptions) -> Result<Head, Fault> {
        self.with_text(options, |mut text| {
            let mut start = Vec::new();
            text.by_ref().take(64 << 10).read_to_end(&mut start)?;
            if self.is_zipped() {
                not_text(&start)?;
            }
            let delimiter = match options.delimiter.map(u8::try_from) {
                Some(Ok(delimiter)) => delimiter,
                _ => sniff_delimiter(&start),
            };
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .delimiter(delimiter)
                .from_reader(start.as_slice());
            let mut record = csv::ByteRecord::new();
            let found = reader.read_byte_record(&mut record).unwrap_or(false);
            let headings: Vec<String> = record
                .iter()
                .map(|h| String::from_utf8_lossy(h).trim_matches(is_space).to_owned())
                .collect();
            if !found || headings.iter().all(String::is_empty) {
                return Err(Fault::Empty);
            }
            Ok(Head {
                headings,
                delimiter,
            })
        })
    }

    /// Hands the chunks below the header to `use_them`.
    pub fn chunks<T>(
        &self,
        delimiter: u8,
        size: usize,
        options: &ReadOptions,
        use_them: impl FnOnce(&mut Chunks<Box<dyn Read + '_>>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.with_text(options, |text| {
            let text = one_line_end(text, delimiter, options)?;
            let mut chunks = Chunks::new(text, delimiter, size, options.max_record_bytes);
            chunks.skip_record()?;
            use_them(&mut chunks)
        })
    }

    /// The whole text; for lists of codes, which are small.
    pub fn read_all(&self, options: &ReadOptions) -> Result<Vec<u8>, Fault> {
        self.with_text(options, |text| {
            let mut all = Vec::new();
            text.take(64 << 20).read_to_end(&mut all)?;
            Ok(all)
        })
    }
}

/// UTF-8 without its mark. UTF-8 itself is passed on as it is; its codes are checked when they are collected.
fn decoded<'a>(
    mut stream: Box<dyn Read + 'a>,
    options: &ReadOptions,
) -> Result<Box<dyn Read + 'a>, Fault> {
    let mut start = Vec::new();
    stream.by_ref().take(4 << 10).read_to_end(&mut start)?;
    let detected = match &options.encoding {
        Some(label) => by_label(label)?,
        None => by_start(&start),
    };
    if detected.encoding == UTF_8 {
        if start.starts_with(b"\xef\xbb\xbf") {
            start.drain(..3);
        }
        return Ok(Box::new(Cursor::new(start).chain(stream)));
    }
    let whole = Box::new(Cursor::new(start).chain(stream));
    let text = Decoded::new(whole, detected.encoding);
    Ok(Box::new(BufReader::with_capacity(1 << 16, text)))
}

/// A text whose only line ends are returns (an old Macintosh) goes through the guard that mends them.
fn one_line_end<'a>(
    mut text: Box<dyn Read + 'a>,
    delimiter: u8,
    options: &ReadOptions,
) -> Result<Box<dyn Read + 'a>, Fault> {
    let mut start = Vec::new();
    text.by_ref().take(64 << 10).read_to_end(&mut start)?;
    let returns_only = start.contains(&b'\r') && !start.contains(&b'\n');
    let whole = Cursor::new(start).chain(text);
    Ok(if returns_only {
        Box::new(Guard::new(whole, delimiter, options.max_record_bytes))
    } else {
        Box::new(whole)
    })
}

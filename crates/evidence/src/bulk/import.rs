//! The import: files are recognised, read in chunks on all cores, checked, and written as one Parquet file.
//!
//! One thread reads (and unpacks) text and cuts it where records end; chunks are read on all threads; what they hold
//! is put together in the order of the files, so that the table does not depend on the number of threads. Memory is
//! bounded by chunks and row groups, not by rows.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use arrow::array::ArrayRef;
use model::{Diagnostic, Severity};
use rayon::prelude::*;

use super::findings::Tally;
use super::format::Format;
use super::gather::{Cutter, Dictionary, Layout, Slots, layout, merge_codes, schema, settle};
use super::groups::{Groups, hash_file};
use super::keys::Keys;
use super::lines::Chunk;
use super::prepare::{Prepared, prepare};
use super::report::{
    BulkError, Duplicates, Growing, ImportParams, ImportReport, InputFile, InputHash, LeftOut,
    Progress,
};
use super::scan::{Scanned, scan};
use super::table::{BulkTable, KEY};
use super::{judge, sum};
use crate::finding::{Place, error};
use crate::read::fault::Fault;
use crate::store::{StoreError, at};

/// Imports `inputs` (files, compressed files, zip archives; lists of codes among them are used) into the Parquet file
/// `out`, which is there only when all is well.
///
/// # Errors
/// All findings, when one of them is an error; failures to write.
pub fn import(
    inputs: &[PathBuf],
    out: &Path,
    params: &ImportParams,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportReport, BulkError> {
    let threads = params
        .threads
        .unwrap_or_else(|| {
            std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(16)
        })
        .max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| at(out, std::io::Error::other(e)))?;
    let prepared = prepare(inputs, params).map_err(BulkError::Refused)?;
    std::thread::scope(|scope| {
        let hashes = scope.spawn(|| hash_inputs(inputs));
        let outcome = pool.install(|| run(&prepared, out, params, threads, progress));
        let hashes = hashes.join().expect("invariant: hashing does not panic");
        let mut report = outcome?;
        report.inputs = hashes?;
        Ok(report)
    })
}

fn hash_inputs(inputs: &[PathBuf]) -> Result<Vec<InputHash>, StoreError> {
    let hash = |path: &PathBuf| {
        Ok(InputHash {
            path: path.clone(),
            blake3: hash_file(path)?,
        })
    };
    inputs.iter().map(hash).collect()
}

/// What the reading thread gives: a chunk of file number .0, or why that file could not be read.
type Delivery = (usize, Result<Chunk, Fault>);

fn run(
    prepared: &Prepared,
    out: &Path,
    params: &ImportParams,
    threads: usize,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportReport, BulkError> {
    let format = &prepared.format;
    let layout = layout(format.kind);
    let groups = Groups::create(out, &schema(format.kind))?;
    let mut work = Work::new(prepared, groups, out, params, &layout);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(threads);
        scope.spawn(move || deliver(prepared, params, &sender));
        while let Some(batch) = receive(&receiver, threads) {
            work.take(batch, threads)?;
            progress(work.progress());
        }
        Ok::<(), BulkError>(())
    })?;
    work.finish(out)
}

fn deliver(prepared: &Prepared, params: &ImportParams, sender: &SyncSender<Delivery>) {
    for (number, file) in prepared.files.iter().enumerate() {
        let outcome = file.member.chunks(
            file.plan.delimiter,
            params.chunk_bytes,
            &params.read,
            |chunks| {
                while let Some(chunk) = chunks.next()? {
                    if sender.send((number, Ok(chunk))).is_err() {
                        // Nobody listens any more: the import has ended.
                        return Ok(());
                    }
                }
                Ok(())
            },
        );
        if let Err(fault) = outcome {
            // If nobody listens, nobody needs to know.
            let _ = sender.send((number, Err(fault)));
        }
    }
}

/// Up to two chunks for each thread; `None` at the end.
fn receive(receiver: &Receiver<Delivery>, threads: usize) -> Option<Vec<Delivery>> {
    let mut batch = vec![receiver.recv().ok()?];
    while batch.len() < threads * 2 {
        match receiver.recv() {
            Ok(delivery) => batch.push(delivery),
            Err(_) => break,
        }
    }
    Some(batch)
}

struct Work<'a> {
    prepared: &'a Prepared,
    params: &'a ImportParams,
    layout: &'a Layout,
    slots: &'a [Slots],
    groups: Groups,
    dictionaries: Vec<Dictionary>,
    cutter: Cutter,
    keys: Keys,
    totals: std::collections::BTreeMap<i32, Growing>,
    tally: Tally,
    /// By file.
    rows: Vec<u64>,
    left_out: std::collections::BTreeMap<String, u64>,
    rejected: u64,
    blank: u64,
    bytes: u64,
    file: usize,
}

impl<'a> Work<'a> {
    fn new(
        prepared: &'a Prepared,
        groups: Groups,
        out: &Path,
        params: &'a ImportParams,
        layout: &'a Layout,
    ) -> Self {
        let dir = out.parent().filter(|dir| !dir.as_os_str().is_empty());
        Self {
            prepared,
            params,
            layout,
            slots: &prepared.slots,
            groups,
            dictionaries: prepared.dictionaries(params),
            cutter: Cutter::new(layout),
            keys: Keys::new(dir.unwrap_or(Path::new(".")).to_owned()),
            totals: std::collections::BTreeMap::new(),
            tally: Tally::new(params.most_findings),
            rows: vec![0; prepared.files.len()],
            left_out: std::collections::BTreeMap::new(),
            rejected: 0,
            blank: 0,
            bytes: 0,
            file: 0,
        }
    }

    fn progress(&self) -> Progress {
        Progress {
            file: self.file + 1,
            files: self.prepared.files.len(),
            bytes: self.bytes,
            rows: self.rows.iter().sum(),
        }
    }

    fn take(&mut self, batch: Vec<Delivery>, threads: usize) -> Result<(), BulkError> {
        let files = &self.prepared.files;
        let read = |(number, chunk): Delivery| {
            let bytes = chunk.as_ref().map_or(0, |c| c.text.len() as u64);
            let scanned = chunk.and_then(|chunk| scan(&chunk, &files[number].plan));
            (number, bytes, scanned)
        };
        let scanned: Vec<(usize, u64, Result<Scanned, Fault>)> =
            batch.into_par_iter().with_max_len(1).map(read).collect();
        let mut good = Vec::new();
        for (number, bytes, outcome) in scanned {
            self.file = number;
            self.bytes += bytes;
            match outcome {
                Ok(scanned) => {
                    self.note(number, &scanned);
                    let maps = merge_codes(&scanned, &self.slots[number], &mut self.dictionaries);
                    good.push((number, scanned, maps));
                }
                Err(fault) => self.tally.push(fault.finding(&files[number].member.shown)),
            }
        }
        self.check_sizes()?;
        let (slots, layout) = (self.slots, self.layout);
        let settled: Vec<_> = good
            .into_par_iter()
            .with_max_len(1)
            .map(|(number, scanned, maps)| settle(scanned, &maps, &slots[number], layout))
            .collect();
        for settled in settled {
            for (year, total) in &settled.totals {
                self.totals.entry(*year).or_default().merge(total);
            }
            self.keys
                .extend(&settled.keys)
                .map_err(|source| at(Path::new("."), source))?;
            self.cutter.append(&settled.rows, layout);
        }
        if self.cutter.full.len() >= threads {
            let full = std::mem::take(&mut self.cutter.full);
            self.write(full)?;
        }
        Ok(())
    }

    fn write(&mut self, groups: Vec<super::gather::Rows>) -> Result<(), StoreError> {
        let arrays: Vec<ArrayRef> = self.dictionaries.iter().map(Dictionary::array).collect();
        let groups = groups.into_iter().map(|rows| rows.into_arrays(&arrays));
        self.groups.append(groups.collect())
    }

    fn note(&mut self, number: usize, scanned: &Scanned) {
        let file = &self.prepared.files[number];
        self.rows[number] += scanned.rows as u64;
        self.rejected += scanned.rejected;
        self.blank += scanned.blank;
        for (wanted, rows) in file.plan.wanted.iter().zip(&scanned.left_out) {
            if *rows > 0 {
                *self.left_out.entry(wanted.heading.clone()).or_default() += rows;
            }
        }
        self.tally
            .problems(scanned, &file.plan, &file.member.shown, &self.params.years);
    }

    /// A column with more codes than a key has room for is not a column of codes.
    fn check_sizes(&self) -> Result<(), BulkError> {
        for ((role, bits), dictionary) in self.layout.codes.iter().zip(&self.dictionaries) {
            if dictionary.len() > 1 << bits {
                let place = Place {
                    file: &self.prepared.files[self.file].member.shown,
                    row: None,
                    column: Some(role.as_str()),
                };
                let args = [("limit", (1_usize << bits).into())];
                let finding = error("bulk.too_many_codes", place, role.as_str(), &args);
                return Err(BulkError::Refused(vec![finding]));
            }
        }
        Ok(())
    }

    fn finish(mut self, out: &Path) -> Result<ImportReport, BulkError> {
        let cutter = std::mem::replace(&mut self.cutter, Cutter::new(self.layout));
        let last = cutter.close();
        if !last.is_empty() {
            self.write(last)?;
        }
        let keys = std::mem::replace(&mut self.keys, Keys::new(PathBuf::new()));
        let (repeated, duplicates) = keys.repeated().map_err(|source| at(out, source))?;
        let rows: u64 = self.rows.iter().sum();
        let judged = judge::judge(&judge::Case {
            prepared: self.prepared,
            params: self.params,
            layout: self.layout,
            dictionaries: &self.dictionaries,
            totals: &self.totals,
            left_out: &self.left_out,
            rows,
            rejected: self.rejected,
            blank: self.blank,
            duplicates,
        });
        let mut diagnostics = self.prepared.findings.clone();
        diagnostics.extend(
            self.tally
                .finish(self.rejected <= self.params.most_rejected),
        );
        diagnostics.extend(judged.findings);
        diagnostics.sort_by(|a: &Diagnostic, b| {
            (&a.file, a.row, &a.column, &a.code).cmp(&(&b.file, b.row, &b.column, &b.code))
        });
        if diagnostics.iter().any(|d| d.severity == Severity::Error) {
            return Err(BulkError::Refused(diagnostics));
        }
        let format: &Format = &self.prepared.format;
        let summing = self.params.duplicates == Duplicates::Sum && duplicates > 0;
        let mut table = BulkTable {
            path: out.to_owned(),
            kind: format.kind,
            source: self.params.source.clone(),
            format: format.id.clone(),
            fingerprint: format.fingerprint(),
            revision: self.prepared.revision.clone(),
            release: self.prepared.release.clone(),
            rows: if summing { rows - duplicates } else { rows },
            years: self.totals.keys().copied().collect(),
            provisional_years: judged.provisional,
            unit: String::new(),
            content: String::new(),
        };
        let said = serde_json::to_string(&table).expect("invariant: plain data");
        let metadata = vec![(KEY.to_owned(), said)];
        table.content = if summing {
            let draft = self.groups.close()?;
            let texts: Vec<Vec<&str>> = self
                .dictionaries
                .iter()
                .map(|d| d.texts().collect())
                .collect();
            sum::sum_rows(draft.path(), out, format.kind, &texts, &repeated, metadata)?
        } else {
            self.groups.finish(metadata)?
        };
        let files = self.prepared.files.iter().zip(&self.rows);
        Ok(ImportReport {
            rows: table.rows,
            table,
            files: files
                .map(|(file, rows)| InputFile {
                    file: file.member.shown.clone(),
                    facts: file.facts.clone(),
                    rows: *rows,
                })
                .collect(),
            inputs: Vec::new(),
            licence: format.licence.clone(),
            revision: self.prepared.revision.clone(),
            release: self.prepared.release.clone(),
            rejected: self.rejected,
            blank: self.blank,
            left_out: self
                .left_out
                .into_iter()
                .map(|(column, rows)| LeftOut { column, rows })
                .collect(),
            duplicates,
            years: judged.years,
            distinct: distinct(&self.dictionaries, self.layout),
            unknown_countries: judged.unknown_countries,
            diagnostics,
        })
    }
}

fn distinct(dictionaries: &[Dictionary], layout: &Layout) -> Vec<(String, usize)> {
    let columns = layout.codes.iter().zip(dictionaries);
    columns
        .map(|((role, _), dictionary)| (role.as_str().to_owned(), dictionary.len()))
        .collect()
}

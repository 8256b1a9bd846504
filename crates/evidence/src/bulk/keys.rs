//! Rows that share a key, found in bounded memory: keys are sorted in runs, full runs go to a temporary file, and the
//! runs are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use rayon::prelude::*;

/// Keys held in memory: 128 MiB.
const RUN: usize = 16 << 20;

/// Collects keys.
pub(super) struct Keys {
    run: Vec<u64>,
    full: Vec<File>,
    most: usize,
    /// Where the temporary files go.
    dir: PathBuf,
}

impl Keys {
    pub fn new(dir: PathBuf) -> Self {
        Self::with_runs_of(RUN, dir)
    }

    fn with_runs_of(most: usize, dir: PathBuf) -> Self {
        Self {
            run: Vec::new(),
            full: Vec::new(),
            most,
            dir,
        }
    }

    pub fn extend(&mut self, mut keys: &[u64]) -> io::Result<()> {
        while !keys.is_empty() {
            let (now, later) = keys.split_at(keys.len().min(self.most - self.run.len()));
            self.run.extend_from_slice(now);
            keys = later;
            if self.run.len() == self.most {
                self.spill()?;
            }
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.run.par_sort_unstable();
        let mut out = BufWriter::with_capacity(1 << 20, tempfile::tempfile_in(&self.dir)?);
        for key in &self.run {
            out.write_all(&key.to_le_bytes())?;
        }
        self.full.push(out.into_inner()?);
        self.run.clear();
        Ok(())
    }

    /// The keys that more than one row has, sorted, and the number of rows beyond the first of each.
    pub fn repeated(mut self) -> io::Result<(Vec<u64>, u64)> {
        let mut repeated = Repeated::default();
        if self.full.is_empty() {
            // A sorted file gives sorted keys in each part; sorting them is then nearly free.
            self.run.par_sort_unstable();
            self.run.iter().for_each(|key| repeated.take(*key));
            return Ok((repeated.keys, repeated.rows));
        }
        if !self.run.is_empty() {
            self.spill()?;
        }
        self.run = Vec::new();
        let mut runs = Vec::new();
        for mut file in self.full {
            file.seek(SeekFrom::Start(0))?;
            runs.push(BufReader::with_capacity(1 << 18, file));
        }
        let mut heads = BinaryHeap::new();
        for (at, run) in runs.iter_mut().enumerate() {
            if let Some(key) = next(run)? {
                heads.push(Reverse((key, at)));
            }
        }
        while let Some(Reverse((key, at))) = heads.pop() {
            repeated.take(key);
            if let Some(key) = next(&mut runs[at])? {
                heads.push(Reverse((key, at)));
            }
        }
        Ok((repeated.keys, repeated.rows))
    }
}

#[derive(Default)]
struct Repeated {
    last: Option<u64>,
    keys: Vec<u64>,
    rows: u64,
}

impl Repeated {
    fn take(&mut self, key: u64) {
        if self.last == Some(key) {
            self.rows += 1;
            if self.keys.last() != Some(&key) {
                self.keys.push(key);
            }
        }
        self.last = Some(key);
    }
}

fn next(run: &mut impl Read) -> io::Result<Option<u64>> {
    let mut bytes = [0; 8];
    match run.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(u64::from_le_bytes(bytes))),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_counting_them(keys in proptest::collection::vec(0_u64..60, 0..200), run in 1_usize..40) {
            let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
            for key in &keys {
                *counts.entry(*key).or_default() += 1;
            }
            let expected: Vec<u64> = counts.iter().filter(|(_, n)| **n > 1).map(|(k, _)| *k).collect();
            let mut ours = Keys::with_runs_of(run, std::env::temp_dir());
            for part in keys.chunks(7) {
                ours.extend(part).expect("room");
            }
            let (repeated, rows) = ours.repeated().expect("room");
            prop_assert_eq!(repeated, expected);
            prop_assert_eq!(rows, keys.len() as u64 - counts.len() as u64);
        }
    }
}

//! The engines of the chain against peers, papers and brute force; a trial whose data are absent is reported as ignored.

#![allow(clippy::unwrap_used, clippy::float_cmp)]
#![allow(dead_code)]

mod cascade;
mod inventory;
mod io;
mod remedy;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let args = Arguments::from_args();
    let trials = [
        io::trials(),
        inventory::trials(),
        cascade::trials(),
        remedy::trials(),
    ];
    libtest_mimic::run(&args, trials.into_iter().flatten().collect()).exit();
}

/// A trial named `name` that fails when `body` panics.
pub(crate) fn trial(name: &str, body: fn()) -> Trial {
    Trial::test(name, move || {
        std::panic::catch_unwind(body).map_err(|cause| {
            let text = cause
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    })
}

/// A trial on a file of the shared research data; ignored, never passed, where it is absent.
pub(crate) fn trial_on_shared(name: &str, file: &str, body: fn()) -> Trial {
    trial(name, body).with_ignored_flag(!shared(file).is_file())
}

/// A file of the research data that lie beside the project and are not part of it.
pub(crate) fn shared(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(file)
}

/// A golden table in `tests/golden`, computed by a peer; its first lines name the peer and how to repeat it.
pub(crate) fn golden(file: &str) -> Vec<csv::StringRecord> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_path(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .records()
        .map(Result::unwrap)
        .collect()
}

/// `found` within `tolerance` of `wanted`, relative to the larger of |wanted| and 1e-300.
pub(crate) fn close(what: &str, found: f64, wanted: f64, tolerance: f64) {
    let scale = wanted.abs().max(1e-300);
    assert!(
        (found - wanted).abs() <= tolerance * scale,
        "{what}: found {found:e}, wanted {wanted:e}"
    );
}

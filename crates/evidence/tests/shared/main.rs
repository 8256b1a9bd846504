//! The crate on the research data that lie beside the project and are not part of it. Where they are absent, every
//! trial reports as ignored, never as passed.

#![allow(clippy::unwrap_used)]

mod concordances;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let args = Arguments::from_args();
    libtest_mimic::run(&args, concordances::trials()).exit();
}

/// A trial on these files of the research data; ignored where one is absent.
pub(crate) fn trial(name: &str, files: &[&str], body: fn()) -> Trial {
    let absent = files.iter().any(|file| !shared(file).is_file());
    Trial::test(name, move || {
        std::panic::catch_unwind(body).map_err(|cause| {
            let text = cause
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    })
    .with_ignored_flag(absent)
}

pub(crate) fn shared(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/trade")
        .join(file)
}

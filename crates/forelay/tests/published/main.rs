//! Whole runs of the program on the shared research data; a trial whose data are absent is reported as ignored.
#![allow(clippy::unwrap_used)]
#![allow(dead_code)]

#[path = "../it/io_runs.rs"]
mod io_runs;
#[path = "../it/program.rs"]
mod program;
mod selection;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

use io_runs::{calc, compare, done, golden, rows};

fn main() {
    let args = Arguments::from_args();
    let trials = vec![
        trial(
            "the_test_table_of_pymrio",
            "pymrio_test",
            the_test_table_of_pymrio,
        ),
        trial("wiod_of_2011", "wiod2013", wiod_of_2011),
        trial(
            "national_tables_that_were_published",
            "china_io",
            national_tables_that_were_published,
        ),
        trial(
            "the_antidepressants_study_of_smaa",
            "../decisions/smaa",
            selection::hansen_is_exact,
        ),
    ];
    libtest_mimic::run(&args, trials).exit();
}

/// A trial on a folder of the shared research data; ignored, never passed, where it is absent.
fn trial(name: &str, folder: &str, body: fn()) -> Trial {
    Trial::test(name, move || {
        std::panic::catch_unwind(body).map_err(|cause| {
            let text = cause
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    })
    .with_ignored_flag(!shared(folder).is_dir())
}

/// Research data that lie beside the project and are not part of it.
fn shared(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/chains")
        .join(name)
}

fn the_test_table_of_pymrio() {
    let folder = shared("pymrio_test/mrio_data");
    let dir = tempfile::tempdir().unwrap();
    done(&folder, &[], dir.path());
    compare(dir.path(), &golden("pymrio_test.csv"), 1e-10, 1e-9);
}

fn wiod_of_2011() {
    let folder = shared("wiod2013");
    let dir = tempfile::tempdir().unwrap();
    let report = done(&folder, &["--prefix", "wiot_2011"], dir.path());
    assert_eq!(report["layout"], "wiod2013");
    compare(dir.path(), &golden("wiod_2011.csv"), 1e-9, 1e-9);
    assert_eq!(rows(&dir.path().join("extraction.csv")).len(), 1435);
}

fn national_tables_that_were_published() {
    let files = [
        "china_io/china_2020_42.csv",
        "china_io/china_2020_153.csv",
        "oecd_io/OECD21ed_CHN_2018.csv",
    ];
    for (name, size) in files.into_iter().zip([42, 153, 45]) {
        let file = shared(name);
        let dir = tempfile::tempdir().unwrap();
        let output = calc(&file, &[], dir.path());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{name}: {errors}"
        );
        assert_eq!(
            rows(&dir.path().join("multipliers.csv")).len(),
            size,
            "{name}"
        );
        let content = dir.path().join("import_content.csv");
        assert_eq!(content.exists(), size == 42);
        if size == 42 {
            for row in rows(&content) {
                let number = |at: usize| row[at].parse::<f64>().unwrap();
                assert!(
                    number(1) >= 0.0 && number(2) >= number(1) && number(2) < 1.0,
                    "{row:?}"
                );
            }
        }
    }
}

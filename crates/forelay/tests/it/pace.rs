//! A long step says how far it is, and ends soon once nobody waits for it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use study::{Progress, Study, StudyError, run_until};

use crate::program::{edit, example, shrink};

#[test]
fn a_long_step_tells_how_far_it_is_and_ends_when_nobody_waits() {
    let folder = example();
    let path = folder.path().join("study");
    shrink(&path);
    edit(
        &path,
        "study.toml",
        &[("[whole]\ndraws = 20", "[whole]\ndraws = 300")],
    );
    let study = Study::open(&path).unwrap();
    let (told, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let tell = |progress: Progress| {
        if let Progress::Part { name, done, of } = progress {
            assert_eq!((name, of), ("layout.whole", 300));
            told.lock().unwrap().push(done);
            stop.fetch_or(done >= 3, Ordering::Relaxed);
        }
    };
    let only = ["layout.whole".to_owned()];
    let found = run_until(&study, &only, &tell, &stop);
    assert!(matches!(found, Err(StudyError::Stopped)));
    let told = told.into_inner().unwrap();
    assert!(told.contains(&3) && told.len() < 300, "{}", told.len());
    let runs = std::fs::read_dir(path.join("runs"));
    assert!(runs.is_ok_and(|mut all| all.next().is_none()) || !path.join("runs").exists());
    // Asked again, nothing is left of the half-done step: it is computed whole.
    let run = run_until(&study, &only, &|_| (), &AtomicBool::new(false)).unwrap();
    assert!(
        run.outputs["layout.whole"]
            .tables
            .iter()
            .any(|t| !t.rows.is_empty())
    );
}

//! A run killed at any moment leaves the previous run intact and continues (T27).

use std::path::Path;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::program::{edit, example, forelay, json, shrink};

const KILLS: u32 = 200;

#[test]
fn two_hundred_kills_lose_nothing() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let first = json(&study, &["run"], 0)["run"].as_str().unwrap().to_owned();
    let before = files(&study.join("runs").join(&first));

    // How long a run takes whose every step is new.
    edit(&study, "study.toml", &[("seed = 20210501", "seed = 1")]);
    let start = Instant::now();
    json(&study, &["run"], 0);
    let whole = start.elapsed();

    let mut random = ChaCha8Rng::seed_from_u64(27);
    let mut killed = 0;
    for round in 0..KILLS {
        // A new seed makes a part of the steps new; the cache makes the rest quick, so that kills fall
        // on reading, computing and writing alike.
        let seed = format!("seed = {}", round + 2);
        let old = format!("seed = {}", round + 1);
        edit(&study, "study.toml", &[(&old, &seed)]);
        let mut child = forelay()
            .args(["run", "--quiet", "--study"])
            .arg(&study)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let at = whole.as_micros() as u64 * u64::from(random.next_u32()) / u64::from(u32::MAX);
        std::thread::sleep(Duration::from_micros(at));
        let alive = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        killed += u32::from(alive);
        // `latest` names a whole run at every moment, and the first run is as it was.
        let latest = std::fs::read_to_string(study.join("runs/latest")).unwrap();
        assert!(study.join("runs").join(latest.trim()).join("manifest.json").is_file(), "round {round}");
        if round % 20 == 0 {
            json(&study, &["explain", "trend.consensus/quantum_information#consensus"], 0);
            assert_eq!(files(&study.join("runs").join(&first)), before, "round {round}");
        }
    }
    assert!(killed > KILLS / 2, "only {killed} of {KILLS} kills met a living run");

    // Whatever was left behind, the study goes on: the next run is whole and replays.
    json(&study, &["run"], 0);
    assert_eq!(json(&study, &["replay"], 0)["identical"], true);
    assert_eq!(files(&study.join("runs").join(&first)), before);
    json(&study, &["check"], 0);
}

/// Every file of a run with the hash of its bytes.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(here) = folders.pop() {
        for entry in std::fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let hash = blake3::hash(&std::fs::read(&path).unwrap()).to_hex().to_string();
                found.push((path.strip_prefix(folder).unwrap().display().to_string(), hash));
            }
        }
    }
    found.sort();
    found
}

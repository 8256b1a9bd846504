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
    let first = json(&study, &["run"], 0)["run"]
        .as_str()
        .unwrap()
        .to_owned();
    let before = files(&study.join("runs").join(&first));

    let mut random = ChaCha8Rng::seed_from_u64(27);
    // How long a run takes; corrected whenever one ends before its kill.
    let mut whole = Duration::from_secs(2);
    let (mut killed, mut round) = (0, 0);
    while killed < KILLS {
        assert!(round < 3 * KILLS, "only {killed} kills met a living run");
        // A new seed makes a part of the steps new, so that kills fall on reading, computing and writing.
        let old = if round == 0 {
            "seed = 20210501".to_owned()
        } else {
            format!("seed = {round}\n")
        };
        edit(
            &study,
            "study.toml",
            &[(
                &old,
                &format!("seed = {}{}", round + 1, if round == 0 { "" } else { "\n" }),
            )],
        );
        round += 1;
        let start = Instant::now();
        let mut child = forelay()
            .args(["run", "--quiet", "--study"])
            .arg(&study)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let at = whole.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
        let mut ended = false;
        while start.elapsed() < at && !ended {
            std::thread::sleep(Duration::from_millis(1).min(at.saturating_sub(start.elapsed())));
            ended = child.try_wait().unwrap().is_some();
        }
        if ended {
            whole = start.elapsed();
        } else {
            child.kill().unwrap();
            killed += 1;
        }
        child.wait().unwrap();
        // `latest` names a whole run at every moment, and the first run is as it was.
        let latest = std::fs::read_to_string(study.join("runs/latest")).unwrap();
        assert!(
            study
                .join("runs")
                .join(latest.trim())
                .join("manifest.json")
                .is_file(),
            "round {round}"
        );
        if round % 20 == 0 {
            json(
                &study,
                &["explain", "trend.consensus/quantum_information#consensus"],
                0,
            );
            assert_eq!(
                files(&study.join("runs").join(&first)),
                before,
                "round {round}"
            );
            // Runs seldom last longer than thought, but they may: let the estimate grow again.
            whole = whole.mul_f64(1.1);
        }
    }

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
                let hash = blake3::hash(&std::fs::read(&path).unwrap())
                    .to_hex()
                    .to_string();
                found.push((
                    path.strip_prefix(folder).unwrap().display().to_string(),
                    hash,
                ));
            }
        }
    }
    found.sort();
    found
}

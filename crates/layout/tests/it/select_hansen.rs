//! SMAA-2 against published output: the stored samples of the antidepressants study (Hansen et al. 2005;
//! integration test of the R package smaa) have to give the printed numbers exactly.

use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use layout::select::{Samples, smaa};
use libtest_mimic::Trial;
use model::Basis;

use crate::trial;

pub fn trials() -> Vec<Trial> {
    let absent = !folder().join("hansen-meas.txt.gz").exists();
    vec![
        trial("select::hansen_rank_acceptability_is_exact", acceptability)
            .with_ignored_flag(absent),
        trial(
            "select::hansen_central_weights_and_confidence_are_exact",
            central,
        )
        .with_ignored_flag(absent),
    ]
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/decisions/smaa")
}

fn text(name: &str) -> String {
    let bytes = std::fs::read(folder().join(name)).unwrap();
    let mut text = String::new();
    if name.to_ascii_lowercase().ends_with("gz") {
        GzDecoder::new(&bytes[..])
            .read_to_string(&mut text)
            .unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    text
}

/// The numbers of the `c(…)` that follows `opening` in R's `dput` text.
fn numbers(text: &str, opening: &str) -> Vec<f64> {
    let start = text.find(opening).unwrap() + opening.len();
    let end = start + text[start..].find(')').unwrap();
    text[start..end]
        .split(',')
        .map(|n| n.trim().parse().unwrap())
        .collect()
}

const DRAWS: usize = 10_000;
const N: usize = 5;
const M: usize = 6;

fn samples() -> Samples {
    // R arrays are column-major: the draw varies fastest.
    let meas = numbers(&text("hansen-meas.txt.gz"), "structure(c(");
    let weights = numbers(&text("hansen-weights-ord.txt.gz"), "structure(c(");
    assert_eq!((meas.len(), weights.len()), (DRAWS * N * M, DRAWS * M));
    let mut x = Vec::with_capacity(meas.len());
    let mut w = Vec::with_capacity(weights.len());
    for d in 0..DRAWS {
        for i in 0..N {
            x.extend((0..M).map(|j| meas[d + DRAWS * (i + N * j)]));
        }
        w.extend((0..M).map(|j| weights[d + DRAWS * j]));
    }
    Samples::new(N, M, x, w, Basis::Published).unwrap()
}

fn acceptability() {
    let expected = numbers(&text("hansen-ra-ord.txt"), "structure(c(");
    let s = smaa(&samples());
    for i in 0..N {
        for r in 0..N {
            let b = s.rank_acceptability[i][r];
            assert!(
                (b.value - expected[i + N * r]).abs() < 1e-12,
                "alternative {i}, rank {}: {} against {}",
                r + 1,
                b.value,
                expected[i + N * r]
            );
            assert!(b.low < b.value && b.value < b.high);
        }
    }
    let first: Vec<f64> = (0..N).map(|i| s.rank_acceptability[i][0].value).collect();
    assert_eq!(first, [0.0244, 0.145, 0.6002, 0.0768, 0.1536]);
}

fn central() {
    let expected = text("hansen-cf-ord.txt");
    let confidence = numbers(&expected, "list(cf = structure(c(");
    let weights = numbers(&expected, "cw = structure(c(");
    let s = smaa(&samples());
    for i in 0..N {
        assert_eq!(s.confidence[i].unwrap().value, confidence[i]);
        let c = s.central_weights[i].as_ref().unwrap();
        for j in 0..M {
            // 15 printed digits.
            assert!(
                (c.weights[j].value - weights[i + N * j]).abs() < 1e-13,
                "alternative {i}, criterion {j}: {} against {}",
                c.weights[j].value,
                weights[i + N * j]
            );
        }
    }
    assert_eq!(s.central_weights[0].as_ref().unwrap().support, 244);
}

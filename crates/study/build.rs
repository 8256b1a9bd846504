//! Gives the program a name for its own code: a hash over the sources that results depend on.
//!
//! Results are cached and replayed by it, so a change of any method, schema or message makes a new
//! version even where nobody raised the version number.

use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 7] = [
    "model",
    "evidence",
    "trend",
    "foundation",
    "chain",
    "layout",
    "study",
];

fn main() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![crates.join("../Cargo.lock")];
    for name in CRATES {
        for part in ["src", "schema", "messages"] {
            let folder = crates.join(name).join(part);
            if folder.is_dir() {
                println!("cargo:rerun-if-changed={}", folder.display());
                collect(&folder, &mut files);
            }
        }
    }
    println!("cargo:rerun-if-changed={}", files[0].display());
    files.sort();
    // FNV-1a, 64 bits: enough to tell versions of one code base apart, and no dependency.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for file in &files {
        let name = file.strip_prefix(&crates).unwrap_or(file);
        let bytes = fs::read(file).unwrap_or_default();
        for byte in name
            .to_string_lossy()
            .bytes()
            .chain([0])
            .chain(bytes)
            .chain([0])
        {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    println!("cargo:rustc-env=FORELAY_CODE={hash:016x}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

//! Documents of a whole run, opened by programs that others wrote: python-docx, python-pptx, openpyxl, pypdf, LibreOffice,
//! rocrate and its validator. A reader that is not on the machine is reported as ignored, never as passed.
//!
//! `FORELAY_PYTHON` names the Python that has them (default: `python3`).
#![allow(clippy::unwrap_used)]
#![allow(dead_code)]

#[path = "../it/program.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};

use program::{example, json, shrink};

fn main() {
    let args = Arguments::from_args();
    let trials = [
        ("docx", "import docx"),
        ("pptx", "import pptx, openpyxl"),
        ("xlsx", "import openpyxl"),
        (
            "libreoffice",
            // Writer and Calc without Impress open no slides.
            "import openpyxl, os, pypdf, shutil; assert os.path.exists(os.path.join(os.path.dirname(os.path.realpath(shutil.which('soffice'))), 'libsdlo.so'))",
        ),
        ("pdf", CHINESE),
        ("rocrate", "import rocrate.rocrate"),
        ("validator", "import rocrate, rocrate_validator"),
    ];
    let trials = trials
        .into_iter()
        .map(|(reader, needed)| {
            Trial::test(format!("read_by_{reader}"), move || read_by(reader))
                .with_ignored_flag(!has(needed))
        })
        .collect();
    libtest_mimic::run(&args, trials).exit();
}

/// Chinese pages need a font of the machine, and a reader.
const CHINESE: &str = "import pypdf, subprocess; assert subprocess.run(['fc-list', ':lang=zh'], capture_output=True).stdout";

fn has(needed: &str) -> bool {
    let there = python().args(["-c", needed]).output();
    there.is_ok_and(|output| output.status.success())
}

fn python() -> Command {
    Command::new(std::env::var("FORELAY_PYTHON").unwrap_or_else(|_| "python3".to_owned()))
}

fn read_by(reader: &str) -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/check.py");
    let output = python().arg(script).arg(reader).arg(documents()).output();
    let output = output.map_err(|e| Failed::from(e.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failed::from(String::from_utf8_lossy(&output.stderr)))
}

/// All documents of a small run of the embedded study, marked, in both languages; made once.
fn documents() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, folder) = MADE.get_or_init(|| {
        let held = example();
        let study = held.path().join("study");
        shrink(&study);
        mark(&study);
        json(&study, &["run"], 0);
        let folder = held.path().join("documents");
        std::fs::create_dir(&folder).unwrap();
        for lang in ["en", "zh"] {
            for (kind, format) in [
                ("full", "docx"),
                ("full", "pptx"),
                ("full", "xlsx"),
                ("memo", "docx"),
                ("full", "pdf"),
                ("memo", "pdf"),
            ] {
                if format == "pdf" && !has(CHINESE) {
                    continue;
                }
                let stem = if kind == "full" { "report" } else { kind };
                let out = folder.join(format!("{stem}-{lang}.{format}"));
                let out = out.to_str().unwrap();
                json(
                    &study,
                    &[
                        "report", "--lang", lang, "--kind", kind, "--format", format, "--out", out,
                    ],
                    0,
                );
            }
            let out = folder.join(format!("official-{lang}.docx"));
            let order = [
                "report", "--lang", lang, "--kind", "memo", "--format", "docx",
            ];
            let page = ["--template", "gb9704", "--out", out.to_str().unwrap()];
            json(&study, &[&order[..], &page].concat(), 0);
        }
        let package = folder.join("package.zip");
        json(&study, &["package", "--out", package.to_str().unwrap()], 0);
        (held, folder)
    });
    folder
}

/// Gives the study a marking in both languages.
fn mark(study: &Path) {
    let path = study.join("study.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let marking = "\n[report]\nclassification_en = \"Internal\"\nclassification_zh = \"内部资料\"\ndata_grade = \"general\"\n";
    std::fs::write(path, format!("{text}{marking}")).unwrap();
}

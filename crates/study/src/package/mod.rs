//! A run to hand over: report, results, settings, lock, and of the evidence what the licences allow, as an RO-Crate.
//!
//! Every row of evidence passes the licence gate alone; what stays in is listed by table and key, never by content: a hash stands
//! for a text in a key.
//! The same run gives the same bytes.

mod crate_json;

use std::collections::BTreeMap;
use std::path::Path;

use evidence::store::{sha256_hex, write_csv};
use evidence::{Evidence, Table, export_gate};
use model::{Lang, Message, Names, ResultTable};
use publish::archive::pack;

use crate::engine::files::write_whole;
use crate::engine::flat::flatten;
use crate::engine::run::Run;
use crate::error::StudyError;
use crate::folder::Study;
use crate::release::{released, released_key};
use crate::report::{Format, ReportKind, Template, evidence_of, part, write};
use crate::tables;
use crate_json::{Entry, Origin as MadeBy};

/// What was packed.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    pub files: usize,
    /// Rows of evidence inside.
    pub rows: usize,
    /// Rows that their licences keep in.
    pub withheld: usize,
}

/// Packs `run` into a zip archive at `out`.
pub fn package(study: &Study, run: &Run, lang: Lang, out: &Path) -> Result<Package, StudyError> {
    let evidence = evidence_of(study, run)?;
    let mut parcel = Parcel {
        folder: tempfile::tempdir().map_err(StudyError::io("create", out))?,
        files: Vec::new(),
    };
    parcel.reports(study, run, &evidence, lang)?;
    parcel.settings(run)?;
    let refused = parcel.evidence(run, &evidence)?;
    parcel.results(run, &evidence)?;
    let rows: usize = (evidence.tables.values()).map(|t| t.rows.len()).sum();
    let mut sums = String::new();
    for (entry, bytes) in &parcel.files {
        sums.push_str(&format!(
            "{}  {}
",
            sha256_hex(bytes),
            entry.path
        ));
    }
    parcel.add(
        "sha256sums.txt",
        "text/plain",
        "SHA-256 of every other file",
        MadeBy::Packing,
        sums.into_bytes(),
    );
    let title = match lang {
        Lang::En => &run.manifest.config.study.title_en,
        Lang::Zh => &run.manifest.config.study.title_zh,
    };
    let about = crate_json::About {
        name: Message::new("package.name")
            .with("title", title.as_str())
            .with("run", run.manifest.mark(lang))
            .render(lang, &Names::default()),
        description: Message::new("package.about").render(lang, &Names::default()),
        date: latest(&evidence, run),
    };
    let entries: Vec<(&Entry, usize, String)> = (parcel.files.iter())
        .map(|(entry, bytes)| (entry, bytes.len(), sha256_hex(bytes)))
        .collect();
    let metadata = crate_json::metadata(&about, &run.manifest, &evidence, &entries);
    let metadata = serde_json::to_vec_pretty(&metadata)
        .map_err(|error| StudyError::Store(error.to_string()))?;
    let mut parts = vec![("ro-crate-metadata.json".to_owned(), metadata)];
    parts.extend((parcel.files.into_iter()).map(|(entry, bytes)| (entry.path, bytes)));
    let files = parts.len();
    let bytes = pack(&parts).map_err(StudyError::io("write", out))?;
    write_whole(out, &bytes).map_err(StudyError::io("write", out))?;
    Ok(Package {
        files,
        rows: rows - refused,
        withheld: refused,
    })
}

/// The last day on which a row of the evidence was looked at; the start of the plan where no row says.
fn latest(evidence: &Evidence, run: &Run) -> String {
    let dated = (evidence.tables.values()).filter(|t| t.schema.position("accessed").is_some());
    let days = dated.flat_map(|table| &table.rows);
    let days = days.map(|row| row.value("accessed").to_text());
    // A day in full, so that the order of texts is that of time.
    let day = |text: &String| {
        text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| {
                if i == 4 || i == 7 {
                    b == b'-'
                } else {
                    b.is_ascii_digit()
                }
            })
    };
    days.filter(day)
        .max()
        .unwrap_or_else(|| format!("{}-01-01", run.manifest.config.study.start_year))
}

struct Parcel {
    folder: tempfile::TempDir,
    files: Vec<(Entry, Vec<u8>)>,
}

impl Parcel {
    fn add(&mut self, path: &str, kind: &'static str, about: &str, made: MadeBy, bytes: Vec<u8>) {
        let entry = Entry {
            path: path.to_owned(),
            kind,
            about: about.to_owned(),
            made,
        };
        self.files.push((entry, bytes));
    }

    fn reports(
        &mut self,
        study: &Study,
        run: &Run,
        evidence: &Evidence,
        lang: Lang,
    ) -> Result<(), StudyError> {
        let word = if lang == Lang::Zh { "zh" } else { "en" };
        let template = if lang == Lang::Zh {
            Template::Gb9704
        } else {
            Template::International
        };
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        for (kind, format, media, ending) in [
            (ReportKind::Full, Format::Html, "text/html", "html"),
            (ReportKind::Full, Format::Xlsx, xlsx, "xlsx"),
            (ReportKind::Memo, Format::Docx(template), docx, "docx"),
            (ReportKind::Methods, Format::Html, "text/html", "html"),
        ] {
            let document = part(study, run, evidence, lang, &kind, format)?;
            let path = format!("report/{}-{word}.{ending}", kind.stem());
            let (bytes, _) = write(study, &document, format, Path::new(&path))?;
            let about = format!("{} — {}", document.title, document.subtitle);
            self.add(&path, media, &about, MadeBy::Packing, bytes);
        }
        Ok(())
    }

    /// The record of the run, its settings as the file that a study has, and the lock.
    fn settings(&mut self, run: &Run) -> Result<(), StudyError> {
        let store = |error: &dyn std::fmt::Display| StudyError::Store(error.to_string());
        let manifest = serde_json::to_vec_pretty(&run.manifest).map_err(|e| store(&e))?;
        let config = toml::to_string(&run.manifest.config).map_err(|e| store(&e))?;
        let lock = crate::lock::text(&run.manifest)?;
        let toml = "application/toml";
        self.add(
            "settings/study.toml",
            toml,
            "settings of the study",
            MadeBy::Given,
            config.into_bytes(),
        );
        for scenario in &run.manifest.scenarios {
            let text = toml::to_string(scenario).map_err(|e| store(&e))?;
            let path = format!("settings/scenarios/{}.toml", scenario.id);
            self.add(
                &path,
                toml,
                "a scenario of the study",
                MadeBy::Given,
                text.into_bytes(),
            );
        }
        self.add(
            "manifest.json",
            "application/json",
            "record of the run",
            MadeBy::Packing,
            manifest,
        );
        self.add(
            "forelay.lock",
            toml,
            "inputs and steps by their hashes",
            MadeBy::Packing,
            lock.into_bytes(),
        );
        Ok(())
    }

    /// Rows that may leave, table by table, and the list of those that may not; how many these are.
    fn evidence(&mut self, run: &Run, evidence: &Evidence) -> Result<usize, StudyError> {
        let mut withheld = String::from("table,key,source,licence\r\n");
        let mut count = 0;
        for input in &run.manifest.inputs {
            let Some(table) = evidence.table(&input.table) else {
                continue;
            };
            let mut free = Vec::new();
            for row in &table.rows {
                match export_gate(evidence, std::iter::once(row.reference())) {
                    Ok(_) => free.push(row.clone()),
                    Err(refused) => {
                        count += 1;
                        for why in refused.rows {
                            let fields = [
                                why.row.table.as_str(),
                                &released_key(evidence, &why.row),
                                why.source.as_deref().unwrap_or_default(),
                                why.licence.as_deref().unwrap_or_default(),
                            ];
                            let quoted = fields.map(|f| {
                                format!(
                                    "\"{}\"",
                                    evidence::store::without_formula(f.to_owned())
                                        .replace('"', "\"\"")
                                )
                            });
                            withheld.push_str(&quoted.join(","));
                            withheld.push_str("\r\n");
                        }
                    }
                }
            }
            let path = self.folder.path().join("table.csv");
            let allowed = Table {
                rows: free,
                ..table.clone()
            };
            write_csv(&allowed, &path).map_err(|e| StudyError::Store(e.to_string()))?;
            let bytes = std::fs::read(&path).map_err(StudyError::io("read", &path))?;
            let about = format!("evidence: {}", input.table);
            self.add(
                &format!("evidence/{}.csv", input.table),
                "text/csv",
                &about,
                MadeBy::Given,
                bytes,
            );
        }
        let about = "rows of evidence that their licences keep in: table, key (a hash for each text in it), source, licence";
        self.add(
            "evidence/withheld.csv",
            "text/csv",
            about,
            MadeBy::Packing,
            withheld.into_bytes(),
        );
        Ok(count)
    }

    fn results(&mut self, run: &Run, evidence: &Evidence) -> Result<(), StudyError> {
        let names = crate::folder::names(evidence, &run.manifest.scenarios);
        let mut outputs: BTreeMap<&str, (&str, &ResultTable)> = BTreeMap::new();
        for (step, output) in &run.outputs {
            for table in &output.tables {
                outputs.insert(&table.name, (step, table));
            }
        }
        for (name, (step, table)) in outputs {
            let allowed = released(evidence, table);
            let path = self.folder.path().join("table.csv");
            tables::write_one(&path, &flatten(&allowed, &names), false)?;
            let bytes = std::fs::read(&path).map_err(StudyError::io("read", &path))?;
            let about = format!("result of {step}: {}", table.formula);
            let made = MadeBy::Step(step.to_owned());
            self.add(
                &format!("results/{name}.csv"),
                "text/csv",
                &about,
                made,
                bytes,
            );
        }
        Ok(())
    }
}

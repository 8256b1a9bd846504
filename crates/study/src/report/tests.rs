//! The report of the embedded study, as a document.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use model::{Arg, Catalogue, Cell, Entity, Kind, Lang, Message, Quantity};

use crate::engine::run::{Run, run};
use crate::folder::{Study, init_example};

fn finished() -> &'static (tempfile::TempDir, Study, Run) {
    static FINISHED: OnceLock<(tempfile::TempDir, Study, Run)> = OnceLock::new();
    FINISHED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("s");
        init_example("china-2021", &to).expect("written");
        let study = Study::open(&to).expect("a study");
        let run = run(&study, &[], &|_| {}).expect("a run");
        (folder, study, run)
    })
}

#[test]
fn every_link_of_the_report_leads_somewhere_in_both_languages() {
    let (_, study, run) = finished();
    let evidence = super::evidence_of(study, run).expect("stored");
    for lang in Lang::ALL {
        let document = super::document(run, &evidence, lang);
        assert_eq!(document.problems(), Vec::new());
        assert!(
            document.explanations.len() > 500,
            "{}",
            document.explanations.len()
        );
        for entry in &document.evidence {
            assert!(
                entry.source.is_some(),
                "{}/{} has no source",
                entry.table,
                entry.key
            );
        }
    }
}

/// Every message that the run's results hold, with those inside their arguments.
fn messages<'a>(
    message: &'a Message,
    ids: &mut BTreeSet<&'a str>,
    entities: &mut BTreeSet<&'a Entity>,
) {
    ids.insert(&message.id);
    for arg in message.args.values() {
        match arg {
            Arg::Message(inner) => messages(inner, ids, entities),
            Arg::Entity(entity) => {
                entities.insert(entity);
            }
            Arg::Entities(list) => entities.extend(list),
            Arg::Text(_) | Arg::Number(_) => {}
        }
    }
}

#[test]
fn no_message_heading_unit_or_name_is_missing_in_either_language() {
    let (_, study, run) = finished();
    let evidence = super::evidence_of(study, run).expect("stored");
    let names = crate::folder::names(&evidence, &run.manifest.scenarios);
    let (mut ids, mut entities) = (BTreeSet::new(), BTreeSet::new());
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for output in run.outputs.values() {
        for refusal in &output.refusals {
            for message in [&refusal.question, &refusal.reason, &refusal.needed] {
                messages(message, &mut ids, &mut entities);
            }
        }
        for table in &output.tables {
            wanted.insert(format!("table.{}", table.name));
            wanted.insert(format!("formula.{}", table.name));
            let english = Catalogue::builtin().text(&format!("formula.{}", table.name), Lang::En);
            assert_eq!(english, Some(table.formula.as_str()), "{}", table.name);
            wanted.insert(format!("method.{}", table.method));
            for column in &table.columns {
                wanted.insert(format!("column.{}", column.name));
                if !column.unit.is_empty() {
                    wanted.insert(format!("unit.{}", column.unit));
                }
            }
            for cell in table.rows.iter().flat_map(|row| &row.cells) {
                match cell {
                    Cell::Message(message) | Cell::Quantity(Quantity::NotEstimated(message)) => {
                        messages(message, &mut ids, &mut entities);
                    }
                    Cell::Entity(entity) => {
                        entities.insert(entity);
                    }
                    Cell::Entities(list) => entities.extend(list),
                    _ => {}
                }
            }
        }
    }
    wanted.extend(ids.iter().map(|id| (*id).to_owned()));
    let mut missing: Vec<String> = Vec::new();
    for lang in Lang::ALL {
        for id in &wanted {
            if Catalogue::builtin().text(id, lang).is_none() {
                missing.push(format!("{lang:?} message {id}"));
            }
        }
        for entity in &entities {
            let known = if entity.kind == Kind::Code {
                Catalogue::builtin()
                    .text(&format!("code.{}", entity.id), lang)
                    .is_some()
            } else {
                names.get(entity, lang).is_some()
            };
            if !known {
                missing.push(format!("{lang:?} name {:?} {}", entity.kind, entity.id));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_method_that_a_table_names_has_its_page() {
    let (_, _, run) = finished();
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../methods");
    for table in run.tables() {
        let page = pages.join(format!("{}.md", table.method));
        assert!(
            page.is_file(),
            "{}: {} is missing",
            table.name,
            page.display()
        );
        assert!(!table.formula.is_empty(), "{} has no formula", table.name);
    }
}

#[test]
fn every_row_has_an_origin_and_every_origin_exists() {
    let (_, study, run) = finished();
    let evidence = super::evidence_of(study, run).expect("stored");
    for table in run.tables() {
        for row in &table.rows {
            for origin in &row.origins {
                match origin {
                    model::Origin::Evidence(reference) => {
                        assert!(
                            evidence.record(reference).is_some(),
                            "{}/{}: {reference:?}",
                            table.name,
                            row.key
                        );
                    }
                    model::Origin::Result(reference) => {
                        let found = run
                            .table(&reference.table)
                            .and_then(|t| t.row(&reference.key));
                        assert!(found.is_some(), "{}/{}: {reference:?}", table.name, row.key);
                    }
                    model::Origin::Parameter(path) => {
                        let value = crate::engine::explain::parameter(run, path);
                        assert!(
                            value.is_some(),
                            "{}/{}: setting {path}",
                            table.name,
                            row.key
                        );
                    }
                }
            }
        }
    }
}

/// The document of a workbook holds numbers as numbers, and both office formats can be written in both languages.
#[test]
fn the_report_becomes_word_files_and_workbooks() {
    let (_, study, run) = finished();
    let evidence = super::evidence_of(study, run).expect("stored");
    for lang in Lang::ALL {
        let document = super::document(run, &evidence, lang);
        let numbers = document
            .sections
            .iter()
            .flat_map(publish::document::Section::tables)
            .flat_map(|t| &t.rows)
            .flat_map(|r| &r.cells)
            .filter(|c| c.amount.is_some())
            .count();
        assert!(numbers > 500, "{numbers} numbers");
        for template in [super::Template::International, super::Template::Gb9704] {
            let bytes = publish::docx::to_docx(&document, template).expect("written");
            assert!(bytes.starts_with(b"PK"));
        }
        let bytes = publish::xlsx::to_xlsx(&document).expect("written");
        assert!(bytes.starts_with(b"PK"));
    }
}

/// An industry whose capacity comes after the plan is named before the roadmap, and the last screen lists the
/// industries of the memo in its order.
#[test]
fn capacity_after_the_plan_is_said_and_lists_of_industries_agree() {
    use publish::document::{Block, NoteKind};

    let (_, study, run) = finished();
    let evidence = super::evidence_of(study, run).expect("stored");
    let names = crate::folder::names(&evidence, &run.manifest.scenarios);
    let book = super::book::Book::new(run, &evidence, &names, Lang::En);
    let milestones = book.table("layout.milestones");
    let last = f64::from(run.manifest.config.study.horizon_year.0);
    let late: Vec<String> = (milestones.rows.iter())
        .filter(|row| {
            crate::engine::output::estimate(&milestones, row, "p50")
                .is_some_and(|e| e.value.floor() > last)
        })
        .map(|row| names.show(&Entity::new(Kind::Field, row.key.clone()), Lang::En))
        .collect();
    assert!(!late.is_empty(), "the embedded study has one");
    let section = super::layout::section(&book);
    let notes: Vec<String> = (section.blocks.iter())
        .filter_map(|block| match block {
            Block::Note {
                kind: NoteKind::Limit,
                spans,
            } => Some(format!("{spans:?}")),
            _ => None,
        })
        .collect();
    // The sentence of the report in five says both years and the end of the plan.
    let when = format!("{:?}", super::brief::section(&book).blocks);
    assert!(
        when.contains("P80") && when.contains(&format!("{last}")),
        "{when}"
    );
    for name in late {
        assert!(notes.iter().any(|note| note.contains(&name)), "{name}");
    }
    let screen = super::summary(study, run, Lang::En).expect("a summary");
    let industries: Vec<String> = (super::extract::placed(&book).into_iter())
        .map(|(industry, _)| names.show(&industry, Lang::En))
        .collect();
    assert!(screen.contains(&industries.join(", ")), "{screen}");
}

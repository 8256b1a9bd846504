//! Which results differ between two runs, and why.

use std::collections::BTreeMap;

use model::{Cell, Row};
use serde::Serialize;
use serde_json::Value;

use super::manifest::{Manifest, StepRecord};
use super::run::Run;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    pub from: String,
    pub to: String,
    pub steps: Vec<StepDiff>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepDiff {
    pub step: String,
    /// Why it was computed again; empty where nothing it depends on changed.
    pub because: Vec<Cause>,
    pub changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Code {
        from: String,
        to: String,
    },
    Parameter {
        path: String,
        from: Value,
        to: Value,
    },
    Evidence {
        table: String,
    },
    Step {
        step: String,
    },
    OnlyIn {
        run: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Row { id: String, only_in: String },
    Number { id: String, from: Cell, to: Cell },
}

/// Compares two runs step by step. Steps without a difference are left out.
pub fn diff(a: &Run, b: &Run) -> Diff {
    let mut steps = Vec::new();
    for name in names(&a.manifest, &b.manifest) {
        let find = |m: &Manifest| m.steps.iter().find(|s| s.step == name).cloned();
        let step = match (find(&a.manifest), find(&b.manifest)) {
            (Some(from), Some(to)) if from.key == to.key && from.output == to.output => continue,
            (Some(from), Some(to)) => StepDiff {
                because: causes(&a.manifest, &b.manifest, &from, &to),
                changes: if from.output == to.output {
                    Vec::new()
                } else {
                    changes(a, b, &name)
                },
                step: name,
            },
            (from, _) => {
                let run = if from.is_some() {
                    &a.manifest.id
                } else {
                    &b.manifest.id
                };
                let because = vec![Cause::OnlyIn { run: run.clone() }];
                StepDiff {
                    step: name,
                    because,
                    changes: Vec::new(),
                }
            }
        };
        steps.push(step);
    }
    Diff {
        from: a.manifest.id.clone(),
        to: b.manifest.id.clone(),
        steps,
    }
}

fn names(a: &Manifest, b: &Manifest) -> Vec<String> {
    let mut names: Vec<String> = a.steps.iter().map(|s| s.step.clone()).collect();
    names.extend(
        b.steps
            .iter()
            .map(|s| s.step.clone())
            .filter(|s| !names.contains(s))
            .collect::<Vec<_>>(),
    );
    names
}

fn causes(a: &Manifest, b: &Manifest, from: &StepRecord, to: &StepRecord) -> Vec<Cause> {
    let mut causes = Vec::new();
    if a.code != b.code {
        causes.push(Cause::Code {
            from: a.code.clone(),
            to: b.code.clone(),
        });
    }
    parameters("", &from.params, &to.params, &mut causes);
    for (table, content) in &to.inputs {
        if from.inputs.get(table) != Some(content) {
            causes.push(Cause::Evidence {
                table: table.clone(),
            });
        }
    }
    for (step, output) in &to.needs {
        if from.needs.get(step) != Some(output) {
            causes.push(Cause::Step { step: step.clone() });
        }
    }
    causes
}

/// Settings that differ, by their paths.
pub(crate) fn parameters(path: &str, from: &Value, to: &Value, causes: &mut Vec<Cause>) {
    if from == to {
        return;
    }
    if let (Value::Object(a), Value::Object(b)) = (from, to) {
        let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let inner = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            let null = Value::Null;
            parameters(
                &inner,
                a.get(key).unwrap_or(&null),
                b.get(key).unwrap_or(&null),
                causes,
            );
        }
        return;
    }
    causes.push(Cause::Parameter {
        path: path.to_owned(),
        from: from.clone(),
        to: to.clone(),
    });
}

fn changes(a: &Run, b: &Run, step: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let (Some(from), Some(to)) = (a.outputs.get(step), b.outputs.get(step)) else {
        return changes;
    };
    for table in &to.tables {
        let Some(earlier) = from.table(&table.name) else {
            continue;
        };
        let before: BTreeMap<&str, &Row> =
            earlier.rows.iter().map(|r| (r.key.as_str(), r)).collect();
        let after: BTreeMap<&str, &Row> = table.rows.iter().map(|r| (r.key.as_str(), r)).collect();
        for key in before.keys().filter(|key| !after.contains_key(*key)) {
            let id = format!("{}/{key}", table.name);
            changes.push(Change::Row {
                id,
                only_in: a.manifest.id.clone(),
            });
        }
        for (key, row) in &after {
            let Some(old) = before.get(key) else {
                let id = format!("{}/{key}", table.name);
                changes.push(Change::Row {
                    id,
                    only_in: b.manifest.id.clone(),
                });
                continue;
            };
            for (i, column) in table.columns.iter().enumerate() {
                let Some(j) = earlier.column(&column.name) else {
                    continue;
                };
                if old.cells[j] != row.cells[i] {
                    changes.push(Change::Number {
                        id: format!("{}/{key}#{}", table.name, column.name),
                        from: old.cells[j].clone(),
                        to: row.cells[i].clone(),
                    });
                }
            }
        }
    }
    changes
}

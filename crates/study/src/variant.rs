//! `variants/NAME.toml`: settings laid over `study.toml`, under a name.
//!
//! A variant holds only what it changes: tables are laid over tables, any other value replaces the one of the study.
//! `forelay run --with NAME` runs it; its run never becomes the latest one.

use std::collections::BTreeMap;
use std::fs;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::config::Config;
use crate::engine::files::write_whole;
use crate::error::StudyError;
use crate::folder::Study;

/// A named change of settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    pub name: String,
    /// As it stands in the file.
    pub text: String,
    /// What the study says of the same settings, as text; empty where the variant is not laid over it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
}

impl Study {
    /// The study with settings laid over its own; its folder stays as it is.
    pub fn with_settings(&self, name: &str, settings: &Table) -> Result<Self, StudyError> {
        let path = self.root.join("study.toml");
        let text = fs::read_to_string(&path).map_err(StudyError::io("read", &path))?;
        let mut base: Table = crate::config::parse("study.toml", &text)?;
        let written =
            |table: &Table| toml::to_string(table).map_err(|e| StudyError::Store(e.to_string()));
        let variant = Variant {
            name: name.to_owned(),
            text: written(settings)?,
            before: written(&same_of(&base, settings))?,
        };
        lay_over(&mut base, settings);
        let file = format!("study.toml with variant {name}");
        Ok(Self {
            config: Config::from_toml(&file, &base.to_string())?,
            variant: Some(variant),
            ..self.clone()
        })
    }

    /// The settings of a run with others laid over them.
    pub fn with_settings_on(
        &self,
        config: &Config,
        settings: &Table,
    ) -> Result<Config, StudyError> {
        let mut base = Table::try_from(config).map_err(|e| StudyError::Store(e.to_string()))?;
        lay_over(&mut base, settings);
        Ok(Config::from_toml(
            "the changed settings",
            &base.to_string(),
        )?)
    }

    /// The study under a variant of its folder.
    pub fn with_variant(&self, name: &str) -> Result<Self, StudyError> {
        let found = variants(self)?.into_iter().find(|v| v.name == name);
        let Some(variant) = found else {
            let known = variants(self)?.into_iter().map(|v| v.name).collect();
            return Err(StudyError::UnknownVariant {
                name: name.to_owned(),
                known,
            });
        };
        let settings = crate::config::parse(&format!("variants/{name}.toml"), &variant.text)?;
        self.with_settings(name, &settings)
    }
}

/// The variants of a study, by name.
pub fn variants(study: &Study) -> Result<Vec<Variant>, StudyError> {
    let folder = study.root.join("variants");
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(found);
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.extension().is_some_and(|e| e == "toml") && is_name(&name) {
            found.push(Variant {
                text: fs::read_to_string(&path).map_err(StudyError::io("read", &path))?,
                name: name.into_owned(),
                before: String::new(),
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Writes a variant once its settings are accepted. The same text may be saved again, another text may not replace it.
pub fn save_variant(study: &Study, name: &str, settings: &Table) -> Result<Variant, StudyError> {
    if !is_name(name) {
        return Err(StudyError::VariantName {
            name: name.to_owned(),
        });
    }
    study.with_settings(name, settings)?;
    let text = format!(
        "# Laid over study.toml by: forelay run --with {name}\n\n{}",
        toml::to_string(settings).map_err(|e| StudyError::Store(e.to_string()))?
    );
    let path = study.root.join("variants").join(format!("{name}.toml"));
    match fs::read_to_string(&path) {
        Ok(there) if there != text => return Err(StudyError::VariantExists { path }),
        Ok(_) => {}
        Err(_) => {
            write_whole(&path, text.as_bytes()).map_err(StudyError::io("write", &path))?;
        }
    }
    Ok(Variant {
        name: name.to_owned(),
        text,
        before: String::new(),
    })
}

/// A file name that means nothing to any file system.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=40).contains(&name.len())
        && name.chars().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

impl Variant {
    /// Whether it is the variant that says what stands at this place of the settings.
    pub fn sets(&self, place: &str) -> bool {
        let within = |path: &str, of: &str| {
            let rest = path.strip_prefix(of);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let mut changes = self.changes().into_iter();
        changes.any(|(path, ..)| within(place, &path) || within(&path, place))
    }

    /// What it changes: the path of each setting, its value, and the study's own where it has one.
    pub fn changes(&self) -> Vec<(String, Value, Option<Value>)> {
        let read = |text: &str| {
            let mut found = Vec::new();
            if let Ok(table) = text.parse::<Table>() {
                leaves("", &table, &mut found);
            }
            found
        };
        let before: BTreeMap<String, Value> = read(&self.before).into_iter().collect();
        let now = read(&self.text).into_iter();
        now.map(|(path, value)| {
            let was = before.get(&path).cloned();
            (path, value, was)
        })
        .filter(|(_, value, was)| was.as_ref() != Some(value))
        .collect()
    }
}

/// The settings of `base` that `over` names.
fn same_of(base: &Table, over: &Table) -> Table {
    let mut same = Table::new();
    for (key, value) in over {
        match (base.get(key), value) {
            (Some(Value::Table(inner)), Value::Table(over)) => {
                same.insert(key.clone(), Value::Table(same_of(inner, over)));
            }
            (Some(own), _) => {
                same.insert(key.clone(), own.clone());
            }
            (None, _) => {}
        }
    }
    same
}

/// Settings that hold a range are one.
fn leaves(above: &str, table: &Table, found: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let path = if above.is_empty() {
            key.clone()
        } else {
            format!("{above}.{key}")
        };
        match value {
            Value::Table(inner) if !inner.contains_key("low") => leaves(&path, inner, found),
            _ => found.push((path, value.clone())),
        }
    }
}

fn lay_over(base: &mut Table, over: &Table) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Table(inner)), Value::Table(over)) => lay_over(inner, over),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (tempfile::TempDir, Study) {
        let folder = tempfile::tempdir().expect("a folder");
        crate::init_example("china-2021", folder.path()).expect("the example");
        let study = Study::open(folder.path()).expect("a study");
        (folder, study)
    }

    #[test]
    fn a_variant_changes_what_it_names_and_nothing_else() {
        let (_folder, study) = example();
        let settings: Table = toml::from_str(
            "[selection]\ntop = 6\n[selection.weights]\nneeds = { low = 0.3, high = 0.6 }\n",
        )
        .expect("settings");
        save_variant(&study, "needs-first", &settings).expect("saved");
        let changed = study.with_variant("needs-first").expect("opened");
        assert_eq!(changed.config.selection.top, 6);
        assert!((changed.config.selection.weights["needs"].high - 0.6).abs() < 1e-12);
        assert_eq!(
            changed.config.selection.weights["foundation"],
            study.config.selection.weights["foundation"]
        );
        assert_eq!(changed.config.regions, study.config.regions);
        assert_eq!(
            variants(&study).expect("a list")[0].name,
            "needs-first".to_owned()
        );
    }

    #[test]
    fn bad_names_bad_settings_and_other_texts_write_nothing() {
        let (folder, study) = example();
        let good: Table = toml::from_str("[selection]\ntop = 6\n").expect("settings");
        for name in [
            "",
            "../x",
            "a/b",
            "A",
            "-a",
            "a-",
            "a.b",
            "con\0",
            &"a".repeat(41),
        ] {
            let refused = save_variant(&study, name, &good);
            assert!(
                matches!(refused, Err(StudyError::VariantName { .. })),
                "{name:?}"
            );
        }
        let bad: Table = toml::from_str("[selection]\ntopp = 6\n").expect("settings");
        assert!(save_variant(&study, "bad", &bad).is_err());
        assert!(!folder.path().join("variants").exists());
        save_variant(&study, "mine", &good).expect("saved");
        save_variant(&study, "mine", &good).expect("the same again");
        let other: Table = toml::from_str("[selection]\ntop = 7\n").expect("settings");
        assert!(matches!(
            save_variant(&study, "mine", &other),
            Err(StudyError::VariantExists { .. })
        ));
        assert!(matches!(
            study.with_variant("mne"),
            Err(StudyError::UnknownVariant { .. })
        ));
    }
}

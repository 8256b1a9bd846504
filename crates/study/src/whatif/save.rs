//! A question kept as a scenario of the study, so that a run answers it and explain takes it to its rows.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::config::Span;
use crate::engine::files::write_whole;
use crate::error::StudyError;
use crate::folder::Study;
use crate::scenario::{Asked, Scenario};
use crate::steps::remedy::TOGETHER;
use crate::variant::is_name;

/// Refuses what cannot be the name of a scenario.
pub fn check_name(name: &str) -> Result<(), StudyError> {
    if is_name(name) && name != TOGETHER {
        Ok(())
    } else {
        Err(StudyError::ScenarioName {
            name: name.to_owned(),
        })
    }
}

/// Writes a question as `scenarios/ID.toml`. The same text may be saved again, another text is never replaced.
pub fn save_scenario(study: &Study, scenario: &Scenario) -> Result<PathBuf, StudyError> {
    check_name(&scenario.id)?;
    let text = text(scenario);
    let file = format!("scenarios/{}.toml", scenario.id);
    let read = Scenario::read(&file, &text)?;
    if read != *scenario {
        return Err(StudyError::Store(format!(
            "{file} would not ask what was asked"
        )));
    }
    let path = study
        .root
        .join("scenarios")
        .join(format!("{}.toml", scenario.id));
    match fs::read_to_string(&path) {
        Ok(there) if there != text => Err(StudyError::ScenarioExists { path }),
        Ok(_) => Ok(path),
        Err(_) => {
            write_whole(&path, text.as_bytes()).map_err(StudyError::io("write", &path))?;
            Ok(path)
        }
    }
}

/// The scenario as a reader would write it. What the short form cannot ask (stocks of single nodes, `[inventory]`) is
/// not written.
fn text(scenario: &Scenario) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let span = |span: Span| {
        format!(
            "{{ low = {:?}, value = {:?}, high = {:?} }}",
            span.low, span.value, span.high
        )
    };
    let mut text =
        String::from("# Saved from a question; forelay run answers it, forelay shock prints it.\n");
    let mut line = |words: std::fmt::Arguments| {
        // Writing to a text cannot fail.
        let _ = text.write_fmt(words);
        text.push('\n');
    };
    line(format_args!("title_en = {}", quoted(&scenario.title_en)));
    line(format_args!("title_zh = {}", quoted(&scenario.title_zh)));
    if let Some(buyer) = &scenario.buyer {
        line(format_args!("buyer = {}", quoted(buyer)));
    }
    line(format_args!("horizon_weeks = {}", scenario.horizon_weeks));
    let stock = span(scenario.default_stock_weeks);
    line(format_args!("default_stock_weeks = {stock}"));
    if !scenario.targets.is_empty() {
        let targets: Vec<String> = scenario.targets.iter().map(|t| quoted(t)).collect();
        line(format_args!("targets = [{}]", targets.join(", ")));
    }
    for event in &scenario.event {
        line(format_args!("\n[[event]]"));
        for (key, name) in [
            ("country", &event.country),
            ("node", &event.node),
            ("product", &event.product),
            ("industry", &event.industry),
            ("firm", &event.firm),
            ("region", &event.region),
        ] {
            if let Some(name) = name {
                line(format_args!("{key} = {}", quoted(name)));
            }
        }
        if event.quantity == Asked::Price {
            line(format_args!("quantity = \"price\""));
        }
        line(format_args!("severity = {}", span(event.severity)));
        line(format_args!("start_week = {}", event.start_week));
        line(format_args!("weeks = {}", event.weeks));
    }
    text
}

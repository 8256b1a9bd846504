//! One cell against its column.

use model::Arg;

use super::country::{is_country, nearest_country};
use super::findings::{Findings, Rejected};
use super::{number, when};
use crate::finding::Place;
use crate::read::is_space;
use crate::schema::{ColumnSchema, ColumnType};
use crate::suggest::{hint, hint_of};
use crate::table::Value;

type Checked = Result<Value, Rejected>;

/// The value of a cell, or at least one finding that is an error.
pub(super) fn read(
    column: &ColumnSchema,
    raw: &str,
    place: Place,
    findings: &mut Findings,
) -> Checked {
    characters(column, raw, place, findings)?;
    let text = raw.trim_matches(is_space);
    if text.is_empty() {
        return empty(column, raw, place, findings);
    }
    missing_word(column, text, place, findings)?;
    match column.kind {
        ColumnType::Number => number::number(column, text, place, findings).map(Value::Number),
        ColumnType::Integer => number::integer(column, text, place, findings).map(Value::Integer),
        ColumnType::Year => {
            when::year(column, text, place, findings).map(|year| Value::Integer(i64::from(year)))
        }
        ColumnType::Date => {
            when::date(text, place, findings).map(|()| Value::Text(text.to_owned()))
        }
        ColumnType::Boolean => boolean(text, place, findings),
        ColumnType::Url => url(text, place, findings),
        ColumnType::Id | ColumnType::Text | ColumnType::Country => {
            word(column, text, place, findings).map(|()| Value::Text(text.to_owned()))
        }
        ColumnType::Ids | ColumnType::Texts | ColumnType::Countries => {
            list(column, text, place, findings)
        }
    }
}

/// What an absent or empty cell stands for.
pub(super) fn default(column: &ColumnSchema) -> Value {
    let Some(text) = &column.default else {
        return Value::Empty;
    };
    let parsed = match column.kind {
        ColumnType::Number => text.parse().ok().map(Value::Number),
        ColumnType::Integer | ColumnType::Year => text.parse().ok().map(Value::Integer),
        ColumnType::Boolean => text.parse().ok().map(Value::Boolean),
        kind if kind.is_list() => Some(Value::List(text.split(';').map(str::to_owned).collect())),
        _ => Some(Value::Text(text.clone())),
    };
    parsed.unwrap_or_default()
}

fn characters(
    column: &ColumnSchema,
    raw: &str,
    place: Place,
    findings: &mut Findings,
) -> Result<(), Rejected> {
    let prose = matches!(column.kind, ColumnType::Text | ColumnType::Texts);
    let trimmed = raw.trim_matches(is_space);
    if trimmed
        .chars()
        .any(|c| c.is_control() && !(prose && matches!(c, '\n' | '\t')))
    {
        return Err(findings.error("value.control_character", place, trimmed, &[]));
    }
    if trimmed.contains('\u{fffd}') {
        findings.warning("value.replacement_character", place, trimmed, &[]);
    }
    Ok(())
}

fn empty(column: &ColumnSchema, raw: &str, place: Place, findings: &mut Findings) -> Checked {
    if !raw.is_empty() {
        findings.warning("value.blank", place, raw, &[]);
    }
    let value = default(column);
    if column.required && value == Value::Empty {
        let code = if column.names_source() {
            "source.missing"
        } else {
            "value.missing"
        };
        return Err(findings.error(code, place, "", &[("column", column.name.as_str().into())]));
    }
    Ok(value)
}

/// Words that people write where nothing is known.
const MISSING_WORDS: [&str; 22] = [
    "n/a",
    "na",
    "n.a.",
    "nan",
    "null",
    "none",
    "nil",
    "-",
    "--",
    "–",
    "—",
    "?",
    "..",
    "unknown",
    "not available",
    "no data",
    "未知",
    "不详",
    "暂无",
    "无数据",
    "无",
    "/",
];

fn missing_word(
    column: &ColumnSchema,
    text: &str,
    place: Place,
    findings: &mut Findings,
) -> Result<(), Rejected> {
    let error_value = text.starts_with('#')
        && (text.ends_with('!')
            || text.ends_with('?')
            || matches!(text, "#N/A" | "#NA" | "#SPILL" | "#GETTING_DATA"))
        && text.len() < 16;
    if error_value {
        return Err(findings.error("value.spreadsheet_error", place, text, &[]));
    }
    let lower = text.to_lowercase();
    if MISSING_WORDS.contains(&lower.as_str()) && !column.accepted.iter().any(|word| word == text) {
        if column.kind == ColumnType::Text && column.accepted.is_empty() {
            findings.warning("value.missing_word", place, text, &[]);
        } else {
            return Err(findings.error("value.missing_word", place, text, &[]));
        }
    }
    Ok(())
}

fn boolean(text: &str, place: Place, findings: &mut Findings) -> Checked {
    match text.to_lowercase().as_str() {
        "true" => Ok(Value::Boolean(true)),
        "false" => Ok(Value::Boolean(false)),
        _ => Err(findings.error("boolean.not_a_boolean", place, text, &[])),
    }
}

fn url(text: &str, place: Place, findings: &mut Findings) -> Checked {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let good = host.is_some_and(|host| {
        host.trim_end_matches('.').contains('.')
            && !host.starts_with('.')
            && !text.contains(char::is_whitespace)
    });
    if good {
        Ok(Value::Text(text.to_owned()))
    } else {
        Err(findings.error("url.malformed", place, text, &[]))
    }
}

fn list(column: &ColumnSchema, text: &str, place: Place, findings: &mut Findings) -> Checked {
    let closed = column.kind.is_code() || !column.accepted.is_empty();
    let separators: &[char] = &[',', '；', '、', '|', '，'];
    if closed && text.contains(separators) {
        return Err(findings.error("list.separator", place, text, &[]));
    }
    let mut items: Vec<String> = Vec::new();
    let mut outcome = Ok(());
    for item in text.split(';').map(|item| item.trim_matches(is_space)) {
        if item.is_empty() {
            findings.warning("list.empty_item", place, text, &[]);
        } else if items.iter().any(|known| known == item) {
            findings.warning("list.twice", place, item, &[]);
        } else {
            outcome = word(column, item, place, findings).and(outcome);
            items.push(item.to_owned());
        }
    }
    outcome.map(|()| Value::List(items))
}

/// A word on its own or in a list: accepted words, countries, codes.
fn word(
    column: &ColumnSchema,
    text: &str,
    place: Place,
    findings: &mut Findings,
) -> Result<(), Rejected> {
    if matches!(column.kind, ColumnType::Country | ColumnType::Countries) {
        return if is_country(text) || column.accepted.iter().any(|code| code == text) {
            Ok(())
        } else {
            let near = nearest_country(text);
            Err(findings.error("country.not_iso3", place, text, &[("hint", hint_of(&near))]))
        };
    }
    if !column.accepted.is_empty() && !column.accepted.iter().any(|word| word == text) {
        let args = [
            ("accepted", Arg::from(column.accepted.join(", "))),
            (
                "hint",
                hint(text, column.accepted.iter().map(String::as_str)),
            ),
        ];
        return Err(findings.error("value.not_accepted", place, text, &args));
    }
    if column.kind.is_code() && text.contains(char::is_whitespace) {
        return Err(findings.error("id.space", place, text, &[]));
    }
    if holds_hs_codes(column) {
        return hs_code(text, place, findings);
    }
    Ok(())
}

fn holds_hs_codes(column: &ColumnSchema) -> bool {
    column.name == "hs" || column.name.starts_with("hs_code") || column.name.starts_with("hs6")
}

/// Codes of the Harmonized System have two digits a level: 01, 0101, 010121. An odd number of digits has lost a zero.
fn hs_code(text: &str, place: Place, findings: &mut Findings) -> Result<(), Rejected> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match (digits, text.len()) {
        (true, 2 | 4 | 6 | 8 | 10) => Ok(()),
        (true, 1 | 3 | 5 | 7 | 9) => {
            let args = [("padded", Arg::from(format!("0{text}")))];
            Err(findings.error("id.leading_zero", place, text, &args))
        }
        _ => Err(findings.error("id.not_digits", place, text, &[])),
    }
}

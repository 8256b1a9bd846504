//! How a finding is made: a code, a place, what was found, and the two catalogue texts that belong to the code.

use model::{Arg, Diagnostic, Message, Severity};

use crate::codes::CODES;

/// Where a finding stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub file: &'a str,
    pub row: Option<u64>,
    pub column: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub fn file(file: &'a str) -> Self {
        Self {
            file,
            row: None,
            column: None,
        }
    }

    pub fn row(file: &'a str, row: u64) -> Self {
        Self {
            file,
            row: Some(row),
            column: None,
        }
    }

    pub fn cell(file: &'a str, row: u64, column: &'a str) -> Self {
        Self {
            file,
            row: Some(row),
            column: Some(column),
        }
    }
}

pub(crate) fn error(code: &str, place: Place, found: &str, args: &[(&str, Arg)]) -> Diagnostic {
    diagnostic(code, Severity::Error, place, found, args)
}

pub(crate) fn warning(code: &str, place: Place, found: &str, args: &[(&str, Arg)]) -> Diagnostic {
    diagnostic(code, Severity::Warning, place, found, args)
}

pub(crate) fn note(code: &str, place: Place, found: &str, args: &[(&str, Arg)]) -> Diagnostic {
    diagnostic(code, Severity::Note, place, found, args)
}

fn diagnostic(
    code: &str,
    severity: Severity,
    place: Place,
    found: &str,
    args: &[(&str, Arg)],
) -> Diagnostic {
    debug_assert!(
        CODES.contains(&code),
        "code {code} is not in the list of codes"
    );
    let message = |id: String| {
        args.iter()
            .fold(Message::new(id), |m, (name, arg)| m.with(name, arg.clone()))
    };
    Diagnostic {
        code: code.to_owned(),
        severity,
        file: place.file.to_owned(),
        row: place.row,
        column: place.column.map(str::to_owned),
        found: shorten(found),
        expected: message(format!("check.{code}")),
        remedy: message(format!("check.{code}.remedy")),
    }
}

/// Text for one line of a message: at most 80 characters, control characters made visible.
pub(crate) fn shorten(text: &str) -> String {
    const MOST: usize = 80;
    let visible = text.chars().map(|c| {
        if c.is_control() {
            control_picture(c)
        } else {
            c
        }
    });
    let mut short: String = visible.take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

/// The Unicode picture of a control character (U+2400 block), so that a finding shows what is invisible.
fn control_picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_text_is_short_and_visible() {
        assert_eq!(shorten("a\tb\u{0}"), "a␉b␀");
        assert_eq!(shorten(&"长".repeat(81)), format!("{}…", "长".repeat(80)));
        assert_eq!(shorten(&"x".repeat(80)), "x".repeat(80));
    }
}

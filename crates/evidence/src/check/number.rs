//! Numbers: a point for decimals, nothing for thousands. What could be read in two ways is refused with a word.

use model::Arg;

use super::findings::{Findings, Rejected};
use crate::finding::Place;
use crate::schema::ColumnSchema;

pub(super) fn number(
    column: &ColumnSchema,
    text: &str,
    place: Place,
    findings: &mut Findings,
) -> Result<f64, Rejected> {
    let x = match parse(text) {
        Ok(x) => x,
        Err(code) => return Err(findings.error(code, place, text, &[])),
    };
    in_range(column, x, text, place, findings)?;
    Ok(x)
}

pub(super) fn integer(
    column: &ColumnSchema,
    text: &str,
    place: Place,
    findings: &mut Findings,
) -> Result<i64, Rejected> {
    let x = number(column, text, place, findings)?;
    match text.strip_prefix('+').unwrap_or(text).parse() {
        Ok(n) => Ok(n),
        // 1e6 is a whole number; 3.0 may have been a measurement and is asked about.
        Err(_) if x.fract() == 0.0 && x.abs() < 9e15 && !text.contains('.') => Ok(x as i64),
        Err(_) => Err(findings.error("integer.not_whole", place, text, &[])),
    }
}

/// Is `x` within the column's range?
pub(super) fn in_range(
    column: &ColumnSchema,
    x: f64,
    text: &str,
    place: Place,
    findings: &mut Findings,
) -> Result<(), Rejected> {
    // As text, so that a year is not shown like a rounded quantity.
    let limit = |limit: f64| [("limit", Arg::from(limit.to_string()))];
    if let Some(min) = column.min.filter(|min| x < *min) {
        return Err(findings.error("value.below", place, text, &limit(min)));
    }
    if let Some(max) = column.max.filter(|max| x > *max) {
        return Err(findings.error("value.above", place, text, &limit(max)));
    }
    Ok(())
}

/// The number, or the code of the finding.
pub(crate) fn parse(text: &str) -> Result<f64, &'static str> {
    if is_plain(text) {
        return match text.parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(x),
            Ok(_) => Err("number.not_finite"),
            Err(_) => Err("number.not_a_number"),
        };
    }
    if text
        .chars()
        .any(|c| matches!(c, '０'..='９' | '．' | '，' | '－'))
    {
        return Err("number.full_width");
    }
    if let Some(share) = text.strip_suffix(['%', '％', '‰']) {
        let bare = share.trim_end();
        return Err(if is_plain(bare) {
            "number.percent"
        } else {
            parse(bare).err().unwrap_or("number.percent")
        });
    }
    if matches!(
        text.to_lowercase().trim_start_matches(['+', '-']),
        "inf" | "infinity" | "∞"
    ) {
        return Err("number.not_finite");
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    if is_grouped(unsigned) {
        return Err("number.thousands");
    }
    if let Some((whole, decimals)) = unsigned.split_once(',') {
        let whole_digits = whole.replace(['.', ' ', '\u{a0}', '\u{202f}', '\''], "");
        if all_digits(&whole_digits) && all_digits(decimals) {
            return Err("number.decimal_comma");
        }
    }
    Err("number.not_a_number")
}

/// `[+-]digits[.digits][e[+-]digits]`, at least one digit before or after the point.
fn is_plain(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent_good =
        exponent.is_none_or(|e| all_digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    all_digits(whole) && all_digits(fraction) && exponent_good
}

/// `1,234,567.8`, `1 234`, `1'234`, `1.234.567`: groups of three behind one to three digits.
fn is_grouped(text: &str) -> bool {
    [',', ' ', '\u{a0}', '\u{202f}', '\'', '.']
        .iter()
        .any(|separator| {
            let decimal = if *separator == '.' { ',' } else { '.' };
            let (whole, decimals) = text.split_once(decimal).unwrap_or((text, "0"));
            let groups: Vec<&str> = whole.split(*separator).collect();
            groups.len() > 1
                && all_digits(decimals)
                && groups.iter().all(|group| all_digits(group))
                && (1..=3).contains(&groups[0].len())
                && groups[1..].iter().all(|group| group.len() == 3)
        })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_read_and_others_named() {
        for (text, expected) in [
            ("12", Ok(12.0)),
            ("-0.5", Ok(-0.5)),
            ("1e3", Ok(1000.0)),
            ("+2.5E-1", Ok(0.25)),
            ("1,5", Err("number.decimal_comma")),
            ("-12,25", Err("number.decimal_comma")),
            ("1.234,5", Err("number.thousands")),
            ("1,234", Err("number.thousands")),
            ("1,234,567.8", Err("number.thousands")),
            ("1 234", Err("number.thousands")),
            ("12 %", Err("number.percent")),
            ("１２", Err("number.full_width")),
            ("1e999", Err("number.not_finite")),
            ("-inf", Err("number.not_finite")),
            ("nan", Err("number.not_a_number")),
            ("abc", Err("number.not_a_number")),
            ("1..2", Err("number.not_a_number")),
            ("12,", Err("number.not_a_number")),
            ("0x10", Err("number.not_a_number")),
            ("1_000", Err("number.not_a_number")),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}

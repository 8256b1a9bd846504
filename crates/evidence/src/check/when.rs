//! Years and dates.

use super::findings::{Findings, Rejected};
use super::number;
use crate::finding::Place;
use crate::schema::ColumnSchema;

pub(super) fn year(
    column: &ColumnSchema,
    text: &str,
    place: Place,
    findings: &mut Findings,
) -> Result<i32, Rejected> {
    let year = if text.len() == 4 { digits(text) } else { None };
    let Some(year) = year.filter(|year| *year >= 1000) else {
        return Err(findings.error("year.not_a_year", place, text, &[]));
    };
    number::in_range(column, f64::from(year), text, place, findings)?;
    Ok(year.cast_signed())
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, and such a day exists.
pub(super) fn date(text: &str, place: Place, findings: &mut Findings) -> Result<(), Rejected> {
    match parse(text) {
        Date::Good => Ok(()),
        Date::NoSuchDay => Err(findings.error("date.no_such_day", place, text, &[])),
        Date::Other => Err(findings.error("date.not_a_date", place, text, &[])),
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Date {
    Good,
    NoSuchDay,
    Other,
}

pub(crate) fn parse(text: &str) -> Date {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    if !matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2]) {
        return Date::Other;
    }
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| digits(part)).collect();
    let Some(numbers) = numbers else {
        return Date::Other;
    };
    let year = numbers[0];
    let month = numbers.get(1).copied().unwrap_or(1);
    let day = numbers.get(2).copied().unwrap_or(1);
    if year >= 1000 && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day) {
        Date::Good
    } else {
        Date::NoSuchDay
    }
}

/// Days of a month in the Gregorian calendar.
fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_three_precisions() {
        for good in ["2021", "2021-03", "2021-03-31", "2024-02-29", "2000-02-29"] {
            assert_eq!(parse(good), Date::Good, "{good}");
        }
        for none in [
            "2021-02-29",
            "1900-02-29",
            "2021-13",
            "2021-00",
            "2021-04-31",
            "0021-01-01",
        ] {
            assert_eq!(parse(none), Date::NoSuchDay, "{none}");
        }
        for other in [
            "03/04/2021",
            "2021-3-1",
            "2021/03/01",
            "44256",
            "March 2021",
            "2021年3月",
            "20210301",
            "２０２１",
        ] {
            assert_eq!(parse(other), Date::Other, "{other}");
        }
    }
}

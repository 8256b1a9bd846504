//! Days, months and years as plans name them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A day, or all days of a month or of a year: `2026-03-15`, `2026-03`, `2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: i32,
    month: Option<u8>,
    day: Option<u8>,
}

/// Text that names no day, month or year.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date; write 2026, 2026-03 or 2026-03-15")]
pub struct NotADate(pub String);

impl Date {
    pub fn year(year: i32) -> Self {
        Self {
            year,
            month: None,
            day: None,
        }
    }

    /// Every day of `self` lies before every day of `other`.
    pub fn before(self, other: Self) -> bool {
        self.last() < other.first()
    }

    fn first(self) -> (i32, u8, u8) {
        (self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    /// Later than any real day of the month, which is all that comparisons need.
    fn last(self) -> (i32, u8, u8) {
        (self.year, self.month.unwrap_or(12), self.day.unwrap_or(31))
    }
}

impl TryFrom<String> for Date {
    type Error = NotADate;

    fn try_from(text: String) -> Result<Self, NotADate> {
        text.parse()
    }
}

impl std::str::FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let wrong = || NotADate(text.to_owned());
        let mut parts = text.trim().split('-');
        let year = parts.next().filter(|y| y.len() == 4).ok_or_else(wrong)?;
        let mut part = |largest: u8| match parts.next() {
            None => Ok(None),
            Some(p) => match p.parse() {
                Ok(n) if p.len() == 2 && (1..=largest).contains(&n) => Ok(Some(n)),
                _ => Err(wrong()),
            },
        };
        let date = Self {
            year: year.parse().map_err(|_| wrong())?,
            month: part(12)?,
            day: part(31)?,
        };
        match parts.next() {
            None => Ok(date),
            Some(_) => Err(wrong()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        for part in [self.month, self.day].into_iter().flatten() {
            write!(f, "-{part:02}")?;
        }
        Ok(())
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_over_when_its_last_day_is() {
        assert!(date("2026-03").before(date("2026-04-01")));
        assert!(!date("2026-03").before(date("2026-03-31")));
        assert!(!date("2026").before(date("2026-12")));
        assert!(date("2025").before(date("2026")));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "26",
            "2026-13",
            "2026-00",
            "2026-1",
            "2026-01-32",
            "2026-01-01-01",
            "soon",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert_eq!(date("2026-03-05").to_string(), "2026-03-05");
    }
}

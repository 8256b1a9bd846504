//! Days of the Gregorian calendar, counted (Hinnant 2013, `days_from_civil`).

use std::fmt;
use std::str::FromStr;

/// Days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub i32);

impl Date {
    pub fn new(year: i32, month: u32, day: u32) -> Self {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let of_era = y.rem_euclid(400);
        let shifted = (month as i32 + 9) % 12;
        let of_year = (153 * shifted + 2) / 5 + day as i32 - 1;
        let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month, day.
    pub fn parts(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = era * 400 + of_era + i32::from(month <= 2);
        (year, month as u32, day as u32)
    }

    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).min(LAST))
    }

    /// The first day of a quarter, quarters counted from the beginning of `year`.
    pub fn of_quarter(year: i32, quarter: usize) -> Self {
        let months = 3 * quarter as i32;
        Self::new(year + months / 12, (months % 12) as u32 + 1, 1)
    }

    /// `20260101`, as iCalendar has it.
    pub fn compact(self) -> String {
        self.to_string().replace('-', "")
    }
}

/// 9999-12-31: four digits hold every year.
const LAST: i32 = 2_932_896;

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a day; write it as 2026-01-31");
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts[..] else {
            return Err(wrong());
        };
        let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse()) else {
            return Err(wrong());
        };
        if !(1900..=9000).contains(&year) || !(1..=12).contains(&month) {
            return Err(wrong());
        }
        let date = Self::new(year, month, day);
        if date.parts() == (year, month, day) {
            Ok(date)
        } else {
            Err(wrong())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        // Unix time 0, the leap day of 2000, and day 20 000 (4 October 2024).
        assert_eq!(Date::new(1970, 1, 1), Date(0));
        assert_eq!(Date::new(2000, 2, 29), Date(11_016));
        assert_eq!(Date(20_000).to_string(), "2024-10-04");
        assert_eq!(Date(LAST).to_string(), "9999-12-31");
    }

    #[test]
    fn every_day_comes_back() {
        for day in -30_000..100_000 {
            let (y, m, d) = Date(day).parts();
            assert_eq!(Date::new(y, m, d), Date(day));
        }
        assert!("2026-02-30".parse::<Date>().is_err());
        assert_eq!(Date::of_quarter(2026, 5).to_string(), "2027-04-01");
    }
}

//! How a range is written: a number, a per cent in quotes, or a table with its ends.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::Span;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    low: f64,
    value: f64,
    high: f64,
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Written)
    }
}

impl Span {
    /// A range without width.
    pub fn exactly(value: f64) -> Self {
        Self {
            low: value,
            value,
            high: value,
        }
    }
}

/// `0.5` or `50%` as a number.
pub fn number_or_percent(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|p| p / 100.0),
        None => text.parse().ok(),
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Span;

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("0.5, \"50%\" or { low = 0.4, value = 0.5, high = 0.6 }")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Span, E> {
        Ok(Span::exactly(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Span, E> {
        Ok(Span::exactly(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Span, E> {
        Ok(Span::exactly(value as f64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
        let percent = text.trim().ends_with('%');
        let number = number_or_percent(text).filter(|_| percent);
        number
            .map(Span::exactly)
            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Span, M::Error> {
        let Ends { low, value, high } = Ends::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Span { low, value, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        severity: Span,
    }

    #[test]
    fn a_range_may_be_a_number_a_per_cent_or_its_ends() {
        let read = |text: &str| toml::from_str::<File>(text).map(|file| file.severity);
        let half = Span::exactly(0.5);
        assert_eq!(read("severity = 0.5"), Ok(half));
        assert_eq!(read("severity = \"50%\""), Ok(half));
        assert_eq!(read("severity = 1"), Ok(Span::exactly(1.0)));
        let ends = read("severity = { low = 0.25, value = 0.5, high = 1.0 }");
        assert_eq!(
            ends,
            Ok(Span {
                low: 0.25,
                value: 0.5,
                high: 1.0
            })
        );
        for wrong in [
            "severity = \"half\"",
            "severity = \"0.5\"",
            "severity = true",
            "severity = { low = 0.5, value = 0.5 }",
            "severity = { low = 0.5, value = 0.5, high = 0.5, top = 1 }",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

//! What is switched off, in one word: `JPN@semi_photoresist`, `JPN@`, `@semi_photoresist`, `asml~@`, `asml~NLD@semi_euv_scanner`.

use std::fmt;
use std::str::FromStr;

use model::{Entity, Kind, Lang, Names};
use serde::Deserialize;

/// A supplier that is switched off: a country at a node, a country altogether, a node altogether, or a firm (at a node,
/// in a country, or wherever it is on record).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Off {
    pub country: Option<String>,
    pub node: Option<String>,
    pub firm: Option<String>,
}

impl Off {
    /// Who and what, by name.
    pub(crate) fn title(&self, lang: Lang, names: &Names) -> String {
        let shown = |kind, id: &String| names.show(&Entity::new(kind, id.clone()), lang);
        let country = self.country.as_ref().map(|id| shown(Kind::Country, id));
        let node = self.node.as_ref().map(|id| shown(Kind::Node, id));
        let place = match (country, node) {
            (Some(country), Some(node)) if lang == Lang::Zh => Some(format!("{node}（{country}）")),
            (Some(country), Some(node)) => Some(format!("{node} ({country})")),
            (country, node) => country.or(node),
        };
        let said = self.firm.clone().into_iter().chain(place);
        said.collect::<Vec<_>>()
            .join(if lang == Lang::Zh { "：" } else { ": " })
    }
}

impl fmt::Display for Off {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(firm) = &self.firm {
            write!(f, "{firm}~")?;
        }
        let part = |name: &Option<String>| name.clone().unwrap_or_default();
        write!(f, "{}@{}", part(&self.country), part(&self.node))
    }
}

impl FromStr for Off {
    type Err = String;

    /// What is left out, or `*`, stands for all.
    fn from_str(text: &str) -> Result<Self, String> {
        let named = |part: &str| {
            let part = part.trim();
            (!part.is_empty() && part != "*").then(|| part.to_owned())
        };
        // No country and no node has either mark in its id; a firm may.
        let Some((who, node)) = text.rsplit_once('@') else {
            return Err(format!(
                "`{text}` has no @; write COUNTRY@NODE, COUNTRY@, @NODE or FIRM~COUNTRY@NODE"
            ));
        };
        let (firm, country) = who.rsplit_once('~').unwrap_or(("", who));
        let off = Self {
            country: named(country),
            node: named(node),
            firm: named(firm),
        };
        let many =
            |part: &Option<String>| part.as_ref().is_some_and(|p| p.contains([',', '@', '~']));
        if many(&off.country) || many(&off.node) {
            return Err(format!(
                "`{text}` holds more than one; write --off before each"
            ));
        }
        if off == Self::default() {
            return Err(format!(
                "`{text}` names nothing; write COUNTRY@NODE, COUNTRY@, @NODE or FIRM~COUNTRY@NODE"
            ));
        }
        Ok(off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_read_as_it_is_written() {
        for text in [
            "JPN@resist",
            "JPN@",
            "@resist",
            "asml~@",
            "asml~NLD@",
            "a~b, c~NLD@scanner",
        ] {
            let off: Off = text.parse().expect(text);
            assert_eq!(off.to_string(), text);
        }
        let all: Off = "asml~*@*".parse().expect("a firm");
        assert_eq!(all.to_string(), "asml~@");
        for text in ["JPN@a,NLD@b", "JPN,NLD@", "@a,b"] {
            let error = text.parse::<Off>().expect_err(text);
            assert!(error.contains("more than one"), "{error}");
        }
        for text in ["", "JPN", "@", "*@*", "~@", " ~ @ "] {
            assert!(text.parse::<Off>().is_err(), "{text}");
        }
    }
}

//! Country codes: ISO 3166-1 alpha-3, and `EU` for the European Union where a source counts it as one.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Alpha-2 code by alpha-3 code.
fn codes() -> &'static BTreeMap<&'static str, &'static str> {
    static CODES: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    CODES.get_or_init(|| {
        include_str!("iso3166.csv")
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','))
            .collect()
    })
}

pub(crate) fn is_country(code: &str) -> bool {
    code == "EU" || codes().contains_key(code)
}

/// The code that was meant: another case, or the two-letter code.
pub(super) fn nearest_country(text: &str) -> Vec<&'static str> {
    /// Not ISO 3166 but common.
    const USUAL: [(&str, &str); 5] = [
        ("UK", "GBR"),
        ("EU27", "EU"),
        ("EUU", "EU"),
        ("ROM", "ROU"),
        ("PRC", "CHN"),
    ];
    let upper = text.to_uppercase();
    let usual = USUAL
        .iter()
        .filter(|(word, _)| *word == upper)
        .map(|(_, code)| *code);
    let iso = codes()
        .iter()
        .filter(|(alpha3, alpha2)| **alpha3 == upper || **alpha2 == upper)
        .map(|(code, _)| *code);
    usual.chain(iso).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_iso_3166() {
        assert_eq!(codes().len(), 249);
        assert!(is_country("CHN") && is_country("EU") && !is_country("XXX") && !is_country("chn"));
        assert_eq!(nearest_country("cn"), ["CHN"]);
        assert_eq!(nearest_country("chn"), ["CHN"]);
        assert_eq!(nearest_country("UK"), ["GBR"]);
        assert!(nearest_country("China").is_empty());
    }
}

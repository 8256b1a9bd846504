//! "Did you mean": the nearest names to a word that is not known.

use model::{Arg, Message};

/// The likeliest of `known` for `word`, best first, at most three. Empty when nothing is near.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = fold(word);
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|candidate| (similarity(&folded, &fold(candidate)), candidate))
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    // What is much farther than the best was not meant.
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.retain(|(score, _)| *score >= best - 0.06);
    scored
        .into_iter()
        .take(3)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// A place in a message: "did you mean …?", or nothing.
pub(crate) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Arg {
    hint_of(&nearest(word, known))
}

pub(crate) fn hint_of(names: &[&str]) -> Arg {
    if names.is_empty() {
        return Arg::Text(String::new());
    }
    Arg::Message(Box::new(
        Message::new("check.did_you_mean").with("names", names.join(", ")),
    ))
}

/// From here on a name counts as near.
const NEAR: f64 = 0.82;

/// Similarity of two folded names in [0, 1]: the better of Jaro–Winkler (Winkler 1990) and the
/// Damerau–Levenshtein share of letters kept.
pub(crate) fn similarity(a: &str, b: &str) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    if a == b {
        return 1.0;
    }
    // Long texts are never names; the comparison is quadratic.
    if a.len() > 200 || b.len() > 200 {
        return 0.0;
    }
    let letters = a.chars().count().max(b.chars().count()) as f64;
    // One letter of a short code is a different code: Winkler's prefix bonus would call them alike.
    if letters <= 3.0 {
        return strsim::normalized_damerau_levenshtein(a, b);
    }
    (0.95 * strsim::jaro_winkler(a, b)).max(strsim::normalized_damerau_levenshtein(a, b))
}

/// Lower case, letters and digits only: `Source URL`, `source_url` and `SourceUrl` fold to one form.
pub(crate) fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        assert_eq!(
            nearest("contry", ["country", "county", "year"]),
            ["country", "county"]
        );
        assert_eq!(nearest("Source URL", ["source_url", "url"]), ["source_url"]);
        assert!(nearest("price", ["country", "node_id"]).is_empty());
        assert!(nearest("CHX", ["CHN", "CHE", "USA"]).is_empty());
    }
}

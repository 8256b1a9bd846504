//! Words in the rows of evidence: letters, characters, and Chinese by its sound.
//!
//! A row is found by its key and by what its fields say, whatever the case. A run of Chinese characters is also found by its
//! pinyin without tones, written together (`guangke`), and by the first letters (`gk`); a character with several readings has
//! its commonest one.

use std::collections::BTreeMap;

use evidence::Evidence;
use model::RowRef;
use pinyin::ToPinyin;
use study::EvidenceRow;

/// What each row can be found by. Rows whose licence keeps them in are found by their key only.
#[derive(Debug, Default)]
pub struct Index(BTreeMap<RowRef, String>);

impl Index {
    pub fn of(evidence: &Evidence) -> Self {
        let rows = evidence.tables.values().flat_map(|table| &table.rows);
        Self(
            rows.map(|record| {
                let reference = record.reference();
                let text = text(&study::explained_row(evidence, &reference));
                (reference, text)
            })
            .collect(),
        )
    }

    pub fn holds(&self, row: &RowRef, words: &[String]) -> bool {
        let text = self.0.get(row);
        text.is_some_and(|text| held(text, words) == words.len())
    }

    /// Rows that `wanted` takes and that hold at least one word, each with how many it holds, by table and key; without words
    /// all that it takes.
    pub fn find<'a>(
        &'a self,
        words: &'a [String],
        wanted: impl Fn(&RowRef) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a RowRef, usize)> {
        let rows = self
            .0
            .iter()
            .map(move |(row, text)| (row, held(text, words)));
        rows.filter(move |(row, n)| (*n > 0 || words.is_empty()) && wanted(row))
    }
}

/// How many of the words a text holds.
fn held(text: &str, words: &[String]) -> usize {
    let found = words.iter().filter(|word| text.contains(word.as_str()));
    found.count()
}

/// The words of a question.
pub fn words(q: &str) -> Vec<String> {
    q.to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn text(row: &EvidenceRow) -> String {
    let mut text = row.key.to_lowercase();
    if row.withheld {
        return text;
    }
    for (_, value) in &row.fields {
        text.push('\n');
        text.push_str(&value.to_lowercase());
        sounds(value, &mut text);
    }
    text
}

/// Adds the pinyin of every run of characters, whole and as first letters.
fn sounds(value: &str, text: &mut String) {
    let (mut whole, mut first) = (String::new(), String::new());
    let mut end = |whole: &mut String, first: &mut String| {
        if !whole.is_empty() {
            text.push('\n');
            text.push_str(whole);
            text.push('\n');
            text.push_str(first);
            whole.clear();
            first.clear();
        }
    };
    for reading in value.to_pinyin() {
        match reading {
            Some(reading) => {
                whole.push_str(reading.plain());
                first.push_str(reading.first_letter());
            }
            None => end(&mut whole, &mut first),
        }
    }
    end(&mut whole, &mut first);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_found_by_characters_sound_and_first_letters() {
        let mut text = String::new();
        sounds("光刻胶 (all) 量子", &mut text);
        assert_eq!(text, "\nguangkejiao\ngkj\nliangzi\nlz");
    }
}

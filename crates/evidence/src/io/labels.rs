//! From texts to labels: joined levels, regions, and where each label stands.

use std::collections::{BTreeMap, BTreeSet};

use super::Label;
use super::grid::{Grid, Log};
use crate::finding::Place;

/// Texts in the order of the file, each with the parts that it was joined from.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub texts: Vec<String>,
    /// Region and name, where the file keeps them in levels of their own.
    parts: Option<Vec<(String, String)>>,
}

impl Keys {
    /// Labels of the rows: the first column, or the first two where the first alone repeats.
    pub fn of_rows(grid: &Grid) -> Self {
        let first: BTreeSet<&str> = grid.labels.iter().map(|l| l[0].as_str()).collect();
        let alone = first.len() == grid.rows() && grid.headings.len() < 2;
        let level = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
        if alone || grid.labels.first().is_none_or(|l| l.len() < 2) {
            return Self::single(grid.labels.iter().map(|l| level(l, 0)).collect());
        }
        Self::joined(
            grid.labels
                .iter()
                .map(|l| (level(l, 0), level(l, 1)))
                .collect(),
        )
    }

    /// Labels of the columns: the first row of headings, or the first two.
    pub fn of_columns(grid: &Grid) -> Self {
        match grid.headings.as_slice() {
            [] => Self::single(Vec::new()),
            [only] => Self::single(only.clone()),
            [region, name, ..] => {
                Self::joined(region.iter().cloned().zip(name.iter().cloned()).collect())
            }
        }
    }

    pub fn single(texts: Vec<String>) -> Self {
        Self { texts, parts: None }
    }

    pub fn joined(parts: Vec<(String, String)>) -> Self {
        Self {
            texts: parts
                .iter()
                .map(|(region, name)| join(region, name))
                .collect(),
            parts: Some(parts),
        }
    }

    /// Texts of the file with the parts that they stand for.
    pub fn with_texts(texts: Vec<String>, parts: Vec<(String, String)>) -> Self {
        Self {
            texts,
            parts: Some(parts),
        }
    }

    /// The keys at these places, if the file keeps regions in a level of their own.
    pub fn parts_of(&self, which: &[usize]) -> Option<Self> {
        self.parts.is_some().then(|| self.pick(which))
    }

    pub fn pick(&self, which: &[usize]) -> Self {
        Self {
            texts: which.iter().map(|at| self.texts[*at].clone()).collect(),
            parts: self
                .parts
                .as_ref()
                .map(|parts| which.iter().map(|at| parts[*at].clone()).collect()),
        }
    }

    /// Industries: the text before the first `_` is a region when every label has one and names repeat across
    /// regions, or when there is one region only.
    pub fn industries(&self) -> Vec<Label> {
        if let Some(parts) = &self.parts {
            return self.with_parts(parts);
        }
        let split: Option<Vec<(&str, &str)>> =
            self.texts.iter().map(|t| t.split_once('_')).collect();
        let Some(split) = split else {
            return self.without_regions();
        };
        let regions: BTreeSet<&str> = split.iter().map(|s| s.0).collect();
        let names: BTreeSet<&str> = split.iter().map(|s| s.1).collect();
        if regions.len() > 1 && names.len() == split.len() {
            return self.without_regions();
        }
        self.texts
            .iter()
            .zip(split)
            .map(|(text, (region, name))| label(text, region, name))
            .collect()
    }

    /// Final demand: the text before the first `_` is a region when it is one of an industry.
    pub fn finals(&self, industries: &[Label]) -> Vec<Label> {
        let regions: BTreeSet<&str> = industries.iter().map(|l| l.region.as_str()).collect();
        if let Some(parts) = &self.parts {
            return self.with_parts(parts);
        }
        let of = |text: &String| match text.split_once('_') {
            Some((region, name)) if regions.contains(region) => label(text, region, name),
            // The 2016 edition of ICIO writes the category first.
            Some((name, region)) if regions.contains(region) => label(text, region, name),
            _ => label(text, "", text),
        };
        self.texts.iter().map(of).collect()
    }

    fn with_parts(&self, parts: &[(String, String)]) -> Vec<Label> {
        self.texts
            .iter()
            .zip(parts)
            .map(|(text, (region, name))| label(text, region, name))
            .collect()
    }

    fn without_regions(&self) -> Vec<Label> {
        self.texts
            .iter()
            .map(|text| label(text, "", text))
            .collect()
    }

    /// Places of the labels; empty ones and repeated ones are findings.
    pub fn places(
        &self,
        place: impl Fn(usize) -> (String, Option<u64>),
        log: &mut Log,
    ) -> BTreeMap<String, usize> {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (at, text) in self.texts.iter().enumerate() {
            let (file, row) = place(at);
            let here = Place {
                file: &file,
                row: row.or(Some(1)),
                column: row.is_none().then_some(text.as_str()),
            };
            if text.is_empty() {
                log.error_with("io.label_empty", here, "", &[("position", (at + 1).into())]);
            } else if let Some(first) = places.insert(text.clone(), at) {
                let args = [("first", (first + 1).into()), ("second", (at + 1).into())];
                log.error_with("io.label_twice", here, text, &args);
            }
        }
        places
    }
}

/// The places of `wanted` in `places`, in the order of `wanted`; what is missing is listed.
pub(super) fn order(
    wanted: &[String],
    places: &BTreeMap<String, usize>,
) -> Result<Vec<usize>, Vec<String>> {
    let missing: Vec<String> = wanted
        .iter()
        .filter(|text| !places.contains_key(*text))
        .cloned()
        .collect();
    if missing.is_empty() {
        Ok(wanted.iter().map(|text| places[text]).collect())
    } else {
        Err(missing)
    }
}

pub(super) fn label(text: &str, region: &str, name: &str) -> Label {
    Label {
        text: text.to_owned(),
        region: region.to_owned(),
        name: name.to_owned(),
    }
}

pub(super) fn join(region: &str, name: &str) -> String {
    match (region.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => region.to_owned(),
        _ => format!("{region}_{name}"),
    }
}

/// The first few of a list, for a message.
pub(super) fn some(texts: &[String]) -> String {
    let mut shown = texts.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if texts.len() > 5 {
        shown.push_str(", …");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(texts: &[&str]) -> Keys {
        Keys::single(texts.iter().map(|t| (*t).to_owned()).collect())
    }

    #[test]
    fn regions_are_told_by_names_that_repeat() {
        let found = keys(&["A_x_1", "A_y", "B_x_1", "B_y"]).industries();
        assert_eq!(
            (found[2].region.as_str(), found[2].name.as_str()),
            ("B", "x_1")
        );
        let one = keys(&["A_x", "A_y"]).industries();
        assert_eq!(one[1].region, "A");
        let words = keys(&["food_products", "metal_ores"]).industries();
        assert_eq!(
            (words[0].region.as_str(), words[0].name.as_str()),
            ("", "food_products")
        );
    }

    #[test]
    fn final_demand_has_a_region_of_an_industry() {
        let industries = keys(&["A_x", "B_x"]).industries();
        let found = keys(&["A_HFCE", "final_demand", "HC_B"]).finals(&industries);
        let regions: Vec<&str> = found.iter().map(|l| l.region.as_str()).collect();
        assert_eq!(regions, ["A", "", "B"]);
    }
}

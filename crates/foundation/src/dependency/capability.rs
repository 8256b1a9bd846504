//! Dependence crossed with capability: for each dependent product, can it be built, what has to come before, and who
//! else could supply it? **Experimental**: each part is published, their joint is ours.
//!
//! What another method says arrives as a number with its range: relatedness density and distance of the product in
//! each place (home or a region), its complexity (PCI), the technologies that precede it with their assist score and
//! lag, and the worst single stop before and after other sources are used ([`sources`](super::sources)).
//!
//! | answer | yes | no |
//! |---|---|---|
//! | buildable | the density of some place lies above the threshold | that of every place lies below |
//! | technologies held | every technology that matters is held | one that matters is not |
//! | replaceable | the worst stop after diversification lies below the threshold | it lies above |
//!
//! A whole range has to lie on one side; otherwise the answer is open. An input that is missing makes its answer
//! "not estimated", never no. A technology matters if its assist score lies above a threshold. **All three thresholds
//! are assumptions of the study.**

use model::{Estimate, Message, Quantity};
use serde::{Deserialize, Serialize};

use super::criterion::Verdict;
use super::sources::Sources;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapabilityParams {
    /// A place with more relatedness density (0..1) can build the product.
    pub density: f64,
    /// A technology with more assist score (0..1) has to come first.
    pub assist: f64,
    /// A largest share of one supplier (0..1) that can be borne.
    pub worst_stop: f64,
}

impl Default for CapabilityParams {
    fn default() -> Self {
        Self {
            density: 0.4,
            assist: 0.1,
            worst_stop: 0.4,
        }
    }
}

/// How near a place is to a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub name: String,
    /// 0..1.
    pub density: Quantity,
    /// 0..1; shown, decides nothing (for most conventions it is 1 - density).
    pub distance: Quantity,
}

/// A technology that tends to be held before the product is.
#[derive(Debug, Clone, PartialEq)]
pub struct Assist {
    pub technology: String,
    /// 0..1.
    pub score: Estimate,
    pub lag_years: Estimate,
    /// `None` if unknown.
    pub held: Option<bool>,
}

/// What is known of one product.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    pub product: String,
    /// By a dependency method, over its ranges.
    pub dependence: Verdict,
    /// Value at stake, e.g. imports from outside.
    pub exposure: Quantity,
    pub pci: Quantity,
    pub places: Vec<Place>,
    /// `None` if not studied; empty if none precedes it.
    pub assists: Option<Vec<Assist>>,
    /// Largest share of one supplier, now and after diversification.
    pub worst_stop: Quantity,
    pub worst_stop_after: Quantity,
    /// Suppliers that could replace the first one, best first.
    pub replacements: Vec<String>,
}

impl Product {
    /// A dependent product with what its other sources say; the rest is not estimated until it is filled in.
    pub fn from_sources(dependence: Verdict, sources: &Sources) -> Self {
        let lacks = |id: &str| Quantity::not_estimated(Message::new(id));
        let after = sources.added.last().map_or(sources.now, |a| a.point);
        Self {
            product: sources.product.clone(),
            dependence,
            exposure: Quantity::exact(sources.imports, model::Basis::Derived),
            pci: lacks("dependency.lacks.complexity"),
            places: Vec::new(),
            assists: None,
            worst_stop: Estimate::from(sources.now.worst_stop).into(),
            worst_stop_after: Estimate::from(after.worst_stop).into(),
            replacements: sources
                .candidates
                .iter()
                .map(|c| c.country.clone())
                .collect(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    Yes,
    No,
    Open,
    NotEstimated,
}

/// What the answers leave to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    NotDependent,
    /// A place is near and the technologies are held.
    Build,
    /// A place is near; technologies come first.
    TechnologyFirst,
    /// Out of reach, but other sources bring the worst stop down.
    Replace,
    /// Out of reach, and other sources do not suffice: stock, substitute, or research.
    Exposed,
    /// Ranges do not decide.
    Open,
    NotEstimated,
}

impl Way {
    pub fn code(self) -> &'static str {
        match self {
            Self::NotDependent => "way.not_dependent",
            Self::Build => "way.build",
            Self::TechnologyFirst => "way.technology_first",
            Self::Replace => "way.replace",
            Self::Exposed => "way.exposed",
            Self::Open => "way.open",
            Self::NotEstimated => "not_estimated",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Crossing {
    pub product: String,
    pub dependence: Verdict,
    pub exposure: Quantity,
    pub pci: Quantity,
    pub buildable: Answer,
    /// Places within reach for certain; where there are none, those that may be.
    pub places: Vec<String>,
    pub technologies_held: Answer,
    /// Technologies that matter, or may, and are not held for certain: highest score first.
    pub technologies_first: Vec<Assist>,
    /// Longest lag of these; 0 where there are none.
    pub wait_years: Quantity,
    pub replaceable: Answer,
    pub worst_stop: Quantity,
    pub worst_stop_after: Quantity,
    pub replacements: Vec<String>,
    pub way: Way,
    /// What was not estimated, where it matters.
    pub missing: Vec<Message>,
}

/// Crossings, largest exposure first (not estimated last), ties by product.
pub fn cross(products: &[Product], params: &CapabilityParams) -> Vec<Crossing> {
    let mut crossings: Vec<Crossing> = products.iter().map(|p| crossing(p, params)).collect();
    let size = |c: &Crossing| c.exposure.estimate().map_or(f64::NEG_INFINITY, |e| e.value);
    crossings.sort_by(|a, b| {
        size(b)
            .total_cmp(&size(a))
            .then_with(|| a.product.cmp(&b.product))
    });
    crossings
}

fn crossing(product: &Product, params: &CapabilityParams) -> Crossing {
    let reach: Vec<(Answer, &Place)> = product
        .places
        .iter()
        .map(|place| (above(&place.density, params.density), place))
        .collect();
    let any = |answer| reach.iter().any(|(a, _)| *a == answer);
    let buildable = if any(Answer::Yes) {
        Answer::Yes
    } else if any(Answer::Open) {
        Answer::Open
    } else if reach.is_empty() || any(Answer::NotEstimated) {
        Answer::NotEstimated
    } else {
        Answer::No
    };
    let mut places: Vec<String> = reach
        .iter()
        .filter(|(a, _)| *a == buildable && matches!(a, Answer::Yes | Answer::Open))
        .map(|(_, place)| place.name.clone())
        .collect();
    places.sort_unstable();
    let (technologies_held, technologies_first) = technologies(product, params);
    let wait = technologies_first
        .iter()
        .map(|a| a.lag_years)
        .reduce(|a, b| {
            Estimate::spanning(
                a.value.max(b.value),
                a.low.max(b.low),
                a.high.max(b.high),
                a.basis.and(b.basis),
            )
        });
    let replaceable = match above(&product.worst_stop_after, params.worst_stop) {
        Answer::Yes => Answer::No,
        Answer::No => Answer::Yes,
        other => other,
    };
    let mut missing = Vec::new();
    let mut lacks = |answer, id: &str| {
        if answer == Answer::NotEstimated {
            missing.push(Message::new(id));
        }
    };
    lacks(buildable, "dependency.lacks.density");
    lacks(technologies_held, "dependency.lacks.assists");
    lacks(replaceable, "dependency.lacks.sources");
    if product.dependence == Verdict::NotEstimated {
        missing.push(Message::new("dependency.lacks.dependence"));
    }
    Crossing {
        product: product.product.clone(),
        dependence: product.dependence,
        exposure: product.exposure.clone(),
        pci: product.pci.clone(),
        buildable,
        places,
        technologies_held,
        wait_years: match (technologies_held, wait) {
            (Answer::NotEstimated, _) => {
                Quantity::not_estimated(Message::new("dependency.lacks.assists"))
            }
            (_, Some(wait)) => wait.into(),
            (_, None) => Quantity::exact(0.0, model::Basis::Derived),
        },
        technologies_first,
        replaceable,
        worst_stop: product.worst_stop.clone(),
        worst_stop_after: product.worst_stop_after.clone(),
        replacements: product.replacements.clone(),
        way: way(
            product.dependence,
            buildable,
            technologies_held,
            replaceable,
        ),
        missing,
    }
}

fn way(dependence: Verdict, buildable: Answer, held: Answer, replaceable: Answer) -> Way {
    // The second question depends on the first: technologies if it can be built, other sources if not.
    let second = match (dependence, buildable) {
        (Verdict::Fails, _) => return Way::NotDependent,
        (Verdict::NotEstimated, _) | (_, Answer::NotEstimated) => return Way::NotEstimated,
        (_, Answer::Open) => return Way::Open,
        (_, Answer::Yes) => held,
        (_, Answer::No) => replaceable,
    };
    match (buildable, second) {
        (_, Answer::NotEstimated) => Way::NotEstimated,
        (_, Answer::Open) => Way::Open,
        (Answer::Yes, Answer::Yes) => Way::Build,
        (Answer::Yes, Answer::No) => Way::TechnologyFirst,
        (_, Answer::Yes) => Way::Replace,
        (_, Answer::No) => Way::Exposed,
    }
}

fn technologies(product: &Product, params: &CapabilityParams) -> (Answer, Vec<Assist>) {
    let Some(assists) = &product.assists else {
        return (Answer::NotEstimated, Vec::new());
    };
    let mut first: Vec<Assist> = assists
        .iter()
        .filter(|a| a.score.high > params.assist && a.held != Some(true))
        .cloned()
        .collect();
    first.sort_by(|a, b| {
        b.score
            .value
            .total_cmp(&a.score.value)
            .then_with(|| a.technology.cmp(&b.technology))
    });
    let surely = |a: &Assist| a.score.low > params.assist && a.held == Some(false);
    let answer = if first.iter().any(surely) {
        Answer::No
    } else if first.is_empty() {
        Answer::Yes
    } else {
        Answer::Open
    };
    (answer, first)
}

fn above(quantity: &Quantity, threshold: f64) -> Answer {
    match quantity.estimate() {
        None => Answer::NotEstimated,
        Some(e) if e.low > threshold => Answer::Yes,
        Some(e) if e.high <= threshold => Answer::No,
        Some(_) => Answer::Open,
    }
}

#[cfg(test)]
mod tests {
    use model::Basis;

    use super::*;

    fn q(low: f64, high: f64) -> Quantity {
        Estimate::spanning(f64::midpoint(low, high), low, high, Basis::Derived).into()
    }

    fn product(density: Quantity, assists: Option<Vec<Assist>>, after: Quantity) -> Product {
        Product {
            product: "p".to_owned(),
            dependence: Verdict::Passes,
            exposure: q(1.0, 2.0),
            pci: q(0.0, 1.0),
            places: vec![Place {
                name: "wuhan".to_owned(),
                density,
                distance: q(0.5, 0.6),
            }],
            assists,
            worst_stop: q(0.8, 0.9),
            worst_stop_after: after,
            replacements: vec!["JPN".to_owned()],
        }
    }

    fn assist(low: f64, high: f64, held: Option<bool>) -> Assist {
        Assist {
            technology: "t".to_owned(),
            score: Estimate::spanning(low, low, high, Basis::Derived),
            lag_years: Estimate::spanning(5.0, 3.0, 8.0, Basis::Derived),
            held,
        }
    }

    #[test]
    fn every_way_by_hand() {
        let none = || Quantity::not_estimated(Message::new("x"));
        let (near, far, unsure) = (|| q(0.5, 0.6), || q(0.1, 0.2), || q(0.3, 0.5));
        let cases = [
            (near(), Some(vec![]), none(), Way::Build),
            (
                near(),
                Some(vec![assist(0.2, 0.3, Some(true))]),
                none(),
                Way::Build,
            ),
            (
                near(),
                Some(vec![assist(0.2, 0.3, Some(false))]),
                none(),
                Way::TechnologyFirst,
            ),
            (
                near(),
                Some(vec![assist(0.05, 0.3, Some(false))]),
                none(),
                Way::Open,
            ),
            (
                near(),
                Some(vec![assist(0.2, 0.3, None)]),
                none(),
                Way::Open,
            ),
            (near(), None, q(0.1, 0.2), Way::NotEstimated),
            (far(), None, q(0.1, 0.2), Way::Replace),
            (far(), None, q(0.5, 0.6), Way::Exposed),
            (far(), None, q(0.3, 0.6), Way::Open),
            (far(), None, none(), Way::NotEstimated),
            (unsure(), Some(vec![]), q(0.1, 0.2), Way::Open),
            (none(), Some(vec![]), q(0.1, 0.2), Way::NotEstimated),
        ];
        for (k, (density, assists, after, way)) in cases.into_iter().enumerate() {
            let found = cross(
                &[product(density, assists, after)],
                &CapabilityParams::default(),
            );
            assert_eq!(found[0].way, way, "case {k}");
            let says_why = !found[0].missing.is_empty();
            assert!(way != Way::NotEstimated || says_why, "case {k}");
        }
    }

    #[test]
    fn the_wait_is_the_longest_lag_and_other_verdicts_stop_early() {
        let mut p = product(
            q(0.5, 0.6),
            Some(vec![assist(0.2, 0.3, Some(false))]),
            q(0.1, 0.2),
        );
        let found = cross(std::slice::from_ref(&p), &CapabilityParams::default());
        let wait = found[0]
            .wait_years
            .estimate()
            .expect("a technology is missing");
        assert!((wait.low - 3.0).abs() < 1e-12 && (wait.high - 8.0).abs() < 1e-12);
        p.dependence = Verdict::Fails;
        let found = cross(&[p.clone()], &CapabilityParams::default());
        assert_eq!(found[0].way, Way::NotDependent);
        p.dependence = Verdict::NotEstimated;
        let found = cross(&[p], &CapabilityParams::default());
        assert_eq!(found[0].way, Way::NotEstimated);
        assert!(!found[0].missing.is_empty());
    }
}

//! OR-Library files (Beasley 1990): multi-dimensional knapsacks and generalised assignment, told apart by their counts.
//!
//! ```text
//! knapsacks    K, then K times: n m best, n gains, m rows of n uses, m capacities
//! assignment   m n, m rows of n worths, m rows of n uses, m capacities
//! ```

use layout::portfolio::knapsack::{Assignment, Knapsack, Sense};

pub(super) enum Instance {
    Knapsack {
        knapsack: Knapsack,
        /// The value that the file states; 0 there means that none is known.
        stated: Option<f64>,
    },
    Assignment(Assignment),
}

/// The instances of a text of numbers alone; `None` where it is another kind of text.
pub(super) fn read(text: &str, sense: Sense) -> Option<Result<Vec<Instance>, String>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let numbers: Option<Vec<f64>> = words
        .iter()
        .map(|w| w.parse().ok().filter(|n: &f64| n.is_finite()))
        .collect();
    let numbers = numbers.filter(|n| !n.is_empty())?;
    let found = knapsacks(&numbers).or_else(|| assignment(&numbers, sense).map(|a| vec![a]));
    Some(found.ok_or_else(|| {
        format!(
            "{} numbers are neither knapsacks (K; n m best, gains, rows, capacities) nor an assignment (m n, rows, rows, capacities)",
            numbers.len()
        )
    }))
}

fn count(x: f64) -> Option<usize> {
    (x >= 1.0 && x.fract() == 0.0 && x <= 1e6).then_some(x as usize)
}

fn knapsacks(numbers: &[f64]) -> Option<Vec<Instance>> {
    let (first, mut rest) = numbers.split_first()?;
    let mut take = |n: usize| {
        let (taken, left) = rest.split_at_checked(n)?;
        rest = left;
        Some(taken.to_vec())
    };
    let mut found = Vec::new();
    for _ in 0..count(*first)? {
        let head = take(3)?;
        let (n, m) = (count(head[0])?, count(head[1])?);
        let gains = take(n)?;
        let uses = (0..m).map(|_| take(n)).collect::<Option<Vec<_>>>()?;
        let capacities = take(m)?;
        found.push(Instance::Knapsack {
            knapsack: Knapsack {
                gains,
                uses,
                capacities,
            },
            stated: Some(head[2]).filter(|best| *best > 0.0),
        });
    }
    rest.is_empty().then_some(found)
}

fn assignment(numbers: &[f64], sense: Sense) -> Option<Instance> {
    let (m, n) = (count(*numbers.first()?)?, count(*numbers.get(1)?)?);
    if numbers.len() != 2 + 2 * m * n + m {
        return None;
    }
    let block = |from: usize| -> Vec<Vec<f64>> {
        numbers[from..from + m * n]
            .chunks(n)
            .map(<[f64]>::to_vec)
            .collect()
    };
    Some(Instance::Assignment(Assignment {
        worth: block(2),
        uses: block(2 + m * n),
        capacities: numbers[2 + 2 * m * n..].to_vec(),
        sense,
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_counts_tell_the_kind() {
        let knapsack = read("1\n2 1 5\n3 5\n1 2\n2\n", Sense::Most)
            .unwrap()
            .unwrap();
        assert!(matches!(
            &knapsack[..],
            [Instance::Knapsack {
                stated: Some(5.0),
                ..
            }]
        ));
        let assignment = read("1 2\n3 5\n1 2\n4\n", Sense::Least).unwrap().unwrap();
        assert!(matches!(&assignment[..], [Instance::Assignment(_)]));
        assert!(read("1 2 3", Sense::Most).unwrap().is_err());
        assert!(read("periods = 3", Sense::Most).is_none());
        assert!(read("", Sense::Most).is_none());
    }
}

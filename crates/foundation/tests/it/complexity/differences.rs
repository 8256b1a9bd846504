//! Why two conventions disagree, in numbers.

use foundation::complexity::convention::Universe;
use foundation::complexity::difference::{Field, Output};
use foundation::complexity::{
    ComplexityError, Convention, Difference, Params, Preset, explain_difference,
};
use libtest_mimic::Trial;
use model::{Catalogue, Lang, Names};

use super::golden_table;
use crate::{close, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "complexity/from Stata to Python, step by step",
            stata_to_python,
        ),
        trial(
            "complexity/a convention does not differ from itself",
            itself,
        ),
        trial("complexity/steps add up between any two presets", add_up),
        trial(
            "complexity/every step has a sentence in both languages",
            sentences,
        ),
    ]
}

fn between(file: &str, a: Preset, b: Preset) -> Difference {
    let (a, b) = (Convention::of(a), Convention::of(b));
    explain_difference(&golden_table(file), &a, &b, &Params::default()).unwrap()
}

/// The three known differences of the two packages of the Growth Lab, on the fixture they were found on.
fn stata_to_python() {
    let found = between(
        "complexity_stata_table.csv",
        Preset::GrowthLabStata,
        Preset::PyEcomplexity,
    );
    let fields: Vec<Field> = found.steps.iter().map(|s| s.field).collect();
    assert_eq!(fields, [Field::Comparison, Field::Moments, Field::Diagonal]);
    assert!(
        found.steps[0].is_nothing(),
        "no cell of this table lies at 1"
    );
    let change = |step: usize, output: Output| {
        found.steps[step]
            .changes
            .iter()
            .find(|c| c.output == output)
            .unwrap()
    };
    // Standard deviations over 10 countries rather than 300 rows less one.
    let factor = (300f64 / 299.0).sqrt() - 1.0;
    close("eci", change(1, Output::Eci).median_relative, factor, 1e-9);
    close("pci", change(1, Output::Pci).largest_relative, factor, 1e-9);
    assert_eq!(change(1, Output::Density).changed, 0);
    // The diagonal moves density and what is made of it, and nothing else.
    assert_eq!(change(2, Output::Eci).changed, 0);
    assert!(change(2, Output::Density).largest_relative > 0.1);
    assert!(change(2, Output::Cog).changed > 0);
    assert_eq!(found.presence, 0);
}

fn itself() {
    let found = between("complexity_table.csv", Preset::Forelay, Preset::Forelay);
    assert!(found.steps.is_empty() && found.movers.is_empty());
    assert!(
        found
            .total
            .iter()
            .all(|c| c.changed == 0 && c.rank_correlation == Some(1.0))
    );
    assert!(found.interaction.iter().all(|(_, part)| part.is_none()));
}

fn add_up() {
    for a in Preset::ALL {
        for b in Preset::ALL {
            let found = between("complexity_table.csv", a, b);
            for mover in &found.movers {
                let sum: f64 = mover.by_step.iter().sum();
                assert_eq!(mover.by_step.len(), found.steps.len());
                let scale = mover.before.abs().max(mover.after.abs());
                assert!((sum - (mover.after - mover.before)).abs() <= 1e-9 * scale);
            }
            // A field that does nothing alone on this table may be left out of the way.
            assert!(found.steps.iter().all(|s| s.refused.is_none()));
        }
    }
    let found = between("complexity_table.csv", Preset::Forelay, Preset::Econcomplex);
    let universe = found
        .steps
        .iter()
        .find(|s| s.field == Field::Universe)
        .unwrap();
    assert!(universe.is_nothing(), "every unit has a link");
    let part = |output| {
        found
            .interaction
            .iter()
            .find(|(o, _)| *o == output)
            .unwrap()
            .1
    };
    // PCI's own moments are the only thing that touches PCI; COG's scale and definition act on each other.
    assert!(part(Output::Pci).unwrap() < 1e-12);
    assert!(part(Output::Cog).unwrap() > 1e-3);
}

fn sentences() {
    let from = Convention::of(Preset::Economiccomplexity);
    let to = Convention {
        threshold: 1.5,
        universe: Universe::Recomputed,
        ..Convention::of(Preset::Oec)
    };
    let found = match explain_difference(
        &golden_table("complexity_table.csv"),
        &from,
        &to,
        &Params::default(),
    ) {
        Ok(found) => found,
        Err(ComplexityError::Refused(refusal)) => panic!("{}", refusal.code),
        Err(error) => panic!("{error}"),
    };
    let sentences = found.sentences();
    assert_eq!(sentences.len(), found.steps.len() + 1);
    for sentence in &sentences {
        for lang in Lang::ALL {
            let text = Catalogue::builtin().render(sentence, lang, &Names::default());
            assert!(
                !text.contains("difference.")
                    && !text.contains("convention.")
                    && !text.contains('{'),
                "{text}"
            );
        }
    }
    for field in Field::ALL {
        let id = format!("convention.{}", field.code());
        assert!(
            Lang::ALL
                .iter()
                .all(|lang| Catalogue::builtin().text(&id, *lang).is_some()),
            "{id}"
        );
    }
}

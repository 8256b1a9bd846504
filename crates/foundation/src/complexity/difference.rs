//! Why do two packages disagree on the same table? From one convention to the other, one field at a time.
//!
//! ```text
//! A = c0 → c1 → … → ck = B        each arrow changes one field, in the order in which the fields act
//! Σ_i (x(ci) - x(ci-1)) = x(B) - x(A)                                  the steps add up, number by number
//! interaction = x(B) - x(A) - Σ_i (x(A with field i of B) - x(A))      what no field does alone
//! ```
//!
//! What a step moves depends on the order of the steps as far as there is interaction, and no further. A field that changes
//! nothing on this table says so.

use model::Message;

use super::convention::Convention;
use super::table::{Complexity, ComplexityError, Params, complexity};
use crate::activity::ActivityTable;

/// One choice of a [`Convention`], in the order in which they act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Source,
    Threshold,
    RpopThreshold,
    Comparison,
    Tie,
    Undefined,
    Universe,
    Method,
    Sign,
    Moments,
    PciMoments,
    Measure,
    Diagonal,
    Density,
    OutlookPci,
    Coi,
    Gain,
    Cog,
}

impl Field {
    pub const ALL: [Self; 18] = [
        Self::Source,
        Self::Threshold,
        Self::RpopThreshold,
        Self::Comparison,
        Self::Tie,
        Self::Undefined,
        Self::Universe,
        Self::Method,
        Self::Sign,
        Self::Moments,
        Self::PciMoments,
        Self::Measure,
        Self::Diagonal,
        Self::Density,
        Self::OutlookPci,
        Self::Coi,
        Self::Gain,
        Self::Cog,
    ];

    /// The catalogue holds `convention.<code>`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Threshold => "threshold",
            Self::RpopThreshold => "rpop_threshold",
            Self::Comparison => "comparison",
            Self::Tie => "tie",
            Self::Undefined => "undefined",
            Self::Universe => "universe",
            Self::Method => "method",
            Self::Sign => "sign",
            Self::Moments => "moments",
            Self::PciMoments => "pci_moments",
            Self::Measure => "measure",
            Self::Diagonal => "diagonal",
            Self::Density => "density",
            Self::OutlookPci => "outlook_pci",
            Self::Coi => "coi",
            Self::Gain => "gain",
            Self::Cog => "cog",
        }
    }

    /// `from` with this field of `to`.
    #[must_use]
    pub fn taken(self, from: &Convention, to: &Convention) -> Convention {
        let mut c = from.clone();
        match self {
            Self::Source => c.source = to.source,
            Self::Threshold => c.threshold = to.threshold,
            Self::RpopThreshold => c.rpop_threshold = to.rpop_threshold,
            Self::Comparison => c.comparison = to.comparison,
            Self::Tie => c.tie = to.tie,
            Self::Undefined => c.undefined = to.undefined,
            Self::Universe => c.universe = to.universe,
            Self::Method => c.method = to.method,
            Self::Sign => c.sign = to.sign,
            Self::Moments => c.moments = to.moments,
            Self::PciMoments => c.pci_moments = to.pci_moments,
            Self::Measure => c.measure = to.measure,
            Self::Diagonal => c.diagonal = to.diagonal,
            Self::Density => c.density = to.density,
            Self::OutlookPci => c.outlook_pci = to.outlook_pci,
            Self::Coi => c.coi = to.coi,
            Self::Gain => c.gain = to.gain,
            Self::Cog => c.cog = to.cog,
        }
        c
    }
}

/// A column of the full table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    Eci,
    Pci,
    Density,
    Coi,
    Cog,
}

impl Output {
    pub const ALL: [Self; 5] = [Self::Eci, Self::Pci, Self::Density, Self::Coi, Self::Cog];

    pub fn code(self) -> &'static str {
        match self {
            Self::Eci => "eci",
            Self::Pci => "pci",
            Self::Density => "density",
            Self::Coi => "coi",
            Self::Cog => "cog",
        }
    }

    pub fn of(self, table: &Complexity) -> &[f64] {
        match self {
            Self::Eci => &table.eci,
            Self::Pci => &table.pci,
            Self::Density => &table.density,
            Self::Coi => &table.coi,
            Self::Cog => &table.cog,
        }
    }
}

/// How far one column moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub output: Output,
    /// Numbers known before and after.
    pub compared: usize,
    /// Of these, changed by more than rounding.
    pub changed: usize,
    /// Numbers known on one side only.
    pub unmatched: usize,
    /// Largest |after - before|.
    pub largest: f64,
    /// Largest and median |after - before| / |before| over what is not 0 before.
    pub largest_relative: f64,
    pub median_relative: f64,
    /// Spearman's rank correlation; `None` where one side does not vary.
    pub rank_correlation: Option<f64>,
    /// Places of the numbers that moved most, the furthest first, with after - before.
    pub movers: Vec<(usize, f64)>,
}

/// What one field does.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub field: Field,
    /// Cells of presence that changed.
    pub presence: usize,
    /// Changes of every column; empty where the way stands still because the table is refused under this convention (its
    /// code), so that the change comes with the next step.
    pub changes: Vec<Change>,
    pub refused: Option<String>,
}

impl Step {
    pub fn is_nothing(&self) -> bool {
        self.refused.is_none()
            && self.presence == 0
            && self
                .changes
                .iter()
                .all(|c| c.changed == 0 && c.unmatched == 0)
    }
}

/// A number that moved, and by which steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Mover {
    pub output: Output,
    /// Place in the column.
    pub place: usize,
    pub before: f64,
    pub after: f64,
    /// After - before of every step, in their order; they add up to `after - before`.
    pub by_step: Vec<f64>,
}

/// From one convention to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The fields on which the two differ.
    pub steps: Vec<Step>,
    pub total: Vec<Change>,
    pub presence: usize,
    /// For every column Σ |interaction| / Σ |total change|: 0 where the fields add up one by one. `None` where nothing changed or a
    /// field alone is refused.
    pub interaction: Vec<(Output, Option<f64>)>,
    pub movers: Vec<Mover>,
}

/// Numbers that are named for each column.
const NAMED: usize = 5;

/// Explains how the columns of `table` move from convention `a` to convention `b`. Fails where the table is refused under one of
/// them.
pub fn explain_difference(
    table: &ActivityTable,
    a: &Convention,
    b: &Convention,
    params: &Params,
) -> Result<Difference, ComplexityError> {
    let (start, end) = (complexity(table, a, params)?, complexity(table, b, params)?);
    let fields: Vec<Field> = Field::ALL
        .into_iter()
        .filter(|field| field.taken(a, b) != *a)
        .collect();
    let total = changes(&start, &end);
    let mut movers = movers(&total, &start, &end);
    let mut alone: Vec<Option<Vec<f64>>> = Output::ALL
        .map(|o| Some(vec![0.0; o.of(&start).len()]))
        .into();
    let mut steps = Vec::new();
    let (mut convention, mut before) = (a.clone(), start.clone());
    for field in fields {
        let first = convention == *a;
        convention = field.taken(&convention, b);
        let next = complexity(table, &convention, params);
        let single = if first {
            next.as_ref().ok().cloned()
        } else {
            complexity(table, &field.taken(a, b), params).ok()
        };
        for (sum, output) in alone.iter_mut().zip(Output::ALL) {
            *sum = sum.take().zip(single.as_ref()).map(|(mut sum, single)| {
                let columns = output.of(single).iter().zip(output.of(&start));
                for (sum, (x, y)) in sum.iter_mut().zip(columns) {
                    *sum += x - y;
                }
                sum
            });
        }
        let (changes, presence, refused) = match next {
            Ok(after) => {
                for mover in &mut movers {
                    let column = |t| mover.output.of(t)[mover.place];
                    mover.by_step.push(column(&after) - column(&before));
                }
                let found = (changes(&before, &after), cells(&before, &after), None);
                before = after;
                found
            }
            Err(error) => {
                for mover in &mut movers {
                    mover.by_step.push(0.0);
                }
                (Vec::new(), 0, Some(code(&error)))
            }
        };
        steps.push(Step {
            field,
            presence,
            changes,
            refused,
        });
    }
    let interaction = Output::ALL
        .into_iter()
        .zip(alone)
        .map(|(output, alone)| {
            let ends = output.of(&end).iter().zip(output.of(&start));
            let (mut rest, mut all) = (0.0, 0.0);
            for ((x, y), alone) in ends.zip(alone.iter().flatten()) {
                if (x - y - alone).is_finite() {
                    rest += (x - y - alone).abs();
                    all += (x - y).abs();
                }
            }
            (output, (alone.is_some() && all > 0.0).then(|| rest / all))
        })
        .collect();
    Ok(Difference {
        presence: cells(&start, &end),
        steps,
        total,
        interaction,
        movers,
    })
}

impl Difference {
    /// The report in sentences: one for each step, then the total.
    pub fn sentences(&self) -> Vec<Message> {
        let field = |field: Field| Message::new(format!("convention.{}", field.code()));
        let mut sentences: Vec<Message> = self
            .steps
            .iter()
            .map(|step| {
                let named = |id: &str| Message::new(id).with("field", field(step.field));
                match &step.refused {
                    Some(code) => named("difference.refused").with("code", code.as_str()),
                    None if step.is_nothing() => named("difference.nothing"),
                    None => named("difference.step")
                        .with("cells", step.presence)
                        .with("columns", columns(&step.changes)),
                }
            })
            .collect();
        sentences.push(
            Message::new("difference.total")
                .with("cells", self.presence)
                .with("columns", columns(&self.total)),
        );
        sentences
    }
}

/// The columns that moved, as one message.
fn columns(changes: &[Change]) -> Message {
    let moved: Vec<Message> = changes
        .iter()
        .filter(|c| c.changed > 0 || c.unmatched > 0)
        .map(|c| {
            let message = Message::new("difference.column")
                .with(
                    "column",
                    Message::new(format!("difference.{}", c.output.code())),
                )
                .with("changed", c.changed)
                .with("of", c.compared)
                .with("largest", c.largest)
                .with("median", c.median_relative);
            match c.rank_correlation {
                Some(rho) => message.with("rho", rho),
                None => message.with("rho", "-"),
            }
        })
        .collect();
    if moved.is_empty() {
        return Message::new("difference.none");
    }
    Message::listed(&moved)
}

fn code(error: &ComplexityError) -> String {
    match error {
        ComplexityError::Refused(refusal) => refusal.code.clone(),
        other => other.to_string(),
    }
}

fn cells(a: &Complexity, b: &Complexity) -> usize {
    let width = a.presence.activities();
    (0..a.presence.locations() * width)
        .filter(|k| a.presence.get(k / width, k % width) != b.presence.get(k / width, k % width))
        .count()
}

fn changes(before: &Complexity, after: &Complexity) -> Vec<Change> {
    Output::ALL
        .into_iter()
        .map(|output| change(output, output.of(before), output.of(after)))
        .collect()
}

fn change(output: Output, before: &[f64], after: &[f64]) -> Change {
    let pairs: Vec<(usize, f64, f64)> = before
        .iter()
        .zip(after)
        .enumerate()
        .filter(|(_, (x, y))| x.is_finite() && y.is_finite())
        .map(|(k, (x, y))| (k, *x, *y))
        .collect();
    let size = pairs.iter().map(|(_, x, _)| x.abs()).fold(0.0, f64::max);
    // Sums in another order differ by rounding, which is no change.
    let rounding = |x: f64, y: f64| 1e-10 * x.abs().max(y.abs()) + 1e-12 * size;
    let mut moved: Vec<(usize, f64)> = pairs
        .iter()
        .filter(|(_, x, y)| (y - x).abs() > rounding(*x, *y))
        .map(|(k, x, y)| (*k, y - x))
        .collect();
    let changed = moved.len();
    moved.sort_by(|x, y| y.1.abs().total_cmp(&x.1.abs()).then(x.0.cmp(&y.0)));
    let mut relative: Vec<f64> = pairs
        .iter()
        .filter(|(_, x, _)| *x != 0.0)
        .map(|(_, x, y)| (y - x).abs() / x.abs())
        .collect();
    relative.sort_by(f64::total_cmp);
    let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.iter().map(|(_, x, y)| (*x, *y)).unzip();
    Change {
        output,
        compared: pairs.len(),
        changed,
        unmatched: before
            .iter()
            .zip(after)
            .filter(|(x, y)| x.is_finite() != y.is_finite())
            .count(),
        largest: moved.first().map_or(0.0, |(_, by)| by.abs()),
        largest_relative: relative.last().copied().unwrap_or(0.0),
        median_relative: relative.get(relative.len() / 2).copied().unwrap_or(0.0),
        rank_correlation: rank_correlation(&xs, &ys),
        movers: moved.into_iter().take(NAMED).collect(),
    }
}

fn movers(total: &[Change], start: &Complexity, end: &Complexity) -> Vec<Mover> {
    total
        .iter()
        .flat_map(|change| {
            change
                .movers
                .iter()
                .map(|(place, _)| (change.output, *place))
        })
        .map(|(output, place)| Mover {
            output,
            place,
            before: output.of(start)[place],
            after: output.of(end)[place],
            by_step: Vec::new(),
        })
        .collect()
}

/// Spearman's correlation, ties at their mean rank.
fn rank_correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y) = (ranks(x), ranks(y));
    let mean = f64::midpoint(x.len() as f64, 1.0);
    let (mut both, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(&y) {
        both += (x - mean) * (y - mean);
        xx += (x - mean).powi(2);
        yy += (y - mean).powi(2);
    }
    (xx > 0.0 && yy > 0.0).then(|| both / (xx * yy).sqrt())
}

fn ranks(values: &[f64]) -> Vec<f64> {
    // + 0.0, so that the two zeros are tied.
    let by_value = |a: usize, b: usize| (values[a] + 0.0).total_cmp(&(values[b] + 0.0));
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| by_value(*a, *b));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from;
        while to + 1 < order.len() && by_value(order[to + 1], order[from]).is_eq() {
            to += 1;
        }
        for place in &order[from..=to] {
            ranks[*place] = f64::midpoint(from as f64, to as f64) + 1.0;
        }
        from = to + 1;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_their_ties() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        // Σ d² = 6 without ties: 1 - 6·6/(3·8) = -0.5.
        let rho = rank_correlation(&[1.0, 2.0, 3.0], &[2.0, 3.0, 1.0]).expect("both vary");
        assert!((rho + 0.5).abs() < 1e-15);
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
    }
}

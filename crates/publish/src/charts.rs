//! The data of a figure as charts that office programs draw and edit themselves.
//!
//! A slide shows these in place of the drawing where the figure has a form that such programs know: bars, stacked
//! bars, lines, each with its range as error bars. Maps and graphs have none.

use model::Lang;
use serde::Serialize;

use crate::figures::{
    Acceptability, AcceptabilityRows, BandOverTime, BandRole, BeforeAfter, Heatmap, Ranged,
    Roadmap, category_colour, sequence_colour,
};
use crate::words::{phrase, word};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    pub form: ChartForm,
    /// What sets this chart apart from others of its figure; may be empty.
    pub title: String,
    /// What is measured.
    pub measure: String,
    pub categories: Vec<String>,
    pub series: Vec<ChartSeries>,
    /// Ends of the value axis; without them the program chooses.
    pub axis: Option<(f64, f64)>,
    /// The drawing shows more than this holds: slides have it too.
    pub partial: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ChartForm {
    /// Horizontal, side by side.
    Bars,
    /// Horizontal, end to end.
    Stacked,
    Lines,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChartSeries {
    pub name: String,
    /// `#rrggbb`; without one the bar only takes its place.
    pub colour: Option<String>,
    /// One for each category; `None` where nothing is estimated.
    pub points: Vec<Option<ChartPoint>>,
    pub dashed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChartPoint {
    pub value: f64,
    /// Low and high.
    pub range: Option<(f64, f64)>,
}

impl From<&Ranged> for ChartPoint {
    fn from(ranged: &Ranged) -> Self {
        Self {
            value: ranged.value,
            range: Some((ranged.low, ranged.high)),
        }
    }
}

/// Both ends, where they make an axis.
fn axis(low: f64, high: f64) -> Option<(f64, f64)> {
    (low.is_finite() && high.is_finite() && low < high).then_some((low, high))
}

fn bare(value: f64) -> ChartPoint {
    ChartPoint { value, range: None }
}

impl Heatmap {
    /// The bars beside the matrix.
    pub fn charts(&self) -> Vec<Chart> {
        let points: Vec<Option<ChartPoint>> = (self.rows.iter())
            .map(|row| row.bar.as_ref().map(ChartPoint::from))
            .collect();
        if points.iter().all(Option::is_none) {
            return Vec::new();
        }
        vec![Chart {
            form: ChartForm::Bars,
            title: String::new(),
            measure: self.bar_heading.clone(),
            categories: self.rows.iter().map(|row| row.label.clone()).collect(),
            series: vec![ChartSeries {
                name: self.bar_heading.clone(),
                colour: Some(category_colour(0)),
                points,
                dashed: false,
            }],
            axis: None,
            partial: false,
        }]
    }
}

/// Ranks beyond are one series.
const RANKS: usize = 9;

impl Acceptability {
    pub fn charts(&self, lang: Lang) -> Vec<Chart> {
        match &self.rows {
            AcceptabilityRows::Ranks(rows) => {
                let most = rows.iter().map(|row| row.ranks.len()).max().unwrap_or(0);
                let shown = most.min(RANKS + 1);
                let share = |row: &[f64], rank: usize| -> f64 {
                    if rank < RANKS {
                        row.get(rank).copied().unwrap_or(0.0)
                    } else {
                        row.iter().skip(RANKS).sum()
                    }
                };
                // Best first: by the share of ranks up to each place.
                let mut order: Vec<usize> = (0..rows.len()).collect();
                let sums = |i: usize| {
                    rows[i].ranks.iter().scan(0.0, |sum, share| {
                        *sum += share;
                        Some(-*sum)
                    })
                };
                order.sort_by(|a, b| sums(*a).partial_cmp(sums(*b)).unwrap_or(a.cmp(b)));
                let series = (0..shown)
                    .map(|rank| {
                        let id = if rank < RANKS { "rank" } else { "rank_beyond" };
                        let points = (order.iter())
                            .map(|i| Some(bare(share(&rows[*i].ranks, rank))))
                            .collect();
                        let depth = 1.0 - rank as f64 / shown.max(1) as f64;
                        ChartSeries {
                            name: phrase(id, lang, &[("rank", &(rank + 1).to_string())]),
                            colour: Some(sequence_colour(depth)),
                            points,
                            dashed: false,
                        }
                    })
                    .collect();
                vec![Chart {
                    form: ChartForm::Stacked,
                    title: String::new(),
                    measure: self.measure.clone(),
                    categories: order.iter().map(|i| rows[*i].label.clone()).collect(),
                    series,
                    axis: Some((0.0, 1.0)),
                    partial: false,
                }]
            }
            AcceptabilityRows::Top { k, rows } => vec![Chart {
                form: ChartForm::Bars,
                title: String::new(),
                measure: self.measure.clone(),
                categories: rows.iter().map(|row| row.label.clone()).collect(),
                series: vec![ChartSeries {
                    name: phrase("top_k", lang, &[("k", &k.to_string())]),
                    colour: Some(category_colour(0)),
                    points: (rows.iter())
                        .map(|row| row.share.as_ref().map(ChartPoint::from))
                        .collect(),
                    dashed: false,
                }],
                axis: Some((0.0, 1.0)),
                partial: false,
            }],
        }
    }
}

impl BandOverTime {
    /// A chart for each panel, all with the same axis.
    pub fn charts(&self, lang: Lang) -> Vec<Chart> {
        let ends = (self.panels.iter())
            .flat_map(|p| &p.series)
            .flat_map(|s| s.points.iter().flatten())
            .fold((0.0, 0.0), |(low, high): (f64, f64), band| {
                (low.min(band.low), high.max(band.high))
            });
        (self.panels.iter())
            .map(|panel| {
                let length = panel
                    .series
                    .iter()
                    .map(|s| s.points.len())
                    .max()
                    .unwrap_or(0);
                let categories = (0..length)
                    .map(|i| format!("{}", self.start + self.step * i as f64))
                    .collect();
                let series = (panel.series.iter())
                    .map(|series| {
                        let (id, colour, dashed) = match series.role {
                            BandRole::Single => ("band.single", 0, false),
                            BandRole::Before => ("band.before", 3, true),
                            BandRole::After => ("band.after", 0, false),
                            BandRole::Bounds => ("band.bounds", 3, true),
                            BandRole::Drawn => ("band.drawn", 0, false),
                        };
                        ChartSeries {
                            name: word(id, lang),
                            colour: Some(category_colour(colour)),
                            points: (series.points.iter())
                                .map(|band| {
                                    band.map(|b| ChartPoint {
                                        value: b.value,
                                        range: Some((b.low, b.high)),
                                    })
                                })
                                .collect(),
                            dashed,
                        }
                    })
                    .collect();
                Chart {
                    form: ChartForm::Lines,
                    title: panel.label.clone(),
                    measure: format!("{} / {}", self.value_axis, self.time_axis),
                    categories,
                    series,
                    axis: axis(ends.0, ends.1),
                    partial: false,
                }
            })
            .collect()
    }
}

impl BeforeAfter {
    pub fn charts(&self, lang: Lang) -> Vec<Chart> {
        let side =
            |name: &str,
             colour: usize,
             pick: fn(&crate::figures::BeforeAfterRow) -> &Option<Ranged>| {
                ChartSeries {
                    name: word(name, lang),
                    colour: Some(category_colour(colour)),
                    points: (self.rows.iter())
                        .map(|row| pick(row).as_ref().map(ChartPoint::from))
                        .collect(),
                    dashed: false,
                }
            };
        vec![Chart {
            form: ChartForm::Bars,
            title: String::new(),
            measure: self.measure.clone(),
            categories: self.rows.iter().map(|row| row.label.clone()).collect(),
            series: vec![
                side("before", 3, |row| &row.before),
                side("after", 0, |row| &row.after),
            ],
            axis: None,
            partial: false,
        }]
    }
}

impl Roadmap {
    /// Bars of time end to end: unseen ones up to a stage, then the stage in the middle case.
    pub fn charts(&self, lang: Lang) -> Vec<Chart> {
        let most = self
            .lanes
            .iter()
            .map(|lane| lane.stages.len())
            .max()
            .unwrap_or(0);
        if most == 0 {
            return Vec::new();
        }
        let mut series = Vec::new();
        for (kind, name) in self.kinds.iter().enumerate() {
            let mut waits = Vec::new();
            let mut stages = Vec::new();
            for lane in &self.lanes {
                let mut sorted: Vec<&crate::figures::Stage> = lane.stages.iter().collect();
                sorted.sort_by(|a, b| a.start.total_cmp(&b.start));
                let at = sorted.iter().position(|stage| stage.kind == kind);
                let found = at.map(|i| {
                    let before = i.checked_sub(1).map_or(0.0, |b| sorted[b].p50);
                    (sorted[i].start - before, sorted[i])
                });
                waits.push(found.map(|(wait, _)| bare(wait.max(0.0))));
                stages.push(found.map(|(wait, stage)| ChartPoint {
                    // A stage that starts before the one before it ends is cut at that end.
                    value: (stage.p50 - stage.start + wait.min(0.0)).max(0.0),
                    range: Some((
                        (stage.p50 - stage.start + wait.min(0.0)).max(0.0),
                        (stage.p80 - stage.start + wait.min(0.0)).max(0.0),
                    )),
                }));
            }
            series.push(ChartSeries {
                // Legends show it: programs disagree about which entries a deletion names.
                name: "…".to_owned(),
                colour: None,
                points: waits,
                dashed: false,
            });
            series.push(ChartSeries {
                name: name.clone(),
                colour: Some(category_colour(kind)),
                points: stages,
                dashed: false,
            });
        }
        vec![Chart {
            form: ChartForm::Stacked,
            title: String::new(),
            measure: word("p50", lang),
            categories: self.lanes.iter().map(|lane| lane.label.clone()).collect(),
            series,
            axis: axis(self.years.0, self.years.1),
            // Layers around the lanes and milestones have no bar.
            partial: !self.bands.is_empty()
                || self.lanes.iter().any(|lane| !lane.milestones.is_empty()),
        }]
    }
}

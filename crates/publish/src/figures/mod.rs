//! Figures: typed input with labels in the document's language → SVG.
//!
//! Common ground: 960 units wide (wider only where a chain has many layers), no text below 10 units,
//! fonts inherited from the page, colour never alone (label, shape, line style or pattern beside it), no
//! identifiers, no references and no scripts inside, so a drawing can stand anywhere in a page. A drawing is
//! an image to assistive technology: its finding is its name, and the table behind it carries the numbers
//! and their links. The same input gives the same bytes.

mod acceptability;
mod band_over_time;
mod before_after;
mod chain_graph;
mod cluster_map;
mod colour;
mod heatmap;
mod legend;
mod place;
mod roadmap;
mod route;
mod scale;
mod svg;
mod text;

pub use acceptability::{Acceptability, AcceptabilityRows, RankRow, TopRow, acceptability};
pub use band_over_time::{Band, BandOverTime, BandPanel, BandRole, BandSeries, band_over_time};
pub use before_after::{BeforeAfter, BeforeAfterRow, before_after};
pub use chain_graph::{
    ChainGeometry, ChainGraph, Choice, GraphLink, GraphNode, LinkKind, NodeGeometry, NodeKind,
    chain_geometry, chain_graph,
};
pub use cluster_map::{ClusterMap, ClusterPoint, IndustryKey, cluster_map};
pub use heatmap::{HeatCell, HeatColumn, HeatRow, Heatmap, heatmap};
pub use roadmap::{Lane, LayerBand, LayerNode, Milestone, Roadmap, Stage, roadmap};
pub use svg::Svg;
pub(crate) use text::is_wide;

use model::Lang;

/// What every figure needs: its finding, which becomes its name, and the language of its legend.
#[derive(Debug, Clone)]
pub struct Frame {
    pub finding: String,
    pub lang: Lang,
}

/// A value drawn with its range; `text` is how it is written, e.g. `0.42`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranged {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub text: String,
}

/// A colour for categories, as `#rrggbb`.
pub(crate) fn category_colour(index: usize) -> String {
    colour::category(index).to_owned()
}

/// A colour of the sequence, `share` in `[0, 1]`.
pub(crate) fn sequence_colour(share: f64) -> String {
    colour::sequential(share)
}

/// Estimated width of `text` in em, for column widths.
pub(crate) fn text_width(text: &str) -> f64 {
    text::width(text, 1.0)
}

//! Draws documents and figures from values that are already prepared.
//!
//! Holds: the [`document`] model (sections, tables, figures, explanations, evidence, sources), the
//! seven [`figures`] (typed input in one language → SVG) and [`html::to_html`], which writes a
//! document as one self-contained page that opens without a network and without scripts,
//! [`docx::to_docx`] (Word), [`pdf::to_pdf`] (a tagged PDF),
//! [`pptx::to_pptx`] (slides with charts that can be edited), [`pictures`] (drawings for programs that show no SVG), and [`xlsx::to_xlsx`] (a workbook whose formulas live).
//!
//! Deliberately knows nothing of methods, studies, evidence files or clocks: nothing here computes a
//! result. Every number arrives with its range and the anchor of its explanation; the same input gives
//! the same bytes.
//!
//! Start reading at [`document`], then [`table_view`], then one figure, e.g. [`figures::heatmap`].

pub mod archive;
pub mod charts;
mod cite;
mod code;
pub mod document;
pub mod docx;
pub mod figures;
pub mod html;
mod narrow;
mod numbers;
mod paper;
pub mod pdf;
pub mod pictures;
pub mod pptx;
mod sheet;
mod table_view;
mod words;
pub mod xlsx;

pub use numbers::{estimate, number, range};
pub use table_view::{TableSettings, table_view};

//! The last look at a table: is it turned, is it folded, what does its layout say.

use model::Diagnostic;

use super::fold::fold;
use super::{Imports, IoFiles, IoSource, Label, Layout};
use crate::finding::{Place, note, warning};

/// A table whose labels are in order.
pub(super) struct Draft {
    pub industries: Vec<Label>,
    pub finals: Vec<Label>,
    pub z: Vec<f64>,
    pub y: Vec<f64>,
    pub x: Option<Vec<f64>>,
    pub value_added: Option<Vec<f64>>,
    pub imports: Option<Imports>,
}

pub(super) fn finish(
    mut draft: Draft,
    layout: Layout,
    unit: String,
    sources: Vec<IoSource>,
    mut notes: Vec<Diagnostic>,
    file: &str,
) -> IoFiles {
    let place = Place::file(file);
    notes.extend(turned(&draft).then(|| warning("io.looks_transposed", place, file, &[])));
    if layout == Layout::OecdIcio {
        let folded = fold(&mut draft);
        if !folded.is_empty() {
            let args = [("regions", folded.join(", ").into())];
            notes.push(note("io.folded", place, &folded.join(", "), &args));
        }
    }
    if let Some(imports) = &draft.imports {
        let args = [("products", imports.products.len().into())];
        notes.push(note("io.imports_apart", place, file, &args));
    }
    let gate = layout.gate();
    if gate.is_some() {
        notes.push(warning("io.noncommercial", place, layout.as_str(), &[]));
    }
    let args = [("layout", layout.as_str().into())];
    notes.push(note("io.layout", place, layout.as_str(), &args));
    IoFiles {
        layout,
        industries: draft.industries,
        finals: draft.finals,
        z: draft.z,
        y: draft.y,
        x: draft.x,
        value_added: draft.value_added,
        imports: draft.imports,
        unit,
        sources,
        gate,
        notes,
    }
}

/// Does Z' balance with the given output where Z does not? Rows of Z sell, columns buy: Σ_j z_ij + Σ_f y_if = x_i.
fn turned(draft: &Draft) -> bool {
    let Some(x) = &draft.x else {
        return false;
    };
    let n = draft.industries.len();
    let finals = draft.finals.len();
    let final_demand = |i: usize| draft.y[i * finals..(i + 1) * finals].iter().sum::<f64>();
    let (mut as_is, mut other, mut size) = (0.0, 0.0, 0.0);
    for (i, x) in x.iter().enumerate() {
        let rest = x - final_demand(i);
        let sells: f64 = draft.z[i * n..(i + 1) * n].iter().sum();
        let buys: f64 = (0..n).map(|j| draft.z[j * n + i]).sum();
        as_is += (rest - sells).abs();
        other += (rest - buys).abs();
        size += x.abs();
    }
    as_is > 0.05 * size && other < 0.2 * as_is
}

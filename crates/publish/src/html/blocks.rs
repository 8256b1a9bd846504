//! Sections and their blocks.

use super::escape;
use super::tables::table;
use super::writer::Writer;
use crate::document::{Block, Card, Figure, Folded, NoteKind, Section, Span, TableView};
use crate::words::{phrase, word};

pub(crate) fn section(w: &mut Writer<'_>, section: &Section) {
    let id = w.id(&section.id);
    w.raw(&format!("<section{id}>\n<h2>"));
    if !section.number.is_empty() {
        w.raw(&format!(
            "<span class=\"num\">{}</span> ",
            escape::text(&section.number)
        ));
    }
    w.text(&section.heading);
    w.raw("</h2>\n");
    for block in &section.blocks {
        draw(w, block);
    }
    w.raw("</section>\n");
}

fn draw(w: &mut Writer<'_>, block: &Block) {
    match block {
        Block::Paragraph(spans) => {
            w.raw("<p>");
            runs(w, spans);
            w.raw("</p>\n");
        }
        Block::List(items) => {
            w.raw("<ul class=\"text\">\n");
            for item in items {
                w.raw("<li>");
                runs(w, item);
                w.raw("</li>\n");
            }
            w.raw("</ul>\n");
        }
        Block::Cards(list) => cards(w, list),
        Block::Table(view) => table(w, view),
        Block::Figure(view) => figure(w, view),
        Block::Note { kind, spans } => note(w, *kind, spans),
        Block::Subheading(heading) => {
            w.raw("<h3>");
            w.text(heading);
            w.raw("</h3>\n");
        }
    }
}

pub(crate) fn runs(w: &mut Writer<'_>, spans: &[Span]) {
    for span in spans {
        match span {
            Span::Text(text) => w.text(text),
            Span::Strong(text) => {
                w.raw("<strong>");
                w.text(text);
                w.raw("</strong>");
            }
            Span::Number {
                text,
                range,
                target,
            } => number(w, text, range.as_deref(), Some(target), ""),
            Span::Link { text, href } => match href.strip_prefix('#') {
                Some(anchor) => w.link(text, anchor),
                None => w.outward(text, href),
            },
        }
    }
}

/// A number that links to its explanation, its range smaller beside it. `tip` is markup-free.
pub(crate) fn number(
    w: &mut Writer<'_>,
    text: &str,
    range: Option<&str>,
    target: Option<&str>,
    tip: &str,
) {
    let title = if tip.is_empty() {
        String::new()
    } else {
        format!(" title=\"{}\"", escape::attribute(tip))
    };
    match target.and_then(|t| w.fragment(t)) {
        Some(href) => w.raw(&format!(
            "<a class=\"n\" href=\"{href}\"{title}>{}</a>",
            escape::prose(text)
        )),
        None => w.raw(&format!("<span{title}>{}</span>", escape::prose(text))),
    }
    if let Some(range) = range {
        w.raw(&format!(
            " <span class=\"r\">{}</span>",
            escape::text(range)
        ));
    }
}

fn cards(w: &mut Writer<'_>, cards: &[Card]) {
    w.raw("<ul class=\"cards\">\n");
    for card in cards {
        w.raw("<li><span class=\"label\">");
        w.text(&card.label);
        w.raw("</span><span class=\"value\">");
        runs(w, std::slice::from_ref(&card.value));
        w.raw("</span>");
        if !card.note.is_empty() {
            w.raw("<span class=\"more\">");
            runs(w, &card.note);
            w.raw("</span>");
        }
        w.raw("</li>\n");
    }
    w.raw("</ul>\n");
}

fn note(w: &mut Writer<'_>, kind: NoteKind, spans: &[Span]) {
    let name = match kind {
        NoteKind::Limit => "limit",
        NoteKind::Refusal => "refusal",
        NoteKind::Approximate => "approximate",
    };
    let label = word(&format!("note.{name}"), w.lang);
    w.raw(&format!(
        "<div class=\"note {name}\" role=\"note\"><p><span class=\"kind\">{}</span>",
        escape::text(&label)
    ));
    runs(w, spans);
    w.raw("</p></div>\n");
}

fn figure(w: &mut Writer<'_>, figure: &Figure) {
    let id = w.id(&figure.id);
    w.raw(&format!("<figure{id}>\n<figcaption>"));
    // The numbers of a finding stand in the table behind the figure, each with its own explanation.
    w.link(&figure.finding, &figure.table.id);
    let label = phrase("wide", w.lang, &[("caption", &figure.finding)]);
    // Only drawings wider than the page need more than the narrow-screen rule of the style sheet.
    let wide = if figure.svg.width() > 1000.0 {
        format!(" style=\"min-width:{:.0}px\"", figure.svg.width() * 0.9)
    } else {
        String::new()
    };
    w.raw(&format!(
        "</figcaption>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><div{wide}>{}</div></div>\n",
        escape::attribute(&label),
        figure.svg.markup()
    ));
    if !figure.note.is_empty() {
        w.raw("<p class=\"fignote\">");
        w.text(&figure.note);
        w.raw("</p>\n");
    }
    let caption = if figure.table.caption.is_empty() {
        word("table_behind", w.lang)
    } else {
        figure.table.caption.clone()
    };
    table(
        w,
        &TableView {
            folded: Folded::Whole,
            caption,
            ..figure.table.clone()
        },
    );
    w.raw("</figure>\n");
}

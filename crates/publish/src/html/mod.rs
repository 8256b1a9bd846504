//! A document as one self-contained HTML page.
//!
//! The page holds its style and its drawings; it loads nothing, runs nothing and says so in a content security policy.
//! It opens from a disk without a network. The markup is also well-formed XML.

mod annex;
mod blocks;
pub(crate) mod escape;
mod tables;
mod writer;

use model::Lang;

use crate::document::Document;
use crate::paper::marking_of;
use crate::words::word;
use writer::Writer;

const STYLE: &str = include_str!("style.css");

/// The language tag of a document.
fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    }
}

/// Writes `document` as a page. Text is escaped wherever it comes from. A link whose target the document lacks becomes
/// plain text (see [`Document::problems`]), so the page never holds a dead link.
pub fn to_html(document: &Document) -> String {
    let mut w = Writer::new(document);
    let lang = document.lang;
    // A page that carries no rows of evidence withholds none.
    let marking = if document.evidence.is_empty() && document.sources.is_empty() {
        document.classification.clone().unwrap_or_default()
    } else {
        marking_of(document, !document.sources.is_empty())
    };
    w.raw("<!DOCTYPE html>\n");
    w.raw(&format!(
        "<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\" />\n",
        tag(lang)
    ));
    w.raw(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         img-src data:\" />\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
         <meta name=\"referrer\" content=\"no-referrer\" />\n",
    );
    w.raw(&format!(
        "<title>{}</title>\n<style>\n{STYLE}{}</style>\n",
        escape::text(&document.title),
        page_marks(&marking)
    ));
    w.raw("</head>\n<body>\n");
    w.raw(&format!(
        "<a class=\"skip\" href=\"#content\">{}</a>\n",
        escape::text(&word("skip", lang))
    ));
    if !marking.is_empty() {
        w.raw(&format!(
            "<p class=\"classification\" role=\"note\">{}</p>\n",
            escape::text(&marking)
        ));
    }
    w.raw("<div class=\"page\">\n");
    masthead(&mut w, document);
    contents(&mut w, document);
    w.raw("<main id=\"content\" tabindex=\"-1\">\n");
    for section in &document.sections {
        blocks::section(&mut w, section);
    }
    annex::explanations(&mut w, &document.explanations);
    annex::evidence(&mut w, document);
    annex::sources(&mut w, &document.sources);
    w.raw("</main>\n<footer>");
    w.text(&document.title);
    if let Some(classification) = &document.classification {
        w.raw(" · ");
        w.text(classification);
    }
    w.raw("</footer>\n</div>\n</body>\n</html>\n");
    w.finish()
}

/// Marking and page numbers in the margins of printed pages.
fn page_marks(marking: &str) -> String {
    let marking = escape::css_string(marking);
    format!(
        "@media print {{ @page {{ @top-center {{ content: {marking}; font: 600 8pt sans-serif; }} @bottom-right {{ content: counter(page) \" / \" counter(pages); font: 8pt sans-serif; }} }} }}\n"
    )
}

fn masthead(w: &mut Writer<'_>, document: &Document) {
    w.raw("<header class=\"masthead\">\n<h1>");
    w.text(&document.title);
    w.raw("</h1>\n");
    if !document.subtitle.is_empty() {
        w.raw("<p class=\"subtitle\">");
        w.text(&document.subtitle);
        w.raw("</p>\n");
    }
    if !document.meta.is_empty() {
        w.raw("<dl class=\"meta\">\n");
        for (name, value) in &document.meta {
            w.raw(&format!(
                "<div><dt>{}</dt><dd>{}</dd></div>\n",
                escape::text(name),
                escape::text(value)
            ));
        }
        w.raw("</dl>\n");
    }
    w.raw("</header>\n");
}

fn contents(w: &mut Writer<'_>, document: &Document) {
    let heading = word("contents", document.lang);
    // A few pages without annex need none on paper.
    let class = if document.explanations.is_empty() {
        "contents brief"
    } else {
        "contents"
    };
    w.raw(&format!(
        "<nav class=\"{class}\" aria-labelledby=\"contents\">\n<h2 id=\"contents\">{}</h2>\n<ol>\n",
        escape::text(&heading)
    ));
    for section in &document.sections {
        w.raw("<li>");
        if !section.number.is_empty() {
            w.raw(&format!(
                "<span class=\"num\">{}</span>",
                escape::text(&section.number)
            ));
        }
        w.link(&section.heading, &section.id);
        w.raw("</li>\n");
    }
    for (present, id) in [
        (!document.explanations.is_empty(), "explanations"),
        (!document.evidence.is_empty(), "evidence"),
        (!document.sources.is_empty(), "sources"),
    ] {
        if present {
            w.raw(&format!(
                "<li><a href=\"#annex:{id}\">{}</a></li>\n",
                escape::text(&word(id, document.lang))
            ));
        }
    }
    w.raw("</ol>\n</nav>\n");
}

//! What the typesetter sees of the world: one source, its drawings, the fonts. No files, no clock, no network.

use std::collections::BTreeMap;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::PagedDocument;
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::PdfError;
use super::markup::Markup;

pub(super) struct Press<'a> {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: &'a [Font],
    main: Source,
    drawings: BTreeMap<FileId, Bytes>,
}

impl<'a> Press<'a> {
    pub(super) fn new(page: Markup, fonts: &'a [Font]) -> Self {
        let id = |name: &str| FileId::new(None, VirtualPath::new(name));
        let drawings = page
            .drawings
            .into_iter()
            .enumerate()
            .map(|(i, svg)| {
                let name = format!("figure{}.svg", i + 1);
                (id(&name), Bytes::from_string(svg))
            })
            .collect();
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(fonts)),
            fonts,
            main: Source::new(id("main.typ"), page.source),
            drawings,
        }
    }

    pub(super) fn print(&self) -> Result<Vec<u8>, PdfError> {
        let bytes = self.bytes();
        // Results of layout are kept between calls; a report is set once.
        typst::comemo::evict(0);
        bytes
    }

    fn bytes(&self) -> Result<Vec<u8>, PdfError> {
        let pages: PagedDocument = typst::compile(self).output.map_err(|e| failed(&e))?;
        let with = |standards: PdfStandards| {
            let options = PdfOptions {
                ident: Smart::Auto,
                timestamp: None,
                page_ranges: None,
                standards,
                tagged: true,
            };
            typst_pdf::pdf(&pages, &options)
        };
        // What the standard forbids (a figure without words, say) is no reason for no document: tags stay.
        PdfStandards::new(&[PdfStandard::Ua_1])
            .ok()
            .and_then(|accessible| with(accessible).ok())
            .map_or_else(|| with(PdfStandards::default()).map_err(|e| failed(&e)), Ok)
    }
}

fn failed(problems: &[SourceDiagnostic]) -> PdfError {
    let lines: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    PdfError::Set(lines.join("; "))
}

impl World for Press<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }
    fn main(&self) -> FileId {
        self.main.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(FileError::NotFound(id.vpath().as_rootless_path().into()))
        }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.drawings
            .get(&id)
            .cloned()
            .ok_or_else(|| FileError::NotFound(id.vpath().as_rootless_path().into()))
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
    fn today(&self, _offset: Option<i64>) -> Option<Datetime> {
        None
    }
}

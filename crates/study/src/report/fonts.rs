//! Fonts for PDF: those that the study names; without any, faces of the machine for what the built-in ones lack.
//!
//! Built-in faces are Latin. A study that must give the same bytes on every machine names its fonts.

use std::fs;
use std::path::{Path, PathBuf};

use publish::document::Document;
use publish::pdf::Fonts;
use publish::pictures::Painter;

use crate::error::StudyError;
use crate::folder::Study;

/// Files with Chinese characters, the best match for the built-in text face first: serif, then sans serif; regular and
/// bold.
const KNOWN: [[&str; 2]; 11] = [
    ["NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc"],
    ["NotoSerifCJKsc-Regular.otf", "NotoSerifCJKsc-Bold.otf"],
    ["NotoSerifSC-Regular.otf", "NotoSerifSC-Bold.otf"],
    ["SourceHanSerifSC-Regular.otf", "SourceHanSerifSC-Bold.otf"],
    ["SourceHanSerif-Regular.ttc", "SourceHanSerif-Bold.ttc"],
    ["NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"],
    ["NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"],
    ["SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"],
    ["simsun.ttc", "simsunb.ttf"],
    ["msyh.ttc", "msyhbd.ttc"],
    ["Songti.ttc", "wqy-zenhei.ttc"],
];

/// Folders of fonts; the home folder's own are added.
const FOLDERS: [&str; 5] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:\\Windows\\Fonts",
];

/// Folders within folders that are looked into.
const DEEP: usize = 6;

/// Fonts for `document` as pages.
pub fn fonts(study: &Study, document: &Document) -> Result<Fonts, StudyError> {
    enough(study, |fonts| fonts.lacking(document).is_empty())
}

/// What paints the figures of `document`. A font that the study names and that cannot be read leaves the built-in ones:
/// pictures stand beside drawings, and a document goes without them.
pub fn painter(study: &Study, document: &Document) -> Painter {
    let all = |fonts: &Fonts| fonts.lacking_in_figures(document) == 0;
    Painter::new(enough(study, all).unwrap_or_else(|_| Fonts::built_in()))
}

/// The built-in fonts, those that the study names, and without any, faces of the machine until there are enough.
fn enough(study: &Study, enough: impl Fn(&Fonts) -> bool) -> Result<Fonts, StudyError> {
    let mut fonts = Fonts::built_in();
    let named = &study.config.report.fonts;
    for path in named {
        let path = study.root.join(path);
        let file = fs::read(&path).map_err(StudyError::io("read the font", &path))?;
        if !fonts.add(file) {
            return Err(StudyError::NoFont { path });
        }
    }
    if !named.is_empty() || enough(&fonts) {
        return Ok(fonts);
    }
    let mut files = Vec::new();
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = [".fonts", ".local/share/fonts", "Library/Fonts"];
    let own = own.iter().filter_map(|f| Some(home.as_ref()?.join(f)));
    for folder in FOLDERS.iter().map(PathBuf::from).chain(own) {
        walk(&folder, DEEP, &mut files);
    }
    for pair in KNOWN {
        let mut found = false;
        for name in pair {
            let at = files
                .iter()
                .find(|f| f.file_name().is_some_and(|n| n == name));
            let file = at.and_then(|path| fs::read(path).ok());
            found |= file.is_some_and(|file| fonts.add(file));
        }
        if found && enough(&fonts) {
            break;
        }
    }
    Ok(fonts)
}

/// Files below `folder`, in the order of their names.
fn walk(folder: &Path, deep: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if deep > 0 {
                walk(&path, deep - 1, files);
            }
        } else {
            files.push(path);
        }
    }
}

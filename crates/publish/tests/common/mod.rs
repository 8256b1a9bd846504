//! Office files as archives of XML, for tests.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use roxmltree::{Document as Xml, Node};

/// Parts of an archive by name, each there once.
pub fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert!(parts.insert(name, bytes).is_none());
    }
    parts
}

/// Has the name this ending?
pub fn ends(name: &str, ending: &str) -> bool {
    std::path::Path::new(name)
        .extension()
        .is_some_and(|e| e == ending)
}

/// The text of a part.
pub fn text<'a>(parts: &'a BTreeMap<String, Vec<u8>>, name: &str) -> &'a str {
    std::str::from_utf8(&parts[name]).unwrap()
}

/// All elements of this name.
pub fn named<'a>(xml: &'a Xml<'_>, name: &str) -> Vec<Node<'a, 'a>> {
    (xml.descendants())
        .filter(|n| n.tag_name().name() == name)
        .collect()
}

/// The attribute of this name, in whatever namespace; empty where there is none.
pub fn value<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    (node.attributes())
        .find(|a| a.name() == name)
        .map_or("", |a| a.value())
}

/// The first element of this name in `node`.
pub fn within<'a>(node: Node<'a, 'a>, name: &str) -> Node<'a, 'a> {
    (node.descendants())
        .find(|n| n.tag_name().name() == name)
        .unwrap()
}

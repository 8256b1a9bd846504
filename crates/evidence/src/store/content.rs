//! The canonical form of a table and its hash.

use crate::table::{Table, Value};

/// BLAKE3, in hex, of the table's name, its columns with their types, and its rows sorted by key.
///
/// Every piece is written with its length before it, so that no two tables have the same form. Numbers are written by
/// their bits; `-0` counts as `0`.
pub fn content_hash(table: &Table) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut piece = |tag: u8, bytes: &[u8]| {
        hasher.update(&[tag]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    piece(b'T', table.schema.name.as_bytes());
    for column in &table.schema.columns {
        piece(b'C', column.name.as_bytes());
        piece(b'K', column.kind.as_str().as_bytes());
    }
    for record in &table.rows {
        piece(b'R', record.key.as_bytes());
        for value in &record.values {
            match value {
                Value::Empty => piece(b'e', &[]),
                Value::Text(text) => piece(b't', text.as_bytes()),
                Value::List(items) => {
                    piece(b'l', &(items.len() as u64).to_le_bytes());
                    for item in items {
                        piece(b'i', item.as_bytes());
                    }
                }
                Value::Integer(n) => piece(b'n', &n.to_le_bytes()),
                Value::Number(x) => piece(b'x', &(x + 0.0).to_bits().to_le_bytes()),
                Value::Boolean(b) => piece(b'b', &[u8::from(*b)]),
            }
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// SHA-256 of a file's bytes, as hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut hex = String::with_capacity(64);
    for byte in digest.as_ref() {
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

//! Text codes as small numbers, in order of first appearance.

use std::collections::HashMap;

/// A dictionary of byte strings. Codes of up to seven bytes, which is nearly all of them, are compared as one word.
#[derive(Debug, Default)]
pub(super) struct Codes {
    /// Open addressing: (packed code, number); a packed code is never 0 because it carries its length.
    slots: Vec<(u64, u32)>,
    short: usize,
    long: HashMap<Box<[u8]>, u32>,
    values: Vec<Box<[u8]>>,
    last: (u64, u32),
}

impl Codes {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn values(&self) -> &[Box<[u8]>] {
        &self.values
    }

    /// The number of `code`, a new one if it was not seen yet.
    pub fn number(&mut self, code: &[u8]) -> u32 {
        if code.len() > 7 || code.is_empty() {
            return self.long_number(code);
        }
        let packed = pack(code);
        // Sorted files repeat the code of the row above.
        if packed == self.last.0 {
            return self.last.1;
        }
        if self.short * 2 >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = slot(packed, self.slots.len());
        let number = loop {
            let (there, number) = self.slots[at];
            if there == packed {
                break number;
            }
            if there == 0 {
                let number = self.values.len() as u32;
                self.slots[at] = (packed, number);
                self.short += 1;
                self.values.push(code.into());
                break number;
            }
            at = (at + 1) & mask;
        };
        self.last = (packed, number);
        number
    }

    fn long_number(&mut self, code: &[u8]) -> u32 {
        if let Some(number) = self.long.get(code) {
            return *number;
        }
        let number = self.values.len() as u32;
        self.values.push(code.into());
        self.long.insert(code.into(), number);
        number
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(256);
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); size]);
        for (packed, number) in old.into_iter().filter(|(packed, _)| *packed != 0) {
            let mut at = slot(packed, size);
            while self.slots[at].0 != 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = (packed, number);
        }
    }
}

fn pack(code: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..code.len()].copy_from_slice(code);
    u64::from_le_bytes(word) | (code.len() as u64) << 56
}

/// Fibonacci hashing (Knuth, volume 3, 6.4): the upper bits of a product with the golden ratio.
fn slot(packed: u64, size: usize) -> usize {
    (packed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - size.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_follow_first_appearance(codes in proptest::collection::vec("[a-c\\x000]{0,9}", 0..2000)) {
            let mut ours = Codes::default();
            let mut seen: Vec<&[u8]> = Vec::new();
            for code in &codes {
                let code = code.as_bytes();
                let expected = seen.iter().position(|known| *known == code).unwrap_or_else(|| {
                    seen.push(code);
                    seen.len() - 1
                });
                prop_assert_eq!(ours.number(code) as usize, expected);
            }
            prop_assert_eq!(ours.len(), seen.len());
            prop_assert!(ours.values().iter().zip(&seen).all(|(a, b)| &**a == *b));
        }
    }
}

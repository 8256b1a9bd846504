//! Which bound to decide next: activity of the bounds seen in recent conflicts (Moskewicz et al. 2001, the
//! VSIDS rule), split towards the best schedule found so far.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::bounds::{Bounds, Lit};

/// A multiplicative hash of small keys: looked up only, never iterated, so it cannot decide an order.
#[derive(Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.write_u64(u64::from(*b));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = (self.0 ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 29;
    }
}

#[derive(Debug, Default)]
pub(crate) struct Order {
    ids: HashMap<u64, u32, BuildHasherDefault<KeyHasher>>,
    /// `x >= bound` of the positive view.
    atoms: Vec<Lit>,
    activity: Vec<f64>,
    heap: Vec<u32>,
    /// Position in the heap, or `ABSENT`.
    place: Vec<u32>,
    /// Atoms taken from the heap, by level.
    taken: Vec<(u32, u32)>,
    step: f64,
    decay: f64,
}

const ABSENT: u32 = u32::MAX;

impl Order {
    pub fn new(decay: f64) -> Self {
        Self {
            step: 1.0,
            decay,
            ..Self::default()
        }
    }

    /// The literal on the positive view that decides the same question.
    fn atom(lit: Lit) -> Lit {
        if lit.view & 1 == 0 { lit } else { !lit }
    }

    pub fn bump(&mut self, lit: Lit) {
        let atom = Self::atom(lit);
        let key = (u64::from(atom.view) << 32) | u64::from(atom.bound as u32);
        let next = self.atoms.len() as u32;
        let id = *self.ids.entry(key).or_insert(next);
        if id == next {
            self.atoms.push(atom);
            self.activity.push(0.0);
            self.place.push(ABSENT);
            self.insert(id);
        }
        self.activity[id as usize] += self.step;
        if self.activity[id as usize] > 1e100 {
            for a in &mut self.activity {
                *a *= 1e-100;
            }
            self.step *= 1e-100;
        }
        let place = self.place[id as usize];
        if place != ABSENT {
            self.up(place as usize);
        }
    }

    pub fn decay(&mut self) {
        self.step /= self.decay;
    }

    /// The most active atom that is still open.
    pub fn next(&mut self, bounds: &Bounds) -> Option<Lit> {
        let level = bounds.level() as u32;
        while let Some(id) = self.pop() {
            let atom = self.atoms[id as usize];
            self.taken.push((level, id));
            if !bounds.holds(atom) && !bounds.fails(atom) {
                return Some(atom);
            }
        }
        None
    }

    /// After going back to `level`: atoms that were taken above it, or at it, may be open again.
    pub fn back_to(&mut self, level: usize) {
        while let Some((at, id)) = self.taken.last().copied() {
            if (at as usize) < level {
                break;
            }
            self.taken.pop();
            if self.place[id as usize] == ABSENT {
                self.insert(id);
            }
        }
    }

    fn before(&self, a: u32, b: u32) -> bool {
        let (x, y) = (self.activity[a as usize], self.activity[b as usize]);
        x > y || (x >= y && a < b)
    }

    fn insert(&mut self, id: u32) {
        self.place[id as usize] = self.heap.len() as u32;
        self.heap.push(id);
        self.up(self.heap.len() - 1);
    }

    fn up(&mut self, mut k: usize) {
        let id = self.heap[k];
        while k > 0 {
            let parent = (k - 1) / 2;
            if !self.before(id, self.heap[parent]) {
                break;
            }
            self.heap[k] = self.heap[parent];
            self.place[self.heap[k] as usize] = k as u32;
            k = parent;
        }
        self.heap[k] = id;
        self.place[id as usize] = k as u32;
    }

    fn pop(&mut self) -> Option<u32> {
        let top = *self.heap.first()?;
        self.place[top as usize] = ABSENT;
        let last = self.heap.pop()?;
        if last != top {
            let mut k = 0;
            loop {
                let mut child = 2 * k + 1;
                if child >= self.heap.len() {
                    break;
                }
                if child + 1 < self.heap.len()
                    && self.before(self.heap[child + 1], self.heap[child])
                {
                    child += 1;
                }
                if !self.before(self.heap[child], last) {
                    break;
                }
                self.heap[k] = self.heap[child];
                self.place[self.heap[k] as usize] = k as u32;
                k = child;
            }
            self.heap[k] = last;
            self.place[last as usize] = k as u32;
        }
        Some(top)
    }
}

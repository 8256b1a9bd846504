//! Simulated annealing over feasible layouts (Kirkpatrick, Gelatt & Vecchi 1983), of the nation or of one region.
//!
//! Every state keeps every rule. A step replaces an industry, adds or drops one, swaps or shifts between two
//! clusters, or pushes an industry on: c: i -> j while d: k -> i. Its gain is computed from counts of presence
//! without touching the state, so that most steps cost a few dozen operations. Work is counted in steps.

use super::dense::{Dense, Hosts};

/// `SplitMix64` (Steele, Lea & Flood 2014): a few cycles for each number, the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Rng(pub u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }
}

/// Steps, and the temperature from first to last as a share of the largest score, falling geometrically.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cooling {
    pub steps: u64,
    pub from: f64,
    pub to: f64,
}

/// What is searched: clusters, their priced scores, and whether national rules hold.
pub(crate) struct Field<'a> {
    pub dense: &'a Dense,
    pub clusters: Vec<usize>,
    /// Position among `clusters`, by cluster.
    place: Vec<Option<usize>>,
    candidates: Vec<Vec<u16>>,
    /// `score[place * ni + i]`.
    score: Vec<f64>,
    /// Pairs that stay as they are at the start, by place and industry.
    held: Vec<bool>,
    scope: Scope,
    largest: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Nation,
    Region,
}

impl<'a> Field<'a> {
    /// `score(c, i)` is the gain of a pair, in the unit of `dense.score`.
    pub fn new(
        dense: &'a Dense,
        clusters: Vec<usize>,
        scope: Scope,
        score: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let ni = dense.ni();
        let mut place = vec![None; dense.nc()];
        for (l, c) in clusters.iter().enumerate() {
            place[*c] = Some(l);
        }
        let priced = clusters
            .iter()
            .flat_map(|c| (0..ni).map(|i| score(*c, i)).collect::<Vec<_>>())
            .collect();
        let held = clusters
            .iter()
            .flat_map(|c| dense.fixed[c * ni..(c + 1) * ni].to_vec())
            .collect();
        let largest = clusters
            .iter()
            .flat_map(|c| &dense.score[c * ni..(c + 1) * ni])
            .fold(1.0_f64, |m, s| m.max(s.unsigned_abs() as f64));
        Self {
            candidates: clusters.iter().map(|c| dense.candidates(*c)).collect(),
            score: priced,
            held,
            place,
            clusters,
            dense,
            scope,
            largest,
        }
    }

    /// The pair is not touched: it stays in or out as it is at the start.
    pub fn hold(&mut self, c: usize, i: usize) {
        if let Some(l) = self.place[c] {
            self.held[l * self.dense.ni() + i] = true;
        }
    }

    /// The best layout met, from a feasible `start` of which only the field's clusters change, and its gain
    /// over the start.
    pub fn anneal(&self, start: &Hosts, cooling: Cooling, rng: &mut Rng) -> (f64, Hosts) {
        let mut state = State::new(self, start);
        let mut best = 0.0;
        let mut kept = state.snapshot();
        let mut temperature = cooling.from * self.largest;
        // The temperature changes every 64 steps.
        let rounds = (cooling.steps / 64).max(1);
        let factor = (cooling.to / cooling.from).powf(1.0 / rounds as f64);
        let mut gained = 0.0;
        let small = 1e-9 * self.largest;
        for _ in 0..rounds {
            for _ in 0..64 {
                gained += state.step(temperature, rng);
                if gained > best + small {
                    best = gained;
                    kept = state.snapshot();
                }
            }
            temperature *= factor;
        }
        let mut hosts = start.clone();
        for (l, c) in self.clusters.iter().enumerate() {
            let (list, len) = (&kept.0[l * state.width..], kept.1[l]);
            hosts[*c] = list[..len].to_vec();
            hosts[*c].sort_unstable();
        }
        (best, hosts)
    }
}

struct State<'a> {
    field: &'a Field<'a>,
    width: usize,
    list: Vec<u16>,
    len: Vec<usize>,
    has: Vec<bool>,
    count: Vec<usize>,
    in_region: Vec<usize>,
    in_circle: Vec<u16>,
    used: Vec<i64>,
    region_sum: Vec<f64>,
}

impl<'a> State<'a> {
    fn new(field: &'a Field<'a>, start: &Hosts) -> Self {
        let d = field.dense;
        let (ni, m) = (d.ni(), field.clusters.len());
        let width = field
            .clusters
            .iter()
            .map(|c| d.max[*c])
            .max()
            .unwrap_or(0)
            .max(1);
        let mut state = State {
            field,
            width,
            list: vec![0; m * width],
            len: vec![0; m],
            has: vec![false; m * ni],
            count: vec![0; ni],
            in_region: vec![0; d.regions.len() * ni],
            in_circle: vec![0; d.region_of_circle.len() * ni],
            used: vec![0; m * d.resources],
            region_sum: vec![0.0; d.regions.len()],
        };
        for (l, c) in field.clusters.iter().enumerate() {
            for i in &start[*c] {
                state.put(l, usize::from(*i));
            }
        }
        state
    }

    fn snapshot(&self) -> (Vec<u16>, Vec<usize>) {
        (self.list.clone(), self.len.clone())
    }

    fn put(&mut self, l: usize, i: usize) {
        let d = self.field.dense;
        let (ni, c) = (d.ni(), self.field.clusters[l]);
        self.list[l * self.width + self.len[l]] = i as u16;
        self.len[l] += 1;
        self.has[l * ni + i] = true;
        self.count[i] += 1;
        self.in_region[d.region[c] * ni + i] += 1;
        self.in_circle[d.circle[c] * ni + i] += 1;
        for r in 0..d.resources {
            self.used[l * d.resources + r] += d.need[i * d.resources + r];
        }
        self.region_sum[d.region[c]] += d.score[c * ni + i] as f64;
    }

    fn take(&mut self, l: usize, i: usize) {
        let d = self.field.dense;
        let (ni, c) = (d.ni(), self.field.clusters[l]);
        let list = &mut self.list[l * self.width..l * self.width + self.len[l]];
        if let Some(p) = list.iter().position(|k| usize::from(*k) == i) {
            list.swap(p, self.len[l] - 1);
        }
        self.len[l] -= 1;
        self.has[l * ni + i] = false;
        self.count[i] -= 1;
        self.in_region[d.region[c] * ni + i] -= 1;
        self.in_circle[d.circle[c] * ni + i] -= 1;
        for r in 0..d.resources {
            self.used[l * d.resources + r] -= d.need[i * d.resources + r];
        }
        self.region_sum[d.region[c]] -= d.score[c * ni + i] as f64;
    }

    fn region(&self, l: usize) -> usize {
        self.field.dense.region[self.field.clusters[l]]
    }

    fn circle(&self, l: usize) -> usize {
        self.field.dense.circle[self.field.clusters[l]]
    }

    fn held(&self, l: usize, i: usize) -> bool {
        self.field.held[l * self.field.dense.ni() + i]
    }

    /// Do the resources of place `l` allow `enters` instead of `leaves`?
    fn fits(&self, l: usize, leaves: Option<usize>, enters: usize) -> bool {
        let d = self.field.dense;
        let (n, c) = (d.resources, self.field.clusters[l]);
        (0..n).all(|r| {
            let out = leaves.map_or(0, |i| d.need[i * n + r]);
            self.used[l * n + r] + d.need[enters * n + r] - out <= d.stock[c * n + r]
        })
    }

    /// Is `i` next door to place `l`, not counting place `except`?
    fn beside(&self, l: usize, i: usize, except: Option<usize>) -> bool {
        let d = self.field.dense;
        d.next_door[self.field.clusters[l]].iter().any(|n| {
            self.field.place[*n].is_some_and(|m| Some(m) != except && self.has[m * d.ni() + i])
        })
    }

    fn room_in_region(&self, l: usize, i: usize) -> bool {
        let d = self.field.dense;
        let g = self.region(l);
        self.in_region[g * d.ni() + i] < d.duplicates[g]
    }

    fn national(&self) -> bool {
        self.field.scope == Scope::Nation
    }

    fn may_gain(&self, i: usize) -> bool {
        !self.national() || self.count[i] < self.field.dense.cap[i]
    }

    fn may_lose(&self, i: usize) -> bool {
        !self.national() || self.count[i] > self.field.dense.floor[i]
    }

    /// Change of the links of a circle when one site of `leaves` goes and one of `enters` comes.
    fn links(&self, q: usize, leaves: Option<usize>, enters: Option<usize>) -> f64 {
        if leaves == enters {
            return 0.0;
        }
        let d = self.field.dense;
        let present = &self.in_circle[q * d.ni()..(q + 1) * d.ni()];
        let mut delta = 0;
        let gone = leaves.filter(|i| present[*i] == 1);
        if let Some(i) = gone {
            for (k, w) in &d.partners[i] {
                if present[*k] > 0 {
                    delta -= w;
                }
            }
        }
        if let Some(i) = enters.filter(|i| present[*i] == 0) {
            for (k, w) in &d.partners[i] {
                if present[*k] > 0 && Some(*k) != gone {
                    delta += w;
                }
            }
        }
        delta as f64
    }

    fn score(&self, l: usize, i: usize) -> f64 {
        self.field.score[l * self.field.dense.ni() + i]
    }

    fn raw(&self, l: usize, i: usize) -> f64 {
        let d = self.field.dense;
        d.score[self.field.clusters[l] * d.ni() + i] as f64
    }

    /// Change of the fairness term when the sums of some regions change.
    fn fairness(&self, changes: &[(usize, f64)]) -> f64 {
        let d = self.field.dense;
        if d.fairness == 0.0 || !self.national() {
            return 0.0;
        }
        let worst = |with: bool| {
            (0..d.regions.len())
                .map(|g| {
                    let change: f64 = changes
                        .iter()
                        .filter(|(h, _)| with && *h == g)
                        .map(|(_, x)| x)
                        .sum();
                    (self.region_sum[g] + change) / d.clusters_of_region[g].len() as f64
                })
                .fold(f64::INFINITY, f64::min)
        };
        d.fairness * (worst(true) - worst(false))
    }

    /// One trial step; the gain if it was taken, else 0.
    fn step(&mut self, temperature: f64, rng: &mut Rng) -> f64 {
        let kind = rng.below(100);
        let l = rng.below(self.len.len());
        match kind {
            0..45 => self.replace(l, temperature, rng),
            45..50 => self.add_or_drop(l, temperature, rng),
            50..85 => self.exchange(l, temperature, rng),
            _ => self.push_on(l, temperature, rng),
        }
    }

    fn accept(delta: f64, temperature: f64, rng: &mut Rng) -> bool {
        delta >= 0.0 || (delta > -20.0 * temperature && rng.unit() < (delta / temperature).exp())
    }

    fn pick(&self, l: usize, rng: &mut Rng) -> Option<usize> {
        let n = self.len[l];
        (n > 0).then(|| usize::from(self.list[l * self.width + rng.below(n)]))
    }

    fn candidate(&self, l: usize, rng: &mut Rng) -> Option<usize> {
        let list = &self.field.candidates[l];
        (!list.is_empty()).then(|| usize::from(list[rng.below(list.len())]))
    }

    fn open(&self, l: usize, i: usize) -> bool {
        let d = self.field.dense;
        let k = l * d.ni() + i;
        d.open[self.field.clusters[l] * d.ni() + i] && !self.has[k] && !self.field.held[k]
    }

    fn replace(&mut self, l: usize, temperature: f64, rng: &mut Rng) -> f64 {
        let (Some(i), Some(j)) = (self.pick(l, rng), self.candidate(l, rng)) else {
            return 0.0;
        };
        let allowed = self.open(l, j)
            && !self.held(l, i)
            && self.may_gain(j)
            && self.may_lose(i)
            && self.room_in_region(l, j)
            && self.fits(l, Some(i), j)
            && !self.beside(l, j, None);
        if !allowed {
            return 0.0;
        }
        let delta = self.score(l, j) - self.score(l, i)
            + self.links(self.circle(l), Some(i), Some(j))
            + self.fairness(&[(self.region(l), self.raw(l, j) - self.raw(l, i))]);
        if !Self::accept(delta, temperature, rng) {
            return 0.0;
        }
        self.take(l, i);
        self.put(l, j);
        delta
    }

    fn add_or_drop(&mut self, l: usize, temperature: f64, rng: &mut Rng) -> f64 {
        let c = self.field.clusters[l];
        let (min, max) = (self.field.dense.min[c], self.field.dense.max[c]);
        if self.len[l] < max && (self.len[l] == min || rng.below(2) == 0) {
            let Some(j) = self.candidate(l, rng) else {
                return 0.0;
            };
            let allowed = self.open(l, j)
                && self.may_gain(j)
                && self.room_in_region(l, j)
                && self.fits(l, None, j)
                && !self.beside(l, j, None);
            if !allowed {
                return 0.0;
            }
            let delta = self.score(l, j)
                + self.links(self.circle(l), None, Some(j))
                + self.fairness(&[(self.region(l), self.raw(l, j))]);
            if Self::accept(delta, temperature, rng) {
                self.put(l, j);
                return delta;
            }
        } else if self.len[l] > min {
            let Some(i) = self.pick(l, rng) else {
                return 0.0;
            };
            if self.held(l, i) || !self.may_lose(i) {
                return 0.0;
            }
            let delta = self.links(self.circle(l), Some(i), None) - self.score(l, i)
                + self.fairness(&[(self.region(l), -self.raw(l, i))]);
            if Self::accept(delta, temperature, rng) {
                self.take(l, i);
                return delta;
            }
        }
        0.0
    }

    /// Another place, half of the time in the same region (places of a region follow each other only by
    /// chance, so it is drawn from the region's list).
    fn other(&self, l: usize, rng: &mut Rng) -> usize {
        if self.national() && rng.below(2) == 0 {
            let members = &self.field.dense.clusters_of_region[self.region(l)];
            let c = members[rng.below(members.len())];
            return self.field.place[c].unwrap_or(l);
        }
        rng.below(self.len.len())
    }

    fn exchange(&mut self, l: usize, temperature: f64, rng: &mut Rng) -> f64 {
        let m = self.other(l, rng);
        let Some(i) = self.pick(l, rng).filter(|i| l != m && !self.held(l, *i)) else {
            return 0.0;
        };
        let d = self.field.dense;
        let room = self.len[m] < d.max[self.field.clusters[m]];
        let spare = self.len[l] > d.min[self.field.clusters[l]];
        if room && spare && rng.below(2) == 0 {
            return self.shift(l, i, m, temperature, rng);
        }
        let Some(j) = self.pick(m, rng).filter(|j| *j != i && !self.held(m, *j)) else {
            return 0.0;
        };
        let apart = self.region(l) != self.region(m);
        let allowed = self.open(l, j)
            && self.open(m, i)
            && (!apart || (self.room_in_region(l, j) && self.room_in_region(m, i)))
            && self.fits(l, Some(i), j)
            && self.fits(m, Some(j), i)
            && !self.beside(l, j, Some(m))
            && !self.beside(m, i, Some(l));
        if !allowed {
            return 0.0;
        }
        self.pass_on((l, i, j), (m, j), temperature, rng)
    }

    fn shift(&mut self, l: usize, i: usize, m: usize, temperature: f64, rng: &mut Rng) -> f64 {
        let apart = self.region(l) != self.region(m);
        let allowed = self.open(m, i)
            && (!apart || self.room_in_region(m, i))
            && self.fits(m, None, i)
            && !self.beside(m, i, Some(l));
        if !allowed {
            return 0.0;
        }
        let (q, p) = (self.circle(l), self.circle(m));
        let links = if q == p {
            0.0
        } else {
            self.links(q, Some(i), None) + self.links(p, None, Some(i))
        };
        let delta = self.score(m, i) - self.score(l, i)
            + links
            + self.fairness(&[
                (self.region(l), -self.raw(l, i)),
                (self.region(m), self.raw(m, i)),
            ]);
        if !Self::accept(delta, temperature, rng) {
            return 0.0;
        }
        self.take(l, i);
        self.put(m, i);
        delta
    }

    /// l: i -> j while m: k -> i.
    fn push_on(&mut self, l: usize, temperature: f64, rng: &mut Rng) -> f64 {
        let m = self.other(l, rng);
        let (Some(i), Some(j), Some(k)) =
            (self.pick(l, rng), self.candidate(l, rng), self.pick(m, rng))
        else {
            return 0.0;
        };
        let differ = l != m && i != j && j != k && i != k;
        if !differ || self.held(l, i) || self.held(m, k) {
            return 0.0;
        }
        let apart = self.region(l) != self.region(m);
        // In one region, k leaves while j comes: the count of j there is what matters.
        let allowed = self.open(l, j)
            && self.open(m, i)
            && self.may_gain(j)
            && self.may_lose(k)
            && self.room_in_region(l, j)
            && (!apart || self.room_in_region(m, i))
            && self.fits(l, Some(i), j)
            && self.fits(m, Some(k), i)
            && !self.beside(l, j, None)
            && !self.beside(m, i, Some(l));
        if !allowed {
            return 0.0;
        }
        self.pass_on((l, i, j), (m, k), temperature, rng)
    }

    /// l: i -> j while m: k -> i, if the temperature accepts it. With k = j the two change places.
    fn pass_on(
        &mut self,
        (l, i, j): (usize, usize, usize),
        (m, k): (usize, usize),
        temperature: f64,
        rng: &mut Rng,
    ) -> f64 {
        let (q, p) = (self.circle(l), self.circle(m));
        let links = if q == p {
            if k == j {
                0.0
            } else {
                self.links(q, Some(k), Some(j))
            }
        } else {
            self.links(q, Some(i), Some(j)) + self.links(p, Some(k), Some(i))
        };
        let delta = self.score(l, j) - self.score(l, i) + self.score(m, i) - self.score(m, k)
            + links
            + self.fairness(&[
                (self.region(l), self.raw(l, j) - self.raw(l, i)),
                (self.region(m), self.raw(m, i) - self.raw(m, k)),
            ]);
        if !Self::accept(delta, temperature, rng) {
            return 0.0;
        }
        self.take(l, i);
        self.take(m, k);
        self.put(l, j);
        self.put(m, i);
        delta
    }
}

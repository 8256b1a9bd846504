//! How often an address may ask.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::Limits;

/// Addresses remembered at most; the longest silent ones go first.
const ADDRESSES: usize = 4096;
const MINUTE: Duration = Duration::from_secs(60);

pub struct Rates {
    burst: f64,
    per_second: f64,
    wrong_tokens: u32,
    buckets: BTreeMap<IpAddr, (f64, Instant)>,
    wrong: BTreeMap<IpAddr, (u32, Instant)>,
}

impl Rates {
    pub fn new(limits: &Limits) -> Self {
        Self {
            burst: limits.burst,
            per_second: limits.per_second,
            wrong_tokens: limits.wrong_tokens,
            buckets: BTreeMap::new(),
            wrong: BTreeMap::new(),
        }
    }

    /// Takes one request out of the bucket of an address.
    pub fn take(&mut self, from: IpAddr) -> bool {
        let now = Instant::now();
        trim(&mut self.buckets);
        let (left, since) = self.buckets.entry(from).or_insert((self.burst, now));
        *left =
            (*left + now.duration_since(*since).as_secs_f64() * self.per_second).min(self.burst);
        *since = now;
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }

    pub fn may_try_token(&mut self, from: IpAddr) -> bool {
        let Some((count, since)) = self.wrong.get(&from).copied() else {
            return true;
        };
        if since.elapsed() > MINUTE {
            self.wrong.remove(&from);
            return true;
        }
        count < self.wrong_tokens
    }

    pub fn wrong_token(&mut self, from: IpAddr) {
        trim(&mut self.wrong);
        let (count, _) = self.wrong.entry(from).or_insert((0, Instant::now()));
        *count += 1;
    }
}

fn trim<T: Copy>(known: &mut BTreeMap<IpAddr, (T, Instant)>) {
    while known.len() >= ADDRESSES {
        let oldest = known
            .iter()
            .min_by_key(|(_, (_, at))| *at)
            .map(|(ip, _)| *ip);
        let Some(oldest) = oldest else { return };
        known.remove(&oldest);
    }
}

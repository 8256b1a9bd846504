//! The hull of "one or two compatible industries" of a cluster.
//!
//! i and k conflict in c if together they need more of a resource than c has. With at most two places, every
//! choice keeps `Σ α_i x_ci <= 2` if each α_i <= 2 and α_i + α_k <= 2 for every compatible pair. Writing
//! α = 1 + β, the most broken α on the support of x maximises x(A) - x(N(A)) over sets A, N(A) the industries
//! compatible with one of A: a closure problem, solved as a minimum cut on the double cover (the half-integral
//! structure of Nemhauser & Trotter 1975). The other industries are lifted in order.

use super::block::Block;
use super::cuts::Cut;
use super::dense::Dense;

const BROKEN: f64 = 0.005;

/// Does every allowed choice of the cluster keep `Σ α_i x_ci <= 2`?
pub(crate) fn is_valid(dense: &Dense, c: usize, alpha: &[(usize, u8)]) -> bool {
    alpha.iter().enumerate().all(|(p, (i, a))| {
        alpha[..p]
            .iter()
            .all(|(k, b)| k != i && (a + b <= 2 || !dense.compatible(c, *i, *k)))
    })
}

pub(crate) fn separate(dense: &Dense, block: &Block, x: &[f64], found: &mut Vec<Cut>) {
    if dense.resources == 0 {
        return;
    }
    for (l, c) in block.clusters.iter().enumerate() {
        if dense.max[*c] != 2 {
            continue;
        }
        let level = |i: usize| {
            let v = block.host(l, i);
            if v == u32::MAX { 0.0 } else { x[v as usize] }
        };
        let support: Vec<usize> = (0..dense.ni()).filter(|i| level(*i) > 1e-6).collect();
        if support.len() < 3 {
            continue;
        }
        let weight: Vec<f64> = support.iter().map(|i| level(*i)).collect();
        let compatible =
            |a: usize, b: usize| a != b && dense.compatible(*c, support[a], support[b]);
        let beta = closure(&weight, &compatible);
        let gain: f64 = beta
            .iter()
            .zip(&weight)
            .map(|(b, w)| f64::from(*b) * w)
            .sum();
        if weight.iter().sum::<f64>() + gain <= 2.0 + BROKEN {
            continue;
        }
        let mut alpha: Vec<(usize, u8)> = support
            .iter()
            .zip(&beta)
            .map(|(i, b)| (*i, (1 + b) as u8))
            .collect();
        for i in 0..dense.ni() {
            if block.host(l, i) == u32::MAX || support.contains(&i) {
                continue;
            }
            let most = alpha
                .iter()
                .filter(|(k, _)| dense.compatible(*c, i, *k))
                .map(|(_, a)| *a)
                .max();
            alpha.push((i, 2 - most.unwrap_or(0)));
        }
        alpha.retain(|(_, a)| *a > 0);
        alpha.sort_unstable();
        if is_valid(dense, *c, &alpha) {
            found.push(Cut::Hull(*c, alpha));
        }
    }
}

/// β in {-1, 0, 1} that maximises Σ β w with β_a + β_b <= 0 for compatible a, b: maximum flow by augmenting
/// paths from left copies (capacity w) to right copies (capacity w) along compatible pairs.
fn closure(weight: &[f64], compatible: &dyn Fn(usize, usize) -> bool) -> Vec<i8> {
    let n = weight.len();
    let mut left = weight.to_vec();
    let mut right = weight.to_vec();
    let mut flow = vec![0.0; n * n];
    let joined: Vec<bool> = (0..n * n).map(|k| compatible(k / n, k % n)).collect();
    let reach = |left: &[f64], flow: &[f64]| {
        // Breadth first from the left copies with spare capacity; `via` is the step before.
        let mut via_left: Vec<Option<usize>> = vec![None; n];
        let mut via_right: Vec<Option<usize>> = vec![None; n];
        let mut seen: Vec<bool> = left.iter().map(|c| *c > 1e-9).collect();
        let mut queue: Vec<usize> = (0..n).filter(|a| seen[*a]).collect();
        let mut at = 0;
        while at < queue.len() {
            let a = queue[at];
            at += 1;
            for b in 0..n {
                if !joined[a * n + b] || via_right[b].is_some() {
                    continue;
                }
                via_right[b] = Some(a);
                for e in 0..n {
                    if !seen[e] && flow[e * n + b] > 1e-9 {
                        seen[e] = true;
                        via_left[e] = Some(b);
                        queue.push(e);
                    }
                }
            }
        }
        (seen, via_left, via_right)
    };
    // Each augmentation saturates an end or a reverse arc; the limit guards against rounding only.
    for _ in 0..4 * n * n {
        let (_, via_left, via_right) = reach(&left, &flow);
        let Some(end) = (0..n).find(|b| via_right[*b].is_some() && right[*b] > 1e-9) else {
            break;
        };
        let mut path = Vec::new();
        let mut b = end;
        let mut amount = right[end];
        let start = loop {
            let Some(a) = via_right[b] else { break 0 };
            path.push((a, b));
            match via_left[a] {
                Some(back) => {
                    amount = amount.min(flow[a * n + back]);
                    b = back;
                }
                None => break a,
            }
        };
        amount = amount.min(left[start]);
        for (step, (a, b)) in path.iter().enumerate() {
            flow[a * n + b] += amount;
            if let Some((_, back)) = path.get(step + 1) {
                flow[a * n + back] -= amount;
            }
        }
        left[start] -= amount;
        right[end] -= amount;
    }
    let (seen, _, via_right) = reach(&left, &flow);
    (0..n)
        .map(|a| i8::from(seen[a]) - i8::from(via_right[a].is_some()))
        .collect()
}

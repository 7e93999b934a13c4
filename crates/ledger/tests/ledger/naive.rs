//! RFC 6962, section 2.1, word for word and slow: what the tree is compared with.

use entente_ledger::{Entry, Hash};

/// The largest power of two smaller than `n`.
fn k(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// `MTH(D[n])`.
pub(crate) fn mth(d: &[Entry]) -> Hash {
    match d {
        [] => Hash::empty(),
        [one] => Hash::leaf(one),
        _ => {
            let (left, right) = d.split_at(k(d.len()));
            Hash::node(&mth(left), &mth(right))
        }
    }
}

/// `PATH(m, D[n])`.
pub(crate) fn path(m: usize, d: &[Entry]) -> Vec<Hash> {
    if d.len() == 1 {
        return Vec::new();
    }
    let k = k(d.len());
    if m < k {
        [path(m, &d[..k]), vec![mth(&d[k..])]].concat()
    } else {
        [path(m - k, &d[k..]), vec![mth(&d[..k])]].concat()
    }
}

/// `PROOF(m, D[n])`.
pub(crate) fn proof(m: usize, d: &[Entry]) -> Vec<Hash> {
    subproof(m, d, true)
}

fn subproof(m: usize, d: &[Entry], whole: bool) -> Vec<Hash> {
    if m == d.len() {
        return if whole { Vec::new() } else { vec![mth(d)] };
    }
    let k = k(d.len());
    if m <= k {
        [subproof(m, &d[..k], whole), vec![mth(&d[k..])]].concat()
    } else {
        [subproof(m - k, &d[k..], false), vec![mth(&d[..k])]].concat()
    }
}

//! What a partition is worth: modularity and the weight of what it cuts, in integers.

use crate::csr::Csr;

/// A resolution of 1 (see [`Resolution`]).
const ONE: u64 = 256;

/// How fine a partition modularity prefers (Reichardt & Bornholdt 2006): 1 is Newman's, more gives
/// smaller clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resolution(u64);

impl Resolution {
    /// Newman's modularity.
    pub const ONE: Resolution = Resolution(ONE);

    /// Twice as fine.
    pub fn doubled(self) -> Resolution {
        Resolution(self.0 * 2)
    }

    /// Halfway between two.
    pub fn between(self, other: Resolution) -> Resolution {
        Resolution(u64::midpoint(self.0, other.0))
    }

    /// Whether all that [`pull`](Resolution::pull) works out for a graph of this total fits into 64
    /// bits.
    pub(crate) fn is_narrow(self, total: u64) -> bool {
        let most = u128::from(total).pow(2).checked_mul(2 * u128::from(ONE.max(self.0)));
        most.is_some_and(|most| most < i64::MAX as u128)
    }

    /// The same as [`pull`](Resolution::pull), where that fits.
    #[inline(always)]
    pub(crate) fn narrow_pull(self, into: u64, strength: u64, community: u64, total: u64) -> i64 {
        (ONE * total * into) as i64 - (self.0 * strength * community) as i64
    }

    /// How good it is for a node of this strength to be with a community of this total strength,
    /// that its edges into weigh `into`; `total` is twice the weight of the graph.
    #[inline(always)]
    pub(crate) fn pull(self, into: u64, strength: u64, community: u64, total: u64) -> i128 {
        i128::from(ONE) * i128::from(total) * i128::from(into)
            - i128::from(self.0) * i128::from(strength) * i128::from(community)
    }

    /// Modularity × 256 × (twice the weight of the graph)², exact.
    pub fn modularity_scaled(self, graph: &Csr, of: &[u32]) -> i128 {
        let total = 2 * i128::from(graph.total());
        let count = of.iter().max().map_or(0, |&c| c as usize + 1);
        let (mut within, mut strength) = (vec![0i128; count], vec![0i128; count]);
        for (node, s) in graph.strengths().into_iter().enumerate() {
            let here = of[node];
            strength[here as usize] += i128::from(s);
            let twice: u64 = graph.row(node as u32).filter(|&(end, _)| of[end as usize] == here).map(|(_, w)| w).sum();
            within[here as usize] += i128::from(twice + 2 * graph.loop_of(node as u32));
        }
        let parts = within.iter().zip(&strength);
        parts.map(|(w, s)| i128::from(ONE) * w * total - i128::from(self.0) * s * s).sum()
    }
}

/// Newman's modularity, -1/2 to 1; 0 for a graph without edges.
pub fn modularity(graph: &Csr, of: &[u32]) -> f64 {
    let total = 2.0 * graph.total() as f64;
    if total == 0.0 {
        return 0.0;
    }
    Resolution::ONE.modularity_scaled(graph, of) as f64 / (ONE as f64 * total * total)
}

/// The weight of all edges between different clusters.
pub fn cut_weight(graph: &Csr, of: &[u32]) -> u64 {
    graph.edges().filter(|&(a, b, _)| of[a as usize] != of[b as usize]).map(|(_, _, w)| w).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix;

    #[test]
    fn where_it_fits_into_64_bits_the_pull_is_the_same() {
        let mut random = SplitMix::new(5);
        let mut narrow = 0;
        for round in 0..20_000 {
            let total = 1 + random.below(1 << (round % 40 + 1)) as u64;
            let resolution = Resolution(1 + random.below(4 * ONE as usize) as u64);
            let mut part = || random.below(total as usize + 1) as u64;
            let (into, strength, community) = (part(), part(), part());
            if resolution.is_narrow(total) {
                narrow += 1;
                let short = resolution.narrow_pull(into, strength, community, total);
                assert_eq!(i128::from(short), resolution.pull(into, strength, community, total));
            }
        }
        assert!((5_000..19_000).contains(&narrow), "{narrow} of 20,000");
    }
}

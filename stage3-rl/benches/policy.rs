//! How long the policy takes to score the candidates of one step.

use divan::{Bencher, black_box};
use stage3_rl::{FEATURES, Rl};

fn main() {
    divan::main();
}

#[divan::bench(args = [2, 8, 18])]
fn scores(bencher: Bencher<'_, '_>, candidates: usize) {
    let policy = Rl::default();
    let of: Vec<[f32; FEATURES]> =
        (0..candidates).map(|c| std::array::from_fn(|f| ((7 * c + 3 * f) % 11) as f32 / 11.0)).collect();
    bencher.bench_local(|| policy.scores(black_box(&of)));
}

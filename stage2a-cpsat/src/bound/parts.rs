//! The problem cut into parts that are small enough to be solved to the end, so that as many
//! constraints as possible lie within one.

use rustc_hash::FxHashMap;
use timetable::{ClassId, ConstraintId, Problem};

/// How large a part may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    /// Bundles.
    pub(super) bundles: usize,
    /// Times and rooms of all of them together; one bundle may have more.
    pub(super) choices: usize,
}

/// Constraints of more bundles lie within no part anyway.
const WIDEST: usize = 40;
/// What it is worth to complete a constraint, against bringing it nearer to that.
const WHOLE: f64 = 10.0;
/// What a hard constraint is worth against a soft one: by itself it costs nothing.
const HARD: f64 = 0.2;

/// Parts, as numbers of bundles, ascending: those `from` which it begins, merged two by two, first
/// those that bring most for their size.
pub(super) fn parts(problem: &Problem, bundles: &[Vec<ClassId>], from: Vec<Vec<usize>>, most: Most) -> Vec<Vec<usize>> {
    let choices: Vec<usize> =
        bundles.iter().map(|bundle| problem.times_of(bundle[0]).len() + problem.rooms_of(bundle[0]).len()).collect();
    let groups = groups(problem, bundles);
    // The part of each bundle, and what is in each part.
    let mut parts = from;
    let mut of: Vec<usize> = vec![0; bundles.len()];
    for (k, part) in parts.iter().enumerate() {
        part.iter().for_each(|&bundle| of[bundle] = k);
    }
    loop {
        let mut worth: FxHashMap<(usize, usize), f64> = FxHashMap::default();
        for (members, weight) in &groups {
            let mut touched: Vec<usize> = members.iter().map(|&k| of[k]).collect();
            touched.sort_unstable();
            touched.dedup();
            let each = if touched.len() == 2 { WHOLE } else { 1.0 / (touched.len() * touched.len()) as f64 };
            for (i, &a) in touched.iter().enumerate() {
                touched[i + 1..].iter().for_each(|&b| *worth.entry((a, b)).or_default() += weight * each);
            }
        }
        let size = |part: &[usize]| part.iter().map(|&k| choices[k]).sum::<usize>();
        let fits = |a: &[usize], b: &[usize]| a.len() + b.len() <= most.bundles && size(a) + size(b) <= most.choices;
        let mut spec: Vec<((usize, usize), f64)> = worth
            .into_iter()
            .filter(|&((a, b), _)| fits(&parts[a], &parts[b]))
            .map(|((a, b), worth)| ((a, b), worth / (parts[a].len() + parts[b].len()) as f64))
            .collect();
        spec.sort_unstable_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
        if spec.is_empty() {
            break;
        }
        // Each part is merged once, and only by what is not far worse than the best.
        let least = spec[0].1 / 2.0;
        let mut merged = vec![false; parts.len()];
        for ((a, b), worth) in spec {
            if worth < least || merged[a] || merged[b] {
                continue;
            }
            merged[a] = true;
            merged[b] = true;
            let from = std::mem::take(&mut parts[b]);
            from.iter().for_each(|&k| of[k] = a);
            parts[a].extend(from);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.iter_mut().for_each(|part| part.sort_unstable());
    parts
}

/// Bundles that a constraint sees, two or more, and what it is worth to have them together.
fn groups(problem: &Problem, bundles: &[Vec<ClassId>]) -> Vec<(Vec<usize>, f64)> {
    let mut of = vec![0; problem.classes().len()];
    for (k, bundle) in bundles.iter().enumerate() {
        bundle.iter().for_each(|class| of[class.index()] = k);
    }
    let mut groups: FxHashMap<Vec<usize>, f64> = FxHashMap::default();
    for k in 0..problem.constraints().len() {
        let row = &problem.constraints()[k];
        let mut members: Vec<usize> =
            problem.classes_of(ConstraintId::new(k)).iter().map(|&class| of[class as usize]).collect();
        members.sort_unstable();
        members.dedup();
        if (2..=WIDEST).contains(&members.len()) {
            *groups.entry(members).or_default() += if row.hard == 1 { HARD } else { 1.0 };
        }
    }
    let mut groups: Vec<(Vec<usize>, f64)> = groups.into_iter().collect();
    groups.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    groups
}

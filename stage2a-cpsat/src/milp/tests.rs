//! The engine against all values there are, on small random models of the kinds of constraints that
//! our models have.

use super::*;
use cp_sat::builder::{BoolVar, CpModelBuilder, IntVar, LinearExpr};
use moves::Rng;

struct Small {
    model: CpModelBuilder,
    booleans: usize,
    most: i64,
}

/// Booleans first, then two numbers.
fn random(rng: &mut Rng) -> Small {
    let mut model = CpModelBuilder::default();
    let booleans = 3 + rng.below(6);
    let vars: Vec<BoolVar> = (0..booleans).map(|_| model.new_bool_var()).collect();
    let most = 1 + rng.below(3) as i64;
    let numbers: Vec<IntVar> = (0..2).map(|_| model.new_int_var([(0, most)])).collect();
    let literal = |rng: &mut Rng| {
        let var = vars[rng.below(booleans)];
        if rng.below(3) == 0 { !var } else { var }
    };
    for _ in 0..2 + rng.below(6) {
        let some: Vec<BoolVar> = (0..2 + rng.below(3)).map(|_| literal(rng)).collect();
        match rng.below(4) {
            0 => _ = model.add_or(some),
            1 => _ = model.add_at_most_one(some),
            2 => _ = model.add_implication(some[0], some[1]),
            _ => {
                let mut sum = LinearExpr::default();
                (0..3).for_each(|_| sum += (rng.below(5) as i64 - 1, vars[rng.below(booleans)]));
                sum += (-1, numbers[rng.below(2)]);
                model.add_le(sum, rng.below(3) as i64);
            }
        }
    }
    if rng.below(2) == 0 {
        model.add_exactly_one(vars.iter().copied().take(3));
    }
    let mut cost = LinearExpr::default();
    vars.iter().for_each(|&var| cost += (rng.below(20) as i64 - 8, var));
    numbers.iter().for_each(|&number| cost += (rng.below(9) as i64, number));
    model.minimize(cost);
    vars.iter().for_each(|&var| model.add_hint(var, rng.below(2) as i64));
    Small { model, booleans, most }
}

/// The least cost of all values; `None` where none is a solution.
fn best(small: &Small, rows: &Rows) -> Option<i64> {
    let mut best = None;
    for bits in 0..1_i64 << small.booleans {
        for a in 0..=small.most {
            for b in 0..=small.most {
                let values: Vec<i64> = (0..small.booleans).map(|v| bits >> v & 1).chain([a, b]).collect();
                if rows.holds(&values) {
                    let cost = rows.cost(&values);
                    best = Some(best.map_or(cost, |best: i64| best.min(cost)));
                }
            }
        }
    }
    best
}

#[test]
fn what_it_calls_best_is_best_and_what_it_calls_infeasible_is() {
    let (mut solvable, mut hopeless) = (0, 0);
    for seed in 0..400 {
        let small = random(&mut Rng::new(seed, 7));
        let rows = Rows::of(small.model.proto()).expect("a linear model");
        let by_steps = seed % 2 == 0;
        let parameters = SatParameters {
            max_time_in_seconds: (!by_steps).then_some(20.0),
            max_deterministic_time: by_steps.then_some(50.0),
            ..SatParameters::default()
        };
        let bytes = Search::default().solve(&small.model.proto().encode_to_vec(), &parameters.encode_to_vec());
        let answer = CpSolverResponse::decode(bytes.as_slice()).expect("an answer");
        match best(&small, &rows) {
            None => {
                hopeless += 1;
                assert_eq!(answer.status(), CpSolverStatus::Infeasible, "seed {seed}");
            }
            Some(best) => {
                solvable += 1;
                assert_eq!(answer.status(), CpSolverStatus::Optimal, "seed {seed}");
                assert_eq!(answer.objective_value as i64, best, "seed {seed}");
                assert!((answer.best_objective_bound - best as f64).abs() < 1e-6, "seed {seed}");
                assert!(rows.holds(&answer.solution), "seed {seed}");
            }
        }
    }
    assert!(solvable > 100 && hopeless > 20, "{solvable} solvable, {hopeless} not: the models test little");
}

#[test]
fn a_search_that_was_stopped_or_has_no_time_ends_at_once() {
    let small = random(&mut Rng::new(1, 7));
    let search = Search::default();
    search.stop();
    let parameters = SatParameters { max_time_in_seconds: Some(0.0), ..SatParameters::default() };
    let answer = search.solve(&small.model.proto().encode_to_vec(), &parameters.encode_to_vec());
    let answer = CpSolverResponse::decode(answer.as_slice()).expect("an answer");
    assert_ne!(answer.status(), CpSolverStatus::ModelInvalid);
}

#[test]
fn what_is_no_linear_model_is_called_invalid() {
    let status = |model: &CpModelProto| {
        let answer = Search::default().solve(&model.encode_to_vec(), &[]);
        CpSolverResponse::decode(answer.as_slice()).expect("an answer").status()
    };
    let mut model = CpModelBuilder::default();
    let (a, b) = (model.new_bool_var(), model.new_bool_var());
    model.add_xor([a, b]);
    assert_eq!(status(model.proto()), CpSolverStatus::ModelInvalid);

    let mut far = CpModelBuilder::default();
    let var = far.new_bool_var();
    far.add_or([var]);
    let mut far = far.proto().clone();
    far.variables.clear();
    assert_eq!(status(&far), CpSolverStatus::ModelInvalid);

    let mut gaps = CpModelBuilder::default();
    gaps.new_int_var([(0, 1), (5, 6)]);
    assert_eq!(status(gaps.proto()), CpSolverStatus::ModelInvalid);

    let answer = Search::default().solve(b"\xff\xff", &[]);
    let answer = CpSolverResponse::decode(answer.as_slice()).expect("an answer");
    assert_eq!(answer.status(), CpSolverStatus::ModelInvalid);
}

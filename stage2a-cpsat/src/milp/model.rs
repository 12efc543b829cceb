//! Rows as a model of good_lp, whatever engine solves it.

use super::rows::Rows;
use good_lp::{Expression, ProblemVariables, Solver, SolverModel, Variable, constraint, variable};

/// The model, some of its variables fixed (where they may have that value), and its variables in
/// order.
pub(super) fn model<S: Solver>(rows: &Rows, fixed: &[(usize, i64)], engine: S) -> (S::Model, Vec<Variable>) {
    let mut bounds = rows.bounds.clone();
    for &(var, value) in fixed {
        if bounds[var].0 <= value && value <= bounds[var].1 {
            bounds[var] = (value, value);
        }
    }
    let mut variables = ProblemVariables::new();
    let added: Vec<Variable> = bounds
        .iter()
        .map(|&(least, most)| variables.add(variable().integer().min(least as f64).max(most as f64)))
        .collect();
    let sum = |terms: &[(i64, usize)]| {
        let mut sum = Expression::with_capacity(terms.len());
        terms.iter().for_each(|&(coeff, v)| sum.add_mul(coeff as f64, added[v]));
        sum
    };
    let mut model = variables.minimise(sum(&rows.costs)).using(engine);
    for row in &rows.rows {
        match (row.least, row.most) {
            (Some(least), Some(most)) if least == most => {
                model.add_constraint(constraint!(sum(&row.terms) == least as f64));
            }
            (least, most) => {
                if let Some(least) = least {
                    model.add_constraint(constraint!(sum(&row.terms) >= least as f64));
                }
                if let Some(most) = most {
                    model.add_constraint(constraint!(sum(&row.terms) <= most as f64));
                }
            }
        }
    }
    (model, added)
}

//! A model of clauses and sums as rows of a matrix. All that our models are made of is linear, so
//! nothing is approximated.

use cp_sat::proto::constraint_proto::Constraint;
use cp_sat::proto::{ConstraintProto, CpModelProto};

/// Coefficients and variables, and what their sum is at least and at most.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) terms: Vec<(i64, usize)>,
    pub(super) least: Option<i64>,
    pub(super) most: Option<i64>,
}

/// A model: `minimise Σ costs × values` under rows and bounds; every variable is an integer.
#[derive(Debug)]
pub(super) struct Rows {
    /// Least and most of each variable.
    pub(super) bounds: Vec<(i64, i64)>,
    pub(super) rows: Vec<Row>,
    /// Cost of a variable's unit, each variable at most once, ascending.
    pub(super) costs: Vec<(i64, usize)>,
    /// Added to the costs.
    pub(super) offset: i64,
    /// Values that may be a good start, for some variables.
    pub(super) hint: Vec<(usize, i64)>,
}

impl Rows {
    /// The rows of a model.
    ///
    /// # Errors
    /// What in it is not linear, or refers to what is not there.
    pub(super) fn of(model: &CpModelProto) -> Result<Rows, String> {
        let n = model.variables.len();
        let interval = |domain: &[i64]| match domain {
            [least, most] if least <= most => Ok((*least, *most)),
            other => Err(format!("a domain of {} ends, expected an interval", other.len())),
        };
        let bounds = model.variables.iter().map(|v| interval(&v.domain)).collect::<Result<Vec<_>, String>>()?;
        let variable = |var: i32| {
            usize::try_from(var).ok().filter(|&v| v < n).ok_or_else(|| format!("variable {var} of {n} in a sum"))
        };
        let rows = model.constraints.iter().map(|c| row(c, n, &variable)).collect::<Result<Vec<_>, String>>()?;
        let mut rows = Rows { bounds, rows, costs: Vec::new(), offset: 0, hint: Vec::new() };
        if let Some(objective) = &model.objective {
            if objective.scaling_factor < 0.0 {
                return Err("a sum that is to be large, expected small".into());
            }
            rows.offset = objective.offset as i64;
            for (&var, &cost) in objective.vars.iter().zip(&objective.coeffs) {
                rows.costs.push((cost, variable(var)?));
            }
            rows.costs = gathered(std::mem::take(&mut rows.costs));
        }
        if let Some(hint) = &model.solution_hint {
            for (&var, &value) in hint.vars.iter().zip(&hint.values) {
                rows.hint.push((variable(var)?, value));
            }
        }
        Ok(rows)
    }

    /// Whether values are a solution.
    pub(super) fn holds(&self, values: &[i64]) -> bool {
        let within = |row: &Row| {
            let sum: i128 = row.terms.iter().map(|&(c, v)| i128::from(c) * i128::from(values[v])).sum();
            row.least.is_none_or(|least| sum >= least.into()) && row.most.is_none_or(|most| sum <= most.into())
        };
        values.len() == self.bounds.len()
            && values.iter().zip(&self.bounds).all(|(v, (least, most))| least <= v && v <= most)
            && self.rows.iter().all(within)
    }

    /// What values cost.
    pub(super) fn cost(&self, values: &[i64]) -> i64 {
        self.costs.iter().fold(self.offset, |sum, &(cost, v)| sum.saturating_add(cost.saturating_mul(values[v])))
    }
}

/// Each variable once.
fn gathered(mut terms: Vec<(i64, usize)>) -> Vec<(i64, usize)> {
    terms.sort_unstable_by_key(|&(_, v)| v);
    terms.dedup_by(|later, first| {
        let same = later.1 == first.1;
        if same {
            first.0 = first.0.saturating_add(later.0);
        }
        same
    });
    terms
}

fn row(constraint: &ConstraintProto, n: usize, variable: &dyn Fn(i32) -> Result<usize, String>) -> Result<Row, String> {
    if !constraint.enforcement_literal.is_empty() {
        return Err("a constraint that holds only sometimes".into());
    }
    match &constraint.constraint {
        Some(Constraint::BoolOr(c)) => literals(&c.literals, n, Some(1), None),
        Some(Constraint::AtMostOne(c)) => literals(&c.literals, n, None, Some(1)),
        Some(Constraint::ExactlyOne(c)) => literals(&c.literals, n, Some(1), Some(1)),
        Some(Constraint::Linear(c)) => {
            let terms = c.vars.iter().zip(&c.coeffs).map(|(&var, &coeff)| Ok((coeff, variable(var)?)));
            let terms = gathered(terms.collect::<Result<Vec<_>, String>>()?);
            let [least, most] = c.domain[..] else {
                return Err(format!("a sum within {} ends, expected an interval", c.domain.len()));
            };
            let (least, most) = ((least != i64::MIN).then_some(least), (most != i64::MAX).then_some(most));
            Ok(Row { terms, least, most })
        }
        _ => Err("a constraint that is not linear".into()),
    }
}

/// A literal below zero is the opposite of a variable: 1 less it.
fn literals(literals: &[i32], n: usize, least: Option<i64>, most: Option<i64>) -> Result<Row, String> {
    let mut constant = 0;
    let mut terms = Vec::with_capacity(literals.len());
    for &literal in literals {
        let (coeff, var) = if literal < 0 { (-1, !literal) } else { (1, literal) };
        constant += i64::from(literal < 0);
        let var = usize::try_from(var).ok().filter(|&v| v < n);
        terms.push((coeff, var.ok_or_else(|| format!("literal {literal} of {n} variables"))?));
    }
    Ok(Row { terms: gathered(terms), least: least.map(|l| l - constant), most: most.map(|m| m - constant) })
}

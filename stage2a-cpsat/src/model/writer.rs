//! A model being written: constraints, and the sum that is to be small.

use cp_sat::builder::{BoolVar, CpModelBuilder, IntVar, LinearExpr};
use cp_sat::prost::Message;

#[derive(Debug)]
pub(super) struct Writer {
    pub(super) model: CpModelBuilder,
    cost: LinearExpr,
    /// More than the costs of all terms together.
    worst: i64,
    /// What is broken already, times what it counts: dearer than all of that.
    violations: Vec<(i64, IntVar)>,
    /// How much of it there may be in all.
    most_broken: i64,
    /// Dearer still.
    unplaced: Vec<BoolVar>,
    /// Constraints so far, their length in bytes, and how many there may be: what comes later is
    /// not written.
    written: usize,
    bytes: usize,
    most: usize,
}

/// So long may constraints be on average.
const BYTES: usize = 80;
/// The most that leaving a class unplaced counts.
const MOST: i64 = 1 << 44;

impl Writer {
    pub(super) fn new(most: usize) -> Writer {
        let (model, cost) = (CpModelBuilder::default(), LinearExpr::default());
        let (violations, unplaced) = (Vec::new(), Vec::new());
        Writer { model, cost, worst: 0, violations, most_broken: 0, unplaced, written: 0, bytes: 0, most }
    }

    /// Whether there were more constraints than there may be, or longer ones: the model is none.
    pub(super) fn is_full(&self) -> bool {
        self.written > self.most || self.bytes / BYTES > self.most
    }

    /// Writes a constraint, where there is room for it.
    fn write(&mut self, constraint: impl FnOnce(&mut CpModelBuilder)) {
        self.written += 1;
        if !self.is_full() {
            constraint(&mut self.model);
            self.bytes += self.model.proto().constraints.last().map_or(0, Message::encoded_len);
        }
    }

    pub(super) fn boolean(&mut self) -> BoolVar {
        self.model.new_bool_var()
    }

    pub(super) fn number(&mut self, most: i64) -> IntVar {
        self.model.new_int_var([(0, most.max(0))])
    }

    /// `cost` for each unit of a variable that is at most `most`.
    pub(super) fn charge(&mut self, var: impl Into<IntVar>, cost: i64, most: i64) {
        if cost != 0 {
            self.cost += (cost, var.into());
            self.worst = self.worst.saturating_add(cost.saturating_mul(most));
        }
    }

    /// Charged variables cost no more than that together, where it is not said of each.
    pub(super) fn charge_at_most(&mut self, cost: i64) {
        self.worst = self.worst.saturating_add(cost);
    }

    /// So often the amount, at most `most`, by which a hard rule stays broken.
    pub(super) fn violation(&mut self, amount: IntVar, many: i64, most: i64) {
        self.violations.push((many, amount));
        self.most_broken += many * most;
    }

    /// A variable that says that a class is not placed: dearer than all else.
    pub(super) fn unplaced(&mut self) -> BoolVar {
        let var = self.boolean();
        self.unplaced.push(var);
        var
    }

    pub(super) fn at_most_one(&mut self, vars: impl IntoIterator<Item = BoolVar>) {
        self.write(|model| _ = model.add_at_most_one(vars));
    }

    /// So many are true.
    pub(super) fn exactly(&mut self, vars: impl IntoIterator<Item = BoolVar>, count: usize) {
        self.write(|model| match count {
            1 => _ = model.add_exactly_one(vars),
            _ => _ = model.add_eq(sum(vars), count as i64),
        });
    }

    /// Exactly one is true where `chosen` is, none elsewhere.
    pub(super) fn one_of_where(&mut self, vars: impl IntoIterator<Item = BoolVar>, chosen: BoolVar) {
        self.exactly(vars.into_iter().chain([!chosen]), 1);
    }

    /// A cost that comes whatever is chosen.
    pub(super) fn certain(&mut self, cost: i64) {
        self.cost += cost;
    }

    /// One implies the other.
    pub(super) fn implies(&mut self, a: BoolVar, b: BoolVar) {
        self.write(|model| _ = model.add_implication(a, b));
    }

    /// At least one is true.
    pub(super) fn any(&mut self, vars: impl IntoIterator<Item = BoolVar>) {
        self.write(|model| _ = model.add_or(vars));
    }

    /// Of variables of which two sets are at most one each, at most one in all, or `unless`.
    pub(super) fn at_most_one_unless(&mut self, a: &[BoolVar], b: &[BoolVar], unless: BoolVar) {
        match (a, b) {
            ([x], [y]) => self.any([!*x, !*y, unless]),
            _ => self.at_most(sum(a.iter().chain(b).copied()), sum([unless]) + 1),
        }
    }

    /// Where `room` and `near` are true, none of `far` is, or `unless`.
    pub(super) fn within_or(&mut self, room: BoolVar, near: BoolVar, far: Vec<BoolVar>, unless: Option<BoolVar>) {
        for far in far {
            self.any([!room, !near, !far].into_iter().chain(unless));
        }
    }

    /// `left <= right`.
    pub(super) fn at_most(&mut self, left: LinearExpr, right: impl Into<LinearExpr>) {
        self.write(|model| _ = model.add_le(left, right));
    }

    /// The model whose question is whether the cost can be so small.
    pub(super) fn finish_within(mut self, most: i64) -> CpModelBuilder {
        self.model.add_le(self.cost, most);
        self.model
    }

    pub(super) fn finish(mut self) -> CpModelBuilder {
        let broken = self.worst.saturating_add(1).min(MOST / (1 + self.most_broken));
        let each = self.worst.saturating_add(broken * self.most_broken).saturating_add(1).min(MOST);
        for (many, amount) in std::mem::take(&mut self.violations) {
            self.cost += (broken * many, amount);
        }
        for var in std::mem::take(&mut self.unplaced) {
            self.cost += (each, var);
        }
        self.model.minimize(self.cost);
        self.model
    }
}

/// The sum of variables.
pub(super) fn sum(vars: impl IntoIterator<Item = BoolVar>) -> LinearExpr {
    let mut expr = LinearExpr::default();
    for var in vars {
        expr += (1, var);
    }
    expr
}

//! What is made of answers, and of workers that are lost.

use super::super::job::{Job, JobTarget, State};
use super::super::tally::Outcome;
use super::{AGAIN, LEAST_STEPS, LOSSES, Search, steps_each};
use crate::model::{PartialModel, Solution};
use crate::worker::{Answer, Engine, Status, WorkerError};
use memguard::{Bytes, Exit, Next, WorkerOutcome, next};
use pipeline::StageError;
use std::time::Duration;
use timetable::{ClassId, Placement, RequestId};

impl Search<'_, '_> {
    /// Hears from the workers.
    pub(super) fn receive(&mut self) -> bool {
        let mut moved = false;
        for k in 0..self.jobs.len() {
            let State::Submitted(place, since) = self.jobs[k].state else { continue };
            match self.pool.poll(place) {
                None => continue,
                Some(Ok(answer)) => {
                    self.lost_in_a_row = 0;
                    self.jobs[k].state = State::Answered(Box::new(answer), since.elapsed().as_secs_f64());
                }
                Some(Err((why, cap))) => self.lose(k, &why, cap),
            }
            moved = true;
        }
        moved
    }

    /// A worker was lost: its work is tried again alone with more memory where that is what it
    /// lacked (by steps as long as there is more, as no result may depend on it), otherwise once
    /// more.
    fn lose(&mut self, k: usize, why: &WorkerError, cap: Bytes) {
        if let WorkerError::Library(why) = why {
            let why = match self.pool.engine() {
                Engine::CpSat(path) => format!("{} {why}", path.display()),
                Engine::Milp => why.clone(),
            };
            return self.give_up(&why);
        }
        tracing::warn!("a solver failed: {why}");
        let most = self.ctx.ledger.free().saturating_add(cap);
        if let WorkerError::Exited { outcome: ended, .. } = why
            && matches!(ended.exit, Exit::OverCap | Exit::OutOfMemory)
            && self.ctx.stop.steps().is_some()
        {
            let Next::Alone(memory) = next(ended, cap, 0, most) else {
                self.lacks_memory = Some(StageError::Memory { needed: 2 * cap.get(), available: cap.get() });
                return self.give_up("a question takes more memory than there is");
            };
            self.jobs[k].state = State::Waiting;
            self.jobs[k].alone = Some(memory);
            return;
        }
        self.lost_in_a_row += 1;
        if self.lost_in_a_row >= LOSSES {
            return self.give_up(&format!("{LOSSES} solvers failed in a row, the last one: {why}"));
        }
        let ended = match why {
            WorkerError::Exited { outcome, .. } => *outcome,
            _ => WorkerOutcome { exit: Exit::Crashed(0), peak: None, ran: Duration::ZERO },
        };
        let job = &mut self.jobs[k];
        job.state = State::Lost;
        match next(&ended, cap, job.tries, most) {
            Next::Alone(memory) => {
                job.state = State::Waiting;
                job.alone = Some(memory);
            }
            // Half of it at a time.
            Next::Smaller => {
                if let JobTarget::Cluster(cluster) = job.target {
                    let classes: Vec<ClassId> = job.part.classes().collect();
                    job.state = State::Halved;
                    return self.halve(cluster, &classes);
                }
            }
            Next::GiveUp | Next::Done if job.tries == 0 => job.state = State::Waiting,
            Next::GiveUp | Next::Done => {}
        }
        job.tries += 1;
    }

    /// Takes answers: with steps, those whose turn it is.
    pub(super) fn apply(&mut self) -> bool {
        let mut moved = false;
        loop {
            let known = |job: &Job| matches!(job.state, State::Answered(..) | State::Lost | State::Halved);
            let k = match self.ctx.stop.steps() {
                Some(_) => self.jobs.front().is_some_and(known).then_some(0),
                None => self.jobs.iter().position(known),
            };
            let Some(job) = k.and_then(|k| self.jobs.remove(k)) else { return moved };
            self.promised -= self.ctx.stop.steps().map_or(0.0, steps_each);
            self.has_nothing_to_ask = false;
            if !matches!(job.state, State::Halved) {
                self.apply_one(job);
            }
            moved = true;
            // The next question is asked about the board as it is after this answer, however many
            // have come in meanwhile.
            if self.ctx.stop.steps().is_some() {
                return moved;
            }
        }
    }

    fn apply_one(&mut self, job: Job) {
        let Job { target, part, parameters, state, tries, .. } = job;
        let before = self.board.score();
        let mut worth_having = None;
        let (outcome, share, ended) = match state {
            State::Answered(answer, seconds) => {
                let steps = answer.response.deterministic_time;
                // However little it took, it was asked.
                self.used += steps.max(self.ctx.stop.steps().map_or(0.0, |most| LEAST_STEPS.min(steps_each(most))));
                let outcome;
                (outcome, worth_having) = self.put(&part, &answer);
                let share = self.ctx.stop.steps().map_or(seconds / self.seconds_each, |most| steps / steps_each(most));
                (outcome, share, matches!(answer.status, Status::Optimal | Status::Infeasible))
            }
            _ => (Outcome::Lost, 0.0, false),
        };
        let after = self.board.score();
        if after < before {
            self.last_gain = self.spent();
        }
        tracing::debug!(?target, classes = part.classes().count(), variables = part.variables(), constraints = part.constraints(), ?outcome, share, %before, %after, "cp-sat");
        match target {
            // What went on meanwhile is in its way: again, as things are now.
            JobTarget::Cluster(_) if outcome == Outcome::Refused && tries < AGAIN => {
                let mut job = Job::new(target, part, parameters);
                job.tries = tries + 1;
                job.is_again = true;
                self.again.push(job);
            }
            JobTarget::Cluster(cluster) => self.tally.cluster(cluster, outcome),
            JobTarget::Neighbourhood(choice) => {
                if let (Some(solution), 0) = (worth_having, tries) {
                    let (classes, requests) = (part.classes().collect(), part.requests().collect());
                    self.overtaken.push_back((choice, classes, requests, solution));
                }
                self.tally.neighbourhood(outcome, after < before);
                self.neighbourhoods.learn(choice, after.gained_on(before) as f64, share, ended);
                self.stretch(after < before);
            }
        }
    }

    /// Puts an answer on the board, and takes it back where it is worse. It comes with the outcome
    /// where it was refused for a rule that it breaks, and has a lower penalty: what went on
    /// meanwhile is in its way.
    fn put(&mut self, part: &PartialModel, answer: &Answer) -> (Outcome, Option<Solution>) {
        let outcome = match Outcome::of(answer.status) {
            // The best of what is in the model, not of all.
            Outcome::Optimal if !part.is_whole() => Outcome::Feasible,
            outcome => outcome,
        };
        if !matches!(outcome, Outcome::Optimal | Outcome::Feasible) {
            return (outcome, None);
        }
        let Some(solution) = part.read(&answer.response) else { return (Outcome::Refused, None) };
        let before = self.board.score();
        let changes: Vec<(RequestId, Vec<u32>, Vec<u32>)> = solution
            .taken
            .iter()
            .map(|(request, to)| (*request, self.board.taken(*request).to_vec(), to.clone()))
            .filter(|(_, from, to)| from != to)
            .collect();
        let moves: Vec<(ClassId, Placement, Placement)> = solution
            .places
            .iter()
            .map(|&(class, to)| (class, self.board.placement(class), to))
            .filter(|(_, from, to)| from != to)
            .collect();
        for (class, ..) in &moves {
            self.board.apply(*class, Placement::NOWHERE);
        }
        for (class, _, to) in moves.iter().filter(|(.., to)| to.is_placed()) {
            self.board.apply(*class, *to);
        }
        for (request, _, to) in &changes {
            self.board.enrol(*request, to);
        }
        let after = self.board.score();
        if after <= before {
            return (outcome, None);
        }
        tracing::debug!(claimed = answer.objective, %before, %after, "not taken");
        for (request, from, _) in &changes {
            self.board.enrol(*request, from);
        }
        for (class, ..) in &moves {
            self.board.apply(*class, Placement::NOWHERE);
        }
        for (class, from, _) in moves.iter().filter(|(_, from, _)| from.is_placed()) {
            self.board.apply(*class, *from);
        }
        // A sound timetable that costs more than the one there is: found, not taken.
        let is_sound = after.unplaced <= before.unplaced && after.hard <= before.hard;
        match is_sound && answer.status == Status::Feasible {
            true => (Outcome::Feasible, None),
            false => (Outcome::Refused, Some(solution).filter(|_| after.penalty < before.penalty)),
        }
    }
}

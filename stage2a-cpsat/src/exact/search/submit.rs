//! What is asked for next, and how long an answer may take.

use super::super::job::{Job, JobTarget, State};
use super::super::neighbourhoods::Choice;
use super::super::search_strategy::SearchStrategy;
use super::super::tally::Outcome;
use super::{CLUSTERS, LONGEST, SECONDS, SECONDS_EACH, STALE, Search, UNDER_WAY, steps_each};
use crate::model::{Cut, ModelSpec, PartialModel, Solution};
use crate::worker::PoolError;
use cp_sat::proto::SatParameters;
use memguard::Level;
use pipeline::Context;
use std::time::{Duration, Instant};
use timetable::{ClassId, RequestId};

impl Search<'_, '_> {
    /// Builds models and asks, where anyone has nothing to do.
    pub(super) fn submit_more(&mut self) -> bool {
        let most = if self.ctx.stop.steps().is_some() { UNDER_WAY } else { self.ctx.threads.max(1) };
        let mut moved = false;
        while self.jobs.len() < most && self.may_submit() && !self.has_nothing_to_ask {
            let Some(job) = self.next_job() else {
                self.has_nothing_to_ask = self.ctx.stop.steps().is_some();
                break;
            };
            self.promised += self.ctx.stop.steps().map_or(0.0, steps_each);
            self.jobs.push_back(job);
            moved = true;
        }
        while let Some(k) = self.jobs.iter().position(|job| matches!(job.state, State::Waiting)) {
            if self.jobs[k].alone.is_some() && self.pool.at_work() > 0 {
                break;
            }
            let level = if self.ctx.stop.should_shrink() { Level::Emergency } else { Level::Calm };
            let place = match self.jobs[k].alone {
                Some(memory) => self.pool.alone(memory).map(Some),
                None => self.pool.idle(level),
            };
            let place = match place {
                Ok(Some(place)) => place,
                Ok(None) => break,
                Err(why) => {
                    self.give_up(&why.to_string());
                    if let PoolError::Refused(refused) = why {
                        self.lacks_memory = Some(refused.into());
                    }
                    break;
                }
            };
            let seconds = self.seconds_for(self.jobs[k].target);
            let job = &mut self.jobs[k];
            let until = limit(&mut job.parameters, self.ctx, seconds);
            // A worker that cannot be written to has ended; `poll` says how.
            let _ = self.pool.submit(place, &job.part.bytes(), &job.parameters, until);
            job.state = State::Submitted(place, Instant::now());
            moved = true;
        }
        moved
    }

    fn seconds_for(&self, target: JobTarget) -> f64 {
        match target {
            JobTarget::Cluster(_) => {
                let left = self.ctx.stop.time_left().unwrap_or_default().as_secs_f64();
                // Those that are asked for again are alone.
                let rounds = (1 + self.todo.len()).div_ceil(self.ctx.threads.max(1)) + self.again.len();
                (left * CLUSTERS / rounds as f64).clamp(SECONDS.0, SECONDS.1)
            }
            JobTarget::Neighbourhood(_) => self.seconds_each,
        }
    }

    /// Learns from a neighbourhood: where nothing is gained any more, larger ones get the time they
    /// need.
    pub(super) fn stretch(&mut self, gained: bool) {
        self.stale = if gained { 0 } else { self.stale + 1 };
        if self.stale == STALE {
            self.stale = 0;
            let all =
                self.started.elapsed().as_secs_f64() + self.ctx.stop.time_left().unwrap_or_default().as_secs_f64();
            self.seconds_each = (2.0 * self.seconds_each).min(LONGEST * all).max(SECONDS_EACH);
        }
    }

    /// The next cluster, or a neighbourhood.
    fn next_job(&mut self) -> Option<Job> {
        // Alone: nothing shall change under it.
        if self.jobs.iter().any(|job| job.is_again) || (!self.again.is_empty() && !self.jobs.is_empty()) {
            return None;
        }
        while let Some(job) = self.again.pop() {
            let target = job.target;
            match (self.renew(job), target) {
                (Some(job), _) => return Some(job),
                (None, JobTarget::Cluster(cluster)) => self.tally.cluster(cluster, Outcome::Refused),
                (None, JobTarget::Neighbourhood(_)) => {}
            }
        }
        // Where one needs much memory, and by steps the questions must not depend on that, the next
        // is worked out all the same.
        if self.ctx.stop.steps().is_none() && self.jobs.iter().any(|job| job.alone.is_some()) {
            return None;
        }
        let taken: Vec<ClassId> = self.jobs.iter().flat_map(|job| job.part.classes()).collect();
        let taken = |class: ClassId| taken.contains(&class);
        while let Some((cluster, classes)) = self.todo.pop() {
            let classes: Vec<ClassId> = classes.into_iter().filter(|&class| !taken(class)).collect();
            if !classes.is_empty() {
                let spec = ModelSpec {
                    classes: &classes,
                    requests: &[],
                    cut: Cut::NARROW,
                    hint: None,
                    rooms_later: true,
                    stay: None,
                };
                match PartialModel::build(&self.board, self.links, spec) {
                    Some(part) => {
                        let parameters = SearchStrategy::Bare.parameters(&mut self.rng);
                        return Some(Job::new(JobTarget::Cluster(cluster), part, parameters));
                    }
                    None => self.halve(cluster, &classes),
                }
            }
        }
        if let Some((choice, classes, requests, hint)) = self.overtaken.pop_front() {
            let classes: Vec<ClassId> = classes.into_iter().filter(|&class| !taken(class)).collect();
            if let Some(job) =
                self.neighbourhood(choice, &classes, requests, Some(&hint)).filter(|_| !classes.is_empty())
            {
                return Some(Job { tries: 1, ..job });
            }
        }
        for _ in 0..20 {
            if self.ctx.stop.now() {
                return None;
            }
            let (choice, classes) = self.neighbourhoods.choose(&mut self.board, self.links, &taken, &mut self.rng);
            if classes.len() > 1 || self.board.problem().classes().len() == 1 {
                let requests = match choice.with_students {
                    true => self.seats.choose(&self.board, &classes, &mut self.rng),
                    false => Vec::new(),
                };
                match self.neighbourhood(choice, &classes, requests, None) {
                    Some(job) => return Some(job),
                    None => self.neighbourhoods.was_too_large(choice),
                }
            }
        }
        None
    }

    fn neighbourhood(
        &mut self,
        choice: Choice,
        classes: &[ClassId],
        mut requests: Vec<RequestId>,
        hint: Option<&Solution>,
    ) -> Option<Job> {
        requests.retain(|&request| self.board.is_proper(request));
        let spec = ModelSpec { classes, requests: &requests, cut: self.cut, hint, rooms_later: true, stay: None };
        let part = PartialModel::build(&self.board, self.links, spec)?;
        let strategy = SearchStrategy::ALL[self.rng.below(SearchStrategy::ALL.len())];
        Some(Job::new(JobTarget::Neighbourhood(choice), part, strategy.parameters(&mut self.rng)))
    }

    /// The same classes of a cluster, as the board is now.
    fn renew(&self, job: Job) -> Option<Job> {
        let classes: Vec<ClassId> = job.part.classes().collect();
        let spec =
            ModelSpec { classes: &classes, requests: &[], cut: Cut::NARROW, hint: None, rooms_later: true, stay: None };
        Some(Job { part: PartialModel::build(&self.board, self.links, spec)?, ..job })
    }

    /// Half of a cluster's classes at a time.
    pub(super) fn halve(&mut self, cluster: usize, classes: &[ClassId]) {
        if classes.len() > 1 {
            let (a, b) = classes.split_at(classes.len() / 2);
            self.todo.push((cluster, b.to_vec()));
            self.todo.push((cluster, a.to_vec()));
        } else {
            self.tally.cluster(cluster, Outcome::Greedy);
        }
    }
}

/// Until when a question has to be answered, with so many seconds for it; with a budget in steps,
/// deterministic seconds.
fn limit(parameters: &mut SatParameters, ctx: &Context, seconds: f64) -> Instant {
    let most = match ctx.stop.time_left() {
        None => {
            parameters.max_deterministic_time = ctx.stop.steps().map(steps_each);
            60.0
        }
        Some(left) => {
            let most = seconds.min(left.as_secs_f64());
            parameters.max_time_in_seconds = Some(most);
            // Presolve does not always look at the clock.
            most + 0.2
        }
    };
    Instant::now() + Duration::from_secs_f64(most)
}

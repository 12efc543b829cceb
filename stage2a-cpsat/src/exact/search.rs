//! The search: what is asked when, and what is made of the answers.
//!
//! One thread builds models, looks after the workers and keeps the board; the workers do the rest. With a budget in steps the answers
//! are taken in the order in which they were asked for, so that nothing depends on who was faster.

use super::appetite::Appetite;
use super::job::{About, Job, State};
use super::neighbourhoods::{Choice, Neighbourhoods};
use super::recipe::Recipe;
use super::seats::Seats;
use super::tally::{Outcome, Tally};
use crate::luck::Luck;
use crate::model::{Cut, Links, Part, Solution, Wanted};
use crate::worker::{Answer, Engine, Lost, NoWorker, Status, Team, WorkerProgram};
use cp_sat::proto::SatParameters;
use memguard::{Bytes, Ended, Exit, Level, Next, next};
use pipeline::{Clusters, Context, Progress, StageError};
use std::{
    collections::VecDeque,
    thread,
    time::{Duration, Instant},
};
use timetable::{Board, ClassId, Placement, RequestId, Score, Timetable};

/// The stage's own stream of the run's seed.
const STREAM: u64 = 0x2ac9;
/// Questions under way with a budget in steps, whatever the number of workers.
const UNDER_WAY: usize = 4;
/// Deterministic seconds for a question, with a budget in steps.
const STEPS_EACH: f64 = 0.5;
/// What a question is charged at least.
const LEAST_STEPS: f64 = 1e-3;
/// Seconds for a cluster at least and at most, and for a neighbourhood.
const SECONDS: (f64, f64) = (0.3, 3.0);
const SECONDS_EACH: f64 = 1.0;
/// After so many neighbourhoods without a gain the next have twice the time, up to this share of all time.
const STALE: u32 = 30;
const LONGEST: f64 = 0.1;
/// So many workers in a row may be lost before the solver is given up.
const LOSSES: u64 = 4;
/// So often a cluster is tried again whose answer no longer fits.
const AGAIN: u32 = 2;
/// Answers that are waited for when time is up.
const LAST: Duration = Duration::from_millis(400);
/// Share of what is left that goes to clusters before neighbourhoods; those that have to be asked for again have it from the rest, too.
const CLUSTERS: f64 = 0.7;
/// Polishing ends when for this share of its budget nothing has got better.
const PATIENCE: f64 = 0.4;

pub(super) struct Search<'a, 'p> {
    board: Board<'p>,
    links: &'a Links,
    ctx: &'a Context,
    team: Team,
    luck: Luck,
    /// Clusters, or parts, that have not been asked for yet: the next is the last.
    todo: Vec<(usize, Vec<ClassId>)>,
    /// Clusters to be asked for once more.
    again: Vec<Job>,
    /// Answers that something else came before, and that would be worth having: neighbourhoods to be asked for from there.
    overtaken: VecDeque<(Choice, Vec<ClassId>, Vec<RequestId>, Solution)>,
    neighbourhoods: Neighbourhoods,
    seats: Seats,
    /// How much of what the classes of a neighbourhood can choose is asked for.
    cut: Cut,
    jobs: VecDeque<Job>,
    tally: Tally,
    /// Steps of answers that were taken.
    used: f64,
    /// Steps that questions under way may take.
    promised: f64,
    lost_in_a_row: u64,
    given_up: Option<String>,
    /// There was no memory for a single worker, or by steps too little for a question.
    lacks_memory: Option<StageError>,
    told: Instant,
    /// Whether only neighbourhoods are asked for, as long as that pays.
    polishes: bool,
    /// When something last got better: a share of the budget.
    last_gain: f64,
    started: Instant,
    /// Seconds for a neighbourhood, and how many there were since anything was gained.
    seconds_each: f64,
    stale: u32,
}

impl<'a, 'p> Search<'a, 'p> {
    pub(super) fn new(
        board: Board<'p>,
        links: &'a Links,
        clusters: Option<&Clusters>,
        program: WorkerProgram,
        polishes: bool,
        ctx: &'a Context,
    ) -> Search<'a, 'p> {
        let problem = board.problem();
        let all = || vec![(0..problem.classes().len() as u32).collect::<Vec<u32>>()];
        let members = clusters.map_or_else(all, Clusters::members);
        let mut order: Vec<usize> = (0..members.len()).collect();
        if let Some(clusters) = clusters {
            order.sort_by_key(|&cluster| (clusters.colour[cluster], cluster));
        }
        order.reverse();
        let of = |cluster: usize| members[cluster].iter().map(|&class| ClassId(class)).collect::<Vec<ClassId>>();
        // What is too much for the engine at once is cut.
        let appetite = Appetite::of(&program.engine);
        let parts = |cluster: usize| {
            of(cluster).chunks(appetite.cluster).map(|part| (cluster, part.to_vec())).collect::<Vec<_>>()
        };
        let todo: Vec<(usize, Vec<ClassId>)> =
            if polishes { Vec::new() } else { order.into_iter().flat_map(parts).collect() };
        let seats = Seats::new(problem, appetite.requests);
        Search {
            team: Team::new(program, ctx.threads, ctx.ledger.clone()),
            luck: Luck::new(ctx.seed, STREAM),
            tally: Tally::new(if polishes { 0 } else { members.len() }),
            neighbourhoods: Neighbourhoods::new(members, problem, (appetite.first, appetite.most), seats.any()),
            cut: appetite.cut,
            seats,
            todo,
            again: Vec::new(),
            overtaken: VecDeque::new(),
            jobs: VecDeque::new(),
            used: 0.0,
            promised: 0.0,
            lost_in_a_row: 0,
            given_up: None,
            lacks_memory: None,
            told: Instant::now(),
            polishes,
            last_gain: 0.0,
            started: Instant::now(),
            seconds_each: SECONDS_EACH,
            stale: 0,
            board,
            links,
            ctx,
        }
    }

    pub(super) fn run(&mut self) {
        while self.given_up.is_none() && !self.is_over() {
            self.shrink_where_told();
            let moved = self.ask_more() | self.hear() | self.take();
            self.ctx.stop.report_workers(self.team.size());
            self.tell();
            if !moved {
                // By steps nothing changes by waiting.
                if self.jobs.is_empty() && (self.ctx.stop.steps().is_some() || !self.may_ask()) {
                    break;
                }
                thread::sleep(Duration::from_millis(1));
            }
        }
        self.finish();
    }

    /// That memory was too little, where that decides the result: with a budget in steps it must not depend on memory.
    pub(super) fn lacks_memory(&mut self) -> Option<StageError> {
        self.lacks_memory.take().filter(|_| self.ctx.stop.steps().is_some())
    }

    /// Steps, of those that a stage is charged for.
    pub(super) fn steps_used(&self) -> u64 {
        (self.used * 1e6) as u64
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = self.tally.lines();
        lines.extend(self.given_up.clone());
        if self.does_not_pay() {
            lines.push("nothing got better any more: the rest of its time is handed on".into());
        }
        lines
    }

    pub(super) fn into_best(self) -> (Timetable, Score) {
        (self.board.timetable(), self.board.score())
    }

    /// Whether time is up, or what is under way will use up the steps and has been taken.
    fn is_over(&self) -> bool {
        self.ctx.stop.now() || self.board.score() == Score::default() || self.does_not_pay()
    }

    /// The share of the budget that has been used.
    fn spent(&self) -> f64 {
        match self.ctx.stop.steps() {
            Some(steps) => self.used * 1e6 / steps.max(1) as f64,
            None => self.ctx.stop.time_used().unwrap_or(1.0),
        }
    }

    fn does_not_pay(&self) -> bool {
        self.polishes && self.spent() - self.last_gain > PATIENCE
    }

    /// Whether another question fits into the budget.
    fn may_ask(&self) -> bool {
        match self.ctx.stop.steps() {
            Some(0) => false,
            Some(steps) => (self.used + self.promised + steps_each(steps)) * 1e6 <= steps as f64 + 0.5,
            None => true,
        }
    }

    fn shrink_where_told(&mut self) {
        let stop = &self.ctx.stop;
        let give_up = stop.should_give_up_worker() || (stop.should_shrink() && self.team.size() > 1);
        if give_up && stop.steps().is_none() {
            tracing::info!("memory is short: one solver less");
            if let Some(place) = self.team.give_up_largest() {
                for job in self.jobs.iter_mut().filter(|job| matches!(job.state, State::Asked(p, _) if p == place)) {
                    job.state = State::Waiting;
                    job.alone = Some(Bytes::ZERO);
                }
            }
        }
    }

    /// Builds models and asks, where anyone has nothing to do.
    fn ask_more(&mut self) -> bool {
        let most = if self.ctx.stop.steps().is_some() { UNDER_WAY } else { self.ctx.threads.max(1) };
        let mut moved = false;
        while self.jobs.len() < most && self.may_ask() {
            let Some(job) = self.next_job() else { break };
            self.promised += self.ctx.stop.steps().map_or(0.0, steps_each);
            self.jobs.push_back(job);
            moved = true;
        }
        while let Some(k) = self.jobs.iter().position(|job| matches!(job.state, State::Waiting)) {
            if self.jobs[k].alone.is_some() && self.team.at_work() > 0 {
                break;
            }
            let level = if self.ctx.stop.should_shrink() { Level::Emergency } else { Level::Calm };
            let place = match self.jobs[k].alone {
                Some(memory) => self.team.alone(memory).map(Some),
                None => self.team.idle(level),
            };
            let place = match place {
                Ok(Some(place)) => place,
                Ok(None) => break,
                Err(why) => {
                    self.give_up(&why.to_string());
                    if let NoWorker::Refused(refused) = why {
                        self.lacks_memory = Some(refused.into());
                    }
                    break;
                }
            };
            let seconds = self.seconds_for(self.jobs[k].about);
            let job = &mut self.jobs[k];
            let until = limit(&mut job.parameters, self.ctx, seconds);
            // A worker that cannot be written to has ended; `poll` says how.
            let _ = self.team.ask(place, &job.part.bytes(), &job.parameters, until);
            job.state = State::Asked(place, Instant::now());
            moved = true;
        }
        moved
    }

    fn seconds_for(&self, about: About) -> f64 {
        match about {
            About::Cluster(_) => {
                let left = self.ctx.stop.time_left().unwrap_or_default().as_secs_f64();
                // Those that are asked for again are alone.
                let rounds = (1 + self.todo.len()).div_ceil(self.ctx.threads.max(1)) + self.again.len();
                (left * CLUSTERS / rounds as f64).clamp(SECONDS.0, SECONDS.1)
            }
            About::Neighbourhood(_) => self.seconds_each,
        }
    }

    /// Learns from a neighbourhood: where nothing is gained any more, larger ones get the time they need.
    fn stretch(&mut self, gained: bool) {
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
            let about = job.about;
            match (self.renew(job), about) {
                (Some(job), _) => return Some(job),
                (None, About::Cluster(cluster)) => self.tally.cluster(cluster, Outcome::Refused),
                (None, About::Neighbourhood(_)) => {}
            }
        }
        // Where one needs much memory, and by steps the questions must not depend on that, the next is worked out all the same.
        if self.ctx.stop.steps().is_none() && self.jobs.iter().any(|job| job.alone.is_some()) {
            return None;
        }
        let taken: Vec<ClassId> = self.jobs.iter().flat_map(|job| job.part.classes()).collect();
        let taken = |class: ClassId| taken.contains(&class);
        while let Some((cluster, classes)) = self.todo.pop() {
            let classes: Vec<ClassId> = classes.into_iter().filter(|&class| !taken(class)).collect();
            if !classes.is_empty() {
                let wanted = Wanted { classes: &classes, requests: &[], cut: Cut::NARROW, hint: None, apart: true };
                match Part::build(&self.board, self.links, wanted) {
                    Some(part) => {
                        let parameters = Recipe::Bare.parameters(&mut self.luck);
                        return Some(Job::new(About::Cluster(cluster), part, parameters));
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
            let (choice, classes) = self.neighbourhoods.choose(&mut self.board, self.links, &taken, &mut self.luck);
            if classes.len() > 1 || self.board.problem().classes().len() == 1 {
                let requests = match choice.with_students {
                    true => self.seats.choose(&self.board, &classes, &mut self.luck),
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
        let wanted = Wanted { classes, requests: &requests, cut: self.cut, hint, apart: true };
        let part = Part::build(&self.board, self.links, wanted)?;
        let recipe = Recipe::ALL[self.luck.below(Recipe::ALL.len())];
        Some(Job::new(About::Neighbourhood(choice), part, recipe.parameters(&mut self.luck)))
    }

    /// The same classes of a cluster, as the board is now.
    fn renew(&self, job: Job) -> Option<Job> {
        let classes: Vec<ClassId> = job.part.classes().collect();
        let wanted = Wanted { classes: &classes, requests: &[], cut: Cut::NARROW, hint: None, apart: true };
        Some(Job { part: Part::build(&self.board, self.links, wanted)?, ..job })
    }

    /// Half of a cluster's classes at a time.
    fn halve(&mut self, cluster: usize, classes: &[ClassId]) {
        if classes.len() > 1 {
            let (a, b) = classes.split_at(classes.len() / 2);
            self.todo.push((cluster, b.to_vec()));
            self.todo.push((cluster, a.to_vec()));
        } else {
            self.tally.cluster(cluster, Outcome::Greedy);
        }
    }

    /// Hears from the workers.
    fn hear(&mut self) -> bool {
        let mut moved = false;
        for k in 0..self.jobs.len() {
            let State::Asked(place, since) = self.jobs[k].state else { continue };
            match self.team.poll(place) {
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

    /// A worker was lost: its work is tried again alone with more memory where that is what it lacked (by steps as long as there is more, as
    /// no result may depend on it), otherwise once more.
    fn lose(&mut self, k: usize, why: &Lost, cap: Bytes) {
        if let Lost::Library(why) = why {
            let why = match self.team.engine() {
                Engine::CpSat(path) => format!("{} {why}", path.display()),
                Engine::Milp => why.clone(),
            };
            return self.give_up(&why);
        }
        tracing::warn!("a solver was lost: {why}");
        let most = self.ctx.ledger.free().saturating_add(cap);
        if let Lost::Ended(ended) = why
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
            return self.give_up(&format!("{LOSSES} solvers in a row were lost, the last because {why}"));
        }
        let ended = match why {
            Lost::Ended(ended) => *ended,
            _ => Ended { exit: Exit::Crashed(0), peak: None, ran: Duration::ZERO },
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
                if let About::Cluster(cluster) = job.about {
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
    fn take(&mut self) -> bool {
        let mut moved = false;
        loop {
            let known = |job: &Job| matches!(job.state, State::Answered(..) | State::Lost | State::Halved);
            let k = match self.ctx.stop.steps() {
                Some(_) => self.jobs.front().is_some_and(known).then_some(0),
                None => self.jobs.iter().position(known),
            };
            let Some(job) = k.and_then(|k| self.jobs.remove(k)) else { return moved };
            self.promised -= self.ctx.stop.steps().map_or(0.0, steps_each);
            if !matches!(job.state, State::Halved) {
                self.judge(job);
            }
            moved = true;
            // The next question is asked about the board as it is after this answer, however many have come in meanwhile.
            if self.ctx.stop.steps().is_some() {
                return moved;
            }
        }
    }

    fn judge(&mut self, job: Job) {
        let Job { about, part, parameters, state, tries, .. } = job;
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
        tracing::debug!(?about, classes = part.classes().count(), variables = part.variables(), constraints = part.constraints(), ?outcome, share, %before, %after, "cp-sat");
        match about {
            // What went on meanwhile is in its way: again, as things are now.
            About::Cluster(_) if outcome == Outcome::Refused && tries < AGAIN => {
                let mut job = Job::new(about, part, parameters);
                job.tries = tries + 1;
                job.is_again = true;
                self.again.push(job);
            }
            About::Cluster(cluster) => self.tally.cluster(cluster, outcome),
            About::Neighbourhood(choice) => {
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

    /// Puts an answer on the board, and takes it back where it is worse. It comes with the outcome where it was refused for a rule that it
    /// breaks, and has a lower penalty: what went on meanwhile is in its way.
    fn put(&mut self, part: &Part, answer: &Answer) -> (Outcome, Option<Solution>) {
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

    fn give_up(&mut self, why: &str) {
        tracing::warn!("the solver is given up: {why}");
        self.given_up = Some(format!("the solver was given up: {why}"));
    }

    /// Time is up: takes what comes in a moment.
    fn finish(&mut self) {
        if self.ctx.stop.steps().is_none() && self.given_up.is_none() {
            self.team.stop_all();
            let until = Instant::now() + LAST;
            while Instant::now() < until && self.jobs.iter().any(|job| matches!(job.state, State::Asked(..))) {
                if !(self.hear() | self.take()) {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
        for job in &self.jobs {
            if let (About::Cluster(cluster), State::Asked(..)) = (job.about, &job.state) {
                self.tally.cluster(cluster, Outcome::Timeout);
            }
        }
        for job in &self.again {
            if let About::Cluster(cluster) = job.about {
                self.tally.cluster(cluster, Outcome::Refused);
            }
        }
        if self.ctx.stop.steps().is_none() {
            tracing::info!(peak = %self.team.peak, lost = self.team.lost, ways = self.neighbourhoods.stand(), "solvers");
        }
    }

    fn tell(&mut self) {
        if self.told.elapsed() < Duration::from_millis(200) {
            return;
        }
        self.told = Instant::now();
        let (score, done) = (self.board.score(), self.tally.done());
        let total = self.ctx.stop.steps();
        let done = if total.is_some() { self.steps_used() } else { done };
        self.ctx.progress.report(Progress { done, total, best: Some(score) });
        if self.ctx.best.wants() {
            self.ctx.best.offer(&self.board.timetable(), score);
        }
    }
}

/// Deterministic seconds for a question: of few steps there is one.
fn steps_each(steps: u64) -> f64 {
    STEPS_EACH.min(steps as f64 * 1e-6)
}

/// Until when a question has to be answered, with so many seconds for it; with a budget in steps, deterministic seconds.
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

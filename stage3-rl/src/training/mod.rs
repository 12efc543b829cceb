//! Training: repairs of problems drawn by chance, many at a time.
//!
//! The first rounds are lessons: what looking ahead would have chosen in what the policy meets is
//! imitated. After them, what went better than expected is done more often.
//!
//! A round: actors play repairs with the policy as it is (`practice`, `episode`); the learner
//! follows the gradient of what they have seen (`batch`, `learner`). Now and then the policy
//! repairs problems that it never learns from; the best of these policies is kept. A round is the
//! same whatever the number of threads; after each, everything is on disk (`checkpoint`).

mod batch;
mod checkpoint;
mod episode;
mod learner;
mod practice;

use crate::learned::features::Group;
use crate::learned::network::Network;
use crate::learned::weights::to_bytes;
use batch::{Batch, advantages};
use checkpoint::{State, replace};
use episode::{Episode, Teaching, play};
use pipeline::{Bytes, Context, Refused, StageError};
use practice::PracticeProblem;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// The trained weights, in the training's folder.
pub const WEIGHTS_FILE: &str = "policy.safetensors";
/// A line for each round, in the training's folder.
pub const ROUNDS_FILE: &str = "events.jsonl";

/// Problems in a round, and repairs of each.
const SCENES: u64 = 24;
const REPAIRS: u64 = 16;
/// Problems that are never learnt from, repairs of each, and how often they are played.
const HELD_OUT: u64 = 30;
const HELD_OUT_REPAIRS: u64 = 8;
const EVERY: u64 = 10;
/// Steps that are learnt from at once, and how often each is.
const TOGETHER: usize = 512;
const TIMES: usize = 3;
/// The same in a lesson, and the length of the learner's steps there.
const IMITATED: usize = 128;
const LESSON_RATE: f32 = 1e-3;
/// Length of a step of the learner, at first and at last; what its curiosity counts.
const RATE: (f32, f32) = (2e-3, 1e-4);
const CURIOUS: (f64, f64) = (0.02, 0.002);
/// Classes of a problem: at most so many at first, and at last, which is reached in the middle of
/// training.
const CLASSES: (usize, usize) = (40, 300);
/// Bytes that an actor takes, and the learner.
const ACTOR: u64 = 24 << 20;
const LEARNER: u64 = 96 << 20;

/// What is to be trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Rounds in all.
    pub rounds: u64,
    /// Seed of all random numbers.
    pub seed: u64,
    /// So many of them, the first, are lessons in looking ahead.
    pub lessons: u64,
    /// What the teacher chooses in these.
    pub labels: Labels,
    /// Features that the policy does not see.
    pub without: Option<Group>,
}

/// What a teacher chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// What looking ahead two steps would choose.
    LookAhead,
    /// What leads to a repair of which it is proven that none changes fewer classes, where one is
    /// known; else the same.
    Minimum,
    /// Anything, from which nothing can be learnt: a control.
    Any,
}

impl Labels {
    /// All of them.
    pub const ALL: [Labels; 3] = [Labels::LookAhead, Labels::Minimum, Labels::Any];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Labels::LookAhead => "look-ahead",
            Labels::Minimum => "minimum",
            Labels::Any => "any",
        }
    }
}

impl Settings {
    /// What a checkpoint has to agree on.
    fn about(&self) -> HashMap<String, String> {
        let without = self.without.map_or("nothing", Group::name);
        let entries = [
            ("rounds", self.rounds.to_string()),
            ("seed", self.seed.to_string()),
            ("lessons", self.lessons.to_string()),
            ("labels", self.labels.name().to_owned()),
            ("without", without.into()),
        ];
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// The policy that is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    /// After which round it was played.
    pub round: u64,
    /// What it got for a repair, in the mean.
    pub reward: f32,
}

/// Why training ends before its time.
#[derive(Debug)]
pub enum TrainError {
    /// A file cannot be read or written.
    Io(PathBuf, io::Error),
    /// The checkpoint is damaged, or of another training.
    Checkpoint(PathBuf, String),
    /// There is not enough memory.
    Memory(Refused),
    /// candle says no.
    Tensor(candle_core::Error),
    /// An actor cannot go on.
    Stage(StageError),
}

impl std::fmt::Display for TrainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TrainError::Io(path, e) => write!(f, "{}: {e}", path.display()),
            TrainError::Checkpoint(path, why) => write!(f, "{}: {why}", path.display()),
            TrainError::Memory(refused) => refused.fmt(f),
            TrainError::Tensor(e) => write!(f, "candle: {e}"),
            TrainError::Stage(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for TrainError {}

/// What repairs came to, in the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoundSummary {
    /// How many.
    pub repairs: u64,
    /// Sum of what was got for each.
    pub reward: f32,
    /// Share of those with something broken that were mended, and of those the steps and the
    /// classes changed.
    pub solved: f32,
    /// Steps of these.
    pub steps: f32,
    /// Classes changed in these, where the timetable was in use.
    pub changed: f32,
}

/// A round, as a line of [`ROUNDS_FILE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// From 1.
    pub round: u64,
    /// Steps seen so far.
    pub steps: u64,
    /// What was played.
    pub played: RoundSummary,
    /// Of the problems that are never learnt from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<RoundSummary>,
    /// How far off the critic was, squared.
    pub critic: f32,
    /// How undecided the policy was.
    pub entropy: f32,
    /// In a lesson: minus the logarithm of the probability of what the teacher chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlike: Option<f32>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// What training with so many actors needs.
pub fn memory(actors: usize) -> Bytes {
    Bytes::new(LEARNER + actors as u64 * ACTOR)
}

/// Trains, or goes on with what is in the folder, and tells every round. What was trained best is
/// in [`WEIGHTS_FILE`] whenever it ends; it ends early where the context says so. The weights after
/// some rounds, `snapshots`, are kept beside ([`snapshot`]).
///
/// # Errors
/// See [`TrainError`].
pub fn train(
    settings: &Settings,
    snapshots: &[u64],
    folder: &Path,
    ctx: &Context,
    tell: &mut dyn FnMut(&Round),
) -> Result<Option<Best>, TrainError> {
    let _promised = ctx.ledger.reserve("train", memory(ctx.threads)).map_err(TrainError::Memory)?;
    fs::create_dir_all(folder).map_err(|e| TrainError::Io(folder.to_owned(), e))?;
    let mut state = State::load(settings, folder)?.unwrap_or_else(|| State::new(settings));
    let mut log = open_log(&folder.join(ROUNDS_FILE), state.rounds)?;
    let pool = pipeline::pool(ctx.threads).map_err(|e| TrainError::Io(folder.to_owned(), io::Error::other(e)))?;
    let held_out = pool.install(|| held_out(ctx))?;
    let mut best_got: Option<Vec<f32>> = None;
    while state.rounds < settings.rounds && !ctx.stop.now() {
        let begun = Instant::now();
        let Some(mut round) = pool.install(|| one_round(&mut state, settings, ctx))? else { break };
        if state.rounds.is_multiple_of(EVERY) || state.rounds == settings.rounds {
            let network = Arc::new(Network::from_named(&state.learner.weights));
            let episodes = pool.install(|| exam(&held_out, &network, ctx));
            if ctx.stop.now() {
                break;
            }
            let played = played(&episodes);
            let got: Vec<f32> = episodes.iter().map(Episode::total).collect();
            // What the best got, again where training goes on: repairs are always the same.
            if let (None, Some(_)) = (&best_got, state.best) {
                best_got = Some(pool.install(|| got_by_best(&held_out, folder, ctx))?);
            }
            if best_got.as_ref().is_none_or(|best| is_better(&got, best)) {
                state.best = Some(Best { round: state.rounds, reward: played.reward });
                replace(&folder.join(WEIGHTS_FILE), &to_bytes(&state.learner.weights))?;
                best_got = Some(got);
            }
            round.held_out = Some(played);
        }
        round.seconds = begun.elapsed().as_secs_f64();
        let line = serde_json::to_string(&round).expect("numbers can be written");
        writeln!(log, "{line}").map_err(|e| TrainError::Io(folder.join(ROUNDS_FILE), e))?;
        if snapshots.contains(&state.rounds) {
            replace(&folder.join(snapshot(state.rounds)), &to_bytes(&state.learner.weights))?;
        }
        state.save(settings, folder)?;
        tell(&round);
    }
    Ok(state.best)
}

/// Opens the log behind the rounds that are over; later lines, of rounds that will be done again,
/// are left out.
fn open_log(path: &Path, rounds: u64) -> Result<fs::File, TrainError> {
    let io = |e| TrainError::Io(path.to_owned(), e);
    let kept: String = read_rounds(path)
        .into_iter()
        .filter(|round| round.round <= rounds)
        .map(|round| serde_json::to_string(&round).expect("numbers can be written") + "\n")
        .collect();
    replace(path, kept.as_bytes())?;
    fs::OpenOptions::new().append(true).open(path).map_err(io)
}

/// The rounds of a log; a line that is none is left out.
pub fn read_rounds(path: &Path) -> Vec<Round> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The file of the weights after so many rounds.
pub fn snapshot(rounds: u64) -> String {
    format!("policy-{rounds}.safetensors")
}

/// The names of all files that [`train`] may write in its folder.
pub fn files(snapshots: &[u64]) -> Vec<String> {
    let names = [WEIGHTS_FILE, ROUNDS_FILE, checkpoint::FILE].map(str::to_owned);
    let all = names.into_iter().chain(snapshots.iter().map(|&rounds| snapshot(rounds)));
    all.flat_map(|name| [format!("{name}{}", pipeline::PART), name]).collect()
}

fn held_out(ctx: &Context) -> Result<Vec<PracticeProblem>, TrainError> {
    let seeds = 0..HELD_OUT;
    let draw = |k| PracticeProblem::draw(seed_of(u64::MAX, k, 0), CLASSES.1, ctx).map_err(TrainError::Stage);
    seeds.into_par_iter().map(draw).collect()
}

/// Repairs of the problems that are never learnt from: always the same.
fn exam(scenes: &[PracticeProblem], network: &Arc<Network>, ctx: &Context) -> Vec<Episode> {
    let all: Vec<(u64, u64)> = (0..HELD_OUT).flat_map(|s| (0..HELD_OUT_REPAIRS).map(move |r| (s, r))).collect();
    let one =
        |&(s, r): &(u64, u64)| play(&scenes[s as usize], network, Teaching::Alone, seed_of(u64::MAX, s, r + 1), ctx);
    all.par_iter().filter_map(one).collect()
}

/// What the policy that was kept gets for the same repairs.
fn got_by_best(scenes: &[PracticeProblem], folder: &Path, ctx: &Context) -> Result<Vec<f32>, TrainError> {
    let path = folder.join(WEIGHTS_FILE);
    let bytes = fs::read(&path).map_err(|e| TrainError::Io(path.clone(), e))?;
    let network = Network::from_bytes(&bytes).map_err(|why| TrainError::Checkpoint(path, why))?;
    Ok(exam(scenes, &Arc::new(network), ctx).iter().map(Episode::total).collect())
}

/// Whether one gets more than another for the same repairs, so much that the 95 % interval of the
/// difference is above 0.
fn is_better(got: &[f32], best: &[f32]) -> bool {
    let n = got.len().min(best.len()) as f32;
    let more: Vec<f32> = got.iter().zip(best).map(|(a, b)| a - b).collect();
    let mean = more.iter().sum::<f32>() / n;
    let variance = more.iter().map(|m| (m - mean).powi(2)).sum::<f32>() / (n - 1.0).max(1.0);
    mean > 1.96 * (variance / n).sqrt()
}

/// A seed of its own for each repair of each problem of each round.
fn seed_of(round: u64, practice_problem: u64, repair: u64) -> u64 {
    [round, practice_problem, repair].iter().fold(0x5851_f42d_4c95_7f2d, |hash, n| {
        (hash ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    })
}

/// `None` where it was stopped in between: then nothing was learnt.
fn one_round(state: &mut State, settings: &Settings, ctx: &Context) -> Result<Option<Round>, TrainError> {
    let progress = state.rounds as f64 / settings.rounds.max(1) as f64;
    let between = |from: f64, to: f64, at: f64| from + (to - from) * at;
    let classes = between(CLASSES.0 as f64, CLASSES.1 as f64, (2.0 * progress).min(1.0)) as usize;
    let network = Arc::new(Network::from_named(&state.learner.weights));
    let base = seed_of(settings.seed, state.rounds, 0);
    let teaching = match settings.labels {
        _ if state.rounds >= settings.lessons => Teaching::Alone,
        Labels::LookAhead => Teaching::LookAhead,
        Labels::Minimum => Teaching::Minimum,
        Labels::Any => Teaching::Anything,
    };
    let scenes: Vec<Result<Vec<Episode>, StageError>> = (0..SCENES)
        .into_par_iter()
        .map(|s| {
            let practice_problem = PracticeProblem::draw(seed_of(base, s, 0), classes, ctx)?;
            Ok((0..REPAIRS)
                .filter_map(|r| play(&practice_problem, &network, teaching, seed_of(base, s, r + 1), ctx))
                .collect())
        })
        .collect();
    if ctx.stop.now() {
        return Ok(None);
    }
    let mut episodes = Vec::new();
    for practice_problem in scenes {
        episodes.extend(practice_problem.map_err(TrainError::Stage)?);
    }
    let rate = between(f64::from(RATE.0), f64::from(RATE.1), progress) as f32;
    let curious = between(CURIOUS.0, CURIOUS.1, progress);
    let learnt = match teaching {
        Teaching::Alone => learn(state, &episodes, rate, curious, base),
        _ => imitate(state, &episodes, base),
    };
    let mut round = learnt.map_err(TrainError::Tensor)?;
    state.rounds += 1;
    state.steps += episodes.iter().map(|e| e.seen.len() as u64).sum::<u64>();
    (round.round, round.steps, round.played) = (state.rounds, state.steps, played(&episodes));
    Ok(Some(round))
}

/// Every step is learnt from a few times, in ever new company.
fn learn(
    state: &mut State,
    episodes: &[Episode],
    rate: f32,
    curious: f64,
    seed: u64,
) -> Result<Round, candle_core::Error> {
    let mut seen = Vec::new();
    for episode in episodes {
        seen.extend(episode.seen.iter().zip(advantages(episode)));
    }
    let n = seen.len() as f32;
    let mean = seen.iter().map(|s| s.1.0).sum::<f32>() / n;
    let spread = (seen.iter().map(|s| (s.1.0 - mean).powi(2)).sum::<f32>() / n).sqrt().max(1e-6);
    let mut rng = crate::rng(seed);
    let mut round = Round::default();
    let mut updates = 0.0f32;
    for _ in 0..TIMES {
        for k in (1..seen.len()).rev() {
            seen.swap(k, rng.below(k + 1));
        }
        for some in seen.chunks(TOGETHER) {
            let rows = some.iter().map(|(s, (advantage, returns))| {
                (s.features.as_slice(), s.chosen, s.log_probability, (advantage - mean) / spread, *returns)
            });
            let output = state.learner.update(&Batch::of(rows), rate, curious)?;
            round.critic += output.critic;
            round.entropy += output.entropy;
            updates += 1.0;
        }
    }
    round.critic /= updates.max(1.0);
    round.entropy /= updates.max(1.0);
    Ok(round)
}

/// Every step that has a label is learnt from a few times; the critic learns from what came of it.
fn imitate(state: &mut State, episodes: &[Episode], seed: u64) -> Result<Round, candle_core::Error> {
    let mut seen = Vec::new();
    for episode in episodes {
        let labelled = episode.seen.iter().zip(advantages(episode));
        seen.extend(labelled.filter(|(s, _)| !s.label.is_empty()).map(|(s, (_, returns))| (s, returns)));
    }
    let mut rng = crate::rng(seed);
    let (mut round, mut updates, mut unlike) = (Round::default(), 0.0f32, 0.0);
    for _ in 0..TIMES {
        for k in (1..seen.len()).rev() {
            seen.swap(k, rng.below(k + 1));
        }
        for some in seen.chunks(IMITATED) {
            let rows = some.iter().map(|(s, returns)| (s.features.as_slice(), s.chosen, 0.0, 0.0, *returns));
            let batch = Batch::of(rows).labelled(some.iter().map(|(s, _)| s.label.clone()));
            let output = state.learner.imitate(&batch, LESSON_RATE)?;
            round.critic += output.critic;
            round.entropy += output.entropy;
            unlike += output.unlike;
            updates += 1.0;
        }
    }
    round.critic /= updates.max(1.0);
    round.entropy /= updates.max(1.0);
    round.unlike = Some(unlike / updates.max(1.0));
    Ok(round)
}

fn played(episodes: &[Episode]) -> RoundSummary {
    let broken: Vec<&Episode> = episodes.iter().filter(|e| e.task != episode::Task::Polish).collect();
    let solved: Vec<&&Episode> = broken.iter().filter(|e| e.solved).collect();
    let mean = |sum: f32, n: usize| sum / n.max(1) as f32;
    RoundSummary {
        repairs: episodes.len() as u64,
        reward: mean(episodes.iter().map(Episode::total).sum(), episodes.len()),
        solved: mean(solved.len() as f32, broken.len()),
        steps: mean(solved.iter().map(|e| e.seen.len() as f32).sum(), solved.len()),
        changed: mean(solved.iter().map(|e| e.changed as f32).sum(), solved.len()),
    }
}

//! What is shown of a tournament: who is in, who went and why; events for machines.

use crate::commands::sweep::show::kinds;
use crate::exit::Exit;
use crate::output;
use crate::progress::Show;
use experiments::tournament::{
    Arena, CONFIGURATION, Domain, Ending, Gone, News, Outcome, Plan, Proof, Spectator, Standing, Stop, name,
};
use experiments::{Preflight, Progress, Row, State, Watch};
use indicatif::{ProgressBar, ProgressStyle};
use memguard::Bytes;
use scheduler::names::{clean, short, thousands};
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Those that are named of the ones that are in.
const NAMED: usize = 6;
/// Kinds of trials that are shown before it begins.
const LARGEST: usize = 4;
/// Between two lines about trials at work where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

pub(super) struct Shown {
    show: Show,
    bar: Option<ProgressBar>,
    only_plan: bool,
    /// Whether trials may use a device.
    uses_device: bool,
    /// Where the race is, without the trials at work.
    place: String,
    last: Option<Instant>,
}

/// Whether any configuration may run the genetic algorithm, which is what uses a device.
pub(super) fn uses_device(arena: &Arena) -> bool {
    let space = &arena.rules.space;
    let names = |value: &Value| value.as_str() == Some("ga");
    let fixed = space.base.pointer("/stage2b/use").is_some_and(names);
    let varied = space.parameters.iter().any(|parameter| match &parameter.domain {
        Domain::Choices(values) => values.iter().any(names),
        Domain::Integer(_) | Domain::Real(_) => false,
    });
    let is_off = space.base.get("gpu").and_then(Value::as_str) == Some("off");
    (fixed || varied) && !is_off
}

impl Shown {
    pub(super) fn new(show: Show, only_plan: bool, uses_device: bool) -> Shown {
        Shown { show, bar: None, only_plan, uses_device, place: String::new(), last: None }
    }

    /// A line above the bar.
    fn say(&self, line: &str) {
        match (&self.bar, &self.show) {
            (Some(bar), _) => bar.println(line),
            (None, Show::Bars(_) | Show::Lines) => output::aside(line),
            (None, Show::Json | Show::Nothing) => {}
        }
    }

    fn plan(&mut self, plan: &Plan) {
        if self.only_plan {
            output::text(planned(plan));
            return;
        }
        self.say(planned(plan).trim_end());
        if let Show::Bars(bars) = &self.show {
            let bar = bars.add(ProgressBar::new(plan.trials as u64));
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.bar = Some(bar);
        }
    }

    /// How it has ended.
    pub(super) fn end(&mut self, ending: &Ending, folder: &Path, wrote: Option<&Path>, exit: Exit) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let (word, is_better) = match &ending.outcome {
            Outcome::Decided(verdict) => ("decided", verdict.is_better),
            Outcome::Planned => ("planned", false),
            Outcome::Stopped => ("stopped", false),
            Outcome::NoRoom => ("no-room", false),
        };
        let file = wrote.map(Path::to_owned).or_else(|| is_better.then(|| folder.join(CONFIGURATION)));
        if matches!(self.show, Show::Json) {
            output::event(json!({
                "event": "end", "outcome": word, "ran": ending.ran, "seconds": ending.took.as_secs_f64(),
                "folder": folder, "file": file, "exit": exit as i32,
            }));
            return;
        }
        if matches!(ending.outcome, Outcome::Planned) {
            return;
        }
        let mut text = match &ending.outcome {
            Outcome::Decided(verdict) => clean(&verdict.in_words()) + "\n",
            Outcome::NoRoom => "It ended for want of disk: with more room the same command goes on.\n".into(),
            _ => "It was stopped: the same command goes on.\n".into(),
        };
        if let Some(file) = file {
            text += &format!("configuration: {}\n", file.display());
        }
        text += &format!(
            "{} trials run in {}; all of them: stagecoach results {}\n",
            thousands(ending.ran as i64),
            short(ending.took),
            folder.display()
        );
        output::text(text);
    }
}

impl Spectator for Shown {
    fn sees(&mut self, news: &News) {
        if matches!(self.show, Show::Json) {
            output::event(serde_json::to_value(news).unwrap_or_default());
            return;
        }
        match news {
            News::Plan(plan) => self.plan(plan),
            News::Race { race, races, entrants, budget } => {
                self.say(&format!("race {race} of {races}: {} configurations, {budget} trials", entrants.len()));
            }
            News::Block { race, block, instance, seed, trials, spent, of, standing } => {
                let place = format!("race {race}, block {block} ({} seed {seed})", clean(instance));
                self.say(&format!("  {place}: {trials} trials, {} in: {}", standing.len(), those(standing)));
                self.place = format!("{place}, {} in", standing.len());
                if let Some(bar) = &self.bar {
                    bar.set_length(*of as u64);
                    bar.set_position(*spent as u64);
                    bar.set_message(self.place.clone());
                }
            }
            News::Out { gone, .. } => self.say(&format!("  out: {}", why(gone))),
            News::Twin { configuration, same_as, blocks, .. } => {
                let (this, other) = (name(*configuration), name(*same_as));
                self.say(&format!("  out: {this}: the same results as {other} on all {blocks} blocks"));
            }
            News::Elites { race, why, elites, .. } => {
                self.say(&format!("race {race} over ({}): {}", ended(*why), those(elites)));
            }
            News::Proof { configuration, budget, trials } => {
                let name = name(*configuration);
                self.say(&format!("{name} and the defaults on what is held out: {trials} trials of {budget}"));
            }
            News::ByFeatures { condition, configurations: [below, from], budget } => {
                let (below, from) = (name(*below), name(*from));
                let what = format!("{below} where {condition}, else {from}, and the defaults");
                self.say(&format!("{what} on what is held out: trials of {budget}"));
            }
            News::Verdict(verdict) => {
                for proof in verdict.proof.iter().chain(&verdict.confirmed) {
                    self.say(&format!("  {}: {}", proof.budget, Proof::in_words(proof)));
                }
                if let Some(table) = &verdict.by_features {
                    self.say(&format!("by features: {}", table.in_words()));
                }
            }
        }
    }

    fn device(&mut self) -> Option<(u64, u64)> {
        let device = self.uses_device.then(stage2b_gpu_ga::found_device)?.ok()?;
        Some((device.free.get(), device.all.get()))
    }
}

impl Watch for Shown {
    fn ended(&mut self, row: &Row, texts: &[String], why: Option<&str>) {
        if matches!(self.show, Show::Json) {
            output::event(json!({
                "event": "trial", "trial": row.id(), "cell": texts, "seed": row.start.seed, "attempt": row.start.attempt,
                "state": row.state, "score": row.score, "ms": row.ms, "peak": row.peak, "cap": row.start.cap, "why": why,
            }));
        } else if row.state != State::Done {
            let line =
                format!("{} seed {}: {}: {}", texts.join(" "), row.start.seed, row.state, why.unwrap_or_default());
            self.say(&clean(&line.replace('\n', "; ")));
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let (used, limit) = (Bytes::new(progress.memory), Bytes::new(progress.limit));
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{}; {} running, {used} of {limit}", self.place, progress.running));
            return;
        }
        if self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        if matches!(self.show, Show::Json) {
            let mut event = serde_json::to_value(progress).unwrap_or_default();
            event["event"] = "progress".into();
            output::event(event);
        }
    }

    fn tells(&mut self, line: &str) {
        if matches!(self.show, Show::Json) {
            output::event(json!({ "event": "note", "text": line }));
        }
        self.say(line);
    }
}

/// `c12 1.40, default 2.10 and 9 more`.
fn those(standing: &[Standing]) -> String {
    let one = |one: &Standing| format!("{} {:.2}", name(one.configuration), one.rank);
    let text = standing.iter().take(NAMED).map(one).collect::<Vec<_>>().join(", ");
    match standing.len().saturating_sub(NAMED) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// `c7: mean rank 31.20 over 5 blocks, that of c12 is 4.10 (p = 0.0002)`.
fn why(gone: &Gone) -> String {
    let Gone { configuration, rank, best, best_rank, blocks, p } = *gone;
    let (this, best) = (name(configuration), name(best));
    format!("{this}: mean rank {rank:.2} over {blocks} blocks, that of {best} is {best_rank:.2} (p = {p:.4})")
}

fn ended(why: Stop) -> &'static str {
    match why {
        Stop::FewLeft => "few are left",
        Stop::Budget => "its trials are spent",
        Stop::NothingChanges => "tests drop nobody any more",
    }
}

/// What is about to be run.
fn planned(plan: &Plan) -> String {
    let count = |n: usize| thousands(n as i64);
    let mut text = format!("{} parameters; {} trials in races of ", plan.parameters, count(plan.trials));
    let sizes: Vec<String> = plan.races.iter().map(|race| race.configurations.to_string()).collect();
    text += &format!("{} configurations\n", sizes.join(", "));
    text += &format!("then up to {} trials on {} instances that are held out\n", count(plan.proof), plan.held_out);
    if plan.cannot_prove {
        text += "so few instances that are held out cannot prove anything: 6 are the least, 20 are good\n";
    }
    let mut largest = plan.corners.clone();
    largest.kinds.sort_by_key(|kind| std::cmp::Reverse(kind.expected));
    largest.kinds.truncate(LARGEST);
    text += "memory, tried on the ends of what is varied; the most is for:\n";
    text += &kinds(&Preflight { more_kinds: 0, ..largest });
    let trials = Bytes::new(plan.corners.room);
    let disk = Bytes::new((plan.trials + plan.proof) as u64 * 2_500);
    let free = plan.corners.disk_free.map_or(String::new(), |free| format!(" of {} free", Bytes::new(free)));
    text + &format!(
        "{trials} of memory for trials, at most {} for ranks; about {disk} on the disk{free}\n",
        Bytes::new(plan.ranks)
    )
}

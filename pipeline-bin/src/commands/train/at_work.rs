//! Training, with its progress, its files, and a way to interrupt it.

use super::curves;
use crate::args::{Common, Train};
use crate::exit::Exit;
use crate::output;
use crate::signals::Signals;
use anyhow::{Context as _, Result, bail};
use memguard::{Bytes, Guard};
use pipeline::{Budget, Context, Ledger, NoProgress, Owned, Stop};
use scheduler::BudgetTooSmall;
use scheduler::names::clean;
use scheduler::spares;
use stage3_rl::Group;
use stage3_rl::training::{Labels, ROUNDS_FILE, Round, Settings, TrainError, WEIGHTS_FILE, files, read_rounds, train};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Without `--time` it takes as long as it takes.
const FOREVER: Duration = Duration::from_secs(365 * 86_400);
/// The picture of how it went.
const CURVES_FILE: &str = "curves.svg";

pub(in crate::commands) fn run(args: &Train, common: Common) -> Result<Exit> {
    let lessons = args.lessons.unwrap_or(args.rounds / 3);
    if lessons > args.rounds {
        bail!("--lessons {lessons}: expected at most {}, as many as there are rounds", args.rounds);
    }
    let (rounds, seed, labels) = (args.rounds, args.seed, labels(&args.labels)?);
    let settings = Settings { rounds, seed, lessons, labels, without: group(args.without.as_deref())? };
    claim(&args.out, &args.snapshots)?;
    let signals = Signals::listen()?;
    signals.at_work();
    let limit = Guard::of_this_process(args.memory).limit();
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let until = Instant::now() + args.time.map_or(FOREVER, |time| time.0);
    let ctx = Context {
        seed: args.seed,
        stop: Stop::new(signals.cancel.clone(), Budget::Until(until)),
        ledger: Ledger::new(limit, Bytes::ZERO),
        threads,
        progress: Arc::new(NoProgress),
        best: Arc::new(NoProgress),
        work_folder: args.out.clone(),
        judge: pipeline::checker(),
    };
    let trained = train(&settings, &args.snapshots, &args.out, &ctx, &mut |round| tell(round, args.rounds, common));
    let best = match trained {
        Err(TrainError::Memory(refused)) => {
            let least = stage3_rl::training::memory(1);
            return Err(
                BudgetTooSmall(format!("{refused}\nTraining with one actor (--threads 1) needs {least}")).into()
            );
        }
        trained => trained?,
    };
    let rounds = read_rounds(&args.out.join(ROUNDS_FILE));
    let picture = args.out.join(CURVES_FILE);
    let svg = curves::svg(&rounds);
    stage0_load::write_file(&picture, |w| w.write_all(svg.as_bytes()))
        .with_context(|| picture.display().to_string())?;
    let done = rounds.last().map_or(0, |round| round.round);
    let steps = rounds.last().map_or(0, |round| round.steps);
    if common.json {
        output::event(serde_json::json!({
            "event": "trained", "rounds": done, "of": args.rounds, "steps": steps,
            "best_round": best.map(|b| b.round), "best_reward": best.map(|b| b.reward), "folder": args.out,
        }));
    } else {
        match best {
            Some(best) => output::line(format!(
                "{done} of {} rounds, {steps} steps; the best policy is that of round {} ({:.3} a repair): {}",
                args.rounds,
                best.round,
                best.reward,
                args.out.join(WEIGHTS_FILE).display()
            )),
            None => output::line(format!("{done} of {} rounds: too few for a policy", args.rounds)),
        }
        if done < args.rounds {
            output::line("The same command goes on.");
        }
    }
    Ok(if signals.cancel.is_cancelled() { Exit::Interrupted } else { Exit::Done })
}

/// Makes the files of a training ours, in a folder that holds nothing else of ours.
fn claim(folder: &Path, snapshots: &[u64]) -> Result<()> {
    spares(folder, &[])?;
    let mut owned = Owned::of(folder)?;
    if !owned.is_empty() && !owned.has(WEIGHTS_FILE) {
        bail!("{}: it holds {}; expected another folder", folder.display(), clean(owned.about()));
    }
    Ok(owned.claim("a training", files(snapshots).into_iter().chain([CURVES_FILE.to_owned()]))?)
}

fn labels(name: &str) -> Result<Labels> {
    let Some(labels) = Labels::ALL.into_iter().find(|one| one.name() == name) else {
        let names = Labels::ALL.map(Labels::name).join(", ");
        bail!("--labels {name}: there are no such labels\nMaybe use one of {names}");
    };
    Ok(labels)
}

fn group(name: Option<&str>) -> Result<Option<Group>> {
    let Some(name) = name else { return Ok(None) };
    let Some(group) = Group::ALL.into_iter().find(|g| g.name() == name) else {
        let names = Group::ALL.map(Group::name).join(", ");
        bail!("--without {name}: there is no such group of features\nMaybe use one of {names}");
    };
    Ok(Some(group))
}

fn tell(round: &Round, rounds: u64, common: Common) {
    if common.json {
        output::event(serde_json::json!({ "event": "round", "is": round }));
    } else if let (Some(held_out), false) = (round.held_out, common.quiet) {
        output::aside(format!(
            "round {} of {rounds}: {:.3} a repair, {:.1} % mended, {:.1} steps, {:.1} classes changed (never learnt from)",
            round.round,
            held_out.reward,
            100.0 * held_out.solved,
            held_out.steps,
            held_out.changed
        ));
    }
}

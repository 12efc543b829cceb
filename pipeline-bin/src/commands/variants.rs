//! `stagecoach solve --variants`: several timetables that differ, and what each is better at.
//!
//! Each is a run of its own with a seed of its own and a share of the time, in a folder of its own,
//! so that it can be looked at, checked, repaired and resumed like any other run.

use crate::args::Solve;
use crate::exit::Exit;
use crate::progress::Show;
use crate::tables::columns;
use crate::terminal::session;
use crate::{output, page};
use anyhow::{Result, bail};
use scheduler::names::{clean, short};
use scheduler::{
    Config, OutputFolder, PAGE, RunBudget, RunOutcome, Session, Target, Time, load_watched, meant, preflight,
    solutions, stem, unplaced,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Instant,
};
use timetable::{Score, Timetable};
use viewer::{Before, Quality, qualities, share_that_differs};

/// What came of one of them.
struct Variant {
    name: String,
    folder: PathBuf,
    page: Option<PathBuf>,
    timetable: Timetable,
    score: Score,
    qualities: Vec<Quality>,
    /// The one before it that is most like it, and the share of the classes that differ from that.
    nearest: Option<(String, f64)>,
    /// Whether it is valid and differs enough from all before it that count.
    counts: bool,
}

/// Finds `number` timetables.
pub(super) fn run(args: &Solve, show: &Show, started: Instant, number: u32) -> Result<Exit> {
    let Some(input) = args.input.as_deref().map(meant) else { bail!("--variants needs an input") };
    let name = stem(input);
    let config = Config::gather(args.run.config.as_deref(), args.run.layer())?;
    let out = OutputFolder::choose(args.out.as_deref(), &name);
    out.spares(&[input])?;
    out.holds_nothing(args.force, "")?;
    let names: Vec<String> = (1..=number).map(|k| format!("variant-{k}")).collect();
    if let OutputFolder::Named(folder) = &out {
        for name in &names {
            OutputFolder::Named(folder.join(name)).holds_nothing(args.force, "")?;
        }
        // Those of an earlier run that had more would pass for variants of this one.
        let older = folder.join(format!("variant-{}", number + 1));
        if older.exists() {
            bail!("{}: it is there already, expected a new folder, or more than {number} variants", older.display());
        }
    }
    let target = |folder: &Path, number: usize| Target {
        folder: OutputFolder::Named(folder.join(&names[number])),
        about: format!("{} of {}", names[number], name.display()),
        more: vec![PAGE.to_owned()],
        replace: args.force,
    };
    let mut session = session(config.clone(), target(Path::new(""), 0), show.clone(), started)?;
    session.anyway = args.anyway;
    preflight::before_loading(&session.guard)?;
    let loaded = load_watched(input, args.reading.reading(), &session.guard, session.host.as_ref())?;
    session.host.has_loaded(&loaded.plan.problem);
    loaded.is_possible(args.anyway)?;
    let labels = solutions::labels(&loaded.plan.problem, input);
    let folder = out.settle()?;

    let mut variants: Vec<Variant> = Vec::new();
    let mut interrupted = false;
    for at in 0..names.len() {
        if at > 0 {
            session.started = Instant::now();
        }
        session.target = target(&folder, at);
        session.config = config.clone();
        session.config.seed.value = config.seed.value.wrapping_add(at as u64);
        session.config.spend.value = part(config.spend.value, number);
        let mut plan = loaded.plan.clone();
        if at > 0 {
            // Every one begins anew: from a timetable that is there they would all be alike.
            plan.timetable = None;
            plan.score = None;
        }
        let steps = session.steps(Some(&plan), args.run.offline)?;
        let mut solved = session.run(Some(plan), labels.clone(), &steps, false)?;
        solved.origin.clone_from(&loaded.origin);
        interrupted |= solved.interrupted;
        let variant = of_run(&session, solved, &names[at], &variants, args.differ);
        if !matches!(show, Show::Json | Show::Nothing) {
            output::aside(format!("{}: {}", variant.name, verdict(&variant, args.differ)));
        }
        variants.push(variant);
        if interrupted {
            break;
        }
    }
    let found = variants.iter().filter(|variant| variant.counts).count();
    let exit = match (interrupted, found == names.len()) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::BestEffort,
    };
    if matches!(show, Show::Json) {
        output::event(event(&variants, found, number, args.differ, &folder, exit));
        return Ok(exit);
    }
    let classes = loaded.plan.problem.classes().len();
    output::text(
        text(&variants, (found, number), args.differ, classes) + &format!("Time: {}\n", short(started.elapsed())),
    );
    Ok(exit)
}

/// What each of so many runs may spend.
fn part(budget: RunBudget, number: u32) -> RunBudget {
    match budget {
        RunBudget::Time(time) => RunBudget::Time(Time(time.0 / number)),
        RunBudget::Steps(steps) => RunBudget::Steps((steps / u64::from(number)).max(1)),
    }
}

/// What a run has found, beside those before it.
fn of_run(session: &Session, solved: RunOutcome, name: &str, before: &[Variant], differ: f64) -> Variant {
    let problem = &solved.plan.problem;
    let reasons = unplaced(&solved.timetable, &solved.words());
    let first = before.first().map(|first| Before { name: &first.name, problem, timetable: &first.timetable });
    let page = page::write(session, &solved, &reasons, first);
    let share = |other: &Variant| (other.name.clone(), share_that_differs(&other.timetable, &solved.timetable));
    let nearest = before.iter().filter(|other| other.counts).map(share).min_by(|a, b| a.1.total_cmp(&b.1));
    let counts = solved.report.score.is_valid() && nearest.as_ref().is_none_or(|(_, share)| *share >= differ);
    Variant {
        name: name.to_owned(),
        page,
        score: solved.report.score,
        qualities: qualities(problem, &solved.timetable, &solved.report),
        nearest,
        counts,
        folder: solved.folder,
        timetable: solved.timetable,
    }
}

fn verdict(variant: &Variant, differ: f64) -> String {
    let like = variant
        .nearest
        .as_ref()
        .map_or(String::new(), |(other, share)| format!(", {} of the classes differ from {other}", percent(*share)));
    let why = match (variant.counts, variant.score.is_valid()) {
        (true, _) => String::new(),
        (false, false) => "; it does not count, as it is not valid".to_owned(),
        (false, true) => format!("; it does not count, expected at least {}", percent(differ)),
    };
    format!("{}{like}{why}", variant.score)
}

fn percent(share: f64) -> String {
    // Never rounded up to what was asked for.
    format!("{} %", (share * 1000.0).floor() / 10.0)
}

/// What each is better at, and where it is.
fn text(variants: &[Variant], (found, number): (usize, u32), differ: f64, classes: usize) -> String {
    let differ = percent(differ);
    let mut text = match found == number as usize {
        true => format!("\n{found} valid timetables; any two differ in at least {differ} of the {classes} classes\n\n"),
        false => format!(
            "\n{found} of {number} timetables are valid and differ from each other in at least {differ} of the {classes} classes\n\n",
        ),
    };
    let head = std::iter::once(String::new()).chain(variants.iter().map(|variant| variant.name.clone()));
    let mut rows = vec![head.collect::<Vec<_>>()];
    let Some(first) = variants.first() else { return text };
    for (at, quality) in first.qualities.iter().enumerate() {
        let values: Vec<f64> = variants.iter().map(|variant| variant.qualities[at].value).collect();
        let best = values.iter().copied().fold(f64::INFINITY, f64::min);
        let is_one_better = values.iter().any(|value| *value > best);
        let mark = |value: &f64| if is_one_better && *value <= best { format!("*{value}") } else { value.to_string() };
        rows.push(std::iter::once(quality.name.to_owned()).chain(values.iter().map(mark)).collect());
    }
    let right: Vec<usize> = (1..=variants.len()).collect();
    text += &columns(&rows, &right);
    text += "  Less is better, * is the least. Slots, rooms and sessions are those of a week.\n\n";
    for variant in variants {
        let place =
            variant.page.as_ref().map_or_else(|| variant.folder.display().to_string(), |page| page::address(page));
        text += &format!("{}: {}\n", clean(&variant.name), place);
    }
    text
}

fn event(variants: &[Variant], found: usize, asked: u32, differ: f64, folder: &Path, exit: Exit) -> Value {
    let one = |variant: &Variant| {
        let figures = variant.qualities.iter().map(|quality| (quality.name.to_owned(), json!(quality.value)));
        json!({
            "name": variant.name,
            "folder": variant.folder,
            "page": variant.page,
            "score": variant.score,
            "valid": variant.score.is_valid(),
            "counts": variant.counts,
            "nearest": variant.nearest.as_ref().map(|(name, _)| name),
            "differs": variant.nearest.as_ref().map(|(_, share)| share),
            "qualities": Value::Object(figures.collect()),
        })
    };
    json!({
        "event": "variants",
        "asked": asked,
        "found": found,
        "differ": differ,
        "folder": folder,
        "variants": variants.iter().map(one).collect::<Vec<_>>(),
        "exit": exit as i32,
    })
}

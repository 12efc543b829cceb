//! `stagecoach repair`: a timetable in use, mended after a change.

mod others;

use crate::args::{FirstOf, Repair};
use crate::exit::Exit;
use crate::moved::{self, Displaced, Moved};
use crate::progress::Show;
use crate::terminal::session;
use crate::{changes, given, output, page, summary};
use anyhow::{Context, Result, bail};
use pipeline::{Plan, Run, Step};
use scheduler::OutputFolder;
use scheduler::StageSettings;
use scheduler::{CHANGES_FILE, PAGE, ortools, preflight, solutions, solutions::AnyTimetable};
use scheduler::{Config, RunBudget};
use scheduler::{Session, Target};
use scheduler::{load_watched, stem};
use serde_json::{Value, json};
use stage0_load::{Elsewhere, SolutionInfo, Words, csv_folder::Labels};
use std::{iter, path::Path, path::PathBuf, sync::Arc, time::Instant};
use timetable::{Placement, Problem, Report, Timetable, amend, check};
use viewer::Before;

/// With `--stage3 rl`: so many of the candidates that the policy thinks most of are looked at one
/// step further.
const LOOKED_AT: usize = 3;
/// Changed classes shown; all of them are in the file.
const MOST_LINES: usize = 50;
/// The part of the time that the repair itself has where others are wanted, too.
const FIRST: f64 = 0.5;

/// What came of it, and where it was written.
struct RepairOutcome {
    plan: Plan,
    timetable: Timetable,
    report: Report,
    interrupted: bool,
    written: Option<Written>,
}

struct Written {
    folder: PathBuf,
    plan: Option<PathBuf>,
    solution: PathBuf,
    page: Option<PathBuf>,
}

pub(super) fn run(args: &Repair, show: Show, started: Instant) -> Result<Exit> {
    let mut config = Config::gather(None, args.layer())?;
    let whole = config.spend.value;
    if let (RunBudget::Time(time), true) = (&mut config.spend.value, args.alternatives > 0) {
        time.0 = time.0.mul_f64(FIRST);
    }
    if args.order == FirstOf::Published && !["fewest-changes", "cpsat"].contains(&args.stage3.as_str()) {
        bail!("--order published goes with --stage3 fewest-changes or cpsat, not {}", args.stage3);
    }
    let chosen: Vec<_> = config.stages.iter().filter(|stage| stage.slot == "stage3").cloned().collect();
    let stage_settings = config.stage_settings();
    let steps = scheduler::steps(
        &chosen,
        &StageSettings {
            rl: stage_settings.rl.looking_at(LOOKED_AT).in_use(),
            order: args.order.into(),
            ..stage_settings
        },
    )?;
    let about = format!("a repair of {}", stem(&args.input).display());
    let mut name = stem(&args.input);
    name.push("-repaired");
    let dry = args.dry_run || (args.solution.is_some() && args.out.is_none());
    let folder = OutputFolder::choose(args.out.as_deref(), &name);
    if !dry {
        let inputs: Vec<&Path> = iter::once(&args.input).chain(&args.solution).map(|path| path.as_path()).collect();
        folder.spares(&inputs)?;
        folder.holds_nothing(args.force, "")?;
    }
    let more = vec![CHANGES_FILE.to_owned(), PAGE.to_owned()];
    let mut session = session(config, Target { folder, about, more, replace: args.force }, show.clone(), started)?;
    preflight::before_loading(&session.guard)?;

    let read = load_watched(&args.input, args.reading.reading(), &session.guard, session.host.as_ref())?;
    let (plan, origin) = (read.plan, read.origin);
    let before = Arc::clone(&plan.problem);
    let labels = solutions::labels(&before, &args.input);
    let any = given::timetable(plan, args.solution.as_deref(), &args.input, "--solution")?;
    let words = Words::new(&any.problem, origin.as_ref(), labels.as_ref().map(|labels| &labels.calendar));
    let mut displaced = displaced(&any, &words);
    warn_of(&displaced, &any.problem);
    let in_use = own_places(&any);
    let changes = changes::gather(args, &before, &in_use, labels.as_ref().map(|labels| &labels.calendar))?;
    session.started += ortools::prepare(&session.config, false, session.host.as_ref());
    let amended = amend(&before, &changes).context("these changes are not possible")?;
    let home = amended.carry(&before, &in_use);
    displaced.retain_mut(|d| amended.class(d.class).map(|class| d.class = class).is_some());
    let now = Arc::new(amended.problem);
    let format = now.format();
    let named = (1..=usize::from(args.alternatives)).map(|k| solutions::alternative(format, k));
    session.target.more.extend(named.flat_map(|name| solutions::files_of(format, &name)));
    let plan = Plan::new(Arc::clone(&now)).with_timetable(home.clone(), check(&now, &home).score);
    let cancelled: Vec<&str> = changes.cancelled.iter().map(|&c| before.class_name(c)).collect();
    let name = args.input.display().to_string();
    let in_use = Before { name: &name, problem: &any.problem, timetable: &any.timetable };
    let repaired = repair_timetable(&session, plan, labels.clone(), &steps, (!dry).then_some(in_use))?;
    let others = if repaired.interrupted || !repaired.report.score.is_valid() {
        Vec::new()
    } else {
        let wanted = others::Wanted { count: args.alternatives.into(), order: args.order.into(), spend: whole };
        others::find(&session, &now, &home, &repaired.timetable, wanted)?
    };

    let exit = if repaired.interrupted { Exit::Interrupted } else { Exit::of(repaired.report.score) };
    let (json_of, text) = account(&now, &home, &repaired.timetable, &displaced);
    let mut alternatives = Vec::new();
    let mut more_text = String::new();
    for (k, other) in (1..).zip(&others) {
        let score = check(&now, other).score;
        let (mut json, table) = account(&now, &home, other, &displaced);
        json["score"] = json!(score);
        if let Some(written) = &repaired.written {
            let path = write_other(&session, &now, other, labels.as_ref(), &written.folder, k)?;
            json["solution"] = json!(path);
        }
        more_text += &format!("\nAlternative {k}: penalty {}. {table}", scheduler::names::thousands(score.penalty));
        alternatives.push(json);
    }
    if args.alternatives > 0 && others.len() < usize::from(args.alternatives) && repaired.report.score.is_valid() {
        more_text += &format!("\nAlternatives found: {} of {}\n", others.len(), args.alternatives);
    }
    let notes: Vec<&String> = repaired.plan.history.iter().flat_map(|record| &record.notes).collect();
    let mut result = json!({
        "event": "repair",
        "score": repaired.report.score,
        "valid": repaired.report.score.is_valid(),
        "interrupted": repaired.interrupted,
        "exit": exit as i32,
        "cancelled": cancelled,
        "notes": notes,
        "alternatives": alternatives,
        "plan": repaired.written.as_ref().and_then(|w| w.plan.as_ref()),
        "solution": repaired.written.as_ref().map(|w| &w.solution),
        "page": repaired.written.as_ref().and_then(|w| w.page.as_ref()),
    });
    if let (Value::Object(all), Value::Object(changed)) = (&mut result, json_of) {
        all.extend(changed);
    }
    let file = repaired.written.as_ref().map(|w| w.folder.join(CHANGES_FILE));
    if let Some(file) = &file {
        stage0_load::write_file(file, |w| writeln!(w, "{result:#}")).with_context(|| file.display().to_string())?;
    }
    if matches!(show, Show::Json) {
        output::event(result);
        return Ok(exit);
    }
    let mut shown = format!("\n{}\n", summary::verdict(&repaired.report));
    notes.iter().for_each(|note| shown += &format!("  {}\n", scheduler::names::clean(note)));
    shown += &format!("\n{text}");
    let words = Words::new(&now, None, labels.as_ref().map(|labels| &labels.calendar));
    let scored = AnyTimetable::of(&now, &repaired.timetable);
    shown += &summary::hard(&words, &scored, &repaired.report, MOST_LINES).text();
    let unplaced = scheduler::unplaced(&repaired.timetable, &words);
    shown += &summary::unplaced_list(&now, &unplaced, MOST_LINES).text();
    shown += &more_text;
    shown += &match (&file, &repaired.written) {
        (Some(file), Some(written)) => {
            let plan = written.plan.as_ref().map_or(String::new(), |plan| format!(", {}", plan.display()));
            let page =
                written.page.as_ref().map_or(String::new(), |page| format!("To look at: {}\n", page::address(page)));
            format!("\nWritten: {}{plan} and {}\n{page}", file.display(), written.solution.display())
        }
        _ => "\nNothing was written; --out FOLDER writes it.\n".to_owned(),
    };
    output::text(shown);
    Ok(exit)
}

/// Repairs, and writes what comes of it, with what differs from the timetable in use, unless it is
/// only to be shown.
fn repair_timetable(
    session: &Session,
    plan: Plan,
    labels: Option<Labels>,
    steps: &[Step],
    against: Option<Before<'_>>,
) -> Result<RepairOutcome> {
    if against.is_some() {
        let solved = session.run(Some(plan), labels, steps, false)?;
        let unplaced = scheduler::unplaced(&solved.timetable, &solved.words());
        let page = page::write(session, &solved, &unplaced, against);
        let written = Written { page, folder: solved.folder, plan: solved.plan_folder, solution: solved.solution };
        let (plan, timetable, report) = (solved.plan, solved.timetable, solved.report);
        return Ok(RepairOutcome { plan, timetable, report, interrupted: solved.interrupted, written: Some(written) });
    }
    preflight::before_running(&session.guard, &plan, steps)?;
    let Run { plan, interrupted, .. } = session.alone(plan, steps)?;
    let timetable = plan.timetable.clone().unwrap_or_else(|| Timetable::empty(&plan.problem));
    let report = check(&plan.problem, &timetable);
    Ok(RepairOutcome { plan, timetable, report, interrupted, written: None })
}

/// What differs from the timetable in use, for machines and for people.
fn account(now: &Problem, home: &Timetable, after: &Timetable, displaced: &[Displaced]) -> (Value, String) {
    let moved = moved::list(now, home, after, displaced);
    let students = stage3_rl::changed_students(now, home, after);
    let teachers = Moved::teachers(&moved);
    let json = json!({
        "changed": moved.iter().map(|m| m.json(now)).collect::<Vec<_>>(),
        "students": students,
        "teachers": teachers,
        "enrolments": moved::enrolments(now, home, after),
    });
    let count = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    let who = match teachers.len() {
        0 => count(students, "student"),
        n => format!("{} and {}", count(students, "student"), count(n, "teacher")),
    };
    let verb = if (students, teachers.len()) == (1, 0) { "notices" } else { "notice" };
    let table = Moved::table(now, &moved, MOST_LINES);
    (json, format!("Changed classes ({}); {who} {verb}\n{table}", moved.len()))
}

/// Writes another repair beside the solution.
fn write_other(
    session: &Session,
    now: &Problem,
    other: &Timetable,
    labels: Option<&Labels>,
    folder: &Path,
    number: usize,
) -> Result<PathBuf> {
    let name = solutions::alternative(now.format(), number);
    session.claim(folder, solutions::files_of(now.format(), &name))?;
    let info = SolutionInfo {
        runtime_seconds: session.started.elapsed().as_secs_f64(),
        cores: session.config.threads.value as u32,
        technique: format!("Stagecoach: repair, alternative {number}"),
        ..SolutionInfo::default()
    };
    let path = folder.join(name);
    solutions::write(now, other, labels, &path, &info)?;
    Ok(path)
}

/// The classes at places that are none of their own.
fn displaced(any: &AnyTimetable, words: &Words<'_>) -> Vec<Displaced> {
    let of = |place: &Elsewhere| {
        let not_then = (!place.is_its_time).then(|| words.not_then(place.class, &place.time));
        let room = place.room.filter(|_| !place.is_its_room);
        let not_there = room.map(|room| words.not_there(place.class, room));
        let why = [not_then, not_there].into_iter().flatten().collect::<Vec<_>>().join("; ");
        Displaced { class: place.class, place: moved::place(&any.problem, &any.timetable, place.class), why }
    };
    any.elsewhere.iter().map(of).collect()
}

/// Says which they are.
fn warn_of(displaced: &[Displaced], problem: &Problem) {
    for Displaced { class, place: (time, room), why } in displaced.iter().take(MOST_LINES) {
        let class = scheduler::names::clean(problem.class_name(*class));
        let (time, room) = (time.as_deref().unwrap_or_default(), room.as_deref().unwrap_or_default());
        tracing::warn!("class {class} may not be held at its place, {} {room}: {why}", time.trim_end());
    }
    if displaced.len() > MOST_LINES {
        tracing::warn!("{} more classes may not be held at their places", displaced.len() - MOST_LINES);
    }
}

/// The timetable in use with classes at places of their own only; the others are to be placed.
fn own_places(any: &AnyTimetable) -> Timetable {
    let mut timetable = any.timetable.clone();
    any.elsewhere.iter().for_each(|place| timetable.placements[place.class.index()] = Placement::NOWHERE);
    timetable
}

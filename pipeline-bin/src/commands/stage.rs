//! `stagecoach stage`: one stage alone, from plan folder to plan folder.

use crate::args::Stage;
use crate::exit::Exit;
use crate::progress::Show;
use crate::terminal::session;
use crate::{clusters, output, summary};
use anyhow::Result;
use pipeline::{Outcome, Owned, plan_files, save_plan};
use scheduler::Target;
use scheduler::{CLUSTERS_FILE, ortools, preflight};
use scheduler::{Config, RunBudget};
use scheduler::{OutputFolder, can_be_ours};
use scheduler::{load_watched, stem};
use std::time::Instant;

pub(super) fn run(args: &Stage, show: Show, started: Instant) -> Result<Exit> {
    let mut config = Config::gather(args.run.config.as_deref(), args.run.layer())?;
    let slot = scheduler::slot_of(&args.name)?;
    let mut chosen: Vec<_> = config.stages.iter().filter(|stage| stage.slot == slot).cloned().collect();
    for stage in &mut chosen {
        stage.name.value.clone_from(&args.name);
        stage.share.value = 1;
    }
    // What cannot be made is said before anything is loaded.
    scheduler::steps(&chosen, &config.stage_settings())?;
    let named = chosen.iter().cloned();
    config.stages.iter_mut().filter(|stage| stage.slot == slot).zip(named).for_each(|(stage, one)| *stage = one);

    let folder = OutputFolder::Named(args.plan_out.clone());
    folder.spares(&[&args.plan_in])?;
    folder.holds_nothing(args.force, "")?;
    let about = format!("a plan on {}", stem(&args.plan_in).display());
    let target = Target { folder, about, more: vec![CLUSTERS_FILE.to_owned()], replace: args.force };
    let mut session = session(config, target, show.clone(), started)?;
    preflight::before_loading(&session.guard)?;
    let input = load_watched(&args.plan_in, args.reading.reading(), &session.guard, session.host.as_ref())?;
    // Only where a timetable is made: clusters can be found of anything, and one that is there is
    // improved as it is.
    if slot == "stage2a" && input.plan.timetable.is_none() {
        input.is_possible(args.anyway)?;
    }
    let plan = input.plan;
    if let Some(said) = session.config.settle_by_features(&plan.problem) {
        tracing::info!("settings by features: {said}");
    }
    let steps = scheduler::steps(&chosen, &session.config.stage_settings())?;
    session.started += ortools::prepare(&session.config, args.run.offline, session.host.as_ref());
    preflight::before_running(&session.guard, &plan, &steps)?;
    session.target.folder.holds_nothing(args.force, "")?;
    let mut owned = Owned::of(&args.plan_out)?;
    let more = session.target.more.clone();
    owned.claim(&session.target.about, plan_files().into_iter().chain(more))?;
    let run = session.alone(plan, &steps)?;
    save_plan(&args.plan_out, &run.plan)?;
    // What an earlier run left is replaced as a whole.
    owned.remove_all_but(|name| !can_be_ours(name) || plan_files().iter().any(|file| file == name))?;
    let drawn = if slot == "stage1" && !run.interrupted {
        clusters::draw(&run.plan, &args.plan_out, &session.guard)?
    } else {
        None
    };

    let failed = run.plan.history.last().is_some_and(|record| !matches!(record.outcome, Outcome::Taken));
    let score = run.plan.score;
    let exit = match score {
        _ if run.interrupted => Exit::Interrupted,
        Some(score) if !failed => Exit::of(score),
        None if !failed => Exit::Done,
        _ => Exit::BestEffort,
    };
    if matches!(show, Show::Json) {
        output::event(serde_json::json!({
            "event": "result",
            "score": score,
            "bound": run.plan.bound,
            "exit": exit as i32,
            "history": run.plan.history,
            "plan": args.plan_out,
            "picture": drawn,
        }));
        return Ok(exit);
    }
    let budget = match session.config.spend.value {
        RunBudget::Time(time) => format!("{time} s"),
        RunBudget::Steps(steps) => format!("{steps} steps"),
    };
    if let Some(record) = run.plan.history.last() {
        output::text(summary::record(record, &budget));
    }
    if let Some(gap) = score.and_then(|score| summary::gap(score, run.plan.bound)) {
        output::line(format!("  {gap}"));
    }
    let drawn = drawn.map_or(String::new(), |path| format!(", with {}", path.display()));
    output::line(format!("Written: {}{drawn}", args.plan_out.display()));
    Ok(exit)
}

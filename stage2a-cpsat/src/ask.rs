//! Questions to workers, many at a time, and what became of them.

use crate::worker::{Answer, Lost, NoWorker, Team};
use cp_sat::proto::SatParameters;
use memguard::{Bytes, Exit, Level};
use pipeline::{Context, Refused};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Something to be solved.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) model: Vec<u8>,
    pub(crate) parameters: SatParameters,
    /// Seconds that it may take, where time is what the run may spend.
    pub(crate) seconds: f64,
}

/// Why there is nobody to ask.
#[derive(Debug)]
pub(crate) enum Nobody {
    Refused(Refused),
    /// A worker needs more than this.
    Memory(Bytes),
    Other(String),
}

impl From<NoWorker> for Nobody {
    fn from(why: NoWorker) -> Nobody {
        match why {
            NoWorker::Refused(refused) => Nobody::Refused(refused),
            why => Nobody::Other(why.to_string()),
        }
    }
}

/// A question that a worker is at.
struct Asked {
    place: usize,
    number: usize,
    question: Question,
}

fn put(team: &mut Team, place: usize, number: usize, question: Question) -> Asked {
    let until = Instant::now() + Duration::from_secs_f64(question.seconds + 0.2);
    // A worker that cannot be written to has ended; `poll` says how.
    let _ = team.ask(place, &question.model, &question.parameters, until);
    Asked { place, number, question }
}

/// So many workers in a row may be lost.
const LOSSES: usize = 4;

/// Asks the questions that `next` gives, by number, and hands over the answers; `None` where a worker was lost. Ends with the last answer, when
/// time is up, or when `heard` says that it is enough.
pub(crate) fn ask(
    team: &mut Team,
    ctx: &Context,
    next: &mut dyn FnMut() -> Option<(usize, Question)>,
    heard: &mut dyn FnMut(usize, Option<Answer>) -> bool,
) -> Result<(), Nobody> {
    let mut asked: Vec<Asked> = Vec::new();
    let mut again: Vec<(usize, Question, Bytes)> = Vec::new();
    let mut waiting = next();
    let mut lost_in_a_row = 0;
    loop {
        let mut moved = false;
        if asked.is_empty()
            && let Some((number, question, memory)) = again.pop()
        {
            let place = team.alone(memory).map_err(Nobody::from)?;
            asked.push(put(team, place, number, question));
            moved = true;
        }
        while let Some((number, question)) = waiting.take() {
            if !again.is_empty() {
                waiting = Some((number, question));
                break;
            }
            let level = if ctx.stop.should_shrink() { Level::Emergency } else { Level::Calm };
            let place = match team.idle(level) {
                Ok(Some(place)) => place,
                Ok(None) => {
                    waiting = Some((number, question));
                    break;
                }
                Err(why) => return Err(why.into()),
            };
            asked.push(put(team, place, number, question));
            waiting = next();
            moved = true;
        }
        if ctx.stop.should_give_up_worker() {
            tracing::info!("memory is short: one solver less");
            if let Some(gone) = team.give_up_largest()
                && let Some(k) = asked.iter().position(|asked| asked.place == gone)
            {
                heard(asked.swap_remove(k).number, None);
            }
        }
        let mut k = 0;
        while k < asked.len() {
            let Asked { place, number, .. } = asked[k];
            let answer = match team.poll(place) {
                None => {
                    k += 1;
                    continue;
                }
                Some(Ok(answer)) => {
                    lost_in_a_row = 0;
                    Some(answer)
                }
                Some(Err((why, cap))) => {
                    // What is proven by steps must not depend on memory: with more of it once more, as long as there is more.
                    if let Lost::Ended(ended) = &why
                        && matches!(ended.exit, Exit::OverCap | Exit::OutOfMemory)
                        && ctx.stop.steps().is_some()
                    {
                        let most = ctx.ledger.free().saturating_add(cap);
                        let memguard::Next::Alone(memory) = memguard::next(ended, cap, 0, most) else {
                            return Err(Nobody::Memory(cap));
                        };
                        again.push((number, asked.swap_remove(k).question, memory));
                        moved = true;
                        continue;
                    }
                    lost_in_a_row += 1;
                    if let Lost::Library(why) = why {
                        return Err(Nobody::Other(why));
                    }
                    if lost_in_a_row >= LOSSES {
                        return Err(Nobody::Other(format!(
                            "{LOSSES} solvers in a row were lost, the last because {why}"
                        )));
                    }
                    None
                }
            };
            asked.swap_remove(k);
            moved = true;
            if !heard(number, answer) {
                team.stop_all();
                return drain(team, asked, heard);
            }
        }
        ctx.stop.report_workers(team.size());
        if asked.is_empty() && again.is_empty() && waiting.is_none() {
            return Ok(());
        }
        if ctx.stop.now() {
            team.stop_all();
            return drain(team, asked, heard);
        }
        if !moved {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Takes what comes in when all were told to stop.
fn drain(
    team: &mut Team,
    mut asked: Vec<Asked>,
    heard: &mut dyn FnMut(usize, Option<Answer>) -> bool,
) -> Result<(), Nobody> {
    const LAST: Duration = Duration::from_millis(400);
    let until = Instant::now() + LAST;
    while !asked.is_empty() && Instant::now() < until {
        asked.retain(|asked| match team.poll(asked.place) {
            None => true,
            Some(answer) => {
                heard(asked.number, answer.ok());
                false
            }
        });
        thread::sleep(Duration::from_millis(1));
    }
    // Whoever has not stopped by now is of no use for another question.
    asked.iter().for_each(|asked| team.end(asked.place));
    Ok(())
}

//! Before a run: does the memory budget suffice at all?

use crate::host::BudgetTooSmall;
use memguard::{Bytes, CgroupUsage, Gauge, Guard, Level};
use pipeline::{Plan, Step, in_use};

/// Below this not even a small problem can be solved.
const LEAST: Bytes = Bytes::mib(16);

/// Reading even a small problem takes this.
const READING: Bytes = Bytes::mib(1);

/// Whether the budget suffices for anything.
///
/// # Errors
/// The figures, where it does not.
pub fn before_loading(guard: &Guard) -> Result<(), BudgetTooSmall> {
    let least = guard.readings().resident.unwrap_or_default().max(LEAST);
    if guard.limit() < least {
        return Err(too_small(guard, least, "for anything", ": only more memory helps"));
    }
    // An address space may be nearly full of the program itself.
    let Some(usage) = guard.usage() else { return Ok(()) };
    let needed = below_critical(guard, usage.used.saturating_add(READING));
    if matches!(usage.gauge, Gauge::AddressSpace | Gauge::Data) && needed > usage.limit {
        let what = format!("for anything: {}", in_use(guard));
        return Err(too_small(guard, usage.whole(needed), &what, ": only more memory helps"));
    }
    Ok(())
}

/// Whether it suffices for the least that each stage asks, beside what is in use with the problem
/// loaded.
///
/// # Errors
/// The figures, where it does not.
pub fn before_running(guard: &Guard, plan: &Plan, steps: &[Step]) -> Result<(), BudgetTooSmall> {
    let Some(usage) = guard.usage() else { return Ok(()) };
    for step in steps {
        let ask = step.stage.memory(plan);
        let (ask, preferred) = (Bytes::new(ask.least), Bytes::new(ask.preferred));
        // The runner refuses a stage that cannot have its least below the critical threshold.
        let needed = below_critical(guard, usage.used.saturating_add(ask));
        if needed > usage.limit {
            let what = format!(
                "for this problem: {} are in use after loading it, and {} `{}` needs at least {ask} more (it works best with {preferred})",
                usage.used,
                step.slot,
                step.stage.name()
            );
            // The stage that makes timetables cannot be left out.
            let knob = match step.slot.as_str() {
                "stage1" | "stage2b" | "polish" | "stage3" => format!(", or leave the stage out: --{} none", step.slot),
                _ => ": only more memory helps".to_owned(),
            };
            return Err(too_small(guard, usage.whole(needed), &what, &knob));
        }
    }
    Ok(())
}

/// The limit of which `bytes` are what is below the critical threshold.
fn below_critical(guard: &Guard, bytes: Bytes) -> Bytes {
    bytes.scaled(1.0 / guard.thresholds().begins(Level::Critical))
}

fn too_small(guard: &Guard, least: Bytes, what: &str, knob: &str) -> BudgetTooSmall {
    let is_group = guard.usage().is_some_and(|usage| usage.gauge == Gauge::Cgroup);
    // Another group than the one with the smallest limit may be the one that is full.
    let budget = match guard.group().filter(|(_, group)| is_group && group.limit != guard.limit()) {
        Some((folder, CgroupUsage { used, limit })) => {
            format!("the memory budget of the control group {} ({used} of {limit} in use)", folder.display())
        }
        None => format!("the memory budget of {} ({})", guard.limit(), guard.limits().holding().source),
    };
    BudgetTooSmall(format!("{budget} is too small {what}\nIt takes at least {least}{knob}"))
}

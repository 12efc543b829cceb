//! What travels from stage to stage.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use timetable::{Problem, Score, Timetable};

/// Classes grouped by how much they have to do with each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clusters {
    /// The cluster of each class, `0..count`.
    pub of: Vec<u32>,
    /// How many there are.
    pub count: u32,
    /// A colour for each cluster: clusters of one colour share nothing.
    pub colour: Vec<u32>,
}

impl Clusters {
    /// The classes of every cluster, in order.
    pub fn members(&self) -> Vec<Vec<u32>> {
        let mut members = vec![Vec::new(); self.count as usize];
        for (class, &cluster) in self.of.iter().enumerate() {
            members[cluster as usize].push(class as u32);
        }
        members
    }
}

/// What one stage did; nothing in it depends on time, memory or machine (those are in
/// `events.jsonl`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecord {
    /// The stage's place in the pipeline (`stage2b`).
    pub stage: String,
    /// The implementation (`annealing`).
    pub implementation: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Score before, where there was a timetable.
    pub before: Option<Score>,
    /// Score after, where there is a timetable.
    pub after: Option<Score>,
    /// Steps that it was charged, in a run by steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// What the stage wants people to know, a line each.
    pub notes: Vec<String>,
}

/// How a stage ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its plan was confirmed by the checker and taken.
    Taken,
    /// Its plan was refused, for this reason; the plan before it goes on.
    Refused(String),
    /// It failed, for this reason; the plan before it goes on.
    Failed(String),
}

/// The problem (shared), and what the stages so far made of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is to be solved.
    pub problem: Arc<Problem>,
    /// Made by stage 1.
    pub clusters: Option<Arc<Clusters>>,
    /// Made by stage 2A, improved by those after it.
    pub timetable: Option<Timetable>,
    /// The timetable's score, as claimed by the stage that made it and confirmed by the runner.
    pub score: Option<Score>,
    /// No timetable that places every class and breaks no hard rule has a smaller penalty, as a
    /// stage has proven.
    pub bound: Option<i64>,
    /// Lines for people from the stage that runs; the runner moves them into its record.
    pub notes: Vec<String>,
    /// What each stage did.
    pub history: Vec<StageRecord>,
}

impl Plan {
    /// A plan with nothing but its problem.
    pub fn new(problem: Arc<Problem>) -> Plan {
        Plan {
            problem,
            clusters: None,
            timetable: None,
            score: None,
            bound: None,
            notes: Vec::new(),
            history: Vec::new(),
        }
    }

    /// Whether its timetable is valid and nothing valid costs less, as far as is proven.
    pub fn is_optimal(&self) -> bool {
        self.score.is_some_and(|score| score.is_valid() && score.penalty <= self.bound.unwrap_or(0))
    }

    /// With this timetable, of which the stage claims this score.
    pub fn with_timetable(mut self, timetable: Timetable, score: Score) -> Plan {
        self.timetable = Some(timetable);
        self.score = Some(score);
        self
    }
}

//! The stages: clusters by Louvain, by connected components, or none.

use crate::clusters::{Method, cluster, describe, finish};
use crate::conflict::ConflictGraph;
use crate::edges::GraphError;
use petgraph::unionfind::UnionFind;
use pipeline::{Bytes, Clusters, Context, MemoryRequirement, Plan, Refused, Stage, StageError};
use std::sync::Arc;

/// Clusters of `min` to `max` classes by the Louvain method.
#[derive(Clone, Copy, Debug)]
pub struct Louvain {
    /// Fewest classes of a cluster.
    pub min: usize,
    /// Most classes of a cluster.
    pub max: usize,
}

impl Stage for Louvain {
    fn name(&self) -> &'static str {
        "louvain"
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        communities(Method::Louvain, (self.min, self.max), plan, ctx)
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        graph_memory(plan)
    }
}

/// Clusters of `min` to `max` classes by the Leiden method; those that are too large are divided as
/// with [`Louvain`].
#[derive(Clone, Copy, Debug)]
pub struct Leiden {
    /// Fewest classes of a cluster.
    pub min: usize,
    /// Most classes of a cluster.
    pub max: usize,
}

impl Stage for Leiden {
    fn name(&self) -> &'static str {
        "leiden"
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        communities(Method::Leiden, (self.min, self.max), plan, ctx)
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        graph_memory(plan)
    }
}

fn communities(method: Method, (min, max): (usize, usize), mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
    if min > max || max == 0 {
        return Err(StageError::Failed(format!("clusters of {min} to {max} classes are not possible")));
    }
    ctx.stop.report_steps(0);
    let pool = pipeline::pool(ctx.threads)?;
    let found = pool.install(|| {
        let built = ConflictGraph::build(&plan.problem, plan.timetable.as_ref(), &ctx.ledger, &|| ctx.stop.now());
        let graph = match built {
            Err(GraphError::Stopped) => return Ok(None),
            Err(GraphError::Refused(refused)) => return Err(refused),
            Ok(graph) => graph,
        };
        // Two merged graphs, each of the order of the graph at most, and counters.
        let counters = Bytes::new(64 * graph.csr().len() as u64);
        let levels = graph.csr().held().saturating_add(graph.csr().held()).saturating_add(counters);
        let _levels = ctx.ledger.reserve("communities", levels)?;
        let of = cluster(&graph, method, (min, max), ctx.seed, &|| !ctx.stop.now());
        if ctx.stop.now() {
            return Ok(None);
        }
        let clusters = finish(&graph, of);
        let notes = describe(&graph, &clusters, min, max);
        Ok::<_, Refused>(Some((clusters, notes)))
    });
    match found? {
        Some((clusters, notes)) => {
            plan.clusters = Some(Arc::new(clusters));
            plan.notes.extend(notes);
        }
        None => plan.notes.push("stopped before the clusters were found".into()),
    }
    Ok(plan)
}

/// A cluster for each connected component of the conflict graph: they share nothing, so all have
/// one colour.
#[derive(Clone, Copy, Debug)]
pub struct Components;

impl Stage for Components {
    fn name(&self) -> &'static str {
        "components"
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        ctx.stop.report_steps(0);
        let built = ConflictGraph::build(&plan.problem, plan.timetable.as_ref(), &ctx.ledger, &|| ctx.stop.now());
        let graph = match built {
            Err(GraphError::Stopped) => {
                plan.notes.push("stopped before the clusters were found".into());
                return Ok(plan);
            }
            Err(GraphError::Refused(refused)) => return Err(refused.into()),
            Ok(graph) => graph,
        };
        let mut sets = UnionFind::new(graph.csr().len());
        graph.csr().edges().for_each(|(a, b, _)| {
            sets.union(a, b);
        });
        // Wide groups and courses are linked throughout or in parts; what shares anything belongs
        // together.
        let mut join = |classes: &[u32]| {
            classes.windows(2).for_each(|pair| {
                sets.union(pair[0], pair[1]);
            })
        };
        graph.wide_groups().iter().for_each(|group| join(group));
        for &(a, b) in graph.wide_pairs() {
            let courses = graph.wide_courses();
            join(&courses[a as usize]);
            join(&courses[b as usize]);
        }
        let clusters = finish(&graph, sets.into_labeling());
        plan.notes.extend(describe(&graph, &clusters, 0, usize::MAX));
        plan.clusters = Some(Arc::new(clusters));
        Ok(plan)
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        graph_memory(plan)
    }
}

/// One cluster of all classes.
#[derive(Clone, Copy, Debug)]
pub struct NoClusters;

impl Stage for NoClusters {
    fn name(&self) -> &'static str {
        "none"
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        ctx.stop.report_steps(0);
        let n = plan.problem.classes().len();
        let count = u32::from(n > 0);
        plan.clusters = Some(Arc::new(Clusters { of: vec![0; n], count, colour: vec![0; count as usize] }));
        Ok(plan)
    }
}

/// Pairs are gathered at 16 bytes each, several times while they are merged; there are not more
/// than these, and mostly far fewer: the graph asks the ledger as it grows.
fn graph_memory(plan: &Plan) -> MemoryRequirement {
    let problem = &plan.problem;
    let students: u64 = problem.students().iter().map(|s| u64::from(s.requests.len).min(64).pow(2) / 2).sum();
    let groups: u64 = problem.constraints().iter().map(|c| u64::from(c.classes.len) * 48).sum();
    let classes = problem.classes().len() as u64;
    let pairs = (8 * students + groups + 24 * classes).min(classes * classes / 2);
    MemoryRequirement { least: 64 * classes + (1 << 20), preferred: 96 * pairs + (16 << 20) }
}

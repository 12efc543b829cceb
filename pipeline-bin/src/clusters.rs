//! The picture of a plan's clusters.

use anyhow::{Context, Result};
use memguard::{Bytes, Guard};
use pipeline::{Ledger, Plan};
use scheduler::CLUSTERS_FILE;
use stage1_louvain::{ConflictGraph, cluster_graph, picture};
use std::path::{Path, PathBuf};

/// Draws the clusters of a plan into its folder; `None` where it has none, or the memory that the
/// conflict graph takes is not there.
pub(crate) fn draw(plan: &Plan, folder: &Path, guard: &Guard) -> Result<Option<PathBuf>> {
    let Some(clusters) = &plan.clusters else { return Ok(None) };
    let held = guard.readings().resident.unwrap_or_default();
    let ledger = Ledger::new(guard.limit().scaled(0.7), held.max(Bytes::mb(1)));
    let Ok(graph) = ConflictGraph::build(&plan.problem, plan.timetable.as_ref(), &ledger, &|| false) else {
        tracing::warn!("no memory for a picture of the clusters");
        return Ok(None);
    };
    let sizes: Vec<usize> = clusters.members().iter().map(Vec::len).collect();
    let graph = cluster_graph(&graph, &clusters.of, clusters.count as usize);
    let title = format!("{} clusters of {} classes", sizes.len(), clusters.of.len());
    let svg = picture(&title, &graph, &sizes, &clusters.colour);
    let path = folder.join(CLUSTERS_FILE);
    stage0_load::write_file(&path, |w| w.write_all(svg.as_bytes())).with_context(|| path.display().to_string())?;
    Ok(Some(path))
}

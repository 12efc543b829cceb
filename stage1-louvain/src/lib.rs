//! Stage 1: classes that have to do with each other, in clusters.
//!
//! [`ConflictGraph`] says how much two classes have to do with each other; [`louvain()`] or
//! [`leiden()`] finds communities in it; [`split_large`] and [`merge_small`] keep them within a
//! size range; [`colours`] says which can be worked on at the same time. Clusters are
//! neighbourhoods, not problems of their own.

mod balance;
mod clusters;
mod colour;
mod conflict;
mod csr;
mod edges;
mod gathering;
mod groups;
mod leiden;
mod louvain;
mod picture;
mod quality;
mod random;
mod sizes;
mod stages;
mod students;

pub use balance::balance;
pub use clusters::{Method, cluster, describe, finish};
pub use colour::{cluster_graph, colours};
pub use conflict::ConflictGraph;
pub use csr::Csr;
pub use edges::GraphError;
pub use gathering::{HARD, UNIT};
pub use leiden::leiden;
pub use louvain::{ShouldContinue, louvain};
pub use picture::picture;
pub use quality::{Resolution, cut_weight, modularity};
pub use sizes::{merge_small, split_large};
pub use stages::{Components, Leiden, Louvain, NoClusters};

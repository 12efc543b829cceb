//! What kernels work on, and how they are run.

#[cfg(test)]
mod host;
mod model;
mod raw;
mod sections;
#[cfg(test)]
mod tests;

pub(crate) use raw::{RawIndividual, RawStretch};

//! What elites pass on to their children: how far their numbers lie, and how likely each choice is
//! (breed.rs names the paper).

use super::parameters::{Domain, Point, Space};
use crate::grid::text;
use serde_json::Value;

/// From what the values of children are drawn; each configuration has its own, which its children
/// inherit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Model {
    parameters: Vec<Sampler>,
}

/// From what the values of one parameter are drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sampler {
    /// A truncated normal distribution: its deviation, on the scale of the range.
    Number { sigma: f64 },
    /// How likely each choice is.
    Choice { weights: Vec<f64> },
}

impl Model {
    /// Nothing is known yet: half of each range, every choice as likely.
    pub(super) fn new(space: &Space) -> Model {
        let sampler = |domain: &Domain| match domain {
            Domain::Choices(values) => Sampler::Choice { weights: vec![1.0 / values.len() as f64; values.len()] },
            Domain::Integer(_) | Domain::Real(_) => {
                let (low, high) = domain.range().map_or((0.0, 1.0), |(range, half)| range.ends(half));
                Sampler::Number { sigma: (high - low) / 2.0 }
            }
        };
        Model { parameters: space.parameters.iter().map(|parameter| sampler(&parameter.domain)).collect() }
    }

    /// From what the values of the parameter at a position are drawn.
    pub(super) fn sampler(&self, at: usize) -> &Sampler {
        &self.parameters[at]
    }

    /// Learns from being an elite: numbers come closer, by how many `children` there are for how
    /// many parameters; the own choices become likelier, by how many of the races are over.
    pub(super) fn narrow(&mut self, space: &Space, point: &Point, children: usize, over: f64) {
        let closer = (1.0 / children.max(1) as f64).powf(1.0 / space.parameters.len() as f64);
        for (at, sampler) in self.parameters.iter_mut().enumerate() {
            match sampler {
                Sampler::Number { sigma } => *sigma *= closer,
                Sampler::Choice { weights } => {
                    let Some(own) = space.at(point, at).and_then(|value| place(&space.parameters[at].domain, &value))
                    else {
                        continue;
                    };
                    let over = over.clamp(0.0, 1.0);
                    for (choice, weight) in weights.iter_mut().enumerate() {
                        *weight = *weight * (1.0 - over) + if choice == own { over } else { 0.0 };
                    }
                }
            }
        }
    }
}

/// Which choice a value is.
fn place(domain: &Domain, value: &Value) -> Option<usize> {
    match domain {
        Domain::Choices(values) => values.iter().position(|one| text(one) == text(value)),
        _ => None,
    }
}

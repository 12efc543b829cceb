//! Training as one file, from which it goes on: weights, moments, and how far it is.

use super::learner::Learner;
use super::{Best, Settings, TrainError};
use crate::learned::weights::{Named, SHAPES, drawn};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

/// The file's name in the training's folder.
pub(super) const FILE: &str = "training.safetensors";
/// More than this is not read.
const MOST_BYTES: u64 = 4 << 20;

/// All that training needs to go on.
pub(super) struct State {
    pub(super) learner: Learner,
    /// Rounds that are over, and steps that were seen in them.
    pub(super) rounds: u64,
    pub(super) steps: u64,
    pub(super) best: Option<Best>,
}

impl State {
    pub(super) fn new(settings: &Settings) -> State {
        State { learner: Learner::new(drawn(settings.seed), settings.without), rounds: 0, steps: 0, best: None }
    }

    /// Writes it in place of the one that was there.
    pub(super) fn save(&self, settings: &Settings, folder: &Path) -> Result<(), TrainError> {
        let mut data: BTreeMap<String, (Vec<usize>, Vec<u8>)> = BTreeMap::new();
        let learner = &self.learner;
        for (part, named) in [("weights", &learner.weights), ("first", &learner.first), ("second", &learner.second)] {
            for (name, shape) in SHAPES {
                let bytes = named[name].iter().flat_map(|n| n.to_le_bytes()).collect();
                data.insert(format!("{part}.{name}"), (shape.to_vec(), bytes));
            }
        }
        let views = data.iter().map(|(name, (shape, bytes))| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many numbers as its shape says");
            (name, view)
        });
        let mut about = settings.about();
        about.insert("at".into(), self.rounds.to_string());
        about.insert("steps".into(), self.steps.to_string());
        about.insert("updates".into(), learner.updates.to_string());
        if let Some(best) = self.best {
            about.insert("best".into(), format!("{} {}", best.round, best.reward));
        }
        let bytes = safetensors::serialize(views, Some(about)).expect("tensors can be written");
        replace(&folder.join(FILE), &bytes)
    }

    /// Reads it; `None` where there is none.
    pub(super) fn load(settings: &Settings, folder: &Path) -> Result<Option<State>, TrainError> {
        let path = folder.join(FILE);
        let wrong = |why: String| TrainError::Checkpoint(path.clone(), why);
        match fs::metadata(&path) {
            Err(_) => return Ok(None),
            Ok(file) if file.len() > MOST_BYTES => return Err(wrong(format!("more than {MOST_BYTES} bytes"))),
            Ok(_) => {}
        }
        let bytes = fs::read(&path).map_err(|e| TrainError::Io(path.clone(), e))?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|e| wrong(e.to_string()))?;
        let about = header.metadata().clone().unwrap_or_default();
        for (key, asked) in settings.about() {
            let found = about.get(&key).cloned().unwrap_or_default();
            if found != asked {
                return Err(wrong(format!("it was begun with {key} {found}, not {asked}")));
            }
        }
        let file = SafeTensors::deserialize(&bytes).map_err(|e| wrong(e.to_string()))?;
        let part = |part: &str| -> Result<Named, TrainError> {
            let mut named = Named::new();
            for (name, shape) in SHAPES {
                let tensor = file.tensor(&format!("{part}.{name}")).map_err(|e| wrong(e.to_string()))?;
                if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
                    return Err(wrong(format!("{part}.{name} has another shape")));
                }
                let numbers = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                named.insert(name.to_owned(), numbers.collect());
            }
            Ok(named)
        };
        let mut learner = Learner::new(part("weights")?, settings.without);
        (learner.first, learner.second) = (part("first")?, part("second")?);
        learner.updates = number(&about, "updates").ok_or_else(|| wrong("no number of updates".into()))?;
        let rounds = number(&about, "at").ok_or_else(|| wrong("no number of rounds".into()))?;
        let steps = number(&about, "steps").ok_or_else(|| wrong("no number of steps".into()))?;
        let best = about.get("best").and_then(|text| {
            let (round, reward) = text.split_once(' ')?;
            Some(Best { round: round.parse().ok()?, reward: reward.parse().ok()? })
        });
        Ok(Some(State { learner, rounds, steps, best }))
    }
}

fn number(about: &HashMap<String, String>, key: &str) -> Option<u64> {
    about.get(key)?.parse().ok()
}

/// Writes a file whole, in the place of the one that was there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new("."));
    pipeline::write_whole(folder, &name, bytes).map_err(|e| TrainError::Io(path.to_owned(), e))
}

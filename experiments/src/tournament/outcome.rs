//! What came of a tournament: a configuration with its evidence, or that none is better than the
//! defaults.

use super::by_features::{ByFeatures, TABLE};
use super::news::name;
use super::proof::{Proof, in_digits};
use super::race::Standing;
use crate::error::Error;
use crate::store::Folder;
use pipeline::{Owned, PART, write_whole};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;

/// The configuration, in the tournament's folder.
pub const CONFIGURATION: &str = "stagecoach.toml";
/// Everything that came of it, for machines.
pub const RECORD: &str = "tournament.json";
const ABOUT: &str = "a tournament";

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The winner of the races; 0: the defaults.
    pub winner: u32,
    /// What it sets, as in `stagecoach.toml`, with what all configurations have in common.
    pub configuration: Value,
    /// Whether it is better than the defaults by more than chance, on what is held out.
    pub is_better: bool,
    /// Why not.
    pub why_not: Option<String>,
    /// Who was left of the last race, the best first.
    pub elites: Vec<Standing>,
    /// The mean rank of the defaults in it, where they were still in.
    pub default_rank: Option<f64>,
    /// Races.
    pub races: usize,
    /// Blocks of all races.
    pub blocks: usize,
    /// Trials of all races.
    pub trials: usize,
    /// Configurations.
    pub configurations: usize,
    /// On what is held out, by steps.
    pub proof: Option<Proof>,
    /// The same by time.
    pub confirmed: Option<Proof>,
    /// Settings by features, where they were asked for and a split was found.
    pub by_features: Option<ByFeatures>,
    /// Everything random came from this.
    pub seed: u64,
    /// The program.
    pub version: String,
}

impl Verdict {
    /// The configuration as a file, with its evidence; `None` where it is no better than the
    /// defaults.
    pub fn to_toml(&self) -> Option<String> {
        if !self.is_better {
            return None;
        }
        let mut text = format!(
            "# Found by `stagecoach tournament` {} (seed {}). Configurations: {}, races: {}, trials: {}, blocks: {}.\n",
            self.version, self.seed, self.configurations, self.races, self.trials, self.blocks
        );
        let rank = self.elites.first().map_or(0.0, |first| first.rank);
        let default = self.default_rank.map_or("were out before its end".into(), |rank| format!("had {rank:.2}"));
        let _ =
            writeln!(text, "# {} has mean rank {rank:.2} in the last race; the defaults {default}.", name(self.winner));
        text += "# On instances that were never raced on, beside the defaults (ratios of penalties, below 1 is better, 0 where it alone is\n# valid):\n";
        for proof in self.proof.iter().chain(&self.confirmed) {
            let _ = writeln!(text, "#   {}, seeds: {}: {}", proof.budget, proof.seeds, proof.in_words());
        }
        if let Some(proof) = &self.proof {
            text += "#\n# Instance                         Ratio\n";
            for one in &proof.instances {
                let _ = writeln!(text, "# {:<32} {}", one.instance.replace(['\n', '\r'], " "), in_digits(one.ratio));
            }
        }
        // A layer is tables, numbers and texts.
        let _ = write!(text, "\n{}", toml::to_string(&self.configuration).unwrap_or_default());
        Some(text)
    }

    /// What to tell people, in a line or two.
    pub fn in_words(&self) -> String {
        match (&self.proof, &self.why_not) {
            (Some(proof), None) => format!("{} is better than the defaults: {}", name(self.winner), proof.in_words()),
            (_, why) => {
                let why = why.as_deref().unwrap_or("nothing was compared");
                format!("no configuration is better than the defaults: {why}")
            }
        }
    }

    /// Writes the record, and the configuration where there is one; what an earlier tournament in
    /// the folder has written there goes.
    ///
    /// # Errors
    /// A file of one of these names that is somebody else's; what the system says.
    pub(super) fn keep(&self, folder: &Folder) -> Result<(), Error> {
        let path = folder.path();
        let record = serde_json::to_vec_pretty(self).map_err(|e| Error::damaged(path, e))?;
        let mut files = vec![(RECORD, record)];
        files.extend(self.to_toml().map(|text| (CONFIGURATION, text.into_bytes())));
        let table = self.by_features.as_ref().and_then(ByFeatures::to_toml);
        files.extend(table.map(|text| (TABLE, text.into_bytes())));
        let wrong = |e: pipeline::FolderError| Error::Input(e.to_string());
        let mut owned = Owned::of(path).map_err(wrong)?;
        let parts = files.iter().map(|(name, _)| format!("{name}{PART}"));
        owned.claim(ABOUT, files.iter().map(|(name, _)| (*name).to_owned()).chain(parts)).map_err(wrong)?;
        for (name, bytes) in &files {
            write_whole(path, name, bytes).map_err(Error::io(&path.join(name)))?;
        }
        owned
            .remove_all_but(|name| {
                ![CONFIGURATION, TABLE].contains(&name) || files.iter().any(|(file, _)| *file == name)
            })
            .map_err(wrong)?;
        Ok(())
    }
}

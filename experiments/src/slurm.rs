//! The script of a job array for Slurm: one task for each shard, however many trials there are.

use std::fmt::Write;

/// No array has more tasks: many a Slurm refuses more than 1,001.
pub const MOST_TASKS: u32 = 1_000;

/// What the script is made of.
#[derive(Clone, Debug)]
pub struct Array {
    /// The name of the jobs.
    pub name: String,
    /// The command line of the sweep, without `--shard`: program and arguments.
    pub command: Vec<String>,
    /// Tasks, each of which runs one shard.
    pub tasks: u32,
    /// Processors of a task.
    pub cores: usize,
    /// Memory of a task, in bytes.
    pub memory: u64,
}

/// How many tasks a number of trials is worth: ten trials each at least, and at most
/// [`MOST_TASKS`].
pub fn tasks_for(trials: u64) -> u32 {
    trials.div_ceil(10).clamp(1, u64::from(MOST_TASKS)) as u32
}

impl Array {
    /// The script. A task that was told to end in time (75) is queued again, which needs
    /// `--requeue`.
    pub fn script(&self) -> String {
        let words: Vec<String> = self.command.iter().map(|word| quoted(word)).collect();
        // Slurm counts mebibytes.
        let (last, tasks) = (self.tasks.saturating_sub(1), self.tasks);
        let (cores, mebibytes) = (self.cores, self.memory.div_ceil(1 << 20));
        let mut text = String::from("#!/bin/bash\n");
        let _ = writeln!(text, "#SBATCH --job-name={}", word(&self.name));
        let _ = writeln!(text, "#SBATCH --array=0-{last}");
        let _ = writeln!(text, "#SBATCH --cpus-per-task={cores}");
        let _ = writeln!(text, "#SBATCH --mem={mebibytes}M");
        text += "#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --signal=B:TERM@60\n";
        text += "# Add what your site asks for: --time, --partition, --account.\n\n";
        let _ = writeln!(text, "{} --shard \"$SLURM_ARRAY_TASK_ID/{tasks}\" &", words.join(" "));
        text += "sweep=$!\n\
            # Slurm tells this shell a minute before the end; the sweep ends its trials with their best.\n\
            trap 'kill -TERM \"$sweep\" 2>/dev/null' TERM\n\
            wait \"$sweep\"\ncode=$?\n\
            while kill -0 \"$sweep\" 2>/dev/null; do wait \"$sweep\"; code=$?; done\n\
            if [ \"$code\" -eq 75 ]; then scontrol requeue \"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}\"; fi\n\
            exit \"$code\"\n";
        text
    }
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A name that Slurm takes.
fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_array_does_not_grow_with_the_trials() {
        assert_eq!([0, 1, 10, 11, 5_000, 1_000_000_000].map(tasks_for), [1, 1, 1, 2, 500, 1_000]);
    }

    #[test]
    fn a_script_names_shards_memory_and_what_is_queued_again() {
        let command = ["/opt/stage coach", "sweep", "it's.toml"].map(str::to_owned).to_vec();
        let array = Array { name: "my grid".into(), command, tasks: 8, cores: 2, memory: 500_000_000 };
        let script = array.script();
        for line in [
            "#SBATCH --job-name=my-grid",
            "#SBATCH --array=0-7",
            "#SBATCH --mem=477M",
            "#SBATCH --requeue",
            "#SBATCH --signal=B:TERM@60",
            "'/opt/stage coach' sweep 'it'\\''s.toml' --shard \"$SLURM_ARRAY_TASK_ID/8\" &",
        ] {
            assert!(script.lines().any(|there| there == line), "{line}\nin {script}");
        }
    }
}

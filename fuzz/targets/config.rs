//! The configuration: `stagecoach.toml`, and a line for each variable in `environment`. What is in
//! force is the same when it was printed and read again, as configuration and as `resume.toml`.
#![no_main]
#![allow(dead_code, reason = "the application uses all of it")]

#[path = "../../scheduler/src/annealing.rs"]
mod annealing;
#[path = "../../scheduler/src/clock.rs"]
mod clock;
#[path = "../../scheduler/src/config.rs"]
mod config;
#[path = "../../scheduler/src/features.rs"]
mod features;
#[path = "../../scheduler/src/layer.rs"]
mod layer;

/// In place of the program's stages: what the configuration says of them.
mod stages {
    #[derive(Clone, Debug)]
    pub(crate) struct StageSettings {
        pub(crate) annealing: stage2b_gpu_ga::Settings,
        pub(crate) genetic: stage2b_gpu_ga::Genetic,
        pub(crate) rl: stage3_rl::Rl,
        pub(crate) order: stage3_rl::Order,
    }
}

use config::{CONFIG_FILE, Config, Origin};
use layer::Layer;
use std::{collections::HashMap, fs};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let folder = fuzz::folder(data);
    let mut config = Config::defaults();
    if let Ok(layer) = Layer::from_file(&folder.path().join(CONFIG_FILE))
        && config.apply(layer, Origin::File(CONFIG_FILE.into())).is_err()
    {
        return;
    }
    let said = fs::read_to_string(folder.path().join("environment")).unwrap_or_default();
    let said: HashMap<&str, &str> = said.lines().filter_map(|line| line.split_once('=')).collect();
    if let Ok(layer) = Layer::from_environment(|name| said.get(name).map(|&value| value.to_owned()))
        && config.apply(layer, Origin::Environment).is_err()
    {
        return;
    }
    let printed = tempfile::NamedTempFile::new().expect("a file");
    let again = |text: &str| {
        fs::write(printed.path(), text).expect("written");
        let mut again = Config::defaults();
        let layer = Layer::from_file(printed.path()).unwrap_or_else(|why| panic!("{why}\n{text}"));
        again.apply(layer, Origin::File(CONFIG_FILE.into())).unwrap_or_else(|why| panic!("{why}\n{text}"));
        again
    };
    let shown = again(&config.to_toml());
    assert_eq!((shown.identity(), shown.memory.value), (config.identity(), config.memory.value));
    let resumed = again(&config.to_resume());
    assert_eq!((resumed.seed.value, resumed.spend.value), (config.seed.value, config.spend.value));
});

//! What a worker process does.

use super::engine::{Engine, Opened, Search};
use super::frames;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

/// A worker's life: opens its engine, says so, solves what comes through standard input, ends when
/// that ends. Nothing else may be written to standard output. `false` where the engine cannot be
/// used or the other end broke off.
pub fn serve(engine: &Engine) -> bool {
    let (mut input, mut output) = (io::stdin(), io::stdout());
    let engine = match Opened::open(engine) {
        Ok(engine) => engine,
        Err(why) => {
            let _ = frames::write(&mut output, frames::FAILED, why.to_string().as_bytes());
            return false;
        }
    };
    if frames::write(&mut output, frames::READY, engine.version().as_bytes()).is_err() {
        return false;
    }
    let (models, to_solve) = mpsc::channel::<(Vec<u8>, Vec<u8>, Arc<Search>)>();
    let running: Arc<Mutex<Option<Arc<Search>>>> = Arc::default();
    let at_work = running.clone();
    let solving = thread::Builder::new().spawn(move || {
        for (parameters, model, search) in to_solve {
            let answer = search.solve(&model, &parameters);
            drop(model);
            *lock(&at_work) = None;
            drop(search);
            give_memory_back();
            if frames::write(&mut io::stdout(), frames::ANSWER, &answer).is_err() {
                break;
            }
        }
    });
    let Ok(solving) = solving else { return false };
    let mut parameters = Vec::new();
    let ended = loop {
        match frames::read(&mut input) {
            Ok(Some((frames::PARAMETERS, bytes))) => parameters = bytes,
            Ok(Some((frames::MODEL, model))) => {
                let search = Arc::new(engine.search());
                *lock(&running) = Some(search.clone());
                if models.send((std::mem::take(&mut parameters), model, search)).is_err() {
                    break false;
                }
            }
            Ok(Some((frames::STOP, _))) => {
                if let Some(search) = lock(&running).as_ref() {
                    search.stop();
                }
            }
            Ok(None) => break true,
            Ok(Some(_)) | Err(_) => break false,
        }
    };
    // Nobody waits for the answer of a search that is still at work.
    if let Some(search) = lock(&running).as_ref() {
        search.stop();
    }
    drop(models);
    let _ = solving.join();
    let _ = output.flush();
    ended
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// After a solve more than a hundred megabytes stay with the C++ heap.
fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes a number and gives free memory of the C heap back.
    unsafe {
        libc::malloc_trim(0);
    }
}

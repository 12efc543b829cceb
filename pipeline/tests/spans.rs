//! What a subscriber sees of a run: a span for the run, and in it one for each stage.

mod common;

use common::{plan_at, problem, step};
use pipeline::{Budget, Runner};
use std::{
    fmt,
    sync::{Arc, Mutex, atomic::AtomicU64, atomic::Ordering},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Writes down when spans begin and end, with their fields, and events.
#[derive(Default)]
struct Recorder {
    next: AtomicU64,
    names: Mutex<Vec<String>>,
    lines: Arc<Mutex<Vec<String>>>,
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!(" {}={value:?}", field.name());
    }
}

impl Recorder {
    fn note(&self, what: &str, id: &Id) {
        let name = self.names.lock().unwrap()[id.into_u64() as usize - 1].clone();
        self.lines.lock().unwrap().push(format!("{what} {name}"));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(span.metadata().name().to_owned());
        span.record(&mut fields);
        self.names.lock().unwrap().push(fields.0);
        Id::from_u64(self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, span: &Id) {
        self.note("enter", span);
    }

    fn exit(&self, span: &Id) {
        self.note("exit", span);
    }
}

#[test]
fn a_run_is_a_span_with_a_span_for_each_stage() {
    let recorder = Recorder::default();
    let lines = recorder.lines.clone();
    let steps = [step("stage2a", 1, |plan, _| Ok(plan)), step("stage2b", 1, |plan, _| Ok(plan))];
    tracing::subscriber::with_default(recorder, || {
        Runner::new(7, Budget::Steps(9)).run(plan_at(&problem(), 2), &steps, 0, None).expect("a sound plan")
    });
    let lines = lines.lock().unwrap();
    let expected = [
        "enter run seed=7",
        "enter stage slot=stage2a implementation=fake",
        "exit stage slot=stage2a implementation=fake",
        "enter stage slot=stage2b implementation=fake",
        "exit stage slot=stage2b implementation=fake",
        "exit run seed=7",
    ];
    assert_eq!(*lines, expected);
}

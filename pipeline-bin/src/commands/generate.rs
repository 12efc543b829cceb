//! `stagecoach generate`: an instance from a seed.

use super::convert::files;
use crate::args::{FileFormat, Generate, Generated};
use crate::exit::Exit;
use crate::output;
use crate::signals::Signals;
use anyhow::{Result, bail};
use scheduler::{are_free, spares};
use stage0_load::generate::{Campus, RoomSeats, WeekSlots, demo_tables};
use stage0_load::{Unfinished, csv_folder};
use timetable::Format;

pub(super) fn run(args: &Generate, json: bool) -> Result<Exit> {
    if !(0.01..=10.0).contains(&args.scale) {
        bail!("--scale is {}, expected 0.01 to 10", args.scale);
    }
    spares(&args.output, &[])?;
    let files = files(&args.output, args.format, &csv_folder::PROBLEM_FILES);
    are_free(&files, &[], args.force)?;
    let tables = match args.what {
        Generated::Demo => demo_tables(args.seed),
        Generated::Campus => {
            let slots = if args.slots == "48" { WeekSlots::FortyEight } else { WeekSlots::FiftyFour };
            let rooms = if args.rooms == "60" { RoomSeats::Sixty } else { RoomSeats::ThirtyToHundred };
            Campus { scale: args.scale, slots, rooms, ..Campus::new(args.seed) }.tables()
        }
    };
    Unfinished::begin();
    Signals::listen()?.tidy();
    match args.format {
        FileFormat::Csv => tables.write(&args.output)?,
        FileFormat::Itc2019 => stage0_load::write_problem(&tables.problem()?, Format::Itc2019, &args.output)?,
        FileFormat::CbCtt => stage0_load::write_problem(&tables.problem()?, Format::CbCtt, &args.output)?,
        FileFormat::PeCtt => stage0_load::write_problem(&tables.problem()?, Format::PeCtt, &args.output)?,
    }
    Unfinished::hold().finish();
    let (courses, students, rooms) = (tables.courses.len(), tables.students.len(), tables.rooms.len());
    if json {
        output::event(serde_json::json!({
            "event": "generated", "courses": courses, "students": students, "rooms": rooms, "output": args.output.display().to_string(), "exit": 0,
        }));
    } else {
        output::line(format!("{courses} courses, {students} students, {rooms} rooms: {}", args.output.display()));
    }
    Ok(Exit::Done)
}

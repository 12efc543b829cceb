//! What stands in `plan.json`: flat arrays of integers, -1 for none, one line a field.

use crate::plan::{Clusters, StageRecord};
use serde::{Deserialize, Serialize};
use serde_json::ser::Formatter;
use std::io::{self, Write};
use timetable::{NONE, Placement, Problem, Score, Timetable};

pub(crate) const FORMAT: &str = "stagecoach-plan";
pub(crate) const VERSION: u32 = 1;

/// A plan without its problem.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanText {
    pub(crate) format: String,
    pub(crate) version: u32,
    /// Checksum of the problem's block, 64 hexadecimal digits.
    pub(crate) problem: String,
    pub(crate) score: Option<Score>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<i64>,
    pub(crate) clusters: Option<Clusters>,
    pub(crate) timetable: Option<TimetableText>,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    #[serde(default)]
    pub(crate) history: Vec<StageRecord>,
}

/// A timetable as three arrays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimetableText {
    /// By class: position in its list of times, -1 where it is not placed.
    times: Vec<i32>,
    /// By class: position in its list of rooms, -1 where it needs none or is not placed.
    rooms: Vec<i32>,
    /// By place: the class taken, -1 for none.
    enrolment: Vec<i64>,
}

impl TimetableText {
    pub(crate) fn of(timetable: &Timetable) -> TimetableText {
        let short = |position: u16| if position == u16::MAX { -1 } else { i32::from(position) };
        TimetableText {
            times: timetable.placements.iter().map(|p| short(p.time)).collect(),
            rooms: timetable.placements.iter().map(|p| short(p.room)).collect(),
            enrolment: timetable.enrolment.iter().map(|&c| if c == NONE { -1 } else { i64::from(c) }).collect(),
        }
    }

    /// The timetable, if it fits the problem.
    pub(crate) fn timetable(&self, problem: &Problem) -> Result<Timetable, String> {
        if self.times.len() != self.rooms.len() {
            return Err(format!("timetable: {} times and {} rooms", self.times.len(), self.rooms.len()));
        }
        let short = |what: &str, v: i32| match v {
            -1 => Ok(u16::MAX),
            0..=65_534 => Ok(v as u16),
            _ => Err(format!("timetable: {what} {v}, expected -1 to 65534")),
        };
        let placement = |(&time, &room): (&i32, &i32)| {
            Ok::<_, String>(Placement { time: short("time", time)?, room: short("room", room)? })
        };
        let class = |&c: &i64| match c {
            -1 => Ok(NONE),
            _ => u32::try_from(c).map_err(|_| format!("timetable: enrolment names class {c}, expected -1 or a class")),
        };
        let timetable = Timetable {
            placements: self.times.iter().zip(&self.rooms).map(placement).collect::<Result<_, _>>()?,
            enrolment: self.enrolment.iter().map(class).collect::<Result<_, _>>()?,
        };
        timetable.fits(problem).map_err(|why| format!("timetable: {why}"))?;
        Ok(timetable)
    }
}

/// JSON with each top-level field on a line of its own, in the order of the struct.
pub(crate) fn write<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, TopLines::default());
    value.serialize(&mut serializer).expect("plain data into memory");
    out.push(b'\n');
    out
}

/// Breaks lines between the fields of the outermost object only.
#[derive(Default)]
struct TopLines {
    depth: usize,
}

impl Formatter for TopLines {
    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.depth += 1;
        to.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.depth -= 1;
        to.write_all(if self.depth == 0 { b"\n}" } else { b"}" })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        to.write_all(match (first, self.depth) {
            (true, 1) => b"\n",
            (false, 1) => b",\n",
            (true, _) => b"",
            (false, _) => b",",
        })
    }
}

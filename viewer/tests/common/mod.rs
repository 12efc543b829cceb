//! A faculty with a timetable that is far from valid, and what its page holds.

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::ZlibDecoder;
use serde_json::Value;
use stage0_load::csv_folder::{Labels, Tables};
use std::io::Read;
use timetable::{NONE, Placement, Problem, Timetable};

/// Every class somewhere: most clash with something; class 3 is not placed.
pub(crate) fn some_timetable(problem: &Problem) -> Timetable {
    let mut timetable = Timetable::empty(problem);
    for class in problem.class_ids() {
        let (times, rooms) = (problem.times_of(class).len(), problem.rooms_of(class).len());
        let room = if rooms == 0 { Placement::NO_ROOM } else { (class.index() * 3 % rooms) as u16 };
        timetable.placements[class.index()] = Placement { time: (class.index() * 7 % times) as u16, room };
    }
    timetable.placements[3] = Placement::NOWHERE;
    for request in problem.requests() {
        let subparts = problem.configs()[problem.courses()[request.course as usize].configs.first as usize].subparts;
        for (place, subpart) in request.slots.range().zip(subparts.range()) {
            let classes = problem.subparts()[subpart].classes;
            timetable.enrolment[place] =
                if classes.len == 0 { NONE } else { classes.first + request.student % classes.len };
        }
    }
    timetable
}

/// Tables as a problem with a timetable and labels.
pub(crate) struct Shown {
    pub(crate) problem: Problem,
    pub(crate) timetable: Timetable,
    pub(crate) labels: Labels,
}

impl Shown {
    pub(crate) fn of(tables: &Tables) -> Shown {
        let problem = tables.problem().expect("a problem");
        let timetable = some_timetable(&problem);
        Shown { problem, timetable, labels: Labels::from(tables) }
    }
}

/// The data of a page.
pub(crate) fn data_of(page: &str) -> Value {
    let text = page.split("id=\"data\">\n").nth(1).expect("data").split("\n</script>").next().expect("its end");
    let packed = STANDARD.decode(text).expect("base64");
    let mut json = String::new();
    ZlibDecoder::new(packed.as_slice()).read_to_string(&mut json).expect("deflated text");
    serde_json::from_str(&json).expect("JSON")
}

/// A list of texts of the data.
pub(crate) fn texts<'a>(data: &'a Value, list: &str, column: &str) -> Vec<&'a str> {
    data[list][column].as_array().expect(list).iter().map(|text| text.as_str().expect(column)).collect()
}

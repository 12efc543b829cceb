//! Courses, their configurations, subparts and classes, with the times and rooms that classes can
//! have.

use super::load::{Loader, State};
use super::xml::Element;
use crate::log::quoted;
use crate::names::{Names, Seen};
use timetable::{ClassId, ClassSpec, MAX_PENALTY, RoomId, TimeId};

/// More possible times or rooms than this a class cannot have.
pub(crate) const OPTIONS_MAX: usize = u16::MAX as usize - 1;
/// What a course, a configuration or a subpart takes, here and in the problem, in bytes besides its
/// name; half as much as a class.
pub(super) const KEPT_BY_ROW: u64 = 150;
/// What a possible time or room takes.
const KEPT_BY_OPTION: u64 = 24;
/// Longest chain of parents.
const PARENTS_MAX: usize = 64;

/// The courses so far, and what is open.
pub(super) struct Courses {
    pub(super) names: Names,
    pub(super) class_names: Names,
    /// By course.
    pub(super) shapes: Vec<Shape>,
    config_names: Names,
    subpart_names: Names,
    configs: usize,
    subparts: usize,
    /// By class.
    config_of: Vec<u32>,
    parents: Vec<(u64, u32, Box<str>)>,
    shape: Shape,
    config_line: u64,
    config_name: String,
    subparts_here: u32,
    empty_here: bool,
    classes_here: u32,
    class: OpenClass,
    rooms_seen: Seen,
}

/// What a student of a course needs to know of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Subparts of the largest configuration.
    pub(super) width: u32,
    /// Whether some configuration has a class in each of its subparts.
    pub(super) can_be_taken: bool,
}

#[derive(Default)]
struct OpenClass {
    line: u64,
    name: String,
    limit: Option<u32>,
    /// Of its times that have none.
    length: Option<u32>,
    no_room: bool,
    times_listed: bool,
    times: Vec<(TimeId, u32)>,
    rooms: Vec<(RoomId, u32)>,
    rooms_listed: bool,
    parent: Option<Box<str>>,
}

impl Default for Courses {
    fn default() -> Self {
        Courses {
            names: Names::new("course"),
            class_names: Names::new("class"),
            shapes: Vec::new(),
            config_names: Names::new("config"),
            subpart_names: Names::new("subpart"),
            configs: 0,
            subparts: 0,
            config_of: Vec::new(),
            parents: Vec::new(),
            shape: Shape::default(),
            config_line: 0,
            config_name: String::new(),
            subparts_here: 0,
            empty_here: false,
            classes_here: 0,
            class: OpenClass::default(),
            rooms_seen: Seen::default(),
        }
    }
}

impl Loader {
    pub(super) fn course(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id"], &mut self.log);
        let id = f.need(0, &mut self.log).unwrap_or_default();
        let index = self.courses.shapes.len();
        if f.get(0).is_some() {
            self.courses.names.define(&mut self.log, f.line(), id, index);
        } else {
            self.courses.names.are_partial();
        }
        self.log.keep(KEPT_BY_ROW + 3 * id.len() as u64);
        self.builder.course(id);
        self.courses.shape = Shape::default();
        State::Course
    }

    pub(super) fn config(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id"], &mut self.log);
        let id = f.need(0, &mut self.log).unwrap_or_default();
        let c = &mut self.courses;
        if f.get(0).is_some() {
            c.config_names.define(&mut self.log, f.line(), id, c.configs);
        }
        (c.config_line, c.config_name) = (f.line(), id.to_owned());
        self.log.keep(KEPT_BY_ROW + 3 * id.len() as u64);
        self.builder.config(id);
        c.configs += 1;
        (c.subparts_here, c.empty_here) = (0, false);
        State::Config
    }

    pub(super) fn subpart(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id"], &mut self.log);
        let id = f.need(0, &mut self.log).unwrap_or_default();
        let c = &mut self.courses;
        if f.get(0).is_some() {
            c.subpart_names.define(&mut self.log, f.line(), id, c.subparts);
        }
        self.log.keep(KEPT_BY_ROW + 3 * id.len() as u64);
        self.builder.subpart(id);
        c.subparts += 1;
        c.subparts_here += 1;
        c.classes_here = 0;
        State::Subpart
    }

    pub(super) fn class(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id", "limit", "parent", "room", "length"], &mut self.log);
        let (log, c) = (&mut self.log, &mut self.courses);
        let index = c.config_of.len();
        let id = f.need(0, log);
        match id {
            Some(id) => c.class_names.define(log, f.line(), id, index),
            None => c.class_names.are_partial(),
        }
        log.keep(2 * KEPT_BY_ROW + 3 * id.map_or(0, str::len) as u64 + f.get(2).map_or(0, str::len) as u64);
        let class = &mut c.class;
        class.line = f.line();
        class.name.clear();
        class.name.push_str(id.unwrap_or_default());
        class.limit = f.number_or(1, i32::MAX as u32, None, log).flatten();
        class.length = f.number_or(4, u32::from(u16::MAX), None, log).flatten();
        if class.length.is_some() {
            log.note(f.line(), "length of <class> holds for its times that have none");
        }
        class.no_room = match f.get(3) {
            None | Some("true") => false,
            Some("false") => true,
            Some(other) => {
                log.fault(f.line(), format!("<class> room {}", quoted(other)), "true or false");
                false
            }
        };
        class.times.clear();
        class.rooms.clear();
        (class.times_listed, class.rooms_listed) = (false, false);
        class.parent = f.get(2).map(Box::from);
        self.seen.next_round();
        c.rooms_seen.next_round();
        c.classes_here += 1;
        State::Class
    }

    pub(super) fn class_time(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["weeks", "days", "start", "length", "penalty"], &mut self.log);
        self.courses.class.times_listed = true;
        let time = self.time(&f, 0, self.courses.class.length);
        let penalty = f.number_or(4, MAX_PENALTY, 0u32, &mut self.log);
        if let (Some(time), Some(penalty)) = (time, penalty) {
            let class = &mut self.courses.class;
            self.log.keep(KEPT_BY_OPTION);
            if self.seen.first(time.0) {
                class.times.push((time, penalty));
            } else if class.times.contains(&(time, penalty)) {
                self.log.note(f.line(), "a time of a class that is there twice alike counts once");
            } else {
                self.log.fault(f.line(), format!("a time of class {} again", quoted(&class.name)), "each time once");
            }
        }
        State::Leaf
    }

    pub(super) fn class_room(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id", "penalty"], &mut self.log);
        let (log, c) = (&mut self.log, &mut self.courses);
        c.class.rooms_listed = true;
        let penalty = f.number_or(1, MAX_PENALTY, 0u32, log);
        let Some(id) = f.need(0, log) else { return State::Leaf };
        let room = match self.rooms.names.get(id) {
            Some(room) => room,
            None => {
                let of = format!(" of class {}", quoted(&c.class.name));
                self.rooms.names.find(log, f.line(), id, &of);
                return State::Leaf;
            }
        };
        if !c.rooms_seen.first(room) {
            if penalty.is_some_and(|penalty| c.class.rooms.contains(&(RoomId(room), penalty))) {
                log.note(f.line(), "a room of a class that is there twice alike counts once");
                return State::Leaf;
            }
            log.fault(
                f.line(),
                format!("room {} of class {} again", quoted(id), quoted(&c.class.name)),
                "each room once",
            );
        } else if let Some(penalty) = penalty {
            log.keep(KEPT_BY_OPTION);
            c.class.rooms.push((RoomId(room), penalty));
        }
        State::Leaf
    }

    pub(super) fn close_class(&mut self) {
        let (log, c) = (&mut self.log, &mut self.courses);
        let class = &c.class;
        let name = quoted(&class.name);
        let is_damaged = log.is_damaged();
        let lacks_time = !class.times_listed;
        if lacks_time && !is_damaged {
            log.unusable(class.line, format!("class {name} without a time"), "at least one <time>");
        }
        let lacks_room = !class.no_room && !class.rooms_listed;
        if class.no_room && class.rooms_listed {
            log.fault(class.line, format!("class {name} with room=\"false\" and rooms"), "one or the other");
        } else if lacks_room && !is_damaged {
            log.unusable(class.line, format!("class {name} without a room"), "at least one <room>, or room=\"false\"");
        }
        // Of rooms and times that were left out, too, none may be left.
        let none_left = class.times.is_empty() || !class.no_room && class.rooms.is_empty();
        if log.is_lenient() && none_left {
            if !lacks_time && !lacks_room || is_damaged {
                log.unusable(class.line, format!("class {name}, of which no time or no room is left"), "");
            }
            c.class_names.forget(&class.name);
            c.classes_here -= 1;
            return;
        }
        if let Some(parent) = c.class.parent.take() {
            c.parents.push((c.class.line, c.config_of.len() as u32, parent));
        }
        let class = &c.class;
        for (what, n) in [("times", class.times.len()), ("rooms", class.rooms.len())] {
            if n > OPTIONS_MAX {
                log.fault(class.line, format!("{n} {what} of class {name}"), format!("at most {OPTIONS_MAX}"));
            }
        }
        let spec = ClassSpec { name: &class.name, limit: class.limit, times: &class.times, rooms: &class.rooms };
        self.builder.class(spec);
        c.config_of.push(c.configs as u32);
    }

    pub(super) fn close_subpart(&mut self) {
        self.courses.empty_here |= self.courses.classes_here == 0;
    }

    pub(super) fn close_config(&mut self) {
        let (log, c) = (&mut self.log, &mut self.courses);
        if c.subparts_here == 0 && !log.is_damaged() {
            let found = format!("config {} without a subpart", quoted(&c.config_name));
            log.fault(c.config_line, found, "at least one <subpart>");
        }
        c.shape.width = c.shape.width.max(c.subparts_here);
        c.shape.can_be_taken |= !c.empty_here;
    }

    pub(super) fn close_course(&mut self) {
        self.courses.shapes.push(self.courses.shape);
    }

    /// Parents can be named before they appear, so they are looked up when all classes are known.
    pub(super) fn close_courses(&mut self) {
        let (log, c) = (&mut self.log, &self.courses);
        let mut parent_of: Vec<Option<u32>> = vec![None; c.config_of.len()];
        for (line, class, name) in &c.parents {
            let Some(parent) = c.class_names.find(log, *line, name, " as parent") else { continue };
            if c.config_of[parent as usize] != c.config_of[*class as usize] {
                log.fault(
                    *line,
                    format!("parent class {} of another config", quoted(name)),
                    "a class of the same config",
                );
                continue;
            }
            parent_of[*class as usize] = Some(parent);
            self.builder.set_parent(ClassId(*class), ClassId(parent));
        }
        for (line, class, name) in &c.parents {
            let chain = std::iter::successors(Some(*class), |&k| parent_of[k as usize]);
            if chain.take(PARENTS_MAX + 2).count() > PARENTS_MAX + 1 {
                let found = format!("parent class {} in a circle or a chain of more than {PARENTS_MAX}", quoted(name));
                log.fault(*line, found, "a chain of parents that ends");
            }
        }
    }
}

//! Timetables of four small problems, one of each format; the first byte says of which. What is
//! read fits, can be judged, and is the same when it was written and read again; where classes may
//! be anywhere, it is the same, too.
#![no_main]

use stage0_load::{SolutionInfo, csv_folder, read_any_solution, read_solution, write_solution};
use std::sync::LazyLock;
use timetable::{Format, Problem, check};

static PROBLEMS: LazyLock<[Problem; 4]> = LazyLock::new(|| {
    let read = |text: &[u8], format| fuzz::read(text, format).expect("a problem");
    [
        read(include_bytes!("../corpus/itc2019/small"), Format::Itc2019),
        read(include_bytes!("../corpus/cb_ctt/small"), Format::CbCtt),
        read(include_bytes!("../corpus/pe_ctt/small"), Format::PeCtt),
        csv_folder::load(fuzz::folder(include_bytes!("../corpus/csv/small")).path()).expect("a problem"),
    ]
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let problem = &PROBLEMS[data.first().map_or(0, |&which| which as usize % 4)];
    let folder = fuzz::folder(data);
    let is_folder = problem.format() == Format::Csv;
    let given = if is_folder { folder.path().to_owned() } else { folder.path().join("solution") };
    let anywhere = read_any_solution(problem, &given);
    if let Ok((timetable, _)) = &anywhere {
        assert_eq!(timetable.fits(problem), Ok(()));
        check(problem, timetable);
    }
    if let Ok(timetable) = read_solution(problem, &given) {
        let (same, elsewhere) = anywhere.unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!((&same, elsewhere.len()), (&timetable, 0));
        assert_eq!(timetable.fits(problem), Ok(()));
        check(problem, &timetable);
        let again = tempfile::tempdir().expect("a folder");
        let written = again.path().join("written");
        write_solution(problem, &timetable, &written, &SolutionInfo::default()).expect("written");
        assert_eq!(read_solution(problem, &written).unwrap_or_else(|faults| panic!("{faults}")), timetable);
    }
});

//! `stagecoach convert`: a problem or a timetable in another format.

use crate::args::{Convert, FileFormat};
use crate::exit::Exit;
use crate::output;
use crate::signals::Signals;
use anyhow::{Context, Result, bail};
use scheduler::{are_free, meant, solutions, spares};
use stage0_load::{SolutionInfo, Unfinished, csv_folder};
use std::{
    iter,
    path::{Path, PathBuf},
};
use timetable::Format;

pub(super) fn run(args: &Convert, json: bool) -> Result<Exit> {
    let inputs: Vec<&Path> = iter::once(&args.input).chain(&args.solution).map(|path| meant(path)).collect();
    spares(&args.output, &inputs)?;
    let problem = scheduler::load_as(&args.input, args.reading.reading())?.plan.problem;
    let format = args.format.or_else(|| named(&args.output)).or(args.solution.as_ref().map(|_| own(problem.format())));
    let format = format.with_context(|| {
        format!("{}: the name says no format\nMaybe use --format csv, itc2019, cb-ctt or pe-ctt", args.output.display())
    })?;
    let names = if args.solution.is_some() { &csv_folder::TIMETABLE_FILES[..] } else { &csv_folder::PROBLEM_FILES[..] };
    are_free(&files(&args.output, format, names), &inputs, args.force)?;
    Unfinished::begin();
    Signals::listen()?.tidy();
    if let Some(from) = &args.solution {
        let timetable = solutions::load(&problem, from, &args.input)?;
        let labels = solutions::labels(&problem, &args.input);
        match format {
            FileFormat::Csv => csv_folder::write_timetable(&problem, &timetable, labels.as_ref(), &args.output)?,
            _ if format == own(problem.format()) => {
                stage0_load::write_solution(&problem, &timetable, &args.output, &SolutionInfo::default())?;
            }
            _ => bail!(
                "a timetable is written in the format of its problem or as CSV\nMaybe convert the problem first, solve that"
            ),
        }
    } else {
        let to = &args.output;
        match format {
            FileFormat::Csv => csv_folder::write_problem(&problem, to)?,
            FileFormat::Itc2019 => stage0_load::write_problem(&problem, Format::Itc2019, to)?,
            FileFormat::CbCtt => stage0_load::write_problem(&problem, Format::CbCtt, to)?,
            FileFormat::PeCtt => stage0_load::write_problem(&problem, Format::PeCtt, to)?,
        }
    }
    Unfinished::hold().finish();
    if json {
        output::event(
            serde_json::json!({ "event": "converted", "output": args.output.display().to_string(), "exit": 0 }),
        );
    } else {
        output::line(format!("Written: {}", args.output.display()));
    }
    Ok(Exit::Done)
}

/// The files that are written: one, or those of a folder.
pub(super) fn files(output: &Path, format: FileFormat, in_folder: &[&str]) -> Vec<PathBuf> {
    match format {
        FileFormat::Csv => in_folder.iter().map(|name| output.join(name)).collect(),
        _ => vec![output.to_owned()],
    }
}

/// The format that a name says.
fn named(path: &Path) -> Option<FileFormat> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    let ends = [(".xml", FileFormat::Itc2019), (".ctt", FileFormat::CbCtt), (".tim", FileFormat::PeCtt)];
    ends.into_iter().find(|(end, _)| name.ends_with(end)).map(|(_, format)| format)
}

fn own(format: Format) -> FileFormat {
    match format {
        Format::Itc2019 => FileFormat::Itc2019,
        Format::CbCtt => FileFormat::CbCtt,
        Format::PeCtt => FileFormat::PeCtt,
        Format::Csv => FileFormat::Csv,
    }
}

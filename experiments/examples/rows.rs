//! Writes many made-up results: `cargo run --release -p experiments --example rows -- FOLDER ROWS
//! FILES FORMAT`, the format being `parquet`, `jsonl`, `jsonl.zst`, `csv` or `csv.gz`. The same
//! rows for the same numbers, whatever the format.
#![allow(clippy::print_stderr, reason = "an example that says how it is used")]

use experiments::parquet_files::{Column, Kind, ROW_GROUP, Writer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

const NUMBERS: [&str; 8] = ["score", "x1", "x2", "x3", "x4", "x5", "x6", "x7"];
const NAMES: [&str; 2] = ["method", "instance"];

type Done = Result<(), Box<dyn Error>>;
/// What is done with each group of rows.
type Each<'a> = dyn FnMut(Rows) -> Done + 'a;

/// Rows that stand together in a row group.
#[derive(Default)]
struct Rows {
    ids: Vec<i64>,
    seeds: Vec<i64>,
    numbers: [Vec<f64>; 8],
    names: [Vec<String>; 2],
}

fn rows(file: u64, group: u64, first: i64, count: usize) -> Rows {
    let mut random = ChaCha8Rng::seed_from_u64(file << 32 | group);
    let mut rows = Rows { ids: (first..first + count as i64).collect(), ..Rows::default() };
    for _ in 0..count {
        rows.seeds.push(random.random_range(0..1_000_000));
        for numbers in &mut rows.numbers {
            numbers.push(random.random::<f64>());
        }
        rows.names[0].push(format!("method-{}", random.random_range(0..40)));
        rows.names[1].push(format!("comp{:02}", random.random_range(0..21)));
    }
    rows
}

/// As results of a sweep are written.
fn write_parquet(path: &Path, groups: &mut dyn FnMut(&mut Each<'_>) -> Done) -> Done {
    let integers = ["id", "seed"].map(|name| Column::new(name, Kind::Integer));
    let numbers = NUMBERS.map(|name| Column::new(name, Kind::Float));
    let names = NAMES.map(|name| Column::new(name, Kind::Name));
    let columns: Vec<Column> = integers.into_iter().chain(numbers).chain(names).collect();
    let mut writer = Writer::create(path, &columns, &[])?;
    groups(&mut |rows| {
        for i in 0..rows.ids.len() {
            writer.integer(rows.ids[i]).integer(rows.seeds[i]);
            for numbers in &rows.numbers {
                writer.float(numbers[i]);
            }
            for names in &rows.names {
                writer.text(names[i].as_str());
            }
            writer.end_row()?;
        }
        Ok(())
    })?;
    writer.finish()?;
    Ok(())
}

fn write_text(out: &mut dyn Write, rows: &Rows, json: bool) -> std::io::Result<()> {
    let mut line = String::new();
    for i in 0..rows.ids.len() {
        line.clear();
        let [method, instance] = [&rows.names[0][i], &rows.names[1][i]];
        let _ = if json {
            write!(line, "{{\"id\":{},\"seed\":{}", rows.ids[i], rows.seeds[i])
        } else {
            write!(line, "{},{}", rows.ids[i], rows.seeds[i])
        };
        for (name, numbers) in NUMBERS.iter().zip(&rows.numbers) {
            let _ = if json { write!(line, ",\"{name}\":{}", numbers[i]) } else { write!(line, ",{}", numbers[i]) };
        }
        let _ = if json {
            writeln!(line, ",\"method\":\"{method}\",\"instance\":\"{instance}\"}}")
        } else {
            writeln!(line, ",{method},{instance}")
        };
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn write_file(path: &Path, format: &str, file: u64, first: i64, count: usize) -> Done {
    let mut groups = |each: &mut Each<'_>| {
        for group in 0..count.div_ceil(ROW_GROUP) {
            let from = group * ROW_GROUP;
            each(rows(file, group as u64, first + from as i64, ROW_GROUP.min(count - from)))?;
        }
        Ok(())
    };
    if format == "parquet" {
        return write_parquet(path, &mut groups);
    }
    let out = File::create_new(path)?;
    let json = format.starts_with("jsonl");
    let text = |out: &mut dyn Write| -> Done {
        if !json {
            writeln!(out, "id,seed,{},{}", NUMBERS.join(","), NAMES.join(","))?;
        }
        groups(&mut |rows| Ok(write_text(out, &rows, json)?))
    };
    match format {
        "jsonl.zst" => {
            let mut out = zstd::stream::write::Encoder::new(out, 1)?;
            text(&mut out)?;
            out.finish()?;
        }
        "csv.gz" => {
            let mut out = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            text(&mut out)?;
            out.finish()?;
        }
        "jsonl" | "csv" => text(&mut BufWriter::new(out))?,
        other => return Err(format!("{other}: no format").into()),
    }
    Ok(())
}

fn main() -> Done {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, rows, files, format] = arguments.as_slice() else {
        return Err("expected FOLDER ROWS FILES FORMAT".into());
    };
    let (rows, files): (usize, usize) = (rows.parse()?, files.parse()?);
    std::fs::create_dir_all(folder)?;
    let each = rows.div_ceil(files);
    for file in 0..files {
        let first = file * each;
        let path = Path::new(folder).join(format!("part-{file}.{format}"));
        write_file(&path, format, file as u64, first as i64, each.min(rows - first))?;
        eprintln!("{}", path.display());
    }
    Ok(())
}

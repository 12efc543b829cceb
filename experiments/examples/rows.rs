//! Writes many made-up results: `cargo run --release -p experiments --example rows -- FOLDER ROWS
//! FILES FORMAT`, the format being `parquet`, `jsonl`, `jsonl.zst`, `csv` or `csv.gz`. The same
//! rows for the same numbers, whatever the format.
#![allow(clippy::print_stderr, reason = "an example that says how it is used")]

use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel},
    column::writer::ColumnWriter,
    data_type::ByteArray,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
    schema::types::{ColumnPath, Type},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};

/// Rows of a row group.
const GROUP: usize = 131_072;
const NUMBERS: [&str; 8] = ["score", "x1", "x2", "x3", "x4", "x5", "x6", "x7"];
const NAMES: [&str; 2] = ["method", "instance"];

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

/// How results of a sweep are written.
fn properties() -> Result<WriterProperties, Box<dyn Error>> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(GROUP))
        .set_data_page_row_count_limit(2_048)
        .set_write_batch_size(512)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_dictionary_enabled(false);
    for name in NAMES {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), true);
    }
    Ok(properties.build())
}

fn schema() -> Result<Arc<Type>, Box<dyn Error>> {
    let field = |name: &str, physical, logical| {
        let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        builder.with_logical_type(logical).build().map(Arc::new)
    };
    let mut fields = vec![field("id", Physical::INT64, None)?, field("seed", Physical::INT64, None)?];
    for name in NUMBERS {
        fields.push(field(name, Physical::DOUBLE, None)?);
    }
    for name in NAMES {
        fields.push(field(name, Physical::BYTE_ARRAY, Some(LogicalType::String))?);
    }
    Ok(Arc::new(Type::group_type_builder("results").with_fields(fields).build()?))
}

fn write_group(writer: &mut SerializedFileWriter<File>, rows: &Rows) -> Result<(), Box<dyn Error>> {
    let mut group = writer.next_row_group()?;
    let mut column = 0;
    while let Some(mut out) = group.next_column()? {
        match out.untyped() {
            ColumnWriter::Int64ColumnWriter(w) => {
                w.write_batch(if column == 0 { &rows.ids } else { &rows.seeds }, None, None)?;
            }
            ColumnWriter::DoubleColumnWriter(w) => _ = w.write_batch(&rows.numbers[column - 2], None, None)?,
            ColumnWriter::ByteArrayColumnWriter(w) => {
                let names: Vec<ByteArray> = rows.names[column - 10].iter().map(|name| name.as_str().into()).collect();
                w.write_batch(&names, None, None)?;
            }
            _ => return Err("a column of another type".into()),
        }
        out.close()?;
        column += 1;
    }
    group.close()?;
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

fn write_file(path: &Path, format: &str, file: u64, first: i64, count: usize) -> Result<(), Box<dyn Error>> {
    let groups = |each: &mut dyn FnMut(Rows) -> Result<(), Box<dyn Error>>| {
        for group in 0..count.div_ceil(GROUP) {
            let from = group * GROUP;
            each(rows(file, group as u64, first + from as i64, GROUP.min(count - from)))?;
        }
        Ok(())
    };
    let out = File::create_new(path)?;
    if format == "parquet" {
        let mut writer = SerializedFileWriter::new(out, schema()?, Arc::new(properties()?))?;
        groups(&mut |rows| write_group(&mut writer, &rows))?;
        writer.close()?;
        return Ok(());
    }
    let json = format.starts_with("jsonl");
    let text = |out: &mut dyn Write| -> Result<(), Box<dyn Error>> {
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

fn main() -> Result<(), Box<dyn Error>> {
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
